/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_CAMPAIGN_H
#define TWINBED_CAMPAIGN_CAMPAIGN_H

/* A campaign: its runs, cells, artifacts and settings, as campaign.yaml and the
 * directories it names say. docs/campaign.md is the reference for people.
 *
 * Everything is ordered by meaning, never by what the file system gives first:
 * testbeds with the baseline first and the others in natural text order; levels
 * of a factor by number, else in natural text order; scenarios by the levels of
 * their factors in the order of the manifest; runs by (scenario, testbed,
 * repetition); artifacts by (run, pair, kind, role, point).
 *
 * Building a campaign looks at directories and file sizes; afterwards it is
 * plain data, and can be packed, sent and unpacked. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/number_place.h"
#include "twinbed/base/status.h"
#include "twinbed/base/words.h"
#include "twinbed/campaign/findings.h"

#define TB_NO_INDEX SIZE_MAX

/* client and server are ends of the workload; host is a whole machine. */
#define TB_ROLE_WORDS(WORD)                                                                                            \
    WORD(TB_ROLE_NONE, none)                                                                                           \
    WORD(TB_ROLE_CLIENT, client)                                                                                       \
    WORD(TB_ROLE_SERVER, server)                                                                                       \
    WORD(TB_ROLE_HOST, host)
enum tb_role { TB_ROLE_WORDS(TB_WORD_ENUMERATOR) TB_ROLES };

enum tb_artifact_kind {
    TB_ARTIFACT_AB,      /* ApacheBench text */
    TB_ARTIFACT_AB_CSV,  /* -e */
    TB_ARTIFACT_AB_TSV,  /* -g */
    TB_ARTIFACT_LATENCY, /* owping; any number a run */
    TB_ARTIFACT_CAPTURE,
    TB_ARTIFACT_TRACE,
    TB_ARTIFACT_COUNTERS,    /* a directory of snapshots */
    TB_ARTIFACT_WORK,        /* a file that names the completed units */
    TB_ARTIFACT_CAPTURE_LOG, /* what the capturing program printed */
    TB_ARTIFACT_NUMBERS,     /* a file that custom metrics are read from */
    TB_ARTIFACT_KERNEL_LOG,  /* what the kernel of a machine said */
    TB_ARTIFACT_KINDS
};

/* Where packets were captured. */
enum tb_point { TB_POINT_NONE, TB_POINT_CLIENT, TB_POINT_SERVER, TB_POINT_LINK, TB_POINTS };

enum tb_factor_type { TB_FACTOR_TEXT, TB_FACTOR_NUMBER, TB_FACTOR_BYTES, TB_FACTOR_RATE, TB_FACTOR_BOOLEAN };

struct tb_level {
    char *text;    /* owned; as in the path or the manifest */
    double number; /* bytes, bits per second, 0/1 or plain; NaN for text without a number */
};

struct tb_factor {
    char *name; /* owned */
    char *unit; /* owned; "" when none: bytes, bit/s, clients */
    enum tb_factor_type type;
    struct tb_level *levels; /* owned; in order */
    size_t level_count;
    size_t reference; /* level that contrasts over this factor compare with; default the first.
                         For a boolean factor the default is false. */
};

struct tb_scenario {
    size_t *levels; /* owned; one level index per factor, TB_NO_INDEX when the runs of it have none */
    char *name;     /* owned; "size=500B, clients=4" */
};

/* testbed x scenario; exists only when it has runs. */
struct tb_cell {
    size_t testbed;
    size_t scenario;
    size_t first_run; /* its runs are first_run .. first_run + run_count - 1 */
    size_t run_count;
    size_t pair_count;                    /* of each of its runs, as tb_campaign_lacks_pairs says */
    bool pairs_stated;                    /* by a factor `pairs`; else it is that of the run with the most */
    uint32_t recorded[TB_ARTIFACT_KINDS]; /* bit role * TB_POINTS + point, of numbers bit file: some run of it has such
                                             an artifact */
};

struct tb_run {
    size_t testbed;
    size_t scenario;
    size_t cell;
    char *repetition; /* owned; as written */
    char *path;       /* owned; directory, relative to the campaign's root, without {pair}; a file where the pattern of
                         runs matches files */
    char *name;       /* owned; unique, for messages: "e1000/500B-c4/rep-01" */
    bool discarded;
    char *discard_reason;  /* owned; "" when not discarded */
    size_t pair_count;     /* at least 1 */
    size_t first_artifact; /* its artifacts are contiguous */
    size_t artifact_count;
};

