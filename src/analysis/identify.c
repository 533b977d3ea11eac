/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "twinbed/analysis/analysis.h"
#include "twinbed/app/apachebench.h"
#include "twinbed/io/source.h"
#include "twinbed/net/latency.h"

enum { HEAD_SIZE = 64 };

static const char *capture_format(const uint8_t *head, size_t size)
{
    static const struct {
        uint32_t magic;
        const char *name;
    } magics[] = {{0xa1b2c3d4, "pcap"}, {0xa1b23c4d, "pcap ns"}, {0xa1b2cd34, "pcap modified"}, {0x0a0d0d0a, "pcapng"}};
    if (size < 24)
        return NULL;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        for (int swap = 0; swap < 2; swap++)
            if (tb_load_u32(head, swap != 0) == magics[i].magic)
                return magics[i].name;
    return NULL;
}

/* A scap section header: type, length, magic, versions. */
static bool scap_version(const uint8_t *head, size_t size, char *text, size_t text_size)
{
    if (size < 16 || tb_load_u32(head, false) != 0x0a0d0d0a)
        return false;
    const bool swap = tb_load_u32(head + 8, false) == 0x4d3c2b1a;
    if (!swap && tb_load_u32(head + 8, false) != 0x1a2b3c4d)
        return false;
    snprintf(text, text_size, "scap %u.%u%s", tb_load_u16(head + 12, swap), tb_load_u16(head + 14, swap),
             swap ? " byte-swapped" : "");
    return true;
}

/* A scap section header is a pcapng one; what follows it is not. */
static bool is_call_trace(const uint8_t *head, size_t size)
{
    char version[TB_FORMAT_TEXT_SIZE];
    if (!scap_version(head, size, version, sizeof version))
        return false;
    const bool swap = tb_load_u32(head + 8, false) == 0x4d3c2b1a;
    const uint32_t length = tb_load_u32(head + 4, swap);
    return length <= size - 4 && tb_load_u32(head + length, swap) >> 8 == 2;
}

static enum tb_status name_format(const struct tb_artifact *artifact, const uint8_t *head, size_t size,
                                  const char *compression, char *format, struct tb_error *error)
{
    char found[TB_FORMAT_TEXT_SIZE / 2] = "text";
    const bool trace = artifact->kind == TB_ARTIFACT_TRACE;
    if (trace || artifact->kind == TB_ARTIFACT_CAPTURE) {
        const char *capture = trace || is_call_trace(head, size) ? NULL : capture_format(head, size);
        if (trace ? !scap_version(head, size, found, sizeof found) : capture == NULL)
            return tb_error_set(error, TB_UNSUPPORTED, "%s: not a %s", artifact->path,
                                trace ? "scap trace" : "packet capture (pcap or pcapng)");
        if (capture != NULL)
            snprintf(found, sizeof found, "%s", capture);
    }
    snprintf(format, TB_FORMAT_TEXT_SIZE, "%s, %s", found, compression);
    return TB_OK;
}

static enum tb_status read_latency(struct tb_source *source, char *what, struct tb_account *account,
                                   struct tb_error *error)
{
    struct tb_latency *latency;
    const enum tb_status status = tb_latency_read(source, &latency, error);
    if (status != TB_OK)
        return status;
    snprintf(what, TB_FORMAT_TEXT_SIZE, "owping %s", tb_latency_form_name(latency->form));
    *account = latency->account;
    tb_latency_free(latency);
    return TB_OK;
}

static enum tb_status read_ab_text(struct tb_source *source, char *what, struct tb_account *account,
                                   struct tb_error *error)
{
    struct tb_apachebench ab;
    const enum tb_status status = tb_apachebench_read(source, &ab, error);
    if (status != TB_OK)
        return status;
    snprintf(what, TB_FORMAT_TEXT_SIZE, "ApacheBench text");
    *account = ab.account;
    return TB_OK;
}

static enum tb_status read_ab_csv(struct tb_source *source, char *what, struct tb_account *account,
                                  struct tb_error *error)
{
    struct tb_ab_quantiles quantiles;
    const enum tb_status status = tb_ab_quantiles_read(source, 0, &quantiles, error);
    if (status != TB_OK)
        return status;
    snprintf(what, TB_FORMAT_TEXT_SIZE, "ApacheBench CSV");
    *account = quantiles.account;
    return TB_OK;
}

static enum tb_status read_ab_tsv(struct tb_source *source, char *what, struct tb_account *account,
                                  struct tb_error *error)
{
    struct tb_ab_requests requests;
    const enum tb_status status = tb_ab_requests_read(source, &requests, error);
    if (status != TB_OK)
        return status;
    snprintf(what, TB_FORMAT_TEXT_SIZE, "ApacheBench TSV");
    *account = requests.account;
    return TB_OK;
}

typedef enum tb_status text_reader(struct tb_source *source, char *what, struct tb_account *account,
                                   struct tb_error *error);

/* NULL for kinds that are no texts. */
static text_reader *reader_of(enum tb_artifact_kind kind)
{
    switch (kind) {
    case TB_ARTIFACT_LATENCY:
        return read_latency;
    case TB_ARTIFACT_AB:
        return read_ab_text;
    case TB_ARTIFACT_AB_CSV:
        return read_ab_csv;
    case TB_ARTIFACT_AB_TSV:
        return read_ab_tsv;
    default:
        return NULL;
    }
}

/* Texts are small, and only their reader knows them: what it refuses is refused here. */
static enum tb_status identify_text(text_reader *read, struct tb_source *source, char *format, struct tb_error *error)
{
    char what[TB_FORMAT_TEXT_SIZE];
    struct tb_account account;
    const enum tb_status status = read(source, what, &account, error);
    if (status != TB_OK)
        return status;
    if (account.damage != TB_DAMAGE_NONE && account.damage != TB_DAMAGE_TRUNCATED)
        return tb_error_set(error, TB_CORRUPT, "%s", account.reason);
    snprintf(format, TB_FORMAT_TEXT_SIZE, "%.30s, %s%s", what, tb_compression_name(tb_source_compression(source)),
             account.damage == TB_DAMAGE_TRUNCATED ? ", ends early" : "");
    return TB_OK;
}

static enum tb_status identify_head(const struct tb_artifact *artifact, struct tb_source *source, char *format,
                                    struct tb_error *error)
{
    uint8_t head[HEAD_SIZE] = {0};
    size_t size = 0;
    size_t got = 1;
    enum tb_status status = TB_OK;
    while (status == TB_OK && size < sizeof head && got != 0) {
        status = tb_source_read(source, head + size, sizeof head - size, &got, error);
        size += got;
    }
    if (status == TB_OK && size == 0)
        status = tb_error_set(error, TB_TRUNCATED, "%s: the file is empty", artifact->path);
    if (status == TB_OK)
        status = name_format(artifact, head, size, tb_compression_name(tb_source_compression(source)), format, error);
    return status;
}

enum tb_status tb_artifact_identify(const struct tb_artifact *artifact, char format[TB_FORMAT_TEXT_SIZE],
                                    struct tb_error *error)
{
    if (artifact->kind == TB_ARTIFACT_COUNTERS) {
        snprintf(format, TB_FORMAT_TEXT_SIZE, "directory");
        return TB_OK;
    }
    struct tb_source *source;
    enum tb_status status = tb_source_open(artifact->path, &source, error);
    if (status != TB_OK)
        return status;
    text_reader *const read = reader_of(artifact->kind);
    status = read != NULL ? identify_text(read, source, format, error) : identify_head(artifact, source, format, error);
    tb_source_close(source);
    return status;
}
