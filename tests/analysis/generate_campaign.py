#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a small campaign with every factor, whose results can be worked out by hand.

usage: generate_campaign.py DIRECTORY

Three testbeds (physical is the baseline, e1000, virtio), link 1Gbps and 10Gbps, sizes 500B, 1MB (two pairs a run)
and 16MB, with and without instrumentation, three repetitions. The same call writes the same bytes anywhere.
check_generated.py holds what must come out, number by number."""
import gzip
import os
import sys

from made_captures import Capture
from made_texts import ab_csv, ab_text, ab_tsv, counters, owping
from made_traces import PROCESS_LIST, Trace, add_client, add_server, plain_reply

BODIES = {"500B": 500, "1MB": 1_000_000, "16MB": 16_000_000}
# Requests that each pair of a run completes.
COMPLETED = {"500B": (4,), "1MB": (1, 3), "16MB": (2,)}

# Requests per second: mean m and step k; three repetitions have m + k, m + k, m - 2k, whose deviation is k * sqrt(3)
# and whose standard error is k.
RATES = {
    ("physical", "1Gbps", "500B"): (14400, 50), ("e1000", "1Gbps", "500B"): (6000, 500),
    ("virtio", "1Gbps", "500B"): (13600, 100),
    ("physical", "1Gbps", "1MB"): (112, 0), ("e1000", "1Gbps", "1MB"): (110, 1), ("virtio", "1Gbps", "1MB"): (112, 0),
    ("physical", "1Gbps", "16MB"): (7, 0.01), ("e1000", "1Gbps", "16MB"): (7.05, 0.01),
    ("virtio", "1Gbps", "16MB"): (7.09, 0.03),
    ("physical", "10Gbps", "500B"): (13000, 100), ("e1000", "10Gbps", "500B"): (6700, 400),
    ("virtio", "10Gbps", "500B"): (13700, 100),
    ("physical", "10Gbps", "1MB"): (640, 2), ("e1000", "10Gbps", "1MB"): (144, 10),
    ("virtio", "10Gbps", "1MB"): (590, 20),
    ("physical", "10Gbps", "16MB"): (50, 0.2), ("e1000", "10Gbps", "16MB"): (13.2, 0.4),
    ("virtio", "10Gbps", "16MB"): (44.5, 1),
}
BARE_RATES = {
    ("physical", "1Gbps", "500B"): (16000, 50), ("e1000", "1Gbps", "500B"): (5000, 500),
    ("virtio", "1Gbps", "500B"): (16000, 100),
    ("physical", "1Gbps", "16MB"): (7, 0.01), ("e1000", "1Gbps", "16MB"): (7.5, 0.01),
    ("virtio", "1Gbps", "16MB"): (7.09, 0.01),
    ("physical", "10Gbps", "500B"): (16250, 100), ("e1000", "10Gbps", "500B"): (8375, 400),
    ("virtio", "10Gbps", "500B"): (13700, 200),
    ("physical", "10Gbps", "16MB"): (62.5, 0.4), ("e1000", "10Gbps", "16MB"): (12, 1),
    ("virtio", "10Gbps", "16MB"): (44.5, 2),
}

# Polls and reads of the client for one request; six together, so that all sequences of a scenario are equally long.
SHAPES = {"X": (2, 4), "U": (3, 3), "Y": (4, 2)}
# One letter for each repetition; two pairs: one word for each.
CLIENTS = {
    ("physical", "1Gbps", "500B"): ("XYU",), ("e1000", "1Gbps", "500B"): ("YYY",),
    ("virtio", "1Gbps", "500B"): ("UUU",),
    ("physical", "1Gbps", "1MB"): ("XXX", "YYY"), ("e1000", "1Gbps", "1MB"): ("UUU", "UUU"),
    ("virtio", "1Gbps", "1MB"): ("XXX", "XXX"),
    ("physical", "1Gbps", "16MB"): ("XXX",), ("e1000", "1Gbps", "16MB"): ("XXX",),
    ("virtio", "1Gbps", "16MB"): ("YYY",),
    ("physical", "10Gbps", "500B"): ("XXX",), ("e1000", "10Gbps", "500B"): ("YYYY",),
    ("virtio", "10Gbps", "500B"): ("XXX",),
    ("physical", "10Gbps", "1MB"): ("UUU", "UUU"), ("e1000", "10Gbps", "1MB"): ("XXX", "YYY"),
    ("virtio", "10Gbps", "1MB"): ("UUU", "UUU"),
    ("physical", "10Gbps", "16MB"): ("UUU",), ("e1000", "10Gbps", "16MB"): ("XXX",),
    ("virtio", "10Gbps", "16MB"): ("UUU",),
}

MANIFEST = """campaign: generated
baseline: physical
factors:
  link: {type: rate}
  size: {type: bytes}
  instrumented: {type: boolean}
