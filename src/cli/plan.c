/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/campaign/plan.h"
#include "command.h"
#include "decode/file_kind.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"
#include "twinbed/base/printable.h"
#include "twinbed/campaign/outside.h"
#include "twinbed/capture/capture.h"
#include "twinbed/decode/identify.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/trace.h"

struct plan_arguments {
    const char *campaign;
    struct value_list only;
    long long ranks, threads;
    bool confined, files;
};

static const struct parameter operand_table[] = {
    {.name = "CAMPAIGN", PARAMETER_FILE(struct plan_arguments, campaign), .text = "the campaign file", .needed = true},
    {.name = NULL},
};

static const struct parameter option_table[] = {
    {.name = "ranks",
     PARAMETER_NUMBER(struct plan_arguments, ranks),
     .value = "N",
     .text = "ranks of the job",
     .needed = true,
     .least = 1,
     .most = 1000000},
    {.name = "threads",
     PARAMETER_NUMBER(struct plan_arguments, threads),
     .value = "T",
     .text = "threads of a rank (default: 1)",
     .least = 1,
     .most = 4096},
    {.name = "only",
     PARAMETER_LIST(struct plan_arguments, only),
     .value = "FIELD=VALUE[,...]",
     .text = "only runs with these values"},
    CONFINED_OPTION(struct plan_arguments, confined),
    {.name = "files", PARAMETER_FLAG(struct plan_arguments, files), .text = "list the files of each rank too"},
    {.name = NULL},
};

static const double MEGABYTE = 1e6;

/* Of the rank that needs most. Any rank may take any file that is not a team's; in a team it is the lead who needs most. */
static double memory_of_rank(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads)
{
    uint64_t most = tb_analysis_memory(campaign, plan, 0, (int)threads);
    for (size_t i = 0; i < plan->team_count; i++) {
        const int lead = plan->team_ranks[plan->teams[i].first];
        const uint64_t bytes = tb_analysis_memory(campaign, plan, lead, (int)threads);
        most = bytes > most ? bytes : most;
    }
    return (double)most / MEGABYTE;
}

static double seconds_of(const struct tb_campaign *campaign, size_t artifact)
{
    return (double)tb_plan_cost(&campaign->artifacts[artifact]) / 1e9;
}

/* Threads share out a rank's files, but nobody helps with the longest that one of them must read. */
static double seconds_of_rank(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank,
                              long long threads)
{
    double all = 0, longest = 0;
    for (size_t i = plan->rank_begin[rank]; i < plan->rank_begin[rank + 1]; i++) {
        const double seconds = seconds_of(campaign, plan->segments[i].artifact);
        all += seconds;
        if (!tb_plan_is_shared(campaign, plan, &plan->segments[i], threads) && seconds > longest)
            longest = seconds;
    }
    for (size_t i = 0; i < plan->team_count; i++)
        if (tb_plan_takes_part(plan, &plan->teams[i], rank))
            all += seconds_of(campaign, plan->teams[i].artifact) / plan->teams[i].count;
    return all / (double)threads > longest ? all / (double)threads : longest;
}

static double seconds_of_busiest(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads)
{
    double most = 0;
    for (int rank = 0; rank < plan->ranks; rank++) {
        const double seconds = seconds_of_rank(campaign, plan, rank, threads);
        most = seconds > most ? seconds : most;
    }
    return most;
}

/* A large trace or capture: into how many segments its rank's threads cut it, or what they do when it is compressed. */
static void print_shared(const struct tb_artifact *artifact, uint64_t bytes, long long threads)
{
    if (artifact->members) {
        tb_printable_print(stdout, "  all threads: %s, compressed in pieces: all decompress, one %s\n", artifact->path,
                           artifact->kind == TB_ARTIFACT_CAPTURE ? "parses, all follow flows" : "decodes");
        return;
    }
    const uint64_t segment =
        artifact->kind == TB_ARTIFACT_CAPTURE ? tb_capture_split_for((int)threads).chunk_most : TB_SPLIT_GAP;
    tb_printable_print(stdout, "  all threads: %s, %llu segments of %.3f MB\n", artifact->path,
                       (unsigned long long)(bytes / segment + (bytes % segment != 0)), (double)segment / MEGABYTE);
}

static bool is_too_large(const struct tb_artifact *artifact, const struct tb_plan *plan, long long threads)
{
    return tb_artifact_kind_is_record(artifact->kind) && !artifact->plain && !artifact->members &&
           artifact->further_count == 0 && artifact->size >= TB_PLAN_SHARED_LEAST &&
           artifact->size > plan->total_bytes / ((uint64_t)plan->ranks * (uint64_t)threads) &&
           (plan->ranks > 1 || threads > 1);
}

