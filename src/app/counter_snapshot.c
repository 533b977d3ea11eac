/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "counter_snapshot.h"

#include <inttypes.h>
#include <string.h>

#include "twinbed/io/lines.h"

/* A name may hold what stands between it and its number, as a path does: the last one counts. */
static bool split(struct tb_text line, struct tb_text *name, struct tb_text *number)
{
    size_t end = line.length;
    while (end > 0 && strchr(": =\t", line.data[end - 1]) == NULL)
        end--;
    *number = (struct tb_text){line.data + end, line.length - end};
    while (end > 0 && strchr(": =\t", line.data[end - 1]) != NULL)
        end--;
    *name = (struct tb_text){line.data, end};
    return end > 0;
}

/* "/sys/kernel/debug/kvm/exits" is "kvm/exits" */
static struct tb_text without_mount(struct tb_text name)
{
    static const char directory[] = "/kvm/";
    const char *const found = memmem(name.data, name.length, directory, sizeof directory - 1);
    if (found == NULL)
        return name;
    return (struct tb_text){found + 1, name.length - (size_t)(found + 1 - name.data)};
}

/* A heading says what the numbers are of. Texts, and numbers that are no counters, as "speed: 1000Mb/s", are skipped. */
static bool read_line(struct tb_lines *lines, struct counter_list *list, bool *counted, bool *memory)
{
    struct tb_text line = tb_text_trim(lines->text), name, number;
    uint64_t value;
    if (line.length == 0)
        return true;
    if (lines->number == 1 && tb_text_equals(line, "NIC statistics:")) {
        tb_lines_take(lines);
        return true;
    }
    if (!split(line, &name, &number) || !tb_text_u64(number, &value))
        return false;
    *memory = tb_counter_list_add(list, without_mount(name), value);
    *counted = true;
    tb_lines_take(lines);
    return true;
}

static enum tb_status read_lines(struct tb_lines *lines, struct counter_list *list, struct tb_error *error)
{
    enum tb_status status;
    bool counted = false, memory = true, good = true;
    while ((status = tb_lines_next_whole(lines, error)) == TB_OK) {
        good = read_line(lines, list, &counted, &memory);
        if (!memory)
            return tb_error_memory(error, "counters");
        if (!good)
            return tb_error_set(error, TB_UNSUPPORTED, "%s: line %" PRIu64 ": not a name and a number",
                                tb_lines_name(lines), lines->number);
    }
    if (status == TB_END && !counted)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: no counters in it", tb_lines_name(lines));
    return status == TB_END ? TB_OK : status;
}

enum tb_status tb_counter_snapshot_read(struct tb_source *source, struct counter_list *list, struct tb_account *account,
                                        struct tb_error *error)
{
    struct tb_lines lines;
    enum tb_status status = tb_lines_start(&lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_lines(&lines, list, error);
    tb_lines_finish(&lines, status == TB_OK ? account : NULL);
    tb_counter_list_sort(list);
    return status;
}
