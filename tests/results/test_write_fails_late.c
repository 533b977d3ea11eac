/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The disk fails one rank in the middle of a collective write, which HDF5 does not
 * tell the others: the job must end within seconds, with the reason. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "results/sample.h"
#include "results/writer_limits.h"

static void forbid_growth(void)
{
    const struct rlimit small = {.rlim_cur = 1 << 16, .rlim_max = 1 << 16};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
}

static enum tb_status write_flows(const struct tb_team *team, struct tb_writer *writer, const uint64_t *sizes,
                                  struct tb_error *error)
{
    const uint64_t rows = sizes[TB_DIMENSION_FLOW], rank = (uint64_t)team->rank, size = (uint64_t)team->size;
    const uint64_t first = rank * rows / size, count = (rank + 1) * rows / size - first;
    void *data = sample_rows(TB_FIELD_FLOW_START, sizes, first, count);
    const enum tb_status status = tb_writer_write(writer, TB_FIELD_FLOW_START, first, count, data, error);
    free(data);
    return status;
}

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
    enum tb_status status = tb_writer_create(&team, argv[1], &head, &writer, &error);
    sample_release(&head);
    if (status != TB_OK)
        return 2;
    tb_writer_limits_of(writer)->patience = 2;
    forbid_growth();
    status = write_flows(&team, writer, sizes, &error);
    /* Libraries that let all ranks out of the write come here. */
    if (status != TB_OK && team.rank == 0)
        fprintf(stderr, "twinbed: error: %s\n", error.text);
    _Exit(status == TB_OK ? 0 : 1);
}
