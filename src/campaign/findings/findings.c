/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of findings: made printable, bounded for each kind, and ordered by kind in the end. */
#include "findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/utf8.h"

static const char *const kind_names[TB_FINDING_KINDS] = {
    [TB_FINDING_NOWHERE] = "artifact in no run",
    [TB_FINDING_SOME_RUNS] = "artifact in some runs only",
    [TB_FINDING_NOT_IN_BASELINE] = "artifact in no run of the baseline",
    [TB_FINDING_UNNAMED_PROCESS] = "process without a name",
    [TB_FINDING_OTHER_REPETITIONS] = "files of other repetitions",
    [TB_FINDING_OTHER_PAIRS] = "runs without some of their pairs",
    [TB_FINDING_SHARED_FILES] = "files of several runs",
    [TB_FINDING_NO_COMMON_SCENARIO] = "no scenario in common",
    [TB_FINDING_NOT_SELECTED] = "artifact in no selected run",
    [TB_FINDING_NOT_IN_TESTBED] = "artifact in no run of a testbed",
    [TB_FINDING_NOT_IN_CELLS] = "artifact in no run of a cell",
    [TB_FINDING_NO_COUNTERPART] = "scenarios without a counterpart",
    [TB_FINDING_NO_FACTOR_CONTRAST] = "factor without a contrast",
    [TB_FINDING_LATER_ALTERNATIVE] = "later alternatives",
    [TB_FINDING_UNMATCHED_FILE] = "files that nothing asks for",
    [TB_FINDING_UNMATCHED_DIRECTORY] = "directory without a run",
};

const char *tb_finding_kind_name(enum tb_finding_kind kind)
{
    return (unsigned)kind < TB_FINDING_KINDS ? kind_names[kind] : "unknown";
}

bool tb_finding_kind_counts(enum tb_finding_kind kind)
{
    return kind <= TB_FINDING_NO_COMMON_SCENARIO;
}

uint64_t tb_findings_that_count(const struct tb_findings *findings)
{
    uint64_t count = 0;
    for (unsigned kind = 0; kind < TB_FINDING_KINDS; kind++)
        count += tb_finding_kind_counts((enum tb_finding_kind)kind) ? findings->total[kind] : 0;
    return count;
}

void tb_findings_free(struct tb_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        free(findings->items[i].sentence);
        free(findings->items[i].example);
    }
    free(findings->items);
    *findings = (struct tb_findings){0};
}

/* Names of files may hold anything; what is said of them is one line of UTF-8. */
static void make_printable(char *text)
{
    const bool keep_wide = text == NULL || tb_utf8_is_text(text);
    for (unsigned char *c = (unsigned char *)text; c != NULL && *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7f || (*c > 0x7f && !keep_wide))
            *c = '?';
}

enum tb_status tb_findings_add(const struct manifest *manifest, enum tb_finding_kind kind, uint64_t count,
                               const char *example, const char *format, ...)
{
    struct tb_findings *findings = &manifest->campaign->findings;
    if (findings->total[kind]++ >= TB_FINDINGS_OF_A_KIND)
        return TB_OK;
    struct tb_finding *items = realloc(findings->items, (findings->count + 1) * sizeof *items);
    if (items == NULL)
        return tb_error_memory(manifest->document.error, "the campaign's findings");
    findings->items = items;
    struct tb_finding *finding = &items[findings->count++];
    *finding = (struct tb_finding){.kind = kind, .count = count, .example = strdup(example)};
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&finding->sentence, format, arguments) < 0)
        finding->sentence = NULL;
    va_end(arguments);
    make_printable(finding->sentence);
    make_printable(finding->example);
    if (finding->sentence != NULL && finding->example != NULL)
        return TB_OK;
    return tb_error_memory(manifest->document.error, "the campaign's findings");
}

void tb_name_list_add(struct name_list *list, const char *name)
{
    const size_t used = strlen(list->text);
    if (list->count++ < NAMED_MOST)
        snprintf(list->text + used, sizeof list->text - used, "%s%.140s", used == 0 ? "" : ", ", name);
}

const char *tb_name_list_text(struct name_list *list)
{
    const size_t used = strlen(list->text);
    if (list->count > NAMED_MOST)
        snprintf(list->text + used, sizeof list->text - used, " and %zu more", list->count - NAMED_MOST);
    list->count = 0;
    return list->text;
}

/* Stable: there are few, and those of one kind keep their order. */
static void order_by_kind(struct tb_findings *findings)
{
    for (size_t i = 1; i < findings->count; i++)
        for (size_t j = i; j > 0 && findings->items[j - 1].kind > findings->items[j].kind; j--) {
            const struct tb_finding moved = findings->items[j];
            findings->items[j] = findings->items[j - 1];
            findings->items[j - 1] = moved;
        }
}

enum tb_status tb_campaign_note_findings(const struct finding_search *search)
{
    enum tb_status status = tb_findings_note_absences(search);
    if (status == TB_OK)
        status = tb_findings_note_shared(search);
    if (status == TB_OK)
        status = tb_findings_note_contrasts(search);
    /* What is unmatched among selected runs may belong to those that are not. */
    if (status == TB_OK && !search->has_selection)
        status = tb_findings_note_unmatched(search);
    order_by_kind(&search->manifest->campaign->findings);
    return status;
}
