/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_TRACED_SOCKETS_H
#define TWINBED_TRACER_TRACED_SOCKETS_H

/* What texts tell of sockets in one line, and need in a later one: families and the ports that they are bound to. Of
 * sockets that share a place the last one is known. */

#include "traced_threads.h"

enum { TRACED_SOCKETS = 1024 };

struct traced_socket {
    int64_t pid;
    int64_t descriptor;
    uint16_t port;  /* 0: not known */
    uint8_t family; /* AF_..., 0: not known. With port 0, too, the place is free */
};

struct traced_sockets {
    struct traced_socket items[TRACED_SOCKETS];
};

void tb_traced_socket_set(struct traced_sockets *sockets, const struct traced_socket *socket);

/* That of a thread's process, or of one that it came from; nothing of it is known when none is found. */
struct traced_socket tb_traced_socket_find(const struct traced_sockets *sockets, struct traced_threads *threads,
                                           const struct traced_thread *thread, int64_t descriptor);

#endif
