#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of strace in the place of scap files: every command takes them."""
import gzip
import os
import shutil

from command import DAMAGED, FAILED, Case, main, outcome

FIXTURES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fixtures", "strace")


class Strace(Case):
    def setUp(self):
        super().setUp()
        for testbed in ("veth", "virtio"):
            for repetition in ("1", "2"):
                place = f"data/{testbed}/rep-{repetition}"
                os.makedirs(place)
                shutil.copy(os.path.join(FIXTURES, "ab.txt"), place)
                shutil.copy(os.path.join(FIXTURES, "client.strace.gz"), place)
                with gzip.open(os.path.join(FIXTURES, "server.strace.gz"), "rb") as text:
                    self.write(f"{place}/server.strace", text.read())
        self.write("campaign.yaml", self.twinbed("init", "data").stdout.encode())

    @staticmethod
    def write(path, content):
        with open(path, "wb") as file:
            file.write(content)

    def analyze(self, results, **keywords):
        return outcome(self.twinbed("analyze", "campaign.yaml", "-o", results, "--parts", f"{results}.parts",
                                    **keywords))

    def test_calls(self):
        listed = self.twinbed("calls", "data/veth/rep-1/server.strace").stdout.splitlines()
        self.assertEqual([row.split() for row in listed[1:]], [["webd", "299", "2", "3", "0", "41"]])
        counted = self.twinbed("calls", "data/veth/rep-1/server.strace", "--process", "webd").stdout
        self.assertIn(["write", "80", "0", "22640"], [row.split() for row in counted.splitlines()])

    def test_campaign(self):
        with open("campaign.yaml", encoding="utf-8") as file:
            drafted = file.read()
        self.assertIn('trace: {client: "client.strace.gz", server: "server.strace"}', drafted)
        self.assertIn('process: {client: "ab", server: "webd"}', drafted)
        self.assertIn("12 artifacts readable, 0 missing, 0 not what they should be",
                      self.twinbed("check", "campaign.yaml").stdout)
        self.twinbed("plan", "campaign.yaml", "--ranks", "2")
        self.assertEqual(self.analyze("alone.h5")["used"], 12)
        self.analyze("ranks.h5", ranks=2)
        self.assert_same_results("alone.h5", "ranks.h5")
        import h5py
        with h5py.File("alone.h5", "r") as results:
            names = [name.decode() for name in results["metrics/metric_name"][()]]
            values = dict(zip(names, results["metrics/run_value"][0]))
            # What ab says it received, per request, and its connections.
            self.assertEqual(values["server_write_bytes_per_request"], 22640 / 40)
            self.assertEqual(values["server_connections_per_request"], 41 / 40)
            self.assertNotEqual(values["server_context_switches_per_request"],
                                values["server_context_switches_per_request"])

    def test_a_text_of_perf_is_a_trace_too(self):
        line = b"  webd 7/7 [000] %d.000000001: raw_syscalls:%s\n"
        text = b"".join(line % pair for number in range(40) for pair in (
            (number, b"sys_enter: NR 0 (3, 7f, 0, 37f, 0, 0)"), (number, b"sys_exit: NR 0 = 10")))
        path = "data/veth/rep-1/server.strace"
        self.write(path, b"# arch : x86_64\n" + text)
        for rank_count in (1, 2):
            self.analyze(f"perf{rank_count}.h5", ranks=rank_count, status=DAMAGED)
        self.assert_same_results("perf1.h5", "perf2.h5")
        formats = self.twinbed("export", "perf1.h5", "--table", "quality").stdout
        self.assertIn("text of perf script", formats)
        self.assertIn("\nread", self.twinbed("calls", path, "--process", "webd").stdout)
        self.write(path, text)
        done = self.twinbed("calls", path, "--process", "webd", status=FAILED)
        self.assertIn("it does not say which processor perf recorded on; print the recording again: perf script --header",
                      done.stderr)

    def test_a_cut_line_is_said(self):
        with open("data/veth/rep-1/server.strace", "rb") as file:
            text = file.read()
        at = text.index(b"\n", len(text) // 2) + 1
        cut = text.index(b"\n", at)
        self.write("data/veth/rep-1/server.strace", text[:cut - 30] + text[cut:])
        done = self.twinbed("calls", "data/veth/rep-1/server.strace", "--process", "webd", status=DAMAGED)
        self.assertIn(f"corrupt at offset {at}: ", done.stderr)
        self.assertIn("1 lines are cut or none of strace's", done.stderr)
        self.assertEqual(self.analyze("cut.h5", status=DAMAGED)["damaged"], 1)


main()
