/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of what other programs' files begin with. A row serves one purpose: that a message can
 * name what was found instead of saying what was not. */
#include "recognise.h"

#include <string.h>
#include <strings.h>

#include "twinbed/app/workload_tools.h"
#include "twinbed/io/text.h"

/* So much of a stream is searched for lines. */
enum { SEARCHED = 8192 };

#define NOTHING TB_ARTIFACT_KINDS

/* Bytes at a fixed place. */
static const struct {
    size_t offset;
    size_t length;
    const char *bytes;
    struct recognised is;
} marks[] = {
    {0, 2, "\xff\xfe", {"text in UTF-16", "convert it to UTF-8", NOTHING}},
    {0, 2, "\xfe\xff", {"text in UTF-16", "convert it to UTF-8", NOTHING}},
    {0, 4, "OwA", {"an .owp file of OWAMP", "", TB_ARTIFACT_LATENCY}},
    {0, 4, "\xd4\xc3\xb2\xa1", {"a packet capture (pcap)", "", TB_ARTIFACT_CAPTURE}},
    {0, 4, "\xa1\xb2\xc3\xd4", {"a packet capture (pcap)", "", TB_ARTIFACT_CAPTURE}},
    {0, 4, "\x4d\x3c\xb2\xa1", {"a packet capture (pcap)", "", TB_ARTIFACT_CAPTURE}},
    {0, 4, "\xa1\xb2\x3c\x4d", {"a packet capture (pcap)", "", TB_ARTIFACT_CAPTURE}},
    {0, 4, "\x0a\x0d\x0d\x0a", {"a packet capture (pcapng) or a scap trace", "", NOTHING}},
    {0,
     6,
     "\xfd"
     "7zXZ",
     {"compressed with xz", "gzip and zstd are read", NOTHING}},
    {0, 3, "BZh", {"compressed with bzip2", "gzip and zstd are read", NOTHING}},
    {0, 4, "\x04\x22\x4d\x18", {"compressed with lz4", "gzip and zstd are read", NOTHING}},
    {0, 4, "PK\x03\x04", {"a zip archive", "unpack it", NOTHING}},
    {257, 5, "ustar", {"a tar archive", "unpack it", NOTHING}},
    {0,
     4,
     "\x7f"
     "ELF",
     {"a program", "", NOTHING}},
    {0, 16, "SQLite format 3", {"an SQLite database", "", NOTHING}},
    {0, 8, "\x89HDF\r\n\x1a\n", {"an HDF5 file", "", NOTHING}},
};

/* Texts that stand somewhere near the beginning, the first that is found counts. */
static const struct {
    const char *text;
    bool begins_line;
    struct recognised is;
} texts[] = {
    {"--- twping statistics", true, {"a two-way session (twping)", "one-way sessions are read", NOTHING}},
    {"--- owping statistics", true, {"a report of owping", "", TB_ARTIFACT_LATENCY}},
    {"<TWPING_VERSION>", false, {"a summary of twping", "one-way sessions are read", NOTHING}},
    {"ApacheBench, Version", false, {"output of ApacheBench", "", TB_ARTIFACT_AB}},
    {"Percentage served,Time in ms", true, {"the CSV of ApacheBench (-e)", "", TB_ARTIFACT_AB_CSV}},
    {"starttime\tseconds\tctime", true, {"the TSV of ApacheBench (-g)", "", TB_ARTIFACT_AB_TSV}},
    {"Thread Stats   Avg", false, {"wrk output", "", NOTHING}},
    {"Requests/sec:", true, {"wrk output", "", NOTHING}},
    {"finished in ", true, {"h2load output", "", NOTHING}},
    {"httperf --", true, {"httperf output", "", NOTHING}},
    {"Transactions:", true, {"siege output", "", NOTHING}},
    {"Connecting to host ", true, {"iperf3 output", "", NOTHING}},
    {"Client connecting to ", true, {"iperf output", "", NOTHING}},
    {"Response time histogram:", true, {"hey output", "", NOTHING}},
    {"packets transmitted, ", false, {"ping output", "", NOTHING}},
    {"icmp_seq=", false, {"ping output", "", NOTHING}},
    {"\"histogram-latency\"", false, {"JSON of perfSONAR", "", NOTHING}},
    {"\"packets-sent\"", false, {"JSON of perfSONAR", "", NOTHING}},
};

