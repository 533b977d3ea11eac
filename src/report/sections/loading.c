/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sections.h"

/* A short program that loads one table. @ stands for the file's name and ~ for
 * the place of the metric, counted from 1. */
struct example {
    const char *language;
    const char *program;
};

static const struct example examples[] = {
    {"Any program, a table at a time",
     "twinbed export --list  # what there is\n"
     "twinbed export \"@\" --table comparison > comparison.csv\n"
     "twinbed export \"@\" --table summaries --format latex > summaries.tex\n"
     "twinbed report \"@\" --figures figures  # every picture of this page, as SVG and PDF\n"},
    {"Python", "import h5py\n"
               "with h5py.File(\"@\") as f:\n"
               "    text = lambda name: f[name].asstr()[:]\n"
               "    metric = list(text(\"metrics/metric_name\")).index(\"requests_per_second\")\n"
               "    testbed = text(\"campaign/testbed_name\")[f[\"campaign/cell_testbed\"][:]]\n"
               "    scenario = text(\"campaign/scenario_name\")[f[\"campaign/cell_scenario\"][:]]\n"
               "    for row in zip(testbed, scenario, f[\"comparison/mean\"][:, metric]):\n"
               "        print(*row)\n"},
    {"R", "library(rhdf5)\n"
          "name <- h5read(\"@\", \"metrics/metric_name\")\n"
          "mean <- h5read(\"@\", \"comparison/mean\")  # metric x cell: R turns dimensions around\n"
          "testbed <- h5read(\"@\", \"campaign/testbed_name\")[h5read(\"@\", \"campaign/cell_testbed\") + 1]\n"
          "scenario <- h5read(\"@\", \"campaign/scenario_name\")[h5read(\"@\", \"campaign/cell_scenario\") + 1]\n"
          "data.frame(testbed, scenario, mean = mean[which(name == \"requests_per_second\"), ])\n"},
    {"Octave", "pkg load netcdf  % reads every number; Octave reads no HDF5 text of variable length\n"
               "mean = ncread(\"@\", \"/comparison/mean\");  % metric x cell\n"
               "mean(~, :)  % requests_per_second\n"},
    {"MATLAB", "name = h5read(\"@\", \"/metrics/metric_name\");\n"
               "mean = h5read(\"@\", \"/comparison/mean\");  % metric x cell\n"
               "mean(name == \"requests_per_second\", :)\n"},
    {"Julia", "using HDF5\n"
              "h5open(\"@\") do file\n"
              "    name = read(file, \"metrics/metric_name\")\n"
              "    mean = read(file, \"comparison/mean\")  # metric x cell\n"
              "    mean[findfirst(==(\"requests_per_second\"), name), :]\n"
              "end\n"},
};

/* A name that all these languages read the same way between double quotes; else a plain one. */
static const char *quotable_name(const char *path)
{
    const char *name = path == NULL ? "results.h5" : path;
    const char *slash = strrchr(name, '/');
    name = slash == NULL ? name : slash + 1;
    for (const char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || strchr("\"\\$%'", *c) != NULL)
            return "results.h5";
    return name[0] == '\0' ? "results.h5" : name;
}

static void write_program(struct tb_html *html, const char *program, const char *name, size_t metric)
{
    for (; *program != '\0'; program++) {
        const char letter[2] = {*program, '\0'};
        if (*program == '@')
            tb_html_text(html, name);
        else if (*program == '~')
            tb_html_format(html, "%zu", metric + 1);
        else if (*program == '\n')
            tb_html_markup(html, "\n"); /* which is no control character here */
        else
            tb_html_text(html, letter);
    }
}

static void write_example(struct tb_html *html, const struct example *example, const char *name, size_t metric)
{
    tb_html_format(html, "<pre tabindex=\"0\" aria-label=\"%s\"><code>", example->language);
    write_program(html, example->program, name, metric);
    tb_html_markup(html, "</code></pre>\n");
}

void tb_section_loading(struct tb_html *html, const struct tb_view *view)
{
    const char *name = quotable_name(view->options->results_path);
    const size_t found = tb_view_metric(view, "requests_per_second"), metric = found == TB_ABSENT ? 0 : found;
    tb_html_markup(html,
                   "<h2 id=\"loading\">Load the numbers</h2>\n<p>Every number on this page is in the results file, an "
                   "HDF5 file that needs no twinbed to be read. Each dataset carries its unit and a sentence as "
                   "attributes, and each dimension has a scale at the root.</p>\n");
    tb_fold_open(html, true, "%s", examples[0].language);
    write_example(html, &examples[0], name, metric);
    tb_fold_close(html);
    tb_fold_open(html, false, "Python, R, Octave, MATLAB, Julia");
    for (size_t i = 1; i < sizeof examples / sizeof examples[0]; i++) {
        tb_html_element(html, "p", examples[i].language);
        write_example(html, &examples[i], name, metric);
    }
    tb_fold_close(html);
}
