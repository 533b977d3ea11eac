/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_WORKLOAD_TOOLS_H
#define TWINBED_APP_WORKLOAD_TOOLS_H

/* What programs that make a workload say of it, each recognised by its content, in the terms of ApacheBench:
 *
 *   tool      completed units, per second            failed         latencies
 *   ab        requests                               see ab         of requests
 *   wrk wrk2  requests                               socket errors  --latency: of requests; mean and longest always
 *   h2load    requests done                          errored        shortest, mean, longest
 *   hey       replies and errors                     errors         of requests, in steps of 0.1 ms
 *   k6        http_reqs (--summary-export, handleSummary)   http_req_failed   of http_req_duration
 *   vegeta    requests (report -type=json)           not successful of requests
 *   iperf3    blocks of blksize bytes; UDP: packets (-J, either end)  UDP: lost packets  none
 *   fio       I/O operations of all jobs (json)      those of total_err   where one job goes in one direction: of completion
 *   sockperf  messages (ping-pong, under-load)       dropped        as it prints them: half a round trip
 *   ping      echo requests                          not answered   shortest, mean, longest round trip
 *
 * Sources: output of wrk 4.1, h2load 1.52, hey 0.1.4, iperf 3.12, fio 3.33, sockperf 3.7 and iputils 20221126; the
 * documents of k6 (end-of-test summary), vegeta (README, report) and wrk2 (README). */

#include "twinbed/app/apachebench.h"

/* As tb_apachebench_read, which reads what no other tool wrote. Units that a tool does not say are not stated; times are NaN.
 * TB_TRUNCATED without a rate; TB_CORRUPT for JSON or numbers that are none. */
TB_MUST_USE enum tb_status tb_workload_read(struct tb_source *source, struct tb_apachebench *result,
                                            struct tb_error *error);

/* The tool that a file begins as, TB_TOOL_AB for any other. JSON is parsed as far as it is there: size bytes may be all or
 * a beginning. */
enum tb_tool tb_workload_recognise(const uint8_t *data, size_t size);

/* "wrk", ...; static. */
const char *tb_tool_name(enum tb_tool tool);
/* What it asks of a server are requests over HTTP; else operations of another kind. */
bool tb_tool_makes_requests(enum tb_tool tool);

#endif
