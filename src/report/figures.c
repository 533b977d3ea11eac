/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/report/figures.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report/widgets/program.h"

/* Where figures go, and the first thing that went wrong. */
struct folder {
    const struct tb_output_request *request;
    struct tb_figures_written *written;
    enum tb_status status;
    struct tb_error *error;
};

static bool is_empty(DIR *directory)
{
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return false;
    return true;
}

static enum tb_status claim_folder(const struct tb_output_request *request, struct tb_error *error)
{
    if (mkdir(request->path, 0777) == 0)
        return TB_OK;
    if (errno != EEXIST)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot be made: %s", request->path, strerror(errno));
    DIR *directory = opendir(request->path);
    if (directory == NULL)
        return tb_error_set(error, TB_CONFLICT, "%s exists and is no directory that can be read: choose another name",
                            request->path);
    const bool may_write = request->replace || is_empty(directory);
    closedir(directory);
    if (may_write)
        return TB_OK;
    return tb_error_set(error, TB_CONFLICT,
                        "%s is not empty: choose another directory, or replace figures in it with --force",
                        request->path);
}

static enum tb_status write_file(const struct folder *folder, const char *name, const char *ending, const char *text,
                                 size_t size)
{
    char path[4096];
    struct tb_output output;
    if ((size_t)snprintf(path, sizeof path, "%s/%s.%s", folder->request->path, name, ending) >= sizeof path)
        return tb_error_set(folder->error, TB_USAGE, "%.80s...: the name is too long", folder->request->path);
    struct tb_output_request request = *folder->request;
    request.path = path;
    const enum tb_status status = tb_output_open(&request, &output, folder->error);
    if (status != TB_OK)
        return status;
    (void)fwrite(text, 1, size, output.stream); /* finishing looks for errors of the stream */
    return tb_output_finish(&output, folder->error);
}

/* No PDF is no failure: the folder says why once. */
static enum tb_status write_pdf(const struct folder *folder, const char *name, const char *svg, size_t size)
{
    static const char *const to_pdf[] = {"--format=pdf", NULL};
    struct tb_figures_written *written = folder->written;
    char *pdf = NULL;
    size_t pdf_size = 0;
    FILE *input = tmpfile();
    if (input == NULL || fwrite(svg, 1, size, input) != size) {
        if (input != NULL)
            fclose(input);
        return tb_error_set(folder->error, TB_INPUT_OUTPUT, "cannot make a temporary file for a drawing");
    }
    enum tb_status status = tb_program_run("rsvg-convert", to_pdf, input, &pdf, &pdf_size, written->reason,
                                           sizeof written->reason, folder->error);
    fclose(input);
    if (status == TB_OK && written->reason[0] == '\0') {
        status = write_file(folder, name, "pdf", pdf, pdf_size);
        written->pdfs++;
    }
    free(pdf);
    return status;
}

static void take(void *context, const char *name, const char *svg, size_t size, const char *caption)
{
    struct folder *folder = context;
    if (folder->status != TB_OK)
        return;
    folder->status = write_file(folder, name, "svg", svg, size);
    if (folder->status == TB_OK)
        folder->status = write_file(folder, name, "txt", caption, strlen(caption));
    if (folder->status == TB_OK && folder->written->reason[0] == '\0')
        folder->status = write_pdf(folder, name, svg, size);
    folder->written->figures++;
}

enum tb_status tb_report_write_figures(struct tb_results *results, const struct tb_report_options *options,
                                       FILE *stream, const struct tb_output_request *request,
                                       struct tb_figures_written *written, struct tb_error *error)
{
    *written = (struct tb_figures_written){0};
    struct folder folder = {.request = request, .written = written, .error = error};
    const struct tb_figure_sink sink = {take, &folder};
    struct tb_report_options with_sink = options == NULL ? (struct tb_report_options){0} : *options;
    with_sink.figures = &sink;
    enum tb_status status = claim_folder(request, error);
    if (status != TB_OK)
        return status;
    FILE *nowhere = stream == NULL ? fopen("/dev/null", "w") : NULL;
    if (stream == NULL && nowhere == NULL)
        return tb_error_set(error, TB_INPUT_OUTPUT, "/dev/null: %s", strerror(errno));
    status = tb_report_write(results, &with_sink, stream == NULL ? nowhere : stream, error);
    if (nowhere != NULL)
        fclose(nowhere);
    return status != TB_OK ? status : folder.status;
}
