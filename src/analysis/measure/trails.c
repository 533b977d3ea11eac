/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trails.h"

#include <math.h>
#include <stdlib.h>

#include "decode/capture_artifacts.h"
#include "twinbed/base/archive.h"
#include "twinbed/base/log.h"

static const double SECOND = 1e9; /* ns */

void tb_trails_note(const struct job *job, const struct run_measures *run, struct stalled_testbed *worst)
{
    const size_t testbed = job->campaign->runs[run->run].testbed;
    if (run->stalled == 1 && tb_stalled_flow_is_worse(&run->worst, &worst[testbed].flow))
        worst[testbed] = (struct stalled_testbed){.artifact = run->worst_capture, .flow = run->worst};
}

static void describe(struct tb_archive *archive, size_t *testbed, struct stalled_testbed *worst)
{
    tb_archive_size(archive, testbed);
    tb_archive_size(archive, &worst->artifact);
    TB_ARCHIVE_U64S(archive, &worst->flow.stall.begin, &worst->flow.stall.end);
    tb_address_describe(archive, &worst->flow.client);
    tb_address_describe(archive, &worst->flow.server);
}

static void pack(const struct job *job, const struct stalled_testbed *worst, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    for (size_t testbed = 0; testbed < job->campaign->testbed_count; testbed++) {
        struct stalled_testbed one = worst[testbed];
        if (one.flow.stall.end != 0)
            describe(&archive, &testbed, &one);
    }
}

struct united {
    const struct job *job;
    struct stalled_testbed *worst; /* owned; one a testbed */
};

/* Of equal ones that of the lower rank stays, whose runs come first. */
static enum tb_status unite(void *context, struct tb_bytes bytes, struct tb_error *error)
{
    struct united *const united = context;
    const struct tb_campaign *const campaign = united->job->campaign;
    struct tb_archive archive = tb_archive_reader(&bytes);
    while (archive.in.left > 0) {
        size_t testbed = 0;
        struct stalled_testbed one = {0};
        describe(&archive, &testbed, &one);
        if (archive.failed || testbed >= campaign->testbed_count || one.artifact >= campaign->artifact_count)
            return tb_error_unpack(error, "stalled flows do not unpack");
        if (tb_stalled_flow_is_worse(&one.flow, &united->worst[testbed].flow))
            united->worst[testbed] = one;
    }
    return TB_OK;
}

/* Where there are too many testbeds, those whose flows stood still longest. */
static bool is_chosen(const struct united *united, size_t testbed)
{
    size_t worse = 0;
    for (size_t other = 0; other < united->job->campaign->testbed_count; other++)
        worse += tb_stalled_flow_is_worse(&united->worst[other].flow, &united->worst[testbed].flow);
    return united->worst[testbed].flow.stall.end != 0 && worse < TB_TRAILS_MOST;
}

/* The chosen ones come to the beginning, in the order of testbeds. */
static size_t choose(struct united *united)
{
    size_t chosen[TB_TRAILS_MOST];
    size_t count = 0;
    for (size_t testbed = 0; testbed < united->job->campaign->testbed_count && count < TB_TRAILS_MOST; testbed++)
        if (is_chosen(united, testbed))
            chosen[count++] = testbed;
    for (size_t i = 0; i < count; i++)
        united->worst[i] = united->worst[chosen[i]];
    return count;
}

static void add_packets(struct job *job, size_t number, const struct tb_packet_trail *trail)
{
    for (size_t i = 0; i < trail->count; i++) {
        const struct tb_trail_packet *const packet = &trail->packets[i];
        PUT_I32(TRAIL_PACKET_TRAIL, number);
        PUT_F64(TRAIL_PACKET_TIME, (double)packet->time / SECOND);
        PUT_I32(TRAIL_PACKET_FROM_SERVER, packet->side);
        PUT_I64(TRAIL_PACKET_SEQUENCE, packet->sequence);
        PUT_I64(TRAIL_PACKET_PAYLOAD, packet->payload);
        PUT_F64(TRAIL_PACKET_ACKNOWLEDGED,
                packet->acknowledged == INT64_MIN ? (double)NAN : (double)packet->acknowledged);
        PUT_I32(TRAIL_PACKET_REPEATED, packet->repeated);
        PUT_I32(TRAIL_PACKET_TCP_FLAGS, packet->tcp_flags);
    }
}

static void add_trail(struct job *job, const struct stalled_testbed *of, const struct tb_packet_trail *trail)
{
    char text[TB_ADDRESS_TEXT_SIZE];
    PUT_I32(TRAIL_ARTIFACT, of->artifact);
    PUT_TEXT(TRAIL_CLIENT, tb_address_text(&of->flow.client, text));
    PUT_TEXT(TRAIL_SERVER, tb_address_text(&of->flow.server, text));
    PUT_I64(TRAIL_BEGIN, of->flow.stall.begin);
    PUT_F64(TRAIL_DURATION, (double)(of->flow.stall.end - of->flow.stall.begin) / SECOND);
    PUT_I32(TRAIL_LEFT_OUT, trail->left_out);
}

static enum tb_status read_one(struct job *job, const struct stalled_testbed *of, size_t number, struct tb_error *error)
{
    struct tb_packet_trail trail = {0};
    struct tb_error reason;
    const enum tb_status status = tb_capture_artifact_trail(&job->decoding, of->artifact, &of->flow, &trail, &reason);
    if (status == TB_MEMORY)
        return tb_error_memory(error, "packets of a flow");
    if (status != TB_OK)
        tb_log_warning("no packets of the flow that stood still longest: %s", reason.text);
    add_trail(job, of, &trail);
    add_packets(job, number, &trail);
    tb_packet_trail_free(&trail);
    return TB_OK;
}

static enum tb_status read_share(struct job *job, struct united *united, struct tb_error *error)
{
    size_t begin, end;
    enum tb_status status = TB_OK;
    tb_job_share(job, choose(united), &begin, &end);
    for (size_t i = begin; status == TB_OK && i < end; i++)
        status = read_one(job, &united->worst[i], i, error);
    return status;
}

enum tb_status tb_trails_read(struct job *job, const struct stalled_testbed *worst, struct tb_error *error)
{
    struct united united = {.job = job, .worst = calloc(job->campaign->testbed_count + 1, sizeof *united.worst)};
    struct tb_buffer local = {0};
    enum tb_status status = united.worst == NULL ? tb_error_memory(error, "stalled flows") : TB_OK;
    if (status == TB_OK)
        pack(job, worst, &local);
    status = tb_team_collect(job->team, status, &local, "stalled flows", true, unite, &united, error);
    tb_buffer_free(&local);
    if (status == TB_OK)
        status = tb_team_agree(job->team, read_share(job, &united, error), error);
    free(united.worst);
    return status;
}
