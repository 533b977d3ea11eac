/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every mistake gives one sentence with path, line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_tree.h"

/* Eight directories that the manifests below speak of. */
static const char *const entries[] = {"veth/500B-c4/rep-1/ab.txt",
                                      "veth/500B-c4/rep-2/",
                                      "e1000/500B-c4/rep-1/",
                                      "e1000/500B-c4/rep-1/x.scap",
                                      "flat/a-b-c/",
                                      "mixed/500B/",
                                      "mixed/nine/",
                                      "pairs/veth/p1/a.txt",
                                      "pairs/veth/p2/a.txt",
                                      "pairs/veth/all.scap",
                                      NULL};

#define HEAD "campaign: x\nbaseline: veth\n"
#define RUNS "runs: \"{testbed}/{size}-c{clients}/rep-{rep}\"\n"
#define GOOD HEAD RUNS

static const struct {
    const char *text;
    const char *sentence;
} mistakes[] = {
    {"", "campaign.yaml:1:1: empty; expected a campaign manifest"},
    {"# nothing\n", "campaign.yaml:1:1: empty; expected a campaign manifest"},
    {"- a\n", "campaign.yaml:1:1: expected a map of keys and values, found a list"},
    {"campaign: x\n", "campaign.yaml:1:1: key 'runs' is missing"},
    {RUNS, "campaign.yaml:1:1: key 'campaign' is missing"},
    {"campaign: x\ncampaign: y\n", "campaign.yaml:2:1: key 'campaign' stands twice; first in line 1"},
    {"campaign: [x]\n" RUNS, "campaign.yaml:1:11: campaign: expected a text, found a list"},
    {"campaign:\n" RUNS, "campaign.yaml:1:1: campaign: expected a text, found nothing"},
    {"campaign: &a x\nbaseline: *a\n", "campaign.yaml:1:14: anchors and aliases are not read in a manifest"},
    {GOOD "--- \na: b\n", "campaign.yaml:5:1: a second document begins; expected one"},
    {GOOD "artefacts: {}\n",
     "campaign.yaml:4:1: unknown key 'artefacts' (did you mean 'artifacts'?); expected campaign, baseline, root, "
     "factors, constants, runs, "
     "artifacts, process, metrics, work, server_port, filter, flow_rules, duplicates, tunnels, chain, walks, windows, "
     "skip, "
     "closeness, "
     "replication, "
     "family, coverage, excess, losses, failures, truncated, flows, stalls or discard"},
    {HEAD "root: nowhere\n" RUNS, "campaign.yaml:3:7: root: directory 'nowhere' does not exist"},
    {"campaign: x\n" RUNS,
     "campaign.yaml:1:1: key 'baseline' is missing; expected a testbed such as 'e1000' or 'veth'"},
    {"campaign: x\nbaseline: vmware\n" RUNS,
     "campaign.yaml:2:11: baseline: no run belongs to the testbed 'vmware'; expected a testbed such as 'e1000'"},
    {"campaign: x\nbaseline: vethh\n" RUNS, "campaign.yaml:2:11: baseline: no run belongs to the testbed 'vethh' (did "
                                            "you mean 'veth'?); expected a testbed such "
                                            "as 'e1000'"},
    /* runs */
    {HEAD "runs: [{paht: \"{testbed}/{size}-c{clients}/rep-{rep}\"}]\n",
     "campaign.yaml:3:9: runs: expected a key path, found 'paht' (did you mean 'path'?)"},
    {GOOD "factors: {szie: {type: bytes}}\n",
     "campaign.yaml:4:11: factors: no run has the factor 'szie' (did you mean 'size'?); expected it in runs or in "
     "constants"},
    {HEAD "runs: []\n", "campaign.yaml:3:7: runs: expected at least one pattern or run"},
    {HEAD "runs: \"{testbed}/{a}{b}\"\n",
     "campaign.yaml:3:7: runs: pattern '{testbed}/{a}{b}': ambiguous: nothing stands between {a} and {b}"},
    {HEAD "runs: \"{size}/x\"\n",
     "campaign.yaml:3:7: runs: '{size}/x' does not say the testbed; expected {testbed} in the path, a key testbed, or "
     "testbed in constants"},
    {HEAD "runs: \"../{testbed}\"\n", "campaign.yaml:3:7: runs: pattern '../{testbed}': expected a path below the "
                                      "root, without '..' and without a leading slash"},
    {HEAD "runs: \"{testbed}/nothing/{rep}\"\n",
     "campaign.yaml:3:7: runs: pattern '{testbed}/nothing/{rep}' matches no directory and no file below ''"},
    {HEAD "runs:\n  - {testbed: veth, path: veth/none}\n",
     "campaign.yaml:4:27: runs: 'veth/none' is no directory below ''"},
    {HEAD "runs:\n  - {testbed: veth}\n", "campaign.yaml:4:5: runs: expected a key path"},
    {HEAD "runs:\n  - {path: veth, testbed: veth, \"a b\": 1}\n",
     "campaign.yaml:4:33: runs: unknown key 'a b'; expected path, artifacts, testbed, rep, pair or a factor"},
    {HEAD "runs: \"{testbed}/{x}-{y}\"\nconstants: {x: 1}\n",
     "campaign.yaml:3:7: runs: 'x' is given here and in constants; expected one of them"},
    {HEAD "runs:\n  - {path: \"{testbed}/{x}-c4\", x: 1}\n",
     "campaign.yaml:4:12: runs: 'x' is given as a field and as a key; expected one of them"},
    {"campaign: x\nruns: \"{testbed}/{x}-{y}\"\nbaseline: flat\n",
     "campaign.yaml:2:7: runs: pattern '{testbed}/{x}-{y}' is ambiguous: it reads 'flat/a-b-c' as x='a', y='b-c' and "
     "as x='a-b', y='c'; declare the type of a factor or use other separators"},
    {HEAD "runs:\n  - \"{testbed}/{size}-c{clients}/rep-{rep}\"\n  - \"{testbed}/500B-c{clients}/{rep}\"\n",
     "campaign.yaml:5:5: runs: directory 'e1000/500B-c4/rep-1' is matched by '{testbed}/{size}-c{clients}/rep-{rep}' "
     "(line 4) and by '{testbed}/500B-c{clients}/{rep}' (line 5); expected one"},
    {HEAD "runs:\n  - {testbed: veth, path: veth}\n  - {testbed: veth, path: e1000}\n",
     "campaign.yaml:4:27: runs: two runs for one place: 'e1000' and 'veth' both are testbed=veth, all runs, rep=1"},
    /* factors and constants */
    {GOOD "factors: {size: {type: octets}}\n",
     "campaign.yaml:4:24: type: expected text, number, bytes, rate or boolean, found 'octets'"},
    {GOOD "factors: {size: {typ: bytes}}\n",
     "campaign.yaml:4:18: factors: unknown key 'typ' (did you mean 'type'?); expected type, unit, levels or reference"},
    {GOOD "factors: {size: {type: bytes, unit: MB}}\n",
     "campaign.yaml:4:31: unit: type bytes has its own unit; expected type number or text"},
    {GOOD "factors: {testbed: {}}\n", "campaign.yaml:4:11: 'testbed' cannot name a factor; the word is taken"},
    {GOOD "factors: {si-ze: {}}\n", "campaign.yaml:4:11: 'si-ze' cannot name a factor; expected letters, digits and _"},
    {GOOD "factors: {cache: {}}\n",
     "campaign.yaml:4:11: factors: no run has the factor 'cache'; expected it in runs or in constants"},
    {GOOD "factors: {size: {levels: {500B: small}}}\n",
     "campaign.yaml:4:33: levels: 500B: expected a number, found 'small'"},
    {GOOD "factors: {size: {levels: {1MB: 1}}}\n",
     "campaign.yaml:4:11: factors: size: level '500B' of 'e1000/500B-c4/rep-1' is not in levels; expected a number for "
     "it there"},
    {GOOD "factors: {size: {type: bytes, reference: 1MB}}\n",
     "campaign.yaml:4:42: factors: size: reference: no run has the level '1MB'"},
    {GOOD "factors: {size: {type: rate}}\n",
     "campaign.yaml:3:7: runs: pattern "
     "'{testbed}/{size}-c{clients}/rep-{rep}' matches no directory and no file below ''"},
    {HEAD "runs:\n  - {path: \"{testbed}/{size}-c{clients}/rep-{rep}\", bare: perhaps}\n"
          "factors: {bare: {type: boolean}}\n",
     "campaign.yaml:4:59: runs: bare: expected true or false, found 'perhaps'"},
    {GOOD "constants: {link: {value: fast, type: rate}}\n",
     "campaign.yaml:4:27: constants: link: expected a rate such as 100Mbps or 1 Gbit/s, found 'fast'"},
    {GOOD "constants: {link: {type: rate}}\n", "campaign.yaml:4:19: constants: expected a value for 'link'"},
    /* artifacts, process, work */
    {GOOD "artifacts: {traces: a}\n",
     "campaign.yaml:4:13: artifacts: unknown key 'traces' (did you mean 'trace'?); expected ab, workload, latency, "
     "capture, trace, counters, capture_log or kernel_log"},
    {GOOD "artifacts: {kernel_log: {link: a.log}}\n",
     "campaign.yaml:4:26: artifacts: kernel_log: unknown key 'link'; expected client, server or host"},
    {GOOD "artifacts: {capture: link.pcap}\n",
     "campaign.yaml:4:22: artifacts: capture: expected a map of keys and values, found 'link.pcap'"},
    {GOOD "artifacts: {capture_log: {host: a.log}}\n",
     "campaign.yaml:4:27: artifacts: capture_log: unknown key 'host'; expected client, server or link"},
    {GOOD "artifacts: {capture_log: a.log, capture: {client: a.pcap, server: b.pcap}}\n",
     "campaign.yaml:4:26: artifacts: capture_log: expected a map with client, server or link, as there are captures of "
     "several points"},
    {GOOD "artifacts: {trace: {host: a.scap}}\n",
     "campaign.yaml:4:21: artifacts: trace: unknown key 'host'; expected client or server"},
    {GOOD "artifacts: {latency: []}\n",
     "campaign.yaml:4:22: artifacts: latency: expected a path or a list of paths, found an empty list"},
    {GOOD "artifacts: {latency: [a, [b]]}\n", "campaign.yaml:4:26: latency: expected a text, found a list"},
    {GOOD "artifacts: {ab: \"{cache}.txt\"}\n",
     "campaign.yaml:4:17: artifacts: ab: path '{cache}.txt': there is no field {cache} here"},
    {GOOD "process: ab\n", "campaign.yaml:4:10: process: expected a map of keys and values, found 'ab'"},
    {GOOD "process: []\n", "campaign.yaml:4:10: process: expected one map per pair"},
    {GOOD "process: {host: ab}\n", "campaign.yaml:4:11: process: unknown key 'host'; expected client or server"},
    {GOOD "process: {client: {pid: 1}}\n", "campaign.yaml:4:19: process: expected a key name; pid, arguments and "
                                           "cgroup only choose among processes of a name"},
    {GOOD "process: {client: {cgroup: docker/347b}}\n", "campaign.yaml:4:19: process: expected a key name; pid, "
                                                        "arguments and cgroup only choose among processes of a name"},
    {GOOD "process: {client: {name: ab, pid: one}}\n",
     "campaign.yaml:4:35: process: pid: expected a whole number from 0 to 9223372036854775807, found 'one'"},
    {GOOD "work: wrk\n", "campaign.yaml:4:7: work: expected ab, capture or connections, found 'wrk'"},
    {GOOD "work: {file: a.json}\n",
     "campaign.yaml:4:7: work: expected file and one of value, json, column, regex and key"},
    {GOOD "work: {file: a.json, path: /a}\n",
     "campaign.yaml:4:22: work: unknown key 'path'; expected file, value, json, column, regex, key or take"},
    {HEAD "runs: \"pairs/{testbed}/p{pair}\"\nartifacts: {trace: {client: ../all.scap}}\nprocess: {client: ab}\n",
     "campaign.yaml:5:10: process: pairs 1 and 2 of run 'pairs/veth' read 'pairs/veth/all.scap' and select the same "
     "client 'ab'; expected a list with a selector (name, pid, arguments or cgroup) for each pair"},
    /* settings */
    {GOOD "chain: {order: 0}\n", "campaign.yaml:4:16: chain: order: expected a whole number from 1 to 8, found '0'"},
    {GOOD "chain: {order: [1, 1]}\n", "campaign.yaml:4:20: chain: order: 1 stands twice"},
    {GOOD "chain: {order: []}\n", "campaign.yaml:4:16: chain: order: expected at least one order"},
    {GOOD "chain: {prune: 2}\n", "campaign.yaml:4:16: chain: prune: expected a number from 0 to 1, found '2'"},
    {GOOD "chain: {states: calls}\n", "campaign.yaml:4:17: chain: states: expected call, call+outcome, call+descriptor "
                                      "or call+outcome+descriptor, found "
                                      "'calls' (did you mean 'call'?)"},
    {GOOD "chain: {of: threads}\n",
     "campaign.yaml:4:13: chain: of: expected cells, runs or thread_groups, found 'threads'"},
    {GOOD "walks: {course: 20}\n", "campaign.yaml:4:9: walks: course is called profile now"},
    {GOOD "walks: {profile: 1001}\n",
     "campaign.yaml:4:18: walks: profile: expected a whole number from 0 to 1000, found '1001'"},
    {GOOD "windows: 3\n", "campaign.yaml:4:10: windows: expected a list of maps with skip and limit, found '3'"},
    {GOOD "windows: [{skip: -1}]\n",
     "campaign.yaml:4:18: windows: skip: expected a whole number from 0 to 9223372036854775807, found '-1'"},
    {GOOD "windows: [{limit: all}]\n",
     "campaign.yaml:4:19: windows: limit: expected a number of calls, shortest or whole, found 'all'"},
    {GOOD "windows: [{skip: 0}, {skip: 0, limit: shortest}]\n",
     "campaign.yaml:4:22: windows: this window stands twice"},
    {GOOD "windows: [{skip: 1}]\nskip: 5\n", "campaign.yaml:5:1: skip: expected either skip or windows, found both"},
    {GOOD "skip: 99999999999999999999\n",
     "campaign.yaml:4:7: skip: expected a whole number from 0 to 9223372036854775807, found '99999999999999999999'"},
    {GOOD "closeness: near\n", "campaign.yaml:4:12: closeness: expected a number from 0 to 1, found 'near'"},
    {GOOD "closeness: {metrics: {rps: x}}\n",
     "campaign.yaml:4:28: closeness: metrics: expected a number of at least 0, found 'x'"},
    {GOOD "replication: 1\n",
     "campaign.yaml:4:14: replication: expected a whole number from 2 to 4294967295, found '1'"},
    {GOOD "family: some\n", "campaign.yaml:4:9: family: expected primary, all or a list of metrics, found 'some'"},
    {GOOD "family: {a: b}\n", "campaign.yaml:4:9: family: expected primary, all or a list of metrics, found a map"},
    {GOOD "family: []\n", "campaign.yaml:4:9: family: expected at least one metric"},
    {GOOD "family: [jitter, jitter]\n", "campaign.yaml:4:18: family: 'jitter' stands twice"},
    {GOOD "coverage: 99\n", "campaign.yaml:4:11: coverage: expected a number from 0 to 1, found '99'"},
    {GOOD "truncated: drop\n", "campaign.yaml:4:12: truncated: expected exclude or keep, found 'drop'"},
    {GOOD "flows: yes\n", "campaign.yaml:4:8: flows: expected summary, none or all, found 'yes'"},
    {GOOD "server_port: 65536\n",
     "campaign.yaml:4:14: server_port: expected a whole number from 1 to 65535, found '65536'"},
    {GOOD "stalls: {ratio: 0}\n", "campaign.yaml:4:17: stalls: ratio: expected a number of at least 1, found '0'"},
    {GOOD "discard: some\n",
     "campaign.yaml:4:10: discard: expected stalled or a list of maps with run and reason, found 'some'"},
    {GOOD "discard: [{run: veth/500B-c4/rep-1}]\n", "campaign.yaml:4:11: discard: expected both run and reason"},
    {GOOD "discard: [{run: veth/500B-c4/rep-9, reason: x}]\n",
     "campaign.yaml:4:17: discard: there is no run 'veth/500B-c4/rep-9'; expected a run's directory below the root"},
    {GOOD "discard:\n  - {run: veth/500B-c4/rep-1, reason: x}\n  - {run: ./veth/500B-c4/rep-1/, reason: y}\n",
     "campaign.yaml:6:11: discard: run 'veth/500B-c4/rep-1' stands twice"},
};

