/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows.h"

#include "hdf5_error.h"

/* One dataset, open for collective writes. */
struct target {
    hid_t dataset;
    hid_t space;
    hid_t transfer;
    hid_t type; /* in memory; not owned */
};

static hid_t memory_type(enum tb_type type)
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

static bool open_target(hid_t file, const struct tb_field_description *field, struct target *target)
{
    target->type = memory_type(field->type);
    target->dataset = H5Dopen2(file, field->path, H5P_DEFAULT);
    target->space = target->dataset < 0 ? H5I_INVALID_HID : H5Dget_space(target->dataset);
    target->transfer = H5Pcreate(H5P_DATASET_XFER);
    return target->space >= 0 && target->transfer >= 0 && H5Pset_dxpl_mpio(target->transfer, H5FD_MPIO_COLLECTIVE) >= 0;
}

static bool close_target(const struct target *target)
{
    bool closed = true;
    if (target->transfer >= 0)
        closed = H5Pclose(target->transfer) >= 0;
    if (target->space >= 0)
        closed = H5Sclose(target->space) >= 0 && closed;
    if (target->dataset >= 0)
        closed = H5Dclose(target->dataset) >= 0 && closed;
    return closed;
}

/* Takes part in one collective write; count may be 0. */
static bool write_pass(const struct target *target, const struct tb_shape *shape, uint64_t first, uint64_t count,
                       const void *data)
{
    static const char nothing;
    hsize_t start[TB_FIELD_RANK_MAX] = {first};
    hsize_t extent[TB_FIELD_RANK_MAX];
    for (int i = 0; i < shape->rank; i++)
        extent[i] = i == 0 ? count : shape->sizes[i];
    const hid_t memory = H5Screate_simple(shape->rank, extent, NULL);
    if (memory < 0)
        return false;
    bool done;
    if (count > 0)
        done = H5Sselect_hyperslab(target->space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0;
    else
        done = H5Sselect_none(target->space) >= 0 && H5Sselect_none(memory) >= 0;
    done = H5Dwrite(target->dataset, target->type, memory, target->space, target->transfer,
                    count > 0 ? data : (const void *)&nothing) >= 0 &&
           done;
    H5Sclose(memory);
    return done;
}

/* As many passes as the rank with most rows needs. */
static enum tb_status agree_passes(const struct tb_team *team, uint64_t own, uint64_t *passes, struct tb_error *error)
{
    *passes = own;
    if (MPI_Allreduce(MPI_IN_PLACE, passes, 1, MPI_UINT64_T, MPI_MAX, team->communicator) != MPI_SUCCESS)
        return tb_error_set(error, TB_INTERNAL, "MPI failed while agreeing how many pieces to write");
    return TB_OK;
}

static enum tb_status write_passes(const struct tb_team *team, const char *path,
                                   const struct tb_field_description *field, const struct tb_shape *shape,
                                   const struct target *target, uint64_t first, uint64_t count, const void *data,
                                   uint64_t pass_bytes, struct tb_error *error)
{
    const uint64_t rows = pass_bytes / shape->row_bytes > 0 ? pass_bytes / shape->row_bytes : 1;
    uint64_t passes;
    enum tb_status status = agree_passes(team, (count + rows - 1) / rows, &passes, error);
    for (uint64_t pass = 0; status == TB_OK && pass < passes; pass++) {
        const uint64_t skipped = pass * rows < count ? pass * rows : count;
        const uint64_t now = count - skipped < rows ? count - skipped : rows;
        const char *from = data;
        if (!write_pass(target, shape, first + skipped, now, now > 0 ? from + skipped * shape->row_bytes : NULL))
            status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot write %s", path, field->path);
        status = tb_team_agree(team, status, error);
    }
    return status;
}

enum tb_status tb_rows_write(const struct tb_team *team, hid_t file, const char *path,
                             const struct tb_field_description *field, const struct tb_shape *shape, uint64_t first,
                             uint64_t count, const void *data, uint64_t pass_bytes, struct tb_error *error)
{
    struct target target;
    enum tb_status status = TB_OK;
    if (!open_target(file, field, &target))
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot open %s", path, field->path);
    status = tb_team_agree(team, status, error);
    if (status == TB_OK)
        status = write_passes(team, path, field, shape, &target, first, count, data, pass_bytes, error);
    if (!close_target(&target) && status == TB_OK)
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot finish %s", path, field->path);
    return tb_team_agree(team, status, error);
}
