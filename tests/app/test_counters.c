/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/recorded.h"
#include "fixtures/text_source.h"

#include <glob.h>

#include "twinbed/app/counters.h"

static enum tb_status parse(const char *name, const char *text, struct tb_counters *counters)
{
    struct tb_source *source = open_text(text);
    struct tb_error error;
    const enum tb_status status = tb_counters_parse(name, source, counters, &error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&counters->account));
    return status;
}

struct expected {
    enum tb_counter counter;
    uint64_t value;
};

static void assert_counters(const struct tb_counters *counters, const struct expected *expected, size_t count)
{
    size_t known = 0;
    for (size_t i = 0; i < TB_COUNTERS; i++)
        known += counters->known[i];
    assert_int_equal(known, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(counters->known[expected[i].counter]);
        assert_int_equal(counters->difference[expected[i].counter], expected[i].value);
    }
}

static void stat_file(void **state)
{
    (void)state;
    static const struct expected expected[] = {
        {TB_COUNTER_CONTEXT_SWITCHES, 20769},
        {TB_COUNTER_INTERRUPTS, 15839},
        {TB_COUNTER_SOFT_INTERRUPTS, 12224},
        {TB_COUNTER_FORKS, 276},
    };
    struct tb_counters counters;
    const char *text = "cpu  610 0 800 561\ncpu0 610 0 800 561\nintr 15839 136 9 0 0\nctxt 20769\nbtime 1795385707\n"
                       "processes 276\nprocs_running 1\nprocs_blocked 0\nsoftirq 12224 0 2967\n";
    assert_int_equal(parse("stat", text, &counters), TB_OK);
    assert_counters(&counters, expected, 4);
    assert_int_equal(counters.account.decoded, strlen(text));
}

/* The line of interrupts of a large machine is longer than any buffer should be. */
static void very_long_line(void **state)
{
    (void)state;
    const size_t zeros = 200000;
    char *text = malloc(2 * zeros + 100);
    strcpy(text, "intr 17");
    size_t used = strlen(text);
    for (size_t i = 0; i < zeros; i++, used += 2)
        memcpy(text + used, " 0", 2);
    strcpy(text + used, "\nctxt 5\n");
    struct tb_counters counters;
    assert_int_equal(parse("stat", text, &counters), TB_OK);
    static const struct expected expected[] = {{TB_COUNTER_INTERRUPTS, 17}, {TB_COUNTER_CONTEXT_SWITCHES, 5}};
    assert_counters(&counters, expected, 2);
    assert_int_equal(counters.account.decoded, strlen(text));
    free(text);
}

static void vmstat_file(void **state)
{
    (void)state;
    static const struct expected expected[] = {
        {TB_COUNTER_PAGES_IN_KIB, 1},
        {TB_COUNTER_PAGES_OUT_KIB, 2},
        {TB_COUNTER_MINOR_FAULTS, 28962},
        {TB_COUNTER_MAJOR_FAULTS, 60},
    };
    struct tb_counters counters;
    assert_int_equal(
        parse("vmstat", "nr_free_pages 482000\npgpgin 1\npgpgout 2\npgfault 29022\npgmajfault 60\n", &counters), TB_OK);
    assert_counters(&counters, expected, 4);
}

