#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the results of the generated campaign under other settings against numbers worked out by hand.

usage: check_settings.py RESULTS

settings.yaml counts completed replies in captures, keeps cut files, leaves stalled runs out, walks whole sequences and
the first 20 calls, judges by 5 % (jitter: 50 %) and two values, and adjusts the tests of three metrics together."""
import sys

from check_generated import CLIENT, DECIDED, NAN, SIMILAR, UNDECIDED, USED, Facts, Results

WHOLE, WINDOW = 0, 1  # what the chain was built from
LENGTHS_DIFFER = 4

# metric, testbed, link, size, n, mean
VALUES = [
    ("requests_per_second", "e1000", "1Gbps", "500B", 2, 5750),      # 6500 and 5000: the first run is stalled
    ("requests_per_second", "e1000", "10Gbps", "500B", 4, 255024.75),  # the fourth run with 999999 is not discarded
    ("client_reads_per_request", "physical", "1Gbps", "500B", 3, 3),  # four completed replies, as ab says
    ("connections_per_request", "physical", "1Gbps", "500B", 3, 1.25),
    ("client_reads_per_request", "physical", "10Gbps", "16MB", 3, 2.5),  # 3, 3 and, to the cut, 3 / 2
]


def check_values(facts, results):
    for metric, testbed, link, size, n, mean in VALUES:
        place = (testbed, link, size, "true", metric)
        facts.equal(f"n {place}", results.summary("n", *place), n)
        facts.equal(f"mean {place}", results.summary("mean", *place), float(mean))
    # Without a capture nobody knows how many requests a bare run completed.
    bare = ("physical", "1Gbps", "500B", "false")
    facts.equal("bare requests per second", results.summary("n", *bare, "requests_per_second"), 3)
    facts.equal("bare counters", results.summary("n", *bare, "host_interrupts_per_request"), 0)


def check_runs(facts, results):
    run = results.runs["e1000/1Gbps-500B-true/rep-1"]
    discarded = results.column("campaign/run_discarded")
    facts.equal("discarded runs", [index for index, value in enumerate(discarded) if value], [run])
    facts.equal("reason", results.texts("campaign/run_discard_reason")[run], "stalled")


def check_cut_files(facts, results):
    paths = results.texts("quality/artifact_path")
    for path, offset in [("physical/10Gbps-16MB-true/rep-2/pair-1/client.scap", 2928),
                         ("e1000/10Gbps-16MB-true/rep-3/pair-1/link.pcap", 48954)]:
        row = paths.index(path)
        facts.equal(f"state {path}", results.column("quality/artifact_state")[row], USED)
        facts.equal(f"damage {path}", results.column("quality/damage")[row], 1)
        facts.equal(f"offset {path}", results.column("quality/damage_offset")[row], offset)


def check_closeness(facts, results):
    virtio = results.contrast("virtio", "1Gbps", "500B", "true")
    facts.equal("0.944 within 5 %", results.compared("close", virtio, "requests_per_second"), 0)
    facts.equal("verdict", results.compared("verdict", virtio, "requests_per_second"), UNDECIDED)
    # 0.25 +- 0.01 each: far inside 50 %, so wide intervals do not matter.
    e1000 = results.contrast("e1000", "1Gbps", "500B", "true")
    facts.equal("jitter", results.compared("verdict", e1000, "jitter"), SIMILAR)
    facts.equal("jitter decided", results.compared("reason", e1000, "jitter"), DECIDED)
    thresholds = dict(zip(results.metrics, results.column("metrics/metric_threshold")))
    facts.equal("thresholds", (thresholds["jitter"], thresholds["requests_per_second"],
                               thresholds["client_walk_bits_per_transition"]), (0.5, 0.05, 0.05))


def check_family(facts, results):
    facts.equal("replication", results.file.attrs["setting_replication"], b"2")
    facts.equal("family", results.file.attrs["setting_family"], b"jitter, requests_per_second, time_per_request")
    chosen = [metric for metric, member in zip(results.metrics, results.column("metrics/metric_family")) if member]
    facts.equal("members", chosen, ["requests_per_second", "time_per_request", "jitter"])
    # Its run 1 is stalled, so two values are left. The time of a request is the same in every run.
    e1000 = results.contrast("e1000", "1Gbps", "500B", "true")
    facts.equal("tests", results.column("comparison/holm_tests")[e1000], 2)
    facts.equal("jitter of two runs", results.summary("n", "e1000", "1Gbps", "500B", "true", "jitter"), 2)


def walk_set(results, size, setting_limit, testbed, basis):
    rows = list(zip(*(results.column(f"os/walk_set_{name}") for name in ("window", "testbed", "order", "basis"))))
    return rows.index((window_by_limit(results, size, setting_limit), results.testbeds.index(testbed), 1, basis))


def window_by_limit(results, size, limit):
    rows = zip(*(results.column(f"os/window_{name}") for name in ("scenario", "role", "limit")))
    return list(rows).index((results.scenarios["1Gbps", size, "true"], CLIENT, limit))


def check_windows(facts, results):
    # 1MB: sequences of one pair have 14 calls, of the other 34: nine of eighteen are shorter than 20.
    for size, limit, sequences, short in [("500B", -1, 8, 0), ("500B", 20, 8, 0), ("1MB", -1, 18, 0),
                                          ("1MB", 20, 18, 9)]:
        window = window_by_limit(results, size, limit)
        facts.equal(f"sequences {size} {limit}", results.column("os/window_sequences")[window], sequences)
        facts.equal(f"short {size} {limit}", results.column("os/window_short")[window], short)
    reasons = results.column("os/walk_set_reason")
    relative = results.column("os/walk_set_log10_relative")
    row = walk_set(results, "1MB", -1, "e1000", WHOLE)
    facts.equal("lengths differ", (reasons[row], str(relative[row])), (LENGTHS_DIFFER, str(NAN)))
    # Equal lengths: as in the window that is cut to the shortest; one sequence of e1000 is not there, its walks are
    # those of the two others.
    row = walk_set(results, "500B", -1, "e1000", WHOLE)
    facts.equal("relative", relative[row], 0.06615969438172442)
    facts.equal("walks", results.column("os/walk_set_walks")[row], 6)


# Walks of a run of physical on its own chain, 20 calls: a request and six calls of the next.
# X: pp, pr, rrr, rc of the first, pp, pr of the second: (1/2)^4 (3/4)^3 (1/4) = 27/4096, whichever the chain is from.
# Y: ppp, pr, rr, rc of the first, pp twice of the second: whole 3/4 and 1/4: (3/4)^5 (1/4) (1/2)^2 = 243/16384;
# in the window pp is 5 of 6: (5/6)^5 (1/6) (1/2)^2 = 3125/186624.
WALKS = [
    ("1", WHOLE, -2.1809961838),
    ("1", WINDOW, -2.1809961838),
    ("2", WHOLE, -1.8288136657),
    ("2", WINDOW, -1.7761174719),
]


def check_walks(facts, results):
    names = ("window", "order", "basis", "chain_run", "sequence_run")
    rows = list(zip(*(results.column(f"os/walk_{name}") for name in names)))
    window = window_by_limit(results, "500B", 20)
    for repetition, basis, expected in WALKS:
        run = results.runs[f"physical/1Gbps-500B-true/rep-{repetition}"]
        row = rows.index((window, 1, basis, run, run))
        facts.equal(f"transitions {repetition} {basis}", results.column("os/walk_transitions")[row], 19)
        facts.equal(f"log10 {repetition} {basis}", results.column("os/walk_log10_probability")[row], expected)


def main(path):
    facts = Facts()
    results = Results(path)
    for check in (check_values, check_runs, check_cut_files, check_closeness, check_family, check_windows, check_walks):
        check(facts, results)
    facts.equal("no flows are kept", [name for name in results.file["net"] if name.startswith("flow_")], [])
    facts.equal("nor is their dimension", "flow" in results.file, False)
    print(f"{facts.held} numbers agree under other settings, {facts.failed} do not")
    return 1 if facts.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
