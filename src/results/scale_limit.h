/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_SCALE_LIMIT_H
#define TWINBED_RESULTS_SCALE_LIMIT_H

#include <stdint.h>

/* Items up to which dimension scales count in 32 bits; more only of flows, in 64. For tests, which lower it, the same on every
 * rank; INT32_MAX. In layout.c. */
extern uint64_t tb_narrow_scale_most;

#endif
