/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a campaign asks for and does not get, what cannot be compared, and what lies beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "made_tree.h"
#include "twinbed/campaign/presence.h"

/* "! 3 sentence [example]" a line; the mark stands before those that count. */
static void list_findings(const struct made_tree *tree, const struct tb_findings *findings, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < findings->count && used < size; i++) {
        const struct tb_finding *finding = &findings->items[i];
        used += (size_t)snprintf(out + used, size - used, "%s%llu %s [%s]\n",
                                 tb_finding_kind_counts(finding->kind) ? "! " : "", (unsigned long long)finding->count,
                                 finding->sentence, finding->example);
    }
    without_path(tree, out);
}

/* Loads the tree with the manifest and terms of --only, which may be NULL. */
static void expect_findings_of(const char *const *entries, const char *manifest, const char *const *terms,
                               const char *expected)
{
    struct made_tree tree;
    char got[8192];
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, manifest, terms);
    list_findings(&tree, &campaign->findings, got, sizeof got);
    assert_string_equal(got, expected);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void expect_findings(const char *const *entries, const char *manifest, const char *expected)
{
    expect_findings_of(entries, manifest, NULL, expected);
}

static void test_nothing_to_say(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/2/ab.txt", "b/1/ab.txt", "b/2/ab.txt", NULL};
    expect_findings(entries, "campaign: x\nbaseline: a\nruns: \"{testbed}/{rep}\"\nartifacts: {ab: ab.txt}\n", "");
}

static void test_artifact_in_no_run(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/2/ab.txt", "a/2/owamp/x.txt", NULL};
    static const char manifest[] = "campaign: x\nruns: \"{testbed}/{rep}\"\n"
                                   "artifacts: {ab: ab.txt, capture: {link: link.pcap}, "
                                   "latency: [owping.txt, owamp/*.sum]}\n";
    expect_findings(entries, manifest,
                    "! 2 latency: found in no run (patterns 'owping.txt', 'owamp/*.sum') [a/1/owping.txt]\n"
                    "! 2 capture link: found in no run (pattern 'link.pcap') [a/1/link.pcap]\n"
                    "1 1 file 'x.txt' in runs' directories that nothing asks for [a/2/owamp/x.txt]\n");
    /* The runs that are not selected may have it. */
    expect_findings_of(entries, manifest, (const char *const[]){"rep=1", NULL},
                       "1 latency: found in no selected run (patterns 'owping.txt', 'owamp/*.sum') [a/1/owping.txt]\n"
                       "1 capture link: found in no selected run (pattern 'link.pcap') [a/1/link.pcap]\n");
}

static void test_artifact_in_some_runs(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/2/",       "a/3/ab.txt", "a/4/",
                                          "a/5/",       "b/1/ab.txt", "b/2/ab.txt", NULL};
    expect_findings(entries,
                    "campaign: x\nbaseline: a\nruns: \"{testbed}/{rep}\"\nartifacts: {ab: ab.txt}\n"
                    "discard: [{run: a/5, reason: no}]\n",
                    "! 2 ab: found in 4 of 6 runs; missing in: a/2, a/4 [a/2/ab.txt]\n");
}

static void test_many_names_are_cut_short(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/2/", "a/3/", "a/4/", "a/5/", "a/6/", "a/7/", "a/8/", NULL};
    expect_findings(entries, "campaign: x\nruns: \"{testbed}/{rep}\"\nartifacts: {ab: ab.txt}\n",
                    "! 7 ab: found in 1 of 8 runs; missing in: a/2, a/3, a/4, a/5, a/6 and 2 more [a/2/ab.txt]\n");
}

/* What a testbed or a scenario never has may be meant, but for the baseline. */
static void test_artifact_in_no_run_of_a_testbed_or_cell(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/x/1/ab.txt",
                                          "a/x/1/t.scap",
                                          "a/y/1/ab.txt",
                                          "b/x/1/ab.txt",
                                          "b/x/1/t.scap",
                                          "b/y/1/ab.txt",
                                          "c/x/1/ab.txt",
                                          "c/y/1/ab.txt",
                                          "b/x/1/link.gz",
                                          "b/y/1/link.gz",
                                          NULL};
    expect_findings(entries,
                    "campaign: x\nbaseline: a\nruns: \"{testbed}/{load}/{rep}\"\n"
                    "artifacts: {ab: ab.txt, trace: {client: t.scap}, capture: {link: link.gz}}\n"
                    "process: {client: ab}\n",
                    "! 2 capture link: found in no run of the baseline a, though other testbeds have it: what is "
                    "measured by it has no reference [b/x/1/link.gz]\n"
                    "2 capture link: found in no run of testbed c, though others have it [b/x/1/link.gz]\n"
                    "2 trace client: found in no run of testbed c, though others have it [a/x/1/t.scap]\n"
                    "2 trace client: found in no run of 2 of 6 cells: a (load=y), b (load=y) [a/x/1/t.scap]\n");
}

