#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares twinbed's summaries, Welch and equivalence tests and Holm's
adjustment with scipy's, on random numbers. Skips (77) where scipy is missing."""

import random
import subprocess
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    print("skipped: no scipy for", sys.executable)
    sys.exit(77)

TOLERANCE = 1e-9


def quantile(probability, freedom):
    """scipy's own is good to ten digits only; a step of Newton's method helps."""
    near = stats.t.ppf(probability, freedom)
    return near - (stats.t.cdf(near, freedom) - probability) / stats.t.pdf(near, freedom)


def welch_freedom(u, n, v, m):
    return (u + v) ** 2 / (u**2 / (n - 1) + v**2 / (m - 1))


def expected_comparison(scale, threshold, cell, reference):
    x, y = cell.mean(), reference.mean()
    n, m = len(cell), len(reference)
    u, v = cell.var(ddof=1) / n, reference.var(ddof=1) / m
    error, freedom = np.sqrt(u + v), welch_freedom(u, n, v, m)
    half = quantile(0.975, freedom) * error
    own = quantile(0.975, n - 1) * np.sqrt(u)
    p = stats.ttest_ind(cell, reference, equal_var=False).pvalue
    welch = (x - y - half, x - y + half)
    low = high = np.nan
    if scale == "difference":
        tost = max(stats.t.sf((x - y + threshold) / error, freedom), stats.t.sf((threshold - x + y) / error, freedom))
        verdict = "different" if welch[0] > threshold or welch[1] < -threshold else "undecided"
    else:
        ps = []
        for factor, sign in ((1 - threshold, 1), (1 + threshold, -1)):
            w = factor**2 * v
            ps.append(stats.t.sf(sign * (x - factor * y) / np.sqrt(u + w), welch_freedom(u, n, w, m)))
        tost = max(ps)
        t = quantile(0.95, welch_freedom(u, n, (x / y) ** 2 * v, m))
        if y * y > t * t * v:
            low, high = sorted(np.roots([y * y - t * t * v, -2 * x * y, x * x - t * t * u]).real)
            verdict = "different" if low > 1 + threshold or high < 1 - threshold else "undecided"
        else:
            verdict = "different" if max(ps) > 0.95 else "undecided"
    if tost < 0.05:
        verdict = "similar"
    return [x, cell.std(ddof=1), np.median(cell), x - own, x + own, *welch, p, low, high, tost], verdict


def expected_holm(p):
    order = sorted(range(len(p)), key=lambda i: p[i])
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, (len(p) - rank) * p[i])
        adjusted[i] = min(1.0, largest)
    return adjusted


def make_cases(count):
    for _ in range(count):
        scale = random.choice(["ratio", "difference"])
        sizes = random.randint(2, 12), random.randint(2, 12)
        center = 10 ** random.uniform(-3, 5)
        spreads = [center * 10 ** random.uniform(-3, 0) for _ in sizes]
        means = center, center * random.uniform(0.7, 1.3)
        sides = [np.array([random.gauss(m, s) for _ in range(n)]) for m, s, n in zip(means, spreads, sizes)]
        yield scale, 0.1 if scale == "ratio" else 0.1 * center, *sides


def differs(found, expected, scale):
    if np.isnan(expected) or np.isnan(found):
        return np.isnan(expected) != np.isnan(found)
    return abs(found - expected) > TOLERANCE * max(abs(expected), scale)


def main(program):
    random.seed(20)
    cases = list(make_cases(2000))
    holms = [[random.random() ** 4 for _ in range(random.randint(1, 40))] for _ in range(200)]
    lines = []
    for scale, threshold, cell, reference in cases:
        numbers = " ".join(repr(float(x)) for x in [*cell, *reference])
        lines.append(f"{scale} {threshold!r} {len(cell)} {len(reference)} {numbers}")
    lines += [f"holm {len(p)} " + " ".join(map(repr, p)) for p in holms]
    output = subprocess.run([program], input="\n".join(lines), capture_output=True, text=True, check=True)
    answers = output.stdout.splitlines()
    assert len(answers) == len(lines)
    bad = 0
    verdicts = {}
    for case, answer in zip(cases, answers):
        *found, verdict = answer.split()
        expected, expected_verdict = expected_comparison(*case)
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
        sizes = [abs(case[2]).max()] * 7 + [1e-6] + [1.0] * 2 + [1e-6]
        if verdict != expected_verdict or any(differs(float(f), e, s) for f, e, s in zip(found, expected, sizes)):
            bad += 1
            print("differs:", case, answer, expected, expected_verdict)
    for p, answer in zip(holms, answers[len(cases):]):
        if any(differs(float(f), e, 1e-6) for f, e in zip(answer.split(), expected_holm(p))):
            bad += 1
            print("differs:", p, answer)
    print(f"{len(cases)} comparisons {verdicts} and {len(holms)} adjustments, {bad} differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
