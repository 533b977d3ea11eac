/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: any bytes as a campaign file. What is refused says why in one printable sentence, and what is read stays
 * within its bounds. No directory is looked at. */
#include <string.h>

#include "campaign/manifest/manifest.h"
#include "fixtures/fuzzed_file.h"
#include "twinbed/campaign/campaign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_manifest(const struct manifest *manifest)
{
    require(manifest->factor_count <= MANIFEST_MOST_FACTORS && manifest->rules.count <= MANIFEST_MOST_RULES);
    for (size_t i = 0; i < manifest->factor_count; i++)
        require(manifest->factors[i].name != NULL && strlen(manifest->factors[i].name) > 0);
    for (size_t i = 0; i < manifest->rules.count; i++)
        require(manifest->rules.rules[i].alternative_count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tb_error error = {.status = TB_OK};
    struct tb_campaign *const campaign = calloc(1, sizeof *campaign);
    struct manifest *const manifest = calloc(1, sizeof *manifest);
    require(campaign != NULL && manifest != NULL);
    manifest->campaign = campaign;
    const enum tb_status status = tb_manifest_read(fuzzed_file(data, size), manifest, &error);
    if (status == TB_OK)
        check_manifest(manifest);
    else
        require(status == TB_USAGE && error.text[0] != '\0');
    tb_manifest_free(manifest);
    free(manifest);
    tb_campaign_free(campaign);
    return 0;
}
