#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares retransmissions, reordering and round-trip times with tshark's analysis of the same packets.

compare_tshark.py LIST_FLOWS [--all] [CAPTURE ...]

Three views of each TCP packet are set side by side: what tshark marks it as, what follows from the byte ranges sent
before (a plain model here, with no state but the bytes seen), and what the flow's counters of ours add up to. Model
and counters must be equal for each side. Where tshark marks a packet otherwise, or takes a time that is none here,
the reason must be one of REASONS, which docs/method.md explains; any other difference fails. Made captures come
first, each with the numbers that are expected of both; then the recorded ones. Exit status 77: tshark is not there."""
import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections import Counter, OrderedDict

import compare_flows

SKIPPED = 77
FIELDS = ["frame.number", "tcp.stream", "ip.src", "tcp.srcport", "tcp.seq_raw", "tcp.len", "tcp.flags"] + [
    "tcp.analysis." + name for name in ("retransmission", "fast_retransmission", "spurious_retransmission",
                                        "out_of_order", "ack_rtt", "acks_frame", "keep_alive", "zero_window_probe",
                                        "duplicate_ack")]
FIN, SYN, PSH, ACK = 1, 2, 8, 16
REASONS = {
    "handshake": "a SYN or FIN sent again: a retransmission to tshark, a column of its own here",
    "late": "a segment that fills a hole late or after three duplicate acknowledgements: a retransmission to tshark",
    "quick repeat": "bytes sent again within a round trip, which tshark takes for reordered: it keeps no list of bytes",
    "keep-alive": "an old byte that asks whether the other side is there",
    "probe": "the byte of a window probe that comes again with its segment: tshark leaves probes out of the stream",
    "time of a repeat": "tshark takes times of segments that were sent more than once",
    "time behind a repeat": "tshark takes times of segments that waited for an earlier one sent again",
    "duplicates": "empty segments of an emulated adapter, and acknowledgements when nothing is outstanding: no "
                  "duplicate acknowledgements here",
}


class Seen:
    """Byte ranges that one side has sent; numbers are followed through every wrap."""

    def __init__(self):
        self.ranges = []  # [begin, end), sorted, apart
        self.highest = None
        self.probe = None  # where the latest window probe lies

    def position(self, number):
        if self.highest is None:
            return number + 2 ** 32
        return self.highest + (number - self.highest + 2 ** 31) % 2 ** 32 - 2 ** 31

    def known(self, begin, end):
        return sum(max(0, min(end, last) - max(begin, first)) for first, last in self.ranges)

    def add(self, begin, end):
        kept = [(first, last) for first, last in self.ranges if last < begin or first > end]
        for first, last in self.ranges:
            if not (last < begin or first > end):
                begin, end = min(begin, first), max(end, last)
        self.ranges = sorted(kept + [(begin, end)])


def read_tshark(capture):
    """{stream: [packet, ...]} in the order of the file."""
    command = ["tshark", "-n", "-r", capture, "-Y", "tcp", "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    streams = OrderedDict()
    for line in output.splitlines():
        row = dict(zip([field.rsplit(".", 1)[1] for field in FIELDS], line.split("\t")))
        packet = {"number": int(row["number"]), "sender": f"{row['src']}:{row['srcport']}",
                  "sequence": int(row["seq_raw"]), "length": int(row["len"]), "flags": int(row["flags"], 16),
                  "rtt": float(row["ack_rtt"]) if row["ack_rtt"] else None,
                  "acks": int(row["acks_frame"]) if row["acks_frame"] else None,
                  "resent": bool(row["retransmission"] or row["fast_retransmission"] or
                                 row["spurious_retransmission"])}
        packet.update({name: bool(row[name]) for name in
                       ("out_of_order", "keep_alive", "zero_window_probe", "duplicate_ack")})
        streams.setdefault(row["stream"], []).append(packet)
    return streams


def read_ours(program, capture):
    """{number of the first packet, from 1: flow}."""
    lines = subprocess.run([program, capture], capture_output=True, text=True, check=True).stdout.splitlines()
    names = lines[0].split("\t")
    rows = [dict(zip(names, line.split("\t"))) for line in lines[1:]]
    return {int(row["first_packet"]) + 1: row for row in rows if row["protocol"] == "6"}


def judge(packet, seen, reasons):
    """Adds a packet to its side. Returns (repeats, fills a hole), and counts the reason when tshark says otherwise;
    None in place of a reason is a difference without one."""
    begin = seen.position(packet["sequence"] + bool(packet["flags"] & SYN))
    end = begin + packet["length"]
    repeats = fills = False
    packet["new_end"] = end > begin and seen.known(end - 1, end) == 0
    if packet["length"]:
        known = seen.known(begin, end)
        alive = packet["keep_alive"] and packet["length"] == 1
        repeats = known > 0 and not alive
        below = begin if seen.highest is None else max(begin, min(end, seen.highest))
        fills = seen.known(begin, below) < below - begin
        if alive and not packet["resent"]:
            reasons["keep-alive"] += 1
        elif repeats and not packet["resent"]:
            probe = known == 1 and begin == seen.probe
            reasons["probe" if probe else "quick repeat" if packet["out_of_order"] else None] += 1
        elif fills and not repeats and packet["resent"]:
            reasons["late"] += 1
        elif fills != packet["out_of_order"] and not (fills and repeats):
            reasons[None] += 1
        elif packet["resent"] and not repeats:
            reasons[None] += 1
        seen.add(begin, end)
        seen.probe = begin if packet["zero_window_probe"] else seen.probe
    elif packet["resent"]:
        reasons["handshake" if packet["flags"] & (SYN | FIN) else None] += 1
    if packet["length"] or seen.highest is None:
        seen.highest = end if seen.highest is None else max(seen.highest, end)
    packet["begin"], packet["end"] = begin - bool(packet["flags"] & SYN), end + bool(packet["flags"] & FIN)
    return repeats, fills


def sent_again(packet, sent, acknowledged_by):
    """Whether a segment, or an earlier one, was sent again before the packet that acknowledges it."""
    again = [other for other in sent if packet["number"] < other["number"] < acknowledged_by and
             other["begin"] < packet["end"] and other["begin"] != other["end"]]
    if any(other["begin"] < packet["end"] and other["end"] > packet["begin"] for other in again):
        return "time of a repeat"
    return "time behind a repeat" if any(other["end"] <= packet["begin"] for other in again) else None


def compare_times(sender, packets, flow, side, reasons):
    """Differences of round-trip times of one side's segments."""
    sent = [packet for packet in packets if packet["sender"] == sender]
    by_number = {packet["number"]: packet for packet in sent}
    times = []
    for packet in packets:
        if packet["sender"] == sender or packet["rtt"] is None:
            continue
        segment = by_number.get(packet["acks"])
        reason = None
        if segment is not None:
            again = segment["resent"] or segment["out_of_order"]
            old = (again and not segment["new_end"]) or segment["keep_alive"]
            reason = "time of a repeat" if old else sent_again(segment, sent, packet["number"])
        if reason is not None:
            reasons[reason] += 1
        else:
            times.append(packet["rtt"])
    count, mean = int(flow[f"{side}_rtts"]), float(flow[f"{side}_rtt_mean"])
    if len(times) != count:
        yield f"{count} times, tshark {len(times)} of segments sent once"
    elif times and abs(sum(times) / len(times) - mean) > 1e-9 + 1e-9 * mean:
        yield f"mean time {mean}, tshark {sum(times) / len(times)}"


