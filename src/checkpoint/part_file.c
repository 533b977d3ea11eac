/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "part_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/durable.h"

/* A part is a head, its key, its content. All integers are little-endian.
 *   0  8  magic
 *   8  4  format
 *  12  4  size of the key
 *  16  8  size of the content
 *  24 16  XXH3 of the content
 *  40 16  XXH3 of bytes 0 .. 39 and the key
 *  56     key, content */
static const char MAGIC[8] = {'t', 'w', 'i', 'n', 'p', 'a', 'r', 't'};
enum { PART_FORMAT = 1, HEAD_SUM_AT = 40, HEAD_SIZE = 56 };

void tb_part_hash_canonical(XXH128_hash_t hash, uint8_t *bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    memcpy(bytes, canonical.digest, TB_PART_HASH_SIZE);
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
    tb_part_hash_canonical(XXH3_128bits_digest(state), bytes);
    XXH3_freeState(state);
    return true;
}

static void name_of(const char *key, char *name)
{
    uint8_t hash[TB_PART_HASH_SIZE];
    tb_part_hash_canonical(XXH3_128bits(key, strlen(key)), hash);
    for (int i = 0; i < TB_PART_HASH_SIZE; i++)
        snprintf(name + 2 * i, 3, "%02x", hash[i]);
}

char *tb_part_path(const char *directory, const char *key)
{
    char name[TB_PART_NAME_SIZE + 1];
    char *path;
    name_of(key, name);
    return asprintf(&path, "%s/%s" TB_PART_SUFFIX, directory, name) < 0 ? NULL : path;
}

char *tb_part_partial_path(const char *directory, const char *key)
{
    char name[TB_PART_NAME_SIZE + 1], host[65] = "";
    char *path;
    struct timespec now;
    name_of(key, name);
    gethostname(host, sizeof host - 1);
    clock_gettime(CLOCK_REALTIME, &now);
    const int length = asprintf(&path, "%s/%s" TB_PART_PARTIAL_MARK "%s-%ld-%ld-%lld.%09ld", directory, name, host,
                                (long)getpid(), (long)gettid(), (long long)now.tv_sec, now.tv_nsec);
    return length < 0 ? NULL : path;
}

bool tb_part_pack_head(const char *key, const struct tb_part_content *content, struct tb_buffer *head)
{
    const size_t key_size = strlen(key);
    uint8_t sum[TB_PART_HASH_SIZE];
    if (key_size > UINT32_MAX)
        return false;
    tb_buffer_put(head, MAGIC, sizeof MAGIC);
    tb_buffer_put_u32(head, PART_FORMAT);
    tb_buffer_put_u32(head, (uint32_t)key_size);
    tb_buffer_put_u64(head, content->size);
    tb_buffer_put(head, content->hash, sizeof content->hash);
    if (head->failed || !hash_head(head->data, key, key_size, sum))
        return false;
    tb_buffer_put(head, sum, sizeof sum);
    tb_buffer_put(head, key, key_size);
    return !head->failed;
}

static bool head_holds(const uint8_t *head, const char *key, size_t file_size, struct tb_open_part *part)
{
    struct tb_bytes bytes = tb_bytes_packed(head, HEAD_SIZE);
    const uint8_t *magic, *hash;
    uint32_t format, key_size;
    const bool taken = tb_bytes_take(&bytes, sizeof MAGIC, &magic) && tb_bytes_take_u32(&bytes, &format) &&
                       tb_bytes_take_u32(&bytes, &key_size) && tb_bytes_take_u64(&bytes, &part->content.size) &&
                       tb_bytes_take(&bytes, TB_PART_HASH_SIZE, &hash);
    if (!taken || memcmp(magic, MAGIC, sizeof MAGIC) != 0 || format != PART_FORMAT || key_size != strlen(key))
        return false;
    memcpy(part->content.hash, hash, TB_PART_HASH_SIZE);
    part->content_at = HEAD_SIZE + (uint64_t)key_size;
    if (file_size < part->content_at || file_size - part->content_at != part->content.size)
        return false;
    uint8_t sum[TB_PART_HASH_SIZE];
    return hash_head(head, head + HEAD_SIZE, key_size, sum) &&
           memcmp(sum, head + HEAD_SUM_AT, TB_PART_HASH_SIZE) == 0 && memcmp(head + HEAD_SIZE, key, key_size) == 0;
}

/* The size of a regular file, or 0. */
static size_t regular_size(int file)
{
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size < 0)
        return 0;
    return (size_t)found.st_size;
}

enum tb_status tb_part_broken(const char *path, const char *reason, struct tb_error *error)
{
    return tb_error_set(error, TB_NOT_FOUND, "%s: %s", path, reason);
}

static enum tb_status check_open_part(const char *path, const char *key, struct tb_open_part *part,
                                      struct tb_error *error)
{
    const size_t file_size = regular_size(part->file);
    const size_t head_size = HEAD_SIZE + strlen(key);
    if (file_size < head_size)
        return tb_part_broken(path, "too short for a part of this key", error);
    uint8_t *head = malloc(head_size);
    if (head == NULL)
        return tb_error_memory(error, "the head of a part");
    enum tb_status status = TB_OK;
    if (tb_read_all(part->file, 0, head, head_size) != (ssize_t)head_size)
        status = tb_part_broken(path, "its head cannot be read", error);
    else if (!head_holds(head, key, file_size, part))
        status = tb_part_broken(path, "no whole part of this key", error);
    free(head);
    return status;
}

enum tb_status tb_part_open_file(const char *path, const char *key, struct tb_open_part *part, struct tb_error *error)
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
