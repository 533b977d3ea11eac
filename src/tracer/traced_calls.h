/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_TRACED_CALLS_H
#define TWINBED_TRACER_TRACED_CALLS_H

/* What calls are to tracers, as events of the scap format: each call that does more than be counted has a pair of event
 * numbers of its own, the others are generic and have an id. */

#include "call/call_table.h"
#include "scap/scap_event.h"
#include "text_event.h"
#include "twinbed/call/call_names.h"

/* How a call is written as events. */
struct traced_call {
    tb_call call;
    uint16_t exit;   /* number of the exit event; that of the enter is one less */
    uint16_t id;     /* of a generic one; 0: it has none */
    uint16_t native; /* of a generic one without an id */
    uint8_t kind;    /* enum tb_event_kind, of the exit */
};

enum { TRACED_NAMES = 1024, TRACED_NAME_SIZE = 32 };

struct traced_calls {
    struct traced_call calls[CALL_COUNT];
    /* Names met so far, by their hash; the first byte is 0 where there is none. */
    struct {
        char name[TRACED_NAME_SIZE];
        struct traced_call call;
    } names[TRACED_NAMES];
    size_t name_count;
};

void tb_traced_calls_init(struct traced_calls *calls);

/* Of the x86-64 architecture, as those of the scap format are. */
struct traced_call tb_traced_call_native(const struct traced_calls *calls, uint16_t native);

/* What stands in the enter and the exit of a call that has no event of its own. */
void tb_traced_call_put_generic(const struct traced_call *call, struct text_event *event);

/* Whether it is made on a descriptor that its enter must tell. */
static inline bool traced_call_is_on_descriptor(const struct traced_call *call)
{
    switch (call->kind) {
    case KIND_READ:
    case KIND_WRITE:
    case KIND_CLOSE:
    case KIND_CONNECT:
    case KIND_ACCEPT:
    case KIND_DUPLICATE:
    case KIND_FCNTL:
        return true;
    default:
        return call->call == CALL_BIND;
    }
}

/* By the name that strace writes ("pread64", "syscall_0x1c7"). A name that nobody knows is the call "unknown". */
struct traced_call tb_traced_call_find(struct traced_calls *calls, struct scap_text name);

#endif
