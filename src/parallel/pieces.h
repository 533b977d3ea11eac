/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_PARALLEL_PIECES_H
#define TWINBED_PARALLEL_PIECES_H

/* The exchanges of team.h with a limit on the bytes of one MPI call, which is
 * counted in int there (exchange.c). Tests lower the limit. */

#include "twinbed/parallel/team.h"

/* Bytes of one MPI call, below what an int counts. */
enum { TB_PIECE_LIMIT = 1 << 30 };

/* As tb_team_broadcast, tb_team_gather and tb_team_exchange (team.h), with at most limit bytes in one MPI call.
 * Collective; limit is the same on all ranks. */
TB_MUST_USE enum tb_status tb_broadcast_in_pieces(const struct tb_team *team, struct tb_buffer *buffer, int limit,
                                                  struct tb_error *error);

TB_MUST_USE enum tb_status tb_gather_in_pieces(const struct tb_team *team, const struct tb_buffer *local,
                                               bool everywhere, int limit, struct tb_buffer *gathered, uint64_t *begins,
                                               struct tb_error *error);

TB_MUST_USE enum tb_status tb_exchange_in_pieces(const struct tb_team *team, struct tb_buffer *outgoing, int limit,
                                                 struct tb_buffer *received, struct tb_error *error);

#endif
