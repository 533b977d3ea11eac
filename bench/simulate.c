/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a job of many ranks would take: the decoding of a made-up campaign, simulated with the plan and the rule of the queue
 * that the program has.
 *
 * Every thread reads and decodes one file at a time, at the rate of the file's kind, or slower when storage gives all of them
 * less than they could take: then all get the same, but for those that take less. Threads of a slow rank decode at a part of the
 * rate. Files of teams and files for all threads of a rank are cut into as many flows as there are threads, which read at a part
 * of the rate (efficiency). What is not simulated: the latency of storage, the stages behind decoding.
 *
 *      deal     each rank decodes what the plan gives it: the way of earlier versions
 *      queue    teams by the plan, then ranks take files when they are free */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "twinbed/campaign/plan.h"
#include "twinbed/parallel/queue.h"

enum { KINDS = 3, SPEEDS = 2, SHARED = 2, CLASSES = KINDS * SPEEDS * SHARED };
enum kind { TRACE, CAPTURE, COMPRESSED };

struct settings {
    long long runs, ranks, threads, deaths, seed;
    double terabytes;  /* of all files */
    double slow_share; /* of ranks */
    double slow_speed; /* of such a rank */
    double storage;    /* bytes a second that all ranks get together */
    double efficiency; /* of threads that decode one file together */
    bool compressed, members, array;
};

/* Bytes a second of one thread, as tb_plan_cost has them. */
static const double rates[KINDS] = {[TRACE] = 1.5e9, [CAPTURE] = 4e8, [COMPRESSED] = 1e8};

/* --- the campaign --- */

/* Between a third and three times the mean, by its logarithm. */
static double spread(struct random *random)
{
    const double uniform = (double)random_below(random, 1u << 20) / (1u << 20);
    return exp((2 * uniform - 1) * log(3.0));
}

/* A run: two traces, two captures, an ab text, a latency text; four fifths of the bytes are traces. */
static struct tb_campaign make_campaign(const struct settings *settings)
{
    enum { FILES = 6 };
    static const enum tb_artifact_kind kinds[FILES] = {TB_ARTIFACT_TRACE,   TB_ARTIFACT_TRACE, TB_ARTIFACT_CAPTURE,
                                                       TB_ARTIFACT_CAPTURE, TB_ARTIFACT_AB,    TB_ARTIFACT_LATENCY};
    static const double shares[FILES] = {0.4, 0.4, 0.1, 0.1, 0, 0};
    struct random random = {.state = (uint64_t)settings->seed};
    struct tb_campaign campaign = {.artifact_count = (size_t)settings->runs * FILES};
    campaign.artifacts = calloc(campaign.artifact_count, sizeof *campaign.artifacts);
    double sum = 0, *const weights = calloc(campaign.artifact_count, sizeof *weights);
    if (campaign.artifacts == NULL || weights == NULL)
        exit(1);
    for (size_t i = 0; i < campaign.artifact_count; i++)
        sum += weights[i] = shares[i % FILES] * spread(&random);
    for (size_t i = 0; i < campaign.artifact_count; i++) {
        const bool record = i % FILES < 4;
        const bool compressed = settings->compressed && i % FILES < 2;
        campaign.artifacts[i] =
            (struct tb_artifact){.kind = kinds[i % FILES],
                                 .size = record ? (uint64_t)(weights[i] / sum * settings->terabytes * 1e12) : 2000,
                                 .exists = true,
                                 .plain = !compressed,
                                 .members = compressed && settings->members,
                                 .same_as = TB_NO_INDEX};
    }
    free(weights);
    return campaign;
}

static enum kind kind_of(const struct tb_artifact *artifact)
{
    const bool large = artifact->size >= TB_PLAN_SHARED_LEAST;
    return large && !artifact->plain ? COMPRESSED : artifact->kind == TB_ARTIFACT_CAPTURE ? CAPTURE : TRACE;
}

/* --- flows of bytes --- */

/* Bytes of one file that one thread decodes. All flows of a class go at the same pace, so a class needs one clock: the bytes that
 * each of its flows has got since the beginning. */
struct flow {
    double until; /* of the clock of its class */
    size_t rank;
    size_t item; /* of the list, to give it back when its node dies */
    double bytes;
};

struct flow_class {
    double rate; /* of one thread */
    double clock;
    struct flow *heap; /* owned; the first to end on top */
    size_t count, capacity;
};

