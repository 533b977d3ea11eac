/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of parts, in memory: an index from the digest of a key to a volume and an offset.
 * The volumes themselves are volume.c's.
 *
 *       tb_parts_find        looks through the volumes of all directories, once
 *       tb_parts_save        appends to this process's own volume, which is made with the first part
 *       pack_new, take_new   tell other processes where parts are
 *
 * Names of volumes begin with the time, so the latest part of a key is noted last and counts. That
 * a part is known does not say that it is whole: who reads it finds out. */
#include "twinbed/checkpoint/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "twinbed/base/archive.h"
#include "twinbed/base/containers.h"
#include "volume.h"

/* Where a part is. */
struct place {
    struct tb_key key;
    size_t volume;
    uint64_t offset;
    bool is_new; /* listed in new_places */
};

/* All but directories is used under the mutex. */
struct tb_parts {
    char **directories; /* owned */
    size_t directory_count;
    pthread_mutex_t mutex;
    char **volumes; /* owned; paths */
    size_t volume_count, volume_capacity;
    struct tb_index volume_index; /* by path */
    struct place *places;         /* owned; one a key */
    size_t place_count, place_capacity;
    struct tb_index place_index; /* by key */
    size_t *new_places;          /* owned; those that others have not been told of */
    size_t new_count, new_capacity;
    int file;      /* the own volume, while it is open for writing; else -1 */
    size_t own;    /* its number, once has_own */
    uint64_t size; /* of the own volume */
    bool has_own;
};

/* --- opening --- */

void tb_parts_close(struct tb_parts *parts)
{
    if (parts == NULL)
        return;
    if (parts->file >= 0)
        close(parts->file);
    for (size_t i = 0; i < parts->directory_count && parts->directories != NULL; i++)
        free(parts->directories[i]);
    for (size_t i = 0; i < parts->volume_count; i++)
        free(parts->volumes[i]);
    free(parts->directories);
    free(parts->volumes);
    free(parts->places);
    free(parts->new_places);
    tb_index_free(&parts->volume_index);
    tb_index_free(&parts->place_index);
    pthread_mutex_destroy(&parts->mutex);
    free(parts);
}

enum tb_status tb_parts_open(const char *const *directories, size_t count, struct tb_parts **parts,
                             struct tb_error *error)
{
    struct tb_parts *const made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "parts");
    pthread_mutex_init(&made->mutex, NULL);
    made->file = -1;
    made->directory_count = count;
    made->directories = calloc(count, sizeof *made->directories);
    bool copied = made->directories != NULL;
    for (size_t i = 0; i < count && copied; i++)
        copied = (made->directories[i] = strdup(directories[i])) != NULL;
    if (copied) {
        *parts = made;
        return TB_OK;
    }
    tb_parts_close(made);
    return tb_error_memory(error, "parts");
}

const char *tb_parts_directory(const struct tb_parts *parts)
{
    return parts->directories[0];
}

/* --- what is known --- */

/* The number of a volume, which is known from now on; NO_VOLUME without memory. */
static const size_t NO_VOLUME = SIZE_MAX;

static size_t note_volume(struct tb_parts *parts, const char *path)
{
    const struct tb_key key = tb_key_of_text(path, 0);
    const int64_t known = tb_index_find(&parts->volume_index, key);
    if (known != TB_INDEX_ABSENT)
        return (size_t)known;
    char *const copy = strdup(path);
    if (copy == NULL ||
        !tb_array_reserve(&parts->volumes, &parts->volume_capacity, parts->volume_count + 1, sizeof *parts->volumes) ||
        tb_index_add(&parts->volume_index, key, parts->volume_count) == TB_INDEX_ABSENT) {
        free(copy);
        return NO_VOLUME;
    }
    parts->volumes[parts->volume_count] = copy;
    return parts->volume_count++;
}

