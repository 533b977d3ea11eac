/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls.h"

#include "packet.h"
#include "twinbed/base/bytes.h"

/* Of records (RFC 5246, 6.2.3), and of a Finished of TLS 1.3 with its type and tag, by the two lengths of hashes. */
enum { RECORD_LENGTH_MAX = (1 << 14) + 2048, FINISHED_256 = 53, FINISHED_384 = 69 };

/* Of a hello (RFC 8446, 4.1.2 and 4.1.3): where parts of it stand. */
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, HELLO_HEAD = 4, HELLO_SESSION = 38, SESSION_MAX = 32 };
enum { EXTENSION_HEAD = 4, EXTENSION_VERSIONS = 43, VERSION_1_3 = 0x0304 };

static bool is_record(const uint8_t *data, uint32_t size)
{
    return size >= TB_TLS_HEAD && tb_tls_may_begin(data[0]) && data[1] == 3 && data[2] <= 4 &&
           tb_load_be16(data + 3) != 0 && tb_load_be16(data + 3) <= RECORD_LENGTH_MAX;
}

/* In encrypted handshake messages other bytes stand there. */
static bool is_hello(const uint8_t *data, uint32_t size)
{
    return size >= HELLO_HEAD + 2 && (data[0] == CLIENT_HELLO || data[0] == SERVER_HELLO) && data[1] == 0 &&
           data[4] == 3 && data[5] <= 4;
}

/* Extensions that begin there choose TLS 1.3. */
static bool chooses_1_3(const uint8_t *data, uint32_t size)
{
    while (size >= EXTENSION_HEAD + 2) {
        const uint32_t length = EXTENSION_HEAD + (uint32_t)tb_load_be16(data + 2);
        if (tb_load_be16(data) == EXTENSION_VERSIONS)
            return length == EXTENSION_HEAD + 2 && tb_load_be16(data + EXTENSION_HEAD) == VERSION_1_3;
        if (length > size)
            break;
        data += length;
        size -= length;
    }
    return false;
}

/* A server's hello: behind its session stand two bytes of the cipher, one of the compression, and the length of the
 * extensions. */
static bool hello_chooses_1_3(const uint8_t *data, uint32_t size)
{
    if (data[0] != SERVER_HELLO || size <= HELLO_SESSION || data[HELLO_SESSION] > SESSION_MAX)
        return false;
    const uint32_t extensions = HELLO_SESSION + 1 + (uint32_t)data[HELLO_SESSION] + 5;
    return size > extensions && chooses_1_3(data + extensions, size - extensions);
}

static unsigned hello_messages(const uint8_t *data, uint32_t size)
{
    if (!is_hello(data, size))
        return 0;
    return hello_chooses_1_3(data, size) ? TB_MESSAGE_TLS_HELLO | TB_MESSAGE_TLS_1_3 : TB_MESSAGE_TLS_HELLO;
}

unsigned tb_tls_messages(const uint8_t *data, uint32_t size)
{
    unsigned found = 0;
    bool finished = false;
    for (uint32_t length; is_record(data, size); data += length, size -= length) {
        const uint32_t content = tb_load_be16(data + 3), kept = size - TB_TLS_HEAD;
        length = TB_TLS_HEAD + content;
        if (data[0] == TB_TLS_HANDSHAKE)
            found |= hello_messages(data + TB_TLS_HEAD, content < kept ? content : kept);
        if (data[0] == TB_TLS_DATA && content != TB_TLS_HIDDEN_ALERT) {
            found |= TB_MESSAGE_TLS_DATA | (finished ? TB_MESSAGE_TLS_BEHIND_FINISHED : 0U);
            finished = finished || content == FINISHED_256 || content == FINISHED_384;
        }
        if (length > size)
            break;
    }
    return found;
}
