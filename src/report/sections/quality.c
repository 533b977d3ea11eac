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

static void write_reason(struct tb_html *html, const struct tb_cell *cell)
{
    const struct reason_group *group = group_of(cell);
    const int32_t kind = cell->view->reason_kind[group->first];
    tb_html_format(html, "<td>%zu</td><td>%s</td><td class=\"word\">%s</td><td class=\"text\">", group->runs,
                   tb_number_count((int64_t)group->values).text, tb_view_flag(TB_FIELD_METRICS_REASON_KIND, kind).text);
    tb_html_text(html, cell->view->reason_sentence[group->first]);
    if (group->reasons > 1)
        tb_html_format(html, " <span class=\"note\">(and %zu like it with other numbers)</span>", group->reasons - 1);
    tb_html_markup(html, "</td>");
}

static const struct tb_column reason_columns[] = {{.head = "runs"},
                                                  {.head = "values"},
                                                  {.head = "kind", .kind = TB_CELL_WORD},
                                                  {.head = "reason", .kind = TB_CELL_TEXT}};

static const struct tb_table reason_table = {
    .caption = "Values that are missing, and why.",
    .sentence = "A run has a value of a metric, or none and a reason. One line for each kind of reason, those first "
                "for which something that was asked for is missing; <code>/metrics/run_reason</code> has it for each "
                "run and metric.",
    TB_COLUMNS(reason_columns),
    .write = write_reason,
    .shows = is_group,
    .limit = 100,
    .where = "/metrics/reason_*",
    .nothing = "<p>Every run has a value of every metric.</p>\n",
};

static void write_reasons(struct tb_html *html, const struct tb_view *view)
{
    struct reason_group *groups = tb_html_allocate(html, view->reasons, sizeof *groups);
    if (groups != NULL)
        find_groups(view, groups);
    tb_table_write(html, view, &reason_table, groups == NULL ? 0 : 2 * view->reasons, groups);
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
    const struct rule_totals *totals = totals_of(cell);
    tb_html_element(html, "th scope=\"row\"", tb_view_flag(TB_FIELD_CHECK_RULE, (int32_t)cell->row).text);
    for (size_t v = 0; v < CHECK_VERDICTS; v++)
        tb_html_format(html, "<td>%zu</td>", totals->verdicts[v]);
    if (totals->least <= totals->most)
        tb_html_format(html, "<td>%s to %s</td>", tb_number_significant(totals->least, 4).text,
                       tb_number_significant(totals->most, 4).text);
    else
        tb_cell_missing(html);
    tb_html_element(html, "td class=\"text\"", totals->why == NULL ? "" : totals->why);
}

static const struct tb_column rule_columns[] = {{.head = "check"},
                                                {.head = "agrees"},
                                                {.head = "too few"},
                                                {.head = "too many"},
                                                {.head = "not made"},
                                                {.head = "ratios"},
                                                {.head = "why not made (the first)", .kind = TB_CELL_TEXT}};

static const struct tb_table rule_table = {
    .caption = "What is known twice, compared.",
    .sentence = "Requests and bytes of a run stand in several records. Each check divides what an artifact shows by "
                "what another record says; an artifact that shows too little or too much is withdrawn. "
                "<code>/quality/check_*</code> has both numbers of each.",
    TB_COLUMNS(rule_columns),
    .write = write_rule,
    .shows = is_rule,
};

static void write_rules(struct tb_html *html, const struct tb_view *view)
{
    enum { RULES = 64, RULES_OPEN = 4 };
    struct rule_totals totals[RULES];
    for (size_t r = 0; r < RULES; r++)
        totals[r] = (struct rule_totals){.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < view->checks; i++)
        if (view->check_rule[i] >= 0 && view->check_rule[i] < RULES)
            add_check(view, i, &totals[view->check_rule[i]]);
    size_t rules = 0;
    for (size_t r = 0; r < RULES; r++)
        rules += totals[r].checks > 0;
    tb_fold_open(html, rules <= RULES_OPEN, "What is known twice, compared by %zu rules in %zu checks", rules,
                 view->checks);
    tb_table_write(html, view, &rule_table, RULES, totals);
    tb_fold_close(html);
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

static const struct tb_table disagreement_table = {
    .caption = "Records that disagree.",
    .sentence = "",
    TB_COLUMNS(disagreement_columns),
    .shows = disagrees,
    .limit = 200,
    .where = "/quality/check_*",
    .fold = "checks found records that disagree",
    .open = 20,
    .nothing = "<p>All records of one thing agree.</p>\n",
};

static bool has_remark(const struct tb_cell *cell)
{
    return cell->view->artifact_remark[cell->row][0] != '\0';
}

static const struct tb_column remark_columns[] = {
    {"file", TB_CELL_PATH, .field = TB_FIELD_ARTIFACT_PATH},
    {"kind", TB_CELL_WORD, .field = TB_FIELD_ARTIFACT_KIND},
    {"remark", TB_CELL_TEXT, .field = TB_FIELD_ARTIFACT_REMARK},
};

static const struct tb_table remark_table = {
    .caption = "Used, but odd.",
    .sentence = "What was left out of an artifact, or should be known of it.",
    TB_COLUMNS(remark_columns),
    .shows = has_remark,
    .limit = 100,
    .where = "/quality/artifact_remark",
    .fold = "artifacts are used with remarks",
    .open = 20,
    .nothing = "",
};

static void write_missing(struct tb_html *html, const struct tb_cell *cell)
{
    tb_html_format(html, "<td class=\"word\">%s</td>", cell->view->finding_counts[cell->row] == 1 ? "missing" : "");
}

static const struct tb_column finding_columns[] = {
    {"kind", TB_CELL_WORD, .field = TB_FIELD_FINDING_KIND},
    {"missing", TB_CELL_WORD, .write = write_missing},
    {"what", TB_CELL_TEXT, .field = TB_FIELD_FINDING_SENTENCE},
};

static const struct tb_table finding_table = {
    .caption = "What the campaign file asks for, and what is there.",
    .sentence = "What is marked is missing from the results; the rest may be meant.",
    TB_COLUMNS(finding_columns),
    .nothing = "",
};

void tb_section_quality(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<h2 id=\"quality\">Data quality</h2>\n");
    write_reasons(html, view);
    if (view->checks > 0) {
        tb_table_write(html, view, &disagreement_table, view->checks, NULL);
        write_rules(html, view);
    }
    tb_table_write(html, view, &remark_table, view->artifacts, NULL);
    tb_table_write(html, view, &finding_table, view->findings, NULL);
}