/* A part is there from now on; a part of the same key is not any more. False without memory. */
static bool note_place(struct tb_parts *parts, struct tb_key key, size_t volume, uint64_t offset, bool is_new)
{
    if (!tb_array_reserve(&parts->places, &parts->place_capacity, parts->place_count + 1, sizeof *parts->places) ||
        !tb_array_reserve(&parts->new_places, &parts->new_capacity, parts->new_count + 1, sizeof *parts->new_places))
        return false;
    const int64_t at = tb_index_add(&parts->place_index, key, parts->place_count);
    if (at == TB_INDEX_ABSENT)
        return false;
    struct place *const place = &parts->places[at];
    if ((size_t)at == parts->place_count) {
        parts->place_count++;
        *place = (struct place){.key = key};
    }
    place->volume = volume;
    place->offset = offset;
    if (is_new && !place->is_new)
        parts->new_places[parts->new_count++] = (size_t)at;
    place->is_new = place->is_new || is_new;
    return true;
}

uint64_t tb_parts_count(struct tb_parts *parts)
{
    pthread_mutex_lock(&parts->mutex);
    const uint64_t count = parts->place_count;
    pthread_mutex_unlock(&parts->mutex);
    return count;
}

/* --- finding --- */

static enum tb_status make_directory(const char *directory, struct tb_error *error)
{
    struct stat found;
    if (mkdir(directory, 0777) == 0)
        return TB_OK;
    if (errno != EEXIST)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create the directory: %s", directory, strerror(errno));
    if (stat(directory, &found) != 0 || !S_ISDIR(found.st_mode))
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot keep parts there: not a directory", directory);
    return TB_OK;
}

static int is_volume_name(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name), suffix = strlen(TB_VOLUME_SUFFIX);
    return length > suffix && strcmp(entry->d_name + length - suffix, TB_VOLUME_SUFFIX) == 0;
}

