/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_ERROR_NAMES_H
#define TWINBED_TRACER_ERROR_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The number of an error as Linux names it ("EAGAIN": 11), also of those that only tracers see ("ERESTARTSYS": 512); 0 for
 * any other text. */
int64_t tb_error_number(const uint8_t *name, size_t size);

#endif
