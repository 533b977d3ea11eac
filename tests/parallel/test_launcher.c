/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parallel/launcher.h"
#include "twinbed/parallel/team.h"

static const char *const VARIABLES[] = {
    "OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE",     "PMIX_RANK",     "PMI_SIZE",     "PMI_RANK",       "PMI_FD",
    "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS",       "SLURM_STEP_ID", "SLURM_JOB_ID", "FLUX_TASK_RANK", "MPI_LOCALRANKID",
    "OMPI_MCA_btl",         "JSM_NAMESPACE_SIZE",
};

static int forget_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof VARIABLES / sizeof VARIABLES[0]; i++)
        unsetenv(VARIABLES[i]);
    return 0;
}

struct fact {
    const char *variables; /* "NAME=value NAME=value" */
    bool present;
    int promised;
};

static void set_variables(const char *variables)
{
    char copy[256];
    strcpy(copy, variables);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(word, '=');
        *equals = '\0';
        setenv(word, equals + 1, 1);
    }
}

static void environments_tell_the_launcher(void **state)
{
    static const struct fact facts[] = {
        {"", false, 0},
        {"OMPI_COMM_WORLD_SIZE=4", true, 4},
        {"PMI_SIZE=3 PMI_RANK=0", true, 3},
        {"PMIX_NAMESPACE=x PMIX_RANK=0", true, 0},
        /* a batch script, no step */
        {"SLURM_JOB_ID=7 SLURM_NTASKS=8", false, 0},
        /* srun inside it */
        {"SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_NTASKS=8", true, 8},
        {"SLURM_STEP_ID=0 SLURM_NTASKS=8 SLURM_STEP_NUM_TASKS=2", true, 2},
        /* mpirun inside Slurm: its daemons are the step */
        {"SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=4 OMPI_COMM_WORLD_SIZE=2", true, 2},
        {"OMPI_COMM_WORLD_SIZE=", true, 0},
        {"OMPI_COMM_WORLD_SIZE=4x", true, 0},
        {"PMI_SIZE=-3", true, 0},
        {"PMI_SIZE=99999999999999999999", true, 0},
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        forget_environment(state);
        set_variables(facts[i].variables);
        assert_int_equal(tb_launcher_present(), facts[i].present);
        assert_int_equal(tb_launcher_promise(), facts[i].promised);
    }
}

static void more_promised_than_shown_is_an_error(void **state)
{
    (void)state;
    struct tb_error error;
    assert_int_equal(tb_launcher_check_promise(0, 1, &error), TB_OK);
    assert_int_equal(tb_launcher_check_promise(4, 4, &error), TB_OK);
    assert_int_equal(tb_launcher_check_promise(2, 4, &error), TB_OK);
    assert_int_equal(tb_launcher_check_promise(4, 1, &error), TB_USAGE);
    assert_non_null(strstr(error.text, "promised 4 ranks but MPI shows 1"));
}

static void own_settings_stay(void **state)
{
    (void)state;
    setenv("OMPI_MCA_btl", "self,tcp", 1);
    tb_launcher_prepare_alone();
    assert_string_equal(getenv("OMPI_MCA_btl"), "self,tcp");
    assert_string_equal(getenv("OMPI_MCA_ess_singleton_isolated"), "1");
    unsetenv("OMPI_MCA_btl");
}

/* Last: MPI can be started once in a process. Started alone, though 2 ranks were promised. */
static void a_broken_promise_stops_the_start(void **state)
{
    (void)state;
    struct tb_team team = {0};
    struct tb_error error;
    set_variables("SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2");
    assert_int_equal(tb_team_start(&team, &error), TB_USAGE);
    tb_team_finish(&team);
    assert_int_equal(team.size, 0);
    int ended = 0;
    MPI_Finalized(&ended);
    assert_true(ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(environments_tell_the_launcher, forget_environment),
        cmocka_unit_test(more_promised_than_shown_is_an_error),
        cmocka_unit_test_setup(own_settings_stay, forget_environment),
        cmocka_unit_test_setup(a_broken_promise_stops_the_start, forget_environment),
    };
    return cmocka_run_group_tests_name("launcher", tests, NULL, NULL);
}
