/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_TABLE_H
#define TWINBED_REPORT_TABLE_H

/* The tables of the page. A table is described once: its columns, and what is said
 * around it. Most columns name a field of the results and are written by its type;
 * others write their cells themselves. Rows 0 .. rows - 1 are given when it is
 * written. They may stand in groups under a heading. Of many the first are shown
 * and the rest is folded away; what is not on the page at all is said below it,
 * with the place in the results file. */

#include "html.h"
#include "numbers.h"
#include "report/view/view.h"

enum tb_cell_kind {
    TB_CELL_NUMBER,  /* on the right; – where it is missing */
    TB_CELL_TEXT,    /* on the left, in several lines if need be */
    TB_CELL_WORD,    /* on the left, in one line */
    TB_CELL_HEADING, /* names its row */
    TB_CELL_PATH     /* names its row, and may be broken anywhere */
};

/* How a field's value is written: by default counts in full, texts and flag words
 * as they are, indexes as the name of what they point to, and other numbers with
 * so many significant digits. Counts below zero, and NaN, are missing. */
enum tb_cell_style {
    TB_STYLE_PLAIN,
    TB_STYLE_FIXED, /* so many digits after the point */
    TB_STYLE_PERCENT,
    TB_STYLE_SIGNED,
    TB_STYLE_P,     /* the value is a p-value */
    TB_STYLE_POWER, /* the value is a base-10 logarithm */
    TB_STYLE_CODE,
    TB_STYLE_ROLE /* "500B, client": the field is a scenario, and role the field of the role */
};

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
    enum tb_field role;                                              /* of TB_STYLE_ROLE */
    int digits;                                                      /* significant, or after the point */
    void (*write)(struct tb_html *html, const struct tb_cell *cell); /* writes the cell, with its td or th */
    bool joined;       /* the column before writes this one's cells as well */
    const char *above; /* any text; head over this column and those beside it that have the same pointer; or NULL */
    size_t index;      /* for write */
};

struct tb_table {
    const char *caption;                                               /* text of ours */
    const char *sentence;                                              /* markup of ours; after the caption */
    void (*explain)(struct tb_html *html, const struct tb_cell *cell); /* what the sentence goes on with; or NULL */
    const char *class;                                                 /* of ours; NULL for none */
    const struct tb_column *columns;
    size_t column_count;
    void (*write)(struct tb_html *html, const struct tb_cell *cell); /* all cells of a row; NULL: column by column */
    size_t (*at)(
        const struct tb_cell *cell); /* where in its field a cell's value is, TB_ABSENT: missing; NULL: the row */
    bool (*shows)(const struct tb_cell *cell);                         /* which rows are written; NULL for all */
    size_t (*group)(const struct tb_cell *cell);                       /* rows in a row with the same number are one */
    void (*heading)(struct tb_html *html, const struct tb_cell *cell); /* inside a group's heading; NULL: no groups */
    bool bare_groups;    /* a group of which no row is shown has its heading all the same */
    size_t totals;       /* rows at the end that stand below a line */
    size_t shown, limit; /* rows, or groups: that are not folded away, and that are written; 0 for all */
    const char *more;    /* what they are, in the plural; needed with shown */
    const char *where;   /* dataset that has them all; needed with limit */
    const char *note;    /* markup of ours; below the table */
    const char *fold;    /* "3 of 9" and this is all that is seen until somebody asks; NULL: the table is */
    size_t open;         /* ... but it is open when there are no more than these */

    /* What is written when there is no row: markup of ours, and, when the rows need artifacts of some kind, why there
     * are none; "" for nothing at all. NULL: the table is written all the same. */
    const char *nothing, *needs;
    bool inside; /* that is the reason that there is no value, and stands inside the table */
};

#define TB_COLUMNS(array) .columns = (array), .column_count = sizeof(array) / sizeof((array)[0])

/* context is borrowed, for the table's functions. */
void tb_table_write(struct tb_html *html, const struct tb_view *view, const struct tb_table *table, size_t rows,
                    const void *context);

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
/* The columns once for each testbed, which is their index: under its name, or, when it is one without a head, with it
 * as head. */
void tb_columns_add_testbeds(struct tb_html *html, struct tb_column_list *list, const struct tb_view *view,
                             const struct tb_column *columns, size_t count);

/* Cells for the write of columns. A number that is NaN is missing. */
void tb_cell_missing(struct tb_html *html);
void tb_cell_number(struct tb_html *html, double value, struct tb_number number);
/* The heading "scenario, role". field: the flag field of the role. */
void tb_cell_scenario(struct tb_html *html, const struct tb_view *view, int32_t scenario, enum tb_field field,
                      int32_t role);

/* What is folded away until somebody asks: open shows it at once. */
void tb_fold_open(struct tb_html *html, bool open, const char *format, ...) TB_PRINTF(3, 4);
void tb_fold_close(struct tb_html *html);

/* Why no run has a value: no artifact of that kind, or none that could be used. */
void tb_missing_reason(struct tb_html *html, const struct tb_view *view, const char *artifact);

#endif
