/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reads.h"
#include "sections.h"

/* One table of the study, for each level of the link factor when there is one. */
struct published_table {
    const char *id;      /* of the headings; a word of ours */
    const char *heading; /* NULL: it stands under that of the table before */
    struct tb_metric_table table;
};

static const struct published_table requests = {
    "requests",
    "Requests per second",
    {"Tables I and II.", "Mean requests per second.", {"requests_per_second"}, TB_SPREAD_INTERVALS, "ab"}};

static const struct published_table reads = {
    "reads",
    "Reads per request",
    {"Tables IV and V.",
     "Mean number of read-like system calls per completed request; a call is counted when it returns (its exit event).",
     {"client_reads_per_request", "client_network_reads_per_request", "server_reads_per_request"},
     TB_SPREAD_INTERVALS,
     "trace"}};

static const struct published_table payload = {
    "payload",
    "Bytes per request",
    {"Figure 2a as a table.",
     "Bytes of payload that the server sent per completed request, retransmissions included.",
     {"server_payload_per_request", "server_payload_per_request_completed"},
     TB_SPREAD_INTERVALS,
     "capture"}};

static const struct published_table packets = {
    "packets",
    "Packets per request",
    {"Table VI.",
     "Mean number of packets per completed request: sent by the server, by the client, and "
     "their sum. The study does not say which it counts: its 5.00 packets for 500 bytes fit either direction, not the "
     "sum, and with 1\xC2\xA0MB its e1000 has 1.56 times the packets of its physical testbed.",
     {"server_packets_per_request", "client_packets_per_request", "packets_per_request"},
     TB_SPREAD_DEVIATION,
     "capture"}};

static const struct published_table jitter = {
    "jitter",
    "Jitter",
    {"Table VII.",
     "Mean jitter, the 95th minus the 50th percentile of the one-way delay. owping "
     "counts in buckets, so one run gives a multiple of the bucket width.",
     {"jitter", "jitter_to_server", "jitter_to_client"},
     TB_SPREAD_INTERVALS,
     "latency"}};

static const struct published_table load_jitter = {
    "load-jitter",
    NULL,
    {"Jitter under load.",
     "The same, exact and of the OWAMP packets that were captured between the first request and the last reply only: "
     "from the sender to the point of capture. Below, the median change of the delay from packet to packet, which a "
     "drift of the clocks does not move.",
     {"load_jitter", "load_jitter_to_server", "load_jitter_to_client", "load_delay_change_to_server",
      "load_delay_change_to_client"},
     TB_SPREAD_INTERVALS,
     "capture"}};

static const struct published_table path_delays = {
    "path-delays",
    NULL,
    {"One-way variation between two captures.",
     "Of the packets found in the captures at both ends: the 95th minus the 50th percentile of the one-way delay, and "
     "the share of packets found.",
     {"path_variation_to_server", "path_variation_to_client", "path_matched_to_server", "path_matched_to_client"},
     TB_SPREAD_INTERVALS,
     "capture"}};

static const struct published_table switches = {
    "switches",
    "Context switches, block I/O, bytes",
    {"System interactions per request.",
     "The measures that the study names beside system calls, per completed request.",
     {"client_context_switches_per_request", "server_context_switches_per_request", "client_read_bytes_per_request",
      "client_write_bytes_per_request"},
     TB_SPREAD_INTERVALS,
     "trace"}};

static const struct published_table counters = {
    "counters",
    NULL,
    {"Machine counters per request.",
     "From counters of the whole machine: every process counts.",
     {"host_context_switches_per_request", "host_interrupts_per_request", "host_block_reads_per_request",
      "host_block_writes_per_request", "host_block_read_bytes_per_request", "host_block_write_bytes_per_request"},
     TB_SPREAD_INTERVALS,
     "counters"}};

static bool is_first_of_level(const struct tb_view *view, size_t scenario)
{
    const char *level = tb_view_level(view, scenario, view->link_factor);
    for (size_t s = 0; s < scenario; s++)
        if (tb_view_instrumented(view, s) && strcmp(tb_view_level(view, s, view->link_factor), level) == 0)
            return false;
    return tb_view_instrumented(view, scenario);
}

static void write_link(struct tb_html *html, const struct tb_view *view, const char *id, size_t scenario)
{
    const char *level = tb_view_level(view, scenario, view->link_factor);
    char text[160];
    snprintf(text, sizeof text, "%.60s = %.60s", view->factor_name[view->link_factor],
             level[0] == '\0' ? "(none)" : level);
    tb_html_heading(html, 4, text, "%s-%zu", id, scenario);
}

/* Of words of ours, unlike tb_html_heading. */
static void write_heading(struct tb_html *html, const char *words, const char *id)
{
    tb_html_format(html, "<h3 id=\"%s\">%s</h3>\n", id, words);
}

