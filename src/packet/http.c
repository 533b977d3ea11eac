/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http.h"

#include <stddef.h>
#include <string.h>

enum { REQUESTS_MAX = 255 };

bool tb_http_is_reply(const uint8_t *data, uint32_t size)
{
    static const char beginning[] = {'H', 'T', 'T', 'P', '/', '1', '.'};
    return size >= sizeof beginning && memcmp(data, beginning, sizeof beginning) == 0;
}

static bool is_request(const uint8_t *data, size_t size)
{
    static const char *const methods[] = {"GET ",     "POST ",  "HEAD ",    "PUT ",  "DELETE ",
                                          "OPTIONS ", "PATCH ", "CONNECT ", "TRACE "};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        const size_t length = strlen(methods[i]);
        if (size >= length && memcmp(data, methods[i], length) == 0)
            return true;
    }
    return false;
}

unsigned tb_http_requests(const uint8_t *data, uint32_t size)
{
    if (size == 0 || !tb_http_may_begin(data[0]) || !is_request(data, size))
        return 0;
    unsigned count = 0;
    const uint8_t *const end = data + size;
    while (count < REQUESTS_MAX && is_request(data, (size_t)(end - data))) {
        count++;
        const uint8_t *head_end = memmem(data, (size_t)(end - data), "\r\n\r\n", 4);
        if (head_end == NULL)
            break;
        data = head_end + 4;
    }
    return count;
}
