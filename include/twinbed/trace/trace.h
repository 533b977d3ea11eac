/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACE_TRACE_H
#define TWINBED_TRACE_TRACE_H

/* What one system-call trace tells about chosen processes.
 *
 * A call is one exit event of class SYS, at its place in the file; state-only
 * events, a child's clone return and calls that never return are not calls. It
 * belongs to the process name its thread bears after the event. A sequence is
 * all calls of all threads that one selector matches, in file order; its
 * positions count from 0. Transitions are counted inside a thread life. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/call/call_names.h"
#include "twinbed/chunks/outcome.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"
#include "twinbed/markov/transitions.h"
#include "twinbed/trace/unknown_events.h"

struct tb_call_sink;

/* Which threads make a sequence. Empty or negative fields do not restrict. */
struct tb_process_selector {
    const char *name;      /* process name (comm), exact; never empty */
    int64_t pid;           /* process id, or -1 */
    const char *arguments; /* text that the arguments, joined by spaces, must hold; NULL or "" for any */
    const char *cgroup;    /* text that the cgroups must hold; NULL or "" for any */
};

/* Positions skip .. skip + limit - 1 of a sequence. */
struct tb_window {
    uint64_t skip;
    uint64_t limit; /* TB_WINDOW_WHOLE: to the end */
};

#define TB_WINDOW_WHOLE UINT64_MAX

struct tb_trace_request {
    const struct tb_process_selector *selectors; /* one per sequence wanted; may be 0 */
    size_t selector_count;
    const unsigned *orders; /* ascending, each 1 .. TB_ORDER_MAX */
    size_t order_count;
    const struct tb_window *windows; /* every sequence is also counted inside each of these */
    size_t window_count;
    /* selector_windows, when not NULL, holds window_count windows for each selector in turn
     * (selector_count * window_count items) and is used instead of windows. */
    const struct tb_window *selector_windows;
    unsigned vocabulary;      /* TB_VOCABULARY_...: what states are made of beside calls */
    bool thread_groups;       /* transitions are also counted for each process */
    const uint64_t *interval; /* also for each interval of so many calls, 0: for none; selector_count items, or NULL */
    const struct tb_call_sink
        *calls; /* gets a list of what is counted (trace/call_list.h); NULL: none is made. A worker
                                         of a team only looks whether there is one */
};

/* At most so many processes of a sequence have counts of their own; the rest share one. */
enum { TB_THREAD_GROUPS_MAX = 4096 };

/* Calls of one name in a sequence. */
struct tb_call_total {
    tb_call call;
    uint64_t count;
    uint64_t errors; /* calls with a negative result */
    uint64_t bytes;  /* moved by read- and write-like calls (sum of results > 0), else 0 */
};

/* One thread life of a sequence. */
struct tb_thread_total {
    int64_t tid;
    int64_t pid;
    uint64_t calls;
    uint64_t context_switches; /* switches away from this thread */
    uint64_t first_position;   /* of its first call in the sequence; UINT64_MAX without any */
};

/* Calls and bytes of one direction on one kind of descriptor. */
struct tb_transfer {
    uint64_t calls;
    uint64_t bytes;
};

/* The share of one direction that went over descriptors of unknown kind: that of calls or that of bytes, whichever is
 * greater; 0 without calls. What the trace tells of the other kinds may lack as much. */
double tb_transfers_unknown_share(const struct tb_transfer transfers[TB_DESCRIPTOR_KINDS]);

/* Connections made or taken on one port. */
struct tb_port_total {
    uint16_t port;
    uint64_t count;
};

/* The count of one port; 0 when it is not among them. */
uint64_t tb_port_count(const struct tb_port_total *ports, size_t count, uint16_t port);

struct tb_window_counts {
    struct tb_window window;
    bool reached;                       /* the sequence has skip + limit calls or more (whole: more than skip) */
    uint64_t calls;                     /* calls inside */
    struct tb_transitions *transitions; /* owned; order_count items */
};

/* Part of a sequence: the calls of one thread group (a process with all its threads), or those of one interval of
 * positions. A transition belongs to the subtotal of its last call, so that the counts of all subtotals add up to those
 * of the sequence. */
struct tb_subtotal {
    int64_t id;     /* process id, or -1: those beyond TB_THREAD_GROUPS_MAX; of an interval: its first position */
    uint64_t calls; /* > 0 */
    struct tb_transitions *transitions; /* owned; order_count items; first is a position of the sequence, in intervals
                                           the interval's own */
};

