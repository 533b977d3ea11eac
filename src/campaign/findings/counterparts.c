/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cannot be compared: testbeds that meet the baseline in no scenario, scenarios that only one of the two has, and
 * factors over which there is no contrast. */
#include <stdio.h>
#include <string.h>

#include "findings.h"

enum { LEVELS_SIZE = 200, LEVELS_NAMED = 3, NEAREST_OF = 1000 };

/* Scenarios differ in no fewer factors than this. */
struct nearest {
    size_t differences;
    size_t there; /* scenario of the testbed */
    size_t here;  /* scenario of the baseline */
};

static bool has_cell(const struct tb_campaign *campaign, size_t testbed, size_t scenario)
{
    return tb_campaign_cell(campaign, testbed, scenario) != TB_NO_INDEX;
}

/* Some scenario of the testbed has the level, which may be TB_NO_INDEX. */
static bool has_level(const struct tb_campaign *campaign, size_t testbed, size_t factor, size_t level)
{
    for (size_t i = 0; i < campaign->cell_count; i++)
        if (campaign->cells[i].testbed == testbed &&
            campaign->scenarios[campaign->cells[i].scenario].levels[factor] == level)
            return true;
    return false;
}

/* The testbed and the baseline have no level of the factor in common. */
static bool keeps_apart(const struct tb_campaign *campaign, size_t testbed, size_t factor)
{
    bool common = has_level(campaign, testbed, factor, TB_NO_INDEX) && has_level(campaign, 0, factor, TB_NO_INDEX);
    for (size_t level = 0; level < campaign->factors[factor].level_count; level++)
        common = common || (has_level(campaign, testbed, factor, level) && has_level(campaign, 0, factor, level));
    return !common;
}

/* "1 Gbit/s, none" */
static void describe_levels(const struct tb_campaign *campaign, size_t testbed, size_t factor, char *out)
{
    const struct tb_factor *about = &campaign->factors[factor];
    size_t used = 0;
    size_t named = 0;
    out[0] = '\0';
    for (size_t level = 0; level <= about->level_count; level++) {
        const bool none = level == about->level_count;
        if (!has_level(campaign, testbed, factor, none ? TB_NO_INDEX : level))
            continue;
        if (++named <= LEVELS_NAMED)
            used += (size_t)snprintf(out + used, LEVELS_SIZE - used, "%s%.40s", used == 0 ? "" : ", ",
                                     none ? "no level" : about->levels[level].text);
    }
    if (named > LEVELS_NAMED)
        snprintf(out + used, LEVELS_SIZE - used, " and %zu more", named - LEVELS_NAMED);
}

/* "factor link has 100 Mbit/s there and 1 Gbit/s here; ..."; false when no single factor is the cause. */
static bool describe_factors(const struct tb_campaign *campaign, size_t testbed, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t factor = 0; factor < campaign->factor_count && used < size; factor++) {
        char there[LEVELS_SIZE];
        char here[LEVELS_SIZE];
        if (!keeps_apart(campaign, testbed, factor))
            continue;
        describe_levels(campaign, testbed, factor, there);
        describe_levels(campaign, 0, factor, here);
        used += (size_t)snprintf(out + used, size - used, "%sfactor %.60s has %s there and %s here",
                                 used == 0 ? "" : "; ", campaign->factors[factor].name, there, here);
    }
    return used > 0;
}

static size_t count_differences(const struct tb_campaign *campaign, size_t a, size_t b)
{
    size_t differences = 0;
    for (size_t i = 0; i < campaign->factor_count; i++)
        differences += campaign->scenarios[a].levels[i] != campaign->scenarios[b].levels[i];
    return differences;
}

static struct nearest find_nearest(const struct tb_campaign *campaign, size_t testbed)
{
    struct nearest nearest = {.differences = SIZE_MAX};
    const size_t most = campaign->scenario_count < NEAREST_OF ? campaign->scenario_count : NEAREST_OF;
    for (size_t there = 0; there < most; there++) {
        for (size_t here = 0; here < most && has_cell(campaign, testbed, there); here++) {
            const size_t differences = count_differences(campaign, there, here);
            if (has_cell(campaign, 0, here) && differences < nearest.differences)
                nearest = (struct nearest){.differences = differences, .there = there, .here = here};
        }
    }
    return nearest;
}

