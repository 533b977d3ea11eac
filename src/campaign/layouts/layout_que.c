/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layout of the QUE tools:
 *
 *   TYPE-DRIVER-VCPUS-OFFLOAD-RATE-WORKERS-PAIRS-URL[-FLAG...]/ITERATION/queRANDOM/{client,server}/...
 *   physical-Gg-OFFLOAD-WORKERS-URL[-FLAG...]/ITERATION/{client,server}/...
 *
 * Everything is written so that a virtual run and a physical one under the same
 * load are one scenario: rates in one spelling, and what no physical directory
 * says as part of the testbed's name, not as a factor that would keep them apart. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/manifest/pattern.h"
#include "campaign/manifest/quantity.h"
#include "layout_writer.h"
#include "twinbed/base/utf8.h"

enum { MOST_WORDS = 64, FLAG_COUNT = 8 };

/* Flags that end a directory's name; the last three carry a number. */
static const char *const flag_names[FLAG_COUNT] = {"instr", "pinning",   "gre",      "colocated",
                                                   "noht",  "stresscpu", "stressio", "stressmem"};
enum { FLAG_INSTRUMENTED = 0, FIRST_NUMBERED_FLAG = 5 };

enum que_artifact {
    QUE_AB,
    QUE_LATENCY,
    QUE_CAPTURE_CLIENT,
    QUE_CAPTURE_SERVER,
    QUE_TRACE_CLIENT,
    QUE_TRACE_SERVER,
    QUE_ARTIFACTS
};

/* What shows, below the directory of a pair or of a physical run, that it was recorded; and how it is asked for. */
static const struct {
    const char *name;
    const char *shown_by[2];
    const char *paths;
} artifacts[QUE_ARTIFACTS] = {
    [QUE_AB] = {"ab", {"client/ab.out"}, "[\"que{pair}/client/ab.out\", client/ab.out]"},
    [QUE_LATENCY] = {"latency",
                     {"client/owamp", "server/owamp"},
                     "[\"que{pair}/*/owamp/*/*.sum\", \"*/owamp/*/*.sum\", \"que{pair}/*/owamp/*/*.owp\", "
                     "\"*/owamp/*/*.owp\"]"},
    [QUE_CAPTURE_CLIENT] = {"capture client",
                            {"client.pcap", "client/client.pcap"},
                            "[\"que{pair}/client.pcap\", client/client.pcap, client.pcap]"},
    [QUE_CAPTURE_SERVER] = {"capture server",
                            {"server.pcap", "server/server.pcap"},
                            "[\"que{pair}/server.pcap\", server/server.pcap, server.pcap]"},
    [QUE_TRACE_CLIENT] = {"trace client",
                          {"client/sysdig.scap"},
                          "[\"que{pair}/client/sysdig.scap\", client/sysdig.scap]"},
    [QUE_TRACE_SERVER] = {"trace server",
                          {"server/sysdig.scap"},
                          "[\"que{pair}/server/sysdig.scap\", server/sysdig.scap]"},
};

struct que_experiment {
    const char *directory;
    const char *testbed;
    const char *vcpus; /* NULL for physical testbeds */
    const char *offload;
    const char *rate;
    const char *workers;
    const char *pairs;
    const char *protocol;          /* of the URL; NULL when it names none */
    const char *size;              /* likewise */
    const char *url;               /* NULL when protocol and size say it all */
    const char *flags[FLAG_COUNT]; /* "true", a number, or NULL */
    struct layout_names iterations;
};

