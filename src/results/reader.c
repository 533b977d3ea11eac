/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads results files, by way of the reading process. Fields are read when somebody asks for them,
 * and kept; what they may take together is bounded by the size of the file (MEMORY_PER_BYTE), as
 * compression could make much of few bytes. */
#include "twinbed/results/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reading_process.h"
#include "results_format.h"
#include "seal.h"
#include "twinbed/base/log.h"
#include "twinbed/base/utf8.h"
#include "values.h"

/* A results file may come from anywhere. It is a regular file with a right seal,
 * or nobody looks at it; HDF5 sees it in a process of its own; and what comes
 * from there is checked before use. */

enum attribute_owner { OF_ROOT, OF_PROVENANCE, ATTRIBUTE_OWNERS };

struct tb_results {
    char *path;
    struct tb_reading_process *process;
    struct tb_seal seal;
    uint64_t sizes[TB_DIMENSIONS];
    bool present[TB_FIELDS];
    void *fields[TB_FIELDS];                       /* owned; NULL until asked for */
    uint64_t field_bytes;                          /* of those */
    struct tb_buffer attributes[ATTRIBUTE_OWNERS]; /* name, NUL, text, NUL, ... */
};

/* What a file's fields may take in memory: those of real campaigns take up to five times the file. */
enum { MEMORY_PER_BYTE = 256 };
static const uint64_t MEMORY_LEAST = (uint64_t)64 << 20;
static const uint64_t ATTRIBUTES_MAX = (uint64_t)64 << 20;

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode) ? "a directory" : S_ISFIFO(mode) ? "a FIFO" : S_ISSOCK(mode) ? "a socket" : "a device";
}

/* A FIFO must not keep us waiting. */
static int open_regular(const char *path, struct tb_error *error)
{
    const int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat found;
    if (file < 0 || fstat(file, &found) != 0) {
        tb_error_set(error, errno == ENOENT ? TB_NOT_FOUND : TB_INPUT_OUTPUT, "%s: cannot open: %s", path,
                     strerror(errno));
    } else if (!S_ISREG(found.st_mode)) {
        tb_error_set(error, TB_UNSUPPORTED, "%s: no results file of twinbed, but %s", path, kind_of(found.st_mode));
    } else {
        return file;
    }
    if (file >= 0)
        close(file);
    return -1;
}

static enum tb_status check_seal(struct tb_results *results, int file, struct tb_error *error)
{
    const enum tb_status status = tb_seal_check(file, results->path, &results->seal, error);
    return status == TB_OK ? tb_reading_start(file, results->path, results->seal.bytes, &results->process, error)
                           : status;
}

static enum tb_status read_head(struct tb_results *results, struct tb_error *error)
{
    struct tb_contents_head head;
    struct tb_buffer answer = {0};
    enum tb_status status = tb_reading_ask(results->process, TB_QUESTION_HEAD, (struct tb_row_range){0}, sizeof head,
                                           sizeof head, &answer, error);
    if (status == TB_OK && answer.size != sizeof head)
        status = tb_error_set(error, TB_CORRUPT, "%s: damaged: cannot be read", results->path);
    if (status == TB_OK)
        memcpy(&head, answer.data, sizeof head);
    tb_buffer_free(&answer);
    for (int i = 0; status == TB_OK && i < TB_DIMENSIONS; i++) {
        results->sizes[i] = head.sizes[i];
        if (head.sizes[i] > tb_dimension_most((enum tb_dimension)i))
            status = tb_error_set(error, TB_CORRUPT, "%s: dimension %s is longer than any", results->path,
                                  tb_dimension_describe((enum tb_dimension)i)->name);
    }
    for (int i = 0; status == TB_OK && i < TB_FIELDS; i++)
        results->present[i] = head.present[i] == 1;
    return status;
}

