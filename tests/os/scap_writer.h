/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TESTS_SCAP_WRITER_H
#define TWINBED_TESTS_SCAP_WRITER_H

/* Writes small scap files for tests, in either byte order and in the old and the new event style. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct scap_writer {
    uint8_t *data; /* owned */
    size_t size;
    size_t capacity;
    uint64_t time;  /* of the next event; each takes one second */
    uint32_t flags; /* of the next events; not 0 writes blocks with flags */
    uint16_t minor; /* below 2: the old style */
    bool swap;      /* the other byte order */
};

/* A writer with a section header in it. */
struct scap_writer scap_writer_start(uint16_t minor, bool swap);
void scap_writer_free(struct scap_writer *writer);
/* A further section. */
void scap_put_section(struct scap_writer *writer);

/* A block of any type. */
void scap_put_block(struct scap_writer *writer, uint32_t type, const void *body, size_t size);

/* A process list with one thread, in the layout of the writer's minor version (9, 8 or 5). */
void scap_put_process(struct scap_writer *writer, int64_t tid, int64_t pid, const char *name, const char *arguments,
                      const char *cgroups);

/* The same in the layout of any version, in a block of any type. */
void scap_put_process_version(struct scap_writer *writer, unsigned version, uint32_t type, int64_t tid, int64_t pid,
                              const char *name, const char *arguments, const char *cgroups);

/* A descriptor list with one entry: kind 1 (file), 3 (IPv4), 8 (unix) or 16 (file). */
void scap_put_descriptor(struct scap_writer *writer, int64_t tid, int64_t descriptor, uint8_t kind);

/* An event. format has one letter a parameter: q 64 bits (int64_t), d 32, h 16, b 8 (int), s text with its NUL,
 * z one without bytes, n IPv4 tuple (two ints: source and destination port), a IPv4 address (int: port). */
void scap_put_event(struct scap_writer *writer, uint16_t type, int64_t tid, const char *format, ...);

/* Enter and exit of a call whose exit has nothing but a result. */
void scap_put_call(struct scap_writer *writer, int64_t tid, uint16_t enter, int64_t result);
/* Enter and exit of a generic call. */
void scap_put_generic(struct scap_writer *writer, int64_t tid, int id, int native);
/* Exit of execve (293). */
void scap_put_exec(struct scap_writer *writer, int64_t tid, int64_t pid, int64_t result, const char *name,
                   const char *arguments, const char *cgroups);
/* Exit of clone (223). result 0: the child's. */
void scap_put_clone(struct scap_writer *writer, int64_t tid, int64_t pid, int64_t parent, int64_t result,
                    const char *name, int flags);

enum { SCAP_THREAD_FLAG = 1 << 13 };

#endif
