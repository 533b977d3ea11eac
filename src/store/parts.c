/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/store/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "durable.h"

/* A part is a head, its key, its content. All integers are little-endian.
 *   0  8  magic
 *   8  4  format
 *  12  4  size of the key
 *  16  8  size of the content
 *  24 16  XXH3 of the content
 *  40 16  XXH3 of bytes 0 .. 39 and the key
 *  56     key, content */
static const char MAGIC[8] = {'t', 'w', 'i', 'n', 'p', 'a', 'r', 't'};
enum {
    PART_FORMAT = 1,
    HASH_SIZE = 16,
    HEAD_SUM_AT = 40,
    HEAD_SIZE = 56,
    NAME_SIZE = 2 * HASH_SIZE, /* of a part's name, in hexadecimal */
    CHECK_BLOCK = 1 << 20,
};
#define PART_SUFFIX ".part"
#define PARTIAL_MARK ".partial-"

static void hash_canonical(XXH128_hash_t hash, uint8_t *bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    memcpy(bytes, canonical.digest, HASH_SIZE);
}

/* Over the first part of the head and the key. */
static bool hash_head(const uint8_t *head, const void *key, size_t key_size, uint8_t *bytes)
{
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL)
        return false;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, head, HEAD_SUM_AT);
    XXH3_128bits_update(state, key, key_size);
    hash_canonical(XXH3_128bits_digest(state), bytes);
    XXH3_freeState(state);
    return true;
}

static void name_of(const char *key, char *name)
{
    uint8_t hash[HASH_SIZE];
    hash_canonical(XXH3_128bits(key, strlen(key)), hash);
    for (int i = 0; i < HASH_SIZE; i++)
        snprintf(name + 2 * i, 3, "%02x", hash[i]);
}

/* "DIRECTORY/HASH.part"; the caller frees it. */
static char *path_of(const char *directory, const char *key)
{
    char name[NAME_SIZE + 1];
    char *path;
    name_of(key, name);
    return asprintf(&path, "%s/%s" PART_SUFFIX, directory, name) < 0 ? NULL : path;
}

/* A name that no other thread, process, host or earlier try has. */
static char *partial_path_of(const char *directory, const char *key)
{
    char name[NAME_SIZE + 1], host[65] = "";
    char *path;
    struct timespec now;
    name_of(key, name);
    gethostname(host, sizeof host - 1);
    clock_gettime(CLOCK_REALTIME, &now);
    const int length = asprintf(&path, "%s/%s" PARTIAL_MARK "%s-%ld-%ld-%lld.%09ld", directory, name, host,
                                (long)getpid(), (long)gettid(), (long long)now.tv_sec, now.tv_nsec);
    return length < 0 ? NULL : path;
}

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

static bool pack_head(const char *key, const struct tb_buffer *content, struct tb_buffer *head)
{
    const size_t key_size = strlen(key);
    uint8_t hash[HASH_SIZE];
    if (key_size > UINT32_MAX)
        return false;
    tb_buffer_put(head, MAGIC, sizeof MAGIC);
    tb_buffer_put_u32(head, PART_FORMAT);
    tb_buffer_put_u32(head, (uint32_t)key_size);
    tb_buffer_put_u64(head, content->size);
    hash_canonical(XXH3_128bits(content->data, content->size), hash);
    tb_buffer_put(head, hash, sizeof hash);
    if (head->failed || !hash_head(head->data, key, key_size, hash))
        return false;
    tb_buffer_put(head, hash, sizeof hash);
    tb_buffer_put(head, key, key_size);
    return !head->failed;
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

static enum tb_status save_as(const char *path, const char *partial, const char *key, const struct tb_buffer *content,
                              struct tb_error *error)
{
    struct tb_buffer head = {0};
    enum tb_status status = TB_OK;
    if (!pack_head(key, content, &head))
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
    char *path = path_of(directory, key);
    char *partial = partial_path_of(directory, key);
    if (path == NULL || partial == NULL)
        status = tb_error_memory(error, "the path of a part");
    else
        status = save_as(path, partial, key, content, error);
    free(partial);
    free(path);
    return status;
}

/* A part whose head holds, open at its content. */
struct open_part {
    int file;
    uint64_t content_at;
    uint64_t content_size;
    uint8_t content_hash[HASH_SIZE];
};

static bool head_holds(const uint8_t *head, const char *key, size_t file_size, struct open_part *part)
{
    struct tb_bytes bytes = tb_bytes_packed(head, HEAD_SIZE);
    const uint8_t *magic, *hash;
    uint32_t format, key_size;
    const bool taken = tb_bytes_take(&bytes, sizeof MAGIC, &magic) && tb_bytes_take_u32(&bytes, &format) &&
                       tb_bytes_take_u32(&bytes, &key_size) && tb_bytes_take_u64(&bytes, &part->content_size) &&
                       tb_bytes_take(&bytes, HASH_SIZE, &hash);
    if (!taken || memcmp(magic, MAGIC, sizeof MAGIC) != 0 || format != PART_FORMAT || key_size != strlen(key))
        return false;
    memcpy(part->content_hash, hash, HASH_SIZE);
    part->content_at = HEAD_SIZE + (uint64_t)key_size;
    if (file_size < part->content_at || file_size - part->content_at != part->content_size)
        return false;
    uint8_t sum[HASH_SIZE];
    return hash_head(head, head + HEAD_SIZE, key_size, sum) && memcmp(sum, head + HEAD_SUM_AT, HASH_SIZE) == 0 &&
           memcmp(head + HEAD_SIZE, key, key_size) == 0;
}

/* The size of a regular file, or 0. */
static size_t regular_size(int file)
{
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size < 0)
        return 0;
    return (size_t)found.st_size;
}

