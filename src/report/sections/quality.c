/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data quality: why values are missing, and which records of one thing agree. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sections.h"

enum check_verdict { CHECK_AGREES, CHECK_TOO_FEW, CHECK_TOO_MANY, CHECK_NOT_MADE, CHECK_VERDICTS };

/* One group of reasons whose sentences differ in numbers only. */
struct reason_group {
    size_t first;    /* reason */
    size_t reasons;  /* that the group has */
    size_t runs;     /* that lack a value for it */
    size_t last_run; /* counted last, plus 1 */
    size_t values;   /* that are missing */
};

/* A run counts once in a group, however many of its metrics have no value. */
static void count_group_runs(const struct tb_view *view, struct reason_group *groups)
{
    for (size_t i = 0; i < view->runs * view->metrics; i++) {
        const int32_t reason = view->run_reason[i];
        if (reason < 0 || (size_t)reason >= view->reasons)
            continue;
        struct reason_group *group = &groups[view->reason_group[reason]];
        const size_t run = i / view->metrics;
        group->runs += group->last_run != run + 1;
        group->last_run = run + 1;
        group->values++;
    }
}

static void find_groups(const struct tb_view *view, struct reason_group *groups)
{
    for (size_t i = 0; i < view->reasons; i++) {
        struct reason_group *group = &groups[view->reason_group[i]];
        if (group->reasons++ == 0)
            group->first = i;
    }
    count_group_runs(view, groups);
}

/* Reasons twice: those of faults, then the others. */
static const struct reason_group *group_of(const struct tb_cell *cell)
{
    return (const struct reason_group *)cell->context + cell->row % cell->view->reasons;
}

static bool is_group(const struct tb_cell *cell)
{
    const struct reason_group *group = group_of(cell);
    const bool faults = cell->row < cell->view->reasons;
    return group->reasons > 0 && (cell->view->reason_fault[group->first] != 0) == faults;
}

static void write_runs(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td>%zu</td>", group_of(cell)->runs);
}

static void write_values(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td>%s</td>", tb_number_count((int64_t)group_of(cell)->values).text);
}

static void write_kind(struct tb_html *html, const struct tb_cell *cell)
{
    const int32_t kind = cell->view->reason_kind[group_of(cell)->first];
    tb_html_format(html, "<td class=\"word\">%s</td>", tb_view_flag(TB_FIELD_METRICS_REASON_KIND, kind).text);
}

static void write_reason(struct tb_html *html, const struct tb_cell *cell)
{
    const struct reason_group *group = group_of(cell);
    tb_html_markup(html, "<td class=\"text\">");
    tb_html_text(html, cell->view->reason_sentence[group->first]);
    if (group->reasons > 1)
        tb_html_format(html, " <span class=\"note\">(and %zu like it with other numbers)</span>", group->reasons - 1);
    tb_html_markup(html, "</td>");
}

static const struct tb_column reason_columns[] = {
    {"runs", .write = write_runs},
    {"values", .write = write_values},
    {"kind", TB_CELL_WORD, .write = write_kind},
    {"reason", TB_CELL_TEXT, .write = write_reason},
};

static void write_reasons(struct tb_html *html, const struct tb_view *view)
{
    struct reason_group *groups = tb_html_allocate(html, view->reasons, sizeof *groups);
    if (groups != NULL)
        find_groups(view, groups);
    const struct tb_table table = {
        .caption = "Values that are missing, and why.",
        .sentence =
            "A run has a value of a metric, or none and a reason. One line for each kind of reason, those first "
            "for which something that was asked for is missing; <code>/metrics/run_reason</code> has it for "
            "each run and metric.",
        TB_COLUMNS(reason_columns),
        .rows = groups == NULL ? 0 : 2 * view->reasons,
        .shows = is_group,
        .limit = 100,
        .where = "/metrics/reason_*",
        .context = groups,
    };
    tb_table_write(html, view, &table);
    free(groups);
}

/* What became of all checks by one rule. */
struct rule_totals {
    size_t checks;
    size_t verdicts[CHECK_VERDICTS];
    double least, most; /* ratios of those that were made */
    const char *why;    /* the first that was not made */
};

static void add_check(const struct tb_view *view, size_t check, struct rule_totals *totals)
{
    const int32_t verdict = view->check_verdict[check];
    totals->checks++;
    if (verdict < 0 || verdict >= CHECK_VERDICTS)
        return;
    totals->verdicts[verdict]++;
    if (verdict == CHECK_NOT_MADE && totals->why == NULL)
        totals->why = view->check_why[check];
    if (verdict == CHECK_NOT_MADE)
        return;
    totals->least = fmin(totals->least, view->check_ratio[check]);
    totals->most = fmax(totals->most, view->check_ratio[check]);
}

static const struct rule_totals *totals_of(const struct tb_cell *cell)
{
    return (const struct rule_totals *)cell->context + cell->row;
}

static bool is_rule(const struct tb_cell *cell)
{
    return totals_of(cell)->checks > 0;
}

static void write_rule(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_element(html, "th scope=\"row\"", tb_view_flag(TB_FIELD_CHECK_RULE, (int32_t)cell->row).text);
}

/* The column's index is the verdict. */
static void write_verdict(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td>%zu</td>", totals_of(cell)->verdicts[cell->index]);
}

static void write_ratios(struct tb_html *html, const struct tb_cell *cell)
{
    const struct rule_totals *totals = totals_of(cell);
    if (totals->least <= totals->most)
        tb_html_format(html, "<td>%s to %s</td>", tb_number_significant(totals->least, 4).text,
                       tb_number_significant(totals->most, 4).text);
    else
        tb_cell_missing(html);
}

