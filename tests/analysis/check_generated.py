#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the results of the generated campaign against numbers worked out by hand.

usage: check_generated.py RESULTS REPORT

Every expected value is a literal; the comment beside it says how it comes about. How the runs are made stands in
generate_campaign.py: m + k, m + k, m - 2k requests per second, X, U or Y for the shape of the client's requests."""
import html
import math
import re
import sys

import h5py

NONE, SIMILAR, DIFFERENT, UNDECIDED = 0, 1, 2, 3
DECIDED, NO_VALUES, NO_REFERENCE, POINTS, HOSTS, FEW_VALUES = 0, 1, 2, 3, 4, 5
USED, MISSING, DAMAGED, WITHDRAWN, DISCARDED, NOT_RECORDED = 0, 1, 2, 3, 4, 5
CLIENT, SERVER = 1, 2
NAN = math.nan

# Tables I and II: testbed, link, size, mean, normal 95 % interval = mean +- 1.96 k.
REQUESTS = [
    ("physical", "1Gbps", "500B", 14400, 14302, 14498),  # k = 50
    ("e1000", "1Gbps", "500B", 6000, 5020, 6980),        # k = 500
    ("virtio", "1Gbps", "500B", 13600, 13404, 13796),    # k = 100
    ("physical", "1Gbps", "1MB", 112, 112, 112),         # 40 + 72 in each run, the sum of its two pairs
    ("e1000", "1Gbps", "1MB", 110, 108.04, 111.96),      # k = 1
    ("virtio", "1Gbps", "16MB", 7.09, 7.0312, 7.1488),   # k = 0.03
    ("physical", "10Gbps", "500B", 13000, 12804, 13196),
    ("e1000", "10Gbps", "500B", 6700, 5916, 7484),       # the discarded run with 999999 is not in it
    ("e1000", "10Gbps", "1MB", 144, 124.4, 163.6),       # k = 10
    ("virtio", "10Gbps", "16MB", 44.5, 42.54, 46.46),    # k = 1
]

# Table III: testbed, link, size, requests per second without instrumentation, (without - with) / without.
OVERHEAD = [
    ("physical", "1Gbps", "500B", 16000, 0.10),   # 1600 / 16000
    ("e1000", "1Gbps", "500B", 5000, -0.20),      # -1000 / 5000
    ("virtio", "1Gbps", "500B", 16000, 0.15),     # 2400 / 16000
    ("e1000", "1Gbps", "16MB", 7.5, 0.06),        # 0.45 / 7.5
    ("physical", "10Gbps", "500B", 16250, 0.20),  # 3250 / 16250
    ("physical", "10Gbps", "16MB", 62.5, 0.20),   # 12.5 / 62.5
    ("e1000", "10Gbps", "16MB", 12, -0.10),       # -1.2 / 12
]

