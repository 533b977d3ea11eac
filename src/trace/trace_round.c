/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_round.h"

#include <stdlib.h>

#include "twinbed/io/source.h"

enum tb_status tb_crew_start(struct crew *crew, const struct tb_source *source, size_t count, struct tb_error *error)
{
    *crew = (struct crew){.readers = calloc(count + 1, sizeof *crew->readers),
                          .speculations = calloc(count + 1, sizeof *crew->speculations)};
    if (crew->readers == NULL || crew->speculations == NULL)
        return tb_error_memory(error, "segments");
    crew->room = count;
    enum tb_status status = TB_OK;
    for (size_t i = 0; status == TB_OK && i < count; i++)
        status = tb_reader_open_again(&crew->readers[i], source, error);
    return status;
}

void tb_crew_end(struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        tb_speculation_free(&crew->speculations[i]);
    crew->count = 0;
}

void tb_crew_finish(struct crew *crew)
{
    tb_crew_end(crew);
    for (size_t i = 0; crew->readers != NULL && i < crew->room; i++)
        tb_reader_close(&crew->readers[i]);
    free(crew->readers);
    free(crew->speculations);
    *crew = (struct crew){0};
}

static uint64_t warm_up_begins(const struct trace_round *round, uint32_t worker)
{
    const uint64_t begin = round_end_of(round, worker - 1);
    return begin > round->warm_up ? begin - round->warm_up : 0;
}

void tb_crew_begin(struct crew *crew, const struct trace_round *round, uint32_t first, size_t count,
                   struct decoder *state, const struct tb_buffer *foreseen)
{
    uint64_t seen = round->begin;
    crew->first = first;
    for (crew->count = 0; crew->count < count && crew->count < crew->room; crew->count++) {
        const uint64_t until = warm_up_begins(round, first + (uint32_t)crew->count);
        tb_decoder_foresee(state, foreseen, seen, until + 1);
        seen = until + 1;
        tb_speculation_start(&crew->speculations[crew->count], state);
    }
}

void tb_crew_work(struct crew *crew, const struct trace_round *round, size_t which)
{
    const uint64_t begin = round_end_of(round, crew->first + (uint32_t)which - 1);
    struct tb_chunk chunk = {.begin = begin, .end = begin + round->segment};
    tb_speculation_run(&crew->speculations[which], &crew->readers[which], &chunk, round->warm_up);
}