struct que_campaign {
    struct que_experiment *experiments;
    size_t count;
    bool has_physical;
    bool has_many_vcpus;
    bool has_protocol;
    bool has_size;
    bool has_url;
    bool server_is_known;            /* the tools have looked at traces as they do when protonuke serves */
    bool is_recorded[QUE_ARTIFACTS]; /* some run has it */
    bool flag_is_used[FLAG_COUNT];
    bool flag_is_physical[FLAG_COUNT]; /* a physical directory has it */
    const struct tb_layout_processes *processes;
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

/* Bits per second; no link is faster. */
static const double MOST_RATE = 1e18;

/* A rate in the largest unit that holds it as a whole number, so that 1000 Mbit/s and 1g are one text. */
static const char *print_rate(struct arena *arena, double bits_per_second)
{
    static const struct {
        double bits;
        const char *name;
    } units[] = {{1e9, "Gbit/s"}, {1e6, "Mbit/s"}, {1e3, "kbit/s"}};
    for (size_t i = 0; i < sizeof units / sizeof units[0] && bits_per_second < MOST_RATE; i++) {
        const double count = bits_per_second / units[i].bits;
        if (count >= 1 && count == (double)(uint64_t)count)
            return tb_arena_print(arena, "%.0f %s", count, units[i].name);
    }
    return tb_arena_print(arena, "%.0f bit/s", bits_per_second);
}

/* "1g" is 1 Gbit/s; a number alone is Mbit/s; anything else, such as "none", stays as it is. */
static const char *rate_text(struct arena *arena, const char *word)
{
    const size_t length = strlen(word);
    double rate;
    if (tb_quantity_parse(word, length, TB_FACTOR_NUMBER, &rate) && rate >= 0)
        return print_rate(arena, rate * 1e6);
    const char *spelled = tb_arena_print(arena, "%sbit/s", word);
    if (tb_quantity_parse(word, length, TB_FACTOR_RATE, &rate) ||
        (spelled != NULL && tb_quantity_parse(spelled, strlen(spelled), TB_FACTOR_RATE, &rate)))
        return print_rate(arena, rate);
    return word;
}

/* The tools give the speed of a physical link in whole Gbit/s, so that 0 stands for any slower one. */
static const char *physical_rate_text(struct arena *arena, const char *word)
{
    return strcmp(word, "0g") == 0 ? "below 1 Gbit/s" : rate_text(arena, word);
}

/* "https15MB", "http", "500B": what the tools make of https://HOST/image.png?size=15MB and the like. Any other URL stays
 * whole. */
static void read_url(const char *text, struct que_experiment *experiment)
{
    static const char *const protocols[] = {"https", "http"};
    const char *rest = text;
    double size;
    for (size_t i = 0; i < 2 && experiment->protocol == NULL; i++) {
        if (strncmp(text, protocols[i], strlen(protocols[i])) == 0) {
            experiment->protocol = protocols[i];
            rest = text + strlen(protocols[i]);
        }
    }
    if (tb_quantity_parse(rest, strlen(rest), TB_FACTOR_BYTES, &size)) {
        experiment->size = rest;
    } else if (rest[0] != '\0' || rest == text) {
        experiment->protocol = NULL;
        experiment->url = text;
    }
}

static bool read_physical(struct arena *arena, const char *const *words, size_t count,
                          struct que_experiment *experiment)
{
    if (count < 5 || strcmp(words[0], "physical") != 0 || !is_number(words[3]))
        return false;
    experiment->testbed = "physical";
    experiment->rate = physical_rate_text(arena, words[1]);
    experiment->offload = words[2];
    experiment->workers = words[3];
    experiment->pairs = "1";
    const char *url = join_words(arena, words + 4, count - 4);
    if (url != NULL)
        read_url(url, experiment);
    return url != NULL;
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
    const char *url = join_words(arena, words + at + 5, count - at - 5);
    if (url != NULL)
        read_url(url, experiment);
    return url != NULL;
}

static bool read_name(struct arena *arena, const char *name, struct que_experiment *experiment)
{
    const char *words[MOST_WORDS];
    size_t count = 0;
    char *copy = tb_arena_copy(arena, name, strlen(name));
    char *place = NULL;
    *experiment = (struct que_experiment){.directory = name};
    if (copy == NULL || !tb_utf8_is_text(name))
        return false;
    for (char *word = strtok_r(copy, "-", &place); word != NULL; word = strtok_r(NULL, "-", &place)) {
        if (count == MOST_WORDS)
            return false;
        words[count++] = word;
    }
    count = take_flags(words, count, experiment);
    return read_physical(arena, words, count, experiment) || read_virtual(arena, words, count, experiment);
}

static void note_experiment(struct que_campaign *campaign, const struct que_experiment *experiment)
{
    const bool is_physical = experiment->vcpus == NULL;
    campaign->has_physical = campaign->has_physical || is_physical;
    campaign->has_protocol = campaign->has_protocol || experiment->protocol != NULL;
    campaign->has_size = campaign->has_size || experiment->size != NULL;
    campaign->has_url = campaign->has_url || experiment->url != NULL;
    for (size_t i = 0; i < campaign->count && !is_physical; i++)
        campaign->has_many_vcpus =
            campaign->has_many_vcpus ||
            (campaign->experiments[i].vcpus != NULL && strcmp(campaign->experiments[i].vcpus, experiment->vcpus) != 0);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const bool is_set = experiment->flags[i] != NULL;
        campaign->flag_is_used[i] = campaign->flag_is_used[i] || is_set;
        campaign->flag_is_physical[i] = campaign->flag_is_physical[i] || (is_set && is_physical);
    }
}