# metric, testbed, link, size (instrumented), n, mean, standard deviation.
VALUES = [
    # Tables IV and V and figure 2b: X reads 4 times a request, U 3 times, Y twice.
    ("client_reads_per_request", "physical", "1Gbps", "500B", 3, 3, 1),       # X, Y, U: 4, 2, 3
    ("client_reads_per_request", "physical", "1Gbps", "1MB", 3, 2.5, 0),      # pairs: (1 x 4 + 3 x 2) / (1 + 3)
    ("client_reads_per_request", "physical", "1Gbps", "16MB", 3, 4, 0),
    ("client_reads_per_request", "e1000", "1Gbps", "500B", 3, 2, 0),
    ("client_reads_per_request", "e1000", "1Gbps", "1MB", 3, 3, 0),
    ("client_reads_per_request", "virtio", "1Gbps", "16MB", 3, 2, 0),
    ("client_reads_per_request", "e1000", "10Gbps", "1MB", 3, 2.5, 0),
    ("client_reads_per_request", "physical", "10Gbps", "16MB", 2, 3, 0),      # one trace is cut off
    ("server_reads_per_request", "physical", "1Gbps", "16MB", 3, 166.83333333333333, 1.4433756729740643),
    # 332 / 2, 332 / 2, 337 / 2: mean 1001 / 6, deviation 2.5 / sqrt(3)
    ("server_reads_per_request", "e1000", "1Gbps", "500B", 3, 2, 0),
    ("server_reads_per_request", "virtio", "10Gbps", "500B", 2, 1, 0),        # one trace lacks a quarter
    ("server_reads_per_request", "physical", "10Gbps", "16MB", 3, 1, 0),      # the server's trace is whole there
    ("client_receives_per_request", "physical", "1Gbps", "500B", 3, 3.25, 1),  # and one pread for four requests
    ("client_network_reads_per_request", "physical", "1Gbps", "500B", 3, 3, 1),
    ("client_writes_per_request", "physical", "1Gbps", "500B", 3, 1, 0),
    ("client_network_writes_per_request", "physical", "1Gbps", "500B", 3, 1, 0),
    ("client_calls_per_request", "physical", "1Gbps", "500B", 3, 11, 0),      # (4 + 4 x 10) / 4
    ("client_events_per_request", "physical", "1Gbps", "500B", 3, 21.75, 0),  # 2 x 44 - 1: execve began as bash
    ("client_connections_per_request", "physical", "1Gbps", "500B", 3, 1, 0),
    ("server_connections_per_request", "physical", "1Gbps", "1MB", 3, 1, 0),
    # Bytes: the reply, 100 the pread, 80 the request.
    ("client_network_read_bytes_per_request", "physical", "1Gbps", "500B", 3, 700, 0),
    ("client_file_read_bytes_per_request", "physical", "1Gbps", "500B", 3, 25, 0),   # 100 / 4
    ("client_file_read_bytes_per_request", "physical", "1Gbps", "1MB", 3, 50, 0),    # (100 + 100) / (1 + 3)
    ("client_file_read_bytes_per_request", "e1000", "1Gbps", "16MB", 3, 0, 0),       # fstat in place of pread
    ("client_read_bytes_per_request", "physical", "1Gbps", "500B", 3, 725, 0),
    ("client_write_bytes_per_request", "physical", "1Gbps", "500B", 3, 80, 0),
    ("server_write_bytes_per_request", "e1000", "1Gbps", "500B", 3, 700, 0),
    # Context switches: of ab 3 a request (e1000: 6), of one server thread 2; those of bash are not ours.
    ("client_context_switches_per_request", "physical", "1Gbps", "1MB", 3, 3, 0),
    ("client_context_switches_per_request", "e1000", "1Gbps", "500B", 3, 6, 0),
    ("server_context_switches_per_request", "virtio", "1Gbps", "500B", 3, 2, 0),
    # Counters of the machine, a request each: 100 switches (e1000: 110), 20 and 30 interrupts, one read and two
    # writes of 8 sectors of 512 bytes (the write counter counts 16 sectors), 50 faults, none of them major.
    ("host_context_switches_per_request", "physical", "1Gbps", "500B", 3, 100, 0),
    ("host_context_switches_per_request", "e1000", "1Gbps", "1MB", 3, 110, 0),
    ("host_interrupts_per_request", "physical", "1Gbps", "1MB", 3, 20, 0),
    ("host_soft_interrupts_per_request", "physical", "1Gbps", "1MB", 3, 30, 0),
    ("host_block_reads_per_request", "physical", "1Gbps", "16MB", 3, 1, 0),
    ("host_block_writes_per_request", "physical", "1Gbps", "16MB", 3, 2, 0),
    ("host_block_read_bytes_per_request", "physical", "1Gbps", "16MB", 3, 4096, 0),
    ("host_block_write_bytes_per_request", "physical", "1Gbps", "16MB", 3, 8192, 0),
    ("host_minor_faults_per_request", "physical", "1Gbps", "16MB", 3, 50, 0),
    ("host_major_faults_per_request", "physical", "1Gbps", "16MB", 3, 0, 0),
    # Figure 2a: the body, 200 bytes of headers, and what was sent again.
    ("server_payload_per_request", "physical", "1Gbps", "500B", 3, 700, 0),
    ("server_payload_per_request", "e1000", "1Gbps", "500B", 3, 875, 0),           # (4 x 700 + 700) / 4
    ("server_unique_per_request", "e1000", "1Gbps", "500B", 3, 700, 0),
    ("server_retransmitted_bytes_per_request", "e1000", "1Gbps", "500B", 3, 175, 0),
    ("server_retransmitted_packets_per_request", "e1000", "1Gbps", "500B", 3, 0.25, 0),
    ("server_payload_per_request", "physical", "1Gbps", "1MB", 3, 1000200, 0),
    ("server_payload_per_request", "e1000", "1Gbps", "1MB", 3, 1050200, 0),        # 4 x 50000 more over 4 requests
    ("server_payload_per_request", "e1000", "1Gbps", "16MB", 3, 16125200, 0),      # 10 x 25000 more over 2
    ("server_payload_per_request", "physical", "10Gbps", "500B", 3, 1400, 700),    # 8, 4, 0 repeats: 2100, 1400, 700
    # Table VI: the server sends 4 packets and the segments, the client 5.
    ("server_packets_per_request", "physical", "1Gbps", "500B", 3, 5.25, 0),       # (4 x 5 + 1) / 4: a flow too many
    ("server_packets_per_request_completed", "physical", "1Gbps", "500B", 3, 5, 0),
    ("client_packets_per_request", "physical", "1Gbps", "500B", 3, 5.5, 0),        # (4 x 5 + 2) / 4
    ("client_packets_per_request_completed", "physical", "1Gbps", "500B", 3, 5, 0),
    ("packets_per_request", "physical", "1Gbps", "500B", 3, 10.75, 0),
    ("packets_per_request_completed", "physical", "1Gbps", "500B", 3, 10, 0),
    ("connections_per_request", "physical", "1Gbps", "500B", 3, 1.25, 0),
    ("connections_per_request_completed", "physical", "1Gbps", "500B", 3, 1, 0),
    ("server_packets_per_request", "e1000", "1Gbps", "500B", 3, 5.25, 0),          # (4 x 5 + 1) / 4: a repeat
    ("server_packets_per_request_completed", "e1000", "1Gbps", "500B", 3, 5.25, 0),
    ("server_packets_per_request", "physical", "1Gbps", "1MB", 3, 24, 0),          # 20 segments
    ("server_packets_per_request", "e1000", "1Gbps", "1MB", 3, 25, 0),             # (28 + 3 x 24) / 4
    ("server_packets_per_request", "physical", "1Gbps", "16MB", 3, 324, 0),        # 320 segments
    ("server_packets_per_request", "e1000", "1Gbps", "16MB", 3, 649, 0),           # 644 + 10 / 2
    ("server_packets_per_request", "physical", "10Gbps", "500B", 3, 6, 1),         # 7, 6, 5
    ("server_packets_per_request", "e1000", "10Gbps", "16MB", 2, 644, 0),          # one capture is cut off
    ("packets_per_request", "e1000", "1Gbps", "16MB", 3, 654, 0),
    ("server_ip_bytes_per_request_completed", "physical", "1Gbps", "500B", 3, 900, 0),  # 700 + 5 x 40
    ("server_data_packets_per_request", "physical", "1Gbps", "16MB", 3, 320, 0),
    ("pure_acks_per_request_completed", "physical", "1Gbps", "500B", 3, 4, 0),     # two of each side
    ("out_of_order_packets_per_request", "e1000", "1Gbps", "16MB", 3, 0, 0),
    # Table VII: 0.32, 0.32, 0.26 to the server, 0.2 to the client: 0.26, 0.26, 0.23.
    ("jitter", "physical", "1Gbps", "500B", 3, 0.25, 0.017320508075688773),        # 0.01 x sqrt(3)
    ("jitter_to_server", "physical", "1Gbps", "500B", 3, 0.3, 0.034641016151377546),
    ("jitter_to_client", "physical", "1Gbps", "500B", 3, 0.2, 0),
    ("jitter", "e1000", "1Gbps", "1MB", 3, 0.25, 0),                               # (0.3 + 0.2) / 2
    ("jitter", "virtio", "1Gbps", "16MB", 3, 0.1, 0),
    ("jitter", "virtio", "10Gbps", "1MB", 2, 0.2, 0),                              # one file is missing
    # Application.
    ("received_per_request", "physical", "1Gbps", "1MB", 3, 1000200, 0),
    ("request_time_median", "physical", "1Gbps", "500B", 3, 10.5, 0),
    ("request_time_median", "physical", "1Gbps", "1MB", 0, NAN, NAN),  # of one request ab prints an unrelated number
    ("request_time_longest", "physical", "1Gbps", "1MB", 3, 20.25, 0),
    ("time_per_request", "physical", "1Gbps", "1MB", 3, 25, 0),
    ("transfer_rate", "physical", "1Gbps", "1MB", 3, 200, 0),                      # 100 + 100
    ("non_2xx_share", "physical", "1Gbps", "1MB", 3, 0, 0),
    # Walks of X, Y, U on the chains of the two other runs, weights (n_ij + 0.5) / (n_i + 0.5 x 9): 1.2337542937, the
    # same, 1.2197967810; the deviation is the difference over sqrt(3).
    ("client_walk_bits_per_transition", "physical", "1Gbps", "500B", 3, 1.229101789472276, 0.008058373737228714),
    ("client_walk_invalid_transitions", "physical", "1Gbps", "500B", 3, 0, 0),
    ("client_walk_invalid_transitions", "e1000", "1Gbps", "16MB", 3, 2, 0),        # open-fstat, fstat-close
    # No walk is valid: with 11 calls open-fstat has 0.5 / (1 + 5.5) and fstat-close 1 / 11, any other weight is above 0.
    ("client_walk_bits_per_transition", "e1000", "1Gbps", "16MB", 3, 1.7761587718643022, 0),
    ("client_walk_invalid_share", "e1000", "1Gbps", "16MB", 3, 1, 0),
    ("client_walk_invalid_share", "physical", "1Gbps", "16MB", 3, 2 / 3, 0.28867513459481287),  # 1/2, 1/2, 1
    ("client_walk_invalid_share", "physical", "1Gbps", "500B", 3, 0, 0),
    ("client_reads", "physical", "1Gbps", "500B", 3, 12, 4),                       # 16, 8, 12
    ("client_reads", "physical", "1Gbps", "1MB", 3, 10, 0),                        # 4 + 3 x 2
]

