/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_BASE_HUGE_PAGES_H
#define TWINBED_SRC_BASE_HUGE_PAGES_H

/* Room for what grows with the input, in huge pages where the system has some to give.
 *
 * The first touch of a page is a fault, which in a virtual machine costs several microseconds more: as much as decoding
 * twenty packets. A huge page takes one fault where 512 small ones take 512, and one entry of the address table. What is
 * small should not ask for any: a huge page is cleared whole, however little of it is used. */

#include <stdbool.h>
#include <stddef.h>

#include "twinbed/base/status.h"

/* Bytes of a huge page on x86-64. */
enum { TB_HUGE_PAGE = 2 << 20 };

/* Room for size bytes, not initialised, in huge pages when it takes one at least; to be freed with free(). NULL when
 * memory is short. */
void *tb_huge_pages_make(size_t size);

/* Takes all pages of the room at once, one fault for each kind of page it was given. Where the system cannot, they come
 * when they are touched. */
void tb_huge_pages_populate(void *room, size_t size);

/* As tb_array_reserve, in such room. */
TB_MUST_USE bool tb_huge_pages_reserve(void *items, size_t *capacity, size_t needed, size_t item_size);

#endif
