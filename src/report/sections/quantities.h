/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_QUANTITIES_H
#define TWINBED_REPORT_QUANTITIES_H

#include "plots.h"
#include "report/view/view.h"
#include "report/widgets/html.h"

/* The pictures of the headline quantities of a level; nothing where it has none. */
void tb_section_quantities(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                           const char *level);

/* The same for distributions within runs. */
void tb_section_distributions(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                              const char *level);

#endif
