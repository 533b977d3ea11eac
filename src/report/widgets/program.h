/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_REPORT_PROGRAM_H
#define TWINBED_REPORT_PROGRAM_H

#include <stddef.h>
#include <stdio.h>

#include "twinbed/base/status.h"

/* Runs a program once, arguments up to a NULL behind its name, a file as its input, and gives what it printed: *output is
 * the caller's to free. A program that is not there or fails is no error: *output is NULL or what it printed until then,
 * and reason says why. It can start no other program and open no file for writing, where the kernel has
 * seccomp (Linux on x86-64 and 64-bit ARM). */
TB_MUST_USE enum tb_status tb_program_run(const char *program, const char *const *arguments, FILE *input, char **output,
                                          size_t *size, char *reason, size_t reason_size, struct tb_error *error);

#endif
