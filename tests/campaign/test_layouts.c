/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written from a layout must load again and say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_tree.h"
#include "twinbed/campaign/layouts.h"

static struct tb_campaign *write_and_load(const struct made_tree *tree, enum tb_layout layout)
{
    struct tb_error error = {0};
    FILE *output = fopen(tree->manifest, "w");
    assert_non_null(output);
    const enum tb_status status = tb_layout_write_manifest(layout, tree->path, NULL, output, &error);
    assert_int_equal(fclose(output), 0);
    if (status != TB_OK)
        fail_msg("%s", error.text);
    struct tb_campaign *campaign = NULL;
    if (tb_campaign_load(tree->manifest, NULL, &campaign, &error) != TB_OK)
        fail_msg("%s", error.text);
    return campaign;
}

static void list_runs(const struct tb_campaign *campaign, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < campaign->run_count && used < size; i++) {
        const struct tb_run *run = &campaign->runs[i];
        size_t there = 0;
        for (size_t j = 0; j < run->artifact_count; j++)
            there += campaign->artifacts[run->first_artifact + j].exists ? 1 : 0;
        used += (size_t)snprintf(out + used, size - used, "%s | %s | %s | %zu pairs, %zu files\n",
                                 campaign->scenarios[run->scenario].name, campaign->testbeds[run->testbed],
                                 run->repetition, run->pair_count, there);
    }
}

static void test_que(void **state)
{
    (void)state;
    static const char *const entries[] = {"kvm-e1000-1-on-1000-4-1-500B-instr/0/que123/client/ab.out",
                                          "kvm-e1000-1-on-1000-4-1-500B-instr/0/que123/client/sysdig.scap",
                                          "kvm-e1000-1-on-1000-4-1-500B-instr/0/que123/client/owamp/client/1.sum",
                                          "kvm-e1000-1-on-1000-4-1-500B-instr/0/que123/server.pcap",
                                          "kvm-e1000-1-on-1000-4-1-500B-instr/10/que9/client/ab.out",
                                          "kvm-virtio-net-pci-1-on-1000-4-2-500B-stresscpu3-noht/1/que1/client/ab.out",
                                          "kvm-virtio-net-pci-1-on-1000-4-2-500B-stresscpu3-noht/1/que2/client/ab.out",
                                          "kvm-virtio-net-pci-1-on-1000-4-2-500B-stresscpu3-noht/1/experiment.out",
                                          "physical-1g-on-4-500B-instr/0/client/ab.out",
                                          "physical-1g-on-4-500B-instr/0/client.pcap",
                                          "physical-1g-on-4-500B-instr/notes/x",
                                          "something/0/client/ab.out",
                                          NULL};
    struct made_tree tree;
    char runs[2048] = "";
    make_tree(&tree, entries);
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_QUE);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(
        runs,
        "size=500B, workers=4, pairs=1, link=1 Gbit/s, offload=on, instr=true | physical | 0 | 1 pairs, 2 files\n"
        "size=500B, workers=4, pairs=1, link=1 Gbit/s, offload=on, instr=true | kvm-e1000 | 0 | 1 pairs, 4 files\n"
        "size=500B, workers=4, pairs=1, link=1 Gbit/s, offload=on, instr=true | kvm-e1000 | 10 | 1 pairs, 1 files\n"
        "size=500B, workers=4, pairs=2, link=1 Gbit/s, offload=on, instr=false | "
        "kvm-virtio-net-pci-noht-stresscpu3 | 1 | 2 pairs, 2 files\n");
    assert_string_equal(campaign->testbeds[0], "physical");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_que_with_several_machines_and_urls(void **state)
{
    (void)state;
    static const char *const entries[] = {"kvm-e1000-1-on-0-1-1-index.html/0/", "kvm-e1000-4-on-0-1-1-a-b/0/", NULL};
    struct made_tree tree;
    char runs[1024] = "";
    make_tree(&tree, entries);
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_QUE);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(
        runs,
        "url=a-b, workers=1, pairs=1, link=0 bit/s, offload=on | kvm-e1000-4vcpu | 0 | 1 pairs, 0 files\n"
        "url=index.html, workers=1, pairs=1, link=0 bit/s, offload=on | kvm-e1000-1vcpu | 0 | 1 pairs, 0 files\n");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

/* Physical hosts have their captures among their other files. */
static void test_que_with_captures_of_physical_hosts(void **state)
{
    (void)state;
    static const char *const entries[] = {"kvm-e1000-1-on-1000-4-1-http-instr/1/que11/client.pcap",
                                          "kvm-e1000-1-on-1000-4-1-http-instr/1/que11/server.pcap",
                                          "physical-1g-on-4-http-instr/1/client/client.pcap",
                                          "physical-1g-on-4-http-instr/1/server/server.pcap",
                                          "physical-1g-on-4-http-instr/1/server/sysdig.scap",
                                          "physical-1g-on-4-http-instr/1/server/topscalls-workload.out",
                                          NULL};
    struct made_tree tree;
    char runs[1024] = "";
    make_tree(&tree, entries);
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_QUE);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(
        runs,
        "protocol=http, workers=4, pairs=1, link=1 Gbit/s, offload=on, instr=true | physical | 1 | 1 pairs, 3 files\n"
        "protocol=http, workers=4, pairs=1, link=1 Gbit/s, offload=on, instr=true | kvm-e1000 | 1 | 1 pairs, 2 "
        "files\n");
    assert_string_equal(tb_campaign_process(campaign, 0, TB_ROLE_SERVER)->name, "protonuke");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