def compare_flow(packets, flow, reasons):
    """Differences of one flow, as texts."""
    seen = {"client": Seen(), "server": Seen()}
    found = {side: Counter() for side in seen}
    side_of = {flow["client"]: "client", flow["server"]: "server"}
    for packet in packets:
        side = side_of[packet["sender"]]
        without = reasons[None]
        repeats, fills = judge(packet, seen[side], reasons)
        found[side].update(retransmitted_packets=repeats, out_of_order_packets=fills,
                           duplicates=packet["duplicate_ack"])
        if reasons[None] > without:
            yield f"packet {packet['number']}: marked otherwise, without a reason: {packet}"
    for side, other in (("client", "server"), ("server", "client")):
        for column in ("retransmitted_packets", "out_of_order_packets"):
            if found[side][column] != int(flow[f"{side}_{column}"]):
                yield f"{side}: {column} {flow[f'{side}_{column}']}, by byte ranges {found[side][column]}"
        reasons["duplicates"] += abs(found[other]["duplicates"] - int(flow[f"{side}_duplicate_acks"]))
        for text in compare_times(flow[side], packets, flow, side, reasons):
            yield f"{side}: {text}"


def compare(program, capture, totals, reasons):
    """Prints and counts the differences of one capture that have no reason."""
    flows, errors = read_ours(program, capture), 0
    for packets in read_tshark(capture).values():
        flow = flows.pop(packets[0]["number"], None)
        totals.update(flows=1, packets=len(packets), retransmissions=sum(packet["resent"] for packet in packets),
                      reordered=sum(packet["out_of_order"] for packet in packets),
                      times=sum(packet["rtt"] is not None for packet in packets))
        texts = ["no such flow"] if flow is None else list(compare_flow(packets, flow, reasons))
        for text in texts:
            print(f"{capture}: packet {packets[0]['number']}: {text}")
        errors += len(texts)
    for number in flows:
        print(f"{capture}: packet {number}: a flow that is none to tshark")
        errors += 1
    reasons.pop(None, None)
    return errors


