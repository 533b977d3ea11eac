/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "turn_writer.h"

uint32_t random_state = 1;

uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % limit;
}

/* One turn of a thread: mostly plain calls, now and then something that changes who is who. */
void put_turn(struct scap_writer *writer, int64_t tid, int64_t *born)
{
    static const char *const names[] = {"ab", "ab", "sh", "top", "cat"};
    switch (random_below(24)) {
    case 0:
        scap_put_event(writer, CLOSE_ENTER, tid, "q", (int64_t)random_below(6));
        scap_put_event(writer, CLOSE_EXIT, tid, "q", (int64_t)0);
        break;
    case 1:
        if (random_below(2) == 0)
            scap_put_event(writer, OPEN_ENTER, tid, "sdd", "/x", 0, 0);
        scap_put_event(writer, OPEN_EXIT, tid, "q", (int64_t)random_below(6));
        break;
    case 2:
        scap_put_event(writer, SWITCH, tid, "q", (int64_t)0);
        break;
    case 3:
        ++*born;
        scap_put_clone(writer, tid, tid, 1, *born, "sh", random_below(2) == 0 ? SCAP_THREAD_FLAG : 0);
        if (random_below(2) == 0)
            scap_put_clone(writer, *born, *born, tid, 0, "sh", 0);
        break;
    case 4:
        scap_put_exec(writer, tid, tid, random_below(3) == 0 ? -2 : 0, names[random_below(5)],
                      random_below(2) == 0 ? "-n 10" : "x", "");
        break;
    case 5:
        if (random_below(4) == 0)
            scap_put_event(writer, LEAVE, tid, "q", (int64_t)0);
        break;
    case 6:
        if (random_below(8) == 0)
            scap_put_event(writer, random_below(2) == 0 ? DROP_START : DROP_END, tid, "d", 1 + (int)random_below(200));
        else if (random_below(2) == 0)
            scap_put_event(writer, 460, tid, "q", (int64_t)0); /* a number that nobody knows */
        break;
    case 7:
        scap_put_generic(writer, tid, (int)random_below(40), (int)random_below(40));
        break;
    case 8:
        scap_put_call(writer, tid, 20, 0);
        break;
    default: {
        const bool read = random_below(2) == 0;
        if (random_below(3) > 0)
            scap_put_event(writer, read ? READ_ENTER : WRITE_ENTER, tid, "qd", (int64_t)random_below(6), 64);
        if (random_below(6) > 0)
            scap_put_event(writer, read ? READ_EXIT : WRITE_EXIT, tid, "qs", (int64_t)random_below(100), "data");
    }
    }
}

void put_lists(struct scap_writer *writer)
{
    for (int i = 0; i < 5; i++) {
        scap_put_process(writer, 100 + i, i < 3 ? 100 : 100 + i, i < 4 ? "ab" : "sh", "-n 10", "");
        scap_put_descriptor(writer, 100 + i, 3, 3);
        scap_put_descriptor(writer, 100 + i, 1, 1);
    }
}

struct scap_writer write_turns(uint16_t minor, bool swap, size_t turns)
{
    struct scap_writer writer = scap_writer_start(minor, swap);
    int64_t born = 104;
    put_lists(&writer);
    for (size_t i = 0; i < turns; i++)
        put_turn(&writer, 100 + random_below((uint32_t)(born - 99 < 12 ? born - 99 : 12)), &born);
    return writer;
}

/* The bytes of one trace as the data that a traced process writes. */
void put_write_of(struct scap_writer *writer, int64_t tid, const struct scap_writer *inner, size_t begin, size_t size)
{
    uint8_t body[16 + 26 + 4 + 8 + 8192] = {0};
    const uint16_t lengths[2] = {8, (uint16_t)size};
    const uint32_t event_length = (uint32_t)(26 + 4 + 8 + size), count = 2;
    const uint16_t type = WRITE_EXIT;
    const uint64_t thread = (uint64_t)tid;
    memcpy(body + 2 + 8, &thread, 8);
    memcpy(body + 2 + 16, &event_length, 4);
    memcpy(body + 2 + 20, &type, 2);
    memcpy(body + 2 + 22, &count, 4);
    memcpy(body + 2 + 26, lengths, 4);
    memcpy(body + 2 + 38, inner->data + begin, size);
    scap_put_block(writer, 0x216, body, 2 + event_length);
}

/* A block of any size; scap_put_block has room for small ones. */
struct scap_writer write_blocks_inside_data(void)
{
    random_state = 5;
    struct scap_writer inner = write_turns(2, false, 120);
    struct scap_writer writer = scap_writer_start(2, false);
    int64_t born = 104;
    put_lists(&writer);
    for (int i = 0; i < 40; i++) {
        put_write_of(&writer, 100 + i % 5, &inner, random_below(200) * 4, 1000 + random_below(6000));
        put_turn(&writer, 100 + random_below(5), &born);
    }
    scap_writer_free(&inner);
    return writer;
}

void put_sections(struct scap_writer *writer)
{
    int64_t born = 120;
    for (int section = 0; section < 3; section++) {
        if (section == 1)
            scap_put_section(writer);
        put_lists(writer);
        for (int i = 0; i < 80; i++)
            put_turn(writer, 100 + random_below(8), &born);
    }
}

void append_block(struct scap_writer *writer, uint32_t type, const uint8_t *body, uint32_t size)
{
    const uint32_t length = size + 12;
    writer->data = realloc(writer->data, writer->size + length);
    assert_non_null(writer->data);
    memcpy(writer->data + writer->size, &type, 4);
    memcpy(writer->data + writer->size + 4, &length, 4);
    memcpy(writer->data + writer->size + 8, body, size);
    memcpy(writer->data + writer->size + 8 + size, &length, 4);
    writer->size += length;
    writer->capacity = writer->size;
}