/* Another file of an artifact that is several files, which its program wrote one after the other. */
struct tb_further_file {
    char *path;          /* owned; can be opened as it is */
    uint64_t size;       /* bytes */
    int64_t modified_ns; /* mtime, ns since the epoch */
};

struct tb_artifact {
    size_t run;
    size_t pair; /* 0-based within the run */
    enum tb_artifact_kind kind;
    enum tb_role role;   /* trace: client or server; counters: host; kernel log: any of them; else none (see serves for
                            files of two roles) */
    enum tb_point point; /* captures and their logs; of a log TB_POINT_NONE when its run has one capture */
    size_t file;         /* of numbers: which of the campaign's number_files; else 0 */
    char *path;          /* owned; can be opened as it is; when missing, the first alternative */
    struct tb_further_file *further; /* owned; of a capture or trace: files after that at path, in natural order */
    size_t further_count;
    bool exists;         /* a file (counters: a directory) is there */
    uint64_t device;     /* with inode, which file it is, whatever its path; known where the campaign was loaded */
    uint64_t inode;      /* likewise; both 0 when missing or unpacked */
    uint64_t size;       /* bytes, of all files; 0 when missing or a directory */
    bool plain;          /* stored without compression, as far as somebody looked (tb_artifacts_look); else false */
    bool members;        /* compressed in several members or frames, likewise */
    int64_t modified_ns; /* mtime, ns since the epoch */
    size_t same_as;      /* index of the run's earlier artifact with the same path and kind, which is decoded for
                            both; TB_NO_INDEX when this one is decoded itself */
};

struct tb_process {
    char *name;      /* owned; "" when the manifest names none */
    int64_t pid;     /* -1: any */
    char *arguments; /* owned; "" : any */
    char *cgroup;    /* owned; "" : any */
};

/* A window as configured. */
struct tb_window_setting {
    uint64_t skip;
    uint64_t limit; /* TB_LIMIT_SHORTEST, TB_LIMIT_WHOLE or a number of calls */
};

#define TB_LIMIT_SHORTEST (UINT64_MAX - 1)
#define TB_LIMIT_WHOLE UINT64_MAX

enum tb_truncated_policy { TB_TRUNCATED_EXCLUDE, TB_TRUNCATED_KEEP };

enum tb_flow_output { TB_FLOWS_SUMMARY, TB_FLOWS_NONE, TB_FLOWS_ALL };

/* Which packets make a flow, and what its statistics count: those of this
 * program, or of tcptrace. */
enum tb_flow_rule_set { TB_FLOWS_BY_TWINBED, TB_FLOWS_BY_TCPTRACE };

/* What states of chains tell apart beside the call: outcomes (1), kinds of descriptor (2), or both. */
enum tb_state_vocabulary { TB_STATES_CALL, TB_STATES_OUTCOME, TB_STATES_DESCRIPTOR, TB_STATES_BOTH };

/* Whose chains are written; each beside those before it. */
enum tb_chain_owner { TB_CHAINS_OF_CELLS, TB_CHAINS_OF_RUNS, TB_CHAINS_OF_THREAD_GROUPS };

/* Where the number of completed units of a (run, pair) comes from. */
enum tb_work_source {
    TB_WORK_AB,
    TB_WORK_CAPTURE,     /* HTTP requests in the capture */
    TB_WORK_CONNECTIONS, /* connections with a completed reply in the capture */
    TB_WORK_FILE
};

/* Whose tests are adjusted together: one metric a quantity, all, or those that the manifest lists. */
enum tb_family { TB_FAMILY_PRIMARY, TB_FAMILY_ALL, TB_FAMILY_LISTED };

struct tb_metric_threshold {
    char *metric; /* owned */
    double threshold;
};

