/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_IO_GZIP_SUM_H
#define TWINBED_SRC_IO_GZIP_SUM_H

#include <stdint.h>

/* The check sum (CRC-32 of RFC 1952) of bytes from that of those before, and that of the size bytes behind them. */
uint32_t tb_gzip_sum_join(uint32_t before, uint32_t behind, uint64_t size);

#endif
