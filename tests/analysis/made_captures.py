# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes small packet captures: headers only, lengths as on the wire."""
import struct

FIN, SYN, PUSH, ACK = 1, 2, 8, 16
HEADERS = 54  # Ethernet, IPv4, TCP: all that is kept of a packet
PORT = 8080
REQUEST_BYTES = 80


class Capture:
    def __init__(self, client, server):
        self.records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, HEADERS, 1)]
        self.addresses = (bytes(client), bytes(server))
        self.time = 1_500_000_000_000_000
        self.identification = 0

    def packet(self, from_server, client_port, sequence, acknowledgement, flags, payload=0):
        source, destination = self.addresses[::-1] if from_server else self.addresses
        ports = (PORT, client_port) if from_server else (client_port, PORT)
        self.time += 100
        self.identification = (self.identification + 1) % 65536
        ethernet = bytes(12) + b"\x08\x00"
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + payload, self.identification, 0, 64, 6, 0) + source + destination
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledgement, 5 << 4, flags, 1000, 0, 0)
        header = struct.pack("<IIII", self.time // 1_000_000, self.time % 1_000_000, HEADERS, HEADERS + payload)
        self.records.append(header + ethernet + ip + tcp)

    def flow(self, client_port, segments, repeats=0):
        """One request and its reply in segments, the last one sent 1 + repeats times.

        The client sends 5 packets (SYN, ACK, request, ACK, FIN), the server 4 (SYN, ACK, FIN, ACK) and the
        segments; two pure ACKs come from each side."""
        mine, its = 1000, 5000
        self.packet(False, client_port, mine, 0, SYN)
        self.packet(True, client_port, its, mine + 1, SYN | ACK)
        self.packet(False, client_port, mine + 1, its + 1, ACK)
        self.packet(False, client_port, mine + 1, its + 1, PUSH | ACK, REQUEST_BYTES)
        mine += 1 + REQUEST_BYTES
        its += 1
        self.packet(True, client_port, its, mine, ACK)
        for payload in segments:
            self.packet(True, client_port, its, mine, ACK, payload)
            its += payload
        for _ in range(repeats):
            self.packet(True, client_port, its - segments[-1], mine, ACK, segments[-1])
        self.packet(False, client_port, mine, its, ACK)
        self.packet(True, client_port, its, mine, FIN | ACK)
        self.packet(False, client_port, mine, its + 1, FIN | ACK)
        self.packet(True, client_port, its + 1, mine + 1, ACK)

    def flow_without_reply(self, client_port):
        """ab opens a connection more than it needs: 2 packets of the client, 1 of the server."""
        self.packet(False, client_port, 1000, 0, SYN)
        self.packet(True, client_port, 5000, 1001, SYN | ACK)
        self.packet(False, client_port, 1001, 5001, ACK)

    def bytes(self):
        return b"".join(self.records)

    def record_offset(self, number):
        return sum(len(record) for record in self.records[:number])
