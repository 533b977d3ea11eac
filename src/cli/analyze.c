/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <getopt.h>
#include <omp.h>
#include <string.h>

#include "command.h"
#include "twinbed/analysis/analysis.h"
#include "twinbed/base/log.h"

static const char help[] = "usage: twinbed analyze CAMPAIGN -o RESULTS [OPTION]...\n\n"
                           "Reads every artifact of the campaign, measures every run, compares the testbeds\n"
                           "and writes one HDF5 file. Run it under mpirun or srun to use many ranks; the\n"
                           "results are the same for any number of ranks and threads.\n\n"
                           "  -o, --output RESULTS          results file to write (needed)\n"
                           "      --only FIELD=VALUE[,...]  only runs with these values of testbed, rep or a\n"
                           "                                factor; may be given several times\n"
                           "      --force                   replace RESULTS, and FILE of --timings, if it exists\n"
                           "      --strict                  fail if any artifact is damaged, missing or withdrawn,\n"
                           "                                or something asked for cannot be had (see check)\n"
                           "      --threads N               threads of each rank (default: OMP_NUM_THREADS, else\n"
                           "                                the CPUs this process may use)\n"
                           "      --timings FILE            write seconds by stage as JSON\n"
                           "      --quiet, --verbose        say less, say more\n\n"
                           "What is decoded is kept in RESULTS.parts: the same command started again goes on\n"
                           "from there, and new thresholds, baselines or discards decode nothing again. Remove\n"
                           "that directory when it is no longer wanted.\n\n"
                           "examples:\n"
                           "  twinbed analyze campaign.yaml -o results.h5\n"
                           "  mpirun -n 16 twinbed analyze campaign.yaml -o results.h5\n"
                           "  twinbed analyze campaign.yaml -o small.h5 --only testbed=veth,virtio --only size=500B\n";

enum { OPTION_ONLY = 256, OPTION_FORCE, OPTION_STRICT, OPTION_THREADS, OPTION_TIMINGS, OPTION_QUIET, OPTION_VERBOSE };

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"only", required_argument, NULL, OPTION_ONLY},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"strict", no_argument, NULL, OPTION_STRICT},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"timings", required_argument, NULL, OPTION_TIMINGS},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {NULL, 0, NULL, 0},
};

struct analyze_arguments {
    struct tb_analysis_options options;
    struct only_list only;
    enum tb_log_level level;
    char command_line[2048];
};

static void join_arguments(int argument_count, char **arguments, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "twinbed");
    for (int i = 0; i < argument_count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, " %s", arguments[i]);
}

static int take_option(struct analyze_arguments *parsed, int option, char *const *arguments)
{
    long long threads;
    switch (option) {
    case 'o':
        parsed->options.output_path = optarg;
        return EXIT_GOOD;
    case OPTION_ONLY:
        return only_add(&parsed->only, optarg) ? EXIT_GOOD : command_misuse(&command_analyze, "too many --only");
    case OPTION_FORCE:
        parsed->options.force = true;
        return EXIT_GOOD;
    case OPTION_STRICT:
        parsed->options.strict = true;
        return EXIT_GOOD;
    case OPTION_THREADS:
        if (!number_parse(optarg, 1, 4096, &threads))
            return command_misuse(&command_analyze, "--threads wants a number from 1 to 4096, not '%s'", optarg);
        omp_set_num_threads((int)threads);
        return EXIT_GOOD;
    case OPTION_TIMINGS:
        parsed->options.timings_path = optarg;
        return EXIT_GOOD;
    case OPTION_QUIET:
        parsed->level = TB_LOG_WARNING;
        return EXIT_GOOD;
    case OPTION_VERBOSE:
        parsed->level = TB_LOG_DEBUG;
        return EXIT_GOOD;
    default:
        return command_bad_option(&command_analyze, arguments);
    }
}

static int parse(int argument_count, char **arguments, struct analyze_arguments *parsed)
{
    join_arguments(argument_count, arguments, parsed->command_line, sizeof parsed->command_line);
    parsed->options.command_line = parsed->command_line;
    int option;
    opterr = 0;
    while ((option = getopt_long(argument_count, arguments, "o:", long_options, NULL)) != -1) {
        const int taken = take_option(parsed, option, arguments);
        if (taken != EXIT_GOOD)
            return taken;
    }
    if (argument_count - optind != 1)
        return command_misuse(&command_analyze, "one campaign file is needed");
    if (parsed->options.output_path == NULL)
        return command_misuse(&command_analyze, "-o RESULTS is needed");
    parsed->options.campaign_path = arguments[optind];
    parsed->options.only = only_selection(&parsed->only);
    return EXIT_GOOD;
}

static int report_outcome(const struct tb_analysis_options *options, const struct tb_analysis_outcome *outcome)
{
    tb_log_info("%s: %zu runs (%zu discarded), %zu artifacts used (%zu from parts), %zu damaged, %zu missing, "
                "%zu withdrawn, %zu findings that count",
                options->output_path, outcome->runs, outcome->discarded_runs, outcome->used, outcome->reused,
                outcome->damaged, outcome->missing, outcome->withdrawn, outcome->findings);
    const size_t wanting =
        outcome->damaged + outcome->missing + outcome->withdrawn + outcome->findings + outcome->faults;
    return wanting > 0 ? EXIT_DAMAGED : EXIT_GOOD;
}

static int run(int argument_count, char **arguments)
{
    struct tb_team team = {0};
    struct tb_error error = {0};
    tb_stop_catch(); /* before MPI starts, which takes a while: a signal then must not end the job as a failure */
    if (tb_team_start(&team, &error) != TB_OK)
        return command_failure(&error);
    tb_log_configure(TB_LOG_INFO, team.rank == 0);
    struct analyze_arguments parsed = {.level = TB_LOG_INFO};
    int result = parse(argument_count, arguments, &parsed);
    if (result == EXIT_GOOD) {
        tb_log_configure(parsed.level, team.rank == 0);
        team.threads = omp_get_max_threads();
        struct tb_analysis_outcome outcome = {0};
        if (tb_analysis_run(&team, &parsed.options, &outcome, &error) == TB_OK)
            result = report_outcome(&parsed.options, &outcome);
        else
            result = command_failure(&error);
    }
    tb_team_finish(&team);
    return result;
}

const struct command command_analyze = {"analyze", "analyse a campaign and write the results file", help, run};
