/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_IO_SOURCE_H
#define TWINBED_IO_SOURCE_H

/* Byte streams for decoders: a plain file, memory, gzip or zstd, behind one
 * small table of operations.
 *
 * A source gives bytes in order. What the file is stored as is found by its
 * first bytes, never by its name. A decoder does not read from a source
 * directly but through a tb_reader, which keeps a window of the stream in
 * memory:
 *
 *      stream  ...|-- passed --|======= window =======|-- not yet read --...
 *                              ^data                  ^data + available
 *                              ^offset
 *
 * tb_reader_need makes the window at least so many bytes long, tb_reader_pass
 * moves its start. Nothing is allocated per record: the buffer grows only when
 * one record is larger than it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/status.h"
#include "twinbed/io/account.h"

/* Merged: put together from several files line by line, so the stream is not what is stored either. */
enum tb_compression { TB_COMPRESSION_NONE, TB_COMPRESSION_GZIP, TB_COMPRESSION_ZSTD, TB_COMPRESSION_MERGED };

struct tb_source; /* opaque */

/* Opens a file for reading from its beginning. TB_NOT_FOUND, TB_INPUT_OUTPUT
 * (also for a directory), TB_MEMORY. An empty file opens, and is at its end.
 * On TB_OK *source is the caller's to close. */
TB_MUST_USE enum tb_status tb_source_open(const char *path, struct tb_source **source, struct tb_error *error);

/* As tb_source_open, for whoever wants the first bytes of the stream and no more: so many are decompressed at a time at
 * most, which is much less work than the usual step where few are wanted. */
TB_MUST_USE enum tb_status tb_source_open_beginning(const char *path, size_t most, struct tb_source **source,
                                                    struct tb_error *error);

/* A source over several files, the bytes of one behind those of the other: as when a program went on in another file
 * (paths[0] to paths[count - 1], count at least 1). Each may be compressed by itself. What every file but the first begins
 * with and the first has said already, such as a header, is no part of the stream: its first repeated bytes are left out.
 * Fails as tb_source_open for any of them. The name is that of the first; offsets are those of the whole stream. A file
 * that is shorter when it is read gives TB_INPUT_OUTPUT. One file is open at a time. */
TB_MUST_USE enum tb_status tb_source_open_files(const char *const *paths, size_t count, uint64_t repeated,
                                                struct tb_source **source, struct tb_error *error);

/* Files that become one text, line by line in the order of their keys: of each file the next line waits, the one with the
 * lowest key goes on, of equal keys that of the earlier file. So lines of one file never change their order. */
struct tb_merged_request {
    const char *const *paths; /* count of them, at least 1 */
    const char *const *heads; /* count texts; each line of a file has its head before it */
    size_t count;
    /* The key of a line, of which the first size bytes are there: at least TB_MERGED_VIEW of a longer line. False: the line
     * has none, and stands behind the one before it in its file. */
    bool (*key)(const uint8_t *line, size_t size, uint64_t *key);
    const char *without_key; /* a sentence on a file whose first line has none, behind its path */
    const char *cut;         /* what stands behind a line that its file ends in, with a newline at its end */
};

/* Of all files together TB_MERGED_MEMORY bytes are in memory at a time, or TB_MERGED_WINDOW a file where that is more. So
 * many of them may be compressed. */
enum { TB_MERGED_VIEW = 64, TB_MERGED_WINDOW = 4 << 10, TB_MERGED_MEMORY = 32 << 20, TB_MERGED_COMPRESSED_MOST = 64 };

/* A source over such a text. Texts of the request are copied. TB_UNSUPPORTED with the request's sentence for a file that
 * holds something and whose first line has no key, and for too many compressed files; else as tb_source_open for any of
 * them. An empty file adds nothing. Of plain files one is open at a time, compressed ones all are. A file that is shorter when it is read gives TB_INPUT_OUTPUT. The account is that of
 * a compressed source: file_bytes are those of all files. */
TB_MUST_USE enum tb_status tb_source_open_merged(const struct tb_merged_request *request, struct tb_source **source,
                                                 struct tb_error *error);

/* A source over borrowed memory, which must outlive it; compressed data in it
 * is decompressed as from a file. name stands in messages. */
TB_MUST_USE enum tb_status tb_source_open_memory(const void *data, size_t size, const char *name,
                                                 struct tb_source **source, struct tb_error *error);

/* A second source over the same bytes, at their beginning; it may be used beside
 * the first one, by another thread, and must be closed before borrowed memory goes. */
TB_MUST_USE enum tb_status tb_source_open_again(const struct tb_source *source, struct tb_source **again,
                                                struct tb_error *error);

/* Threads that decompress one source at most, and bytes that each may be ahead of the reader. */
enum { TB_DECOMPRESSORS_MOST = 8, TB_DECOMPRESSED_AHEAD = 16 << 20 };

