/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_NUMBERS_H
#define TWINBED_REPORT_NUMBERS_H

/* Numbers as people read them, as markup of ours: thin spaces between thousands, a real minus
 * sign, as many digits as the spread allows. A missing value is an en dash. */

#include <stdint.h>

struct tb_number {
    char text[128];
};

struct tb_number tb_number_fixed(double value, int decimals);
struct tb_number tb_number_significant(double value, int digits);
/* "14 420 ± 74": the half width has two digits, the mean ends at the same place. Without spread "2.23 in all runs". */
struct tb_number tb_number_interval(double mean, double half_width);
/* The same, the second part alone, to stand under an interval of the same mean: "± 86". */
struct tb_number tb_number_half_width(double half_width);
struct tb_number tb_number_count(int64_t value);
/* A base-10 logarithm as the power it stands for: "E+5531", "E−33288", "E+0.04". */
struct tb_number tb_number_power(double log10_value);
/* A p-value as markup: "0.043", "&lt;0.001". */
struct tb_number tb_number_p(double p);
/* "+1.25", "−0.3", and "0" for what is left when nearly equal numbers are subtracted. */
struct tb_number tb_number_signed(double value, int digits);
/* "13 %", "−2.1 %". */
struct tb_number tb_number_percent(double share);

#endif
