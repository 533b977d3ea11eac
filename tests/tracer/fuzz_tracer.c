/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: any bytes as a text of a tracer, recognised or not. Every byte stands in the account, and what is given
 * to the decoder has the parameters it says. */
#include <stdlib.h>

#include "tracer/tracer_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static enum tb_status take_thread(void *context, const struct scap_identity *identity, struct tb_error *error)
{
    (void)context;
    (void)error;
    require(identity->name.size > 0);
    return TB_OK;
}

static enum tb_status take_descriptor(void *context, int64_t tid, int64_t descriptor, enum tb_descriptor_kind kind,
                                      struct tb_error *error)
{
    (void)context;
    (void)tid;
    (void)error;
    require(descriptor >= 0 && kind != TB_DESCRIPTOR_UNKNOWN);
    return TB_OK;
}

static enum tb_status take_event(void *context, const struct scap_event *event, struct tb_error *error)
{
    uint64_t *const sum = context;
    (void)error;
    require(event->type < EVENT_NUMBERS && event->width == 2);
    for (uint32_t i = 0; i < event->count; i++) {
        const struct scap_text value = scap_parameter(event, i);
        for (size_t k = 0; k < value.size; k++)
            *sum += value.data[k];
    }
    return TB_OK;
}

static void take_loss(void *context)
{
    (void)context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t sum = 0;
    const struct tracer_sink sink = {take_thread, take_descriptor, take_event, take_loss, &sum};
    struct tb_account account = {0};
    struct tb_reader reader;
    struct tb_source *source;
    (void)tb_tracer_recognise(data, size);
    if (tb_source_open_memory(data, size, "fuzz", &source, NULL) != TB_OK)
        return 0;
    require(tb_reader_start(&reader, source, NULL) == TB_OK);
    struct tracer_text *const text = tb_tracer_text_start(&reader, &account, &sink);
    require(text != NULL);
    while (tb_tracer_text_take_line(text, NULL) == TB_OK)
        ;
    require(account.decoded + account.skipped + account.damaged == reader.offset);
    tb_tracer_text_free(text);
    tb_reader_finish(&reader);
    tb_source_close(source);
    return 0;
}