/* Disks once each: neither partitions nor devices that lie on others. */
static void diskstats_file(void **state)
{
    (void)state;
    static const struct expected expected[] = {
        {TB_COUNTER_BLOCK_READS, 1111},
        {TB_COUNTER_BLOCK_WRITES, 2222},
        {TB_COUNTER_BLOCK_READ_BYTES, 22 * 512},
        {TB_COUNTER_BLOCK_WRITE_BYTES, 44 * 512},
    };
    struct tb_counters counters;
    assert_int_equal(parse("diskstats",
                           "   7       0 loop0 9 9 9 9 9 9 9 9 9 9 9\n"
                           "   8       0 sda 1 0 10 0 2 0 20 0 0 0 0 0 0 0 0 0 0\n"
                           "   8       1 sda1 5 0 5 0 5 0 5 0 0 0 0\n"
                           "   8      10 sda10 5 0 5 0 5 0 5 0 0 0 0\n"
                           "  65     160 sdaa 10 0 10 0 20 0 20 0 0 0 0\n"
                           " 259       0 nvme0n1 100 0 1 0 200 0 2 0 0 0 0\n"
                           " 259       1 nvme0n1p1 5 0 5 0 5 0 5 0 0 0 0\n"
                           " 179       0 mmcblk0 0 0 0 0 0 0 0 0 0 0 0\n"
                           " 179       1 mmcblk0p2 5 0 5 0 5 0 5 0 0 0 0\n"
                           " 254       0 vda 1000 0 1 0 2000 0 2 0 0 0 0\n"
                           " 253       0 dm-0 7 0 7 0 7 0 7 0 0 0 0\n"
                           "   9       0 md127 7 0 7 0 7 0 7 0 0 0 0\n",
                           &counters),
                     TB_OK);
    assert_counters(&counters, expected, 4);
}

/* Requests to a namespace of several paths are counted once, however the kernel counts them; those to a zvol on the
 * disks of its pool alone. */
static void stacked_devices(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t reads, written;
    } cases[] = {
        {"259 1 nvme0c0n1 10 0 10 0 20 0 20 0 0 0 0\n259 2 nvme0c1n1 1 0 1 0 2 0 2 0 0 0 0\n"
         "259 0 nvme0n1 11 0 11 0 22 0 22 0 0 0 0\n259 3 nvme0n1p1 11 0 11 0 22 0 22 0 0 0 0\n",
         11, 22 * 512},
        {"259 1 nvme0c0n1 10 0 10 0 20 0 20 0 0 0 0\n259 0 nvme0n1 0 0 0 0 0 0 0 0 0 0 0\n", 10, 20 * 512},
        {"259 0 nvme0n1 11 0 11 0 22 0 22 0 0 0 0\n259 1 nvme0c0n1 11 0 11 0 22 0 22 0 0 0 0\n"
         "259 3 nvme0n1p1 11 0 11 0 22 0 22 0 0 0 0\n",
         11, 22 * 512},
        {"259 0 nvme1n1 5 0 5 0 5 0 5 0 0 0 0\n259 1 nvme0c0n1 1 0 1 0 1 0 1 0 0 0 0\n"
         "259 2 nvme1n2 3 0 3 0 3 0 3 0 0 0 0\n",
         9, 9 * 512},
        {"8 0 sda 4 0 4 0 4 0 4 0 0 0 0\n230 0 zd0 9 0 9 0 9 0 9 0 0 0 0\n230 1 zd0p1 9 0 9 0 9 0 9 0 0 0 0\n"
         "120 0 emcpowera 9 0 9 0 9 0 9 0 0 0 0\n",
         4, 4 * 512},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_counters counters;
        assert_int_equal(parse("diskstats", cases[i].text, &counters), TB_OK);
        assert_int_equal(counters.difference[TB_COUNTER_BLOCK_READS], cases[i].reads);
        assert_int_equal(counters.difference[TB_COUNTER_BLOCK_WRITE_BYTES], cases[i].written);
    }
}

static void no_block_device(void **state)
{
    (void)state;
    struct tb_counters counters;
    assert_int_equal(parse("diskstats", "", &counters), TB_OK);
    assert_counters(&counters, NULL, 0);
    assert_int_equal(counters.account.damage, TB_DAMAGE_NONE);
    assert_int_equal(parse("diskstats", "7 0 loop0 9 9 9 9 9 9 9 9 9 9 9\n", &counters), TB_OK);
    assert_true(counters.known[TB_COUNTER_BLOCK_READS]);
    assert_int_equal(counters.difference[TB_COUNTER_BLOCK_READS], 0);
}

