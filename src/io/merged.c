/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each file has a window, in which its next line begins. Those that hold one wait in a heap, the
 * lowest key first; the first of them gives its line, however long that is, and waits again.
 *
 * A plain file is opened for each piece that its window takes, so that there may be more of them
 * than a process may have open. */
#include "merged.h"

#include <stdlib.h>
#include <string.h>

#include "source_kind.h"

enum { WINDOW_MOST = 256 << 10 };

struct merged_file {
    char *path;               /* owned */
    char *head;               /* owned */
    uint64_t size;            /* stored */
    uint64_t used;            /* stored bytes that came into the window; at the end of a compressed file all it used */
    struct tb_source *source; /* owned; of a compressed file, until its end */
    uint8_t *window;          /* owned; of room bytes, those from begin to end are there; NULL behind the end */
    size_t room, begin, end;
    bool ended;   /* nothing is behind the window */
    uint64_t key; /* of the line at begin */
};

struct merged {
    struct merged_file *files; /* owned */
    size_t count;
    size_t *waiting; /* owned; a heap of files, the one whose line goes on at its root */
    size_t waiting_count;
    struct tb_merged_request request; /* without paths and heads */
    char *without_key, *cut;          /* owned */
    uint64_t size;                    /* stored, of all */
    size_t compressed_count;
    const char *pending; /* text that comes before anything else; borrowed from a file's head or here */
    bool in_line;        /* the root's line is under way */
};

static void end_file(struct merged_file *file)
{
    if (file->source != NULL) {
        struct tb_account account = {0};
        tb_source_account(file->source, &account);
        file->used = account.consumed;
    }
    tb_source_close(file->source);
    free(file->window);
    file->source = NULL;
    file->window = NULL;
    file->begin = file->end = 0;
}

static void free_merged(void *state)
{
    struct merged *const merged = state;
    if (merged == NULL)
        return;
    for (size_t i = 0; i < merged->count; i++) {
        end_file(&merged->files[i]);
        free(merged->files[i].path);
        free(merged->files[i].head);
    }
    free(merged->files);
    free(merged->waiting);
    free(merged->without_key);
    free(merged->cut);
    free(merged);
}

static enum tb_status create(const struct tb_merged_request *request, struct merged **merged, struct tb_error *error)
{
    struct merged *const made = calloc(1, sizeof *made);
    *merged = made;
    if (made == NULL)
        return tb_error_memory(error, "a list of files");
    made->files = calloc(request->count, sizeof *made->files);
    made->waiting = calloc(request->count, sizeof *made->waiting);
    made->without_key = strdup(request->without_key);
    made->cut = strdup(request->cut);
    made->request = *request;
    made->pending = "";
    if (made->files != NULL && made->waiting != NULL && made->without_key != NULL && made->cut != NULL)
        return TB_OK;
    return tb_error_memory(error, "a list of files");
}

