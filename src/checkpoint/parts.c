/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/checkpoint/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "part_file.h"

enum { CHECK_BLOCK = 1 << 20 };

enum tb_status tb_parts_prepare(const char *directory, struct tb_error *error)
{
    struct stat found;
    if (mkdir(directory, 0777) == 0)
        return TB_OK;
    if (errno != EEXIST)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create the directory: %s", directory, strerror(errno));
    if (stat(directory, &found) != 0 || !S_ISDIR(found.st_mode))
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot keep parts there: not a directory", directory);
    return TB_OK;
}

static enum tb_status write_file(const char *path, const struct tb_buffer *head, const struct tb_buffer *content,
                                 struct tb_error *error)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
    enum tb_status status = tb_write_all(file, path, head->data, head->size, error);
    if (status == TB_OK)
        status = tb_write_all(file, path, content->data, content->size, error);
    /* Not synced: see parts.h. Some file systems say only here that the disk is full. */
    if (close(file) != 0 && status == TB_OK)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    if (status != TB_OK)
        unlink(path);
    return status;
}

static struct tb_part_content content_of(const struct tb_buffer *buffer)
{
    struct tb_part_content content = {.size = buffer->size};
    tb_part_hash_canonical(XXH3_128bits(buffer->data, buffer->size), content.hash);
    return content;
}

static enum tb_status save_as(const char *path, const char *partial, const char *key, const struct tb_buffer *content,
                              struct tb_error *error)
{
    struct tb_buffer head = {0};
    enum tb_status status = TB_OK;
    const struct tb_part_content about = content_of(content);
    if (!tb_part_pack_head(key, &about, &head))
        status = tb_error_memory(error, "the head of a part");
    if (status == TB_OK)
        status = write_file(partial, &head, content, error);
    tb_buffer_free(&head);
    if (status != TB_OK)
        return status;
    if (rename(partial, path) == 0)
        return TB_OK;
    status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot rename to %s: %s", partial, path, strerror(errno));
    unlink(partial);
    return status;
}

enum tb_status tb_part_save(const char *directory, const char *key, const struct tb_buffer *content,
                            struct tb_error *error)
{
    enum tb_status status = tb_buffer_check(content, "a part", error);
    if (status != TB_OK)
        return status;
    char *path = tb_part_path(directory, key);
    char *partial = tb_part_partial_path(directory, key);
    if (path == NULL || partial == NULL)
        status = tb_error_memory(error, "the path of a part");
    else
        status = save_as(path, partial, key, content, error);
    free(partial);
    free(path);
    return status;
}

/* The size was checked against the file's, so it bounds the allocation. */
static enum tb_status read_content(const char *path, const struct tb_open_part *part, struct tb_buffer *content,
                                   struct tb_error *error)
{
    const size_t size = (size_t)part->content.size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (data == NULL)
        return tb_error_memory(error, "the content of a part");
    uint8_t hash[TB_PART_HASH_SIZE];
    enum tb_status status = TB_OK;
    if (tb_read_all(part->file, part->content_at, data, size) != (ssize_t)size) {
        status = tb_part_broken(path, "its content cannot be read", error);
    } else {
        tb_part_hash_canonical(XXH3_128bits(data, size), hash);
        if (memcmp(hash, part->content.hash, TB_PART_HASH_SIZE) != 0)
            status = tb_part_broken(path, "its checksum does not hold", error);
    }
    if (status == TB_OK)
        *content = (struct tb_buffer){.data = data, .size = size, .capacity = size > 0 ? size : 1};
    else
        free(data);
    return status;
}

enum tb_status tb_part_load(const char *directory, const char *key, struct tb_buffer *content, struct tb_error *error)
{
    char *path = tb_part_path(directory, key);
    if (path == NULL)
        return tb_error_memory(error, "the path of a part");
    struct tb_open_part part;
    enum tb_status status = tb_part_open_file(path, key, &part, error);
    if (status == TB_OK) {
        status = read_content(path, &part, content, error);
        close(part.file);
    }
    free(path);
    return status;
}

/* Whether the checksum holds, block by block: a part may be larger than memory has room for. */
static bool content_holds(const struct tb_open_part *part)
{
    uint8_t hash[TB_PART_HASH_SIZE];
    uint8_t *block = malloc(CHECK_BLOCK);
    XXH3_state_t *state = XXH3_createState();
    uint64_t done = 0;
    bool holds = block != NULL && state != NULL;
    if (holds)
        XXH3_128bits_reset(state);
    while (holds && done < part->content.size) {
        const uint64_t left = part->content.size - done;
        const size_t size = left < CHECK_BLOCK ? (size_t)left : CHECK_BLOCK;
        holds = tb_read_all(part->file, part->content_at + done, block, size) == (ssize_t)size;
        if (holds)
            XXH3_128bits_update(state, block, size);
        done += size;
    }
    if (holds) {
        tb_part_hash_canonical(XXH3_128bits_digest(state), hash);
        holds = memcmp(hash, part->content.hash, TB_PART_HASH_SIZE) == 0;
    }
    XXH3_freeState(state);
    free(block);
    return holds;
}

bool tb_part_exists(const char *directory, const char *key)
{
    char *path = tb_part_path(directory, key);
    if (path == NULL)
        return false;
    struct tb_open_part part;
    bool found = tb_part_open_file(path, key, &part, NULL) == TB_OK;
    if (found) {
        found = content_holds(&part);
        close(part.file);
    }
    free(path);
    return found;
}

/* A part, or what is left of one that was never finished. */
static bool is_part_name(const char *name)
{
    if (strspn(name, "0123456789abcdef") != TB_PART_NAME_SIZE)
        return false;
    const char *rest = name + TB_PART_NAME_SIZE;
    return strcmp(rest, TB_PART_SUFFIX) == 0 || strncmp(rest, TB_PART_PARTIAL_MARK, strlen(TB_PART_PARTIAL_MARK)) == 0;
}

static enum tb_status remove_listed(DIR *listing, const char *directory, struct tb_error *error)
{
    const struct dirent *entry;
    while ((entry = readdir(listing)) != NULL)
        if (is_part_name(entry->d_name) && unlinkat(dirfd(listing), entry->d_name, 0) != 0 && errno != ENOENT)
            return tb_error_set(error, TB_INPUT_OUTPUT, "%s/%s: cannot remove: %s", directory, entry->d_name,
                                strerror(errno));
    return TB_OK;
}

enum tb_status tb_parts_remove(const char *directory, struct tb_error *error)
{
    DIR *listing = opendir(directory);
    if (listing == NULL && errno == ENOENT)
        return TB_OK;
    if (listing == NULL)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot list: %s", directory, strerror(errno));
    const enum tb_status status = remove_listed(listing, directory, error);
    closedir(listing);
    if (status == TB_OK && rmdir(directory) != 0 && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot remove: %s", directory, strerror(errno));
    return status;
}