/* Readers keep a table of all pairs of testbeds and scenarios. A campaign has cells for most of them. */
static enum tb_status check_pairs(const struct tb_results *results, struct tb_error *error)
{
    enum { PAIRS_LEAST = 1 << 20, PAIRS_PER_CELL = 16 };
    const uint64_t pairs = results->sizes[TB_DIMENSION_TESTBED] * results->sizes[TB_DIMENSION_SCENARIO];
    const uint64_t most = PAIRS_LEAST + PAIRS_PER_CELL * results->sizes[TB_DIMENSION_CELL];
    if (pairs <= most)
        return TB_OK;
    return tb_error_set(error, TB_CORRUPT, "%s: has %llu pairs of testbeds and scenarios, but %llu cells",
                        results->path, (unsigned long long)pairs,
                        (unsigned long long)results->sizes[TB_DIMENSION_CELL]);
}

/* Pairs of texts. */
static bool are_attributes(const struct tb_buffer *bytes)
{
    size_t ends = 0;
    for (size_t i = 0; i < bytes->size; i++)
        ends += bytes->data[i] == '\0';
    return ends % 2 == 0 && (bytes->size == 0 || bytes->data[bytes->size - 1] == '\0') &&
           tb_utf8_valid((const char *)bytes->data, bytes->size) == bytes->size;
}

static enum tb_status read_attributes(struct tb_results *results, struct tb_error *error)
{
    enum tb_status status = TB_OK;
    for (int owner = 0; status == TB_OK && owner < ATTRIBUTE_OWNERS; owner++) {
        struct tb_buffer *bytes = &results->attributes[owner];
        status = tb_reading_ask(results->process, owner == OF_ROOT ? TB_QUESTION_ROOT : TB_QUESTION_PROVENANCE,
                                (struct tb_row_range){0}, 4096, ATTRIBUTES_MAX, bytes, error);
        if (status == TB_OK && !are_attributes(bytes))
            status = tb_error_set(error, TB_CORRUPT, "%s: its attributes are no UTF-8", results->path);
    }
    return status;
}

/* The seal and the attribute tell the same version. */
static enum tb_status check_version(struct tb_results *results, struct tb_error *error)
{
    const char *version = tb_results_attribute(results, TB_RESULTS_VERSION_ATTRIBUTE);
    if (version != NULL && strcmp(version, results->seal.version) == 0)
        return TB_OK;
    return tb_error_set(error, TB_UNSUPPORTED,
                        "%s: no results file of twinbed (its attribute " TB_RESULTS_VERSION_ATTRIBUTE " is %s)",
                        results->path, version == NULL ? "missing" : "not the version of its last line");
}

/* Files of older programs lack what is newer. */
static void say_what_is_missing(const struct tb_results *results)
{
    const char *first = NULL;
    size_t more = 0;
    for (int i = 0; i < TB_FIELDS; i++) {
        const struct tb_field_description *field = tb_field_describe((enum tb_field)i);
        if (results->present[i] || tb_dimension_may_be_absent(field->dimensions[0]))
            continue;
        if (first == NULL)
            first = field->path;
        else
            more++;
    }
    if (first != NULL && more == 0)
        tb_log_warning("%s: %s is not in this file", results->path, first);
    else if (first != NULL)
        tb_log_warning("%s: %s and %zu other fields are not in this file", results->path, first, more);
}

static enum tb_status open_results(struct tb_results *results, struct tb_error *error)
{
    const int file = open_regular(results->path, error);
    if (file < 0)
        return error->status;
    enum tb_status status = check_seal(results, file, error);
    close(file);
    if (status == TB_OK)
        status = read_head(results, error);
    if (status == TB_OK)
        status = check_pairs(results, error);
    if (status == TB_OK)
        status = read_attributes(results, error);
    if (status == TB_OK)
        status = check_version(results, error);
    if (status == TB_OK)
        say_what_is_missing(results);
    return status;
}

