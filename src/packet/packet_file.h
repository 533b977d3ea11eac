/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_PACKET_FILE_H
#define TWINBED_SRC_PACKET_PACKET_FILE_H

/* The packet records of a pcap or pcapng file, one after the other.
 *
 * Reading can begin in the middle of a plain file: what another reader of the same file knows is
 * copied, a record's beginning is found by structure, and what was assumed can be compared with
 * what came before (tb_packet_file_copy, tb_packet_file_find, tb_packet_file_agrees).
 *
 * A record's bytes lie in the reader's window and are not copied. Damage ends the file: it is
 * written into the account, and the bytes from there on count as damaged.
 *
 *       one reader       open -> next, next, ... TB_END -> settle -> close
 *       in the middle    copy -> begin_at -> find -> begin_at -> next, ... ; the first reader: agrees -> follow
 *
 * Formats: pcap as libpcap writes it (pcap-savefile(5)), pcapng as draft-ietf-opsawg-pcapng
 * describes it. One file is used by one thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/io/account.h"
#include "twinbed/io/source.h"

/* A packet as the file holds it. */
struct tb_packet_record {
    uint64_t time;       /* ns since the epoch */
    uint32_t link_type;  /* LINKTYPE_ number */
    uint32_t interface;  /* pcapng: number in its section; else 0 */
    uint32_t captured;   /* bytes at data */
    uint32_t original;   /* bytes on the wire, at least captured */
    const uint8_t *data; /* borrowed; valid until the next call */
};

/* How many packets the capturing program lost, where the file tells. */
struct tb_packet_drops {
    bool known;
    uint64_t packets; /* at most INT64_MAX */
};

/* Sums stop at the largest number, so that their order does not matter. */
static inline void tb_packet_drops_add(struct tb_packet_drops *drops, uint64_t packets)
{
    const uint64_t room = (uint64_t)INT64_MAX - drops->packets;
    drops->known = true;
    drops->packets += packets < room ? packets : room;
}

/* A capturing interface as a pcapng file describes it. */
struct tb_packet_interface {
    uint32_t link_type;
    uint32_t snap_length;        /* 0: unlimited */
    uint8_t resolution;          /* if_tsresol as stored */
    int64_t offset_seconds;      /* if_tsoffset */
    struct tb_packet_drops lost; /* by its latest statistics */
};

/* How the two lengths of a pcap record stand in the file. */
enum tb_length_order { TB_LENGTHS_AS_WRITTEN, TB_LENGTHS_EXCHANGED, TB_LENGTHS_PERHAPS_EXCHANGED };

/* A file that is read. Fields of one format say so. */
struct tb_packet_file {
    struct tb_reader reader;
    struct tb_account *account; /* borrowed */
    /* Of the format: gives the next record. */
    enum tb_status (*next)(struct tb_packet_file *file, struct tb_packet_record *record, struct tb_error *error);
    /* Of the format: finds what looks like a record. */
    bool (*find)(const struct tb_packet_file *file, struct tb_bytes bytes, uint64_t offset, size_t *place);
    const char *format;   /* Static text, as the results tell it: "pcap", "pcap ns", ... */
    bool swap;            /* the file, or the section, is in the other byte order */
    bool interface_known; /* link_type and snap_length are those of the first interface */
    uint32_t link_type;
    uint32_t snap_length;
    uint64_t last_time; /* ns, of the record given last */
    uint64_t end;       /* no record is given that begins at this offset or behind; UINT64_MAX: none such */

    uint64_t begin;                     /* where reading began; bytes from there on are in the account */
    uint64_t assumed_time;              /* last_time at begin */
    bool time_assumed;                  /* a record was given that time */
    bool time_sought;                   /* before any record had a time, one was looked for ahead */
    bool time_known;                    /* last_time is that of a record behind begin */
    struct tb_packet_drops lost_beside; /* pcapng: as packets behind begin tell, each of those lost before it */
    bool described; /* what is known of sections and interfaces is another's: what would change it ends the file */

    uint32_t record_header; /* pcap: bytes before a packet */
    uint32_t tick;          /* pcap: ns of one unit of the fraction */
    uint32_t longest;       /* pcap: a longer record is none */
    uint32_t plain_below;   /* pcap: shorter records may be seen by tb_packet_file_see_plain */
    enum tb_length_order length_order;

    struct tb_packet_interface *interfaces; /* pcapng: owned; those of the section */
    size_t interface_count;
    size_t interface_capacity;
    struct tb_packet_drops lost_in_sections; /* pcapng: by the statistics of the sections before this one */
};

/* Largest record or block that is believed: the limit of libpcap. */
enum { TB_PACKET_BLOCK_MAX = 16 << 20 };

/* So many records in a row, each where the one before says, are believed to be some. */
enum { TB_PACKET_CHAIN = 6 };

/* Where such a chain begins, or the first of those that the end of the bytes cut short. */
struct tb_packet_place {
    size_t at;
    int chain; /* its length; 0: none */
};

/* Takes a place for the best one so far when its chain is long enough, or is the first of any
 * length. */
static inline void tb_packet_place_try(struct tb_packet_place *best, size_t at, int chain)
{
    if (chain == TB_PACKET_CHAIN || (chain != 0 && best->chain == 0))
        *best = (struct tb_packet_place){.at = at, .chain = chain};
}

