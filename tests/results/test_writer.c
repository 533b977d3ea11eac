/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixtures/mpi_main.h"
#include "results/sample.h"
#include "results/writer_limits.h"

/* Which rows a rank writes. */
typedef void (*share)(uint64_t rows, uint64_t *first, uint64_t *count);

static void even_share(uint64_t rows, uint64_t *first, uint64_t *count)
{
    const uint64_t rank = (uint64_t)everyone.rank, size = (uint64_t)everyone.size;
    *first = rank * rows / size;
    *count = (rank + 1) * rows / size - *first;
}

static void all_on_last(uint64_t rows, uint64_t *first, uint64_t *count)
{
    *first = 0;
    *count = everyone.rank == everyone.size - 1 ? rows : 0;
}

/* Rank 0 has the last rows; every other rank but the last has one of the first. */
static void backward_share(uint64_t rows, uint64_t *first, uint64_t *count)
{
    const uint64_t from_end = (uint64_t)(everyone.size - 1 - everyone.rank);
    *first = from_end < rows ? from_end : rows;
    *count = everyone.rank == 0 ? rows - *first : from_end < rows;
}

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", shared_directory(), name);
    return path;
}

/* Looked for by rank 0 alone, after all have done what they do. */
static void assert_no_file(const char *path)
{
    char partial[300];
    snprintf(partial, sizeof partial, "%s.partial", path);
    tb_team_wait(&everyone);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(partial, F_OK), 0);
}

static enum tb_status create(const char *path, const uint64_t *sizes, struct tb_writer **writer, struct tb_error *error)
{
    struct tb_results_head head = {0};
    memcpy(head.sizes, sizes, sizeof head.sizes);
    if (everyone.rank == 0)
        head = sample_head(sizes);
    *writer = NULL;
    const enum tb_status status = tb_writer_create(&everyone, path, &head, writer, error);
    if (everyone.rank == 0)
        sample_release(&head);
    return status;
}

static enum tb_status write_field(struct tb_writer *writer, enum tb_field field, const uint64_t *sizes, share share_of,
                                  struct tb_error *error)
{
    uint64_t rows, row_values, first, count;
    sample_shape(field, sizes, &rows, &row_values);
    share_of(rows, &first, &count);
    void *data = sample_rows(field, sizes, first, count);
    const enum tb_status status = tb_writer_write(writer, field, first, count, count > 0 ? data : NULL, error);
    free(data);
    return status;
}

/* All numeric fields but one. */
static enum tb_status write_fields(struct tb_writer *writer, const uint64_t *sizes, share share_of, int without,
                                   struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (int i = 0; status == TB_OK && i < TB_FIELDS; i++)
        if (i != without && tb_field_describe((enum tb_field)i)->type != TB_TYPE_TEXT)
            status = write_field(writer, (enum tb_field)i, sizes, share_of, error);
    return status;
}

static void write_and_read(const uint64_t *sizes, share share_of, uint64_t pass_bytes)
{
    struct tb_writer *writer;
    struct tb_error error;
    const char *path = path_of("whole.h5");
    if (create(path, sizes, &writer, &error) != TB_OK)
        fail_msg("%s", error.text);
    assert_int_not_equal(access(path, F_OK), 0);
    if (pass_bytes > 0)
        tb_writer_limits_of(writer)->pass_bytes = pass_bytes;
    if (write_fields(writer, sizes, share_of, -1, &error) != TB_OK)
        fail_msg("%s", error.text);
    if (tb_writer_finish(writer, &error) != TB_OK)
        fail_msg("%s", error.text);
    assert_int_equal(access(path_of("whole.h5.partial"), F_OK), -1);
    if (everyone.rank == 0)
        assert_true(sample_is_in(path_of("whole.h5"), sizes));
    tb_team_wait(&everyone);
    if (everyone.rank == 0)
        unlink(path_of("whole.h5"));
    tb_team_wait(&everyone);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    sample_sizes(sizes);
    write_and_read(sizes, even_share, 0);
    write_and_read(sizes, all_on_last, 0);
    write_and_read(sizes, backward_share, 0);
}

