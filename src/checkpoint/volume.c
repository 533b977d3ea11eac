/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts one behind the other in a file. A head has a digest of its own, so that a search can tell
 * heads from bytes that look like one, and goes from one to the next without reading what lies
 * between; a content is read and checked when it is wanted. */
#include "volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

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
enum {
    FORMAT = 2,
    HASH_SIZE = 16,
    HEAD_SUM_AT = 40,
    HEAD_SIZE = 56,
    KEY_MOST = 1 << 20,   /* bytes; a longer key is no key */
    FIRST_READ = 4096,    /* bytes that hold the head and the key, if the key is not unusually long */
    CHECK_BLOCK = 1 << 20 /* bytes of a content that are checked at a time */
};

struct head {
    uint64_t content_size;
    uint8_t content_hash[HASH_SIZE];
    size_t key_size;
};

static void put_canonical(XXH128_hash_t hash, uint8_t *bytes)
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    memcpy(bytes, canonical.digest, HASH_SIZE);
}

/* --- heads --- */

/* Over the first part of the head and the key, which follows the head. */
static bool hash_head(const uint8_t *head, size_t key_size, uint8_t *bytes)
{
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL)
        return false;
    XXH3_128bits_reset(state);
    XXH3_128bits_update(state, head, HEAD_SUM_AT);
    XXH3_128bits_update(state, head + HEAD_SIZE, key_size);
    put_canonical(XXH3_128bits_digest(state), bytes);
    XXH3_freeState(state);
    return true;
}

/* With the key. False when memory is short. */
static bool pack_head(const char *key, const struct tb_buffer *content, struct tb_buffer *packed)
{
    static const uint8_t later[HASH_SIZE];
    uint8_t hash[HASH_SIZE];
    const size_t key_size = strlen(key);
    put_canonical(XXH3_128bits(content->data, content->size), hash);
    tb_buffer_put(packed, MAGIC, sizeof MAGIC);
    tb_buffer_put_u32(packed, FORMAT);
    tb_buffer_put_u32(packed, (uint32_t)key_size);
    tb_buffer_put_u64(packed, content->size);
    tb_buffer_put(packed, hash, sizeof hash);
    tb_buffer_put(packed, later, sizeof later);
    tb_buffer_put(packed, key, key_size);
    return !packed->failed && hash_head(packed->data, key_size, packed->data + HEAD_SUM_AT);
}

/* False when that is no head. Its sum is not looked at, as the key may not have been read. */
static bool unpack_head(const uint8_t *bytes, size_t size, struct head *head)
{
    struct tb_bytes left = tb_bytes_packed(bytes, size);
    const uint8_t *magic, *hash;
    uint32_t format, key_size;
    if (size < HEAD_SIZE || !tb_bytes_take(&left, sizeof MAGIC, &magic) || !tb_bytes_take_u32(&left, &format) ||
        !tb_bytes_take_u32(&left, &key_size) || !tb_bytes_take_u64(&left, &head->content_size) ||
        !tb_bytes_take(&left, HASH_SIZE, &hash))
        return false;
    memcpy(head->content_hash, hash, HASH_SIZE);
    head->key_size = key_size;
    return memcmp(magic, MAGIC, sizeof MAGIC) == 0 && format == FORMAT && key_size <= KEY_MOST;
}

static bool head_holds(const uint8_t *bytes, const struct head *head)
{
    uint8_t sum[HASH_SIZE];
    return hash_head(bytes, head->key_size, sum) && memcmp(sum, bytes + HEAD_SUM_AT, HASH_SIZE) == 0;
}

/* --- writing --- */

enum tb_status tb_volume_append(int file, const char *path, uint64_t *size, const char *key,
                                const struct tb_buffer *content, struct tb_error *error)
{
    struct tb_buffer head = {0};
    enum tb_status status = TB_OK;
    if (strlen(key) > KEY_MOST)
        return tb_error_set(error, TB_INTERNAL, "the key of a part is too long");
    if (!pack_head(key, content, &head))
        status = tb_error_memory(error, "the head of a part");
    if (status == TB_OK)
        status = tb_write_all(file, path, head.data, head.size, error);
    if (status == TB_OK)
        status = tb_write_all(file, path, content->data, content->size, error);
    if (status == TB_OK)
        *size += head.size + content->size;
    else
        (void)!ftruncate(file, (off_t)*size);
    tb_buffer_free(&head);
    return status;
}

