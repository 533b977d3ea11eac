/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PACKET_ENCAPSULATIONS_H
#define TWINBED_PACKET_ENCAPSULATIONS_H

/* The headers that stand around the IP packets of a capture, beside those of the link. The columns of the results and the
 * words of listings follow from these rows: name, what people call it, and what is counted. */
#define TB_ENCAPSULATION_ROWS(ROW)                                                                                     \
    ROW(VLAN, vlan, "VLAN", "Packets with VLAN tags.")                                                                 \
    ROW(MPLS, mpls, "MPLS", "Packets with MPLS labels.")                                                               \
    ROW(PPPOE, pppoe, "PPPoE", "Packets in PPPoE.")                                                                    \
    ROW(PPP, ppp, "PPP", "Packets in PPP, that in PPPoE or GRE among them.")                                           \
    ROW(WLAN, wlan, "802.11", "Frames of 802.11 of any kind.")                                                         \
    ROW(IP_IN_IP, ip_in_ip, "IP in IP", "IP packets that IP itself carries, of either version in either.")             \
    ROW(GRE, gre, "GRE", "Packets in GRE, that of ERSPAN among them.")                                                 \
    ROW(ERSPAN, erspan, "ERSPAN", "Packets mirrored by ERSPAN.")                                                       \
    ROW(VXLAN, vxlan, "VXLAN", "Packets in VXLAN.")                                                                    \
    ROW(GENEVE, geneve, "Geneve", "Packets in Geneve.")                                                                \
    ROW(GTP, gtp, "GTP-U", "Packets of users in GTP-U.")

#define TB_ENCAPSULATION_ENUMERATOR(NAME, name, title, sentence) TB_ENCAPSULATION_##NAME,
enum tb_encapsulation { TB_ENCAPSULATION_ROWS(TB_ENCAPSULATION_ENUMERATOR) TB_ENCAPSULATIONS };
#undef TB_ENCAPSULATION_ENUMERATOR

#endif
