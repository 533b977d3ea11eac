/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "joined.h"
#include "member_search.h"
#include "merged.h"
#include "packed.h"

/* Pieces that decompressors take: as long as what they fetch at once. */
enum { PIECE_LEAST = TB_BLOCK_ROOM, SEVERAL_WITHIN = 2 << 20 };

struct tb_source {
    struct tb_raw raw;
    const struct tb_source_kind *kind;      /* NULL: the raw bytes are the stream */
    struct tb_packed *packed;               /* owned; NULL likewise */
    const struct tb_files_kind *files_kind; /* of several files, which the raw bytes are not; NULL: of one */
    void *files;                            /* owned; a state of that */
};

enum tb_status tb_raw_read(struct tb_raw *raw, void *data, size_t size, size_t *got, struct tb_error *error)
{
    if (raw->file < 0) {
        const uint64_t left = raw->position < raw->size ? raw->size - raw->position : 0;
        *got = size < left ? size : (size_t)left;
        if (*got != 0)
            memcpy(data, raw->memory + raw->position, *got);
        raw->position += *got;
        return TB_OK;
    }
    ssize_t count;
    do
        count = pread(raw->file, data, size, (off_t)raw->position);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot read at offset %llu: %s", raw->name,
                            (unsigned long long)raw->position, strerror(errno));
    *got = (size_t)count;
    raw->position += (uint64_t)count;
    return TB_OK;
}

