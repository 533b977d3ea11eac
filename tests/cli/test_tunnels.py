#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capture of tunnels gives the results of what is in them, unless asked for the packets around."""
import gzip
import os
import struct

import h5py

from command import DAMAGED, GOOD, Case, main, outcome

RUN = "sample/veth/500B-c4/rep-01/"
ETHERNET = b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0"


def ipv4(protocol, number, length):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + length, number, 0, 64, protocol, 0, b"\xc0\xa8\0\1", b"\xc0\xa8\0\2")


def gre(number, length):
    return ETHERNET + ipv4(47, number, 8 + length) + b"\x20\0\x65\x58\0\0\0\x2a"


def vxlan(number, length):
    udp = struct.pack(">HHHH", 50000, 4789, 16 + length, 0)
    return ETHERNET + ipv4(17, number, 16 + length) + udp + b"\x08\0\0\0\0\0\x2a\0"


def wrapped(content, header):
    """Each frame of a pcap file inside a packet."""
    parts, at, number = [content[:24]], 24, 0
    while at < len(content):
        seconds, fraction, kept, length = struct.unpack_from("<IIII", content, at)
        head, number = header(number, length), number + 1
        parts.append(struct.pack("<IIII", seconds, fraction, len(head) + kept, len(head) + length) + head +
                     content[at + 16:at + 16 + kept])
        at += 16 + kept
    return b"".join(parts)


class Tunnels(Case):
    def setUp(self):
        super().setUp()
        self.manifest = self.copy_sample("500B-c4", testbeds=("veth",), repetitions=("rep-01",))
        with gzip.open(RUN + "link.pcap.gz") as file:
            self.content = file.read()
        os.remove(RUN + "link.pcap.gz")

    def write(self, content):
        with open(RUN + "link.pcap", "wb") as file:
            file.write(content)

    def analyze(self, output, status=GOOD):
        return outcome(self.twinbed("analyze", self.manifest, "-o", output, "--force", status=status))

    def load(self, output):
        found = {}
        with h5py.File(output) as file:
            for group in ("net", "metrics"):
                for name, dataset in file[group].items():
                    found[group + "/" + name] = dataset[()].tolist()
        return found

    def assert_same(self, one, other, *but):
        self.assertEqual(sorted(name for name in one if repr(one[name]) != repr(other[name])), sorted(but))

    def test_results_are_those_of_the_inside(self):
        self.write(self.content)
        self.analyze("plain.h5")
        plain = self.load("plain.h5")
        packets = plain["net/capture_packets"]
        self.assertEqual(plain["net/capture_gre"], [0])
        for name, header in (("gre", gre), ("vxlan", vxlan)):
            self.write(wrapped(self.content, header))
            self.analyze(name + ".h5")
            inside = self.load(name + ".h5")
            self.assert_same(plain, inside, "net/capture_" + name)
            self.assertEqual(inside["net/capture_" + name], packets)

    def test_the_setting_decodes_again(self):
        self.write(wrapped(self.content, vxlan))
        self.analyze("x.h5")
        reused = self.analyze("x.h5")["reused"]
        self.edit(self.manifest, r"\nbaseline:", "\ntunnels: outer\nbaseline:")
        self.assertEqual(self.analyze("x.h5", DAMAGED)["reused"], reused - 1)
        with h5py.File("x.h5") as file:
            self.assertEqual(file.attrs["setting_tunnels"], b"outer")
            reasons = b" ".join(file["quality/artifact_reason"][()])
            self.assertEqual(file["net/capture_vxlan"][()].tolist(), [0])
        self.assertIn(b"on UDP port 4789 (VXLAN), inside of which nothing is read", reasons)

    def test_a_listing_shows_either(self):
        self.write(wrapped(self.content, vxlan))
        inner = self.twinbed("flows", RUN + "link.pcap").stdout
        self.assertRegex(inner, r"\nheaders  +(\d+) VXLAN; packets with each of them\n")
        self.assertRegex(inner, r"\nserver ports  \d+ \(\d+\)")
        outer = self.twinbed("flows", "--tunnels", "outer", RUN + "link.pcap").stdout
        self.assertNotIn("VXLAN;", outer)
        self.assertIn("0 TCP, 1 UDP", outer)
        self.assertNotIn("server ports", outer)


if __name__ == "__main__":
    main()
