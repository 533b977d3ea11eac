/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nvme_paths.h"

/* "nvme0n1" or "nvme0c1n1": false for anything else, partitions too. */
static bool read_name(struct tb_text device, uint64_t *subsystem, uint64_t *number, bool *is_path)
{
    struct tb_text part, controller;
    uint64_t ignored;
    if (!tb_text_take_prefix(&device, "nvme") || !tb_text_take_until(&device, 'n', &part) || device.data == NULL)
        return false;
    if (!tb_text_take_until(&part, 'c', &controller) || !tb_text_u64(controller, subsystem))
        return false;
    *is_path = part.data != NULL;
    return (!*is_path || tb_text_u64(part, &ignored)) && tb_text_u64(device, number);
}

bool tb_nvme_is_path(struct tb_text device)
{
    uint64_t subsystem, number;
    bool is_path;
    return read_name(device, &subsystem, &number, &is_path) && is_path;
}

static struct nvme_namespace *find(struct nvme_paths *paths, uint64_t subsystem, uint64_t number)
{
    for (size_t i = 0; i < paths->count; i++)
        if (paths->namespaces[i].subsystem == subsystem && paths->namespaces[i].number == number)
            return &paths->namespaces[i];
    if (paths->count == NVME_NAMESPACES_MOST)
        return NULL;
    struct nvme_namespace *const added = &paths->namespaces[paths->count++];
    *added = (struct nvme_namespace){.subsystem = subsystem, .number = number};
    return added;
}

bool tb_nvme_paths_note(struct nvme_paths *paths, struct tb_text device, const uint64_t numbers[NVME_NUMBERS])
{
    uint64_t subsystem, number;
    bool is_path;
    if (!read_name(device, &subsystem, &number, &is_path))
        return true;
    struct nvme_namespace *const found = find(paths, subsystem, number);
    if (found == NULL)
        return false;
    found->has_path |= is_path;
    for (size_t i = 0; i < NVME_NUMBERS && !is_path; i++)
        found->numbers[i] += numbers[i]; /* wraps as the sum over all devices would, which is refused then */
    return true;
}

void tb_nvme_paths_counted_twice(const struct nvme_paths *paths, uint64_t numbers[NVME_NUMBERS])
{
    for (size_t i = 0; i < NVME_NUMBERS; i++) {
        numbers[i] = 0;
        for (size_t n = 0; n < paths->count; n++)
            if (paths->namespaces[n].has_path)
                numbers[i] += paths->namespaces[n].numbers[i];
    }
}