# Made captures: (ms, from the server, flags, sequence, payload, acknowledgement[, window]).
OPEN = [(0, 0, SYN, 1000, 0, 0), (10, 1, SYN | ACK, 5000, 0, 1001), (20, 0, ACK, 1001, 0, 5001),
        (30, 0, PSH | ACK, 1001, 90, 5001), (40, 1, ACK, 5001, 0, 1091)]


def data(at, sequence, payload=1000, flags=ACK):
    return (at, 1, flags, sequence, payload, 1091)


def answer(at, acknowledgement, window=500):
    return (at, 0, ACK, 1091, 0, acknowledgement, window)


# name: packets, reasons that must be found and how often; for the server retransmitted, out of order, times.
MADE = {
    "nothing": (OPEN + [data(50, 5001), answer(60, 6001)], {}, (0, 0, 2)),
    "acknowledged by twos": (OPEN + [data(50, 5001), data(51, 6001), answer(60, 7001)], {}, (0, 0, 2)),
    "reordered": (OPEN + [data(50, 6001), data(51, 5001), answer(60, 7001)], {"time behind a repeat": 1}, (0, 1, 1)),
    "hole filled late": (OPEN + [data(50, 6001), data(350, 5001), answer(360, 7001)],
                         {"late": 1, "time behind a repeat": 1}, (0, 1, 1)),
    "hole filled after three duplicates": (
        OPEN + [data(50, 5001), answer(60, 6001), data(61, 7001), data(62, 8001), data(63, 9001), data(64, 10001),
                answer(65, 6001), answer(66, 6001), answer(67, 6001), answer(68, 6001), data(70, 6001),
                answer(80, 11001)],
        {"late": 1, "time behind a repeat": 1}, (0, 1, 2)),
    "sent again after a time-out": (OPEN + [data(50, 5001), data(350, 5001), answer(360, 6001)],
                                    {"time of a repeat": 1}, (1, 0, 1)),
    "sent again though acknowledged": (OPEN + [data(50, 5001), answer(60, 6001), data(350, 5001), answer(360, 6001)],
                                       {"time of a repeat": 1, "duplicates": 1}, (1, 0, 2)),
    "old and new bytes": (OPEN + [data(50, 5001), data(350, 5501), answer(360, 6501)], {}, (1, 0, 2)),
    "keep-alive": (OPEN + [data(50, 5001), answer(60, 6001), data(9000, 6000, 1), answer(9001, 6001)],
                   {"keep-alive": 1, "time of a repeat": 1}, (0, 0, 2)),
    "window probe": (OPEN + [data(50, 5001), answer(60, 6001, 0), data(260, 6001, 1), answer(261, 6001, 0),
                             answer(460, 6001), data(470, 6001), answer(480, 7001)],
                     {"probe": 1, "duplicates": 1}, (1, 0, 3)),
    "empty segments of an e1000": (
        OPEN + [data(50, 5001), answer(51, 6001), data(52, 6001, 0, PSH | ACK), data(53, 6001), answer(60, 7001)],
        {"duplicates": 1}, (0, 0, 3)),
    "SYN again": ([OPEN[0], (1000, 0, SYN, 1000, 0, 0)] + [(row[0] + 1000, *row[1:]) for row in OPEN[1:]],
                  {"handshake": 1, "time of a repeat": 1}, (0, 0, 1)),
    "FIN again": (OPEN + [data(50, 5001, 0, FIN | ACK), data(400, 5001, 0, FIN | ACK), answer(410, 5002)],
                  {"handshake": 1, "time of a repeat": 1}, (0, 0, 1)),
}


