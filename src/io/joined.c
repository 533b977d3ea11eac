/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "joined.h"

#include <stdlib.h>
#include <string.h>

#include "source_kind.h"

struct joined_file {
    char *path;     /* owned */
    uint64_t begin; /* of its bytes in the stream, when all files are plain */
    uint64_t size;  /* stored */
    uint64_t left_out;
};

struct joined {
    struct joined_file *files; /* owned */
    size_t count;
    uint64_t size;
    enum tb_compression compression;
    int threads;
    size_t at;                /* the file that is open, or the next one that is to be */
    struct tb_source *source; /* owned; of that file; NULL: none is open */
    uint64_t consumed;        /* of the files before it */
};

static enum tb_status create(size_t count, struct joined **joined, struct tb_error *error)
{
    *joined = calloc(1, sizeof **joined);
    if (*joined != NULL)
        (*joined)->files = calloc(count, sizeof *(*joined)->files);
    if (*joined != NULL && (*joined)->files != NULL)
        return TB_OK;
    free(*joined);
    return tb_error_memory(error, "a list of files");
}

static void free_joined(void *state)
{
    struct joined *const joined = state;
    if (joined == NULL)
        return;
    tb_source_close(joined->source);
    for (size_t i = 0; i < joined->count; i++)
        free(joined->files[i].path);
    free(joined->files);
    free(joined);
}

static enum tb_status add_file(struct joined *joined, const char *path, uint64_t repeated, struct tb_error *error)
{
    struct tb_source *source;
    const enum tb_status status = tb_source_open(path, &source, error);
    if (status != TB_OK)
        return status;
    struct joined_file *const file = &joined->files[joined->count];
    file->size = tb_source_size(source);
    file->left_out = joined->count == 0 ? 0 : repeated;
    file->path = strdup(path);
    if (joined->compression == TB_COMPRESSION_NONE)
        joined->compression = tb_source_compression(source);
    tb_source_close(source);
    if (file->path == NULL)
        return tb_error_memory(error, path);
    joined->count++;
    return TB_OK;
}

/* Plain files have places in the stream. */
static void add_up(struct joined *joined)
{
    const bool plain = joined->compression == TB_COMPRESSION_NONE;
    for (size_t i = 0; i < joined->count; i++) {
        struct joined_file *const file = &joined->files[i];
        if (plain && file->left_out > file->size)
            file->left_out = file->size;
        file->begin = joined->size;
        joined->size += plain ? file->size - file->left_out : file->size;
    }
}

enum tb_status tb_joined_open(const char *const *paths, size_t count, uint64_t repeated, void **joined,
                              struct tb_error *error)
{
    struct joined *opened;
    enum tb_status status = create(count, &opened, error);
    if (status != TB_OK)
        return status;
    for (size_t i = 0; i < count && status == TB_OK; i++)
        status = add_file(opened, paths[i], repeated, error);
    add_up(opened);
    if (status == TB_OK)
        *joined = opened;
    else
        free_joined(opened);
    return status;
}

static enum tb_status open_again(const void *state, void **again, struct tb_error *error)
{
    const struct joined *const joined = state;
    struct joined *opened;
    enum tb_status status = create(joined->count, &opened, error);
    if (status != TB_OK)
        return status;
    opened->size = joined->size;
    opened->compression = joined->compression;
    for (; opened->count < joined->count && status == TB_OK; opened->count++) {
        struct joined_file *const file = &opened->files[opened->count];
        *file = joined->files[opened->count];
        file->path = strdup(file->path);
        if (file->path == NULL)
            status = tb_error_memory(error, "a list of files");
    }
    if (status == TB_OK)
        *again = opened;
    else
        free_joined(opened);
    return status;
}

static void close_file(struct joined *joined)
{
    if (joined->source == NULL)
        return;
    struct tb_account account = {0};
    tb_source_account(joined->source, &account);
    joined->consumed += account.compressed ? account.consumed : account.file_bytes;
    tb_source_close(joined->source);
    joined->source = NULL;
}

