/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "twinbed/stats/comparison.h"

/* Equal values keep the order of their places, so that the order is one only. */
static int comes_before(const double *p, size_t a, size_t b)
{
    return p[a] < p[b] || (p[a] == p[b] && a < b);
}

static void sift_down(const double *p, size_t *heap, size_t root, size_t count)
{
    for (;;) {
        size_t largest = root;
        for (size_t child = 2 * root + 1; child <= 2 * root + 2 && child < count; child++)
            if (comes_before(p, heap[largest], heap[child]))
                largest = child;
        if (largest == root)
            return;
        const size_t moved = heap[root];
        heap[root] = heap[largest];
        heap[largest] = moved;
        root = largest;
    }
}

/* Heap sort, since the library's sort may allocate. */
static void sort_by_p(const double *p, size_t *order, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sift_down(p, order, i, count);
    for (size_t end = count; end-- > 1;) {
        const size_t moved = order[0];
        order[0] = order[end];
        order[end] = moved;
        sift_down(p, order, 0, end);
    }
}

void tb_holm_adjust(const double *p, size_t count, size_t *scratch, double *adjusted)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(p[i]))
            adjusted[i] = NAN;
        else
            scratch[used++] = i;
    }
    sort_by_p(p, scratch, used);
    double largest = 0;
    for (size_t i = 0; i < used; i++) {
        const double raised = (double)(used - i) * p[scratch[i]];
        largest = raised > largest ? raised : largest;
        adjusted[scratch[i]] = largest < 1 ? largest : 1;
    }
}
