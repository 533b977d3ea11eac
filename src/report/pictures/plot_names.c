/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plot_names.h"

#include <string.h>

#include "twinbed/base/utf8.h"

enum { NAME_LENGTH = 40 };

void tb_plot_name(FILE *script, char kind, size_t index, const char *name)
{
    size_t length = 0;
    for (const char *at = name; *at != '\0' && length < NAME_LENGTH; length++) {
        const size_t bytes = tb_utf8_length(at, SIZE_MAX);
        at += bytes == 0 ? 1 : bytes;
    }
    fprintf(script, "'T%c%05zu", kind, index);
    for (size_t i = 7; i < length; i++)
        fputc('x', script);
    fputc('\'', script);
}

static size_t names_of(const struct tb_view *view, char kind)
{
    switch (kind) {
    case 'N':
        return view->testbeds;
    case 'L':
    case 'G':
        return view->scenarios;
    case 'S':
        return view->terms;
    case 'F':
        return view->factors;
    case 'V':
        return view->scenarios * view->factors;
    case 'R':
        return view->runs;
    default:
        return 0;
    }
}

static const char *name_of(const struct tb_view *view, char kind, size_t index)
{
    switch (kind) {
    case 'S':
        return view->term_name[index];
    case 'G':
        return view->scenario_label[index];
    case 'F':
        return view->factor_name[index];
    case 'V':
        return view->level_text[index];
    case 'N':
        return view->testbed_name[index];
    case 'R':
        return view->run_name[index];
    default:
        return tb_view_level(view, index, view->size_factor);
    }
}

void tb_plot_names_restore(struct tb_html *html, const struct tb_view *view, const char *text, size_t size)
{
    size_t i = 0;
    while (i < size) {
        size_t index = 0;
        bool name = size - i >= 7 && text[i] == 'T' && strchr("NLSGFVR", text[i + 1]) != NULL;
        for (size_t d = 2; name && d < 7; d++) {
            name = text[i + d] >= '0' && text[i + d] <= '9';
            index = index * 10 + (size_t)(text[i + d] - '0');
        }
        if (!name || index >= names_of(view, text[i + 1])) {
            fputc(text[i++], html->out);
            continue;
        }
        tb_html_text(html, name_of(view, text[i + 1], index));
        for (i += 7; i < size && text[i] == 'x'; i++)
            ;
    }
}
