/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of lists, version by version. Layout after tid, pid and parent (64 bits each), as far as
 * it matters here: session ids (from version 6), name, executable, path of it (from 7), arguments,
 * working directory, limits and ids, memory (from 2), root (from 3), namespaced ids and cgroups
 * (from 4). A text is a length of 16 bits and its bytes. From version 9 on an entry begins with its
 * length, which counts itself. */
#include "scap_processes.h"

/* Kernel names are 15 bytes at most. */
enum { KERNEL_NAME_LENGTH = 15, WITH_LENGTHS = 9 };

struct scap_text tb_scap_name_of_executable(struct scap_text executable)
{
    struct scap_text name = tb_scap_text_trim(executable);
    for (size_t i = name.size; i-- > 0;) {
        if (name.data[i] != '/')
            continue;
        name.data += i + 1;
        name.size -= i + 1;
        break;
    }
    if (name.size > KERNEL_NAME_LENGTH)
        name.size = KERNEL_NAME_LENGTH;
    return name;
}

static bool take_text(struct tb_bytes *body, struct scap_text *text)
{
    uint16_t size;
    if (!tb_bytes_take_u16(body, &size) || !tb_bytes_take(body, size, &text->data))
        return false;
    text->size = size;
    return true;
}

static bool skip_text(struct tb_bytes *body)
{
    struct scap_text ignored;
    return take_text(body, &ignored);
}

/* From tid to the arguments. */
static bool take_names(struct tb_bytes *body, unsigned version, struct scap_identity *identity)
{
    struct scap_text executable;
    const size_t session = version >= 8 ? 16 : version >= 6 ? 8 : 0;
    if (!tb_bytes_take_i64(body, &identity->tid) || !tb_bytes_take_i64(body, &identity->pid) ||
        !tb_bytes_take_i64(body, &identity->parent) || !tb_bytes_skip(body, session) ||
        !take_text(body, &identity->name) || !take_text(body, &executable) || (version >= 7 && !skip_text(body)) ||
        !take_text(body, &identity->arguments))
        return false;
    if (identity->name.size == 0)
        identity->name = tb_scap_name_of_executable(executable);
    return true;
}

/* From the working directory to the root. */
static bool take_rest(struct tb_bytes *body, unsigned version, struct scap_identity *identity)
{
    const size_t memory = version >= 2 ? 12 + 16 : 0;
    if (!skip_text(body) || !tb_bytes_skip(body, 8 + 4 + 4 + 4 + memory) || (version >= 3 && !skip_text(body)))
        return false;
    if (version >= 4 && (!tb_bytes_skip(body, 16) || !take_text(body, &identity->cgroups)))
        return false;
    return version < 5 || skip_text(body);
}

bool tb_scap_take_process(struct tb_bytes *body, unsigned version, struct scap_identity *identity)
{
    *identity = (struct scap_identity){0};
    if (body->left < 4)
        return false;
    if (version < WITH_LENGTHS)
        return take_names(body, version, identity) && take_rest(body, version, identity);
    uint32_t length;
    const uint8_t *data;
    struct tb_bytes rest = *body;
    if (!tb_bytes_take_u32(&rest, &length) || length < 4 || !tb_bytes_take(&rest, length - 4, &data))
        return false;
    struct tb_bytes entry = tb_bytes_view(data, length - 4, body->swap);
    if (!take_names(&entry, version, identity) || !take_rest(&entry, version, identity))
        return false;
    *body = rest;
    return true;
}

/* Bytes of a descriptor's own fields that come before a text, by kind; text says whether one
 * follows. 3 to 6 are IPv4 and IPv6 connections and listeners, 8 a Unix socket, 16 a file with its
 * flags. */
static size_t fixed_part(uint8_t kind, bool *text)
{
    static const uint8_t fixed[] = {[3] = 13, [4] = 37, [5] = 7, [6] = 19, [8] = 16, [16] = 4};
    *text = !(kind >= 3 && kind <= 6);
    return kind < sizeof fixed ? fixed[kind] : 0;
}

/* 1 file, 2 directory, 16 file of newer files; 10 is one that the tracer does not support; from 22
 * on nothing is defined. */
static enum tb_descriptor_kind descriptor_kind(uint8_t kind)
{
    if (kind >= 3 && kind <= 6)
        return TB_DESCRIPTOR_NETWORK;
    if (kind == 1 || kind == 2 || kind == 16)
        return TB_DESCRIPTOR_FILE;
    return kind == 0 || kind > 21 || kind == 10 ? TB_DESCRIPTOR_UNKNOWN : TB_DESCRIPTOR_OTHER;
}

static bool take_descriptor_fields(struct tb_bytes *body, int64_t *descriptor, uint8_t *kind)
{
    return tb_bytes_take_i64(body, descriptor) && tb_bytes_skip(body, 8) && tb_bytes_take_u8(body, kind);
}

bool tb_scap_take_descriptor(struct tb_bytes *body, bool explicit_lengths, int64_t *descriptor,
                             enum tb_descriptor_kind *kind)
{
    if (body->left < 4)
        return false;
    uint8_t stored;
    if (explicit_lengths) {
        uint32_t length;
        const uint8_t *data;
        struct tb_bytes rest = *body;
        if (!tb_bytes_take_u32(&rest, &length) || length < 4 || !tb_bytes_take(&rest, length - 4, &data))
            return false;
        struct tb_bytes entry = tb_bytes_view(data, length - 4, body->swap);
        if (!take_descriptor_fields(&entry, descriptor, &stored))
            return false;
        *body = rest;
    } else {
        bool text;
        if (!take_descriptor_fields(body, descriptor, &stored) || !tb_bytes_skip(body, fixed_part(stored, &text)) ||
            (text && !skip_text(body)))
            return false;
    }
    *kind = descriptor_kind(stored);
    return true;
}