static bool has_file(const struct que_campaign *campaign, const char *path, const char *name)
{
    const char *file = tb_path_join(campaign->arena, path, name);
    return file != NULL && access(file, F_OK) == 0;
}

/* Notes what lies in the directory of a pair or of a physical run. */
static void look_into(struct que_campaign *campaign, const char *path)
{
    for (size_t i = 0; i < QUE_ARTIFACTS; i++)
        for (size_t j = 0; j < 2 && artifacts[i].shown_by[j] != NULL && !campaign->is_recorded[i]; j++)
            campaign->is_recorded[i] = has_file(campaign, path, artifacts[i].shown_by[j]);
    /* The tools leave this file behind, and look for calls of protonuke in it, where protonuke serves. */
    campaign->server_is_known = campaign->server_is_known || has_file(campaign, path, "server/topscalls-workload.out");
}

/* Looks at one run, which lies in path, and at its pairs. */
static enum tb_status look_at_run(struct que_campaign *campaign, const char *path, struct tb_error *error)
{
    struct layout_names pairs;
    const enum tb_status status = tb_layout_list(campaign->arena, path, true, &pairs, error);
    look_into(campaign, path);
    for (size_t i = 0; i < pairs.count && status == TB_OK; i++) {
        const char *pair = tb_path_join(campaign->arena, path, pairs.items[i]);
        if (pair != NULL && strncmp(pairs.items[i], "que", 3) == 0)
            look_into(campaign, pair);
    }
    return status;
}

/* The iterations of an experiment: the directories whose names are numbers. */
static enum tb_status read_iterations(const char *directory, struct que_campaign *campaign,
                                      struct que_experiment *experiment, struct tb_error *error)
{
    const char *path = tb_path_join(campaign->arena, directory, experiment->directory);
    struct layout_names *const iterations = &experiment->iterations;
    if (path == NULL)
        return tb_error_memory(error, "the manifest");
    enum tb_status status = tb_layout_list(campaign->arena, path, true, iterations, error);
    size_t kept = 0;
    for (size_t i = 0; i < iterations->count && status == TB_OK; i++) {
        if (!is_number(iterations->items[i]))
            continue;
        const char *run = tb_path_join(campaign->arena, path, iterations->items[i]);
        if (run != NULL)
            status = look_at_run(campaign, run, error);
        iterations->items[kept++] = iterations->items[i];
    }
    iterations->count = kept;
    return status;
}

