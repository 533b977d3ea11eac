/* SPDX-License-Identifier: GPL-3.0-or-later */
/* owping's binary file. Which numbers were never sent may stand behind the records, so records are
 * kept until both are read. Offsets in the header are those of the file; what is really there
 * counts more than the counts beside them. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency_file.h"

/* .owp files, version 3: a header, then records and the ranges of sequence
 * numbers that were never sent, in either order. All big-endian. */

const char tb_owp_magic[TB_OWP_MAGIC_SIZE] = {'O', 'w', 'A', '\0'};

enum {
    HEADER_SIZE = 152,
    RECORD_SIZE = 25,
    SKIP_SIZE = 8,
    OLD_VERSION_SIZE = 8, /* enough to tell the version */
    TWO_WAY = 0x80
};

struct skip {
    uint32_t first, last;
};

struct owp {
    struct tb_latency_file *file;
    uint32_t record_count; /* as the header says; what is there is trusted more */
    uint32_t skip_count;
    uint64_t record_offset;
    uint64_t skip_offset;
    struct skip *skips; /* owned */
    size_t skips_read;
    size_t skips_capacity;
    struct tb_latency_packet *packets; /* owned; kept because the ranges may follow them */
    size_t packet_count;
    size_t packet_capacity;
};

static struct tb_reader *reader_of(struct owp *owp)
{
    return &owp->file->lines.reader;
}

static struct tb_account *account_of(struct owp *owp)
{
    return &owp->file->lines.account;
}

/* Counts the rest of the window, which is too short for anything, as damaged. */
static void note_torn_end(struct owp *owp, const char *what)
{
    struct tb_reader *reader = reader_of(owp);
    const bool corrupt = reader->stream_status == TB_CORRUPT;
    const char *reason = reader->stream_status == TB_END ? "" : reader->stream_error.text;
    tb_account_damage(account_of(owp), corrupt ? TB_DAMAGE_CORRUPT : TB_DAMAGE_TRUNCATED, reader->offset,
                      "%s: ends inside %s at offset %" PRIu64 "%s%s", tb_source_name(reader->source), what,
                      reader->offset, reason[0] == '\0' ? "" : ": ", reason);
    account_of(owp)->damaged += reader->available;
    tb_reader_pass(reader, reader->available);
}

static void pass_decoded(struct owp *owp, size_t count)
{
    tb_reader_pass(reader_of(owp), count);
    account_of(owp)->decoded += count;
}

/* False when the stream ends before offset, or is there no more. */
static bool skip_to(struct owp *owp, uint64_t offset)
{
    struct tb_reader *reader = reader_of(owp);
    if (offset < reader->offset)
        return false;
    const uint64_t distance = offset - reader->offset;
    const uint64_t skipped = tb_reader_skip(reader, distance);
    account_of(owp)->skipped += skipped;
    return skipped == distance;
}

static void read_address(const uint8_t *bytes, unsigned version, char host[TB_LATENCY_HOST_SIZE])
{
    if (inet_ntop(version == 6 ? AF_INET6 : AF_INET, bytes, host, TB_LATENCY_HOST_SIZE) == NULL)
        host[0] = '\0';
}

static enum tb_status check_version(struct owp *owp, uint32_t version, struct tb_error *error)
{
    const char *name = tb_source_name(reader_of(owp)->source);
    if (version & TWO_WAY)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: a two-way session (twping); one-way sessions are read", name);
    if (version != 3)
        return tb_error_set(error, TB_UNSUPPORTED,
                            "%s: .owp version %" PRIu32 "; only 3 is read (print it with owstats -R instead)", name,
                            version);
    return TB_OK;
}

static enum tb_status check_offsets(struct owp *owp, struct tb_error *error)
{
    const uint64_t skip_bytes = (uint64_t)owp->skip_count * SKIP_SIZE;
    const bool overlap = owp->skip_offset <= owp->record_offset && owp->record_offset - owp->skip_offset < skip_bytes;
    if (owp->record_offset >= HEADER_SIZE && (owp->skip_count == 0 || (owp->skip_offset >= HEADER_SIZE && !overlap)))
        return TB_OK;
    return tb_error_set(error, TB_CORRUPT,
                        "%s: the .owp header puts records at offset %" PRIu64 " and %" PRIu32
                        " skip ranges at offset %" PRIu64,
                        tb_source_name(reader_of(owp)->source), owp->record_offset, owp->skip_count, owp->skip_offset);
}

