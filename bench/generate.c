/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a trace or a capture of any size, and says what is in it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_model.h"
#include "trace_model.h"

static const char help[] =
    "usage: generate trace FILE [OPTION]...\n"
    "       generate capture FILE [OPTION]...\n\n"
    "Writes a scap trace or a pcap capture from a model and a seed, and prints what is in it as JSON.\n"
    "The same options give the same file.\n\n"
    "trace:\n"
    "  --seed N         of the random numbers (1)\n"
    "  --events N       in the file (7500000)\n"
    "  --processes N    of ab, from the start (2)\n"
    "  --threads N      of ab in all (8)\n"
    "  --others N       threads of the server (8)\n"
    "  --births N       processes of ab that begin and end inside (20)\n"
    "  --cpus N         processors (4)\n"
    "  --sampling N     events between bursts of processor-time samples; 0: none (20000)\n"
    "capture:\n"
    "  --seed N         of the random numbers (1)\n"
    "  --flows N        TCP connections (200000)\n"
    "  --segments N     of a reply, on average (4)\n"
    "  --segment N      payload bytes of each (1448)\n"
    "  --concurrency N  connections open at a time (1000)\n"
    "  --clients N      client addresses (16)\n"
    "  --lost N         of a million segments, sent again (10000)\n"
    "  --exchanged N    of a million segments, swapped with the next (2000)\n"
    "  --snaplen N      bytes kept of a packet (80)\n"
    "  --brief          six packets a connection: no ACK of its own for SYN and FIN\n";

struct choice {
    const char *name;
    uint32_t *small; /* one of these two */
    uint64_t *large;
};

static int refuse(const char *what, const char *value)
{
    fprintf(stderr, "generate: %s '%s'; see generate --help\n", what, value);
    return 2;
}

/* Reads --name value pairs into the choices, of which the last has no name. */
static int read_options(char **arguments, const struct choice *choices, bool *brief)
{
    for (; *arguments != NULL; arguments++) {
        const char *const argument = *arguments;
        if (brief != NULL && strcmp(argument, "--brief") == 0) {
            *brief = true;
            continue;
        }
        const struct choice *choice = choices;
        while (choice->name != NULL && strcmp(choice->name, argument) != 0)
            choice++;
        if (choice->name == NULL)
            return refuse("no such option", argument);
        const char *const text = *++arguments;
        char *end = NULL;
        errno = 0;
        const unsigned long long value = text == NULL ? 0 : strtoull(text, &end, 10);
        if (text == NULL || *text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
            (choice->large == NULL && value > UINT32_MAX))
            return refuse("no number for", argument);
        if (choice->large != NULL)
            *choice->large = value;
        else
            *choice->small = (uint32_t)value;
    }
    return 0;
}

static int fail(const char *path)
{
    fprintf(stderr, errno == EINVAL ? "generate: %s: these options contradict each other\n" : "generate: %s: %s\n",
            path, strerror(errno));
    return 1;
}

static void print_trace(const struct trace_truth *truth)
{
    printf(
        "{\n  \"bytes\": %llu,\n  \"events\": %llu,\n  \"enters\": %llu,\n  \"exits\": %llu,\n  \"switches\": %llu,\n",
        (unsigned long long)truth->bytes, (unsigned long long)truth->events, (unsigned long long)truth->enters,
        (unsigned long long)truth->exits, (unsigned long long)truth->switches);
    printf("  \"process\": \"ab\",\n  \"calls\": %llu,\n  \"transitions\": %llu,\n  \"context_switches\": %llu,\n"
           "  \"calls_by_name\": {",
           (unsigned long long)truth->calls, (unsigned long long)truth->transitions,
           (unsigned long long)truth->context_switches);
    for (int i = 0; i < TRACE_CALLS; i++)
        printf("%s\n    \"%s\": %llu", i == 0 ? "" : ",", trace_call_names[i], (unsigned long long)truth->by_name[i]);
    puts("\n  }\n}");
}

static void print_side(const char *name, const struct capture_side *side, const char *behind)
{
    printf("  \"%s\": {\n    \"packets\": %llu,\n    \"ip_bytes\": %llu,\n    \"payload_bytes\": %llu,\n"
           "    \"unique_bytes\": %llu,\n    \"data_packets\": %llu,\n",
           name, (unsigned long long)side->packets, (unsigned long long)side->ip_bytes,
           (unsigned long long)side->payload_bytes, (unsigned long long)side->unique_bytes,
           (unsigned long long)side->data_packets);
    printf(
        "    \"retransmitted_packets\": %llu,\n    \"retransmitted_bytes\": %llu,\n    \"out_of_order_packets\": %llu\n"
        "  }%s\n",
        (unsigned long long)side->retransmitted_packets, (unsigned long long)side->retransmitted_bytes,
        (unsigned long long)side->out_of_order_packets, behind);
}

static int make_trace(const char *path, char **options)
{
    struct trace_model model = trace_model_default();
    const struct choice choices[] = {
        {"--seed", NULL, &model.seed},
        {"--events", NULL, &model.events},
        {"--processes", &model.processes, NULL},
        {"--threads", &model.threads, NULL},
        {"--others", &model.others, NULL},
        {"--births", &model.births, NULL},
        {"--cpus", &model.cpus, NULL},
        {"--sampling", &model.sampling, NULL},
        {0},
    };
    struct trace_truth truth;
    const int refused = read_options(options, choices, NULL);
    if (refused != 0)
        return refused;
    if (!trace_generate(&model, path, &truth))
        return fail(path);
    print_trace(&truth);
    return 0;
}

static int make_capture(const char *path, char **options)
{
    struct capture_model model = capture_model_default();
    const struct choice choices[] = {
        {"--seed", NULL, &model.seed},
        {"--flows", NULL, &model.flows},
        {"--segments", &model.segments, NULL},
        {"--segment", &model.segment, NULL},
        {"--concurrency", &model.concurrency, NULL},
        {"--clients", &model.clients, NULL},
        {"--lost", &model.lost, NULL},
        {"--exchanged", &model.exchanged, NULL},
        {"--snaplen", &model.snap_length, NULL},
        {0},
    };
    struct capture_truth truth;
    const int refused = read_options(options, choices, &model.brief);
    if (refused != 0)
        return refused;
    if (!capture_generate(&model, path, &truth))
        return fail(path);
    printf("{\n  \"bytes\": %llu,\n  \"packets\": %llu,\n  \"cut_packets\": %llu,\n  \"flows\": %llu,\n",
           (unsigned long long)truth.bytes, (unsigned long long)truth.packets, (unsigned long long)truth.cut_packets,
           (unsigned long long)truth.flows);
    print_side("client", &truth.side[0], ",");
    print_side("server", &truth.side[1], "");
    puts("}");
    return 0;
}

int main(int argument_count, char **arguments)
{
    for (int i = 1; i < argument_count; i++)
        if (strcmp(arguments[i], "--help") == 0) {
            fputs(help, stdout);
            return 0;
        }
    if (argument_count >= 3 && strcmp(arguments[1], "trace") == 0)
        return make_trace(arguments[2], arguments + 3);
    if (argument_count >= 3 && strcmp(arguments[1], "capture") == 0)
        return make_capture(arguments[2], arguments + 3);
    fputs(help, stderr);
    return 2;
}
