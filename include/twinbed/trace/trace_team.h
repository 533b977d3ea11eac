/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TRACE_TEAM_H
#define TWINBED_TRACE_TRACE_TEAM_H

/* Workers of other processes on one plain trace. The result is that of tb_trace_read, bit for bit, however many there are
 * and wherever the file is cut.
 *
 *      who reads     tb_trace_read_split, with a transport in tb_split: calls a worker with where its chunk lies, and what
 *                    is known there of threads, names and descriptors, as bytes
 *      the worker    tb_trace_work: decodes the chunk from that, reading the file itself; what came of it, as bytes
 *
 * How bytes travel is the caller's affair. Bytes that came from elsewhere may be anything: at worst nothing is committed. */

#include "twinbed/trace/trace.h"

/* How tb_trace_read_split reaches workers elsewhere. Its calling thread calls both, for each worker by turns, and ends with
 * the first status that is not TB_OK. */
struct tb_trace_transport {
    unsigned workers;
    /* Does not wait. May take the bytes of request, which are empty then. */
    enum tb_status (*send)(void *context, unsigned worker, struct tb_buffer *request, struct tb_error *error);
    /* Does not wait: appends the answer when it is here. */
    enum tb_status (*receive)(void *context, unsigned worker, struct tb_buffer *reply, bool *here,
                              struct tb_error *error);
    void *context;
};

struct tb_trace_worker; /* opaque */

/* A worker, with a view of its own of the same file (tb_source_open_again); the same request, which is borrowed until the
 * end. On TB_OK *worker is the caller's to free. Source that is not plain: TB_USAGE. */
TB_MUST_USE enum tb_status tb_trace_worker_start(const struct tb_source *source, const struct tb_trace_request *request,
                                                 struct tb_trace_worker **worker, struct tb_error *error);
/* Decodes the chunk that a call is about, and appends the answer. What cannot be read or held is left to the caller. */
void tb_trace_work(struct tb_trace_worker *worker, struct tb_bytes request, struct tb_buffer *reply);
/* Accepts NULL. */
void tb_trace_worker_free(struct tb_trace_worker *worker);

/* How a trace of so many bytes is cut for threads here and workers elsewhere. */
struct tb_split tb_split_for_team(int threads, const struct tb_trace_transport *transport, uint64_t size);

/* Bytes that answers may take together, beyond which a worker leaves its chunk to the caller. */
enum { TB_TRACE_REPLIES_MOST = 256 << 20 };

#endif