/* Recognises the stream and reads its file header. The source is borrowed until the file is closed,
 * the account longer. TB_UNSUPPORTED, TB_TRUNCATED (no bytes), TB_CORRUPT (a compressed stream that
 * gives none), TB_INPUT_OUTPUT, TB_MEMORY. The file must be closed in any case. */
TB_MUST_USE enum tb_status tb_packet_file_open(struct tb_packet_file *file, struct tb_source *source,
                                               struct tb_account *account, struct tb_error *error);

/* TB_END at the end, at damage, or when the next record begins at file->end or behind. TB_MEMORY, TB_INPUT_OUTPUT. */
TB_MUST_USE static inline enum tb_status tb_packet_file_next(struct tb_packet_file *file,
                                                             struct tb_packet_record *record, struct tb_error *error)
{
    return file->reader.offset < file->end ? file->next(file, record, error) : TB_END;
}

/* Bytes before a packet of pcap: seconds, fraction, bytes in the file, bytes on the wire. */
enum { TB_PLAIN_RECORD_HEADER = 16 };

/* What tb_packet_file_next would give of the usual pcap file, but for the time, when the record is whole in the window;
 * nothing is passed. False where next must look. */
static inline bool tb_packet_file_see_plain(const struct tb_packet_file *file, struct tb_packet_record *record)
{
    const uint8_t *const header = file->reader.data;
    const size_t available = file->reader.available;
    if (available < TB_PLAIN_RECORD_HEADER || file->reader.offset >= file->end)
        return false;
    record->captured = tb_load_u32(header + 8, false);
    record->original = tb_load_u32(header + 12, false);
    record->link_type = file->link_type;
    record->interface = 0;
    record->data = header + TB_PLAIN_RECORD_HEADER;
    return record->captured < file->plain_below && record->captured <= record->original &&
           available - TB_PLAIN_RECORD_HEADER >= record->captured;
}

/* Passes the record that was seen; its time is set. */
static inline void tb_packet_file_pass_plain(struct tb_packet_file *file, struct tb_packet_record *record)
{
    const uint8_t *const header = record->data - TB_PLAIN_RECORD_HEADER;
    const size_t size = TB_PLAIN_RECORD_HEADER + (size_t)record->captured;
    record->time =
        (uint64_t)tb_load_u32(header, false) * 1000000000u + (uint64_t)tb_load_u32(header + 4, false) * file->tick;
    tb_reader_pass(&file->reader, size);
    file->account->decoded += size;
}

/* The offset behind the last whole record that was read: where a record begins, or damage. */
static inline uint64_t tb_packet_file_reached(const struct tb_packet_file *file)
{
    return file->begin + file->account->decoded + file->account->skipped;
}

/* True when reading stopped before file->end: the stream has ended there, or is damaged. */
static inline bool tb_packet_file_is_over(const struct tb_packet_file *file)
{
    return tb_packet_file_reached(file) < file->end;
}

/* The place of the first bytes in size of them at data, which are at offset in the stream, that look like a record of
 * the file: a chain of headers that agree, up to the end of the bytes or long enough. False when there is none. A
 * guess: bytes inside a packet may look the same. */
TB_MUST_USE bool tb_packet_file_find(const struct tb_packet_file *file, const uint8_t *data, size_t size,
                                     uint64_t offset, size_t *place);

/* Makes copy, which is zeroed or was such a copy before, know the file as file does; its reader and account are left
 * as they are. False when memory is short, or when there is too much to copy. */
TB_MUST_USE bool tb_packet_file_copy(const struct tb_packet_file *file, struct tb_packet_file *copy);

/* Begins to read at offset, up to end, with an empty account. */
void tb_packet_file_begin_at(struct tb_packet_file *file, uint64_t offset, uint64_t end);

/* True when copy began at the place that file has reached, and all it took for granted there is so. */
bool tb_packet_file_agrees(const struct tb_packet_file *file, const struct tb_packet_file *copy);

/* Moves file on to where copy, with which it agrees, has come. */
void tb_packet_file_follow(struct tb_packet_file *file, const struct tb_packet_file *copy);

/* How many packets the file says were lost: by the statistics of its interfaces or by its packets, whichever is more,
 * as both tell of the same. */
struct tb_packet_drops tb_packet_file_drops(const struct tb_packet_file *file);

/* Reads what is left and completes the account, after the last record. */
void tb_packet_file_settle(struct tb_packet_file *file);
/* Frees what it owns; it is zeroed then. The source stays open. */
void tb_packet_file_close(struct tb_packet_file *file);

/* For the two formats (pcap_file.c, pcapng_file.c). */

/* Look at the first bytes in the window: TB_OK and file set up, TB_END when they are not of this format. */
TB_MUST_USE enum tb_status tb_pcap_file_begin(struct tb_packet_file *file, struct tb_error *error);
TB_MUST_USE enum tb_status tb_pcapng_file_begin(struct tb_packet_file *file, struct tb_error *error);

/* A fill gave TB_END (or worse) inside the record that starts at offset:
 * TB_END, with the damage noted unless the stream ended well before a record. */
TB_MUST_USE enum tb_status tb_packet_file_ended(struct tb_packet_file *file, enum tb_status fill, uint64_t offset,
                                                struct tb_error *error);

/* Adds what the latest statistics of each interface say. */
void tb_packet_file_add_lost(const struct tb_packet_file *file, struct tb_packet_drops *drops);

/* Notes that the record at offset cannot be one; gives TB_END. */
enum tb_status tb_packet_file_corrupt(struct tb_packet_file *file, uint64_t offset, const char *reason);

#endif
