/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drawing.h"
#include "edges.h"
#include "report/widgets/figure.h"
#include "sections.h"

enum { SCENARIOS_DRAWN = 3, EDGES_DRAWN = 160, TESTBEDS_DRAWN = 6, NAMES_LISTED = 60 };

/* Everything one scenario's chains of one role need. */
struct chain_figure {
    const struct tb_view *view;
    enum tb_view_role role;
    size_t scenario;
    struct tb_edge_union edges;
};

/* The chain of each testbed with the lowest order. False when there is none. */
static bool find_chains(const struct tb_view *view, const size_t *chain_at, size_t scenario, size_t *chains)
{
    bool any = false;
    for (size_t t = 0; t < view->testbeds; t++) {
        size_t cell = tb_view_cell(view, scenario, t);
        chains[t] = cell == TB_ABSENT ? TB_ABSENT : chain_at[cell];
        any = any || chains[t] != TB_ABSENT;
    }
    return any;
}

/* By cell: the chain of the role with the lowest order. */
static void index_chains(const struct tb_view *view, enum tb_view_role role, size_t *chain_at)
{
    for (size_t c = 0; c < view->cells; c++)
        chain_at[c] = TB_ABSENT;
    for (size_t i = 0; i < view->chains; i++) {
        size_t *at = &chain_at[view->chain_cell[i]];
        if (view->chain_role[i] != (int32_t)role || view->chain_run[i] >= 0 || view->chain_edges[i] == 0)
            continue;
        if (*at == TB_ABSENT || view->chain_order[i] < view->chain_order[*at])
            *at = i;
    }
}

/* What the drawing shows, and what it leaves out: by pruning, and for being rare. */
static void write_extent(struct tb_html *html, const struct chain_figure *figure, size_t testbed, bool all)
{
    const struct tb_view *view = figure->view;
    const size_t chain = figure->edges.chain[testbed];
    const struct tb_drawn_edges drawn = tb_edge_union_drawn(&figure->edges, view, testbed, all);
    tb_html_format(
        html,
        ": %d sequences, %s transitions, %d states; pruning keeps %zu of %d edges, which %s of the transitions "
        "go over",
        (int)view->chain_sequences[chain], tb_number_count(view->chain_transitions[chain]).text,
        (int)view->chain_states[chain], drawn.kept, (int)view->chain_edges[chain],
        tb_number_count(drawn.kept_transitions).text);
    if (drawn.drawn == drawn.kept)
        tb_html_markup(html, "; all of them are drawn, and the weights that leave a state add up to 1");
    else
        tb_html_format(
            html,
            "; %zu of them are drawn, for %s transitions; at %zu of %zu states the weights drawn add up to less "
            "than 1",
            drawn.drawn, tb_number_count(drawn.drawn_transitions).text, drawn.short_states, drawn.states);
}

/* A chain that is drawn. */
struct drawn_chain {
    const struct chain_figure *figure;
    size_t testbed;
    bool all;
};

static void write_chain_caption(struct tb_html *html, const void *context)
{
    const struct drawn_chain *drawn = context;
    tb_html_markup(html, "<b>");
    tb_html_text(html, drawn->figure->view->testbed_name[drawn->testbed]);
    tb_html_markup(html, "</b>, ");
    tb_html_text(html, drawn->figure->view->scenario_label[drawn->figure->scenario]);
    tb_html_markup(html, drawn->figure->role == TB_VIEW_CLIENT ? ", client" : ", server");
    if (drawn->figure->edges.chain[drawn->testbed] != TB_ABSENT)
        write_extent(html, drawn->figure, drawn->testbed, drawn->all);
    tb_html_markup(html, ".");
}

