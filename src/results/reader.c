/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/results/reader.h"

#include <errno.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hdf5_error.h"
#include "results_format.h"

/* A results file may come from anywhere: what it claims is checked before use. */

/* One attribute that was asked for; kept until close. */
struct attribute {
    char *object;
    char *name;
    char *text;
    struct attribute *next;
};

struct tb_results {
    char *path;
    hid_t file;
    uint64_t file_bytes;
    uint64_t sizes[TB_DIMENSIONS];
    void *fields[TB_FIELDS]; /* owned; NULL until asked for */
    struct attribute *attributes;
};

/* Deflate makes data at most 1032 times smaller. */
enum { COMPRESSION_MAX = 1032 };

static char *copy_text(const char *text, size_t size)
{
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

/* HDF5 allocates the bytes of a variable-length text. */
static char *read_variable_text(hid_t attribute, hid_t type)
{
    char *given = NULL;
    if (H5Aread(attribute, type, &given) < 0 || given == NULL)
        return NULL;
    char *text = copy_text(given, strlen(given));
    H5free_memory(given);
    return text;
}

static char *read_fixed_text(hid_t attribute, hid_t type)
{
    const size_t size = H5Tget_size(type);
    if (size == 0 || size > 1 << 20)
        return NULL;
    char *given = calloc(1, size);
    if (given == NULL)
        return NULL;
    char *text = H5Aread(attribute, type, given) < 0 ? NULL : copy_text(given, strnlen(given, size));
    free(given);
    return text;
}

/* A text attribute of one value; NULL when there is none. The caller frees it. */
static char *read_text_attribute(hid_t file, const char *object, const char *name)
{
    char *text = NULL;
    if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) <= 0)
        return NULL;
    const hid_t attribute = H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0)
        return NULL;
    const hid_t type = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1)
        text = H5Tis_variable_str(type) > 0 ? read_variable_text(attribute, type) : read_fixed_text(attribute, type);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    H5Aclose(attribute);
    return text;
}

/* Dimensions of a dataset; false when it has another rank. */
static bool read_extent(hid_t dataset, unsigned rank, hsize_t *extent)
{
    const hid_t space = H5Dget_space(dataset);
    if (space < 0)
        return false;
    const bool fits = H5Sget_simple_extent_type(space) == H5S_SIMPLE &&
                      H5Sget_simple_extent_ndims(space) == (int)rank &&
                      H5Sget_simple_extent_dims(space, extent, NULL) >= 0;
    H5Sclose(space);
    return fits;
}

/* A dimension that the file lacks has size 0: an older twinbed did not know it,
 * and whoever asks for one of its fields is told that the field is missing. */
static enum tb_status read_sizes(struct tb_results *results, struct tb_error *error)
{
    for (int i = 0; i < TB_DIMENSIONS; i++) {
        const char *name = tb_dimension_describe((enum tb_dimension)i)->name;
        hsize_t size = 0;
        if (H5Lexists(results->file, name, H5P_DEFAULT) == 0)
            continue;
        const hid_t scale = H5Dopen2(results->file, name, H5P_DEFAULT);
        const bool found = scale >= 0 && read_extent(scale, 1, &size);
        if (scale >= 0)
            H5Dclose(scale);
        if (!found)
            return tb_error_set(error, TB_UNSUPPORTED,
                                "%s: dimension %s cannot be read: no results file of twinbed, or a "
                                "damaged one",
                                results->path, name);
        results->sizes[i] = size;
    }
    return TB_OK;
}

static enum tb_status check_version(const struct tb_results *results, struct tb_error *error)
{
    char *version = read_text_attribute(results->file, "/", TB_RESULTS_VERSION_ATTRIBUTE);
    enum tb_status status = TB_OK;
    if (version == NULL)
        status = tb_error_set(
            error, TB_UNSUPPORTED,
            "%s: no results file of twinbed (it lacks the attribute " TB_RESULTS_VERSION_ATTRIBUTE ")", results->path);
    else if (strcmp(version, TB_RESULTS_VERSION) != 0)
        status = tb_error_set(error, TB_UNSUPPORTED,
                              "%s: results of version %.20s; this twinbed reads version " TB_RESULTS_VERSION,
                              results->path, version);
    free(version);
    return status;
}

