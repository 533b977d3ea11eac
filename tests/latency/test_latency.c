/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixtures/recorded.h"
#include "fixtures/same_packed.h"
#include "fixtures/text_source.h"

#include <glob.h>
#include <math.h>

#include "twinbed/latency/latency.h"

#define HEADER "--- owping statistics from [localhost]:9142 to [::1]:9311 ---\nSID:\t7f000001eeadd2c9b10afe60da05b99d\n"
#define TIMES "first:\t2026-11-22T20:44:58.653\nlast:\t2026-11-22T21:13:12.1000\n"
#define REPORT(counts, delay, jitter)                                                                                  \
    "\n" HEADER TIMES counts "\none-way delay min/median/max = " delay "\none-way jitter = " jitter                    \
    " (P95-P50)\nhops = 0 (consistently)\nno reordering\n\n"
#define GOOD_COUNTS "40 sent, 2 lost (5.000%), 1 duplicates"
#define REPORT_OF(sid, counts)                                                                                         \
    "--- owping statistics from [localhost]:9142 to [::1]:9311 ---\nSID:\t" sid "\n" counts                            \
    "\none-way delay min/median/max = 1/2/3 ms, (unsync)\none-way jitter = 1 ms (P95-P50)\nno reordering\n"
#define GOOD REPORT("40 sent, 2 lost (5.000%), 1 duplicates", "0.0262/0.1/1.35 ms, (unsync)", "0.2 ms")

static enum tb_status read_bytes(const void *data, size_t size, struct tb_latency **latency, struct tb_error *error)
{
    struct tb_source *source = open_bytes(data, size);
    const enum tb_status status = tb_latency_read(source, latency, error);
    tb_source_close(source);
    if (status == TB_OK)
        assert_true(tb_account_balances(&(*latency)->account));
    return status;
}

static struct tb_latency *read_good(const char *text)
{
    struct tb_latency *latency = NULL;
    struct tb_error error = {0};
    if (read_bytes(text, strlen(text), &latency, &error) != TB_OK)
        fail_msg("%s", error.text);
    return latency;
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fmax(1, fabs(b));
}

static void text_report(void **state)
{
    (void)state;
    struct tb_latency *latency = read_good("Approximately 3.3 seconds until results available\n" GOOD GOOD);
    assert_int_equal(latency->form, TB_LATENCY_TEXT);
    assert_int_equal(latency->session_count, 2);
    const struct tb_latency_session *session = &latency->sessions[1];
    assert_string_equal(session->from, "localhost");
    assert_string_equal(session->to, "::1");
    assert_int_equal(session->sent, 40);
    assert_int_equal(session->lost, 2);
    assert_int_equal(session->duplicates, 1);
    assert_false(session->synchronised);
    assert_true(session->minimum_ms == 0.0262 && session->median_ms == 0.1 && session->maximum_ms == 1.35);
    assert_true(session->jitter_ms == 0.2 && session->bucket_width_ms == 0.1);
    assert_true(isnan(session->exact_median_ms) && isnan(session->exact_jitter_ms));
    assert_int_equal(latency->account.skipped, 0);
    assert_int_equal(latency->account.damage, TB_DAMAGE_NONE);
    tb_latency_free(latency);
}

static void units_and_missing_values(void **state)
{
    (void)state;
    static const struct {
        const char *delay;
        const char *jitter;
        double minimum, median, maximum, jitter_ms;
        bool synchronised;
    } cases[] = {
        {"-713/-713/-706 ms, (unsync)", "6.4 ms", -713, -713, -706, 6.4, false},
        {"1.2e+03/1.3e+03/1.4e+03 ms, (err=12.2 ms)", "0 ms", 1200, 1300, 1400, 0, true},
        {"0.0019/0.0026/0.0123 , (err=0.0122 )", "0.001 ", 1.9, 2.6, 12.3, 1, true},
        {"26.2/100/1.35e+03 us, (unsync)", "100 us", 0.0262, 0.1, 1.35, 0.1, false},
        {"1e+06/2e+06/3e+06 ns, (unsync)", "5e+05 ns", 1, 2, 3, 0.5, false},
        {"nan/nan/nan ms, (unsync)", "nan ms", NAN, NAN, NAN, NAN, false},
        {"0.1/nan/0.3 ms, (err=nan ms)", "nan ms", 0.1, NAN, 0.3, NAN, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, REPORT("0 sent, 0 lost (nan%%), 0 duplicates", "%s", "%s"), cases[i].delay,
                 cases[i].jitter);
        struct tb_latency *latency = read_good(text);
        assert_int_equal(latency->session_count, 1);
        const struct tb_latency_session *session = &latency->sessions[0];
        assert_true(same(session->minimum_ms, cases[i].minimum) && same(session->median_ms, cases[i].median));
        assert_true(same(session->maximum_ms, cases[i].maximum) && same(session->jitter_ms, cases[i].jitter_ms));
        assert_int_equal(session->synchronised, cases[i].synchronised);
        tb_latency_free(latency);
    }
}

