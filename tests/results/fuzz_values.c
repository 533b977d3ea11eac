/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: any bytes as what the process that reads a results file answers, which may be what the file made of it. The
 * first byte chooses the field. What passes is in its domain; and any bytes as a file with a seal. */
#include <fcntl.h>
#include <string.h>

#include "fixtures/fuzzed_file.h"
#include "results/seal.h"
#include "results/values.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_texts(const struct tb_values *values, const struct tb_buffer *bytes)
{
    const char **texts = NULL;
    if (tb_values_take_texts(values, bytes, &texts, NULL) != TB_OK)
        return;
    size_t all = 0;
    for (size_t i = 0; i < values->count; i++)
        all += strlen(texts[i]) + 1;
    require(all == bytes->size && texts[values->count] == NULL);
    free((void *)texts);
}

static void check_numbers(struct tb_values *values, const struct tb_buffer *bytes)
{
    values->count = bytes->size / tb_type_size(tb_field_describe(values->field)->type);
    if (tb_values_check(values, bytes->data, NULL) != TB_OK ||
        tb_field_describe(values->field)->type != TB_TYPE_INT64 ||
        tb_field_describe(values->field)->domain != TB_DOMAIN_COUNT)
        return;
    /* Sums of what passed never overflow. */
    const int64_t *const numbers = (const int64_t *)(const void *)bytes->data;
    int64_t sum = 0;
    for (size_t i = 0; i < values->count; i++)
        require(numbers[i] < 0 || !__builtin_add_overflow(sum, numbers[i], &sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint64_t sizes[TB_DIMENSIONS];
    struct tb_seal seal;
    const int file = open(fuzzed_file(data, size), O_RDONLY | O_CLOEXEC);
    require(file >= 0);
    (void)!tb_seal_check(file, "fuzz", &seal, NULL);
    close(file);
    if (size < 3)
        return 0;
    for (int i = 0; i < TB_DIMENSIONS; i++)
        sizes[i] = data[2];
    struct tb_values values = {.path = "fuzz", .sizes = sizes, .count = data[2]};
    values.field = (enum tb_field)((data[0] | data[1] << 8) % TB_FIELDS);
    struct tb_buffer bytes = {0};
    tb_buffer_put(&bytes, data + 3, size - 3);
    if (tb_field_describe(values.field)->type == TB_TYPE_TEXT)
        check_texts(&values, &bytes);
    else
        check_numbers(&values, &bytes);
    tb_buffer_free(&bytes);
    return 0;
}
