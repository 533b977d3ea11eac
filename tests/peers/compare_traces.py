#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare the calls and transitions that twinbed finds in traces with a count made from sysdig's own listing.

    compare_traces.py LIST_CALLS [--all]

LIST_CALLS is the program of list_calls.c. Without --all three repetitions of each scenario are compared. Known
differences, which the comparison allows for:

* sysdig 0.29 knows event numbers up to 335 and hides the others, so calls of newer pairs (NEWER) may be missing from
  its listing; a file with such calls is compared call by call but not by transitions;
* it prints "<unknown>" for a call without a generic id, which twinbed names by its native number;
* it cannot open two of the files, which hold the same calls as a third.
"""
import collections
import concurrent.futures
import os
import shutil
import subprocess
import sys

SKIPPED = 77
ORDERS = (1, 2, 3)
CLONES = {"clone", "fork", "vfork", "clone3"}
NEVER_RETURN = {"exit", "exit_group", "rt_sigreturn", "sigreturn"}
NOT_CALLS = {"drop", "tracer"}
NEWER = {"dup", "dup2", "dup3", "open_by_handle_at", "io_uring_setup", "io_uring_enter", "io_uring_register", "mlock",
         "munlock", "mlockall", "munlockall", "capset", "bpf", "mlock2", "fsconfig", "epoll_create", "epoll_create1",
         "chown", "lchown", "fchown", "fchownat", "umount", "umount2", "accept4", "pipe2", "inotify_init1",
         "eventfd2", "signalfd4", "prctl", "memfd_create", "pidfd_getfd", "pidfd_open"}
SAME_CALLS_AS = {"libs-curl_google_comments.scap": "libs-curl_google.scap",
                 "derived/broken_interface_block.scap": "libs-curl_google.scap"}
FORMAT = "*%evt.dir %evt.type %thread.tid %evt.rawres %evt.arg.ID %proc.name"


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


class Life:
    """The calls of one thread under one name."""

    def __init__(self, process):
        self.process = process
        self.calls = []


def read_sysdig(path):
    """The calls (tid, name, process) in order, and the thread lives, as sysdig's listing gives them."""
    code, text, problem = run("sysdig", "-r", path, "-p", FORMAT)
    if code != 0:
        raise RuntimeError(f"sysdig: {path}: {problem.strip()}")
    calls, lives, current = [], [], {}
    for line in text.splitlines():
        fields = line.split(" ", 5)
        if len(fields) < 6 or fields[0] not in "<>":
            continue
        direction, name, tid, result, _, process = fields
        process = "" if process == "<NA>" else process
        if direction == ">":
            if name == "procexit":
                current.pop(tid, None)
            continue
        if name in NOT_CALLS or name in NEVER_RETURN:
            continue
        if name in CLONES and result == "0":
            current.pop(tid, None)
            continue
        executed = name in ("execve", "execveat") and not result.startswith("-")
        if executed or tid not in current or current[tid].process != process:
            current[tid] = Life(process)
            lives.append(current[tid])
        current[tid].calls.append(name)
        calls.append((tid, name, process))
    return calls, lives


def read_ours(program, path):
    code, text, problem = run(program, path)
    if code != 0:
        raise RuntimeError(problem.strip())
    calls = []
    for line in text.split("\n")[:-1]:
        tid, _, name, _, process = line.split("\t")
        calls.append((tid, name, process))
    return calls


def read_details(program, path):
    """Process id and result of each call."""
    _, text, _ = run(program, path)
    return [(int(pid), int(result)) for _, pid, _, result, _ in (line.split("\t") for line in text.split("\n")[:-1])]


def compare_calls(theirs, ours):
    """Returns ours as sysdig would name them, and how many calls it hid."""
    aligned, hidden, place = [], 0, 0
    for tid, name, process in ours:
        expected = theirs[place] if place < len(theirs) else None
        if expected is not None and expected[0] == tid and expected[2] == process and expected[1] in (name, "<unknown>"):
            aligned.append(expected)
            place += 1
        elif name in NEWER:
            hidden += 1
        else:
            raise AssertionError(f"call {place}: sysdig {expected}, twinbed {(tid, name, process)}")
    if place != len(theirs):
        raise AssertionError(f"sysdig has {len(theirs)} calls, twinbed {place}; next {theirs[place]}")
    return aligned, hidden