/* Directories of other names, and those without an iteration, are no experiments. */
static enum tb_status read_experiments(const char *directory, struct que_campaign *campaign, struct tb_error *error)
{
    struct layout_names names;
    enum tb_status status = tb_layout_list(campaign->arena, directory, true, &names, error);
    if (status != TB_OK)
        return status;
    campaign->experiments = tb_arena_allocate(campaign->arena, names.count, sizeof *campaign->experiments);
    for (size_t i = 0; i < names.count && campaign->experiments != NULL && status == TB_OK; i++) {
        struct que_experiment *experiment = &campaign->experiments[campaign->count];
        if (!read_name(campaign->arena, names.items[i], experiment))
            continue;
        status = read_iterations(directory, campaign, experiment, error);
        if (experiment->iterations.count == 0)
            continue;
        note_experiment(campaign, experiment);
        campaign->count++;
    }
    return status == TB_OK && campaign->arena->failed ? tb_error_memory(error, "the manifest") : status;
}

/* A flag that only virtual machines have says what the testbed is. As a factor it would be false on all physical
 * machines, and where all virtual ones have it the two would never meet. Instrumentation is something both can have. */
static bool flag_is_of_testbed(const struct que_campaign *campaign, size_t flag)
{
    return campaign->has_physical && flag != FLAG_INSTRUMENTED && !campaign->flag_is_physical[flag];
}

static bool flag_is_factor(const struct que_campaign *campaign, size_t flag)
{
    return campaign->flag_is_used[flag] && !flag_is_of_testbed(campaign, flag);
}

/* What the machines are belongs to the testbed, so that virtual scenarios meet physical ones. */
static const char *testbed_name(const struct que_campaign *campaign, const struct que_experiment *experiment)
{
    const char *name = experiment->testbed;
    if (experiment->vcpus != NULL && campaign->has_many_vcpus)
        name = tb_arena_print(campaign->arena, "%s-%svcpu", name, experiment->vcpus);
    for (size_t i = 0; i < FLAG_COUNT && name != NULL; i++)
        if (experiment->flags[i] != NULL && flag_is_of_testbed(campaign, i))
            name = tb_arena_print(campaign->arena, "%s-%s%s", name, flag_names[i],
                                  i < FIRST_NUMBERED_FLAG ? "" : experiment->flags[i]);
    return name;
}

/* A run may lack a level: its scenario then lacks the factor. */
static void print_level(FILE *output, const char *name, const char *text)
{
    if (text == NULL)
        return;
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
    print_level(output, "protocol", experiment->protocol);
    print_level(output, "size", experiment->size);
    print_level(output, "url", experiment->url);
    print_level(output, "workers", experiment->workers);
    print_level(output, "pairs", experiment->pairs);
    print_level(output, "link", experiment->rate);
    print_level(output, "offload", experiment->offload);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const char *absent = i < FIRST_NUMBERED_FLAG ? "false" : "0";
        if (flag_is_factor(campaign, i))
            print_level(output, flag_names[i], experiment->flags[i] == NULL ? absent : experiment->flags[i]);
    }
    fputs("}\n", output);
}

static bool links_are_rates(const struct que_campaign *campaign)
{
    double number;
    for (size_t i = 0; i < campaign->count; i++) {
        const char *rate = campaign->experiments[i].rate;
        if (!tb_quantity_parse(rate, strlen(rate), TB_FACTOR_RATE, &number))
            return false;
    }
    return true;
}

static void print_factors(const struct que_campaign *campaign, FILE *output)
{
    fprintf(output, "factors:\n%s%s%s  workers: {type: number}\n  pairs: {type: number}\n",
            campaign->has_protocol ? "  protocol: {type: text}\n" : "",
            campaign->has_size ? "  size: {type: bytes}\n" : "", campaign->has_url ? "  url: {type: text}\n" : "");
    fprintf(output, "  link: {type: %s}\n  offload: {type: text}\n", links_are_rates(campaign) ? "rate" : "text");
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (flag_is_factor(campaign, i))
            fprintf(output, "  %s: {type: %s}\n", flag_names[i], i < FIRST_NUMBERED_FLAG ? "boolean" : "number");
}

