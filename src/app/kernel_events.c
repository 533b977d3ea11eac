/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which words the kernel's messages are known, one row each. */
#include "kernel_events.h"

#include <ctype.h>
#include <string.h>

/* A message is of the first row both of whose texts stand in it, in small or capital letters. */
static const struct {
    enum tb_kernel_event_kind kind;
    const char *holds, *and_holds; /* small letters; "" in any message */
} rows[] = {
    {TB_KERNEL_TRANSMIT_TIMEOUT, "netdev watchdog", "timed out"},
    {TB_KERNEL_TRANSMIT_TIMEOUT, "tx timeout on queue", ""}, /* virtio_net, mlx5 */
    {TB_KERNEL_ADAPTER_RESET, "reset adapter", ""},          /* e1000, e1000e, igb, ixgbe */
    {TB_KERNEL_ADAPTER_RESET, "transmit timed out, resetting", ""},
    {TB_KERNEL_ADAPTER_RESET, "initiating reset due to", ""},
    {TB_KERNEL_ADAPTER_RESET, "starting reset task", ""},
    {TB_KERNEL_ADAPTER_RESET, "tx_timeout recovery", ""},
    {TB_KERNEL_TRANSMIT_HANG, "detected tx unit hang", ""},
    {TB_KERNEL_TRANSMIT_HANG, "detected hardware unit hang", ""},
    {TB_KERNEL_TRANSMIT_HANG, "tx hang", ""},
    {TB_KERNEL_LINK_DOWN, "link is down", ""},
    {TB_KERNEL_LINK_DOWN, ": link down", ""}, /* not "SATA link down" */
    {TB_KERNEL_LINK_UP, "link is up", ""},
    {TB_KERNEL_LINK_UP, ": link up", ""},
    {TB_KERNEL_OUT_OF_MEMORY, "out of memory: kill", ""}, /* also of a control group */
    {TB_KERNEL_SOFT_LOCKUP, "soft lockup", "stuck for"},
    {TB_KERNEL_HARD_LOCKUP, "hard lockup", ""},
    {TB_KERNEL_HUNG_TASK, "info: task ", "blocked for more than"},
    {TB_KERNEL_RCU_STALL, "rcu", "detected stall"},
    {TB_KERNEL_RCU_STALL, "rcu", "detected expedited stall"},
    {TB_KERNEL_BUG, "bug:", ""},
    {TB_KERNEL_BUG, "kernel bug at", ""},
    {TB_KERNEL_BUG, "oops:", ""},
    {TB_KERNEL_BUG, "general protection fault", ""},
    {TB_KERNEL_BUG, "kernel panic", ""},
    {TB_KERNEL_CALL_TRACE, "call trace:", ""},
    {TB_KERNEL_CLOCK_UNSTABLE, "clocksource", "unstable"},
    {TB_KERNEL_TABLE_FULL, "table full", ""}, /* nf_conntrack */
    {TB_KERNEL_TABLE_FULL, "table overflow", "neigh"},
    {TB_KERNEL_SYN_FLOOD, "syn flooding on port", ""},
};

/* What the kernel was told to do is no event. */
static const char parameters[] = "command line:";

static bool stands_at(struct tb_text text, size_t at, const char *wanted)
{
    for (size_t i = 0; wanted[i] != '\0'; i++)
        if (tolower((unsigned char)text.data[at + i]) != wanted[i])
            return false;
    return true;
}

/* Words begin where they are wanted to: "bug:" does not stand in "debug:". */
static bool holds(struct tb_text text, const char *wanted)
{
    const size_t length = strlen(wanted);
    for (size_t at = 0; at + length <= text.length; at++)
        if (stands_at(text, at, wanted) &&
            (at == 0 || !isalpha((unsigned char)wanted[0]) || !isalnum((unsigned char)text.data[at - 1])))
            return true;
    return false;
}

bool tb_kernel_event_find(struct tb_text message, enum tb_kernel_event_kind *kind)
{
    if (holds(message, parameters))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (holds(message, rows[i].holds) && holds(message, rows[i].and_holds)) {
            *kind = rows[i].kind;
            return true;
        }
    return false;
}
