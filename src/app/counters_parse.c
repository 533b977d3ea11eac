/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "counters_parse.h"
#include "nvme_paths.h"
#include "twinbed/app/counters.h"
#include "twinbed/io/lines.h"

enum { DEVICE_NAME_SIZE = 64, SECTOR_BYTES = 512 };

struct proc_file {
    struct tb_lines lines;
    struct tb_counters absolute;
    bool has_faults, has_major_faults;
    uint64_t faults, major_faults;
    char disk[DEVICE_NAME_SIZE]; /* the last device that is no partition */
    struct nvme_paths nvme;
    struct counter_list *list; /* borrowed; counters that are known by name; NULL: nobody asks */
    bool no_memory;
};

static void set(struct tb_counters *counters, enum tb_counter counter, uint64_t value)
{
    counters->known[counter] = true;
    counters->difference[counter] = value;
}

/* "NAME VALUE ...": only the first value counts. */
static bool read_named(struct tb_text text, struct tb_text *name, uint64_t *value)
{
    struct tb_text word;
    return tb_text_take_word(&text, name) && tb_text_take_word(&text, &word) && tb_text_u64(word, value);
}

/* "cpu user nice system idle iowait irq softirq steal guest guest_nice": the first eight are all time that there is. */
static void read_cpu(struct proc_file *file)
{
    enum { TIMES = 8 };
    struct tb_text text = file->lines.text, word;
    uint64_t all = 0, time = 0;
    size_t times = 0;
    bool good = tb_text_take_word(&text, &word);
    for (; times < TIMES && good && tb_text_take_word(&text, &word); times++)
        good = tb_text_u64(word, &time) && !__builtin_add_overflow(all, time, &all);
    if (good && times == TIMES) {
        set(&file->absolute, TB_COUNTER_CPU_TIME, all);
        set(&file->absolute, TB_COUNTER_STEAL_TIME, time);
    }
}

static bool read_stat(struct proc_file *file)
{
    static const struct {
        const char *name;
        enum tb_counter counter;
    } rows[] = {
        {"ctxt", TB_COUNTER_CONTEXT_SWITCHES},
        {"intr", TB_COUNTER_INTERRUPTS},
        {"softirq", TB_COUNTER_SOFT_INTERRUPTS},
        {"processes", TB_COUNTER_FORKS},
    };
    struct tb_text name;
    uint64_t value;
    if (!read_named(file->lines.text, &name, &value))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (tb_text_equals(name, rows[i].name))
            set(&file->absolute, rows[i].counter, value);
    if (tb_text_equals(name, "btime"))
        file->absolute.boot_time = value;
    if (tb_text_equals(name, "cpu"))
        read_cpu(file);
    return true;
}

static bool read_vmstat(struct proc_file *file)
{
    struct tb_text name;
    uint64_t value;
    if (!read_named(file->lines.text, &name, &value))
        return false;
    if (tb_text_equals(name, "pgpgin"))
        set(&file->absolute, TB_COUNTER_PAGES_IN_KIB, value);
    if (tb_text_equals(name, "pgpgout"))
        set(&file->absolute, TB_COUNTER_PAGES_OUT_KIB, value);
    if (tb_text_equals(name, "pgfault")) {
        file->has_faults = true;
        file->faults = value;
    }
    if (tb_text_equals(name, "pgmajfault")) {
        file->has_major_faults = true;
        file->major_faults = value;
        set(&file->absolute, TB_COUNTER_MAJOR_FAULTS, value);
    }
    if (file->has_faults && file->has_major_faults && file->faults >= file->major_faults)
        set(&file->absolute, TB_COUNTER_MINOR_FAULTS, file->faults - file->major_faults);
    return true;
}

/* Devices that pass their requests on to others, which count them again. */
static bool is_stacked(struct tb_text device)
{
    static const char *const prefixes[] = {"loop", "ram", "dm-", "md", "zram", "drbd", "bcache", "zd", "emcpower"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (tb_text_starts_with(device, prefixes[i]))
            return true;
    return false;
}

/* The kernel lists partitions behind their disk: sda, sda1; nvme0n1, nvme0n1p1. */
static bool is_partition(struct tb_text device, const char *disk)
{
    if (disk[0] == '\0' || !tb_text_take_prefix(&device, disk))
        return false;
    const char last = disk[strlen(disk) - 1];
    if (last >= '0' && last <= '9' && !tb_text_take_prefix(&device, "p"))
        return false;
    uint64_t number;
    return tb_text_u64(device, &number);
}

static bool add(struct tb_counters *counters, enum tb_counter counter, uint64_t amount)
{
    counters->known[counter] = true;
    return !__builtin_add_overflow(counters->difference[counter], amount, &counters->difference[counter]);
}

static const enum tb_counter disk_counters[NVME_NUMBERS] = {TB_COUNTER_BLOCK_READS, TB_COUNTER_BLOCK_WRITES,
                                                            TB_COUNTER_BLOCK_READ_BYTES, TB_COUNTER_BLOCK_WRITE_BYTES};

/* major minor name, reads, merged, sectors, ms, writes, merged, sectors, ms, ... */
static bool read_disk(struct tb_text text, struct tb_text *device, uint64_t amounts[NVME_NUMBERS])
{
    enum { READS, READS_MERGED, SECTORS_READ, READ_MS, WRITES, WRITES_MERGED, SECTORS_WRITTEN, NUMBERS };
    struct tb_text word;
    uint64_t numbers[NUMBERS];
    if (!tb_text_take_word(&text, &word) || !tb_text_take_word(&text, &word) || !tb_text_take_word(&text, device))
        return false;
    for (size_t i = 0; i < NUMBERS; i++)
        if (!tb_text_take_word(&text, &word) || !tb_text_u64(word, &numbers[i]))
            return false;
    amounts[0] = numbers[READS];
    amounts[1] = numbers[WRITES];
    return !__builtin_mul_overflow(numbers[SECTORS_READ], SECTOR_BYTES, &amounts[2]) &&
           !__builtin_mul_overflow(numbers[SECTORS_WRITTEN], SECTOR_BYTES, &amounts[3]);
}

/* FNV-1a */
static uint64_t hash_of(struct tb_text name)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 0x100000001b3;
    return hash;
}

