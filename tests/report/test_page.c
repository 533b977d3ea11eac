/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/made_results.h"
#include "twinbed/report/report.h"

static char directory[] = "twinbed-report-XXXXXX";

static char *in_directory(const char *name)
{
    static char path[sizeof directory + 64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc((size_t)size + 1, 1);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    fclose(file);
    return text;
}

static enum tb_status write_page(struct tb_results *results, const struct tb_report_options *options,
                                 struct tb_error *error)
{
    FILE *page = fopen(in_directory("page.html"), "w");
    assert_non_null(page);
    const enum tb_status status = tb_report_write(results, options, page, error);
    assert_int_equal(fclose(page), 0);
    return status;
}

/* The page of a made campaign; the caller frees it. It stays in the directory as page.html. */
static char *page_of(const struct made_options *made, const struct tb_report_options *options)
{
    struct tb_error error = {0};
    struct tb_results *results = NULL;
    assert_true(made_results_write(in_directory("made.h5"), made));
    assert_int_equal(tb_results_open(in_directory("made.h5"), &results, &error), TB_OK);
    enum tb_status status = write_page(results, options, &error);
    if (status != TB_OK)
        print_error("%s\n", error.text);
    assert_int_equal(status, TB_OK);
    tb_results_close(results);
    unlink(in_directory("made.h5"));
    return read_whole(in_directory("page.html"));
}

static void assert_has(const char *page, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(page, parts[i]) == NULL)
            print_error("the page lacks: %s\n", parts[i]);
        assert_non_null(strstr(page, parts[i]));
    }
}

static size_t count(const char *page, const char *what)
{
    size_t found = 0;
    for (const char *at = page; (at = strstr(at, what)) != NULL; at++)
        found++;
    return found;
}

static const struct made_options full = {.link = true,
                                         .sizes = true,
                                         .instrumented = true,
                                         .traces = true,
                                         .counters = true,
                                         .captures = true,
                                         .clients = 1,
                                         .repetitions = 4};
static const struct made_options bare = {.clients = 2, .repetitions = 3};
static const struct made_options hostile = {.link = true,
                                            .sizes = true,
                                            .instrumented = true,
                                            .traces = true,
                                            .counters = true,
                                            .captures = true,
                                            .hostile = true,
                                            .clients = 1,
                                            .repetitions = 3};

static void every_published_table_and_figure_has_its_caption(void **state)
{
    (void)state;
    static const char *const captions[] = {
        "Tables I and II.",
        "Table III.",
        "Tables IV and V.",
        "Figure 2a.",
        "Figure 2b.",
        "Table VI.",
        "Table VII.",
        "Table VIII.",
        "Table IX.",
        "Figure 3.",
        "Where the bytes went.",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, captions, sizeof captions / sizeof captions[0]);
    free(page);
    page = page_of(&bare, NULL);
    assert_has(page, captions, sizeof captions / sizeof captions[0]);
    free(page);
}

static void numbers_of_the_results_are_on_the_page(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<h1 id=\"top\">A study that never was</h1>",
        ">link = 10Gbps</h4>",
        "E+5531",
        "E\xE2\x88\x92"
        "33288",
        "1\xE2\x80\xAF"
        "032",
        "the adapter was reset &lt;twice&gt;",
        "the file ends inside a record",
        "What moves the metrics.",
        "Shares of variance by metric.",
        "repetition 11",
        "score \xE2\x88\x92"
        "18",
        "812\xE2\x80\xAF"
        "345",
        "made by a test\nin two",
        "digest-of-7</td>",
        "<dt>never heard of</dt><dd>shown all the same</dd>",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    free(page);
}

static void assert_never(const char *page, const char *what)
{
    if (strstr(page, what) != NULL)
        fail_msg("the page has: %s", what);
}

