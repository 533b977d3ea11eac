/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Testbeds, factors, scenarios, cells, runs; --only and discard. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_tree.h"

static const char *const entries[] = {"virtio/1MB-c10/rep-1/",
                                      "virtio/1MB-c10/rep-2/",
                                      "virtio/1MB-c10/rep-10/",
                                      "virtio/500B-c2/rep-1/",
                                      "e1000/1MB-c10/rep-1/",
                                      "e1000/500B-c2/rep-1/",
                                      "e1000/500B-c10/rep-1/",
                                      "e1000/500B-c2-bare/rep-1/",
                                      "veth/1MB-c10/rep-1/",
                                      "veth/500B-c2/rep-1/",
                                      "e1000/README",
                                      "e1000/.hidden-c1/rep-1/",
                                      "e1000/500B-c2/rep-3.tar",
                                      "e1000/16MiB-c2/notes/",
                                      NULL};

#define MANIFEST                                                                                                       \
    "campaign: drivers\n"                                                                                              \
    "baseline: veth\n"                                                                                                 \
    "runs:\n"                                                                                                          \
    "  - {path: \"{testbed}/{size}-c{clients}/rep-{rep}\", instrumented: true}\n"                                      \
    "  - {path: \"{testbed}/{size}-c{clients}-bare/rep-{rep}\", instrumented: false}\n"                                \
    "factors:\n"                                                                                                       \
    "  size: {type: bytes}\n"                                                                                          \
    "  clients: {type: number, unit: clients}\n"                                                                       \
    "  instrumented: {type: boolean}\n"                                                                                \
    "  link: {type: rate}\n"                                                                                           \
    "constants: {link: 1 Gbit/s}\n"

/* All runs in order, "scenario | testbed | repetition" a line. */
static void list_runs(const struct tb_campaign *campaign, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < campaign->run_count && used < size; i++) {
        const struct tb_run *run = &campaign->runs[i];
        used += (size_t)snprintf(out + used, size - used, "%s | %s | %s\n", campaign->scenarios[run->scenario].name,
                                 campaign->testbeds[run->testbed], run->repetition);
    }
}

