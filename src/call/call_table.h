/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CALL_CALL_TABLE_H
#define TWINBED_CALL_CALL_TABLE_H

/* The tables of the scap format: which event number is what, and which call an
 * event number, a generic id or a native x86-64 number means. Names and ids of a
 * call stand in one row of call_list.def.
 *
 * Names: a pair of its own has the name that sysdig prints for it. A generic id
 * has its own name, except where a pair takes the same kernel call under a
 * shorter name, so that both ways agree: pread64 = pread, pwrite64 = pwrite,
 * prlimit64 = prlimit, _llseek = llseek, sendfile64 = sendfile, fcntl64 = fcntl,
 * ugetrlimit = getrlimit, _newselect = select, and getuid32 and its like
 * without the 32. Pairs that older drivers also used for another call keep the
 * printed name (accept for accept4, umount for umount2, pipe for pipe2): the
 * file does not tell which of the two it was. */

#include <stdbool.h>
#include <stdint.h>

enum tb_event_class {
    EVENT_NEVER,    /* no event of this number is defined */
    EVENT_ENTER,    /* a system call begins */
    EVENT_EXIT,     /* a system call ends */
    EVENT_SWITCH,   /* the thread leaves the CPU */
    EVENT_LEAVE,    /* the thread ends */
    EVENT_DROP,     /* dropping mode starts */
    EVENT_DROP_END, /* dropping mode ends */
    EVENT_OTHER     /* a record that is not needed */
};

/* What an exit does, beyond being a call. */
enum tb_event_kind {
    KIND_PLAIN,
    KIND_GENERIC,
    KIND_EXECVE,
    KIND_CLONE,
    KIND_READ,
    KIND_WRITE,
    KIND_OPEN,       /* makes a file descriptor of a file */
    KIND_OPEN_OTHER, /* makes one of something else */
    KIND_OPEN_PAIR,  /* makes two of something else, parameters 1 and 2 */
    KIND_SOCKET,
    KIND_ACCEPT,
    KIND_CONNECT,
    KIND_DUPLICATE,
    KIND_FCNTL,
    KIND_CLOSE,
    KIND_CLOSE_RANGE
};

/* One event number. */
struct tb_event_meaning {
    uint8_t kind_class; /* enum tb_event_class */
    uint8_t kind;       /* enum tb_event_kind, of exits */
    uint16_t call;      /* of enters and exits but generic ones */
    uint8_t descriptor; /* parameter of the exit that holds the descriptor; 0 when none does */
};

enum { EVENT_NUMBERS = 454, GENERIC_IDS = 454, NATIVE_NUMBERS = 451 };

/* CALL_ACCEPT, ... */
enum tb_known_call {
#define KNOWN(NAME, name) CALL_##NAME,
#include "call_list.def"
    CALL_COUNT
};

extern const char *const tb_call_table_names[CALL_COUNT];
extern const struct tb_event_meaning tb_event_table[EVENT_NUMBERS];
extern const uint16_t tb_generic_table[GENERIC_IDS];
/* The call + 1; 0 where x86-64 has no such call. */
extern const uint16_t tb_native_table[NATIVE_NUMBERS];

#endif
