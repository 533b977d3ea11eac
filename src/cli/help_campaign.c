/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The campaign file, from the tables of its keys and settings. */
#include <string.h>

#include "help.h"
#include "twinbed/campaign/keys.h"
#include "twinbed/campaign/settings.h"

const char help_campaign_topic[] = "campaign";

static const char description[] =
    "campaign.yaml says what a study consists of: which directories are runs, which testbed and which factor levels "
    "each "
    "run has, which files it left, and how to compare them. Once it is written, it is the truth; names of directories "
    "count only where a pattern in it says so.\n\n"
    "The file is YAML 1.2: one document, a map at the top. Anchors and aliases are refused. twinbed check says "
    "what is wrong with it.";

static const char example[] = "campaign: drivers\n"
                              "baseline: veth\n"
                              "root: vm\n"
                              "runs: \"{testbed}/{size}-c{clients}/rep-{rep}\"\n"
                              "factors:\n"
                              "  size: {type: bytes}\n"
                              "  clients: {type: number, unit: clients}\n"
                              "artifacts:\n"
                              "  ab: {text: ab.txt, csv: ab.csv, tsv: ab.tsv}\n"
                              "  latency: owping.txt\n"
                              "  capture: {link: [link.pcap, link.pcap.gz]}\n"
                              "  trace: {client: client.scap, server: [server.scap, client.scap]}\n"
                              "process: {client: ab, server: gohttp}\n"
                              "chain: {order: [1, 2]}\n";

static bool is_listed(const char *map, const char *key)
{
    for (size_t i = 0; i < tb_campaign_key_count(); i++)
        if (strcmp(tb_campaign_key_at(i)->map, map) == 0 && strcmp(tb_campaign_key_at(i)->key, key) == 0)
            return true;
    return false;
}

/* "a|b", "0 to 1"; "" for what has a form of its own. */
static const char *values_of(const struct tb_setting *setting, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < tb_setting_words(setting) && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : "|", setting->words[i]);
    if (setting->words != NULL || setting->type > TB_SETTING_PORT)
        return text;
    if (setting->high > 1e12)
        snprintf(text, size, "number of at least %g", setting->low);
    else
        snprintf(text, size, "%g to %.10g", setting->low, setting->high);
    return text;
}

static void write_setting(const struct page *page, const struct tb_setting *setting, const struct tb_settings *defaults)
{
    char values[160], text[600];
    struct tb_buffer usual = {0};
    if (setting->attribute != NULL) /* else it is another way to write the one before */
        tb_setting_text(setting, defaults, &usual);
    snprintf(text, sizeof text, "%s%s%s%s%.*s%s", setting->sentence, setting->words == NULL ? "" : ": ",
             setting->words == NULL ? "" : values_of(setting, values, sizeof values),
             usual.size == 0 ? "" : " (default: ", (int)usual.size, usual.size == 0 ? "" : (const char *)usual.data,
             usual.size == 0 ? "" : ")");
    if (setting->words == NULL && values_of(setting, values, sizeof values)[0] != '\0') {
        const size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "; %s", values);
    }
    page_item(page, setting->key, text);
    tb_buffer_free(&usual);
}

static void write_keys(const struct page *page, const char *map, const struct tb_settings *defaults)
{
    for (size_t i = 0; i < tb_campaign_key_count(); i++) {
        const struct tb_campaign_key *const key = tb_campaign_key_at(i);
        char text[600];
        snprintf(text, sizeof text, "%s: %s", key->value, key->sentence);
        if (strcmp(key->map, map) == 0)
            page_item(page, key->key, text);
    }
    for (size_t i = 0; i < tb_setting_count(); i++) {
        const struct tb_setting *const setting = tb_setting_at(i);
        if (strcmp(setting->map, map) == 0 && !is_listed(map, setting->key))
            write_setting(page, setting, defaults);
    }
}

static void write_map(const struct page *page, const char *map, const struct tb_settings *defaults)
{
    char heading[80];
    snprintf(heading, sizeof heading, "keys of %s", map);
    page_heading(page, heading);
    write_keys(page, map, defaults);
}

void help_write_campaign(const struct page *page)
{
    static const char *const maps[] = {"factors", "constants", "artifacts", "process",   "work",   "metrics",
                                       "chain",   "walks",     "windows",   "closeness", "stalls", "discard"};
    struct page wide = *page;
    struct tb_settings defaults;
    wide.tag_width = 11;
    page_title(page, "twinbed-campaign", 5, "the campaign file of twinbed");
    if (page->manual)
        page_heading(page, "description");
    else
        fputs("campaign.yaml, the campaign file\n", page->stream);
    page_text(page, description);
    page_heading(page, "example");
    page_lines(page, example);
    if (tb_settings_default(&defaults)) {
        page_heading(page, "keys");
        write_keys(&wide, "", &defaults);
        for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
            write_map(&wide, maps[i], &defaults);
    }
    tb_settings_free(&defaults);
    page_heading(page, "see also");
    page_text(page, "twinbed-check(1), and the page campaign.md of the documentation, which says more of each key.");
}
