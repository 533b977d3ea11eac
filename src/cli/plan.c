/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <getopt.h>
#include <string.h>

#include "command.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"
#include "twinbed/campaign/plan.h"
#include "twinbed/capture/capture.h"
#include "twinbed/decode/identify.h"
#include "twinbed/io/source.h"
#include "twinbed/trace/trace.h"

static const char help[] =
    "usage: twinbed plan CAMPAIGN --ranks N [--threads T] [--only FIELD=VALUE[,...]]... [--files]\n\n"
    "Says who would read what, before a job is submitted: bytes and files of each\n"
    "rank, the traces and captures that several ranks or all threads of one decode\n"
    "together, the memory a rank needs beside what grows, and about how long it\n"
    "decodes. Of large compressed files it says which all threads can decompress\n"
    "together (several gzip members or zstd frames), and warns of those that one\n"
    "must.\n\n"
    "      --ranks N    ranks of the job (needed)\n"
    "      --threads T  threads of a rank (default 1)\n"
    "      --files      list the files of each rank too\n\n"
    "example:\n"
    "  twinbed plan campaign.yaml --ranks 16 --threads 4\n";

enum { OPTION_ONLY = 256, OPTION_RANKS, OPTION_THREADS, OPTION_FILES };

static const struct option long_options[] = {
    {"only", required_argument, NULL, OPTION_ONLY},
    {"ranks", required_argument, NULL, OPTION_RANKS},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"files", no_argument, NULL, OPTION_FILES},
    {NULL, 0, NULL, 0},
};

static const double MEGABYTE = 1e6;

/* Bytes that a thread decodes in a second, about: docs/performance.md. Storage may be slower. Small files were not looked
 * at (tb_artifacts_look). */
static double decoded_a_second(const struct tb_artifact *artifact)
{
    static const double trace = 1.5e9, capture = 4e8, compressed = 1e8;
    if (!artifact->plain && artifact->size >= TB_PLAN_SHARED_LEAST)
        return compressed;
    return artifact->kind == TB_ARTIFACT_CAPTURE ? capture : trace;
}

/* Of the rank that needs most. */
static double memory_of_rank(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads)
{
    uint64_t most = 0;
    for (int rank = 0; rank < plan->ranks; rank++) {
        const uint64_t bytes = tb_analysis_memory(campaign, plan, rank, (int)threads);
        most = bytes > most ? bytes : most;
    }
    return (double)most / MEGABYTE;
}

/* Of one thread that would do all the work of a rank. */
static double seconds_of_rank(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank)
{
    double seconds = 0;
    for (size_t i = plan->rank_begin[rank]; i < plan->rank_begin[rank + 1]; i++) {
        const struct tb_segment *const segment = &plan->segments[i];
        seconds += (double)(segment->end - segment->begin) / decoded_a_second(&campaign->artifacts[segment->artifact]);
    }
    for (size_t i = 0; i < plan->team_count; i++) {
        const struct tb_plan_team *const team = &plan->teams[i];
        if (tb_plan_takes_part(plan, team, rank))
            seconds += (double)team->bytes / team->count / decoded_a_second(&campaign->artifacts[team->artifact]);
    }
    return seconds;
}

static double seconds_of_busiest(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads)
{
    double most = 0;
    for (int rank = 0; rank < plan->ranks; rank++) {
        const double seconds = seconds_of_rank(campaign, plan, rank);
        most = seconds > most ? seconds : most;
    }
    return most / (double)threads;
}

/* A large trace or capture: into how many segments its rank's threads cut it, or what they do when it is compressed. */
static void print_shared(const struct tb_artifact *artifact, uint64_t bytes, long long threads)
{
    if (artifact->members) {
        printf("  all threads: %s, compressed in pieces: all decompress, one %s\n", artifact->path,
               artifact->kind == TB_ARTIFACT_CAPTURE ? "parses, all follow flows" : "decodes");
        return;
    }
    const uint64_t segment =
        artifact->kind == TB_ARTIFACT_CAPTURE ? tb_capture_split_for((int)threads).chunk_most : TB_SPLIT_GAP;
    printf("  all threads: %s, %llu segments of %.3f MB\n", artifact->path,
           (unsigned long long)(bytes / segment + (bytes % segment != 0)), (double)segment / MEGABYTE);
}