/* Large files that one thread must decompress, as far as their beginnings show. */
static void warn_of_uncut(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads)
{
    for (size_t i = 0; i < plan->segment_count; i++) {
        const struct tb_artifact *const artifact = &campaign->artifacts[plan->segments[i].artifact];
        struct tb_source *source;
        struct tb_error error;
        if (!is_too_large(artifact, plan, threads))
            continue;
        if (tb_source_open(artifact->path, &source, &error) != TB_OK) {
            tb_log_warning("%s", error.text);
            continue;
        }
        tb_log_warning(
            "%s is compressed (%s) as a whole: one thread must decompress it, and one decode it; all threads could "
            "decompress it if it were compressed in small pieces (bgzip, pzstd)",
            artifact->path, tb_compression_name(tb_source_compression(source)));
        tb_source_close(source);
    }
}

/* Each rank reads about as much of every round, in long segments that lie in the order of ranks. */
static void print_teams(const struct tb_campaign *campaign, const struct tb_plan *plan)
{
    for (size_t i = 0; i < plan->team_count; i++) {
        const struct tb_plan_team *const team = &plan->teams[i];
        tb_printable_print(stdout, "%d ranks together: %s, %.3f MB; led by rank %d, with", team->count,
                           campaign->artifacts[team->artifact].path, (double)team->bytes / MEGABYTE,
                           plan->team_ranks[team->first]);
        for (int j = 1; j < team->count; j++)
            tb_printable_print(stdout, " %d", plan->team_ranks[team->first + (size_t)j]);
        tb_printable_print(stdout, "; about %.3f MB each\n", (double)team->bytes / team->count / MEGABYTE);
    }
}

static void print_rank(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, long long threads,
                       bool files)
{
    const size_t begin = plan->rank_begin[rank], end = plan->rank_begin[rank + 1];
    tb_printable_print(stdout, "rank %d: %zu files, %.3f MB\n", rank, end - begin,
                       (double)plan->rank_bytes[rank] / MEGABYTE);
    for (size_t i = begin; i < end; i++)
        if (tb_plan_is_shared(campaign, plan, &plan->segments[i], threads))
            print_shared(&campaign->artifacts[plan->segments[i].artifact], plan->segments[i].end, threads);
    for (size_t i = begin; files && i < end; i++)
        tb_printable_print(stdout, "  %12llu  %s\n", (unsigned long long)plan->segments[i].end,
                           campaign->artifacts[plan->segments[i].artifact].path);
}

static void print_plan(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads, bool files)
{
    tb_printable_print(
        stdout,
        "%zu files, %.3f MB, on %d ranks of %lld threads; each rank holds %.0f MB of buffers and tables at most,\n",
        plan->segment_count + plan->team_count, (double)plan->total_bytes / MEGABYTE, plan->ranks, threads,
        memory_of_rank(campaign, plan, threads));
    tb_printable_print(
        stdout,
        "and on top the distinct transitions of the files in work and their live flows, about %.1f kB each; the\n",
        TB_LIVE_FLOW_BYTES / 1e3);
    tb_printable_print(stdout, "busiest rank decodes for about %.1f s, if storage keeps up\n",
                       seconds_of_busiest(campaign, plan, threads));
    print_teams(campaign, plan);
    if (plan->ranks > 1)
        tb_printable_print(stdout, "ranks take files when they are free; when all are equally fast, about:\n");
    for (int rank = 0; rank < plan->ranks; rank++)
        print_rank(campaign, plan, rank, threads, files);
    warn_of_uncut(campaign, plan, threads);
}

static int plan_campaign(const struct plan_arguments *given)
{
    const struct tb_selection selection = only_selection(&given->only);
    struct tb_campaign *campaign;
    struct tb_error error = {0};
    if (tb_campaign_load(given->campaign, &selection, &campaign, &error) != TB_OK) {
        error.status = tb_file_kind_explain(given->campaign, error.status, &error);
        return command_failure(&error);
    }
    struct tb_plan plan;
    enum tb_status status = tb_campaign_check_paths(campaign, given->confined, &error);
    if (status == TB_OK) {
        tb_artifacts_look(campaign, 0, 1);
        status = tb_plan_make(campaign, (int)given->ranks, &plan, &error);
    }
    if (status == TB_OK) {
        print_plan(campaign, &plan, given->threads, given->files);
        tb_plan_free(&plan);
    }
    tb_campaign_free(campaign);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static int run(int argument_count, char **arguments)
{
    struct plan_arguments given = {.threads = 1};
    const int result = command_parse(&command_plan, argument_count, arguments, &given);
    return result == EXIT_GOOD ? plan_campaign(&given) : result;
}

const struct command command_plan = {
    .name = "plan",
    .summary = "say who would read what, before a job is submitted",
    .description =
        "Says who would read what, before a job is submitted: bytes and files of each rank, the traces and captures "
        "that several ranks or all threads of one decode together, the memory a rank needs beside what grows, and "
        "about how long it decodes. Of large compressed files it says which all threads can decompress together "
        "(several gzip members or zstd frames), and warns of those that one must.",
    .operands = operand_table,
    .options = option_table,
    .examples = "twinbed plan campaign.yaml --ranks 16 --threads 4\n",
    .run = run,
};
