/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_COUNTER_SNAPSHOT_H
#define TWINBED_SRC_APP_COUNTER_SNAPSHOT_H

#include "counter_list.h"

/* A text with a counter a line: "rx_packets: 12" of ethtool -S, "exits 12", "/sys/kernel/debug/kvm/exits:12". The list is
 * sorted; what stands before kvm/ is left out of names. TB_UNSUPPORTED when a line is something else. */
TB_MUST_USE enum tb_status tb_counter_snapshot_read(struct tb_source *source, struct counter_list *list,
                                                    struct tb_account *account, struct tb_error *error);

#endif