static void pieces_make_no_difference(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    sample_sizes(sizes);
    sizes[TB_DIMENSION_FLOW] = 10000;
    write_and_read(sizes, backward_share, 50000);
    sizes[TB_DIMENSION_FLOW] = 4;
    write_and_read(sizes, even_share, 1);
}

static void more_ranks_than_rows(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    for (int i = 0; i < TB_DIMENSIONS; i++)
        sizes[i] = 1;
    write_and_read(sizes, even_share, 0);
    write_and_read(sizes, all_on_last, 0);
}

/* HDF5 makes all ranks wait for each other in the next call that reads metadata when this many bytes have changed. */
static void wait_after(struct tb_writer *writer, size_t changed_bytes)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    assert_true(H5Fget_mdc_config(tb_writer_file_of(writer), &config) >= 0);
    config.dirty_bytes_threshold = changed_bytes;
    assert_true(H5Fset_mdc_config(tb_writer_file_of(writer), &config) >= 0);
}

/* Opening a dataset changes metadata, and then only ranks with rows look for their chunks. With one of these limits the
 * last change is the one that reaches it. */
static void a_rank_without_rows_keeps_nobody_waiting(void **state)
{
    (void)state;
    enum { FEWEST = 512, MOST = 4096, STEP = 64 };
    uint64_t sizes[TB_DIMENSIONS];
    struct tb_writer *writer;
    struct tb_error error;
    sample_sizes(sizes);
    assert_int_equal(create(path_of("uneven.h5"), sizes, &writer, &error), TB_OK);
    int field = TB_FIELD_FLOW_START;
    for (size_t bytes = FEWEST; bytes <= MOST; bytes += STEP, field++) {
        assert_int_equal(tb_field_describe((enum tb_field)field)->dimensions[0], TB_DIMENSION_FLOW);
        wait_after(writer, bytes);
        if (write_field(writer, (enum tb_field)field, sizes, all_on_last, &error) != TB_OK)
            fail_msg("%s", error.text);
    }
    tb_writer_abandon(writer);
}

static void nothing_at_all_is_a_file_too(void **state)
{
    (void)state;
    const uint64_t sizes[TB_DIMENSIONS] = {0};
    write_and_read(sizes, even_share, 0);
}

static void what_a_killed_job_left_is_overwritten(void **state)
{
    (void)state;
    if (everyone.rank == 0) {
        FILE *left = fopen(path_of("whole.h5.partial"), "w");
        fputs("left by a job that was killed", left);
        fclose(left);
    }
    tb_team_wait(&everyone);
    const uint64_t sizes[TB_DIMENSIONS] = {0};
    write_and_read(sizes, even_share, 0);
}

static void creating_fails_with(const char *path, const char *reason)
{
    uint64_t sizes[TB_DIMENSIONS];
    struct tb_writer *writer;
    struct tb_error error = {0};
    sample_sizes(sizes);
    assert_int_equal(create(path, sizes, &writer, &error), TB_INPUT_OUTPUT);
    assert_null(writer);
    assert_non_null(strstr(error.text, path));
    if (strstr(error.text, reason) == NULL)
        fail_msg("%s", error.text);
    assert_no_file(path);
}

static void a_place_that_cannot_be_written_is_told_to_all(void **state)
{
    (void)state;
    creating_fails_with(path_of("absent/x.h5"), "No such file or directory");
    creating_fails_with("/dev/null/x.h5", "Not a directory");
    creating_fails_with("/proc/twinbed-results.h5", "No such file or directory");
}

static void a_disk_that_fills_while_creating_leaves_nothing(void **state)
{
    (void)state;
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 20000;
    signal(SIGXFSZ, SIG_IGN);
    if (everyone.rank == 0)
        setrlimit(RLIMIT_FSIZE, &small);
    creating_fails_with(path_of("full.h5"), "File too large");
    setrlimit(RLIMIT_FSIZE, &before);
}

