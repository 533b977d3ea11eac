/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of phenix SCORCH:
 *
 *   [...]/EXPERIMENT/files/scorch/run-R/COMPONENT/loop-L-count-C/...
 *
 * A run of ours is one (experiment, R, L, C); its files lie in the folders of
 * several components, so that runs share the directory run-R and each lists
 * its own artifacts. The experiment is the testbed, the count the repetition. */
#include <stdlib.h>
#include <string.h>

#include "campaign/manifest/pattern.h"
#include "layout_writer.h"
#include "twinbed/base/utf8.h"

enum { MOST_DEPTH = 6, SLOT_COUNT = 5 };

enum slot { SLOT_AB, SLOT_LATENCY, SLOT_CAPTURE, SLOT_TRACE_CLIENT, SLOT_TRACE_SERVER };

struct scorch_file {
    struct scorch_file *next;
    enum slot slot;
    const char *path; /* below run-R */
};

struct scorch_writing {
    const char *root;
    const struct tb_layout_processes *processes;
    struct arena *arena;
    FILE *output;
    struct tb_error *error;
    size_t run_count;
};

struct loop_name {
    unsigned long loop;
    unsigned long count;
};

/* "run-3" gives 3. */
static bool read_number_behind(const char *text, const char *prefix, const char **rest, unsigned long *number)
{
    const size_t length = strlen(prefix);
    if (strncmp(text, prefix, length) != 0 || text[length] < '0' || text[length] > '9')
        return false;
    char *end;
    *number = strtoul(text + length, &end, 10);
    *rest = end;
    return true;
}

static bool read_loop(const char *name, struct loop_name *loop)
{
    const char *rest;
    return read_number_behind(name, "loop-", &rest, &loop->loop) &&
           read_number_behind(rest, "-count-", &rest, &loop->count) && *rest == '\0';
}

static bool classify(const char *name, enum slot *slot)
{
    if (strpbrk(name, "*?") != NULL || !tb_utf8_is_text(name))
        return false;
    const enum layout_file_kind kind = tb_layout_file_kind(name);
    if (kind == LAYOUT_FILE_CAPTURE)
        *slot = SLOT_CAPTURE;
    else if (kind == LAYOUT_FILE_TRACE && strstr(name, "client") != NULL)
        *slot = SLOT_TRACE_CLIENT;
    else if (kind == LAYOUT_FILE_TRACE && strstr(name, "server") != NULL)
        *slot = SLOT_TRACE_SERVER;
    else if (kind == LAYOUT_FILE_AB)
        *slot = SLOT_AB;
    else if (kind == LAYOUT_FILE_LATENCY)
        *slot = SLOT_LATENCY;
    else
        return false;
    return true;
}

/* Adds a file; merged.pcap goes before other captures, since it holds them all. */
static bool add_file(struct arena *arena, struct scorch_file **files, enum slot slot, const char *path)
{
    struct scorch_file *file = tb_arena_allocate(arena, 1, sizeof *file);
    if (file == NULL || path == NULL)
        return false;
    *file = (struct scorch_file){.slot = slot, .path = path};
    struct scorch_file **place = files;
    while (*place != NULL && !tb_layout_ends_with(path, "/merged.pcap"))
        place = &(*place)->next;
    file->next = *place;
    *place = file;
    return true;
}

static enum tb_status collect_files(const struct scorch_writing *writing, const char *run_path,
                                    const struct layout_names *components, const char *loop, struct scorch_file **files)
{
    *files = NULL;
    for (size_t i = 0; i < components->count; i++) {
        const char *below = tb_path_join(writing->arena, components->items[i], loop);
        const char *path = below == NULL ? NULL : tb_path_join(writing->arena, run_path, below);
        struct layout_names names;
        if (path == NULL)
            return tb_error_memory(writing->error, "the manifest");
        const enum tb_status status = tb_layout_list(writing->arena, path, false, &names, writing->error);
        for (size_t j = 0; j < names.count; j++) {
            enum slot slot;
            if (classify(names.items[j], &slot) && strpbrk(below, "*?") == NULL && tb_utf8_is_text(below) &&
                !add_file(writing->arena, files, slot, tb_path_join(writing->arena, below, names.items[j])))
                return tb_error_memory(writing->error, "the manifest");
        }
        if (status != TB_OK)
            return status;
    }
    return TB_OK;
}

