/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trail_plot.h"

#include <math.h>

#include "plot_names.h"
#include "plot_style.h"

/* Some thousand rows, so they are read when they are drawn. */
struct packets {
    const int32_t *trail, *from_server, *repeated;
    const double *time, *acknowledged; /* s, bytes */
    const int64_t *sequence, *payload; /* bytes */
    size_t count;                      /* 0 when the file lacks them */
};

static struct packets read_packets(const struct tb_view *view)
{
    struct tb_results *const results = view->results;
    struct packets packets = {
        .trail = tb_results_int32(results, TB_FIELD_TRAIL_PACKET_TRAIL, NULL),
        .from_server = tb_results_int32(results, TB_FIELD_TRAIL_PACKET_FROM_SERVER, NULL),
        .repeated = tb_results_int32(results, TB_FIELD_TRAIL_PACKET_REPEATED, NULL),
        .time = tb_results_float64(results, TB_FIELD_TRAIL_PACKET_TIME, NULL),
        .acknowledged = tb_results_float64(results, TB_FIELD_TRAIL_PACKET_ACKNOWLEDGED, NULL),
        .sequence = tb_results_int64(results, TB_FIELD_TRAIL_PACKET_SEQUENCE, NULL),
        .payload = tb_results_int64(results, TB_FIELD_TRAIL_PACKET_PAYLOAD, NULL),
    };
    if (packets.trail != NULL && packets.from_server != NULL && packets.repeated != NULL && packets.time != NULL &&
        packets.acknowledged != NULL && packets.sequence != NULL && packets.payload != NULL)
        packets.count = (size_t)tb_results_size(results, TB_DIMENSION_TRAIL_PACKET);
    return packets;
}

size_t tb_trails_of(const struct tb_view *view)
{
    return (size_t)tb_results_size(view->results, TB_DIMENSION_TRAIL);
}

/* Rows of a trail lie side by side. */
static void find_rows(const struct packets *packets, struct tb_trail_plot *plot)
{
    while (plot->first < packets->count && (size_t)packets->trail[plot->first] != plot->trail)
        plot->first++;
    plot->end = plot->first;
    while (plot->end < packets->count && (size_t)packets->trail[plot->end] == plot->trail)
        plot->end++;
}

bool tb_trail_plot_make(const struct tb_view *view, size_t trail, struct tb_trail_plot *plot)
{
    const struct packets packets = read_packets(view);
    const int32_t *const artifacts = tb_results_int32(view->results, TB_FIELD_TRAIL_ARTIFACT, NULL);
    const int32_t *const left_out = tb_results_int32(view->results, TB_FIELD_TRAIL_LEFT_OUT, NULL);
    const double *const durations = tb_results_float64(view->results, TB_FIELD_TRAIL_DURATION, NULL);
    const char *const *const clients = tb_results_text(view->results, TB_FIELD_TRAIL_CLIENT, NULL);
    const char *const *const servers = tb_results_text(view->results, TB_FIELD_TRAIL_SERVER, NULL);
    *plot = (struct tb_trail_plot){.trail = trail};
    if (artifacts == NULL || left_out == NULL || durations == NULL || clients == NULL || servers == NULL)
        return false;
    find_rows(&packets, plot);
    double sent[2] = {0, 0};
    for (size_t i = plot->first; i < plot->end; i++)
        sent[packets.from_server[i] == 1] += (double)packets.payload[i];
    plot->run = (size_t)view->artifact_run[artifacts[trail]];
    plot->from_server = sent[1] > sent[0];
    plot->left_out = left_out[trail] == 1;
    plot->duration = durations[trail];
    plot->client = clients[trail];
    plot->server = servers[trail];
    return sent[0] + sent[1] > 0 && isfinite(plot->duration) && plot->duration > 0;
}

/* Times and bytes that are drawn: as long before the stall and behind it as it lasted. */
struct frame {
    double begin, end; /* s */
    double low, high;  /* bytes */
};

