#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""flows: all, with more rows than any rank holds: the same table on any number of ranks and threads."""
import csv
import io
import os
import resource
import shutil
import signal
import struct
import subprocess

import h5py

from command import DAMAGED, FAILED, PROGRAM, Case, main, outcome
from volumes import parts_of, remove_parts

PIECE = 1 << 14  # rows of the table that are made and written at once
MANIFEST = """campaign: rows
baseline: physical
runs: '{testbed}/rep-{rep}'
process: {client: ab}
artifacts: {capture: {link: link.pcap}}
work: connections
flows: all
"""


def datagram(source, port, payload):
    data = struct.pack(">HHHH", port, 53, 8 + payload, 0) + bytes(payload)
    return struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(data), 0, 0, 64, 17, 0, source, 0x0A000001) + data


def write_capture(path, flows):
    """One datagram of each, and one more of every third in the opposite order."""
    packets = list(range(flows)) + list(range(flows - 1, -1, -3))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for number, flow in enumerate(packets):
            data = datagram(0xC0A80000 + flow // 60000, 1 + flow % 60000, flow % 5)
            file.write(struct.pack("<IIII", 1000 + number // 1000, number % 1000, len(data), len(data)) + data)


def segment(client, seq, ack, flags, payload=b""):
    """Between port 40000 of 192.168.0.0 and port 80 of 10.0.0.1."""
    ports = (40000, 80) if client else (80, 40000)
    ends = (0xC0A80000, 0x0A000001) if client else (0x0A000001, 0xC0A80000)
    data = struct.pack(">HHIIBBHHH", *ports, seq, ack, 0x50, flags, 65535, 0, 0) + payload
    return struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(data), 0, 0, 64, 6, 0, *ends) + data


def write_stalled(path, still=2500):
    """A connection whose reply is acknowledged at once, and then only some ms after it was sent, for the second time."""
    SYN, ACK, PUSH, FIN = 2, 16, 24, 17
    reply = b"HTTP/1.0 200 OK\r\nContent-Length: 200\r\n\r\n" + bytes(100)
    at = 1001 + len(reply)
    packets = ((0, True, 0, 0, SYN, b""), (1, False, 1000, 1, SYN | ACK, b""), (2, True, 1, 1001, ACK, b""),
               (3, True, 1, 1001, PUSH, b"GET / HTTP/1.0\r\n\r\n"), (4, False, 1001, 19, PUSH, reply),
               (5, True, 19, at, ACK, b""), (6, False, at, 19, PUSH, bytes(100)),
               (still + 6, False, at, 19, PUSH, bytes(100)), (still + 7, True, 19, at + 100, ACK, b""),
               (still + 8, False, at + 100, 19, FIN, b""), (still + 9, True, 19, at + 101, FIN, b""),
               (still + 10, False, at + 101, 20, ACK, b""))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for millisecond, *rest in packets:
            data = segment(*rest)
            file.write(struct.pack("<IIII", 1000 + millisecond // 1000, millisecond % 1000 * 1000, len(data), len(data)))
            file.write(data)


class FlowRows(Case):
    def campaign(self, *flows):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST)
        for place, count in enumerate(flows):
            write_capture(f"physical/rep-{place}/link.pcap", count)

    def analyze(self, output, *arguments, status=DAMAGED, **keywords):
        """Nothing names the server port, which is said."""
        return outcome(self.twinbed("analyze", "campaign.yaml", "-o", output, *arguments, status=status, **keywords))

    def expect_rows(self, path, *flows):
        with h5py.File(path) as file:
            net = file["net"]
            self.assertEqual(len(net["flow_artifact"]), sum(flows))
            begin = 0
            for place, count in enumerate(flows):
                rows = slice(begin, begin + count)
                self.assertEqual(set(net["flow_artifact"][rows]), {place} if count else set())
                self.assertEqual(list(net["flow_first_packet"][rows]), list(range(count)))
                self.assertEqual(list(net["flow_client_port"][rows]), [1 + flow % 60000 for flow in range(count)])
                self.assertEqual(list(net["flow_client_payload_bytes"][rows]),
                                 [flow % 5 * (1 + ((count - 1 - flow) % 3 == 0)) for flow in range(count)])
                self.assertEqual([bytes(row[:4].astype("u1")) for row in net["flow_server_address"][rows][:3]],
                                 [b"\x0a\x00\x00\x01"] * min(count, 3))
                begin += count

    def analyze_flows(self, flows, output, parts):
        """With another word for flows; gives how many captures were not decoded again."""
        self.edit("campaign.yaml", "flows: [a-z]+", f"flows: {flows}")
        return self.analyze(f"../{output}", "--parts", f"../{parts}")["reused"]

    def test_a_capture_with_its_rows_serves_whatever_is_asked_of_flows(self):
        os.mkdir("campaign")  # what lies beside its runs would be a finding
        os.chdir("campaign")
        self.campaign(50, 70, 90)
        self.assertEqual(self.analyze_flows("all", "all.h5", "first"), 0)
        self.assertEqual(self.analyze_flows("summary", "summary.h5", "second"), 0)
        for number, (flows, parts, reused) in enumerate((("summary", "first", 3), ("all", "first", 3), ("none", "first", 3),
                                                         ("all", "second", 0), ("summary", "second", 3),
                                                         ("all", "second", 3))):
            self.assertEqual(self.analyze_flows(flows, f"{number}.h5", parts), reused, (number, flows, parts))
            if flows != "none":
                self.assert_same_results(f"../{flows}.h5", f"../{number}.h5")
        remove_parts("../first", b"rows of flows\n")
        self.assertEqual(self.analyze_flows("summary", "bare.h5", "first"), 3)
        self.assertEqual(self.analyze_flows("all", "again.h5", "first"), 0)
        self.assert_same_results("../all.h5", "../again.h5")

    def test_what_flows_add_up_to_needs_no_rows(self):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST.replace("flows: all", "server_port: 80"))
        write_stalled("physical/rep-1/link.pcap")
        self.analyze("one.h5", status=0)
        with h5py.File("one.h5") as file:
            self.assertEqual([name for name in file["net"] if name.startswith("flow_")], [])
            net = file["net"]
            self.assertEqual([net[f"capture_{end}_flows"][0] for end in ("open", "closed", "reset")], [0, 1, 0])
            self.assertEqual(list(net["stall_artifact"]), [0])
            self.assertEqual(list(net["stall_begin"]), [1000006 * 10**6])
            self.assertEqual(list(net["stall_duration"]), [2.5])
            self.assertEqual(net["capture_server_segment"][0][0], 100)
            self.assertEqual(list(net["capture_client_segment"][0]), [18] * 101)
            self.assertEqual(net["capture_handshake"].shape, (1, 101))
        head, row = list(csv.reader(io.StringIO(self.twinbed("export", "one.h5", "--table", "stalls").stdout)))
        self.assertEqual(dict(zip(head, row))["duration"], "2.5")

    def test_packets_of_the_flow_that_stood_still_longest(self):
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST.replace("flows: all", "server_port: 80\nstalls: {flows: 1, gap_s: 2}"))
        for testbed, run, still in (("physical", 1, 1900), ("virtual", 1, 2500), ("virtual", 2, 4500), ("virtual", 3, 3000)):
            write_stalled(f"{testbed}/rep-{run}/link.pcap", still)
        self.analyze("one.h5", status=0)
        with h5py.File("one.h5") as file:
            net = file["net"]
            # The first testbed's flow did not stand still for as long as the setting has it.
            self.assertEqual([file["quality/artifact_path"][place].decode() for place in net["trail_artifact"]],
                             ["virtual/rep-2/link.pcap"])
            self.assertEqual(list(net["trail_duration"]), [4.5])
            self.assertEqual([net["trail_client"][0].decode(), net["trail_server"][0].decode()],
                             ["192.168.0.0:40000", "10.0.0.1:80"])
            self.assertEqual(list(net["trail_packet_trail"]), [0] * 12)
            self.assertEqual(list(net["trail_packet_repeated"]), [0] * 7 + [1] + [0] * 4)
            self.assertEqual(net["trail_packet_time"][7], 4.5)
            self.assertEqual(list(net["trail_packet_from_server"])[:8], [0, 1, 0, 0, 1, 0, 1, 1])
        self.analyze("three.h5", "--threads", "2", ranks=3, status=0)
        self.assert_same_results("one.h5", "three.h5")
        self.twinbed("report", "one.h5", "-o", "one.html")
        with open("one.html", encoding="utf-8") as file:
            page = file.read()
        self.assertIn("stood still for 4.5", page)
        head, *rows = csv.reader(io.StringIO(self.twinbed("export", "one.h5", "--table", "trail_packets").stdout))
        self.assertEqual((len(rows), head[:3]), (12, ["trail", "sequence", "time"]))

    def test_more_rows_than_a_piece(self):
        flows = (PIECE - 5, 3, 0, PIECE + 1, 1200)
        self.campaign(*flows)
        self.analyze("one.h5", "--threads", "1")
        self.expect_rows("one.h5", *flows)
        for ranks, threads in ((1, 2), (3, 1)):
            with self.subTest(ranks=ranks, threads=threads):
                self.analyze("many.h5", "--force", "--threads", str(threads), ranks=ranks)
                self.assert_same_results("one.h5", "many.h5")
                shutil.rmtree("many.h5.parts")

    def test_as_many_rows_as_a_piece(self):
        for more in (0, 1):
            with self.subTest(more=more):
                self.campaign(3000, PIECE - 3000 + more)
                self.analyze("one.h5", "--force", "--threads", "1")
                self.expect_rows("one.h5", 3000, PIECE - 3000 + more)
                shutil.rmtree("one.h5.parts")

    def test_a_chunk_is_in_one_piece(self):
        self.campaign(2 * PIECE + 1)
        self.analyze("x.h5")
        with h5py.File("x.h5") as file:
            for name, dataset in file["net"].items():
                if name.startswith("flow_"):
                    self.assertEqual(PIECE % dataset.chunks[0], 0, name)

    def test_rows_are_parts(self):
        """Those that are there are used, whole; what is damaged or missing is decoded again."""
        self.campaign(4000, PIECE)
        self.analyze("x.h5")
        self.assertEqual(self.analyze("x.h5", "--force")["reused"], 2)
        rows = parts_of("x.h5.parts", b"rows of flows")
        self.assertGreater(len(rows), 2 + 4)
        self.assertEqual(sum(part.key.startswith(b"rows of flows") for part in rows), 2)
        shutil.copy("x.h5", "before.h5")
        for place in (0, len(rows) // 2, -1):
            parts_of("x.h5.parts", b"rows of flows")[place].flip()
            self.assertEqual(self.analyze("x.h5", "--force")["reused"], 1, rows[place].key)
            self.assert_same_results("before.h5", "x.h5")
        remove_parts("x.h5.parts", rows[1].key)
        self.assertEqual(self.analyze("x.h5", "--force")["reused"], 1)
        self.assert_same_results("before.h5", "x.h5")

    def test_rows_that_cannot_be_kept_end_the_job(self):
        """No capture is to blame when the disk is full, also of the files that have no names."""
        def small_files():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
        for flows in (PIECE // 2, 3 * PIECE):
            self.campaign(flows)
            done = subprocess.run([PROGRAM, "analyze", "campaign.yaml", "-o", "x.h5", "--quiet"], capture_output=True,
                                  text=True, check=False, preexec_fn=small_files)
            self.assertEqual(done.returncode, FAILED)
            self.assert_one_line(done, "x.h5.parts", "cannot write")
            self.assert_nothing_is_left("campaign.yaml", "physical")
            self.assertEqual([name for name in os.listdir("x.h5.parts") if not name.endswith(".volume")], [])

    def test_flows_lists_them_all(self):
        write_capture("x/y.pcap", 30000)
        done = self.twinbed("flows", "x/y.pcap", "--format", "csv", environment={"TMPDIR": "."})
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual([row["client"].rsplit(":", 1)[1] for row in rows], [str(1 + flow) for flow in range(30000)])
        self.assertEqual(sorted(os.listdir(".")), ["x"])
        self.assert_one_line(self.twinbed("flows", "x/y.pcap", status=1, environment={"TMPDIR": "absent"}), "absent")
        write_capture("x/none.pcap", 0)
        self.assertEqual(self.twinbed("flows", "x/none.pcap", "--format", "json").stdout.split(), ["[", "]"])


if __name__ == "__main__":
    main()