static bool has_slot(const struct scorch_file *files, enum slot slot)
{
    for (; files != NULL; files = files->next)
        if (files->slot == slot)
            return true;
    return false;
}

/* "key: [first, second]" with all files of the slot as alternatives. */
static void print_slot(FILE *output, const struct scorch_file *files, enum slot slot, const char *key)
{
    const char *before = "";
    fprintf(output, "%s: [", key);
    for (; files != NULL; files = files->next) {
        if (files->slot != slot)
            continue;
        fputs(before, output);
        tb_layout_print_text(output, files->path, true);
        before = ", ";
    }
    fputc(']', output);
}

static void print_artifacts(FILE *output, const struct scorch_file *files)
{
    const char *before = "";
    fputs("     artifacts: {", output);
    if (has_slot(files, SLOT_AB)) {
        print_slot(output, files, SLOT_AB, "ab");
        before = ", ";
    }
    if (has_slot(files, SLOT_LATENCY)) {
        fputs(before, output);
        print_slot(output, files, SLOT_LATENCY, "latency");
        before = ", ";
    }
    if (has_slot(files, SLOT_CAPTURE)) {
        fprintf(output, "%scapture: {", before);
        print_slot(output, files, SLOT_CAPTURE, "link");
        fputc('}', output);
        before = ", ";
    }
    const bool client = has_slot(files, SLOT_TRACE_CLIENT);
    const bool server = has_slot(files, SLOT_TRACE_SERVER);
    if (client || server) {
        fprintf(output, "%strace: {", before);
        if (client)
            print_slot(output, files, SLOT_TRACE_CLIENT, "client");
        fputs(client && server ? ", " : "", output);
        if (server)
            print_slot(output, files, SLOT_TRACE_SERVER, "server");
        fputc('}', output);
    }
    fputs("}}\n", output);
}

static void print_head(const struct scorch_writing *writing, const char *baseline)
{
    fputs("# Written from a SCORCH directory. This file, not the directories' names, is what counts from now on.\n"
          "# Please check: baseline, process, and capture (of several captures the first named is taken).\n"
          "campaign: SCORCH\nbaseline: ",
          writing->output);
    tb_layout_print_text(writing->output, baseline, false);
    fputs("\nroot: ", writing->output);
    tb_layout_print_text(writing->output, writing->root, false);
    fputs("\nfactors:\n  run: {type: number}\n  loop: {type: number}\nprocess: {client: ", writing->output);
    const struct tb_layout_processes *const found = writing->processes;
    tb_layout_print_text(writing->output, found->client[0] == '\0' ? "ab" : found->client, false);
    if (found->server[0] != '\0') {
        fputs(", server: ", writing->output);
        tb_layout_print_text(writing->output, found->server, false);
    }
    fputs("}\nruns:\n", writing->output);
}

static void print_run(struct scorch_writing *writing, const char *experiment, const char *path, unsigned long run,
                      struct loop_name loop, const struct scorch_file *files)
{
    if (writing->run_count++ == 0)
        print_head(writing, experiment);
    fputs("  - {path: ", writing->output);
    tb_layout_print_text(writing->output, path, true);
    fputs(", testbed: ", writing->output);
    tb_layout_print_text(writing->output, experiment, false);
    fprintf(writing->output, ", run: %lu, loop: %lu, rep: %lu,\n", run, loop.loop, loop.count);
    print_artifacts(writing->output, files);
}

/* The different loop-L-count-C of a run's components, which are few. */
static enum tb_status collect_loops(const struct scorch_writing *writing, const char *run_path,
                                    const struct layout_names *components, struct layout_names *loops)
{
    *loops = (struct layout_names){0};
    size_t most = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < components->count; i++) {
            const char *path = tb_path_join(writing->arena, run_path, components->items[i]);
            struct layout_names names;
            if (path == NULL)
                return tb_error_memory(writing->error, "the manifest");
            const enum tb_status status = tb_layout_list(writing->arena, path, true, &names, writing->error);
            if (status != TB_OK)
                return status;
            most += pass == 0 ? names.count : 0;
            struct loop_name loop;
            for (size_t j = 0; pass == 1 && j < names.count && loops->count < most; j++)
                if (read_loop(names.items[j], &loop) && !tb_layout_is_listed(loops, names.items[j]))
                    loops->items[loops->count++] = names.items[j];
        }
        if (pass == 0)
            loops->items = tb_arena_allocate(writing->arena, most, sizeof *loops->items);
        if (loops->items == NULL)
            return tb_error_memory(writing->error, "the manifest");
    }
    return TB_OK;
}

