/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_TURN_WRITER_H
#define TWINBED_TESTS_TURN_WRITER_H

/* Writes traces in which threads take turns at random: for tests that cut them anywhere. */

#include "scap_writer.h"

/* Event numbers. */
enum {
    OPEN_ENTER = 2,
    OPEN_EXIT,
    CLOSE_ENTER,
    CLOSE_EXIT,
    READ_ENTER,
    READ_EXIT,
    WRITE_ENTER,
    WRITE_EXIT,
    SWITCH = 152,
    DROP_START = 148,
    DROP_END = 149,
    LEAVE = 186
};

/* Where the random numbers stand; the same state gives the same trace. */
extern uint32_t random_state;
uint32_t random_below(uint32_t limit);

/* One turn of a thread: mostly plain calls, now and then something that changes who is who. *born: the last tid. */
void put_turn(struct scap_writer *writer, int64_t tid, int64_t *born);
/* Five threads, 100 to 104, with descriptors. */
void put_lists(struct scap_writer *writer);
struct scap_writer write_turns(uint16_t minor, bool swap, size_t turns);
/* The bytes of one trace as the data that a traced process writes; at most 8192. */
void put_write_of(struct scap_writer *writer, int64_t tid, const struct scap_writer *inner, size_t begin, size_t size);
/* A trace whose processes write pieces of another, so that blocks lie inside of blocks. Sets random_state. */
struct scap_writer write_blocks_inside_data(void);
/* Process lists and turns three times, the second time in a section of their own. */
void put_sections(struct scap_writer *writer);
/* A block of any size; scap_put_block has room for small ones. */
void append_block(struct scap_writer *writer, uint32_t type, const uint8_t *body, uint32_t size);

#endif
