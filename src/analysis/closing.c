/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Last stage: rank 0 says what is missing, and all ranks know how much. */
#include "closing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "twinbed/base/log.h"

enum { NOTE_SIZE = 1024, NOTES_SHOWN = 40 };

void closing_note(struct job *job, bool fault, const char *format, ...)
{
    char text[NOTE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tb_buffer_put_u8(&job->notes, fault);
    tb_buffer_put_text(&job->notes, text);
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

enum tb_status job_close(struct job *job, struct tb_error *error)
{
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
