/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_ATTRIBUTES_H
#define TWINBED_RESULTS_ATTRIBUTES_H

/* Attributes of an HDF5 object. Each function writes one, and replaces none; false when HDF5 could
 * not. What is left of HDF5's error stack says why (hdf5_error.h). */

#include <hdf5.h>
#include <stdbool.h>

/* A text. Bytes that are not UTF-8 are replaced, as tb_utf8_repair does. */
bool tb_attribute_text(hid_t object, const char *name, const char *text);

/* The _FillValue NaN of a float64 dataset. */
bool tb_attribute_missing(hid_t object);

/* flag_values 0 .. n - 1 of the given stored type and flag_meanings for n words. */
bool tb_attribute_flags(hid_t object, hid_t stored_type, const char *words);

#endif
