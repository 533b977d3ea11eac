/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/app/counters.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

static const char *const file_names[] = {"stat", "diskstats", "vmstat", "interrupts"};

static const char *const counter_names[TB_COUNTERS] = {
    [TB_COUNTER_CONTEXT_SWITCHES] = "context_switches", [TB_COUNTER_INTERRUPTS] = "interrupts",
    [TB_COUNTER_SOFT_INTERRUPTS] = "soft_interrupts",   [TB_COUNTER_FORKS] = "forks",
    [TB_COUNTER_BLOCK_READS] = "block_reads",           [TB_COUNTER_BLOCK_WRITES] = "block_writes",
    [TB_COUNTER_BLOCK_READ_BYTES] = "block_read_bytes", [TB_COUNTER_BLOCK_WRITE_BYTES] = "block_write_bytes",
    [TB_COUNTER_PAGES_IN_KIB] = "pages_in_kib",         [TB_COUNTER_PAGES_OUT_KIB] = "pages_out_kib",
    [TB_COUNTER_MINOR_FAULTS] = "minor_faults",         [TB_COUNTER_MAJOR_FAULTS] = "major_faults",
};

static enum tb_status open_snapshot(const char *directory, const char *when, const char *name,
                                    struct tb_source **source, struct tb_error *error)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s.%s", directory, when, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: the path is too long", directory);
    return tb_source_open(path, source, error);
}

/* Bytes of a plain file among compressed ones count as consumed, so that the
 * sum over the files balances. */
static void add_account(struct tb_account *sum, const struct tb_account *account)
{
    if (account->damage != TB_DAMAGE_NONE)
        tb_account_damage(sum, account->damage, account->damage_offset, "%s", account->reason);
    sum->stream_bytes += account->stream_bytes;
    sum->decoded += account->decoded;
    sum->skipped += account->skipped;
    sum->damaged += account->damaged;
    sum->file_bytes += account->file_bytes;
    sum->consumed += account->compressed ? account->consumed : account->file_bytes;
    sum->left += account->left;
    sum->compressed |= account->compressed;
}

static void subtract(struct tb_counters *counters, const struct tb_counters *before, const struct tb_counters *after,
                     const char *directory)
{
    for (size_t i = 0; i < TB_COUNTERS; i++) {
        if (!before->known[i] || !after->known[i])
            continue;
        if (after->difference[i] < before->difference[i]) {
            tb_account_damage(&counters->account, TB_DAMAGE_CORRUPT, 0,
                              "%s: %s runs backwards, from %" PRIu64 " to %" PRIu64, directory, counter_names[i],
                              before->difference[i], after->difference[i]);
            continue;
        }
        counters->known[i] = true;
        counters->difference[i] = after->difference[i] - before->difference[i];
    }
}

/* A clock that is corrected moves the time of start by less, a start by more. */
static const uint64_t START_TOLERANCE_S = 60;

/* Counters go on from the snapshot before to the one after only on one machine that ran all the while. */
static void compare_moments(struct tb_counters *counters, const struct tb_counters *before,
                            const struct tb_counters *after, const char *directory)
{
    const uint64_t one = before->boot_time, other = after->boot_time;
    if (one != 0 && other != 0 && (one > other ? one - other : other - one) > START_TOLERANCE_S)
        tb_account_damage(&counters->account, TB_DAMAGE_CORRUPT, 0,
                          "%s: the machine was started, or its clock set, between the snapshots (btime %" PRIu64
                          " and %" PRIu64 ")",
                          directory, one, other);
    if (counters->known[TB_COUNTER_CONTEXT_SWITCHES] && counters->difference[TB_COUNTER_CONTEXT_SWITCHES] == 0)
        tb_account_damage(&counters->account, TB_DAMAGE_CORRUPT, 0, "%s: both snapshots are of one moment", directory);
}

/* What a device counted is lost when it goes, and what it counted before is new when it comes. */
static void compare_devices(struct tb_counters *counters, const struct tb_counters *before,
                            const struct tb_counters *after)
{
    static const enum tb_counter of_devices[] = {TB_COUNTER_BLOCK_READS, TB_COUNTER_BLOCK_WRITES,
                                                 TB_COUNTER_BLOCK_READ_BYTES, TB_COUNTER_BLOCK_WRITE_BYTES};
    for (size_t i = 0; i < sizeof of_devices / sizeof of_devices[0] && before->devices != after->devices; i++)
        counters->known[of_devices[i]] = false;
}

/* TB_NOT_FOUND when one of the two snapshots is not there. */
static enum tb_status read_pair(const char *directory, const char *name, struct tb_counters *counters,
                                struct tb_error *error)
{
    struct tb_source *sources[2] = {NULL, NULL};
    struct tb_counters snapshots[2];
    enum tb_status status = open_snapshot(directory, "before", name, &sources[0], error);
    if (status == TB_OK)
        status = open_snapshot(directory, "after", name, &sources[1], error);
    for (size_t i = 0; i < 2 && status == TB_OK; i++)
        status = tb_counters_parse(name, sources[i], &snapshots[i], error);
    tb_source_close(sources[0]);
    tb_source_close(sources[1]);
    if (status != TB_OK)
        return status;
    add_account(&counters->account, &snapshots[0].account);
    add_account(&counters->account, &snapshots[1].account);
    subtract(counters, &snapshots[0], &snapshots[1], directory);
    compare_moments(counters, &snapshots[0], &snapshots[1], directory);
    compare_devices(counters, &snapshots[0], &snapshots[1]);
    return TB_OK;
}

enum tb_status tb_counters_read(const char *directory, struct tb_counters *counters, struct tb_error *error)
{
    struct tb_counters read = {0};
    bool found = false;
    for (size_t i = 0; i < sizeof file_names / sizeof file_names[0]; i++) {
        const enum tb_status status = read_pair(directory, file_names[i], &read, error);
        if (status != TB_OK && status != TB_NOT_FOUND)
            return status;
        found |= status == TB_OK;
    }
    if (!found)
        return tb_error_set(error, TB_NOT_FOUND, "%s: no pair of counter files (before.stat and after.stat, ...)",
                            directory);
    if (!read.account.compressed)
        read.account.consumed = 0;
    *counters = read;
    return TB_OK;
}

static void describe_counters(struct tb_archive *archive, struct tb_counters *counters)
{
    tb_account_describe(archive, &counters->account);
    for (size_t i = 0; i < TB_COUNTERS; i++) {
        tb_archive_bool(archive, &counters->known[i]);
        tb_archive_u64(archive, &counters->difference[i]);
    }
}

TB_ARCHIVE_FUNCTIONS(tb_counters, describe_counters)
