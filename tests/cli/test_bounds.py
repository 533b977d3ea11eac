#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small files that stand for much: what analyze takes for them stays below stated bounds of memory and time.

Each file declares a number of something (flows, ports, threads, bytes). The bound is so many bytes for each, beside what any job
takes. TWINBED_SCALE multiplies the numbers: 1 (the default) is quick; 20 is the full size, and prints what was measured."""
import gzip
import os
import shutil
import struct
import subprocess

from command import BAD_USAGE, DAMAGED, GOOD, PROGRAM, Case, main

SCALE = int(os.environ.get("TWINBED_SCALE", "1"))
ANY_JOB = 64 << 20  # bytes
MIB = 1 << 20


def capture(packets):
    """A pcap file; packets are bytes of Ethernet frames, a microsecond apart."""
    yield struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
    for i, packet in enumerate(packets):
        yield struct.pack("<IIII", 1700000000 + i // 1000000, i % 1000000, len(packet), len(packet)) + packet


def ip(protocol, payload, source=0x0a000001, target=0x0a800001, fragment=0, number=0):
    return bytes(12) + b"\x08\x00" + struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(payload), number, fragment, 64, protocol, 0,
                                                 source, target) + payload


def tcp(source, target, sequence, acknowledged, flags, data=b""):
    return struct.pack(">HHIIBBHHH", source, target, sequence & 0xffffffff, acknowledged, 0x50, flags, 65535, 0, 0) + data


def conversations(count, protocol):
    for i in range(count):
        ports = struct.pack(">HH", 1024 + (i & 32767), 53)
        yield ip(protocol, ports + bytes(4) if protocol == 17 else tcp(1024 + (i & 32767), 53, 7, 0, 2),
                 source=0x0a000000 + (i >> 15))


def scan(count):
    """Connections to every port."""
    for port in range(1, count + 1):
        yield ip(6, tcp(40000, port, 1, 0, 2))
        yield ip(6, tcp(port, 40000, 1, 2, 0x12), 0x0a800001, 0x0a000001)
        yield ip(6, tcp(40000, port, 2, 2, 0x18, b"x" * 10))
        yield ip(6, tcp(40000, port, 12, 2, 4))


def fragments(count):
    """First fragments, of which the others never come."""
    for i in range(count):
        yield ip(17, b"abcdefgh", number=i & 0xffff, source=0x0a000000 + (i >> 16), fragment=0x2000)


def connection(count, step):
    """Segments that are never acknowledged, with step 2 a hole before each."""
    yield ip(6, tcp(40000, 80, 1, 0, 2))
    yield ip(6, tcp(80, 40000, 1, 2, 0x12), 0x0a800001, 0x0a000001)
    for i in range(count):
        yield ip(6, tcp(40000, 80, 2 + step * i, 2, 0x10, b"x"))


def calls(count, line):
    yield b'1 1700000000.000000 execve("/usr/bin/ab", ["ab"], 0x7ffe /* 1 vars */) = 0 <0.000001>\n'
    for i in range(count):
        yield line % (i + 2, i % 1000000) if line.count(b"%") == 2 else line % (i % 1000000, i + 3)


def blocks(first, rest, count):
    yield first
    for _ in range(count):
        yield rest


SCAP = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 2, -1, 28)
THREAD = b'%d 1700000001.%06d read(3</x>, "", 1) = 0 <0.000001>\n'
DESCRIPTOR = b'1 1700000001.%06d openat(AT_FDCWD</>, "/x", O_RDONLY) = %d</x> <0.000001>\n'
REQUEST = b"Tue Dec 01 10:00:00 2026\t1796119200\t0\t1\t1\t0\n"
SESSION = b"SUMMARY\t3.00\nLOST\t0\nMAXTTL\t1\n"
EMPTY = struct.pack("<IIII", 0, 0, 0, 0) * 4096

# What: its artifact, how many at scale 1, what writes them, bytes for each, seconds for a million of them.
FILES = {
    "conversations of UDP": ("capture", 150000, lambda n: capture(conversations(n, 17)), 1300, 30),
    "connections that only begin": ("capture", 150000, lambda n: capture(conversations(n, 6)), 1300, 30),
    "ports that are scanned": ("capture", 3000, lambda n: capture(scan(n)), 10000, 100),
    "fragments without the others": ("capture", 50000, lambda n: capture(fragments(n)), 0, 5),
    "holes of one connection": ("capture", 50000, lambda n: capture(connection(n, 2)), 16, 10),
    "segments in flight": ("capture", 50000, lambda n: capture(connection(n, 1)), 0, 5),
    "packets without bytes": ("capture", 50000 // 4096 * 4096, lambda n: blocks(next(capture(())), EMPTY, n // 4096), 0, 5),
    "threads of a trace": ("trace", 50000, lambda n: calls(n, THREAD), 1000, 30),
    "descriptors of a trace": ("trace", 50000, lambda n: calls(n, DESCRIPTOR), 200, 30),
    "blocks without bytes": ("trace", 50000, lambda n: blocks(SCAP, struct.pack("<III", 0x216, 12, 12), n), 0, 5),
    "MiB of zeros behind a trace's head": ("trace", 51, lambda n: blocks(SCAP, bytes(MIB), n), 0, 20000),
    "MiB of zeros behind a capture's head": ("capture", 51, lambda n: blocks(next(capture(())), bytes(MIB), n), 0, 20000),
    "requests in ab's table": ("ab", 50000, lambda n: blocks(b"starttime\tseconds\tctime\tdtime\tttime\twait\n", REQUEST, n), 64, 10),
    "MiB of new lines as ab's text": ("ab", 51, lambda n: blocks(b"", b"\n" * MIB, n), 0, 20000),
    "MiB of zeros as ab's text": ("ab", 51, lambda n: blocks(b"", bytes(MIB), n), 0, 20000),
    "sessions of owping": ("latency", 8000, lambda n: blocks(b"", SESSION, n), 1100, 100),
    "MiB of new lines as owping's text": ("latency", 51, lambda n: blocks(b"", b"\n" * MIB, n), 0, 20000),
    "MiB of zeros as a log of the kernel": ("kernel_log", 51, lambda n: blocks(b"", bytes(MIB), n), 0, 20000),
    "brackets of JSON": ("metrics", 50000, lambda n: blocks(b"", b"[", n), 64, 10),
    "numbers of JSON": ("metrics", 50000, lambda n: blocks(b"[1", b",1", n), 300, 10),
    "columns of a table": ("metrics", 50000, lambda n: blocks(b"a", b",a", n), 300, 10),
}
ARTIFACTS = {
    "capture": "artifacts: {capture: {link: f}}", "trace": "process: {client: ab}\nartifacts: {trace: {client: f}}",
    "ab": "artifacts: {ab: {text: f, tsv: f}}", "latency": "artifacts: {latency: f}", "kernel_log": "artifacts: {kernel_log: f}",
    "metrics": "metrics:\n- {name: x, unit: s, file: f, json: /0, level: application}\n"
               "- {name: y, unit: s, file: f, column: a, take: mean, level: application}",
}


def run(*arguments):
    """(status, what was said, bytes at most, seconds of computing)"""
    with open("said", "w+", encoding="utf-8") as said:
        process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL, stderr=said,
                                   env={**os.environ, "OMP_NUM_THREADS": "1"})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        return process.returncode, said.read(), used.ru_maxrss * 1024, used.ru_utime + used.ru_stime


class Bounds(Case):
    def measure(self, kind, pieces):
        shutil.rmtree("a", ignore_errors=True)
        os.makedirs("a/1")
        with gzip.open("a/1/f", "wb", compresslevel=6) as file:
            file.writelines(pieces)
        with open("campaign.yaml", "w", encoding="ascii") as file:
            file.write(f"campaign: x\nbaseline: a\nruns: '{{testbed}}/{{rep}}'\n{ARTIFACTS[kind]}\n")
        measured = run("analyze", "campaign.yaml", "-o", "x.h5", "--force", "--quiet", "--threads", "1")
        shutil.rmtree("x.h5.parts", ignore_errors=True)
        return measured

    def test_small_files(self):
        for what, (kind, count, write, each, seconds) in FILES.items():
            with self.subTest(what):
                count = min(count * SCALE, 60000 if "ports" in what else 16384 if "owping" in what and each else count * SCALE)
                status, said, memory, time = self.measure(kind, write(count))
                if SCALE > 1:
                    print(f"{count:8} {what}: {os.path.getsize('a/1/f') / 1e6:.2f} MB, "
                          f"{(memory - 34e6) / 1e6:.0f} MB beside the job's own, {time:.1f} s", flush=True)
                self.assertIn(status, (GOOD, DAMAGED), said)
                self.assertLess(memory, ANY_JOB + each * count)
                self.assertLess(time, 2 + seconds * count / 1e6)

    def test_lengths_that_no_file_has(self):
        for kind, head in (("capture", next(capture(())) + struct.pack("<IIII", 1, 1, 0xffffffff, 0xffffffff)),
                           ("capture", SCAP + struct.pack("<II", 6, 0xfffffffc)),
                           ("trace", SCAP + struct.pack("<II", 0x216, 0xfffffffc)),
                           ("latency", b"OwA\0" + struct.pack(">IIQ", 3, 0xffffffff, 1 << 62))):
            with self.subTest(head[-8:]):
                status, said, memory, _ = self.measure(kind, [head, bytes(100)])
                self.assertEqual(status, DAMAGED, said)
                self.assertLess(memory, ANY_JOB)

    def test_files_in_files(self):
        """What is compressed twice is not what it is said to be."""
        status, _, memory, _ = self.measure("capture", [gzip.compress(b"".join(capture(scan(10))))])
        self.assertEqual(status, DAMAGED)
        self.assertLess(memory, ANY_JOB)

    def test_filters(self):
        """At most 4,096 characters: libpcap's compiler takes 10 GB for 160,000."""
        for count, good in ((4000, True), (160000, False)):
            expression = " or ".join(["tcp"] * (count // 7))
            with open("campaign.yaml", "w", encoding="ascii") as file:
                file.write(f"campaign: x\nbaseline: a\nruns: '{{testbed}}/{{rep}}'\nfilter: {expression}\n"
                           "artifacts: {capture: {link: f}}\n")
            os.makedirs("a/1", exist_ok=True)
            status, said, memory, time = run("check", "campaign.yaml")
            self.assertEqual(status == BAD_USAGE, not good, said)
            self.assertLess(memory, ANY_JOB)
            self.assertLess(time, 2)


if __name__ == "__main__":
    main()
