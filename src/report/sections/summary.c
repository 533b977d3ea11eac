/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "report/widgets/judgement.h"
#include "report/widgets/numbers.h"
#include "sections.h"

enum { NAMES = 12, LEVELS = 12 };

static void write_testbeds(struct tb_html *html, const struct tb_view *view)
{
    for (size_t t = 1; t < view->testbeds && t <= NAMES; t++) {
        tb_html_markup(html, t == 1 ? "" : t + 1 == view->testbeds ? " and " : ", ");
        tb_html_element(html, "b", view->testbed_name[t]);
    }
    if (view->testbeds > NAMES + 1)
        tb_html_format(html, " and %zu more", view->testbeds - NAMES - 1);
}

static bool seen_before(const struct tb_view *view, size_t factor, const size_t *shown, size_t count, const char *level)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(tb_view_level(view, shown[i], factor), level) == 0)
            return true;
    return false;
}

/* "size: 500B, 1MB, 16MB" */
static void write_factor(struct tb_html *html, const struct tb_view *view, size_t factor)
{
    size_t shown[LEVELS];
    size_t count = 0;
    bool more = false;
    tb_html_markup(html, "<li>");
    tb_html_element(html, "b", view->factor_name[factor]);
    tb_html_markup(html, ": ");
    for (size_t s = 0; s < view->scenarios; s++) {
        const char *level = tb_view_level(view, s, factor);
        if (level[0] == '\0' || seen_before(view, factor, shown, count, level))
            continue;
        if (count == LEVELS) {
            more = true;
            break;
        }
        tb_html_markup(html, count == 0 ? "" : ", ");
        tb_html_text(html, level);
        shown[count++] = s;
    }
    tb_html_markup(html, more ? ", \xE2\x80\xA6</li>\n" : "</li>\n");
}

static size_t count_runs(const struct tb_view *view, bool discarded)
{
    size_t count = 0;
    for (size_t r = 0; r < view->runs; r++)
        count += (view->run_discarded[r] == 1) == discarded;
    return count;
}

static void write_repetitions(struct tb_html *html, const struct tb_view *view)
{
    int32_t least = 0;
    int32_t most = 0;
    for (size_t c = 0; c < view->cells; c++) {
        least = c == 0 || view->cell_runs[c] < least ? view->cell_runs[c] : least;
        most = view->cell_runs[c] > most ? view->cell_runs[c] : most;
    }
    if (least == most)
        tb_html_format(html, "%d repetitions each", (int)most);
    else
        tb_html_format(html, "%d to %d repetitions each", (int)least, (int)most);
}

static bool lacks_values(const struct tb_view *view, size_t run)
{
    for (size_t m = 0; m < view->metrics; m++) {
        const int32_t reason = view->run_reason[run * view->metrics + m];
        if (reason >= 0 && (size_t)reason < view->reasons && view->reason_fault[reason] != 0)
            return true;
    }
    return false;
}

/* Used runs without some value that was asked for. */
static void write_incomplete_runs(struct tb_html *html, const struct tb_view *view)
{
    size_t runs = 0;
    for (size_t r = 0; r < view->runs; r++)
        runs += view->run_discarded[r] != 1 && lacks_values(view, r);
    if (runs > 0)
        tb_html_format(html, ", <a href=\"#quality\">%s of them without some values</a>",
                       tb_number_count((int64_t)runs).text);
}

static void write_quality(struct tb_html *html, const struct tb_view *view)
{
    size_t missing = 0;
    size_t unused = 0;
    for (size_t a = 0; a < view->artifacts; a++) {
        missing += view->artifact_state[a] == TB_ARTIFACT_MISSING;
        unused += view->artifact_state[a] == TB_ARTIFACT_DAMAGED || view->artifact_state[a] == TB_ARTIFACT_WITHDRAWN;
    }
    size_t left_out = count_runs(view, true);
    tb_html_format(html, "%s runs are used", tb_number_count((int64_t)count_runs(view, false)).text);
    if (left_out > 0)
        tb_html_format(html, ", %s left out", tb_number_count((int64_t)left_out).text);
    write_incomplete_runs(html, view);
    tb_html_format(html, "; of %s artifacts, ", tb_number_count((int64_t)view->artifacts).text);
    if (missing + unused == 0) {
        tb_html_markup(html, "none is missing or damaged.");
        return;
    }
    tb_html_markup(html, "<a href=\"#runs\">");
    if (missing > 0)
        tb_html_format(html, "%s missing%s", tb_number_count((int64_t)missing).text, unused > 0 ? ", " : "");
    if (unused > 0)
        tb_html_format(html, "%s damaged or withdrawn", tb_number_count((int64_t)unused).text);
    tb_html_markup(html, "</a>.");
}