static void interrupts_file(void **state)
{
    (void)state;
    const char *text =
        "           CPU0       \n  0:        136   IO-APIC   2-edge      timer\nNMI:  0   x\nERR:          0\n";
    struct tb_counters counters;
    assert_int_equal(parse("interrupts", text, &counters), TB_OK);
    assert_counters(&counters, NULL, 0);
    assert_int_equal(counters.account.decoded, strlen(text));
}

static void damaged_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *text;
        enum tb_status status;
        enum tb_damage damage;
    } cases[] = {
        {"stat", "", TB_OK, TB_DAMAGE_TRUNCATED},
        {"vmstat", "", TB_OK, TB_DAMAGE_TRUNCATED},
        {"stat", "ctxt 5\nprocesses 27", TB_OK, TB_DAMAGE_TRUNCATED},
        {"stat", "ctxt -5\n", TB_CORRUPT, 0},
        {"stat", "ctxt 99999999999999999999\n", TB_CORRUPT, 0},
        {"stat", "hello\n", TB_CORRUPT, 0},
        {"vmstat", "pgpgin x\n", TB_CORRUPT, 0},
        {"diskstats", "8 0 sda 1 2\n", TB_CORRUPT, 0},
        {"diskstats", "8 0 sda 1 0 18446744073709551615 0 2 0 20 0 0 0 0\n", TB_CORRUPT, 0},
        {"meminfo", "MemTotal: 1 kB\n", TB_UNSUPPORTED, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_counters counters;
        assert_int_equal(parse(cases[i].name, cases[i].text, &counters), cases[i].status);
        if (cases[i].status == TB_OK)
            assert_int_equal(counters.account.damage, cases[i].damage);
    }
}

struct folder {
    char path[64];
};

static struct folder make_folder(void)
{
    struct folder folder = {"counters-XXXXXX"};
    assert_non_null(mkdtemp(folder.path));
    return folder;
}