static void test_everything_is_ordered_by_meaning(void **state)
{
    (void)state;
    struct made_tree tree;
    char runs[2048];
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, MANIFEST, NULL);
    assert_string_equal(campaign->name, "drivers");
    assert_string_equal(campaign->root, tree.path);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(runs, "size=500B, clients=2, instrumented=false | e1000 | 1\n"
                              "size=500B, clients=2, instrumented=true | veth | 1\n"
                              "size=500B, clients=2, instrumented=true | e1000 | 1\n"
                              "size=500B, clients=2, instrumented=true | virtio | 1\n"
                              "size=500B, clients=10, instrumented=true | e1000 | 1\n"
                              "size=1MB, clients=10, instrumented=true | veth | 1\n"
                              "size=1MB, clients=10, instrumented=true | e1000 | 1\n"
                              "size=1MB, clients=10, instrumented=true | virtio | 1\n"
                              "size=1MB, clients=10, instrumented=true | virtio | 2\n"
                              "size=1MB, clients=10, instrumented=true | virtio | 10\n");
    assert_int_equal(campaign->testbed_count, 3);
    assert_string_equal(campaign->testbeds[0], "veth");
    assert_string_equal(campaign->testbeds[1], "e1000");
    assert_string_equal(campaign->runs[0].path, "e1000/500B-c2-bare/rep-1");
    assert_string_equal(campaign->runs[0].name, "e1000/500B-c2-bare/rep-1");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_factors_know_type_unit_and_numbers(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, MANIFEST, NULL);
    assert_int_equal(campaign->factor_count, 4);
    const struct tb_factor *factors = campaign->factors;
    static const struct {
        const char *name;
        const char *unit;
        enum tb_factor_type type;
        size_t level_count;
        const char *first;
        double number;
    } expected[] = {{"size", "bytes", TB_FACTOR_BYTES, 2, "500B", 500},
                    {"clients", "clients", TB_FACTOR_NUMBER, 2, "2", 2},
                    {"instrumented", "", TB_FACTOR_BOOLEAN, 2, "false", 0},
                    {"link", "bit/s", TB_FACTOR_RATE, 1, "1 Gbit/s", 1e9}};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(factors[i].name, expected[i].name);
        assert_string_equal(factors[i].unit, expected[i].unit);
        assert_int_equal(factors[i].type, expected[i].type);
        assert_int_equal(factors[i].level_count, expected[i].level_count);
        assert_string_equal(factors[i].levels[0].text, expected[i].first);
        assert_true(factors[i].levels[0].number == expected[i].number);
        assert_int_equal(factors[i].reference, 0);
    }
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_cells_are_found(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, MANIFEST, NULL);
    assert_int_equal(campaign->scenario_count, 4);
    assert_int_equal(campaign->cell_count, 8);
    size_t runs = 0;
    for (size_t i = 0; i < campaign->cell_count; i++) {
        const struct tb_cell *cell = &campaign->cells[i];
        assert_int_equal(tb_campaign_cell(campaign, cell->testbed, cell->scenario), i);
        assert_int_equal(cell->first_run, runs);
        for (size_t j = 0; j < cell->run_count; j++)
            assert_int_equal(campaign->runs[runs + j].cell, i);
        runs += cell->run_count;
    }
    assert_int_equal(runs, campaign->run_count);
    assert_int_equal(tb_campaign_cell(campaign, 0, 0), TB_NO_INDEX);
    assert_int_equal(tb_campaign_cell(campaign, 2, 2), TB_NO_INDEX);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_only(void **state)
{
    (void)state;
    static const struct {
        const char *terms[3];
        size_t runs; /* 0: error */
        const char *sentence;
    } selections[] = {
        {{"testbed=veth"}, 2, NULL},
        {{"testbed=e1000"}, 4, NULL},
        {{"testbed=veth,virtio"}, 6, NULL},
        {{"testbed=veth,virtio,size=1MB"}, 4, NULL},
        {{"testbed=veth,virtio", "size=1000KB"}, 4, NULL},
        {{"rep=10"}, 1, NULL},
        {{"instrumented=no"}, 1, NULL},
        {{"clients=2,10"}, 10, NULL},
        {{"link=1Gbps"}, 10, NULL},
        {{"colour=red"},
         0,
         "--only: there is no field 'colour'; expected one of testbed, rep, size, clients, "
         "instrumented, link"},
        {{"pair=1"},
         0,
         "--only: there is no field 'pair'; expected one of testbed, rep, size, clients, instrumented, "
         "link"},
        {{"veth"}, 0, "--only: expected FIELD=VALUE[,VALUE...], found 'veth'"},
        {{"testbed="}, 0, "--only: no run has testbed=; expected a level such as e1000"},
        {{"testbed=veth,vmware"}, 0, "--only: no run has testbed=vmware; expected a level such as e1000"},
        {{"rep=10,testbed=veth"},
         0,
         "campaign.yaml: --only selects no run; each field has runs, but none has all of them"},
    };
    struct made_tree tree;
    make_tree(&tree, entries);
    for (size_t i = 0; i < sizeof selections / sizeof selections[0]; i++) {
        struct tb_campaign *campaign = NULL;
        struct tb_error error = {.text = "(it loaded)"};
        const enum tb_status status = load_tree(&tree, MANIFEST, selections[i].terms, &campaign, &error);
        without_path(&tree, error.text);
        if (selections[i].runs == 0) {
            assert_int_equal(status, TB_USAGE);
            assert_string_equal(error.text, selections[i].sentence);
            continue;
        }
        assert_int_equal(status, TB_OK);
        assert_int_equal(campaign->run_count, selections[i].runs);
        assert_string_equal(campaign->testbeds[0], "veth");
        tb_campaign_free(campaign);
    }
    remove_tree(&tree);
}