static enum tb_status no_part(const char *path, const char *reason, struct tb_error *error)
{
    return tb_error_set(error, TB_NOT_FOUND, "%s: %s", path, reason);
}

static enum tb_status check_open_part(const char *path, const char *key, struct open_part *part, struct tb_error *error)
{
    const size_t file_size = regular_size(part->file);
    const size_t head_size = HEAD_SIZE + strlen(key);
    if (file_size < head_size)
        return no_part(path, "too short for a part of this key", error);
    uint8_t *head = malloc(head_size);
    if (head == NULL)
        return tb_error_memory(error, "the head of a part");
    enum tb_status status = TB_OK;
    if (tb_read_all(part->file, 0, head, head_size) != (ssize_t)head_size)
        status = no_part(path, "its head cannot be read", error);
    else if (!head_holds(head, key, file_size, part))
        status = no_part(path, "no whole part of this key", error);
    free(head);
    return status;
}

/* On success the caller closes part->file. */
static enum tb_status open_part(const char *path, const char *key, struct open_part *part, struct tb_error *error)
{
    /* Without waiting: something else may have the name. */
    part->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (part->file < 0) {
        const bool absent = errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == ENXIO;
        return tb_error_set(error, absent ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s", path,
                            strerror(errno));
    }
    const enum tb_status status = check_open_part(path, key, part, error);
    if (status != TB_OK)
        close(part->file);
    return status;
}

/* The size was checked against the file's, so it bounds the allocation. */
static enum tb_status read_content(const char *path, const struct open_part *part, struct tb_buffer *content,
                                   struct tb_error *error)
{
    const size_t size = (size_t)part->content_size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (data == NULL)
        return tb_error_memory(error, "the content of a part");
    uint8_t hash[HASH_SIZE];
    enum tb_status status = TB_OK;
    if (tb_read_all(part->file, part->content_at, data, size) != (ssize_t)size) {
        status = no_part(path, "its content cannot be read", error);
    } else {
        hash_canonical(XXH3_128bits(data, size), hash);
        if (memcmp(hash, part->content_hash, HASH_SIZE) != 0)
            status = no_part(path, "its checksum does not hold", error);
    }
    if (status == TB_OK)
        *content = (struct tb_buffer){.data = data, .size = size, .capacity = size > 0 ? size : 1};
    else
        free(data);
    return status;
}

enum tb_status tb_part_load(const char *directory, const char *key, struct tb_buffer *content, struct tb_error *error)
{
    char *path = path_of(directory, key);
    if (path == NULL)
        return tb_error_memory(error, "the path of a part");
    struct open_part part;
    enum tb_status status = open_part(path, key, &part, error);
    if (status == TB_OK) {
        status = read_content(path, &part, content, error);
        close(part.file);
    }
    free(path);
    return status;
}

/* Whether the checksum holds, block by block: a part may be larger than memory has room for. */
static bool content_holds(const struct open_part *part)
{
    uint8_t hash[HASH_SIZE];
    uint8_t *block = malloc(CHECK_BLOCK);
    XXH3_state_t *state = XXH3_createState();
    uint64_t done = 0;
    bool holds = block != NULL && state != NULL;
    if (holds)
        XXH3_128bits_reset(state);
    while (holds && done < part->content_size) {
        const uint64_t left = part->content_size - done;
        const size_t size = left < CHECK_BLOCK ? (size_t)left : CHECK_BLOCK;
        holds = tb_read_all(part->file, part->content_at + done, block, size) == (ssize_t)size;
        if (holds)
            XXH3_128bits_update(state, block, size);
        done += size;
    }
    if (holds) {
        hash_canonical(XXH3_128bits_digest(state), hash);
        holds = memcmp(hash, part->content_hash, HASH_SIZE) == 0;
    }
    XXH3_freeState(state);
    free(block);
    return holds;
}

bool tb_part_exists(const char *directory, const char *key)
{
    char *path = path_of(directory, key);
    if (path == NULL)
        return false;
    struct open_part part;
    bool found = open_part(path, key, &part, NULL) == TB_OK;
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
    if (strspn(name, "0123456789abcdef") != NAME_SIZE)
        return false;
    const char *rest = name + NAME_SIZE;
    return strcmp(rest, PART_SUFFIX) == 0 || strncmp(rest, PARTIAL_MARK, strlen(PARTIAL_MARK)) == 0;
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
