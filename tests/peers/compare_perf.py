#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count texts of perf script here, without any code of twinbed, and compare.

    compare_perf.py LIST_CALLS TEXT...    texts of processes that perf began itself

Calls by name and process, their errors, and transitions of order 1 inside thread lives must be the same. Where perf
may record, the same program is recorded and compared here as well. Numbers of calls have the names of the C library's header."""
import collections
import gzip
import os
import re
import subprocess
import sys
import tempfile

SKIPPED = 77
LINE = re.compile(r" *(?P<comm>.*?) +(?P<pid>\d+)/(?P<tid>\d+) +\[\d+\] +[\d.]+: +(?P<event>\S+): (?P<said>.*)")
EXIT = re.compile(r"NR (-?\d+) = (-?\d+)")
HEADERS = ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h")
# Names that the format of sysdig has for these (src/call/call_table.h).
NAMES = {"pread64": "pread", "pwrite64": "pwrite", "prlimit64": "prlimit"}
CLONES = {"clone", "clone3", "fork", "vfork"}
EVENTS = ("raw_syscalls:sys_enter", "raw_syscalls:sys_exit", "sched:sched_process_fork", "sched:sched_process_exec",
          "sched:sched_process_exit")
PROGRAM = "ls / > /dev/null; cat /proc/self/stat > /dev/null; (exit 3); true | cat"


def names_of_calls():
    for header in HEADERS:
        if os.path.exists(header):
            with open(header, encoding="ascii") as file:
                return {int(number): NAMES.get(name, name)
                        for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read())}
    return {}


def read(path):
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="ascii") as file:
        return [LINE.match(line) for line in file if not line.startswith("#")]


def count(path, numbers):
    """Calls, errors and transitions by process."""
    calls, errors, transitions = collections.Counter(), collections.Counter(), collections.Counter()
    names, last, parents = {}, {}, {}
    for line in read(path):
        tid, comm = line["tid"], line["comm"]
        if line["event"] == "sched:sched_process_fork":
            parents[re.search(r"child_pid=(\d+)$", line["said"])[1]] = tid
        if line["event"] == "sched:sched_process_exit":
            names.pop(tid, None)
            last.pop(tid, None)
        if not line["event"].startswith("raw_syscalls"):
            continue
        if tid not in names:
            names[tid] = names.get(parents.get(tid), comm) if comm.startswith(":") else comm
        if line["event"] == "raw_syscalls:sys_enter":
            continue
        number, result = (int(value) for value in EXIT.match(line["said"]).groups())
        name = numbers.get(number)
        if name is None or (name in CLONES and result == 0):
            continue  # back from a signal, or a child that begins
        if name == "execve" and result == 0:
            names[tid] = comm
            last.pop(tid, None)
        calls[names[tid], name] += 1
        errors[names[tid], name] += result < 0
        if tid in last:
            transitions[names[tid], f"{last[tid]}>{name}"] += 1
        last[tid] = name
    return calls, errors, transitions


def list_calls(program, path, *more):
    done = subprocess.run([program, path, *more], capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def compare(program, path, numbers):
    expected_calls, expected_errors, expected_transitions = count(path, numbers)
    calls, errors = collections.Counter(), collections.Counter()
    for _, _, name, result, process in (row for row in list_calls(program, path) if len(row) == 5):
        calls[process, name] += 1
        errors[process, name] += int(result) < 0
    assert sum(calls.values()) > 0, path
    assert calls == expected_calls, f"{path}: {calls - expected_calls} {expected_calls - calls}"
    assert +errors == +expected_errors, f"{path}: {errors} {expected_errors}"
    for process in {process for process, _ in expected_calls}:
        found = {row[2]: int(row[3]) for row in list_calls(program, path, process, "1") if row[0] == "transition"}
        wanted = {label: number for (of, label), number in expected_transitions.items() if of == process}
        assert found == wanted, f"{path}: {process}: {found} {wanted}"
    return sum(calls.values()), sum(expected_transitions.values())


def record(directory):
    """The text of a recording; None where perf may not record, or loses events."""
    data, text = os.path.join(directory, "data"), os.path.join(directory, "text")
    try:
        subprocess.run(["perf", "record", "-q", "-e", ",".join(EVENTS), "-o", data, "--", "sh", "-c", PROGRAM],
                       capture_output=True, check=True)
        with open(text, "wb") as file:
            subprocess.run(["perf", "script", "--header", "--ns", "--show-lost-events", "-F",
                            "comm,pid,tid,cpu,time,event,trace", "-i", data], stdout=file, stderr=subprocess.DEVNULL,
                           check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    with open(text, encoding="ascii") as file:
        return None if "PERF_RECORD_LOST" in file.read() else text


def main():
    program, numbers = sys.argv[1], names_of_calls()
    if not numbers:
        print(f"skipped: there is no {HEADERS[0]}")
        return SKIPPED
    for path in sys.argv[2:]:
        print(f"{os.path.basename(path)}: %d calls, %d transitions" % compare(program, path, numbers))
    with tempfile.TemporaryDirectory() as directory:
        text = record(directory)
        if text is None:
            print("nothing was recorded: perf is not there, or may not see raw_syscalls")
        else:
            print("recorded now: %d calls, %d transitions" % compare(program, text, numbers))
    return 0


if __name__ == "__main__":
    sys.exit(main())
