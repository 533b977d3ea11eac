#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""flows says what it could not list: packets that are not read, filtered, or not there. What capturing programs lost."""
import struct

import h5py

from command import DAMAGED, GOOD, Case, main

ETHERNET, PRISM = 1, 119
IP, ARP, MACSEC, DISCOVERY = 0x0800, 0x0806, 0x88E5, 0x8863


def frame(ethertype=IP, protocol=6, port=80):
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, protocol, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
    tcp = struct.pack(">HHIIBBHHH", 40000, port, 1000, 0, 5 << 4, 16, 1000, 0, 0)
    return b"\2" * 12 + struct.pack(">H", ethertype) + ip + tcp


def write(path, frames, link_type=ETHERNET, snap_length=65535, tail=b""):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap_length, link_type))
        for number, packet in enumerate(frames):
            kept = packet[:snap_length]
            file.write(struct.pack("<IIII", 1500000000 + number, 0, len(kept), len(packet)) + kept)
        file.write(tail)


class LeftOut(Case):
    def expect(self, says, status, *arguments, rows=0):
        """One line on standard error, a warning unless it is of little; the list is there all the same."""
        word = "warning: " if status == DAMAGED or rows == 0 else ""
        done = self.twinbed("flows", "made.pcap", "--format", "csv", *arguments, status=status)
        self.assertEqual(done.stdout.count("\n"), 1 + rows)
        self.assertEqual(done.stderr, f"twinbed: {word}made.pcap: {says}\n" if says else "")

    def test_packets_that_are_not_read(self):
        cases = [([frame()] * 9, {"link_type": PRISM}, "link type 119 (802.11 with Prism header), which is not read"),
                 ([frame(MACSEC)] * 9, {}, "ethertype 0x88e5 (MACsec), which is not read"),
                 ([frame(DISCOVERY)] * 9, {}, "ethertype 0x8863 (PPPoE discovery), which is not read"),
                 ([frame(protocol=50)] * 9, {}, "IP protocol 50 (ESP), which is not read")]
        for frames, how, kind in cases:
            with self.subTest(kind):
                write("made.pcap", frames, **how)
                self.expect(f"9 of 9 packets left out: 9 of {kind}", DAMAGED)
        write("made.pcap", [frame()] * 9, snap_length=40)
        self.expect("9 of 9 packets left out: 9 cut after at most 40 bytes, inside their headers", DAMAGED)

    def test_few_of_them_are_said_and_no_failure(self):
        write("made.pcap", [frame()] * 4 + [frame(ARP)] * 4)
        self.expect("4 of 8 packets left out: 4 of ethertype 0x0806 (ARP), which is not read", GOOD, rows=1)
        write("made.pcap", [frame()] * 4 + [frame(ARP)] * 5)
        self.expect("5 of 9 packets left out: 5 of ethertype 0x0806 (ARP), which is not read", DAMAGED, rows=1)
        write("made.pcap", [frame()] * 4)
        self.expect("", GOOD, rows=1)

    def test_what_a_filter_leaves_out_is_wanted_unless_it_is_all(self):
        write("made.pcap", [frame()] * 2 + [frame(port=443)] * 20)
        self.expect("", GOOD, "--filter", "tcp port 80", rows=1)
        self.expect("the filter left out all 22 packets", DAMAGED, "--filter", "tcp port 8080")
        write("made.pcap", [frame()] * 2 + [frame(port=443)] * 20 + [frame(ARP)] * 3)
        self.expect("3 of 5 packets that the filter let pass left out: 3 of ethertype 0x0806 (ARP), which is not read",
                    DAMAGED, "--filter", "tcp port 80 or arp", rows=1)

    def test_a_capture_without_packets(self):
        write("made.pcap", [])
        self.expect("the capture holds no packet", GOOD)

    def test_zeros_behind_the_last_packet_are_damage(self):
        write("made.pcap", [frame()] * 3, tail=bytes(65536))
        end = 24 + 3 * (16 + len(frame()))
        self.expect(f"corrupt at offset {end}: made.pcap: zeros where a packet record should begin at offset {end}",
                    DAMAGED, rows=1)

    def test_packets_with_unread_headers_are_in_the_results(self):
        manifest = self.copy_sample("500B-c4", testbeds=("veth",), repetitions=("rep-01",))
        self.edit(manifest, "link.pcap.gz", "made.pcap")
        write("sample/veth/500B-c4/rep-01/made.pcap", [frame()] * 3, snap_length=40)
        self.twinbed("analyze", manifest, "-o", "x.h5", status=DAMAGED)
        with h5py.File("x.h5") as file:
            net = {name: file["net/capture_" + name][()].tolist()
                   for name in ("unparsed", "cut_headers", "link_not_read", "dropped_packets", "log_captured")}
        self.assertEqual(net, {"unparsed": [3], "cut_headers": [3], "link_not_read": [0], "dropped_packets": [-1],
                               "log_captured": [-1]})


class Lost(Case):
    LOG = ("tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 96 bytes\n"
           "500 packets captured\n530 packets received by filter\n")

    def results(self, log, status=GOOD):
        manifest = self.copy_sample("500B-c4", testbeds=("veth",), repetitions=("rep-01",))
        self.edit(manifest, r"(capture: \{link: .*)", r"\1\n  capture_log: {link: tcpdump.log}")
        with open("sample/veth/500B-c4/rep-01/tcpdump.log", "w", encoding="utf-8") as file:
            file.write(log)
        self.twinbed("analyze", manifest, "-o", "x.h5", status=status)
        with h5py.File("x.h5") as file:
            kinds = [kind.decode() for kind in file["quality/artifact_kind"][()]]
            self.remark = file["quality/artifact_remark"][kinds.index("capture log")].decode()
            return ([int(file["net/capture_log_" + name][0])
                     for name in ("captured", "received", "dropped_by_kernel", "dropped_by_interface")],
                    int(file["quality/artifact_state"][kinds.index("capture log")]))

    def test_a_log_tells(self):
        """Its numbers are not those of the capture, which is withdrawn."""
        self.assertEqual(self.results(self.LOG + "30 packets dropped by kernel\n", DAMAGED), ([500, 530, 30, -1], 0))

    def test_packets_that_the_program_did_not_read_are_said(self):
        self.results(self.LOG, DAMAGED)
        self.assertEqual(self.remark, "30 packets reached the capturing program and were neither written nor dropped")

    def test_packets_below_the_limit_are_not(self):
        self.results(self.LOG + "28 packets dropped by kernel\n", DAMAGED)
        self.assertEqual(self.remark, "")

    def test_a_log_that_ends_early(self):
        found, state = self.results(self.LOG.splitlines()[0] + "\n", DAMAGED)
        self.assertEqual((found, state), ([-1, -1, -1, -1], 2))

    def test_check_shows_it(self):
        self.results(self.LOG, DAMAGED)
        done = self.twinbed("check", "sample/campaign.yaml", "--verbose")
        self.assertRegex(done.stdout, r"capture log *link +\S*tcpdump.log")


if __name__ == "__main__":
    main()
