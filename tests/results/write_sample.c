/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write_sample FILE [LIST [MOST]]: writes the sample, on as many ranks as it is started with; scales of more than MOST items
 * count in 64 bits. LIST gets one line a field:
 * number, path, type, number of flags, what its integers stay below (0: nothing), sizes. */
#include <stdio.h>
#include <stdlib.h>

#include "results/sample.h"
#include "results/scale_limit.h"

static int count_flags(const char *words)
{
    int count = words == NULL ? 0 : 1;
    for (; words != NULL && *words != '\0'; words++)
        count += *words == ' ';
    return count;
}

static void list_fields(const char *path, const uint64_t *sizes)
{
    static const char *const types[] = {"int32", "int64", "float64", "text"};
    FILE *list = fopen(path, "w");
    if (list == NULL)
        exit(1);
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)i);
        const uint64_t limit = sample_limit((enum tb_field)i, sizes);
        fprintf(list, "%d %s %s %d %llu", i, field->path, types[field->type], count_flags(field->flags),
                limit == UINT64_MAX ? 0 : (unsigned long long)limit);
        for (unsigned j = 0; j < field->rank; j++)
            fprintf(list, " %llu", (unsigned long long)sizes[field->dimensions[j]]);
        fprintf(list, "\n");
    }
    fclose(list);
}

/* Rank r of n writes rows r * rows / n up to (r + 1) * rows / n. */
static enum tb_status write_field(const struct tb_team *team, struct tb_writer *writer, enum tb_field field,
                                  const uint64_t *sizes, struct tb_error *error)
{
    uint64_t rows, row_values;
    sample_shape(field, sizes, &rows, &row_values);
    const uint64_t rank = (uint64_t)team->rank, size = (uint64_t)team->size;
    const uint64_t first = rank * rows / size, end = (rank + 1) * rows / size;
    void *data = sample_rows(field, sizes, first, end - first);
    const enum tb_status status = tb_writer_write(writer, field, first, end - first, data, error);
    free(data);
    return status;
}

static enum tb_status write_all(const struct tb_team *team, const char *path, const uint64_t *sizes,
                                struct tb_error *error)
{
    struct tb_results_head head = sample_head(sizes);
    struct tb_writer *writer;
    enum tb_status status = tb_writer_create(team, path, &head, &writer, error);
    sample_release(&head);
    if (status != TB_OK)
        return status;
    for (int i = 0; status == TB_OK && i < TB_FIELDS; i++)
        if (tb_field_describe((enum tb_field)i)->type != TB_TYPE_TEXT)
            status = write_field(team, writer, (enum tb_field)i, sizes, error);
    if (status == TB_OK)
        return tb_writer_finish(writer, error);
    tb_writer_abandon(writer);
    return status;
}

int main(int argc, char **argv)
{
    struct tb_team team;
    struct tb_error error;
    uint64_t sizes[TB_DIMENSIONS];
    if (argc < 2 || tb_team_start(&team, &error) != TB_OK)
        return 2;
    sample_sizes(sizes);
    if (argc > 3)
        tb_narrow_scale_most = strtoull(argv[3], NULL, 10);
    enum tb_status status = write_all(&team, argv[1], sizes, &error);
    if (status != TB_OK && team.rank == 0)
        fprintf(stderr, "%s\n", error.text);
    if (status == TB_OK && team.rank == 0 && argc > 2)
        list_fields(argv[2], sizes);
    tb_team_finish(&team);
    return status != TB_OK;
}
