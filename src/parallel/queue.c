/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranks ask rank 0, which answers with a range of the list; threads of a rank share what their rank has in hand.
 *
 *      rank r  ---- asks, with what it has done since --->  the thread beside rank 0
 *              <--- begin, end (equal: none is left) ----
 *      rank r  ---- leaves ------------------------------>  ends when all have left
 *
 * Rank 0's own threads take from the list under the lock that the thread beside them takes. */
#include "twinbed/parallel/queue.h"

#include <pthread.h>
#include <stdlib.h>

enum { ASK, LEAVE, ABANDON };
enum { TO_LIST = 0, FROM_LIST = 1 }; /* channels */

/* The list as rank 0 hands it out. */
struct list {
    pthread_mutex_t lock;
    size_t next;   /* first item that nobody has */
    uint64_t left; /* cost of it and those behind it */
    struct tb_progress *progress;
    pthread_t thread;
    bool answers; /* the thread is there */
    enum tb_status status;
    struct tb_error error;
};

struct tb_queue {
    const struct tb_team *team;
    const uint64_t *costs;
    size_t count;
    pthread_mutex_t lock;   /* of what follows */
    size_t begin, end;      /* in hand */
    bool empty;             /* rank 0 has said that none is left */
    uint64_t done, skipped; /* since rank 0 was told */
    struct list list;       /* rank 0 */
};

static uint64_t cost_at(const uint64_t *costs, size_t item)
{
    return costs == NULL ? 1 : costs[item];
}

size_t tb_queue_range_end(const uint64_t *costs, size_t count, size_t next, uint64_t left, uint64_t workers)
{
    enum { ROUNDS = 4, MOST = 1024 };
    const uint64_t most = left / ROUNDS / workers;
    size_t end = next;
    for (uint64_t given = 0; end < count && end - next < MOST; end++) {
        if (end > next && cost_at(costs, end) > most - given)
            break;
        given += cost_at(costs, end);
        if (given > most)
            return end + 1;
    }
    return end;
}

/* Rank 0. */
static void hand_out(struct tb_queue *queue, size_t *begin, size_t *end)
{
    struct list *const list = &queue->list;
    pthread_mutex_lock(&list->lock);
    *begin = list->next;
    const uint64_t workers = (uint64_t)queue->team->size * (uint64_t)queue->team->threads;
    *end = tb_queue_range_end(queue->costs, queue->count, list->next, list->left, workers);
    for (size_t item = *begin; item < *end; item++)
        list->left -= cost_at(queue->costs, item);
    list->next = *end;
    pthread_mutex_unlock(&list->lock);
}

static void abandon_list(struct tb_queue *queue)
{
    pthread_mutex_lock(&queue->list.lock);
    queue->list.next = queue->count;
    queue->list.left = 0;
    pthread_mutex_unlock(&queue->list.lock);
}

static void show(const struct list *list, uint64_t done, uint64_t skipped)
{
    if (list->progress == NULL)
        return;
    if (done > 0)
        tb_progress_add(list->progress, done);
    if (skipped > 0)
        tb_progress_skip(list->progress, skipped);
}

/* --- messages --- */

static enum tb_status send_now(const struct tb_team *team, int rank, unsigned channel, struct tb_buffer *bytes,
                               struct tb_error *error)
{
    struct tb_sending sending = {0};
    enum tb_status status = tb_buffer_check(bytes, "a message of the queue", error);
    if (status == TB_OK)
        status = tb_team_send(team, rank, channel, bytes, &sending, error);
    if (status == TB_OK)
        status = tb_team_send_end(&sending, error);
    tb_buffer_free(bytes);
    return status;
}

static enum tb_status tell(struct tb_queue *queue, uint8_t kind, struct tb_error *error)
{
    struct tb_buffer bytes = {0};
    tb_buffer_put_u32(&bytes, (uint32_t)queue->team->rank);
    tb_buffer_put_u8(&bytes, kind);
    tb_buffer_put_u64(&bytes, queue->done);
    tb_buffer_put_u64(&bytes, queue->skipped);
    queue->done = queue->skipped = 0;
    return send_now(queue->team, 0, TO_LIST, &bytes, error);
}

static enum tb_status ask(struct tb_queue *queue, size_t *begin, size_t *end, struct tb_error *error)
{
    struct tb_buffer reply = {0};
    uint64_t first = 0, behind = 0;
    enum tb_status status = tell(queue, ASK, error);
    if (status == TB_OK)
        status = tb_team_receive(queue->team, 0, FROM_LIST, &reply, error);
    struct tb_bytes bytes = tb_bytes_packed(reply.data, reply.size);
    if (status == TB_OK && (!tb_bytes_take_u64(&bytes, &first) || !tb_bytes_take_u64(&bytes, &behind) ||
                            first > behind || behind > queue->count))
        status = tb_error_unpack(error, "an answer of the queue does not unpack");
    tb_buffer_free(&reply);
    *begin = (size_t)first;
    *end = (size_t)behind;
    return status;
}

static enum tb_status answer(struct tb_queue *queue, int rank, struct tb_error *error)
{
    struct tb_buffer reply = {0};
    size_t begin, end;
    hand_out(queue, &begin, &end);
    tb_buffer_put_u64(&reply, begin);
    tb_buffer_put_u64(&reply, end);
    return send_now(queue->team, rank, FROM_LIST, &reply, error);
}

