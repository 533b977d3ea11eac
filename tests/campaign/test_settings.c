/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds for every row of the table of settings, so that a new row is tested by itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "made_tree.h"
#include "twinbed/campaign/settings.h"

#define HEAD "campaign: x\nbaseline: a\nruns: \"{testbed}/{rep}\"\n"

static const char *const entries[] = {"a/1/w.json", NULL};

/* Rows that are not written as one scalar: how a value other than the default is written, and its text. */
static const struct {
    const char *map, *key, *written, *text;
} examples[] = {
    {"", "work", "work: capture", "capture"},
    {"work", "value", "work: {file: w.json, value: /n}", "/n"},
    {"chain", "order", "chain: {order: [3, 1]}", "1 3"},
    {"", "windows", "windows: [{skip: 3, limit: 7}, {limit: whole}]", "skip 3 limit 7; skip 0 limit whole"},
    {"", "skip", "skip: 5", "skip 0 limit shortest; skip 5 limit shortest"},
    {"closeness", "metrics", "closeness: {metrics: {jitter: 0.5, other: 3}}", "jitter 0.5; other 3"},
    {"", "family", "family: [jitter, requests_per_second]", "jitter, requests_per_second"},
    {"", "discard", "discard: stalled", "yes"},
};

static const char *text_of(const struct tb_setting *setting, const struct tb_settings *settings, char text[256])
{
    struct tb_buffer buffer = {0};
    tb_setting_text(setting, settings, &buffer);
    assert_false(buffer.failed);
    assert_in_range(buffer.size, 0, 255);
    memcpy(text, buffer.size == 0 ? (const void *)"" : buffer.data, buffer.size);
    text[buffer.size] = '\0';
    tb_buffer_free(&buffer);
    return text;
}

/* A value that is not the default, as text. */
static void other_value(const struct tb_setting *setting, char text[64])
{
    const double high = setting->high < 1e6 ? setting->high : setting->low + 1000;
    switch (setting->type) {
    case TB_SETTING_NUMBER:
        snprintf(text, 64, "%.5g", setting->low + (high - setting->low) / 3);
        break;
    case TB_SETTING_COUNT:
    case TB_SETTING_PORT:
        snprintf(text, 64, "%.0f", floor(high) - 1);
        break;
    case TB_SETTING_WORD:
    case TB_SETTING_FLAG:
        snprintf(text, 64, "%s", setting->words[tb_setting_words(setting) - 1 - (size_t)setting->usual]);
        break;
    case TB_SETTING_TEXT:
        snprintf(text, 64, "some text");
        break;
    default:
        fail_msg("%s %s: a list needs an example in this test", setting->map, setting->key);
    }
}

static void write_example(const struct tb_setting *setting, char manifest[512], char text[64])
{
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        if (strcmp(examples[i].map, setting->map) == 0 && strcmp(examples[i].key, setting->key) == 0) {
            snprintf(manifest, 512, HEAD "%s\n", examples[i].written);
            snprintf(text, 64, "%s", examples[i].text);
            return;
        }
    }
    other_value(setting, text);
    const bool top = setting->map[0] == '\0';
    snprintf(manifest, 512, HEAD "%s%s%s: %s%s\n", setting->map, top ? "" : ": {", setting->key, text, top ? "" : "}");
}

static struct tb_campaign *repack(const struct tb_campaign *campaign)
{
    struct tb_campaign *copy = NULL;
    struct tb_buffer packed = {0};
    tb_campaign_pack(campaign, &packed);
    struct tb_bytes bytes = tb_bytes_packed(packed.data, packed.size);
    assert_true(tb_campaign_unpack(&copy, &bytes));
    assert_int_equal(bytes.left, 0);
    tb_buffer_free(&packed);
    return copy;
}

