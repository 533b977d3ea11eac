/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "capture_model.h"

#include <errno.h>
#include <stdlib.h>

#include "capture_writer.h"
#include "random.h"

enum {
    MILLION = 1000000,
    FIRST_CLIENT = 0x0a010001,
    SERVER = 0x0a000001,
    SERVER_PORT = 8080,
    FIRST_PORT = 1024,
    PORTS = 60000,
    REQUEST = 100,
    SEGMENT_MAX = 32000
};

/* What a flow sends next. */
enum phase {
    PHASE_SYN,
    PHASE_SYN_ACK,
    PHASE_ACK,
    PHASE_REQUEST,
    PHASE_REPLY,
    PHASE_REPLY_ACK,
    PHASE_SERVER_FIN,
    PHASE_CLIENT_FIN,
    PHASE_LAST_ACK,
    PHASE_DONE
};

enum { NONE = UINT32_MAX };

struct connection {
    uint64_t number;
    uint32_t client;
    uint16_t port;
    uint32_t client_start; /* sequence numbers of the two SYN */
    uint32_t server_start;
    uint32_t segments;
    uint32_t last; /* payload of the last segment */
    uint32_t sent; /* segments that have been sent, late ones left out */
    uint32_t late; /* one that is to be sent later, or again; NONE */
    bool again;    /* the late one has been sent before */
    uint8_t phase;
};

struct generator {
    const struct capture_model *model;
    struct capture_truth *truth;
    struct capture_writer writer;
    struct random random;
    struct connection *open; /* owned */
    uint32_t open_count;
    uint64_t begun;
};

struct capture_model capture_model_default(void)
{
    return (struct capture_model){.seed = 1,
                                  .flows = 200000,
                                  .segments = 4,
                                  .segment = 1448,
                                  .concurrency = 1000,
                                  .clients = 16,
                                  .lost = 10000,
                                  .exchanged = 2000,
                                  .snap_length = 80};
}

/* What each end has acknowledged: sequence numbers after its peer's SYN. */
static uint32_t heard_by_client(const struct generator *generator, const struct connection *from)
{
    const uint32_t reply = (from->segments - 1) * generator->model->segment + from->last;
    const uint32_t whole = from->late != NONE ? from->late : from->sent;
    if (from->phase >= PHASE_CLIENT_FIN)
        return reply + 1;
    return whole < from->segments ? whole * generator->model->segment : reply;
}

static uint32_t heard_by_server(const struct connection *from)
{
    return (from->phase > PHASE_REQUEST ? REQUEST : 0) + (from->phase == PHASE_LAST_ACK);
}

/* Writes one segment of a connection and counts it; offset is in the side's stream, after its SYN. */
static void send_segment(struct generator *generator, const struct connection *from, int side, uint8_t flags,
                         uint32_t offset, uint32_t payload)
{
    const uint32_t own = side == 0 ? from->client_start : from->server_start;
    const uint32_t peer = side == 0 ? from->server_start + 1 + heard_by_client(generator, from)
                                    : from->client_start + 1 + heard_by_server(from);
    const struct segment segment = {
        .source = side == 0 ? from->client : SERVER,
        .target = side == 0 ? SERVER : from->client,
        .source_port = side == 0 ? from->port : SERVER_PORT,
        .target_port = side == 0 ? SERVER_PORT : from->port,
        .sequence = own + offset + ((flags & SEGMENT_SYN) == 0),
        .acknowledgement = (flags & SEGMENT_ACK) != 0 ? peer : 0,
        .payload = payload,
        .flags = flags,
    };
    struct capture_side *const counts = &generator->truth->side[side];
    bool cut;
    counts->ip_bytes += capture_write_segment(&generator->writer, &segment, &cut);
    counts->packets++;
    counts->payload_bytes += payload;
    counts->data_packets += payload > 0;
    generator->truth->packets++;
    generator->truth->cut_packets += cut;
}

static uint32_t segment_size(const struct generator *generator, const struct connection *from, uint32_t which)
{
    return which + 1 == from->segments ? from->last : generator->model->segment;
}

static void send_reply(struct generator *generator, const struct connection *from, uint32_t which, uint8_t more)
{
    send_segment(generator, from, 1, SEGMENT_ACK | SEGMENT_PUSH | more, which * generator->model->segment,
                 segment_size(generator, from, which));
}

/* The segment that was lost or overtaken. */
static void send_late(struct generator *generator, struct connection *from)
{
    struct capture_side *const counts = &generator->truth->side[1];
    const uint32_t size = segment_size(generator, from, from->late);
    if (from->again) {
        counts->retransmitted_packets++;
        counts->retransmitted_bytes += size;
    } else {
        counts->out_of_order_packets++;
        counts->unique_bytes += size;
    }
    send_reply(generator, from, from->late, 0);
    from->late = NONE;
}