struct verdict_counts {
    size_t of[TB_SHOWN_VERDICTS];
    size_t few; /* of the undecided: too few values */
};

/* The verdicts on a testbed beside the baseline, of the metrics whose tests are adjusted together. */
static struct verdict_counts count_verdicts(const struct tb_view *view, size_t testbed)
{
    struct verdict_counts counts = {0};
    for (size_t c = 0; c < view->contrasts; c++) {
        if (view->contrast_kind[c] != TB_CONTRAST_TESTBED ||
            (size_t)view->cell_testbed[view->contrast_cell[c]] != testbed)
            continue;
        for (size_t m = 0; m < view->metrics; m++) {
            if (view->metric_family[m] != 1)
                continue;
            counts.of[tb_verdict_shown(view, c, m)]++;
            counts.few += view->reason[c * view->metrics + m] == TB_REASON_FEW_VALUES;
        }
    }
    return counts;
}

static size_t count_family(const struct tb_view *view)
{
    size_t count = 0;
    for (size_t m = 0; m < view->metrics; m++)
        count += view->metric_family[m] == 1;
    return count;
}

static void write_verdict_row(struct tb_html *html, const struct tb_view *view, size_t testbed)
{
    const struct verdict_counts counts = count_verdicts(view, testbed);
    tb_html_markup(html, "<li>");
    tb_html_element(html, "b", view->testbed_name[testbed]);
    tb_html_format(html,
                   ": <span class=\"judgement similar\">%zu similar</span> <span class=\"judgement different\">%zu "
                   "different</span> <span class=\"judgement undecided\">%zu undecided</span>",
                   counts.of[TB_SHOWN_SIMILAR], counts.of[TB_SHOWN_DIFFERENT], counts.of[TB_SHOWN_UNDECIDED]);
    if (counts.few > 0)
        tb_html_format(html, " (%zu for want of values)", counts.few);
    if (counts.of[TB_SHOWN_NONE] > 0)
        tb_html_format(html, ", %zu not compared", counts.of[TB_SHOWN_NONE]);
    tb_html_markup(html, "</li>\n");
}

static void write_verdicts(struct tb_html *html, const struct tb_view *view)
{
    if (view->contrasts == 0)
        return;
    tb_html_format(html,
                   "<p>Verdicts of the equivalence test on the %zu metrics whose tests are adjusted together, over "
                   "all scenarios:</p>\n<ul class=\"verdicts\">\n",
                   count_family(view));
    for (size_t t = 1; t < view->testbeds && t <= NAMES; t++)
        write_verdict_row(html, view, t);
    if (view->testbeds > NAMES + 1)
        tb_html_format(html, "<li>%zu more testbeds stand in the tables below</li>\n", view->testbeds - NAMES - 1);
    tb_html_markup(html, "</ul>\n");
}

void tb_section_summary(struct tb_html *html, const struct tb_view *view)
{
    tb_html_markup(html, "<p class=\"lead\">");
    write_testbeds(html, view);
    tb_html_format(html, "%s compared with the baseline ", view->testbeds > 2 ? " are" : " is");
    tb_html_element(html, "b", view->testbeds == 0 ? "" : view->testbed_name[0]);
    tb_html_format(html, " in %s scenario%s, ", tb_number_count((int64_t)view->scenarios).text,
                   view->scenarios == 1 ? "" : "s");
    write_repetitions(html, view);
    tb_html_markup(html, ", at three levels: application, operating system, network. ");
    write_quality(html, view);
    tb_html_markup(html, "</p>\n");
    if (view->factors > 0)
        tb_html_markup(html, "<ul>\n");
    for (size_t f = 0; f < view->factors; f++)
        write_factor(html, view, f);
    if (view->factors > 0)
        tb_html_markup(html, "</ul>\n");
    write_verdicts(html, view);
}
