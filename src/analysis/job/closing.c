/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Last stage: rank 0 says what is missing, and all ranks know how much. */
#include "closing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "twinbed/base/log.h"

enum { NOTE_SIZE = 1024, NOTES_SHOWN = 40 };

void tb_closing_note(struct job *job, bool fault, const char *format, ...)
{
    char text[NOTE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tb_buffer_put_u8(&job->notes, fault);
    tb_buffer_put_text(&job->notes, text);
}

/* One remark on artifacts, and how many have it. */
struct remark {
    uint8_t fault;
    char *kind, *text; /* owned */
    size_t artifacts;
};

struct remarks {
    struct remark *items; /* owned */
    size_t count;
    size_t capacity;
};

static void remarks_free(struct remarks *remarks)
{
    for (size_t i = 0; i < remarks->count; i++) {
        free(remarks->items[i].kind);
        free(remarks->items[i].text);
    }
    free(remarks->items);
}

/* Takes the texts. Different remarks are few, whatever the number of artifacts. */
static bool add_remark(struct remarks *remarks, struct remark *remark)
{
    for (size_t i = 0; i < remarks->count; i++) {
        struct remark *known = &remarks->items[i];
        if (strcmp(known->kind, remark->kind) != 0 || !tb_sentences_alike(known->text, remark->text))
            continue;
        known->artifacts++;
        free(remark->kind);
        free(remark->text);
        return true;
    }
    if (!tb_array_reserve(&remarks->items, &remarks->capacity, remarks->count + 1, sizeof *remarks->items)) {
        free(remark->kind);
        free(remark->text);
        return false;
    }
    remarks->items[remarks->count++] = *remark;
    return true;
}

static bool take_remark(struct tb_bytes *bytes, struct remark *remark)
{
    *remark = (struct remark){.artifacts = 1};
    if (!tb_bytes_take_u8(bytes, &remark->fault) || !tb_bytes_take_text(bytes, &remark->kind))
        return false;
    if (tb_bytes_take_text(bytes, &remark->text))
        return true;
    free(remark->kind);
    return false;
}

enum tb_status tb_closing_note_remarks(struct job *job, struct tb_bytes bytes, struct tb_error *error)
{
    struct remarks remarks = {0};
    bool whole = true;
    while (bytes.left > 0 && whole) {
        struct remark remark;
        whole = take_remark(&bytes, &remark) && add_remark(&remarks, &remark);
    }
    for (size_t i = 0; i < remarks.count && whole; i++) {
        const struct remark *remark = &remarks.items[i];
        tb_closing_note(job, remark->fault != 0, "%s (%zu %s): %s%s", remark->kind, remark->artifacts,
                        remark->artifacts == 1 ? "file" : "files", remark->text,
                        remark->artifacts == 1 ? "" : " (of the first; the numbers of the others may differ)");
    }
    remarks_free(&remarks);
    return whole ? TB_OK : tb_error_memory(error, "remarks");
}

/* Kinds that are said in full, others as a number. */
static bool is_said(enum tb_finding_kind kind)
{
    return tb_finding_kind_counts(kind) || kind == TB_FINDING_NOT_SELECTED || kind == TB_FINDING_NOT_IN_TESTBED;
}

/* What was found when the campaign was loaded. */
static void note_findings(struct job *job)
{
    const struct tb_findings *findings = &job->campaign->findings;
    for (size_t i = 0; i < findings->count; i++)
        if (is_said(findings->items[i].kind))
            tb_closing_note(job, tb_finding_kind_counts(findings->items[i].kind), "%s", findings->items[i].sentence);
    for (unsigned i = 0; i < TB_FINDING_KINDS; i++) {
        const enum tb_finding_kind kind = (enum tb_finding_kind)i;
        const uint64_t said = is_said(kind) ? TB_FINDINGS_OF_A_KIND : 0;
        if (findings->total[kind] > said)
            tb_closing_note(job, tb_finding_kind_counts(kind), "%s: %llu%s; see twinbed check",
                            tb_finding_kind_name(kind), (unsigned long long)(findings->total[kind] - said),
                            said > 0 ? " more" : "");
    }
}

/* Takes the next note; false at the end. */
static bool take_note(struct tb_bytes *notes, uint8_t *fault, char **text)
{
    return tb_bytes_take_u8(notes, fault) && tb_bytes_take_text(notes, text);
}

/* Faults first. Returns how many there are. */
static uint64_t say(const struct job *job, bool faults)
{
    struct tb_bytes notes = tb_bytes_packed(job->notes.data, job->notes.size);
    uint64_t count = 0;
    uint8_t fault;
    char *text;
    while (take_note(&notes, &fault, &text)) {
        if ((fault != 0) == faults && ++count <= NOTES_SHOWN) {
            if (faults)
                tb_log_warning("%s", text);
            else
                tb_log_info("%s", text);
        }
        free(text);
    }
    if (count > NOTES_SHOWN && faults)
        tb_log_warning("%llu more: see the report's data quality, or metrics/reason_sentence in the results",
                       (unsigned long long)(count - NOTES_SHOWN));
    return count;
}

enum tb_status tb_job_close(struct job *job, struct tb_error *error)
{
    if (job->team->rank == 0)
        note_findings(job);
    enum tb_status status = tb_team_agree(job->team, tb_buffer_check(&job->notes, "closing lines", error), error);
    uint64_t faults = 0;
    if (status == TB_OK && job->team->rank == 0) {
        faults = say(job, true);
        (void)say(job, false);
    }
    if (status == TB_OK)
        status = tb_team_sum(job->team, &faults, 1, error);
    job->outcome.faults = (size_t)faults;
    return status;
}
