#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One-way delays of a campaign with captures at both ends and OWAMP packets in them.

usage: check_delays.py TWINBED MPIEXEC DIRECTORY

Two testbeds, two repetitions. Each request is one connection of ten packets; packet n of a direction takes
(n mod 20) steps longer than the quickest, and the clocks of the ends differ by seconds. So of every twenty packets the
95th percentile is 18 steps and the median 9. Every tenth packet of the client is not captured at the server. The
results are held against these numbers and must not depend on the number of ranks. Exit status 77: no h5py."""
import math
import os
import shutil
import statistics
import struct
import subprocess
import sys

from made_texts import ab_text, owping

REQUESTS = 40
STEP = {"physical": 10_000, "virtual": 100_000}  # ns
CLIENT, SERVER = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
BEGIN = 1_500_000_000_000_000_000
SERVER_AHEAD = 7_000_000_000
FIN, SYN, ACK = 1, 2, 16
LOST = 10  # one in so many
SNAP = 80


def tcp(from_server, port, sequence, acknowledgement, flags, payload, number):
    source, destination = (SERVER, CLIENT) if from_server else (CLIENT, SERVER)
    ports = (8080, port) if from_server else (port, 8080)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + payload, number % 65536, 0, 64, 6, 0) + source + destination
    return ip + struct.pack(">HHIIBBHHH", *ports, sequence, acknowledgement, 5 << 4, flags, 1000, 0, 0), payload


def udp(to_server, sequence, sent):
    source, destination = (CLIENT, SERVER) if to_server else (SERVER, CLIENT)
    seconds, rest = divmod(sent, 1_000_000_000)
    test = struct.pack(">IIIBB", sequence, (seconds + 2_208_988_800) % 2 ** 32, (rest << 32) // 1_000_000_000, 0x85, 1)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 28 + 14, 0, 0, 64, 17, 0) + source + destination
    return ip + struct.pack(">HHHH", 9000, 9001, 22, 0) + test, 0


def connection(port):
    """(from server, sequence, acknowledgement, flags, payload) of one request and its reply."""
    return [(False, 1000, 0, SYN, 0), (True, 5000, 1001, SYN | ACK, 0), (False, 1001, 5001, ACK, 0),
            (False, 1001, 5001, ACK, 80), (True, 5001, 1081, ACK, 1000), (True, 6001, 1081, ACK, 1000),
            (False, 1081, 7001, ACK, 0), (True, 7001, 1081, FIN | ACK, 0), (False, 1081, 7002, FIN | ACK, 0),
            (True, 7002, 1082, ACK, 0)]


class Captures:
    def __init__(self, step):
        self.step = step
        self.client, self.server = [], []  # (time, packet, payload)
        self.delays = {False: [], True: []}  # by from_server: of packets at both ends
        self.sent = {False: 0, True: 0}

    def send(self, time, from_server, packet, payload, lost):
        delay = 1_000_000 + self.sent[from_server] % 20 * self.step
        self.sent[from_server] += 1
        ends = (self.server, self.client) if from_server else (self.client, self.server)
        ahead = (SERVER_AHEAD, 0) if from_server else (0, SERVER_AHEAD)
        ends[0].append((time + ahead[0], packet, payload))
        if not lost:
            ends[1].append((time + delay + ahead[1], packet, payload))
            self.delays[from_server].append(delay)


def write_pcap(path, packets):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, SNAP, 101))
        for time, packet, payload in sorted(packets, key=lambda each: each[0]):
            file.write(struct.pack("<IIII", time // 10 ** 9, time % 10 ** 9, len(packet), len(packet) + payload))
            file.write(packet)


def add_tests(captures):
    """100 test packets each way, 20 ms apart, as the client captures them; every fourth one is slower while the load
    runs, and wildly slow before. They begin a second before it."""
    for number in range(100):
        sent = BEGIN - 1_000_000_000 + number * 20_000_000
        slow = number % 4 * (captures.step if number >= 50 else 50 * captures.step)
        captures.client.append((sent + slow, *udp(True, number, sent - 3_000_000_000)))
        captures.client.append((sent + 2 * slow, *udp(False, number, sent + 9_000_000_000)))


def write_run(directory, step):
    captures = Captures(step)
    number = 0
    for request in range(REQUESTS):
        for from_server, sequence, acknowledgement, flags, payload in connection(request):
            time = BEGIN + number * 2_000_000
            number += 1
            lost = not from_server and captures.sent[False] % LOST == LOST - 1
            captures.send(time, from_server,
                          *tcp(from_server, 20000 + request, sequence, acknowledgement, flags, payload, number), lost)
    add_tests(captures)
    os.makedirs(directory)
    write_pcap(os.path.join(directory, "client.pcap"), captures.client)
    write_pcap(os.path.join(directory, "server.pcap"), captures.server)
    with open(os.path.join(directory, "ab.txt"), "w") as file:
        file.write(ab_text("10.0.0.2", REQUESTS, 1800, 100, 12))
    with open(os.path.join(directory, "owping.txt"), "w") as file:
        file.write(owping("10.0.0.1", "10.0.0.2", 0.1, 0.3))
    return captures


MANIFEST = """campaign: delays
baseline: physical
runs: "{testbed}/rep-{rep}"
artifacts:
  ab: ab.txt
  capture: {client: client.pcap, server: server.pcap}
  latency: owping.txt