/* --- the thread beside rank 0 --- */

/* *here: ranks that have not left. */
static enum tb_status take_message(struct tb_queue *queue, int *here, struct tb_error *error)
{
    struct tb_buffer message = {0};
    uint32_t rank = 0;
    uint8_t kind = 0;
    uint64_t done = 0, skipped = 0;
    enum tb_status status = tb_team_receive(queue->team, TB_ANY_RANK, TO_LIST, &message, error);
    struct tb_bytes bytes = tb_bytes_packed(message.data, message.size);
    if (status == TB_OK &&
        (!tb_bytes_take_u32(&bytes, &rank) || rank >= (uint32_t)queue->team->size || !tb_bytes_take_u8(&bytes, &kind) ||
         !tb_bytes_take_u64(&bytes, &done) || !tb_bytes_take_u64(&bytes, &skipped)))
        status = tb_error_unpack(error, "a question to the queue does not unpack");
    tb_buffer_free(&message);
    if (status != TB_OK)
        return status;
    show(&queue->list, done, skipped);
    if (kind == ABANDON)
        abandon_list(queue);
    *here -= kind != ASK;
    return kind == ASK ? answer(queue, (int)rank, error) : TB_OK;
}

static void *answer_all(void *context)
{
    struct tb_queue *const queue = context;
    struct list *const list = &queue->list;
    int here = queue->team->size - 1;
    while (here > 0 && list->status == TB_OK)
        list->status = take_message(queue, &here, &list->error);
    return NULL;
}

static enum tb_status start_answering(struct tb_queue *queue, struct tb_error *error)
{
    if (queue->team->rank != 0 || queue->team->size == 1)
        return TB_OK;
    if (pthread_create(&queue->list.thread, NULL, answer_all, queue) != 0)
        return tb_error_set(error, TB_MEMORY,
                            "no thread for the queue of work: the limit of threads or of memory is "
                            "reached");
    queue->list.answers = true;
    return TB_OK;
}

/* --- what ranks call --- */

static struct tb_queue *make(const struct tb_team *team, const uint64_t *costs, size_t count,
                             struct tb_progress *progress)
{
    struct tb_queue *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    made->team = team;
    made->costs = costs;
    made->count = count;
    made->list.progress = progress;
    pthread_mutex_init(&made->lock, NULL);
    pthread_mutex_init(&made->list.lock, NULL);
    for (size_t i = 0; i < count; i++)
        made->list.left += cost_at(costs, i);
    return made;
}

static void destroy(struct tb_queue *queue)
{
    pthread_mutex_destroy(&queue->lock);
    pthread_mutex_destroy(&queue->list.lock);
    free(queue);
}

enum tb_status tb_queue_open(const struct tb_team *team, const uint64_t *costs, size_t count,
                             struct tb_progress *progress, struct tb_queue **queue, struct tb_error *error)
{
    struct tb_queue *const made = make(team, costs, count, progress);
    *queue = NULL;
    enum tb_status status =
        tb_team_agree(team, made == NULL ? tb_error_memory(error, "a queue of work") : TB_OK, error);
    /* Nobody asks before all know that there is who answers. */
    if (status == TB_OK)
        status = tb_team_agree(team, start_answering(made, error), error);
    if (status != TB_OK && made != NULL) {
        destroy(made);
        return status;
    }
    *queue = made;
    return status;
}

static enum tb_status refill(struct tb_queue *queue, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (queue->empty)
        return TB_OK;
    if (queue->team->rank == 0)
        hand_out(queue, &queue->begin, &queue->end);
    else
        status = ask(queue, &queue->begin, &queue->end, error);
    queue->empty = status != TB_OK || queue->begin == queue->end;
    return status;
}

enum tb_status tb_queue_next(struct tb_queue *queue, size_t *item, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    pthread_mutex_lock(&queue->lock);
    if (queue->begin == queue->end)
        status = refill(queue, error);
    *item = queue->begin < queue->end ? queue->begin++ : queue->count;
    pthread_mutex_unlock(&queue->lock);
    return status;
}

void tb_queue_note(struct tb_queue *queue, uint64_t amount, bool skipped)
{
    if (queue->team->rank == 0) {
        show(&queue->list, skipped ? 0 : amount, skipped ? amount : 0);
        return;
    }
    pthread_mutex_lock(&queue->lock);
    *(skipped ? &queue->skipped : &queue->done) += amount;
    pthread_mutex_unlock(&queue->lock);
}

static enum tb_status leave(struct tb_queue *queue, bool abandon, struct tb_error *error)
{
    if (queue->team->rank != 0)
        return tell(queue, abandon ? ABANDON : LEAVE, error);
    if (abandon)
        abandon_list(queue);
    if (!queue->list.answers)
        return TB_OK;
    pthread_join(queue->list.thread, NULL);
    if (queue->list.status != TB_OK)
        *error = queue->list.error;
    return queue->list.status;
}

enum tb_status tb_queue_close(struct tb_queue *queue, bool abandon, struct tb_error *error)
{
    if (queue == NULL)
        return TB_OK;
    const enum tb_status status = leave(queue, abandon, error);
    destroy(queue);
    return status;
}
