/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a directory hold before and after a run becomes what happened in it. */
#include "twinbed/app/counters.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counter_files.h"
#include "counter_series.h"
#include "counter_snapshot.h"
#include "counters_parse.h"

static const char *const file_names[] = {"stat", "diskstats", "vmstat", "interrupts"};

/* The kernel gives processors' time in hundredths of a second (USER_HZ), on all that virtual machines run on today. */
static const struct tb_counter_row rows[TB_COUNTERS] = {
    [TB_COUNTER_CONTEXT_SWITCHES] = {"context_switches", "1", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_INTERRUPTS] = {"interrupts", "1", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_SOFT_INTERRUPTS] = {"soft_interrupts", "1", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_FORKS] = {"forks", "1", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_BLOCK_READS] = {"block_reads", "1", 1, TB_CHANGE_DIFFERENCE_OF_DISKS},
    [TB_COUNTER_BLOCK_WRITES] = {"block_writes", "1", 1, TB_CHANGE_DIFFERENCE_OF_DISKS},
    [TB_COUNTER_BLOCK_READ_BYTES] = {"block_read_bytes", "bytes", 1, TB_CHANGE_DIFFERENCE_OF_DISKS},
    [TB_COUNTER_BLOCK_WRITE_BYTES] = {"block_write_bytes", "bytes", 1, TB_CHANGE_DIFFERENCE_OF_DISKS},
    [TB_COUNTER_PAGES_IN_KIB] = {"pages_in_kib", "KiB", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_PAGES_OUT_KIB] = {"pages_out_kib", "KiB", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_MINOR_FAULTS] = {"minor_faults", "1", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_MAJOR_FAULTS] = {"major_faults", "1", 1, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_CPU_TIME] = {"cpu_time", "ms", 10, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_STEAL_TIME] = {"steal_time", "ms", 10, TB_CHANGE_DIFFERENCE},
    [TB_COUNTER_KVM_EXITS] = {"kvm_exits", "1", 1, TB_CHANGE_DIFFERENCE},
};

const struct tb_counter_row *tb_counter_at(enum tb_counter counter)
{
    return &rows[counter];
}

double tb_counter_amount(const struct tb_counters *counters, enum tb_counter counter)
{
    return counters->known[counter] ? (double)counters->difference[counter] * rows[counter].scale : NAN;
}

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
                              "%s: %s runs backwards, from %" PRIu64 " to %" PRIu64, directory, rows[i].name,
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
    for (size_t i = 0; i < TB_COUNTERS && before->devices != after->devices; i++)
        if (rows[i].change == TB_CHANGE_DIFFERENCE_OF_DISKS)
            counters->known[i] = false;
}

static void subtract_pair(struct tb_counters *counters, const struct tb_counters snapshots[2], const char *directory)
{
    add_account(&counters->account, &snapshots[0].account);
    add_account(&counters->account, &snapshots[1].account);
    subtract(counters, &snapshots[0], &snapshots[1], directory);
    compare_moments(counters, &snapshots[0], &snapshots[1], directory);
    compare_devices(counters, &snapshots[0], &snapshots[1]);
}

/* Of the files of /proc much is known. Of others that count the exits of guests the total is. */
static enum tb_status parse(const char *name, bool is_proc, struct tb_source *source, struct tb_counters *snapshot,
                            struct counter_list *list, struct tb_error *error)
{
    *snapshot = (struct tb_counters){.boot_time = 0};
    if (is_proc) {
        const enum tb_status status = tb_counters_parse_named(name, source, snapshot, list, error);
        tb_counter_list_sort(list);
        return status;
    }
    const enum tb_status status = tb_counter_snapshot_read(source, list, &snapshot->account, error);
    if (status != TB_OK || snapshot->account.damage != TB_DAMAGE_NONE)
        return status == TB_OK ? TB_TRUNCATED : status;
    const uint64_t *exits = tb_counter_list_find(list, "kvm/exits");
    if (exits == NULL && strncmp(name, "kvm", 3) == 0)
        exits = tb_counter_list_find(list, "exits");
    snapshot->known[TB_COUNTER_KVM_EXITS] = exits != NULL;
    snapshot->difference[TB_COUNTER_KVM_EXITS] = exits != NULL ? *exits : 0;
    return TB_OK;
}

/* TB_NOT_FOUND when one of the two snapshots is not there. */
static enum tb_status read_pair(const char *directory, const char *name, bool is_proc, struct tb_counters *counters,
                                struct tb_error *error)
{
    struct tb_source *sources[2] = {NULL, NULL};
    struct tb_counters snapshots[2];
    struct counter_list lists[2] = {{.count = 0}, {.count = 0}};
    enum tb_status status = open_snapshot(directory, "before", name, &sources[0], error);
    if (status == TB_OK)
        status = open_snapshot(directory, "after", name, &sources[1], error);
    for (size_t i = 0; i < 2 && status == TB_OK; i++)
        status = parse(name, is_proc, sources[i], &snapshots[i], &lists[i], error);
    if (status == TB_OK) {
        subtract_pair(counters, snapshots, directory);
        if (!tb_counter_lists_subtract(&lists[0], &lists[1], name, counters))
            status = tb_error_memory(error, "counters");
    }
    for (size_t i = 0; i < 2; i++) {
        tb_source_close(sources[i]);
        tb_counter_list_free(&lists[i]);
    }
    return status;
}