/* -v prints a header, the packets, and then the whole report. */
static void verbose_report_is_one_session(void **state)
{
    (void)state;
    struct tb_latency *latency =
        read_good("\n" HEADER "seq_no=0          delay=2.1 ms\t(sync, err=12.2 ms)\nseq_no=2          *LOST*\n" GOOD
                  "Percentiles:\n\t5.0: 0.1 ms\n\t95.0: 0.3 ms\nHops = 14 (consistently)\n"
                  "hops takes 2 values; min hops = 3, max hops = 4\nTTL not reported\n"
                  "1-reordering = 5.000000%\nno 2-reordering\nJ-reordering not handled\n");
    assert_int_equal(latency->session_count, 1);
    assert_int_equal(latency->sessions[0].sent, 40);
    assert_int_equal(latency->account.skipped, 0);
    tb_latency_free(latency);
}

#define SUMMARY                                                                                                        \
    "SUMMARY\t3.00\nSID\t7f000001eeadd2f2e3e586019df0b417\nFROM_HOST\tlocalhost\nFROM_ADDR\t127.0.0.1\n"               \
    "FROM_PORT\t8971\nTO_HOST\tpeer\nTO_ADDR\t127.0.0.9\nTO_PORT\t9652\nSTART_TIME\t17198634535642954776\n"            \
    "BUCKET_WIDTH\t0.00001\nSESSION_FINISHED\t1\nSENT\t100\nSYNC\t1\nMAXERR\t4.65661e-10\nDUPS\t2\nLOST\t3\n"          \
    "MIN\t1.5e-05\nMEDIAN\t0.0001\nMAX\t0.000145912\nPDV\t0.0002\n<BUCKETS>\n\t1\t95\n\t-2\t5\n</BUCKETS>\n"           \
    "MINTTL\t255\nMAXTTL\t255\n<TTLBUCKETS>\n\t255\t100\n</TTLBUCKETS>\n\n<NREORDERING>\n\t1\t0\n</NREORDERING>\n"

static void summary_for_machines(void **state)
{
    (void)state;
    struct tb_latency *latency =
        read_good("Approximately 3.3 seconds\n" SUMMARY SUMMARY
                  "SUMMARY\t3.00\nSENT\t5\nSYNC\t0\nDUPS\t0\nLOST\t5\nMINTTL\t255\nMAXTTL\t0\n");
    assert_int_equal(latency->form, TB_LATENCY_SUMMARY);
    assert_int_equal(latency->session_count, 3);
    const struct tb_latency_session *session = &latency->sessions[0];
    assert_string_equal(session->from, "localhost");
    assert_string_equal(session->to, "peer");
    assert_string_equal(session->from_address, "127.0.0.1");
    assert_string_equal(session->to_address, "127.0.0.9");
    assert_int_equal(session->sent, 100);
    assert_int_equal(session->lost, 3);
    assert_int_equal(session->duplicates, 2);
    assert_true(session->synchronised);
    assert_true(same(session->minimum_ms, 0.015) && same(session->median_ms, 0.1));
    assert_true(same(session->maximum_ms, 0.145912) && same(session->jitter_ms, 0.2));
    assert_true(same(session->bucket_width_ms, 0.01));
    session = &latency->sessions[2];
    assert_int_equal(session->lost, 5);
    assert_true(isnan(session->minimum_ms) && isnan(session->jitter_ms) && session->bucket_width_ms == 0.1);
    assert_int_equal(latency->account.damage, TB_DAMAGE_NONE);
    assert_int_equal(latency->account.skipped, 0);
    tb_latency_free(latency);
}