/* settings.h describes them one by one, with ranges and defaults. */
struct tb_settings {
    double closeness;                       /* ratio scale, 0.1 */
    struct tb_metric_threshold *thresholds; /* owned; per metric */
    size_t threshold_count;
    uint64_t replication;  /* fewer values than this on a side leave a verdict undecided; 2 or more, default 3 */
    enum tb_family family; /* whose tests are adjusted together; default TB_FAMILY_PRIMARY */
    char **family_metrics; /* owned, and each name; of TB_FAMILY_LISTED */
    size_t family_metric_count;
    unsigned *orders; /* owned; chain orders, ascending; default 1 */
    size_t order_count;
    double prune;                      /* default 0.001 */
    enum tb_state_vocabulary states;   /* default TB_STATES_CALL */
    enum tb_chain_owner chains_of;     /* default TB_CHAINS_OF_CELLS */
    uint64_t profile;                  /* intervals that the walk profile is cut into; 0 (default): no profile */
    double smoothing;                  /* added to each count by additive smoothing; default 0.5 */
    bool walk_all;                     /* chains of every testbed are walked, not those of the baseline alone */
    struct tb_window_setting *windows; /* owned; default (0, shortest), (skip, shortest) when skip is given */
    size_t window_count;
    double coverage_limit; /* an artifact at or below it is withdrawn; default 0.99 */
    double excess_limit;   /* an artifact that shows more than this share above what others say; default 0.05 */
    double loss_limit;     /* share of calls whose enter or exit is missing that withdraws a trace; default 0.01 */
    double failure_limit;  /* share of failed requests above which a run has no rates; default 0.01 */
    enum tb_truncated_policy truncated;
    char *filter;         /* owned; libpcap expression, "" for none */
    uint16_t server_port; /* 0: ab's Server Port */
    enum tb_flow_output flows;
    enum tb_flow_rule_set flow_rules;
    bool outer_only;       /* packets count that carry others, not those inside */
    bool keep_copies;      /* packets count as often as they were recorded */
    double stall_ratio;    /* ab's longest request >= this many times its median ... default 10 */
    double stall_ms;       /* ... and at least this long marks a run as stalled; default 1000 */
    double stall_gap;      /* s that a flow stands still with data outstanding ... default 5 */
    uint64_t stall_flows;  /* ... and so many flows at the same time mark a run as stalled; default 1 */
    uint64_t stall_resets; /* so do so many resets of adapters in a kernel log; default 1 */
    bool discard_stalled;  /* leave stalled runs out */
    enum tb_work_source work;
    char *work_selector; /* owned; where in the file for TB_WORK_FILE (tb_campaign_work_place), else "" */
};

/* Which change of a metric is a gain. */
#define TB_GAIN_WORDS(WORD)                                                                                            \
    WORD(TB_GAIN_UNSTATED, unstated)                                                                                   \
    WORD(TB_GAIN_LARGER, larger)                                                                                       \
    WORD(TB_GAIN_SMALLER, smaller)
enum tb_gain { TB_GAIN_WORDS(TB_WORD_ENUMERATOR) TB_GAINS };

/* A metric that the campaign file declares: a number in a file of each run. */
struct tb_custom_metric {
    char *name;     /* owned, as the other texts; letters, digits and '_' */
    char *unit;     /* "1" where none is given */
    char *sentence; /* what it is, for people */
    /* In the order of enum tb_level_of_metric, tb_metric_role, tb_scale and tb_combination. */
    unsigned level, role, scale, combination;
    enum tb_gain gain;
    double margin; /* difference scale: the closeness margin, in unit; else 0 */
    size_t file;   /* of the campaign's number_files */
    enum tb_number_form form;
    char *text; /* the pointer, column, expression or key */
    char *take; /* a word of tb_number_take_read */
};

/* How many words there are for each. */
enum { TB_CUSTOM_LEVELS = 3, TB_CUSTOM_ROLES = 4, TB_CUSTOM_SCALES = 2, TB_CUSTOM_COMBINATIONS = 4 };
enum { TB_NUMBER_FILES_MOST = 32, TB_CUSTOM_METRICS_MOST = 256 };

struct tb_campaign {
    char *manifest_path; /* owned */
    char *manifest_text; /* owned; what stands in that file, where it was loaded; NULL after unpacking */
    char *name;          /* owned */
    char *root;          /* owned; directory that paths are relative to */
    char **testbeds;     /* owned; [0] is the baseline */
    size_t testbed_count;
    struct tb_factor *factors; /* owned; in the order of the manifest, constants last */
    size_t factor_count;
    struct tb_scenario *scenarios; /* owned */
    size_t scenario_count;
    struct tb_cell *cells; /* owned; by (scenario, testbed) */
    size_t cell_count;
    struct tb_run *runs; /* owned */
    size_t run_count;
    struct tb_artifact *artifacts; /* owned; every artifact the manifest asks for, missing ones included */
    size_t artifact_count;
    struct tb_process *processes; /* owned; [pair * TB_ROLES + role], process_pairs pairs; pair p of a run uses
                                     min(p, process_pairs - 1) */
    size_t process_pairs;
    struct tb_custom_metric *metrics; /* owned; in the order of the manifest, at most TB_CUSTOM_METRICS_MOST */
    size_t metric_count;
    char **
        number_files; /* owned; the paths of files that metrics are read from, as written; at most TB_NUMBER_FILES_MOST */
    size_t number_file_count;
    enum tb_number_form work_form; /* of settings.work_selector */
    char *work_take;               /* owned; likewise, a word of tb_number_take_read */
    struct tb_settings settings;
    struct tb_findings findings; /* what is asked for and not there, and what is there and not asked for */
};

