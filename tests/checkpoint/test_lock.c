/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "twinbed/checkpoint/parts.h"

static char output[64];
static char lock[80];
static char host[256];

static int make_output(void **state)
{
    (void)state;
    strcpy(output, "/tmp/twinbed-lock-XXXXXX");
    if (mkdtemp(output) == NULL)
        return -1;
    strcat(output, "/results.h5");
    snprintf(lock, sizeof lock, "%s.lock", output);
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_RESTART_COUNT");
    return gethostname(host, sizeof host - 1);
}

static int remove_output(void **state)
{
    (void)state;
    tb_output_unlock(output); /* what a fact held */
    unlink(lock);
    *strrchr(output, '/') = '\0';
    return rmdir(output);
}

static void write_lock(const char *text)
{
    FILE *file = fopen(lock, "w");
    fputs(text, file);
    fclose(file);
}

static void write_holder(const char *on, long process, const char *job, int restart)
{
    char text[400];
    snprintf(text, sizeof text, "%s %ld %s %d\n", on, process, job, restart);
    write_lock(text);
}

/* A process id that was one, and is no more. */
static long dead_process(void)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    return child;
}

static void one_job_owns_an_output(void **state)
{
    (void)state;
    struct tb_error error;
    assert_int_equal(tb_output_lock(output, &error), TB_OK);
    assert_int_equal(access(lock, F_OK), 0);
    assert_int_equal(tb_output_lock(output, &error), TB_CONFLICT);
    assert_non_null(strstr(error.text, lock));
    assert_non_null(strstr(error.text, host));
    assert_non_null(strstr(error.text, "remove the file"));
    tb_output_unlock(output);
    assert_int_equal(access(lock, F_OK), -1);
    assert_int_equal(tb_output_lock(output, &error), TB_OK);
}

static void the_job_is_named(void **state)
{
    (void)state;
    struct tb_error error;
    write_holder("elsewhere", 12, "4711", 0);
    assert_int_equal(tb_output_lock(output, &error), TB_CONFLICT);
    assert_non_null(strstr(error.text, "process 12 on elsewhere, Slurm job 4711"));
}

static void a_lock_of_a_dead_process_is_taken_over(void **state)
{
    (void)state;
    write_holder(host, dead_process(), "-", 0);
    assert_int_equal(tb_output_lock(output, NULL), TB_OK);
    assert_int_equal(tb_output_lock(output, NULL), TB_CONFLICT);
    tb_output_unlock(output);
    assert_int_equal(access(lock, F_OK), -1);
}

static void read_boot(char boot[64])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%63s", boot), 1);
    fclose(file);
}

