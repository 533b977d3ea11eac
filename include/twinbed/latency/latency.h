/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_LATENCY_LATENCY_H
#define TWINBED_LATENCY_LATENCY_H

/* One-way latency sessions as owping, owstats and powstream leave them:
 * text reports, machine summaries (-M, .sum), raw records (-R), .owp files. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

enum tb_latency_form { TB_LATENCY_TEXT, TB_LATENCY_SUMMARY, TB_LATENCY_RAW, TB_LATENCY_OWP };

enum { TB_LATENCY_HOST_SIZE = 128, TB_LATENCY_ADDRESS_SIZE = 64 };

/* Of one file: one session a minute makes so many in eleven days. */
enum { TB_LATENCY_SESSIONS_MOST = 1 << 14 };

/* Times in milliseconds; NaN when not given. */
struct tb_latency_session {
    char from[TB_LATENCY_HOST_SIZE]; /* sender as printed; empty when the form does not say */
    char to[TB_LATENCY_HOST_SIZE];
    char from_address[TB_LATENCY_ADDRESS_SIZE]; /* -M, .owp: without port; empty where the form names hosts alone */
    char to_address[TB_LATENCY_ADDRESS_SIZE];
    uint64_t sent;
    uint64_t lost;
    uint64_t duplicates;
    bool synchronised;
    double minimum_ms;
    double median_ms; /* as printed: a multiple of the bucket width */
    double maximum_ms;
    double jitter_ms;       /* as printed: P95 - P50, a multiple of the bucket width */
    double exact_median_ms; /* from records; NaN without them */
    double exact_jitter_ms; /* from records: exact P95 - P50 over sent packets */
    double bucket_width_ms; /* 0.1 unless the file says otherwise */
};

struct tb_latency {
    struct tb_account account;
    enum tb_latency_form form;
    struct tb_latency_session *sessions; /* owned; in file order */
    size_t session_count;
};

/* As tb_capture_read: damage is recorded in account. A file without any session is TB_DAMAGE_UNREADABLE there.
 * TB_UNSUPPORTED, by name, for two-way sessions and for JSON of perfSONAR, and for more than TB_LATENCY_SESSIONS_MOST. */
TB_MUST_USE enum tb_status tb_latency_read(struct tb_source *source, struct tb_latency **latency,
                                           struct tb_error *error);
void tb_latency_free(struct tb_latency *latency);
void tb_latency_pack(const struct tb_latency *latency, struct tb_buffer *buffer);
TB_MUST_USE bool tb_latency_unpack(struct tb_latency **latency, struct tb_bytes *bytes);

/* How many of the sessions have no jitter, because nothing was sent or more than 5 % was lost. */
size_t tb_latency_without_jitter(const struct tb_latency_session *sessions, size_t count);

const char *tb_latency_form_name(enum tb_latency_form form);

#endif
