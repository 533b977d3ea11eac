/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <isa-l.h>
#include <stdio.h>
#include <xxhash.h>
#include <zstd.h>

#include "twinbed/io/source.h"

/* ISA-L does not say at run time which it is. */
void tb_io_libraries(char *text, size_t size)
{
    const unsigned xxhash = XXH_versionNumber();
    snprintf(text, size, "zstd %s, ISA-L %d.%d.%d when built, xxHash %u.%u.%u", ZSTD_versionString(),
             ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION, ISAL_PATCH_VERSION, xxhash / 10000, xxhash / 100 % 100,
             xxhash % 100);
}