/* The sweep of the tools: a rate of none, flags that no physical directory can have, sizes in URLs. */
static void test_que_virtual_runs_meet_physical_ones(void **state)
{
    (void)state;
    static const char *const entries[] = {
        "container-host-1-off-1000-4-12-https15MB-pinning-stresscpu4-noht/1/que77/client/ab.out",
        "kvm-e1000-1-on-1000-4-1-http-noht/1/que77/client/ab.out",
        "kvm-e1000-1-on-none-4-1-http-noht/1/que77/client/ab.out",
        "kvm-e1000-1-on-100m-4-1-http16MB-noht/1/que77/client/ab.out",
        "kvm-e1000-1-on-2500-4-1-httpd/1/que77/client/ab.out",
        "physical-0g-on-4-http16MB/1/client/ab.out",
        "physical-1g-on-4-http/1/client/ab.out",
        "physical-10g-on-4-http/notes/x",
        NULL};
    struct made_tree tree;
    char runs[2048] = "";
    make_tree(&tree, entries);
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_QUE);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(
        runs,
        "protocol=http, size=16MB, workers=4, pairs=1, link=100 Mbit/s, offload=on | kvm-e1000-noht | 1 | 1 pairs, 1 "
        "files\n"
        "protocol=http, size=16MB, workers=4, pairs=1, link=below 1 Gbit/s, offload=on | physical | 1 | 1 pairs, 1 "
        "files\n"
        "protocol=http, workers=4, pairs=1, link=1 Gbit/s, offload=on | physical | 1 | 1 pairs, 1 files\n"
        "protocol=http, workers=4, pairs=1, link=1 Gbit/s, offload=on | kvm-e1000-noht | 1 | 1 pairs, 1 files\n"
        "protocol=http, workers=4, pairs=1, link=none, offload=on | kvm-e1000-noht | 1 | 1 pairs, 1 files\n"
        "protocol=https, size=15MB, workers=4, pairs=12, link=1 Gbit/s, offload=off | "
        "container-host-pinning-noht-stresscpu4 | 1 | 1 pairs, 1 files\n"
        "url=httpd, workers=4, pairs=1, link=2500 Mbit/s, offload=on | kvm-e1000 | 1 | 1 pairs, 1 files\n");
    assert_string_equal(tb_campaign_process(campaign, 0, TB_ROLE_CLIENT)->name, "ab");
    assert_string_equal(tb_campaign_process(campaign, 0, TB_ROLE_SERVER)->name, "");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

/* Among virtual machines alone a flag is a factor like any other. */
static void test_que_flags_without_physical_runs(void **state)
{
    (void)state;
    static const char *const entries[] = {"kvm-e1000-1-on-1-4-1-http-noht/1/", "kvm-e1000-1-on-1-4-1-http/1/", NULL};
    struct made_tree tree;
    char runs[1024] = "";
    make_tree(&tree, entries);
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_QUE);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(
        runs, "protocol=http, workers=4, pairs=1, link=1 Mbit/s, offload=on, noht=false | kvm-e1000 | 1 | 1 pairs, 0 "
              "files\n"
              "protocol=http, workers=4, pairs=1, link=1 Mbit/s, offload=on, noht=true | kvm-e1000 | 1 | 1 pairs, 0 "
              "files\n");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_scorch(void **state)
{
    (void)state;
    static const char *const entries[] = {
        "images/web \"a\"/files/scorch/run-0/setup/loop-0-count-0/log.txt",
        "images/web \"a\"/files/scorch/run-0/tcpdump/loop-1-count-0/client-eth0.pcap",
        "images/web \"a\"/files/scorch/run-0/tcpdump/loop-1-count-0/client-eth0.pcap.jsonl",
        "images/web \"a\"/files/scorch/run-0/tcpdump/loop-1-count-0/merged.pcap",
        "images/web \"a\"/files/scorch/run-0/tcpdump/loop-1-count-1/server-eth0.pcap",
        "images/web \"a\"/files/scorch/run-0/sysdig/loop-1-count-1/client.scap",
        "images/web \"a\"/files/scorch/run-0/ab/loop-1-count-1/ab.txt",
        "images/web \"a\"/files/scorch/run-2/tcpdump/loop-0-count-0/a{b}.pcap",
        "images/other/files/scorch/run-0/tcpdump/loop-0-count-0/x.pcap",
        NULL};
    struct made_tree tree;
    char runs[2048] = "";
    make_tree(&tree, entries);
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_SCORCH);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(runs, "run=0, loop=0 | other | 0 | 1 pairs, 1 files\n"
                              "run=0, loop=1 | web \"a\" | 0 | 1 pairs, 1 files\n"
                              "run=0, loop=1 | web \"a\" | 1 | 1 pairs, 3 files\n"
                              "run=2, loop=0 | web \"a\" | 0 | 1 pairs, 1 files\n");
    const char *capture = campaign->artifacts[campaign->runs[1].first_artifact].path;
    assert_non_null(strstr(capture, "loop-1-count-0/merged.pcap"));
    assert_string_not_equal(campaign->runs[1].name, campaign->runs[2].name);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

