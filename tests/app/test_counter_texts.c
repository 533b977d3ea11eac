/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Counters beside those of /proc: snapshots by name, series, summaries (tests/app/machine/PROVENANCE.md). */

#include "fixtures/same_packed.h"
#include "fixtures/text_source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/counter_series.h"
#include "app/counter_snapshot.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void read_directory(const char *name, struct tb_counters *counters)
{
    char path[512];
    struct tb_error error = {0};
    snprintf(path, sizeof path, MACHINE "/%s", name);
    if (tb_counters_read(path, counters, &error) != TB_OK)
        fail_msg("%s", error.text);
    assert_true(tb_account_balances(&counters->account));
    assert_int_equal(counters->account.damage, TB_DAMAGE_NONE);
}

struct fact {
    const char *file, *name, *unit;
    double value;
};

static void assert_named(const struct tb_counters *counters, const struct fact *fact)
{
    for (size_t i = 0; i < counters->named_count; i++) {
        const struct tb_named_counter *const named = &counters->named[i];
        if (strcmp(named->file, fact->file) != 0 || strcmp(named->name, fact->name) != 0)
            continue;
        if (strcmp(named->unit, fact->unit) != 0 || fabs(named->value - fact->value) > 1e-9)
            fail_msg("%s, %s: %.17g %s", named->file, named->name, named->value, named->unit);
        return;
    }
    fail_msg("%s tells nothing of %s", fact->file, fact->name);
}

static bool is_named(const struct tb_counters *counters, const char *file, const char *name)
{
    for (size_t i = 0; i < counters->named_count; i++)
        if (strcmp(counters->named[i].file, file) == 0 && (name == NULL || strcmp(counters->named[i].name, name) == 0))
            return true;
    return false;
}

static void texts_of_all_kinds_are_read(void **state)
{
    (void)state;
    static const struct fact facts[] = {
        {"ethtool-eth0", "rx_kicks", "1", 2},
        {"ethtool-eth0", "tx0_kicks", "1", 28},
        {"kvm", "kvm/exits", "1", 250000},
        {"kvm", "kvm/halt_exits", "1", 90000},
        /* Means of the rows behind the first. */
        {"vmstat.txt", "r", "1", 2},
        {"vmstat.txt", "free", "KiB", 18460524},
        {"vmstat.txt", "bo", "KiB/s", 312},
        {"vmstat.txt", "in", "1/s", 382},
        {"vmstat.txt", "us", "%", 45},
        {"vmstat.txt", "st", "%", 0},
        {"vmstat_wide.txt", "cs", "1/s", 187},
        {"vmstat_wide.txt", "gu", "%", 0},
        {"sar.txt", "%user all", "%", 45.86},
        {"sar.txt", "%steal all", "%", 0},
        {"sar_dev.txt", "cswch/s", "1/s", 304},
        {"sar_dev.txt", "rxpck/s eth0", "1/s", 0},
        {"sadf.json", "%user all", "%", 77.166666667},
        {"sadf.json", "%steal all", "%", 0},
        {"sadf.json", "%user 1", "%", 71.0},
        {"sadf.json", "cswch/s", "1/s", 35079.453333333},
        {"sadf.json", "rxpck/s eth0", "1/s", 0.0},
        {"sadf.json", "wkB/s vda", "1/s", 3358.533333333},
        {"sadf.json", "await vda", "1", 0.46},
        {"sadf.json", "%util vda", "%", 0.133333333},
        {"sadf.json", "kbmemfree", "1", 15055988.0},
        /* Two processes of one name. */
        {"pidstat.txt", "%usr clang-tidy-14", "%", 39.90 + 3.94},
        {"pidstat.txt", "%wait xargs", "%", 0.49},
        {"perf_kvm_stat.txt", "HLT", "1", 90},
        {"perf_kvm_stat.txt", "EPT_VIOLATION", "1", 24},
    };
    struct tb_counters counters;
    read_directory("texts", &counters);
    for (size_t i = 0; i < COUNT(facts); i++)
        assert_named(&counters, &facts[i]);
    assert_false(is_named(&counters, "ethtool-eth0", "rx_drops")); /* which did not change */
    assert_false(is_named(&counters, "kvm", "kvm/max_mmu_page_hash_collisions"));
    assert_false(is_named(&counters, "pidstat.txt", "PID xargs"));
    /* Exits are those of the snapshots, as their file comes first. */
    assert_true(counters.known[TB_COUNTER_KVM_EXITS]);
    assert_int_equal(counters.difference[TB_COUNTER_KVM_EXITS], 250000);
    assert_true(counters.steal_share == 0);
    assert_int_equal(counters.unread, 2); /* a note, and one of a pair */
    assert_string_equal(counters.first_unread, "before.alone");
    assert_int_equal(counters.backwards, 1);
    assert_string_equal(counters.first_backwards, "kvm/max_mmu_page_hash_collisions");
    tb_counters_free(&counters);
}