static enum tb_status note_no_common_scenario(const struct finding_search *search, size_t testbed, size_t scenarios)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    char reason[800];
    if (!describe_factors(campaign, testbed, reason, sizeof reason)) {
        const struct nearest nearest = find_nearest(campaign, testbed);
        snprintf(reason, sizeof reason, "no single factor keeps them apart; nearest are %.200s there and %.200s here",
                 campaign->scenarios[nearest.there].name, campaign->scenarios[nearest.here].name);
    }
    return tb_findings_add(search->manifest, TB_FINDING_NO_COMMON_SCENARIO, scenarios, "",
                           "testbed %.60s: no scenario in common with baseline %.60s: %s", campaign->testbeds[testbed],
                           campaign->testbeds[0], reason);
}

/* Scenarios that the first testbed has and the second lacks. */
static size_t list_alone(const struct tb_campaign *campaign, size_t has, size_t lacks, size_t *all,
                         struct name_list *names)
{
    *all = 0;
    for (size_t i = 0; i < campaign->scenario_count; i++) {
        if (!has_cell(campaign, has, i))
            continue;
        ++*all;
        if (!has_cell(campaign, lacks, i))
            tb_name_list_add(names, campaign->scenarios[i].name);
    }
    return names->count;
}

static enum tb_status note_alone(const struct finding_search *search, size_t has, size_t lacks)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    struct name_list names = {.count = 0};
    size_t all;
    const size_t alone = list_alone(campaign, has, lacks, &all, &names);
    if (alone == 0)
        return TB_OK;
    return tb_findings_add(search->manifest, TB_FINDING_NO_COUNTERPART, alone, "",
                           "%s %.60s: %zu of %zu scenarios without a counterpart in %s %.60s: %s",
                           has == 0 ? "baseline" : "testbed", campaign->testbeds[has], alone, all,
                           lacks == 0 ? "baseline" : "testbed", campaign->testbeds[lacks], tb_name_list_text(&names));
}

static enum tb_status note_testbed(const struct finding_search *search, size_t testbed)
{
    struct name_list names = {.count = 0};
    size_t scenarios;
    const size_t alone = list_alone(search->manifest->campaign, testbed, 0, &scenarios, &names);
    if (scenarios > 0 && alone == scenarios)
        return note_no_common_scenario(search, testbed, scenarios);
    const enum tb_status status = note_alone(search, testbed, 0);
    return status == TB_OK && scenarios > 0 ? note_alone(search, 0, testbed) : status;
}

/* Some cell has a cell of its testbed to be compared with over the factor. */
static bool has_contrast(const struct tb_campaign *campaign, size_t factor)
{
    const size_t reference = campaign->factors[factor].reference;
    for (size_t i = 0; i < campaign->cell_count; i++) {
        const size_t scenario = campaign->cells[i].scenario;
        const size_t level = campaign->scenarios[scenario].levels[factor];
        if (level == reference || level == TB_NO_INDEX)
            continue;
        const size_t other = tb_campaign_sibling(campaign, scenario, factor, reference);
        if (other != TB_NO_INDEX && has_cell(campaign, campaign->cells[i].testbed, other))
            return true;
    }
    return false;
}

static enum tb_status note_factor(const struct finding_search *search, size_t factor)
{
    const struct tb_factor *about = &search->manifest->campaign->factors[factor];
    if (about->level_count < 2 || has_contrast(search->manifest->campaign, factor))
        return TB_OK;
    return tb_findings_add(
        search->manifest, TB_FINDING_NO_FACTOR_CONTRAST, about->level_count, "",
        "factor %.60s: no contrast over it, as no two cells of a testbed differ in it alone with one "
        "at its reference %.60s",
        about->name, about->levels[about->reference].text);
}

static bool testbed_has_runs(const struct tb_campaign *campaign, size_t testbed)
{
    for (size_t i = 0; i < campaign->cell_count; i++)
        if (campaign->cells[i].testbed == testbed)
            return true;
    return false;
}

enum tb_status tb_findings_note_contrasts(const struct finding_search *search)
{
    const struct tb_campaign *campaign = search->manifest->campaign;
    enum tb_status status = TB_OK;
    /* With --only the baseline may have no selected run, which is no surprise. */
    const bool has_baseline = testbed_has_runs(campaign, 0);
    for (size_t i = 1; i < campaign->testbed_count && status == TB_OK && has_baseline; i++)
        status = note_testbed(search, i);
    for (size_t i = 0; i < campaign->factor_count && status == TB_OK; i++)
        status = note_factor(search, i);
    return status;
}