static bool read_diskstats(struct proc_file *file)
{
    struct tb_text device;
    uint64_t amounts[NVME_NUMBERS];
    if (!read_disk(file->lines.text, &device, amounts))
        return false;
    const bool whole = !is_stacked(device) && !is_partition(device, file->disk);
    if (whole && !tb_nvme_is_path(device))
        tb_text_copy(device, file->disk, sizeof file->disk);
    file->absolute.devices += whole ? hash_of(device) : 0;
    if (whole && !tb_nvme_paths_note(&file->nvme, device, amounts))
        return false;
    /* A machine with none but stacked devices has done nothing, which is known too. */
    for (size_t i = 0; i < NVME_NUMBERS; i++)
        if (!add(&file->absolute, disk_counters[i], whole ? amounts[i] : 0))
            return false;
    return true;
}

/* Namespaces whose paths were counted too do not count. */
static void settle_paths(struct proc_file *file)
{
    uint64_t twice[NVME_NUMBERS];
    tb_nvme_paths_counted_twice(&file->nvme, twice);
    for (size_t i = 0; i < NVME_NUMBERS; i++)
        file->absolute.difference[disk_counters[i]] -= twice[i];
}

/* What a line of interrupts is of: "NMI", or behind the numbers "PCI-MSI 49153-edge virtio1-input.0" its last word. */
static struct tb_text device_of(struct tb_text label, struct tb_text rest)
{
    uint64_t number;
    struct tb_text word;
    if (!tb_text_u64(label, &number))
        return label;
    word = label;
    while (tb_text_take_word(&rest, &word)) {
    }
    return word;
}

/* "24:  12  0  PCI-MSI ...": a number for each processor. The total of all that is compared stands in stat. */
static bool read_interrupts(struct proc_file *file)
{
    struct tb_text text = tb_text_trim(file->lines.text), label, word, rest;
    uint64_t sum = 0, number;
    if (tb_text_starts_with(text, "CPU"))
        return true;
    if (!tb_text_take_word(&text, &label) || !tb_text_take_suffix(&label, ":"))
        return false;
    for (rest = text; tb_text_take_word(&rest, &word) && tb_text_u64(word, &number); text = rest)
        sum += number;
    file->no_memory =
        file->no_memory || (file->list != NULL && !tb_counter_list_add(file->list, device_of(label, text), sum));
    return true;
}

static const struct kind {
    const char *name;
    bool (*read)(struct proc_file *file); /* false when the line is none of this kind */
    bool may_be_empty;                    /* a machine without block devices has an empty diskstats */
} kinds[] = {
    {"stat", read_stat, false},
    {"vmstat", read_vmstat, false},
    {"diskstats", read_diskstats, true},
    {"interrupts", read_interrupts, false},
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static enum tb_status read_lines(struct proc_file *file, const struct kind *kind, struct tb_error *error)
{
    enum tb_status status;
    while ((status = tb_lines_next_whole(&file->lines, error)) == TB_OK) {
        if (kind->read(file))
            tb_lines_take(&file->lines);
        else if (tb_text_trim(file->lines.text).length != 0)
            return tb_error_set(error, TB_CORRUPT, "%s: line %" PRIu64 ": not a line of /proc/%s",
                                tb_lines_name(&file->lines), file->lines.number, kind->name);
    }
    if (status != TB_END)
        return status;
    if (file->no_memory)
        return tb_error_memory(error, "counters");
    settle_paths(file);
    if (file->lines.number == 0 && !kind->may_be_empty)
        tb_account_damage(&file->lines.account, TB_DAMAGE_TRUNCATED, 0, "%s: the file is empty",
                          tb_lines_name(&file->lines));
    return TB_OK;
}

enum tb_status tb_counters_parse_named(const char *name, struct tb_source *source, struct tb_counters *absolute,
                                       struct counter_list *list, struct tb_error *error)
{
    const struct kind *kind = find_kind(name);
    if (kind == NULL)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: no counters are read from /proc/%s", tb_source_name(source),
                            name);
    struct proc_file file = {.list = list};
    enum tb_status status = tb_lines_start(&file.lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_lines(&file, kind, error);
    tb_lines_finish(&file.lines, status == TB_OK ? &file.absolute.account : NULL);
    if (status == TB_OK)
        *absolute = file.absolute;
    return status;
}

enum tb_status tb_counters_parse(const char *name, struct tb_source *source, struct tb_counters *absolute,
                                 struct tb_error *error)
{
    return tb_counters_parse_named(name, source, absolute, NULL, error);
}