static void steal_and_interrupts_stand_in_proc(void **state)
{
    (void)state;
    static const struct fact facts[] = {{"interrupts", "virtio0-input.0", "1", 1200}, {"interrupts", "LOC", "1", 300}};
    struct tb_counters counters;
    read_directory("stat", &counters);
    /* Time of guests is part of that of users. */
    assert_int_equal(counters.difference[TB_COUNTER_CPU_TIME], 1020);
    assert_int_equal(counters.difference[TB_COUNTER_STEAL_TIME], 110);
    assert_true(tb_counter_amount(&counters, TB_COUNTER_STEAL_TIME) == 1100);
    assert_true(isnan(tb_counter_amount(&counters, TB_COUNTER_KVM_EXITS)));
    assert_true(counters.steal_share == 110.0 / 1020); /* and not what vmstat says */
    for (size_t i = 0; i < COUNT(facts); i++)
        assert_named(&counters, &facts[i]);
    assert_false(is_named(&counters, "interrupts", "virtio0-config"));
    assert_false(is_named(&counters, "stat", NULL));
    tb_counters_free(&counters);
}

static void every_counter_has_a_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TB_COUNTERS; i++) {
        const struct tb_counter_row *const row = tb_counter_at((enum tb_counter)i);
        assert_non_null(row->name);
        assert_non_null(row->unit);
        assert_true(row->scale > 0);
    }
}

static enum tb_status read_series(const char *text, struct tb_counters *counters)
{
    struct tb_error error;
    struct tb_account account;
    struct tb_source *source = open_text(text);
    *counters = (struct tb_counters){.steal_share = NAN};
    const enum tb_status status = tb_counter_series_read(source, "s", counters, &account, &error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&account));
    return status;
}

#define VMSTAT "procs -----------memory----------\n r  b   st\n"
#define SAR "Linux 6.1.0 (host) \t11/23/26 \t_x86_64_\t(2 CPU)\n\n10:00:00 AM     CPU     %user    %steal\n"
#define EXITS "Analyze events for all VMs, all VCPUs:\n\n VM-EXIT Samples Samples% Time%\n\n"

static void what_tells_nothing_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "\n",
                                        "a note\n",
                                        VMSTAT,
                                        VMSTAT " 1 0 5\n", /* of the time since the machine was started */
                                        SAR "10:00:01 AM     all  1.00  2.00\n", /* killed before it said averages */
                                        SAR "Average:        all\n",
                                        EXITS};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct tb_counters counters;
        if (read_series(texts[i], &counters) != TB_UNSUPPORTED)
            fail_msg("\"%s\" is read", texts[i]);
        tb_counters_free(&counters);
    }
}

static void series_tell_of_steal_and_exits(void **state)
{
    (void)state;
    struct tb_counters counters;
    assert_int_equal(read_series(VMSTAT " 1 0 90\n 1 0 4\n" VMSTAT " 1 0 8\n", &counters), TB_OK);
    assert_true(counters.steal_share == 0.06);
    tb_counters_free(&counters);
    assert_int_equal(read_series(SAR "Average:  0  1.00  9.00\nAverage:  all  1.00  25.00\n", &counters), TB_OK);
    assert_true(counters.steal_share == 0.25);
    assert_named(&counters, &(struct fact){"s", "%steal 0", "%", 9});
    tb_counters_free(&counters);
    assert_int_equal(read_series(EXITS "HLT 90 60.00% 99.55%\nMSR_WRITE 60 40.00% 0.45%\n", &counters), TB_OK);
    assert_int_equal(counters.difference[TB_COUNTER_KVM_EXITS], 150);
    tb_counters_free(&counters);
}

#define SADF(rows) "{\"sysstat\": {\"hosts\": [{\"statistics\": [" rows "]}]}}"
#define SADF_ROW(interval, group) "{\"timestamp\": {\"interval\": " interval "}, " group "}"

