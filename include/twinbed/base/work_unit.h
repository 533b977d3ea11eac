/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_BASE_WORK_UNIT_H
#define TWINBED_BASE_WORK_UNIT_H

/* What is called a completed unit of work. Texts of ours speak of requests, as most campaigns are about a web server. Where
 * nothing is requested, as by fio, iperf3 or ping, they speak of operations: all by this one function. */

#include <stdbool.h>

#include "twinbed/base/bytes.h"
#include "twinbed/base/words.h"

#define TB_WORK_UNIT_WORDS(WORD)                                                                                       \
    WORD(TB_WORK_UNIT_REQUEST, request)                                                                                \
    WORD(TB_WORK_UNIT_OPERATION, operation)                                                                            \
    WORD(TB_WORK_UNIT_CONNECTION, connection)
enum tb_work_unit { TB_WORK_UNIT_WORDS(TB_WORD_ENUMERATOR) TB_WORK_UNITS };

/* "operation"; static. */
const char *tb_work_unit_name(enum tb_work_unit unit);
/* The unit of a name; requests for any other text, and for NULL. */
enum tb_work_unit tb_work_unit_find(const char *name);

/* Appends text with the words request, requests, Request and Requests in those of the unit; names with _ are no words. Text
 * may be markup, inside of whose tags nothing changes: *inside says whether it begins, and then whether it ends, in one. */
void tb_work_unit_words(const char *text, enum tb_work_unit unit, bool *inside, struct tb_buffer *worded);

#endif
