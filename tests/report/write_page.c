/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a page to look at: write_page RESULTS.h5 PAGE.html, where RESULTS is
 * made first when it is called "full", "plain", "hostile" or "large" plus .h5. */
#include <mpi.h>
#include <stdio.h>
#include <string.h>

#include "report/made_results.h"
#include "twinbed/report/report.h"

static const struct {
    const char *name;
    struct made_options options;
} made[] = {
    {"full.h5", {true, true, true, true, true, false, 1, 10}},
    {"plain.h5", {false, false, false, false, false, false, 2, 3}},
    {"hostile.h5", {true, true, true, true, true, true, 1, 4}},
    {"large.h5", {true, true, true, true, true, false, 28, 10}},
};

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    MPI_Init(NULL, NULL);
    const char *slash = strrchr(argv[1], '/');
    const char *name = slash == NULL ? argv[1] : slash + 1;
    for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
        if (strcmp(name, made[i].name) == 0 && !made_results_write(argv[1], &made[i].options))
            return 1;
    struct tb_error error = {0};
    struct tb_results *results = NULL;
    enum tb_status status = tb_results_open(argv[1], &results, &error);
    struct tb_report_options options = {.results_path = argv[1]};
    if (status == TB_OK)
        status = tb_report_write(results, &options, argv[2], &error);
    tb_results_close(results);
    if (status != TB_OK)
        fprintf(stderr, "%s\n", error.text);
    MPI_Finalize();
    return status == TB_OK ? 0 : 1;
}