struct tb_sequence {
    uint64_t calls;      /* length of the sequence */
    uint64_t events;     /* enter and exit events of the same threads, as sysdig counts them */
    uint64_t enters;     /* of these the enter events; newer drivers write none, or next to none */
    uint64_t first_time; /* ns since the epoch, of the first call; 0 without any */
    uint64_t last_time;
    uint64_t context_switches; /* switch events whose leaving thread is selected */
    bool switches_known;       /* the trace has switch events at all, of whatever thread */
    bool losses_known;         /* there are enters of the kinds that only older drivers write: the two below then tell
                                     of losses, else they are 0 and tell nothing */
    uint64_t exits_without_enter; /* beyond those that never have one (execve of another name, clone children) */
    uint64_t enters_without_exit; /* beyond calls that never return and those still open at a thread's end */
    struct tb_transfer reads[TB_DESCRIPTOR_KINDS];  /* read, pread, readv, preadv, recv, recvfrom, recvmsg, recvmmsg */
    struct tb_transfer writes[TB_DESCRIPTOR_KINDS]; /* write, pwrite, writev, pwritev, send*, sendfile */
    uint64_t closes[TB_DESCRIPTOR_KINDS];           /* successful calls named close */
    struct tb_call_total *call_totals;              /* owned; sorted by call */
    size_t call_total_count;
    struct tb_thread_total *threads; /* owned; in order of birth */
    size_t thread_count;
    struct tb_port_total *connects; /* owned; IP connections begun, by destination port, sorted; a connect in
                                       progress and the one that asks for its outcome are one */
    size_t connect_count;
    struct tb_port_total *accepts; /* owned; successful IP accepts by local port, sorted; those whose port a text
                                      does not tell have port 0 */
    size_t accept_count;
    struct tb_transitions *transitions; /* owned; whole sequence, one per order of the request */
    struct tb_window_counts *windows;   /* owned; one per window of the request */
    struct tb_subtotal *thread_groups;  /* owned; in the order of their first calls */
    size_t thread_group_count;          /* 0 unless asked for */
    struct tb_subtotal *intervals;      /* owned; in order; the last may be shorter */
    size_t interval_count;              /* 0 unless asked for */
};

/* Bytes of a name, its NUL included. The kernel keeps 15 characters; other writers may keep more. */
enum { TB_PROCESS_NAME_SIZE = 64, TB_PROCESS_NAME_KERNEL = 15 };

/* At most so many names are listed: those that come first in the order of their bytes. */
enum { TB_PROCESS_NAMES_MAX = 512 };

/* A process name, and the enter and exit events of all threads while they bore it. */
struct tb_process_name {
    char name[TB_PROCESS_NAME_SIZE]; /* as the trace has it, never empty */
    uint64_t events;                 /* > 0 */
};

enum tb_trace_format { TB_TRACE_SCAP, TB_TRACE_STRACE, TB_TRACE_PERF, TB_TRACE_FORMATS };

/* The major number of the format that is known. */
enum { TB_TRACE_MAJOR_VERSION = 1 };

struct tb_trace {
    struct tb_account account;
    enum tb_trace_format format;
    uint16_t major_version; /* of the first section; 0 of a text */
    uint16_t minor_version;
    bool swapped;   /* some section was in the other byte order */
    bool exit_only; /* the file holds no enter events (newer drivers) */
    uint64_t sections;
    uint64_t unknown_sections; /* of a version that is not known, which are read all the same */
    uint64_t unknown_blocks;   /* blocks of a type that is not known, which are skipped */
    struct tb_unknown_events unknown_events;
    uint64_t first_time; /* ns since the epoch, of the first event in the file, whatever it is; 0 without any */
    uint64_t last_time;  /* of the last one */
    uint64_t events;     /* event blocks */
    uint64_t enters;     /* class SYS */
    uint64_t exits;      /* class SYS, clone children included */
    uint64_t children;   /* clone-family exits with result 0 */
    uint64_t switches;
    uint64_t state_only;  /* events with flags bit 0 */
    uint64_t drop_starts; /* begins of dropping mode: the tracer wrote that it leaves out events from here on */
    uint64_t drop_marks;  /* ends of dropping mode */
    uint64_t drop_ratio; /* the greatest sampling ratio that a begin or end tells: of so many events one is kept; 0 when
                             none tells one */
    uint64_t backward_lines;               /* of a text of strace: lines that are earlier than the one before */
    struct tb_process_name *process_names; /* owned; greatest events first, ties by name; of all processes, selected or
                                              not */
    size_t process_name_count;             /* at most TB_PROCESS_NAMES_MAX */
    uint64_t unnamed_events;               /* of threads that the trace gives no name */
    unsigned orders[TB_ORDER_MAX];
    size_t order_count;
    size_t window_count;
    struct tb_sequence *sequences; /* owned; one per selector */
    size_t sequence_count;
};