static const struct recognised tools[TB_TOOLS] = {
    [TB_TOOL_WRK] = {"wrk output", "", TB_ARTIFACT_AB},
    [TB_TOOL_H2LOAD] = {"h2load output", "", TB_ARTIFACT_AB},
    [TB_TOOL_HEY] = {"hey output", "", TB_ARTIFACT_AB},
    [TB_TOOL_K6] = {"a summary of k6", "", TB_ARTIFACT_AB},
    [TB_TOOL_VEGETA] = {"a report of vegeta", "", TB_ARTIFACT_AB},
    [TB_TOOL_IPERF3] = {"JSON of iperf3", "", TB_ARTIFACT_AB},
    [TB_TOOL_FIO] = {"JSON of fio", "", TB_ARTIFACT_AB},
    [TB_TOOL_SOCKPERF] = {"sockperf output", "", TB_ARTIFACT_AB},
    [TB_TOOL_PING] = {"ping output", "", TB_ARTIFACT_AB},
};

static const struct recognised html_of_ab = {"HTML that ab -w printed", "run ab again without -w", NOTHING};
static const struct recognised html = {"HTML", "", NOTHING};
static const struct recognised json = {"JSON", "", NOTHING};
static const struct recognised zeros = {"nothing but zero bytes", "the file was never written through", NOTHING};
static const struct recognised wide = {"text in UTF-16", "convert it to UTF-8", NOTHING};

static bool begins_with(const char *text, size_t size, const char *start)
{
    return size >= strlen(start) && strncasecmp(text, start, strlen(start)) == 0;
}

static const struct recognised *recognise_mark(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (size >= marks[i].offset + marks[i].length &&
            memcmp(data + marks[i].offset, marks[i].bytes, marks[i].length) == 0)
            return &marks[i].is;
    return NULL;
}

/* UTF-16 without a mark: every second byte of what should be text is zero. */
static const struct recognised *recognise_zeros(const uint8_t *data, size_t size)
{
    size_t count[2] = {0, 0};
    const size_t looked_at = size < 256 ? size : 256;
    for (size_t i = 0; i < looked_at; i++)
        count[i % 2] += data[i] == 0;
    if (looked_at < 8)
        return NULL;
    if (count[0] + count[1] == looked_at)
        return &zeros;
    const size_t half = looked_at / 2;
    return (count[0] == 0 && count[1] == half) || (count[1] == 0 && count[0] == looked_at - half) ? &wide : NULL;
}

static const struct recognised *recognise_text(const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *found = memmem(text, size, texts[i].text, strlen(texts[i].text));
        if (found != NULL && (!texts[i].begins_line || found == text || found[-1] == '\n'))
            return &texts[i].is;
    }
    return NULL;
}

const struct recognised *tb_content_recognise(const uint8_t *data, size_t size)
{
    const struct recognised *found = recognise_mark(data, size);
    if (found == NULL)
        found = recognise_zeros(data, size);
    if (found != NULL)
        return found;
    const enum tb_tool tool = tb_workload_recognise(data, size);
    if (tool != TB_TOOL_AB)
        return &tools[tool];
    const char *text = (const char *)data;
    size_t left = size < SEARCHED ? size : SEARCHED;
    for (; left > 0 && memchr(" \t\r\n", *text, 4) != NULL; text++)
        left--;
    if (begins_with(text, left, "<p>") || begins_with(text, left, "<table") || begins_with(text, left, "<html") ||
        begins_with(text, left, "<!doctype"))
        return memmem(text, left, "ApacheBench", 11) != NULL ? &html_of_ab : &html;
    found = recognise_text(text, left);
    return found == NULL && left > 0 && (*text == '{' || *text == '[') ? &json : found;
}
