#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count texts of strace here, without any code of twinbed, and compare.

    compare_strace.py LIST_CALLS TEXT...    texts written with -f -ttt -T, by processes that strace began itself

Calls by name and process, their errors, and transitions of order 1 inside thread lives must be the same. Where strace
can trace, a program is recorded here as well, once as a text and once counted by strace -c, and calls by name must be
those."""
import collections
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
LINE = re.compile(r"(\d+) +(\d+\.\d+) (?:(?P<call>\w+)\((?P<begin>.*)<unfinished \.\.\.>$|<\.\.\. (?P<resumed>\w+) resumed>"
                  r"(?P<rest>.*)|(?P<whole>\w+)\((?P<all>.*)|(?P<mark>[-+]{3}) (?P<said>.*))")
OUTCOME = re.compile(r".*\) += (\?|-?(?:0x)?[0-9a-f]+)(?:<.*?>)?(?: ([A-Z_0-9]+) \(.*?\)| \(.*\))?(?: <[\d.]+>)?$")
# Names that the format of sysdig has for these (src/call/call_table.h).
NAMES = {"pread64": "pread", "pwrite64": "pwrite", "prlimit64": "prlimit"}
NOT_CALLS = {"exit", "exit_group", "rt_sigreturn"}
CLONES = {"clone", "clone3", "fork", "vfork"}


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="ascii") as file:
        return [LINE.match(line.rstrip("\n")) for line in file]


def outcome(text):
    """(result, name of the error); None for a call that does not come back."""
    found = OUTCOME.match(text)
    if found is None:
        raise ValueError(text)
    if found[1] == "?" and found[2] is None:
        return None
    return found[1], found[2]


def parents(lines):
    """Who began each thread, whichever line comes first, and in which process."""
    begun, open_calls = {}, {}
    for line in lines:
        tid, name, text = line[1], line["whole"] or line["resumed"], line["all"] or line["rest"]
        if line["call"]:
            open_calls[tid] = line["begin"]
        if name in CLONES and outcome(text) and outcome(text)[1] is None:
            begun[outcome(text)[0]] = tid
    return begun


class Counts:
    def __init__(self):
        self.calls, self.errors = collections.Counter(), collections.Counter()
        self.transitions = collections.Counter()
        self.names, self.last, self.executed = {}, {}, {}
        self.comms = {}  # names of threads as their children inherit them, which may be later ones

    def take(self, tid, name, text):
        """A call that came back."""
        came = outcome(text)
        if came is None or name in NOT_CALLS:
            return
        name = NAMES.get(name, name)
        failed = came[1] is not None
        if name == "execve" and not failed:
            self.names[tid] = self.comms[tid] = os.path.basename(self.executed[tid])[:15]
            self.last.pop(tid, None)
        if name == "prctl" and text.startswith("PR_SET_NAME, "):
            self.comms[tid] = re.match(r'PR_SET_NAME, "(.*?)"', text)[1]
        process = self.names[tid]
        self.calls[process, name] += 1
        self.errors[process, name] += failed
        if tid in self.last:
            self.transitions[process, f"{self.last[tid]}>{name}"] += 1
        self.last[tid] = name


def count(path):
    lines, counts = read(path), Counts()
    begun = parents(lines)
    for line in lines:
        tid = line[1]
        if tid not in counts.names:
            counts.names[tid] = counts.comms[tid] = counts.comms.get(begun.get(tid), "")
        begin = line["begin"] or line["all"]
        if (line["call"] or line["whole"]) == "execve":
            counts.executed[tid] = re.match(r'"(.*?)"', begin)[1]
        if line["whole"] or line["resumed"]:
            counts.take(tid, line["whole"] or line["resumed"], line["all"] or line["rest"])
        if line["mark"] == "+++":
            superseded = re.match(r"superseded by execve in pid (\d+)", line["said"])
            if superseded:
                counts.executed[tid] = counts.executed[superseded[1]]
            else:
                del counts.names[tid]
                counts.last.pop(tid, None)
    return counts


def list_calls(program, path, *more):
    done = subprocess.run([program, path, *more], capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def compare(program, path):
    counts = count(path)
    calls, errors = collections.Counter(), collections.Counter()
    for tid, _, name, result, process in (row for row in list_calls(program, path) if len(row) == 5):
        assert tid != "", path
        calls[process, name] += 1
        errors[process, name] += int(result) < 0
    assert calls == counts.calls, f"{path}: {calls - counts.calls} {counts.calls - calls}"
    assert +errors == +counts.errors, f"{path}: {errors} {counts.errors}"
    for process in {process for process, _ in counts.calls if process}:
        found = {row[2]: int(row[3]) for row in list_calls(program, path, process, "1") if row[0] == "transition"}
        expected = {label: number for (of, label), number in counts.transitions.items() if of == process}
        assert found == expected, f"{path}: {process}: {found} {expected}"
    return sum(calls.values()), sum(counts.transitions.values())


# Does the same each time, in one process after the other.
PROGRAM = "ls / > /dev/null; cat /proc/self/stat > /dev/null; (exit 3); true | cat"


def record(directory):
    """The text of a run, and calls by name as strace counts them in another; None where nothing can be traced."""
    text, counted = os.path.join(directory, "text"), os.path.join(directory, "counted")
    for options in (["-ttt", "-T", "-yy", "-o", text], ["-c", "-U", "name,calls,errors", "-o", counted]):
        done = subprocess.run(["strace", "-f", *options, "sh", "-c", PROGRAM], capture_output=True, check=False)
        if done.returncode != 0:
            return None, None
    with open(counted, encoding="ascii") as file:
        rows = [line.split() for line in file.read().splitlines()[2:]]
    return text, {row[0]: int(row[1]) for row in rows if row[0] not in ("total", "") and not row[0].startswith("-")}


def compare_recorded(program):
    with tempfile.TemporaryDirectory() as directory:
        text, counted = record(directory)
        if text is None:
            return False
        compare(program, text)
        found = collections.Counter(row[2] for row in list_calls(program, text) if len(row) == 5)
        expected = {NAMES.get(name, name): number for name, number in counted.items() if name not in NOT_CALLS}
        # The shell waits for its children in its own time, and reads a signal's arrival with it.
        for name in ("wait4", "rt_sigreturn"):
            found.pop(name, None)
            expected.pop(name, None)
        assert dict(found) == expected, f"strace -c: {dict(found)} {expected}"
    return True


def compare_merged(program):
    """A text a process, put together by what comes with strace."""
    with tempfile.TemporaryDirectory() as directory:
        texts, merged = os.path.join(directory, "text"), os.path.join(directory, "merged")
        subprocess.run(["strace", "-ff", "-ttt", "-T", "-o", texts, "sh", "-c", PROGRAM], capture_output=True, check=True)
        with open(merged, "wb") as file:
            subprocess.run(["strace-log-merge", texts], stdout=file, check=True)
        compare(program, merged)


def main():
    program, *paths = sys.argv[1:]
    for path in paths:
        calls, transitions = compare(program, path)
        print(f"{path}: {calls} calls, {transitions} transitions")
    if shutil.which("strace") is None or not compare_recorded(program):
        print("no program was recorded: strace is missing, or may not trace")
    elif shutil.which("strace-log-merge") is not None:
        compare_merged(program)


if __name__ == "__main__":
    main()
