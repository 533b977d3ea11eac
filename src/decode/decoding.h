/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DECODE_DECODING_H
#define TWINBED_SRC_DECODE_DECODING_H

/* The decoding of a campaign: which rank decodes what, where the parts are, and what came of it.
 *
 * Artifacts become parts twice. First each is decoded as a whole (tb_artifacts_decode). Whoever looks at the parts then
 * says which sequences there are, and how long; only then is known where windows lie, and what is cut by them is counted
 * again (tb_windows_count). */

#include "twinbed/campaign/plan.h"
#include "twinbed/checkpoint/parts.h"
#include "twinbed/flow/flow.h"
#include "twinbed/io/digest.h"
#include "twinbed/parallel/team.h"
#include "twinbed/trace/trace.h"

/* Outcome of decoding one artifact; the same on all ranks. */
struct decoded {
    enum tb_status status; /* TB_OK: its part is there */
    bool here;             /* this rank decoded it; only until outcomes are shared */
    bool reused;
    char *message;                    /* owned; why there is no part, else NULL */
    char digest[TB_DIGEST_TEXT_SIZE]; /* of the file; "" when it is none, or was not read */
};

/* One sequence of the campaign. */
struct sequence_entry {
    size_t run;
    size_t pair;
    enum tb_role role;
    size_t artifact; /* the trace that serves this role */
    bool usable;
    uint64_t calls;
};

/* A window setting resolved for one scenario and role. */
struct resolved_window {
    size_t scenario;
    enum tb_role role;
    size_t setting;
    struct tb_window window;
    uint64_t sequences;
    uint64_t short_sequences;
    uint64_t interval; /* calls of an interval of the scenario's sequences, for the walk profile; 0: there is none */
};

/* The decoding of one task. Filled from the top down: tb_decoding_plan, tb_artifacts_decode, who
 * looks at the parts, tb_windows_count. All ranks hold the same, but for parts, of which each knows
 * those that it found or saved until tb_decoding_share_parts. */
struct decoding {
    const struct tb_team *team;         /* borrowed */
    const struct tb_campaign *campaign; /* borrowed */
    struct tb_parts *parts;             /* owned */
    struct tb_plan plan;
    size_t pairs;                     /* largest number of pairs of a run */
    struct decoded *decoded;          /* owned; one per artifact (tb_artifacts_decode) */
    struct sequence_entry *sequences; /* owned; by run, pair, role (who looks at the parts) */
    size_t sequence_count;
    size_t *sequence_at;             /* owned; [run * pairs * 2 + pair * 2 + (role == server)], or TB_NO_INDEX */
    struct resolved_window *windows; /* owned; by scenario, role, setting (tb_windows_count) */
    size_t window_count;
};

/* Plans the work of a task. decoding must be zero but for its parts, of which it becomes the owner with all else; free it in
 * any case. Not collective; the same on every rank. */
TB_MUST_USE enum tb_status tb_decoding_plan(struct decoding *decoding, const struct tb_team *team,
                                            const struct tb_campaign *campaign, struct tb_task task,
                                            struct tb_error *error);
/* Frees all that it owns, the parts included. */
void tb_decoding_free(struct decoding *decoding);

/* Every rank learns of the parts that the others found or saved. Collective. */
TB_MUST_USE enum tb_status tb_decoding_share_parts(const struct decoding *decoding, struct tb_error *error);

/* The artifact whose file is decoded for this one: itself, or the earlier one with the same file. */
size_t tb_decoded_artifact(const struct tb_campaign *campaign, size_t artifact);

/* The capture of a pair of a run at a point, if its file is there; else TB_NO_INDEX. */
size_t tb_capture_at(const struct tb_campaign *campaign, size_t run, size_t pair, enum tb_point point);

/* Whether an artifact's part needs a sample of packets: some pair has this capture at one end and another at the other. */
bool tb_captured_at_both_ends(const struct tb_campaign *campaign, size_t artifact);

/* The usable or unusable sequence of (run, pair, role), or NULL. role is client or server. */
const struct sequence_entry *tb_decoding_sequence(const struct decoding *decoding, size_t run, size_t pair,
                                                  enum tb_role role);

/* The sequences of a scenario, [*begin, *end): like the runs, they are ordered by scenario first. */
void tb_decoding_scenario_sequences(const struct decoding *decoding, size_t scenario, size_t *begin, size_t *end);

/* What settings say of decoding. */
static inline enum tb_flow_rules flow_rules(const struct tb_settings *settings)
{
    return settings->flow_rules == TB_FLOWS_BY_TCPTRACE ? TB_FLOW_RULES_TCPTRACE : TB_FLOW_RULES_TWINBED;
}

/* tcptrace knows no copies. */
static inline bool copies_are_kept(const struct tb_settings *settings)
{
    return settings->keep_copies || settings->flow_rules == TB_FLOWS_BY_TCPTRACE;
}

/* Each flow is a row of the results. */
static inline bool flows_have_rows(const struct tb_settings *settings)
{
    return settings->flows == TB_FLOWS_ALL;
}

/* The vocabulary of states, as traces have it. */
static inline unsigned state_vocabulary(const struct tb_settings *settings)
{
    _Static_assert((int)TB_STATES_OUTCOME == (int)TB_VOCABULARY_OUTCOME &&
                       (int)TB_STATES_DESCRIPTOR == (int)TB_VOCABULARY_DESCRIPTOR &&
                       (int)TB_STATES_BOTH + 1 == (int)TB_VOCABULARIES,
                   "settings name the vocabularies by their bits");
    return (unsigned)settings->states;
}

#endif
