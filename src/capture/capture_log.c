/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a capturing program says of itself in its log: each line that is known sets or adds to a
 * count, and a program that begins again forgets those before. */
#include "twinbed/capture/capture_log.h"

#include <stdio.h>
#include <string.h>

#include "twinbed/capture/capture.h"
#include "twinbed/io/lines.h"

struct log_file {
    struct tb_lines lines;
    struct tb_capture_log log;
    bool begun; /* a program said that it captures */
};

static void set(struct tb_capture_log *log, enum tb_capture_log_count count, uint64_t packets)
{
    log->known[count] = true;
    log->packets[count] = packets < INT64_MAX ? packets : INT64_MAX;
}

/* Numbers of several interfaces. */
static void add(struct tb_capture_log *log, enum tb_capture_log_count count, uint64_t packets)
{
    const uint64_t before = log->packets[count], room = INT64_MAX - before;
    set(log, count, before + (packets < room ? packets : room));
}

static void forget(struct tb_capture_log *log)
{
    *log = (struct tb_capture_log){.account = log->account};
}

/* --- tcpdump, and tshark --- */

/* "20 packets dropped by kernel" */
static bool read_sentence(struct tb_text text, struct tb_capture_log *log)
{
    static const char *const endings[TB_CAPTURE_LOG_COUNTS] = {
        [TB_CAPTURE_LOG_CAPTURED] = "captured",
        [TB_CAPTURE_LOG_RECEIVED] = "received by filter",
        [TB_CAPTURE_LOG_DROPPED_BY_KERNEL] = "dropped by kernel",
        [TB_CAPTURE_LOG_DROPPED_BY_INTERFACE] = "dropped by interface",
    };
    struct tb_text number, word;
    uint64_t packets;
    if (!tb_text_take_word(&text, &number) || !tb_text_u64(number, &packets) || !tb_text_take_word(&text, &word) ||
        !(tb_text_equals(word, "packets") || tb_text_equals(word, "packet")))
        return false;
    text = tb_text_trim(text);
    for (unsigned i = 0; i < TB_CAPTURE_LOG_COUNTS; i++)
        if (tb_text_equals(text, endings[i])) {
            set(log, i, packets);
            return true;
        }
    /* By interface, in the words of tshark; old ones do not name it. */
    if (!tb_text_starts_with(text, "dropped from ") && !tb_text_equals(text, "dropped"))
        return false;
    add(log, TB_CAPTURE_LOG_DROPPED_BY_KERNEL, packets);
    return true;
}

/* What stands behind the last ": ": names of programs, hosts and interfaces may hold anything. */
static bool step_behind_names(struct tb_text *text)
{
    for (size_t i = text->length; i-- > 1;)
        if (text->data[i - 1] == ':' && text->data[i] == ' ') {
            *text = (struct tb_text){.data = text->data + i + 1, .length = text->length - i - 1};
            return true;
        }
    return false;
}

/* One sentence, or several, as tcpdump prints them when a signal asks. A terminal puts "^C" before the first. */
static bool read_sentences(struct tb_text text, struct tb_capture_log *log)
{
    struct tb_text part;
    bool read = false;
    (void)tb_text_take_prefix(&text, "^C");
    while (tb_text_take_until(&text, ',', &part))
        read |= read_sentence(tb_text_trim(part), log) || (step_behind_names(&part) && read_sentence(part, log));
    return read;
}

/* --- dumpcap --- */

static bool read_captured(struct tb_text text, struct tb_capture_log *log)
{
    uint64_t packets;
    if (!tb_text_take_prefix(&text, "Packets captured: ") || !tb_text_u64(tb_text_trim(text), &packets))
        return false;
    forget(log);
    set(log, TB_CAPTURE_LOG_CAPTURED, packets);
    return true;
}

/* "(pcap:20/dumpcap:0/flushed:0/ps_ifdrop:3)": the number of dropped packets before it is the sum of all but the last. */
static void read_details(struct tb_text details, struct tb_capture_log *log)
{
    struct tb_text part;
    uint64_t packets;
    if (!tb_text_take_prefix(&details, "(") || !tb_text_take_suffix(&details, ")"))
        return;
    while (tb_text_take_until(&details, '/', &part))
        if (tb_text_take_prefix(&part, "ps_ifdrop:") && tb_text_u64(part, &packets))
            add(log, TB_CAPTURE_LOG_DROPPED_BY_INTERFACE, packets);
}

