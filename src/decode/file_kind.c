/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file is, by its first bytes, for commands that are given any file: records tell by their
 * magic, texts by words that only their program writes. */
#include "file_kind.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "artifact_kinds.h"
#include "recognise.h"
#include "twinbed/io/source.h"

/* Texts say what they are in their first lines, records in their first blocks. */
enum { LOOKED_AT = 64 << 10 };

/* Texts that say what they are, but in words that other files may hold as well: none is taken for something else by them,
 * but a file of which nothing is known may be found so. */
static const struct {
    const char *begin; /* of the file */
    const char *holds;
    struct file_kind is;
} texts[] = {
    {"SUMMARY", "SID", {TB_ARTIFACT_LATENCY, "a summary of owping"}},
    {"", " packets captured", {TB_ARTIFACT_CAPTURE_LOG, "the log of a capture"}},
    {"", " packets received by filter", {TB_ARTIFACT_CAPTURE_LOG, "the log of a capture"}},
    {"", "Packets captured: ", {TB_ARTIFACT_CAPTURE_LOG, "the log of a capture"}},
};

static bool is_text(const uint8_t *data, size_t size)
{
    return memchr(data, '\0', size) == NULL;
}

static void find_text(const uint8_t *data, size_t size, struct file_kind *found)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && is_text(data, size); i++) {
        const size_t length = strlen(texts[i].begin);
        if (size < length || memcmp(data, texts[i].begin, length) != 0 ||
            memmem(data, size, texts[i].holds, strlen(texts[i].holds)) == NULL)
            continue;
        *found = texts[i].is;
        return;
    }
}

static void find(const uint8_t *data, size_t size, struct file_kind *found)
{
    for (int i = 0; i < TB_ARTIFACT_KINDS; i++) {
        const struct artifact_kind *const kind = tb_artifact_kind_at((enum tb_artifact_kind)i);
        if (kind->recognise == NULL || !kind->recognise(data, size))
            continue;
        *found = (struct file_kind){(enum tb_artifact_kind)i, kind->is};
        return;
    }
    const struct recognised *known = size == 0 ? NULL : tb_content_recognise(data, size);
    if (known != NULL)
        *found = (struct file_kind){known->kind, known->what};
    else
        find_text(data, size, found);
}

enum tb_status tb_file_kind_find(const char *path, struct file_kind *found, struct tb_error *error)
{
    struct tb_source *source;
    *found = (struct file_kind){TB_ARTIFACT_KINDS, ""};
    const enum tb_status status = tb_source_open(path, &source, error);
    if (status != TB_OK)
        return status;
    uint8_t *data = malloc(LOOKED_AT);
    size_t size = 0, got = 1;
    bool whole = true;
    while (data != NULL && size < LOOKED_AT && got != 0 && whole) {
        got = 0;
        /* A broken stream may give its last bytes together with its error. */
        whole = tb_source_read(source, data + size, LOOKED_AT - size, &got, NULL) == TB_OK;
        size += got;
    }
    tb_source_close(source);
    if (data == NULL)
        return tb_error_memory(error, "the beginning of a file");
    find(data, size, found);
    free(data);
    return TB_OK;
}

/* What reads a file of its own accord, for people who gave it to a command that wants a campaign file. */
static const char *command_for(enum tb_artifact_kind kind)
{
    switch (kind) {
    case TB_ARTIFACT_CAPTURE:
        return "twinbed flows lists what is in it";
    case TB_ARTIFACT_TRACE:
        return "twinbed calls lists what is in it";
    case TB_ARTIFACT_AB:
    case TB_ARTIFACT_AB_CSV:
    case TB_ARTIFACT_AB_TSV:
    case TB_ARTIFACT_LATENCY:
        return "twinbed compare sets two of them side by side";
    default:
        return NULL;
    }
}

/* Texts may speak of other programs; one that is called so is meant as a campaign file. */
static bool is_called_yaml(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0);
}

enum tb_status tb_file_kind_explain(const char *path, enum tb_status status, struct tb_error *error)
{
    struct file_kind found;
    struct stat about;
    if (status != TB_USAGE || stat(path, &about) != 0)
        return status;
    if (S_ISDIR(about.st_mode))
        return tb_error_set(
            error, TB_USAGE,
            "%.400s is a directory, not a campaign file; twinbed init %.400s > campaign.yaml writes one", path, path);
    if (!S_ISREG(about.st_mode) || tb_file_kind_find(path, &found, NULL) != TB_OK)
        return status;
    if (strcmp(found.what, "an HDF5 file") == 0)
        return tb_error_set(
            error, TB_USAGE,
            "%.400s is an HDF5 file, not a campaign file; twinbed report and twinbed compare read results", path);
    const char *command = command_for(found.kind);
    const bool is_record = found.kind == TB_ARTIFACT_CAPTURE || found.kind == TB_ARTIFACT_TRACE;
    if (command == NULL || (!is_record && is_called_yaml(path)))
        return status;
    return tb_error_set(
        error, TB_USAGE,
        "%.400s is %s, not a campaign file; %s, and twinbed init DIRECTORY writes a campaign file for what "
        "lies with it",
        path, found.what, command);
}
