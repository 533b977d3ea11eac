/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "member_search.h"

#include <string.h>

/* As much as there is; 0 also when nothing can be read. */
static size_t fill_view(const struct tb_raw *raw, uint64_t offset, uint8_t *view)
{
    struct tb_raw from = *raw;
    from.position = offset;
    size_t size = 0, got = 1;
    while (size < TB_SEARCH_VIEW && got != 0)
        if (tb_raw_read(&from, view + size, TB_SEARCH_VIEW - size, &got, NULL) == TB_OK)
            size += got;
        else
            got = 0;
    return size;
}

/* Index of the first beginning before limit, or limit. */
static size_t search_view(const struct tb_source_kind *kind, const uint8_t *view, size_t size, size_t limit)
{
    for (size_t at = 0; at < limit; at++) {
        const uint8_t *const candidate = memchr(view + at, kind->first_byte, limit - at);
        if (candidate == NULL)
            return limit;
        at = (size_t)(candidate - view);
        if (kind->looks_begun(candidate, size - at))
            return at;
    }
    return limit;
}

bool tb_member_search(const struct tb_source_kind *kind, const struct tb_raw *raw, uint64_t from, uint64_t to,
                      uint8_t *view, uint64_t *found)
{
    while (from < to && from < raw->size) {
        const size_t size = fill_view(raw, from, view);
        size_t limit = size < TB_SEARCH_VIEW ? size : TB_SEARCH_VIEW - TB_SEARCH_BEHIND;
        limit = to - from < limit ? (size_t)(to - from) : limit;
        const size_t at = search_view(kind, view, size, limit);
        *found = from + at;
        if (at < limit)
            return true;
        if (size < TB_SEARCH_VIEW)
            return false;
        from += limit;
    }
    return false;
}
