/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "attributes.h"
#include "twinbed/base/utf8.h"
#include "twinbed/results/schema.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An attribute lives in an object header, which holds at most 64 KiB; the bytes
 * of a variable-length text live elsewhere. Fixed length is what every reader
 * knows, so only texts that could not be written otherwise differ. */
enum { FIXED_TEXT_MAX = 32 * 1024 };

static bool write_attribute(hid_t object, const char *name, hid_t stored_type, hid_t memory_type, hid_t space,
                            const void *data)
{
    const hid_t attribute = H5Acreate2(object, name, stored_type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0)
        return false;
    const bool written = H5Awrite(attribute, memory_type, data) >= 0;
    return H5Aclose(attribute) >= 0 && written;
}

static bool write_text(hid_t object, const char *name, const char *text)
{
    const size_t length = strlen(text);
    const bool fixed = length <= FIXED_TEXT_MAX;
    const hid_t type = H5Tcopy(H5T_C_S1);
    const hid_t space = H5Screate(H5S_SCALAR);
    bool done = type >= 0 && space >= 0;
    /* A fixed text has at least one byte. */
    done = done && H5Tset_size(type, fixed ? (length == 0 ? 1 : length) : H5T_VARIABLE) >= 0;
    done = done && H5Tset_strpad(type, fixed ? H5T_STR_NULLPAD : H5T_STR_NULLTERM) >= 0;
    done = done && H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
    done = done && write_attribute(object, name, type, type, space, fixed ? (const void *)text : (const void *)&text);
    if (space >= 0)
        H5Sclose(space);
    if (type >= 0)
        H5Tclose(type);
    return done;
}

bool tb_attribute_text(hid_t object, const char *name, const char *text)
{
    char *repaired = NULL;
    if (!tb_utf8_repair(text, &repaired))
        return false;
    const bool written = write_text(object, name, repaired != NULL ? repaired : text);
    free(repaired);
    return written;
}

static bool write_array(hid_t object, const char *name, hid_t stored_type, hid_t memory_type, const void *data,
                        hsize_t count)
{
    const hid_t space = H5Screate_simple(1, &count, NULL);
    if (space < 0)
        return false;
    const bool written = write_attribute(object, name, stored_type, memory_type, space, data);
    return H5Sclose(space) >= 0 && written;
}

bool tb_attribute_missing(hid_t object)
{
    const double missing = NAN;
    return write_array(object, "_FillValue", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &missing, 1);
}

bool tb_attribute_flags(hid_t object, hid_t stored_type, const char *words)
{
    enum { FLAGS_MAX = 64 };
    int values[FLAGS_MAX];
    hsize_t count = 0;
    size_t length;
    for (; count < FLAGS_MAX && tb_flag_word(words, (int32_t)count, &length) != NULL; count++)
        values[count] = (int)count;
    return write_array(object, "flag_values", stored_type, H5T_NATIVE_INT, values, count) &&
           tb_attribute_text(object, "flag_meanings", words);
}
