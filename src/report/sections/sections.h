/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_SECTIONS_H
#define TWINBED_REPORT_SECTIONS_H

/* The parts of the page, in their order. Each writes what it can; the page
 * remembers whether writing failed, or memory was short. */

#include "plots.h"
#include "report/view/view.h"
#include "report/widgets/html.h"
#include "report/widgets/metric_table.h"

void tb_section_style(struct tb_html *html);
/* The first screen: what became of each testbed, in a sentence, a bar and one picture. */
void tb_section_summary(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
/* The verdicts on the metrics of a level, "application", "operating system" or "network": those of the published tables,
 * and, folded away, all. The first level explains the signs. */
void tb_section_matrix(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots,
                       const char *level);
void tb_section_published(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
void tb_section_walks(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
/* Nothing, when the campaign asks for no profile. */
void tb_section_walk_profiles(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
void tb_section_chains(struct tb_html *html, const struct tb_view *view);
void tb_section_chain_comparisons(struct tb_html *html, const struct tb_view *view);
void tb_section_run_distances(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
void tb_section_call_differences(struct tb_html *html, const struct tb_view *view);
void tb_section_walk_differences(struct tb_html *html, const struct tb_view *view);
void tb_section_overhead(struct tb_html *html, const struct tb_view *view);
void tb_section_sensitivity(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
void tb_section_outlying(struct tb_html *html, const struct tb_view *view);
/* What has no value and why, and which records of one thing agree. */
void tb_section_quality(struct tb_html *html, const struct tb_view *view);
/* What kernel logs tell, beside what stood still in the captures; nothing without kernel logs. */
void tb_section_kernel_events(struct tb_html *html, const struct tb_view *view);
void tb_section_runs(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots);
void tb_section_provenance(struct tb_html *html, const struct tb_view *view);
void tb_section_loading(struct tb_html *html, const struct tb_view *view);

#endif