/* Of a plain file: up to size bytes from where it was left. */
static enum tb_status read_plain(struct merged_file *file, void *data, size_t size, size_t *got, struct tb_error *error)
{
    const uint64_t left = file->size - file->used;
    struct tb_source *source;
    enum tb_status status = tb_source_open(file->path, &source, error);
    if (status != TB_OK)
        return status;
    tb_source_move(source, file->used);
    status = tb_source_read_fully(source, data, left < size ? (size_t)left : size, got, error);
    tb_source_close(source);
    file->used += *got;
    file->ended = file->used == file->size;
    if (status == TB_OK && *got == 0 && left > 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: the file became shorter", file->path);
    return status;
}

/* Bytes that came before damage are there; the damage is met again when they are used up. */
static enum tb_status read_compressed(struct merged_file *file, void *data, size_t size, size_t *got,
                                      struct tb_error *error)
{
    const enum tb_status status = tb_source_read(file->source, data, size, got, error);
    file->ended = status == TB_OK && *got == 0;
    return *got > 0 ? TB_OK : status;
}

/* Makes room behind what is left in the window, and reads there. */
static enum tb_status refill(struct merged_file *file, struct tb_error *error)
{
    size_t got = 0;
    memmove(file->window, file->window + file->begin, file->end - file->begin);
    file->end -= file->begin;
    file->begin = 0;
    uint8_t *const data = file->window + file->end;
    const enum tb_status status = file->source == NULL
                                      ? read_plain(file, data, file->room - file->end, &got, error)
                                      : read_compressed(file, data, file->room - file->end, &got, error);
    file->end += got;
    return status;
}

static bool shows_line(const struct merged_file *file)
{
    const size_t available = file->end - file->begin;
    return file->ended || available >= TB_MERGED_VIEW ||
           (available > 0 && memchr(file->window + file->begin, '\n', available) != NULL);
}

/* Finds the key of the file's next line. *is_there: there is one. *has_key: the line has a key, and not that of the line
 * before it. */
static enum tb_status see_line(const struct merged *merged, struct merged_file *file, bool *is_there, bool *has_key,
                               struct tb_error *error)
{
    enum tb_status status = TB_OK;
    while (!shows_line(file) && status == TB_OK)
        status = refill(file, error);
    const size_t available = file->end - file->begin;
    *is_there = available > 0;
    if (status != TB_OK || !*is_there)
        return status;
    const uint8_t *const line = file->window + file->begin;
    const uint8_t *const newline = memchr(line, '\n', available);
    *has_key = merged->request.key(line, newline == NULL ? available : (size_t)(newline - line), &file->key);
    return TB_OK;
}

static bool comes_before(const struct merged *merged, size_t a, size_t b)
{
    const uint64_t one = merged->files[merged->waiting[a]].key, other = merged->files[merged->waiting[b]].key;
    return one != other ? one < other : merged->waiting[a] < merged->waiting[b];
}

/* What stands at place may have to come later. */
static void sink_down(struct merged *merged, size_t place)
{
    for (;;) {
        size_t first = place;
        for (size_t child = 2 * place + 1; child <= 2 * place + 2 && child < merged->waiting_count; child++)
            if (comes_before(merged, child, first))
                first = child;
        if (first == place)
            return;
        const size_t swapped = merged->waiting[place];
        merged->waiting[place] = merged->waiting[first];
        merged->waiting[first] = swapped;
        place = first;
    }
}

static enum tb_status open_file(struct merged *merged, struct merged_file *file, struct tb_error *error)
{
    const uint64_t share = TB_MERGED_MEMORY / merged->request.count;
    const enum tb_status status = tb_source_open(file->path, &file->source, error);
    if (status != TB_OK)
        return status;
    file->size = tb_source_size(file->source);
    file->room = share < TB_MERGED_WINDOW ? TB_MERGED_WINDOW : share > WINDOW_MOST ? WINDOW_MOST : (size_t)share;
    if (tb_source_compression(file->source) == TB_COMPRESSION_NONE) {
        tb_source_close(file->source);
        file->source = NULL;
        file->room = file->size < file->room ? (size_t)file->size : file->room;
    } else if (++merged->compressed_count > TB_MERGED_COMPRESSED_MOST) {
        return tb_error_set(error, TB_UNSUPPORTED,
                            "%s: of files that become one text at most %d may be compressed; decompress them",
                            file->path, TB_MERGED_COMPRESSED_MOST);
    }
    file->window = malloc(file->room + 1);
    return file->window == NULL ? tb_error_memory(error, file->path) : TB_OK;
}

static enum tb_status add_file(struct merged *merged, const char *path, const char *head, struct tb_error *error)
{
    const size_t place = merged->count++;
    struct merged_file *const file = &merged->files[place];
    bool is_there = false, has_key = false;
    file->path = strdup(path);
    file->head = strdup(head);
    enum tb_status status =
        file->path != NULL && file->head != NULL ? open_file(merged, file, error) : tb_error_memory(error, path);
    if (status == TB_OK)
        status = see_line(merged, file, &is_there, &has_key, error);
    if (status != TB_OK)
        return status;
    merged->size += file->size;
    if (is_there && !has_key)
        return tb_error_set(error, TB_UNSUPPORTED, "%s%s", path, merged->without_key);
    if (is_there)
        merged->waiting[merged->waiting_count++] = place;
    else
        end_file(file);
    return TB_OK;
}

enum tb_status tb_merged_open(const struct tb_merged_request *request, void **merged, struct tb_error *error)
{
    struct merged *made;
    enum tb_status status = create(request, &made, error);
    for (size_t i = 0; i < request->count && status == TB_OK; i++)
        status = add_file(made, request->paths[i], request->heads[i], error);
    for (size_t place = made == NULL ? 0 : made->waiting_count / 2; place > 0; place--)
        sink_down(made, place - 1);
    if (status == TB_OK)
        *merged = made;
    else
        free_merged(made);
    return status;
}

static enum tb_status open_again(const void *state, void **again, struct tb_error *error)
{
    const struct merged *const merged = state;
    struct tb_merged_request request = merged->request;
    const char **const texts = calloc(merged->count, 2 * sizeof *texts);
    if (texts == NULL)
        return tb_error_memory(error, "a list of files");
    for (size_t i = 0; i < merged->count; i++) {
        texts[i] = merged->files[i].path;
        texts[merged->count + i] = merged->files[i].head;
    }
    request.paths = texts;
    request.heads = texts + merged->count;
    request.without_key = merged->without_key;
    request.cut = merged->cut;
    const enum tb_status status = tb_merged_open(&request, again, error);
    free(texts);
    return status;
}

/* The root gave its line, and waits with its next one or is over. */
static enum tb_status end_line(struct merged *merged, struct tb_error *error)
{
    struct merged_file *const file = &merged->files[merged->waiting[0]];
    bool is_there, has_key;
    const enum tb_status status = see_line(merged, file, &is_there, &has_key, error);
    if (status != TB_OK)
        return status;
    if (!is_there) {
        end_file(file);
        merged->waiting[0] = merged->waiting[--merged->waiting_count];
    }
    sink_down(merged, 0);
    merged->in_line = false;
    return TB_OK;
}

/* Up to size bytes of the root's line; *got is 0 only where it is over. */
static enum tb_status give_line(struct merged *merged, uint8_t *data, size_t size, size_t *got, struct tb_error *error)
{
    struct merged_file *const file = &merged->files[merged->waiting[0]];
    if (file->begin == file->end && !file->ended) {
        const enum tb_status status = refill(file, error);
        if (status != TB_OK)
            return status;
    }
    const size_t available = file->end - file->begin;
    if (available == 0) { /* the file ends inside a line */
        merged->pending = merged->cut;
        return end_line(merged, error);
    }
    const uint8_t *const line = file->window + file->begin;
    const size_t most = available < size ? available : size;
    const uint8_t *const newline = memchr(line, '\n', most);
    *got = newline == NULL ? most : (size_t)(newline - line) + 1;
    memcpy(data, line, *got);
    file->begin += *got;
    return newline == NULL ? TB_OK : end_line(merged, error);
}

static size_t give_pending(struct merged *merged, uint8_t *data, size_t size)
{
    const size_t length = strnlen(merged->pending, size);
    memcpy(data, merged->pending, length);
    merged->pending += length;
    return length;
}

static enum tb_status read_merged(void *state, uint64_t position, void *data, size_t size, size_t *got,
                                  struct tb_error *error)
{
    struct merged *const merged = state;
    enum tb_status status = TB_OK;
    (void)position;
    *got = 0;
    while (*got < size && status == TB_OK && (merged->pending[0] != '\0' || merged->waiting_count > 0)) {
        size_t more = 0;
        if (merged->pending[0] != '\0') {
            more = give_pending(merged, (uint8_t *)data + *got, size - *got);
        } else if (merged->in_line) {
            status = give_line(merged, (uint8_t *)data + *got, size - *got, &more, error);
        } else {
            merged->pending = merged->files[merged->waiting[0]].head;
            merged->in_line = true;
        }
        *got += more;
    }
    return status;
}

static enum tb_compression compression(const void *state)
{
    (void)state;
    return TB_COMPRESSION_MERGED;
}

static uint64_t size_of(const void *state)
{
    const struct merged *const merged = state;
    return merged->size;
}

static uint64_t consumed(const void *state)
{
    const struct merged *const merged = state;
    uint64_t bytes = 0;
    for (size_t i = 0; i < merged->count; i++) {
        const struct merged_file *const file = &merged->files[i];
        struct tb_account account = {.consumed = file->used - (file->end - file->begin)};
        if (file->source != NULL)
            tb_source_account(file->source, &account);
        bytes += account.consumed;
    }
    return bytes;
}

/* One thread puts lines together. */
static void read_ahead(void *state, int threads)
{
    (void)state;
    (void)threads;
}

const struct tb_files_kind tb_files_merged = {.read = read_merged,
                                              .open_again = open_again,
                                              .compression = compression,
                                              .size = size_of,
                                              .consumed = consumed,
                                              .read_ahead = read_ahead,
                                              .free = free_merged};