/* Lets a compressed source, from which nothing has been read yet, be decompressed by up to so many threads beside the one
 * that reads; 0: none. More than one have something to do only when there are several members or frames, as
 * tb_source_has_members says. The bytes, errors and the account are the same. Worth it only where a processor is free; does
 * nothing for a plain source, or when there is no thread to be had. */
void tb_source_read_ahead(struct tb_source *source, int threads);

/* Whether a compressed source seems to be put together from several gzip members (such as BGZF blocks) or zstd frames,
 * which several threads can decompress: another one begins within its first 2 MiB, which are read. False for a plain source. */
bool tb_source_has_members(const struct tb_source *source);

/* Accepts NULL. */
void tb_source_close(struct tb_source *source);

/* Reads up to size bytes; *got = 0 means the end of the stream. A broken
 * compressed stream gives TB_CORRUPT, one that ends early TB_TRUNCATED, after
 * all bytes before the damage have been given. TB_INPUT_OUTPUT when the system
 * fails to read. */
TB_MUST_USE enum tb_status tb_source_read(struct tb_source *source, void *data, size_t size, size_t *got,
                                          struct tb_error *error);

/* Reads until size bytes are there or the stream ends; *got is how many came, also with a status that tb_source_read
 * gave on the way. error may be NULL. */
TB_MUST_USE enum tb_status tb_source_read_fully(struct tb_source *source, void *data, size_t size, size_t *got,
                                                struct tb_error *error);

/* The first *got of size bytes of the stream, by a second source: this one stays where it is. A stream that is broken
 * there is no error; it says so again when it is read. */
TB_MUST_USE enum tb_status tb_source_look(const struct tb_source *source, void *data, size_t size, size_t *got,
                                          struct tb_error *error);

/* Borrowed from the source. */
const char *tb_source_name(const struct tb_source *source);
enum tb_compression tb_source_compression(const struct tb_source *source);
/* "plain", "gzip", "zstd". */
const char *tb_compression_name(enum tb_compression compression);

/* Bytes on disk or in memory. */
uint64_t tb_source_size(const struct tb_source *source);

/* Fills file_bytes, compressed, consumed and left as they are now. */
void tb_source_account(const struct tb_source *source, struct tb_account *account);

/* Window over a source. Fields are to be read, not written, by decoders. */
struct tb_reader {
    const uint8_t *data;      /* window; borrowed, moves with need and pass */
    size_t available;         /* bytes in the window */
    uint64_t offset;          /* of data in the stream */
    struct tb_source *source; /* borrowed */
    uint8_t *buffer;          /* owned */
    size_t capacity;
    uint64_t wanted_end;          /* behind it only what a record needs is read, in small steps; 0: no such end */
    bool ended;                   /* the source has no more bytes */
    enum tb_status stream_status; /* why it ended: TB_END, TB_TRUNCATED, TB_CORRUPT, TB_INPUT_OUTPUT */
    struct tb_error stream_error; /* the sentence when it ended badly */
};

enum { TB_READER_BLOCK_SIZE = 1 << 20 };

/* The functions of a reader are in reader.c. */
TB_MUST_USE enum tb_status tb_reader_start(struct tb_reader *reader, struct tb_source *source, struct tb_error *error);
void tb_reader_finish(struct tb_reader *reader);
/* A reader over a second source (tb_source_open_again) of its own, to be closed with it. */
TB_MUST_USE enum tb_status tb_reader_open_again(struct tb_reader *reader, const struct tb_source *source,
                                                struct tb_error *error);
void tb_reader_close(struct tb_reader *reader);

/* Makes at least count bytes available. TB_END when the stream ends before
 * that; what is left of it is then in the window, and stream_status says how it
 * ended. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_reader_fill(struct tb_reader *reader, size_t count, struct tb_error *error);

static inline enum tb_status tb_reader_need(struct tb_reader *reader, size_t count, struct tb_error *error)
{
    return reader->available >= count ? TB_OK : tb_reader_fill(reader, count, error);
}

/* Moves past count bytes of the window; count <= available. */
static inline void tb_reader_pass(struct tb_reader *reader, size_t count)
{
    reader->data += count;
    reader->available -= count;
    reader->offset += count;
}

/* Moves past count bytes, which need not be in the window. Returns how many
 * there were: fewer only at the end of the stream. */
uint64_t tb_reader_skip(struct tb_reader *reader, uint64_t count);

/* Says that little or nothing behind offset end will be needed; 0 takes that back. */
void tb_reader_expect_end(struct tb_reader *reader, uint64_t end);

/* Moves the window's start to any offset of a source that is not compressed. */
void tb_reader_seek(struct tb_reader *reader, uint64_t offset);

/* Names and versions of the libraries behind this room, as the libraries say them: "zstd 1.5.4, ..." (libraries.c). */
void tb_io_libraries(char *text, size_t size);

#endif
