/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line behind the bytes of HDF5: made last, checked first. It has a fixed length, so it is
 * found from the end of the file. */
#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/durable.h"
#include "results_format.h"

static const char BEGIN[] = "\ntwinbed results ";
static const char SIGNATURE[8] = "\211HDF\r\n\032\n";

enum { BLOCK_BYTES = 1 << 20 };

/* XXH3-128 of the first bytes of a file, as the text of a seal has it. */
struct digest_text {
    char text[33];
};

static enum tb_status cannot_read(const char *path, struct tb_error *error)
{
    return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot read: %s", path, strerror(errno));
}

static enum tb_status digest_blocks(int file, const char *path, uint64_t bytes, XXH3_state_t *state, void *block,
                                    struct tb_error *error)
{
    for (uint64_t at = 0; at < bytes;) {
        const uint64_t left = bytes - at;
        const ssize_t got = tb_read_all(file, at, block, left < BLOCK_BYTES ? left : BLOCK_BYTES);
        if (got < 0)
            return cannot_read(path, error);
        if (got == 0)
            return tb_error_set(error, TB_INPUT_OUTPUT, "%s: became shorter while it was read", path);
        XXH3_128bits_update(state, block, (size_t)got);
        at += (uint64_t)got;
    }
    return TB_OK;
}

static enum tb_status digest_file(int file, const char *path, uint64_t bytes, struct digest_text *digest,
                                  struct tb_error *error)
{
    XXH3_state_t *state = XXH3_createState();
    void *block = malloc(BLOCK_BYTES);
    enum tb_status status = TB_OK;
    if (state == NULL || block == NULL || XXH3_128bits_reset(state) == XXH_ERROR)
        status = tb_error_memory(error, "the digest of a results file");
    else
        status = digest_blocks(file, path, bytes, state, block, error);
    if (status == TB_OK) {
        const XXH128_hash_t hash = XXH3_128bits_digest(state);
        snprintf(digest->text, sizeof digest->text, "%016llx%016llx", (unsigned long long)hash.high64,
                 (unsigned long long)hash.low64);
    }
    free(block);
    XXH3_freeState(state);
    return status;
}

static void print_seal(char text[TB_SEAL_SIZE + 1], const char *version, uint64_t bytes,
                       const struct digest_text *digest)
{
    snprintf(text, TB_SEAL_SIZE + 1, "%s%-8s%020llu bytes, XXH3-128 %s\n", BEGIN, version, (unsigned long long)bytes,
             digest->text);
}

static enum tb_status append_seal(int file, const char *path, struct tb_error *error)
{
    struct stat found;
    if (fstat(file, &found) != 0)
        return cannot_read(path, error);
    struct digest_text digest;
    enum tb_status status = digest_file(file, path, (uint64_t)found.st_size, &digest, error);
    if (status != TB_OK)
        return status;
    char text[TB_SEAL_SIZE + 1];
    print_seal(text, TB_RESULTS_VERSION, (uint64_t)found.st_size, &digest);
    if (lseek(file, 0, SEEK_END) < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    return tb_write_all(file, path, text, TB_SEAL_SIZE, error);
}

enum tb_status tb_seal_write(const char *path, struct tb_error *error)
{
    const int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot open: %s", path, strerror(errno));
    enum tb_status status = append_seal(file, path, error);
    if (close(file) != 0 && status == TB_OK)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    return status;
}

/* "3.0", of two numbers without anything behind them. */
static bool can_read_version(const char *version)
{
    unsigned major, minor;
    int end = 0;
    return sscanf(version, "%3u.%3u%n", &major, &minor, &end) == 2 && version[end] == '\0' &&
           major == TB_RESULTS_MAJOR && minor <= TB_RESULTS_MINOR;
}

static enum tb_status take_version(const char *path, const char *line, struct tb_seal *seal, struct tb_error *error)
{
    const char *version = line + sizeof BEGIN - 1;
    snprintf(seal->version, sizeof seal->version, "%.*s", (int)strcspn(version, " "), version);
    if (can_read_version(seal->version))
        return TB_OK;
    for (char *c = seal->version; *c != '\0'; c++)
        *c = *c > ' ' && *c < 0x7f ? *c : '?';
    return tb_error_set(error, TB_UNSUPPORTED,
                        "%s: results of version %s; this twinbed reads version " TB_RESULTS_VERSION, path,
                        seal->version);
}

static enum tb_status check_signature(int file, const char *path, uint64_t size, struct tb_error *error)
{
    char begin[sizeof SIGNATURE];
    const ssize_t got = tb_read_all(file, 0, begin, sizeof begin);
    if (got < 0)
        return cannot_read(path, error);
    if (size < sizeof SIGNATURE + TB_SEAL_SIZE || memcmp(begin, SIGNATURE, sizeof SIGNATURE) != 0)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: no results file of twinbed: no HDF5 file, or cut off", path);
    return TB_OK;
}

static enum tb_status read_line(int file, const char *path, uint64_t size, char line[TB_SEAL_SIZE + 1],
                                struct tb_error *error)
{
    const ssize_t got = tb_read_all(file, size - TB_SEAL_SIZE, line, TB_SEAL_SIZE);
    if (got < 0)
        return cannot_read(path, error);
    line[got] = '\0';
    if (strncmp(line, BEGIN, sizeof BEGIN - 1) == 0)
        return TB_OK;
    return tb_error_set(
        error, TB_UNSUPPORTED,
        "%s: does not end with the digest that twinbed writes last: another program made or changed it, "
        "it is cut off, or a twinbed before version 3 of the results wrote it; twinbed analyze makes it "
        "again",
        path);
}

enum tb_status tb_seal_check(int file, const char *path, struct tb_seal *seal, struct tb_error *error)
{
    struct stat found;
    if (fstat(file, &found) != 0)
        return cannot_read(path, error);
    const uint64_t size = (uint64_t)found.st_size;
    char line[TB_SEAL_SIZE + 1], expected[TB_SEAL_SIZE + 1];
    struct digest_text digest;
    enum tb_status status = check_signature(file, path, size, error);
    if (status == TB_OK)
        status = read_line(file, path, size, line, error);
    if (status == TB_OK)
        status = take_version(path, line, seal, error);
    if (status != TB_OK)
        return status;
    seal->bytes = size - TB_SEAL_SIZE;
    status = digest_file(file, path, seal->bytes, &digest, error);
    if (status != TB_OK)
        return status;
    print_seal(expected, seal->version, seal->bytes, &digest);
    if (memcmp(line, expected, TB_SEAL_SIZE) == 0)
        return TB_OK;
    return tb_error_set(
        error, TB_CORRUPT,
        "%s: damaged, or changed by another program: its digest does not match; twinbed analyze makes it "
        "again",
        path);
}