# Contrasts with the baseline: metric, testbed, link, size, ratio, close, intervals overlap, verdict, reason.
VERDICTS = [
    ("requests_per_second", "virtio", "1Gbps", "500B", 0.9444444444444444, 1, 0, SIMILAR, DECIDED),  # 136 / 144
    ("requests_per_second", "e1000", "1Gbps", "500B", 0.4166666666666667, 0, 0, DIFFERENT, DECIDED),  # 5 / 12
    ("requests_per_second", "e1000", "1Gbps", "1MB", 0.9821428571428571, 1, 0, SIMILAR, DECIDED),  # 110 / 112
    ("requests_per_second", "virtio", "1Gbps", "1MB", 1, 1, 1, SIMILAR, DECIDED),        # no deviation on either side
    ("client_reads_per_request", "e1000", "1Gbps", "500B", 0.6666666666666666, 0, 1, UNDECIDED, DECIDED),
    # 2 +- 0 against 3 +- 1.13: the intervals overlap where 3 - 1.96 / sqrt(3) = 1.868 < 2
    ("client_reads_per_request", "virtio", "1Gbps", "500B", 1, 1, 1, UNDECIDED, DECIDED),
    ("client_reads_per_request", "virtio", "1Gbps", "1MB", 1.6, 0, 0, DIFFERENT, DECIDED),
    ("host_context_switches_per_request", "e1000", "1Gbps", "500B", 1.1, 1, 0, SIMILAR, DECIDED),  # a tie is close
    ("host_major_faults_per_request", "e1000", "1Gbps", "500B", NAN, 1, 1, SIMILAR, DECIDED),      # 0 everywhere
    ("host_context_switches_per_request", "virtio", "1Gbps", "500B", 1, -1, -1, NONE, HOSTS),  # ends share a machine
    ("server_packets_per_request", "e1000", "1Gbps", "16MB", 2.003086419753086, 0, 0, DIFFERENT, DECIDED),  # 649 / 324
    ("server_packets_per_request", "virtio", "1Gbps", "16MB", 1, -1, -1, NONE, POINTS),
    ("server_payload_per_request", "virtio", "10Gbps", "500B", 0.5, -1, -1, NONE, POINTS),
    ("jitter", "e1000", "1Gbps", "500B", 1, 1, 1, UNDECIDED, DECIDED),
    # margins +- 0.025, standard error 0.01: t = 2.5 / 0.9 = 2.78 on 2 degrees is p = 0.054
    ("jitter", "virtio", "1Gbps", "500B", 0.4, 0, 0, DIFFERENT, DECIDED),
    # 1.776 without deviation against 1.734 +- 0.0416: 0.042 is within the margin of 0.05, Welch's interval is not
    ("client_walk_bits_per_transition", "e1000", "1Gbps", "16MB", NAN, 1, 0, UNDECIDED, DECIDED),
    ("client_walk_invalid_share", "e1000", "1Gbps", "16MB", NAN, 0, 0, UNDECIDED, DECIDED),     # 1 against 2/3 +- 0.327
    ("client_walk_invalid_share", "virtio", "1Gbps", "500B", NAN, 1, 1, SIMILAR, DECIDED),      # 0 and 0
    # two usable files: undecided, whatever the numbers are
    ("server_packets_per_request", "e1000", "10Gbps", "16MB", 1.9876543209876543, 0, 0, UNDECIDED, FEW_VALUES),  # 644/324
    ("server_reads_per_request", "virtio", "10Gbps", "500B", 1, 1, 1, UNDECIDED, FEW_VALUES),
    ("jitter", "virtio", "10Gbps", "1MB", 1, 1, 1, UNDECIDED, FEW_VALUES),
]

