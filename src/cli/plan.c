/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <getopt.h>
#include <string.h>

#include "command.h"
#include "twinbed/base/log.h"
#include "twinbed/campaign/plan.h"
#include "twinbed/io/source.h"
#include "twinbed/net/capture.h"
#include "twinbed/os/trace.h"

static const char help[] =
    "usage: twinbed plan CAMPAIGN --ranks N [--threads T] [--only FIELD=VALUE[,...]]... [--files]\n\n"
    "Says who would read what, before a job is submitted: bytes and files of each\n"
    "rank, the traces and captures that all its threads decode together, and the\n"
    "memory a rank needs at the least. Warns of large ones that cannot be cut (gzip,\n"
    "zstd).\n\n"
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

/* Read and decompression buffers of each thread; what grows with the content
 * (live flows, distinct transitions) comes on top. */
static double memory_of_rank(long long threads)
{
    const double buffers = 2.0 * TB_READER_BLOCK_SIZE;
    return (double)threads * buffers / MEGABYTE;
}

/* A large trace or capture: into how many segments its rank's threads cut it, or that they cannot. */
static void print_shared(const struct tb_artifact *artifact, uint64_t bytes, long long threads)
{
    const char *const path = artifact->path;
    struct tb_source *source;
    struct tb_error error;
    if (tb_source_open(path, &source, &error) != TB_OK) {
        tb_log_warning("%s", error.text);
        return;
    }
    const enum tb_compression compression = tb_source_compression(source);
    const uint64_t segment = artifact->kind == TB_ARTIFACT_CAPTURE
                                 ? tb_capture_split_for((int)threads).segment_size
                                 : tb_trace_segment(bytes, (int)threads, TB_SPLIT_SEGMENT);
    if (compression == TB_COMPRESSION_NONE)
        printf("  all threads: %s, %llu segments of %.3f MB\n", path,
               (unsigned long long)(bytes / segment + (bytes % segment != 0)), (double)segment / MEGABYTE);
    else
        tb_log_warning("%s is stored as %s and cannot be cut: one thread decodes it alone", path,
                       tb_compression_name(compression));
    tb_source_close(source);
}

static void print_plan(const struct tb_campaign *campaign, const struct tb_plan *plan, long long threads, bool files)
{
    printf("%zu files, %.3f MB, on %d ranks of %lld threads; each rank holds about %.0f MB of buffers,\n"
           "and on top the flows and distinct transitions of the files in work\n",
           plan->segment_count, (double)plan->total_bytes / MEGABYTE, plan->ranks, threads, memory_of_rank(threads));
    for (int rank = 0; rank < plan->ranks; rank++) {
        printf("rank %d: %zu files, %.3f MB\n", rank, plan->rank_begin[rank + 1] - plan->rank_begin[rank],
               (double)plan->rank_bytes[rank] / MEGABYTE);
        for (size_t i = plan->rank_begin[rank]; i < plan->rank_begin[rank + 1]; i++)
            if (tb_plan_is_shared(campaign, plan, &plan->segments[i], threads))
                print_shared(&campaign->artifacts[plan->segments[i].artifact],
                             plan->segments[i].end - plan->segments[i].begin, threads);
        for (size_t i = plan->rank_begin[rank]; files && i < plan->rank_begin[rank + 1]; i++)
            printf("  %12llu  %s\n", (unsigned long long)(plan->segments[i].end - plan->segments[i].begin),
                   campaign->artifacts[plan->segments[i].artifact].path);
    }
}

static int plan_campaign(const char *path, const struct tb_selection *selection, int ranks, long long threads,
                         bool files)
{
    struct tb_campaign *campaign;
    struct tb_error error = {0};
    if (tb_campaign_load(path, selection, &campaign, &error) != TB_OK)
        return command_failure(&error);
    struct tb_plan plan;
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
