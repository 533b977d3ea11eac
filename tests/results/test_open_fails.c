/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One rank cannot open the results file, which it could a moment before, and Open MPI keeps all in MPI_File_open for ever: the
 * job must end after a stated time, with one sentence. tests/cli/fail_write.c makes the open fail. */
#include <stdio.h>
#include <stdlib.h>

#include "results/sample.h"
#include "results/writer_limits.h"

int main(int argc, char **argv)
{
    struct tb_team team;
    struct tb_error error;
    struct tb_writer *writer;
    uint64_t sizes[TB_DIMENSIONS];
    if (argc < 2 || tb_team_start(&team, &error) != TB_OK)
        return 2;
    sample_sizes(sizes);
    struct tb_results_head head = sample_head(sizes);
    tb_writer_open_seconds = 2;
    const enum tb_status status = tb_writer_create(&team, argv[1], &head, &writer, &error);
    sample_release(&head);
    /* Libraries that let all ranks out come here. */
    if (status != TB_OK && team.rank == 0)
        fprintf(stderr, "twinbed: error: %s\n", error.text);
    _Exit(status == TB_OK ? 0 : 1);
}