/* One "field=value[,value...]" of --only: field is testbed, rep or a factor. */
struct tb_selection {
    const char *const *terms; /* borrowed */
    size_t count;
};

/* Reads a manifest and what it names. Every mistake gives one sentence with the
 * manifest's path, line and column, what was found and what was expected:
 * TB_USAGE (unknown key, wrong type, pattern that matches nothing, ambiguous
 * pattern, two runs for one place, a selection that selects nothing),
 * TB_NOT_FOUND, TB_INPUT_OUTPUT, TB_MEMORY. What is asked for and not there, or
 * there and not asked for, is no mistake and stands in findings; to see the
 * latter, the runs' directories are listed. Not collective: call it on one rank
 * and send the packed campaign. On TB_OK *campaign is the caller's to free. */
TB_MUST_USE enum tb_status tb_campaign_load(const char *path, const struct tb_selection *only,
                                            struct tb_campaign **campaign, struct tb_error *error);
/* Accepts NULL. */
void tb_campaign_free(struct tb_campaign *campaign);

/* The campaign as bytes, and back (pack.c). */
void tb_campaign_pack(const struct tb_campaign *campaign, struct tb_buffer *buffer);
TB_MUST_USE bool tb_campaign_unpack(struct tb_campaign **campaign, struct tb_bytes *bytes);

/* The process that plays a role in a pair; never NULL, its name may be "". */
const struct tb_process *tb_campaign_process(const struct tb_campaign *campaign, size_t pair, enum tb_role role);
/* The cell of (testbed, scenario), or TB_NO_INDEX. */
size_t tb_campaign_cell(const struct tb_campaign *campaign, size_t testbed, size_t scenario);
/* The scenario with another level of one factor and the same of the others, or TB_NO_INDEX. */
size_t tb_campaign_sibling(const struct tb_campaign *campaign, size_t scenario, size_t factor, size_t level);
/* The artifact of a run, or TB_NO_INDEX; for kinds with several the first. */
size_t tb_campaign_artifact(const struct tb_campaign *campaign, size_t run, size_t pair, enum tb_artifact_kind kind,
                            enum tb_role role);
/* Some run of its cell has an artifact of this kind, role and point, so that a run without one lacks something. */
bool tb_campaign_expects(const struct tb_campaign *campaign, const struct tb_artifact *artifact);
/* The point whose captures all runs of a cell are measured at: the first of client, server and link that some run
 * has recorded; TB_POINT_NONE when there is no capture. */
enum tb_point tb_campaign_point(const struct tb_campaign *campaign, size_t cell);
/* The log of an artifact that is a capture: of the same run, pair and point; TB_NO_INDEX when none is asked for. It may
 * be missing. */
size_t tb_campaign_capture_log(const struct tb_campaign *campaign, size_t capture);
/* The run has not the pairs that its cell has: those of the run with the most, or as many as a factor called `pairs`
 * says where {pair} tells pairs apart. What its pairs did together is then not known. */
bool tb_campaign_lacks_pairs(const struct tb_campaign *campaign, size_t run);
/* The largest pair_count of any run. */
size_t tb_campaign_pairs(const struct tb_campaign *campaign);

/* Where the metric's number stands in its file, and where that of completed units; what they point to is borrowed. */
struct tb_number_place tb_custom_metric_place(const struct tb_custom_metric *metric);
struct tb_number_place tb_campaign_work_place(const struct tb_campaign *campaign);

const char *tb_role_name(enum tb_role role);
const char *tb_artifact_kind_name(enum tb_artifact_kind kind);
/* A recording of all that happened: large, so that several threads or ranks may read it, and often cut off at its end. */
bool tb_artifact_kind_is_record(enum tb_artifact_kind kind);
const char *tb_point_name(enum tb_point point);

/* <0, 0, >0: digits compare as numbers, other characters as bytes (natural.c). */
int tb_natural_compare(const char *a, const char *b);

/* Names and versions of the libraries behind this room, as the libraries say them: "libfyaml 0.7.12" (yaml.c). */
void tb_campaign_libraries(char *text, size_t size);

#endif