/* An item that says which artifacts its runs have asks for no others. */
static void test_runs_that_are_not_asked(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "b/1/ab.txt", "b/1/link.gz", NULL};
    expect_findings(entries,
                    "campaign: x\nbaseline: a\n"
                    "runs:\n  - {path: \"a/{rep}\", testbed: a, artifacts: {capture: {}}}\n"
                    "  - {path: \"b/{rep}\", testbed: b}\n"
                    "artifacts: {ab: ab.txt, capture: {link: link.gz}}\n",
                    "");
}

static void test_process_without_a_name(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/c.scap", "a/1/s.scap", "a/2/c.scap", "a/2/s.scap", NULL};
    expect_findings(entries,
                    "campaign: x\nruns: \"{testbed}/{rep}\"\nartifacts: {trace: {client: c.scap, server: s.scap}}\n"
                    "process: {client: ab}\n",
                    "! 2 trace server: process names no server, so that nothing is counted in 2 traces; expected "
                    "process: {server: NAME} [a/1/s.scap]\n");
}

static void test_files_of_other_repetitions(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/ab-1.txt", "a/ab-2.txt", "a/ab-3.txt", "b/ab-1.txt", "b/ab-2.txt", NULL};
    expect_findings(
        entries, "campaign: x\nbaseline: a\nruns: \"{testbed}\"\nartifacts: {ab: \"ab-{rep}.txt\"}\n",
        "! 3 3 files like 'ab-2.txt' left out: {rep} stands in the path of an artifact, but runs have none, "
        "so that each directory is one repetition; expected {rep} in runs [a/ab-2.txt]\n");
}

static void test_files_beside(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt",     "a/1/ab.txt.gz",
                                          "a/1/link.pcap",  "a/1/link2.pcap",
                                          "a/1/ethtool.1",  "a/1/ethtool.12",
                                          "a/1/.hidden",    "a/1/deep/x.pcap",
                                          "a/1/counters/x", "a/2/ab.txt.gz",
                                          "a/2/link2.pcap", "a/2/link.pcap",
                                          "a/2/counters/x", NULL};
    expect_findings(entries,
                    "campaign: x\nruns: \"{testbed}/{rep}\"\n"
                    "artifacts: {ab: [ab.txt, ab.txt.gz], capture: {link: link.pcap}, counters: counters}\n",
                    "1 1 file 'ab.txt.gz' not read: an earlier alternative of the artifact is there [a/1/ab.txt.gz]\n"
                    "2 2 files like 'link2.pcap' in runs' directories that nothing asks for [a/1/link2.pcap]\n"
                    "1 1 file 'x.pcap' in runs' directories that nothing asks for [a/1/deep/x.pcap]\n"
                    "2 2 files like 'ethtool.1' in runs' directories that nothing asks for [a/1/ethtool.1]\n");
}

static void test_directories_beside(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/size-1/ab.txt", "a/size-x/ab.txt", "a/notes/",
                                          "b/size_1/ab.txt", "x.h5.parts/part", "shared/all.scap",
                                          "shared/unused/x", ".git/x",          NULL};
    expect_findings(entries,
                    "campaign: x\nruns: \"{testbed}/size-{size}\"\nfactors: {size: {type: number}}\n"
                    "artifacts: {ab: ab.txt, trace: {client: ../../shared/all.scap}}\nprocess: {client: ab}\n",
                    "1 no run was found in directory 'b', though it lies beside some [b]\n"
                    "1 no run was found in directory 'a/notes', though it lies beside some [a/notes]\n"
                    "1 no run was found in directory 'a/size-x', though it lies beside some [a/size-x]\n");
}

