/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Creates a file that is certainly new: what lay under its name is removed, so no link is followed
 * and nobody else has it open. */
#include "twinbed/base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int tb_new_file(const char *path, struct tb_error *error)
{
    unlink(path); /* whatever hinders it shows when the file is created */
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0)
        tb_error_set(error, TB_INPUT_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
    return file;
}