static void sink(struct flow_class *class, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < class->count; child++)
            if (class->heap[child].until < class->heap[least].until)
                least = child;
        if (least == at)
            return;
        const struct flow moved = class->heap[at];
        class->heap[at] = class->heap[least];
        class->heap[least] = moved;
        at = least;
    }
}

static void begin_flow(struct flow_class *class, struct flow flow)
{
    if (class->count == class->capacity) {
        class->capacity = class->capacity == 0 ? 1024 : 2 * class->capacity;
        class->heap = realloc(class->heap, class->capacity * sizeof *class->heap);
        if (class->heap == NULL)
            exit(1);
    }
    flow.until = class->clock + flow.bytes;
    size_t at = class->count++;
    class->heap[at] = flow;
    for (; at > 0 && class->heap[(at - 1) / 2].until > class->heap[at].until; at = (at - 1) / 2) {
        const struct flow moved = class->heap[at];
        class->heap[at] = class->heap[(at - 1) / 2];
        class->heap[(at - 1) / 2] = moved;
    }
}

static struct flow end_first(struct flow_class *class)
{
    const struct flow first = class->heap[0];
    class->heap[0] = class->heap[--class->count];
    sink(class, 0);
    return first;
}

/* What storage gives to each flow that could take more: who takes less than an even share leaves the rest to the others. */
static double level_of(const struct flow_class *classes, double storage)
{
    bool served[CLASSES] = {false};
    double left = storage, flows = 0;
    for (int c = 0; c < CLASSES; c++)
        flows += (double)classes[c].count;
    while (flows > 0) {
        int slowest = -1;
        for (int c = 0; c < CLASSES; c++)
            if (!served[c] && classes[c].count > 0 && (slowest < 0 || classes[c].rate < classes[slowest].rate))
                slowest = c;
        if (slowest < 0 || classes[slowest].rate > left / flows)
            return left / flows;
        served[slowest] = true;
        left -= classes[slowest].rate * (double)classes[slowest].count;
        flows -= (double)classes[slowest].count;
    }
    return INFINITY;
}

/* --- ranks --- */

struct piece {
    size_t item;
    double bytes;
    bool shared; /* by all threads of the rank */
};

struct rank {
    struct piece *pieces; /* owned; what only it decodes, in order: of teams, or all that it was dealt */
    size_t piece_count, next;
    size_t begin, end; /* items of the list in hand */
    size_t busy;       /* threads */
    bool slow;
};

struct simulation {
    const struct settings *settings;
    const struct tb_campaign *campaign;
    struct tb_plan plan;
    bool queue;
    struct rank *ranks;                 /* owned */
    struct flow_class classes[CLASSES]; /* own their heaps */
    size_t *order;                      /* owned; the list: artifacts, longest first */
    uint64_t *costs;                    /* owned */
    size_t count, next;
    uint64_t left;
    double time, read;
    uint64_t messages;
};

static int class_of(enum kind kind, bool slow, bool shared)
{
    return ((int)kind * SPEEDS + slow) * SHARED + shared;
}

static void start_piece(struct simulation *simulation, size_t rank, const struct piece *piece)
{
    struct rank *const of = &simulation->ranks[rank];
    const size_t artifact = simulation->order[piece->item];
    const long long threads = piece->shared ? simulation->settings->threads : 1;
    struct flow_class *const class =
        &simulation->classes[class_of(kind_of(&simulation->campaign->artifacts[artifact]), of->slow, piece->shared)];
    for (long long i = 0; i < threads; i++)
        begin_flow(class, (struct flow){.rank = rank, .item = piece->item, .bytes = piece->bytes / (double)threads});
    of->busy += (size_t)threads;
}

/* From its own pieces, or else from the queue. False when there is none. */
static bool take_piece(struct simulation *simulation, struct rank *rank, struct piece *piece)
{
    if (rank->next < rank->piece_count) {
        *piece = rank->pieces[rank->next++];
        return true;
    }
    if (!simulation->queue)
        return false;
    if (rank->begin == rank->end && simulation->next < simulation->count) {
        rank->begin = simulation->next;
        rank->end = tb_queue_range_end(simulation->costs, simulation->count, simulation->next, simulation->left,
                                       (uint64_t)(simulation->settings->ranks * simulation->settings->threads));
        for (size_t i = rank->begin; i < rank->end; i++)
            simulation->left -= simulation->costs[i];
        simulation->next = rank->end;
        simulation->messages += 2;
    }
    if (rank->begin == rank->end)
        return false;
    const struct tb_artifact *const artifact = &simulation->campaign->artifacts[simulation->order[rank->begin]];
    const struct tb_segment segment = {.artifact = simulation->order[rank->begin], .end = artifact->size};
    *piece = (struct piece){
        .item = rank->begin++,
        .bytes = (double)artifact->size,
        .shared = tb_plan_is_shared(simulation->campaign, &simulation->plan, &segment, simulation->settings->threads)};
    return true;
}

