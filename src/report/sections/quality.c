/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data quality: why values are missing, and which records of one thing agree. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/widgets/numbers.h"
#include "sections.h"

enum { CHECKS_LISTED = 200, REASONS_LISTED = 100, REMARKS_LISTED = 100 };

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

static void write_group(struct tb_html *html, const struct tb_view *view, const struct reason_group *group)
{
    tb_html_format(html, "<tr><td>%zu</td><td>%s</td><td class=\"word\">%s</td><td class=\"text\">", group->runs,
                   tb_number_count((int64_t)group->values).text,
                   tb_view_flag(TB_FIELD_METRICS_REASON_KIND, view->reason_kind[group->first]).text);
    tb_html_text(html, view->reason_sentence[group->first]);
    if (group->reasons > 1)
        tb_html_format(html, " <span class=\"note\">(and %zu like it with other numbers)</span>", group->reasons - 1);
    tb_html_markup(html, "</td></tr>\n");
}

/* Those of faults, or the others; how many were written. */
static size_t write_groups(struct tb_html *html, const struct tb_view *view, const struct reason_group *groups,
                           bool faults, size_t room)
{
    size_t listed = 0;
    for (size_t i = 0; i < view->reasons && listed < room; i++)
        if (groups[i].reasons > 0 && (view->reason_fault[groups[i].first] != 0) == faults) {
            write_group(html, view, &groups[i]);
            listed++;
        }
    return listed;
}

static void write_reasons(struct tb_html *html, const struct tb_view *view, const struct reason_group *groups)
{
    tb_table_open(
        html, "Values that are missing, and why.",
        "A run has a value of a metric, or none and a reason. One line for each kind of reason, those first for "
        "which something that was asked for is missing; "
        "<code>/metrics/run_reason</code> has it for each run and metric.");
    tb_html_markup(html,
                   "<thead><tr><th scope=\"col\">runs</th><th scope=\"col\">values</th><th scope=\"col\" "
                   "class=\"text\">kind</th><th scope=\"col\" class=\"text\">reason</th></tr></thead>\n<tbody>\n");
    const size_t listed = write_groups(html, view, groups, true, REASONS_LISTED);
    (void)write_groups(html, view, groups, false, REASONS_LISTED - listed);
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

/* What became of all checks by one rule. */
struct rule_totals {
    size_t verdicts[CHECK_VERDICTS];
    double least, most; /* ratios of those that were made */
    const char *why;    /* the first that was not made */
};

static void add_check(const struct tb_view *view, size_t check, struct rule_totals *totals)
{
    const int32_t verdict = view->check_verdict[check];
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

static bool has_rule(const struct tb_view *view, int32_t rule)
{
    for (size_t i = 0; i < view->checks; i++)
        if (view->check_rule[i] == rule)
            return true;
    return false;
}

static void write_rule(struct tb_html *html, const struct tb_view *view, int32_t rule)
{
    struct rule_totals totals = {.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < view->checks; i++)
        if (view->check_rule[i] == rule)
            add_check(view, i, &totals);
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\"", tb_view_flag(TB_FIELD_CHECK_RULE, rule).text);
    for (size_t v = 0; v < CHECK_VERDICTS; v++)
        tb_html_format(html, "<td>%zu</td>", totals.verdicts[v]);
    if (totals.least <= totals.most)
        tb_html_format(html, "<td>%s to %s</td>", tb_number_significant(totals.least, 4).text,
                       tb_number_significant(totals.most, 4).text);
    else
        tb_html_markup(html, "<td>\xE2\x80\x93</td>");
    tb_html_element(html, "td class=\"text\"", totals.why == NULL ? "" : totals.why);
    tb_html_markup(html, "</tr>\n");
}

static void write_rules(struct tb_html *html, const struct tb_view *view)
{
    enum { RULES = 64 };
    tb_table_open(html, "What is known twice, compared.",
                  "Requests and bytes of a run stand in several records. Each check divides what an artifact shows by "
                  "what another record says; an artifact that shows too little or too much is withdrawn. "
                  "<code>/quality/check_*</code> has both numbers of each.");
    tb_html_markup(
        html, "<thead><tr><th scope=\"col\" class=\"text\">check</th><th scope=\"col\">agrees</th><th "
              "scope=\"col\">too few</th><th scope=\"col\">too many</th><th scope=\"col\">not made</th><th "
              "scope=\"col\">ratios</th><th scope=\"col\" class=\"text\">why not made (the first)</th></tr></thead>\n"
              "<tbody>\n");
    for (int32_t rule = 0; rule < RULES; rule++)
        if (has_rule(view, rule))
            write_rule(html, view, rule);
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

static bool disagrees(const struct tb_view *view, size_t check)
{
    return view->check_verdict[check] == CHECK_TOO_FEW || view->check_verdict[check] == CHECK_TOO_MANY;
}

static void write_disagreement(struct tb_html *html, const struct tb_view *view, size_t check)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\" class=\"path\"", view->artifact_path[view->check_artifact[check]]);
    tb_html_format(html, "<td class=\"word\">%s</td>", tb_view_flag(TB_FIELD_CHECK_RULE, view->check_rule[check]).text);
    tb_html_format(html, "<td>%s</td><td>%s</td><td>%s</td><td class=\"word\">%s</td></tr>\n",
                   tb_number_fixed(view->check_seen[check], 0).text,
                   tb_number_fixed(view->check_expected[check], 0).text,
                   tb_number_fixed(view->check_ratio[check], 4).text,
                   tb_view_flag(TB_FIELD_CHECK_VERDICT, view->check_verdict[check]).text);
}

