/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bundled sample campaign loads and holds what its PROVENANCE.md says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "twinbed/campaign/campaign.h"

static void test_sample(void **state)
{
    (void)state;
    static const struct {
        const char *scenario;
        size_t runs_a_testbed;
        bool traced;
    } expected[] = {
        {"size=500B, clients=4, instrumented=false", 10, false}, {"size=500B, clients=4, instrumented=true", 10, true},
        {"size=100KB, clients=4, instrumented=true", 5, true},   {"size=1MB, clients=4, instrumented=false", 10, false},
        {"size=1MB, clients=4, instrumented=true", 5, true},
    };
    struct tb_campaign *campaign;
    struct tb_error error;
    if (tb_campaign_load(TWINBED_SOURCE_DIR "/tests/campaigns/sample/campaign.yaml", NULL, &campaign, &error) != TB_OK)
        fail_msg("%s", error.text);
    assert_int_equal(campaign->testbed_count, 3);
    assert_int_equal(campaign->scenario_count, 5);
    assert_int_equal(campaign->cell_count, 15);
    assert_int_equal(campaign->settings.window_count, 2);
    for (size_t i = 0; i < campaign->cell_count; i++) {
        const struct tb_cell *cell = &campaign->cells[i];
        assert_string_equal(campaign->scenarios[cell->scenario].name, expected[cell->scenario].scenario);
        assert_int_equal(cell->run_count, expected[cell->scenario].runs_a_testbed);
        for (size_t run = cell->first_run; run < cell->first_run + cell->run_count; run++) {
            const size_t ab = tb_campaign_artifact(campaign, run, 0, TB_ARTIFACT_AB, TB_ROLE_NONE);
            const size_t client = tb_campaign_artifact(campaign, run, 0, TB_ARTIFACT_TRACE, TB_ROLE_CLIENT);
            const size_t server = tb_campaign_artifact(campaign, run, 0, TB_ARTIFACT_TRACE, TB_ROLE_SERVER);
            assert_true(campaign->artifacts[ab].exists);
            assert_int_equal(campaign->artifacts[client].exists, expected[cell->scenario].traced);
            assert_int_equal(campaign->artifacts[server].same_as,
                             expected[cell->scenario].traced && cell->testbed == 0 ? client : TB_NO_INDEX);
        }
    }
    tb_campaign_free(campaign);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sample)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
