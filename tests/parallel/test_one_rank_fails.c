/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fails on purpose, on rank 1 alone, while the others wait for it: the fixture must end the job. */
#include "fixtures/mpi_main.h"

static void rank_1_fails_while_others_wait(void **state)
{
    (void)state;
    assert_int_not_equal(everyone.rank, 1);
    tb_team_wait(&everyone);
}

static void others_never_get_here(void **state)
{
    (void)state;
    tb_team_wait(&everyone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_1_fails_while_others_wait),
        cmocka_unit_test(others_never_get_here),
    };
    return run_on_all_ranks("one rank fails", tests, sizeof tests / sizeof tests[0]);
}
