/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_HASH_SEED_H
#define TWINBED_SRC_PACKET_HASH_SEED_H

/* Who makes a capture may choose all endpoints in it. With a hash that is known
 * they could be such that all fall into one place of a table, and each look-up
 * goes past all of them. So tables are seeded; nothing else may depend on it. */

#include <stdint.h>

/* A number that nobody knows ahead; never 0. */
uint64_t tb_hash_seed(void);

#endif