/* Gives work to the threads of a rank that have none. A file for all threads waits until they are free. */
static void feed(struct simulation *simulation, size_t which)
{
    struct rank *const rank = &simulation->ranks[which];
    while (rank->busy < (size_t)simulation->settings->threads) {
        const bool own = rank->next < rank->piece_count;
        if (own && rank->pieces[rank->next].shared && rank->busy > 0)
            return;
        struct piece piece;
        if (!take_piece(simulation, rank, &piece))
            return;
        if (piece.shared && rank->busy > 0)
            piece.shared = false;
        start_piece(simulation, which, &piece);
    }
}

/* --- time --- */

/* Lets time pass until a flow ends, or until most; false when there is none. */
static bool pass(struct simulation *simulation, double most)
{
    const double level = level_of(simulation->classes, simulation->settings->storage);
    double least = INFINITY;
    int first = -1;
    for (int c = 0; c < CLASSES; c++) {
        struct flow_class *const class = &simulation->classes[c];
        const double pace = fmin(class->rate, level);
        const double wait = class->count == 0 ? INFINITY : (class->heap[0].until - class->clock) / pace;
        if (wait < least) {
            least = wait;
            first = c;
        }
    }
    if (first < 0)
        return false;
    const bool ends = simulation->time + least <= most;
    if (!ends)
        least = most - simulation->time;
    for (int c = 0; c < CLASSES; c++) {
        const double pace = fmin(simulation->classes[c].rate, level);
        simulation->classes[c].clock += least * pace;
        simulation->read += least * pace * (double)simulation->classes[c].count;
    }
    simulation->time += least;
    if (!ends)
        return true;
    const struct flow ended = end_first(&simulation->classes[first]);
    simulation->ranks[ended.rank].busy--;
    feed(simulation, ended.rank);
    return true;
}

/* What ranks had in work begins again: of all ranks, when they are one job of MPI, or of one. The restarted job finds what is
 * finished, and has lost the time that it takes to be started. */
static void kill_node(struct simulation *simulation, size_t dead)
{
    static const double RESTART_S = 120;
    for (int c = 0; c < CLASSES; c++) {
        struct flow_class *const class = &simulation->classes[c];
        for (size_t i = 0; i < class->count; i++)
            if (!simulation->settings->array || class->heap[i].rank == dead)
                class->heap[i].until = class->clock + class->heap[i].bytes;
        for (size_t i = class->count; i-- > 0;)
            sink(class, i);
    }
    if (!simulation->settings->array)
        simulation->time += RESTART_S;
}

static double run(struct simulation *simulation)
{
    const struct settings *const settings = simulation->settings;
    struct random random = {.state = (uint64_t)settings->seed + 1};
    const double work = (double)simulation->left / 1e9 / (double)(settings->ranks * settings->threads);
    double next_death = settings->deaths > 0 ? work / (double)(settings->deaths + 1) : INFINITY;
    for (size_t rank = 0; rank < (size_t)settings->ranks; rank++)
        feed(simulation, rank);
    for (long long deaths = 0; pass(simulation, next_death);)
        if (simulation->time >= next_death) {
            kill_node(simulation, random_below(&random, (uint32_t)settings->ranks));
            next_death =
                ++deaths < settings->deaths ? simulation->time + work / (double)(settings->deaths + 1) : INFINITY;
        }
    return simulation->time;
}

/* --- who decodes what --- */

struct listed {
    size_t artifact;
    uint64_t cost;
    bool shared;
};

static int compare_listed(const void *a, const void *b)
{
    const struct listed *const x = a, *const y = b;
    if (x->shared != y->shared)
        return x->shared ? -1 : 1;
    if (x->cost != y->cost)
        return x->cost > y->cost ? -1 : 1;
    return (x->artifact > y->artifact) - (x->artifact < y->artifact);
}

