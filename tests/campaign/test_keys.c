/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What help says of the campaign file is what is read: the sentence about an unknown key lists those that are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "twinbed/campaign/campaign.h"
#include "twinbed/campaign/keys.h"
#include "twinbed/campaign/settings.h"

#define HEAD "campaign: x\nruns: '{testbed}'\n"

static const struct {
    const char *map, *text;
} maps[] = {
    {"", HEAD "ZZZ: 1\n"},
    {"factors", HEAD "factors: {size: {ZZZ: 1}}\n"},
    {"constants", HEAD "constants: {size: {ZZZ: 1}}\n"},
    {"artifacts", HEAD "artifacts: {ZZZ: 1}\n"},
    {"process", HEAD "process: {ZZZ: 1}\n"},
    {"work", HEAD "work: {ZZZ: 1}\n"},
    {"chain", HEAD "chain: {ZZZ: 1}\n"},
    {"walks", HEAD "walks: {ZZZ: 1}\n"},
    {"windows", HEAD "windows: [{ZZZ: 1}]\n"},
    {"closeness", HEAD "closeness: {ZZZ: 1}\n"},
    {"stalls", HEAD "stalls: {ZZZ: 1}\n"},
    {"discard", HEAD "discard: [{ZZZ: 1}]\n"},
};

/* "expected a, b or c" of the sentence about text. */
static const char *list_of(const char *text, char sentence[TB_ERROR_TEXT_SIZE])
{
    char path[] = "/tmp/campaign-keys-XXXXXX";
    struct tb_error error = {0};
    struct tb_campaign *campaign;
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    assert_int_equal(tb_campaign_load(path, NULL, &campaign, &error), TB_USAGE);
    unlink(path);
    const char *const expected = strstr(error.text, "unknown key 'ZZZ'; expected ");
    if (expected == NULL)
        fail_msg("%s gives: %s", text, error.text);
    snprintf(sentence, TB_ERROR_TEXT_SIZE, "%s", expected + strlen("unknown key 'ZZZ'; expected "));
    return sentence;
}

static bool is_told(const char *map, const char *key)
{
    for (size_t i = 0; i < tb_campaign_key_count(); i++)
        if (strcmp(tb_campaign_key_at(i)->map, map) == 0 && strcmp(tb_campaign_key_at(i)->key, key) == 0)
            return true;
    /* A map of settings stands at the top by its own name. */
    for (size_t i = 0; i < tb_setting_count() && map[0] == '\0'; i++)
        if (strcmp(tb_setting_at(i)->map, key) == 0)
            return true;
    return tb_setting_find(map, key) != NULL;
}

static void every_key_that_is_read_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        char sentence[TB_ERROR_TEXT_SIZE];
        list_of(maps[i].text, sentence);
        for (char *rest = sentence, *word; (word = strtok_r(rest, ", ", &rest)) != NULL;)
            if (strcmp(word, "or") != 0 && !is_told(maps[i].map, word))
                fail_msg("%s: %s stands in no table", maps[i].map, word);
    }
}

static void every_key_that_is_told_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        char sentence[TB_ERROR_TEXT_SIZE + 2], wanted[100];
        list_of(maps[i].text, sentence);
        for (char *c = sentence; *c != '\0'; c++)
            *c = *c == ',' ? ' ' : *c;
        strcat(sentence, " ");
        for (size_t k = 0; k < tb_campaign_key_count(); k++) {
            const struct tb_campaign_key *const key = tb_campaign_key_at(k);
            snprintf(wanted, sizeof wanted, "%s ", key->key);
            if (strcmp(key->map, maps[i].map) == 0 && strstr(sentence, wanted) == NULL)
                fail_msg("%s: %s is not read: %s", maps[i].map, key->key, sentence);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_that_is_read_is_told),
        cmocka_unit_test(every_key_that_is_told_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
