/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated captures hold what the generator says, and twinbed finds just that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture_model.h"
#include "twinbed/capture/capture.h"

static struct tb_capture *read_capture(const char *path, const struct tb_capture_request *request)
{
    struct tb_source *source;
    struct tb_capture *capture = NULL;
    struct tb_error error;
    assert_int_equal(tb_source_open(path, &source, &error), TB_OK);
    assert_int_equal(tb_capture_read(source, request, &capture, &error), TB_OK);
    tb_source_close(source);
    return capture;
}

static void compare_side(const struct tb_flow_side *found, const struct capture_side *truth)
{
    assert_int_equal(found->packets, truth->packets);
    assert_int_equal(found->ip_bytes, truth->ip_bytes);
    assert_int_equal(found->payload_bytes, truth->payload_bytes);
    assert_int_equal(found->unique_bytes, truth->unique_bytes);
    assert_int_equal(found->data_packets, truth->data_packets);
    assert_int_equal(found->retransmitted_packets, truth->retransmitted_packets);
    assert_int_equal(found->retransmitted_bytes, truth->retransmitted_bytes);
    assert_int_equal(found->out_of_order_packets, truth->out_of_order_packets);
    assert_int_equal(found->missing_bytes, 0);
}

static void compare(const struct tb_capture *capture, const struct capture_truth *truth)
{
    assert_int_equal(capture->account.damaged, 0);
    assert_int_equal(capture->account.stream_bytes, truth->bytes);
    assert_int_equal(capture->packets, truth->packets);
    assert_int_equal(capture->cut_packets, truth->cut_packets);
    assert_int_equal(capture->summary.flows, truth->flows);
    assert_int_equal(capture->summary.late_packets, 0);
    struct tb_flow_totals totals;
    tb_port_flows_totals(tb_flow_summary_find(&capture->summary, 8080), false, &totals);
    assert_int_equal(totals.flows, truth->flows);
    assert_int_equal(totals.completed, truth->flows);
    compare_side(&totals.side[0], &truth->side[0]);
    compare_side(&totals.side[1], &truth->side[1]);
}

static void check(const struct capture_model *model)
{
    char path[] = "generated-capture-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    struct capture_truth truth;
    assert_true(capture_generate(model, path, &truth));
    assert_int_equal(truth.flows, model->flows);
    /* Most flows leave long before the end: behind the last packet after 0.1 s, and by tcptrace's rules, which let
     * a flow leave that is not over, after 1 s; packets of one flow are closer. */
    static const struct tb_capture_request requests[] = {{0},
                                                         {.linger = 100000000},
                                                         {.linger = 100000000, .rows = TB_FLOW_ROWS_NONE},
                                                         {.linger = 1000000000, .rules = TB_FLOW_RULES_TCPTRACE}};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct tb_capture *capture = read_capture(path, &requests[i]);
        compare(capture, &truth);
        assert_int_equal(capture->flow_count, requests[i].rows == TB_FLOW_ROWS_NONE ? 0 : truth.flows);
        tb_capture_free(capture);
    }
    unlink(path);
}

static void usual_model(void **state)
{
    (void)state;
    struct capture_model model = capture_model_default();
    model.flows = 3000;
    check(&model);
}

static void every_loss_and_exchange(void **state)
{
    (void)state;
    struct capture_model model = capture_model_default();
    model.flows = 500;
    model.segments = 20;
    model.lost = 300000;
    model.exchanged = 300000;
    check(&model);
}

static void other_models(void **state)
{
    (void)state;
    static const struct capture_model models[] = {
        {.seed = 2, .flows = 0, .segments = 1, .segment = 1, .concurrency = 1, .clients = 1, .snap_length = 80},
        {.seed = 3, .flows = 1, .segments = 1, .segment = 1, .concurrency = 1, .clients = 1, .snap_length = 80},
        {.seed = 4,
         .flows = 2000,
         .segments = 1,
         .segment = 600,
         .concurrency = 700,
         .clients = 3,
         .snap_length = 65535,
         .brief = true},
        {.seed = 5,
         .flows = 100,
         .segments = 30,
         .segment = 9000,
         .concurrency = 9,
         .clients = 1,
         .lost = 50000,
         .snap_length = 128},
    };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        check(&models[i]);
}

static void ports_are_used_again(void **state)
{
    (void)state;
    struct capture_model model = capture_model_default();
    model.flows = 130000;
    model.clients = 1;
    model.segments = 1;
    model.brief = true;
    check(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_model),
        cmocka_unit_test(every_loss_and_exchange),
        cmocka_unit_test(other_models),
        cmocka_unit_test(ports_are_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