runs: "{testbed}/{link}-{size}-{instrumented}/rep-{rep}/pair-{pair}"
artifacts:
  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}
  trace:
    client: [client.scap, both.scap]
    server: [server.scap, both.scap]
  capture: {link: link.pcap, client: client.pcap}
  latency: owping.txt
  counters: counters
process: {client: ab, server: srv}
chain: {order: [1, 2]}
skip: 4
flows: all
discard:
  - {run: e1000/10Gbps-500B-true/rep-4, reason: the network adapter was reset}
"""

# The same runs with other settings.
SETTINGS = MANIFEST.split("skip: 4")[0] + """work: connections
windows:
  - {skip: 0, limit: whole}
  - {skip: 0, limit: 20}
closeness: {default: 0.05, metrics: {jitter: 0.5}}
replication: 2
family: [jitter, requests_per_second, time_per_request]
truncated: keep
coverage: 0.01
flows: none
discard: [stalled]
"""


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def rate_of(mean_and_step, rep):
    mean, step = mean_and_step
    return 999_999 if rep == 4 else mean + (step if rep < 3 else -2 * step)


def start_of(cell, rep):
    """The third call of ab. In one scenario runs differ there, which makes transitions that chains lack."""
    if cell == ("physical", "1Gbps", "16MB") and rep == 3:
        return "stat"
    return "fstat" if cell == ("e1000", "1Gbps", "16MB") else "pread"


def replies_of(cell, rep, requests):
    """The server's calls for each request."""
    if cell == ("physical", "1Gbps", "16MB"):
        # Over the cell 1001 reads are followed by something, one of them by stat; of 1000 writes one by futex.
        replies = [plain_reply(166, 166) for _ in range(requests)]
        if rep == 3:
            replies[1] = (["accept"] + ["read"] * 100 + ["stat"] + ["read"] * 71 + ["write"] * 100 + ["futex"]
                          + ["write"] * 70 + ["close"])
        return replies
    if cell == ("virtio", "10Gbps", "500B") and rep == 3:
        requests -= 1  # the trace missed a quarter of the requests
    return [plain_reply(2 if cell[0] == "e1000" else 1, 1) for _ in range(requests)]


def write_traces(directory, cell, rep, pair, requests):
    client, server = (10, 0, pair, 1), (10, 0, pair, 2)
    polls, reads = SHAPES[CLIENTS[cell][pair - 1][rep - 1]]
    one = Trace(PROCESS_LIST, client, server)
    add_client(one, requests, polls, reads, start_of(cell, rep), (6 if cell[0] == "e1000" else 3) * requests,
               BODIES[cell[2]] + 200)
    both = cell[0] == "virtio"  # one machine holds both ends
    other = one if both else Trace(PROCESS_LIST, client, server)
    add_server(other, replies_of(cell, rep, requests), 2 * requests, BODIES[cell[2]] + 200)
    traces = {"both.scap": one} if both else {"client.scap": one, "server.scap": other}
    for name, trace in traces.items():
        content = trace.bytes()
        if cell == ("physical", "10Gbps", "16MB") and rep == 2 and name == "client.scap":
            content = content[:trace.block_offset(40) + 10]
        if cell[0] == "e1000":
            content = gzip.compress(content, mtime=0)
        write(os.path.join(directory, name), content)


