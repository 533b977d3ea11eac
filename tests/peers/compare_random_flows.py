#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares every statistic of random connections with tcptrace's, by its rules.

compare_random_flows.py LIST_FLOWS [CONNECTIONS [SEED]]

Connections lose, repeat, reorder, split and join segments, close their windows and are probed, acknowledge what was
never sent, and end in any way. A difference of a kind that docs/method.md explains is counted; any other fails. Exit
status 77: tcptrace is not there."""
import os
import random
import shutil
import struct
import sys
import tempfile
from collections import Counter

import compare_flows

SKIPPED = 77
FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
QUARTER = 2 ** 30


class Side:
    def __init__(self, chance):
        near = chance.randrange(4) * QUARTER - chance.randrange(1000)
        self.near = chance.random() < 0.1
        self.initial = near % 2 ** 32 if self.near else chance.choice((chance.randrange(2 ** 20),
                                                                       chance.randrange(2 ** 32)))
        self.next = self.initial + 1  # what is sent next
        self.highest = self.next
        self.acknowledged = self.next  # what the other side has acknowledged
        self.sent = []  # (sequence, length)
        self.window = 1000
        self.told = None  # the acknowledgement it sent last
        self.identification = chance.randrange(65536)


class Connection:
    """Appends (time, bytes) of one connection from client port to 80."""

    def __init__(self, chance, port):
        self.chance, self.port = chance, port
        self.time = chance.randrange(10 ** 6)
        self.sides = (Side(chance), Side(chance))
        self.packets = []
        self.events = {"quarter"} if self.sides[0].near or self.sides[1].near else set()

    def packet(self, side, sequence, flags, payload=0, acknowledgement=None, window=None, options=b""):
        chance, own, other = self.chance, self.sides[side], self.sides[1 - side]
        self.time += chance.choice((chance.randrange(2000), chance.randrange(200_000)))
        if acknowledgement is None:
            acknowledgement = other.acknowledged if flags & ACK else 0
        own.identification = (own.identification + 1) % 65536
        if flags & ACK:
            if own.told is not None and acknowledgement < own.told:
                self.events.add("back")
            own.told = acknowledgement
        ends = ((b"\x0a\0\0\x01", self.port), (b"\x0a\0\0\x02", 80))
        source, destination = (ends if side == 0 else ends[::-1])
        length = 40 + len(options) + payload
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, own.identification, 0x4000, 64, 6, 0, source[0],
                         destination[0])
        tcp = struct.pack(">HHIIBBHHH", source[1], destination[1], sequence % 2 ** 32, acknowledgement % 2 ** 32,
                          (20 + len(options)) << 2, flags, own.window if window is None else window, 0, 0)
        self.packets.append((self.time, ip + tcp + options + bytes(payload)))

    def data(self, side):
        chance, own = self.chance, self.sides[side]
        kind = chance.random()
        if kind < 0.55 or not own.sent:
            sequence, length = own.highest, chance.choice((1, 2, 90, 100, 100, 100, 1000))
            if chance.random() < 0.1:
                sequence += chance.choice((1, 50, 100))  # a hole
                self.events.add("hole")
        elif kind < 0.85:
            sequence, length = chance.choice(own.sent[-6:])
            self.events.add("repeat")
        else:
            sequence, length = chance.choice(own.sent[-6:])
            sequence += chance.randrange(-20, 60)
            length = max(1, length + chance.randrange(-30, 120))
            self.events.add("overlap")
        own.sent.append((sequence, length))
        own.highest = max(own.highest, sequence + length)
        flags = ACK | (PSH if chance.random() < 0.3 else 0)
        self.packet(side, sequence, flags, length)

    def acknowledge(self, side):
        chance, own, other = self.chance, self.sides[side], self.sides[1 - side]
        kind = chance.random()
        if kind < 0.5:
            other.acknowledged = max(other.acknowledged, other.highest)
        elif kind < 0.7 and other.sent:
            sequence, length = chance.choice(other.sent[-6:])
            other.acknowledged = max(other.acknowledged, sequence + length)
        if chance.random() < self.closing:
            own.window = 0
            self.events.add("closed")
        elif own.window == 0 and chance.random() < 0.5:
            own.window = 1000
        number, options = other.acknowledged, b""
        if chance.random() < 0.1:
            number += chance.randrange(-150, 150)  # inside a segment, old, or of what was never sent
        if chance.random() < 0.1:
            first = number + chance.randrange(-100, 200)
            options = struct.pack(">BBBBII", 1, 1, 5, 10, first % 2 ** 32, (first + 100) % 2 ** 32)
        self.packet(side, own.highest, ACK, acknowledgement=number, options=options)

    def odd(self, side):
        """What happens seldom: a SYN again, a keep-alive, a reset, a FIN in the middle, silence."""
        chance, own = self.chance, self.sides[side]
        kind = chance.randrange(6)
        if kind == 0:
            self.packet(side, own.initial, SYN | (ACK if side else 0))
        elif kind == 1:
            self.packet(side, own.highest - 1, ACK, chance.randrange(2))
        elif kind == 2:
            self.packet(side, own.highest, RST | chance.choice((0, ACK)))
        elif kind == 3:
            self.packet(side, own.highest, FIN | ACK, chance.choice((0, 100)))
        elif kind == 4:
            self.time += chance.choice((3, 239, 241, 500)) * 10 ** 6
        else:
            self.packet(side, own.highest, PSH | ACK)

    def run(self):
        chance = self.chance
        self.closing = chance.choice((0, 0.1, 0.4))
        steps = chance.randrange(4, 30)
        strange = chance.choice((0, 0, 0.1))
        client, server = self.sides
        opened = chance.random() < 0.9
        if opened:
            self.packet(0, client.initial, SYN, acknowledgement=0)
            self.packet(1, server.initial, SYN | ACK, acknowledgement=client.next)
            self.packet(0, client.next, ACK, acknowledgement=server.next)
        for _ in range(steps):
            side = chance.randrange(2)
            if chance.random() < strange:
                self.odd(side)
                continue
            (self.data if chance.random() < 0.6 else self.acknowledge)(side)
        end = chance.random()
        if end < 0.5:
            for side in (0, 1):
                self.packet(side, self.sides[side].highest, FIN | ACK)
        elif end < 0.6:
            self.packet(chance.randrange(2), client.highest, RST)
        return self.packets


def write_capture(path, connections):
    packets = sorted(packet for connection in connections for packet in connection.packets)
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for time, data in packets:
            file.write(struct.pack("<IIII", 1_500_000_000 + time // 10 ** 6, time % 10 ** 6, len(data), len(data)))
            file.write(data)


def explain(connection, text):
    """The reason that docs/method.md gives for a difference, or None."""
    if "quarter" in connection.events:
        return "numbers around a quarter of the number space"
    if "back" in connection.events and ("duplicate_acks" in text or "triple_dupacks" in text):
        return "acknowledgements that go back"
    return None


def compare(program, folder, seed, count):
    """(statistics compared, reasons of differences and how often, differences not explained) of one capture."""
    chance = random.Random(seed)
    connections = {}
    for i in range(count):
        connections[20000 + i] = Connection(chance, 20000 + i)
        connections[20000 + i].run()
    path = os.path.join(folder, f"random-{seed}.pcap")
    write_capture(path, connections.values())
    compared, differences = compare_flows.compare_as_tcptrace(program, path, compare_flows.read_tcptrace(path))
    reasons, unexplained = Counter(), 0
    for text, _ in differences:
        port = int(text.split(" - ")[0].rsplit(":", 1)[1])
        reason = explain(connections[port], text)
        if reason is not None:
            reasons[reason] += 1
        else:
            unexplained += 1
            print(f"seed {seed}: {text}")
    return compared, reasons, unexplained


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    if shutil.which("tcptrace") is None:
        print("skipped: tcptrace is not installed")
        return SKIPPED
    compared, reasons, unexplained = 0, Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        for first in range(0, count, 1000):
            found = compare(program, folder, seed + first // 1000, min(1000, count - first))
            compared += found[0]
            reasons += found[1]
            unexplained += found[2]
    for reason, number in sorted(reasons.items()):
        print(f"{number} statistics differ: {reason}")
    print(f"{count} connections, {compared} statistics; {sum(reasons.values())} differences explained, "
          f"{unexplained} not")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
