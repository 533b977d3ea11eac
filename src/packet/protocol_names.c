/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol_names.h"

#include <stddef.h>

struct named_number {
    uint32_t number;
    const char *name;
};

/* As tcpdump.org lists them. */
static const struct named_number link_types[] = {
    {0, "loopback"},
    {1, "Ethernet"},
    {6, "token ring"},
    {7, "ARCNET"},
    {8, "SLIP"},
    {9, "PPP"},
    {10, "FDDI"},
    {12, "raw IP"},
    {14, "raw IP"},
    {50, "PPP in HDLC framing"},
    {51, "PPPoE without Ethernet"},
    {100, "ATM"},
    {101, "raw IP"},
    {104, "Cisco HDLC"},
    {105, "802.11"},
    {107, "frame relay"},
    {108, "loopback"},
    {113, "Linux cooked"},
    {117, "log of OpenBSD's pf"},
    {119, "802.11 with Prism header"},
    {122, "IP over Fibre Channel"},
    {127, "802.11 with radiotap"},
    {138, "IP over IEEE 1394"},
    {147, "private use"},
    {163, "802.11 with AVS header"},
    {187, "Bluetooth HCI"},
    {189, "USB of Linux"},
    {192, "per-packet information"},
    {195, "802.15.4"},
    {201, "Bluetooth HCI with direction"},
    {204, "PPP with direction"},
    {205, "Cisco HDLC with direction"},
    {219, "MPLS"},
    {220, "USB of Linux, padded"},
    {226, "Solaris IPNET"},
    {227, "SocketCAN"},
    {228, "raw IPv4"},
    {229, "raw IPv6"},
    {239, "NFLOG"},
    {240, "netANALYZER"},
    {242, "IP over InfiniBand"},
    {247, "InfiniBand"},
    {249, "USBPcap"},
    {251, "Bluetooth low energy"},
    {253, "netlink"},
    {258, "PKTAP of macOS"},
    {266, "USB of macOS"},
    {271, "vsock"},
    {276, "Linux cooked, version 2"},
};

static const struct named_number ethertypes[] = {
    {0x0806, "ARP"},
    {0x22eb, "ERSPAN"},
    {0x6558, "bridged Ethernet"},
    {0x8035, "RARP"},
    {0x809b, "AppleTalk"},
    {0x8137, "IPX"},
    {0x8808, "Ethernet flow control"},
    {0x8809, "LACP and other slow protocols"},
    {0x880b, "PPP"},
    {0x8847, "MPLS"},
    {0x8848, "MPLS multicast"},
    {0x8863, "PPPoE discovery"},
    {0x8864, "PPPoE"},
    {0x888e, "802.1X"},
    {0x88a2, "ATA over Ethernet"},
    {0x88cc, "LLDP"},
    {0x88d9, "LLTD"},
    {0x88e1, "HomePlug"},
    {0x88e5, "MACsec"},
    {0x88e7, "provider backbone bridging"},
    {0x88f7, "PTP"},
    {0x8902, "connectivity fault management"},
    {0x8906, "FCoE"},
    {0x8915, "RoCE"},
    {0x8926, "VN-tag"},
    {0x894f, "network service header"},
    {0x9000, "loopback test"},
};

static const struct named_number ip_protocols[] = {
    {1, "ICMP"},
    {2, "IGMP"},
    {4, "IP in IP"},
    {33, "DCCP"},
    {41, "IPv6 in IP"},
    {46, "RSVP"},
    {47, "GRE"},
    {50, "ESP"},
    {51, "AH"},
    {58, "ICMPv6"},
    {59, "no next header"},
    {88, "EIGRP"},
    {89, "OSPF"},
    {97, "Ethernet in IP"},
    {103, "PIM"},
    {112, "VRRP"},
    {115, "L2TP"},
    {132, "SCTP"},
    {136, "UDP-Lite"},
    {137, "MPLS in IP"},
};

static const struct named_number tunnels[] = {
    {1194, "OpenVPN"},     {1701, "L2TP"},           {2152, "GTP-U"},      {4500, "ESP in UDP"},
    {4754, "GRE in UDP"},  {4789, "VXLAN"},          {4790, "VXLAN-GPE"},  {6081, "Geneve"},
    {6635, "MPLS in UDP"}, {8472, "VXLAN of Linux"}, {51820, "WireGuard"},
};

static const char *find(const struct named_number *named, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (named[i].number == number)
            return named[i].name;
    return NULL;
}

#define FIND(named, number) find(named, sizeof(named) / sizeof((named)[0]), number)

const char *tb_link_type_name(uint32_t link_type)
{
    return FIND(link_types, link_type);
}

const char *tb_ethertype_name(uint32_t ethertype)
{
    return FIND(ethertypes, ethertype);
}

const char *tb_ip_protocol_name(uint32_t protocol)
{
    return FIND(ip_protocols, protocol);
}

const char *tb_tunnel_name(uint32_t port)
{
    return FIND(tunnels, port);
}