static bool is_too_large(const struct tb_artifact *artifact, const struct tb_plan *plan, long long threads)
{
    return tb_artifact_kind_is_record(artifact->kind) && !artifact->plain && !artifact->members &&
           artifact->size >= TB_PLAN_SHARED_LEAST &&
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
        printf("%d ranks together: %s, %.3f MB; led by rank %d, with", team->count,
               campaign->artifacts[team->artifact].path, (double)team->bytes / MEGABYTE, plan->team_ranks[team->first]);
        for (int j = 1; j < team->count; j++)
            printf(" %d", plan->team_ranks[team->first + (size_t)j]);
        printf("; about %.3f MB each\n", (double)team->bytes / team->count / MEGABYTE);
    }
}

static void print_rank(const struct tb_campaign *campaign, const struct tb_plan *plan, int rank, long long threads,
                       bool files)
{
    const size_t begin = plan->rank_begin[rank], end = plan->rank_begin[rank + 1];
    printf("rank %d: %zu files, %.3f MB\n", rank, end - begin, (double)plan->rank_bytes[rank] / MEGABYTE);
    for (size_t i = begin; i < end; i++)
        if (tb_plan_is_shared(campaign, plan, &plan->segments[i], threads))
            print_shared(&campaign->artifacts[plan->segments[i].artifact], plan->segments[i].end, threads);
    for (size_t i = begin; files && i < end; i++)
        printf("  %12llu  %s\n", (unsigned long long)plan->segments[i].end,
               campaign->artifacts[plan->segments[i].artifact].path);
}

static void print_plan(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads, bool files)
{
    printf("%zu files, %.3f MB, on %d ranks of %lld threads; each rank holds %.0f MB of buffers and tables at most,\n"
           "and on top the distinct transitions of the files in work and their live flows, about %.1f kB each; the\n"
           "busiest rank decodes for about %.1f s, if storage keeps up\n",
           plan->segment_count + plan->team_count, (double)plan->total_bytes / MEGABYTE, plan->ranks, threads,
           memory_of_rank(campaign, plan, threads), TB_LIVE_FLOW_BYTES / 1e3,
           seconds_of_busiest(campaign, plan, threads));
    print_teams(campaign, plan);
    for (int rank = 0; rank < plan->ranks; rank++)
        print_rank(campaign, plan, rank, threads, files);
    warn_of_uncut(campaign, plan, threads);
}

static int plan_campaign(const char *path, const struct tb_selection *selection, int ranks, long long threads,
                         bool files)
{
    struct tb_campaign *campaign;
    struct tb_error error = {0};
    if (tb_campaign_load(path, selection, &campaign, &error) != TB_OK)
        return command_failure(&error);
    struct tb_plan plan;
    tb_artifacts_look(campaign);
    const enum tb_status status = tb_plan_make(campaign, ranks, &plan, &error);
    if (status == TB_OK) {
        print_plan(campaign, &plan, threads, files);
        tb_plan_free(&plan);
    }
    tb_campaign_free(campaign);
    return status == TB_OK ? EXIT_GOOD : command_failure(&error);
}

static int run(int argument_count, char **arguments)
{
    struct only_list only = {.count = 0};
    long long ranks = 0;
    long long threads = 1;
    bool files = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "", long_options, NULL)) != -1) {
        if (option == OPTION_ONLY && only_add(&only, optarg))
            continue;
        if (option == OPTION_RANKS && number_parse(optarg, 1, 1000000, &ranks))
            continue;
        if (option == OPTION_THREADS && number_parse(optarg, 1, 4096, &threads))
            continue;
        if (option != OPTION_FILES)
            return command_bad_option(&command_plan, arguments);
        files = true;
    }
    if (argument_count - optind != 1 || ranks == 0)
        return command_misuse(&command_plan, "one campaign file and --ranks are needed");
    const struct tb_selection selection = only_selection(&only);
    return plan_campaign(arguments[optind], &selection, (int)ranks, threads, files);
}

const struct command command_plan = {"plan", "say who would read what, before a job is submitted", help, run};
