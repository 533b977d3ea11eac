/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_STATS_SENSITIVITY_H
#define TWINBED_STATS_SENSITIVITY_H

/* Which factor matters: how much of a metric's variance goes with the testbed,
 * with each factor, with their interaction, and with repetition.
 *
 * Terms, in this order: testbed; each factor; testbed x each factor; remaining
 * (what differs between cells beyond these: interactions of factors);
 * repetition (what differs within cells). All are categories, whatever their
 * type. Sums of squares are of Type II: what a term adds to all terms that do not
 * contain it. With the same number of values in every cell of a full design
 * they are those of the classical analysis of variance, and all shares add up
 * to 1. Formulas: docs/method.md. */

#include <stddef.h>

#include "twinbed/base/status.h"
#include "twinbed/base/words.h"
#include "twinbed/stats/summary.h"

#define TB_TERM_KIND_WORDS(WORD)                                                                                       \
    WORD(TB_TERM_TESTBED, testbed)                                                                                     \
    WORD(TB_TERM_FACTOR, factor)                                                                                       \
    WORD(TB_TERM_INTERACTION, interaction)                                                                             \
    WORD(TB_TERM_REMAINING, remaining)                                                                                 \
    WORD(TB_TERM_REPETITION, repetition)
enum tb_term_kind { TB_TERM_KIND_WORDS(TB_WORD_ENUMERATOR) };

/* The cells of a campaign: their levels of each category, where 0 is the testbed
 * and 1 + f is factor f. Levels are small integers from 0. */
struct tb_layout {
    size_t cells;
    size_t factors;       /* without the testbed */
    const size_t *levels; /* borrowed; [cell * (1 + factors) + category] */
};

/* Whether a term has numbers, and why not. */
#define TB_TERM_REASON_WORDS(WORD)                                                                                     \
    WORD(TB_TERM_TESTED, tested)                                                                                       \
    WORD(TB_TERM_NO_VALUES, no_values)      /* fewer than two values, or one that is not finite */                     \
    WORD(TB_TERM_CONSTANT, constant_metric) /* all values are equal: there is nothing to share */                      \
    WORD(TB_TERM_ONE_LEVEL, one_level)      /* the cells with values have one level (repetition: one value a cell) */  \
    WORD(TB_TERM_CONFOUNDED, confounded)    /* other terms leave it no degree of freedom */                            \
    WORD(TB_TERM_NO_ERROR, no_error_term)   /* no degree of freedom is left to test its squares against */             \
    WORD(TB_TERM_TOO_LARGE, too_large)      /* more levels than TB_SENSITIVITY_COLUMNS, the largest category aside */  \
    WORD(TB_TERM_WITHDRAWN, different_meaning) /* the caller's: values of different cells do not mean the same */
enum tb_term_reason { TB_TERM_REASON_WORDS(TB_WORD_ENUMERATOR) };

/* Equations, one for each level of each category (times testbeds, for interactions) but the one with most; their matrix takes
 * 128 MB. */
enum { TB_SENSITIVITY_COLUMNS = 1 << 12 };

struct tb_term_result {
    double sum_of_squares;
    size_t freedom;
    double share;         /* eta squared: sum of squares / total */
    double omega_squared; /* the same without what chance adds; may be below 0; NaN without an error term */
    double f, p;          /* NaN for the error term itself and without one */
    size_t rank;          /* 1 for the greatest share of this metric; equal shares in the order of terms; 0 for none */
    enum tb_term_reason reason;
};

/* What F is taken against. */
#define TB_ERROR_TERM_WORDS(WORD)                                                                                      \
    WORD(TB_ERROR_NONE, none)                                                                                          \
    WORD(TB_ERROR_REPETITION, repetition)                                                                              \
    WORD(TB_ERROR_REMAINING, remaining) /* one value a cell: interactions of factors stand in */
enum tb_error_term { TB_ERROR_TERM_WORDS(TB_WORD_ENUMERATOR) };

struct tb_metric_sensitivity {
    int balanced; /* every cell with values has the same number, and the cells are all combinations of their levels */
    enum tb_error_term error;
};

/* 3 + 2 * factors. */
size_t tb_term_count(const struct tb_layout *layout);
enum tb_term_kind tb_term_kind(const struct tb_layout *layout, size_t term);
/* The factor of a factor or an interaction; 0 for others. */
size_t tb_term_factor(const struct tb_layout *layout, size_t term);

/* summaries: [cell * stride + metric]; n, mean and deviation are used.
 * withdrawn: per metric, or NULL. metric_results has room for metrics, results for
 * metrics * tb_term_count, [metric * terms + term]. An error mean square of 0 makes p 0 for
 * a term with a share, else 1. Metrics with values in the same cells share the work.
 * Memory: cells * metrics values, and the square of the equations'. */
TB_MUST_USE enum tb_status tb_sensitivity_compute(const struct tb_layout *layout, const struct tb_summary *summaries,
                                                  size_t stride, size_t metrics, const int *withdrawn,
                                                  struct tb_metric_sensitivity *metric_results,
                                                  struct tb_term_result *results, struct tb_error *error);

/* The campaign's own list. */
struct tb_term_overall {
    size_t metrics;    /* metrics with a share for this term */
    double mean_share; /* over those */
    size_t first;      /* metrics in which no share is greater */
    size_t rank;       /* 1 for the greatest mean share; 0 for none */
};

void tb_sensitivity_rank(const struct tb_layout *layout, const struct tb_term_result *results, size_t metrics,
                         struct tb_term_overall *overall);

#endif