/* The rows do not fit, though what is created does. */
static void a_disk_without_room_for_the_rows_is_told_before(void **state)
{
    (void)state;
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 4 << 20;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    creating_fails_with(path_of("full.h5"), "cannot reserve");
    setrlimit(RLIMIT_FSIZE, &before);
}

static void a_field_that_nobody_wrote_is_told(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    struct tb_writer *writer;
    struct tb_error error;
    sample_sizes(sizes);
    const char *path = path_of("incomplete.h5");
    assert_int_equal(create(path, sizes, &writer, &error), TB_OK);
    assert_int_equal(write_fields(writer, sizes, even_share, TB_FIELD_EDGE_WEIGHT, &error), TB_OK);
    assert_int_equal(tb_writer_finish(writer, &error), TB_INTERNAL);
    assert_non_null(strstr(error.text, "0 of 5 rows of os/edge_weight"));
    assert_no_file(path);
}

static void a_text_that_was_not_given_is_told(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    struct tb_writer *writer;
    struct tb_error error;
    sample_sizes(sizes);
    struct tb_results_head head = sample_head(sizes), less = head;
    less.text_count--;
    const char *path = path_of("textless.h5");
    assert_int_equal(tb_writer_create(&everyone, path, &less, &writer, &error), TB_INTERNAL);
    assert_non_null(strstr(error.text, "text field"));
    sample_release(&head);
    assert_no_file(path);
}

static void wrong_rows_of_one_rank_are_told_to_all(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    struct tb_writer *writer;
    struct tb_error error;
    sample_sizes(sizes);
    const char *path = path_of("wrong.h5");
    assert_int_equal(create(path, sizes, &writer, &error), TB_OK);
    const bool last = everyone.rank == everyone.size - 1;
    const double data[8] = {0};
    static const struct {
        uint64_t first, count;
    } facts[] = {{5, 1}, {6, 0}, {UINT64_MAX, 1}, {1, UINT64_MAX}, {0, 6}};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        assert_int_equal(tb_writer_write(writer, TB_FIELD_EDGE_WEIGHT, last ? facts[i].first : 0,
                                         last ? facts[i].count : 0, data, &error),
                         TB_INTERNAL);
        assert_non_null(strstr(error.text, "os/edge_weight has 5 rows"));
    }
    assert_int_equal(tb_writer_write(writer, TB_FIELD_EDGE_WEIGHT, 0, last, NULL, &error), TB_INTERNAL);
    assert_int_equal(tb_writer_write(writer, TB_FIELD_RUN_NAME, 0, 0, NULL, &error), TB_INTERNAL);
    tb_writer_abandon(writer);
    assert_no_file(path);
}

static void abandoning_leaves_nothing(void **state)
{
    (void)state;
    uint64_t sizes[TB_DIMENSIONS];
    struct tb_writer *writer;
    struct tb_error error;
    sample_sizes(sizes);
    const char *path = path_of("abandoned.h5");
    assert_int_equal(create(path, sizes, &writer, &error), TB_OK);
    assert_int_equal(write_field(writer, TB_FIELD_FLOW_START, sizes, even_share, &error), TB_OK);
    tb_writer_abandon(writer);
    assert_no_file(path);
    tb_writer_abandon(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(more_ranks_than_rows),
        cmocka_unit_test(a_rank_without_rows_keeps_nobody_waiting),
        cmocka_unit_test(nothing_at_all_is_a_file_too),
        cmocka_unit_test(what_a_killed_job_left_is_overwritten),
        cmocka_unit_test(a_place_that_cannot_be_written_is_told_to_all),
        cmocka_unit_test(a_disk_that_fills_while_creating_leaves_nothing),
        cmocka_unit_test(a_disk_without_room_for_the_rows_is_told_before),
        cmocka_unit_test(a_field_that_nobody_wrote_is_told),
        cmocka_unit_test(a_text_that_was_not_given_is_told),
        cmocka_unit_test(wrong_rows_of_one_rank_are_told_to_all),
        cmocka_unit_test(abandoning_leaves_nothing),
    };
    return run_on_all_ranks("writer", tests, sizeof tests / sizeof tests[0]);
}
