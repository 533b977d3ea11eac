/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drawing.h"
#include "twinbed/base/utf8.h"

#include <graphviz/gvc.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_LENGTH = 48 };

/* Graphviz declares its parameters without const, and does not change them. */
static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* A label that graphviz shows as it is: no escapes, no broken UTF-8, not too long. */
static void plain_label(const char *text, char label[2 * LABEL_LENGTH + 8])
{
    size_t at = 0;
    while (*text != '\0' && at < LABEL_LENGTH) {
        const size_t length = tb_utf8_length(text, SIZE_MAX);
        if (length == 0 || (unsigned char)*text < 0x20 || *text == 0x7F) {
            label[at++] = '?';
        } else {
            if (*text == '\\')
                label[at++] = '\\';
            memcpy(label + at, text, length);
            at += length;
        }
        text += length == 0 ? 1 : length;
    }
    memcpy(label + at, *text == '\0' ? "" : "...", *text == '\0' ? 1 : 4);
}

static Agnode_t *state_node(Agraph_t *graph, const struct tb_view *view, int32_t state)
{
    char name[32];
    snprintf(name, sizeof name, "s%d", (int)state);
    Agnode_t *node = agnode(graph, name, 0);
    if (node != NULL)
        return node;
    node = agnode(graph, name, 1);
    char label[2 * LABEL_LENGTH + 8];
    plain_label(view->state_label[state], label);
    agsafeset(node, word("label"), label, word(""));
    return node;
}

static const char *edge_class(const struct tb_edge_union *edges, const struct tb_view *view, size_t edge,
                              size_t testbed)
{
    size_t places = tb_edge_union_places(edges, view, edge);
    if (!edges->kept[edge * view->testbeds + testbed])
        return "absent";
    if (edges->testbeds_with_chain < 2 || places == edges->testbeds_with_chain)
        return "shared";
    return places == 1 ? "only" : "some";
}

/* On a page style sheets choose the colours; away from it these are seen. */
static const char *edge_colour(const char *class)
{
    return strcmp(class, "only") == 0 ? "#c4341c" : strcmp(class, "some") == 0 ? "#8a4fbf" : "#5c6670";
}

static void add_edge(Agraph_t *graph, const struct tb_view *view, const struct tb_edge_union *edges, size_t edge,
                     size_t testbed)
{
    Agnode_t *source = state_node(graph, view, edges->source[edge]);
    Agnode_t *target = state_node(graph, view, edges->target[edge]);
    Agedge_t *line = agedge(graph, source, target, NULL, 1);
    bool kept = edges->kept[edge * view->testbeds + testbed];
    if (kept) {
        agsafeset(source, word("class"), word("here"), word("absent"));
        agsafeset(target, word("class"), word("here"), word("absent"));
    }
    double weight = kept ? view->edge_pruned_weight[edges->edge[edge * view->testbeds + testbed]] : 0;
    /* Always five characters, so that the layout does not depend on the weights. */
    char text[32];
    snprintf(text, sizeof text, "%.3f", weight);
    agsafeset(line, word("label"), text, word(""));
    const char *class = edge_class(edges, view, edge, testbed);
    agsafeset(line, word("class"), word(class), word(""));
    agsafeset(line, word("color"), word(kept ? edge_colour(class) : "#d5dae0"), word(""));
    agsafeset(line, word("fontcolor"), word(kept ? edge_colour(class) : "transparent"), word(""));
    snprintf(text, sizeof text, "%.2f", kept ? 0.6 + 4.0 * sqrt(tb_edge_union_share(edges, view, edge, testbed)) : 1.2);
    agsafeset(line, word("penwidth"), text, word(""));
    agsafeset(line, word("style"), word(kept ? "solid" : "dotted"), word(""));
}

static void set_defaults(Agraph_t *graph)
{
    static const char *const attributes[][3] = {
        {"g", "rankdir", "TB"},           {"g", "bgcolor", "transparent"}, {"g", "nodesep", "0.22"},
        {"g", "ranksep", "0.34"},         {"g", "margin", "0.02"},         {"n", "shape", "box"},
        {"n", "style", "rounded,filled"}, {"n", "height", "0.28"},         {"n", "margin", "0.09,0.03"},
        {"n", "fontname", "sans-serif"},  {"n", "fontsize", "13"},         {"e", "fontname", "sans-serif"},
        {"e", "fontsize", "10"},          {"e", "arrowsize", "0.6"},       {"n", "fillcolor", "#eef2f7"},
        {"n", "class", "absent"},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        int kind = attributes[i][0][0] == 'g' ? AGRAPH : attributes[i][0][0] == 'n' ? AGNODE : AGEDGE;
        agattr(graph, kind, word(attributes[i][1]), word(attributes[i][2]));
    }
}

static Agraph_t *build_graph(const struct tb_view *view, const struct tb_edge_union *edges, size_t testbed, bool all)
{
    Agraph_t *graph = agopen(word("chain"), Agdirected, NULL);
    if (graph == NULL)
        return NULL;
    set_defaults(graph);
    for (size_t i = 0; i < edges->count; i++)
        if (all || edges->chosen[i])
            add_edge(graph, view, edges, i, testbed);
    return graph;
}

/* One context for the process, never freed: graphviz's text layout keeps a
 * pointer to a font of the first context, and would read it after it is freed. */
static GVC_t *shared_context(void)
{
    static GVC_t *context;
    if (context == NULL)
        context = gvContext();
    return context;
}

const char *tb_chain_absent(void)
{
    return NULL;
}

/* From <svg on: what graphviz writes before it is for files. */
static char *copy_drawing(const char *svg, size_t size, size_t *copied)
{
    const char *begin = svg == NULL ? NULL : memmem(svg, size, "<svg", 4);
    if (begin == NULL)
        return NULL;
    *copied = (size_t)(svg + size - begin);
    char *copy = malloc(*copied + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, begin, *copied);
    copy[*copied] = '\0';
    return copy;
}

char *tb_chain_draw(const struct tb_view *view, const struct tb_edge_union *edges, size_t testbed, bool all,
                    size_t *size)
{
    agseterr(AGMAX); /* warnings about fonts would not help anybody */
    GVC_t *context = shared_context();
    Agraph_t *graph = context == NULL ? NULL : build_graph(view, edges, testbed, all);
    char *svg = NULL, *copy = NULL;
    unsigned length = 0;
    bool laid_out = graph != NULL && gvLayout(context, graph, "dot") == 0;
    if (laid_out && gvRenderData(context, graph, "svg", &svg, &length) == 0)
        copy = copy_drawing(svg, length, size);
    gvFreeRenderData(svg);
    if (laid_out)
        gvFreeLayout(context, graph);
    if (graph != NULL)
        agclose(graph);
    return copy;
}
