/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "latency_file.h"

/* Raw records (-R): SEQ SENDTIME SENDSYNC SENDERR RECVTIME RECVSYNC RECVERR TTL.
 *
 * Sessions follow each other without a mark. A new one is taken to begin where
 * a sequence number comes again with another send time: a session sends each
 * number once, and lists those lost at its end. This is a guess. It fails when
 * the first packet of a session bears a number that the session before did not
 * have, so one direction a file (-t or -f), or .owp files, are safer. */

static bool read_flag(struct tb_text text, bool *flag)
{
    *flag = tb_text_equals(text, "1");
    return *flag || tb_text_equals(text, "0");
}

static bool read_record(struct tb_text text, struct tb_latency_packet *packet)
{
    enum { SEQUENCE, SENT, SENDER_SYNC, SENDER_ERROR, RECEIVED, RECEIVER_SYNC, RECEIVER_ERROR, TTL, FIELDS };
    struct tb_text words[FIELDS];
    for (size_t i = 0; i < FIELDS; i++)
        if (!tb_text_take_word(&text, &words[i]))
            return false;
    uint64_t sequence, ttl;
    double error;
    bool sender, receiver;
    if (tb_text_trim(text).length != 0 || !tb_text_u64(words[SEQUENCE], &sequence) || sequence > UINT32_MAX ||
        !tb_text_u64(words[SENT], &packet->sent) || !tb_text_u64(words[RECEIVED], &packet->received) ||
        !read_flag(words[SENDER_SYNC], &sender) || !read_flag(words[RECEIVER_SYNC], &receiver) ||
        !tb_text_positive_real(words[SENDER_ERROR], &error) || !tb_text_positive_real(words[RECEIVER_ERROR], &error) ||
        !tb_text_u64(words[TTL], &ttl) || ttl > UINT8_MAX)
        return false;
    packet->sequence = (uint32_t)sequence;
    packet->synchronised = sender && receiver;
    return true;
}

static bool begins(struct tb_text line)
{
    struct tb_latency_packet packet;
    return read_record(line, &packet);
}

static enum tb_status end_session(struct tb_latency_file *file, struct tb_error *error)
{
    file->in_session = false;
    const enum tb_status status = tb_packet_log_finish(&file->log, &file->session, error);
    return status == TB_OK ? tb_latency_add(file, error) : status;
}

static enum tb_status take_line(struct tb_latency_file *file, struct tb_error *error)
{
    struct tb_latency_packet packet;
    if (tb_text_trim(file->lines.text).length == 0 || tb_text_starts_with(file->lines.text, "Approximately ")) {
        tb_lines_take(&file->lines);
        return TB_OK;
    }
    if (!read_record(file->lines.text, &packet))
        return tb_latency_bad_line(file, "a raw record of eight fields", error);
    enum tb_status status = TB_OK;
    if (file->in_session && tb_packet_log_contradicts(&file->log, &packet))
        status = end_session(file, error);
    if (status != TB_OK)
        return status;
    if (!file->in_session)
        tb_latency_begin(file);
    tb_lines_take(&file->lines);
    return tb_packet_log_add(&file->log, &packet, error);
}

static enum tb_status finish(struct tb_latency_file *file, struct tb_error *error)
{
    return file->in_session ? end_session(file, error) : TB_OK;
}

const struct tb_latency_lines tb_latency_raw = {.begins = begins, .take_line = take_line, .finish = finish};