static void write_drawing(struct tb_html *html, const struct chain_figure *figure, size_t testbed, bool all)
{
    const bool has_chain = figure->edges.chain[testbed] != TB_ABSENT;
    size_t size = 0;
    char *svg = has_chain ? tb_chain_draw(figure->view, &figure->edges, testbed, all, &size) : NULL;
    char name[64];
    snprintf(name, sizeof name, "chain-%s-%zu-%zu%s", figure->role == TB_VIEW_CLIENT ? "client" : "server",
             figure->scenario + 1, testbed + 1, all ? "-all" : "");
    const struct drawn_chain drawn = {figure, testbed, all};
    const struct tb_figure drawing = {
        .name = name,
        .class = "chain",
        .svg = svg,
        .size = size,
        .absent = has_chain ? "No drawing: graphviz could not lay out the chain" : "No chain: no usable trace",
        .label = "Markov chain of system calls; its edges and weights are in the table below",
        .data = "<code>/os/edge_*</code>",
        .alone = "Red edges are in this testbed only, violet ones not in every testbed, faint ones in others.",
        .scrolls = true,
    };
    tb_figure_write(html, &drawing, write_chain_caption, &drawn);
    free(svg);
}

static void write_grid(struct tb_html *html, const struct chain_figure *figure, size_t drawn, bool all)
{
    tb_html_format(html, "<div class=\"%s\">\n", all ? "large" : "figures");
    for (size_t t = 0; t < drawn; t++)
        write_drawing(html, figure, t, all);
    tb_html_markup(html, "</div>\n");
}

/* Side by side the edges that matter; below, folded away and large, all of them. */
static void write_drawings(struct tb_html *html, const struct chain_figure *figure)
{
    const struct tb_edge_union *edges = &figure->edges;
    size_t testbeds = figure->view->testbeds;
    size_t drawn = testbeds < TESTBEDS_DRAWN ? testbeds : TESTBEDS_DRAWN;
    if (tb_chain_absent() != NULL)
        return;
    write_grid(html, figure, drawn, false);
    if (edges->chosen_count < edges->count)
        tb_html_format(
            html,
            "<p class=\"note\">Drawn are the %zu edges that are most frequent or differ between testbeds, of %zu that "
            "pruning keeps in one of them. Where edges of a state are not drawn, the weights at it do not add up to "
            "1; the table has all of them.</p>\n",
            edges->chosen_count, edges->count);
    if (edges->chosen_count < edges->count && edges->count <= EDGES_DRAWN) {
        tb_fold_open(html, false, "Drawings of all %zu edges", edges->count);
        write_grid(html, figure, drawn, true);
        tb_fold_close(html);
    }
    if (drawn < testbeds)
        tb_html_format(html, "<p class=\"note\">%zu more testbeds are in the table only.</p>\n", testbeds - drawn);
}

/* How far each testbed agrees with the baseline on which edges exist. */
static void write_agreement(struct tb_html *html, const struct chain_figure *figure)
{
    const struct tb_view *view = figure->view;
    const struct tb_edge_union *edges = &figure->edges;
    if (edges->chain[0] == TB_ABSENT || edges->testbeds_with_chain < 2)
        return;
    tb_html_markup(html, "<p>Edges that exist in one of the two only, of all edges of ");
    tb_html_text(html, view->testbed_name[0]);
    tb_html_markup(html, " or the testbed: ");
    bool first = true;
    for (size_t t = 1; t < view->testbeds; t++) {
        if (edges->chain[t] == TB_ABSENT)
            continue;
        size_t either = 0;
        size_t one = 0;
        for (size_t i = 0; i < edges->count; i++) {
            bool a = edges->kept[i * view->testbeds];
            bool b = edges->kept[i * view->testbeds + t];
            either += a || b;
            one += a != b;
        }
        tb_html_markup(html, first ? "" : "; ");
        tb_html_text(html, view->testbed_name[t]);
        tb_html_format(html, " %zu of %zu (%s)", one, either,
                       tb_number_percent(either == 0 ? 0 : (double)one / (double)either).text);
        first = false;
    }
    tb_html_markup(html, ".</p>\n");
}

