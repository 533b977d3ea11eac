/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "overview.h"
#include "report/widgets/judgement.h"
#include "report/widgets/numbers.h"
#include "sections.h"

enum { NAMES = 12, LEVELS = 12, WORST = 3 };

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

/* "size 500B, 1MB, 16MB" */
static void write_factor(struct tb_html *html, const struct tb_view *view, size_t factor)
{
    size_t shown[LEVELS];
    size_t count = 0;
    bool more = false;
    tb_html_markup(html, factor == 0 ? "" : "; ");
    tb_html_element(html, "b", view->factor_name[factor]);
    tb_html_markup(html, " ");
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
    tb_html_markup(html, more ? " and more" : "");
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

static size_t count_contrasts(const struct tb_view *view, size_t testbed)
{
    size_t count = 0;
    for (size_t c = 0; c < view->contrasts; c++)
        count += view->contrast_kind[c] == TB_CONTRAST_TESTBED &&
                 (size_t)view->cell_testbed[view->contrast_cell[c]] == testbed;
    return count;
}

/* A comparison that is named: the worst of a metric. */
struct named {
    double weight;
    size_t contrast, metric;
};

/* The worst of a testbed among the metrics that are not named yet; weight below 0 when there is none. */
static struct named find_worst(const struct tb_view *view, size_t testbed, const struct named *before, size_t count)
{
    struct named worst = {.weight = -1};
    for (size_t c = 0; c < view->contrasts; c++) {
        if (view->contrast_kind[c] != TB_CONTRAST_TESTBED ||
            (size_t)view->cell_testbed[view->contrast_cell[c]] != testbed)
            continue;
        for (size_t m = 0; m < view->metrics; m++) {
            bool is_named = view->metric_family[m] != 1 || tb_verdict_shown(view, c, m) != TB_SHOWN_DIFFERENT;
            for (size_t i = 0; i < count; i++)
                is_named |= before[i].metric == m;
            const double weight = is_named ? -1 : tb_overview_weight(view, c, m);
            if (weight > worst.weight)
                worst = (struct named){weight, c, m};
        }
    }
    return worst;
}

/* "Most different: packets per request ×8.00 (1MB, clients 10), ..." */
static void write_worst(struct tb_html *html, const struct tb_view *view, size_t testbed)
{
    struct named named[WORST];
    for (size_t i = 0; i < WORST; i++) {
        named[i] = find_worst(view, testbed, named, i);
        if (named[i].weight < 0)
            return;
        const double ratio = tb_overview_ratio(view, named[i].contrast, named[i].metric);
        const int32_t scenario = view->cell_scenario[view->contrast_cell[named[i].contrast]];
        tb_html_markup(html, i == 0 ? "<br>Most different: " : ", ");
        tb_html_words(html, view->metric_name[named[i].metric]);
        tb_html_format(
            html, " <b>\xC3\x97%s</b> (",
            (ratio < 0.1 || ratio >= 100 ? tb_number_significant(ratio, 2) : tb_number_fixed(ratio, 2)).text);
        tb_html_text(html, view->scenario_label[scenario]);
        tb_html_markup(html, ")");
    }
}

/* One sentence a testbed: how many comparisons came to which verdict, drawn and in words, and the worst. */
static void write_verdict_row(struct tb_html *html, const struct tb_view *view, size_t testbed)
{
    static const struct {
        enum tb_shown_verdict verdict;
        const char *word;
    } shown[] = {{TB_SHOWN_SIMILAR, "similar"}, {TB_SHOWN_DIFFERENT, "different"}, {TB_SHOWN_UNDECIDED, "undecided"}};
    const struct verdict_counts counts = count_verdicts(view, testbed);
    const size_t scenarios = count_contrasts(view, testbed);
    tb_html_markup(html, "<li>");
    tb_html_element(html, "b", view->testbed_name[testbed]);
    tb_html_markup(html, " <span class=\"bar\" aria-hidden=\"true\">");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (counts.of[shown[i].verdict] > 0)
            tb_html_format(html, "<span class=\"%s\" style=\"flex-grow:%zu\"></span>", shown[i].word,
                           counts.of[shown[i].verdict]);
    tb_html_markup(html, "</span> ");
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        tb_html_format(html, "<span class=\"judgement %s\">%s %s</span> ", shown[i].word,
                       tb_number_count((int64_t)counts.of[shown[i].verdict]).text, shown[i].word);
    if (counts.few > 0)
        tb_html_format(html, "(%s for want of values) ", tb_number_count((int64_t)counts.few).text);
    tb_html_format(html, "in %s scenario%s", tb_number_count((int64_t)scenarios).text, scenarios == 1 ? "" : "s");
    if (counts.of[TB_SHOWN_NONE] > 0)
        tb_html_format(html, "; %s not compared", tb_number_count((int64_t)counts.of[TB_SHOWN_NONE]).text);
    tb_html_markup(html, ".");
    write_worst(html, view, testbed);
    tb_html_markup(html, "</li>\n");
}

static void write_verdicts(struct tb_html *html, const struct tb_view *view)
{
    if (view->contrasts == 0)
        return;
    tb_html_markup(html, "<ul class=\"verdicts\">\n");
    for (size_t t = 1; t < view->testbeds && t <= NAMES; t++)
        write_verdict_row(html, view, t);
    if (view->testbeds > NAMES + 1)
        tb_html_format(html, "<li>%zu more testbeds stand in the tables below</li>\n", view->testbeds - NAMES - 1);
    tb_html_markup(html, "</ul>\n");
}

/* It has verdicts, but none with a ratio, as a share that is 0 on both sides. */
static bool is_without_ratio(const struct tb_view *view, size_t metric)
{
    bool judged = false;
    for (size_t c = 0; c < view->contrasts && view->metric_family[metric] == 1; c++) {
        if (view->contrast_kind[c] != TB_CONTRAST_TESTBED)
            continue;
        if (!isnan(tb_overview_ratio(view, c, metric)))
            return false;
        judged = judged || tb_verdict_shown(view, c, metric) != TB_SHOWN_NONE;
    }
    return judged;
}

/* The sentences above count more verdicts than the picture shows. */
static void write_left_out(struct tb_html *html, const struct tb_view *view)
{
    size_t count = 0;
    for (size_t m = 0; m < view->metrics; m++) {
        if (!is_without_ratio(view, m))
            continue;
        tb_html_markup(html, count++ == 0 ? " Counted above, but without a ratio: " : ", ");
        tb_html_words(html, view->metric_name[m]);
    }
    tb_html_markup(html, count == 0 ? "" : ".");
}

/* What the colours stand for, each on one line with its words. */
static void write_keys(struct tb_html *html)
{
    static const struct {
        const char *class, *words;
    } keys[] = {{"similar", "similar"},
                {"higher", "different and higher"},
                {"lower", "different and lower"},
                {"undecided", "undecided"}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        tb_html_format(html, "<span class=\"meaning\"><span class=\"key %s\"></span> %s</span>, ", keys[i].class,
                       keys[i].words);
}

static void write_caption(struct tb_html *html, const struct tb_view *view, const struct tb_overview *overview)
{
    tb_html_markup(html, "<p class=\"note\"><b>Ratio to ");
    tb_html_text(html, view->testbeds == 0 ? "the baseline" : view->testbed_name[0]);
    if (overview->is_map) {
        tb_html_markup(html, "</b>, the worst metric on top: ");
        write_keys(html);
        tb_html_markup(html, "by the test of equivalence.");
    } else {
        tb_html_format(
            html,
            "</b> on a logarithmic axis with its 90\xC2\xA0%% interval, the worst metric on top; the band is "
            "\xC2\xB1%s. \xE2\x97\x8F\xC2\xA0similar, \xE2\x96\xA0\xC2\xA0"
            "different, \xE2\x97\x8B\xC2\xA0undecided, by the "
            "test of equivalence; n: runs with a value, where not all have one.",
            tb_number_percent(tb_overview_closeness(view)).text);
    }
    write_left_out(html, view);
    tb_html_markup(html, "</p>\n");
}

/* The picture of the first screen; none where nothing has a ratio. */
static void write_picture(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    if (plots->reason[0] != '\0') {
        tb_html_format(html, "<p class=\"reason\">No plots: %s; the numbers stand in the tables.</p>\n", plots->reason);
        return;
    }
    for (size_t i = 0; i < plots->count; i++) {
        if (plots->items[i].kind != TB_PLOT_OVERVIEW)
            continue;
        write_caption(html, view, &plots->overview);
        tb_html_markup(html, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"All verdicts in one "
                             "picture\">\n");
        tb_plot_write(html, view, plots, i,
                      "Ratio of each testbed to the baseline for each metric; the numbers are in the tables below");
        tb_html_markup(html, "</div>\n");
    }
}

void tb_section_summary(struct tb_html *html, const struct tb_view *view, const struct tb_plots *plots)
{
    tb_html_markup(html, "<p class=\"lead\">");
    write_testbeds(html, view);
    tb_html_format(html, "%s compared with the baseline ", view->testbeds > 2 ? " are" : " is");
    tb_html_element(html, "b", view->testbeds == 0 ? "" : view->testbed_name[0]);
    tb_html_format(html, " in %s scenario%s, ", tb_number_count((int64_t)view->scenarios).text,
                   view->scenarios == 1 ? "" : "s");
    write_repetitions(html, view);
    tb_html_markup(html, view->factors > 0 ? ": " : "");
    for (size_t f = 0; f < view->factors; f++)
        write_factor(html, view, f);
    tb_html_markup(html, ". ");
    write_quality(html, view);
    tb_html_markup(html, "</p>\n");
    write_verdicts(html, view);
    write_picture(html, view, plots);
}