enum tb_status tb_results_open(const char *path, struct tb_results **results, struct tb_error *error)
{
    struct tb_error reason = {.status = TB_INTERNAL};
    struct tb_results *made = calloc(1, sizeof *made);
    if (made == NULL)
        return tb_error_memory(error, "a results reader");
    made->path = strdup(path);
    const enum tb_status status = made->path == NULL ? tb_error_memory(&reason, "a path") : open_results(made, &reason);
    if (status == TB_OK) {
        *results = made;
        return TB_OK;
    }
    tb_results_close(made);
    return tb_error_set(error, status, "%s", reason.text);
}

void tb_results_close(struct tb_results *results)
{
    if (results == NULL)
        return;
    tb_reading_end(results->process);
    for (int i = 0; i < ATTRIBUTE_OWNERS; i++)
        tb_buffer_free(&results->attributes[i]);
    for (int i = 0; i < TB_FIELDS; i++)
        free(results->fields[i]);
    free(results->path);
    free(results);
}

uint64_t tb_results_size(const struct tb_results *results, enum tb_dimension dimension)
{
    return results->sizes[dimension];
}

bool tb_results_has(const struct tb_results *results, enum tb_field field)
{
    return results->present[field];
}

/* Number of values; false when they would take more memory than a file of this size may ask for. */
static bool count_values(struct tb_results *results, const struct tb_field_description *field, uint64_t *count)
{
    uint64_t bytes = tb_type_size(field->type), limit;
    *count = 1;
    for (unsigned i = 0; i < field->rank; i++) {
        const uint64_t size = results->sizes[field->dimensions[i]];
        if (__builtin_mul_overflow(*count, size, count) || __builtin_mul_overflow(bytes, size, &bytes))
            return false;
    }
    if (__builtin_mul_overflow(results->seal.bytes, (uint64_t)MEMORY_PER_BYTE, &limit) ||
        __builtin_add_overflow(limit, MEMORY_LEAST, &limit))
        limit = UINT64_MAX;
    if (limit > PTRDIFF_MAX / 2)
        limit = PTRDIFF_MAX / 2;
    if (bytes > limit || results->field_bytes > limit - bytes)
        return false;
    results->field_bytes += bytes;
    return true;
}

static struct tb_row_range all_rows(const struct tb_results *results, enum tb_field field)
{
    return (struct tb_row_range){.count = results->sizes[tb_field_describe(field)->dimensions[0]]};
}

static enum tb_status read_texts(struct tb_results *results, const struct tb_values *values, void **block,
                                 struct tb_error *error)
{
    struct tb_buffer answer = {0};
    const char **texts = NULL;
    enum tb_status status = tb_reading_ask(results->process, values->field, all_rows(results, values->field),
                                           values->count, results->seal.bytes + values->count, &answer, error);
    if (status == TB_OK)
        status = tb_values_take_texts(values, &answer, &texts, error);
    tb_buffer_free(&answer);
    *block = (void *)texts;
    return status;
}

static enum tb_status read_numbers(struct tb_results *results, const struct tb_values *values, struct tb_row_range rows,
                                   void **block, struct tb_error *error)
{
    const struct tb_field_description *field = tb_field_describe(values->field);
    const uint64_t bytes = values->count * tb_type_size(field->type);
    struct tb_buffer answer = {0};
    enum tb_status status = tb_reading_ask(results->process, values->field, rows, bytes, bytes, &answer, error);
    if (status == TB_OK && answer.size != bytes)
        status = tb_error_set(error, TB_CORRUPT, "%s: %s has fewer values than it should", results->path, field->path);
    if (status == TB_OK)
        status = tb_values_check(values, answer.data, error);
    if (status == TB_OK)
        *block = answer.data;
    else
        tb_buffer_free(&answer);
    return status;
}

