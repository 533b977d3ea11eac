/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_writer.h"

#include "trace_model.h"

enum {
    SECTION_BLOCK = 0x0A0D0D0A,
    MACHINE_BLOCK = 0x201,
    PROCESS_BLOCK = 0x215,
    EVENT_BLOCK = 0x216,
    HEADER = 8,           /* of a block: type and length */
    EVENT_FIELDS = 2 + 26 /* cpu and event header */
};

enum {
    EVENT_GENERIC = 0,
    EVENT_CLONE = 222,
    EVENT_EXECVE = 292,
    EVENT_SWITCH = 152,
    EVENT_END = 186,
    EVENT_SAMPLE = 234,
    GENERIC_EPOLL_CTL = 166, /* the format's own number of the call */
    NATIVE_EPOLL_CTL = 233   /* on x86-64 */
};

static const uint16_t enter_types[TRACE_CALLS] = {4, 22, EVENT_GENERIC, 78, EVENT_EXECVE, 150, 64, 160, 6, 18, 8};

static const char noise_text[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n";

/* One event while it is put together: lengths first, then the values. */
struct event {
    uint8_t *block;
    uint8_t *length; /* of the next parameter */
    uint8_t *value;
};

static struct event begin_event(struct trace_writer *writer, uint32_t cpu, int64_t tid, uint16_t type,
                                uint32_t parameters)
{
    uint8_t *const block = output_room(&writer->output);
    uint8_t *at = put_u32(block, EVENT_BLOCK) + 4;
    at = put_u16(at, (uint16_t)cpu);
    writer->time += 700;
    at = put_u64(at, writer->time);
    at = put_u64(at, (uint64_t)tid) + 4;
    at = put_u16(at, type);
    at = put_u32(at, parameters);
    return (struct event){.block = block, .length = at, .value = at + (size_t)2 * parameters};
}

static void add(struct event *event, const void *data, size_t size)
{
    event->length = put_u16(event->length, (uint16_t)size);
    event->value = put_bytes(event->value, data, size);
}

static void add_u64(struct event *event, uint64_t value)
{
    add(event, &value, sizeof value);
}

static void add_u32(struct event *event, uint32_t value)
{
    add(event, &value, sizeof value);
}

static void add_u16(struct event *event, uint16_t value)
{
    add(event, &value, sizeof value);
}

static void add_u8(struct event *event, uint8_t value)
{
    add(event, &value, sizeof value);
}

static void add_text(struct event *event, const char *text)
{
    add(event, text, strlen(text) + 1);
}

/* Pads a block whose content ends at `end`, and writes its length at both ends. */
static void close_block(struct trace_writer *writer, uint8_t *block, uint8_t *end)
{
    while ((end - block) % 4 != 0)
        *end++ = 0;
    const uint32_t length = (uint32_t)(end - block) + 4;
    put_u32(block + 4, length);
    put_u32(end, length);
    output_advance(&writer->output, length);
}

static void end_event(struct trace_writer *writer, const struct event *event)
{
    put_u32(event->block + HEADER + 2 + 16, (uint32_t)(event->value - (event->block + HEADER + 2)));
    close_block(writer, event->block, event->value);
}

void trace_write_begin(struct trace_writer *writer)
{
    writer->time = 1700000000000000000;
    uint8_t *block = output_room(&writer->output);
    uint8_t *at = put_u32(block, SECTION_BLOCK) + 4;
    at = put_u32(at, 0x1A2B3C4D);
    at = put_u16(at, 1);
    at = put_u16(at, 2);
    close_block(writer, block, put_u64(at, UINT64_MAX));
    block = output_room(&writer->output);
    at = put_u32(block, MACHINE_BLOCK) + 4;
    memset(at, 0, 180);
    put_u32(at, 2);
    put_u64(at + 4, (uint64_t)8 << 30);
    put_bytes(at + 20, "generated", sizeof "generated");
    close_block(writer, block, at + 180);
    writer->list = output_room(&writer->output);
    writer->at = put_u32(writer->list, PROCESS_BLOCK) + 4;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
    const size_t size = strlen(text);
    return put_bytes(put_u16(at, (uint16_t)size), text, size);
}

void trace_write_thread(struct trace_writer *writer, int64_t tid, int64_t pid, const char *name)
{
    enum { THREAD_FLAG = 1 << 13, ENTRY_MAX = 256 };
    if (writer->at + ENTRY_MAX > writer->list + OUTPUT_RECORD_MAX) {
        trace_write_threads_end(writer);
        writer->list = output_room(&writer->output);
        writer->at = put_u32(writer->list, PROCESS_BLOCK) + 4;
    }
    uint8_t *at = writer->at + 4;
    at = put_u64(at, (uint64_t)tid);
    at = put_u64(at, (uint64_t)pid);
    at = put_u64(at, 1);
    at = put_u64(at, 1);
    at = put_u64(at, 1);
    at = put_text(at, name);
    at = put_text(at, name);
    at = put_text(at, name);
    at = put_text(at, "");
    at = put_text(at, "/");
    at = put_u64(at, 1024);
    at = put_u32(at, tid == pid ? 0 : THREAD_FLAG);
    memset(at, 0, 4 + 4 + 12 + 16);
    at = put_text(at + 4 + 4 + 12 + 16, "");
    at = put_u64(at, (uint64_t)tid);
    at = put_u64(at, (uint64_t)pid);
    at = put_text(at, "");
    at = put_text(at, "/");
    put_u32(writer->at, (uint32_t)(at - writer->at));
    writer->at = at;
}

void trace_write_threads_end(struct trace_writer *writer)
{
    close_block(writer, writer->list, writer->at);
}

static void add_enter_parameters(struct event *event, unsigned call)
{
    static const uint8_t address[] = {2, 10, 0, 0, 2, 0x90, 0x1f};
    switch (call) {
    case TRACE_READ:
    case TRACE_WRITE:
        add_u64(event, 3);
        add_u32(event, 8192);
        return;
    case TRACE_CONNECT:
        add_u64(event, 3);
        add(event, address, sizeof address);
        return;
    case TRACE_EPOLL_CTL:
        add_u16(event, GENERIC_EPOLL_CTL);
        add_u16(event, NATIVE_EPOLL_CTL);
        return;
    case TRACE_FCNTL:
        add_u64(event, 3);
        add_u8(event, 4);
        return;
    case TRACE_FUTEX:
        add_u64(event, 0x7f0000001000);
        add_u16(event, 1);
        add_u64(event, 2);
        return;
    case TRACE_MMAP:
        add_u64(event, 0);
        add_u64(event, 4096);
        add_u32(event, 3);
        add_u32(event, 2);
        add_u64(event, UINT64_MAX);
        add_u64(event, 0);
        return;
    case TRACE_SOCKET:
        add_u32(event, 2);
        add_u32(event, 1);
        add_u32(event, 0);
        return;
    default: /* close, epoll_wait: a descriptor, a number of events */
        add_u64(event, 3);
        return;
    }
}

static const uint8_t enter_counts[TRACE_CALLS] = {
    [TRACE_CLOSE] = 1, [TRACE_CONNECT] = 2, [TRACE_EPOLL_CTL] = 2, [TRACE_EPOLL_WAIT] = 1, [TRACE_FCNTL] = 2,
    [TRACE_FUTEX] = 3, [TRACE_MMAP] = 6,    [TRACE_READ] = 2,      [TRACE_SOCKET] = 3,     [TRACE_WRITE] = 2,
};

void trace_write_enter(struct trace_writer *writer, uint32_t cpu, int64_t tid, unsigned call)
{
    struct event event = begin_event(writer, cpu, tid, enter_types[call], enter_counts[call]);
    add_enter_parameters(&event, call);
    end_event(writer, &event);
}

/* Three in eight reads and writes show data; the others brought none. */
static void add_transfer(struct event *event, uint64_t noise)
{
    const size_t shown = (noise & 7) < 3 ? sizeof noise_text - 1 : 0;
    add_u64(event, shown == 0 ? (uint64_t)-11 : 1 + ((noise >> 8) & 8191));
    add(event, noise_text, shown);
}

void trace_write_exit(struct trace_writer *writer, uint32_t cpu, int64_t tid, unsigned call, uint64_t noise)
{
    static const uint8_t tuple[] = {2, 10, 0, 0, 1, 0x00, 0x80, 10, 0, 0, 2, 0x90, 0x1f};
    static const uint8_t counts[TRACE_CALLS] = {1, 2, 1, 1, 0, 1, 1, 4, 2, 1, 2};
    struct event event = begin_event(writer, cpu, tid, enter_types[call] + 1, counts[call]);
    if (call == TRACE_READ || call == TRACE_WRITE) {
        add_transfer(&event, noise);
    } else if (call == TRACE_EPOLL_CTL) {
        add_u16(&event, GENERIC_EPOLL_CTL);
    } else {
        add_u64(&event, call == TRACE_SOCKET ? 3 : call == TRACE_MMAP ? 0x7f0000002000 : 0);
        if (call == TRACE_CONNECT)
            add(&event, tuple, sizeof tuple);
        for (int i = 0; call == TRACE_MMAP && i < 3; i++)
            add_u32(&event, 1000);
    }
    end_event(writer, &event);
}

void trace_write_switch(struct trace_writer *writer, uint32_t cpu, int64_t from, int64_t to)
{
    struct event event = begin_event(writer, cpu, from, EVENT_SWITCH, 6);
    add_u64(&event, (uint64_t)to);
    add_u64(&event, 0);
    add_u64(&event, 100);
    for (int i = 0; i < 3; i++)
        add_u32(&event, 1000);
    end_event(writer, &event);
}

void trace_write_sample(struct trace_writer *writer, int64_t tid, uint64_t value)
{
    struct event event = begin_event(writer, 0, tid, EVENT_SAMPLE, 2);
    add_u64(&event, value);
    add_u64(&event, value / 2);
    end_event(writer, &event);
}

/* What the returns of clone and execve share: result to memory sizes, name, cgroups. */
static void add_process(struct event *event, int64_t result, int64_t tid, int64_t parent, const char *name)
{
    add_u64(event, (uint64_t)result);
    add_text(event, name);
    add(event, "", 0);
    add_u64(event, (uint64_t)tid);
    add_u64(event, (uint64_t)tid);
    add_u64(event, (uint64_t)parent);
    add_text(event, "/");
    add_u64(event, 1024);
    add_u64(event, 0);
    add_u64(event, 0);
    for (int i = 0; i < 3; i++)
        add_u32(event, 1000);
    add_text(event, name);
    add_text(event, "cpuset=/");
}

static void write_clone_exit(struct trace_writer *writer, int64_t result, int64_t tid, int64_t parent)
{
    struct event event = begin_event(writer, 0, tid, EVENT_CLONE + 1, 20);
    add_process(&event, result, tid, parent, "bash");
    for (int i = 0; i < 3; i++)
        add_u32(&event, 0);
    add_u64(&event, (uint64_t)tid);
    add_u64(&event, (uint64_t)tid);
    end_event(writer, &event);
}

void trace_write_birth(struct trace_writer *writer, int64_t parent, int64_t child, const char *name)
{
    struct event event = begin_event(writer, 0, parent, EVENT_CLONE, 0);
    end_event(writer, &event);
    write_clone_exit(writer, child, parent, 1);
    write_clone_exit(writer, 0, child, parent);
    event = begin_event(writer, 0, child, EVENT_EXECVE, 1);
    add_text(&event, "/usr/bin/ab");
    end_event(writer, &event);
    event = begin_event(writer, 0, child, EVENT_EXECVE + 1, 20);
    add_process(&event, 0, child, parent, name);
    add_text(&event, "HOME=/");
    add_u32(&event, 0);
    add_u64(&event, (uint64_t)child);
    add_u32(&event, UINT32_MAX);
    add_u32(&event, 0);
    end_event(writer, &event);
}

void trace_write_end(struct trace_writer *writer, uint32_t cpu, int64_t tid)
{
    struct event event = begin_event(writer, cpu, tid, EVENT_END, 4);
    add_u64(&event, 0);
    add_u64(&event, 0);
    add_u8(&event, 0);
    add_u8(&event, 0);
    end_event(writer, &event);
}