/* So many bytes of a stream tell whether it is a text that a tracer wrote. */
enum { TB_TRACE_BEGINNING = 16 << 10 };

/* Whether a stream that begins so is such a text: it is decoded in one piece. */
bool tb_trace_is_text(const uint8_t *data, size_t size);

/* Decodes a whole trace. Damage in the file is no failure: what was complete
 * before it is counted, and account says what and where; TB_UNSUPPORTED only
 * when the stream begins neither as a scap file nor as a text of strace. A file with no bytes gives
 * TB_TRUNCATED. Not collective; safe for several sources at once. On TB_OK
 * *trace is the caller's to free. Source: the scap format as described in
 * docs/method.md; what strace(1) of version 6 says of its own. */
TB_MUST_USE enum tb_status tb_trace_read(struct tb_source *source, const struct tb_trace_request *request,
                                         struct tb_trace **trace, struct tb_error *error);

struct tb_trace_transport; /* trace_team.h */

/* How one plain trace is cut for several threads. */
struct tb_split {
    size_t threads;
    size_t ahead;        /* chunks at most that are in work or wait; 0: the trace is read in one piece */
    uint64_t gap;        /* bytes; a thread begins so far ahead of the one that is furthest, less towards the end */
    uint64_t chunk_most; /* bytes that it decodes ahead at most */
    uint64_t warm_up;    /* bytes before that are decoded, not counted, to learn what goes on; 0: as below */
    const struct tb_trace_transport *transport; /* borrowed; to workers in other processes; NULL: there are none */
};

/* Good sizes. Who begins near seldom misses anything, who begins far ahead seldom begins. */
enum { TB_SPLIT_GAP = 4 << 20, TB_SPLIT_CHUNK = 64 << 20, TB_SPLIT_WARM_UP = 128 << 10 };

static inline struct tb_split tb_split_for(int threads)
{
    const size_t count = threads < 1 ? 1 : (size_t)threads;
    return (struct tb_split){
        .threads = count, .ahead = count > 1 ? count * 3 : 0, .gap = TB_SPLIT_GAP, .chunk_most = TB_SPLIT_CHUNK};
}

/* As tb_trace_read, with several threads where the source is plain. The result is the same, bit for bit. outcome may
 * be NULL. */
TB_MUST_USE enum tb_status tb_trace_read_split(struct tb_source *source, const struct tb_trace_request *request,
                                               const struct tb_split *how, struct tb_chunk_outcome *outcome,
                                               struct tb_trace **trace, struct tb_error *error);

/* One call as tb_trace_visit shows it. */
struct tb_call_record {
    int64_t tid;
    int64_t pid;
    tb_call call;
    uint64_t time;       /* ns since the epoch */
    int64_t result;      /* 0 when the event carries none */
    const char *process; /* borrowed until the visitor returns; never NULL */
};

/* Calls visit for every call of every process in file order. visit returns
 * false to stop early, which is TB_OK. For listings and tests. */
TB_MUST_USE enum tb_status tb_trace_visit(struct tb_source *source,
                                          bool (*visit)(void *context, const struct tb_call_record *record),
                                          void *context, struct tb_account *account, struct tb_error *error);

/* Accepts NULL. */
void tb_trace_free(struct tb_trace *trace);

/* Room for what tb_trace_describe_absence writes. */
enum { TB_ABSENCE_TEXT_SIZE = 512 };

/* Says why a sequence without calls may be empty: which process names the trace has (at most five, those with most events
 * first), and, for a name longer than the kernel keeps, what the kernel makes of it. Bytes that are not printable ASCII
 * stand as '?'. name: the selector's. Writes into text and returns it. */
const char *tb_trace_describe_absence(const struct tb_trace *trace, const char *name, char text[TB_ABSENCE_TEXT_SIZE]);

/* The integers of a trace as bytes, and back. False when they are no trace. */
void tb_trace_pack(const struct tb_trace *trace, struct tb_buffer *buffer);
TB_MUST_USE bool tb_trace_unpack(struct tb_trace **trace, struct tb_bytes *bytes);

#endif
