/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of kinds of artifacts: what a row must have, what is recognised by its beginning, and that what is packed is
 * what was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "decode/artifact_kinds.h"

static void every_kind_has_a_row(void **state)
{
    (void)state;
    for (int i = 0; i < TB_ARTIFACT_KINDS; i++) {
        const struct artifact_kind *const kind = tb_artifact_kind_at((enum tb_artifact_kind)i);
        assert_non_null(kind->is);
        assert_non_null(kind->read);
        assert_non_null(kind->pack);
        assert_non_null(kind->unpack);
        assert_non_null(kind->account);
        /* Plans give teams the files of these kinds and no others. */
        assert_int_equal(kind->follow != NULL, tb_artifact_kind_is_record((enum tb_artifact_kind)i));
    }
}

#define SECTION "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0"
#define NOTHING TB_ARTIFACT_KINDS

static const struct {
    const char *bytes;
    size_t size;
    enum tb_artifact_kind kind; /* the only one that recognises it */
} beginnings[] = {
    {"\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24, TB_ARTIFACT_CAPTURE},
    {"\xa1\xb2\xc3\xd4\0\2\0\4\0\0\0\0\0\0\0\0\0\4\0\0\0\0\0\1", 24, TB_ARTIFACT_CAPTURE},
    {"\x4d\x3c\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0", 24, TB_ARTIFACT_CAPTURE},
    {SECTION "\1\0\0\0", 32, TB_ARTIFACT_CAPTURE},     /* an interface of pcapng */
    {SECTION "\1\2\0\0", 32, TB_ARTIFACT_TRACE},       /* a list of scap */
    {SECTION, 28, TB_ARTIFACT_CAPTURE},                /* nothing behind it tells */
    {"\x0a\x0d\x0d\x0a", 4, NOTHING},                  /* cut off */
    {"This is ApacheBench, Version 2.3", 32, NOTHING}, /* texts are for their readers */
};

static void beginnings_are_of_one_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++)
        for (int k = 0; k < TB_ARTIFACT_KINDS; k++) {
            const struct artifact_kind *const kind = tb_artifact_kind_at((enum tb_artifact_kind)k);
            const bool found =
                kind->recognise != NULL && kind->recognise((const uint8_t *)beginnings[i].bytes, beginnings[i].size);
            assert_int_equal(found, k == (int)beginnings[i].kind);
        }
}

/* Content that is unpacked packs to the same bytes, and accounts for as many. */
static void check_packing(const struct artifact_content *content)
{
    const struct artifact_kind *const kind = tb_artifact_kind_at(content->kind);
    struct tb_buffer packed = {0}, again = {0};
    struct artifact_content unpacked = {.kind = content->kind};
    kind->pack(content, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(kind->unpack(&unpacked, &bytes));
    assert_int_equal(bytes.left, 0);
    kind->pack(&unpacked, &again);
    assert_int_equal(again.size, packed.size);
    assert_memory_equal(again.data, packed.data, packed.size);
    assert_int_equal(tb_artifact_account(&unpacked)->file_bytes, tb_artifact_account(content)->file_bytes);
    tb_artifact_content_free(&unpacked);
    tb_buffer_free(&packed);
    tb_buffer_free(&again);
}

static void check_artifact(const struct tb_campaign *campaign, const struct tb_artifact *artifact)
{
    const struct artifact_kind *const kind = tb_artifact_kind_at(artifact->kind);
    struct reading reading = {.campaign = campaign, .artifact = artifact};
    struct artifact_content content = {.kind = artifact->kind};
    char said[TB_FORMAT_TEXT_SIZE];
    struct tb_error error = {0};
    assert_int_equal(tb_artifact_identify(campaign, artifact, 1 << 20, said, &error), TB_OK);
    if (!kind->directory)
        assert_int_equal(tb_source_open(artifact->path, &reading.source, &error), TB_OK);
    assert_int_equal(kind->read(&reading, &content, &error), TB_OK);
    const char *const format = kind->format == NULL ? content.format : kind->format;
    assert_true(format[0] != '\0');
    assert_int_equal(strncmp(said, format, strlen(format)), 0);
    check_packing(&content);
    tb_source_close(reading.source);
    tb_artifact_content_free(&content);
    assert_null(content.trace);
    assert_null(content.capture);
}

/* One artifact of each kind that the sample has: what check says of it begins with what its part says. */
static void artifacts_are_read_and_packed(void **state)
{
    (void)state;
    struct tb_campaign *campaign;
    struct tb_error error = {0};
    const struct tb_selection all = {0};
    bool seen[TB_ARTIFACT_KINDS] = {false};
    size_t kinds = 0;
    assert_int_equal(
        tb_campaign_load(TWINBED_SOURCE_DIR "/tests/campaigns/sample/campaign.yaml", &all, &campaign, &error), TB_OK);
    for (size_t i = 0; i < campaign->artifact_count; i++) {
        const struct tb_artifact *const artifact = &campaign->artifacts[i];
        if (!artifact->exists || artifact->same_as != TB_NO_INDEX || seen[artifact->kind])
            continue;
        seen[artifact->kind] = true;
        kinds++;
        check_artifact(campaign, artifact);
    }
    assert_true(kinds >= 4);
    assert_true(seen[TB_ARTIFACT_AB] && seen[TB_ARTIFACT_LATENCY] && seen[TB_ARTIFACT_CAPTURE] &&
                seen[TB_ARTIFACT_TRACE]);
    tb_campaign_free(campaign);
}

/* Of few records much is looked at, of many little, so that a check of ten thousand runs takes a second. */
static void looks_are_shorter_where_there_are_many(void **state)
{
    (void)state;
    enum { RECORDS = 20000 };
    static struct tb_artifact artifacts[RECORDS];
    static const struct {
        size_t count;
        size_t most;
    } facts[] = {{0, 1 << 20}, {63, 1 << 20}, {127, 512 << 10}, {1023, 64 << 10}, {RECORDS, 16 << 10}};
    for (size_t i = 0; i < RECORDS; i++)
        artifacts[i] = (struct tb_artifact){.kind = TB_ARTIFACT_TRACE, .exists = true};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        const struct tb_campaign campaign = {.artifacts = artifacts, .artifact_count = facts[i].count};
        assert_int_equal(tb_identify_most(&campaign), facts[i].most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_a_row),
        cmocka_unit_test(looks_are_shorter_where_there_are_many),
        cmocka_unit_test(beginnings_are_of_one_kind),
        cmocka_unit_test(artifacts_are_read_and_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