static void write_file(const struct folder *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder->path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void remove_folder(const struct folder *folder)
{
    static const char *const names[] = {"before.stat",  "after.stat",       "before.vmstat",
                                        "after.vmstat", "before.diskstats", "after.diskstats"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        remove(path);
    }
    remove(folder->path);
}

static void differences(void **state)
{
    (void)state;
    const struct folder folder = make_folder();
    struct tb_counters counters, back;
    struct tb_error error;
    assert_int_equal(tb_counters_read(folder.path, &counters, &error), TB_NOT_FOUND);
    write_file(&folder, "before.stat", "ctxt 100\nprocesses 10\n");
    assert_int_equal(tb_counters_read(folder.path, &counters, &error), TB_NOT_FOUND);
    write_file(&folder, "after.stat", "ctxt 150\nprocesses 9\nintr 5\n");
    write_file(&folder, "after.vmstat", "pgpgin 5\n");
    assert_int_equal(tb_counters_read(folder.path, &counters, &error), TB_OK);
    static const struct expected expected[] = {{TB_COUNTER_CONTEXT_SWITCHES, 50}};
    assert_counters(&counters, expected, 1);
    assert_int_equal(counters.account.damage, TB_DAMAGE_CORRUPT);
    assert_non_null(strstr(counters.account.reason, "forks runs backwards, from 10 to 9"));
    assert_true(tb_account_balances(&counters.account));
    struct tb_buffer buffer = {0};
    tb_counters_pack(&counters, &buffer);
    struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
    assert_true(tb_counters_unpack(&back, &bytes));
    assert_counters(&back, expected, 1);
    assert_int_equal(counters.unread, 1); /* after.vmstat alone */
    tb_counters_free(&back);
    tb_counters_free(&counters);
    tb_buffer_free(&buffer);
    remove_folder(&folder);
}

static void snapshots_that_do_not_belong_together(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *reason;
    } cases[] = {
        {"ctxt 100\nbtime 1000\n", "ctxt 100\nbtime 1000\n", "both snapshots are of one moment"},
        {"ctxt 100\nbtime 1000\n", "ctxt 900\nbtime 1061\n", "the machine was started, or its clock set"},
        {"ctxt 100\nbtime 1000\n", "ctxt 900\nbtime 999\n", ""}, /* a clock that is corrected */
        {"ctxt 100\nbtime 1000\n", "ctxt 900\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct folder folder = make_folder();
        struct tb_counters counters;
        struct tb_error error;
        write_file(&folder, "before.stat", cases[i].before);
        write_file(&folder, "after.stat", cases[i].after);
        assert_int_equal(tb_counters_read(folder.path, &counters, &error), TB_OK);
        assert_int_equal(counters.account.damage, cases[i].reason[0] == '\0' ? TB_DAMAGE_NONE : TB_DAMAGE_CORRUPT);
        assert_non_null(strstr(counters.account.reason, cases[i].reason));
        tb_counters_free(&counters);
        remove_folder(&folder);
    }
}

/* A disk that goes takes what it counted with it: the rest is no number of the machine. */
static void a_device_that_goes_or_comes(void **state)
{
    (void)state;
    static const char sda[] = "8 0 sda 10 0 80 5 20 0 160 5 0 5 5\n", more[] = "8 0 sda 19 0 80 5 20 0 160 5 0 5 5\n";
    static const char both[] = "8 0 sda 10 0 80 5 20 0 160 5 0 5 5\n8 16 sdb 5 0 40 5 5 0 40 5 0 5 5\n";
    static const char loop[] = "8 0 sda 19 0 80 5 20 0 160 5 0 5 5\n7 0 loop0 5 0 40 5 5 0 40 5 0 5 5\n";
    static const struct {
        const char *before, *after;
        bool known;
    } cases[] = {{sda, more, true}, {both, more, false}, {sda, both, false}, {sda, loop, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct folder folder = make_folder();
        struct tb_counters counters;
        struct tb_error error;
        write_file(&folder, "before.diskstats", cases[i].before);
        write_file(&folder, "after.diskstats", cases[i].after);
        assert_int_equal(tb_counters_read(folder.path, &counters, &error), TB_OK);
        assert_true(counters.known[TB_COUNTER_BLOCK_READS] == cases[i].known);
        if (cases[i].known)
            assert_int_equal(counters.difference[TB_COUNTER_BLOCK_READS], 9);
        tb_counters_free(&counters);
        remove_folder(&folder);
    }
}

static void recorded_counters(void **state)
{
    (void)state;
    const struct recorded_path pattern = require_recorded("campaigns");
    char text[PATH_MAX + 32];
    snprintf(text, sizeof text, "%s/*/*/*/rep-*/counters", pattern.text);
    glob_t directories;
    assert_int_equal(glob(text, 0, NULL, &directories), 0);
    for (size_t i = 0; i < directories.gl_pathc; i++) {
        struct tb_counters counters;
        struct tb_error error = {0};
        if (tb_counters_read(directories.gl_pathv[i], &counters, &error) != TB_OK)
            fail_msg("%s", error.text);
        assert_true(tb_account_balances(&counters.account));
        assert_int_equal(counters.account.decoded, counters.account.file_bytes);
        assert_int_equal(counters.account.damage, TB_DAMAGE_NONE);
        assert_true(counters.known[TB_COUNTER_CONTEXT_SWITCHES] && counters.known[TB_COUNTER_MINOR_FAULTS]);
        assert_true(counters.difference[TB_COUNTER_CONTEXT_SWITCHES] > 0);
        assert_true(counters.known[TB_COUNTER_STEAL_TIME] && counters.steal_share >= 0);
        tb_counters_free(&counters);
    }
    print_message("%zu recorded folders of counters read\n", directories.gl_pathc);
    globfree(&directories);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stat_file),
        cmocka_unit_test(very_long_line),
        cmocka_unit_test(vmstat_file),
        cmocka_unit_test(diskstats_file),
        cmocka_unit_test(no_block_device),
        cmocka_unit_test(interrupts_file),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(differences),
        cmocka_unit_test(recorded_counters),
        cmocka_unit_test(stacked_devices),
        cmocka_unit_test(snapshots_that_do_not_belong_together),
        cmocka_unit_test(a_device_that_goes_or_comes),
    };
    return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
