/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a page to look at: write_page RESULTS.h5 PAGE.html, where RESULTS is
 * made first when it is called "full", "plain", "hostile" or "large" plus .h5. */
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "report/made_results.h"
#include "twinbed/report/report.h"

static bool make(const char *name, const char *path)
{
    bool full = strcmp(name, "full.h5") == 0;
    bool hostile = strcmp(name, "hostile.h5") == 0;
    bool large = strcmp(name, "large.h5") == 0;
    bool all = full || hostile || large;
    const struct made_options options = {.link = all,
                                         .sizes = all,
                                         .instrumented = all,
                                         .traces = all,
                                         .counters = all,
                                         .captures = all,
                                         .hostile = hostile,
                                         .clients = large ? 28 : 1,
                                         .repetitions = 10};
    return (!all && strcmp(name, "plain.h5") != 0) || made_results_write(path, &options);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    MPI_Init(NULL, NULL);
    const char *slash = strrchr(argv[1], '/');
    const char *name = slash == NULL ? argv[1] : slash + 1;
    if (!make(name, argv[1]))
        return 1;
    struct tb_error error = {0};
    struct tb_results *results = NULL;
    enum tb_status status = tb_results_open(argv[1], &results, &error);
    struct tb_report_options options = {.results_path = argv[1]};
    FILE *page = fopen(argv[2], "w");
    if (status == TB_OK && page != NULL)
        status = tb_report_write(results, &options, page, &error);
    if (page == NULL || fclose(page) != 0)
        return 1;
    tb_results_close(results);
    if (status != TB_OK)
        fprintf(stderr, "%s\n", error.text);
    MPI_Finalize();
    return status == TB_OK ? 0 : 1;
}