/* The parent has not asked for it yet: its process id is still taken. */
static void a_lock_of_a_zombie_is_taken_over(void **state)
{
    (void)state;
    const pid_t child = fork();
    if (child == 0)
        _exit(tb_output_lock(output, NULL) == TB_OK ? 0 : 1);
    siginfo_t ended;
    assert_int_equal(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(ended.si_status, 0);
    assert_int_equal(access(lock, F_OK), 0);
    assert_int_equal(tb_output_lock(output, NULL), TB_OK);
    waitpid(child, NULL, 0);
}

/* The first process of a new container has the id of the one that held the lock; so may any process have after a while. */
static void a_process_id_that_came_back_is_not_the_holder(void **state)
{
    (void)state;
    char boot[64], text[400];
    read_boot(boot);
    snprintf(text, sizeof text, "elsewhere %ld - 0 %s 1\n", (long)getpid(), boot);
    write_lock(text);
    assert_int_equal(tb_output_lock(output, NULL), TB_OK);
    tb_output_unlock(output);
    /* The machine was started anew since. */
    snprintf(text, sizeof text, "%s %ld - 0 another-boot 1\n", host, (long)getpid());
    write_lock(text);
    assert_int_equal(tb_output_lock(output, NULL), TB_OK);
}

/* In whatever container it is: the kernel knows. */
static void a_live_process_keeps_its_lock(void **state)
{
    (void)state;
    int ready[2], over[2];
    char byte = 0;
    assert_int_equal(pipe(ready) + pipe(over), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(over[1]);
        const enum tb_status status = tb_output_lock(output, NULL);
        if (status != TB_OK || write(ready[1], &byte, 1) != 1 || read(over[0], &byte, 1) != 0)
            _exit(1);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    char boot[64], text[400];
    read_boot(boot);
    FILE *file = fopen(lock, "r+"); /* the id of a process that is gone, and the lock that is held */
    snprintf(text, sizeof text, "other-container %ld - 0 %s 1\n", dead_process(), boot);
    fputs(text, file);
    fclose(file);
    assert_int_equal(tb_output_lock(output, NULL), TB_CONFLICT);
    close(over[1]);
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    close(over[0]);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(truncate(lock, (off_t)strlen(text)), 0);
    assert_int_equal(tb_output_lock(output, NULL), TB_OK);
}

static void of_many_that_find_a_dead_holder_one_wins(void **state)
{
    (void)state;
    write_holder(host, dead_process(), "-", 0);
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    enum { JOBS = 16 };
    for (int i = 0; i < JOBS; i++)
        if (fork() == 0) {
            const enum tb_status status = tb_output_lock(output, NULL);
            /* Lives on until all have tried. */
            char byte;
            close(ready[1]);
            if (read(ready[0], &byte, 1) != 0)
                _exit(2);
            _exit(status == TB_OK ? 0 : 1);
        }
    close(ready[0]);
    usleep(300000);
    close(ready[1]);
    int winners = 0, status;
    for (int i = 0; i < JOBS; i++) {
        wait(&status);
        winners += WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    assert_int_equal(winners, 1);
}

static void a_dead_process_of_another_host_cannot_be_told(void **state)
{
    (void)state;
    write_holder("elsewhere", dead_process(), "-", 0);
    assert_int_equal(tb_output_lock(output, NULL), TB_CONFLICT);
    tb_output_unlock(output);
    assert_int_equal(access(lock, F_OK), 0);
}

static void a_job_that_starts_again_takes_its_own_lock_over(void **state)
{
    (void)state;
    write_holder("elsewhere", 12, "4711", 0);
    setenv("SLURM_JOB_ID", "4711", 1);
    assert_int_equal(tb_output_lock(output, NULL), TB_CONFLICT);
    setenv("SLURM_RESTART_COUNT", "1", 1);
    assert_int_equal(tb_output_lock(output, NULL), TB_OK);
}

static void a_lock_that_says_nothing_is_a_conflict(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", "host", "host -1 - 0\n", "host x - 0\n"};
    struct tb_error error;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_lock(texts[i]);
        assert_int_equal(tb_output_lock(output, &error), TB_CONFLICT);
        assert_non_null(strstr(error.text, "remove the file when no job runs"));
    }
}

static void a_missing_directory_is_told(void **state)
{
    (void)state;
    struct tb_error error;
    assert_int_equal(tb_output_lock("/tmp/twinbed-absent-directory/x.h5", &error), TB_INPUT_OUTPUT);
    assert_non_null(strstr(error.text, "twinbed-absent-directory"));
    tb_output_unlock("/tmp/twinbed-absent-directory/x.h5");
}

#define FACT(name) cmocka_unit_test_setup_teardown(name, make_output, remove_output)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FACT(one_job_owns_an_output),
        FACT(the_job_is_named),
        FACT(a_lock_of_a_dead_process_is_taken_over),
        FACT(a_lock_of_a_zombie_is_taken_over),
        FACT(a_process_id_that_came_back_is_not_the_holder),
        FACT(a_live_process_keeps_its_lock),
        FACT(of_many_that_find_a_dead_holder_one_wins),
        FACT(a_dead_process_of_another_host_cannot_be_told),
        FACT(a_job_that_starts_again_takes_its_own_lock_over),
        FACT(a_lock_that_says_nothing_is_a_conflict),
        FACT(a_missing_directory_is_told),
    };
    return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
