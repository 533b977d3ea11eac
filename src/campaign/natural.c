/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Natural order of names. Numbers in them may have any length, so digits are compared, not values;
 * leading zeros decide only where all else is equal. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "twinbed/campaign/campaign.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compares the numbers that begin at *a and *b, of any length, and moves both behind them. */
static int compare_numbers(const char **a, const char **b)
{
    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    size_t a_length = 0;
    size_t b_length = 0;
    while (is_digit((*a)[a_length]))
        a_length++;
    while (is_digit((*b)[b_length]))
        b_length++;
    const int order = a_length == b_length ? memcmp(*a, *b, a_length) : a_length < b_length ? -1 : 1;
    *a += a_length;
    *b += b_length;
    return order;
}

int tb_natural_compare(const char *a, const char *b)
{
    const char *x = a;
    const char *y = b;
    while (*x != '\0' && *y != '\0') {
        if (is_digit(*x) && is_digit(*y)) {
            const int order = compare_numbers(&x, &y);
            if (order != 0)
                return order;
        } else if (*x != *y) {
            return (unsigned char)*x < (unsigned char)*y ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    if (*x != *y)
        return *x == '\0' ? -1 : 1;
    /* rep-1 and rep-01 are different texts and must have an order. */
    return strcmp(a, b);
}
