/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hdf5_error.h"

#include <errno.h>
#include <hdf5.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "twinbed/results/writer.h"

/* HDF5 calls us back without a place to keep things that outlives the call. */
static char latest[TB_ERROR_TEXT_SIZE / 2];

/* Of a failed system call only the system's own words: the rest is a clock time,
 * descriptors and addresses on two lines. */
static void keep_sentence(const char *text)
{
    static const char mark[] = "error message = '";
    const char *words = strstr(text, mark);
    words = words == NULL ? text : words + strlen(mark);
    snprintf(latest, sizeof latest, "%.*s", (int)strcspn(words, words == text ? "\n" : "'"), words);
}

/* Upward starts where the error was noticed first. */
static herr_t keep_first(unsigned depth, const H5E_error2_t *entry, void *unused)
{
    (void)unused;
    if (depth == 0 && entry->desc != NULL)
        keep_sentence(entry->desc);
    return 0;
}

static herr_t keep_deepest(hid_t stack, void *unused)
{
    return H5Ewalk2(stack, H5E_WALK_UPWARD, keep_first, unused);
}

void tb_hdf5_be_quiet(void)
{
    H5Eset_auto2(H5E_DEFAULT, keep_deepest, NULL);
    latest[0] = '\0';
}

enum tb_status tb_hdf5_error(struct tb_error *error, enum tb_status status, const char *format, ...)
{
    char sentence[TB_ERROR_TEXT_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    /* What it does not know of is our own: an allocation beside its calls. */
    if (!latest[0] && errno == ENOMEM)
        return tb_error_set(error, TB_MEMORY, "%s: out of memory", sentence);
    tb_error_set(error, status, "%s: %s", sentence, latest[0] ? latest : "HDF5 gives no reason");
    latest[0] = '\0';
    return status;
}

void tb_store_libraries(char *text, size_t size)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    snprintf(text, size, "HDF5 %u.%u.%u", major, minor, release);
}
