#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What repetitions can decide, from the spread of a campaign that was recorded: the table of docs/recording.md.

    python3 power.py results.h5 [METRIC...]

Of each metric the relative standard deviation is taken in each cell of at least 5 runs, and the median of these stands for
the metric. With n runs on either side, the standard error of a difference is deviation * sqrt(2 / n), with 2n - 2 degrees of
freedom. A difference is found with probability 0.8 by a two-sided t test at 0.05 if it is (t(0.975) + t(0.8)) standard
errors; two equal means are found to be within 10 % by two one-sided tests at 0.05 with probability
2 F(0.1 / standard error - t(0.95)) - 1. Both approximations take the central distribution of t."""
import math
import sys

import h5py
import numpy
from scipy.stats import t

METRICS = ("requests_per_second", "request_time_median", "request_time_p95", "received_per_request", "client_calls_per_request",
           "client_context_switches_per_request", "packets_per_request", "server_segment_mean", "rtt_median", "jitter")
SIZES = (5, 10, 20)
MARGIN = 0.1


def spread(file, metric):
    """The median of the cells' relative standard deviations."""
    column = [name.decode() for name in file["metrics/metric_name"][:]].index(metric)
    values = file["metrics/run_value"][:, column]
    cells = file["campaign/run_cell"][:]
    deviations = []
    for cell in numpy.unique(cells):
        of_cell = values[(cells == cell) & numpy.isfinite(values)]
        if len(of_cell) >= 5 and of_cell.mean() > 0:
            deviations.append(of_cell.std(ddof=1) / of_cell.mean())
    return float(numpy.median(deviations))


def decided(deviation, n):
    """(the smallest difference that is found, the probability to find equal means close)"""
    error = deviation * math.sqrt(2 / n)
    freedom = 2 * n - 2
    smallest = (t.ppf(0.975, freedom) + t.ppf(0.8, freedom)) * error
    close = 1.0 if error == 0 else max(0.0, 2 * t.cdf(MARGIN / error - t.ppf(0.95, freedom), freedom) - 1)
    return float(smallest), float(close)


def main():
    print("| metric | spread | " + " | ".join(f"n = {n}" for n in SIZES) + " |")
    print("| --- | --- |" + " --- |" * len(SIZES))
    with h5py.File(sys.argv[1]) as file:
        for metric in sys.argv[2:] or METRICS:
            deviation = spread(file, metric)
            cells = [decided(deviation, n) for n in SIZES]
            print(f"| `{metric}` | {deviation:.1%} | " + " | ".join(f"{d:.1%}, {p:.2f}" for d, p in cells) + " |")


if __name__ == "__main__":
    main()
