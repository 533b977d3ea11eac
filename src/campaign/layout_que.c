/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of the QUE tools:
 *
 *   TYPE-DRIVER-VCPUS-OFFLOAD-RATE-WORKERS-PAIRS-URL[-FLAG...]/ITERATION/queRANDOM/{client,server}/...
 *   physical-Gg-OFFLOAD-WORKERS-URL[-FLAG...]/ITERATION/...
 */
#include <stdlib.h>
#include <string.h>

#include "layout_writer.h"
#include "pattern.h"
#include "quantity.h"

enum { MOST_WORDS = 64, FLAG_COUNT = 8 };

/* Flags that end a directory's name; the last three carry a number. */
static const char *const flag_names[FLAG_COUNT] = {"instr", "pinning",   "gre",      "colocated",
                                                   "noht",  "stresscpu", "stressio", "stressmem"};
enum { FIRST_NUMBERED_FLAG = 5 };

struct que_experiment {
    const char *directory;
    const char *testbed;
    const char *vcpus; /* NULL for physical testbeds */
    const char *offload;
    const char *rate;
    const char *workers;
    const char *pairs;
    const char *url;
    const char *flags[FLAG_COUNT]; /* "true", a number, or NULL */
};

struct que_campaign {
    struct que_experiment *experiments;
    size_t count;
    bool has_physical;
    bool has_many_vcpus;
    bool urls_are_sizes;
    bool flag_is_used[FLAG_COUNT];
    struct arena *arena;
};

