/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_ARTIFACT_PARTS_H
#define TWINBED_SRC_DECODE_ARTIFACT_PARTS_H

/* From an artifact to its part and back. A part begins with the format found in
 * the file, as text; then comes the packed result. */

#include "decoding.h"
#include "flow_parts.h"
#include "twinbed/app/apachebench.h"
#include "twinbed/app/counters.h"
#include "twinbed/capture/capture.h"
#include "twinbed/capture/capture_log.h"
#include "twinbed/decode/artifacts.h"
#include "twinbed/latency/latency.h"

/* What an artifact's part held. Only the member of its kind is set. */
struct artifact_content {
    enum tb_artifact_kind kind;
    char *format; /* owned */
    struct tb_trace *trace;
    struct tb_capture *capture;
    struct tb_latency *latency;
    struct tb_apachebench ab;
    struct tb_ab_quantiles quantiles;
    struct tb_ab_requests requests;
    struct tb_counters counters;
    struct tb_capture_log capture_log;
    uint64_t work_units;
    struct tb_account work_account;
};

/* How it went with one artifact, whatever the status. */
struct decode_course {
    bool reused;  /* a whole part was there */
    bool unsaved; /* nothing is wrong with the file: its part cannot be written */
};

/* Who decodes one artifact. */
struct hands {
    int threads;                /* of this rank */
    const struct tb_team *team; /* that this rank leads, for a trace or capture; NULL: this rank alone */
    int decompressors;          /* threads that may decompress beside decoding */
};

/* How many threads are to decode the file of a segment of this rank: all, or one. */
int tb_artifact_threads(const struct decoding *decoding, const struct tb_segment *segment);

/* Calls decode for the artifact of each segment of this rank: first for those that all threads are to decode, one after
 * another, then from all threads, each with the next largest of the others. Hands get a second thread to decompress
 * when so few are left that there is one. Not collective. */
void tb_artifacts_each(const struct decoding *decoding,
                       void (*decode)(void *context, size_t artifact, const struct hands *hands), void *context);

/* Decodes the artifact's file and saves its part, unless a whole part is there.
 * Not collective, but that the rest of a team must follow until it is dismissed;
 * any thread, but outside of others' work with several threads or a team. */
TB_MUST_USE enum tb_status tb_artifact_decode(const struct decoding *decoding, size_t artifact,
                                              const struct hands *hands, struct decode_course *course,
                                              struct tb_error *error);

/* What the ranks of a team do meanwhile that do not lead it. first: a trace is decoded as a whole, not in cuts. begins:
 * room for twice one more than the team's ranks. */
void tb_artifact_follow(const struct decoding *decoding, size_t artifact, bool first, const struct tb_team *team,
                        uint64_t *begins);

/* The key of one block of the list of a trace's calls. key must be empty; the caller frees it. */
TB_MUST_USE enum tb_status tb_artifact_list_key(const struct decoding *decoding, size_t artifact, uint64_t block,
                                                struct tb_buffer *key, struct tb_error *error);

/* Reads the part of an artifact that was decoded; decodes again when it does not hold. */
TB_MUST_USE enum tb_status tb_artifact_load(const struct decoding *decoding, size_t artifact,
                                            struct artifact_content *content, struct tb_error *error);

/* The part with the rows of the flows of a capture that was decoded. */
TB_MUST_USE enum tb_status tb_artifact_open_flow_rows(const struct decoding *decoding, size_t artifact,
                                                      struct tb_part_reader **reader, struct tb_error *error);

void tb_artifact_content_free(struct artifact_content *content);
const struct tb_account *tb_artifact_account(const struct artifact_content *content);

/* The (pair, role)s whose sequences one trace file holds: artifacts that share
 * it, in order. Sequence i of its part belongs to artifact sharers[i]. Returns
 * how many there are, and fills no more than room; a campaign in which one file
 * has more than TRACE_SHARERS_MAX is refused. */
size_t tb_trace_sharers(const struct tb_campaign *campaign, size_t artifact, size_t *sharers, size_t room);
enum { TRACE_SHARERS_MAX = 128 };

/* What of a trace can be counted only once the lengths of sequences are known. */
struct trace_cuts {
    struct tb_window *windows;           /* owned; [sharer * settings + setting]; (0, 0) where none is needed */
    size_t window_count;                 /* of all sharers; 0 when none cuts its sequence */
    uint64_t stretch[TRACE_SHARERS_MAX]; /* calls of a stretch of each sharer's sequence; 0: none */
    bool stretched;                      /* some sharer's sequence has stretches */
};

/* Counts a trace inside the cuts, and saves that as a part of its own, unless it is there. The calls come from the list
 * that was made when the trace was decoded; where there is none the trace is decoded again. */
TB_MUST_USE enum tb_status tb_trace_decode_cuts(const struct decoding *decoding, size_t artifact,
                                                const struct hands *hands, const struct trace_cuts *cuts,
                                                struct tb_error *error);
TB_MUST_USE enum tb_status tb_trace_load_cuts(const struct decoding *decoding, size_t artifact,
                                              const struct trace_cuts *cuts, struct tb_trace **trace,
                                              struct tb_error *error);

#endif