# Figure 3: the chain of the baseline's server, 1 Gbit/s, 16 MB: source, target, count, weight, pruned weight.
SERVER_EDGES = [
    ("accept", "read", 6, 1, 1),
    ("read", "read", 994, 994 / 1001, 0.994),      # the edge to stat is gone: of 1000
    ("read", "stat", 1, 1 / 1001, 0),              # just below 0.001
    ("read", "write", 6, 6 / 1001, 0.006),
    ("stat", "read", 1, 1, 1),
    ("write", "close", 6, 0.006, 0.006),
    ("write", "futex", 1, 0.001, 0.001),           # exactly 0.001 stays
    ("write", "write", 993, 0.993, 0.993),
    ("futex", "write", 1, 1, 1),
]
# The client's chain, 1 Gbit/s, 500 B: 12 requests of shapes X, Y, U, so 36 polls and 36 reads.
CLIENT_EDGES = [
    ("execve", "open", 3, 1, 1),
    ("open", "pread", 3, 1, 1),
    ("pread", "close", 3, 1, 1),
    ("close", "socket", 12, 1, 1),                 # behind each start, and between requests
    ("socket", "connect", 12, 1, 1),
    ("connect", "write", 12, 1, 1),
    ("write", "poll", 12, 1, 1),
    ("poll", "poll", 24, 2 / 3, 2 / 3),            # 4 + 12 + 8
    ("poll", "read", 12, 1 / 3, 1 / 3),
    ("read", "read", 24, 2 / 3, 2 / 3),
    ("read", "close", 12, 1 / 3, 1 / 3),
]
# Two threads: no accept follows an accept, though they lie side by side in the file.
THREAD_EDGES = [
    ("accept", "read", 12, 1, 1),
    ("read", "write", 12, 1, 1),
    ("write", "close", 12, 1, 1),
    ("close", "accept", 6, 1, 1),                  # each of two threads answers two requests, three runs
]
SECOND_ORDER_EDGES = [
    ("accept>read", "read>write", 12, 1, 1),
    ("read>write", "write>close", 12, 1, 1),
    ("write>close", "close>accept", 6, 1, 1),
    ("close>accept", "accept>read", 6, 1, 1),
]

# Tables VIII and IX, client, order 1, chains of whole sequences. One request of shape S on the chain of shape C has
# probability X|X = Y|Y = 27/1024, X|Y = Y|X = 3/256, U|X = U|Y = 9/512, any|U = 16/729; the rest has weight 1.
# testbed, size, skip, walks, with invalid, invalid transitions, valid off the diagonal,
# log10 relative, log10 relative off the diagonal, reason (0 defined, 1 baseline, 2 no valid walk).
WALK_SETS = [
    ("physical", "500B", 0, 9, 0, 0, 6, 0, 0, 1),
    # mean of the fourth powers: e1000 (X|X + Y|X + any|U) / 3, virtio (2 U|X + any|U) / 3,
    # physical (2 X|X + 2 X|Y + 2 U|X + 3 any|U) / 9, without the diagonal (2 X|Y + 2 U|X + 2 any|U) / 6
    ("e1000", "500B", 0, 9, 0, 0, 9, 0.06615969438172442, 0.32629100925990073, 0),
    ("virtio", "500B", 0, 9, 0, 0, 9, -0.17334760533350746, 0.08678370954467063, 0),
    # run 3 begins with stat where runs 1 and 2 have pread: 2 transitions in each of 4 walks
    ("physical", "16MB", 0, 9, 4, 8, 2, 0, 0, 1),
    ("e1000", "16MB", 0, 9, 9, 18, 0, NAN, NAN, 2),
    # (6/9 (Y|X)^2) / (5/9 (X|X)^2) = 32/135; (6/9 (Y|X)^2) / (2/6 (X|X)^2) = 32/81
    ("virtio", "16MB", 0, 9, 3, 6, 6, -0.6251837901751002, -0.4033350405587438, 0),
    # without the first four calls nothing is invalid; virtio (Y|X)^2 / (X|X)^2 = 16/81
    ("physical", "16MB", 4, 9, 0, 0, 6, 0, 0, 1),
    ("e1000", "16MB", 4, 9, 0, 0, 9, 0, 0, 0),
    ("virtio", "16MB", 4, 9, 0, 0, 9, -0.704365036222725, -0.704365036222725, 0),
]

# Single walks on the chain of physical run 1 of 1 Gbit/s: size, skip, testbed and repetition of the sequence,
# transitions, invalid ones, position of the first, log10 of the probability, bits per transition.
WALKS = [
    ("500B", 0, "physical", "1", 43, 0, -1, -6.315744769923299, 0.48791744170545786),  # 4 log10(27/1024)
    ("500B", 0, "physical", "2", 43, 0, -1, -7.724474842368749, 0.5967476744186046),   # 4 log10(3/256)
    ("500B", 4, "physical", "2", 39, 0, -1, -7.724474842368749, 0.6579525641025641),   # 4 x 6.4150375 / 39
    ("16MB", 0, "e1000", "1", 23, 2, 2, NAN, NAN),                                     # open-fstat ends at call 2
    ("16MB", 4, "e1000", "1", 19, 0, -1, -3.1578723849616497, 0.5521171050354244),     # 2 log10(27/1024)
]

# path, role, state, damage (1: truncated), offset, words of the reason.
ARTIFACTS = [
    ("physical/10Gbps-16MB-true/rep-2/pair-1/client.scap", "client", DAMAGED, 1, 2928, "truncated at offset 2928"),
    # the 40th block begins at 2928, ten bytes of it are there
    ("physical/10Gbps-16MB-true/rep-2/pair-1/server.scap", "server", USED, 0, -1, ""),
    ("e1000/10Gbps-16MB-true/rep-3/pair-1/link.pcap", "none", DAMAGED, 1, 48954, "truncated at offset 48954"),
    # 24 + 699 x (16 + 54)
    ("e1000/10Gbps-16MB-true/rep-2/pair-1/link.pcap", "none", USED, 0, -1, ""),
    ("virtio/10Gbps-1MB-true/rep-1/pair-2/owping.txt", "none", MISSING, 0, -1, "no such file"),
    ("virtio/10Gbps-1MB-true/rep-1/pair-1/owping.txt", "none", USED, 0, -1, ""),
    ("virtio/10Gbps-500B-true/rep-3/pair-1/both.scap", "server", WITHDRAWN, 0, -1, "coverage 0.7500"),
    ("virtio/10Gbps-500B-true/rep-3/pair-1/both.scap", "client", USED, 0, -1, ""),
    ("e1000/10Gbps-500B-true/rep-4/pair-1/ab.txt", "none", DISCARDED, 0, -1, "the run is discarded"),
    ("virtio/1Gbps-500B-true/rep-1/pair-1/link.pcap", "none", NOT_RECORDED, 0, -1, "not recorded in this cell"),
    ("physical/1Gbps-500B-false/rep-1/pair-1/client.scap", "client", NOT_RECORDED, 0, -1, "not recorded"),
]

