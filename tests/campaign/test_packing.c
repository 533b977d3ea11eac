/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_tree.h"

static const char *const entries[] = {"a/cold/1/t.scap", "a/warm/1/t.scap", "b/cold/1/ab.txt", NULL};

static const char manifest[] = "campaign: x\nbaseline: a\nruns: \"{testbed}/{cache}/{rep}\"\n"
                               "artifacts: {trace: {client: t.scap, server: t.scap}, ab: ab.txt}\n"
                               "process: {client: ab, server: {name: b, pid: 3}}\n"
                               "discard: [{run: a/warm/1, reason: no}]\n"
                               "closeness: {metrics: {m: 1}}\nreplication: 4\nfamily: [m, n]\nchain: {order: [2, 1], "
                               "states: call+outcome+descriptor, of: thread_groups}\n"
                               "walks: {profile: 9}\nskip: 5\nserver_port: 65535\n";

static struct tb_campaign *load(void)
{
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, manifest, NULL);
    remove_tree(&tree);
    return campaign;
}

static void test_round_trip(void **state)
{
    (void)state;
    struct tb_campaign *campaign = load();
    struct tb_campaign *copy = NULL;
    struct tb_buffer first = {0};
    struct tb_buffer second = {0};
    tb_campaign_pack(campaign, &first);
    tb_buffer_put_u8(&first, 7);
    struct tb_bytes bytes = tb_bytes_packed(first.data, first.size);
    assert_true(tb_campaign_unpack(&copy, &bytes));
    assert_int_equal(bytes.left, 1);
    tb_campaign_pack(copy, &second);
    assert_int_equal(second.size, first.size - 1);
    assert_memory_equal(second.data, first.data, second.size);
    /* Packing is one description for both ways; these are what a field missing from it would lose. */
    assert_string_equal(copy->manifest_path, campaign->manifest_path);
    assert_string_equal(copy->runs[2].discard_reason, campaign->runs[2].discard_reason);
    assert_int_equal(copy->run_count, 3);
    assert_string_equal(copy->runs[2].discard_reason, "no");
    assert_int_equal(copy->artifacts[2].same_as, 1);
    assert_int_equal(copy->artifacts[1].modified_ns, campaign->artifacts[1].modified_ns);
    assert_int_equal(copy->settings.server_port, 65535);
    assert_int_equal(copy->settings.order_count, 2);
    assert_int_equal(copy->settings.states, TB_STATES_BOTH);
    assert_int_equal(copy->settings.chains_of, TB_CHAINS_OF_THREAD_GROUPS);
    assert_int_equal(copy->settings.profile, 9);
    assert_int_equal(copy->settings.windows[1].skip, 5);
    assert_true(copy->settings.thresholds[0].threshold == 1);
    assert_int_equal(copy->settings.replication, 4);
    assert_int_equal(copy->settings.family, TB_FAMILY_LISTED);
    assert_string_equal(copy->settings.family_metrics[1], "n");
    assert_int_equal(tb_campaign_process(copy, 0, TB_ROLE_SERVER)->pid, 3);
    assert_true(campaign->findings.count > 0);
    assert_int_equal(copy->findings.count, campaign->findings.count);
    assert_string_equal(copy->findings.items[0].sentence, campaign->findings.items[0].sentence);
    assert_string_equal(copy->findings.items[0].example, campaign->findings.items[0].example);
    assert_memory_equal(copy->findings.total, campaign->findings.total, sizeof copy->findings.total);
    tb_campaign_free(copy);
    tb_campaign_free(campaign);
    tb_buffer_free(&first);
    tb_buffer_free(&second);
}

static void test_every_shorter_text_is_refused(void **state)
{
    (void)state;
    struct tb_campaign *campaign = load();
    struct tb_buffer buffer = {0};
    tb_campaign_pack(campaign, &buffer);
    for (size_t size = 0; size < buffer.size; size++) {
        struct tb_campaign *copy = NULL;
        struct tb_bytes bytes = tb_bytes_packed(buffer.data, size);
        assert_false(tb_campaign_unpack(&copy, &bytes));
        assert_null(copy);
        assert_int_equal(bytes.left, size);
    }
    tb_buffer_free(&buffer);
    tb_campaign_free(campaign);
}

/* What is accepted must be safe to walk through and to free. */
static void walk_through(const struct tb_campaign *campaign)
{
    size_t sum = 0;
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct tb_run *run = &campaign->runs[i];
        sum += strlen(campaign->testbeds[run->testbed]) + strlen(campaign->scenarios[run->scenario].name);
        for (size_t j = 0; j < run->artifact_count; j++)
            sum += strlen(campaign->artifacts[run->first_artifact + j].path);
    }
    assert_true(sum < SIZE_MAX);
    assert_non_null(tb_campaign_process(campaign, 0, TB_ROLE_CLIENT)->name);
}

static void test_hostile_bytes_are_safe(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct tb_campaign *campaign = load();
    struct tb_buffer buffer = {0};
    tb_campaign_pack(campaign, &buffer);
    for (size_t i = 0; i < buffer.size; i++) {
        const uint8_t kept = buffer.data[i];
        for (size_t j = 0; j < sizeof values; j++) {
            struct tb_campaign *copy = NULL;
            struct tb_bytes bytes = tb_bytes_packed(buffer.data, buffer.size);
            buffer.data[i] = values[j];
            if (tb_campaign_unpack(&copy, &bytes))
                walk_through(copy);
            tb_campaign_free(copy);
        }
        buffer.data[i] = kept;
    }
    tb_buffer_free(&buffer);
    tb_campaign_free(campaign);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_shorter_text_is_refused),
        cmocka_unit_test(test_hostile_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
