/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "twinbed/base/bytes.h"

static enum tb_status open_file(const char *path, int *file, uint64_t *size, struct tb_error *error)
{
    struct stat about;
    *file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*file < 0)
        return tb_error_set(error, errno == ENOENT ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s", path,
                            strerror(errno));
    if (fstat(*file, &about) == 0 && S_ISREG(about.st_mode)) {
        *size = (uint64_t)about.st_size;
        return TB_OK;
    }
    close(*file);
    return tb_error_set(error, TB_UNSUPPORTED, "%s: is no file", path);
}

/* Appends the bytes from begin to end. */
static enum tb_status read_span(const char *path, int file, uint64_t begin, uint64_t end, struct tb_buffer *bytes,
                                struct tb_error *error)
{
    uint8_t block[16 * 1024];
    while (begin < end) {
        const uint64_t left = end - begin;
        const ssize_t got = pread(file, block, left < sizeof block ? (size_t)left : sizeof block, (off_t)begin);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return tb_error_set(error, TB_INPUT_OUTPUT, "%s: offset %" PRIu64 ": cannot read: %s", path, begin,
                                got == 0 ? "the file became shorter" : strerror(errno));
        tb_buffer_put(bytes, block, (size_t)got);
        begin += (uint64_t)got;
    }
    return TB_OK;
}

static enum tb_status read_ends(const char *path, int file, uint64_t size, struct tb_buffer *bytes,
                                struct tb_error *error)
{
    const uint64_t first_end = size < TB_DIGEST_SPAN ? size : TB_DIGEST_SPAN;
    const uint64_t last_begin = size - first_end < TB_DIGEST_SPAN ? first_end : size - TB_DIGEST_SPAN;
    tb_buffer_put_u64(bytes, size);
    enum tb_status status = read_span(path, file, 0, first_end, bytes, error);
    if (status == TB_OK)
        status = read_span(path, file, last_begin, size, bytes, error);
    return status == TB_OK ? tb_buffer_check(bytes, "a digest", error) : status;
}

void tb_digest_of_bytes(const void *data, size_t size, char digest[TB_DIGEST_TEXT_SIZE])
{
    const XXH128_hash_t hash = XXH3_128bits(data, size);
    snprintf(digest, TB_DIGEST_TEXT_SIZE, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64, (uint64_t)hash.low64);
}

enum tb_status tb_file_digest(const char *path, char digest[TB_DIGEST_TEXT_SIZE], struct tb_error *error)
{
    struct tb_buffer bytes = {0};
    uint64_t size = 0;
    int file = -1;
    enum tb_status status = open_file(path, &file, &size, error);
    if (status != TB_OK)
        return status;
    status = read_ends(path, file, size, &bytes, error);
    close(file);
    if (status == TB_OK)
        tb_digest_of_bytes(bytes.data, bytes.size, digest);
    tb_buffer_free(&bytes);
    return status;
}