/* A directory a pair: what lies beside the pairs belongs to the run. */
static void test_files_beside_pairs(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/que7/ab.txt", "a/1/que9/ab.txt", "a/1/que9/link.pcap",
                                          "a/1/run.out",     "a/1/logs/x.out",  NULL};
    expect_findings(entries, "campaign: x\nruns: \"{testbed}/{rep}/que{pair}\"\nartifacts: {ab: ab.txt}\n",
                    "1 1 file 'link.pcap' in runs' directories that nothing asks for [a/1/que9/link.pcap]\n"
                    "1 1 file 'run.out' in runs' directories that nothing asks for [a/1/run.out]\n"
                    "1 1 file 'x.out' in runs' directories that nothing asks for [a/1/logs/x.out]\n");
}

/* Runs that share a directory, each with artifacts of its own. */
static void test_files_of_runs_in_one_directory(void **state)
{
    (void)state;
    static const char *const entries[] = {"d/x/0.pcap", "d/x/1.pcap", "d/y/1.pcap", "d/y/2.pcap", NULL};
    expect_findings(entries,
                    "campaign: x\nruns:\n"
                    "  - {path: d, testbed: a, rep: 0, artifacts: {capture: {link: [x/0.pcap, y/0.pcap]}}}\n"
                    "  - {path: d, testbed: a, rep: 1, artifacts: {capture: {link: [x/1.pcap, y/1.pcap]}}}\n",
                    "1 1 file '1.pcap' not read: an earlier alternative of the artifact is there [d/y/1.pcap]\n"
                    "1 1 file '2.pcap' in runs' directories that nothing asks for [d/y/2.pcap]\n");
}

static void test_files_beside_runs_that_are_files(void **state)
{
    (void)state;
    static const char *const entries[] = {"ab-1.txt", "ab-2.txt", "notes.md", NULL};
    expect_findings(entries,
                    "campaign: x\nconstants: {testbed: a}\nruns: \"ab-{rep}.txt\"\n"
                    "artifacts: {ab: \"ab-{rep}.txt\"}\n",
                    "1 1 file 'notes.md' in runs' directories that nothing asks for [notes.md]\n");
}

static void test_names_that_cannot_be_printed(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/1/b\xff\n.x", "a/1/\xc3\xa4.y", NULL};
    expect_findings(entries, "campaign: x\nruns: \"{testbed}/{rep}\"\nartifacts: {ab: ab.txt}\n",
                    "1 1 file 'b??.x' in runs' directories that nothing asks for [a/1/b??.x]\n"
                    "1 1 file '\xc3\xa4.y' in runs' directories that nothing asks for [a/1/\xc3\xa4.y]\n");
}

/* However many there are, some are named and all are counted. */
static void test_findings_are_bounded(void **state)
{
    (void)state;
    static char names[100][16];
    const char *entries[102] = {"a/run-1/ab.txt"};
    struct made_tree tree;
    for (size_t i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "a/old-%zu/", i);
        entries[i + 1] = names[i];
    }
    make_tree(&tree, entries);
    struct tb_campaign *campaign =
        load_good(&tree, "campaign: x\nruns: \"{testbed}/run-{rep}\"\nartifacts: {ab: ab.txt}\n", NULL);
    assert_int_equal(campaign->findings.count, TB_FINDINGS_OF_A_KIND);
    assert_int_equal(campaign->findings.total[TB_FINDING_UNMATCHED_DIRECTORY], 100);
    assert_int_equal(tb_findings_that_count(&campaign->findings), 0);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static const char *const two_factors = "campaign: x\nbaseline: physical\nruns: \"{testbed}/{link}-{size}\"\n"
                                       "artifacts: {ab: ab.txt}\n";

static void test_testbed_that_never_meets_the_baseline(void **state)
{
    (void)state;
    static const char *const entries[] = {"physical/1g-a/ab.txt", "kvm/1000m-a/ab.txt", "kvm/none-a/ab.txt", NULL};
    static const char *const apart[] = {"physical/1-a/ab.txt", "physical/2-b/ab.txt", "kvm/1-b/ab.txt",
                                        "kvm/2-a/ab.txt", NULL};
    expect_findings(entries, two_factors,
                    "! 2 testbed kvm: no scenario in common with baseline physical: factor link has 1000m, none there "
                    "and 1g here []\n"
                    "3 factor link: no contrast over it, as no two cells of a testbed differ in it alone with one at "
                    "its reference 1g []\n");
    expect_findings(apart, two_factors,
                    "! 2 testbed kvm: no scenario in common with baseline physical: no single factor keeps them apart; "
                    "nearest are link=1, size=b there and link=1, size=a here []\n"
                    "2 factor link: no contrast over it, as no two cells of a testbed differ in it alone with one at "
                    "its reference 1 []\n"
                    "2 factor size: no contrast over it, as no two cells of a testbed differ in it alone with one at "
                    "its reference a []\n");
    /* Nobody selected the baseline, so nobody misses it. */
    expect_findings_of(apart, two_factors, (const char *const[]){"testbed=kvm", "link=1", NULL}, "");
}

