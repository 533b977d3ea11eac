/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_RESULTS_FORMAT_H
#define TWINBED_RESULTS_RESULTS_FORMAT_H

/* What the writer and the reader must agree on beyond the schema. A change of
 * the schema that old readers would misread raises the first number of the
 * version; what is only added, the second. */
#define TB_RESULTS_VERSION_ATTRIBUTE "twinbed_results_version"
enum { TB_RESULTS_MAJOR = 3, TB_RESULTS_MINOR = 1 };
#define TB_RESULTS_VERSION "3.1"
#define TB_PROVENANCE_GROUP "provenance"

#endif