def segments_of(cell, body):
    """A reply is the body and 200 bytes of headers."""
    if body == 500:
        return [700]
    size = 25_000 if cell[0] == "e1000" and body == 16_000_000 else 50_000
    return [size + 200] + [size] * (body // size - 1)


def repeats_of(cell, rep, pair):
    """How often the last segment of the first reply is sent again."""
    if cell == ("physical", "10Gbps", "500B"):
        return (8, 4, 0)[rep - 1]
    if cell[:2] != ("e1000", "1Gbps"):
        return 0
    return {"500B": 1, "1MB": 4 if pair == 1 else 0, "16MB": 10}[cell[2]]


def write_capture(directory, cell, rep, pair, requests):
    capture = Capture((10, 0, pair, 1), (10, 0, pair, 2))
    for request in range(requests):
        repeats = repeats_of(cell, rep, pair) if request == 0 else 0
        capture.flow(40001 + request, segments_of(cell, BODIES[cell[2]]), repeats)
    if cell == ("physical", "1Gbps", "500B"):
        capture.flow_without_reply(40099)
    content = capture.bytes()
    if cell == ("e1000", "10Gbps", "16MB") and rep == 3:
        content = content[:capture.record_offset(700) + 20]
    write(os.path.join(directory, "client.pcap" if cell[0] == "virtio" else "link.pcap"), content)


def jitters_of(cell, rep):
    """To the server and to the client, in ms."""
    if cell[1] == "10Gbps":
        return 0.2, 0.2
    return {"physical": (0.26 if rep == 3 else 0.32, 0.2), "e1000": (0.3, 0.2), "virtio": (0.1, 0.1)}[cell[0]]


def write_run(root, cell, instrumented, rep):
    testbed, link, size = cell
    rate = rate_of((RATES if instrumented else BARE_RATES)[cell], rep)
    for pair, requests in enumerate(COMPLETED[size], 1):
        directory = os.path.join(root, testbed, f"{link}-{size}-{str(instrumented).lower()}", f"rep-{rep}",
                                 f"pair-{pair}")
        own_rate = rate if size != "1MB" else 40 if pair == 1 else rate - 40
        longest = 13000 if cell == ("e1000", "1Gbps", "500B") and instrumented and rep == 1 else 20
        write(os.path.join(directory, "ab.txt"),
              ab_text(f"10.0.{pair}.2", requests, BODIES[size], own_rate, longest))
        for name, content in counters(110 if testbed == "e1000" else 100, requests).items():
            write(os.path.join(directory, "counters", name), content)
        if not instrumented:
            continue
        write(os.path.join(directory, "ab.csv"), ab_csv(longest))
        write(os.path.join(directory, "ab.tsv"), ab_tsv(requests, longest))
        write_traces(directory, cell, rep, pair, requests)
        write_capture(directory, cell, rep, pair, requests)
        if cell == ("virtio", "10Gbps", "1MB") and rep == 1 and pair == 2:
            continue  # owping did not come back
        write(os.path.join(directory, "owping.txt"),
              owping(f"10.0.{pair}.1", f"10.0.{pair}.2", *jitters_of(cell, rep)))


def generate(root):
    write(os.path.join(root, "campaign.yaml"), MANIFEST)
    write(os.path.join(root, "settings.yaml"), SETTINGS)
    for cell in RATES:
        for rep in (1, 2, 3):
            write_run(root, cell, True, rep)
    for cell in BARE_RATES:
        for rep in (1, 2, 3):
            write_run(root, cell, False, rep)
    write_run(root, ("e1000", "10Gbps", "500B"), True, 4)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    generate(sys.argv[1])