static void rows_of_sadf_count_by_their_length(void **state)
{
    (void)state;
    struct tb_counters counters;
    assert_int_equal(
        read_series(
            SADF(SADF_ROW("1", "\"cpu-load\": [{\"cpu\": \"all\", \"steal\": 8.0}]") "," SADF_ROW(
                "3", "\"cpu-load\": [{\"cpu\": \"all\", \"steal\": 4}], \"psi\": {\"psi-cpu\": {\"some_avg10\": 1}}")),
            &counters),
        TB_OK);
    assert_true(counters.steal_share == 0.05);
    assert_named(&counters, &(struct fact){"s", "%steal all", "%", 5});
    assert_named(&counters, &(struct fact){"s", "psi-cpu/some_avg10", "1", 0.75});
    tb_counters_free(&counters);
    static const char *const nothing[] = {SADF(""), SADF("7, [], {}"),
                                          SADF(SADF_ROW("-1", "\"cpu-load\": {\"cpu\": \"all\", \"steal\": -4}")),
                                          SADF(SADF_ROW("1", "\"a\": [[[[[[[{\"b\": 1}]]]]]]]")), "{\"sysstat\": 1}"};
    for (size_t i = 0; i < COUNT(nothing); i++) {
        if (read_series(nothing[i], &counters) != TB_UNSUPPORTED)
            fail_msg("\"%s\" is read", nothing[i]);
        tb_counters_free(&counters);
    }
    assert_int_equal(read_series("{\"sysstat\": {\"hosts\": [", &counters), TB_TRUNCATED);
    tb_counters_free(&counters);
    assert_int_equal(read_series("{\"sysstat\": {\"hosts\" 5}}", &counters), TB_CORRUPT);
    tb_counters_free(&counters);
}

/* Many names again and again, in an order that is not theirs: each adds up, and those beyond what is kept are counted. */
static void many_names_add_up(void **state)
{
    (void)state;
    enum { NAMES = 5000, TIMES = 3, WIDTH = 40 };
    const size_t room = (size_t)NAMES * TIMES * WIDTH + 1000;
    char *text = malloc(room);
    struct tb_counters counters;
    assert_non_null(text);
    size_t size = (size_t)snprintf(text, room, "%s", SAR);
    for (unsigned i = 0; i < NAMES * TIMES; i++)
        size += (size_t)snprintf(text + size, room - size, "Average: n%04u 1.00 %u.00\n", i * 7 % NAMES, i % NAMES);
    assert_int_equal(read_series(text, &counters), TB_OK);
    free(text);
    assert_int_equal(counters.named_count, TB_NAMED_COUNTERS_MOST);
    assert_int_equal(counters.left_out, 2 * NAMES * TIMES - TB_NAMED_COUNTERS_MOST / 2 * 2 * TIMES);
    assert_named(&counters, &(struct fact){"s", "%user n0007", "%", TIMES});
    assert_named(&counters, &(struct fact){"s", "%steal n0014", "%", 2 * TIMES});
    tb_counters_free(&counters);
}

static enum tb_status read_snapshot(const char *text, struct counter_list *list)
{
    struct tb_error error;
    struct tb_account account;
    struct tb_source *source = open_text(text);
    *list = (struct counter_list){.count = 0};
    const enum tb_status status = tb_counter_snapshot_read(source, list, &account, &error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&account));
    return status;
}

static void snapshots_are_names_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
        uint64_t value;
    } good[] = {
        {"NIC statistics:\n     rx_packets: 12\n", "rx_packets", 12},
        {"exits 12\n", "exits", 12},
        {"exits = 12\n", "exits", 12},
        {"/sys/kernel/debug/kvm/exits:12\n", "kvm/exits", 12},
        {"/mnt/kvm/77-12/vcpu0/exits:12\n", "kvm/77-12/vcpu0/exits", 12},
        {"[0]: rx_ucast_packets: 5\n[0]: rx_ucast_packets: 7\n", "[0]: rx_ucast_packets", 12},
    };
    static const char *const bad[] = {
        "", "NIC statistics:\n", "12\n", "a b\n", "exits: -1\n", "exits: 1.5\n", "exits 12 of 13\n"};
    struct counter_list list;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(read_snapshot(good[i].text, &list), TB_OK);
        const uint64_t *const value = tb_counter_list_find(&list, good[i].name);
        if (list.count != 1 || value == NULL || *value != good[i].value)
            fail_msg("\"%s\": %zu, %s", good[i].text, list.count, list.count == 0 ? "" : list.items[0].name);
        tb_counter_list_free(&list);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        const enum tb_status status = read_snapshot(bad[i], &list);
        tb_counter_list_free(&list);
        if (i != COUNT(bad) - 1 && status != TB_UNSUPPORTED)
            fail_msg("\"%s\" is read", bad[i]);
    }
}