static enum tb_status read_single(const char *directory, const char *name, struct tb_counters *counters,
                                  struct tb_error *error)
{
    char path[PATH_MAX];
    struct tb_source *source;
    struct tb_account account = {.damage = TB_DAMAGE_NONE};
    const struct tb_counters before = *counters;
    const int length = snprintf(path, sizeof path, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: the path is too long", directory);
    enum tb_status status = tb_source_open(path, &source, error);
    if (status != TB_OK)
        return status;
    status = tb_counter_series_read(source, name, counters, &account, error);
    tb_source_close(source);
    if (status == TB_OK && account.damage == TB_DAMAGE_NONE) {
        add_account(&counters->account, &account);
        return TB_OK;
    }
    /* What is not whole tells nothing, and does not damage what other files tell. */
    struct tb_named_counter *const named = counters->named;
    *counters = before;
    counters->named = named;
    return status == TB_OK ? TB_TRUNCATED : status;
}

/* What is nothing that is known is passed over, and said. */
static void pass_over(struct tb_counters *counters, const char *name, size_t files)
{
    if (counters->unread == 0 && files > 0)
        tb_text_copy(tb_text_of(name), counters->first_unread, sizeof counters->first_unread);
    counters->unread += files;
}

static enum tb_status read_file(const char *directory, const struct counter_file *file, struct tb_counters *counters,
                                bool *found, struct tb_error *error)
{
    struct tb_error why;
    const enum tb_status status =
        file->kind == COUNTER_FILE_PAIR     ? read_pair(directory, file->name, false, counters, &why)
        : file->kind == COUNTER_FILE_SINGLE ? read_single(directory, file->name, counters, &why)
                                            : TB_UNSUPPORTED;
    if (status == TB_MEMORY)
        return tb_error_memory(error, "counters");
    *found = *found || status == TB_OK;
    pass_over(counters, file->name, status != TB_OK);
    return TB_OK;
}

/* In the order of their names. */
static enum tb_status read_others(const char *directory, struct tb_counters *counters, bool *found,
                                  struct tb_error *error)
{
    struct counter_files files;
    enum tb_status status =
        tb_counter_files_list(directory, file_names, sizeof file_names / sizeof file_names[0], &files, error);
    for (size_t i = 0; i < files.count && status == TB_OK; i++)
        status = read_file(directory, &files.items[i], counters, found, error);
    if (files.left_out > 0)
        pass_over(counters, files.items[files.count].name, files.left_out);
    free(files.items);
    return status;
}

/* What stat says of all processors goes before what others say. */
static void settle_steal(struct tb_counters *counters)
{
    counters->steal_share = NAN;
    if (counters->known[TB_COUNTER_STEAL_TIME] && counters->difference[TB_COUNTER_CPU_TIME] > 0)
        counters->steal_share =
            (double)counters->difference[TB_COUNTER_STEAL_TIME] / (double)counters->difference[TB_COUNTER_CPU_TIME];
}

static enum tb_status read_all(const char *directory, struct tb_counters *read, struct tb_error *error)
{
    bool found = false;
    for (size_t i = 0; i < sizeof file_names / sizeof file_names[0]; i++) {
        const enum tb_status status = read_pair(directory, file_names[i], true, read, error);
        if (status != TB_OK && status != TB_NOT_FOUND)
            return status;
        found |= status == TB_OK;
    }
    settle_steal(read);
    const enum tb_status status = read_others(directory, read, &found, error);
    if (status != TB_OK)
        return status;
    return found ? TB_OK
                 : tb_error_set(error, TB_NOT_FOUND,
                                "%s: no pair of counter files (before.stat and after.stat, ...), and no series",
                                directory);
}

enum tb_status tb_counters_read(const char *directory, struct tb_counters *counters, struct tb_error *error)
{
    struct tb_counters read = {.named = NULL};
    const enum tb_status status = read_all(directory, &read, error);
    if (status != TB_OK) {
        tb_counters_free(&read);
        return status;
    }
    if (!read.account.compressed)
        read.account.consumed = 0;
    *counters = read;
    return TB_OK;
}

void tb_counters_free(struct tb_counters *counters)
{
    free(counters->named);
    counters->named = NULL;
    counters->named_count = 0;
}

static void describe_named(struct tb_archive *archive, struct tb_named_counter *named)
{
    tb_archive_short_text(archive, named->file, sizeof named->file);
    tb_archive_short_text(archive, named->name, sizeof named->name);
    tb_archive_short_text(archive, named->unit, sizeof named->unit);
    tb_archive_f64(archive, &named->value);
}

static void describe_counters(struct tb_archive *archive, struct tb_counters *counters)
{
    enum { PACKED_NAMED = 11 };
    tb_account_describe(archive, &counters->account);
    for (size_t i = 0; i < TB_COUNTERS; i++) {
        tb_archive_bool(archive, &counters->known[i]);
        tb_archive_u64(archive, &counters->difference[i]);
    }
    tb_archive_f64(archive, &counters->steal_share);
    tb_archive_u64(archive, &counters->backwards);
    tb_archive_short_text(archive, counters->first_backwards, sizeof counters->first_backwards);
    tb_archive_u64(archive, &counters->unread);
    tb_archive_u64(archive, &counters->left_out);
    tb_archive_short_text(archive, counters->first_unread, sizeof counters->first_unread);
    tb_archive_array(archive, &counters->named, &counters->named_count, sizeof *counters->named, PACKED_NAMED);
    tb_archive_require(archive, counters->named_count <= TB_NAMED_COUNTERS_MOST);
    for (size_t i = 0; i < counters->named_count && !archive->failed; i++)
        describe_named(archive, &counters->named[i]);
}

TB_ARCHIVE_OWNER_FUNCTIONS(tb_counters, describe_counters, tb_counters_free)
