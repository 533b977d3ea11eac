/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_CAMPAIGN_SETTINGS_H
#define TWINBED_CAMPAIGN_SETTINGS_H

/* Every setting of a campaign, as one table: its key in campaign.yaml, where it
 * is kept, what values it takes, its default, what it changes. Reading, packing,
 * the keys of parts and the attributes of the results follow the table, so that
 * adding a setting is adding its field to struct tb_settings, its row to the
 * table in settings.c, and its line to docs/campaign.md, which a test asks for. */

#include <stddef.h>

#include "twinbed/base/bytes.h"
#include "twinbed/campaign/campaign.h"

/* What a field holds; follows from its C type. */
enum tb_setting_type {
    TB_SETTING_NUMBER, /* double */
    TB_SETTING_COUNT,  /* uint64_t: whole number */
    TB_SETTING_PORT,   /* uint16_t */
    TB_SETTING_WORD,   /* enum: index of one of words */
    TB_SETTING_FLAG,   /* bool: the first or the second of two words */
    TB_SETTING_TEXT,   /* char *: owned */
    TB_SETTING_ORDERS, /* the lists of struct tb_settings, each with its count */
    TB_SETTING_WINDOWS,
    TB_SETTING_THRESHOLDS,
    TB_SETTING_FAMILY /* and the word before the list */
};

/* What is decoded again when a setting changes: bits. */
enum tb_setting_effect {
    TB_DECIDES_NOTHING = 0,
    TB_DECIDES_TRACES = 1 << TB_ARTIFACT_TRACE,
    TB_DECIDES_CAPTURES = 1 << TB_ARTIFACT_CAPTURE,
    TB_DECIDES_WORK = 1 << TB_ARTIFACT_WORK,
    TB_DECIDES_CALL_LISTS = 1 << TB_ARTIFACT_KINDS /* lists of the calls of traces */
};

struct tb_setting {
    const char *map;       /* key of the map that holds it; "" at the top of the file */
    const char *key;       /* "default": a scalar in place of the map stands for it */
    const char *attribute; /* of the results; NULL: another way to write the row before it */
    enum tb_setting_type type;
    size_t offset; /* of its field in struct tb_settings */
    double low;    /* numbers, counts and ports: the range, ends included */
    double high;
    double usual;             /* default: the number, or the index of the word; texts are empty */
    const char *const *words; /* ends with NULL */
    const char *unset;        /* what a value below low, which only the default can be, stands for; or NULL */
    unsigned decides;         /* bits of enum tb_setting_effect */
    const char *sentence;     /* what it is */
};

/* The rows, in the order in which they are read. Borrowed, constant. */
size_t tb_setting_count(void);
const struct tb_setting *tb_setting_at(size_t index);
/* NULL when there is none. */
const struct tb_setting *tb_setting_find(const char *map, const char *key);
/* How many words it has. */
size_t tb_setting_words(const struct tb_setting *setting);

/* Appends the value as text, without a NUL; different values have different texts. */
void tb_setting_text(const struct tb_setting *setting, const struct tb_settings *settings, struct tb_buffer *text);

/* Appends a line for each setting that decides effect, a bit of enum tb_setting_effect: equal settings, equal lines. */
void tb_settings_key(const struct tb_settings *settings, unsigned effect, struct tb_buffer *key);

/* Settings as they are when the manifest does not speak of them, but without a window. False when memory is short;
 * to be freed in any case. */
TB_MUST_USE bool tb_settings_default(struct tb_settings *settings);
void tb_settings_free(struct tb_settings *settings);

#endif
