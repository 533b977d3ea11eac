/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys are lines of text, one for each thing that decides. People may read them; programs compare
 * them whole. */
#include "part_keys.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/campaign/settings.h"

/* Another one whenever what is decoded, or how it is packed, changes: a digest of what parts of a small campaign hold,
 * which a test computes (tests/cli/test_part_version.py), and a number to be raised for what that campaign does not show. */
static const char PART_VERSION[] = "5ddcb32a.0";

void tb_key_add(struct tb_buffer *key, const char *format, ...)
{
    char line[4096];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        key->failed = true;
    else
        tb_buffer_put(key, line, (size_t)length);
}

/* From the campaign's root, as far as it is below: another working directory, or another name of the root, is no other
 * campaign. */
static const char *path_below_root(const struct tb_campaign *campaign, const char *path)
{
    const size_t length = strlen(campaign->root);
    return strncmp(path, campaign->root, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

void tb_key_add_identity(const struct decoding *decoding, size_t index, struct tb_buffer *key)
{
    const struct tb_artifact *artifact = &decoding->campaign->artifacts[index];
    tb_key_add(key, "twinbed part %s\nkind %s\npath %s\nsize %llu\nmodified %lld\n", PART_VERSION,
               tb_artifact_kind_name(artifact->kind), path_below_root(decoding->campaign, artifact->path),
               (unsigned long long)artifact->size, (long long)artifact->modified_ns);
    for (size_t i = 0; i < artifact->further_count; i++)
        tb_key_add(key, "further %s\nsize %llu\nmodified %lld\n",
                   path_below_root(decoding->campaign, artifact->further[i].path),
                   (unsigned long long)artifact->further[i].size, (long long)artifact->further[i].modified_ns);
}

void tb_key_begin(const struct decoding *decoding, size_t artifact, struct tb_buffer *key)
{
    tb_key_add_identity(decoding, artifact, key);
    tb_settings_key(&decoding->campaign->settings, 1u << decoding->campaign->artifacts[artifact].kind, key);
}

enum tb_status tb_key_end(struct tb_buffer *key, struct tb_error *error)
{
    tb_buffer_put_u8(key, 0);
    return tb_buffer_check(key, "the key of a part", error);
}