/* Names begin with the time: the latest comes last. */
static int compare_names(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

struct finding {
    struct tb_parts *parts;
    size_t volume;
};

static bool take_found(void *context, struct tb_key key, uint64_t offset)
{
    const struct finding *const finding = context;
    return note_place(finding->parts, key, finding->volume, offset, true);
}

static enum tb_status find_in_volume(struct tb_parts *parts, const char *directory, const char *name,
                                     struct tb_error *error)
{
    char *path;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        return tb_error_memory(error, "the path of a volume of parts");
    struct finding finding = {.parts = parts, .volume = note_volume(parts, path)};
    const enum tb_status status = finding.volume == NO_VOLUME ? tb_error_memory(error, "the list of parts")
                                                              : tb_volume_search(path, take_found, &finding, error);
    free(path);
    return status;
}

static enum tb_status find_in_directory(struct tb_parts *parts, const char *directory, struct tb_error *error)
{
    struct dirent **names = NULL;
    const int count = scandir(directory, &names, is_volume_name, compare_names);
    if (count < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot list parts: %s", directory, strerror(errno));
    enum tb_status status = TB_OK;
    for (int i = 0; i < count; i++) {
        if (status == TB_OK)
            status = find_in_volume(parts, directory, names[i]->d_name, error);
        free(names[i]);
    }
    free(names);
    return status;
}

enum tb_status tb_parts_find(struct tb_parts *parts, struct tb_error *error)
{
    enum tb_status status = make_directory(parts->directories[0], error);
    pthread_mutex_lock(&parts->mutex);
    for (size_t i = parts->directory_count; i-- > 0 && status == TB_OK;)
        status = find_in_directory(parts, parts->directories[i], error);
    pthread_mutex_unlock(&parts->mutex);
    return status;
}

/* --- telling others --- */

static void describe_place(struct tb_archive *archive, struct place *place)
{
    tb_archive_u64(archive, &place->key.high);
    tb_archive_u64(archive, &place->key.low);
    tb_archive_size(archive, &place->volume);
    tb_archive_u64(archive, &place->offset);
}

enum { PLACE_LEAST = 32, TEXT_LEAST = 4 }; /* bytes that an item takes packed at the least */

/* Who opens a file behind a close sees what was written, on network file systems too. */
static void close_own(struct tb_parts *parts)
{
    if (parts->file >= 0)
        close(parts->file);
    parts->file = -1;
}

/* Numbers the volumes that new places are in, from 1, in numbers; lists them in packing order. */
static size_t number_volumes(const struct tb_parts *parts, size_t *numbers, char **paths)
{
    size_t count = 0;
    for (size_t i = 0; i < parts->new_count; i++) {
        const size_t volume = parts->places[parts->new_places[i]].volume;
        if (numbers[volume] != 0)
            continue;
        paths[count++] = parts->volumes[volume];
        numbers[volume] = count;
    }
    return count;
}

static void pack_places(struct tb_parts *parts, const size_t *numbers, struct tb_archive *archive)
{
    tb_archive_count(archive, &parts->new_count, PLACE_LEAST);
    for (size_t i = 0; i < parts->new_count; i++) {
        struct place place = parts->places[parts->new_places[i]];
        place.volume = numbers[place.volume] - 1;
        describe_place(archive, &place);
        parts->places[parts->new_places[i]].is_new = false;
    }
    parts->new_count = 0;
}

void tb_parts_pack_new(struct tb_parts *parts, struct tb_buffer *buffer)
{
    struct tb_archive archive = tb_archive_writer(buffer);
    pthread_mutex_lock(&parts->mutex);
    close_own(parts);
    size_t *const numbers = calloc(parts->volume_count + 1, sizeof *numbers);
    char **const paths = calloc(parts->volume_count + 1, sizeof *paths);
    if (numbers == NULL || paths == NULL) {
        buffer->failed = true;
    } else {
        size_t count = number_volumes(parts, numbers, paths);
        tb_archive_count(&archive, &count, TEXT_LEAST);
        for (size_t i = 0; i < count; i++)
            tb_archive_text(&archive, &paths[i]);
        pack_places(parts, numbers, &archive);
    }
    pthread_mutex_unlock(&parts->mutex);
    free(numbers);
    free(paths);
}

static enum tb_status take_volumes(struct tb_parts *parts, struct tb_archive *archive, size_t **numbers, size_t *count,
                                   struct tb_error *error)
{
    tb_archive_count(archive, count, TEXT_LEAST);
    *numbers = archive->failed ? NULL : calloc(*count + 1, sizeof **numbers);
    if (*numbers == NULL)
        return tb_error_memory(error, "the list of parts");
    for (size_t i = 0; i < *count && !archive->failed; i++) {
        char *path = NULL;
        tb_archive_text(archive, &path);
        (*numbers)[i] = path == NULL ? NO_VOLUME : note_volume(parts, path);
        free(path);
        if ((*numbers)[i] == NO_VOLUME)
            return tb_error_memory(error, "the list of parts");
    }
    return TB_OK;
}

static enum tb_status take_places(struct tb_parts *parts, struct tb_archive *archive, const size_t *numbers,
                                  size_t volumes, struct tb_error *error)
{
    size_t count = 0;
    tb_archive_count(archive, &count, PLACE_LEAST);
    for (size_t i = 0; i < count && !archive->failed; i++) {
        struct place place = {0};
        describe_place(archive, &place);
        if (archive->failed || place.volume >= volumes)
            return tb_error_unpack(error, "the list of parts does not unpack");
        if (!note_place(parts, place.key, numbers[place.volume], place.offset, false))
            return tb_error_memory(error, "the list of parts");
    }
    return archive->failed ? tb_error_unpack(error, "the list of parts does not unpack") : TB_OK;
}

enum tb_status tb_parts_take_new(struct tb_parts *parts, struct tb_bytes bytes, struct tb_error *error)
{
    struct tb_archive archive = tb_archive_reader(&bytes);
    enum tb_status status = TB_OK;
    pthread_mutex_lock(&parts->mutex);
    while (status == TB_OK && archive.in.left > 0) {
        size_t *numbers = NULL, volumes = 0;
        status = take_volumes(parts, &archive, &numbers, &volumes, error);
        if (status == TB_OK)
            status = take_places(parts, &archive, numbers, volumes, error);
        free(numbers);
    }
    pthread_mutex_unlock(&parts->mutex);
    return status;
}

/* --- saving --- */

/* A name that no other process, host or earlier try has. */
static char *make_path(const char *directory)
{
    char host[65] = "";
    char *path;
    struct timespec now;
    gethostname(host, sizeof host - 1);
    clock_gettime(CLOCK_REALTIME, &now);
    const int length = asprintf(&path, "%s/%011lld.%09ld-%s-%ld" TB_VOLUME_SUFFIX, directory, (long long)now.tv_sec,
                                now.tv_nsec, host, (long)getpid());
    return length < 0 ? NULL : path;
}

/* Whoever removes the directory while a job runs loses what is in it, and no more. Other ranks may make it again at the same
 * moment, or whoever removes it may not be done. */
static int create_volume(const char *path, const char *directory)
{
    enum { TRIES = 16 };
    int file = -1;
    for (int i = 0; file < 0 && i < TRIES; i++) {
        file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file < 0 && (errno != ENOENT || (mkdir(directory, 0777) != 0 && errno != EEXIST)))
            return -1;
    }
    return file;
}

static enum tb_status begin_own(struct tb_parts *parts, struct tb_error *error)
{
    char *const path = make_path(parts->directories[0]);
    if (path == NULL)
        return tb_error_memory(error, "the path of a volume of parts");
    const int file = create_volume(path, parts->directories[0]);
    enum tb_status status = TB_OK;
    if (file < 0)
        status = tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
    const size_t volume = file < 0 ? NO_VOLUME : note_volume(parts, path);
    if (file >= 0 && volume == NO_VOLUME) {
        close(file);
        unlink(path);
        status = tb_error_memory(error, "the list of parts");
    }
    free(path);
    if (status != TB_OK)
        return status;
    parts->file = file;
    parts->own = volume;
    parts->size = 0;
    parts->has_own = true;
    return TB_OK;
}

/* False when the volume is gone, or not as it was left. */
static bool reopen_own(struct tb_parts *parts)
{
    struct stat found;
    const int file = open(parts->volumes[parts->own], O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0)
        return false;
    if (fstat(file, &found) == 0 && S_ISREG(found.st_mode) && (uint64_t)found.st_size == parts->size &&
        lseek(file, 0, SEEK_END) >= 0) {
        parts->file = file;
        return true;
    }
    close(file);
    return false;
}

static enum tb_status append(struct tb_parts *parts, const char *key, const struct tb_buffer *content,
                             struct tb_error *error)
{
    enum tb_status status = TB_OK;
    if (parts->file < 0 && !(parts->has_own && reopen_own(parts)))
        status = begin_own(parts, error);
    if (status != TB_OK)
        return status;
    const uint64_t offset = parts->size;
    status = tb_volume_append(parts->file, parts->volumes[parts->own], &parts->size, key, content, error);
    if (status != TB_OK)
        close_own(parts); /* opened again only if it is as long as it was */
    if (status != TB_OK && parts->size == 0) {
        unlink(parts->volumes[parts->own]);
        parts->has_own = false;
    }
    if (status == TB_OK && !note_place(parts, tb_key_of_text(key, 0), parts->own, offset, true))
        status = tb_error_memory(error, "the list of parts");
    return status;
}

enum tb_status tb_part_save(struct tb_parts *parts, const char *key, const struct tb_buffer *content,
                            struct tb_error *error)
{
    enum tb_status status = tb_buffer_check(content, "a part", error);
    if (status != TB_OK)
        return status;
    pthread_mutex_lock(&parts->mutex);
    status = append(parts, key, content, error);
    pthread_mutex_unlock(&parts->mutex);
    return status;
}

/* --- loading --- */

/* The volume's path, which stays where it is as long as parts is open; NULL when no such part is known. */
static const char *find_place(struct tb_parts *parts, const char *key, uint64_t *offset)
{
    const char *path = NULL;
    pthread_mutex_lock(&parts->mutex);
    const int64_t at = tb_index_find(&parts->place_index, tb_key_of_text(key, 0));
    if (at != TB_INDEX_ABSENT) {
        path = parts->volumes[parts->places[at].volume];
        *offset = parts->places[at].offset;
    }
    pthread_mutex_unlock(&parts->mutex);
    return path;
}

enum tb_status tb_part_load(struct tb_parts *parts, const char *key, struct tb_buffer *content, struct tb_error *error)
{
    uint64_t offset;
    const char *const path = find_place(parts, key, &offset);
    return path == NULL ? tb_error_set(error, TB_NOT_FOUND, "%s: no part of that key", parts->directories[0])
                        : tb_volume_read(path, offset, key, content, error);
}

bool tb_part_exists(struct tb_parts *parts, const char *key)
{
    uint64_t offset;
    const char *const path = find_place(parts, key, &offset);
    return path != NULL && tb_volume_holds(path, offset, key);
}
