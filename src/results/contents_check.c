/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compares the structure of a file with the schema before any value is read. What HDF5 offers
 * beyond it (links to other files, filters, external data, types of its own) is refused, since each
 * is a way to make a reader do something. */
#include "contents_check.h"

#include <string.h>

#include "hdf5_error.h"
#include "results_format.h"

enum {
    /* Deflate makes data at most 1032 times smaller. */
    COMPRESSION_MAX = 1032,
    /* Twice what twinbed writes: a chunk is decompressed whole, whatever is read of it. */
    CHUNK_BYTES_MAX = 1 << 20,
    FILTERS_MAX = 2
};

/* One group whose links are looked at. */
struct group_visit {
    struct tb_contents *contents;
    const char *group; /* "" for the root */
    struct tb_error *error;
};

static bool is_group_of_schema(const char *name)
{
    const size_t length = strlen(name);
    for (int i = 0; i < TB_FIELDS; i++) {
        const char *path = tb_field_describe((enum tb_field)i)->path;
        if (strncmp(path, name, length) == 0 && path[length] == '/')
            return true;
    }
    return strcmp(name, TB_PROVENANCE_GROUP) == 0;
}

static bool is_dimension(const char *name)
{
    for (int i = 0; i < TB_DIMENSIONS; i++)
        if (strcmp(tb_dimension_describe((enum tb_dimension)i)->name, name) == 0)
            return true;
    return false;
}

/* Notes the field of that group and name; false when the schema has none. */
static bool note_field(struct tb_contents *contents, const char *group, const char *name)
{
    const size_t length = strlen(group);
    for (int i = 0; i < TB_FIELDS; i++) {
        const char *path = tb_field_describe((enum tb_field)i)->path;
        if (strncmp(path, group, length) == 0 && path[length] == '/' && strcmp(path + length + 1, name) == 0)
            return contents->present[i] = true;
    }
    return false;
}

static bool is_known(const struct group_visit *visit, const char *name)
{
    if (visit->group[0] == '\0')
        return is_group_of_schema(name) || is_dimension(name);
    return note_field(visit->contents, visit->group, name);
}

/* -1 ends the visit. */
static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    (void)group;
    const struct group_visit *visit = context;
    const char *slash = visit->group[0] == '\0' ? "" : "/";
    if (link->type == H5L_TYPE_HARD && is_known(visit, name))
        return 0;
    tb_error_set(visit->error, TB_CORRUPT, "%s: holds %s%s%.200s, %s", visit->contents->path, visit->group, slash, name,
                 link->type == H5L_TYPE_HARD ? "which no results file has" : "a link that leads elsewhere");
    return -1;
}

static enum tb_status check_group(struct tb_contents *contents, const char *name, struct tb_error *error)
{
    struct group_visit visit = {.contents = contents, .group = name, .error = error};
    struct tb_error unused;
    if (error == NULL)
        visit.error = &unused;
    visit.error->status = TB_OK;
    const char *place = name[0] == '\0' ? "/" : name;
    if (H5Literate_by_name(contents->file, place, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit_link, &visit,
                           H5P_DEFAULT) >= 0)
        return TB_OK;
    if (visit.error->status != TB_OK)
        return visit.error->status;
    return tb_hdf5_error(error, TB_CORRUPT, "%s: cannot list /%s", contents->path, name);
}

/* The groups that a field stands in, once each: fields of a group stand side by side, and one visit too many does no harm. */
static enum tb_status check_groups(struct tb_contents *contents, struct tb_error *error)
{
    char latest[64] = "";
    enum tb_status status = TB_OK;
    for (int i = 0; status == TB_OK && i < TB_FIELDS; i++) {
        const char *path = tb_field_describe((enum tb_field)i)->path;
        const size_t length = strcspn(path, "/");
        if (strncmp(path, latest, length) == 0 && latest[length] == '\0')
            continue;
        memcpy(latest, path, length);
        latest[length] = '\0';
        if (H5Lexists(contents->file, latest, H5P_DEFAULT) > 0)
            status = check_group(contents, latest, error);
    }
    return status;
}

