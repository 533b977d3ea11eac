#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the TCP flows of recorded captures with those of tcptrace.

compare_flows.py LIST_FLOWS [--all] [CAPTURE ...]

For each capture: the connections between each two endpoints, and for each of
them the counters of both sides, must be those that `tcptrace -l -n --csv`
prints, or follow from ours by the sums in COUNTERS. Differences that follow
from a named rule are listed and explained; any other fails. Exit status 77:
tcptrace or the recorded campaigns are not there.
"""

import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict

SKIPPED = 77
# What tcptrace prints, and the counters of ours that make it up: it counts a
# repeated SYN or FIN as one repeated byte, and keeps neither the keep-alives
# nor the empty segments of an emulated e1000 apart from acknowledgements.
COUNTERS = {
    "total_packets": ("packets",),
    "unique_bytes_sent": ("unique_bytes",),
    "actual_data_pkts": ("data_packets",),
    "actual_data_bytes": ("payload_bytes",),
    "outoforder_pkts": ("out_of_order_packets",),
    "rexmt_data_bytes": ("retransmitted_bytes", "repeated_syn_packets", "repeated_fin_packets"),
    "pure_acks_sent": ("pure_ack_packets", "empty_push_packets", "keep_alive_packets"),
}


def read_ours(program, capture):
    """{endpoints: [{sender: {counter: number}}, ...]}, connections in order of the first packet."""
    output = subprocess.run([program, capture], capture_output=True, text=True, check=True).stdout
    lines = output.splitlines()
    names = lines[0].split("\t")
    flows = defaultdict(list)
    for line in lines[1:]:
        row = dict(zip(names, line.split("\t")))
        if row["protocol"] != "6":
            continue
        sides = {}
        for side in ("client", "server"):
            sides[row[side]] = {name: sum(int(row[f"{side}_{part}"]) for part in parts)
                                for name, parts in COUNTERS.items()}
        flows[frozenset(sides)].append(sides)
    return flows


def read_tcptrace(capture):
    output = subprocess.run(["tcptrace", "-l", "-n", "--csv", capture], capture_output=True, text=True, check=True,
                            cwd=tempfile.gettempdir()).stdout
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("#")]
    flows = defaultdict(list)
    if not lines:
        return flows
    names = [name.strip() for name in lines[0].split(",")]
    for line in lines[1:]:
        row = dict(zip(names, (cell.strip() for cell in line.split(","))))
        if not row.get("conn_#", "").isdigit():
            continue
        sides = {}
        for letter, way in (("a", "a2b"), ("b", "b2a")):
            address = row[f"host_{letter}"]
            address = f"[{address}]" if ":" in address else address
            sides[f"{address}:{row[f'port_{letter}']}"] = {name: int(row[f"{name}_{way}"]) for name in COUNTERS}
        flows[frozenset(sides)].append(sides)
    return flows


def explain_count(ours, theirs):
    """Why the two find different numbers of connections between the same endpoints."""
    if len(ours) > len(theirs):
        return "ports reused: a SYN with another initial number starts a connection here, not always there"
    return None


def compare_pair(ours, theirs):
    """Differences of one connection."""
    for sender, mine in ours.items():
        for name, number in mine.items():
            if number != theirs[sender][name]:
                yield f"{sender} {name}: {number}, tcptrace {theirs[sender][name]}"


def compare(program, capture):
    """(flows, differences) of one capture."""
    ours = read_ours(program, capture)
    theirs = read_tcptrace(capture)
    differences = []
    for endpoints in sorted(set(ours) | set(theirs), key=sorted):
        mine, other = ours.get(endpoints, []), theirs.get(endpoints, [])
        name = " - ".join(sorted(endpoints))
        if len(mine) != len(other):
            text = f"{name}: {len(mine)} connections, tcptrace {len(other)}"
            differences.append((text, explain_count(mine, other)))
            continue
        for one, two in zip(mine, other):
            differences += [(f"{name}: {text}", None) for text in compare_pair(one, two)]
    return sum(map(len, ours.values())), sum(map(len, theirs.values())), differences


def find_captures(everything):
    shared = os.environ.get("TWINBED_SHARED") or os.path.join(os.path.dirname(__file__), "..", "..", "..", "shared")
    campaigns = os.path.join(shared, "campaigns")
    captures = sorted(glob.glob(os.path.join(campaigns, "vm", "*", "*", "rep-*", "link.pcap")) +
                      glob.glob(os.path.join(campaigns, "sample", "*", "*", "rep-*", "link.pcap.gz")))
    if everything:
        return captures
    return [capture for capture in captures if os.sep + "rep-01" + os.sep in capture]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list_flows")
    parser.add_argument("--all", action="store_true", help="every repetition, not the first only")
    parser.add_argument("captures", nargs="*")
    arguments = parser.parse_args()
    captures = arguments.captures or find_captures(arguments.all)
    if shutil.which("tcptrace") is None or not captures:
        print("skipped: " + ("no captures found" if not captures else "tcptrace is not installed"))
        return SKIPPED
    total = total_theirs = unexplained = explained = 0
    for capture in captures:
        flows, flows_theirs, differences = compare(arguments.list_flows, capture)
        total += flows
        total_theirs += flows_theirs
        for text, why in differences:
            print(f"{capture}: {text}" + (f" ({why})" if why else ""))
            explained += why is not None
            unexplained += why is None
    print(f"{len(captures)} captures, {total} TCP flows, tcptrace {total_theirs}; "
          f"{explained} differences explained, {unexplained} not")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