static bool is_number(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Takes flags off the end of the words. */
static size_t take_flags(const char **words, size_t count, struct que_experiment *experiment)
{
    for (; count > 0; count--) {
        size_t flag = 0;
        for (; flag < FLAG_COUNT; flag++) {
            const size_t length = strlen(flag_names[flag]);
            const char *rest = words[count - 1] + length;
            if (strncmp(words[count - 1], flag_names[flag], length) == 0 &&
                (flag < FIRST_NUMBERED_FLAG ? rest[0] == '\0' : is_number(rest))) {
                experiment->flags[flag] = flag < FIRST_NUMBERED_FLAG ? "true" : rest;
                break;
            }
        }
        if (flag == FLAG_COUNT)
            break;
    }
    return count;
}

static const char *join_words(struct arena *arena, const char *const *words, size_t count)
{
    const char *joined = words[0];
    for (size_t i = 1; i < count && joined != NULL; i++)
        joined = tb_arena_print(arena, "%s-%s", joined, words[i]);
    return joined;
}

/* "1g" is 1 Gbit/s; a number alone is Mbit/s; anything else stays as it is. */
static const char *rate_text(struct arena *arena, const char *word)
{
    const size_t length = strlen(word);
    const char unit = length > 1 ? (char)(word[length - 1] | 0x20) : '\0';
    if (is_number(word))
        return tb_arena_print(arena, "%s Mbit/s", word);
    if (strspn(word, "0123456789.") == length - 1 && (unit == 'g' || unit == 'm' || unit == 'k'))
        return tb_arena_print(arena, "%.*s %cbit/s", (int)length - 1, word, unit == 'k' ? 'k' : unit - 0x20);
    return word;
}

static bool read_physical(struct arena *arena, const char *const *words, size_t count,
                          struct que_experiment *experiment)
{
    if (count < 5 || strcmp(words[0], "physical") != 0 || !is_number(words[3]))
        return false;
    experiment->testbed = "physical";
    experiment->rate = rate_text(arena, words[1]);
    experiment->offload = words[2];
    experiment->workers = words[3];
    experiment->pairs = "1";
    experiment->url = join_words(arena, words + 4, count - 4);
    return true;
}

/* The driver and the URL may hold dashes; the numbers between them say where they end. */
static bool read_virtual(struct arena *arena, const char *const *words, size_t count, struct que_experiment *experiment)
{
    size_t at = 2;
    while (at + 5 < count && !(is_number(words[at]) && is_number(words[at + 3]) && is_number(words[at + 4])))
        at++;
    if (at + 5 >= count)
        return false;
    experiment->testbed = join_words(arena, words, at);
    experiment->vcpus = words[at];
    experiment->offload = words[at + 1];
    experiment->rate = rate_text(arena, words[at + 2]);
    experiment->workers = words[at + 3];
    experiment->pairs = words[at + 4];
    experiment->url = join_words(arena, words + at + 5, count - at - 5);
    return true;
}

static bool read_name(struct arena *arena, const char *name, struct que_experiment *experiment)
{
    const char *words[MOST_WORDS];
    size_t count = 0;
    char *copy = tb_arena_copy(arena, name, strlen(name));
    char *place = NULL;
    *experiment = (struct que_experiment){.directory = name};
    if (copy == NULL || !tb_layout_is_utf8(name))
        return false;
    for (char *word = strtok_r(copy, "-", &place); word != NULL; word = strtok_r(NULL, "-", &place)) {
        if (count == MOST_WORDS)
            return false;
        words[count++] = word;
    }
    count = take_flags(words, count, experiment);
    return read_physical(arena, words, count, experiment) || read_virtual(arena, words, count, experiment);
}

static enum tb_status read_experiments(const char *directory, struct que_campaign *campaign, struct tb_error *error)
{
    struct layout_names names;
    const enum tb_status status = tb_layout_list(campaign->arena, directory, true, &names, error);
    if (status != TB_OK)
        return status;
    campaign->experiments = tb_arena_allocate(campaign->arena, names.count, sizeof *campaign->experiments);
    campaign->urls_are_sizes = true;
    for (size_t i = 0; i < names.count && campaign->experiments != NULL; i++) {
        struct que_experiment *experiment = &campaign->experiments[campaign->count];
        if (!read_name(campaign->arena, names.items[i], experiment))
            continue;
        double size;
        campaign->count++;
        campaign->urls_are_sizes = campaign->urls_are_sizes &&
                                   tb_quantity_parse(experiment->url, strlen(experiment->url), TB_FACTOR_BYTES, &size);
        campaign->has_physical = campaign->has_physical || experiment->vcpus == NULL;
        for (size_t j = 0; j < i && experiment->vcpus != NULL && j + 1 < campaign->count; j++)
            campaign->has_many_vcpus =
                campaign->has_many_vcpus || (campaign->experiments[j].vcpus != NULL &&
                                             strcmp(campaign->experiments[j].vcpus, experiment->vcpus) != 0);
        for (size_t j = 0; j < FLAG_COUNT; j++)
            campaign->flag_is_used[j] = campaign->flag_is_used[j] || experiment->flags[j] != NULL;
    }
    return campaign->arena->failed ? tb_error_memory(error, "the manifest") : TB_OK;
}

/* What the machines are belongs to the testbed, so that virtual scenarios meet physical ones. */
static const char *testbed_name(const struct que_campaign *campaign, const struct que_experiment *experiment)
{
    if (experiment->vcpus == NULL || !campaign->has_many_vcpus)
        return experiment->testbed;
    return tb_arena_print(campaign->arena, "%s-%svcpu", experiment->testbed, experiment->vcpus);
}

static void print_level(FILE *output, const char *name, const char *text)
{
    fprintf(output, ", %s: ", name);
    tb_layout_print_text(output, text, false);
}

static void print_run(const struct que_campaign *campaign, const struct que_experiment *experiment,
                      const char *iteration, FILE *output)
{
    const char *path = tb_path_join(campaign->arena, experiment->directory, iteration);
    const char *testbed = testbed_name(campaign, experiment);
    if (path == NULL || testbed == NULL)
        return;
    fputs("  - {path: ", output);
    tb_layout_print_text(output, path, true);
    print_level(output, "testbed", testbed);
    print_level(output, "rep", iteration);
    print_level(output, campaign->urls_are_sizes ? "size" : "url", experiment->url);
    print_level(output, "workers", experiment->workers);
    print_level(output, "pairs", experiment->pairs);
    print_level(output, "link", experiment->rate);
    print_level(output, "offload", experiment->offload);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const char *absent = i < FIRST_NUMBERED_FLAG ? "false" : "0";
        if (campaign->flag_is_used[i])
            print_level(output, flag_names[i], experiment->flags[i] == NULL ? absent : experiment->flags[i]);
    }
    fputs("}\n", output);
}