# What the page must say, as text without markup.
PAGE = [
    "Tables I and II.", "14 400 ± 98 t ± 215", "6 000 ± 980", "110.0 ± 2.0",
    "Table III.", "14 400 ± 98 n = 3 | 16 000 ± 98 n = 3 | 10 %", "−20 %",
    "Tables IV and V.", "3.0 ± 1.1", "2.5 in all runs", "166.8 ± 1.6",
    "Figure 2a.", "1 050 200 in all runs", "Figure 2b.",
    # As the text has it: 12 / 14400, 8 / 6000, 12 / 13600 and 8 / 7
    "Figure 2b as its text says.", "0.0008333 | 0.001333 | 0.0008824", "1.143",
    "Table VI.", "5.25 in all runs", "6.0 ± 1.0", "649 in all runs",
    "Table VII.", "0.250 ± 0.020",
    "Table VIII.", "physical | 4 | 8 | 9 | 0 | 0 | 9 |", "e1000 | 9 | 18 | 9 |",
    "Table IX.", "no valid walk",
    "Figure 3.", "129 transitions, 9 states; pruning keeps 11 of 11 edges, which 129 of the transitions go over; all of",
    "the network adapter was reset", "truncated at offset 2928", "coverage 0.7500",
]


class Results:
    def __init__(self, path):
        self.file = h5py.File(path, "r")
        self.metrics = self.texts("metrics/metric_name")
        self.testbeds = self.texts("campaign/testbed_name")
        levels = [[text.decode() for text in row] for row in self.file["campaign/scenario_level_text"][()]]
        factors = self.texts("campaign/factor_name")
        assert factors == ["link", "size", "instrumented"], factors
        self.scenarios = {tuple(row): index for index, row in enumerate(levels)}
        pairs = zip(self.column("campaign/cell_testbed"), self.column("campaign/cell_scenario"))
        self.cells = {(self.testbeds[testbed], levels[scenario][0], levels[scenario][1], levels[scenario][2]): index
                      for index, (testbed, scenario) in enumerate(pairs)}
        self.runs = {name: index for index, name in enumerate(self.texts("campaign/run_name"))}

    def column(self, path):
        return self.file[path][()].tolist()

    def texts(self, path):
        return [text.decode() for text in self.file[path][()]]

    def summary(self, what, testbed, link, size, instrumented, metric):
        cell = self.cells[testbed, link, size, instrumented]
        return self.file[f"comparison/{what}"][cell, self.metrics.index(metric)].item()

    def contrast(self, testbed, link, size, instrumented, against=None):
        """The number of the contrast with the baseline, or of that over a factor (a name and its reference)."""
        cell = self.cells[testbed, link, size, instrumented]
        factor = -1 if against is None else ["link", "size", "instrumented"].index(against)
        rows = zip(self.column("comparison/contrast_cell"), self.column("comparison/contrast_factor"))
        return [row == (cell, factor) for row in rows].index(True)

    def compared(self, what, contrast, metric):
        return self.file[f"comparison/{what}"][contrast, self.metrics.index(metric)].item()


class Facts:
    """Counts what agrees and prints what does not."""

    def __init__(self):
        self.held = 0
        self.failed = 0

    def equal(self, what, found, expected):
        if isinstance(expected, float) or isinstance(found, float):
            both_nan = math.isnan(found) and math.isnan(expected)
            agrees = both_nan or math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
        else:
            agrees = found == expected
        self.held += agrees
        self.failed += not agrees
        if not agrees:
            print(f"{what}: {found!r}, worked out by hand: {expected!r}")


def check_requests(facts, results):
    for testbed, link, size, mean, low, high in REQUESTS:
        place = (testbed, link, size, "true", "requests_per_second")
        facts.equal(f"n {place}", results.summary("n", *place), 3)
        facts.equal(f"mean {place}", results.summary("mean", *place), float(mean))
        facts.equal(f"normal low {place}", results.summary("normal_low", *place), float(low))
        facts.equal(f"normal high {place}", results.summary("normal_high", *place), float(high))
    # Student's quantile for two degrees of freedom is 4.302652729749...: 14400 - 50 times that, and + 500 times.
    place = ("1Gbps", "500B", "true", "requests_per_second")
    facts.equal("t low", results.summary("t_low", "physical", *place), 14184.8673635125)
    facts.equal("t high", results.summary("t_high", "e1000", *place), 8151.3263648746)
    facts.equal("median", results.summary("median", "e1000", *place), 6500.0)
    facts.equal("minimum", results.summary("minimum", "e1000", *place), 5000.0)
    facts.equal("maximum", results.summary("maximum", "e1000", *place), 6500.0)