static void write_disagreements(struct tb_html *html, const struct tb_view *view)
{
    size_t all = 0;
    for (size_t i = 0; i < view->checks; i++)
        all += disagrees(view, i);
    if (all == 0) {
        tb_html_markup(html, "<p>All records of one thing agree.</p>\n");
        return;
    }
    tb_html_format(html, "<details%s><summary>%zu checks found records that disagree</summary>\n",
                   all <= 20 ? " open" : "", all);
    tb_table_open(html, "Records that disagree.", "");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">file</th><th scope=\"col\" class=\"text\">check</th><th "
                         "scope=\"col\">seen</th><th scope=\"col\">expected</th><th scope=\"col\">ratio</th><th "
                         "scope=\"col\" class=\"text\">verdict</th></tr></thead>\n<tbody>\n");
    size_t listed = 0;
    for (size_t i = 0; i < view->checks && listed < CHECKS_LISTED; i++)
        if (disagrees(view, i)) {
            write_disagreement(html, view, i);
            listed++;
        }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    if (all > listed)
        tb_html_format(html, "<p class=\"note\">%zu more are in the results file: load <code>/quality</code>.</p>\n",
                       all - listed);
    tb_html_markup(html, "</details>\n");
}

static void write_remark(struct tb_html *html, const struct tb_view *view, size_t artifact)
{
    tb_html_markup(html, "<tr>");
    tb_html_element(html, "th scope=\"row\" class=\"path\"", view->artifact_path[artifact]);
    tb_html_element(html, "td class=\"word\"", view->artifact_kind[artifact]);
    tb_html_element(html, "td class=\"text\"", view->artifact_remark[artifact]);
    tb_html_markup(html, "</tr>\n");
}

static void write_remarks(struct tb_html *html, const struct tb_view *view)
{
    size_t all = 0, listed = 0;
    for (size_t a = 0; a < view->artifacts; a++)
        all += view->artifact_remark[a][0] != '\0';
    if (all == 0)
        return;
    tb_html_format(html, "<details%s><summary>%zu %s used with remarks</summary>\n", all <= 20 ? " open" : "", all,
                   all == 1 ? "artifact is" : "artifacts are");
    tb_table_open(html, "Used, but odd.", "What was left out of an artifact, or should be known of it.");
    tb_html_markup(html, "<thead><tr><th scope=\"col\">file</th><th scope=\"col\" class=\"text\">kind</th><th "
                         "scope=\"col\" class=\"text\">remark</th></tr></thead>\n<tbody>\n");
    for (size_t a = 0; a < view->artifacts && listed < REMARKS_LISTED; a++)
        if (view->artifact_remark[a][0] != '\0') {
            write_remark(html, view, a);
            listed++;
        }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
    if (all > listed)
        tb_html_format(html, "<p class=\"note\">%zu more are in the results file: load <code>/quality</code>.</p>\n",
                       all - listed);
    tb_html_markup(html, "</details>\n");
}

static void write_findings(struct tb_html *html, const struct tb_view *view)
{
    if (view->findings == 0)
        return;
    tb_table_open(html, "What the campaign file asks for, and what is there.",
                  "What is marked is missing from the results; the rest may be meant.");
    tb_html_markup(html,
                   "<thead><tr><th scope=\"col\" class=\"text\">kind</th><th scope=\"col\" "
                   "class=\"text\">missing</th><th scope=\"col\" class=\"text\">what</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < view->findings; i++) {
        tb_html_markup(html, "<tr>");
        tb_html_element(html, "td class=\"word\"", view->finding_kind[i]);
        tb_html_format(html, "<td class=\"word\">%s</td>", view->finding_counts[i] == 1 ? "missing" : "");
        tb_html_element(html, "td class=\"text\"", view->finding_sentence[i]);
        tb_html_markup(html, "</tr>\n");
    }
    tb_html_markup(html, "</tbody>\n");
    tb_table_close(html);
}

enum tb_status tb_section_quality(struct tb_html *html, const struct tb_view *view, struct tb_error *error)
{
    struct reason_group *groups = calloc(view->reasons + 1, sizeof *groups);
    if (groups == NULL)
        return tb_error_memory(error, "reasons");
    find_groups(view, groups);
    tb_html_markup(html, "<h2 id=\"quality\">Data quality</h2>\n");
    if (view->reasons > 0)
        write_reasons(html, view, groups);
    else
        tb_html_markup(html, "<p>Every run has a value of every metric.</p>\n");
    if (view->checks > 0) {
        write_rules(html, view);
        write_disagreements(html, view);
    }
    write_remarks(html, view);
    write_findings(html, view);
    free(groups);
    return TB_OK;
}
