/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alternatives, missing files, shared files and pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_tree.h"

/* "pair kind role point path[ missing][ = earlier]" a line for a run. */
static void list_artifacts(const struct made_tree *tree, const struct tb_campaign *campaign, size_t run, char *out,
                           size_t size)
{
    const struct tb_run *of = &campaign->runs[run];
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = of->first_artifact; i < of->first_artifact + of->artifact_count && used < size; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        char same[32] = "";
        assert_int_equal(artifact->run, run);
        assert_true(strncmp(artifact->path, tree->path, strlen(tree->path)) == 0);
        if (artifact->same_as != TB_NO_INDEX)
            snprintf(same, sizeof same, " = %zu", artifact->same_as);
        used += (size_t)snprintf(out + used, size - used, "%zu %s %s %s %s%s%s\n", artifact->pair,
                                 tb_artifact_kind_name(artifact->kind), tb_role_name(artifact->role),
                                 tb_point_name(artifact->point), artifact->path + strlen(tree->path) + 1,
                                 artifact->exists ? "" : " missing", same);
        assert_int_equal(artifact->size, artifact->exists && artifact->kind != TB_ARTIFACT_COUNTERS ? 3 : 0);
    }
}

static void expect_artifacts(const char *const *entries, const char *manifest, size_t run, size_t pairs,
                             const char *expected)
{
    struct made_tree tree;
    char got[4096];
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, manifest, NULL);
    list_artifacts(&tree, campaign, run, got, sizeof got);
    assert_string_equal(got, expected);
    assert_int_equal(campaign->runs[run].pair_count, pairs);
    assert_int_equal(tb_campaign_pairs(campaign), pairs);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_first_alternative_that_exists(void **state)
{
    (void)state;
    static const char *const entries[] = {
        "a/1/ab.txt",         "a/1/ab.tsv",        "a/1/link.pcap.gz",         "a/1/client.scap", "a/1/owamp/x/2.sum",
        "a/1/owamp/x/10.sum", "a/1/owamp/a/1.sum", "a/1/counters/before.stat", "a/1/result.csv",  NULL};
    expect_artifacts(entries,
                     "campaign: x\nruns: \"{testbed}/{rep}\"\n"
                     "artifacts:\n"
                     "  counters: counters\n"
                     "  trace: {server: [server.scap, client.scap], client: client.scap}\n"
                     "  capture: {link: [link.pcap, link.pcap.gz], client: [c.pcap, d.pcap]}\n"
                     "  ab: {tsv: ab.tsv, csv: ab.csv, text: ab.txt}\n"
                     "  latency: [owping.txt, owamp/*/*.sum]\n"
                     "work: {file: [result.json, result.csv], value: n}\n"
                     "process: {client: ab, server: httpd}\n",
                     0, 1,
                     "0 ab none none a/1/ab.txt\n"
                     "0 ab csv none none a/1/ab.csv missing\n"
                     "0 ab tsv none none a/1/ab.tsv\n"
                     "0 latency none none a/1/owamp/a/1.sum\n"
                     "0 latency none none a/1/owamp/x/2.sum\n"
                     "0 latency none none a/1/owamp/x/10.sum\n"
                     "0 capture none client a/1/c.pcap missing\n"
                     "0 capture none link a/1/link.pcap.gz\n"
                     "0 trace client none a/1/client.scap\n"
                     "0 trace server none a/1/client.scap = 8\n"
                     "0 counters host none a/1/counters\n"
                     "0 work none none a/1/result.csv\n");
}

/* Which log belongs to which artifact; TB_NO_INDEX: none. */
static void expect_logs(const char *const *entries, const char *manifest, const size_t *logs)
{
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, manifest, NULL);
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].kind == TB_ARTIFACT_CAPTURE)
            assert_int_equal(tb_campaign_capture_log(campaign, i), logs[i]);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

#define LOGS_BY_POINT                                                                                                  \
    "campaign: x\nruns: \"{testbed}/{rep}\"\n"                                                                         \
    "artifacts: {capture: {client: c.pcap, server: s.pcap}, capture_log: {server: s.log, client: [c.txt, c.log]}}\n"
#define ONE_LOG                                                                                                        \
    "campaign: x\nruns: \"{testbed}/{rep}\"\n"                                                                         \
    "artifacts: {ab: \"ab-{pair}.txt\", capture: {link: link.pcap}, capture_log: tcpdump.log}\n"

