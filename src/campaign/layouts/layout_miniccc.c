/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of responses in the directory of minimega's files (minimega's help text of "cc", and its server, say where
 * they lie):
 *
 *   [NAMESPACE/]miniccc_responses/COMMAND/UUID/{stdout,stderr,exitcode}    what a command printed in a virtual machine
 *   [NAMESPACE/]miniccc_responses/COMMAND/UUID/PATH                        a file that was received from there
 *
 * Numbers of commands rise as commands are given. A command that printed a result of ApacheBench begins a run, and what
 * later commands received belongs to it. The namespace is the testbed. Who printed the result is the client. */
#include <stdio.h>
#include <string.h>

#include "campaign/manifest/pattern.h"
#include "layout_writer.h"
#include "twinbed/base/utf8.h"

enum { MOST_DEPTH = 8, HEAD_BYTES = 20 };

static const char responses_name[] = "miniccc_responses", ab_head[] = "This is ApacheBench,";

struct received_file {
    struct received_file *next;
    enum layout_file_kind kind;
    bool is_clients;
    const char *path; /* below miniccc_responses */
};

/* A run that is not whole before the next one begins. */
struct response_run {
    const char *command; /* NULL before the first */
    const char *client;  /* its UUID */
    size_t clients;
    size_t repetition;
    struct received_file *files;
    struct received_file **last;
};

struct miniccc_writing {
    const char *root;
    const struct tb_layout_processes *processes;
    struct arena *arena;
    FILE *output;
    struct tb_error *error;
    size_t run_count;
    const char *responses; /* the directory that is read, below root */
    const char *testbed;
    struct response_run run;
};

static enum tb_status out_of_memory(const struct miniccc_writing *writing)
{
    return tb_error_memory(writing->error, "the manifest");
}

/* Numbers alone are commands; a UUID or a path with wildcards would not be found again. */
static bool is_command(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static bool is_plain(const char *name)
{
    return strpbrk(name, "*?") == NULL && tb_utf8_is_text(name);
}

static bool begins_with_ab(const char *path)
{
    char head[HEAD_BYTES];
    FILE *const file = fopen(path, "rb");
    if (file == NULL)
        return false;
    const bool is_ab = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, ab_head, sizeof head) == 0;
    fclose(file);
    return is_ab;
}

static const char *full_path(const struct miniccc_writing *writing, const char *below)
{
    const char *const path = tb_path_join(writing->arena, writing->root, writing->responses);
    return path == NULL ? NULL : tb_path_join(writing->arena, path, below);
}

static bool has_file(const struct response_run *run, enum layout_file_kind kind, bool is_clients)
{
    for (const struct received_file *file = run->files; file != NULL; file = file->next)
        if (file->kind == kind && file->is_clients == is_clients)
            return true;
    return false;
}

static void print_files(const struct miniccc_writing *writing, enum layout_file_kind kind, bool is_clients)
{
    const char *before = "[";
    for (const struct received_file *file = writing->run.files; file != NULL; file = file->next) {
        if (file->kind != kind || file->is_clients != is_clients)
            continue;
        fputs(before, writing->output);
        tb_layout_print_text(writing->output, file->path, true);
        before = ", ";
    }
    fputc(']', writing->output);
}

static void print_by_role(const struct miniccc_writing *writing, enum layout_file_kind kind, const char *key)
{
    const bool client = has_file(&writing->run, kind, true), server = has_file(&writing->run, kind, false);
    if (!client && !server)
        return;
    fprintf(writing->output, ", %s: {", key);
    if (client) {
        fputs("client: ", writing->output);
        print_files(writing, kind, true);
    }
    if (server) {
        fputs(client ? ", server: " : "server: ", writing->output);
        print_files(writing, kind, false);
    }
    fputc('}', writing->output);
}

