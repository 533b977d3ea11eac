# SPDX-License-Identifier: GPL-3.0-or-later
# Compares twinbed's rank statistics with R's wilcox.test and qwilcox, its scores of
# outlying values with mad(), and its analyses of variance with anova() of nested
# linear models, on random numbers. usage: Rscript compare_robust.R PROGRAM

program <- commandArgs(trailingOnly = TRUE)[1]
tolerance <- 1e-9
set.seed(20)
exact <- function(x) paste(sprintf("%.17g", x), collapse = " ")

differs <- function(found, expected, scale) {
    missing <- is.na(expected)
    any(is.na(found) != missing) || any(abs(found - expected)[!missing] > tolerance * pmax(abs(expected), scale)[!missing])
}

# Shifts. R's interval needs continuous numbers; below 95 % R goes on, twinbed does not.
make_shift <- function(i) {
    sizes <- sample(1:(if (i %% 10 == 0) 29 else 14), 2, replace = TRUE)
    center <- 10^runif(1, -3, 5)
    list(x = rnorm(sizes[1], center, center * 10^runif(1, -3, 0)), y = rnorm(sizes[2], center * runif(1, 0.7, 1.3), center * 0.1))
}
shift_line <- function(case) paste("shift", length(case$x), length(case$y), exact(case$x), exact(case$y))
check_shift <- function(case, found) {
    n <- length(case$x)
    m <- length(case$y)
    place <- qwilcox(0.025, n, m)
    wide <- c(NA, NA, NA)
    test <- suppressWarnings(wilcox.test(case$x, case$y, conf.int = TRUE, conf.level = 0.95, exact = TRUE))
    if (place > 0)
        wide <- c(test$conf.int[1:2], 1 - 2 * pwilcox(place - 1, n, m))
    expected <- c(median(case$x) - median(case$y), median(case$x) / median(case$y), test$estimate, wide)
    size <- max(abs(c(case$x, case$y)))
    differs(found, expected, c(size, 1, size, size, size, 1))
}

make_outliers <- function(i) {
    values <- round(rnorm(sample(5:20, 1), 100, 5), if (i %% 3 == 0) -1 else 4)
    values[1] <- values[1] * sample(c(1, 2, 10), 1)
    values
}
outliers_line <- function(values) paste("outliers", length(values), exact(values))
check_outliers <- function(values, found) {
    away <- values - median(values)
    scale <- mad(values, constant = 1) / 0.6745
    if (scale == 0)
        scale <- sqrt(pi / 2) * mean(abs(away))
    differs(found, if (scale == 0) 0 * away else away / scale, 1)
}