/* Weight and count; the column's index is the testbed. */
static void write_weight(struct tb_html *html, const struct tb_cell *cell)
{
    const struct chain_figure *figure = cell->context;
    const struct tb_view *view = cell->view;
    const size_t at = cell->row * view->testbeds + cell->index;
    const size_t edge = figure->edges.edge[at];
    if (figure->edges.chain[cell->index] == TB_ABSENT || edge == TB_ABSENT) {
        tb_cell_missing(html);
        tb_cell_missing(html);
        return;
    }
    const bool kept = figure->edges.kept[at];
    tb_html_format(html, "<td%s>%s%s</td><td>%s</td>", kept ? "" : " class=\"empty\"",
                   kept ? tb_number_fixed(view->edge_pruned_weight[edge], 4).text
                        : tb_number_significant(view->edge_weight[edge], 2).text,
                   kept ? "" : "<small>pruned</small>", tb_number_count(view->edge_count[edge]).text);
}

static double kept_weight(const struct tb_view *view, const struct tb_edge_union *edges, size_t at)
{
    return edges->kept[at] ? view->edge_pruned_weight[edges->edge[at]] : 0;
}

static void write_difference(struct tb_html *html, const struct tb_cell *cell)
{
    const struct tb_edge_union *edges = &((const struct chain_figure *)cell->context)->edges;
    const size_t baseline = cell->row * cell->view->testbeds;
    if (edges->chain[0] == TB_ABSENT || edges->chain[cell->index] == TB_ABSENT) {
        tb_cell_missing(html);
        return;
    }
    const double difference =
        kept_weight(cell->view, edges, baseline + cell->index) - kept_weight(cell->view, edges, baseline);
    tb_html_format(html, "<td>%s%s</td>", difference > 0.00005 ? "+" : "", tb_number_fixed(difference, 4).text);
}

static void write_edge(struct tb_html *html, const struct tb_cell *cell)
{
    const struct chain_figure *figure = cell->context;
    tb_html_markup(html, "<th scope=\"row\"><code>");
    tb_html_text(html, cell->view->state_label[figure->edges.source[cell->row]]);
    tb_html_markup(html, "</code> \xE2\x86\x92 <code>");
    tb_html_text(html, cell->view->state_label[figure->edges.target[cell->row]]);
    tb_html_markup(html, "</code></th>");
}

/* The baseline has no difference. */
static const struct tb_column testbed_columns[] = {{.head = "weight", .write = write_weight},
                                                   {.head = "count", .joined = true},
                                                   {.head = "difference", .write = write_difference}};

static void write_edge_table(struct tb_html *html, const struct chain_figure *figure)
{
    const struct tb_view *view = figure->view;
    struct tb_column_list columns = {0};
    tb_columns_add(html, &columns, (struct tb_column){.head = "edge", .write = write_edge});
    for (size_t t = 0; t < view->testbeds; t++)
        for (size_t c = 0; c < (t == 0 ? 2 : 3); c++) {
            struct tb_column column = testbed_columns[c];
            column.above = view->testbed_name[t];
            column.index = t;
            tb_columns_add(html, &columns, column);
        }
    const struct tb_table table = {
        .caption = "Figure 3 as a table.",
        .sentence = "Weight of each edge after pruning and renormalisation, how often it occurred, and the weight "
                    "minus the baseline\xE2\x80\x99s. A pruned edge has the weight that it had before.",
        .columns = columns.items,
        .column_count = columns.count,
        .limit = 400,
        .where = "/os/edge_*",
    };
    tb_fold_open(html, false, "Edges and weights (%zu edges)", figure->edges.count);
    tb_table_write(html, view, &table, figure->edges.count, figure);
    tb_fold_close(html);
    free(columns.items);
}

static void write_scenario(struct tb_html *html, struct chain_figure *figure, const size_t *chains)
{
    if (tb_edge_union_build(&figure->edges, figure->view, chains, NULL) != TB_OK) {
        html->failed = true;
        return;
    }
    tb_html_heading(html, 5, figure->view->scenario_label[figure->scenario], "chain-%d-%zu", (int)figure->role,
                    figure->scenario);
    write_drawings(html, figure);
    write_agreement(html, figure);
    write_edge_table(html, figure);
    tb_edge_union_free(&figure->edges);
}