/* The ones first and first + 1, which belong together under one key. */
static void print_both(const struct que_campaign *campaign, enum que_artifact first, const char *key, FILE *output)
{
    static const char *const sides[] = {"client", "server"};
    if (campaign->is_recorded[first] || campaign->is_recorded[first + 1])
        fprintf(output, "  %s:\n", key);
    for (unsigned i = 0; i < 2; i++)
        if (campaign->is_recorded[first + i])
            fprintf(output, "    %s: %s\n", sides[i], artifacts[first + i].paths);
}

/* Only what some run has: what is asked for and found nowhere would be an alarm. */
static void print_artifacts(const struct que_campaign *campaign, FILE *output)
{
    bool some = false;
    for (size_t i = 0; i < QUE_ARTIFACTS; i++) {
        some = some || campaign->is_recorded[i];
        if (!campaign->is_recorded[i])
            fprintf(output, "# No run has %s.\n", artifacts[i].name);
    }
    fprintf(output, "artifacts:%s\n", some ? "" : " {}");
    for (unsigned i = QUE_AB; i <= QUE_LATENCY; i++)
        if (campaign->is_recorded[i])
            fprintf(output, "  %s: %s\n", artifacts[i].name, artifacts[i].paths);
    print_both(campaign, QUE_CAPTURE_CLIENT, "capture", output);
    print_both(campaign, QUE_TRACE_CLIENT, "trace", output);
}

static void print_process(const struct que_campaign *campaign, FILE *output)
{
    const struct tb_layout_processes *const found = campaign->processes;
    fputs("process: {client: ", output);
    tb_layout_print_text(output, found->client[0] == '\0' ? "ab" : found->client, false);
    if (found->server[0] != '\0' || campaign->server_is_known) {
        fputs(", server: ", output);
        tb_layout_print_text(output, found->server[0] == '\0' ? "protonuke" : found->server, false);
    }
    fputs(found->server[0] != '\0'    ? "}    # guessed from the traces: who connects, who accepts\n"
          : campaign->server_is_known ? "}\n"
                                      : "}    # server: not known from the directory; the tools start protonuke\n",
          output);
}

static void print_head(const struct que_campaign *campaign, const char *directory, FILE *output)
{
    fputs("# Written from a QUE directory. This file, not the directories' names, is what counts from now on.\n"
          "# Please check: baseline, process, and link (a rate without a unit was taken as Mbit/s).\n",
          output);
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (campaign->flag_is_used[i] && flag_is_of_testbed(campaign, i))
            fprintf(output, "# %s stands in the testbed's name: no physical run has it.\n", flag_names[i]);
    fputs("campaign: QUE\nbaseline: ", output);
    const char *baseline = campaign->has_physical ? "physical" : testbed_name(campaign, &campaign->experiments[0]);
    tb_layout_print_text(output, baseline == NULL ? "" : baseline, false);
    fputs("\nroot: ", output);
    tb_layout_print_text(output, directory, false);
    fputs("\n", output);
    print_factors(campaign, output);
    print_artifacts(campaign, output);
    print_process(campaign, output);
    fputs("runs:\n", output);
}

enum tb_status tb_layout_write_que(const char *directory, const struct tb_layout_processes *processes,
                                   struct arena *arena, FILE *output, struct tb_error *error)
{
    struct que_campaign campaign = {.arena = arena, .processes = processes};
    const enum tb_status status = read_experiments(directory, &campaign, error);
    if (status != TB_OK)
        return status;
    if (campaign.count == 0)
        return tb_error_set(error, TB_NOT_FOUND,
                            "%s: no run of the QUE layout; expected directories such as "
                            "kvm-e1000-1-on-1000-4-1-500B/0 or physical-1g-on-4-500B/0",
                            directory);
    print_head(&campaign, directory, output);
    for (size_t i = 0; i < campaign.count; i++)
        for (size_t j = 0; j < campaign.experiments[i].iterations.count; j++)
            print_run(&campaign, &campaign.experiments[i], campaign.experiments[i].iterations.items[j], output);
    return arena->failed ? tb_error_memory(error, "the manifest") : TB_OK;
}