static void test_mistakes(void **state)
{
    (void)state;
    struct made_tree tree;
    unsigned wrong = 0;
    make_tree(&tree, entries);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct tb_campaign *campaign = NULL;
        struct tb_error error = {.text = "(it loaded)"};
        const enum tb_status status = load_tree(&tree, mistakes[i].text, NULL, &campaign, &error);
        without_path(&tree, error.text);
        if (status == TB_OK || strcmp(error.text, mistakes[i].sentence) != 0) {
            print_error("%s\n  gave     %s\n  expected %s\n", mistakes[i].text, error.text, mistakes[i].sentence);
            wrong++;
        }
        tb_campaign_free(status == TB_OK ? campaign : NULL);
    }
    remove_tree(&tree);
    assert_int_equal(wrong, 0);
}

/* The parser's own complaints: the place and the beginning matter, its words are its own. */
static void test_syntax_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *beginning;
    } broken[] = {
        {"campaign: [a\n", "campaign.yaml:2:1: not valid YAML: "},
        {"campaign: \"a\n", "campaign.yaml:1:12: not valid YAML: "},
        {"a: b: c\n", "campaign.yaml:1:"},
        {"%\xC1", "campaign.yaml:1:2: the byte 0xc1 is no UTF-8"}, /* libfyaml never came back */
        {"a: b\nc: caf\xE9\n", "campaign.yaml:2:7: the byte 0xe9 is no UTF-8"},
        {"a:\n\t- b\n", "campaign.yaml:2:"},
        {"campaign: \"\\0\"\n", "campaign.yaml:1:11: a NUL character stands in a text"},
        {"a: \xff\xfe\n", "campaign.yaml:1:"},
    };
    struct made_tree tree;
    make_tree(&tree, entries);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct tb_campaign *campaign;
        struct tb_error error = {.text = "(it loaded)"};
        assert_int_equal(load_tree(&tree, broken[i].text, NULL, &campaign, &error), TB_USAGE);
        without_path(&tree, error.text);
        if (strncmp(error.text, broken[i].beginning, strlen(broken[i].beginning)) != 0 ||
            strchr(error.text, '\n') != NULL)
            fail_msg("%s gave '%s'", broken[i].text, error.text);
    }
    remove_tree(&tree);
}