def check_overhead(facts, results):
    for testbed, link, size, bare, loss in OVERHEAD:
        contrast = results.contrast(testbed, link, size, "true", "instrumented")
        facts.equal(f"bare {testbed} {link} {size}",
                    results.summary("mean", testbed, link, size, "false", "requests_per_second"), float(bare))
        facts.equal(f"overhead {testbed} {link} {size}",
                    results.compared("relative_loss", contrast, "requests_per_second"), loss)
    contrast = results.contrast("virtio", "1Gbps", "500B", "true", "instrumented")
    facts.equal("no reference", results.compared("reason", contrast, "server_packets_per_request"), NO_REFERENCE)
    facts.equal("same machine", results.compared("reason", contrast, "host_interrupts_per_request"), DECIDED)
    # 1.2 +- wide: neither inside 10 % nor wholly outside.
    contrast = results.contrast("e1000", "1Gbps", "500B", "true", "instrumented")
    facts.equal("undecided", results.compared("verdict", contrast, "requests_per_second"), UNDECIDED)
    facts.equal("not close", results.compared("close", contrast, "requests_per_second"), 0)
    contrast = results.contrast("e1000", "10Gbps", "500B", "true", "link")
    facts.equal("link", results.compared("difference", contrast, "requests_per_second"), 700.0)
    contrast = results.contrast("physical", "10Gbps", "1MB", "true", "size")
    facts.equal("size", results.compared("ratio", contrast, "requests_per_second"), 640 / 13000)


def check_values(facts, results):
    for metric, testbed, link, size, n, mean, deviation in VALUES:
        place = (testbed, link, size, "true", metric)
        facts.equal(f"n {place}", results.summary("n", *place), n)
        facts.equal(f"mean {place}", results.summary("mean", *place), float(mean))
        facts.equal(f"deviation {place}", results.summary("deviation", *place), float(deviation))


def check_pairs(facts, results):
    run = results.runs["physical/1Gbps-1MB-true/rep-1"]
    values = results.file["metrics/value"]
    for metric, one, other, together in [("client_reads_per_request", 4.0, 2.0, 2.5),
                                         ("requests_per_second", 40.0, 72.0, 112.0)]:
        column = results.metrics.index(metric)
        facts.equal(f"{metric} of pair 1", values[run, 0, column].item(), one)
        facts.equal(f"{metric} of pair 2", values[run, 1, column].item(), other)
        facts.equal(f"{metric} of the run", results.file["metrics/run_value"][run, column].item(), together)
    facts.equal("pairs", results.column("campaign/run_pairs")[run], 2)
    # One pair has no jitter: the run has none.
    run = results.runs["virtio/10Gbps-1MB-true/rep-1"]
    column = results.metrics.index("jitter")
    facts.equal("jitter of pair 1", values[run, 0, column].item(), 0.2)
    facts.equal("jitter of pair 2", values[run, 1, column].item(), NAN)
    facts.equal("jitter of the run", results.file["metrics/run_value"][run, column].item(), NAN)


def check_verdicts(facts, results):
    for metric, testbed, link, size, ratio, close, overlap, verdict, reason in VERDICTS:
        contrast = results.contrast(testbed, link, size, "true")
        place = f"{metric} {testbed} {link} {size}"
        facts.equal(f"ratio {place}", results.compared("ratio", contrast, metric), float(ratio))
        facts.equal(f"close {place}", results.compared("close", contrast, metric), close)
        facts.equal(f"overlap {place}", results.compared("intervals_overlap", contrast, metric), overlap)
        facts.equal(f"verdict {place}", results.compared("verdict", contrast, metric), verdict)
        facts.equal(f"reason {place}", results.compared("reason", contrast, metric), reason)
    # -800 against standard errors 100 and 50: 2.941 degrees of freedom, quantile 3.21876, p by numerical integration.
    contrast = results.contrast("virtio", "1Gbps", "500B", "true")
    for what, expected in [("difference", -800.0), ("welch_low", -1159.868153), ("welch_high", -440.131847),
                           ("welch_p", 0.006001624931), ("equivalence_p", 0.006182927715)]:
        found = results.compared(what, contrast, "requests_per_second")
        facts.equal(what, round(found, 9 if abs(found) < 1 else 6), round(expected, 9 if abs(expected) < 1 else 6))


def check_families(facts, results):
    """Adjusted together: primary metrics with a verdict on enough values that are not one constant on both sides."""
    in_family = dict(zip(results.metrics, results.column("metrics/metric_family")))
    facts.equal("primary metrics", sum(in_family.values()), 32)
    facts.equal("one of two twins", (in_family["requests_per_second"], in_family["time_per_request"]), (1, 0))
    quantities = [quantity for quantity in results.texts("metrics/metric_quantity") if quantity]
    facts.equal("a metric a quantity", len(set(quantities)), 32)
    cells, references = results.column("comparison/contrast_cell"), results.column("comparison/contrast_reference")
    deviations = results.file["comparison/deviation"]
    for contrast, (cell, reference) in enumerate(zip(cells, references)):
        tested = []
        for index, metric in enumerate(results.metrics):
            constant = deviations[cell, index] == deviations[reference, index] == 0
            same = constant and results.compared("difference", contrast, metric) == 0
            decided = results.compared("reason", contrast, metric) == DECIDED
            if in_family[metric] and decided and not same:
                tested.append(metric)
        adjusted = [metric for metric in results.metrics if not math.isnan(results.compared("holm_p", contrast, metric))]
        facts.equal(f"tests of contrast {contrast}", adjusted, tested)
        facts.equal(f"number of tests of contrast {contrast}", results.column("comparison/holm_tests")[contrast],
                    len(tested))


def edges_of(results, testbed, link, size, role, order):
    cell = results.cells[testbed, link, size, "true"]
    chains = list(zip(*(results.column(f"os/chain_{name}") for name in ("cell", "role", "order"))))
    chain = chains.index((cell, role, order))
    labels = results.texts("os/state_label")
    columns = zip(*(results.column(f"os/edge_{name}")
                    for name in ("chain", "source", "target", "count", "weight", "pruned_weight")))
    return chain, {(labels[source], labels[target]): (count, weight, pruned)
                   for owner, source, target, count, weight, pruned in columns if owner == chain}


def check_chain(facts, results, where, expected, pruned_edges):
    chain, edges = edges_of(results, *where)
    facts.equal(f"edges {where}", sorted(edges), sorted((source, target) for source, target, *_ in expected))
    for source, target, count, weight, pruned in expected:
        found = edges.get((source, target), (0, NAN, NAN))
        facts.equal(f"count {source}-{target} {where}", found[0], count)
        facts.equal(f"weight {source}-{target} {where}", found[1], float(weight))
        facts.equal(f"pruned {source}-{target} {where}", found[2], float(pruned))
    facts.equal(f"sequences {where}", results.column("os/chain_sequences")[chain], 3)
    facts.equal(f"transitions {where}", results.column("os/chain_transitions")[chain], sum(row[2] for row in expected))
    facts.equal(f"pruned edges {where}", results.column("os/chain_pruned_edges")[chain], pruned_edges)


