/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Forks a process that opens the file with HDF5, and talks to it through a pair of sockets.
 *
 *       question: number, rows            ->
 *       <- blocks of data ..., then one that ends the answer, or a status with its sentence
 *
 * Both are the same program on the same machine, so structures travel as they are. Who asks trusts
 * none of the answers: their sizes are compared with what was asked for, and values are checked
 * (values.h). */
#include "reading_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "contents.h"

enum { CPU_SECONDS = 10, OUTGOING_BYTES = 256 * 1024 };
static const uint64_t MEMORY_BYTES = (uint64_t)256 << 20;

/* An answer is blocks of data, then one that ends it. */
enum block_kind { BLOCK_DATA, BLOCK_END, BLOCK_FAILED };

struct block_head {
    uint32_t kind;
    uint32_t size; /* bytes that follow */
};

struct question {
    uint64_t number; /* as wide as the others: nothing stands between */
    struct tb_row_range rows;
};

struct failure {
    uint32_t status;
    char text[TB_ERROR_TEXT_SIZE];
};

struct tb_reading_process {
    const char *path; /* borrowed */
    pid_t id;
    int socket;
};

/* All or nothing; a process that is gone is no signal here. */
static bool send_all(int socket, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        const ssize_t sent = send(socket, next, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        next += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool receive_all(int socket, void *data, size_t size)
{
    char *next = data;
    while (size > 0) {
        const ssize_t got = recv(socket, next, size, MSG_WAITALL);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        next += got;
        size -= (size_t)got;
    }
    return true;
}

/* The side that reads the file. */

struct outgoing {
    int socket;
    uint32_t used;
    char data[OUTGOING_BYTES];
};

static bool send_block(int socket, enum block_kind kind, const void *data, uint32_t size)
{
    const struct block_head head = {.kind = kind, .size = size};
    return send_all(socket, &head, sizeof head) && send_all(socket, data, size);
}

static bool flush(struct outgoing *outgoing)
{
    const uint32_t size = outgoing->used;
    outgoing->used = 0;
    return size == 0 || send_block(outgoing->socket, BLOCK_DATA, outgoing->data, size);
}

static bool put(void *context, const void *data, size_t size)
{
    struct outgoing *outgoing = context;
    const char *next = data;
    while (size > 0) {
        const size_t room = sizeof outgoing->data - outgoing->used;
        const size_t now = size < room ? size : room;
        memcpy(outgoing->data + outgoing->used, next, now);
        outgoing->used += (uint32_t)now;
        next += now;
        size -= now;
        if (outgoing->used == sizeof outgoing->data && !flush(outgoing))
            return false;
    }
    return true;
}

static enum tb_status put_head(const struct tb_contents *contents, struct outgoing *outgoing)
{
    struct tb_contents_head head;
    memset(&head, 0, sizeof head);
    memcpy(head.sizes, contents->sizes, sizeof head.sizes);
    for (int i = 0; i < TB_FIELDS; i++)
        head.present[i] = contents->present[i];
    return put(outgoing, &head, sizeof head) ? TB_OK : TB_INPUT_OUTPUT;
}

static enum tb_status answer(const struct tb_contents *contents, const struct question *question,
                             struct outgoing *outgoing, struct tb_error *error)
{
    if (question->number == TB_QUESTION_HEAD)
        return put_head(contents, outgoing);
    if (question->number >= TB_FIELDS)
        return tb_contents_attributes(contents, question->number == TB_QUESTION_PROVENANCE, put, outgoing, error);
    return tb_contents_read(contents, (enum tb_field)question->number, question->rows, put, outgoing, error);
}

static bool send_failure(int socket, const struct tb_error *error)
{
    struct failure failure = {.status = error->status};
    memcpy(failure.text, error->text, sizeof failure.text);
    return send_block(socket, BLOCK_FAILED, &failure, sizeof failure);
}

/* Until nobody asks any more. */
static void answer_questions(int socket, const char *path, const char *place, uint64_t file_bytes)
{
    static struct outgoing outgoing;
    static struct tb_contents contents;
    static struct tb_error error;
    outgoing.socket = socket;
    enum tb_status status = tb_contents_open(&contents, path, place, file_bytes, &error);
    struct question question;
    while (receive_all(socket, &question, sizeof question)) {
        if (status == TB_OK)
            status = answer(&contents, &question, &outgoing, &error);
        const bool sent =
            status == TB_OK ? flush(&outgoing) && send_block(socket, BLOCK_END, "", 0) : send_failure(socket, &error);
        if (!sent || status != TB_OK)
            return;
    }
}

static void limit(int resource, uint64_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return;
    const rlim_t wanted = most < now.rlim_max ? (rlim_t)most : now.rlim_max;
    setrlimit(resource, &(struct rlimit){.rlim_cur = wanted, .rlim_max = wanted});
}

/* Bytes of address space that are in use; 0 when the system does not say. */
static uint64_t address_space(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu", &pages) != 1)
        pages = 0;
    fclose(file);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void take_limits(int file, uint64_t file_bytes)
{
    const uint64_t used = address_space();
    if (used != 0)
        limit(RLIMIT_AS, used + MEMORY_BYTES + 2 * file_bytes);
    limit(RLIMIT_CPU, CPU_SECONDS + (file_bytes >> 20));
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    /* The next descriptor is for the results file, and there is none after it. */
    const int next = dup(file);
    if (next < 0)
        return;
    close(next);
    limit(RLIMIT_NOFILE, (uint64_t)next + 1);
}

static void be_silent(void)
{
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = STDIN_FILENO; nowhere >= 0 && i <= STDERR_FILENO; i++)
        dup2(nowhere, i);
    if (nowhere > STDERR_FILENO)
        close(nowhere);
}

static _Noreturn void read_file(int socket, int file, const char *path, uint64_t file_bytes)
{
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};
    char place[64];
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++)
        signal(stops[i], SIG_DFL);
    be_silent();
    snprintf(place, sizeof place, "/proc/self/fd/%d", file);
    take_limits(file, file_bytes);
    answer_questions(socket, path, place, file_bytes);
    _exit(EXIT_SUCCESS);
}