/* Noise makes intervals overlap: no colour and no sum may reward it. */
static void the_verdict_is_that_of_the_test(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<span class=\"judgement undecided\">",
        "<small class=\"few\">few values</small><small class=\"signs\">close, overlap</small>",
        "<span class=\"judgement similar\">",
        "<span class=\"judgement different\">",
        "<small class=\"signs\">neither</small>",
        "<small class=\"signs\">close, overlap</small>",
        "<b>published signs</b>",
        "for want of values)",
        /* A run of one cell is left out. */
        "<small class=\"few\">n\xC2\xA0"
        "3 of 4</small>",
        "n\xC2\xA0=\xC2\xA0"
        "3 of 4",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    /* What a title says is not seen on touch or paper. */
    assert_never(page, " title=\"");
    assert_never(page, "class=\"judgement both\"");
    free(page);
}

/* What somebody sees who looks for ten seconds. */
static void the_first_screen_answers(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<ul class=\"verdicts\">", "<li><b>e1000</b> <span class=\"bar\"",
        "<br>Most different: ",    "<figure id=\"figure-overview\"",
        "the worst metric on top",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    /* In the picture the testbeds have their names. */
    const char *picture = strstr(page, "<figure id=\"figure-overview\"");
    const char *end = strstr(picture, "</figure>");
    const char *name = strstr(picture, ">e1000<");
    assert_true(name != NULL && name < end);
    const char *first = strstr(page, "<h2 id=\"application\">");
    assert_true(first != NULL && end < first);
    /* The sentences count verdicts of metrics that have no ratio, and so are not in the picture. */
    const char *without = strstr(page, " Counted above, but without a ratio: client walk bits per transition.");
    assert_true(without != NULL && without < picture);
    assert_true(strstr(picture, ">client walk bits per transition<") == NULL ||
                strstr(picture, ">client walk bits per transition<") > end);
    free(page);
}

/* A table of verdicts has no columns without verdicts: without instruments there are none of operating systems. */
static void contrasts_without_values_are_counted(void **state)
{
    (void)state;
    char *page = page_of(&full, NULL);
    const char *level = strstr(page, "<h2 id=\"operating-system\">"), *end = strstr(level, "<h2 id=\"network\">");
    const char *said = strstr(level, "<p class=\"note\">12 more contrasts have no values of these metrics.</p>");
    const char *column = strstr(level, "not instrumented</th>");
    assert_true(said != NULL && said < end);
    assert_true(column == NULL || column > end);
    assert_non_null(strstr(page, "not instrumented</th>"));
    free(page);
}

/* Points with intervals for few contrasts, a map for many, nothing where nothing is compared. */
static void the_picture_fits_the_campaign(void **state)
{
    (void)state;
    char *page = page_of(&bare, NULL);
    assert_non_null(strstr(page, "on a logarithmic axis with its 90"));
    free(page);
    page = page_of(&full, NULL);
    assert_non_null(
        strstr(page, "<span class=\"meaning\"><span class=\"key lower\"></span> different and lower</span>"));
    /* Scenarios that are few have their names. */
    const char *picture = strstr(page, "<figure id=\"figure-overview\"");
    const char *label = strstr(picture, ">10Gbps, 500B");
    assert_true(label != NULL && label < strstr(picture, "</figure>"));
    free(page);
    static const struct made_options empty = {.clients = 1, .repetitions = 1, .empty = true};
    page = page_of(&empty, NULL);
    assert_never(page, "plot overview");
    free(page);
}

static void sections_stand_in_their_order(void **state)
{
    (void)state;
    static const char *const ids[] = {"application", "operating-system", "network", "study",    "sensitivity",
                                      "outlying",    "quality",          "runs",    "settings", "loading"};
    char *page = page_of(&full, NULL);
    const char *before = page;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        char heading[64], link[64];
        snprintf(heading, sizeof heading, "<h2 id=\"%s\">", ids[i]);
        snprintf(link, sizeof link, "<a href=\"#%s\">", ids[i]);
        const char *found = strstr(page, heading);
        if (found == NULL || found < before || strstr(page, link) == NULL)
            fail_msg("%s is not there, not in its place or not in the list of contents", ids[i]);
        before = found;
    }
    free(page);
}

