/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "foreign_text.h"

#include <string.h>

/* A line that begins and goes on like this is printed by one program only. */
static const struct {
    const char *beginning; /* behind spaces */
    const char *inside;    /* "" for nothing */
    const char *program;
} marks[] = {
    {"Thread Stats", "Stdev", "wrk"},         {"Response time histogram:", "", "hey"},
    {"Status code distribution:", "", "hey"}, {"starting benchmark...", "", "h2load"},
    {"Transactions:", " hits", "siege"},      {"httperf ", "--", "httperf"},
    {"Requests", "[total, rate", "vegeta"},   {"Bombarding ", "", "bombardier"},
    {"Statistics", "Stdev", "bombardier"},    {"Connecting to host ", "port ", "iperf3"},
};

const char *tb_foreign_program(struct tb_text line)
{
    const struct tb_text text = tb_text_trim(line);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (tb_text_starts_with(text, marks[i].beginning) &&
            memmem(text.data, text.length, marks[i].inside, strlen(marks[i].inside)) != NULL)
            return marks[i].program;
    return NULL;
}