/* Files that are of one rank, as the program lists them (decode/shares.c), and behind them those of teams. */
static void make_list(struct simulation *simulation)
{
    const struct tb_plan *const plan = &simulation->plan;
    struct listed *const list = calloc(plan->segment_count + 1, sizeof *list);
    simulation->order = calloc(plan->segment_count + plan->team_count + 1, sizeof *simulation->order);
    simulation->costs = calloc(plan->segment_count + plan->team_count + 1, sizeof *simulation->costs);
    if (list == NULL || simulation->order == NULL || simulation->costs == NULL)
        exit(1);
    for (size_t i = 0; i < plan->segment_count; i++)
        list[i] = (struct listed){
            .artifact = plan->segments[i].artifact,
            .cost = tb_plan_cost(&simulation->campaign->artifacts[plan->segments[i].artifact]),
            .shared = tb_plan_is_shared(simulation->campaign, plan, &plan->segments[i], simulation->settings->threads)};
    qsort(list, plan->segment_count, sizeof *list, compare_listed);
    for (size_t i = 0; i < plan->segment_count; i++) {
        simulation->order[i] = list[i].artifact;
        simulation->left += simulation->costs[i] = list[i].cost;
    }
    simulation->count = plan->segment_count;
    for (size_t i = 0; i < plan->team_count; i++)
        simulation->order[plan->segment_count + i] = plan->teams[i].artifact;
    free(list);
}

static void add_piece(struct rank *rank, struct piece piece)
{
    if ((rank->piece_count & (rank->piece_count + 1)) == 0)
        rank->pieces = realloc(rank->pieces, (2 * rank->piece_count + 1) * sizeof *rank->pieces);
    if (rank->pieces == NULL)
        exit(1);
    rank->pieces[rank->piece_count++] = piece;
}

static void deal(struct simulation *simulation)
{
    const struct tb_plan *const plan = &simulation->plan;
    for (size_t i = 0; i < plan->team_count; i++)
        for (int j = 0; j < plan->teams[i].count; j++)
            add_piece(&simulation->ranks[plan->team_ranks[plan->teams[i].first + (size_t)j]],
                      (struct piece){.item = plan->segment_count + i,
                                     .bytes = (double)plan->teams[i].bytes / plan->teams[i].count,
                                     .shared = true});
    if (simulation->queue)
        return;
    size_t *const places = calloc(simulation->campaign->artifact_count, sizeof *places);
    if (places == NULL)
        exit(1);
    for (size_t i = 0; i < simulation->count; i++)
        places[simulation->order[i]] = i;
    for (size_t i = 0; i < plan->segment_count; i++)
        add_piece(&simulation->ranks[plan->segments[i].rank],
                  (struct piece){.item = places[plan->segments[i].artifact],
                                 .bytes = (double)plan->segments[i].end,
                                 .shared = tb_plan_is_shared(simulation->campaign, plan, &plan->segments[i],
                                                             simulation->settings->threads)});
    free(places);
}

static void set_rates(struct simulation *simulation)
{
    const struct settings *const settings = simulation->settings;
    for (int kind = 0; kind < KINDS; kind++)
        for (int slow = 0; slow < SPEEDS; slow++)
            for (int shared = 0; shared < SHARED; shared++)
                simulation->classes[class_of((enum kind)kind, slow != 0, shared != 0)].rate =
                    rates[kind] * (slow ? settings->slow_speed : 1) * (shared ? settings->efficiency : 1);
}

/* Every so many-th rank is slow. */
static void choose_slow(struct simulation *simulation)
{
    double due = 0;
    for (size_t rank = 0; rank < (size_t)simulation->settings->ranks; rank++) {
        due += simulation->settings->slow_share;
        simulation->ranks[rank].slow = due >= 1;
        due -= due >= 1;
    }
}

/* Seconds by all threads at their speed, or by storage, whichever is more. */
static double ideal(const struct settings *settings, const struct tb_campaign *campaign)
{
    double seconds = 0, bytes = 0, slow = 0, due = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        seconds += (double)tb_plan_cost(&campaign->artifacts[i]) / 1e9;
        bytes += (double)campaign->artifacts[i].size;
    }
    for (long long rank = 0; rank < settings->ranks; rank++) {
        due += settings->slow_share;
        slow += due >= 1;
        due -= due >= 1;
    }
    const double speed = (double)settings->ranks - slow * (1 - settings->slow_speed);
    return fmax(seconds / speed / (double)settings->threads, bytes / settings->storage);
}

static double longest_file(const struct tb_campaign *campaign)
{
    uint64_t most = 0;
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const uint64_t cost = tb_plan_cost(&campaign->artifacts[i]);
        if (!campaign->artifacts[i].plain && !campaign->artifacts[i].members && cost > most)
            most = cost;
    }
    return (double)most / 1e9;
}