static void test_logs_of_captures(void **state)
{
    (void)state;
    static const char *const by_point[] = {"a/1/c.pcap", "a/1/s.pcap", "a/1/c.log", NULL};
    expect_artifacts(by_point, LOGS_BY_POINT, 0, 1,
                     "0 capture none client a/1/c.pcap\n"
                     "0 capture none server a/1/s.pcap\n"
                     "0 capture log none client a/1/c.log\n"
                     "0 capture log none server a/1/s.log missing\n");
    expect_logs(by_point, LOGS_BY_POINT, (const size_t[]){2, 3});
    static const char *const one[] = {"a/1/ab-1.txt", "a/1/ab-2.txt", "a/1/link.pcap", "a/1/tcpdump.log", NULL};
    expect_artifacts(one, ONE_LOG, 0, 2,
                     "0 ab none none a/1/ab-1.txt\n"
                     "0 capture none link a/1/link.pcap\n"
                     "0 capture log none none a/1/tcpdump.log\n"
                     "1 ab none none a/1/ab-2.txt\n"
                     "1 capture none link a/1/link.pcap = 1\n"
                     "1 capture log none none a/1/tcpdump.log = 2\n");
    expect_logs(one, ONE_LOG, (const size_t[]){0, 2, 0, 0, 5});
    expect_logs(by_point, "campaign: x\nruns: \"{testbed}/{rep}\"\nartifacts: {capture: {client: c.pcap}}\n",
                (const size_t[]){TB_NO_INDEX});
}

static void test_pairs_in_the_run_pattern(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/que10/ab.txt", "a/1/que9/ab.txt", "a/1/que9/t.scap",
                                          "a/1/all.scap",     "a/1/stat/x",      NULL};
    expect_artifacts(entries,
                     "campaign: x\nruns: \"{testbed}/{rep}/que{pair}\"\n"
                     "artifacts: {ab: ab.txt, trace: {client: t.scap, server: ../all.scap}, counters: ../stat}\n"
                     "process: [{client: ab, server: {name: a, pid: 1}}, {client: ab, server: {name: a, pid: 2}}]\n",
                     0, 2,
                     "0 ab none none a/1/que9/ab.txt\n"
                     "0 trace client none a/1/que9/t.scap\n"
                     "0 trace server none a/1/all.scap\n"
                     "0 counters host none a/1/stat\n"
                     "1 ab none none a/1/que10/ab.txt\n"
                     "1 trace client none a/1/que10/t.scap missing\n"
                     "1 trace server none a/1/all.scap = 2\n"
                     "1 counters host none a/1/stat = 3\n");
}

static void test_pairs_in_artifact_paths(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab-2.txt",  "a/1/ab-10.txt",  "a/1/client-2.scap", "a/1/server.scap",
                                          "a/1/link.pcap", "a/1/counters/x", "a/1/owping.txt",    NULL};
    expect_artifacts(entries,
                     "campaign: x\nruns: \"{testbed}/{rep}\"\n"
                     "artifacts:\n"
                     "  ab: \"ab-{pair}.txt\"\n"
                     "  trace: {client: \"client-{pair}.scap\", server: server.scap}\n"
                     "  capture: {link: link.pcap}\n"
                     "  counters: counters\n"
                     "  latency: owping.txt\n"
                     "process: [{server: a}, {server: b}]\n",
                     0, 2,
                     "0 ab none none a/1/ab-2.txt\n"
                     "0 latency none none a/1/owping.txt\n"
                     "0 capture none link a/1/link.pcap\n"
                     "0 trace client none a/1/client-2.scap\n"
                     "0 trace server none a/1/server.scap\n"
                     "0 counters host none a/1/counters\n"
                     "1 ab none none a/1/ab-10.txt\n"
                     "1 capture none link a/1/link.pcap = 2\n"
                     "1 trace client none a/1/client-10.scap missing\n"
                     "1 trace server none a/1/server.scap = 4\n");
}