static void write_why(struct tb_html *html, const struct tb_cell *cell)
{
    const char *why = totals_of(cell)->why;
    tb_html_element(html, "td class=\"text\"", why == NULL ? "" : why);
}

static const struct tb_column rule_columns[] = {
    {"check", TB_CELL_HEADING, .write = write_rule},
    {"agrees", .write = write_verdict, .index = CHECK_AGREES},
    {"too few", .write = write_verdict, .index = CHECK_TOO_FEW},
    {"too many", .write = write_verdict, .index = CHECK_TOO_MANY},
    {"not made", .write = write_verdict, .index = CHECK_NOT_MADE},
    {"ratios", .write = write_ratios},
    {"why not made (the first)", TB_CELL_TEXT, .write = write_why},
};

static void write_rules(struct tb_html *html, const struct tb_view *view)
{
    enum { RULES = 64 };
    struct rule_totals totals[RULES];
    for (size_t r = 0; r < RULES; r++)
        totals[r] = (struct rule_totals){.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < view->checks; i++)
        if (view->check_rule[i] >= 0 && view->check_rule[i] < RULES)
            add_check(view, i, &totals[view->check_rule[i]]);
    const struct tb_table table = {
        .caption = "What is known twice, compared.",
        .sentence =
            "Requests and bytes of a run stand in several records. Each check divides what an artifact shows by "
            "what another record says; an artifact that shows too little or too much is withdrawn. "
            "<code>/quality/check_*</code> has both numbers of each.",
        TB_COLUMNS(rule_columns),
        .rows = RULES,
        .shows = is_rule,
        .context = totals,
    };
    tb_table_write(html, view, &table);
}

static bool disagrees(const struct tb_cell *cell)
{
    const int32_t verdict = cell->view->check_verdict[cell->row];
    return verdict == CHECK_TOO_FEW || verdict == CHECK_TOO_MANY;
}

static const struct tb_column disagreement_columns[] = {
    {"file", TB_CELL_PATH, .field = TB_FIELD_CHECK_ARTIFACT},
    {"check", TB_CELL_WORD, .field = TB_FIELD_CHECK_RULE},
    {"seen", .field = TB_FIELD_CHECK_SEEN, .style = TB_STYLE_FIXED},
    {"expected", .field = TB_FIELD_CHECK_EXPECTED, .style = TB_STYLE_FIXED},
    {"ratio", .field = TB_FIELD_CHECK_RATIO, .style = TB_STYLE_FIXED, .digits = 4},
    {"verdict", TB_CELL_WORD, .field = TB_FIELD_CHECK_VERDICT},
};

static void write_disagreements(struct tb_html *html, const struct tb_view *view)
{
    const struct tb_table table = {
        .caption = "Records that disagree.",
        .sentence = "",
        TB_COLUMNS(disagreement_columns),
        .rows = view->checks,
        .shows = disagrees,
        .limit = 200,
        .where = "/quality/check_*",
    };
    const size_t all = tb_table_count(view, &table);
    if (all == 0) {
        tb_html_markup(html, "<p>All records of one thing agree.</p>\n");
        return;
    }
    tb_fold_open(html, all <= 20, "%zu checks found records that disagree", all);
    tb_table_write(html, view, &table);
    tb_fold_close(html);
}

static bool has_remark(const struct tb_cell *cell)
{
    return cell->view->artifact_remark[cell->row][0] != '\0';
}

static const struct tb_column remark_columns[] = {
    {"file", TB_CELL_PATH, .field = TB_FIELD_ARTIFACT_PATH},
    {"kind", TB_CELL_WORD, .field = TB_FIELD_ARTIFACT_KIND},
    {"remark", TB_CELL_TEXT, .field = TB_FIELD_ARTIFACT_REMARK},
};

static void write_remarks(struct tb_html *html, const struct tb_view *view)
{
    const struct tb_table table = {
        .caption = "Used, but odd.",
        .sentence = "What was left out of an artifact, or should be known of it.",
        TB_COLUMNS(remark_columns),
        .rows = view->artifacts,
        .shows = has_remark,
        .limit = 100,
        .where = "/quality/artifact_remark",
    };
    const size_t all = tb_table_count(view, &table);
    if (all == 0)
        return;
    tb_fold_open(html, all <= 20, "%zu %s used with remarks", all, all == 1 ? "artifact is" : "artifacts are");
    tb_table_write(html, view, &table);
    tb_fold_close(html);
}

static void write_missing(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td class=\"word\">%s</td>", cell->view->finding_counts[cell->row] == 1 ? "missing" : "");
}

static const struct tb_column finding_columns[] = {
    {"kind", TB_CELL_WORD, .field = TB_FIELD_FINDING_KIND},
    {"missing", TB_CELL_WORD, .write = write_missing},
    {"what", TB_CELL_TEXT, .field = TB_FIELD_FINDING_SENTENCE},
};

static void write_findings(struct tb_html *html, const struct tb_view *view)
{
    const struct tb_table table = {
        .caption = "What the campaign file asks for, and what is there.",
        .sentence = "What is marked is missing from the results; the rest may be meant.",
        TB_COLUMNS(finding_columns),
        .rows = view->findings,
    };
    if (view->findings > 0)
        tb_table_write(html, view, &table);
}

void tb_section_quality(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<h2 id=\"quality\">Data quality</h2>\n");
    if (view->reasons > 0)
        write_reasons(html, view);
    else
        tb_html_markup(html, "<p>Every run has a value of every metric.</p>\n");
    if (view->checks > 0) {
        write_rules(html, view);
        write_disagreements(html, view);
    }
    write_remarks(html, view);
    write_findings(html, view);
}