static void test_discarded_runs_stay_and_say_why(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign =
        load_good(&tree, MANIFEST "discard: [stalled, {run: virtio/1MB-c10/rep-2, reason: adapter reset}]\n", NULL);
    assert_true(campaign->settings.discard_stalled);
    size_t discarded = 0;
    for (size_t i = 0; i < campaign->run_count; i++) {
        const struct tb_run *run = &campaign->runs[i];
        discarded += run->discarded ? 1 : 0;
        assert_string_equal(run->discard_reason, strcmp(run->path, "virtio/1MB-c10/rep-2") == 0 ? "adapter reset" : "");
    }
    assert_int_equal(discarded, 1);
    assert_int_equal(campaign->run_count, 10);
    tb_campaign_free(campaign);
    /* A run that is not selected may still be discarded. */
    const char *const only[] = {"testbed=veth", NULL};
    campaign = load_good(&tree, MANIFEST "discard: [{run: virtio/1MB-c10/rep-2, reason: adapter reset}]\n", only);
    assert_int_equal(campaign->run_count, 2);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_levels_with_numbers_of_their_own(void **state)
{
    (void)state;
    static const char *const tree_entries[] = {"a/warm/1/", "a/cold/1/", "a/hot/1/", "b/cold/1/", NULL};
    struct made_tree tree;
    make_tree(&tree, tree_entries);
    struct tb_campaign *campaign =
        load_good(&tree,
                  "campaign: x\nbaseline: b\nruns: \"{testbed}/{cache}/{rep}\"\n"
                  "factors: {cache: {levels: {warm: 2, cold: 0, hot: 3, boiling: 9}, reference: warm}}\n",
                  NULL);
    const struct tb_factor *cache = &campaign->factors[0];
    assert_int_equal(cache->level_count, 3);
    assert_string_equal(cache->levels[0].text, "cold");
    assert_string_equal(cache->levels[1].text, "warm");
    assert_string_equal(cache->levels[2].text, "hot");
    assert_true(cache->levels[2].number == 3);
    assert_int_equal(cache->reference, 1);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_texts_for_one_number_are_one_level(void **state)
{
    (void)state;
    static const char *const tree_entries[] = {"a/1MB/", "b/1000KB/", "c/500B/", NULL};
    struct made_tree tree;
    make_tree(&tree, tree_entries);
    struct tb_campaign *campaign = load_good(
        &tree, "campaign: x\nbaseline: a\nruns: \"{testbed}/{size}\"\nfactors: {size: {type: bytes}}\n", NULL);
    assert_int_equal(campaign->factors[0].level_count, 2);
    assert_int_equal(campaign->scenario_count, 2);
    tb_campaign_free(campaign);
    /* Undeclared, they are texts without numbers. */
    campaign = load_good(&tree, "campaign: x\nbaseline: a\nruns: \"{testbed}/{size}\"\n", NULL);
    assert_int_equal(campaign->factors[0].level_count, 3);
    assert_int_equal(campaign->factors[0].type, TB_FACTOR_TEXT);
    assert_string_equal(campaign->factors[0].levels[0].text, "1MB");
    assert_true(isnan(campaign->factors[0].levels[0].number));
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_explicit_runs_and_missing_levels(void **state)
{
    (void)state;
    static const char *const tree_entries[] = {"one/", "two/", "three/{x}/", NULL};
    struct made_tree tree;
    make_tree(&tree, tree_entries);
    struct tb_campaign *campaign = load_good(&tree,
                                             "campaign: x\nruns:\n"
                                             "  - {testbed: a, clients: 10, rep: 1, path: one}\n"
                                             "  - {testbed: a, clients: 9, rep: first, path: two/}\n"
                                             "  - {testbed: a, path: \"three/{{x}}\"}\n",
                                             NULL);
    char runs[512];
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(runs, "clients=9 | a | first\nclients=10 | a | 1\nall runs | a | 1\n");
    assert_string_equal(campaign->runs[2].path, "three/{x}");
    assert_int_equal(campaign->scenarios[2].levels[0], TB_NO_INDEX);
    assert_int_equal(campaign->factors[0].type, TB_FACTOR_NUMBER);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_constant_testbed_and_no_factors(void **state)
{
    (void)state;
    static const char *const tree_entries[] = {"r1/", "r2/", NULL};
    struct made_tree tree;
    make_tree(&tree, tree_entries);
    struct tb_campaign *campaign =
        load_good(&tree, "campaign: x\nconstants: {testbed: lab, gap: 3}\nruns: \"r{rep}\"\n", NULL);
    assert_int_equal(campaign->testbed_count, 1);
    assert_string_equal(campaign->testbeds[0], "lab");
    assert_int_equal(campaign->run_count, 2);
    assert_string_equal(campaign->scenarios[0].name, "all runs");
    assert_true(campaign->factors[0].levels[0].number == 3);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

/* Many runs in one directory: their files' names say which is which. */
static void test_runs_may_be_files(void **state)
{
    (void)state;
    static const char *const files[] = {"ab-veth-1.txt",    "ab-veth-2.txt",  "ab-e1000-1.txt", "link-veth-1.pcap",
                                        "link-veth-2.pcap", "old/ab-x-1.txt", "notes.txt",      NULL};
    struct made_tree tree;
    char runs[1024];
    make_tree(&tree, files);
    struct tb_campaign *campaign =
        load_good(&tree,
                  "campaign: flat\nbaseline: veth\nruns: \"ab-{testbed}-{rep}.txt\"\n"
                  "artifacts: {ab: \"ab-{testbed}-{rep}.txt\", capture: {link: \"link-{testbed}-{rep}.pcap\"}}\n"
                  "discard: [{run: ab-veth-2.txt, reason: trial}]\n",
                  NULL);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(runs, "all runs | veth | 1\nall runs | veth | 2\nall runs | e1000 | 1\n");
    assert_string_equal(campaign->runs[1].name, "ab-veth-2.txt");
    assert_true(campaign->runs[1].discarded);
    size_t found = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        found += campaign->artifacts[i].exists;
    assert_int_equal(found, 5);
    const size_t first = tb_campaign_artifact(campaign, 0, 0, TB_ARTIFACT_CAPTURE, TB_ROLE_NONE);
    assert_string_equal(strrchr(campaign->artifacts[first].path, '/'), "/link-veth-1.pcap");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_ordered_by_meaning),
        cmocka_unit_test(test_factors_know_type_unit_and_numbers),
        cmocka_unit_test(test_cells_are_found),
        cmocka_unit_test(test_only),
        cmocka_unit_test(test_discarded_runs_stay_and_say_why),
        cmocka_unit_test(test_levels_with_numbers_of_their_own),
        cmocka_unit_test(test_texts_for_one_number_are_one_level),
        cmocka_unit_test(test_explicit_runs_and_missing_levels),
        cmocka_unit_test(test_constant_testbed_and_no_factors),
        cmocka_unit_test(test_runs_may_be_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