static void test_pair_beside_other_fields(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/rep1-p1/ab.txt", "a/rep1-p2/ab.txt", "a/rep2-p1/ab.txt", NULL};
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign =
        load_good(&tree, "campaign: x\nruns: \"{testbed}/rep{rep}-p{pair}\"\nartifacts: {ab: ab.txt}\n", NULL);
    assert_int_equal(campaign->run_count, 2);
    assert_string_equal(campaign->runs[0].name, "a/rep1-p*");
    assert_int_equal(campaign->runs[0].pair_count, 2);
    assert_int_equal(campaign->runs[1].pair_count, 1);
    assert_int_equal(tb_campaign_artifact(campaign, 0, 1, TB_ARTIFACT_AB, TB_ROLE_NONE), 1);
    assert_int_equal(tb_campaign_artifact(campaign, 1, 1, TB_ARTIFACT_AB, TB_ROLE_NONE), TB_NO_INDEX);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_fields_and_overrides_in_artifact_paths(void **state)
{
    (void)state;
    static const char *const entries[] = {"runs/a/1/", "traces/a-1.scap", "other/", "other/my.txt", NULL};
    static const char manifest[] = "campaign: x\nbaseline: a\n"
                                   "runs:\n"
                                   "  - \"runs/{testbed}/{rep}\"\n"
                                   "  - {path: other, testbed: b, artifacts: {ab: {text: my.txt}}}\n"
                                   "artifacts:\n"
                                   "  ab: {text: ab.txt, csv: ab.csv}\n"
                                   "  trace: {client: \"../../../traces/{testbed}-{rep}.scap\"}\n";
    expect_artifacts(entries, manifest, 0, 1,
                     "0 ab none none runs/a/1/ab.txt missing\n"
                     "0 ab csv none none runs/a/1/ab.csv missing\n"
                     "0 trace client none traces/a-1.scap\n");
}

/* One file that several runs name is decoded for each of them: a run's results never depend on another run. */
static void test_one_file_for_two_runs(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/2/ab.txt", "all.scap", NULL};
    static const char manifest[] = "campaign: x\nruns: \"{testbed}/{rep}\"\n"
                                   "artifacts:\n"
                                   "  trace: {client: ../../all.scap, server: ../../all.scap}\n";
    expect_artifacts(entries, manifest, 0, 1, "0 trace client none all.scap\n0 trace server none all.scap = 0\n");
    expect_artifacts(entries, manifest, 1, 1, "0 trace client none all.scap\n0 trace server none all.scap = 2\n");
}

static void test_two_files_for_one_artifact(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/here.pcap", "a/1/there.pcap", NULL};
    struct made_tree tree;
    struct tb_campaign *campaign;
    struct tb_error error;
    make_tree(&tree, entries);
    assert_int_equal(load_tree(&tree,
                               "campaign: x\nruns: \"{testbed}/{rep}\"\nartifacts: {capture: {link: \"*.pcap\"}}\n",
                               NULL, &campaign, &error),
                     TB_USAGE);
    without_path(&tree, error.text);
    assert_string_equal(error.text, "campaign.yaml:3:29: artifacts: capture: 'a/1/here.pcap' and 'a/1/there.pcap' both "
                                    "match in one run; expected one file");
    remove_tree(&tree);
}

/* A capture that its program went on with in other files. */
static void test_several_files_for_one_capture(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/x.pcap", "a/1/x.pcap1", "a/1/x.pcap10", "a/1/x.pcap2.gz", NULL};
    struct made_tree tree;
    struct tb_campaign *campaign;
    struct tb_error error;
    make_tree(&tree, entries);
    assert_int_equal(load_tree(&tree,
                               "campaign: x\nruns: \"{testbed}/{rep}\"\nartifacts: {capture: {link: \"x.pcap*\"}}\n",
                               NULL, &campaign, &error),
                     TB_OK);
    assert_int_equal(campaign->artifact_count, 1);
    assert_int_equal(campaign->artifacts[0].further_count, 3);
    assert_non_null(strstr(campaign->artifacts[0].further[1].path, "/x.pcap2.gz"));
    assert_non_null(strstr(campaign->artifacts[0].further[2].path, "/x.pcap10"));
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_alternative_that_exists),
        cmocka_unit_test(test_logs_of_captures),
        cmocka_unit_test(test_pairs_in_the_run_pattern),
        cmocka_unit_test(test_pairs_in_artifact_paths),
        cmocka_unit_test(test_pair_beside_other_fields),
        cmocka_unit_test(test_fields_and_overrides_in_artifact_paths),
        cmocka_unit_test(test_one_file_for_two_runs),
        cmocka_unit_test(test_two_files_for_one_artifact),
        cmocka_unit_test(test_several_files_for_one_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
