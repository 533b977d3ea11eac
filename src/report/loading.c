/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sections.h"

/* A short program that loads one table; the file's name goes where the mark is. */
struct example {
    const char *language;
    const char *before;
    const char *after;
};

static const struct example examples[] = {
    {"Python", "import h5py\nwith h5py.File(",
     ") as f:\n"
     "    metrics = f[\"metrics/metric_name\"].asstr()[:]\n"
     "    mean = f[\"comparison/mean\"][:]          # cell x metric\n"
     "    testbed = f[\"campaign/testbed_name\"].asstr()[:][f[\"campaign/cell_testbed\"][:]]\n"
     "    column = list(metrics).index(\"requests_per_second\")\n"
     "    print(dict(zip(testbed, mean[:, column])))\n"},
    {"R", "library(rhdf5)\nfile &lt;- ",
     "\nmetrics <- h5read(file, \"metrics/metric_name\")\n"
     "mean <- h5read(file, \"comparison/mean\")      # metric x cell: R turns dimensions around\n"
     "mean[metrics == \"requests_per_second\", ]\n"},
    {"Octave, MATLAB", "file = ",
     ";\nmean = h5read(file, '/comparison/mean');    % metric x cell\n"
     "metrics = h5read(file, '/metrics/metric_name');\n"
     "mean(strcmp(metrics, 'requests_per_second'), :)\n"},
    {"Julia", "using HDF5\nh5open(",
     ") do f\n"
     "    metrics = read(f[\"metrics/metric_name\"])\n"
     "    mean = read(f[\"comparison/mean\"])        # metric x cell\n"
     "    mean[metrics .== \"requests_per_second\", :]\n"
     "end\n"},
};

/* A name that all four languages read the same way between double quotes; else a plain one. */
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

void tb_section_loading(struct tb_html *html, const struct tb_view *view)
{
    const char *name = quotable_name(view->options->results_path);
    tb_html_markup(html,
                   "<h2 id=\"loading\">Load the numbers</h2>\n<p>Every number on this page is in the results file, an "
                   "HDF5 file that needs no twinbed to be read. Each dataset carries its unit and a sentence as "
                   "attributes, and each dimension has a scale at the root.</p>\n");
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        tb_html_format(html, "<h3>%s</h3>\n<pre><code>%s&quot;", examples[i].language, examples[i].before);
        tb_html_text(html, name);
        tb_html_markup(html, "&quot;");
        for (const char *c = examples[i].after; *c != '\0'; c++) {
            if (*c == '<')
                tb_html_markup(html, "&lt;");
            else
                tb_html_format(html, "%c", *c);
        }
        tb_html_markup(html, "</code></pre>\n");
    }
}
