/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_APP_KERNEL_LOG_H
#define TWINBED_APP_KERNEL_LOG_H

/* What the kernel of a machine said during a run: adapters that were reset, links that went down, memory that ran out.
 *
 * Read are, line by line: dmesg ("[  123.456] ..."), also with -T, -x, -r and --decode; dmesg --json; journalctl -k in its
 * short forms and -o json; and the kernel's lines of a system log (kern.log, messages), whose other lines are skipped.
 * Lines are told by what stands before the message, events by words of the message (kernel_events.h). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

/* EVENT(enumerator, word, what it means) */
#define TB_KERNEL_EVENTS(EVENT)                                                                                        \
    EVENT(TB_KERNEL_TRANSMIT_TIMEOUT, transmit_timeout, "a queue of a network adapter sent nothing for seconds")       \
    EVENT(TB_KERNEL_ADAPTER_RESET, adapter_reset, "a network adapter was reset")                                       \
    EVENT(TB_KERNEL_TRANSMIT_HANG, transmit_hang, "a network adapter hung while it was to send")                       \
    EVENT(TB_KERNEL_LINK_DOWN, link_down, "a link went down")                                                          \
    EVENT(TB_KERNEL_LINK_UP, link_up, "a link came up")                                                                \
    EVENT(TB_KERNEL_OUT_OF_MEMORY, out_of_memory, "a process was killed as memory ran out")                            \
    EVENT(TB_KERNEL_SOFT_LOCKUP, soft_lockup, "a processor did not schedule for seconds")                              \
    EVENT(TB_KERNEL_HARD_LOCKUP, hard_lockup, "a processor took no interrupts for seconds")                            \
    EVENT(TB_KERNEL_HUNG_TASK, hung_task, "a task waited for minutes and could not be woken")                          \
    EVENT(TB_KERNEL_RCU_STALL, rcu_stall, "a processor held up the kernel's grace periods")                            \
    EVENT(TB_KERNEL_BUG, bug, "the kernel found a fault of its own")                                                   \
    EVENT(TB_KERNEL_CALL_TRACE, call_trace, "the kernel printed where it was, mostly for one of the others")           \
    EVENT(TB_KERNEL_CLOCK_UNSTABLE, clock_unstable, "a clock was found to be unstable")                                \
    EVENT(TB_KERNEL_TABLE_FULL, table_full, "a table of connections or neighbours was full")                           \
    EVENT(TB_KERNEL_SYN_FLOOD, syn_flood, "more connections came than a listening socket could queue")
#define TB_KERNEL_EVENT_ENUMERATOR(enumerator, word, meaning) enumerator,
enum tb_kernel_event_kind { TB_KERNEL_EVENTS(TB_KERNEL_EVENT_ENUMERATOR) TB_KERNEL_EVENT_KINDS };

/* So many events of a log are kept with their text; all are counted. */
enum { TB_KERNEL_EVENTS_MOST = 1000, TB_KERNEL_TIME_SIZE = 64, TB_KERNEL_TEXT_SIZE = 240 };

struct tb_kernel_event {
    unsigned kind;                  /* enum tb_kernel_event_kind */
    char time[TB_KERNEL_TIME_SIZE]; /* as the log says it; "" where it does not. Printable ASCII, as the text */
    char text[TB_KERNEL_TEXT_SIZE]; /* the message, cut when it is longer */
};

struct tb_kernel_log {
    struct tb_account account; /* decoded: lines of the kernel; skipped: others */
    uint64_t messages;
    bool from_start; /* the machine was started in it, so that it may hold more than a run */
    uint64_t counts[TB_KERNEL_EVENT_KINDS];
    struct tb_kernel_event *events; /* owned; the first, in the order of the log */
    size_t event_count;
};

/* Whether a stream begins as such a log: its first line that is not empty is one of a kernel. */
bool tb_kernel_log_recognise(const uint8_t *data, size_t size);

/* TB_UNSUPPORTED for a file without a line of a kernel, TB_TRUNCATED for an empty one: it may be that the kernel said
 * nothing, or that nobody was allowed to read it. A journal's line that is no JSON is damage. On TB_OK the caller frees
 * what *log owns. */
TB_MUST_USE enum tb_status tb_kernel_log_read(struct tb_source *source, struct tb_kernel_log *log,
                                              struct tb_error *error);
void tb_kernel_log_free(struct tb_kernel_log *log);

/* How often adapters were reset: a reset and the time-out that leads to it are told by lines of their own, so the larger
 * number counts. */
uint64_t tb_kernel_log_resets(const struct tb_kernel_log *log);

void tb_kernel_log_pack(const struct tb_kernel_log *log, struct tb_buffer *buffer);
TB_MUST_USE bool tb_kernel_log_unpack(struct tb_kernel_log *log, struct tb_bytes *bytes);

/* "adapter_reset" */
const char *tb_kernel_event_name(enum tb_kernel_event_kind kind);

#endif