static void print_artifacts(const struct miniccc_writing *writing)
{
    const struct response_run *const run = &writing->run;
    fprintf(writing->output, "     artifacts: {ab: \"%s/", run->command);
    fputs(run->clients > 1 ? "{pair}" : run->client, writing->output);
    fputs("/stdout\"", writing->output);
    if (run->clients == 1) {
        if (has_file(run, LAYOUT_FILE_LATENCY, true)) {
            fputs(", latency: ", writing->output);
            print_files(writing, LAYOUT_FILE_LATENCY, true);
        }
        print_by_role(writing, LAYOUT_FILE_CAPTURE, "capture");
        print_by_role(writing, LAYOUT_FILE_TRACE, "trace");
    }
    fputs("}}\n", writing->output);
    if (run->clients > 1)
        for (const struct received_file *file = run->files; file != NULL; file = file->next) {
            fputs("# Of several clients, not listed: ", writing->output);
            tb_layout_print_text(writing->output, file->path, false);
            fputc('\n', writing->output);
        }
}

static void print_head(const struct miniccc_writing *writing)
{
    const struct tb_layout_processes *const found = writing->processes;
    fputs("# Written from responses of minimega. This file, not the directories' names, is what counts from now on.\n"
          "# Please check: baseline, testbeds (one a namespace), factors, and process.\n"
          "campaign: minimega\nbaseline: ",
          writing->output);
    tb_layout_print_text(writing->output, writing->testbed, false);
    fputs("\nroot: ", writing->output);
    tb_layout_print_text(writing->output, writing->root, false);
    fputs("\nprocess: {client: ", writing->output);
    tb_layout_print_text(writing->output, found->client[0] == '\0' ? "ab" : found->client, false);
    if (found->server[0] != '\0') {
        fputs(", server: ", writing->output);
        tb_layout_print_text(writing->output, found->server, false);
    }
    fputs("}\nruns:\n", writing->output);
}

/* Prints the run that is whole now, if there is one. */
static void end_run(struct miniccc_writing *writing)
{
    if (writing->run.command == NULL)
        return;
    if (writing->run_count++ == 0)
        print_head(writing);
    fputs("  - {path: ", writing->output);
    tb_layout_print_text(writing->output, writing->responses, true);
    fputs(", testbed: ", writing->output);
    tb_layout_print_text(writing->output, writing->testbed, false);
    fprintf(writing->output, ", rep: %zu,\n", writing->run.repetition);
    print_artifacts(writing);
}

static enum tb_status add_file(struct miniccc_writing *writing, const char *path, enum layout_file_kind kind,
                               bool is_clients)
{
    struct received_file *const file = tb_arena_allocate(writing->arena, 1, sizeof *file);
    if (file == NULL)
        return out_of_memory(writing);
    *file = (struct received_file){.kind = kind, .is_clients = is_clients, .path = path};
    *writing->run.last = file;
    writing->run.last = &file->next;
    return TB_OK;
}

/* Files keep the path that they had in the machine. */
static enum tb_status add_received(struct miniccc_writing *writing, const char *path, bool is_clients, unsigned depth)
{
    const char *const full = full_path(writing, path);
    struct layout_names all, directories;
    if (full == NULL)
        return out_of_memory(writing);
    enum tb_status status = tb_layout_list(writing->arena, full, false, &all, writing->error);
    if (status == TB_OK)
        status = tb_layout_list(writing->arena, full, true, &directories, writing->error);
    for (size_t i = 0; status == TB_OK && i < all.count; i++) {
        const enum layout_file_kind kind = tb_layout_file_kind(all.items[i]);
        const char *const below = tb_path_join(writing->arena, path, all.items[i]);
        if (below == NULL)
            return out_of_memory(writing);
        if (!is_plain(all.items[i]))
            continue;
        if (tb_layout_is_listed(&directories, all.items[i]))
            status = depth < MOST_DEPTH ? add_received(writing, below, is_clients, depth + 1) : TB_OK;
        else if (kind != LAYOUT_FILE_OTHER)
            status = add_file(writing, below, kind, is_clients);
    }
    return status;
}

