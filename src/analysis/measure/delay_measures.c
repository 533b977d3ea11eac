/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delay_measures.h"

/* The end of the first flow on the pair's server port. */
static bool find_server(const struct tb_capture *capture, uint16_t port, struct tb_address *server)
{
    *server = tb_flow_summary_find(&capture->summary, port)->server;
    return port != 0 && server->version != 0;
}

/* With packets left out, what was kept says little of the load. */
static enum tb_status measure_load(struct pair_measures *about, const struct tb_capture *capture,
                                   struct tb_error *error)
{
    struct tb_load load = {.begin = about->flows.load_begin, .end = about->flows.load_end};
    if (load.begin == 0 || load.end < load.begin || capture->tests.left_out != 0 ||
        !find_server(capture, about->measures.server_port, &load.server))
        return TB_OK;
    if (!tb_load_delays_compute(&capture->tests, &load, about->load_delays))
        return tb_error_memory(error, "the delays of test packets");
    about->measures.load_delays = about->load_delays;
    return TB_OK;
}

static const struct tb_packet_sample *sample_at(const struct job *job, const struct run_measures *run, size_t pair,
                                                enum tb_point point)
{
    const size_t first = job->campaign->runs[run->run].first_artifact;
    const size_t artifact = tb_capture_at(job->campaign, run->run, pair, point);
    if (artifact == TB_NO_INDEX || run->artifacts[artifact - first].state != ARTIFACT_USED)
        return NULL;
    const struct artifact_content *content = tb_run_artifact_content(run, artifact - first);
    return content == NULL || content->capture == NULL ? NULL : &content->capture->sample;
}

static enum tb_status measure_path(const struct job *job, struct run_measures *run, size_t pair, struct tb_error *error)
{
    struct pair_measures *about = &run->pairs[pair];
    const struct tb_packet_sample *at_client = sample_at(job, run, pair, TB_POINT_CLIENT);
    const struct tb_packet_sample *at_server = sample_at(job, run, pair, TB_POINT_SERVER);
    if (at_client == NULL || at_server == NULL || at_client == at_server || at_client->limit == 0 ||
        at_server->limit == 0 || about->measures.server_port == 0)
        return TB_OK;
    if (!tb_path_delays_compute(at_client, at_server, about->measures.server_port, about->path_delays))
        return tb_error_memory(error, "the delays between two captures");
    about->measures.path_delays = about->path_delays;
    return TB_OK;
}

enum tb_status tb_measure_delays(const struct job *job, struct run_measures *run, size_t pair,
                                 const struct tb_capture *capture, struct tb_error *error)
{
    const enum tb_status status = capture == NULL ? TB_OK : measure_load(&run->pairs[pair], capture, error);
    return status == TB_OK ? measure_path(job, run, pair, error) : status;
}
