/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delays of test packets within the time of load, over all sessions between the hosts of a pair. */
#include "twinbed/latency/load_delays.h"

#include <math.h>
#include <stdlib.h>

struct sums {
    double jitter, change;
    size_t sessions;
};

/* In the order of sequence numbers; how many. */
static size_t collect(const struct tb_test_session *session, uint64_t begin, uint64_t end, int64_t *delays)
{
    size_t count = 0;
    for (size_t i = 0; i < session->packet_count; i++)
        if (session->packets[i].time >= begin && session->packets[i].time <= end)
            delays[count++] = session->packets[i].delay;
    return count;
}

bool tb_test_session_spread(const struct tb_test_session *session, uint64_t begin, uint64_t end,
                            struct tb_delay_spread *spread)
{
    int64_t *delays = malloc((session->packet_count + 1) * sizeof *delays);
    const bool computed =
        delays != NULL && tb_delay_spread_compute(delays, collect(session, begin, end, delays), spread);
    free(delays);
    return computed;
}

static bool add_session(const struct tb_test_session *session, const struct tb_load *load, struct sums *sums,
                        uint64_t *packets)
{
    struct tb_delay_spread spread;
    if (!tb_test_session_spread(session, load->begin, load->end, &spread))
        return false;
    if (spread.count < TB_LOAD_PACKETS_MIN)
        return true;
    sums->jitter += spread.jitter;
    sums->change += spread.change;
    sums->sessions++;
    *packets += spread.count;
    return true;
}

bool tb_load_delays_compute(const struct tb_test_sessions *sessions, const struct tb_load *load,
                            struct tb_load_delays delays[TB_DIRECTIONS])
{
    struct sums sums[TB_DIRECTIONS] = {{0}};
    for (unsigned direction = 0; direction < TB_DIRECTIONS; direction++)
        delays[direction] = (struct tb_load_delays){.packets = 0};
    for (size_t i = 0; i < sessions->count; i++) {
        const struct tb_test_session *session = &sessions->items[i];
        const bool to_server = tb_address_same_host(&session->to, &load->server);
        if (to_server == tb_address_same_host(&session->from, &load->server))
            continue; /* of other hosts, or of the server with itself */
        const enum tb_direction direction = to_server ? TB_TO_SERVER : TB_TO_CLIENT;
        if (!add_session(session, load, &sums[direction], &delays[direction].packets))
            return false;
    }
    for (unsigned direction = 0; direction < TB_DIRECTIONS; direction++) {
        const double count = (double)sums[direction].sessions;
        delays[direction].jitter = count > 0 ? sums[direction].jitter / count : NAN;
        delays[direction].change = count > 0 ? sums[direction].change / count : NAN;
    }
    return true;
}