def count_transitions(lives, process, order):
    counts, starts = collections.Counter(), collections.Counter()
    for life in lives:
        if life.process != process:
            continue
        if len(life.calls) >= order:
            starts[">".join(life.calls[:order])] += 1
        for i in range(len(life.calls) - order):
            counts[">".join(life.calls[i:i + order + 1])] += 1
    return counts, starts


def without_unknown(counts):
    return collections.Counter({key: value for key, value in counts.items() if "<unknown>" not in key})


def compare_transitions(program, path, lives, process):
    code, text, problem = run(program, path, process, *map(str, ORDERS))
    if code != 0:
        raise RuntimeError(problem.strip())
    ours = {(kind, order): collections.Counter() for kind in ("transition", "start") for order in ORDERS}
    for line in text.splitlines():
        fields = line.split("\t")
        if fields[0] in ("transition", "start"):
            ours[fields[0], int(fields[1])][fields[2]] = int(fields[3])
    compared = 0
    for order in ORDERS:
        for kind, theirs in zip(("transition", "start"), count_transitions(lives, process, order)):
            if sum(theirs.values()) != sum(ours[kind, order].values()):
                raise AssertionError(f"{process}: {sum(theirs.values())} {kind}s of order {order} by sysdig, "
                                     f"{sum(ours[kind, order].values())} by twinbed")
            for key, count in without_unknown(theirs).items():
                if ours[kind, order][key] != count:
                    raise AssertionError(f"{process}: {kind} {key}: sysdig {count}, twinbed {ours[kind, order][key]}")
            compared += sum(theirs.values())
    return compared


def compare_file(program, path, reference, processes):
    """Calls, transitions and hidden calls compared."""
    theirs, lives = read_sysdig(reference)
    ours = read_ours(program, path)
    _, hidden = compare_calls(theirs, ours)
    if processes is None:
        processes = sorted({life.process for life in lives if life.process})
    compared = 0
    for process in processes if hidden == 0 else ():
        compared += compare_transitions(program, path, lives, process)
    if "ab" in processes:
        names = [name for _, name, process in ours if process == "ab"]
        if names and (names[0] != "execve" or names[-1] == "exit_group"):
            raise AssertionError(f"ab begins with {names[0]} and ends with {names[-1]}")
    return len(theirs), compared, hidden


def samples(shared):
    root = os.path.join(shared, "samples", "scap")
    for folder in ("", "derived"):
        for name in sorted(os.listdir(os.path.join(root, folder))):
            if name.endswith(".scap"):
                path = os.path.join(folder, name)
                yield os.path.join(root, path), os.path.join(root, SAME_CALLS_AS.get(path, path)), None


def campaign_runs(shared, everything):
    root = os.path.join(shared, "campaigns")
    for folder, folders, files in sorted(os.walk(root)):
        folders.sort()
        if not everything and os.path.basename(folder) not in ("rep-01", "rep-05", "rep-10"):
            continue
        for name in sorted(files):
            if name.endswith(".scap"):
                path = os.path.join(folder, name)
                yield path, path, ["ab", "gohttp"]


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    program, everything = sys.argv[1], "--all" in sys.argv[2:]
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    shared = os.environ.get("TWINBED_SHARED") or os.path.join(source, "..", "shared")
    if shutil.which("sysdig") is None:
        print("skipped: sysdig is not installed")
        return SKIPPED
    if not os.path.isdir(os.path.join(shared, "samples", "scap")):
        print("skipped: the sample traces are not here (set TWINBED_SHARED)")
        return SKIPPED
    files = list(samples(shared)) + list(campaign_runs(shared, everything))
    calls = transitions = hidden = failures = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = [(path, pool.submit(compare_file, program, path, reference, processes))
                   for path, reference, processes in files]
        for path, result in waiting:
            try:
                one = result.result()
                calls, transitions, hidden = calls + one[0], transitions + one[1], hidden + one[2]
            except (AssertionError, RuntimeError) as problem:
                failures += 1
                print(f"{os.path.relpath(path, shared)}: {problem}")
    print(f"{len(files)} files, {calls} calls and {transitions} transitions and first states compared, "
          f"{hidden} calls that sysdig hides, {failures} files differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