static enum tb_status write_run(struct scorch_writing *writing, const char *experiment, const char *path,
                                unsigned long run)
{
    const char *full = tb_path_join(writing->arena, writing->root, path);
    struct layout_names components;
    struct layout_names loops = {0};
    if (full == NULL)
        return tb_error_memory(writing->error, "the manifest");
    enum tb_status status = tb_layout_list(writing->arena, full, true, &components, writing->error);
    if (status == TB_OK)
        status = collect_loops(writing, full, &components, &loops);
    for (size_t i = 0; i < loops.count && status == TB_OK; i++) {
        struct scorch_file *files;
        struct loop_name loop = {0};
        status = collect_files(writing, full, &components, loops.items[i], &files);
        /* Loops that only set something up leave no record, and are no run. */
        if (status == TB_OK && files != NULL && read_loop(loops.items[i], &loop))
            print_run(writing, experiment, path, run, loop, files);
    }
    return status;
}

/* The experiment is the folder two above "scorch", or what is nearest to that. */
static const char *experiment_name(struct arena *arena, const char *scorch)
{
    const char *end = scorch + strlen(scorch);
    static const char *const skipped[] = {"scorch", "files", "images", ""};
    while (end > scorch) {
        const char *begin = end;
        while (begin > scorch && begin[-1] != '/')
            begin--;
        bool is_skipped = false;
        for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++)
            is_skipped = is_skipped || (strlen(skipped[i]) == (size_t)(end - begin) &&
                                        strncmp(begin, skipped[i], (size_t)(end - begin)) == 0);
        if (!is_skipped)
            return tb_arena_copy(arena, begin, (size_t)(end - begin));
        end = begin > scorch ? begin - 1 : scorch;
    }
    return "scorch";
}

static enum tb_status walk(struct scorch_writing *writing, const char *path, unsigned depth)
{
    const char *full = tb_path_join(writing->arena, writing->root, path);
    struct layout_names names;
    if (full == NULL)
        return tb_error_memory(writing->error, "the manifest");
    enum tb_status status = tb_layout_list(writing->arena, full, true, &names, writing->error);
    for (size_t i = 0; i < names.count && status == TB_OK; i++) {
        const char *below = tb_path_join(writing->arena, path, names.items[i]);
        const char *rest;
        unsigned long run;
        if (below == NULL)
            return tb_error_memory(writing->error, "the manifest");
        if (!tb_utf8_is_text(names.items[i]))
            continue;
        if (read_number_behind(names.items[i], "run-", &rest, &run) && *rest == '\0') {
            const char *experiment = experiment_name(writing->arena, strcmp(path, ".") == 0 ? writing->root : full);
            status = experiment == NULL ? tb_error_memory(writing->error, "the manifest")
                                        : write_run(writing, experiment, below, run);
        } else if (depth < MOST_DEPTH) {
            status = walk(writing, below, depth + 1);
        }
    }
    return status;
}

enum tb_status tb_layout_write_scorch(const char *directory, const struct tb_layout_processes *processes,
                                      struct arena *arena, FILE *output, struct tb_error *error)
{
    struct scorch_writing writing = {
        .root = directory, .processes = processes, .arena = arena, .output = output, .error = error};
    const enum tb_status status = walk(&writing, ".", 1);
    if (status == TB_OK && writing.run_count == 0)
        return tb_error_set(error, TB_NOT_FOUND,
                            "%s: no run of the SCORCH layout with a record in it; expected files such as "
                            "EXPERIMENT/files/scorch/run-0/COMPONENT/loop-0-count-0/HOST.pcap",
                            directory);
    return status;
}
