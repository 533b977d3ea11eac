/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Connections of TLS and HTTP/2, segment by segment, and what is counted of them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixtures/packet_writer.h"
#include "packet/http2.h"
#include "packet/packet.h"
#include "packet/tls.h"

/* What becomes of a segment: it is recorded, it is recorded twice, it is lost to the capture, it is recorded behind the one
 * that was sent after it, or it is recorded in one packet with the one that its side sent before, again. */
enum fate { SEEN, REPEATED, LOST, LATE, AGAIN };

struct step {
    char from;
    const char *payload; /* hexadecimal */
    size_t more;         /* bytes behind it, without meaning */
    enum fate fate;
};

struct expected {
    unsigned tls_connections, tls_exchanges, http2_connections, http2_streams, http2_cut_frames;
};

struct connection {
    const char *name;
    struct step steps[16];
    struct expected client, server;
};

#define RANDOM "aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa "
#define CLIENT_HELLO "160301002a 01000026 0303 " RANDOM "00 1301 aa"
#define SERVER_HELLO "160303002a 02000026 0303 " RANDOM "00 1301 00"
#define SERVER_HELLO_1_3 "1603030038 02000034 0303 " RANDOM "00 1301 00 000c 0a0a 0002 1111 002b 0002 0304 "
#define CIPHER_CHANGE "1403030001 01 "
#define FINISHED                                                                                                       \
    "1703030035 aaaaaaaaaa " RANDOM                                                                                    \
    "aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa " /* 53 bytes: a hash of 32, a head, type and tag */
#define SHORT_RECORD "1703030015 aaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa aaaaaaaaaa "
#define HANDSHAKE_1_3                                                                                                  \
    {'A', CLIENT_HELLO, 0, SEEN},                                                                                      \
    {                                                                                                                  \
        'B', SERVER_HELLO_1_3 CIPHER_CHANGE "17030303e8", 1000, SEEN                                                   \
    }
#define DATA "17030300c8"
#define REQUEST                                                                                                        \
    {                                                                                                                  \
        'A', DATA, 200, SEEN                                                                                           \
    }
#define REPLY                                                                                                          \
    {                                                                                                                  \
        'B', DATA, 200, SEEN                                                                                           \
    }
#define PREFACE "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a "
#define SETTINGS "000000 04 00 00000000 000004 08 00 00000000 0000ffff "
#define HEADERS(stream) "000003 01 05 " stream " 828486 "