/* TB_END when the file ends inside its header, which is noted. */
static enum tb_status read_header(struct owp *owp, struct tb_error *error)
{
    struct tb_reader *reader = reader_of(owp);
    enum tb_status status = tb_reader_need(reader, HEADER_SIZE, error);
    if (status != TB_OK && status != TB_END)
        return status;
    if (reader->available >= OLD_VERSION_SIZE && check_version(owp, tb_load_be32(reader->data + 4), error) != TB_OK)
        return TB_UNSUPPORTED;
    if (status == TB_END) {
        note_torn_end(owp, "the header");
        return TB_END;
    }
    const uint8_t *data = reader->data;
    owp->skip_count = tb_load_be32(data + 16);
    owp->record_count = tb_load_be32(data + 20);
    owp->skip_offset = tb_load_be64(data + 24);
    owp->record_offset = tb_load_be64(data + 32);
    status = check_offsets(owp, error);
    if (status != TB_OK)
        return status;
    struct tb_latency_session *const session = &owp->file->session;
    read_address(data + 56, data[41], session->from);
    read_address(data + 72, data[41], session->to);
    snprintf(session->from_address, sizeof session->from_address, "%.63s", session->from);
    snprintf(session->to_address, sizeof session->to_address, "%.63s", session->to);
    pass_decoded(owp, HEADER_SIZE);
    return TB_OK;
}

static enum tb_status read_skips(struct owp *owp, struct tb_error *error)
{
    struct tb_reader *reader = reader_of(owp);
    enum tb_status status = TB_OK;
    if (owp->skip_count == 0)
        return TB_OK;
    const bool there = skip_to(owp, owp->skip_offset);
    while (there && owp->skips_read < owp->skip_count) {
        status = tb_reader_need(reader, SKIP_SIZE, error);
        if (status != TB_OK)
            break;
        if (!tb_array_reserve(&owp->skips, &owp->skips_capacity, owp->skips_read + 1, sizeof *owp->skips))
            return tb_error_memory(error, "the skip ranges of a latency session");
        const uint32_t ends[2] = {tb_load_be32(reader->data), tb_load_be32(reader->data + 4)};
        const bool ordered = ends[0] <= ends[1];
        owp->skips[owp->skips_read++] = (struct skip){.first = ends[!ordered], .last = ends[ordered]};
        pass_decoded(owp, SKIP_SIZE);
    }
    if (status != TB_OK && status != TB_END)
        return status;
    if (owp->skips_read < owp->skip_count)
        note_torn_end(owp, "the skip ranges");
    return TB_OK;
}

/* The high bit of an error estimate says that the clock claims to be in step. */
static struct tb_latency_packet load_record(const uint8_t *data)
{
    return (struct tb_latency_packet){.sequence = tb_load_be32(data),
                                      .synchronised = (data[4] & 0x80) != 0 && (data[6] & 0x80) != 0,
                                      .sent = tb_load_be64(data + 8),
                                      .received = tb_load_be64(data + 16)};
}

/* Where the records must end: at skip ranges that follow, else nowhere. */
static uint64_t records_end(const struct owp *owp)
{
    return owp->skip_count > 0 && owp->skip_offset > owp->record_offset ? owp->skip_offset : UINT64_MAX;
}

/* How many bytes of records may still come; a record fits when it is large enough. */
static bool record_fits(struct owp *owp)
{
    return records_end(owp) - reader_of(owp)->offset >= RECORD_SIZE;
}

/* Bytes that cannot be records, up to the end of their place. */
static void note_bad_records(struct owp *owp)
{
    struct tb_reader *reader = reader_of(owp);
    tb_account_damage(account_of(owp), TB_DAMAGE_CORRUPT, reader->offset,
                      "%s: no record at offset %" PRIu64 ", where the .owp header puts one",
                      tb_source_name(reader->source), reader->offset);
    account_of(owp)->damaged += tb_reader_skip(reader, records_end(owp) - reader->offset);
}

