/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes a results file without its rows: in memory first, by HDF5's core driver, and then written
 * as one piece. So no half of it is ever seen, and one process does it without MPI.
 *
 * Equal inputs give equal bytes: nothing is filled, no times are kept, and chunks follow from the
 * sizes of the data alone. */
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5_hl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attributes.h"
#include "base/durable.h"
#include "hdf5_error.h"
#include "results_format.h"
#include "scale_limit.h"
#include "twinbed/base/new_file.h"
#include "twinbed/base/utf8.h"

/* Datasets up to this size are in one piece: compressing them gains nothing. */
static const hsize_t CONTIGUOUS_MAX_BYTES = 64 * 1024;
/* Half of the chunk cache that readers have by default. */
static const hsize_t CHUNK_BYTES = 512 * 1024;
enum { DEFLATE_LEVEL = 1, SCALE_BLOCK = 1 << 16 };

uint64_t tb_narrow_scale_most = INT32_MAX;

struct layout {
    const char *path;
    const struct tb_results_head *head;
    hid_t file;
    hid_t links; /* creates groups on the way */
    hid_t scales[TB_DIMENSIONS];
};

enum tb_status tb_shape_of(enum tb_field field, const uint64_t *sizes, struct tb_shape *shape, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    *shape = (struct tb_shape){.rank = (int)description->rank, .values = 1};
    hsize_t row_values = 1;
    bool fits = true;
    for (int i = 0; i < shape->rank; i++) {
        shape->sizes[i] = sizes[description->dimensions[i]];
        fits = fits && !__builtin_mul_overflow(shape->values, shape->sizes[i], &shape->values);
        if (i > 0)
            fits = fits && !__builtin_mul_overflow(row_values, shape->sizes[i], &row_values);
    }
    fits = fits && shape->values <= INT64_MAX / sizeof(int64_t) && row_values <= INT64_MAX / sizeof(int64_t);
    if (!fits)
        return tb_error_set(error, TB_INTERNAL, "field %s would have too many values", description->path);
    shape->row_bytes = row_values * tb_type_size(description->type);
    shape->piece = description->dimensions[0] == TB_DIMENSION_FLOW ? TB_PIECE_ROWS : 0;
    return TB_OK;
}

static hid_t stored_type(enum tb_type type)
{
    switch (type) {
    case TB_TYPE_INT32:
        return H5T_STD_I32LE;
    case TB_TYPE_INT64:
        return H5T_STD_I64LE;
    case TB_TYPE_FLOAT64:
        return H5T_IEEE_F64LE;
    case TB_TYPE_TEXT:
        break;
    }
    return H5I_INVALID_HID;
}

/* Halves the rows of a piece until they fit: a piece is whole chunks. */
static hsize_t piece_rows(hsize_t piece, hsize_t fitting)
{
    while (piece > 1 && piece > fitting)
        piece /= 2;
    return piece;
}

/* Cuts the first dimensions until a chunk has its size: a function of the data's sizes alone. */
static void choose_chunk(const struct tb_shape *shape, hsize_t value_bytes, hsize_t *chunk)
{
    hsize_t bytes = value_bytes;
    for (int i = shape->rank - 1; i >= 0; i--) {
        hsize_t fitting = CHUNK_BYTES / bytes;
        if (i == 0 && shape->piece != 0)
            fitting = piece_rows(shape->piece, fitting);
        chunk[i] = fitting < 1 ? 1 : fitting < shape->sizes[i] ? fitting : shape->sizes[i];
        bytes *= chunk[i];
    }
}

/* The creation properties of a numeric dataset; H5I_INVALID_HID when HDF5 refuses. */
static hid_t storage_of(const struct tb_shape *shape, hsize_t value_bytes)
{
    const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (properties < 0)
        return H5I_INVALID_HID;
    /* Every value is written, so nothing is filled; times would differ between equal files. */
    bool done =
        H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER) >= 0 && H5Pset_obj_track_times(properties, false) >= 0;
    if (shape->values * value_bytes > CONTIGUOUS_MAX_BYTES) {
        hsize_t chunk[TB_FIELD_RANK_MAX];
        choose_chunk(shape, value_bytes, chunk);
        done = done && H5Pset_chunk(properties, shape->rank, chunk) >= 0 && H5Pset_shuffle(properties) >= 0 &&
               H5Pset_deflate(properties, DEFLATE_LEVEL) >= 0;
    } else {
        done = done && H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY) >= 0;
    }
    if (done)
        return properties;
    H5Pclose(properties);
    return H5I_INVALID_HID;
}