/* The side that asks. */

enum tb_status tb_reading_start(int file, const char *path, uint64_t file_bytes, struct tb_reading_process **process,
                                struct tb_error *error)
{
    int sockets[2];
    struct tb_reading_process *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a process that reads results");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
        free(made);
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot make a socket: %s", path, strerror(errno));
    }
    *made = (struct tb_reading_process){.path = path, .id = fork(), .socket = sockets[0]};
    if (made->id == 0) {
        close(sockets[0]);
        read_file(sockets[1], file, path, file_bytes);
    }
    close(sockets[1]);
    if (made->id > 0) {
        *process = made;
        return TB_OK;
    }
    tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot start a process that reads it: %s", path, strerror(errno));
    close(sockets[0]);
    free(made);
    return TB_INPUT_OUTPUT;
}

static void wait_for(struct tb_reading_process *process, int *ending)
{
    close(process->socket);
    process->socket = -1;
    while (waitpid(process->id, ending, 0) < 0 && errno == EINTR)
        ;
    process->id = -1;
}

/* It went without an answer. */
static enum tb_status say_how_it_died(struct tb_reading_process *process, struct tb_error *error)
{
    int ending = 0;
    wait_for(process, &ending);
    const bool late = WIFSIGNALED(ending) && (WTERMSIG(ending) == SIGXCPU || WTERMSIG(ending) == SIGKILL);
    return tb_error_set(error, TB_CORRUPT,
                        "%s: damaged, or made to do harm: the HDF5 library %s reading it; twinbed analyze makes a good "
                        "one",
                        process->path, late ? "did not come to an end" : "crashed while");
}

static enum tb_status say_too_much(const struct tb_reading_process *process, struct tb_error *error)
{
    return tb_error_set(error, TB_CORRUPT, "%s: damaged: a field is longer than its dimensions allow", process->path);
}

static enum tb_status receive_failure(struct tb_reading_process *process, uint32_t size, struct tb_error *error)
{
    struct failure failure;
    if (size != sizeof failure)
        return say_too_much(process, error);
    if (!receive_all(process->socket, &failure, sizeof failure))
        return say_how_it_died(process, error);
    failure.text[sizeof failure.text - 1] = '\0';
    for (char *c = failure.text; *c != '\0'; c++)
        *c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
    const bool known = failure.status > TB_OK && failure.status <= TB_INTERNAL;
    return tb_error_set(error, known ? (enum tb_status)failure.status : TB_CORRUPT, "%s", failure.text);
}

static bool grow(struct tb_buffer *answer, uint64_t size)
{
    if (size <= answer->capacity)
        return true;
    const uint64_t doubled = 2 * (uint64_t)answer->capacity;
    const size_t capacity = (size_t)(size > doubled ? size : doubled);
    uint8_t *data = realloc(answer->data, capacity);
    if (data == NULL)
        return false;
    answer->data = data;
    answer->capacity = capacity;
    return true;
}

static enum tb_status receive_data(struct tb_reading_process *process, uint32_t size, uint64_t most,
                                   struct tb_buffer *answer, struct tb_error *error)
{
    if (size > most - answer->size)
        return say_too_much(process, error);
    if (!grow(answer, answer->size + size))
        return tb_error_memory(error, "a field of a results file");
    if (!receive_all(process->socket, answer->data + answer->size, size))
        return say_how_it_died(process, error);
    answer->size += size;
    return TB_OK;
}

static enum tb_status receive_blocks(struct tb_reading_process *process, uint64_t most, struct tb_buffer *answer,
                                     struct tb_error *error)
{
    for (;;) {
        struct block_head head;
        if (!receive_all(process->socket, &head, sizeof head))
            return say_how_it_died(process, error);
        if (head.kind == BLOCK_END)
            return TB_OK;
        if (head.kind != BLOCK_DATA)
            return receive_failure(process, head.size, error);
        const enum tb_status status = receive_data(process, head.size, most, answer, error);
        if (status != TB_OK)
            return status;
    }
}

/* After a failure it answers no more, and nothing of an answer is left behind. */
static void stop(struct tb_reading_process *process)
{
    int ending;
    if (process->id <= 0)
        return;
    kill(process->id, SIGKILL);
    wait_for(process, &ending);
}

enum tb_status tb_reading_ask(struct tb_reading_process *process, unsigned question, struct tb_row_range rows,
                              uint64_t expected, uint64_t most, struct tb_buffer *answer, struct tb_error *error)
{
    const struct question asked = {.number = question, .rows = rows};
    if (process->id <= 0)
        return tb_error_set(error, TB_CORRUPT, "%s: cannot be read any further", process->path);
    enum tb_status status = TB_OK;
    if (!grow(answer, expected + 1))
        status = tb_error_memory(error, "a field of a results file");
    else if (!send_all(process->socket, &asked, sizeof asked))
        status = say_how_it_died(process, error);
    else
        status = receive_blocks(process, most, answer, error);
    if (status != TB_OK) {
        tb_buffer_free(answer);
        stop(process);
    }
    return status;
}

void tb_reading_end(struct tb_reading_process *process)
{
    if (process == NULL)
        return;
    stop(process);
    free(process);
}
