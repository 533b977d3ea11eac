/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A capture that goes on in several files: they are put in the order of their first packets, and
 * read as one stream without the headers of the later ones. Files that differ in format, byte order
 * or link cannot be one; which and why is said. */
#include "twinbed/capture/capture_files.h"

#include <stdlib.h>
#include <string.h>

#include "packet/packet_file.h"

/* What a file begins with. */
struct beginning {
    const char *path; /* borrowed */
    size_t place;     /* among the paths that were given */
    bool empty;       /* no bytes at all, or not even a header */
    const char *format;
    bool swap;
    uint32_t link_type, snap_length;
    uint64_t repeated; /* bytes that stand at the beginning of each such file */
    bool timed;        /* it holds a packet */
    uint64_t time;     /* of that, ns since the epoch */
};

static enum tb_status look_at_first_packet(struct tb_packet_file *file, struct beginning *beginning,
                                           struct tb_error *error)
{
    struct tb_packet_record record;
    const bool is_pcap = file->record_header != 0;
    if (is_pcap && !file->interface_known) { /* cut off within its header */
        beginning->empty = true;
        return TB_OK;
    }
    beginning->format = file->format;
    beginning->swap = is_pcap && file->swap;
    beginning->link_type = is_pcap ? file->link_type : 0;
    beginning->snap_length = is_pcap ? file->snap_length : 0;
    beginning->repeated = is_pcap ? file->reader.offset : 0;
    const enum tb_status status = tb_packet_file_next(file, &record, error);
    beginning->timed = status == TB_OK;
    beginning->time = status == TB_OK ? record.time : UINT64_MAX;
    return status == TB_END ? TB_OK : status;
}

static enum tb_status look_at(struct beginning *beginning, struct tb_error *error)
{
    struct tb_source *source;
    struct tb_packet_file file;
    struct tb_account account = {0};
    enum tb_status status = tb_source_open(beginning->path, &source, error);
    if (status != TB_OK)
        return status;
    beginning->empty = tb_source_size(source) == 0;
    beginning->time = UINT64_MAX;
    if (!beginning->empty) {
        status = tb_packet_file_open(&file, source, &account, error);
        if (status == TB_OK)
            status = look_at_first_packet(&file, beginning, error);
        tb_packet_file_close(&file);
    }
    tb_source_close(source);
    return status;
}

static int compare_beginnings(const void *one, const void *other)
{
    const struct beginning *a = one, *b = other;
    if (a->empty != b->empty)
        return a->empty ? 1 : -1;
    if (a->timed != b->timed)
        return a->timed ? -1 : 1;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

static enum tb_status refuse(const struct beginning *file, const struct beginning *first, struct tb_error *error)
{
    if (file->format != first->format || file->swap != first->swap)
        return tb_error_set(error, TB_UNSUPPORTED, "%s: does not go on with the capture in %s: it is %s%s, not %s%s",
                            file->path, first->path, file->format, file->swap ? " in the other byte order" : "",
                            first->format, first->swap ? " in the other byte order" : "");
    return tb_error_set(error, TB_UNSUPPORTED,
                        "%s: does not go on with the capture in %s: link type %u and snapshot length %u, not %u and %u",
                        file->path, first->path, file->link_type, file->snap_length, first->link_type,
                        first->snap_length);
}

static bool goes_on(const struct beginning *file, const struct beginning *first)
{
    return file->empty || (file->format == first->format && file->swap == first->swap &&
                           file->link_type == first->link_type && file->snap_length == first->snap_length);
}

/* They are in order. */
static enum tb_status open_in_order(const struct beginning *files, size_t count, struct tb_source **source,
                                    struct tb_error *error)
{
    for (size_t i = 1; i < count; i++)
        if (!goes_on(&files[i], &files[0]))
            return refuse(&files[i], &files[0], error);
    const char **const paths = calloc(count, sizeof *paths);
    if (paths == NULL)
        return tb_error_memory(error, "the files of a capture");
    for (size_t i = 0; i < count; i++)
        paths[i] = files[i].path;
    const enum tb_status status = tb_source_open_files(paths, count, files[0].repeated, source, error);
    free(paths);
    return status;
}

enum tb_status tb_capture_open_files(const char *const *paths, size_t count, struct tb_source **source,
                                     struct tb_error *error)
{
    if (count == 1)
        return tb_source_open(paths[0], source, error);
    struct beginning *const files = calloc(count, sizeof *files);
    if (files == NULL)
        return tb_error_memory(error, "the files of a capture");
    enum tb_status status = TB_OK;
    for (size_t i = 0; i < count && status == TB_OK; i++) {
        files[i] = (struct beginning){.path = paths[i], .place = i};
        status = look_at(&files[i], error);
    }
    if (status == TB_OK) {
        qsort(files, count, sizeof *files, compare_beginnings);
        status = open_in_order(files, count, source, error);
    }
    free(files);
    return status;
}
