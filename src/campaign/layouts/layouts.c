/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directory layouts that are known by name, and what writers of manifests share. */
#include "twinbed/campaign/layouts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "campaign/manifest/pattern.h"
#include "layout_writer.h"
#include "twinbed/base/utf8.h"
#include "twinbed/campaign/campaign.h"

static bool is_directory(struct arena *arena, const char *path, const char *name)
{
    const char *full = tb_path_join(arena, path, name);
    struct stat about;
    return full != NULL && stat(full, &about) == 0 && S_ISDIR(about.st_mode);
}

static int compare_names(const void *a, const void *b)
{
    return tb_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

bool tb_layout_ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

enum layout_file_kind tb_layout_file_kind(const char *name)
{
    static const struct {
        enum layout_file_kind kind;
        const char *end;
    } ends[] = {{LAYOUT_FILE_CAPTURE, ".pcap"}, {LAYOUT_FILE_CAPTURE, ".pcapng"}, {LAYOUT_FILE_CAPTURE, ".pcap.gz"},
                {LAYOUT_FILE_TRACE, ".scap"},   {LAYOUT_FILE_TRACE, ".scap.gz"},  {LAYOUT_FILE_LATENCY, ".sum"}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (tb_layout_ends_with(name, ends[i].end))
            return ends[i].kind;
    if (strcmp(name, "ab.txt") == 0 || strcmp(name, "ab.out") == 0)
        return LAYOUT_FILE_AB;
    return strcmp(name, "owping.txt") == 0 ? LAYOUT_FILE_LATENCY : LAYOUT_FILE_OTHER;
}

bool tb_layout_is_listed(const struct layout_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

static bool is_wanted(struct arena *arena, const char *path, const char *name, bool directories_only)
{
    return name[0] != '.' && (!directories_only || is_directory(arena, path, name));
}

enum tb_status tb_layout_list(struct arena *arena, const char *path, bool directories_only, struct layout_names *names,
                              struct tb_error *error)
{
    struct dirent **entries = NULL;
    *names = (struct layout_names){0};
    const int count = scandir(path, &entries, NULL, NULL);
    if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
        return TB_OK;
    if (count < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot list: %s", path, strerror(errno));
    names->items = tb_arena_allocate(arena, (size_t)count, sizeof *names->items);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (names->items != NULL && is_wanted(arena, path, name, directories_only))
            names->items[names->count++] = tb_arena_copy(arena, name, strlen(name));
        free(entries[i]);
    }
    free(entries);
    if (arena->failed)
        return tb_error_memory(error, "a directory's names");
    if (names->count > 1)
        qsort(names->items, names->count, sizeof *names->items, compare_names);
    return TB_OK;
}

/* Characters of more than one byte that YAML does not let stand as they are, or that end a line: C1 controls, line and
 * paragraph separators, the byte order mark, and what is no character. */
static bool is_escaped(uint32_t character)
{
    return (character >= 0x80 && character < 0xa0) || character == 0x2028 || character == 0x2029 ||
           character == 0xfeff || (character & 0xfffe) == 0xfffe;
}

/* The character of length bytes, which are UTF-8. */
static uint32_t character_at(const unsigned char *text, size_t length)
{
    uint32_t character = length == 1 ? text[0] : text[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++)
        character = character << 6 | (text[i] & 0x3f);
    return character;
}

static void print_character(FILE *output, const char *text, size_t length, bool is_pattern)
{
    const unsigned char c = (unsigned char)*text;
    const uint32_t character = character_at((const unsigned char *)text, length);
    if (c == '"' || c == '\\')
        fprintf(output, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        fprintf(output, "\\x%02x", c);
    else if (length > 1 && is_escaped(character))
        fprintf(output, "\\U%08x", (unsigned)character);
    else if (is_pattern && (c == '{' || c == '}'))
        fprintf(output, "%c%c", c, c);
    else
        fwrite(text, 1, length, output);
}

void tb_layout_print_text(FILE *output, const char *text, bool is_pattern)
{
    fputc('"', output);
    while (*text != '\0') {
        const size_t whole = tb_utf8_length(text, SIZE_MAX);
        const size_t length = whole == 0 ? 1 : whole;
        print_character(output, text, length, is_pattern);
        text += length;
    }
    fputc('"', output);
}

enum tb_status tb_layout_write_manifest(enum tb_layout layout, const char *directory,
                                        const struct tb_layout_processes *processes, FILE *output,
                                        struct tb_error *error)
{
    static enum tb_status (*const writers[])(const char *, const struct tb_layout_processes *, struct arena *, FILE *,
                                             struct tb_error *) = {[TB_LAYOUT_QUE] = tb_layout_write_que,
                                                                   [TB_LAYOUT_SCORCH] = tb_layout_write_scorch,
                                                                   [TB_LAYOUT_MINICCC] = tb_layout_write_miniccc};
    static const struct tb_layout_processes nobody = {.client = "", .server = ""};
    const struct tb_layout_processes *const found = processes == NULL ? &nobody : processes;
    struct arena arena = {0};
    char *absolute = realpath(directory, NULL);
    if (absolute == NULL)
        return tb_error_set(error, errno == ENOENT ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s", directory,
                            strerror(errno));
    enum tb_status status = TB_OK;
    if (!tb_utf8_is_text(absolute))
        status = tb_error_set(error, TB_UNSUPPORTED, "%s: the name is not UTF-8, which a manifest must be", directory);
    else
        status = writers[layout](absolute, found, &arena, output, error);
    if (status == TB_OK && (fflush(output) != 0 || ferror(output) != 0))
        status = tb_error_set(error, TB_INPUT_OUTPUT, "cannot write the manifest: %s", strerror(errno));
    free(absolute);
    tb_arena_free(&arena);
    return status;
}
