/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_DECODE_IDENTIFY_H
#define TWINBED_DECODE_IDENTIFY_H

/* What can be said of the files of a campaign before they are decoded. */

#include "twinbed/campaign/campaign.h"

/* Notes which large traces and captures are stored plain, so that the plan can cut them, and which are compressed in
 * several members. Opens these files, and reads the beginning of those that are compressed; one that does not open is
 * neither. Of shares that the large files are dealt into, one by one, only this share is looked at: 0 of 1 is all. Not
 * collective. */
void tb_artifacts_look(struct tb_campaign *campaign, size_t share, size_t shares);

/* Opens the file of an artifact of the campaign and says what it is ("scap 1.2, gzip"), by its content. Reads texts
 * (the first 4 MiB of them) as analyze does, and of traces and captures the first record_most bytes, so that a file of another
 * kind, and damage that shows so early, is found: the status and sentence are then those of its reader, or name what the file
 * is instead ("this is wrk output, not ApacheBench's text"). That a trace or capture is cut off is not looked for. Not
 * collective; safe for several artifacts at once. For `twinbed check`. */
enum { TB_FORMAT_TEXT_SIZE = 64 };
TB_MUST_USE enum tb_status tb_artifact_identify(const struct tb_campaign *campaign, const struct tb_artifact *artifact,
                                                size_t record_most, char format[TB_FORMAT_TEXT_SIZE],
                                                struct tb_error *error);

/* Bytes of each trace and capture of a campaign to be looked at: 1 MiB of few; of many less, so that it is 64 MiB in all,
 * but 16 KiB of each at least. */
size_t tb_identify_most(const struct tb_campaign *campaign);

#endif
