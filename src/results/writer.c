/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a results file, all ranks together.
 *
 *       create   rank 0 makes the layout as PATH.partial, takes room for all rows, and all ranks open it
 *       write    each rank its rows, field by field (rows.c)
 *       finish   all rows are there? flush, close, seal, sync, rename
 *
 * PATH is there whole or not at all. What HDF5 cannot be trusted with is done around it: room is
 * taken before, since a disk that fills within a collective write leaves ranks in it (together.h);
 * what is abandoned is diverted (diverted.h), since a close writes. */
#include "twinbed/results/writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "diverted.h"
#include "hdf5_error.h"
#include "rows.h"
#include "seal.h"
#include "together.h"
#include "twinbed/base/log.h"
#include "writer_limits.h"

struct tb_writer {
    const struct tb_team *team; /* borrowed */
    char *path;
    char *partial; /* the name until all is there */
    hid_t file;
    struct stat partial_file; /* which file that is */
    uint64_t sizes[TB_DIMENSIONS];
    uint64_t rows[TB_FIELDS]; /* written by this rank */
    struct tb_writer_limits limits;
};

unsigned tb_writer_open_seconds = 120;
static const struct tb_writer_limits DEFAULT_LIMITS = {.pass_bytes = 64 << 20, .patience = 30};

static bool left_open;

bool tb_writer_left_open(void)
{
    return left_open;
}

static void free_writer(struct tb_writer *writer)
{
    free(writer->path);
    free(writer->partial);
    free(writer);
}

static struct tb_writer *make_writer(const struct tb_team *team, const char *path, const struct tb_results_head *head)
{
    struct tb_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->team = team;
    writer->file = H5I_INVALID_HID;
    writer->limits = DEFAULT_LIMITS;
    writer->path = strdup(path);
    /* The same name each time: what a killed job left is overwritten by the next. */
    writer->partial = tb_join(path, ".partial");
    memcpy(writer->sizes, head->sizes, sizeof writer->sizes);
    if (writer->path != NULL && writer->partial != NULL)
        return writer;
    free_writer(writer);
    return NULL;
}

/* Bytes of all numeric rows, before compression, and what may come with them. */
static enum tb_status count_bytes(const struct tb_writer *writer, uint64_t *bytes, struct tb_error *error)
{
    enum { OVERHEAD = 1 << 20 };
    *bytes = OVERHEAD;
    for (int i = 0; i < TB_FIELDS; i++) {
        struct tb_shape shape;
        enum tb_status status = tb_shape_of((enum tb_field)i, writer->sizes, &shape, error);
        if (status != TB_OK)
            return status;
        /* Deflate can make a chunk slightly larger; one of the index's nodes belongs to many chunks. */
        const uint64_t rows = shape.sizes[0] * shape.row_bytes;
        *bytes += rows + rows / 64;
    }
    return TB_OK;
}

/* Takes the room for the rows now, where the file system can: a disk that fills
 * in the middle of a collective write cannot be told to all ranks. Closing the
 * file gives back what was not needed. */
static enum tb_status reserve(const struct tb_writer *writer, struct tb_error *error)
{
    uint64_t bytes;
    enum tb_status status = count_bytes(writer, &bytes, error);
    if (status != TB_OK)
        return status;
    const int file = open(writer->partial, O_RDWR | O_CLOEXEC);
    struct stat found;
    if (file < 0 || fstat(file, &found) != 0)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot open: %s", writer->partial, strerror(errno));
    else if (fallocate(file, 0, found.st_size, (off_t)bytes) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot reserve %llu bytes, what the results may need: %s",
                              writer->partial, (unsigned long long)bytes, strerror(errno));
    if (file >= 0)
        close(file);
    return status;
}

/* HDF5 1.10 opens a file collectively; a rank that cannot see it must say so before. */
static enum tb_status check_visible(struct tb_writer *writer, struct tb_error *error)
{
    const int file = open(writer->partial, O_RDWR | O_CLOEXEC);
    const bool seen = file >= 0 && fstat(file, &writer->partial_file) == 0;
    const int code = errno;
    if (file >= 0)
        close(file);
    if (seen)
        return TB_OK;
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    return tb_error_set(error, TB_INPUT_OUTPUT,
                        "%s: rank %d on %s cannot open what rank 0 created: %s; the output must be in a directory that "
                        "all nodes share",
                        writer->partial, writer->team->rank, host, strerror(code));
}