enum tb_status tb_check_links(struct tb_contents *contents, struct tb_error *error)
{
    const enum tb_status status = check_group(contents, "", error);
    return status == TB_OK ? check_groups(contents, error) : status;
}

/* What the header of a dataset says. */
struct dataset {
    hid_t id, type, space, properties;
    hsize_t extent[TB_FIELD_RANK_MAX];
    uint64_t stored; /* bytes in the file */
};

static void close_dataset(const struct dataset *dataset)
{
    if (dataset->properties >= 0)
        H5Pclose(dataset->properties);
    if (dataset->space >= 0)
        H5Sclose(dataset->space);
    if (dataset->type >= 0)
        H5Tclose(dataset->type);
    if (dataset->id >= 0)
        H5Dclose(dataset->id);
}

/* Where the values lie comes first: the shape of a virtual dataset is asked of other files. */
static bool lies_in_the_file(const struct dataset *dataset)
{
    const H5D_layout_t layout = H5Pget_layout(dataset->properties);
    return (layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED || layout == H5D_COMPACT) &&
           H5Pget_external_count(dataset->properties) == 0;
}

static bool has_known_filters(const struct dataset *dataset)
{
    const int count = H5Pget_nfilters(dataset->properties);
    bool known = count >= 0 && count <= FILTERS_MAX;
    for (int i = 0; known && i < count; i++) {
        unsigned flags, settings;
        size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(dataset->properties, (unsigned)i, &flags, &values, NULL, 0, NULL, &settings);
        known = filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_DEFLATE;
    }
    return known;
}

static bool has_shape(struct dataset *dataset, unsigned rank, const uint64_t *sizes)
{
    if (H5Sget_simple_extent_type(dataset->space) != H5S_SIMPLE ||
        H5Sget_simple_extent_ndims(dataset->space) != (int)rank ||
        H5Sget_simple_extent_dims(dataset->space, dataset->extent, NULL) < 0)
        return false;
    for (unsigned i = 0; sizes != NULL && i < rank; i++)
        if (dataset->extent[i] != sizes[i])
            return false;
    return true;
}

static bool has_type(const struct dataset *dataset, enum tb_type type)
{
    switch (type) {
    case TB_TYPE_INT32:
        return H5Tequal(dataset->type, H5T_STD_I32LE) > 0;
    case TB_TYPE_INT64:
        return H5Tequal(dataset->type, H5T_STD_I64LE) > 0;
    case TB_TYPE_FLOAT64:
        return H5Tequal(dataset->type, H5T_IEEE_F64LE) > 0;
    case TB_TYPE_TEXT:
        break;
    }
    return H5Tget_class(dataset->type) == H5T_STRING && H5Tis_variable_str(dataset->type) > 0;
}

/* A chunk has the dimensions of the dataset, and is small. */
static bool has_small_chunks(const struct dataset *dataset, unsigned rank, uint64_t value_bytes)
{
    hsize_t chunk[TB_FIELD_RANK_MAX];
    if (H5Pget_layout(dataset->properties) != H5D_CHUNKED)
        return true;
    if (H5Pget_chunk(dataset->properties, TB_FIELD_RANK_MAX, chunk) != (int)rank)
        return false;
    uint64_t bytes = value_bytes;
    for (unsigned i = 0; i < rank; i++)
        if (__builtin_mul_overflow(bytes, chunk[i], &bytes) || bytes > CHUNK_BYTES_MAX)
            return false;
    return true;
}

/* What the values take in a file: 16 bytes for a text, which say where it is. */
static bool stores_its_values(struct dataset *dataset, unsigned rank, uint64_t value_bytes, uint64_t file_bytes)
{
    uint64_t bytes = value_bytes;
    for (unsigned i = 0; i < rank; i++)
        if (__builtin_mul_overflow(bytes, dataset->extent[i], &bytes))
            return false;
    dataset->stored = H5Dget_storage_size(dataset->id);
    return dataset->stored <= file_bytes && bytes / COMPRESSION_MAX <= dataset->stored &&
           (bytes == 0 || dataset->stored > 0);
}

static bool has_one_name(const struct dataset *dataset)
{
    H5O_info_t info;
    return H5Oget_info2(dataset->id, &info, H5O_INFO_BASIC) >= 0 && info.rc == 1;
}