static enum tb_status open_file(struct tb_results *results, struct tb_error *error)
{
    tb_hdf5_be_quiet();
    if (access(results->path, R_OK) != 0)
        return tb_error_set(error, errno == ENOENT ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s",
                            results->path, strerror(errno));
    results->file = H5Fopen(results->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (results->file < 0)
        return tb_hdf5_error(error, TB_UNSUPPORTED, "%s: cannot open as HDF5", results->path);
    hsize_t size = 0;
    if (H5Fget_filesize(results->file, &size) < 0)
        return tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot ask for its size", results->path);
    results->file_bytes = size;
    enum tb_status status = check_version(results, error);
    return status == TB_OK ? read_sizes(results, error) : status;
}

enum tb_status tb_results_open(const char *path, struct tb_results **results, struct tb_error *error)
{
    struct tb_results *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a results reader");
    made->file = H5I_INVALID_HID;
    made->path = strdup(path);
    enum tb_status status = made->path == NULL ? tb_error_memory(error, "a path") : open_file(made, error);
    if (status != TB_OK)
        tb_results_close(made);
    else
        *results = made;
    return status;
}

void tb_results_close(struct tb_results *results)
{
    if (results == NULL)
        return;
    while (results->attributes != NULL) {
        struct attribute *attribute = results->attributes;
        results->attributes = attribute->next;
        free(attribute->object);
        free(attribute->name);
        free(attribute->text);
        free(attribute);
    }
    for (int i = 0; i < TB_FIELDS; i++)
        free(results->fields[i]);
    if (results->file >= 0)
        H5Fclose(results->file);
    free(results->path);
    free(results);
}

uint64_t tb_results_size(const struct tb_results *results, enum tb_dimension dimension)
{
    return results->sizes[dimension];
}

static bool type_matches(hid_t dataset, enum tb_type wanted)
{
    const hid_t type = H5Dget_type(dataset);
    if (type < 0)
        return false;
    const H5T_class_t class = H5Tget_class(type);
    bool matches;
    if (wanted == TB_TYPE_TEXT)
        matches = class == H5T_STRING && H5Tis_variable_str(type) > 0;
    else if (wanted == TB_TYPE_FLOAT64)
        matches = class == H5T_FLOAT && H5Tget_size(type) == sizeof(double);
    else
        matches = class == H5T_INTEGER && H5Tget_size(type) == tb_type_size(wanted) && H5Tget_sign(type) == H5T_SGN_2;
    H5Tclose(type);
    return matches;
}

/* Number of values, when the dataset has the dimensions of the schema and the file can hold that many. */
static bool count_values(const struct tb_results *results, hid_t dataset, const struct tb_field_description *field,
                         uint64_t *values)
{
    hsize_t extent[TB_FIELD_RANK_MAX];
    if (!read_extent(dataset, field->rank, extent))
        return false;
    uint64_t count = 1, bytes;
    for (unsigned i = 0; i < field->rank; i++)
        if (extent[i] != results->sizes[field->dimensions[i]] || __builtin_mul_overflow(count, extent[i], &count))
            return false;
    if (__builtin_mul_overflow(count, (uint64_t)sizeof(int64_t), &bytes) || bytes > PTRDIFF_MAX / 2)
        return false;
    const hsize_t stored = H5Dget_storage_size(dataset);
    *values = count;
    return stored <= results->file_bytes && count * tb_type_size(field->type) / COMPRESSION_MAX <= stored;
}

static hid_t memory_type(enum tb_type type)
{
    return type == TB_TYPE_INT32 ? H5T_NATIVE_INT32 : type == TB_TYPE_INT64 ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

static bool read_numbers(hid_t dataset, enum tb_type type, uint64_t count, void **values)
{
    void *numbers = malloc((size_t)count * tb_type_size(type) + 1);
    if (numbers != NULL && count > 0 &&
        H5Dread(dataset, memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers) < 0) {
        free(numbers);
        numbers = NULL;
    }
    *values = numbers;
    return numbers != NULL;
}

/* One block: the pointers, then the bytes they point to. HDF5's own are given back. */
static char **pack_texts(char *const *given, uint64_t count)
{
    size_t size = ((size_t)count + 1) * sizeof(char *);
    for (uint64_t i = 0; i < count; i++)
        size += (given[i] == NULL ? 0 : strlen(given[i])) + 1;
    char **texts = malloc(size);
    if (texts == NULL)
        return NULL;
    char *next = (char *)(texts + count + 1);
    for (uint64_t i = 0; i < count; i++) {
        /* HDF5 gives NULL for some empty texts. */
        const char *text = given[i] == NULL ? "" : given[i];
        const size_t length = strlen(text) + 1;
        texts[i] = memcpy(next, text, length);
        next += length;
    }
    texts[count] = NULL;
    return texts;
}

static bool read_texts(hid_t dataset, uint64_t count, void **values)
{
    char **given = calloc((size_t)count + 1, sizeof *given);
    const hid_t type = H5Dget_type(dataset);
    const hid_t space = H5Dget_space(dataset);
    bool done = given != NULL && type >= 0 && space >= 0;
    if (done && count > 0)
        done = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, given) >= 0;
    *values = done ? pack_texts(given, count) : NULL;
    if (done && count > 0)
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, given);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    free(given);
    return *values != NULL;
}

/* Opens a field and looks whether it is what the schema says; the number of its values. */
static enum tb_status open_field(struct tb_results *results, const struct tb_field_description *field, hid_t *dataset,
                                 uint64_t *count, struct tb_error *error)
{
    *dataset = H5Dopen2(results->file, field->path, H5P_DEFAULT);
    if (*dataset < 0)
        return tb_hdf5_error(error, TB_NOT_FOUND, "%s: cannot open %s", results->path, field->path);
    if (type_matches(*dataset, field->type) && count_values(results, *dataset, field, count))
        return TB_OK;
    H5Dclose(*dataset);
    return tb_error_set(error, TB_CORRUPT, "%s: %s has not the type, dimensions and bytes that it should have",
                        results->path, field->path);
}