static void print_head(const struct que_campaign *campaign, const char *directory, FILE *output)
{
    fputs("# Written from a QUE directory. This file, not the directories' names, is what counts from now on.\n"
          "# Please check: baseline, process, and link (a rate without a unit was taken as Mbit/s).\n"
          "campaign: QUE\nbaseline: ",
          output);
    const char *baseline = campaign->has_physical ? "physical" : testbed_name(campaign, &campaign->experiments[0]);
    tb_layout_print_text(output, baseline == NULL ? "" : baseline, false);
    fputs("\nroot: ", output);
    tb_layout_print_text(output, directory, false);
    fprintf(output, "\nfactors:\n  %s: {type: %s}\n  workers: {type: number}\n  pairs: {type: number}\n",
            campaign->urls_are_sizes ? "size" : "url", campaign->urls_are_sizes ? "bytes" : "text");
    bool has_rates = true;
    for (size_t i = 0; i < campaign->count; i++) {
        const char *rate = campaign->experiments[i].rate;
        double number;
        has_rates = has_rates && tb_quantity_parse(rate, strlen(rate), TB_FACTOR_RATE, &number);
    }
    fprintf(output, "  link: {type: %s}\n  offload: {type: text}\n", has_rates ? "rate" : "text");
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (campaign->flag_is_used[i])
            fprintf(output, "  %s: {type: %s}\n", flag_names[i], i < FIRST_NUMBERED_FLAG ? "boolean" : "number");
    fputs("artifacts:\n"
          "  ab: [\"que{pair}/client/ab.out\", client/ab.out]\n"
          "  latency: [\"que{pair}/*/owamp/*/*.sum\", \"*/owamp/*/*.sum\", \"que{pair}/*/owamp/*/*.owp\", "
          "\"*/owamp/*/*.owp\"]\n"
          "  capture:\n"
          "    client: [\"que{pair}/client.pcap\", client.pcap]\n"
          "    server: [\"que{pair}/server.pcap\", server.pcap]\n"
          "  trace:\n"
          "    client: [\"que{pair}/client/sysdig.scap\", client/sysdig.scap]\n"
          "    server: [\"que{pair}/server/sysdig.scap\", server/sysdig.scap]\n"
          "process: {client: ab, server: protonuke}\n"
          "runs:\n",
          output);
}

enum tb_status tb_layout_write_que(const char *directory, struct arena *arena, FILE *output, struct tb_error *error)
{
    struct que_campaign campaign = {.arena = arena};
    enum tb_status status = read_experiments(directory, &campaign, error);
    size_t run_count = 0;
    for (size_t i = 0; i < campaign.count && status == TB_OK; i++) {
        struct layout_names iterations;
        const char *path = tb_path_join(arena, directory, campaign.experiments[i].directory);
        if (path == NULL)
            return tb_error_memory(error, "the manifest");
        status = tb_layout_list(arena, path, true, &iterations, error);
        for (size_t j = 0; j < iterations.count && status == TB_OK; j++) {
            if (!is_number(iterations.items[j]))
                continue;
            if (run_count++ == 0)
                print_head(&campaign, directory, output);
            print_run(&campaign, &campaign.experiments[i], iterations.items[j], output);
        }
    }
    if (status == TB_OK && run_count == 0)
        return tb_error_set(error, TB_NOT_FOUND,
                            "%s: no run of the QUE layout; expected directories such as "
                            "kvm-e1000-1-on-1000-4-1-500B/0 or physical-1g-on-4-500B/0",
                            directory);
    return status == TB_OK && arena->failed ? tb_error_memory(error, "the manifest") : status;
}
