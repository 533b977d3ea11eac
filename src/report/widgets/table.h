/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_TABLE_H
#define TWINBED_REPORT_TABLE_H

/* The tables of the page. A table is a list of columns, each described once, and
 * rows 0 .. rows - 1. Most columns name a field of the results and are written by
 * its type; others write their cells themselves. Rows may stand in groups under a
 * heading. Of many rows the first are shown and the rest is folded away; what is
 * not on the page at all is said below it, with the place in the results file. */

#include "html.h"
#include "numbers.h"
#include "report/view.h"

enum tb_cell_kind {
    TB_CELL_NUMBER,  /* on the right; – where it is missing */
    TB_CELL_TEXT,    /* on the left, in several lines if need be */
    TB_CELL_WORD,    /* on the left, in one line */
    TB_CELL_HEADING, /* names its row */
    TB_CELL_PATH     /* names its row, and may be broken anywhere */
};

/* How a field's value is written: by default counts in full, texts and flag words
 * as they are, indexes as the name of what they point to, and other numbers with
 * so many significant digits. */
enum tb_cell_style { TB_STYLE_PLAIN, TB_STYLE_FIXED, TB_STYLE_PERCENT, TB_STYLE_SIGNED, TB_STYLE_CODE };

/* Where a cell stands. All borrowed. */
struct tb_cell {
    const struct tb_view *view;
    const void *context; /* of the table */
    size_t row;
    size_t index; /* of the column */
};

struct tb_column {
    const char *head; /* any text */
    enum tb_cell_kind kind;
    enum tb_field field; /* whose value at the row is shown, unless write is given */
    enum tb_cell_style style;
    int digits;                                                      /* significant, or after the point */
    void (*write)(struct tb_html *html, const struct tb_cell *cell); /* writes the cell, with its td or th */
    bool joined;       /* the column before writes this one's cells as well */
    const char *above; /* any text; head over this column and those beside it that have the same pointer; or NULL */
    const char *title; /* any text; explains the head; or NULL */
    size_t index;      /* for write */
};

struct tb_table {
    const char *caption;                                               /* text of ours */
    const char *sentence;                                              /* markup of ours; after the caption */
    void (*explain)(struct tb_html *html, const struct tb_cell *cell); /* what the sentence goes on with; or NULL */
    const char *class;                                                 /* of ours; NULL for none */
    const struct tb_column *columns;
    size_t column_count;
    size_t rows;
    bool (*shows)(const struct tb_cell *cell);                         /* which of them are written; NULL for all */
    size_t (*group)(const struct tb_cell *cell);                       /* rows in a row with the same number are one */
    void (*heading)(struct tb_html *html, const struct tb_cell *cell); /* inside a group's heading; NULL: no groups */
    bool bare_groups;    /* a group of which no row is shown has its heading all the same */
    size_t totals;       /* rows at the end that stand below a line */
    size_t shown, limit; /* rows, or groups: that are not folded away, and that are written; 0 for all */
    const char *more;    /* what they are, in the plural; needed with shown */
    const char *where;   /* dataset that has them all; needed with limit */
    const void *context; /* borrowed; for the functions */
};

#define TB_COLUMNS(array) .columns = (array), .column_count = sizeof(array) / sizeof((array)[0])

void tb_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_table *table);

/* The rows, or groups, that a table has. */
size_t tb_table_count(const struct tb_view *view, const struct tb_table *table);

/* A table that has no rows: the caption, and the reason inside, which write writes. */
void tb_table_reason(struct tb_html *html, const struct tb_view *view, const struct tb_table *table,
                     void (*write)(struct tb_html *html, const struct tb_view *view));

/* Columns that depend on the campaign. Starts with {0}; the caller frees items. */
struct tb_column_list {
    struct tb_column *items; /* owned */
    size_t count;
};
void tb_columns_add(struct tb_html *html, struct tb_column_list *list, struct tb_column column);
/* A column for each factor that varies, or one for the scenario's name. Row r is of scenario r modulo scenarios.
 * left_out: a factor that the rows do not repeat, or TB_ABSENT. */
void tb_columns_add_scenario(struct tb_html *html, struct tb_column_list *list, const struct tb_view *view,
                             size_t left_out);

/* Cells for the write of columns. A number that is NaN is missing. */
void tb_cell_missing(struct tb_html *html);
void tb_cell_number(struct tb_html *html, double value, struct tb_number number);
void tb_cell_signed(struct tb_html *html, double value, struct tb_number number);
/* The heading "scenario, role". field: the flag field of the role. */
void tb_cell_scenario(struct tb_html *html, const struct tb_view *view, int32_t scenario, enum tb_field field,
                      int32_t role);

/* What is folded away until somebody asks: open shows it at once. */
void tb_fold_open(struct tb_html *html, bool open, const char *format, ...) TB_PRINTF(3, 4);
void tb_fold_close(struct tb_html *html);

/* Why no run has a value: no artifact of that kind, or none that could be used. */
void tb_missing_reason(struct tb_html *html, const struct tb_view *view, const char *artifact);
/* The same as a paragraph: "No chains: this campaign has no artifact of kind trace." */
void tb_missing_paragraph(struct tb_html *html, const struct tb_view *view, const char *what, const char *artifact);

#endif
