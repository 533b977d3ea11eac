/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_PACKET_FILTER_WORDS_H
#define TWINBED_SRC_PACKET_FILTER_WORDS_H

/* libpcap looks the names of hosts and networks in a filter up, which asks a name server from wherever the job happens to
 * run: the answer may differ from rank to rank, or never come. Expressions with such names are refused before libpcap sees
 * them; an expression is short, too, as libpcap's memory grows with the square of its length. */

#include "twinbed/base/status.h"

/* Bytes; longer ones are refused. */
enum { TB_FILTER_LENGTH = 4096 };

/* TB_USAGE, with the word or the length, when the expression is not to be compiled. */
TB_MUST_USE enum tb_status tb_filter_check_words(const char *expression, struct tb_error *error);

#endif
