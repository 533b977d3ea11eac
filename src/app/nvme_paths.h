/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_NVME_PATHS_H
#define TWINBED_SRC_APP_NVME_PATHS_H

/* NVMe namespaces with several paths. The kernel then lists the namespace
 * (nvme0n1) and each path to it (nvme0c0n1, nvme0c1n1), and counts a request in
 * both, or with older kernels on the path alone. So the paths count, and a
 * namespace that has any does not; which is known only at the end of the file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "twinbed/io/text.h"

/* More namespaces than that are not told apart (40 bytes each). */
enum { NVME_NAMESPACES_MOST = 256, NVME_NUMBERS = 4 };

struct nvme_namespace {
    uint64_t subsystem, number; /* of nvme<subsystem>n<number> */
    bool has_path;
    uint64_t numbers[NVME_NUMBERS]; /* of the namespace itself */
};

struct nvme_paths {
    struct nvme_namespace namespaces[NVME_NAMESPACES_MOST];
    size_t count;
};

/* "nvme0c0n1". */
bool tb_nvme_is_path(struct tb_text device);

/* Notes a device with its numbers; does nothing for one that is neither a namespace nor a path. False when there are too
 * many namespaces. */
bool tb_nvme_paths_note(struct nvme_paths *paths, struct tb_text device, const uint64_t numbers[NVME_NUMBERS]);

/* What the namespaces that have paths counted, to be subtracted from the sum over all devices. */
void tb_nvme_paths_counted_twice(const struct nvme_paths *paths, uint64_t numbers[NVME_NUMBERS]);

#endif
