/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_FLOW_COLUMNS_H
#define TWINBED_RESULTS_FLOW_COLUMNS_H

/* The columns of one side of a flow beyond the core, in one list: the schema, the
 * rows and the listing for peers are made of it.
 * X(WHO, who, NAME, name, type, unit, sentence, value): WHO and who are CLIENT
 * and "client" or SERVER and "server"; value is an expression over
 * struct tb_flow_detail *detail and struct tb_flow_values *values. */

/* For the checks that compile each header alone. */
#include <stdint.h>

/* clang-format off */
#define TB_FLOW_TIME_COLUMNS(X, WHO, who, NAME, name, what, times)                                                     \
    X(WHO, who, NAME##_MIN, name "_min", FLOAT64, "s", "Least " what, values->times.minimum)                           \
    X(WHO, who, NAME##_MAX, name "_max", FLOAT64, "s", "Greatest " what, values->times.maximum)                        \
    X(WHO, who, NAME##_MEAN, name "_mean", FLOAT64, "s", "Mean " what, values->times.mean)                             \
    X(WHO, who, NAME##_SD, name "_sd", FLOAT64, "s", "Standard deviation of the " what, values->times.deviation)

#define TB_FLOW_COLUMNS(X, WHO, who)                                                                                   \
    X(WHO, who, ACK_PACKETS, "ack_packets", INT64, "1", "Packets with ACK", detail->ack_packets)                       \
    X(WHO, who, SACK_PACKETS, "sack_packets", INT64, "1", "Packets with ACK and SACK blocks", detail->sack_packets)    \
    X(WHO, who, SACKS, "sacks", INT64, "1", "Packets with SACK blocks", detail->sacks)                                 \
    X(WHO, who, DSACK_PACKETS, "dsack_packets", INT64, "1",                                                            \
      "SACK packets that tell of bytes received twice", detail->dsack_packets)                                       \
    X(WHO, who, SACK_BLOCKS_MAX, "sack_blocks_max", INT32, "1", "Most SACK blocks in a packet", detail->sack_blocks_max) \
    X(WHO, who, PUSHED_PACKETS, "pushed_packets", INT64, "1", "Packets with payload and PSH", detail->pushed_packets)  \
    X(WHO, who, URGENT_PACKETS, "urgent_packets", INT64, "1", "Packets with payload and URG", detail->urgent_packets)  \
    X(WHO, who, URGENT_BYTES, "urgent_bytes", INT64, "bytes", "Sum of their urgent pointers", detail->urgent_bytes)    \
    X(WHO, who, PROBE_PACKETS, "probe_packets", INT64, "1", "Zero-window probes", detail->probe_packets)               \
    X(WHO, who, PROBE_BYTES, "probe_bytes", INT64, "bytes", "Payload of zero-window probes", detail->probe_bytes)      \
    X(WHO, who, ASKED_SCALE, "asked_scale", INT32, "1", "1 when a window scale option was seen", detail->asked_scale)  \
    X(WHO, who, ASKED_TIMESTAMPS, "asked_timestamps", INT32, "1",                                                      \
      "1 when a timestamp option was seen", detail->asked_timestamps)                                                  \
    X(WHO, who, ASKED_SACK, "asked_sack", INT32, "1", "1 when SACK was permitted", detail->asked_sack)                 \
    X(WHO, who, ASKED_ECN, "asked_ecn", INT32, "1", "1 when a SYN had ECE", detail->asked_ecn)                         \
    X(WHO, who, WINDOW_SCALE, "window_scale", INT32, "1",                                                              \
      "Window shift of the SYN, 0 unless both sides gave one", detail->window_scale)                                   \
    X(WHO, who, MSS, "mss", FLOAT64, "bytes", "Maximum segment size of the SYN, NaN without", values->mss)             \
    X(WHO, who, SEGMENT_MAX, "segment_max", INT64, "bytes", "Largest payload of a packet", detail->segment_max)        \
    X(WHO, who, SEGMENT_MIN, "segment_min", INT64, "bytes", "Smallest payload above 0", detail->segment_min)           \
    X(WHO, who, SEGMENT_MEAN, "segment_mean", FLOAT64, "bytes", "Mean payload of data packets", values->segment_mean)  \
    X(WHO, who, WINDOW_MAX, "window_max", INT64, "bytes", "Largest window advertised", detail->window_max)             \
    X(WHO, who, WINDOW_MIN, "window_min", INT64, "bytes", "Smallest window above 0", detail->window_min)               \
    X(WHO, who, WINDOW_MEAN, "window_mean", FLOAT64, "bytes", "Mean window advertised", values->window_mean)           \
    X(WHO, who, ZERO_WINDOWS, "zero_windows", INT64, "1", "Packets with a window of 0", detail->zero_windows)          \
    X(WHO, who, OUTSTANDING_MAX, "outstanding_max", INT64, "bytes",                                                    \
      "Most bytes sent and not yet acknowledged", detail->outstanding_max)                                             \
    X(WHO, who, OUTSTANDING_MIN, "outstanding_min", INT64, "bytes", "Fewest of these above 0", detail->outstanding_min) \
    X(WHO, who, OUTSTANDING_MEAN, "outstanding_mean", FLOAT64, "bytes",                                                \
      "Mean of these over packets", values->outstanding_mean)                                                          \
    X(WHO, who, OUTSTANDING_WEIGHTED, "outstanding_weighted", FLOAT64, "bytes",                                        \
      "Mean of these over the flow's time", values->outstanding_weighted)                                              \
    X(WHO, who, INITIAL_WINDOW_BYTES, "initial_window_bytes", INT64, "bytes",                                          \
      "Payload sent before any was acknowledged", detail->initial_window_bytes)                                               \
    X(WHO, who, INITIAL_WINDOW_PACKETS, "initial_window_packets", INT64, "1",                                          \
      "Packets of the initial window", detail->initial_window_packets)                                                        \
    X(WHO, who, STREAM_BYTES, "stream_bytes", INT64, "bytes",                                                          \
      "Bytes between SYN and FIN, -1 unless both were seen", detail->stream_bytes)                                     \
    X(WHO, who, MISSED_BYTES, "missed_bytes", FLOAT64, "bytes",                                                        \
      "Stream bytes minus unique bytes, signed, NaN unless known", values->missed_bytes)                               \
    X(WHO, who, TRUNCATED_BYTES, "truncated_bytes", INT64, "bytes", "Payload that is not in the file", detail->truncated_bytes) \
    X(WHO, who, TRUNCATED_PACKETS, "truncated_packets", INT64, "1",                                                    \
      "Packets whose payload was cut", detail->truncated_packets)                                                            \
    X(WHO, who, DATA_TIME, "data_time", FLOAT64, "s", "First data packet to the last", values->data_time)              \
    X(WHO, who, IDLE_MAX, "idle_max", FLOAT64, "s", "Longest time between two packets", values->idle_max)              \
    X(WHO, who, DUPLICATE_PACKETS, "duplicate_packets", INT64, "1",                                                    \
      "Packets with IP identification and sequence number of one of the last eight", detail->duplicate_packets)        \
    X(WHO, who, THROUGHPUT, "throughput", FLOAT64, "bytes/s", "Unique bytes over the flow's duration", values->throughput) \
    X(WHO, who, GAPS, "gaps", INT64, "1", "Times between packets", detail->gap.count)                                  \
    TB_FLOW_TIME_COLUMNS(X, WHO, who, GAP, "gap", "time between packets", gap)                                         \
    X(WHO, who, RTTS, "rtts", INT64, "1", "Round-trip times of segments", detail->rtt.count)                           \
    TB_FLOW_TIME_COLUMNS(X, WHO, who, RTT, "rtt", "round-trip time of segments", rtt)                                  \
    X(WHO, who, HANDSHAKE_RTT, "handshake_rtt", FLOAT64, "s", "Round-trip time of the SYN", values->handshake_rtt)     \
    X(WHO, who, FULL_RTTS, "full_rtts", INT64, "1", "Round-trip times of full-size segments", detail->full_rtt.count)  \
    TB_FLOW_TIME_COLUMNS(X, WHO, who, FULL_RTT, "full_rtt", "round-trip time of full-size segments", full_rtt)         \
    X(WHO, who, AMBIGUOUS_ACKS, "ambiguous_acks", INT64, "1",                                                          \
      "Acknowledgements of repeated segments", detail->ambiguous_rtt.count)                                                \
    TB_FLOW_TIME_COLUMNS(X, WHO, who, AMBIGUOUS_RTT, "ambiguous_rtt",                                                  \
                         "time from the last copy of repeated segments to the acknowledgement", ambiguous_rtt)             \
    X(WHO, who, POST_LOSS_ACKS, "post_loss_acks", INT64, "1",                                                          \
      "Acknowledgements with an older segment that was sent later", detail->post_loss_acks)                            \
    X(WHO, who, CUMULATIVE_ACKS, "cumulative_acks", INT64, "1",                                                        \
      "Segments acknowledged by an acknowledgement behind their end", detail->cumulative_acks)                         \
    X(WHO, who, DUPLICATE_ACKS, "duplicate_acks", INT64, "1",                                                          \
      "Duplicate acknowledgements by the other side of segments", detail->duplicate_acks)                              \
    X(WHO, who, TRIPLE_DUPLICATE_ACKS, "triple_duplicate_acks", INT64, "1",                                            \
      "Third duplicates in a row by the other side of segments", detail->triple_duplicate_acks)                                  \
    X(WHO, who, MOST_REPEATS, "most_repeats", INT64, "1",                                                              \
      "Most repeats of a segment not yet acknowledged", detail->most_repeats)                                          \
    X(WHO, who, REPEAT_TIMES, "repeat_times", INT64, "1", "Times between copies of segments", detail->repeat_time.count)    \
    TB_FLOW_TIME_COLUMNS(X, WHO, who, REPEAT_TIME, "repeat_time", "time between copies of segments", repeat_time)           \
    X(WHO, who, SPURIOUS_RETRANSMISSIONS, "spurious_retransmissions", INT64, "1",                                      \
      "Retransmissions of bytes acknowledged before", detail->spurious_retransmissions)                                        \
    X(WHO, who, FAST_RETRANSMISSIONS, "fast_retransmissions", INT64, "1",                                              \
      "Retransmissions that follow a third duplicate acknowledgement", detail->fast_retransmissions)                           \
    X(WHO, who, TIMEOUT_RETRANSMISSIONS, "timeout_retransmissions", INT64, "1",                                        \
      "Other retransmissions", detail->timeout_retransmissions)                                                                \
    X(WHO, who, WINDOW_STALLS, "window_stalls", INT64, "1",                                                            \
      "Times the other side closed its window for segments", detail->window_stalls)                                    \
    X(WHO, who, WINDOW_STALL_TIME, "window_stall_time", FLOAT64, "s",                                                  \
      "Time for which it was closed for segments", (double)detail->window_stall_time * 1e-9)                           \
    X(WHO, who, ECE_PACKETS, "ece_packets", INT64, "1", "Packets with ECE, no SYN", detail->ece_packets)              \
    X(WHO, who, CWR_PACKETS, "cwr_packets", INT64, "1", "Packets with CWR, no SYN", detail->cwr_packets)           \
    X(WHO, who, CE_PACKETS, "ce_packets", INT64, "1",                                                                  \
      "Packets marked as having met congestion", detail->ce_packets)                                            \
    X(WHO, who, STALLS, "stalls", INT64, "1",                                                                          \
      "Gaps of the flow of 1 s and more while data waited that was", detail->stalls)                                   \
    X(WHO, who, STALL_TIME, "stall_time", FLOAT64, "s",                                                                \
      "Time in stalls of data", (double)detail->stall_time * 1e-9)                                                     \
    X(WHO, who, STALL_LONGEST, "stall_longest", FLOAT64, "s",                                                          \
      "Longest stall of data", (double)detail->stall_longest * 1e-9)                                                   \
    X(WHO, who, REQUESTS, "requests", INT64, "1", "HTTP/1 requests found in payload", detail->requests)                \
    X(WHO, who, REPLIES, "replies", INT64, "1", "HTTP/1 replies found in payload", detail->replies)
/* clang-format on */

#endif
