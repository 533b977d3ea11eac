/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/io/account.h"

#include <stdarg.h>
#include <stdio.h>

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

void tb_account_describe(struct tb_archive *archive, struct tb_account *account)
{
    TB_ARCHIVE_U64S(archive, &account->stream_bytes, &account->decoded, &account->skipped, &account->damaged,
                    &account->file_bytes, &account->consumed, &account->left, &account->damage_offset);
    tb_archive_bool(archive, &account->compressed);
    tb_archive_enum(archive, &account->damage, TB_DAMAGE_UNREADABLE + 1);
    tb_archive_text_field(archive, account->reason, sizeof account->reason);
}

TB_ARCHIVE_FUNCTIONS(tb_account, tb_account_describe)