/* --- reading --- */

/* A volume and the part of it that is looked at. */
struct volume {
    const char *path;
    int file;
    uint64_t size;
    uint8_t *bytes; /* owned; a head and its key */
    size_t capacity;
    size_t available;
};

/* Without waiting: something else may have the name. */
static enum tb_status open_volume(const char *path, struct volume *volume, struct tb_error *error)
{
    struct stat found;
    *volume = (struct volume){.path = path, .capacity = FIRST_READ};
    volume->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (volume->file < 0)
        return tb_error_set(error, TB_NOT_FOUND, "%s: cannot open: %s", path, strerror(errno));
    volume->bytes = malloc(FIRST_READ);
    enum tb_status status = volume->bytes == NULL ? tb_error_memory(error, "a volume of parts") : TB_OK;
    if (status == TB_OK && (fstat(volume->file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size < 0))
        status = tb_error_set(error, TB_NOT_FOUND, "%s: no regular file", path);
    if (status == TB_OK) {
        volume->size = (uint64_t)found.st_size;
        return TB_OK;
    }
    free(volume->bytes);
    close(volume->file);
    return status;
}

static void close_volume(struct volume *volume)
{
    close(volume->file);
    free(volume->bytes);
}

/* Reads size bytes at offset, or less at the end of the file. */
static enum tb_status read_at(struct volume *volume, uint64_t offset, size_t size, struct tb_error *error)
{
    if (size > volume->capacity) {
        uint8_t *const bytes = realloc(volume->bytes, size);
        if (bytes == NULL)
            return tb_error_memory(error, "the key of a part");
        volume->bytes = bytes;
        volume->capacity = size;
    }
    const ssize_t count = tb_read_all(volume->file, offset, volume->bytes, size);
    volume->available = count < 0 ? 0 : (size_t)count;
    return count < 0 ? tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot read: %s", volume->path, strerror(errno))
                     : TB_OK;
}

/* The head and key at offset. TB_NOT_FOUND when they do not hold, or the content ends behind the file. */
static enum tb_status read_head(struct volume *volume, uint64_t offset, struct head *head, struct tb_error *error)
{
    enum tb_status status = read_at(volume, offset, FIRST_READ, error);
    if (status != TB_OK)
        return status;
    bool good = unpack_head(volume->bytes, volume->available, head);
    if (good && HEAD_SIZE + head->key_size > volume->available) {
        status = read_at(volume, offset, HEAD_SIZE + head->key_size, error);
        good = unpack_head(volume->bytes, volume->available, head) && HEAD_SIZE + head->key_size <= volume->available;
    }
    if (status != TB_OK)
        return status;
    const uint64_t before = HEAD_SIZE + (uint64_t)head->key_size;
    good = good && head_holds(volume->bytes, head) && offset <= volume->size && before <= volume->size - offset &&
           head->content_size <= volume->size - offset - before;
    return good ? TB_OK
                : tb_error_set(error, TB_NOT_FOUND, "%s: no whole part at offset %llu", volume->path,
                               (unsigned long long)offset);
}

static bool has_key(const struct volume *volume, const struct head *head, const char *key)
{
    return strlen(key) == head->key_size && memcmp(volume->bytes + HEAD_SIZE, key, head->key_size) == 0;
}

static enum tb_status open_part(const char *path, uint64_t offset, const char *key, struct volume *volume,
                                struct head *head, struct tb_error *error)
{
    enum tb_status status = open_volume(path, volume, error);
    if (status != TB_OK)
        return status;
    status = read_head(volume, offset, head, error);
    if (status == TB_OK && !has_key(volume, head, key))
        status = tb_error_set(error, TB_NOT_FOUND, "%s: the part at offset %llu has another key", path,
                              (unsigned long long)offset);
    if (status != TB_OK)
        close_volume(volume);
    return status;
}

/* The size was checked against the file's, so it bounds the allocation. */
static enum tb_status read_content(const struct volume *volume, uint64_t at, const struct head *head,
                                   struct tb_buffer *content, struct tb_error *error)
{
    const size_t size = (size_t)head->content_size;
    uint8_t hash[HASH_SIZE];
    uint8_t *const data = malloc(size > 0 ? size : 1);
    if (data == NULL)
        return tb_error_memory(error, "the content of a part");
    if (tb_read_all(volume->file, at, data, size) == (ssize_t)size) {
        put_canonical(XXH3_128bits(data, size), hash);
        if (memcmp(hash, head->content_hash, HASH_SIZE) == 0) {
            *content = (struct tb_buffer){.data = data, .size = size, .capacity = size > 0 ? size : 1};
            return TB_OK;
        }
    }
    free(data);
    return tb_error_set(error, TB_NOT_FOUND, "%s: the checksum of the part at offset %llu does not hold", volume->path,
                        (unsigned long long)at);
}

enum tb_status tb_volume_read(const char *path, uint64_t offset, const char *key, struct tb_buffer *content,
                              struct tb_error *error)
{
    struct volume volume;
    struct head head;
    enum tb_status status = open_part(path, offset, key, &volume, &head, error);
    if (status != TB_OK)
        return status;
    status = read_content(&volume, offset + HEAD_SIZE + head.key_size, &head, content, error);
    close_volume(&volume);
    return status;
}

/* Block by block: a part may be larger than memory has room for. */
static bool content_holds(const struct volume *volume, uint64_t at, const struct head *head)
{
    uint8_t hash[HASH_SIZE];
    uint8_t *const block = malloc(CHECK_BLOCK);
    XXH3_state_t *const state = XXH3_createState();
    bool holds = block != NULL && state != NULL;
    if (holds)
        XXH3_128bits_reset(state);
    for (uint64_t done = 0; holds && done < head->content_size;) {
        const uint64_t left = head->content_size - done;
        const size_t size = left < CHECK_BLOCK ? (size_t)left : CHECK_BLOCK;
        holds = tb_read_all(volume->file, at + done, block, size) == (ssize_t)size;
        if (holds)
            XXH3_128bits_update(state, block, size);
        done += size;
    }
    if (holds) {
        put_canonical(XXH3_128bits_digest(state), hash);
        holds = memcmp(hash, head->content_hash, HASH_SIZE) == 0;
    }
    XXH3_freeState(state);
    free(block);
    return holds;
}

bool tb_volume_holds(const char *path, uint64_t offset, const char *key)
{
    struct volume volume;
    struct head head;
    if (open_part(path, offset, key, &volume, &head, NULL) != TB_OK)
        return false;
    const bool holds = content_holds(&volume, offset + HEAD_SIZE + head.key_size, &head);
    close_volume(&volume);
    return holds;
}

/* --- searching --- */

/* The next magic at or behind offset; the end of the file when there is none. */
static enum tb_status find_magic(struct volume *volume, uint64_t *offset, struct tb_error *error)
{
    while (*offset < volume->size) {
        const enum tb_status status = read_at(volume, *offset, CHECK_BLOCK, error);
        if (status != TB_OK)
            return status;
        const uint8_t *const found = memmem(volume->bytes, volume->available, MAGIC, sizeof MAGIC);
        if (found != NULL) {
            *offset += (uint64_t)(found - volume->bytes);
            return TB_OK;
        }
        /* One may begin in the last bytes. */
        *offset = volume->available < CHECK_BLOCK ? volume->size : *offset + CHECK_BLOCK - sizeof MAGIC + 1;
    }
    return TB_OK;
}

static enum tb_status search(struct volume *volume, tb_volume_found *found, void *context, struct tb_error *error)
{
    struct head head;
    for (uint64_t offset = 0; offset < volume->size;) {
        enum tb_status status = read_head(volume, offset, &head, NULL);
        if (status == TB_NOT_FOUND) {
            offset++;
            status = find_magic(volume, &offset, error);
        } else if (status == TB_OK) {
            const XXH128_hash_t hash = XXH3_128bits(volume->bytes + HEAD_SIZE, head.key_size);
            if (!found(context, (struct tb_key){.high = hash.high64, .low = hash.low64}, offset))
                return tb_error_memory(error, "the list of parts");
            offset += HEAD_SIZE + head.key_size + head.content_size;
        }
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

enum tb_status tb_volume_search(const char *path, tb_volume_found *found, void *context, struct tb_error *error)
{
    struct volume volume;
    enum tb_status status = open_volume(path, &volume, error);
    if (status != TB_OK)
        return status == TB_NOT_FOUND ? TB_OK
                                      : status; /* removed since it was listed, or something else by that name */
    status = search(&volume, found, context, error);
    close_volume(&volume);
    return status;
}