/* Send time of packet n, and units of 2^-32 s that make ms milliseconds. */
static uint64_t send_time(unsigned n)
{
    return UINT64_C(16910404159492272276) + n * UINT64_C(42949673);
}

static uint64_t units(double ms)
{
    return (uint64_t)llround(ms / 1000 * 4294967296.0);
}

static size_t put_raw(char *text, size_t size, unsigned sequence, double delay_ms, int synchronised)
{
    const uint64_t sent = send_time(sequence);
    const uint64_t received = isnan(delay_ms) ? 0 : delay_ms < 0 ? sent - units(-delay_ms) : sent + units(delay_ms);
    return (size_t)snprintf(text, size, "%u %llu %d 0.00610352 %020llu %d 0.00610352 250\n", sequence,
                            (unsigned long long)sent, synchronised, (unsigned long long)received, synchronised);
}

/* Ten delays of 0.05 .. 0.95 ms: exact and owping's own numbers. */
static void raw_records(void **state)
{
    (void)state;
    char text[8192];
    size_t used = 0;
    for (unsigned i = 0; i < 20; i++)
        used += put_raw(text + used, sizeof text - used, i, 0.05 + 0.1 * i, 1);
    used += put_raw(text + used, sizeof text - used, 3, 9.0, 1); /* another copy */
    struct tb_latency *latency = read_good(text);
    assert_int_equal(latency->form, TB_LATENCY_RAW);
    assert_int_equal(latency->session_count, 1);
    const struct tb_latency_session *session = &latency->sessions[0];
    assert_string_equal(session->from, "");
    assert_int_equal(session->sent, 20);
    assert_int_equal(session->lost, 0);
    assert_int_equal(session->duplicates, 1);
    assert_true(session->synchronised);
    assert_true(fabs(session->minimum_ms - 0.05) < 1e-6 && fabs(session->maximum_ms - 9.0) < 1e-6);
    assert_true(fabs(session->exact_median_ms - 0.95) < 1e-6); /* the 10th of 20 */
    assert_true(fabs(session->exact_jitter_ms - 0.9) < 1e-6);  /* the 19th, 1.85, less the 10th */
    assert_true(session->median_ms == 1.0);
    assert_true(session->jitter_ms == 0.9);
    tb_latency_free(latency);
}