static void rounding_is_no_difference(void **state)
{
    (void)state;
    char *page = page_of(&full, NULL);
    assert_never(page, "E\xE2\x88\x92"
                       "16");
    assert_never(page, "E\xE2\x88\x92"
                       "17");
    free(page);
}

static void figures_say_what_they_leave_out(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "Figure 2b as its text says.",
        "reads / (requests per second)",
        "; pruning keeps ",
        " are drawn, ",
        "The study does not say which it counts",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    free(page);
    page = page_of(&bare, NULL);
    assert_never(page, "Figure 2b as its text says.");
    free(page);
}

static void what_a_campaign_lacks_is_said(void **state)
{
    (void)state;
    static const char *const reasons[] = {
        "This campaign has no factor link speed: one table for all.",
        "this campaign has no factor <code>instrumented</code>",
        "this campaign has no artifact of kind trace",
        "this campaign has no artifact of kind counters",
        "this campaign has no factor that is a size in bytes",
        "no value: no walks",
        "No shares of variance: no metric has values that differ.",
    };
    char *page = page_of(&bare, NULL);
    assert_has(page, reasons, sizeof reasons / sizeof reasons[0]);
    free(page);
}

static void a_missing_gnuplot_leaves_a_sentence(void **state)
{
    (void)state;
    static const char *const parts[] = {"No plots: gnuplot is not installed, or could not be started; the numbers",
                                        "Figure 2a as a table."};
    struct tb_report_options options = {.gnuplot = "/nonexistent/gnuplot"};
    char *page = page_of(&full, &options);
    assert_has(page, parts, 2);
    assert_int_equal(count(page, "gnuplot is not installed"), 1);
    free(page);
}

static void chains_are_drawn_for_every_testbed(void **state)
{
    (void)state;
    char *page = page_of(&full, NULL);
    size_t drawings = 0;
    for (const char *at = page; (at = strstr(at, "class=\"chain\" tabindex=\"0\">")) != NULL; at++)
        drawings++;
    /* Three scenarios, three testbeds, client and server. */
    assert_int_equal(drawings, 18);
    assert_non_null(strstr(page, "class=\"edge only\""));
    assert_non_null(strstr(page, "class=\"edge absent\""));
    free(page);
}

static void chains_and_runs_stand_beside_the_baselines(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<small>13 + 9 of 100</small>",
        "<small>all 70</small>",
        "<td>6.12</td>",
        "of their variation.",
        "<th scope=\"row\"><code>close</code></th>",
        "<td>+38.0</td>",
        "<td>+0.0317</td>",
        "Three averages of the same walks.",
        "<td>4\xE2\x80\xAF"
        "713</td><td>26 of 100</td>",
        "as the first of a thread</td><td>17</td>",
        "Walk profiles",
        "calls 1\xE2\x80\xAF"
        "000\xE2\x80\xAF"
        "000 to 1\xE2\x80\xAF"
        "499\xE2\x80\xAF"
        "999</td><td>2.75</td><td>+1.25</td><td>321</td>",
        "<td class=\"text\">nowhere</td>",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    /* A map for each of the first scenarios, with axes. */
    assert_non_null(strstr(page, "id=\"figure-run-places-8\""));
    assert_null(strstr(page, "id=\"figure-run-places-9\""));
    assert_non_null(strstr(page, "first axis: 75 % of the variation"));
    free(page);
}

static void factors_that_change_together_are_named(void **state)
{
    (void)state;
    static const struct made_options together = {
        .link = true, .sizes = true, .together = true, .clients = 2, .repetitions = 2};
    static const struct made_options apart = {.link = true, .sizes = true, .clients = 2, .repetitions = 2};
    static const char *const sentence[] = {
        "In this campaign link and clients always change together, so neither has a share of its own"};
    char *page = page_of(&together, NULL);
    assert_has(page, sentence, 1);
    free(page);
    page = page_of(&apart, NULL);
    assert_null(strstr(page, "always change together"));
    free(page);
}