/* A machine's answer to a command, as minimega leaves it. */
static void answer(const struct made_tree *tree, const char *path, const char *text)
{
    char full[1024];
    snprintf(full, sizeof full, "%s/%s", tree->path, path);
    FILE *const file = fopen(full, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

#define CLIENT "6c4a0f3e-0000-4000-8000-000000000001"
#define SERVER "6c4a0f3e-0000-4000-8000-000000000002"
static const char ab_output[] = "This is ApacheBench, Version 2.3 <$Revision: 1903618 $>\n";

/* Commands are runs when they gave a result, in the order of their numbers; what is received later belongs to them. */
static void test_miniccc(void **state)
{
    (void)state;
    static const char *const entries[] = {"e1000/miniccc_responses/1/" CLIENT "/stdout",
                                          "e1000/miniccc_responses/1/" CLIENT "/early.pcap",
                                          "e1000/miniccc_responses/2/" CLIENT "/stdout",
                                          "e1000/miniccc_responses/3/" CLIENT "/tmp/run/client.pcap",
                                          "e1000/miniccc_responses/3/" CLIENT "/tmp/run/notes.txt",
                                          "e1000/miniccc_responses/4/" SERVER "/tmp/run/sysdig.scap",
                                          "e1000/miniccc_responses/10/" CLIENT "/stdout",
                                          "e1000/miniccc_responses/10/" SERVER "/stdout",
                                          "e1000/miniccc_responses/x/" CLIENT "/stdout",
                                          "miniccc_responses/7/" CLIENT "/stdout",
                                          "miniccc_responses/7/" SERVER "/stdout",
                                          "miniccc_responses/8/" CLIENT "/a.pcap",
                                          NULL};
    static const char *const results[] = {
        "e1000/miniccc_responses/2/" CLIENT "/stdout", "e1000/miniccc_responses/10/" CLIENT "/stdout",
        "e1000/miniccc_responses/x/" CLIENT "/stdout", "miniccc_responses/7/" CLIENT "/stdout",
        "miniccc_responses/7/" SERVER "/stdout"};
    struct made_tree tree;
    char runs[2048] = "";
    make_tree(&tree, entries);
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        answer(&tree, results[i], ab_output);
    answer(&tree, entries[0], "inet 10.0.0.1/24");
    struct tb_campaign *campaign = write_and_load(&tree, TB_LAYOUT_MINICCC);
    list_runs(campaign, runs, sizeof runs);
    assert_string_equal(runs, "all runs | e1000 | 1 | 1 pairs, 3 files\n"
                              "all runs | e1000 | 2 | 1 pairs, 1 files\n"
                              "all runs | minimega | 1 | 2 pairs, 2 files\n");
    size_t of_server = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++)
        if (campaign->artifacts[i].role == TB_ROLE_SERVER) {
            of_server++;
            assert_non_null(strstr(campaign->artifacts[i].path, "miniccc_responses/4/" SERVER "/tmp/run/sysdig.scap"));
        }
    assert_int_equal(of_server, 1);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_directories_of_other_kinds(void **state)
{
    (void)state;
    static const char *const entries[] = {"veth/500B-c1/rep-1/ab.txt", NULL};
    struct made_tree tree;
    struct tb_error error;
    make_tree(&tree, entries);
    FILE *output = tmpfile();
    assert_non_null(output);
    assert_int_equal(tb_layout_write_manifest(TB_LAYOUT_QUE, tree.path, NULL, output, &error), TB_NOT_FOUND);
    assert_int_equal(tb_layout_write_manifest(TB_LAYOUT_SCORCH, tree.path, NULL, output, &error), TB_NOT_FOUND);
    assert_int_equal(tb_layout_write_manifest(TB_LAYOUT_MINICCC, tree.path, NULL, output, &error), TB_NOT_FOUND);
    assert_int_equal(tb_layout_write_manifest(TB_LAYOUT_SCORCH, "/nonexistent", NULL, output, &error), TB_NOT_FOUND);
    assert_int_equal(ftell(output), 0);
    fclose(output);
    remove_tree(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_que),
        cmocka_unit_test(test_que_with_several_machines_and_urls),
        cmocka_unit_test(test_que_with_captures_of_physical_hosts),
        cmocka_unit_test(test_que_virtual_runs_meet_physical_ones),
        cmocka_unit_test(test_que_flags_without_physical_runs),
        cmocka_unit_test(test_scorch),
        cmocka_unit_test(test_miniccc),
        cmocka_unit_test(test_directories_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
