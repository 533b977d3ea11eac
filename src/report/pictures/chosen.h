/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_CHOSEN_H
#define TWINBED_REPORT_CHOSEN_H

/* What is drawn where all would be too many: that with the greatest weight. */

#include <stddef.h>

enum { TB_CHOSEN_MOST = 12 };

struct tb_chosen {
    size_t items[TB_CHOSEN_MOST]; /* in the order in which they were offered */
    double weight[TB_CHOSEN_MOST];
    size_t count;
    size_t left_out;
};

/* limit: at most so many stay. */
void tb_chosen_offer(struct tb_chosen *chosen, size_t limit, size_t item, double weight);

#endif