static void name_the_rest(struct tb_html *html, const struct tb_view *view, const size_t *chain_at, size_t from,
                          size_t *chains)
{
    size_t named = 0;
    size_t more = 0;
    for (size_t s = from; s < view->scenarios; s++) {
        if (!find_chains(view, chain_at, s, chains))
            continue;
        if (named == NAMES_LISTED) {
            more++;
            continue;
        }
        tb_html_markup(html, named == 0
                                 ? "<p class=\"note\">Not drawn, but in the results file (<code>/os/edge_*</code>): "
                                 : "; ");
        tb_html_text(html, view->scenario_label[s]);
        named++;
    }
    if (more > 0)
        tb_html_format(html, "; and %zu more", more);
    if (named > 0)
        tb_html_markup(html, ".</p>\n");
}

static void write_role(struct tb_html *html, const struct tb_view *view, enum tb_view_role role, size_t *chain_at,
                       size_t *chains)
{
    size_t limit = view->options->chain_scenarios == 0 ? SCENARIOS_DRAWN : view->options->chain_scenarios;
    size_t drawn = 0;
    size_t next = 0;
    index_chains(view, role, chain_at);
    for (; next < view->scenarios && drawn < limit; next++) {
        if (!find_chains(view, chain_at, next, chains))
            continue;
        struct chain_figure figure = {.view = view, .role = role, .scenario = next};
        write_scenario(html, &figure, chains);
        drawn++;
    }
    if (drawn == 0) {
        tb_html_markup(html, "<p class=\"reason\">No chains: ");
        tb_missing_reason(html, view, "trace");
        tb_html_markup(html, ".</p>\n");
    }
    name_the_rest(html, view, chain_at, next, chains);
}

static void write_legend(struct tb_html *html, const struct tb_view *view)
{
    tb_html_heading(html, 3, "System-call chains", "chains");
    const char *threshold = tb_results_attribute(view->results, "setting_prune");
    tb_html_markup(html,
                   "<p class=\"note\"><b>Figure 3.</b> Markov chains of system calls, the counts of all runs of a "
                   "testbed in a scenario added up; edges below the pruning weight");
    if (threshold != NULL) {
        tb_html_markup(html, ", ");
        tb_html_text(html, threshold);
        tb_html_markup(html, ",");
    }
    tb_html_markup(html,
                   " are dropped and the rest renormalised around each state. States stand at the same place for all "
                   "testbeds. Labels are weights; thick lines are frequent.</p>\n");
    if (tb_chain_absent() != NULL) {
        tb_html_format(html, "<p class=\"reason\">No drawings: %s; the edges stand in the tables.</p>\n",
                       tb_chain_absent());
        return;
    }
    tb_html_markup(html, "<ul class=\"legend chain-legend\"><li><span class=\"line\"></span> in every testbed</li>"
                         "<li><span class=\"line some\"></span> not in every testbed</li>"
                         "<li><span class=\"line only\"></span> in this testbed only</li>"
                         "<li><span class=\"line absent\"></span> in other testbeds, not in this one</li></ul>\n");
}

void tb_section_chains(struct tb_html *html, const struct tb_view *view)
{
    size_t *chain_at = tb_html_allocate(html, view->cells, sizeof *chain_at);
    size_t *chains = tb_html_allocate(html, view->testbeds, sizeof *chains);
    if (chain_at != NULL && chains != NULL) {
        write_legend(html, view);
        tb_html_heading(html, 4, "Client", "chains-client");
        write_role(html, view, TB_VIEW_CLIENT, chain_at, chains);
        tb_fold_open(html, false, "Chains of the server");
        tb_html_heading(html, 4, "Server", "chains-server");
        write_role(html, view, TB_VIEW_SERVER, chain_at, chains);
        tb_fold_close(html);
    }
    free(chain_at);
    free(chains);
}