/* All other settings have their defaults, but that work names its file. */
static void check_others(const struct tb_setting *set, const struct tb_settings *settings,
                         const struct tb_settings *defaults)
{
    char found[256], expected[256];
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *setting = tb_setting_at(i);
        const bool same_field = setting->offset == set->offset || strcmp(set->map, setting->key) == 0;
        if (!same_field)
            assert_string_equal(text_of(setting, settings, found), text_of(setting, defaults, expected));
    }
}

static bool key_changes(const struct tb_settings *settings, const struct tb_settings *defaults, unsigned effect)
{
    struct tb_buffer one = {0}, other = {0};
    tb_settings_key(settings, effect, &one);
    tb_settings_key(defaults, effect, &other);
    const bool same = one.size == other.size && (one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
    tb_buffer_free(&one);
    tb_buffer_free(&other);
    return !same;
}

/* Only what a setting decides gets another key. */
static void check_keys(const struct tb_setting *setting, const struct tb_settings *settings,
                       const struct tb_settings *defaults)
{
    for (unsigned effect = 1; effect <= TB_DECIDES_CALL_LISTS; effect <<= 1)
        assert_int_equal(key_changes(settings, defaults, effect), (setting->decides & effect) != 0);
}

static void test_every_row_is_read_packed_and_keyed(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    struct tb_campaign *plain = load_good(&tree, HEAD, NULL);
    for (size_t i = 0; i < tb_setting_count(); i++) {
        char manifest[512], expected[64], found[256];
        const struct tb_setting *setting = tb_setting_at(i);
        write_example(setting, manifest, expected);
        assert_string_not_equal(text_of(setting, &plain->settings, found), expected);
        struct tb_campaign *campaign = load_good(&tree, manifest, NULL);
        struct tb_campaign *copy = repack(campaign);
        assert_string_equal(text_of(setting, &campaign->settings, found), expected);
        assert_string_equal(text_of(setting, &copy->settings, found), expected);
        check_keys(setting, &copy->settings, &plain->settings);
        check_others(setting, &copy->settings, &plain->settings);
        tb_campaign_free(campaign);
        tb_campaign_free(copy);
    }
    tb_campaign_free(plain);
    remove_tree(&tree);
}

/* What the decoders of these rooms ask for; a row that forgot it would take parts of other settings for its own. */
static void test_what_decoders_ask_for_decides(void **state)
{
    (void)state;
    static const struct {
        const char *map, *key;
        unsigned decides;
    } asked[] = {
        {"chain", "order", TB_DECIDES_TRACES}, {"chain", "states", TB_DECIDES_TRACES | TB_DECIDES_CALL_LISTS},
        {"", "filter", TB_DECIDES_CAPTURES},   {"", "flow_rules", TB_DECIDES_CAPTURES},
        {"work", "value", TB_DECIDES_WORK},    {"closeness", "default", TB_DECIDES_NOTHING},
    };
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        assert_int_equal(tb_setting_find(asked[i].map, asked[i].key)->decides, asked[i].decides);
}

/* Below and above their ranges numbers are refused, with the key and the range. */
static void test_ranges_hold(void **state)
{
    (void)state;
    struct made_tree tree;
    make_tree(&tree, entries);
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *setting = tb_setting_at(i);
        const bool top = setting->map[0] == '\0';
        for (int above = 0; above < 2 && setting->type <= TB_SETTING_PORT; above++) {
            char manifest[512];
            struct tb_campaign *campaign = NULL;
            struct tb_error error = {0};
            const double value = above ? setting->high + 1 : setting->low - 1;
            if (isinf(value))
                continue;
            snprintf(manifest, sizeof manifest, HEAD "%s%s%s: %.0f%s\n", setting->map, top ? "" : ": {", setting->key,
                     value, top ? "" : "}");
            assert_int_equal(load_tree(&tree, manifest, NULL, &campaign, &error), TB_USAGE);
            assert_non_null(strstr(error.text, top ? setting->key : setting->map));
            assert_non_null(strstr(error.text, "number"));
        }
    }
    remove_tree(&tree);
}

