#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of strace in the place of scap files: every command takes them."""
import glob
import gzip
import os
import re
import shutil
import subprocess
import unittest

from command import BAD_USAGE, DAMAGED, FAILED, Case, main, outcome, read_bytes

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


def lines_of_processes(text):
    """What strace -ff writes of what strace -f did: whole calls, where they began, by process."""
    lines, open_calls = {}, {}
    for line in text.decode().splitlines():
        pid, rest = re.fullmatch(r"(\d+) +(.*)", line).groups()
        of_process = lines.setdefault(pid, [])
        resumed = re.fullmatch(r"\S+ <\.\.\. \S+ resumed>(.*)", rest)
        if resumed:
            of_process[open_calls.pop(pid)] += resumed.group(1)
        elif rest.endswith("<unfinished ...>"):
            open_calls[pid] = len(of_process)
            of_process.append(rest[:-len("<unfinished ...>")].rstrip())
        else:
            of_process.append(rest)
    return lines


def merged(lines):
    """In the order of time, of equal times in that of the processes: what strace-log-merge prints."""
    order = sorted(((float(line.split()[0]), int(pid), i, line) for pid in lines for i, line in enumerate(lines[pid])))
    return "".join(f"{pid} {line}\n" for _, pid, _, line in order).encode()


class OneFileAProcess(Case):
    """strace -ff: a trace in several files."""

    def setUp(self):
        super().setUp()
        with gzip.open(os.path.join(FIXTURES, "server.strace.gz"), "rb") as text:
            self.text = text.read()
        self.lines = lines_of_processes(self.text)
        self.assertGreater(len(self.lines), 2)
        self.names = [f"server.strace.{pid}" for pid in sorted(self.lines, key=int)]
        for pid, lines in self.lines.items():
            self.write(f"server.strace.{pid}", "".join(line + "\n" for line in lines).encode())
        self.write("merged.txt", merged(self.lines))

    @staticmethod
    def write(path, content):
        with open(path, "wb") as file:
            file.write(content)

    def calls(self, *files, status=0):
        return self.twinbed("calls", *files, status=status).stdout

    def test_calls_are_those_of_the_merged_text(self):
        self.assertEqual(self.calls(*self.names), self.calls("merged.txt"))
        self.assertEqual(self.calls(*reversed(self.names)), self.calls("merged.txt"))
        self.write("together.txt", self.text)
        self.assertEqual(self.calls(*self.names), self.calls("together.txt"))
        self.assertEqual(self.calls(*self.names, "--process", "webd"), self.calls("merged.txt", "--process", "webd"))
        for name in self.names[1:]:
            self.write(name + ".gz", gzip.compress(read_bytes(name)))
        self.assertEqual(self.calls(self.names[0], *[name + ".gz" for name in self.names[1:]]), self.calls("merged.txt"))

    def test_campaign(self):
        for testbed in ("veth", "virtio"):
            for repetition in ("1", "2"):
                for name in ("merged", "set"):
                    place = f"{name}/{testbed}/rep-{repetition}"
                    os.makedirs(place)
                    shutil.copy(os.path.join(FIXTURES, "ab.txt"), place)
                    for file in self.names if name == "set" else ["merged.txt"]:
                        shutil.copy(file, f"{place}/server.strace" if name == "merged" else place)
        for name in ("merged", "set"):
            drafted = self.twinbed("init", name).stdout
            self.write(f"{name}.yaml", drafted.encode())
            pattern = "server.strace.*" if name == "set" else "server.strace"
            self.assertIn(f'trace: {{server: "{pattern}"}}', drafted)
            self.assertRegex(drafted, r'process: \{.*server: "webd"')
            self.assertIn("8 artifacts readable, 0 missing, 0 not what they should be",
                          self.twinbed("check", f"{name}.yaml").stdout)
            self.twinbed("analyze", f"{name}.yaml", "-o", f"{name}.h5")
        self.twinbed("analyze", "set.yaml", "-o", "ranks.h5", ranks=2)
        self.assert_same_results("set.h5", "ranks.h5")
        import h5py
        with h5py.File("set.h5") as one, h5py.File("merged.h5") as other:
            self.assertEqual(one["metrics/metric_name"][()].tolist(), other["metrics/metric_name"][()].tolist())
            self.assertEqual(one["metrics/run_value"][()].tobytes(), other["metrics/run_value"][()].tobytes())
            self.assertIn(b"text of strace, merged", one["quality/format"][()].tolist())
        os.rename("set/veth/rep-1/" + self.names[0], "set/veth/rep-1/server.strace.0")
        done = self.twinbed("check", "set.yaml", status=DAMAGED)
        self.assertIn("server.strace.0  its name does not end with a process id", done.stdout + done.stderr)
        self.write("set/veth/rep-1/server.strace.old", b"")
        done = self.twinbed("check", "set.yaml", status=BAD_USAGE)
        self.assertIn("both match in one run; expected one file", done.stderr)

    def test_what_is_no_set_is_said(self):
        pids = sorted(self.lines, key=int)
        self.write("server.strace", b"1.5 read(3, \"\", 1) = 0\n")
        done = self.twinbed("calls", self.names[0], "server.strace", status=FAILED)
        self.assert_one_line(done, "server.strace: its name does not end with a process id ('.1234')")
        for line in (b"read(3, \"\", 1) = 0\n", b"     0.000123 read(3, \"\", 1) = 0\n", b"\x0a\x0d\x0d\x0a....\n"):
            self.write(self.names[1], line)
            self.assert_one_line(self.twinbed("calls", *self.names, status=FAILED),
                                 f"{self.names[1]}: its first line has no time, as strace -ff writes it with -ttt")
        at = len(self.lines[pids[0]]) // 2
        second = [line for line in self.lines[pids[0]]]
        self.write("one.10", "".join(line + "\n" for line in second[at:] + second[:at]).encode())
        self.write("one.11", b"")
        done = self.twinbed("calls", "one.10", "one.11", "--process", "webd")
        self.assertIn("1 lines are earlier than the one before: the clock was set, or passed midnight", done.stderr)

    def test_midnight_is_said(self):
        self.write("day.10", b'23:59:58.1 getpid() = 10\n00:00:01.1 getppid() = 1\n')
        self.write("day.11", b'23:59:59.1 getpid() = 11\n')
        self.assertIn("1 lines are earlier", self.twinbed("calls", "day.10", "day.11", "--process", "x").stderr)
        self.assertNotIn("earlier", self.twinbed("calls", "day.10", "--process", "x").stderr)

    def test_a_file_that_was_cut_is_damage(self):
        """strace was killed: each file ends where its buffer was written last."""
        content = read_bytes(self.names[0])
        at = content.rindex(b" = ")
        for end, status in ((at + 4, DAMAGED), (content.index(b"\n"), 0), (len(content) - 1, 0)):
            self.write(self.names[0], content[:end])
            done = self.twinbed("calls", *self.names, status=status)
            self.assertEqual("1 lines are cut or none of strace's" in done.stderr, status == DAMAGED, done.stderr)

    @unittest.skipUnless(shutil.which("strace-log-merge"), "no strace")
    def test_a_recording(self):
        """Threads, children, other programs: as strace-log-merge puts it together."""
        with open("program.sh", "w", encoding="ascii") as file:
            file.write("for i in 1 2 3 4 5 6 7 8; do (ls / | cat > /dev/null) & done; wait; exec true\n")
        done = subprocess.run(["strace", "-ff", "-ttt", "-T", "-yy", "-o", "out", "sh", "program.sh"], check=False,
                              capture_output=True)
        if done.returncode != 0:
            self.skipTest("strace may not trace here")
        names = glob.glob("out.*")
        self.assertGreater(len(names), 16)
        with open("together.txt", "wb") as file:
            subprocess.run(["strace-log-merge", "out"], stdout=file, check=True)
        self.assertEqual(self.calls(*names), self.calls("together.txt"))
        for process in ("sh", "ls", "cat", "true"):
            self.assertEqual(self.calls(*names, "--process", process), self.calls("together.txt", "--process", process))


main()
