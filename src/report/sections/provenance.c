/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sections.h"

static const char setting_prefix[] = "setting_";

/* Texts that are longer are opened by a click; of the longest only so much is shown. */
enum { LONG_TEXT = 1000, LONGEST_TEXT = 64 * 1024 };

/* The name in words, without the prefix. */
static void write_name(struct tb_html *html, const char *name)
{
    tb_html_markup(html, "<dt>");
    tb_html_words(html,
                  name + (strncmp(name, setting_prefix, strlen(setting_prefix)) == 0 ? strlen(setting_prefix) : 0));
    tb_html_markup(html, "</dt>");
}

/* Lines of longer texts stay lines. */
static void write_lines(struct tb_html *html, const char *text)
{
    const char *const end = text + strnlen(text, LONGEST_TEXT);
    while (text < end) {
        const size_t whole = strcspn(text, "\n");
        const size_t length = whole < (size_t)(end - text) ? whole : (size_t)(end - text);
        char *line = strndup(text, length);
        if (line != NULL)
            tb_html_text(html, line);
        free(line);
        tb_html_markup(html, text[length] == '\n' ? "\n" : "");
        text += length + (text[length] == '\n');
    }
    if (*text != '\0')
        tb_html_markup(html, "\n\xE2\x80\xA6 the rest is in the results file.");
}

static void write_item(struct tb_html *html, const char *name, const char *value)
{
    const bool is_long = strnlen(value, LONG_TEXT + 1) > LONG_TEXT;
    if (value[0] == '\0')
        return;
    write_name(html, name);
    tb_html_markup(html, is_long ? "<dd><details><summary>text</summary>" : "<dd>");
    write_lines(html, value);
    tb_html_markup(html, is_long ? "</details></dd>\n" : "</dd>\n");
}

static void write_setting(void *context, const char *name, const char *text)
{
    if (strncmp(name, setting_prefix, strlen(setting_prefix)) == 0)
        write_item(context, name, text);
}

/* What is no setting says what file this is; its title stands at the top of the page. */
static void write_other(void *context, const char *name, const char *text)
{
    if (strncmp(name, setting_prefix, strlen(setting_prefix)) != 0 && strcmp(name, "title") != 0)
        write_item(context, name, text);
}

struct job_items {
    struct tb_html *html;
    size_t count;
};

static void write_job_item(void *context, const char *name, const char *text)
{
    struct job_items *items = context;
    items->count += text[0] != '\0';
    write_item(items->html, name, text);
}

/* Files that were there. */
static bool is_input(const struct tb_cell *cell)
{
    return cell->view->input_bytes[cell->row] >= 0;
}

static const struct tb_column columns[] = {
    {"file", TB_CELL_PATH, .field = TB_FIELD_ARTIFACT_PATH},
    {"bytes", .field = TB_FIELD_INPUT_BYTES},
    {"changed", TB_CELL_WORD, .field = TB_FIELD_INPUT_MODIFIED},
    {"digest", TB_CELL_WORD, .field = TB_FIELD_INPUT_DIGEST},
};

static const struct tb_table table = {
    .caption = "Inputs.",
    .sentence = "Size, time of change and digest of the files as the job found them. A digest is made of the size and "
                "the first and last 64 KiB: it tells files apart, and proves nothing.",
    TB_COLUMNS(columns),
    .shows = is_input,
    .limit = 500,
    .where = "/provenance/input_*",
    .fold = "artifacts are files that the job found",
};

void tb_section_provenance(struct tb_html *html, const struct tb_view *view)
{
    struct job_items items = {.html = html};
    tb_html_markup(html, "<h2 id=\"settings\">Settings and provenance</h2>\n");
    tb_fold_open(html, false, "Settings");
    tb_html_markup(html, "<dl>\n");
    tb_results_each_attribute(view->results, false, write_other, html);
    tb_results_each_attribute(view->results, false, write_setting, html);
    tb_html_markup(html, "</dl>\n");
    tb_fold_close(html);
    tb_fold_open(html, false, "The job: versions, machines, campaign file");
    tb_html_markup(html, "<dl>\n");
    tb_results_each_attribute(view->results, true, write_job_item, &items);
    tb_html_markup(html, "</dl>\n");
    tb_fold_close(html);
    if (items.count == 0)
        tb_html_markup(html, "<p class=\"reason\">The results file says nothing about the job that made it.</p>\n");
    tb_table_write(html, view, &table, view->artifacts, NULL);
}