def write_made(path, packets):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for number, (at, server, flags, sequence, payload, acknowledgement, *window) in enumerate(packets):
            ends = ((b"\x0a\0\0\x02", 40000), (b"\x0a\0\0\x01", 80))
            source, destination = ends[::-1] if server else ends
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + payload, number + 1, 0x4000, 64, 6, 0, source[0],
                             destination[0])
            tcp = struct.pack(">HHIIBBHHH", source[1], destination[1], sequence, acknowledgement, 5 << 4, flags,
                              window[0] if window else 500, 0, 0)
            file.write(struct.pack("<IIII", 1_500_000_000 + at // 1000, at % 1000 * 1000, 40 + payload, 40 + payload))
            file.write(ip + tcp + bytes(payload))


def compare_made(program, folder, totals):
    errors = 0
    for name, (packets, expected, server) in MADE.items():
        path, reasons = os.path.join(folder, "made.pcap"), Counter()
        write_made(path, packets)
        found = compare(program, path, totals, reasons)
        flow = next(iter(read_ours(program, path).values()))
        numbers = tuple(int(flow[f"server_{column}"]) for column in
                        ("retransmitted_packets", "out_of_order_packets", "rtts"))
        if +reasons != Counter(expected) or (server is not None and numbers != server):
            print(f"made, {name}: reasons {dict(+reasons)}, expected {expected}; {numbers}, expected {server}")
            found += 1
        if found:
            print(f"made, {name}: {found} differences")
        errors += found
    return errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list_flows")
    parser.add_argument("--all", action="store_true", help="every repetition, not the first only")
    parser.add_argument("captures", nargs="*")
    arguments = parser.parse_args()
    if shutil.which("tshark") is None:
        print("skipped: tshark is not installed")
        return SKIPPED
    captures = arguments.captures or compare_flows.find_captures(arguments.all)
    totals, reasons = Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        errors = compare_made(arguments.list_flows, folder, totals)
    if not captures:
        print("no recorded campaigns found: made captures only")
    for capture in captures:
        errors += compare(arguments.list_flows, capture, totals, reasons)
    print(f"{len(captures)} recorded captures, {len(MADE)} made ones: {totals['flows']} flows, "
          f"{totals['packets']} packets; by tshark {totals['retransmissions']} retransmissions, "
          f"{totals['reordered']} out of order, {totals['times']} round-trip times")
    for reason, count in sorted((+reasons).items()):
        print(f"  {count} of the recorded ones: {REASONS[reason]}")
    print(f"{errors} differences without a reason")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
