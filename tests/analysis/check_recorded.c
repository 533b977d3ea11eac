/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holds what results record of a campaign against the campaign itself.
 *
 * usage: check_recorded MANIFEST RESULTS [TERM...]
 *
 * TERMs are those of --only. Every setting of the table must be there with its value, so that a new row is held as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/campaign/settings.h"
#include "twinbed/io/digest.h"
#include "twinbed/results/reader.h"

static unsigned held, failed;

static void equal(const char *what, const char *found, const char *expected)
{
    if (found != NULL && strcmp(found, expected) == 0) {
        held++;
        return;
    }
    failed++;
    printf("%s: found '%s', expected '%s'\n", what, found == NULL ? "(nothing)" : found, expected);
}

static void has(const char *what, const char *found, const char *part)
{
    equal(what, found == NULL || strstr(found, part) == NULL ? found : part, part);
}

static void check_settings(const struct tb_campaign *campaign, struct tb_results *results)
{
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *setting = tb_setting_at(i);
        struct tb_buffer text = {0};
        if (setting->attribute == NULL)
            continue;
        tb_setting_text(setting, &campaign->settings, &text);
        tb_buffer_put_u8(&text, 0);
        equal(setting->attribute, tb_results_attribute(results, setting->attribute), (const char *)text.data);
        tb_buffer_free(&text);
    }
}

static void check_processes(const struct tb_campaign *campaign, struct tb_results *results)
{
    const char *text = tb_results_attribute(results, "setting_processes");
    for (size_t i = 0; i < campaign->process_pairs * TB_ROLES; i++) {
        has("setting_processes", text, campaign->processes[i].name);
        has("setting_processes", text, campaign->processes[i].arguments);
        has("setting_processes", text, campaign->processes[i].cgroup);
    }
}

static void check_selection(const struct tb_selection *only, struct tb_results *results)
{
    char joined[512] = "";
    for (size_t i = 0; i < only->count; i++)
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i == 0 ? "" : " ", only->terms[i]);
    equal("setting_only", tb_results_attribute(results, "setting_only"), joined);
    equal("setting_strict", tb_results_attribute(results, "setting_strict"), "no");
}

static void check_job(const struct tb_campaign *campaign, struct tb_results *results)
{
    static const char *const libraries[] = {"HDF5 ", "MPI ",   "libpcap ", "libfyaml ", "GSL ",
                                            "zstd ", "ISA-L ", "xxHash ",  "jansson "};
    equal("manifest_text", tb_results_provenance(results, "manifest_text"), campaign->manifest_text);
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
        has("libraries", tb_results_provenance(results, "libraries"), libraries[i]);
}

static void check_inputs(const struct tb_campaign *campaign, struct tb_results *results)
{
    struct tb_error error = {.text = ""};
    const int64_t *bytes = tb_results_int64(results, TB_FIELD_INPUT_BYTES, &error);
    const char *const *modified = tb_results_text(results, TB_FIELD_INPUT_MODIFIED, &error);
    const char *const *digests = tb_results_text(results, TB_FIELD_INPUT_DIGEST, &error);
    if (bytes == NULL || modified == NULL || digests == NULL ||
        tb_results_size(results, TB_DIMENSION_ARTIFACT) != campaign->artifact_count) {
        equal("inputs", error.text, "");
        return;
    }
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *artifact = &campaign->artifacts[i];
        char digest[TB_DIGEST_TEXT_SIZE] = "", found[32], expected[32];
        const bool was_read = artifact->exists && !campaign->runs[artifact->run].discarded;
        if (!was_read || tb_file_digest(artifact->path, digest, NULL) != TB_OK)
            digest[0] = '\0';
        snprintf(found, sizeof found, "%lld", (long long)bytes[i]);
        snprintf(expected, sizeof expected, "%lld", artifact->exists ? (long long)artifact->size : -1);
        equal(artifact->path, digests[i], digest);
        equal(artifact->path, found, expected);
        equal(artifact->path, modified[i][0] == '\0' ? "" : modified[i] + strlen(modified[i]) - 1,
              artifact->exists ? "Z" : "");
    }
}

int main(int count, char **arguments)
{
    struct tb_campaign *campaign = NULL;
    struct tb_results *results = NULL;
    struct tb_error error = {.text = "usage: check_recorded MANIFEST RESULTS [TERM...]"};
    const struct tb_selection only = {.terms = (const char *const *)(arguments + 3),
                                      .count = count > 3 ? (size_t)count - 3 : 0};
    if (count < 3 || tb_campaign_load(arguments[1], &only, &campaign, &error) != TB_OK ||
        tb_results_open(arguments[2], &results, &error) != TB_OK) {
        printf("%s\n", error.text);
        return 1;
    }
    check_settings(campaign, results);
    check_processes(campaign, results);
    check_selection(&only, results);
    check_job(campaign, results);
    check_inputs(campaign, results);
    tb_results_close(results);
    tb_campaign_free(campaign);
    printf("%u things are recorded as they are, %u are not\n", held, failed);
    return failed == 0 ? 0 : 1;
}
