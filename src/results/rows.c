/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collective writes of rows, in passes: a rank without rows selects nothing and still enters each.
 * The number of passes is that of the rank that needs most. */
#include "rows.h"

#include "hdf5_error.h"
#include "together.h"

/* The dataset, open for collective writes. */
struct open_field {
    hid_t dataset;
    hid_t space;
    hid_t transfer;
    hid_t type; /* in memory; not owned */
};

static bool open_field(hid_t file, const struct tb_field_description *field, struct open_field *open)
{
    open->type = tb_memory_type(field->type);
    open->dataset = H5Dopen2(file, field->path, H5P_DEFAULT);
    open->space = open->dataset < 0 ? H5I_INVALID_HID : H5Dget_space(open->dataset);
    open->transfer = H5Pcreate(H5P_DATASET_XFER);
    return open->space >= 0 && open->transfer >= 0 && H5Pset_dxpl_mpio(open->transfer, H5FD_MPIO_COLLECTIVE) >= 0;
}

static bool close_field(const struct open_field *open)
{
    bool closed = true;
    if (open->transfer >= 0)
        closed = H5Pclose(open->transfer) >= 0;
    if (open->space >= 0)
        closed = H5Sclose(open->space) >= 0 && closed;
    if (open->dataset >= 0)
        closed = H5Dclose(open->dataset) >= 0 && closed;
    return closed;
}

/* Ranks wait for each other in whatever call reads metadata first once enough of it has changed. In a write only ranks
 * with rows read some, to find their chunks, while the others wait in the write itself: 1.10 hangs when opening the
 * dataset changed the last bytes that were missing. Here every rank reads: looking for a path does in all versions. */
static bool catch_up_with_metadata(const struct tb_field_target *target)
{
    return H5Oexists_by_name(target->file, target->field->path, H5P_DEFAULT) > 0;
}

/* Takes part in one collective write; count may be 0. */
static bool write_pass(const struct tb_field_target *target, const struct open_field *open, uint64_t first,
                       uint64_t count, const void *data)
{
    const struct tb_shape *shape = target->shape;
    static const char nothing;
    hsize_t start[TB_FIELD_RANK_MAX] = {first};
    hsize_t extent[TB_FIELD_RANK_MAX];
    for (int i = 0; i < shape->rank; i++)
        extent[i] = i == 0 ? count : shape->sizes[i];
    const hid_t memory = H5Screate_simple(shape->rank, extent, NULL);
    if (memory < 0)
        return false;
    bool done = catch_up_with_metadata(target);
    if (count > 0)
        done = H5Sselect_hyperslab(open->space, H5S_SELECT_SET, start, NULL, extent, NULL) >= 0 && done;
    else
        done = H5Sselect_none(open->space) >= 0 && H5Sselect_none(memory) >= 0 && done;
    done = H5Dwrite(open->dataset, open->type, memory, open->space, open->transfer,
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

static enum tb_status agree(const struct tb_field_target *target, enum tb_status status, struct tb_error *error)
{
    return tb_agree_after_hdf5(target->team, status, target->path, target->limits->patience, error);
}

static enum tb_status write_passes(const struct tb_field_target *target, const struct open_field *open, uint64_t first,
                                   uint64_t count, const void *data, struct tb_error *error)
{
    const uint64_t row_bytes = target->shape->row_bytes;
    const uint64_t fitting = target->limits->pass_bytes / row_bytes;
    const uint64_t rows = fitting > 0 ? fitting : 1;
    uint64_t passes;
    enum tb_status status = agree_passes(target->team, count / rows + (count % rows != 0), &passes, error);
    for (uint64_t pass = 0; status == TB_OK && pass < passes; pass++) {
        const uint64_t skipped = pass * rows < count ? pass * rows : count;
        const uint64_t now = count - skipped < rows ? count - skipped : rows;
        const char *from = data;
        if (!write_pass(target, open, first + skipped, now, now > 0 ? from + skipped * row_bytes : NULL))
            status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot write %s", target->path, target->field->path);
        status = agree(target, status, error);
    }
    return status;
}

enum tb_status tb_rows_write(const struct tb_field_target *target, uint64_t first, uint64_t count, const void *data,
                             struct tb_error *error)
{
    struct open_field open;
    enum tb_status status = TB_OK;
    if (!open_field(target->file, target->field, &open))
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot open %s", target->path, target->field->path);
    status = agree(target, status, error);
    if (status == TB_OK)
        status = write_passes(target, &open, first, count, data, error);
    if (!close_field(&open) && status == TB_OK)
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot finish %s", target->path, target->field->path);
    return agree(target, status, error);
}