/* An open dataset of that name, type and shape; takes properties over. */
static hid_t create_dataset(const struct layout *layout, const char *name, hid_t type, const struct tb_shape *shape,
                            hid_t properties)
{
    if (properties < 0)
        return H5I_INVALID_HID;
    hid_t dataset = H5I_INVALID_HID;
    const hid_t space = H5Screate_simple(shape->rank, shape->sizes, NULL);
    if (space >= 0) {
        dataset = H5Dcreate2(layout->file, name, type, space, layout->links, properties, H5P_DEFAULT);
        H5Sclose(space);
    }
    H5Pclose(properties);
    return dataset;
}

/* Writes 0 .. size - 1, block by block; HDF5 makes them as wide as the scale is. */
static bool write_counting(hid_t dataset, hsize_t size)
{
    static int64_t block[SCALE_BLOCK];
    const hid_t space = H5Dget_space(dataset);
    bool done = space >= 0;
    for (hsize_t first = 0; done && first < size; first += SCALE_BLOCK) {
        const hsize_t count = size - first < SCALE_BLOCK ? size - first : SCALE_BLOCK;
        for (hsize_t i = 0; i < count; i++)
            block[i] = (int64_t)(first + i);
        const hid_t memory = H5Screate_simple(1, &count, NULL);
        done = memory >= 0 && H5Sselect_hyperslab(space, H5S_SELECT_SET, &first, NULL, &count, NULL) >= 0 &&
               H5Dwrite(dataset, H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, block) >= 0;
        if (memory >= 0)
            H5Sclose(memory);
    }
    if (space >= 0)
        H5Sclose(space);
    return done;
}

static enum tb_status create_scale(struct layout *layout, enum tb_dimension dimension, struct tb_error *error)
{
    const struct tb_dimension_description *description = tb_dimension_describe(dimension);
    const hsize_t size = layout->head->sizes[dimension];
    if (size > tb_dimension_most(dimension))
        return tb_error_set(error, TB_INTERNAL, "%s: dimension %s has %llu items; %llu is the limit", layout->path,
                            description->name, (unsigned long long)size,
                            (unsigned long long)tb_dimension_most(dimension));
    const bool narrow = size <= tb_narrow_scale_most;
    const hsize_t value_bytes = narrow ? sizeof(int32_t) : sizeof(int64_t);
    const struct tb_shape shape = {.rank = 1, .sizes = {size}, .values = size, .row_bytes = value_bytes};
    const hid_t scale = create_dataset(layout, description->name, narrow ? H5T_STD_I32LE : H5T_STD_I64LE, &shape,
                                       storage_of(&shape, value_bytes));
    layout->scales[dimension] = scale;
    if (scale < 0 || H5DSset_scale(scale, description->name) < 0 || !write_counting(scale, size) ||
        !tb_attribute_text(scale, "long_name", description->sentence))
        return tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot create dimension %s", layout->path, description->name);
    return TB_OK;
}

static bool describe_dataset(const struct layout *layout, hid_t dataset, const struct tb_field_description *field)
{
    for (unsigned i = 0; i < field->rank; i++)
        if (H5DSattach_scale(dataset, layout->scales[field->dimensions[i]], i) < 0)
            return false;
    if (!tb_attribute_text(dataset, "long_name", field->sentence))
        return false;
    if (field->unit[0] != '\0' && !tb_attribute_text(dataset, "units", field->unit))
        return false;
    if (field->flags != NULL && !tb_attribute_flags(dataset, stored_type(field->type), field->flags))
        return false;
    return field->type != TB_TYPE_FLOAT64 || tb_attribute_missing(dataset);
}

hid_t tb_memory_type(enum tb_type type)
{
    switch (type) {
    case TB_TYPE_INT32:
        return H5T_NATIVE_INT32;
    case TB_TYPE_INT64:
        return H5T_NATIVE_INT64;
    case TB_TYPE_FLOAT64:
        return H5T_NATIVE_DOUBLE;
    case TB_TYPE_TEXT:
        break;
    }
    return H5I_INVALID_HID;
}

/* The values of a field that is written whole, or NULL. */
static const void *find_numbers(const struct tb_results_head *head, enum tb_field field)
{
    for (size_t i = 0; i < head->number_count; i++)
        if (head->numbers[i].field == field)
            return head->numbers[i].values;
    return NULL;
}