/* TB_END when the stream ends; TB_OK at the end of their place. */
static enum tb_status take_records(struct owp *owp, struct tb_error *error)
{
    struct tb_reader *reader = reader_of(owp);
    while (record_fits(owp)) {
        const enum tb_status status = tb_reader_need(reader, RECORD_SIZE, error);
        if (status != TB_OK)
            return status;
        const struct tb_latency_packet packet = load_record(reader->data);
        if (packet.sent == 0) {
            note_bad_records(owp);
            return TB_OK;
        }
        if (!tb_array_reserve(&owp->packets, &owp->packet_capacity, owp->packet_count + 1, sizeof *owp->packets))
            return tb_error_memory(error, "the records of a latency session");
        owp->packets[owp->packet_count++] = packet;
        pass_decoded(owp, RECORD_SIZE);
    }
    return TB_OK;
}

static enum tb_status read_records(struct owp *owp, struct tb_error *error)
{
    enum tb_status status = skip_to(owp, owp->record_offset) ? take_records(owp, error) : TB_END;
    if (status != TB_OK && status != TB_END)
        return status;
    const bool torn = reader_of(owp)->available > 0 || reader_of(owp)->stream_status != TB_END;
    if (status == TB_END && (torn || owp->packet_count < owp->record_count))
        note_torn_end(owp, "the records");
    else if (status == TB_OK && owp->packet_count < owp->record_count)
        note_bad_records(owp);
    return TB_OK;
}

static enum tb_status read_sections(struct owp *owp, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (owp->skip_offset <= owp->record_offset)
        status = read_skips(owp, error);
    if (status == TB_OK)
        status = read_records(owp, error);
    if (status == TB_OK && owp->skip_offset > owp->record_offset)
        status = read_skips(owp, error);
    return status;
}

static int compare_skips(const void *left, const void *right)
{
    const struct skip *a = left;
    const struct skip *b = right;
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                : (a->last > b->last) - (a->last < b->last);
}

/* Sorts the ranges and joins those that overlap. */
static void join_skips(struct owp *owp)
{
    if (owp->skips_read == 0)
        return;
    qsort(owp->skips, owp->skips_read, sizeof *owp->skips, compare_skips);
    size_t kept = 0;
    for (size_t i = 1; i < owp->skips_read; i++) {
        const struct skip next = owp->skips[i];
        if (next.first > owp->skips[kept].last)
            owp->skips[++kept] = next;
        else if (next.last > owp->skips[kept].last)
            owp->skips[kept].last = next.last;
    }
    owp->skips_read = kept + 1;
}

static bool was_skipped(const struct owp *owp, uint32_t sequence)
{
    size_t low = 0;
    size_t high = owp->skips_read;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (owp->skips[middle].last < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low < owp->skips_read && owp->skips[low].first <= sequence;
}

static enum tb_status make_session(struct owp *owp, struct tb_error *error)
{
    struct tb_packet_log *log = &owp->file->log;
    join_skips(owp);
    for (size_t i = 0; i < owp->packet_count; i++) {
        if (was_skipped(owp, owp->packets[i].sequence))
            continue;
        const enum tb_status status = tb_packet_log_add(log, &owp->packets[i], error);
        if (status != TB_OK)
            return status;
    }
    const enum tb_status status = tb_packet_log_finish(log, &owp->file->session, error);
    return status == TB_OK ? tb_latency_add(owp->file, error) : status;
}

enum tb_status tb_owp_read(struct tb_latency_file *file, struct tb_error *error)
{
    struct owp owp = {.file = file};
    tb_latency_begin(file);
    enum tb_status status = read_header(&owp, error);
    if (status == TB_OK)
        status = read_sections(&owp, error);
    if (status == TB_OK)
        status = make_session(&owp, error);
    free(owp.skips);
    free(owp.packets);
    const struct tb_reader *reader = &file->lines.reader;
    if (reader->stream_status == TB_INPUT_OUTPUT)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s", reader->stream_error.text);
    return status == TB_END ? TB_OK : status;
}