static void test_hostile_depth_and_size(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *deep = malloc(DEPTH + 16);
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign;
    struct tb_error error;
    memcpy(deep, "runs: ", 6);
    memset(deep + 6, '[', DEPTH);
    deep[6 + DEPTH] = '\0';
    assert_int_equal(load_tree(&tree, deep, NULL, &campaign, &error), TB_USAGE);
    for (size_t i = 0; i < DEPTH - 8; i += 2)
        memcpy(deep + i, "- ", 2);
    deep[DEPTH - 8] = '\0';
    assert_int_equal(load_tree(&tree, deep, NULL, &campaign, &error), TB_USAGE);
    free(deep);
    remove_tree(&tree);
}

static void test_a_manifest_that_is_not_there(void **state)
{
    (void)state;
    struct tb_campaign *campaign;
    struct tb_error error;
    assert_int_equal(tb_campaign_load("/nonexistent/campaign.yaml", NULL, &campaign, &error), TB_USAGE);
    assert_string_equal(error.text, "/nonexistent/campaign.yaml: cannot open: No such file or directory");
    assert_int_equal(tb_campaign_load("/", NULL, &campaign, &error), TB_USAGE);
    assert_string_equal(error.text, "/: not a file; expected a campaign manifest");
}

static void test_settings(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign =
        load_good(&tree,
                  GOOD "server_port: 8080\nfilter: tcp port 80\nchain: {order: [3, 1], prune: 0.01, states: "
                       "call+descriptor, of: runs}\nwalks: {profile: 40}\n"
                       "windows: [{skip: 300, limit: 500}, {limit: whole}, {skip: 7}]\n"
                       "closeness: {default: 0.2, metrics: {requests_per_second: 0.05, lag: 3}}\n"
                       "replication: 5\nfamily: [jitter, requests_per_second]\n"
                       "coverage: 0.9\nexcess: 0.2\nlosses: 0.02\nfailures: 0.05\ntruncated: keep\nflows: "
                       "all\nduplicates: keep\ntunnels: outer\n"
                       "stalls: {ratio: 20, longest_ms: 500}\nwork: {file: r.json, value: /n}\ndiscard: stalled\n"
                       "process: [{client: ab}, {client: {name: wrk, pid: 7, arguments: -p 80, cgroup: /a}}]\n",
                  NULL);
    const struct tb_settings *settings = &campaign->settings;
    assert_int_equal(settings->server_port, 8080);
    assert_string_equal(settings->filter, "tcp port 80");
    assert_int_equal(settings->order_count, 2);
    assert_int_equal(settings->orders[0], 1);
    assert_int_equal(settings->orders[1], 3);
    assert_true(settings->prune == 0.01);
    assert_int_equal(settings->states, TB_STATES_DESCRIPTOR);
    assert_int_equal(settings->chains_of, TB_CHAINS_OF_RUNS);
    assert_int_equal(settings->profile, 40);
    assert_int_equal(settings->window_count, 3);
    assert_int_equal(settings->windows[0].skip, 300);
    assert_int_equal(settings->windows[0].limit, 500);
    assert_int_equal(settings->windows[1].limit, TB_LIMIT_WHOLE);
    assert_int_equal(settings->windows[2].skip, 7);
    assert_int_equal(settings->windows[2].limit, TB_LIMIT_SHORTEST);
    assert_true(settings->closeness == 0.2);
    assert_int_equal(settings->threshold_count, 2);
    assert_string_equal(settings->thresholds[1].metric, "lag");
    assert_true(settings->thresholds[1].threshold == 3);
    assert_int_equal(settings->replication, 5);
    assert_int_equal(settings->family, TB_FAMILY_LISTED);
    assert_int_equal(settings->family_metric_count, 2);
    assert_string_equal(settings->family_metrics[1], "requests_per_second");
    assert_true(settings->coverage_limit == 0.9 && settings->excess_limit == 0.2 && settings->loss_limit == 0.02 &&
                settings->failure_limit == 0.05);
    assert_int_equal(settings->truncated, TB_TRUNCATED_KEEP);
    assert_int_equal(settings->flows, TB_FLOWS_ALL);
    assert_true(settings->keep_copies);
    assert_true(settings->outer_only);
    assert_true(settings->stall_ratio == 20 && settings->stall_ms == 500 && settings->discard_stalled);
    assert_int_equal(settings->work, TB_WORK_FILE);
    assert_string_equal(settings->work_selector, "/n");
    assert_int_equal(campaign->process_pairs, 2);
    assert_string_equal(tb_campaign_process(campaign, 0, TB_ROLE_CLIENT)->name, "ab");
    assert_int_equal(tb_campaign_process(campaign, 0, TB_ROLE_CLIENT)->pid, -1);
    assert_string_equal(tb_campaign_process(campaign, 9, TB_ROLE_CLIENT)->name, "wrk");
    assert_int_equal(tb_campaign_process(campaign, 1, TB_ROLE_CLIENT)->pid, 7);
    assert_string_equal(tb_campaign_process(campaign, 1, TB_ROLE_CLIENT)->arguments, "-p 80");
    assert_string_equal(tb_campaign_process(campaign, 1, TB_ROLE_CLIENT)->cgroup, "/a");
    assert_string_equal(tb_campaign_process(campaign, 1, TB_ROLE_SERVER)->name, "");
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

static void test_default_settings(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *campaign = load_good(&tree, GOOD, NULL);
    const struct tb_settings *settings = &campaign->settings;
    assert_int_equal(settings->order_count, 1);
    assert_int_equal(settings->orders[0], 1);
    assert_int_equal(settings->states, TB_STATES_CALL);
    assert_int_equal(settings->chains_of, TB_CHAINS_OF_CELLS);
    assert_int_equal(settings->profile, 0);
    assert_true(settings->prune == 0.001 && settings->closeness == 0.1 && settings->coverage_limit == 0.99);
    assert_int_equal(settings->replication, 3);
    assert_int_equal(settings->family, TB_FAMILY_PRIMARY);
    assert_int_equal(settings->family_metric_count, 0);
    assert_true(settings->excess_limit == 0.05 && settings->loss_limit == 0.01 && settings->failure_limit == 0.01 &&
                settings->stall_ratio == 10 && settings->stall_ms == 1000);
    assert_int_equal(settings->window_count, 1);
    assert_int_equal(settings->windows[0].limit, TB_LIMIT_SHORTEST);
    assert_int_equal(settings->work, TB_WORK_AB);
    assert_int_equal(settings->server_port, 0);
    assert_string_equal(tb_campaign_process(campaign, 3, TB_ROLE_SERVER)->name, "");
    tb_campaign_free(campaign);
    campaign = load_good(&tree, GOOD "skip: 1000000\n", NULL);
    assert_int_equal(campaign->settings.window_count, 2);
    assert_int_equal(campaign->settings.windows[0].skip, 0);
    assert_int_equal(campaign->settings.windows[1].skip, 1000000);
    assert_int_equal(campaign->settings.windows[1].limit, TB_LIMIT_SHORTEST);
    tb_campaign_free(campaign);
    remove_tree(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_syntax_errors),
        cmocka_unit_test(test_hostile_depth_and_size),
        cmocka_unit_test(test_a_manifest_that_is_not_there),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_default_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
