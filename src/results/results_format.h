/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_RESULTS_RESULTS_FORMAT_H
#define TWINBED_RESULTS_RESULTS_FORMAT_H

/* What the writer and the reader must agree on beyond the schema. A change of
 * the schema that old readers would misread raises the version. */
#define TB_RESULTS_VERSION_ATTRIBUTE "twinbed_results_version"
#define TB_RESULTS_VERSION "2"
#define TB_PROVENANCE_GROUP "provenance"

#endif