static enum tb_status create_numeric(const struct layout *layout, enum tb_field number, const struct tb_shape *shape,
                                     struct tb_error *error)
{
    const struct tb_field_description *const field = tb_field_describe(number);
    const void *const values = find_numbers(layout->head, number);
    const hid_t dataset = create_dataset(layout, field->path, stored_type(field->type), shape,
                                         storage_of(shape, tb_type_size(field->type)));
    bool done = dataset >= 0 && describe_dataset(layout, dataset, field);
    if (done && values != NULL && shape->values > 0)
        done = H5Dwrite(dataset, tb_memory_type(field->type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    if (dataset >= 0)
        done = H5Dclose(dataset) >= 0 && done;
    if (!done)
        return tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot create %s", layout->path, field->path);
    return TB_OK;
}

static const struct tb_text_field *find_text(const struct tb_results_head *head, enum tb_field field)
{
    for (size_t i = 0; i < head->text_count; i++)
        if (head->texts[i].field == field)
            return &head->texts[i];
    return NULL;
}

/* Texts as they will be stored: UTF-8, never NULL. */
struct stored_texts {
    const char **texts;
    char **repaired; /* owned; NULL where the text was right */
    size_t count;
};

static void free_texts(struct stored_texts *stored)
{
    for (size_t i = 0; stored->repaired != NULL && i < stored->count; i++)
        free(stored->repaired[i]);
    free(stored->repaired);
    free((void *)stored->texts);
}

static bool store_texts(const char *const *values, size_t count, struct stored_texts *stored)
{
    *stored = (struct stored_texts){.texts = calloc(count + 1, sizeof *stored->texts),
                                    .repaired = calloc(count + 1, sizeof *stored->repaired),
                                    .count = count};
    if (stored->texts == NULL || stored->repaired == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *text = values[i] == NULL ? "" : values[i];
        if (!tb_utf8_repair(text, &stored->repaired[i]))
            return false;
        stored->texts[i] = stored->repaired[i] != NULL ? stored->repaired[i] : text;
    }
    return true;
}

static bool write_texts(const struct layout *layout, const struct tb_field_description *field,
                        const struct tb_shape *shape, const char *const *texts)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0)
        return false;
    hid_t dataset = H5I_INVALID_HID;
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    if (H5Tset_size(type, H5T_VARIABLE) >= 0 && H5Tset_cset(type, H5T_CSET_UTF8) >= 0 && properties >= 0 &&
        H5Pset_obj_track_times(properties, false) >= 0) {
        dataset = create_dataset(layout, field->path, type, shape, properties);
    } else if (properties >= 0) {
        H5Pclose(properties);
    }
    bool done = dataset >= 0 && describe_dataset(layout, dataset, field);
    if (done && shape->values > 0)
        done = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) >= 0;
    if (dataset >= 0)
        done = H5Dclose(dataset) >= 0 && done;
    H5Tclose(type);
    return done;
}

static enum tb_status create_text(const struct layout *layout, enum tb_field field, const struct tb_shape *shape,
                                  struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    const struct tb_text_field *given = find_text(layout->head, field);
    if (given == NULL || (given->values == NULL && shape->values > 0))
        return tb_error_set(error, TB_INTERNAL, "%s: text field %s was not given", layout->path, description->path);
    struct stored_texts stored;
    enum tb_status status = TB_OK;
    if (!store_texts(given->values, shape->values, &stored))
        status = tb_error_memory(error, "texts of a results file");
    else if (!write_texts(layout, description, shape, stored.texts))
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot write %s", layout->path, description->path);
    free_texts(&stored);
    return status;
}

static bool is_in_the_file(const struct layout *layout, enum tb_dimension dimension)
{
    return layout->head->sizes[dimension] > 0 || !tb_dimension_may_be_absent(dimension);
}

static enum tb_status create_fields(const struct layout *layout, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (int i = 0; status == TB_OK && i < TB_FIELDS; i++) {
        const enum tb_field field = (enum tb_field)i;
        const struct tb_field_description *description = tb_field_describe(field);
        struct tb_shape shape;
        if (!is_in_the_file(layout, description->dimensions[0]))
            continue;
        status = tb_shape_of(field, layout->head->sizes, &shape, error);
        if (status != TB_OK)
            break;
        if (description->type == TB_TYPE_TEXT)
            status = create_text(layout, field, &shape, error);
        else
            status = create_numeric(layout, field, &shape, error);
    }
    return status;
}

static enum tb_status write_attributes(const struct layout *layout, hid_t object, const struct tb_attribute *attributes,
                                       size_t count, struct tb_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!tb_attribute_text(object, attributes[i].name, attributes[i].text == NULL ? "" : attributes[i].text))
            return tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot write attribute %s", layout->path,
                                 attributes[i].name);
    return TB_OK;
}

