/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/account.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void tb_account_damage(struct tb_account *account, enum tb_damage damage, uint64_t offset, const char *format, ...)
{
    if (account->damage == TB_DAMAGE_NONE) {
        account->damage_offset = offset;
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(account->reason, sizeof account->reason, format, arguments);
        va_end(arguments);
    }
    if (damage > account->damage)
        account->damage = damage;
}

bool tb_account_balances(const struct tb_account *account)
{
    if (account->decoded + account->skipped + account->damaged != account->stream_bytes)
        return false;
    if (account->compressed)
        return account->consumed + account->left == account->file_bytes;
    return account->stream_bytes == account->file_bytes;
}

const char *tb_damage_name(enum tb_damage damage)
{
    static const char *const names[] = {TB_DAMAGE_WORDS(TB_WORD_NAME)};
    return (unsigned)damage < sizeof names / sizeof names[0] ? names[damage] : "unknown";
}

void tb_account_pack(const struct tb_account *account, struct tb_buffer *buffer)
{
    const uint64_t counters[] = {account->stream_bytes, account->decoded,  account->skipped, account->damaged,
                                 account->file_bytes,   account->consumed, account->left,    account->damage_offset};
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        tb_buffer_put_u64(buffer, counters[i]);
    tb_buffer_put_u8(buffer, account->compressed);
    tb_buffer_put_u8(buffer, (uint8_t)account->damage);
    tb_buffer_put_text(buffer, account->reason);
}

bool tb_account_unpack(struct tb_account *account, struct tb_bytes *bytes)
{
    struct tb_account read = {0};
    uint64_t *const counters[] = {&read.stream_bytes, &read.decoded,  &read.skipped, &read.damaged,
                                  &read.file_bytes,   &read.consumed, &read.left,    &read.damage_offset};
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        if (!tb_bytes_take_u64(bytes, counters[i]))
            return false;
    uint8_t compressed, damage;
    char *reason;
    if (!tb_bytes_take_u8(bytes, &compressed) || !tb_bytes_take_u8(bytes, &damage) || damage > TB_DAMAGE_UNREADABLE ||
        !tb_bytes_take_text(bytes, &reason))
        return false;
    read.compressed = compressed != 0;
    read.damage = (enum tb_damage)damage;
    snprintf(read.reason, sizeof read.reason, "%s", reason);
    free(reason);
    *account = read;
    return true;
}