static void test_numbers_are_told_apart(void **state)
{
    (void)state;
    struct tb_settings settings;
    char text[256];
    const struct tb_setting *closeness = tb_setting_find("closeness", "default");
    assert_true(tb_settings_default(&settings));
    settings.closeness = 0.1 + 1e-16;
    assert_true(strtod(text_of(closeness, &settings, text), NULL) == settings.closeness);
    assert_string_not_equal(text, "0.1");
    settings.closeness = 0.1;
    assert_string_equal(text_of(closeness, &settings, text), "0.1");
    tb_settings_free(&settings);
}

static char *read_page(void)
{
    FILE *file = fopen(TWINBED_SOURCE_DIR "/docs/campaign.md", "r");
    assert_non_null(file);
    char *page = calloc(1, 1 << 18);
    assert_non_null(page);
    assert_in_range(fread(page, 1, (1 << 18) - 1, file), 1, (1 << 18) - 2);
    fclose(file);
    return page;
}

/* The line of a table that begins with the key, or NULL: the next one behind *at. */
static bool find_line(const char **at, const char *key, char line[1024])
{
    char beginning[80];
    snprintf(beginning, sizeof beginning, "\n| `%s` |", key);
    const char *found = strstr(*at, beginning);
    if (found == NULL)
        return false;
    snprintf(line, 1024, "%.*s", (int)strcspn(found + 1, "\n"), found + 1);
    *at = found + 1;
    return true;
}

/* Some table has a line with the key, and with the default where that is one word or number. */
static bool page_has(const char *page, const struct tb_setting *setting, const char *usual)
{
    char line[1024], quoted[280];
    const bool shown = setting->type <= TB_SETTING_WORD && usual[0] != '\0' && setting->unset == NULL;
    snprintf(quoted, sizeof quoted, "`%s` |", usual);
    for (const char *at = page; find_line(&at, setting->key, line);)
        if (!shown || strstr(line, quoted) != NULL)
            return true;
    return false;
}

static void test_the_page_has_every_row(void **state)
{
    (void)state;
    char *page = read_page();
    struct tb_settings settings;
    unsigned missing = 0;
    assert_true(tb_settings_default(&settings));
    for (size_t i = 0; i < tb_setting_count(); i++) {
        char usual[256], word[80];
        const struct tb_setting *setting = tb_setting_at(i);
        if (!page_has(page, setting, text_of(setting, &settings, usual))) {
            print_error("docs/campaign.md: no line for `%s` %s with its default %s\n", setting->key, setting->map,
                        usual);
            missing++;
        }
        for (size_t w = 0; setting->type == TB_SETTING_WORD && w < tb_setting_words(setting); w++) {
            snprintf(word, sizeof word, "`%s`", setting->words[w]);
            assert_non_null(strstr(page, word));
        }
    }
    tb_settings_free(&settings);
    free(page);
    assert_int_equal(missing, 0);
}

static void test_every_row_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *setting = tb_setting_at(i);
        assert_true(setting->sentence != NULL && setting->sentence[0] != '\0');
        if (setting->attribute != NULL)
            assert_int_equal(strncmp(setting->attribute, "setting_", 8), 0);
        assert_ptr_equal(tb_setting_find(setting->map, setting->key), setting);
        if (setting->type == TB_SETTING_WORD || setting->type == TB_SETTING_FLAG)
            assert_in_range((unsigned)setting->usual, 0, tb_setting_words(setting) - 1);
    }
    assert_null(tb_setting_find("", "no such key"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_is_read_packed_and_keyed),
        cmocka_unit_test(test_what_decoders_ask_for_decides),
        cmocka_unit_test(test_ranges_hold),
        cmocka_unit_test(test_numbers_are_told_apart),
        cmocka_unit_test(test_the_page_has_every_row),
        cmocka_unit_test(test_every_row_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
