/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Look-ups in the decoding: which artifact's part serves which, which sequences are of a scenario.
 * Runs are ordered by scenario, so those of one lie together and are found by bisection. */
#include "decoding.h"

#include <stdlib.h>

enum tb_status tb_decoding_plan(struct decoding *decoding, const struct tb_team *team,
                                const struct tb_campaign *campaign, struct tb_task task, struct tb_error *error)
{
    decoding->team = team;
    decoding->campaign = campaign;
    decoding->pairs = tb_campaign_pairs(campaign);
    decoding->decoded = calloc(campaign->artifact_count + 1, sizeof *decoding->decoded);
    decoding->sequence_at = calloc(campaign->run_count * decoding->pairs * 2 + 1, sizeof *decoding->sequence_at);
    if (decoding->decoded == NULL || decoding->sequence_at == NULL)
        return tb_error_memory(error, "the campaign");
    return tb_plan_make_for_task(campaign, task, team->size, &decoding->plan, error);
}

void tb_decoding_free(struct decoding *decoding)
{
    for (size_t i = 0; decoding->decoded != NULL && i < decoding->campaign->artifact_count; i++)
        free(decoding->decoded[i].message);
    free(decoding->decoded);
    free(decoding->sequence_at);
    free(decoding->sequences);
    free(decoding->windows);
    tb_parts_close(decoding->parts);
    tb_plan_free(&decoding->plan);
}

size_t tb_decoded_artifact(const struct tb_campaign *campaign, size_t artifact)
{
    const size_t same_as = campaign->artifacts[artifact].same_as;
    return same_as == TB_NO_INDEX ? artifact : same_as;
}

const struct sequence_entry *tb_decoding_sequence(const struct decoding *decoding, size_t run, size_t pair,
                                                  enum tb_role role)
{
    const size_t at = decoding->sequence_at[(run * decoding->pairs + pair) * 2 + (role == TB_ROLE_SERVER)];
    return at == TB_NO_INDEX ? NULL : &decoding->sequences[at];
}

/* The first sequence of this scenario or a later one. */
static size_t first_sequence_from(const struct decoding *decoding, size_t scenario)
{
    size_t low = 0;
    size_t high = decoding->sequence_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (decoding->campaign->runs[decoding->sequences[middle].run].scenario < scenario)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void tb_decoding_scenario_sequences(const struct decoding *decoding, size_t scenario, size_t *begin, size_t *end)
{
    *begin = first_sequence_from(decoding, scenario);
    *end = first_sequence_from(decoding, scenario + 1);
}

size_t tb_capture_at(const struct tb_campaign *campaign, size_t run, size_t pair, enum tb_point point)
{
    const struct tb_run *about = &campaign->runs[run];
    for (size_t i = about->first_artifact; i < about->first_artifact + about->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        if (artifact->kind == TB_ARTIFACT_CAPTURE && artifact->pair == pair && artifact->point == point &&
            artifact->exists)
            return i;
    }
    return TB_NO_INDEX;
}

bool tb_captured_at_both_ends(const struct tb_campaign *campaign, size_t artifact)
{
    const size_t run = campaign->artifacts[artifact].run;
    for (size_t pair = 0; pair < campaign->runs[run].pair_count; pair++) {
        const size_t client = tb_capture_at(campaign, run, pair, TB_POINT_CLIENT);
        const size_t server = tb_capture_at(campaign, run, pair, TB_POINT_SERVER);
        if (client == TB_NO_INDEX || server == TB_NO_INDEX)
            continue;
        const size_t at_client = tb_decoded_artifact(campaign, client);
        const size_t at_server = tb_decoded_artifact(campaign, server);
        if (at_client != at_server && (at_client == artifact || at_server == artifact))
            return true;
    }
    return false;
}

static enum tb_status take_parts(void *context, struct tb_bytes all, struct tb_error *error)
{
    struct tb_parts *const parts = context;
    return tb_parts_take_new(parts, all, error);
}

enum tb_status tb_decoding_share_parts(const struct decoding *decoding, struct tb_error *error)
{
    struct tb_buffer local = {0};
    tb_parts_pack_new(decoding->parts, &local);
    const enum tb_status status =
        tb_team_collect(decoding->team, TB_OK, &local, "the list of parts", true, take_parts, decoding->parts, error);
    tb_buffer_free(&local);
    return status;
}