/* The table once for each level of the link factor, as tables I and II or IV and V. */
static void write_by_link(struct tb_html *html, const struct tb_view *view, const struct published_table *published)
{
    if (published->heading != NULL)
        write_heading(html, published->heading, published->id);
    if (view->link_factor == TB_ABSENT) {
        if (published == &requests || published == &reads)
            tb_html_markup(html, "<p class=\"note\">This campaign has no factor link speed: one table for all.</p>\n");
        tb_metric_table_write(html, view, &published->table, NULL);
        return;
    }
    tb_html_markup(html, "<div class=\"levels\">\n");
    for (size_t s = 0; s < view->scenarios; s++) {
        if (!is_first_of_level(view, s))
            continue;
        tb_html_markup(html, "<div>\n");
        write_link(html, view, published->id, s);
        tb_metric_table_write(html, view, &published->table, tb_view_level(view, s, view->link_factor));
        tb_html_markup(html, "</div>\n");
    }
    tb_html_markup(html, "</div>\n");
}

/* Some cell has a value of the table's first metric. */
static bool has_values(const struct tb_view *view, const struct published_table *published)
{
    const size_t metric = tb_view_metric(view, published->table.metrics[0]);
    for (size_t cell = 0; metric != TB_ABSENT && cell < view->cells; cell++)
        if (view->n[cell * view->metrics + metric] > 0)
            return true;
    return false;
}

static size_t find_plot(const struct tb_plots *plots, const char *metric)
{
    for (size_t i = 0; i < plots->count; i++)
        if (plots->items[i].kind == TB_PLOT_QUANTITY && strcmp(plots->items[i].quantity.quantity->metric, metric) == 0)
            return i;
    return TB_ABSENT;
}

static void write_payload(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    const size_t plot = find_plot(plots, "server_payload_per_request");
    write_heading(html, "Server bytes per request", "server-bytes");
    tb_html_markup(html, "<p class=\"note\"><b>Figure 2a.</b> Bytes of payload sent by the server per completed "
                         "request, including retransmissions. ");
    if (plot == TB_ABSENT) {
        tb_html_markup(html, "</p>\n<p class=\"reason\">No plot: ");
        tb_missing_reason(html, view, "capture");
        tb_html_markup(html, ".</p>\n");
    } else if (plots->reason[0] != '\0') {
        tb_html_markup(html, "</p>\n");
    } else {
        tb_html_markup(html,
                       "The picture stands <a href=\"#figure-server-payload-per-request\">under Network</a>.</p>\n");
    }
}

static void write_reads(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_heading(html, 4, "Over payload size", "reads-over-size");
    tb_html_markup(html,
                   "<p class=\"note\"><b>Figure 2b.</b> Mean number of read system "
                   "calls of the client per completed request over the response size, with 95\xC2\xA0% "
                   "intervals, as the study\xE2\x80\x99s caption says. Beside it, as its text says: mean calls in a "
                   "run over mean requests per second, which is the first times the length of a run. The two "
                   "have the same shape where all runs are equally long. All axes are logarithmic.</p>\n");
    const size_t written =
        tb_plots_write(html, view, plots, TB_PLOT_READS, "Reads per request over response size") +
        tb_plots_write(html, view, plots, TB_PLOT_READS_OVER_RATE, "Reads over request rate, over response size");
    if (written == 0 && plots->reason[0] == '\0')
        tb_html_markup(html,
                       view->size_factor == TB_ABSENT
                           ? "<p class=\"reason\">No plot: this campaign has no factor that is a size in bytes.</p>\n"
                           : "<p class=\"reason\">No plot: no two sizes of the same scenario have values.</p>\n");
    tb_section_reads_over_rate(html, view);
}

void tb_section_published(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    write_by_link(html, view, &requests);
    tb_section_overhead(html, view);
    write_by_link(html, view, &reads);
    write_reads(html, view, plots);
    write_payload(html, view, plots);
    write_by_link(html, view, &payload);
    write_by_link(html, view, &packets);
    write_by_link(html, view, &jitter);
    /* Not in the study: only where a campaign has them. */
    if (has_values(view, &load_jitter))
        write_by_link(html, view, &load_jitter);
    if (has_values(view, &path_delays))
        write_by_link(html, view, &path_delays);
    tb_section_walks(html, view, plots);
    tb_section_walk_profiles(html, view, plots);
    tb_section_chains(html, view);
    tb_section_chain_comparisons(html, view);
    tb_section_run_distances(html, view, plots);
    tb_section_call_differences(html, view);
    tb_section_walk_differences(html, view);
    write_by_link(html, view, &switches);
    write_by_link(html, view, &counters);
}
