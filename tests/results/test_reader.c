/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads in a process that never starts MPI, as the report command does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <hdf5.h>
#include <math.h>
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixtures/fewer_cases.h"
#include "results/layout.h"
#include "results/sample.h"
#include "results/scale_limit.h"
#include "results/seal.h"
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

static void seal(void)
{
    struct tb_error error;
    if (tb_seal_write(path, &error) != TB_OK)
        fail_msg("%s", error.text);
}

/* Opens the file for a change that nobody is to notice by the seal. */
static hid_t unseal(void)
{
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(truncate(path, found.st_size - TB_SEAL_SIZE), 0);
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    return file;
}

static void close_and_seal(hid_t file)
{
    assert_true(H5Fclose(file) >= 0);
    seal();
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
    seal();
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

/* As if there were more flows than 32 bits count. */
static int make_wide(void **state)
{
    sample_sizes(sizes);
    tb_narrow_scale_most = sizes[TB_DIMENSION_FLOW] - 1;
    for (int i = 0; i < TB_DIMENSIONS; i++)
        if (i != TB_DIMENSION_FLOW)
            assert_true(sizes[i] <= tb_narrow_scale_most);
    const int made = make_file(state);
    tb_narrow_scale_most = INT32_MAX;
    return made;
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

static size_t scale_bytes(hid_t file, const char *name)
{
    const hid_t scale = H5Dopen2(file, name, H5P_DEFAULT);
    const hid_t type = H5Dget_type(scale);
    const size_t bytes = H5Tget_size(type);
    H5Tclose(type);
    H5Dclose(scale);
    return bytes;
}

static void more_flows_than_32_bits_count(void **state)
{
    (void)state;
    const hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_int_equal(scale_bytes(file, "flow"), 8);
    assert_int_equal(scale_bytes(file, "run"), 4);
    H5Fclose(file);
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

static void opening_says(enum tb_status expected, const char *words)
{
    struct tb_results *results = NULL;
    struct tb_error error = {0};
    assert_int_equal(tb_results_open(path, &results, &error), expected);
    assert_null(results);
    assert_non_null(strstr(error.text, path));
    if (strstr(error.text, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", error.text, words);
    assert_null(strchr(error.text, '\n'));
}

static void what_is_no_results_file_is_refused(void **state)
{
    (void)state;
    unlink(path);
    opening_says(TB_NOT_FOUND, "No such file");
    FILE *file = fopen(path, "w");
    fputs("no HDF5, but as long as the seal of a results file, which takes about a hundred bytes of text at its end",
          file);
    fclose(file);
    opening_says(TB_UNSUPPORTED, "no HDF5 file");
    assert_int_equal(truncate(path, 0), 0);
    opening_says(TB_UNSUPPORTED, "no HDF5 file");
    H5Fclose(H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    opening_says(TB_UNSUPPORTED, "does not end with the digest");
    seal();
    opening_says(TB_UNSUPPORTED, "twinbed_results_version");
}

/* Opening one for reading waits for somebody who writes. */
static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    alarm(20);
    opening_says(TB_UNSUPPORTED, "a FIFO");
    alarm(0);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    opening_says(TB_UNSUPPORTED, "a directory");
    rmdir(path);
    assert_int_equal(symlink("/dev/zero", path), 0);
    opening_says(TB_UNSUPPORTED, "a device");
}

static void a_file_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct stat found;
    stat(path, &found);
    for (off_t size = found.st_size - 1; size > 0; size -= 1 + size / 40) {
        assert_int_equal(truncate(path, size), 0);
        opening_says(TB_UNSUPPORTED, "");
    }
}

/* As a user's program leaves it: HDF5 cuts off what lies behind its end. */
static void a_file_that_another_program_changed_is_refused(void **state)
{
    (void)state;
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    const double value = 1;
    const hid_t dataset = H5Dopen2(file, "metrics/metric_threshold", H5P_DEFAULT);
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(dataset, "mine", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Dclose(dataset);
    H5Fclose(file);
    opening_says(TB_UNSUPPORTED, "another program made or changed it");
}

static uint64_t drawn = 1;

/* xorshift64. */
static uint64_t draw(uint64_t below)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return drawn % below;
}

static void flip(off_t at, int bit)
{
    FILE *file = fopen(path, "r+");
    fseeko(file, at, SEEK_SET);
    const int byte = fgetc(file);
    fseeko(file, at, SEEK_SET);
    fputc(byte ^ (1 << bit), file);
    assert_int_equal(fclose(file), 0);
}

static void a_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct stat found;
    stat(path, &found);
    drawn = 20261130;
    for (int i = 0; i < 600 / FEWER; i++) {
        const int bit = (int)draw(8);
        const off_t at = i < 100 / FEWER ? found.st_size - TB_SEAL_SIZE + i * FEWER % TB_SEAL_SIZE
                                         : (off_t)draw((uint64_t)found.st_size);
        struct tb_results *results = NULL;
        flip(at, bit);
        assert_int_not_equal(tb_results_open(path, &results, NULL), TB_OK);
        flip(at, bit);
    }
    assert_true(sample_is_in(path, sizes));
}

/* Whatever the file makes of the library, this process gets an answer. */
static void look_at_everything(void)
{
    struct tb_results *results = NULL;
    if (tb_results_open(path, &results, NULL) != TB_OK)
        return;
    for (int i = 0; i < TB_FIELDS; i++) {
        const enum tb_field field = (enum tb_field)i;
        tb_results_int32(results, field, NULL);
        tb_results_int64(results, field, NULL);
        tb_results_float64(results, field, NULL);
        tb_results_text(results, field, NULL);
    }
    tb_results_close(results);
}

/* The library may crash in the process that reads, which inherits the handlers of the tests: it would go on with them. */
static void die_of_faults(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        signal(faults[i], SIG_DFL);
}

static void a_flipped_bit_under_a_right_seal_does_no_harm(void **state)
{
    (void)state;
    die_of_faults();
    struct stat found;
    stat(path, &found);
    drawn = 20261203;
    for (int i = 0; i < 24 / FEWER + 1; i++) {
        const int bit = (int)draw(8);
        const off_t at = (off_t)draw((uint64_t)found.st_size - TB_SEAL_SIZE);
        assert_int_equal(truncate(path, found.st_size - TB_SEAL_SIZE), 0);
        flip(at, bit);
        seal();
        look_at_everything();
        flip(at, bit);
    }
}

struct place {
    hid_t type;
    int rank;
    hsize_t extent[3];
    hid_t properties; /* of creation, closed here; H5P_DEFAULT */
    bool grows;       /* may become longer, so that a chunk may be, too */
};

/* Puts another dataset in the place of one; of rank 0: none. */
static void replace(const char *name, struct place place)
{
    const hid_t file = unseal();
    assert_true(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
    if (place.rank > 0) {
        static const hsize_t unlimited[3] = {H5S_UNLIMITED, H5S_UNLIMITED, H5S_UNLIMITED};
        const hid_t space = H5Screate_simple(place.rank, place.extent, place.grows ? unlimited : NULL);
        const hid_t dataset = H5Dcreate2(file, name, place.type, space, H5P_DEFAULT, place.properties, H5P_DEFAULT);
        assert_true(dataset >= 0);
        H5Dclose(dataset);
        H5Sclose(space);
    }
    if (place.properties != H5P_DEFAULT)
        H5Pclose(place.properties);
    close_and_seal(file);
}

static void a_field_unlike_the_schema_is_refused(void **state)
{
    (void)state;
    static const char name[] = "net/flow_start";
    replace(name, (struct place){H5T_STD_I32LE, 1, {3}, H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "net/flow_start has not the type");
    replace(name, (struct place){H5T_STD_U64LE, 1, {3}, H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "net/flow_start has not the type");
    replace(name, (struct place){H5T_IEEE_F64LE, 1, {3}, H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "net/flow_start has not the type");
    replace(name, (struct place){H5T_STD_I64LE, 1, {4}, H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "net/flow_start has not the dimensions");
    replace(name, (struct place){H5T_STD_I64LE, 2, {3, 1}, H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "net/flow_start has not the dimensions");
    replace("walk", (struct place){H5T_STD_I32LE, 2, {3, 1}, H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "walk has not the dimensions");
}

/* A table of all pairs of testbeds and scenarios would take 2^33 bytes. */
static int make_many_pairs(void **state)
{
    memset(sizes, 0, sizeof sizes);
    sizes[TB_DIMENSION_TESTBED] = sizes[TB_DIMENSION_SCENARIO] = 1 << 15;
    return make_file(state);
}

static void many_pairs_without_cells_are_refused(void **state)
{
    (void)state;
    opening_says(TB_CORRUPT, "has 1073741824 pairs of testbeds and scenarios, but 0 cells");
}

static hid_t chunked(hsize_t rows)
{
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(properties, 1, &rows);
    return properties;
}

/* A file of some KiB that says it holds 2^30 flows, or one chunk of 2^27 bytes. */
static void a_field_larger_than_its_file_is_refused(void **state)
{
    (void)state;
    replace("flow", (struct place){H5T_STD_I32LE, 1, {1 << 30}, chunked(1 << 16), false});
    opening_says(TB_CORRUPT, "flow has more values than bytes");
    replace("flow", (struct place){H5T_STD_I32LE, 1, {3}, chunked(1 << 25), true});
    opening_says(TB_CORRUPT, "flow is stored in larger pieces");
}

static void a_filter_of_others_is_refused(void **state)
{
    (void)state;
    const hid_t properties = chunked(3);
    H5Pset_fletcher32(properties);
    replace("net/flow_start", (struct place){H5T_STD_I64LE, 1, {3}, properties, false});
    opening_says(TB_CORRUPT, "net/flow_start went through filters");
}

static void data_in_other_files_is_not_looked_for(void **state)
{
    (void)state;
    char fifo[96];
    snprintf(fifo, sizeof fifo, "%s/fifo", directory);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    alarm(20);
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_external(properties, fifo, 0, 3 * sizeof(int64_t)) >= 0);
    replace("net/flow_start", (struct place){H5T_STD_I64LE, 1, {3}, properties, false});
    opening_says(TB_CORRUPT, "net/flow_start lies outside of the file");

    const hsize_t size = 3;
    const hid_t space = H5Screate_simple(1, &size, NULL);
    properties = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_virtual(properties, space, fifo, "there", space) >= 0);
    replace("net/flow_start", (struct place){H5T_STD_I64LE, 1, {3}, properties, false});
    H5Sclose(space);
    opening_says(TB_CORRUPT, "net/flow_start lies outside of the file");
    alarm(0);
    unlink(fifo);
}

static void links_are_not_followed(void **state)
{
    (void)state;
    hid_t file = unseal();
    assert_true(H5Ldelete(file, "net/flow_start", H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_external("/etc/passwd", "/", file, "net/flow_start", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    close_and_seal(file);
    opening_says(TB_CORRUPT, "net/flow_start, a link that leads elsewhere");
    file = unseal();
    assert_true(H5Ldelete(file, "net/flow_start", H5P_DEFAULT) >= 0);
    assert_true(H5Lcreate_soft("/net/flow_first_packet", file, "net/flow_start", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    close_and_seal(file);
    opening_says(TB_CORRUPT, "net/flow_start, a link that leads elsewhere");
}

/* Many names of one large dataset take more memory than the file has bytes. */
static void what_no_results_file_has_is_refused(void **state)
{
    (void)state;
    hid_t file = unseal();
    assert_true(H5Lcreate_hard(file, "/net", file, "net/net", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    close_and_seal(file);
    opening_says(TB_CORRUPT, "holds net/net, which no results file has");
}

static int make_few(void **state)
{
    for (int i = 0; i < TB_DIMENSIONS; i++)
        sizes[i] = 1;
    sizes[TB_DIMENSION_FLOW] = 70000;
    return make_file(state);
}

static void one_dataset_under_many_names_is_refused(void **state)
{
    (void)state;
    hid_t file = unseal();
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)i);
        if (field->type != TB_TYPE_INT64 || field->dimensions[0] != TB_DIMENSION_FLOW || i == TB_FIELD_FLOW_START)
            continue;
        assert_true(H5Ldelete(file, field->path, H5P_DEFAULT) >= 0);
        assert_true(H5Lcreate_hard(file, "net/flow_start", file, field->path, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    }
    close_and_seal(file);
    opening_says(TB_CORRUPT, "has another name, too");
}

/* Writes one value of a numeric field, in the type of memory. */
static void spoil(enum tb_field field, hsize_t at, hid_t type, const void *value)
{
    const hid_t file = unseal();
    const hid_t dataset = H5Dopen2(file, tb_field_describe(field)->path, H5P_DEFAULT);
    const hid_t space = H5Dget_space(dataset), one = H5Screate(H5S_SCALAR);
    const hsize_t count = 1;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &at, NULL, &count, NULL);
    assert_true(H5Dwrite(dataset, type, one, space, H5P_DEFAULT, value) >= 0);
    H5Sclose(one);
    H5Sclose(space);
    H5Dclose(dataset);
    close_and_seal(file);
}

static const void *load(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    switch (tb_field_describe(field)->type) {
    case TB_TYPE_INT32:
        return tb_results_int32(results, field, error);
    case TB_TYPE_INT64:
        return tb_results_int64(results, field, error);
    case TB_TYPE_FLOAT64:
        return tb_results_float64(results, field, error);
    case TB_TYPE_TEXT:
        break;
    }
    return tb_results_text(results, field, error);
}

static void loading_says(enum tb_field field, enum tb_status expected, const char *words)
{
    struct tb_results *results = NULL;
    struct tb_error error = {0};
    if (tb_results_open(path, &results, &error) != TB_OK)
        fail_msg("%s", error.text);
    assert_null(load(results, field, &error));
    assert_int_equal(error.status, expected);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, tb_field_describe(field)->path));
    if (strstr(error.text, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", error.text, words);
    tb_results_close(results);
}

static void a_number_out_of_its_domain_is_refused(void **state)
{
    (void)state;
    static const struct {
        enum tb_field field;
        int64_t value;
        const char *words;
    } cases[] = {
        {TB_FIELD_EDGE_SOURCE, -1, "is -1, but must be 0 to"},
        {TB_FIELD_EDGE_SOURCE, 1000, "[1] is 1000, but must be 0 to"},
        {TB_FIELD_INVALID_SOURCE, -2, "is -2, but must be -1 to"},
        {TB_FIELD_INVALID_SOURCE, 1000, "is 1000, but must be -1 to"},
        {TB_FIELD_CHAIN_ROLE, -1, "is -1, but must be 0 to"},
        {TB_FIELD_CHAIN_ROLE, 99, "is 99, but must be 0 to"},
        {TB_FIELD_RUN_DISCARDED, 2, "is 2, but must be 0 to 1"},
        {TB_FIELD_RUN_STALLED, 2, "is 2, but must be -1 to 1"},
        {TB_FIELD_CELL_RUNS, -2, "is -2, but must be -1 to"},
        {TB_FIELD_EDGE_COUNT, -2, "is -2, but must be -1 to"},
        {TB_FIELD_EDGE_COUNT, INT64_MAX, "add up to more than 2^59"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        spoil(cases[i].field, 1, H5T_NATIVE_INT64, &cases[i].value);
        loading_says(cases[i].field, TB_CORRUPT, cases[i].words);
    }
}

static void a_margin_is_a_number(void **state)
{
    (void)state;
    static const double bad[] = {NAN, INFINITY, -0.5};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        spoil(TB_FIELD_METRICS_METRIC_THRESHOLD, 1, H5T_NATIVE_DOUBLE, &bad[i]);
        loading_says(TB_FIELD_METRICS_METRIC_THRESHOLD, TB_CORRUPT, "must be a number, 0 or more");
    }
}

static void a_text_that_is_no_utf8_is_refused(void **state)
{
    (void)state;
    const hid_t type = H5Tcopy(H5T_C_S1);
    const char *const bad = "a\xFFz";
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    spoil(TB_FIELD_TESTBED_NAME, 1, type, &bad);
    H5Tclose(type);
    loading_says(TB_FIELD_TESTBED_NAME, TB_CORRUPT, "no UTF-8");
}

/* Files of older programs lack newer dimensions and fields; all else in them can be read. */
static void what_an_older_file_lacks_is_missing(void **state)
{
    (void)state;
    static const enum tb_field lacking[] = {TB_FIELD_CELL_RUNS, TB_FIELD_RUN_STALLED_FLOWS, TB_FIELD_COMPARISON_MEAN,
                                            TB_FIELD_RUN_DISCARD_REASON, TB_FIELD_RUN_CELL};
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++)
        replace(tb_field_describe(lacking[i])->path, (struct place){.properties = H5P_DEFAULT, false});
    struct tb_results *results;
    struct tb_error error;
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    assert_false(tb_results_has(results, TB_FIELD_CELL_RUNS));
    assert_true(tb_results_has(results, TB_FIELD_CELL_TESTBED));
    assert_int_equal(tb_results_int32(results, TB_FIELD_CELL_RUNS, &error)[1], -1);
    assert_int_equal(tb_results_int64(results, TB_FIELD_RUN_STALLED_FLOWS, &error)[1], -1);
    assert_true(isnan(tb_results_float64(results, TB_FIELD_COMPARISON_MEAN, &error)[1]));
    assert_string_equal(tb_results_text(results, TB_FIELD_RUN_DISCARD_REASON, &error)[1], "");
    assert_non_null(tb_results_text(results, TB_FIELD_TESTBED_NAME, &error));
    assert_null(tb_results_int32(results, TB_FIELD_RUN_CELL, &error));
    assert_int_equal(error.status, TB_NOT_FOUND);
    assert_non_null(strstr(error.text, "campaign/run_cell is not in this file"));
    tb_results_close(results);
}

static void a_missing_dimension_has_no_rows(void **state)
{
    (void)state;
    replace("flow", (struct place){.properties = H5P_DEFAULT, false});
    opening_says(TB_CORRUPT, "has not the dimensions");
    for (int i = 0; i < TB_FIELDS; i++)
        if (tb_field_describe((enum tb_field)i)->dimensions[0] == TB_DIMENSION_FLOW)
            replace(tb_field_describe((enum tb_field)i)->path, (struct place){.properties = H5P_DEFAULT, false});
    struct tb_results *results;
    struct tb_error error;
    assert_int_equal(tb_results_open(path, &results, &error), TB_OK);
    assert_int_equal(tb_results_size(results, TB_DIMENSION_FLOW), 0);
    assert_non_null(tb_results_int32(results, TB_FIELD_FLOW_ARTIFACT, &error));
    tb_results_close(results);
}

/* The digest tells the truth, the version is another. */
static void another_version_is_refused(void **state)
{
    (void)state;
    static const char *const versions[] = {"2  ", "2.9", "3.9", "4.0", "x.y", "3.0x"};
    const char begin[] = "\ntwinbed results ";
    struct stat found;
    stat(path, &found);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        FILE *file = fopen(path, "r+");
        fseeko(file, found.st_size - TB_SEAL_SIZE + (off_t)strlen(begin), SEEK_SET);
        fputs(versions[i], file);
        fclose(file);
        opening_says(TB_UNSUPPORTED, "results of version ");
    }
}

static void two_versions_are_refused(void **state)
{
    (void)state;
    const hid_t file = unseal();
    const hid_t attribute = H5Aopen(file, "twinbed_results_version", H5P_DEFAULT);
    const hid_t type = H5Aget_type(attribute);
    assert_true(H5Awrite(attribute, type, "3.9") >= 0);
    H5Tclose(type);
    H5Aclose(attribute);
    close_and_seal(file);
    opening_says(TB_UNSUPPORTED, "not the version of its last line");
}

#define SMALL(name) cmocka_unit_test_setup_teardown(name, make_small, remove_file)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALL(every_value_comes_back),
        cmocka_unit_test_setup_teardown(every_value_comes_back, make_large, remove_file),
        cmocka_unit_test_setup_teardown(every_value_comes_back, make_empty, remove_file),
        cmocka_unit_test_setup_teardown(more_flows_than_32_bits_count, make_wide, remove_file),
        SMALL(a_field_has_one_type),
        SMALL(rows_are_read_in_blocks),
        SMALL(attributes_come_in_the_order_of_their_names),
        SMALL(what_is_no_results_file_is_refused),
        SMALL(what_is_no_regular_file_is_refused),
        SMALL(a_file_cut_anywhere_is_refused),
        SMALL(a_file_that_another_program_changed_is_refused),
        SMALL(a_flipped_bit_is_refused),
        SMALL(a_flipped_bit_under_a_right_seal_does_no_harm),
        SMALL(a_field_unlike_the_schema_is_refused),
        SMALL(a_field_larger_than_its_file_is_refused),
        cmocka_unit_test_setup_teardown(many_pairs_without_cells_are_refused, make_many_pairs, remove_file),
        SMALL(a_filter_of_others_is_refused),
        SMALL(data_in_other_files_is_not_looked_for),
        SMALL(links_are_not_followed),
        SMALL(what_no_results_file_has_is_refused),
        cmocka_unit_test_setup_teardown(one_dataset_under_many_names_is_refused, make_few, remove_file),
        SMALL(a_number_out_of_its_domain_is_refused),
        SMALL(a_margin_is_a_number),
        SMALL(a_text_that_is_no_utf8_is_refused),
        SMALL(what_an_older_file_lacks_is_missing),
        SMALL(a_missing_dimension_has_no_rows),
        SMALL(another_version_is_refused),
        SMALL(two_versions_are_refused),
        cmocka_unit_test(mpi_was_never_started),
    };
    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
