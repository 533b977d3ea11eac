#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the TCP flows of recorded captures with those of tcptrace.

compare_flows.py LIST_FLOWS [--all] [CAPTURE ...]

For each capture: the connections between each two endpoints, and for each of
them the counters of both sides, must be those that `tcptrace -l -r -W -n --csv`
prints. This is done twice: by the rules of tcptrace every statistic must be its
own (STATISTICS), and by the rules of twinbed the counters must follow from ours
by the sums in COUNTERS. Differences that follow from a named rule are listed and
explained; any other fails. Exit status 77: tcptrace or the recorded campaigns
are not there.
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

MS = 1000
# tcptrace's name, ours, what to multiply ours with, decimals printed.
STATISTICS = (
    ("total_packets", "packets", 1, 0),
    ("resets_sent", "rst_packets", 1, 0),
    ("ack_pkts_sent", "ack_packets", 1, 0),
    ("pure_acks_sent", "pure_ack_packets", 1, 0),
    ("sack_pkts_sent", "sack_packets", 1, 0),
    ("dsack_pkts_sent", "dsack_packets", 1, 0),
    ("max_sack_blks/ack", "sack_blocks_max", 1, 0),
    ("unique_bytes_sent", "unique_bytes", 1, 0),
    ("actual_data_pkts", "data_packets", 1, 0),
    ("actual_data_bytes", "payload_bytes", 1, 0),
    ("rexmt_data_pkts", "retransmitted_packets", 1, 0),
    ("rexmt_data_bytes", "retransmitted_bytes", 1, 0),
    ("zwnd_probe_pkts", "probe_packets", 1, 0),
    ("zwnd_probe_bytes", "probe_bytes", 1, 0),
    ("outoforder_pkts", "out_of_order_packets", 1, 0),
    ("pushed_data_pkts", "pushed_packets", 1, 0),
    ("adv_wind_scale", "window_scale", 1, 0),
    ("sacks_sent", "sacks", 1, 0),
    ("urgent_data_pkts", "urgent_packets", 1, 0),
    ("urgent_data_bytes", "urgent_bytes", 1, 0),
    ("mss_requested", "mss", 1, 0),
    ("max_segm_size", "segment_max", 1, 0),
    ("min_segm_size", "segment_min", 1, 0),
    ("avg_segm_size", "segment_mean", 1, 0),
    ("max_win_adv", "window_max", 1, 0),
    ("min_win_adv", "window_min", 1, 0),
    ("zero_win_adv", "zero_windows", 1, 0),
    ("avg_win_adv", "window_mean", 1, 0),
    ("max_owin", "outstanding_max", 1, 0),
    ("min_non-zero_owin", "outstanding_min", 1, 0),
    ("avg_owin", "outstanding_mean", 1, 0),
    ("wavg_owin", "outstanding_weighted", 1, 0),
    ("initial_window_bytes", "initial_window_bytes", 1, 0),
    ("initial_window_pkts", "initial_window_packets", 1, 0),
    ("ttl_stream_length", "stream_bytes", 1, 0),
    ("missed_data", "missed_bytes", 1, 0),
    ("truncated_data", "truncated_bytes", 1, 0),
    ("truncated_packets", "truncated_packets", 1, 0),
    ("data_xmit_time", "data_time", 1, 3),
    ("idletime_max", "idle_max", MS, 1),
    ("hardware_dups", "duplicate_packets", 1, 0),
    ("throughput", "throughput", 1, 0),
    ("RTT_samples", "rtts", 1, 0),
    ("RTT_min", "rtt_min", MS, 1),
    ("RTT_max", "rtt_max", MS, 1),
    ("RTT_avg", "rtt_mean", MS, 1),
    ("RTT_stdev", "rtt_sd", MS, 1),
    ("RTT_from_3WHS", "handshake_rtt", MS, 1),
    ("RTT_full_sz_smpls", "full_rtts", 1, 0),
    ("RTT_full_sz_min", "full_rtt_min", MS, 1),
    ("RTT_full_sz_max", "full_rtt_max", MS, 1),
    ("RTT_full_sz_avg", "full_rtt_mean", MS, 1),
    ("RTT_full_sz_stdev", "full_rtt_sd", MS, 1),
    ("post-loss_acks", "post_loss_acks", 1, 0),
    ("ambiguous_acks", "ambiguous_acks", 1, 0),
    ("RTT_min_(last)", "ambiguous_rtt_min", MS, 1),
    ("RTT_max_(last)", "ambiguous_rtt_max", MS, 1),
    ("RTT_avg_(last)", "ambiguous_rtt_mean", MS, 1),
    ("RTT_sdv_(last)", "ambiguous_rtt_sd", MS, 1),
    ("segs_cum_acked", "cumulative_acks", 1, 0),
    ("duplicate_acks", "duplicate_acks", 1, 0),
    ("triple_dupacks", "triple_duplicate_acks", 1, 0),
    ("max_#_retrans", "most_repeats", 1, 0),
    ("min_retr_time", "repeat_time_min", MS, 1),
    ("max_retr_time", "repeat_time_max", MS, 1),
    ("avg_retr_time", "repeat_time_mean", MS, 1),
    ("sdv_retr_time", "repeat_time_sd", MS, 1),
)