# Designs: complete and balanced, unbalanced, and with cells missing.
make_variance <- function(i) {
    factors <- sample(0:3, 1)
    sizes <- c(sample(2:3, 1), if (factors > 0) sample(2:3, factors, replace = TRUE))
    cells <- as.matrix(expand.grid(lapply(sizes, function(s) 0:(s - 1))))
    kind <- i %% 4
    if (kind == 3 && nrow(cells) > 3)
        cells <- cells[sort(sample(nrow(cells), ceiling(nrow(cells) * 0.6))), , drop = FALSE]
    counts <- if (kind == 0) rep(sample(1:4, 1), nrow(cells)) else sample(1:5, nrow(cells), replace = TRUE)
    effects <- lapply(sizes, function(s) rnorm(s, 0, 10^runif(1, -2, 1)))
    values <- lapply(seq_len(nrow(cells)), function(c) {
        level <- 100 + sum(mapply(function(e, l) e[l + 1], effects, cells[c, ])) + rnorm(1, 0, sample(c(0, 1), 1))
        rnorm(counts[c], level, 1)
    })
    list(cells = cells, counts = counts, values = values, factors = factors)
}
variance_line <- function(case) {
    rows <- sapply(seq_len(nrow(case$cells)), function(c)
        paste(paste(case$cells[c, ], collapse = " "), case$counts[c], exact(case$values[[c]])))
    paste("variance", nrow(case$cells), case$factors, paste(rows, collapse = " "))
}
check_variance <- function(case, found) {
    cell <- rep(seq_len(nrow(case$cells)), case$counts)
    data <- as.data.frame(lapply(seq_len(ncol(case$cells)), function(c) factor(case$cells[cell, c])))
    names(data) <- c("t", if (case$factors > 0) paste0("f", seq_len(case$factors)))
    data$cell <- factor(cell)
    data$y <- unlist(case$values)
    one <- sapply(data, function(column) is.factor(column) && nlevels(droplevels(column)) < 2)
    left <- function(names) names[!sapply(strsplit(names, ":"), function(parts) any(one[parts]))]
    fit <- function(names) lm(reformulate(c("1", left(names)), "y"), data)
    mains <- if (case$factors > 0) paste0("f", seq_len(case$factors)) else character()
    crossed <- if (case$factors > 0) paste0("t:", mains) else character()
    all <- c("t", mains, crossed)
    within <- lm(if (one["cell"]) y ~ 1 else y ~ cell, data)
    nested <- list(anova(fit(mains), fit(c("t", mains))))
    for (f in mains) {
        without <- setdiff(all, c(f, paste0("t:", f)))
        nested <- c(nested, list(anova(fit(without), fit(c(without, f)))))
    }
    for (f in crossed)
        nested <- c(nested, list(anova(fit(setdiff(all, f)), fit(all))))
    sums <- sapply(nested, function(a) c(a[["Sum of Sq"]][2], a[["Df"]][2]))
    remaining <- c(deviance(fit(all)) - deviance(within), fit(all)$df.residual - within$df.residual)
    rows <- rbind(t(sums), remaining, c(deviance(within), within$df.residual))
    rows[is.na(rows[, 2]), 2] <- 0
    rows[rows[, 2] == 0, 1] <- NA
    last <- nrow(rows)
    against <- if (rows[last, 2] > 0) last else last - 1
    f <- p <- rep(NA, last)
    if (rows[against, 2] > 0)
        for (i in setdiff(which(rows[, 2] > 0), against)) {
            f[i] <- rows[i, 1] / rows[i, 2] / (rows[against, 1] / rows[against, 2])
            p[i] <- pf(f[i], rows[i, 2], rows[against, 2], lower.tail = FALSE)
        }
    total <- sum((data$y - mean(data$y))^2)
    expected <- as.vector(t(cbind(rows, f, p)))
    # R takes sums of squares as differences of residuals, which costs digits of small ones.
    differs(found, expected, rep(c(total, 1, 1e-3 * total / (rows[against, 1] / max(1, rows[against, 2])), 1e-3), last))
}

kinds <- list(
    list(name = "shifts", count = 1000, make = make_shift, line = shift_line, check = check_shift),
    list(name = "sets of scores", count = 300, make = make_outliers, line = outliers_line, check = check_outliers),
    list(name = "analyses of variance", count = 600, make = make_variance, line = variance_line, check = check_variance))
failed <- 0
for (kind in kinds) {
    cases <- lapply(seq_len(kind$count), kind$make)
    answers <- system2(program, input = sapply(cases, kind$line), stdout = TRUE)
    stopifnot(length(answers) == length(cases))
    bad <- 0
    for (i in seq_along(cases)) {
        found <- suppressWarnings(as.numeric(strsplit(trimws(answers[i]), " ")[[1]]))
        if (kind$check(cases[[i]], found)) {
            bad <- bad + 1
            if (bad <= 3)
                cat("differs:", kind$line(cases[[i]]), "->", answers[i], "\n")
        }
    }
    cat(length(cases), kind$name, "compared,", bad, "differ\n")
    failed <- failed + bad
}
quit(status = if (failed > 0) 1 else 0)