static bool is_in(const struct frame *frame, double time)
{
    return time >= frame->begin && time <= frame->end;
}

static struct frame find_frame(const struct packets *packets, const struct tb_trail_plot *plot)
{
    struct frame frame = {-plot->duration, 2 * plot->duration, INFINITY, -INFINITY};
    for (size_t i = plot->first; i < plot->end; i++) {
        if (!is_in(&frame, packets->time[i]) || packets->payload[i] == 0 ||
            (packets->from_server[i] == 1) != plot->from_server)
            continue;
        frame.low = fmin(frame.low, (double)packets->sequence[i]);
        frame.high = fmax(frame.high, (double)(packets->sequence[i] + packets->payload[i]));
    }
    return frame;
}

/* Lines from the first byte to the last: x, y, height. */
static void write_segments(FILE *script, const struct packets *packets, const struct tb_trail_plot *plot,
                           const struct frame *frame, double size, bool repeated)
{
    fprintf(script, "$%s << EOD\nNaN NaN NaN\n", repeated ? "repeated" : "sent");
    for (size_t i = plot->first; i < plot->end; i++)
        if ((packets->from_server[i] == 1) == plot->from_server && packets->payload[i] > 0 &&
            (packets->repeated[i] == 1) == repeated && is_in(frame, packets->time[i]))
            fprintf(script, "%.9g %.9g %.9g\n", packets->time[i], ((double)packets->sequence[i] - frame->low) / size,
                    (double)packets->payload[i] / size);
    fputs("EOD\n", script);
}

static void write_acknowledged(FILE *script, const struct packets *packets, const struct tb_trail_plot *plot,
                               const struct frame *frame, double size)
{
    fputs("$acknowledged << EOD\nNaN NaN\n", script);
    for (size_t i = plot->first; i < plot->end; i++)
        if ((packets->from_server[i] == 1) != plot->from_server && is_in(frame, packets->time[i]) &&
            isfinite(packets->acknowledged[i]) && packets->acknowledged[i] >= frame->low)
            fprintf(script, "%.9g %.9g\n", packets->time[i], (packets->acknowledged[i] - frame->low) / size);
    fputs("EOD\n", script);
}

void tb_trail_script(FILE *script, const struct tb_view *view, const struct tb_trail_plot *plot)
{
    const struct packets packets = read_packets(view);
    const struct frame frame = find_frame(&packets, plot);
    const struct tb_plot_unit unit = tb_plot_bytes(frame.high - frame.low);
    const size_t testbed = (size_t)view->run_testbed[plot->run];
    write_segments(script, &packets, plot, &frame, unit.size, false);
    write_segments(script, &packets, plot, &frame, unit.size, true);
    write_acknowledged(script, &packets, plot, &frame, unit.size);
    tb_plot_begin(script, 400, 300);
    fprintf(script,
            "set grid x lc rgb '#999999' lw 0.4 dt 3\nset format '%%g'\nset xtics autofreq rotate by 0\n"
            "set key outside top center horizontal samplen 1\nset xlabel 's since the flow stood still'\n"
            "set ylabel '%s sent by the %s'\nset xrange [%.9g:%.9g]\nset yrange [0:*]\n"
            "set object rectangle from first 0, graph 0 to first %.9g, graph 1 fc rgb '#999999' fs transparent solid "
            "0.2 noborder "
            "behind\n"
            "plot $acknowledged using 1:2 with steps lw 1 lc rgb '#999999' title 'acknowledged'"
            ", $sent using 1:2:(0):3 with vectors nohead lw 2 lc rgb '%s' title ",
            unit.name, plot->from_server ? "server" : "client", frame.begin, frame.end, plot->duration,
            tb_plot_colour(testbed));
    tb_plot_name(script, 'N', testbed, view->testbed_name[testbed]);
    fputs(", $repeated using 1:2 with points pt 2 ps 0.6 lc rgb '#c9505a' title 'sent again'\nreset\n", script);
}
