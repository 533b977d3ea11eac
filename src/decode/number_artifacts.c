/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in files as parts. Each metric of a file has a number or a reason why it has none; a part
 * keeps both. */
#include "number_artifacts.h"

#include <stdio.h>
#include <stdlib.h>

#include "part_keys.h"
#include "twinbed/base/archive.h"

/* Some text of the file, no matter where: all of it was looked at. */
static void account_for(const struct reading *reading, struct tb_account *account)
{
    tb_source_account(reading->source, account);
    account->stream_bytes = account->decoded = account->file_bytes;
}

static size_t metrics_of_file(const struct tb_campaign *campaign, size_t file, struct tb_number_place *places)
{
    size_t count = 0;
    for (size_t i = 0; i < campaign->metric_count; i++)
        if (campaign->metrics[i].file == file)
            places[count++] = tb_custom_metric_place(&campaign->metrics[i]);
    return count;
}

static enum tb_status first_problem(const struct reading *reading, const struct number_list *numbers,
                                    struct tb_error *error)
{
    for (size_t i = 0; i < numbers->count; i++)
        if (numbers->items[i].status != TB_OK)
            return tb_error_set(error, numbers->items[i].status, "%s: %s", reading->artifact->path,
                                numbers->items[i].problem);
    return TB_OK;
}

enum tb_status tb_number_artifact_read(struct reading *reading, struct artifact_content *content,
                                       struct tb_error *error)
{
    struct number_list *const numbers = &content->numbers;
    struct tb_number_place places[TB_CUSTOM_METRICS_MOST];
    const size_t count = metrics_of_file(reading->campaign, reading->artifact->file, places);
    numbers->items = calloc(count + 1, sizeof *numbers->items);
    if (numbers->items == NULL)
        return tb_error_memory(error, "numbers");
    numbers->count = count;
    const enum tb_status status = tb_numbers_read(reading->source, places, count, numbers->items, error);
    account_for(reading, &numbers->account);
    return status == TB_OK && reading->decoding == NULL ? first_problem(reading, numbers, error) : status;
}

static void add_place(struct tb_buffer *key, const struct tb_number_place *place)
{
    tb_key_add(key, "%s %d %.17g %s\n", tb_number_form_name(place->form), (int)place->take.choice, place->take.quantile,
               place->text);
}

void tb_number_artifact_add_key(const struct decoding *decoding, size_t artifact, const struct trace_cuts *cuts,
                                struct tb_buffer *key)
{
    (void)cuts;
    struct tb_number_place places[TB_CUSTOM_METRICS_MOST];
    const size_t count = metrics_of_file(decoding->campaign, decoding->campaign->artifacts[artifact].file, places);
    for (size_t i = 0; i < count; i++)
        add_place(key, &places[i]);
}

static void describe_list(struct tb_archive *archive, struct number_list *numbers)
{
    enum { PACKED_NUMBER = 10 };
    tb_account_describe(archive, &numbers->account);
    tb_archive_array(archive, &numbers->items, &numbers->count, sizeof *numbers->items, PACKED_NUMBER);
    for (size_t i = 0; i < numbers->count && !archive->failed; i++)
        tb_number_describe(archive, &numbers->items[i]);
}

void tb_number_artifact_pack(const struct artifact_content *content, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    struct number_list copy = content->numbers;
    describe_list(&archive, &copy);
}

bool tb_number_artifact_unpack(struct artifact_content *content, struct tb_bytes *bytes)
{
    struct tb_archive archive = tb_archive_reader(bytes);
    describe_list(&archive, &content->numbers);
    return tb_archive_end(&archive, bytes);
}

void tb_number_artifact_describe(const struct artifact_content *content, char text[TB_FORMAT_TEXT_SIZE])
{
    snprintf(text, TB_FORMAT_TEXT_SIZE, "%zu numbers", content->numbers.count);
}

enum tb_status tb_work_artifact_read(struct reading *reading, struct artifact_content *content, struct tb_error *error)
{
    const struct tb_number_place place = tb_campaign_work_place(reading->campaign);
    struct tb_number number = {0};
    const enum tb_status status = tb_numbers_read(reading->source, &place, 1, &number, error);
    account_for(reading, &content->work.account);
    if (status != TB_OK)
        return status;
    tb_number_expect_units(&place, &number);
    if (number.status != TB_OK)
        return tb_error_set(error, number.status, "%s: %s", tb_source_name(reading->source), number.problem);
    content->work.units = (uint64_t)number.value;
    return TB_OK;
}

void tb_work_artifact_add_key(const struct decoding *decoding, size_t artifact, const struct trace_cuts *cuts,
                              struct tb_buffer *key)
{
    (void)cuts;
    (void)artifact;
    const struct tb_number_place place = tb_campaign_work_place(decoding->campaign);
    add_place(key, &place);
}
