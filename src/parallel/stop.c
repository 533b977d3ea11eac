/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals that ask to stop only set a flag. Ranks look at it between files and agree, so that all
 * stop at the same place. */
#include <signal.h>

#include "twinbed/parallel/team.h"

static volatile sig_atomic_t requested;

static void note_request(int signal_number)
{
    (void)signal_number;
    __atomic_store_n(&requested, 1, __ATOMIC_RELAXED);
}

void tb_stop_catch(void)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        /* Reads and writes that are under way go on. A second interrupt from a
         * keyboard ends the process at once. */
        struct sigaction action = {.sa_handler = note_request, .sa_flags = SA_RESTART};
        if (signals[i] == SIGINT)
            action.sa_flags |= (int)SA_RESETHAND;
        sigemptyset(&action.sa_mask);
        sigaction(signals[i], &action, NULL);
    }
}

bool tb_stop_requested(void)
{
    return __atomic_load_n(&requested, __ATOMIC_RELAXED) != 0;
}