static enum tb_status create_heads(const struct layout *layout, struct tb_error *error)
{
    static const struct tb_attribute ours[] = {
        {"Conventions", "CF-1.10"},
        {TB_RESULTS_VERSION_ATTRIBUTE, TB_RESULTS_VERSION},
    };
    const struct tb_results_head *head = layout->head;
    enum tb_status status = write_attributes(layout, layout->file, ours, sizeof ours / sizeof ours[0], error);
    if (status == TB_OK)
        status = write_attributes(layout, layout->file, head->root, head->root_count, error);
    if (status != TB_OK)
        return status;
    const hid_t group = H5Gcreate2(layout->file, TB_PROVENANCE_GROUP, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot create group " TB_PROVENANCE_GROUP, layout->path);
    status = write_attributes(layout, group, head->provenance, head->provenance_count, error);
    H5Gclose(group);
    return status;
}

static enum tb_status fill(struct layout *layout, struct tb_error *error)
{
    layout->links = H5Pcreate(H5P_LINK_CREATE);
    if (layout->links < 0 || H5Pset_create_intermediate_group(layout->links, 1) < 0)
        return tb_hdf5_error(error, TB_INTERNAL, "%s: cannot set up groups", layout->path);
    enum tb_status status = create_heads(layout, error);
    for (int i = 0; status == TB_OK && i < TB_DIMENSIONS; i++)
        if (is_in_the_file(layout, (enum tb_dimension)i))
            status = create_scale(layout, (enum tb_dimension)i, error);
    if (status == TB_OK)
        status = create_fields(layout, error);
    return status;
}

static bool close_objects(const struct layout *layout)
{
    bool closed = true;
    for (int i = 0; i < TB_DIMENSIONS; i++)
        if (layout->scales[i] >= 0)
            closed = H5Dclose(layout->scales[i]) >= 0 && closed;
    if (layout->links >= 0)
        closed = H5Pclose(layout->links) >= 0 && closed;
    return closed;
}

static enum tb_status take_image(const struct layout *layout, struct tb_buffer *image, struct tb_error *error)
{
    const ssize_t size = H5Fflush(layout->file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(layout->file, NULL, 0);
    if (size < 0)
        return tb_hdf5_error(error, TB_INTERNAL, "%s: cannot lay out", layout->path);
    uint8_t *data = malloc((size_t)size);
    if (data == NULL)
        return tb_error_memory(error, "the texts of a results file");
    if (H5Fget_file_image(layout->file, data, (size_t)size) != size) {
        free(data);
        return tb_hdf5_error(error, TB_INTERNAL, "%s: cannot lay out", layout->path);
    }
    *image = (struct tb_buffer){.data = data, .size = (size_t)size, .capacity = (size_t)size};
    return TB_OK;
}

/* A new file in memory. */
static hid_t create_in_memory(const char *path)
{
    enum { GROWTH = 1 << 20 };
    hid_t file = H5I_INVALID_HID;
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0 && H5Pset_fapl_core(access, GROWTH, false) >= 0)
        file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    if (access >= 0)
        H5Pclose(access);
    return file;
}

static enum tb_status build_image(const char *path, const struct tb_results_head *head, struct tb_buffer *image,
                                  struct tb_error *error)
{
    struct layout layout = {.path = path, .head = head, .links = H5I_INVALID_HID};
    for (int i = 0; i < TB_DIMENSIONS; i++)
        layout.scales[i] = H5I_INVALID_HID;
    layout.file = create_in_memory(path);
    if (layout.file < 0)
        return tb_hdf5_error(error, TB_INTERNAL, "%s: cannot lay out", path);
    enum tb_status status = fill(&layout, error);
    const bool closed = close_objects(&layout);
    if (status == TB_OK && !closed)
        status = tb_hdf5_error(error, TB_INTERNAL, "%s: cannot lay out", path);
    if (status == TB_OK)
        status = take_image(&layout, image, error);
    if (H5Fclose(layout.file) < 0 && status == TB_OK) {
        tb_buffer_free(image);
        status = tb_hdf5_error(error, TB_INTERNAL, "%s: cannot lay out", path);
    }
    return status;
}

static enum tb_status write_image(const char *path, const struct tb_buffer *image, struct tb_error *error)
{
    const int file = tb_new_file(path, error);
    if (file < 0)
        return TB_INPUT_OUTPUT;
    enum tb_status status = tb_write_all(file, path, image->data, image->size, error);
    if (close(file) != 0 && status == TB_OK)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot write: %s", path, strerror(errno));
    return status;
}

enum tb_status tb_layout_create(const char *path, const struct tb_results_head *head, struct tb_error *error)
{
    /* HDF5 1.10 cannot recover from a disk that fills while it closes a file: it
     * keeps a handle to freed memory and crashes at the end of the process. So it
     * builds in memory, and the bytes are written here, in large pieces. */
    struct tb_buffer image = {0};
    enum tb_status status = build_image(path, head, &image, error);
    if (status == TB_OK)
        status = write_image(path, &image, error);
    tb_buffer_free(&image);
    return status;
}