def check_chains(facts, results):
    check_chain(facts, results, ("physical", "1Gbps", "16MB", SERVER, 1), SERVER_EDGES, 8)
    check_chain(facts, results, ("physical", "1Gbps", "500B", CLIENT, 1), CLIENT_EDGES, 11)
    check_chain(facts, results, ("physical", "1Gbps", "500B", SERVER, 1), THREAD_EDGES, 4)
    check_chain(facts, results, ("physical", "1Gbps", "500B", SERVER, 2), SECOND_ORDER_EDGES, 4)
    chain, _ = edges_of(results, "physical", "10Gbps", "16MB", CLIENT, 1)
    facts.equal("sequences where one is cut off", results.column("os/chain_sequences")[chain], 2)


def window_of(results, link, size, role, skip):
    rows = zip(*(results.column(f"os/window_{name}") for name in ("scenario", "role", "skip")))
    return list(rows).index((results.scenarios[link, size, "true"], role, skip))


def check_walk_sets(facts, results):
    rows = list(zip(*(results.column(f"os/walk_set_{name}") for name in ("window", "testbed", "order", "basis"))))
    for testbed, size, skip, *expected in WALK_SETS:
        window = window_of(results, "1Gbps", size, CLIENT, skip)
        row = rows.index((window, results.testbeds.index(testbed), 1, 0))
        names = ("walks", "with_invalid", "invalid_transitions", "valid_off_diagonal", "log10_relative",
                 "log10_relative_off_diagonal", "reason")
        for name, value in zip(names, expected):
            facts.equal(f"{name} {testbed} {size} skip {skip}", results.column(f"os/walk_set_{name}")[row], value)
    baseline = rows.index((window_of(results, "1Gbps", "500B", CLIENT, 0), 0, 1, 0))
    # log10 of (2 (27/1024)^4 + 2 (3/256)^4 + 2 (9/512)^4 + 3 (16/729)^4) / 9
    facts.equal("mean probability", results.column("os/walk_set_log10_mean_probability")[baseline], -6.677439492954434)
    # the mean of the nine logs: (2 x -6.315744770 + 2 x -7.724474842 + 2 x -7.020109806 + 3 x -6.634430183) / 9
    facts.equal("mean log", results.column("os/walk_set_mean_log10_probability")[baseline], -6.891549931646749)
    facts.equal("bits", results.column("os/walk_set_mean_bits_per_transition")[baseline], 0.5324007752385214)
    e1000 = rows.index((window_of(results, "1Gbps", "500B", CLIENT, 0), 1, 1, 0))
    # X|X + Y|X + any|U bits for e1000, and three times those of the baseline's nine: the same mean
    facts.equal("bits above", results.column("os/walk_set_bits_difference")[e1000], 0.0)


def check_windows(facts, results):
    # 1MB: the pair with one request is the shortest of both pairs' sequences.
    for size, skip, limit, sequences in [("500B", 0, 44, 9), ("500B", 4, 40, 9), ("1MB", 0, 14, 18),
                                         ("1MB", 4, 10, 18)]:
        window = window_of(results, "1Gbps", size, CLIENT, skip)
        facts.equal(f"limit {size} {skip}", results.column("os/window_limit")[window], limit)
        facts.equal(f"sequences {size} {skip}", results.column("os/window_sequences")[window], sequences)
        facts.equal(f"short {size} {skip}", results.column("os/window_short")[window], 0)


def check_walks(facts, results):
    names = ("window", "order", "basis", "chain_run", "sequence_run")
    rows = list(zip(*(results.column(f"os/walk_{name}") for name in names)))
    for size, skip, testbed, repetition, *expected in WALKS:
        window = window_of(results, "1Gbps", size, CLIENT, skip)
        chain = results.runs[f"physical/1Gbps-{size}-true/rep-1"]
        row = rows.index((window, 1, 0, chain, results.runs[f"{testbed}/1Gbps-{size}-true/rep-{repetition}"]))
        for name, value in zip(("transitions", "invalid_transitions", "first_invalid", "log10_probability",
                                "bits_per_transition"), expected):
            facts.equal(f"{name} {testbed} {repetition} {size} skip {skip}",
                        results.column(f"os/walk_{name}")[row], value)


def check_quality(facts, results):
    paths = results.texts("quality/artifact_path")
    roles = results.texts("quality/artifact_role")
    reasons = results.texts("quality/artifact_reason")
    for path, role, state, damage, offset, words in ARTIFACTS:
        row = [(a, b) for a, b in zip(paths, roles)].index((path, role))
        facts.equal(f"state {path}", results.column("quality/artifact_state")[row], state)
        facts.equal(f"damage {path}", results.column("quality/damage")[row], damage)
        facts.equal(f"offset {path}", results.column("quality/damage_offset")[row], offset)
        agrees = words in reasons[row] and bool(words) == bool(reasons[row])
        facts.equal(f"the reason of {path}, '{reasons[row]}'", agrees, True)
    states = results.column("quality/artifact_state")
    facts.equal("states", [states.count(state) for state in (MISSING, DAMAGED, WITHDRAWN)], [1, 2, 1])
    names = ("stream_bytes", "decoded_bytes", "skipped_bytes", "damaged_bytes", "file_bytes", "consumed_bytes",
             "left_bytes")
    for path, *account in zip(paths, *(results.column(f"quality/{name}") for name in names)):
        stream, decoded, skipped, damaged, size, consumed, left = account
        facts.equal(f"bytes of the stream of {path}", decoded + skipped + damaged, stream)
        facts.equal(f"bytes of {path}", size, consumed + left if consumed + left > 0 else stream)