/* Opens what stands at path and looks at it; close it, whatever comes out. sizes may be NULL. */
static const char *look_at(const struct tb_contents *contents, const char *path, enum tb_type type, unsigned rank,
                           const uint64_t *sizes, struct dataset *dataset)
{
    *dataset = (struct dataset){.type = -1, .space = -1, .properties = -1};
    dataset->id = H5Dopen2(contents->file, path, H5P_DEFAULT);
    dataset->properties = dataset->id < 0 ? -1 : H5Dget_create_plist(dataset->id);
    if (dataset->properties < 0)
        return "cannot be opened as a dataset";
    if (!has_one_name(dataset))
        return "has another name, too";
    if (!lies_in_the_file(dataset))
        return "lies outside of the file";
    if (!has_known_filters(dataset))
        return "went through filters that twinbed does not use";
    dataset->type = H5Dget_type(dataset->id);
    dataset->space = H5Dget_space(dataset->id);
    if (dataset->type < 0 || dataset->space < 0)
        return "cannot be read";
    if (!has_type(dataset, type))
        return "has not the type that it should have";
    if (!has_shape(dataset, rank, sizes))
        return "has not the dimensions that it should have";
    const uint64_t value_bytes = type == TB_TYPE_TEXT ? 16 : tb_type_size(type);
    if (!has_small_chunks(dataset, rank, value_bytes))
        return "is stored in larger pieces than twinbed writes";
    if (!stores_its_values(dataset, rank, value_bytes, contents->file_bytes))
        return "has more values than bytes";
    return NULL;
}

static enum tb_status refuse(const struct tb_contents *contents, const char *path, const char *what,
                             struct tb_error *error)
{
    return tb_error_set(error, TB_CORRUPT, "%s: %s %s", contents->path, path, what);
}

/* A scale counts in 32 bits, or in 64 where its dimension may have more items than that. */
static const char *look_at_scale(const struct tb_contents *contents, enum tb_dimension dimension,
                                 struct dataset *dataset)
{
    const char *const name = tb_dimension_describe(dimension)->name;
    const char *const wrong = look_at(contents, name, TB_TYPE_INT32, 1, NULL, dataset);
    const bool wide = dataset->type >= 0 && H5Tget_size(dataset->type) == sizeof(int64_t);
    if (wrong == NULL || tb_dimension_most(dimension) == INT32_MAX || !wide)
        return wrong;
    close_dataset(dataset);
    return look_at(contents, name, TB_TYPE_INT64, 1, NULL, dataset);
}

enum tb_status tb_check_dimensions(struct tb_contents *contents, struct tb_error *error)
{
    for (int i = 0; i < TB_DIMENSIONS; i++) {
        const char *name = tb_dimension_describe((enum tb_dimension)i)->name;
        if (H5Lexists(contents->file, name, H5P_DEFAULT) == 0)
            continue;
        struct dataset dataset;
        const char *wrong = look_at_scale(contents, (enum tb_dimension)i, &dataset);
        close_dataset(&dataset);
        if (wrong == NULL && dataset.extent[0] > tb_dimension_most((enum tb_dimension)i))
            wrong = "is longer than any";
        if (wrong != NULL)
            return refuse(contents, name, wrong, error);
        contents->sizes[i] = dataset.extent[0];
    }
    return TB_OK;
}

enum tb_status tb_check_fields(const struct tb_contents *contents, struct tb_error *error)
{
    uint64_t stored = 0;
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)i);
        if (!contents->present[i])
            continue;
        uint64_t sizes[TB_FIELD_RANK_MAX];
        for (unsigned k = 0; k < field->rank; k++)
            sizes[k] = contents->sizes[field->dimensions[k]];
        struct dataset dataset;
        const char *wrong = look_at(contents, field->path, field->type, field->rank, sizes, &dataset);
        close_dataset(&dataset);
        if (wrong == NULL && (__builtin_add_overflow(stored, dataset.stored, &stored) || stored > contents->file_bytes))
            wrong = "and those before it have more bytes than the file";
        if (wrong != NULL)
            return refuse(contents, field->path, wrong, error);
    }
    return TB_OK;
}