static enum tb_status open_file(struct joined *joined, size_t at, struct tb_error *error)
{
    close_file(joined);
    joined->at = at;
    return tb_source_open(joined->files[at].path, &joined->source, error);
}

static bool is_in(const struct joined *joined, size_t at, uint64_t position)
{
    const struct joined_file *const file = &joined->files[at];
    return position >= file->begin && position - file->begin < file->size - file->left_out;
}

/* Most reads go on in the file that is open. */
static size_t file_at(const struct joined *joined, uint64_t position)
{
    if (joined->at < joined->count && is_in(joined, joined->at, position))
        return joined->at;
    size_t at = 0;
    while (at < joined->count && !is_in(joined, at, position))
        at++;
    return at;
}

static enum tb_status read_plain(struct joined *joined, uint64_t position, void *data, size_t size, size_t *got,
                                 struct tb_error *error)
{
    const size_t at = file_at(joined, position);
    *got = 0;
    if (at == joined->count || size == 0)
        return TB_OK;
    enum tb_status status = TB_OK;
    if (joined->source == NULL || joined->at != at)
        status = open_file(joined, at, error);
    if (status != TB_OK)
        return status;
    const struct joined_file *const file = &joined->files[at];
    const uint64_t within = file->left_out + (position - file->begin);
    tb_source_move(joined->source, within);
    status = tb_source_read(joined->source, data, size < file->size - within ? size : (size_t)(file->size - within),
                            got, error);
    if (status == TB_OK && *got == 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: the file became shorter", file->path);
    return status;
}

/* Passes what the file repeats of the first. */
static enum tb_status pass_repeated(struct joined *joined, struct tb_error *error)
{
    uint64_t left = joined->files[joined->at].left_out;
    uint8_t block[512];
    size_t got = 1;
    enum tb_status status = TB_OK;
    while (left > 0 && got > 0 && status == TB_OK) {
        status = tb_source_read(joined->source, block, left < sizeof block ? (size_t)left : sizeof block, &got, error);
        left -= got;
    }
    return status;
}

static enum tb_status open_packed(struct joined *joined, struct tb_error *error)
{
    const enum tb_status status = open_file(joined, joined->at, error);
    if (status != TB_OK)
        return status;
    tb_source_read_ahead(joined->source, joined->threads);
    return pass_repeated(joined, error);
}

/* A file that is broken stays open, and says so again. */
static enum tb_status read_packed(struct joined *joined, void *data, size_t size, size_t *got, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    *got = 0;
    while (joined->at < joined->count && status == TB_OK && *got == 0 && size != 0) {
        if (joined->source == NULL)
            status = open_packed(joined, error);
        if (status == TB_OK)
            status = tb_source_read(joined->source, data, size, got, error);
        if (status == TB_OK && *got == 0) {
            close_file(joined);
            joined->at++;
        }
    }
    return status;
}

static enum tb_status read_joined(void *state, uint64_t position, void *data, size_t size, size_t *got,
                                  struct tb_error *error)
{
    struct joined *const joined = state;
    if (joined->compression == TB_COMPRESSION_NONE)
        return read_plain(joined, position, data, size, got, error);
    return read_packed(joined, data, size, got, error);
}

static enum tb_compression compression(const void *state)
{
    const struct joined *const joined = state;
    return joined->compression;
}

static uint64_t size_of(const void *state)
{
    const struct joined *const joined = state;
    return joined->size;
}

static uint64_t consumed(const void *state)
{
    const struct joined *const joined = state;
    struct tb_account account = {0};
    if (joined->source != NULL)
        tb_source_account(joined->source, &account);
    return joined->consumed + (account.compressed ? account.consumed : account.file_bytes);
}

static void read_ahead(void *state, int threads)
{
    struct joined *const joined = state;
    joined->threads = threads;
}

const struct tb_files_kind tb_files_joined = {.read = read_joined,
                                              .open_again = open_again,
                                              .compression = compression,
                                              .size = size_of,
                                              .consumed = consumed,
                                              .read_ahead = read_ahead,
                                              .free = free_joined};