static void test_scenarios_without_a_counterpart(void **state)
{
    (void)state;
    static const char *const entries[] = {"physical/1-a/ab.txt", "physical/1-b/ab.txt", "kvm/1-a/ab.txt",
                                          "kvm/2-a/ab.txt", NULL};
    expect_findings(entries, two_factors,
                    "1 testbed kvm: 1 of 2 scenarios without a counterpart in baseline physical: link=2, size=a []\n"
                    "1 baseline physical: 1 of 2 scenarios without a counterpart in testbed kvm: link=1, size=b []\n");
}

/* A factor that only some runs have: the others have no level of it. */
static void test_factor_that_one_side_lacks(void **state)
{
    (void)state;
    static const char *const entries[] = {"physical/1/ab.txt", "kvm/1/ab.txt", NULL};
    expect_findings(entries,
                    "campaign: x\nbaseline: physical\n"
                    "runs: [{path: physical/1, testbed: physical}, {path: kvm/1, testbed: kvm, noht: true}]\n"
                    "factors: {noht: {type: boolean}}\nartifacts: {ab: ab.txt}\n",
                    "! 1 testbed kvm: no scenario in common with baseline physical: factor noht has true there and no "
                    "level here []\n");
}

/* A rate of a run is a sum over its pairs: one that has fewer than the others of its cell is no repetition of them. */
static void test_runs_with_other_pairs(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab-1.txt", "a/1/ab-2.txt", "a/2/ab-1.txt", "b/1/ab-7.txt",
                                          "a/3/ab-1.txt", "a/3/ab-2.txt", "a/3/ab-3.txt", NULL};
    expect_findings(
        entries,
        "campaign: x\nbaseline: a\nruns: \"{testbed}/{rep}\"\nartifacts: {ab: \"ab-{pair}.txt\"}\n"
        "discard: [{run: a/3, reason: no}]\n",
        "! 1 pairs: 1 of 4 runs have not as many as their cell, by its other runs or by factor pairs: a/2 (1 "
        "of 2) [a/2]\n");
}

/* A factor called pairs says how many there should be, where pairs are told apart. */
static void test_runs_with_other_pairs_than_their_factor(void **state)
{
    (void)state;
    static const char *const entries[] = {"a-2/1/que7/ab.txt", "a-2/1/que9/ab.txt", "a-1/1/que3/ab.txt",
                                          "a-1/1/que4/ab.txt", "a-3/1/que1/ab.txt", NULL};
    static const char *const whole[] = {"a-2/1/ab.txt", NULL};
    expect_findings(
        entries, "campaign: x\nruns: \"{testbed}-{pairs}/{rep}/que{pair}\"\nartifacts: {ab: ab.txt}\n",
        "! 2 pairs: 2 of 3 runs have not as many as their cell, by its other runs or by factor pairs: a-1/1 "
        "(2 of 1), a-3/1 (1 of 3) [a-1/1]\n");
    expect_findings(whole, "campaign: x\nruns: \"{testbed}-{pairs}/{rep}\"\nartifacts: {ab: ab.txt}\n", "");
}

