/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The published sample traces against the reference counts that came with them. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "twinbed/trace/trace.h"

static const struct {
    const char *file;
    uint16_t minor;
    uint64_t events, enters, exits, children, switches, state_only;
    enum tb_damage damage;
} facts[] = {
    {"falco-cat_write.scap", 0, 345, 42, 42, 0, 0, 0, TB_DAMAGE_NONE},
    {"falco-connect_localhost.scap", 0, 374, 4, 4, 0, 0, 0, TB_DAMAGE_NONE},
    {"falco-run_as_user_0_container.scap", 2, 4143, 1357, 1343, 1, 1082, 0, TB_DAMAGE_NONE},
    {"falco-syscall.scap", 1, 368, 6, 6, 0, 0, 0, TB_DAMAGE_NONE},
    {"libs-curl_google.scap", 0, 1536, 597, 597, 1, 25, 0, TB_DAMAGE_NONE},
    {"libs-curl_google_comments.scap", 0, 1536, 597, 597, 1, 25, 0, TB_DAMAGE_NONE},
    {"libs-sample.scap", 2, 572, 87, 87, 0, 228, 0, TB_DAMAGE_NONE},
    {"libs-single_ipv6_conn.scap", 2, 1728, 14, 14, 0, 0, 0, TB_DAMAGE_NONE},
    {"libs-test_ipv6_client.scap", 0, 326, 33, 33, 0, 1, 0, TB_DAMAGE_NONE},
    {"sfcollector-mpm_worker_full_capture.scap", 2, 36343, 16834, 16837, 91, 815, 0, TB_DAMAGE_NONE},
    {"sfcollector-rename.scap", 2, 4525, 179, 179, 0, 1, 0, TB_DAMAGE_NONE},
    {"sfcollector-setns.scap", 2, 9947, 3908, 3895, 19, 67, 0, TB_DAMAGE_NONE},
    {"derived/broken_interface_block.scap", 2, 1536, 597, 597, 1, 25, 0, TB_DAMAGE_CORRUPT},
    {"derived/exit_only_newest_layout.scap", 2, 6039, 0, 3895, 19, 67, 0, TB_DAMAGE_NONE},
    {"derived/state_only_flags.scap", 2, 1843, 12, 13, 3, 0, 22, TB_DAMAGE_NONE},
};

static void sample_path(char *path, size_t size, const char *file)
{
    const char *const shared = getenv("TWINBED_SHARED");
    snprintf(path, size, "%s/samples/scap/%s", shared != NULL ? shared : TWINBED_SOURCE_DIR "/../shared", file);
}

static struct tb_trace *read_selected(const char *file, const struct tb_process_selector *selector)
{
    char path[4096];
    sample_path(path, sizeof path, file);
    const unsigned orders[] = {1, 2};
    const struct tb_trace_request request = {
        .selectors = selector, .selector_count = 1, .orders = orders, .order_count = 2};
    struct tb_source *source;
    struct tb_trace *trace;
    assert_int_equal(tb_source_open(path, &source, NULL), TB_OK);
    assert_int_equal(tb_trace_read(source, &request, &trace, NULL), TB_OK);
    tb_source_close(source);
    return trace;
}

static struct tb_trace *read_sample(const char *file, const char *process)
{
    const struct tb_process_selector selector = {.name = process, .pid = -1};
    return read_selected(file, &selector);
}

static void skip_without_samples(void)
{
    char path[4096];
    sample_path(path, sizeof path, facts[0].file);
    if (access(path, R_OK) == 0)
        return;
    print_message("skipped: the sample traces are not here (set TWINBED_SHARED)\n");
    skip();
}

static void samples_hold_their_reference_counts(void **state)
{
    (void)state;
    skip_without_samples();
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct tb_trace *const trace = read_sample(facts[i].file, "curl");
        print_message("%s\n", facts[i].file);
        assert_int_equal(trace->minor_version, facts[i].minor);
        assert_int_equal(trace->events, facts[i].events);
        assert_int_equal(trace->enters, facts[i].enters);
        assert_int_equal(trace->exits, facts[i].exits);
        assert_int_equal(trace->children, facts[i].children);
        assert_int_equal(trace->switches, facts[i].switches);
        assert_int_equal(trace->state_only, facts[i].state_only);
        assert_int_equal(trace->exit_only, facts[i].enters == 0);
        assert_int_equal(trace->account.damage, facts[i].damage);
        assert_int_equal(trace->account.damaged, facts[i].damage == TB_DAMAGE_NONE ? 0 : 276);
        assert_true(tb_account_balances(&trace->account));
        tb_trace_free(trace);
    }
}

static void the_same_calls_come_out_of_three_files(void **state)
{
    (void)state;
    skip_without_samples();
    static const char *const files[] = {"libs-curl_google.scap", "libs-curl_google_comments.scap",
                                        "derived/broken_interface_block.scap"};
    for (size_t i = 0; i < 3; i++) {
        struct tb_trace *const trace = read_sample(files[i], "curl");
        const struct tb_sequence *const sequence = &trace->sequences[0];
        assert_int_equal(sequence->calls, 596);
        assert_int_equal(sequence->events, 1194);
        assert_int_equal(sequence->context_switches, 25);
        assert_int_equal(sequence->exits_without_enter + sequence->enters_without_exit, 0);
        assert_int_equal(sequence->transitions[0].total, 596 - sequence->thread_count);
        tb_trace_free(trace);
    }
    struct tb_trace *const trace = read_sample(files[2], "curl");
    assert_int_equal(trace->account.damage_offset, 220);
    tb_trace_free(trace);
}

/* sysdig 0.29.3 shows 30951 events for `proc.name=httpd and thread.cgroups contains docker/347b1411`, of which 250 are
 * switches and 3 ends of processes, which are no events of calls; and none with another container. */
static void a_cgroup_selects_the_processes_of_a_container(void **state)
{
    (void)state;
    skip_without_samples();
    static const char file[] = "sfcollector-mpm_worker_full_capture.scap";
    const struct tb_process_selector any = {.name = "httpd", .pid = -1};
    const struct tb_process_selector inside = {.name = "httpd", .pid = -1, .cgroup = "docker/347b1411"};
    const struct tb_process_selector elsewhere = {.name = "httpd", .pid = -1, .cgroup = "docker/347b1412"};
    struct tb_trace *const all = read_selected(file, &any);
    struct tb_trace *const container = read_selected(file, &inside);
    struct tb_trace *const other = read_selected(file, &elsewhere);
    assert_int_equal(container->sequences[0].events, 30951 - 250 - 3);
    assert_int_equal(container->sequences[0].context_switches, 250);
    assert_int_equal(container->sequences[0].calls, all->sequences[0].calls);
    assert_int_equal(container->sequences[0].events, all->sequences[0].events);
    assert_int_equal(other->sequences[0].events, 0);
    tb_trace_free(all);
    tb_trace_free(container);
    tb_trace_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_hold_their_reference_counts),
        cmocka_unit_test(the_same_calls_come_out_of_three_files),
        cmocka_unit_test(a_cgroup_selects_the_processes_of_a_container),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
