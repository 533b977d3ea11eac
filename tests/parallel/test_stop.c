/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "twinbed/parallel/team.h"

/* 2 when asked to stop before the signal, 1 when not after it, 0 when right. */
static int exit_code_after(int signal_number)
{
    const pid_t child = fork();
    if (child == 0) {
        tb_stop_catch();
        if (tb_stop_requested())
            _exit(2);
        raise(signal_number);
        _exit(tb_stop_requested() ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void each_signal_is_a_request(void **state)
{
    (void)state;
    const int signals[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        assert_int_equal(exit_code_after(signals[i]), 0);
}

static void a_second_interrupt_ends_the_process(void **state)
{
    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        tb_stop_catch();
        raise(SIGINT);
        raise(SIGINT);
        _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_signal_is_a_request),
        cmocka_unit_test(a_second_interrupt_ends_the_process),
    };
    return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