/* Links in the tree, "name -> target" each. */
static void expect_findings_with_links(const char *const *entries, const char *const (*links)[2], const char *manifest,
                                       const char *expected)
{
    struct made_tree tree;
    char got[8192], name[128];
    make_tree(&tree, entries);
    for (size_t i = 0; links[i][0] != NULL; i++) {
        snprintf(name, sizeof name, "%s/%s", tree.path, links[i][0]);
        assert_int_equal(symlink(links[i][1], name), 0);
    }
    struct tb_campaign *campaign = load_good(&tree, manifest, NULL);
    list_findings(&tree, &campaign->findings, got, sizeof got);
    assert_string_equal(got, expected);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

#define TWO_TESTBEDS                                                                                                   \
    "campaign: x\nbaseline: a\nruns:\n  - {path: \"a/{rep}\", testbed: a}\n  - {path: \"b/{rep}\", testbed: b}\n"

/* One file is one measurement, whatever paths lead to it; in one run it may be several artifacts. */
static void test_files_of_several_runs(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/ab.txt", "a/2/ab.txt", "a/1/t.scap", "a/2/t.scap",
                                          "b/1/ab.txt", "b/1/t.scap", NULL};
    static const char *const links[][2] = {{"a/latest", "2"}, {"b/2", "1"}, {NULL, NULL}};
    expect_findings_with_links(entries, links,
                               TWO_TESTBEDS "artifacts: {ab: ab.txt, trace: {client: t.scap, server: t.scap}}\n"
                                            "process: {client: ab, server: srv}\n"
                                            "discard: [{run: b/2, reason: no}]\n",
                               "! 2 ab and 1 more: the same files for a/2, a/latest: their values are not "
                               "independent [a/latest/ab.txt]\n");
}

static void test_a_forgotten_repetition(void **state)
{
    (void)state;
    static const char *const entries[] = {"a/1/", "a/2/",     "a/3/",      "a/ab.txt", "b/1/",
                                          "b/2/", "b/ab.txt", "link.pcap", NULL};
    expect_findings(entries, TWO_TESTBEDS "artifacts: {ab: ../ab.txt, capture: {link: ../../link.pcap}}\n",
                    "! 3 ab: the same file for a/1, a/2, a/3: their values are not independent [a/ab.txt]\n"
                    "! 5 capture link: the same file for a/1, a/2, a/3, b/1, b/2: their values are not independent "
                    "[link.pcap]\n"
                    "! 2 ab: the same file for b/1, b/2: their values are not independent [b/ab.txt]\n");
}

static void test_presence(void **state)
{
    (void)state;
    static const char *const entries[] = {
        "a/1/que1/ab.txt", "a/1/que2/", "a/2/que1/ab.txt", "a/2/que2/ab.txt", "b/1/que1/x", "b/2/que1/", NULL};
    struct made_tree tree;
    struct tb_asked asked[TB_ASKED_MOST];
    char name[TB_ASKED_NAME_SIZE];
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree,
                                             "campaign: x\nbaseline: a\nruns: \"{testbed}/{rep}/que{pair}\"\n"
                                             "artifacts: {ab: ab.txt, capture: {link: x}}\n"
                                             "discard: [{run: b/2, reason: no}]\n",
                                             NULL);
    assert_int_equal(tb_campaign_asked(campaign, asked), 2);
    tb_asked_name(&asked[1], name);
    assert_string_equal(name, "capture link");
    const struct tb_presence a = tb_testbed_presence(campaign, &asked[0], 0);
    const struct tb_presence b = tb_testbed_presence(campaign, &asked[1], 1);
    assert_int_equal(a.asked, 2);
    assert_int_equal(a.found, 1);
    assert_int_equal(b.asked, 1);
    assert_int_equal(b.found, 1);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_say),
        cmocka_unit_test(test_artifact_in_no_run),
        cmocka_unit_test(test_artifact_in_some_runs),
        cmocka_unit_test(test_many_names_are_cut_short),
        cmocka_unit_test(test_artifact_in_no_run_of_a_testbed_or_cell),
        cmocka_unit_test(test_runs_that_are_not_asked),
        cmocka_unit_test(test_process_without_a_name),
        cmocka_unit_test(test_files_of_other_repetitions),
        cmocka_unit_test(test_files_beside),
        cmocka_unit_test(test_directories_beside),
        cmocka_unit_test(test_files_beside_pairs),
        cmocka_unit_test(test_files_of_runs_in_one_directory),
        cmocka_unit_test(test_files_beside_runs_that_are_files),
        cmocka_unit_test(test_names_that_cannot_be_printed),
        cmocka_unit_test(test_findings_are_bounded),
        cmocka_unit_test(test_testbed_that_never_meets_the_baseline),
        cmocka_unit_test(test_scenarios_without_a_counterpart),
        cmocka_unit_test(test_factor_that_one_side_lacks),
        cmocka_unit_test(test_runs_with_other_pairs),
        cmocka_unit_test(test_runs_with_other_pairs_than_their_factor),
        cmocka_unit_test(test_files_of_several_runs),
        cmocka_unit_test(test_a_forgotten_repetition),
        cmocka_unit_test(test_presence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