static hid_t open_together(const struct tb_writer *writer)
{
    const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0)
        return H5I_INVALID_HID;
    hid_t file = H5I_INVALID_HID;
    /* Collective metadata avoids hangs that 1.10 has been seen to have without. */
    if (H5Pset_fapl_mpio(access, writer->team->communicator, MPI_INFO_NULL) >= 0 &&
        H5Pset_all_coll_metadata_ops(access, true) >= 0 && H5Pset_coll_metadata_write(access, true) >= 0)
        file = H5Fopen(writer->partial, H5F_ACC_RDWR, access);
    H5Pclose(access);
    return file;
}

/* What the MPI library leaves beside a file when it is killed while it has it open: PARTIAL-JOB-PROCESS.lock. Whoever owns the
 * output knows that nobody else has. */
static void remove_left_over(const char *partial)
{
    static const char end[] = ".lock";
    const char *const slash = strrchr(partial, '/');
    const char *const name = slash == NULL ? partial : slash + 1;
    char *const directory = slash == NULL ? strdup(".") : strndup(partial, (size_t)(slash - partial) + 1);
    DIR *const list = directory == NULL ? NULL : opendir(directory);
    const size_t length = strlen(name);
    for (const struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        const char *const rest = strncmp(entry->d_name, name, length) == 0 ? entry->d_name + length : "";
        const size_t numbers = strspn(rest, "-0123456789");
        if (rest[0] == '-' && strcmp(rest + numbers, end) == 0)
            unlinkat(dirfd(list), entry->d_name, 0);
    }
    if (list != NULL)
        closedir(list);
    free(directory);
}

/* Rank 0 creates, then all open; the status is agreed on. */
static enum tb_status create_and_open(struct tb_writer *writer, const struct tb_results_head *head,
                                      struct tb_error *error)
{
    const struct tb_team *team = writer->team;
    tb_hdf5_be_quiet();
    enum tb_status status = TB_OK;
    if (team->rank == 0) {
        remove_left_over(writer->partial);
        status = tb_layout_create(writer->partial, head, error);
    }
    if (team->rank == 0 && status == TB_OK)
        status = reserve(writer, error);
    status = tb_team_agree(team, status, error);
    if (status != TB_OK)
        return status;
    status = tb_team_agree(team, check_visible(writer, error), error);
    if (status != TB_OK)
        return status;
    tb_must_leave_after(team, writer->partial, tb_writer_open_seconds);
    writer->file = open_together(writer);
    tb_has_left();
    if (writer->file < 0)
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: rank %d cannot open it", writer->partial, team->rank);
    return tb_team_agree(team, status, error);
}

enum tb_status tb_writer_create(const struct tb_team *team, const char *path, const struct tb_results_head *head,
                                struct tb_writer **writer, struct tb_error *error)
{
    struct tb_writer *made = make_writer(team, path, head);
    enum tb_status status = made == NULL ? tb_error_memory(error, "a writer") : TB_OK;
    status = tb_team_agree(team, status, error);
    if (status != TB_OK) {
        if (made != NULL)
            free_writer(made);
        return status;
    }
    for (size_t i = 0; i < head->number_count; i++)
        made->rows[head->numbers[i].field] = head->sizes[tb_field_describe(head->numbers[i].field)->dimensions[0]];
    status = create_and_open(made, head, error);
    if (status != TB_OK)
        tb_writer_abandon(made);
    else
        *writer = made;
    return status;
}

struct tb_writer_limits *tb_writer_limits_of(struct tb_writer *writer)
{
    return &writer->limits;
}

hid_t tb_writer_file_of(const struct tb_writer *writer)
{
    return writer->file;
}

static enum tb_status check_rows(const struct tb_writer *writer, enum tb_field field, const struct tb_shape *shape,
                                 uint64_t first, uint64_t count, const void *data, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    if (description->type == TB_TYPE_TEXT)
        return tb_error_set(error, TB_INTERNAL, "%s: text field %s is written when the file is created", writer->path,
                            description->path);
    if (first > shape->sizes[0] || count > shape->sizes[0] - first)
        return tb_error_set(error, TB_INTERNAL, "%s: %s has %llu rows; rank %d wants to write %llu from row %llu",
                            writer->path, description->path, (unsigned long long)shape->sizes[0], writer->team->rank,
                            (unsigned long long)count, (unsigned long long)first);
    if (count > 0 && shape->values > 0 && data == NULL)
        return tb_error_set(error, TB_INTERNAL, "%s: no data for %s", writer->path, description->path);
    return TB_OK;
}

