/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traced_sockets.h"

static size_t place_of(int64_t pid, int64_t descriptor)
{
    const uint64_t mixed = ((uint64_t)pid * 31 + (uint64_t)descriptor) * UINT64_C(0x9e3779b97f4a7c15);
    return (mixed >> 32) % TRACED_SOCKETS;
}

void tb_traced_socket_set(struct traced_sockets *sockets, const struct traced_socket *socket)
{
    sockets->items[place_of(socket->pid, socket->descriptor)] = *socket;
}

struct traced_socket tb_traced_socket_find(const struct traced_sockets *sockets, struct traced_threads *threads,
                                           const struct traced_thread *thread, int64_t descriptor)
{
    enum { GENERATIONS = 16 };
    for (int i = 0; i < GENERATIONS && thread != NULL; i++) {
        const struct traced_socket *const found = &sockets->items[place_of(thread->pid, descriptor)];
        if ((found->port != 0 || found->family != 0) && found->pid == thread->pid && found->descriptor == descriptor)
            return *found;
        const struct traced_thread *const leader = tb_traced_thread_find(threads, thread->pid);
        const int64_t parent = leader == NULL ? 0 : leader->parent;
        thread = parent == 0 ? NULL : tb_traced_thread_find(threads, parent);
    }
    return (struct traced_socket){.port = 0};
}
