/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_DRAFT_LEFT_FILES_H
#define TWINBED_SRC_DRAFT_LEFT_FILES_H

#include "survey.h"

/* Fills draft->left: the files of the survey that no run of the draft's campaign has. TB_MEMORY. */
TB_MUST_USE enum tb_status tb_left_files_find(struct survey *survey, struct tb_draft *draft, struct tb_error *error);

#endif
