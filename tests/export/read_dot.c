/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_dot < GRAPHS: what Graphviz makes of graphs in DOT. Texts with a NUL behind each: "graph" and its name, then for
 * each edge "edge", its source, its target and its edge_count. */
#include <graphviz/cgraph.h>
#include <stdio.h>

static void print(const char *text)
{
    fputs(text == NULL ? "" : text, stdout);
    fputc('\0', stdout);
}

static void print_edges(Agraph_t *graph, Agnode_t *node)
{
    static char count[] = "edge_count";
    for (Agedge_t *edge = agfstout(graph, node); edge != NULL; edge = agnxtout(graph, edge)) {
        print("edge");
        print(agnameof(agtail(edge)));
        print(agnameof(aghead(edge)));
        print(agget(edge, count));
    }
}

int main(void)
{
    Agraph_t *graph;
    while ((graph = agread(stdin, NULL)) != NULL) {
        print("graph");
        print(agnameof(graph));
        for (Agnode_t *node = agfstnode(graph); node != NULL; node = agnxtnode(graph, node))
            print_edges(graph, node);
        agclose(graph);
    }
    return agerrors() == 0 && feof(stdin) ? 0 : 1;
}