coverage: 0.5
"""


def expected_of(captures):
    """{metric: milliseconds or share}."""
    found = {}
    for direction, from_server in (("to_server", False), ("to_client", True)):
        delays = captures.delays[from_server]
        ordered = sorted(delays)
        changes = sorted(abs(b - a) for a, b in zip(delays, delays[1:]))
        place = lambda values, hundredths: values[math.ceil(len(values) * hundredths / 100) - 1]
        found["path_variation_" + direction] = (place(ordered, 95) - place(ordered, 50)) / 1e6
        found["path_deviation_" + direction] = statistics.stdev(delays) / 1e6
        found["path_delay_change_" + direction] = place(changes, 50) / 1e6
        found["path_matched_" + direction] = len(delays) / captures.sent[from_server]
    return found


def under_load(captures):
    """The load begins with the first request and ends with the last payload of a reply."""
    requests = [time for time, packet, payload in captures.client if payload == 80]
    replies = [time for time, packet, payload in captures.client if payload == 1000]
    return min(requests), max(replies)


def expected_load(captures):
    """Exact jitter and change of the test packets captured under load, by direction."""
    begin, end = under_load(captures)
    found = {}
    for to_server in (True, False):
        delays = []
        for number in range(100):
            sent = BEGIN - 1_000_000_000 + number * 20_000_000
            slow = number % 4 * (captures.step if number >= 50 else 50 * captures.step) * (1 if to_server else 2)
            if begin <= sent + slow <= end:
                delays.append(slow)
        ordered = sorted(delays)
        changes = sorted(abs(b - a) for a, b in zip(delays, delays[1:]))
        direction = "to_server" if to_server else "to_client"
        assert len(delays) >= 20, len(delays)
        found["load_jitter_" + direction] = (ordered[math.ceil(len(ordered) * 0.95) - 1] -
                                             ordered[math.ceil(len(ordered) * 0.5) - 1]) / 1e6
        found["load_delay_change_" + direction] = changes[math.ceil(len(changes) * 0.5) - 1] / 1e6
    found["load_jitter"] = (found["load_jitter_to_server"] + found["load_jitter_to_client"]) / 2
    return found


def check(path, runs):
    import h5py
    errors = 0
    with h5py.File(path) as results:
        names = [name.decode() for name in results["metrics/metric_name"][:]]
        order = [name.decode() for name in results["campaign/run_name"][:]]
        values = results["metrics/run_value"][:]
        for run, captures in runs.items():
            expected = expected_of(captures)
            expected.update(expected_load(captures))
            for name, number in expected.items():
                value = values[order.index(run), names.index(name)]
                if not abs(value - number) <= 2e-6:  # owamp's fractions, and no more
                    print(f"{run}: {name} is {value}, expected {number}")
                    errors += 1
        sessions = [text.decode() for text in results["net/test_session_from"][:]]
        # Two a run, in the captures of the client.
        if sorted(sessions) != sorted(len(runs) * ["10.0.0.1:9000", "10.0.0.2:9000"]):
            print(f"test sessions: {sessions}")
            errors += 1
    return errors


def analyse(command):
    status = subprocess.run([*command, "--quiet"]).returncode
    if status not in (0, 3):
        sys.exit(f"exit status {status}: {' '.join(command)}")


def main():
    twinbed, mpiexec, directory = sys.argv[1:]
    try:
        import h5py  # noqa: F401
    except ImportError:
        print("skipped: no Python with h5py")
        return 77
    shutil.rmtree(directory, ignore_errors=True)
    runs = {}
    for testbed, step in STEP.items():
        for rep in (1, 2):
            name = f"{testbed}/rep-{rep}"
            runs[name] = write_run(os.path.join(directory, name), step)
    manifest = os.path.join(directory, "campaign.yaml")
    with open(manifest, "w") as file:
        file.write(MANIFEST)
    alone, three = (os.path.join(directory, name) for name in ("alone.h5", "three.h5"))
    analyse([twinbed, "analyze", manifest, "-o", alone])
    analyse([mpiexec, "--oversubscribe", "--bind-to", "none", "-n", "3", twinbed, "analyze", manifest, "-o", three])
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run([sys.executable, os.path.join(here, "..", "cli", "compare_results.py"), alone, three], check=True)
    errors = check(alone, runs)
    print(f"{errors} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