def check_runs(facts, results):
    discarded = results.column("campaign/run_discarded")
    run = results.runs["e1000/10Gbps-500B-true/rep-4"]
    facts.equal("discarded runs", [index for index, value in enumerate(discarded) if value], [run])
    facts.equal("reason", results.texts("campaign/run_discard_reason")[run], "the network adapter was reset")
    facts.equal("value of a discarded run",
                results.file["metrics/run_value"][run, results.metrics.index("requests_per_second")].item(), NAN)
    stalled = results.column("campaign/run_stalled")
    # 13000 ms is 1300 times the median; seen, not discarded.
    facts.equal("stalled runs", [index for index, value in enumerate(stalled) if value == 1],
                [results.runs["e1000/1Gbps-500B-true/rep-1"]])


def check_flows(facts, results):
    artifacts = results.texts("quality/artifact_path")
    number = artifacts.index("physical/1Gbps-500B-true/rep-1/pair-1/link.pcap")
    flows = [row for row, owner in enumerate(results.column("net/flow_artifact")) if owner == number]
    facts.equal("flows", len(flows), 5)
    column = {name: [results.column(f"net/flow_{name}")[row] for row in flows]
              for name in ("client_port", "completed_reply", "client_packets", "server_packets", "server_unique_bytes",
                           "ended", "first_packet")}
    facts.equal("ports", column["client_port"], [40001, 40002, 40003, 40004, 40099])
    facts.equal("completed", column["completed_reply"], [1, 1, 1, 1, 0])
    facts.equal("packets of the client", column["client_packets"], [5, 5, 5, 5, 2])
    facts.equal("packets of the server", column["server_packets"], [5, 5, 5, 5, 1])
    facts.equal("bytes", column["server_unique_bytes"], [700, 700, 700, 700, 0])
    facts.equal("first packets", column["first_packet"], [0, 10, 20, 30, 40])
    check_flows_together(facts, results, number, flows)


def check_flows_together(facts, results, artifact, flows):
    """What a capture's flows add up to stands in the file even when their rows do not."""
    capture = list(results.column("net/capture_artifact")).index(artifact)
    ended = [results.column("net/flow_ended")[row] for row in flows]
    for number, name in enumerate(("open", "closed", "reset")):
        facts.equal(f"{name} flows", results.column(f"net/capture_{name}_flows")[capture], ended.count(number))
    percentiles = results.column("net/capture_server_segment")[capture]
    facts.equal("percents", len(percentiles), 101)
    sent = [row for row in flows if results.column("net/flow_server_data_packets")[row] > 0]
    facts.equal("smallest segment", percentiles[0], min(results.column("net/flow_server_segment_min")[row] for row in sent))
    facts.equal("largest segment", percentiles[100], max(results.column("net/flow_server_segment_max")[row] for row in sent))
    facts.equal("percentiles rise", list(percentiles), sorted(percentiles))


def check_reasons(facts, results):
    """No value without evidence: every missing value has a reason, and no reason stands beside a value."""
    sentences = results.texts("metrics/reason_sentence")
    values, reasons = results.column("metrics/run_value"), results.column("metrics/run_reason")
    used = set()
    for run, (row, why) in enumerate(zip(values, reasons)):
        for metric, (value, reason) in enumerate(zip(row, why)):
            if math.isnan(value) != (reason >= 0):
                facts.equal(f"reason of run {run}, {results.metrics[metric]}", reason, "a reason where there is none")
            used.add(reason)
    facts.equal("reasons that are used", sorted(used - {-1}), list(range(len(sentences))))
    facts.equal("reasons are told once", len(set(sentences)), len(sentences))

    def reason_of(run, metric):
        return sentences[reasons[results.runs[run]][results.metrics.index(metric)]]

    for run, metric, words in (
            ("e1000/10Gbps-500B-true/rep-4", "requests_per_second", "the run is discarded: the network adapter was reset"),
            ("virtio/10Gbps-1MB-true/rep-1", "jitter", "latency file: no such file, though other runs"),
            ("physical/10Gbps-16MB-true/rep-2", "client_reads_per_request", "trace of the client: truncated at offset 2928"),
            ("virtio/10Gbps-500B-true/rep-3", "server_reads_per_request", "trace of the server: it holds 3 connections"),
            ("physical/1Gbps-500B-false/rep-1", "client_reads_per_request", "trace of the client: not recorded"),
            ("physical/1Gbps-500B-false/rep-1", "packets_per_request", "capture: not recorded in this cell")):
        facts.equal(f"{metric} of {run}: {reason_of(run, metric)}", words in reason_of(run, metric), True)


def check_checks(facts, results):
    """What is known twice agrees, but in the trace that missed a quarter and in the files that are cut off."""
    words = results.file["quality/check_verdict"].attrs["flag_meanings"]
    words = (words.decode() if isinstance(words, bytes) else words).split()
    paths = results.texts("quality/artifact_path")
    found = {(paths[artifact], words[verdict])
             for artifact, verdict in zip(results.column("quality/check_artifact"), results.column("quality/check_verdict"))
             if words[verdict] in ("too_few", "too_many")}
    facts.equal("records that disagree", sorted(found),
                [("virtio/10Gbps-500B-true/rep-3/pair-1/both.scap", "too_few")])
    made = [words[verdict] for verdict in results.column("quality/check_verdict")].count("agrees")
    facts.equal("records that agree are many", made > 100, True)


def page_text(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"<(svg|style|script)\b.*?</\1>", " ", text, flags=re.S)
    text = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</t[dh]>", " | ", text)))
    return re.sub(r"\s+", " ", text)


def check_page(facts, path):
    text = page_text(path)
    for words in PAGE:
        facts.equal(f"the page says '{words}'", words in text, True)


def main(results_path, page_path):
    facts = Facts()
    results = Results(results_path)
    for check in (check_requests, check_overhead, check_values, check_pairs, check_verdicts, check_families, check_chains,
                  check_walk_sets, check_windows, check_walks, check_quality, check_reasons, check_checks, check_runs,
                  check_flows):
        check(facts, results)
    check_page(facts, page_path)
    print(f"{facts.held} numbers agree, {facts.failed} do not")
    return 1 if facts.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
