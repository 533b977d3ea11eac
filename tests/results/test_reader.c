/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads in a process that never starts MPI, as the report command does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hdf5.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/layout.h"
#include "results/sample.h"
#include "twinbed/results/reader.h"

static char directory[64];
static char path[80];
static uint64_t sizes[TB_DIMENSIONS];

static hid_t type_in_memory(enum tb_type type)
{
    return type == TB_TYPE_INT32 ? H5T_NATIVE_INT32 : type == TB_TYPE_INT64 ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

static void write_numbers(void)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    for (int i = 0; i < TB_FIELDS; i++) {
        const enum tb_field field = (enum tb_field)i;
        const struct tb_field_description *description = tb_field_describe(field);
        uint64_t rows, row_values;
        sample_shape(field, sizes, &rows, &row_values);
        if (description->type == TB_TYPE_TEXT || rows * row_values == 0)
            continue;
        void *data = sample_rows(field, sizes, 0, rows);
        const hid_t dataset = H5Dopen2(file, description->path, H5P_DEFAULT);
        assert_true(H5Dwrite(dataset, type_in_memory(description->type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
        H5Dclose(dataset);
        free(data);
    }
    assert_true(H5Fclose(file) >= 0);
}

static int make_file(void **state)
{
    (void)state;
    struct tb_error error;
    strcpy(directory, "/tmp/twinbed-reader-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/x.h5", directory);
    struct tb_results_head head = sample_head(sizes);
    if (tb_layout_create(path, &head, &error) != TB_OK)
        fail_msg("%s", error.text);
    sample_release(&head);
    write_numbers();
    return 0;
}

static int make_small(void **state)
{
    sample_sizes(sizes);
    sizes[TB_DIMENSION_FLOW] = 3;
    return make_file(state);
}

static int make_large(void **state)
{
    sample_sizes(sizes);
    return make_file(state);
}

static int make_empty(void **state)
{
    memset(sizes, 0, sizeof sizes);
    return make_file(state);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

static void every_value_comes_back(void **state)
{
    (void)state;
    assert_true(sample_is_in(path, sizes));
}

static void mpi_was_never_started(void **state)
{
    (void)state;
    int started = 1;
    MPI_Initialized(&started);
    assert_false(started);
}

static void a_field_has_one_type(void **state)
{
    (void)state;
    struct tb_results *results;
    struct tb_error error;
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    assert_null(tb_results_int32(results, TB_FIELD_FLOW_START, &error));
    assert_int_equal(error.status, TB_INTERNAL);
    assert_null(tb_results_text(results, TB_FIELD_FLOW_START, &error));
    assert_null(tb_results_float64(results, TB_FIELD_RUN_NAME, &error));
    assert_non_null(tb_results_int64(results, TB_FIELD_FLOW_START, &error));
    assert_ptr_equal(tb_results_int64(results, TB_FIELD_FLOW_START, &error),
                     tb_results_int64(results, TB_FIELD_FLOW_START, &error));
    tb_results_close(results);
    tb_results_close(NULL);
}

static const void *whole(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    const enum tb_type type = tb_field_describe(field)->type;
    return type == TB_TYPE_INT32   ? (const void *)tb_results_int32(results, field, error)
           : type == TB_TYPE_INT64 ? (const void *)tb_results_int64(results, field, error)
                                   : (const void *)tb_results_float64(results, field, error);
}

/* Reads a field in two blocks and compares it with what the reader gives at once. */
static void assert_rows_are_the_field(struct tb_results *results, enum tb_field field)
{
    struct tb_error error = {0};
    uint64_t rows, row_values;
    sample_shape(field, sizes, &rows, &row_values);
    const size_t row_bytes = row_values * tb_type_size(tb_field_describe(field)->type);
    const uint64_t first = rows / 3;
    char *values = calloc(rows * row_bytes + 1, 1);
    assert_int_equal(tb_results_rows(results, field, first, rows - first, values + first * row_bytes, &error), TB_OK);
    assert_int_equal(tb_results_rows(results, field, 0, first, values, &error), TB_OK);
    assert_memory_equal(values, whole(results, field, &error), rows * row_bytes);
    assert_int_equal(tb_results_rows(results, field, first, rows - first + 1, values, &error), TB_INTERNAL);
    assert_int_equal(tb_results_rows(results, field, rows + 1, 0, values, &error), TB_INTERNAL);
    free(values);
}

static void rows_are_read_in_blocks(void **state)
{
    (void)state;
    struct tb_results *results;
    struct tb_error error;
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    for (enum tb_field field = 0; field < TB_FIELDS; field++)
        if (tb_field_describe(field)->type != TB_TYPE_TEXT)
            assert_rows_are_the_field(results, field);
    assert_int_equal(tb_results_rows(results, TB_FIELD_RUN_NAME, 0, 0, NULL, &error), TB_INTERNAL);
    tb_results_close(results);
}

static void append_name(void *context, const char *name, const char *text)
{
    char *names = context;
    assert_non_null(text);
    snprintf(names + strlen(names), 128 - strlen(names), "%s ", name);
}

static void attributes_come_in_the_order_of_their_names(void **state)
{
    (void)state;
    struct tb_results *results;
    struct tb_error error;
    char names[128] = "";
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    tb_results_each_attribute(results, true, append_name, names);
    assert_string_equal(names, "cpu history settings ");
    names[0] = '\0';
    tb_results_each_attribute(results, false, append_name, names);
    assert_string_equal(names, "Conventions empty source title twinbed_results_version ");
    tb_results_close(results);
}

static void opening_fails_with(enum tb_status expected)
{
    struct tb_results *results = NULL;
    struct tb_error error = {0};
    assert_int_equal(tb_results_open(path, &results, &error), expected);
    assert_null(results);
    assert_non_null(strstr(error.text, path));
}

static void what_is_no_results_file_is_refused(void **state)
{
    (void)state;
    unlink(path);
    opening_fails_with(TB_NOT_FOUND);
    FILE *file = fopen(path, "w");
    fputs("no HDF5", file);
    fclose(file);
    opening_fails_with(TB_UNSUPPORTED);
    assert_int_equal(truncate(path, 0), 0);
    opening_fails_with(TB_UNSUPPORTED);
    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    opening_fails_with(TB_UNSUPPORTED);
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct stat found;
    stat(path, &found);
    for (off_t size = found.st_size - 1; size > 0; size -= 1 + size / 40) {
        assert_int_equal(truncate(path, size), 0);
        opening_fails_with(TB_UNSUPPORTED);
    }
}

/* Puts another dataset in the place of one; false when HDF5 refuses. */
static void replace(const char *name, hid_t type, int rank, const hsize_t *extent, bool chunked)
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    H5Ldelete(file, name, H5P_DEFAULT);
    if (rank > 0) {
        const hid_t space = H5Screate_simple(rank, extent, NULL);
        const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
        const hsize_t chunk[3] = {1 << 20, 1, 1};
        if (chunked)
            H5Pset_chunk(properties, rank, chunk);
        H5Dclose(H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT));
        H5Pclose(properties);
        H5Sclose(space);
    }
    H5Fclose(file);
}

static void field_fails_with(enum tb_status expected)
{
    struct tb_results *results;
    struct tb_error error = {0};
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    assert_null(tb_results_int64(results, TB_FIELD_FLOW_START, &error));
    assert_int_equal(error.status, expected);
    assert_int_equal(tb_results_rows(results, TB_FIELD_FLOW_START, 0, 0, NULL, &error), expected);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "net/flow_start"));
    tb_results_close(results);
}