/* One builder, a row of a table each: nothing is drawn of what nobody measured. */
static void headline_quantities_have_pictures(void **state)
{
    (void)state;
    static const char *const pictures[] = {"requests-per-second", "client-reads-per-request",
                                           "server-payload-per-request", "packets-per-request", "jitter"};
    char *page = page_of(&full, NULL);
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        char id[96];
        snprintf(id, sizeof id, "<figure id=\"figure-%s\" class=\"plot\">\n<svg", pictures[i]);
        if (strstr(page, id) == NULL)
            fail_msg("there is no picture of %s", pictures[i]);
    }
    /* Three sizes are an axis; two link speeds are lines. */
    assert_non_null(strstr(page, "lines, the unbroken one first: 1Gbps / 10Gbps"));
    assert_non_null(strstr(page, "Data: <code>/metrics/run_value</code>. <a download=\"requests-per-second.svg\""));
    assert_int_equal(count(page, "<a download=\""), count(page, "<figure id=\"figure-"));
    free(page);
    page = page_of(&bare, NULL);
    assert_null(strstr(page, "figure-client-reads-per-request"));
    free(page);
}

/* Segments of e1000 are half as large; gaps and round-trip times are drawn of one scenario each. */
static void distributions_have_pictures(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "<figure id=\"figure-server-segments-1\" class=\"plot\">\n<svg",
        "<figure id=\"figure-server-segments-2\" class=\"plot\">\n<svg",
        "<figure id=\"figure-server-rtt-1\" class=\"plot\">\n<svg",
        "<figure id=\"figure-server-gaps-1\" class=\"plot\">\n<svg",
        "Sizes of the server&#39;s segments</b>; 1Gbps, 500B; of 6 scenarios one of those in which testbeds differ "
        "most.",
        "Data: <code>/net/capture_server_segment</code>.",
    };
    char *page = page_of(&full, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    assert_null(strstr(page, "figure-server-segments-3"));
    free(page);
    page = page_of(&bare, NULL);
    assert_null(strstr(page, "figure-server-segments"));
    free(page);
}

/* Of 24 runs with stalls those with the longest are drawn, each under its name. */
static void stalls_have_a_picture(void **state)
{
    (void)state;
    char *page = page_of(&full, NULL);
    const char *picture = strstr(page, "<figure id=\"figure-stalls\"");
    assert_non_null(picture);
    const char *end = strstr(picture, "</figure>");
    assert_non_null(strstr(picture, "; the 12 runs with the longest, of "));
    assert_true(strstr(picture, ">e1000/scenario-11/rep-04<") < end);
    assert_true(strstr(picture, ">2 flows, ") < end);
    /* Long times, too, are numbers as people write them. */
    const char *long_one = strstr(picture, " s<"), *float_noise = strstr(picture, "e+03 s<");
    assert_true(long_one != NULL && long_one < end && (float_noise == NULL || float_noise > end));
    const char *short_one = strstr(picture, ">e1000/scenario-0/rep-01<");
    assert_true(short_one == NULL || short_one > end);
    const char *trail = strstr(page, "<figure id=\"figure-trail-1\"");
    assert_non_null(trail);
    assert_non_null(strstr(trail, "10.0.0.2:40000 to 10.0.0.1:80, which stood still for 6"));
    assert_true(strstr(trail, "; the flow has more packets.") < strstr(trail, "</figure>"));
    free(page);
    page = page_of(&bare, NULL);
    assert_null(strstr(page, "figure-stalls"));
    assert_null(strstr(page, "figure-trail"));
    free(page);
}

static void hostile_names_stay_text(void **state)
{
    (void)state;
    char *page = page_of(&hostile, NULL);
    assert_null(strstr(page, "</script"));
    assert_null(strstr(page, "<b a="));
    assert_null(strstr(page, "<script"));
    assert_non_null(
        strstr(page, "&lt;/script&gt;&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp; \\N %s \xC3\xA9\xE2\x9C\x93"));
    free(page);
}

