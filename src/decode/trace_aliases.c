/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which artifacts are read from one trace: aliases point to the first artifact with the file
 * (tb_artifact.same_as). */
#include "trace_aliases.h"

#include "part_keys.h"

size_t tb_trace_aliases(const struct tb_campaign *campaign, size_t artifact, size_t *aliases, size_t room)
{
    const struct tb_run *run = &campaign->runs[campaign->artifacts[artifact].run];
    size_t count = 0;
    for (size_t i = 0; i < run->artifact_count; i++) {
        const size_t other = run->first_artifact + i;
        if (other != artifact && campaign->artifacts[other].same_as != artifact)
            continue;
        if (count < room)
            aliases[count] = other;
        count++;
    }
    return count;
}

size_t tb_trace_selectors(const struct tb_campaign *campaign, size_t artifact,
                          struct tb_process_selector selectors[TRACE_ALIASES_MAX])
{
    size_t aliases[TRACE_ALIASES_MAX];
    const size_t count = tb_trace_aliases(campaign, artifact, aliases, TRACE_ALIASES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct tb_artifact *alias = &campaign->artifacts[aliases[i]];
        const struct tb_process *process = tb_campaign_process(campaign, alias->pair, alias->role);
        selectors[i] = (struct tb_process_selector){
            .name = process->name, .pid = process->pid, .arguments = process->arguments, .cgroup = process->cgroup};
    }
    return count;
}

void tb_key_add_selectors(const struct tb_campaign *campaign, size_t artifact, struct tb_buffer *key)
{
    struct tb_process_selector selectors[TRACE_ALIASES_MAX];
    const size_t count = tb_trace_selectors(campaign, artifact, selectors);
    for (size_t i = 0; i < count; i++)
        tb_key_add(key, "process %s pid %lld arguments %s cgroup %s\n", selectors[i].name, (long long)selectors[i].pid,
                   selectors[i].arguments, selectors[i].cgroup);
}