static double simulate(const struct settings *settings, const struct tb_campaign *campaign, bool queue,
                       uint64_t *messages, size_t *teams)
{
    struct simulation simulation = {.settings = settings, .campaign = campaign, .queue = queue};
    struct tb_error error;
    if (tb_plan_make(campaign, (int)settings->ranks, &simulation.plan, &error) != TB_OK) {
        fprintf(stderr, "simulate: %s\n", error.text);
        exit(1);
    }
    simulation.ranks = calloc((size_t)settings->ranks, sizeof *simulation.ranks);
    if (simulation.ranks == NULL)
        exit(1);
    choose_slow(&simulation);
    set_rates(&simulation);
    make_list(&simulation);
    deal(&simulation);
    const double seconds = run(&simulation);
    *messages = simulation.messages;
    *teams = simulation.plan.team_count;
    for (size_t i = 0; i < (size_t)settings->ranks; i++)
        free(simulation.ranks[i].pieces);
    for (int c = 0; c < CLASSES; c++)
        free(simulation.classes[c].heap);
    free(simulation.ranks);
    free(simulation.order);
    free(simulation.costs);
    tb_plan_free(&simulation.plan);
    return seconds;
}

/* --- the command --- */

static const char usage[] =
    "usage: simulate [--runs N] [--terabytes X] [--ranks N] [--threads N] [--compressed] [--members]\n"
    "                [--slow-share X] [--slow-speed X] [--storage-gigabytes X] [--efficiency X]\n"
    "                [--deaths N] [--array] [--seed N]\n"
    "Prints one row: ranks, threads, teams, seconds of the ideal, of the longest file that one thread must\n"
    "decompress, of the deal and of the queue, their ratios to the ideal, and messages of the queue.\n";

static bool take_option(struct settings *settings, const char *name, const char *value)
{
    const struct {
        const char *name;
        long long *number;
        double *real;
    } options[] = {{"--runs", &settings->runs, NULL},
                   {"--ranks", &settings->ranks, NULL},
                   {"--threads", &settings->threads, NULL},
                   {"--deaths", &settings->deaths, NULL},
                   {"--seed", &settings->seed, NULL},
                   {"--terabytes", NULL, &settings->terabytes},
                   {"--slow-share", NULL, &settings->slow_share},
                   {"--slow-speed", NULL, &settings->slow_speed},
                   {"--storage-gigabytes", NULL, &settings->storage},
                   {"--efficiency", NULL, &settings->efficiency}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (strcmp(options[i].name, name) != 0 || value == NULL)
            continue;
        if (options[i].number != NULL)
            *options[i].number = atoll(value);
        else
            *options[i].real = atof(value);
        return true;
    }
    return false;
}

int main(int count, char **arguments)
{
    struct settings settings = {.runs = 10000,
                                .ranks = 1024,
                                .threads = 8,
                                .seed = 1,
                                .terabytes = 500,
                                .slow_speed = 0.5,
                                .storage = 2000,
                                .efficiency = 0.8};
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--compressed") == 0)
            settings.compressed = true;
        else if (strcmp(arguments[i], "--members") == 0)
            settings.members = true;
        else if (strcmp(arguments[i], "--array") == 0)
            settings.array = true;
        else if (take_option(&settings, arguments[i], i + 1 < count ? arguments[i + 1] : NULL))
            i++;
        else {
            fputs(usage, stderr);
            return strcmp(arguments[i], "--help") == 0 ? 0 : 2;
        }
    }
    if (settings.runs < 1 || settings.ranks < 1 || settings.threads < 1 || settings.ranks > 1000000 ||
        !(settings.terabytes > 0) || !(settings.storage > 0) || !(settings.efficiency > 0) ||
        !(settings.slow_speed > 0) || !(settings.slow_share >= 0 && settings.slow_share <= 1)) {
        fputs(usage, stderr);
        return 2;
    }
    settings.storage *= 1e9;
    struct tb_campaign campaign = make_campaign(&settings);
    uint64_t messages;
    size_t teams;
    const double best = ideal(&settings, &campaign);
    const double dealt = simulate(&settings, &campaign, false, &messages, &teams);
    const double queued = simulate(&settings, &campaign, true, &messages, &teams);
    printf("%lld\t%lld\t%zu\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%.2f\t%llu\n", settings.ranks, settings.threads, teams, best,
           longest_file(&campaign), dealt, queued, dealt / best, queued / best, (unsigned long long)messages);
    free(campaign.artifacts);
    return 0;
}