/* "Packets received/dropped on interface 'eth0': 100/20 (pcap:20/dumpcap:0/flushed:0/ps_ifdrop:0) (83.3%)" */
static bool read_interface(struct tb_text text, struct tb_capture_log *log)
{
    struct tb_text numbers, received, dropped, details;
    uint64_t packets, lost;
    if (!tb_text_take_prefix(&text, "Packets received/dropped on interface ") || !step_behind_names(&text) ||
        !tb_text_take_word(&text, &numbers) || !tb_text_take_until(&numbers, '/', &received) ||
        !tb_text_take_until(&numbers, '/', &dropped) || !tb_text_u64(received, &packets) ||
        !tb_text_u64(dropped, &lost))
        return false;
    add(log, TB_CAPTURE_LOG_RECEIVED, packets);
    add(log, TB_CAPTURE_LOG_DROPPED_BY_KERNEL, lost);
    if (tb_text_take_word(&text, &details))
        read_details(details, log);
    return true;
}

/* --- the file --- */

static bool is_beginning(struct tb_text text)
{
    return memmem(text.data, text.length, "listening on ", 13) != NULL || tb_text_starts_with(text, "Capturing on ");
}

/* Of a line that is not whole the numbers may be cut, too, unless something follows them. */
static bool read_text(struct log_file *file, struct tb_text text)
{
    if (text.length == 0)
        return false;
    if (is_beginning(text)) {
        file->begun = true;
        forget(&file->log);
        return true;
    }
    return read_sentences(text, &file->log) ||
           (file->lines.whole && (read_captured(text, &file->log) || read_interface(text, &file->log)));
}

/* Programs that show progress begin the line anew with a carriage return. */
static void read_line(struct log_file *file)
{
    struct tb_text line = file->lines.text, part;
    bool read = false;
    while (tb_text_take_until(&line, '\r', &part))
        read |= read_text(file, tb_text_trim(part));
    if (read)
        tb_lines_take(&file->lines);
}

static bool says_something(const struct tb_capture_log *log)
{
    for (unsigned i = 0; i < TB_CAPTURE_LOG_COUNTS; i++)
        if (log->known[i])
            return true;
    return false;
}

static enum tb_status read_lines(struct log_file *file, struct tb_error *error)
{
    enum tb_status status;
    struct tb_lines *const lines = &file->lines;
    while ((status = tb_lines_next(lines, error)) == TB_OK) {
        read_line(file);
        if (!file->begun && !says_something(&file->log) && lines->offset > TB_RECOGNITION_LIMIT)
            break;
    }
    if (status != TB_OK && status != TB_END)
        return status;
    if (lines->number == 0)
        return tb_lines_explain_nothing(lines, error);
    if (says_something(&file->log))
        return TB_OK;
    if (!file->begun)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: not what tcpdump, dumpcap or tshark print when they end",
                            tb_lines_name(lines));
    tb_account_damage(&lines->account, TB_DAMAGE_TRUNCATED, lines->reader.offset,
                      "%s: no numbers of packets at its end: the capturing program was killed", tb_lines_name(lines));
    return TB_OK;
}

enum tb_status tb_capture_log_read(struct tb_source *source, struct tb_capture_log *log, struct tb_error *error)
{
    struct log_file file = {.begun = false};
    enum tb_status status = tb_lines_start(&file.lines, source, error);
    if (status != TB_OK)
        return status;
    status = read_lines(&file, error);
    tb_lines_finish(&file.lines, status == TB_OK ? &file.log.account : NULL);
    if (status == TB_OK)
        *log = file.log;
    return status;
}

/* --- what follows from it --- */

bool tb_capture_log_dropped(const struct tb_capture_log *log, uint64_t *packets)
{
    static const enum tb_capture_log_count drops[] = {TB_CAPTURE_LOG_DROPPED_BY_KERNEL,
                                                      TB_CAPTURE_LOG_DROPPED_BY_INTERFACE};
    uint64_t sum = 0;
    bool known = false;
    for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++) {
        known |= log->known[drops[i]];
        sum += log->packets[drops[i]];
    }
    *packets = sum < INT64_MAX ? sum : INT64_MAX;
    return known;
}

static void describe_log(struct tb_archive *archive, struct tb_capture_log *log)
{
    tb_account_describe(archive, &log->account);
    for (unsigned i = 0; i < TB_CAPTURE_LOG_COUNTS; i++) {
        tb_archive_bool(archive, &log->known[i]);
        tb_archive_u64(archive, &log->packets[i]);
        tb_archive_require(archive, log->packets[i] <= INT64_MAX);
    }
}

TB_ARCHIVE_FUNCTIONS(tb_capture_log, describe_log)