enum tb_status tb_writer_write(struct tb_writer *writer, enum tb_field field, uint64_t first, uint64_t count,
                               const void *data, struct tb_error *error)
{
    struct tb_shape shape;
    enum tb_status status = tb_shape_of(field, writer->sizes, &shape, error);
    if (status == TB_OK)
        status = check_rows(writer, field, &shape, first, count, data, error);
    status = tb_team_agree(writer->team, status, error);
    if (status != TB_OK)
        return status;
    writer->rows[field] += count;
    if (shape.values == 0)
        return TB_OK;
    const struct tb_field_target target = {.team = writer->team,
                                           .limits = &writer->limits,
                                           .path = writer->partial,
                                           .file = writer->file,
                                           .field = tb_field_describe(field),
                                           .shape = &shape};
    return tb_rows_write(&target, first, count, data, error);
}

/* Nothing is filled, so a field that nobody wrote would hold whatever was on the disk. */
static enum tb_status check_complete(const struct tb_writer *writer, struct tb_error *error)
{
    uint64_t rows[TB_FIELDS];
    memcpy(rows, writer->rows, sizeof rows);
    enum tb_status status = tb_team_sum(writer->team, rows, TB_FIELDS, error);
    for (int i = 0; status == TB_OK && i < TB_FIELDS; i++) {
        const struct tb_field_description *description = tb_field_describe((enum tb_field)i);
        struct tb_shape shape;
        status = tb_shape_of((enum tb_field)i, writer->sizes, &shape, error);
        if (status == TB_OK && description->type != TB_TYPE_TEXT && shape.values > 0 && rows[i] != shape.sizes[0])
            status = tb_error_set(error, TB_INTERNAL, "%s: %llu of %llu rows of %s were written", writer->path,
                                  (unsigned long long)rows[i], (unsigned long long)shape.sizes[0], description->path);
    }
    return tb_team_agree(writer->team, status, error);
}

static enum tb_status agree_after_hdf5(const struct tb_writer *writer, enum tb_status status, struct tb_error *error)
{
    return tb_agree_after_hdf5(writer->team, status, writer->partial, writer->limits.patience, error);
}

/* Flushes first: a flush that fails leaves a file that can still be abandoned, a close does not. */
static enum tb_status close_file(struct tb_writer *writer, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (H5Fflush(writer->file, H5F_SCOPE_GLOBAL) < 0)
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot write", writer->partial);
    status = agree_after_hdf5(writer, status, error);
    if (status != TB_OK)
        return status;
    if (H5Fclose(writer->file) < 0) {
        status = tb_hdf5_error(error, TB_INPUT_OUTPUT, "%s: cannot close", writer->partial);
        left_open = true;
    }
    writer->file = H5I_INVALID_HID;
    return agree_after_hdf5(writer, status, error);
}

static enum tb_status publish(const struct tb_writer *writer, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (writer->team->rank == 0) {
        status = tb_seal_write(writer->partial, error);
        if (status == TB_OK)
            status = tb_sync_file(writer->partial, error);
        if (status == TB_OK)
            status = tb_publish(writer->partial, writer->path, error);
    }
    return tb_team_agree(writer->team, status, error);
}

enum tb_status tb_writer_finish(struct tb_writer *writer, struct tb_error *error)
{
    enum tb_status status = check_complete(writer, error);
    if (status == TB_OK)
        status = close_file(writer, error);
    if (status == TB_OK)
        status = publish(writer, error);
    if (status != TB_OK)
        tb_writer_abandon(writer);
    else
        free_writer(writer);
    return status;
}

void tb_writer_abandon(struct tb_writer *writer)
{
    if (writer == NULL)
        return;
    const bool first = writer->team->rank == 0;
    tb_divert_file(&writer->partial_file);
    tb_team_wait(writer->team);
    if (writer->file >= 0)
        H5Fclose(writer->file);
    tb_team_wait(writer->team);
    if (first) {
        unlink(writer->partial);
        remove_left_over(writer->partial);
    }
    free_writer(writer);
}