static char *content_of(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, MACHINE "/texts/%s", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = calloc(1, 1 << 16);
    assert_true(fread(text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    return text;
}

static void every_beginning_of_a_text_is_harmless(void **state)
{
    (void)state;
    static const char *const names[] = {"vmstat.txt",  "vmstat_wide.txt",     "sar.txt",
                                        "sar_dev.txt", "pidstat.txt",         "perf_kvm_stat.txt",
                                        "before.kvm",  "before.ethtool-eth0", "sadf.json"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char *text = content_of(names[i]);
        for (size_t size = strlen(text); size-- > 0;) {
            struct tb_counters counters;
            struct counter_list list;
            text[size] = '\0';
            (void)(read_series(text, &counters) == TB_OK);
            (void)(read_snapshot(text, &list) == TB_OK);
            tb_counters_free(&counters);
            tb_counter_list_free(&list);
        }
        free(text);
    }
}

static void packing_keeps_them(void **state)
{
    (void)state;
    struct tb_counters counters, back;
    struct tb_buffer one = {0}, other = {0};
    read_directory("texts", &counters);
    tb_counters_pack(&counters, &one);
    for (size_t size = 0; size < one.size; size++) {
        struct tb_bytes bytes = tb_bytes_packed(one.data, size);
        assert_false(tb_counters_unpack(&back, &bytes));
    }
    struct tb_bytes bytes = tb_bytes_packed(one.data, one.size);
    assert_true(tb_counters_unpack(&back, &bytes));
    tb_counters_pack(&back, &other);
    assert_same_packed(&one, &other);
    tb_counters_free(&back);
    tb_counters_free(&counters);
}

static void write_counters(const char *directory, const char *name, int count, int value)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < count; i++)
        fprintf(file, "counter_%04d: %d\n", i, value);
    fclose(file);
}

static void what_is_too_much_is_told(void **state)
{
    (void)state;
    enum { FILES = 1030, COUNTERS = 5000 };
    char directory[] = "/tmp/twinbed-counters-XXXXXX", name[64];
    struct tb_counters counters;
    assert_non_null(mkdtemp(directory));
    write_counters(directory, "before.aa", COUNTERS, 1);
    write_counters(directory, "after.aa", COUNTERS, 3);
    for (int i = 1; i < FILES; i++) {
        snprintf(name, sizeof name, "note-%04d", i);
        write_counters(directory, name, 0, 0);
    }
    assert_int_equal(tb_counters_read(directory, &counters, NULL), TB_OK);
    assert_int_equal(counters.named_count, TB_NAMED_COUNTERS_MOST);
    assert_int_equal(counters.left_out, COUNTERS - TB_NAMED_COUNTERS_MOST);
    /* Those beyond 1024 are not looked at, and none of the others is a series. */
    assert_int_equal(counters.unread, FILES - 1);
    assert_string_equal(counters.first_unread, "note-0001");
    tb_counters_free(&counters);
    for (int i = 1; i < FILES; i++) {
        snprintf(name, sizeof name, "%s/note-%04d", directory, i);
        remove(name);
    }
    snprintf(name, sizeof name, "%s/before.aa", directory);
    remove(name);
    snprintf(name, sizeof name, "%s/after.aa", directory);
    remove(name);
    assert_int_equal(remove(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_all_kinds_are_read),
        cmocka_unit_test(steal_and_interrupts_stand_in_proc),
        cmocka_unit_test(every_counter_has_a_row),
        cmocka_unit_test(what_tells_nothing_is_refused),
        cmocka_unit_test(series_tell_of_steal_and_exits),
        cmocka_unit_test(rows_of_sadf_count_by_their_length),
        cmocka_unit_test(many_names_add_up),
        cmocka_unit_test(snapshots_are_names_and_numbers),
        cmocka_unit_test(every_beginning_of_a_text_is_harmless),
        cmocka_unit_test(packing_keeps_them),
        cmocka_unit_test(what_is_too_much_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