static enum tb_status read_field(struct tb_results *results, const struct tb_field_description *field, void **values,
                                 struct tb_error *error)
{
    hid_t dataset;
    uint64_t count;
    enum tb_status status = open_field(results, field, &dataset, &count, error);
    if (status != TB_OK)
        return status;
    if (field->type == TB_TYPE_TEXT ? !read_texts(dataset, count, values)
                                    : !read_numbers(dataset, field->type, count, values))
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot read %s", results->path, field->path);
    H5Dclose(dataset);
    return status;
}

static void *field_of_type(struct tb_results *results, enum tb_field field, enum tb_type type, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    if (description->type != type) {
        tb_error_set(error, TB_INTERNAL, "%s: %s was asked for with another type", results->path, description->path);
        return NULL;
    }
    if (results->fields[field] == NULL && read_field(results, description, &results->fields[field], error) != TB_OK)
        return NULL;
    return results->fields[field];
}

static bool read_rows(hid_t dataset, const struct tb_results *results, const struct tb_field_description *field,
                      uint64_t first, uint64_t count, void *values)
{
    const hsize_t begin[TB_FIELD_RANK_MAX] = {first};
    hsize_t extent[TB_FIELD_RANK_MAX] = {count};
    for (unsigned i = 1; i < field->rank; i++)
        extent[i] = results->sizes[field->dimensions[i]];
    const hid_t space = H5Dget_space(dataset);
    const hid_t memory = H5Screate_simple((int)field->rank, extent, NULL);
    const bool done = space >= 0 && memory >= 0 &&
                      H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, extent, NULL) >= 0 &&
                      H5Dread(dataset, memory_type(field->type), memory, space, H5P_DEFAULT, values) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    if (space >= 0)
        H5Sclose(space);
    return done;
}

enum tb_status tb_results_rows(struct tb_results *results, enum tb_field field, uint64_t first, uint64_t count,
                               void *values, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    const uint64_t rows = results->sizes[description->dimensions[0]];
    if (description->type == TB_TYPE_TEXT || first > rows || count > rows - first)
        return tb_error_set(error, TB_INTERNAL, "%s: %s was asked for in rows that it has not", results->path,
                            description->path);
    hid_t dataset;
    uint64_t all;
    enum tb_status status = open_field(results, description, &dataset, &all, error);
    if (status != TB_OK)
        return status;
    if (count > 0 && all > 0 && !read_rows(dataset, results, description, first, count, values))
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot read %s", results->path, description->path);
    H5Dclose(dataset);
    return status;
}

const int32_t *tb_results_int32(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    return field_of_type(results, field, TB_TYPE_INT32, error);
}

const int64_t *tb_results_int64(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    return field_of_type(results, field, TB_TYPE_INT64, error);
}

const double *tb_results_float64(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    return field_of_type(results, field, TB_TYPE_FLOAT64, error);
}

const char *const *tb_results_text(struct tb_results *results, enum tb_field field, struct tb_error *error)
{
    return field_of_type(results, field, TB_TYPE_TEXT, error);
}

static const char *keep_attribute(struct tb_results *results, const char *object, const char *name)
{
    for (const struct attribute *known = results->attributes; known != NULL; known = known->next)
        if (strcmp(known->object, object) == 0 && strcmp(known->name, name) == 0)
            return known->text;
    char *text = read_text_attribute(results->file, object, name);
    struct attribute *kept = text == NULL ? NULL : calloc(1, sizeof *kept);
    if (kept == NULL) {
        free(text);
        return NULL;
    }
    *kept = (struct attribute){.object = strdup(object), .name = strdup(name), .text = text};
    if (kept->object == NULL || kept->name == NULL) {
        free(kept->object);
        free(kept->name);
        free(kept->text);
        free(kept);
        return NULL;
    }
    kept->next = results->attributes;
    results->attributes = kept;
    return kept->text;
}

const char *tb_results_attribute(struct tb_results *results, const char *name)
{
    return keep_attribute(results, "/", name);
}

const char *tb_results_provenance(struct tb_results *results, const char *name)
{
    return keep_attribute(results, "/" TB_PROVENANCE_GROUP, name);
}

struct attribute_visit {
    struct tb_results *results;
    const char *object;
    tb_attribute_visit visit;
    void *context;
};

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *about, void *context)
{
    (void)object;
    (void)about;
    const struct attribute_visit *each = context;
    const char *text = keep_attribute(each->results, each->object, name);
    if (text != NULL)
        each->visit(each->context, name, text);
    return 0;
}

void tb_results_each_attribute(struct tb_results *results, bool of_provenance, tb_attribute_visit visit, void *context)
{
    struct attribute_visit each = {.results = results,
                                   .object = of_provenance ? "/" TB_PROVENANCE_GROUP : "/",
                                   .visit = visit,
                                   .context = context};
    H5Aiterate_by_name(results->file, each.object, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_attribute, &each,
                       H5P_DEFAULT);
}
