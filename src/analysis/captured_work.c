/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "captured_work.h"

#include <math.h>
#include <stdio.h>

/* Encrypted or another protocol, or cut too short. */
static void explain(const struct tb_port_work *work, char reason[TB_ERROR_TEXT_SIZE])
{
    if (work->unread != 0)
        snprintf(reason, TB_ERROR_TEXT_SIZE,
                 "requests cannot be counted in it: too little is kept of %llu of %llu packets with payload of clients",
                 (unsigned long long)work->unread, (unsigned long long)work->packets);
    else
        snprintf(reason, TB_ERROR_TEXT_SIZE,
                 "requests cannot be counted in it: none of %llu packets with payload of clients begins one of HTTP",
                 (unsigned long long)work->packets);
}

double tb_captured_work(enum tb_work_source source, const struct tb_port_flows *port, char reason[TB_ERROR_TEXT_SIZE])
{
    struct tb_port_work work;
    tb_port_flows_work(port, &work);
    reason[0] = '\0';
    if (source == TB_WORK_CONNECTIONS)
        return (double)work.connections;
    if (work.readable)
        return (double)work.requests;
    explain(&work, reason);
    return NAN;
}
