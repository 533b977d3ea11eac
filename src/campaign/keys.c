/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of the campaign file that are no settings, for help and manual. */
#include "twinbed/campaign/keys.h"

static const struct tb_campaign_key table[] = {
    {"", "campaign", "text", "name of the campaign; needed"},
    {"", "baseline", "text", "the testbed that the others are compared with; needed where there are several"},
    {"", "root", "path",
     "where the runs are, relative to the directory of the campaign file (default: that directory)"},
    {"", "runs", "pattern, or list",
     "which directories are runs, as \"{testbed}/{size}-c{clients}/rep-{rep}\"; an item of a list is a pattern, or a "
     "map "
     "with path, testbed, rep, pair, artifacts and levels of factors; needed"},
    {"", "factors", "map", "types and units of factors"},
    {"", "constants", "map", "factor levels that hold for every run"},
    {"", "artifacts", "map", "which files a run has; a list of paths is one of alternatives"},
    {"", "metrics", "list of maps", "metrics of one's own: numbers that stand in files of a run"},
    {"", "process", "map, or list of maps", "which processes play client and server; a list has one map for each pair"},
    {"", "windows", "list of maps", "which calls of a sequence are walked (default: whole sequences)"},
    {"", "chain", "map", "orders of the Markov chains of system calls, and what is drawn"},
    {"", "walks", "map", "whose chains are walked, smoothing, the profile"},
    {"", "closeness", "number, or map", "when two means are close"},
    {"", "stalls", "map", "when a run counts as stalled"},
    {"", "discard", "stalled, or list of maps", "runs to leave out"},
    {"factors", "type", "text|number|bytes|rate|boolean", "what the levels are (default: text)"},
    {"factors", "unit", "text", "unit of a number or text"},
    {"factors", "levels", "map", "numbers for levels that are words"},
    {"factors", "reference", "level", "the level that the others are compared with (default: the first)"},
    {"constants", "value", "level", "the level; without a type and unit it stands alone, without a map"},
    {"constants", "type", "as of factors", "what the level is"},
    {"constants", "unit", "text", "its unit"},
    {"artifacts", "ab", "path, or map", "ApacheBench's results; keys of the map: text, csv (ab -e), tsv (ab -g)"},
    {"artifacts", "workload", "path",
     "results of another program, told by its content: wrk, h2load, hey, k6, vegeta, iperf3, fio, sockperf or ping"},
    {"artifacts", "latency", "path", "what owping printed or wrote; all files that a path matches"},
    {"artifacts", "capture", "map", "packet captures; keys: client, server, link: where packets were captured"},
    {"artifacts", "trace", "map", "sysdig traces; keys: client, server: whose calls are in it"},
    {"artifacts", "counters", "path", "directory with snapshots of the host's counters"},
    {"artifacts", "capture_log", "path, or map", "what the capturing program printed; keys: client, server, link"},
    {"artifacts", "kernel_log", "path, or map",
     "what the kernel said during the run (dmesg, journalctl -k); keys: client, server, host; a path alone: host"},
    {"process", "client", "name, or map", "the client: its name, or a map with name, pid, arguments and cgroup"},
    {"process", "server", "name, or map", "the server, likewise"},
    {"work", "file", "path", "file in which completed units of work stand"},
    {"work", "json", "JSON pointer", "where they stand in a JSON file, instead of value"},
    {"work", "column", "text", "likewise, in which column of a CSV file"},
    {"work", "regex", "expression", "likewise, in lines, as in metrics"},
    {"work", "key", "text", "likewise, behind what in a line"},
    {"work", "take", "as of metrics", "what becomes of several numbers (default: last)"},
    {"metrics", "name", "text", "a small letter, then letters, digits and '_'; needed"},
    {"metrics", "file", "path", "file of the run in which the number stands; needed"},
    {"metrics", "json", "JSON pointer", "where it stands in a JSON file"},
    {"metrics", "column", "text", "of which column of a CSV file it is made"},
    {"metrics", "regex", "expression",
     "a POSIX extended regular expression for each line; its first group is the number"},
    {"metrics", "key", "text", "what stands before it in a line, as in \"VmHWM: 1234 kB\""},
    {"metrics", "take", "last, first, sum, mean, minimum, maximum, median, or p99",
     "what becomes of several numbers (default: last)"},
    {"metrics", "unit", "text", "its unit (default: 1)"},
    {"metrics", "meaning", "text", "one sentence, for the report"},
    {"metrics", "level", "application, operating system, or network", "where it is shown (default: application)"},
    {"metrics", "role", "client, server, both, or host", "whose number it is (default: client)"},
    {"metrics", "scale", "ratio, or difference",
     "what is compared: a ratio of means, which are not negative, or their difference (default: ratio)"},
    {"metrics", "margin", "number", "differences up to it are close, in the metric's unit; needed for difference"},
    {"metrics", "direction", "larger, or smaller", "which change is a gain"},
    {"metrics", "pairs", "sum, mean, weighted, or maximum",
     "how the values of a run's pairs become one; weighted: a mean by completed units (default: mean)"},
    {"windows", "skip", "whole number", "calls to leave out at the beginning (default: 0)"},
    {"windows", "limit", "whole number, shortest, or whole",
     "calls to take (default: shortest: as many as the shortest sequence of the scenario has)"},
    {"discard", "run", "text", "directory of a run below the root"},
    {"discard", "reason", "text", "why, for the report"},
};

size_t tb_campaign_key_count(void)
{
    return sizeof table / sizeof table[0];
}

const struct tb_campaign_key *tb_campaign_key_at(size_t index)
{
    return &table[index];
}