static enum tb_status read_field(struct tb_results *results, enum tb_field field, void **block, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    struct tb_values values = {.path = results->path, .field = field, .sizes = results->sizes};
    if (!count_values(results, description, &values.count))
        return tb_error_set(error, TB_CORRUPT, "%s: up to %s, its fields need more memory than %d times the file",
                            results->path, description->path, (int)MEMORY_PER_BYTE);
    if (!results->present[field])
        return tb_values_missing(&values, block, error);
    return description->type == TB_TYPE_TEXT ? read_texts(results, &values, block, error)
                                             : read_numbers(results, &values, all_rows(results, field), block, error);
}

static void *field_of_type(struct tb_results *results, enum tb_field field, enum tb_type type, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    if (description->type != type) {
        tb_error_set(error, TB_INTERNAL, "%s: %s was asked for with another type", results->path, description->path);
        return NULL;
    }
    void *block = results->fields[field];
    if (block == NULL && read_field(results, field, &block, error) == TB_OK)
        results->fields[field] = block;
    return results->fields[field];
}

/* Bytes of count rows, where they are no more than a file may ask for. */
static bool count_row_bytes(const struct tb_results *results, const struct tb_field_description *field, uint64_t count,
                            uint64_t *values, uint64_t *bytes)
{
    *values = count;
    for (unsigned i = 1; i < field->rank; i++)
        if (__builtin_mul_overflow(*values, results->sizes[field->dimensions[i]], values))
            return false;
    return !__builtin_mul_overflow(*values, (uint64_t)tb_type_size(field->type), bytes) && *bytes <= PTRDIFF_MAX / 2;
}

enum tb_status tb_results_rows(struct tb_results *results, enum tb_field field, uint64_t first, uint64_t count,
                               void *values, struct tb_error *error)
{
    const struct tb_field_description *description = tb_field_describe(field);
    const uint64_t rows = results->sizes[description->dimensions[0]];
    struct tb_values wanted = {.path = results->path, .field = field, .sizes = results->sizes};
    uint64_t bytes;
    if (description->type == TB_TYPE_TEXT || first > rows || count > rows - first)
        return tb_error_set(error, TB_INTERNAL, "%s: %s was asked for in rows that it has not", results->path,
                            description->path);
    if (!count_row_bytes(results, description, count, &wanted.count, &bytes))
        return tb_error_set(error, TB_CORRUPT, "%s: rows of %s need more memory than there can be", results->path,
                            description->path);
    if (bytes == 0)
        return TB_OK;
    const struct tb_row_range range = {.first = first, .count = count};
    void *block = NULL;
    const enum tb_status status = results->present[field] ? read_numbers(results, &wanted, range, &block, error)
                                                          : tb_values_missing(&wanted, &block, error);
    if (status == TB_OK)
        memcpy(values, block, (size_t)bytes);
    free(block);
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

struct search {
    const char *name;
    const char *text; /* found */
};

static void compare_name(void *context, const char *name, const char *text)
{
    struct search *search = context;
    if (strcmp(name, search->name) == 0)
        search->text = text;
}

static const char *find_attribute(struct tb_results *results, bool of_provenance, const char *name)
{
    struct search search = {.name = name};
    tb_results_each_attribute(results, of_provenance, compare_name, &search);
    return search.text;
}

const char *tb_results_attribute(struct tb_results *results, const char *name)
{
    return find_attribute(results, false, name);
}

const char *tb_results_provenance(struct tb_results *results, const char *name)
{
    return find_attribute(results, true, name);
}

void tb_results_each_attribute(struct tb_results *results, bool of_provenance, tb_attribute_visit visit, void *context)
{
    const struct tb_buffer *bytes = &results->attributes[of_provenance ? OF_PROVENANCE : OF_ROOT];
    const char *end = (const char *)bytes->data + bytes->size;
    for (const char *name = (const char *)bytes->data; name < end;) {
        const char *text = name + strlen(name) + 1;
        visit(context, name, text);
        name = text + strlen(text) + 1;
    }
}
