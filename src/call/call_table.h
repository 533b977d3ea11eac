/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CALL_CALL_TABLE_H
#define TWINBED_CALL_CALL_TABLE_H

/* The tables of the scap format: which event number is what, and which call an event number, a
 * generic id or a native x86-64 number means. Names and ids of a call stand in one row of
 * call_list.def.
 *
 * Names: a pair of its own has the name that sysdig prints for it. A generic id has its own name,
 * except where a pair takes the same kernel call under a shorter name, so that both ways agree:
 * pread64 = pread, pwrite64 = pwrite, prlimit64 = prlimit, _llseek = llseek, sendfile64 = sendfile,
 * fcntl64 = fcntl, ugetrlimit = getrlimit, _newselect = select, and getuid32 and its like without
 * the 32. Pairs that older drivers also used for another call keep the printed name (accept for
 * accept4, umount for umount2, pipe for pipe2): the file does not tell which of the two it was.
 *
 * Source of all numbers: falcosecurity/libs, driver/ppm_events_public.h and driver/event_table.c.
 * The tables never change while twinbed runs. */

#include <stdbool.h>
#include <stdint.h>

enum tb_event_class {
    EVENT_NEVER,    /* no event of this number is defined */
    EVENT_ENTER,    /* a system call begins */
    EVENT_EXIT,     /* a system call ends */
    EVENT_SWITCH,   /* The thread leaves the processor. */
    EVENT_LEAVE,    /* the thread ends */
    EVENT_DROP,     /* dropping mode starts */
    EVENT_DROP_END, /* dropping mode ends */
    EVENT_OTHER     /* A record that is not needed, as of containers or users. */
};

/* What an exit does, beyond being a call. */
enum tb_event_kind {
    KIND_PLAIN,      /* Nothing that twinbed keeps account of. */
    KIND_GENERIC,    /* A call without an event of its own: parameters say which. */
    KIND_EXECVE,     /* Gives the thread a new name. */
    KIND_CLONE,      /* Makes a thread or process; exits in parent and child. */
    KIND_READ,       /* Moves bytes in; its result says how many. */
    KIND_WRITE,      /* Moves bytes out. */
    KIND_OPEN,       /* makes a file descriptor of a file */
    KIND_OPEN_OTHER, /* makes one of something else */
    KIND_OPEN_PAIR,  /* makes two of something else, parameters 1 and 2 */
    KIND_SOCKET,     /* Makes a descriptor of a socket; the address family is known. */
    KIND_ACCEPT,     /* Makes one of a connection that was taken. */
    KIND_CONNECT,    /* Begins a connection. */
    KIND_DUPLICATE,  /* Makes one that stands for the same as another. */
    KIND_FCNTL,      /* May do so, by its command. */
    KIND_CLOSE,      /* Gives a descriptor back. */
    KIND_CLOSE_RANGE /* Gives back all within a range. */
};

/* One event number. */
struct tb_event_meaning {
    uint8_t kind_class; /* enum tb_event_class */
    uint8_t kind;       /* enum tb_event_kind, of exits */
    uint16_t call;      /* of enters and exits but generic ones */
    /* Place of the exit's parameter that holds the descriptor; of a socket, its family. 0 when none
     * does, as 0 is the result. */
    uint8_t descriptor;
};

/* One more than the highest number of each kind that is known. */
enum { EVENT_NUMBERS = 454, GENERIC_IDS = 454, NATIVE_NUMBERS = 451 };

/* CALL_ACCEPT, ... */
enum tb_known_call {
#define KNOWN(NAME, name) CALL_##NAME,
#include "call_list.def"
    CALL_COUNT
};

/* By call; in the order of their bytes, so that calls sort as their names do. */
extern const char *const tb_call_table_names[CALL_COUNT];
/* By event number, of sections of minor version 1 and above (tb_decoder_set_meanings). */
extern const struct tb_event_meaning tb_event_table[EVENT_NUMBERS];
/* By generic id: the call. Id 0 means that the format has none. */
extern const uint16_t tb_generic_table[GENERIC_IDS];
/* The call + 1; 0 where x86-64 has no such call. */
extern const uint16_t tb_native_table[NATIVE_NUMBERS];

#endif
