/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "report/widgets/numbers.h"
#include "report/widgets/tables.h"
#include "sections.h"

static const char setting_prefix[] = "setting_";

/* Texts that are longer are opened by a click; of the longest only so much is shown. */
enum { LONG_TEXT = 1000, LONGEST_TEXT = 64 * 1024, INPUTS_LISTED = 500 };

/* The name in words: without the prefix, with spaces. */
static void write_name(struct tb_html *html, const char *name)
{
    const size_t prefix = strncmp(name, setting_prefix, strlen(setting_prefix)) == 0 ? strlen(setting_prefix) : 0;
    char *words = strdup(name + prefix);
    for (char *at = words; at != NULL && *at != '\0'; at++)
        if (*at == '_')
            *at = ' ';
    tb_html_element(html, "dt", words == NULL ? name : words);
    free(words);
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

struct inputs {
    const int64_t *bytes;
    const char *const *modified;
    const char *const *digest;
};

static void write_input(struct tb_html *html, const struct tb_view *view, const struct inputs *inputs, size_t artifact)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\" class=\"path\"", view->artifact_path[artifact]);
    tb_html_element(html, "td", tb_number_count(inputs->bytes[artifact]).text);
    tb_html_element(html, "td class=\"word\"", inputs->modified[artifact]);
    tb_html_element(html, "td class=\"word\"", inputs->digest[artifact]);
    tb_html_markup(html, "</tr>\n");
}

/* Files that were there. Results of an earlier twinbed do not say. */
static void write_inputs(struct tb_html *html, const struct tb_view *view)
{
    const struct inputs inputs = {.bytes = tb_results_int64(view->results, TB_FIELD_INPUT_BYTES, NULL),
                                  .modified = tb_results_text(view->results, TB_FIELD_INPUT_MODIFIED, NULL),
                                  .digest = tb_results_text(view->results, TB_FIELD_INPUT_DIGEST, NULL)};
    size_t count = 0;
    if (inputs.bytes == NULL || inputs.modified == NULL || inputs.digest == NULL)
        return;
    for (size_t a = 0; a < view->artifacts; a++)
        count += inputs.bytes[a] >= 0;
    tb_html_format(html, "<details><summary>%zu inputs</summary>\n", count);
    tb_table_open(
        html, "Inputs.",
        "Size, time of change and digest of the files as the job found them. A digest is made of the size and "
        "the first and last 64 KiB: it tells files apart, and proves nothing.");
    tb_html_markup(html,
                   "<thead><tr><th scope=\"col\">file</th><th scope=\"col\">bytes</th><th scope=\"col\" "
                   "class=\"text\">changed</th><th scope=\"col\" class=\"text\">digest</th></tr></thead>\n<tbody>\n");
    for (size_t a = 0, listed = 0; a < view->artifacts && listed < INPUTS_LISTED; a++) {
        if (inputs.bytes[a] < 0)
            continue;
        write_input(html, view, &inputs, a);
        listed++;
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    if (count > INPUTS_LISTED)
        tb_html_format(html, "<p>The first %d; all are in <code>/provenance/input_digest</code>.</p>\n", INPUTS_LISTED);
    tb_html_markup(html, "</details>\n");
}

void tb_section_provenance(struct tb_html *html, const struct tb_view *view)
{
    struct job_items items = {.html = html};
    tb_html_markup(html, "<h2 id=\"settings\">Settings and provenance</h2>\n<h3>Settings</h3>\n<dl>\n");
    tb_results_each_attribute(view->results, false, write_other, html);
    tb_results_each_attribute(view->results, false, write_setting, html);
    tb_html_markup(html, "</dl>\n<h3>The job</h3>\n<dl>\n");
    tb_results_each_attribute(view->results, true, write_job_item, &items);
    tb_html_markup(html, "</dl>\n");
    if (items.count == 0)
        tb_html_markup(html, "<p class=\"reason\">The results file says nothing about the job that made it.</p>\n");
    write_inputs(html, view);
}
