#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Too little memory: one sentence and status 1, nothing under the final name, and never other results.

Two ways: a limit (--memory) that a small file exceeds, and single allocations that fail (FAIL_ALLOCATION is the library that
makes them). TWINBED_POINTS is how many of the allocations of each command fail in turn, spread evenly; 0: all of them."""
import gzip
import os
import re
import struct
import subprocess
import unittest
import unittest.mock

from command import BAD_USAGE, DAMAGED, FAILED, GOOD, LAUNCHER, MANIFEST, PROGRAM, SAMPLE, Case, main, read_bytes

FAIL_ALLOCATION = os.environ.get("FAIL_ALLOCATION", "")
POINTS = int(os.environ.get("TWINBED_POINTS", "6"))
ONE_RUN = ("--only", "testbed=e1000", "--only", "size=500B", "--only", "rep=01", "--only", "instrumented=true")


def write_conversations(path, count, protocol):
    """A capture in which each packet begins a conversation of its own: UDP (17) or TCP (6)."""
    transport = bytes(8) if protocol == 17 else struct.pack(">IIBBHHH", 7, 0, 0x50, 2, 1000, 0, 0)
    size = 14 + 20 + 4 + len(transport)
    packets = bytearray(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(count):
        packets += struct.pack("<IIII", 1700000000, i % 1000000, size, size) + bytes(12) + b"\x08\x00"
        packets += struct.pack(">BBHHHBBHII", 0x45, 0, size - 14, 0, 0, 64, protocol, 0, 0x0a000000 + (i >> 15), 0x0a800001)
        packets += struct.pack(">HH", 1024 + (i & 32767), 53) + transport
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(packets)


class Limits(Case):
    def test_one_capture(self):
        """1 MB that takes 130: what, how much, and what to do."""
        for protocol, rules in ((17, "twinbed"), (6, "tcptrace")):
            with self.subTest(rules):
                write_conversations("many.pcap.gz", 100000, protocol)
                done = self.twinbed("flows", "many.pcap.gz", "--rules", rules, "--memory", "80", status=FAILED)
                self.assert_one_line(done, "many.pcap.gz: out of memory for ", "this process may take 80 MB",
                                     "--memory gives it more")
                self.twinbed("flows", "many.pcap.gz", "--rules", rules, "--memory", "1000", status=GOOD)

    def test_a_job(self):
        """Every rank leaves, parts stay, and a further start with enough ends as if nothing had been."""
        manifest = self.copy_sample("500B-c4", testbeds=("veth", "e1000"), repetitions=("rep-01",))
        write_conversations("sample/e1000/500B-c4/rep-01/link.pcap.gz", 100000, 17)
        job = ("analyze", manifest, "--threads", "1")
        for ranks in (0, 2):
            done = self.twinbed(*job, "-o", "x.h5", "--memory", "80", "--quiet", status=FAILED, ranks=ranks)
            said = [line for line in done.stderr.splitlines() if line.startswith("twinbed: error: ")]
            self.assertEqual(len(said), 1, done.stderr)
            self.assertIn("e1000/500B-c4/rep-01/link.pcap.gz: out of memory for ", said[0])
        self.assert_nothing_is_left("sample")
        self.twinbed(*job, "-o", "x.h5", "--memory", "1000", status=DAMAGED)
        self.twinbed(*job, "-o", "y.h5", "--parts", "other", status=DAMAGED)
        self.assert_same_results("x.h5", "y.h5")

    def test_what_limits_there_are(self):
        for wrong in ("0", "-5", "much", "1e3"):
            self.assert_one_line(self.twinbed("flows", "x", "--memory", wrong, status=BAD_USAGE), "--memory wants a number")

    def test_a_limit_from_outside_stays(self):
        write_conversations("many.pcap.gz", 100000, 17)
        done = subprocess.run(["sh", "-c", f"ulimit -d 60000; {PROGRAM} flows many.pcap.gz --memory 1000"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, FAILED)
        self.assert_one_line(done, "many.pcap.gz: out of memory for ")

    def test_latency_sessions_are_bounded(self):
        for sessions, status in ((16384, GOOD), (16385, DAMAGED)):
            os.makedirs("a/1", exist_ok=True)
            with open("a/1/o.sum", "w", encoding="ascii") as file:
                file.write("SUMMARY\t3.00\nLOST\t0\nMAXTTL\t1\n" * sessions)
            with open("campaign.yaml", "w", encoding="ascii") as file:
                file.write("campaign: x\nbaseline: a\nruns: '{testbed}/{rep}'\nartifacts: {latency: o.sum}\n")
            done = self.twinbed("check", "campaign.yaml", status=status)
            self.assertEqual("more than 16384 sessions" in done.stdout, status == DAMAGED, done.stdout)


@unittest.skipUnless(FAIL_ALLOCATION, "no library that lets allocations fail")
class Failures(Case):
    launcher = []

    def run_with(self, arguments, **variables):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **{name: str(value) for name, value in variables.items()}}
        return subprocess.run([*self.launcher, "env", f"LD_PRELOAD={FAIL_ALLOCATION}", PROGRAM, *arguments],
                              capture_output=True, text=True, check=False, timeout=120, env=environment)

    def count(self, arguments):
        done = self.run_with(arguments, COUNT_ALLOCATIONS="count")
        number = int(read_bytes("count"))
        os.remove("count")
        self.assertGreater(number, 20)
        return done, number

    def fail_each(self, arguments, output, is_same):
        """output: a file that the command writes, or None. is_same: of it, where the command does not say that it failed."""
        good, number = self.count(arguments)
        step = max(1, number // POINTS) if POINTS else 1
        for point in range(1, number + 1, step):
            for mode in ({}, {"FAIL_ALL_AFTER": 1}):
                if output and os.path.exists(output):
                    os.remove(output)
                done = self.run_with(arguments, FAIL_ALLOCATION=point, **mode)
                said = f"{point} of {number} {mode}: status {done.returncode}, {done.stderr}"
                if done.returncode == FAILED:
                    self.assertRegex(done.stderr, r"memory", said)
                    self.assertEqual(done.stderr.count("twinbed: error: "), 1, said)
                    self.assertFalse(output and os.path.exists(output), said)
                else:
                    self.assertEqual((done.returncode, done.stdout), (good.returncode, good.stdout), said)
                    self.assertTrue(is_same(), said)

    def test_check(self):
        self.fail_each(("check", MANIFEST, *ONE_RUN), None, lambda: True)

    def test_analyze(self):
        self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "good.h5")
        def is_same():
            self.assert_same_results("good.h5", "x.h5")
            return True
        self.fail_each(("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "x.h5", "--parts", "parts"), "x.h5", is_same)

    def test_two_ranks(self):
        """One of them is short of memory: both leave, with one sentence."""
        self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "good.h5")
        def is_same():
            self.assert_same_results("good.h5", "x.h5")
            return True
        self.launcher = [LAUNCHER, "--oversubscribe", "--bind-to", "none", "-n", "2"]
        for rank in ("0", "1"):
            with unittest.mock.patch.dict(os.environ, {"FAIL_RANK": rank}):
                self.fail_each(("analyze", MANIFEST, *ONE_RUN, "--quiet", "--threads", "1", "-o", "x.h5", "--parts", "parts"),
                               "x.h5", is_same)

    def test_report(self):
        self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "good.h5")
        self.twinbed("report", "good.h5", "-o", "good.html")
        self.fail_each(("report", "good.h5", "-o", "x.html"), "x.html",
                       lambda: read_bytes("x.html") == read_bytes("good.html"))

    def test_compare_and_export(self):
        self.twinbed("analyze", MANIFEST, *ONE_RUN, "--quiet", "-o", "good.h5")
        self.fail_each(("compare", "good.h5", "good.h5"), None, lambda: True)


if __name__ == "__main__":
    main()