static void a_field_unlike_the_schema_is_refused(void **state)
{
    (void)state;
    const hsize_t right[1] = {3}, other[1] = {4}, two[2] = {3, 1};
    static const char name[] = "net/flow_start";
    replace(name, H5T_STD_I32LE, 1, right, false);
    field_fails_with(TB_CORRUPT);
    replace(name, H5T_STD_U64LE, 1, right, false);
    field_fails_with(TB_CORRUPT);
    replace(name, H5T_IEEE_F64LE, 1, right, false);
    field_fails_with(TB_CORRUPT);
    replace(name, H5T_STD_I64LE, 1, other, false);
    field_fails_with(TB_CORRUPT);
    replace(name, H5T_STD_I64LE, 2, two, false);
    field_fails_with(TB_CORRUPT);
    replace(name, H5T_STD_I64LE, 0, NULL, false);
    field_fails_with(TB_NOT_FOUND);
}

/* 2^60 flows would need 2^63 bytes of memory, and the file has none of them. */
static void a_field_larger_than_its_file_is_refused(void **state)
{
    (void)state;
    const hsize_t huge[1] = {(hsize_t)1 << 40};
    replace("flow", H5T_STD_I32LE, 1, huge, true);
    replace("net/flow_start", H5T_STD_I64LE, 1, huge, true);
    field_fails_with(TB_CORRUPT);
}

static void a_dimension_of_another_shape_is_told(void **state)
{
    (void)state;
    const hsize_t two[2] = {3, 1};
    replace("walk", H5T_STD_I32LE, 2, two, false);
    opening_fails_with(TB_UNSUPPORTED);
}

/* Files of older programs lack newer dimensions; all else in them can be read. */
static void a_missing_dimension_takes_its_fields_along(void **state)
{
    (void)state;
    replace("flow", H5T_STD_I32LE, 0, NULL, false);
    field_fails_with(TB_CORRUPT);
    replace("net/flow_start", H5T_STD_I64LE, 0, NULL, false);
    field_fails_with(TB_NOT_FOUND);
    struct tb_results *results;
    struct tb_error error;
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    assert_int_equal(tb_results_size(results, TB_DIMENSION_FLOW), 0);
    assert_non_null(tb_results_text(results, TB_FIELD_TESTBED_NAME, &error));
    tb_results_close(results);
}

static void another_version_is_refused(void **state)
{
    (void)state;
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t attribute = H5Aopen(file, "twinbed_results_version", H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    assert_true(H5Awrite(attribute, type, "9") >= 0);
    H5Tclose(type);
    H5Aclose(attribute);
    H5Fclose(file);
    opening_fails_with(TB_UNSUPPORTED);
}

#define SMALL(name) cmocka_unit_test_setup_teardown(name, make_small, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALL(every_value_comes_back),
        cmocka_unit_test_setup_teardown(every_value_comes_back, make_large, remove_file),
        cmocka_unit_test_setup_teardown(every_value_comes_back, make_empty, remove_file),
        SMALL(a_field_has_one_type),
        SMALL(rows_are_read_in_blocks),
        SMALL(attributes_come_in_the_order_of_their_names),
        SMALL(what_is_no_results_file_is_refused),
        SMALL(a_file_cut_anywhere_is_refused),
        SMALL(a_field_unlike_the_schema_is_refused),
        SMALL(a_field_larger_than_its_file_is_refused),
        SMALL(a_dimension_of_another_shape_is_told),
        SMALL(a_missing_dimension_takes_its_fields_along),
        SMALL(another_version_is_refused),
        cmocka_unit_test(mpi_was_never_started),
    };
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
