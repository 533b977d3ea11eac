/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of a results file by HDF5, block by block, so that memory does not depend on the file's
 * size. Runs in the reading process alone. */
#include "contents.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "contents_check.h"
#include "hdf5_error.h"
#include "results_format.h"

enum { BLOCK_BYTES = 4 << 20, BLOCK_TEXTS = 4096, ATTRIBUTE_BYTES_MAX = 1 << 20 };

enum tb_status tb_contents_open(struct tb_contents *contents, const char *path, const char *place, uint64_t file_bytes,
                                struct tb_error *error)
{
    *contents = (struct tb_contents){.path = path, .file_bytes = file_bytes};
    tb_hdf5_be_quiet();
    contents->file = H5Fopen(place, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (contents->file < 0)
        return tb_hdf5_error(error, TB_UNSUPPORTED, "%s: cannot open as HDF5", path);
    enum tb_status status = tb_check_links(contents, error);
    if (status == TB_OK)
        status = tb_check_dimensions(contents, error);
    if (status == TB_OK)
        status = tb_check_fields(contents, error);
    return status;
}

/* A field that is read block by block. */
struct block_reading {
    const struct tb_contents *contents;
    const struct tb_field_description *field;
    hid_t dataset, type, space;
    hsize_t extent[TB_FIELD_RANK_MAX];
    hsize_t row_values; /* of one step of the first dimension */
    hsize_t block_rows;
    void *values; /* owned; room for a block */
    uint64_t text_bytes;
    tb_contents_take take;
    void *context;
};

static size_t value_bytes(const struct block_reading *reading)
{
    return tb_type_size(reading->field->type);
}

/* Whole chunks, where there are any, so that none is decompressed twice. */
static hsize_t choose_rows(hid_t dataset, hsize_t fitting)
{
    hsize_t chunk[TB_FIELD_RANK_MAX] = {1};
    const hid_t properties = H5Dget_create_plist(dataset);
    if (properties >= 0 && H5Pget_layout(properties) == H5D_CHUNKED)
        H5Pget_chunk(properties, TB_FIELD_RANK_MAX, chunk);
    if (properties >= 0)
        H5Pclose(properties);
    return fitting <= chunk[0] ? chunk[0] : fitting / chunk[0] * chunk[0];
}

static hid_t type_in_memory(enum tb_type type)
{
    switch (type) {
    case TB_TYPE_INT32:
        return H5Tcopy(H5T_NATIVE_INT32);
    case TB_TYPE_INT64:
        return H5Tcopy(H5T_NATIVE_INT64);
    case TB_TYPE_FLOAT64:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    case TB_TYPE_TEXT:
        break;
    }
    return H5I_INVALID_HID;
}

static bool prepare(struct block_reading *reading)
{
    const struct tb_field_description *field = reading->field;
    reading->dataset = H5Dopen2(reading->contents->file, field->path, H5P_DEFAULT);
    if (reading->dataset < 0)
        return false;
    /* Texts are read as they are stored: HDF5 converts no character sets. */
    reading->type = field->type == TB_TYPE_TEXT ? H5Dget_type(reading->dataset) : type_in_memory(field->type);
    reading->space = H5Dget_space(reading->dataset);
    if (reading->type < 0 || reading->space < 0)
        return false;
    reading->row_values = 1;
    for (unsigned i = 0; i < field->rank; i++) {
        reading->extent[i] = reading->contents->sizes[field->dimensions[i]];
        reading->row_values *= i == 0 ? 1 : reading->extent[i];
    }
    if (reading->row_values == 0 || reading->extent[0] == 0)
        return true;
    const hsize_t values = field->type == TB_TYPE_TEXT ? BLOCK_TEXTS : BLOCK_BYTES / value_bytes(reading);
    reading->block_rows = choose_rows(reading->dataset, values / reading->row_values);
    if (reading->block_rows > reading->extent[0])
        reading->block_rows = reading->extent[0];
    reading->values = calloc((size_t)(reading->block_rows * reading->row_values), value_bytes(reading));
    return reading->values != NULL;
}

static void release(struct block_reading *reading)
{
    if (reading->space >= 0)
        H5Sclose(reading->space);
    if (reading->type >= 0)
        H5Tclose(reading->type);
    if (reading->dataset >= 0)
        H5Dclose(reading->dataset);
    free(reading->values);
}

/* HDF5 gives NULL for some empty texts. */
static bool give_texts(struct block_reading *reading, hsize_t count)
{
    char *const *texts = reading->values;
    for (hsize_t i = 0; i < count; i++) {
        const char *text = texts[i] == NULL ? "" : texts[i];
        const size_t size = strlen(text) + 1;
        reading->text_bytes += size - 1;
        /* A text is in the file once for each that has it. */
        if (reading->text_bytes > reading->contents->file_bytes || !reading->take(reading->context, text, size))
            return false;
    }
    return true;
}

static bool read_block(struct block_reading *reading, hsize_t first, hsize_t rows)
{
    const hsize_t start[TB_FIELD_RANK_MAX] = {first};
    hsize_t count[TB_FIELD_RANK_MAX];
    memcpy(count, reading->extent, sizeof count);
    count[0] = rows;
    const hid_t memory = H5Screate_simple((int)reading->field->rank, count, NULL);
    if (memory < 0)
        return false;
    bool done = H5Sselect_hyperslab(reading->space, H5S_SELECT_SET, start, NULL, count, NULL) >= 0 &&
                H5Dread(reading->dataset, reading->type, memory, reading->space, H5P_DEFAULT, reading->values) >= 0;
    const hsize_t values = rows * reading->row_values;
    if (done && reading->field->type != TB_TYPE_TEXT)
        done = reading->take(reading->context, reading->values, (size_t)values * value_bytes(reading));
    else if (done) {
        done = give_texts(reading, values);
        H5Dvlen_reclaim(reading->type, memory, H5P_DEFAULT, reading->values);
    }
    H5Sclose(memory);
    return done;
}

enum tb_status tb_contents_read(const struct tb_contents *contents, enum tb_field field, struct tb_row_range rows,
                                tb_contents_take take, void *context, struct tb_error *error)
{
    struct block_reading reading = {.contents = contents,
                                    .field = tb_field_describe(field),
                                    .dataset = H5I_INVALID_HID,
                                    .type = H5I_INVALID_HID,
                                    .space = H5I_INVALID_HID,
                                    .take = take,
                                    .context = context};
    bool done = prepare(&reading);
    done = done && rows.first <= reading.extent[0] && rows.count <= reading.extent[0] - rows.first;
    for (uint64_t left = reading.row_values == 0 ? 0 : rows.count; done && left > 0;) {
        const hsize_t now = left < reading.block_rows ? left : reading.block_rows;
        done = read_block(&reading, rows.first + rows.count - left, now);
        left -= now;
    }
    release(&reading);
    if (reading.text_bytes > contents->file_bytes)
        return tb_error_set(error, TB_CORRUPT, "%s: %s has longer texts than the file", contents->path,
                            reading.field->path);
    return done ? TB_OK
                : tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot read %s", contents->path, reading.field->path);
}

/* HDF5 allocates the bytes of a variable-length text. */
static char *read_variable_text(hid_t attribute, hid_t type)
{
    char *given = NULL;
    if (H5Aread(attribute, type, &given) < 0 || given == NULL)
        return NULL;
    char *text = strdup(given);
    H5free_memory(given);
    return text;
}

static char *read_fixed_text(hid_t attribute, hid_t type)
{
    const size_t size = H5Tget_size(type);
    if (size == 0 || size > ATTRIBUTE_BYTES_MAX)
        return NULL;
    char *text = calloc(1, size + 1);
    if (text != NULL && H5Aread(attribute, type, text) < 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* NULL when it is no text of one value. The caller frees it. */
static char *read_text(hid_t attribute)
{
    char *text = NULL;
    const hid_t type = H5Aget_type(attribute);
    const hid_t space = H5Aget_space(attribute);
    if (type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING && H5Sget_simple_extent_npoints(space) == 1)
        text = H5Tis_variable_str(type) > 0 ? read_variable_text(attribute, type) : read_fixed_text(attribute, type);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    return text;
}

struct attribute_visit {
    tb_contents_take take;
    void *context;
    bool lacks_memory;
};

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *about, void *context)
{
    (void)about;
    struct attribute_visit *const visit = context;
    const hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return -1;
    errno = 0;
    char *text = read_text(attribute);
    visit->lacks_memory = text == NULL && errno == ENOMEM;
    H5Aclose(attribute);
    if (visit->lacks_memory)
        return -1;
    const bool taken = text == NULL || (visit->take(visit->context, name, strlen(name) + 1) &&
                                        visit->take(visit->context, text, strlen(text) + 1));
    free(text);
    return taken ? 0 : -1;
}

enum tb_status tb_contents_attributes(const struct tb_contents *contents, bool of_provenance, tb_contents_take take,
                                      void *context, struct tb_error *error)
{
    struct attribute_visit visit = {.take = take, .context = context};
    const char *object = of_provenance ? TB_PROVENANCE_GROUP : "/";
    if (of_provenance && H5Lexists(contents->file, object, H5P_DEFAULT) == 0)
        return TB_OK;
    if (H5Aiterate_by_name(contents->file, object, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_attribute, &visit,
                           H5P_DEFAULT) < 0)
        return visit.lacks_memory
                   ? tb_error_memory(error, "the attributes of a results file")
                   : tb_hdf5_error(error, TB_CORRUPT, "%s: cannot read the attributes of %s", contents->path, object);
    return TB_OK;
}
