# SPDX-License-Identifier: GPL-3.0-or-later
"""spoil_results.py TWINBED RESEAL RESULTS.h5 [--count N] [--seed S] [--kinds WORDS] [--memory MIB]

Spoils a results file N times, each time in one way, gives it to report and compare, and counts what they did:

  flip    one bit, anywhere in the file; the digest no longer matches
  bit     one bit, and a digest that matches
  block   1 to 64 bytes side by side, and a digest that matches
  value   values that HDF5 can read, but no campaign has: each in the type of its dataset, and a digest that matches

A command may end with status 0, or with status 1 and one sentence (compare also with status 2, when two files have nothing in
common), in 60 seconds of computing and a stated amount of memory. Of `flip`, with status 1 only. Anything else is printed with what repeats it, and makes the exit status 1. With a program built with
sanitizers, their findings in the command itself are such; what they find in the process that HDF5 reads in is not heard.
"""

import argparse
import collections
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

SECONDS, PATIENCE = 60, 1200  # of computing; of waiting, on a machine that has much to do
SURROUNDINGS = {"HDF5_USE_FILE_LOCKING": "FALSE", "LSAN_OPTIONS": "exitcode=0", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=98",
                "ASAN_OPTIONS": "exitcode=99:allocator_may_return_null=1"}
os.environ.update(SURROUNDINGS)

try:
    import h5py
    import numpy
except ImportError:
    print("skipped: no h5py")
    sys.exit(77)


def flip(path, draw):
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        at, bit = draw.randrange(size), draw.randrange(8)
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))
    return f"bit {bit} of byte {at}"


def spoil_block(path, draw):
    size = os.path.getsize(path)
    at, count = draw.randrange(size), draw.randrange(1, 65)
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(draw.choice([bytes(count), b"\xff" * count, draw.randbytes(count)]))
    return f"{count} bytes at {at}"


def odd_integer(draw, dataset):
    information = numpy.iinfo(dataset.dtype)
    return draw.choice([-1, 0, 1, 2, 3, 1000, information.max, information.max // 2, 1 << 28, information.min,
                        draw.randrange(0, 20)])


def odd_float(draw):
    return draw.choice([float("nan"), float("inf"), float("-inf"), 1e308, -1e308, 5e-324, 0.0, -0.0, -1.0, 1e18, 1e-18,
                        draw.uniform(-2, 2)])


def odd_text(draw):
    return draw.choice(["", "0", "-1", "1e999", "\x1b[2J", "<script>", "a\nb", "=1+1", "x" * 5000, "\u202eabc", "client",
                        "ratio", "difference", "bit/s", "bytes", "%s%n", "'", "\\"])


def spoil_dataset(dataset, draw):
    count = draw.choice([1, 1, 2, dataset.size])
    flat = dataset[...].reshape(-1)
    # The same value everywhere, or each its own.
    same = draw.random() < 0.5
    value = None
    for i in [draw.randrange(dataset.size) for _ in range(min(count, 200))]:
        if value is None or not same:
            kind = dataset.dtype.kind
            value = (odd_integer(draw, dataset) if kind == "i" else odd_float(draw) if kind == "f" else odd_text(draw))
        flat[i] = value
    dataset[...] = flat.reshape(dataset.shape)
    return f"{dataset.name} ({count} values)"


def spoil_values(path, draw):
    done = []
    with h5py.File(path, "r+") as file:
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) and item.size and
                        "/" in name else None)
        for _ in range(draw.choice([1, 1, 1, 2, 5, 20])):
            done.append(spoil_dataset(file[draw.choice(names)], draw))
        if draw.random() < 0.1:
            name = draw.choice(sorted(file.attrs))
            file.attrs[name] = odd_text(draw)
            done.append(f"attribute {name}")
    return ", ".join(done)


KINDS = {"flip": (flip, False), "bit": (flip, True), "block": (spoil_block, True), "value": (spoil_values, True)}


class Command:
    """One run, watched."""

    def __init__(self, arguments, memory):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
        self.late = False
        try:
            self.said = process.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            self.late = True
            process.kill()
            self.said = process.communicate()[1]
        self.status = process.returncode
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.megabytes = after.ru_maxrss // 1024 if after.ru_maxrss > before.ru_maxrss else 0
        self.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.late = self.late or self.seconds > SECONDS
        self.large = self.megabytes > memory

    def fault(self, is_refused):
        errors = [line for line in self.said.splitlines() if line.startswith("twinbed: error: ")]
        if self.late:
            return f"not finished, {self.seconds:.0f} s of computing"
        if self.large:
            return f"{self.megabytes} MiB"
        nothing_in_common = self.status == 2 and "in common" in self.said
        if (self.status not in (0, 1) and not nothing_in_common) or (is_refused and self.status != 1):
            return f"status {self.status}: {self.said[-300:]}"
        if self.status != 0 and (len(errors) != 1 or any(ord(c) < 32 for c in errors[0])):
            return f"status {self.status} and not one sentence: {self.said[-300:]}"
        return None

    def outcome(self):
        if self.status == 0:
            return "accepted"
        if "the HDF5 library" in self.said:
            return "refused: HDF5 died in its process"
        return "refused"


class Tally:
    """What was done, and what came out."""

    def __init__(self, given):
        self.given, self.counts, self.faults, self.longest = given, collections.Counter(), 0, 0

    def spoil_once(self, number, directory):
        given, draw = self.given, random.Random(number)
        spoilt, page = os.path.join(directory, "x.h5"), os.path.join(directory, "x.html")
        kind = given.kinds.split()[number % len(given.kinds.split())]
        spoil, sealed = KINDS[kind]
        shutil.copyfile(given.results, spoilt)
        what = spoil(spoilt, draw)
        if sealed:
            subprocess.run([given.reseal, spoilt], check=True)
        for arguments in (["report", spoilt, "-o", page, "--force"], ["compare", given.results, spoilt, "--all"]):
            command = Command([given.twinbed] + arguments, given.memory)
            fault = command.fault(kind == "flip")
            self.counts[kind, arguments[0], command.outcome() if fault is None else "FAULT"] += 1
            self.longest = max(self.longest, command.seconds)
            if fault is not None:
                self.faults += 1
                print(f"--seed {number} --count 1 --kinds {kind}: {arguments[0]}: {what[:300]}: {fault}", flush=True)

    def show(self):
        for (kind, command, outcome), count in sorted(self.counts.items()):
            print(f"{kind:6} {command:8} {count:6} {outcome}")
        print(f"longest: {self.longest:.1f} s of computing")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("twinbed")
    parser.add_argument("reseal")
    parser.add_argument("results")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=" ".join(KINDS))
    parser.add_argument("--memory", type=int, default=1024)
    tally = Tally(parser.parse_args())
    # Ctrl-C and SIGTERM show what there is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as directory:
        try:
            for number in range(tally.given.seed, tally.given.seed + tally.given.count):
                tally.spoil_once(number, directory)
        except KeyboardInterrupt:
            print("stopped")
    tally.show()
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