def agree(ours, theirs, factor, decimals):
    """A number of ours and what tcptrace prints for it."""
    if theirs == "NA":
        return ours in ("nan", "-1")
    number, printed = float(ours) * factor, float(theirs)
    if number < 0:
        number += 2.0 ** 64
    return abs(number - printed) <= 0.5000001 * 10 ** -decimals + 1e-12 * abs(printed)


def list_connections(program, capture):
    """{endpoints: [{sender: {column: text}}, ...]} by the rules of tcptrace, in order of the first packet."""
    output = subprocess.run([program, "--tcptrace", capture], capture_output=True, text=True, check=True).stdout
    lines = output.splitlines()
    names = lines[0].split("\t")
    flows = defaultdict(list)
    for line in lines[1:]:
        row = dict(zip(names, line.split("\t")))
        if row["protocol"] != "6":
            continue
        sides = {row[side]: {name[7:]: text for name, text in row.items() if name.startswith(side + "_")}
                 for side in ("client", "server")}
        flows[frozenset(sides)].append(sides)
    return flows


def compare_statistics(mine, theirs):
    """Differences of one connection by the rules of tcptrace."""
    for sender, ours in mine.items():
        other = theirs[sender]
        for name, column, factor, decimals in STATISTICS:
            if not agree(ours[column], other[name], factor, decimals):
                yield name, f"{sender} {name}: {ours[column]}, tcptrace {other[name]}"
        flags = "/".join("Y" if ours[name] == "1" else "N" for name in ("asked_scale", "asked_timestamps"))
        if flags != other["req_1323_ws/ts"] or (ours["asked_sack"] == "1") != (other["req_sack"] == "Y"):
            yield "options", f"{sender} options: {flags}, tcptrace {other['req_1323_ws/ts']}"
        if f"{ours['syn_packets']}/{ours['fin_packets']}" != other["SYN/FIN_pkts_sent"]:
            yield "SYN/FIN", (f"{sender} SYN/FIN: {ours['syn_packets']}/{ours['fin_packets']}, "
                              f"tcptrace {other['SYN/FIN_pkts_sent']}")


def compare_as_tcptrace(program, capture, theirs):
    """(statistics compared, differences) by the rules of tcptrace."""
    ours = list_connections(program, capture)
    compared, differences = 0, []
    for endpoints in sorted(set(ours) | set(theirs), key=sorted):
        mine, other = ours.get(endpoints, []), theirs.get(endpoints, [])
        name = " - ".join(sorted(endpoints))
        if len(mine) != len(other):
            differences.append((f"{name}: {len(mine)} connections by its rules, tcptrace {len(other)}", None))
            continue
        for one, two in zip(mine, other):
            compared += 2 * (len(STATISTICS) + 2)
            differences += [(f"{name}: by its rules {text}", None) for _, text in compare_statistics(one, two)]
    return compared, differences


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
    output = subprocess.run(["tcptrace", "-l", "-r", "-W", "-n", "--csv", capture], capture_output=True, text=True, check=True,
                            cwd=tempfile.gettempdir()).stdout
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("#")]
    flows = defaultdict(list)
    if not lines:
        return flows
    names = [name.strip().replace(" ", "_") for name in lines[0].split(",")]
    for line in lines[1:]:
        row = dict(zip(names, (cell.strip() for cell in line.split(","))))
        if not row.get("conn_#", "").isdigit():
            continue
        sides = {}
        for letter, way in (("a", "a2b"), ("b", "b2a")):
            address = row[f"host_{letter}"]
            address = f"[{address}]" if ":" in address else address
            sides[f"{address}:{row[f'port_{letter}']}"] = {
                name[:-4]: text for name, text in row.items() if name.endswith(way)}
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
            if number != int(theirs[sender][name]):
                yield f"{sender} {name}: {number}, tcptrace {theirs[sender][name]}"


def compare(program, capture):
    """(flows, those of tcptrace, statistics compared, differences) of one capture."""
    ours = read_ours(program, capture)
    theirs = read_tcptrace(capture)
    compared, differences = compare_as_tcptrace(program, capture, theirs)
    for endpoints in sorted(set(ours) | set(theirs), key=sorted):
        mine, other = ours.get(endpoints, []), theirs.get(endpoints, [])
        name = " - ".join(sorted(endpoints))
        if len(mine) != len(other):
            text = f"{name}: {len(mine)} connections, tcptrace {len(other)}"
            differences.append((text, explain_count(mine, other)))
            continue
        for one, two in zip(mine, other):
            differences += [(f"{name}: {text}", None) for text in compare_pair(one, two)]
    return sum(map(len, ours.values())), sum(map(len, theirs.values())), compared, differences


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
    total = total_theirs = total_compared = unexplained = explained = 0
    for capture in captures:
        flows, flows_theirs, compared, differences = compare(arguments.list_flows, capture)
        total += flows
        total_theirs += flows_theirs
        total_compared += compared
        for text, why in differences:
            print(f"{capture}: {text}" + (f" ({why})" if why else ""))
            explained += why is not None
            unexplained += why is None
    print(f"{len(captures)} captures, {total} TCP flows, tcptrace {total_theirs}; "
          f"{total_compared} statistics by its rules; "
          f"{explained} differences explained, {unexplained} not")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