static uint32_t little_endian(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* What the raw bytes are the beginning of; NULL: of nothing compressed. Zstd files may begin with frames that
 * are to be skipped (those of pzstd do), so it is what follows that counts. */
static enum tb_status find_kind(struct tb_raw *raw, const struct tb_source_kind **kind, struct tb_error *error)
{
    enum { SKIPPED_MOST = 16, GZIP = 0x8b1f };
    static const uint32_t zstd = 0xfd2fb528, skippable = 0x184d2a50;
    for (int i = 0; i <= SKIPPED_MOST; i++) {
        uint8_t head[8] = {0};
        size_t got = 0;
        const enum tb_status status = tb_raw_read(raw, head, sizeof head, &got, error);
        if (status != TB_OK)
            return status;
        const uint32_t magic = little_endian(head);
        if (i == 0 && (magic & 0xffff) == GZIP)
            *kind = &tb_source_gzip;
        else if (magic == zstd)
            *kind = &tb_source_zstd;
        if (*kind != NULL || (magic & ~0xfu) != skippable || got < sizeof head)
            break;
        raw->position += little_endian(head + 4);
    }
    return TB_OK;
}

/* Finds the compression by magic and starts the decompressor, which gives so much at a time at most. */
static enum tb_status start_stream(struct tb_source *source, size_t room, struct tb_error *error)
{
    const enum tb_status status = find_kind(&source->raw, &source->kind, error);
    source->raw.position = 0;
    if (status != TB_OK)
        return status;
    return source->kind == NULL ? TB_OK : tb_packed_open(source->kind, &source->raw, room, &source->packed, error);
}

static struct tb_source *create(const char *name, struct tb_error *error)
{
    struct tb_source *source = calloc(1, sizeof *source);
    if (source != NULL)
        source->raw = (struct tb_raw){.file = -1, .name = strdup(name)};
    if (source == NULL || source->raw.name == NULL) {
        tb_error_memory(error, name);
        tb_source_close(source);
        return NULL;
    }
    return source;
}

static enum tb_status open_file(struct tb_raw *raw, struct tb_error *error)
{
    /* Opening a pipe would wait for its writer; regular files do not care. */
    raw->file = open(raw->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat about;
    if (raw->file < 0 || fstat(raw->file, &about) != 0)
        return tb_error_set(error, errno == ENOENT ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s", raw->name,
                            strerror(errno));
    if (!S_ISREG(about.st_mode))
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: not a regular file", raw->name);
    raw->size = (uint64_t)about.st_size;
    return TB_OK;
}

/* status: of what was done so far. */
static enum tb_status finish_beginning(struct tb_source *opened, enum tb_status status, size_t room,
                                       struct tb_source **source, struct tb_error *error)
{
    if (status == TB_OK)
        status = start_stream(opened, room, error);
    if (status == TB_OK)
        *source = opened;
    else
        tb_source_close(opened);
    return status;
}

static enum tb_status finish_opening(struct tb_source *opened, enum tb_status status, struct tb_source **source,
                                     struct tb_error *error)
{
    return finish_beginning(opened, status, TB_BLOCK_ROOM, source, error);
}

enum tb_status tb_source_open(const char *path, struct tb_source **source, struct tb_error *error)
{
    struct tb_source *opened = create(path, error);
    if (opened == NULL)
        return TB_MEMORY;
    return finish_opening(opened, open_file(&opened->raw, error), source, error);
}

enum tb_status tb_source_open_beginning(const char *path, size_t most, struct tb_source **source,
                                        struct tb_error *error)
{
    struct tb_source *opened = create(path, error);
    if (opened == NULL)
        return TB_MEMORY;
    const size_t room = most < TB_BLOCK_ROOM ? most : TB_BLOCK_ROOM;
    return finish_beginning(opened, open_file(&opened->raw, error), room == 0 ? 1 : room, source, error);
}

/* status: of opening the files. */
static enum tb_status finish_files(struct tb_source *opened, enum tb_status status, struct tb_source **source)
{
    if (status != TB_OK) {
        opened->files = NULL;
        tb_source_close(opened);
        return status;
    }
    opened->raw.size = opened->files_kind->size(opened->files);
    *source = opened;
    return TB_OK;
}

enum tb_status tb_source_open_files(const char *const *paths, size_t count, uint64_t repeated,
                                    struct tb_source **source, struct tb_error *error)
{
    if (count == 1)
        return tb_source_open(paths[0], source, error);
    struct tb_source *opened = create(paths[0], error);
    if (opened == NULL)
        return TB_MEMORY;
    opened->files_kind = &tb_files_joined;
    return finish_files(opened, tb_joined_open(paths, count, repeated, &opened->files, error), source);
}

enum tb_status tb_source_open_merged(const struct tb_merged_request *request, struct tb_source **source,
                                     struct tb_error *error)
{
    struct tb_source *opened = create(request->paths[0], error);
    if (opened == NULL)
        return TB_MEMORY;
    opened->files_kind = &tb_files_merged;
    return finish_files(opened, tb_merged_open(request, &opened->files, error), source);
}

enum tb_status tb_source_open_memory(const void *data, size_t size, const char *name, struct tb_source **source,
                                     struct tb_error *error)
{
    struct tb_source *opened = create(name, error);
    if (opened == NULL)
        return TB_MEMORY;
    opened->raw.memory = data;
    opened->raw.size = size;
    return finish_opening(opened, TB_OK, source, error);
}

enum tb_status tb_source_open_again(const struct tb_source *source, struct tb_source **again, struct tb_error *error)
{
    struct tb_source *opened = create(source->raw.name, error);
    if (opened == NULL)
        return TB_MEMORY;
    if (source->files_kind != NULL) {
        opened->files_kind = source->files_kind;
        return finish_files(opened, source->files_kind->open_again(source->files, &opened->files, error), again);
    }
    opened->raw.memory = source->raw.memory;
    opened->raw.size = source->raw.size;
    enum tb_status status = TB_OK;
    if (source->raw.file >= 0) {
        opened->raw.file = fcntl(source->raw.file, F_DUPFD_CLOEXEC, 0);
        if (opened->raw.file < 0)
            status =
                tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot open again: %s", source->raw.name, strerror(errno));
    }
    return finish_opening(opened, status, again, error);
}

void tb_source_read_ahead(struct tb_source *source, int threads)
{
    tb_source_decompress_pieces(source, threads, PIECE_LEAST);
}

void tb_source_decompress_pieces(struct tb_source *source, int threads, uint64_t piece_least)
{
    if (source->files_kind != NULL)
        source->files_kind->read_ahead(source->files, threads);
    else if (source->packed != NULL)
        tb_packed_start_threads(source->packed, threads, piece_least);
}

struct tb_packed *tb_source_packed(struct tb_source *source)
{
    return source->packed;
}

bool tb_source_has_members(const struct tb_source *source)
{
    uint8_t *const view = source->kind == NULL ? NULL : malloc(TB_SEARCH_VIEW);
    uint64_t second;
    const bool has =
        view != NULL && tb_member_search(source->kind, &source->raw, 1, 1 + (uint64_t)SEVERAL_WITHIN, view, &second);
    free(view);
    return has;
}

void tb_source_close(struct tb_source *source)
{
    if (source == NULL)
        return;
    tb_packed_close(source->packed);
    if (source->files_kind != NULL)
        source->files_kind->free(source->files);
    if (source->raw.file >= 0)
        close(source->raw.file);
    free(source->raw.name);
    free(source);
}

static enum tb_status read_files(struct tb_source *source, void *data, size_t size, size_t *got, struct tb_error *error)
{
    const enum tb_status status = source->files_kind->read(source->files, source->raw.position, data, size, got, error);
    source->raw.position += *got;
    return status;
}

enum tb_status tb_source_read(struct tb_source *source, void *data, size_t size, size_t *got, struct tb_error *error)
{
    if (source->files_kind != NULL)
        return read_files(source, data, size, got, error);
    if (source->kind == NULL)
        return tb_raw_read(&source->raw, data, size, got, error);
    return tb_packed_read(source->packed, data, size, got, error);
}

/* A broken stream may give its last bytes together with its error. */
enum tb_status tb_source_read_fully(struct tb_source *source, void *data, size_t size, size_t *got,
                                    struct tb_error *error)
{
    enum tb_status status = TB_OK;
    size_t more = 1;
    *got = 0;
    while (status == TB_OK && *got < size && more > 0) {
        more = 0;
        status = tb_source_read(source, (uint8_t *)data + *got, size - *got, &more, error);
        *got += more;
    }
    return status;
}

enum tb_status tb_source_look(const struct tb_source *source, void *data, size_t size, size_t *got,
                              struct tb_error *error)
{
    struct tb_source *again;
    const enum tb_status status = tb_source_open_again(source, &again, error);
    if (status != TB_OK)
        return status;
    (void)!tb_source_read_fully(again, data, size, got, NULL);
    tb_source_close(again);
    return TB_OK;
}

void tb_source_move(struct tb_source *source, uint64_t offset)
{
    source->raw.position = offset;
}

uint64_t tb_source_size(const struct tb_source *source)
{
    return source->raw.size;
}

const char *tb_source_name(const struct tb_source *source)
{
    return source->raw.name;
}

enum tb_compression tb_source_compression(const struct tb_source *source)
{
    if (source->files_kind != NULL)
        return source->files_kind->compression(source->files);
    return source->kind == NULL ? TB_COMPRESSION_NONE : source->kind->compression;
}

const char *tb_compression_name(enum tb_compression compression)
{
    static const char *const names[] = {[TB_COMPRESSION_NONE] = "plain",
                                        [TB_COMPRESSION_GZIP] = "gzip",
                                        [TB_COMPRESSION_ZSTD] = "zstd",
                                        [TB_COMPRESSION_MERGED] = "merged"};
    return (unsigned)compression < sizeof names / sizeof names[0] ? names[compression] : "unknown";
}

static uint64_t consumed(const struct tb_source *source)
{
    return source->files_kind != NULL ? source->files_kind->consumed(source->files)
                                      : tb_packed_consumed(source->packed);
}

void tb_source_account(const struct tb_source *source, struct tb_account *account)
{
    account->file_bytes = source->raw.size;
    account->compressed = tb_source_compression(source) != TB_COMPRESSION_NONE;
    account->consumed = account->compressed ? consumed(source) : 0;
    account->left = account->compressed ? source->raw.size - account->consumed : 0;
}