static enum tb_status note_client(struct miniccc_writing *writing, const char *command, const char *uuid)
{
    struct response_run *const run = &writing->run;
    const char *const machine = tb_path_join(writing->arena, command, uuid);
    const char *const below = machine == NULL ? NULL : tb_path_join(writing->arena, machine, "stdout");
    const char *const path = below == NULL ? NULL : full_path(writing, below);
    if (path == NULL)
        return out_of_memory(writing);
    if (!begins_with_ab(path))
        return TB_OK;
    if (run->command != command) {
        end_run(writing);
        *run = (struct response_run){.command = command, .client = uuid, .repetition = run->repetition + 1};
        run->last = &run->files;
    }
    run->clients++;
    return TB_OK;
}

static enum tb_status read_command(struct miniccc_writing *writing, const char *command)
{
    const char *const path = full_path(writing, command);
    struct layout_names machines;
    if (path == NULL)
        return out_of_memory(writing);
    enum tb_status status = tb_layout_list(writing->arena, path, true, &machines, writing->error);
    for (size_t i = 0; status == TB_OK && i < machines.count; i++)
        if (is_plain(machines.items[i]) && strpbrk(machines.items[i], "{}\"\\") == NULL)
            status = note_client(writing, command, machines.items[i]);
    for (size_t i = 0; status == TB_OK && i < machines.count && writing->run.command != NULL; i++) {
        const char *const below = tb_path_join(writing->arena, command, machines.items[i]);
        if (below == NULL)
            return out_of_memory(writing);
        if (is_plain(machines.items[i]))
            status = add_received(writing, below, strcmp(machines.items[i], writing->run.client) == 0, 1);
    }
    return status;
}

static enum tb_status read_responses(struct miniccc_writing *writing, const char *path, const char *testbed)
{
    writing->responses = path;
    writing->testbed = testbed;
    writing->run = (struct response_run){.command = NULL};
    const char *const full = full_path(writing, ".");
    struct layout_names commands;
    if (full == NULL)
        return out_of_memory(writing);
    enum tb_status status = tb_layout_list(writing->arena, full, true, &commands, writing->error);
    for (size_t i = 0; status == TB_OK && i < commands.count; i++)
        if (is_command(commands.items[i]))
            status = read_command(writing, commands.items[i]);
    if (status == TB_OK)
        end_run(writing);
    return status;
}

/* path lies below root; name is its last part. */
static enum tb_status walk(struct miniccc_writing *writing, const char *path, const char *name, unsigned depth)
{
    const char *const full = tb_path_join(writing->arena, writing->root, path);
    struct layout_names names;
    if (full == NULL)
        return out_of_memory(writing);
    enum tb_status status = tb_layout_list(writing->arena, full, true, &names, writing->error);
    for (size_t i = 0; i < names.count && status == TB_OK; i++) {
        const char *const below = tb_path_join(writing->arena, path, names.items[i]);
        if (below == NULL)
            return out_of_memory(writing);
        if (strcmp(names.items[i], responses_name) == 0)
            status = read_responses(writing, below, name);
        else if (tb_utf8_is_text(names.items[i]) && depth < MOST_DEPTH)
            status = walk(writing, below, names.items[i], depth + 1);
    }
    return status;
}

enum tb_status tb_layout_write_miniccc(const char *directory, const struct tb_layout_processes *processes,
                                       struct arena *arena, FILE *output, struct tb_error *error)
{
    /* What minimega itself calls the namespace that has no directory. */
    static const char unnamed[] = "minimega";
    struct miniccc_writing writing = {
        .root = directory, .processes = processes, .arena = arena, .output = output, .error = error};
    const char *const slash = strrchr(directory, '/');
    const enum tb_status status = slash != NULL && strcmp(slash + 1, responses_name) == 0
                                      ? read_responses(&writing, ".", unnamed)
                                      : walk(&writing, ".", unnamed, 1);
    if (status == TB_OK && arena->failed)
        return tb_error_memory(error, "the manifest");
    if (status == TB_OK && writing.run_count == 0)
        return tb_error_set(error, TB_NOT_FOUND,
                            "%s: no command of minimega printed a result of ApacheBench; expected files such as "
                            "[NAMESPACE/]miniccc_responses/COMMAND/UUID/stdout",
                            directory);
    return status;
}
