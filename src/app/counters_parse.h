/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTERS_PARSE_H
#define TWINBED_SRC_APP_COUNTERS_PARSE_H

#include "counter_list.h"

/* tb_counters_parse that adds counters of single devices to a list, by their names; list may be NULL. */
TB_MUST_USE enum tb_status tb_counters_parse_named(const char *name, struct tb_source *source,
                                                   struct tb_counters *absolute, struct counter_list *list,
                                                   struct tb_error *error);

#endif