static void losses_are_infinitely_late(void **state)
{
    (void)state;
    static const struct {
        unsigned lost;
        bool median, jitter;
    } cases[] = {{0, true, true},   {1, true, true},    {2, true, false},
                 {10, true, false}, {11, false, false}, {20, false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[8192];
        size_t used = 0;
        for (unsigned n = cases[i].lost; n < 20; n++)
            used += put_raw(text + used, sizeof text - used, n, -0.25, 0);
        for (unsigned n = 0; n < cases[i].lost; n++) /* those lost come last */
            used += put_raw(text + used, sizeof text - used, n, NAN, 0);
        struct tb_latency *latency = read_good(text);
        assert_int_equal(latency->session_count, 1);
        const struct tb_latency_session *session = &latency->sessions[0];
        assert_int_equal(session->sent, 20);
        assert_int_equal(session->lost, cases[i].lost);
        assert_int_equal(isnan(session->median_ms), !cases[i].median);
        assert_int_equal(isnan(session->exact_median_ms), !cases[i].median);
        assert_int_equal(isnan(session->jitter_ms), !cases[i].jitter);
        if (cases[i].median) /* away from zero */
            assert_true(session->median_ms == -0.3 && fabs(session->exact_median_ms + 0.25) < 1e-6);
        assert_false(session->synchronised);
        tb_latency_free(latency);
    }
}

/* Clocks half of all time apart: the difference of two delays needs one bit more. */
static void extreme_times(void **state)
{
    (void)state;
    struct tb_latency *latency = read_good("0 1 0 0.1 9223372036854775808 0 0.1 250\n"
                                           "1 9223372036854775809 0 0.1 1 0 0.1 250\n");
    assert_true(fabs(latency->sessions[0].exact_jitter_ms / (4294967296.0 * 1000) - 1) < 1e-12);
    assert_true(latency->sessions[0].minimum_ms < 0 && latency->sessions[0].maximum_ms > 0);
    tb_latency_free(latency);
}

/* The second session sends the same numbers at other times. */
static void raw_sessions_part_where_numbers_come_again(void **state)
{
    (void)state;
    char text[8192];
    size_t used = 0;
    static const unsigned first[] = {1, 0, 2, 4, 3};
    for (size_t i = 0; i < 5; i++)
        used += put_raw(text + used, sizeof text - used, first[i], 1, 0);
    for (unsigned i = 0; i < 3; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%u %llu 0 0.1 %llu 0 0.1 250\n", i,
                                 (unsigned long long)send_time(1000 + i),
                                 (unsigned long long)send_time(1000 + i) + units(2));
    struct tb_latency *latency = read_good(text);
    assert_int_equal(latency->session_count, 2);
    assert_int_equal(latency->sessions[0].sent, 5);
    assert_int_equal(latency->sessions[1].sent, 3);
    assert_true(fabs(latency->sessions[1].exact_median_ms - 2) < 1e-6);
    tb_latency_free(latency);
}

static void put_be(uint8_t *data, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

enum { OWP_HEADER = 184, OWP_RECORD = 25, OWP_MOST = 8192 };

struct owp {
    uint8_t data[OWP_MOST];
    size_t size;
};

static void owp_start(struct owp *owp, uint32_t records, uint32_t skips, uint64_t skip_offset)
{
    memset(owp, 0, sizeof *owp);
    memcpy(owp->data, "OwA", 4);
    put_be(owp->data + 4, 3, 4);
    put_be(owp->data + 8, 1, 4);
    put_be(owp->data + 16, skips, 4);
    put_be(owp->data + 20, records, 4);
    put_be(owp->data + 24, skip_offset, 8);
    put_be(owp->data + 32, OWP_HEADER, 8);
    owp->data[41] = 4;
    memcpy(owp->data + 56, "\x0a\x09\x00\x01", 4);
    memcpy(owp->data + 72, "\x0a\x09\x00\x02", 4);
    put_be(owp->data + 44, 1, 4);
    owp->size = OWP_HEADER;
}

static void owp_record(struct owp *owp, unsigned sequence, double delay_ms)
{
    uint8_t *record = owp->data + owp->size;
    put_be(record, sequence, 4);
    put_be(record + 4, 0x9101, 2);
    put_be(record + 6, 0x9101, 2);
    put_be(record + 8, send_time(sequence), 8);
    put_be(record + 16, isnan(delay_ms) ? 0 : send_time(sequence) + units(delay_ms), 8);
    record[24] = 255;
    owp->size += OWP_RECORD;
}

static void owp_skip(struct owp *owp, uint32_t first, uint32_t last)
{
    put_be(owp->data + owp->size, first, 4);
    put_be(owp->data + owp->size + 4, last, 4);
    owp->size += 8;
}

static void owp_file(void **state)
{
    (void)state;
    struct owp owp;
    struct tb_latency *latency;
    owp_start(&owp, 22, 2, OWP_HEADER + 22 * OWP_RECORD);
    for (unsigned i = 0; i < 20; i++)
        owp_record(&owp, i, i == 7 ? NAN : 0.05 + 0.1 * i);
    owp_record(&owp, 0, 5);
    owp_record(&owp, 25, 77); /* never sent */
    owp_skip(&owp, 30, 40);
    owp_skip(&owp, 24, 31);
    assert_int_equal(read_bytes(owp.data, owp.size, &latency, NULL), TB_OK);
    assert_int_equal(latency->form, TB_LATENCY_OWP);
    assert_int_equal(latency->session_count, 1);
    const struct tb_latency_session *session = &latency->sessions[0];
    assert_string_equal(session->from, "10.9.0.1");
    assert_string_equal(session->to, "10.9.0.2");
    assert_string_equal(session->to_address, "10.9.0.2");
    assert_int_equal(session->sent, 20);
    assert_int_equal(session->lost, 1);
    assert_int_equal(session->duplicates, 1);
    assert_true(session->synchronised);
    assert_true(fabs(session->maximum_ms - 5) < 1e-6);
    assert_true(fabs(session->exact_median_ms - 1.05) < 1e-6);
    assert_true(fabs(session->exact_jitter_ms - 0.9) < 1e-6);
    assert_true(session->jitter_ms == 0.9);
    assert_int_equal(latency->account.decoded, owp.size - 32); /* slots and reserve are skipped */
    assert_int_equal(latency->account.skipped, 32);
    assert_int_equal(latency->account.damage, TB_DAMAGE_NONE);
    tb_latency_free(latency);
}

/* A writer that died leaves a count of 0, and may leave half a record. */
static void owp_records_are_trusted_more_than_counts(void **state)
{
    (void)state;
    struct owp owp;
    struct tb_latency *latency;
    owp_start(&owp, 0, 0, OWP_HEADER);
    for (unsigned i = 0; i < 9; i++)
        owp_record(&owp, i, 0.05);
    for (size_t extra = 0; extra < OWP_RECORD; extra++) {
        assert_int_equal(read_bytes(owp.data, owp.size + extra, &latency, NULL), TB_OK);
        assert_int_equal(latency->sessions[0].sent, 9);
        assert_int_equal(latency->account.damaged, extra);
        assert_int_equal(latency->account.damage, extra == 0 ? TB_DAMAGE_NONE : TB_DAMAGE_TRUNCATED);
        tb_latency_free(latency);
    }
    put_be(owp.data + 20, 100, 4);
    assert_int_equal(read_bytes(owp.data, owp.size, &latency, NULL), TB_OK);
    assert_int_equal(latency->sessions[0].sent, 9);
    assert_int_equal(latency->account.damage, TB_DAMAGE_TRUNCATED);
    tb_latency_free(latency);
}

static void owp_skip_ranges_before_records(void **state)
{
    (void)state;
    struct owp owp;
    struct tb_latency *latency;
    owp_start(&owp, 3, 1, OWP_HEADER);
    put_be(owp.data + 32, OWP_HEADER + 8, 8);
    owp_skip(&owp, 1, 1);
    for (unsigned i = 0; i < 3; i++)
        owp_record(&owp, i, 0.05);
    assert_int_equal(read_bytes(owp.data, owp.size, &latency, NULL), TB_OK);
    assert_int_equal(latency->sessions[0].sent, 2);
    assert_int_equal(latency->account.damage, TB_DAMAGE_NONE);
    tb_latency_free(latency);
}

static void owp_cut_anywhere(void **state)
{
    (void)state;
    struct owp owp;
    owp_start(&owp, 5, 2, OWP_HEADER + 5 * OWP_RECORD);
    for (unsigned i = 0; i < 5; i++)
        owp_record(&owp, i, 0.05);
    owp_skip(&owp, 10, 12);
    owp_skip(&owp, 20, 22);
    for (size_t cut = 4; cut < owp.size; cut++) {
        struct tb_latency *latency;
        assert_int_equal(read_bytes(owp.data, cut, &latency, NULL), TB_OK);
        assert_int_equal(latency->account.damage, cut < 152 ? TB_DAMAGE_UNREADABLE : TB_DAMAGE_TRUNCATED);
        assert_int_equal(latency->session_count, cut < 152 ? 0 : 1);
        const size_t records = cut < OWP_HEADER ? 0 : (cut - OWP_HEADER) / OWP_RECORD;
        if (cut >= 152)
            assert_int_equal(latency->sessions[0].sent, records < 5 ? records : 5);
        tb_latency_free(latency);
    }
}

static void owp_that_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t offset;
        uint64_t value;
        size_t bytes;
        enum tb_status status;
    } cases[] = {
        {4, 2, 4, TB_UNSUPPORTED},
        {4, 0, 4, TB_UNSUPPORTED},
        {4, 0x83, 4, TB_UNSUPPORTED},
        {32, 100, 8, TB_CORRUPT},
        {24, 100, 8, TB_CORRUPT},
        {24, OWP_HEADER, 8, TB_CORRUPT},
        {24, OWP_HEADER - 4, 8, TB_CORRUPT},
        {32, UINT64_MAX, 8, TB_OK},
        {24, UINT64_MAX, 8, TB_OK},
        {16, UINT32_MAX, 4, TB_OK},
        {20, UINT32_MAX, 4, TB_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct owp owp;
        struct tb_latency *latency = NULL;
        owp_start(&owp, 2, 1, OWP_HEADER + 2 * OWP_RECORD);
        owp_record(&owp, 0, 1);
        owp_record(&owp, 1, 1);
        owp_skip(&owp, 5, 5);
        put_be(owp.data + cases[i].offset, cases[i].value, cases[i].bytes);
        assert_int_equal(read_bytes(owp.data, owp.size, &latency, NULL), cases[i].status);
        if (cases[i].status == TB_OK)
            assert_int_not_equal(latency->account.damage, TB_DAMAGE_NONE);
        tb_latency_free(latency);
    }
}

static void other_and_broken_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tb_status status;
        size_t sessions;
        enum tb_damage damage;
    } cases[] = {
        {"", TB_TRUNCATED, 0, 0},
        {"hello\n", TB_UNSUPPORTED, 0, 0},
        {"1 2 3\n", TB_UNSUPPORTED, 0, 0},
        {"--- twping statistics from [a]:1 to [b]:2 ---\n", TB_UNSUPPORTED, 0, 0},
        {"{\"schema\":1,\"packets-sent\":100,\"histogram-latency\":{\"0.1\":95}}\n", TB_UNSUPPORTED, 0, 0},
        {"5 packets transmitted\n--- h ping statistics ---\n", TB_UNSUPPORTED, 0, 0},
        {"Approximately 6.7 seconds until results available\n", TB_OK, 0, TB_DAMAGE_UNREADABLE},
        {HEADER TIMES, TB_OK, 0, TB_DAMAGE_UNREADABLE},
        {HEADER TIMES REPORT_OF("2222", GOOD_COUNTS), TB_OK, 1, TB_DAMAGE_TRUNCATED}, /* of another session */
        {HEADER TIMES GOOD, TB_OK, 1, TB_DAMAGE_NONE}, /* -v of a session without packets */
        {"--- owping statistics from [a]:1 to [b]:2 ---\n" GOOD, TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {GOOD HEADER, TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {GOOD HEADER "40 sent, 0 lost (0.000%), 0 dupl", TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {HEADER "40 sent, 41 lost (0.000%), 0 duplicates\n", TB_CORRUPT, 0, 0},
        {HEADER "40 sent, -1 lost (0.000%), 0 duplicates\n", TB_CORRUPT, 0, 0},
        {HEADER "one-way delay min/median/max = 1/2 ms, (unsync)\n", TB_CORRUPT, 0, 0},
        {HEADER "one-way delay min/median/max = 1/2/inf ms, (unsync)\n", TB_CORRUPT, 0, 0},
        {HEADER "one-way delay min/median/max = 1/2/3 h, (unsync)\n", TB_CORRUPT, 0, 0},
        {HEADER "one-way delay min/median/max = 1/2/3 ms, unsync\n", TB_CORRUPT, 0, 0},
        {HEADER "one-way jitter = x ms (P95-P50)\n", TB_CORRUPT, 0, 0},
        {"--- owping statistics from localhost to peer ---\n", TB_CORRUPT, 0, 0},
        {SUMMARY "SUMMARY\t3.00\nSENT\t5\n", TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {SUMMARY "SUMMARY\t3.00\nSENT\t5\nLOST\t1", TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {"SUMMARY\t3.00\nSENT\tx\n", TB_CORRUPT, 0, 0},
        {"SUMMARY\t3.00\nSENT_FWD\t1\n", TB_UNSUPPORTED, 0, 0},
        {"0 1 1 0.1 2 1 0.1 250\n1 1 1 0.1\n", TB_CORRUPT, 0, 0},
        {"0 1 1 0.1 2 1 0.1 250\n1 1 1 0.1", TB_OK, 1, TB_DAMAGE_TRUNCATED},
        {"0 1 1 0.1 2 1 0.1 250\n4294967296 1 1 0.1 2 1 0.1 250\n", TB_CORRUPT, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tb_latency *latency = NULL;
        struct tb_error error = {0};
        const enum tb_status status = read_bytes(cases[i].text, strlen(cases[i].text), &latency, &error);
        if (status != cases[i].status)
            fail_msg("case %zu: %s: %s", i, tb_status_name(status), error.text);
        if (status == TB_OK) {
            assert_int_equal(latency->session_count, cases[i].sessions);
            assert_int_equal(latency->account.damage, cases[i].damage);
        }
        tb_latency_free(latency);
    }
}

static void sessions_without_jitter_are_counted(void **state)
{
    (void)state;
    struct tb_latency *latency =
        read_good(GOOD REPORT("100 sent, 6 lost (6.000%), 0 duplicates", "0.1/0.2/0.3 ms, (unsync)", "nan ms")
                      REPORT("0 sent, 0 lost (0.000%), 0 duplicates", "nan/nan/nan ms, (unsync)", "nan ms"));
    assert_int_equal(latency->session_count, 3);
    assert_int_equal(tb_latency_without_jitter(latency->sessions, latency->session_count), 2);
    assert_int_equal(tb_latency_without_jitter(latency->sessions, 1), 0);
    assert_int_equal(tb_latency_without_jitter(NULL, 0), 0);
    tb_latency_free(latency);
}

static void survives_packing(void **state)
{
    (void)state;
    struct tb_latency *latency = read_good(GOOD GOOD), *back = NULL;
    strcpy(latency->sessions[1].to_address, "::9");
    struct tb_buffer first = {0}, second = {0};
    tb_latency_pack(latency, &first);
    struct tb_bytes bytes;
    for (size_t size = 0; size < first.size; size++) {
        bytes = tb_bytes_packed(first.data, size);
        assert_false(tb_latency_unpack(&back, &bytes));
    }
    bytes = tb_bytes_packed(first.data, first.size);
    assert_true(tb_latency_unpack(&back, &bytes));
    assert_int_equal(back->session_count, 2);
    assert_string_equal(back->sessions[1].to, "::1");
    assert_string_equal(back->sessions[1].to_address, "::9");
    tb_latency_pack(back, &second);
    assert_same_packed(&first, &second);
    tb_latency_free(back);
    tb_latency_free(latency);
}

static void recorded_reports(void **state)
{
    (void)state;
    const struct recorded_path pattern = require_recorded("campaigns");
    char text[PATH_MAX + 32];
    snprintf(text, sizeof text, "%s/*/*/*/rep-*/owping.txt", pattern.text);
    glob_t files;
    assert_int_equal(glob(text, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct tb_source *source;
        struct tb_latency *latency;
        struct tb_error error = {0};
        assert_int_equal(tb_source_open(files.gl_pathv[i], &source, &error), TB_OK);
        if (tb_latency_read(source, &latency, &error) != TB_OK)
            fail_msg("%s", error.text);
        tb_source_close(source);
        assert_int_equal(latency->session_count, 2);
        assert_int_equal(latency->account.decoded, latency->account.file_bytes);
        assert_int_equal(latency->account.damage, TB_DAMAGE_NONE);
        for (size_t j = 0; j < 2; j++)
            assert_true(latency->sessions[j].sent > 0 &&
                        latency->sessions[j].maximum_ms >= latency->sessions[j].minimum_ms);
        tb_latency_free(latency);
    }
    print_message("%zu recorded owping.txt read\n", files.gl_pathc);
    globfree(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_report),
        cmocka_unit_test(units_and_missing_values),
        cmocka_unit_test(verbose_report_is_one_session),
        cmocka_unit_test(summary_for_machines),
        cmocka_unit_test(raw_records),
        cmocka_unit_test(losses_are_infinitely_late),
        cmocka_unit_test(extreme_times),
        cmocka_unit_test(raw_sessions_part_where_numbers_come_again),
        cmocka_unit_test(owp_file),
        cmocka_unit_test(owp_records_are_trusted_more_than_counts),
        cmocka_unit_test(owp_skip_ranges_before_records),
        cmocka_unit_test(owp_cut_anywhere),
        cmocka_unit_test(owp_that_is_refused),
        cmocka_unit_test(other_and_broken_texts),
        cmocka_unit_test(sessions_without_jitter_are_counted),
        cmocka_unit_test(survives_packing),
        cmocka_unit_test(recorded_reports),
    };
    return cmocka_run_group_tests_name("latency", tests, NULL, NULL);
}