/* One packet of the reply. A late one follows after the next segment, or at the end. */
static void continue_reply(struct generator *generator, struct connection *from)
{
    const struct capture_model *const model = generator->model;
    const uint32_t which = from->sent++;
    const uint32_t chance = random_below(&generator->random, MILLION);
    const bool last = which + 1 == from->segments;
    if (from->late == NONE && !last && chance < model->exchanged) {
        from->late = which;
        from->again = false;
        return;
    }
    generator->truth->side[1].unique_bytes += segment_size(generator, from, which);
    send_reply(generator, from, which, model->brief && last ? SEGMENT_FIN : 0);
    if (from->late != NONE)
        send_late(generator, from);
    else if (!last && chance < model->exchanged + model->lost) {
        from->late = which;
        from->again = true;
    }
    if (from->sent % 2 == 0 || last)
        from->phase = PHASE_REPLY_ACK;
    if (model->brief && last)
        from->phase = PHASE_CLIENT_FIN;
}

static void proceed(struct generator *generator, struct connection *from)
{
    const bool brief = generator->model->brief;
    const uint32_t reply = (from->segments - 1) * generator->model->segment + from->last;
    switch (from->phase) {
    case PHASE_SYN:
        send_segment(generator, from, 0, SEGMENT_SYN, 0, 0);
        from->phase = PHASE_SYN_ACK;
        return;
    case PHASE_SYN_ACK:
        send_segment(generator, from, 1, SEGMENT_SYN | SEGMENT_ACK, 0, 0);
        from->phase = brief ? PHASE_REQUEST : PHASE_ACK;
        return;
    case PHASE_ACK:
        send_segment(generator, from, 0, SEGMENT_ACK, 0, 0);
        from->phase = PHASE_REQUEST;
        return;
    case PHASE_REQUEST:
        send_segment(generator, from, 0, SEGMENT_ACK | SEGMENT_PUSH, 0, REQUEST);
        generator->truth->side[0].unique_bytes += REQUEST;
        from->phase = PHASE_REPLY;
        return;
    case PHASE_REPLY:
        continue_reply(generator, from);
        return;
    case PHASE_REPLY_ACK:
        send_segment(generator, from, 0, SEGMENT_ACK, REQUEST, 0);
        from->phase = from->sent < from->segments ? PHASE_REPLY : PHASE_SERVER_FIN;
        return;
    case PHASE_SERVER_FIN:
        send_segment(generator, from, 1, SEGMENT_FIN | SEGMENT_ACK, reply, 0);
        from->phase = PHASE_CLIENT_FIN;
        return;
    case PHASE_CLIENT_FIN:
        send_segment(generator, from, 0, SEGMENT_FIN | SEGMENT_ACK, REQUEST, 0);
        from->phase = PHASE_LAST_ACK;
        return;
    default:
        send_segment(generator, from, 1, SEGMENT_ACK, reply + 1, 0);
        from->phase = PHASE_DONE;
        return;
    }
}

/* Clients take turns, and each goes through its ports. */
static struct connection begin(struct generator *generator)
{
    const struct capture_model *const model = generator->model;
    const uint64_t number = generator->begun++;
    return (struct connection){
        .number = number,
        .client = FIRST_CLIENT + (uint32_t)(number % model->clients),
        .port = (uint16_t)(FIRST_PORT + number / model->clients % PORTS),
        .client_start = (uint32_t)random_next(&generator->random),
        .server_start = (uint32_t)random_next(&generator->random),
        .segments = 1 + random_below(&generator->random, 2 * model->segments - 1),
        .last = 1 + random_below(&generator->random, model->segment),
        .late = NONE,
    };
}

static void write_packets(struct generator *generator)
{
    const struct capture_model *const model = generator->model;
    while (generator->open_count < model->concurrency && generator->begun < model->flows)
        generator->open[generator->open_count++] = begin(generator);
    while (generator->open_count > 0) {
        struct connection *const chosen = &generator->open[random_below(&generator->random, generator->open_count)];
        proceed(generator, chosen);
        if (chosen->phase != PHASE_DONE)
            continue;
        *chosen = generator->begun < model->flows ? begin(generator) : generator->open[--generator->open_count];
    }
    generator->truth->flows = generator->begun;
}

/* A port must not be used again while its last connection is open. */
static bool is_possible(const struct capture_model *model)
{
    const uint64_t longest = (uint64_t)model->segment * 2 * model->segments;
    return model->segments > 0 && model->segment > 0 && model->segment <= SEGMENT_MAX && longest < (uint64_t)1 << 30 &&
           model->concurrency > 0 && model->clients > 0 && model->clients < 1 << 16 &&
           (uint64_t)model->concurrency * 16 <= (uint64_t)model->clients * PORTS && model->snap_length >= 74 &&
           (uint64_t)model->lost + model->exchanged <= MILLION;
}

bool capture_generate(const struct capture_model *model, const char *path, struct capture_truth *truth)
{
    *truth = (struct capture_truth){0};
    if (!is_possible(model)) {
        errno = EINVAL;
        return false;
    }
    struct generator generator = {.model = model, .truth = truth, .random = {model->seed}};
    generator.writer.snap_length = model->snap_length;
    generator.open = calloc(model->concurrency, sizeof *generator.open);
    if (generator.open == NULL) {
        errno = ENOMEM;
        return false;
    }
    bool good = output_open(&generator.writer.output, path);
    if (good) {
        capture_write_begin(&generator.writer);
        write_packets(&generator);
        good = output_close(&generator.writer.output);
    }
    truth->bytes = generator.writer.output.bytes;
    free(generator.open);
    errno = generator.writer.output.failure;
    return good;
}