static void pages_need_nothing_from_outside(void **state)
{
    (void)state;
    char *page = page_of(&full, NULL);
    static const char *const foreign[] = {"http://", "https://", "<link", "<img", "src=", "@import"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        assert_null(strstr(page, foreign[i]));
    const char *const policy =
        strstr(page, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    assert_non_null(policy);
    assert_true(policy < strstr(page, "<title>"));
    free(page);
}

/* Elements nest, tables have captions, ids occur once: checked by another program. */
static void pages_are_well_formed(void **state)
{
    (void)state;
    const struct made_options *const campaigns[] = {&full, &bare, &hostile};
    if (system("python3 -c 'import html.parser' >/dev/null 2>&1") != 0) {
        print_message("skipped: there is no python3\n");
        skip();
    }
    for (size_t i = 0; i < sizeof campaigns / sizeof campaigns[0]; i++) {
        free(page_of(campaigns[i], NULL));
        char command[512];
        snprintf(command, sizeof command, "python3 '%s/tests/report/check_page.py' '%s'", TWINBED_SOURCE_DIR,
                 in_directory("page.html"));
        assert_int_equal(system(command), 0);
    }
}

static void an_index_that_points_outside_is_refused(void **state)
{
    (void)state;
    static const struct made_options outside = {.clients = 1, .repetitions = 2, .outside = true};
    struct tb_error error = {0};
    struct tb_results *results = NULL;
    assert_true(made_results_write(in_directory("made.h5"), &outside));
    assert_int_equal(tb_results_open(in_directory("made.h5"), &results, &error), TB_OK);
    assert_int_equal(write_page(results, NULL, &error), TB_CORRUPT);
    assert_non_null(strstr(error.text, "campaign/run_cell[0] is 9999, but must be 0 to 2"));
    tb_results_close(results);
    unlink(in_directory("made.h5"));
}

static void an_empty_campaign_gives_a_page(void **state)
{
    (void)state;
    static const struct made_options empty = {.clients = 1, .repetitions = 1, .empty = true};
    static const char *const parts[] = {"No verdicts", "Table IX.", "Load the numbers", "</html>"};
    char *page = page_of(&empty, NULL);
    assert_has(page, parts, sizeof parts / sizeof parts[0]);
    free(page);
}

static int leave(void **state)
{
    (void)state;
    unlink(in_directory("page.html"));
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_published_table_and_figure_has_its_caption),
        cmocka_unit_test(numbers_of_the_results_are_on_the_page),
        cmocka_unit_test(the_verdict_is_that_of_the_test),
        cmocka_unit_test(the_first_screen_answers),
        cmocka_unit_test(contrasts_without_values_are_counted),
        cmocka_unit_test(the_picture_fits_the_campaign),
        cmocka_unit_test(sections_stand_in_their_order),
        cmocka_unit_test(rounding_is_no_difference),
        cmocka_unit_test(figures_say_what_they_leave_out),
        cmocka_unit_test(what_a_campaign_lacks_is_said),
        cmocka_unit_test(a_missing_gnuplot_leaves_a_sentence),
        cmocka_unit_test(chains_are_drawn_for_every_testbed),
        cmocka_unit_test(chains_and_runs_stand_beside_the_baselines),
        cmocka_unit_test(factors_that_change_together_are_named),
        cmocka_unit_test(headline_quantities_have_pictures),
        cmocka_unit_test(distributions_have_pictures),
        cmocka_unit_test(stalls_have_a_picture),
        cmocka_unit_test(hostile_names_stay_text),
        cmocka_unit_test(pages_need_nothing_from_outside),
        cmocka_unit_test(pages_are_well_formed),
        cmocka_unit_test(an_index_that_points_outside_is_refused),
        cmocka_unit_test(an_empty_campaign_gives_a_page),
    };
    MPI_Init(NULL, NULL);
    if (mkdtemp(directory) == NULL)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, leave);
    MPI_Finalize();
    return failed;
}