static const struct connection connections[] = {
    {"TLS 1.3, two exchanges, tickets behind the first request",
     {HANDSHAKE_1_3,
      {'A', CIPHER_CHANGE FINISHED, 0, SEEN},
      REQUEST,
      REPLY,
      REPLY,
      REQUEST,
      REPLY,
      {'A', "1703030013", 19, SEEN}},
     {1, 2, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"a ticket comes between the Finished and the request",
     {HANDSHAKE_1_3, {'A', CIPHER_CHANGE FINISHED, 0, SEEN}, REPLY, REQUEST, REPLY},
     {1, 1, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"Finished and request in one segment",
     {HANDSHAKE_1_3, {'A', CIPHER_CHANGE FINISHED DATA, 200, SEEN}, REPLY},
     {1, 1, 0, 0, 0},
     {1, 0, 0, 0, 0}},
    {"a client with a certificate",
     {HANDSHAKE_1_3, {'A', SHORT_RECORD SHORT_RECORD FINISHED, 0, SEEN}, REPLY, REQUEST, REPLY},
     {1, 1, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"early data",
     {{'A', CLIENT_HELLO " " CIPHER_CHANGE DATA, 200, SEEN},
      {'B', SERVER_HELLO_1_3 CIPHER_CHANGE "17030303e8", 1000, SEEN},
      {'A', SHORT_RECORD FINISHED, 0, SEEN},
      REPLY},
     {1, 1, 0, 0, 0},
     {1, 0, 0, 0, 0}},
    {"TLS 1.2",
     {{'A', CLIENT_HELLO, 0, SEEN},
      {'B', SERVER_HELLO " 16030303e8", 1000, SEEN},
      {'A', "1603030021", 33, SEEN},
      {'A', CIPHER_CHANGE "1603030028", 40, SEEN},
      {'B', CIPHER_CHANGE "1603030028", 40, SEEN},
      REQUEST,
      REPLY,
      REQUEST,
      REPLY},
     {1, 2, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"a handshake that ends in alerts",
     {{'A', CLIENT_HELLO, 0, SEEN}, {'B', "1503030002 0228", 0, SEEN}, {'A', "1503030002 0100", 0, SEEN}},
     {1, 0, 0, 0, 0},
     {0, 0, 0, 0, 0}},
    {"requests and replies recorded twice, and of several segments",
     {HANDSHAKE_1_3,
      {'A', CIPHER_CHANGE FINISHED, 0, REPEATED},
      {'A', "1703030bb8", 1000, REPEATED},
      {'A', "", 1000, SEEN},
      {'A', "", 1000, SEEN},
      {'B', "1703030bb8", 1000, SEEN},
      {'B', "", 1000, LOST},
      {'B', "", 1000, REPEATED},
      REQUEST,
      {'B', DATA, 200, REPEATED}},
     {1, 2, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"a request that the capture has not is no exchange, a reply none either",
     {HANDSHAKE_1_3,
      {'A', CIPHER_CHANGE FINISHED, 0, SEEN},
      {'A', DATA, 200, LOST},
      REPLY,
      REQUEST,
      {'B', DATA, 200, LOST},
      REQUEST,
      REPLY},
     {1, 1, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"segments of a reply in another order",
     {HANDSHAKE_1_3,
      {'A', CIPHER_CHANGE FINISHED, 0, SEEN},
      REQUEST,
      {'B', "1703030bb8", 1000, LATE},
      {'B', "", 1000, SEEN},
      {'B', "", 1000, LATE},
      REQUEST,
      REPLY},
     {1, 2, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"a request that was lost on its way and comes behind what was sent after it, its end behind the reply",
     {HANDSHAKE_1_3,
      {'A', CIPHER_CHANGE FINISHED, 0, LATE},
      {'A', "1703030bb8", 1000, LATE},
      {'A', "", 1000, SEEN},
      {'A', "", 1000, LATE},
      REPLY,
      REQUEST,
      REPLY},
     {1, 2, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"a request of two records, the second recorded behind the reply, and both sent again",
     {HANDSHAKE_1_3,
      {'A', CIPHER_CHANGE FINISHED, 0, REPEATED},
      REQUEST,
      {'A', DATA, 200, LATE},
      REPLY,
      {'A', "", 0, AGAIN},
      REQUEST,
      {'B', DATA, 200, REPEATED}},
     {1, 2, 0, 0, 0},
     {1, 1, 0, 0, 0}},
    {"what is new in a segment that begins with what was sent before is not looked at",
     {HANDSHAKE_1_3, {'A', CIPHER_CHANGE FINISHED, 0, SEEN}, REQUEST, REPLY, {'A', DATA, 200, AGAIN}, REPLY},
     {1, 1, 0, 0, 0},
     {1, 0, 0, 0, 0}},
    {"HTTP/2, streams in another order, and sent again with one that is new",
     {{'A', PREFACE HEADERS("00000001"), 0, SEEN},
      {'A', HEADERS("00000003"), 0, LATE},
      {'A', HEADERS("00000005"), 0, SEEN},
      {'A', HEADERS("00000007"), 0, AGAIN},
      {'A', HEADERS("00000009"), 0, REPEATED}},
     {0, 0, 1, 5, 0},
     {0, 0, 0, 0, 0}},
    {"HTTP/2, a preface behind the next segment",
     {{'A', PREFACE HEADERS("00000001"), 0, LATE},
      {'A', HEADERS("00000003"), 0, SEEN},
      {'A', HEADERS("00000005"), 0, SEEN}},
     {0, 0, 1, 3, 0},
     {0, 0, 0, 0, 0}},
    {"HTTP/2, several streams in a segment, a trailer, and the server's frames",
     {{'A', PREFACE SETTINGS HEADERS("00000001") HEADERS("00000003"), 0, SEEN},
      {'B', SETTINGS HEADERS("00000001") "000002 00 01 00000001 6161", 0, SEEN},
      {'A', HEADERS("00000005"), 0, SEEN},
      {'A', HEADERS("00000005"), 0, REPEATED},
      {'B', HEADERS("00000003"), 0, SEEN}},
     {0, 0, 1, 3, 0},
     {0, 0, 0, 0, 0}},
    {"a client that begins with another number",
     {{'A', PREFACE "000005 02 00 00000003 0000000010" HEADERS("0000000d"), 0, SEEN},
      {'A', HEADERS("0000000f"), 0, SEEN}},
     {0, 0, 1, 2, 0},
     {0, 0, 0, 0, 0}},
    {"streams in the middle of a segment are told by later ones, the last by the server",
     {{'A', PREFACE HEADERS("00000001") "000010 01 05 00000003 8284", 0, SEEN},
      {'A', "8686868686868686868686868686" HEADERS("00000005"), 0, SEEN},
      {'A', HEADERS("00000007") "000010 01 05 00000009 8284", 0, SEEN},
      {'A', "8686868686868686868686868686" HEADERS("0000000b"), 0, SEEN},
      {'B', HEADERS("0000000b"), 0, SEEN}},
     {0, 0, 1, 6, 2},
     {0, 0, 0, 0, 0}},
    {"no stream has a number far beyond what was sent",
     {{'A', PREFACE HEADERS("00000001"), 0, SEEN},
      {'B', HEADERS("12345679"), 0, SEEN},
      {'A', HEADERS("00000003"), 0, SEEN}},
     {0, 0, 1, 2, 0},
     {0, 0, 0, 0, 0}},
    {"frames without a preface are none",
     {{'A', HEADERS("00000001"), 0, SEEN}, {'B', HEADERS("00000001"), 0, SEEN}},
     {0, 0, 0, 0, 0},
     {0, 0, 0, 0, 0}},
    {"what only looks like records and frames",
     {{'A', "1703050014", 20, SEEN},
      {'B', "1702030014", 20, SEEN},
      {'A', "1703030000", 20, SEEN},
      {'B', PREFACE "000000 00 00 00000000", 0, SEEN},
      {'A', "000000 04 00 00000001 000003 01 05 00000001 828486", 0, SEEN},
      {'A', "000003 01 05 80000001 828486", 0, SEEN},
      {'A', "000003 01 ff 00000001 828486", 0, SEEN},
      {'A', "000003 01 05 00000002 828486", 0, SEEN}},
     {0, 0, 0, 0, 0},
     {0, 0, 1, 0, 0}},
};

enum { FIRST = 1000, SIDE_PORT = 40000, HEADERS_SIZE = 40 };

static void add_payload(struct frame *frame, const struct step *step)
{
    frame_hex(frame, step->payload);
    assert_true(frame->size + step->more <= sizeof frame->bytes);
    memset(frame->bytes + frame->size, 0x61, step->more);
    frame->size += step->more;
}

static void write_segment(struct file_writer *writer, unsigned number, bool back, const uint32_t *next,
                          const struct frame *payload, unsigned flags)
{
    struct frame frame = {.size = 0};
    frame_hex(&frame, ETHERNET "0800");
    frame_ipv4(&frame, back, 6, HEADERS_SIZE + (unsigned)payload->size, number, 0);
    frame_tcp(&frame, back, SIDE_PORT, next[back], next[!back], flags);
    memcpy(frame.bytes + frame.size, payload->bytes, payload->size);
    frame.size += payload->size;
    writer_packet(writer, FIRST_TIME + number * UINT64_C(1000000), frame.bytes, frame.size, frame.size);
}

/* What each side sent last, and what waits to be recorded. */
struct sender {
    uint32_t next[2];
    struct frame before[2];
    struct frame late;
    uint32_t late_next[2];
    bool late_back, waits;
};

static void write_step(struct file_writer *writer, unsigned *number, const struct step *step, struct sender *sender)
{
    enum { ACK = 16 };
    const bool back = step->from == 'B', waited = sender->waits;
    struct frame payload = {.size = 0};
    uint32_t begin[2] = {sender->next[0], sender->next[1]};
    if (step->fate == AGAIN) {
        payload = sender->before[back];
        begin[back] -= (uint32_t)payload.size;
    }
    const size_t repeated = payload.size;
    add_payload(&payload, step);
    for (unsigned copies = step->fate == REPEATED ? 2 : step->fate == SEEN || step->fate == AGAIN; copies > 0; copies--)
        write_segment(writer, (*number)++, back, begin, &payload, ACK);
    if (waited)
        write_segment(writer, (*number)++, sender->late_back, sender->late_next, &sender->late, ACK);
    sender->waits = step->fate == LATE;
    if (sender->waits) {
        sender->late = payload;
        sender->late_back = back;
        memcpy(sender->late_next, begin, sizeof begin);
    }
    sender->before[back] = payload;
    sender->next[back] += (uint32_t)(payload.size - repeated);
}

static void write_connection(struct file_writer *writer, const struct connection *connection)
{
    enum { SYN = 2, SYN_ACK = 18 };
    const struct frame nothing = {.size = 0};
    struct sender sender = {.next = {FIRST, 5 * FIRST}};
    unsigned number = 1;
    writer_pcap(writer, (uint32_t)PCAP_NS_MAGIC, false, 65535, 1);
    write_segment(writer, number++, false, sender.next, &nothing, SYN);
    sender.next[0]++;
    write_segment(writer, number++, true, sender.next, &nothing, SYN_ACK);
    sender.next[1]++;
    for (const struct step *step = connection->steps; step->payload != NULL; step++)
        write_step(writer, &number, step, &sender);
}

static void check_side(const char *name, const struct tb_flow_detail *detail, const struct expected *expected)
{
    const struct expected found = {(unsigned)detail->tls_connections, (unsigned)detail->tls_exchanges,
                                   (unsigned)detail->http2_connections, (unsigned)detail->http2_streams,
                                   (unsigned)detail->http2_cut_frames};
    if (memcmp(&found, expected, sizeof found) != 0)
        fail_msg("%s: TLS %u %u, HTTP/2 %u %u %u", name, found.tls_connections, found.tls_exchanges,
                 found.http2_connections, found.http2_streams, found.http2_cut_frames);
}

static void check_by(const struct connection *connection, enum tb_flow_rules rules)
{
    struct file_writer writer = {.tick = 1};
    write_connection(&writer, connection);
    struct tb_capture *capture = read_written_by(&writer, rules);
    assert_int_equal(capture->flow_count, 1);
    check_side(connection->name, &capture->flows[0].side[0].detail, &connection->client);
    check_side(connection->name, &capture->flows[0].side[1].detail, &connection->server);
    assert_int_equal(capture->flows[0].side[0].detail.requests, 0);
    tb_capture_free(capture);
    writer_free(&writer);
}

static void messages_are_counted_by_either_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(connections); i++) {
        check_by(&connections[i], TB_FLOW_RULES_TWINBED);
        check_by(&connections[i], TB_FLOW_RULES_TCPTRACE);
    }
}

/* Of payload that was cut anywhere no byte behind the cut is looked at, and what was found grows with what is there. */
static void payload_may_be_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(connections); i++)
        for (const struct step *step = connections[i].steps; step->payload != NULL; step++) {
            struct frame payload = {.size = 0};
            unsigned before = 0;
            add_payload(&payload, step);
            for (size_t size = 0; size <= payload.size; size++) {
                struct tb_http2_streams streams;
                uint8_t *copy = malloc(size + (size == 0));
                assert_non_null(copy);
                memcpy(copy, payload.bytes, size);
                const unsigned found = tb_tls_messages(copy, (uint32_t)size);
                assert_int_equal(found & before, before);
                before = found;
                const uint32_t preface = tb_http2_preface(copy, (uint32_t)size);
                (void)tb_http2_find_streams(copy + preface, (uint32_t)size - preface, &streams);
                assert_true(streams.last >= streams.first);
                free(copy);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_counted_by_either_rules),
        cmocka_unit_test(payload_may_be_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
