#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flows that began before the capture belong to the server port that the campaign names, and the work that a capture
shows is what `work` says."""
import os
import shutil
import struct

import h5py

from command import DAMAGED, Case, main, outcome

MANIFEST = """campaign: late
baseline: physical
runs: '{testbed}/rep-{rep}'
artifacts: {capture: {link: link.pcap}}
server_port: 8080
flows: all
"""
PORT, FIN, PUSH, ACK = 8080, 1, 8, 16
CONNECTIONS, REQUESTS = 4, 5
REQUEST = b"GET /file HTTP/1.1\r\nHost: here\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n9 letters"


def segment(client, back, sequence, acknowledgement, flags, payload=b""):
    addresses, ports = (0x0A000002, 0x0A000001), (client, PORT)
    source, destination = (1, 0) if back else (0, 1)
    tcp = struct.pack(">HHIIBBHHH", ports[source], ports[destination], sequence, acknowledgement, 0x50, flags, 500, 0, 0)
    return struct.pack(">BBHHHBBHII", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, addresses[source],
                       addresses[destination]) + tcp + payload


def connection(client, request):
    """Without its opening; the first packet is a reply's, whose request was not captured."""
    sent, received = 1000, 9000
    for number in range(REQUESTS):
        if number > 0:
            yield segment(client, False, sent, received, PUSH | ACK, request)
            sent += len(request)
        yield segment(client, True, received, sent, PUSH | ACK, REPLY)
        received += len(REPLY)
    yield segment(client, True, received, sent, FIN | ACK)
    yield segment(client, False, sent, received + 1, FIN | ACK)


def write_capture(path, request=REQUEST, kept=65535):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, kept, 101))
        flows = [list(connection(40000 + client, request)) for client in range(CONNECTIONS)]
        for number, packets in enumerate(zip(*flows)):
            for data in packets:
                file.write(struct.pack("<IIII", 1000, number, min(len(data), kept), len(data)) + data[:kept])


class ServerPort(Case):
    def analyze(self, work, threads=1, **keywords):
        """Values of the run's metrics by name, and why the server's payload has none."""
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST + f"work: {work}\n")
        outcome(self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--force", "--threads", str(threads), **keywords))
        with h5py.File("x.h5") as file:
            names = [name.decode() for name in file["metrics/metric_name"][()]]
            reason = file["metrics/run_reason"][0][names.index("server_payload_per_request")]
            sentence = "" if reason < 0 else file["metrics/reason_sentence"][reason].decode()
            return dict(zip(names, file["metrics/run_value"][0])), sentence

    def test_late_connections_have_their_roles(self):
        write_capture("physical/rep-1/link.pcap")
        for ranks, threads in ((0, 1), (1, 2), (3, 1)):
            with self.subTest(ranks=ranks, threads=threads):
                shutil.rmtree("x.h5.parts", ignore_errors=True)
                values, reason = self.analyze("connections", threads, ranks=ranks)
                self.assertEqual(reason, "")
                self.assertEqual(values["connections_per_request"], 1)
                self.assertEqual(values["server_payload_per_request"], REQUESTS * len(REPLY))
                self.assertEqual(values["client_packets_per_request"], REQUESTS)
                with h5py.File("x.h5") as file:
                    self.assertEqual(set(file["net/flow_server_port"][:]), {PORT})
                    self.assertEqual(set(file["net/flow_client_requests"][:]), {REQUESTS - 1})
                    self.assertEqual(set(file["net/flow_completed_reply"][:]), {1})

    def test_requests_are_work_where_they_show(self):
        write_capture("physical/rep-1/link.pcap")
        values, reason = self.analyze("capture")
        self.assertEqual(reason, "")
        self.assertEqual(values["server_payload_per_request"], REQUESTS * len(REPLY) / (REQUESTS - 1))
        for what, words in (({"request": b"\x17\x03\x03" + bytes(40)}, "none of 16 packets"),
                            ({"kept": 42}, "of 16 of 16 packets")):
            with self.subTest(words=words):
                write_capture("physical/rep-1/link.pcap", **what)
                values, reason = self.analyze("capture", status=DAMAGED)
                self.assertIn(words, reason)
                self.assertNotEqual(values["server_payload_per_request"], values["server_payload_per_request"])
                values, reason = self.analyze("connections")
                self.assertEqual(values["connections_per_request"], 1)
                self.assertEqual(reason, "")


if __name__ == "__main__":
    main()
