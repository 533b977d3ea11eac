/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traced_calls.h"

#include <stdlib.h>
#include <string.h>

static bool is_pair_of_its_own(unsigned number)
{
    const struct tb_event_meaning *const exit = &tb_event_table[number];
    return exit->kind_class == EVENT_EXIT && exit->kind != KIND_PLAIN && exit->kind != KIND_GENERIC &&
           tb_event_table[number - 1].kind_class == EVENT_ENTER;
}

/* The newest pair of a call has the highest number. */
void tb_traced_calls_init(struct traced_calls *calls)
{
    memset(calls, 0, sizeof *calls);
    for (unsigned call = 0; call < CALL_COUNT; call++)
        calls->calls[call] = (struct traced_call){.call = (tb_call)call, .exit = 1, .kind = KIND_GENERIC};
    for (unsigned native = 0; native < NATIVE_NUMBERS; native++)
        if (tb_native_table[native] != 0)
            calls->calls[tb_native_table[native] - 1].native = (uint16_t)native;
    for (unsigned id = GENERIC_IDS; id-- > 1;)
        calls->calls[tb_generic_table[id]].id = (uint16_t)id;
    for (unsigned number = 3; number < EVENT_NUMBERS; number++) {
        struct traced_call *const call = &calls->calls[tb_event_table[number].call];
        if (!is_pair_of_its_own(number))
            continue;
        call->exit = (uint16_t)number;
        call->kind = tb_event_table[number].kind;
    }
}

struct traced_call tb_traced_call_native(const struct traced_calls *calls, uint16_t native)
{
    const tb_call call = tb_call_native(native);
    if (call < CALL_COUNT)
        return calls->calls[call];
    return (struct traced_call){.call = call, .exit = 1, .native = native, .kind = KIND_GENERIC};
}

void tb_traced_call_put_generic(const struct traced_call *call, struct text_event *event)
{
    tb_text_event_put(event, &call->id, sizeof call->id);
    if (call->id == 0 && call->native != 0)
        tb_text_event_put(event, &call->native, sizeof call->native);
}

/* Calls that the kernel gave another width have one name for both (call/call_table.h). */
static tb_call find_without_width(const char *name)
{
    static const struct {
        const char *name, *is;
    } others[] = {{"_llseek", "llseek"}, {"_newselect", "select"}, {"ugetrlimit", "getrlimit"}};
    char shorter[TRACED_NAME_SIZE];
    const size_t size = strlen(name);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(name, others[i].name) == 0)
            return tb_call_find(others[i].is);
    if (size < 3 || (strcmp(name + size - 2, "64") != 0 && strcmp(name + size - 2, "32") != 0))
        return TB_CALL_NONE;
    memcpy(shorter, name, size - 2);
    shorter[size - 2] = '\0';
    return tb_call_find(shorter);
}

static struct traced_call find_name(const struct traced_calls *calls, const char *name)
{
    static const char nameless[] = "syscall_0x";
    if (strncmp(name, nameless, sizeof nameless - 1) == 0) {
        const unsigned long native = strtoul(name + sizeof nameless - 1, NULL, 16);
        return native < UINT16_MAX ? tb_traced_call_native(calls, (uint16_t)native) : calls->calls[CALL_UNKNOWN];
    }
    tb_call call = tb_call_find(name);
    if (call >= CALL_COUNT)
        call = find_without_width(name);
    return calls->calls[call >= CALL_COUNT ? (tb_call)CALL_UNKNOWN : call];
}

static size_t hash(struct scap_text name)
{
    uint32_t value = 2166136261U;
    for (size_t i = 0; i < name.size; i++)
        value = (value ^ name.data[i]) * 16777619U;
    return (value ^ value >> 15) % TRACED_NAMES;
}

static bool is_name(const char *stored, struct scap_text name)
{
    return memcmp(stored, name.data, name.size) == 0 && stored[name.size] == '\0';
}

struct traced_call tb_traced_call_find(struct traced_calls *calls, struct scap_text name)
{
    char text[TRACED_NAME_SIZE] = "";
    if (name.size == 0 || name.size >= TRACED_NAME_SIZE)
        return calls->calls[CALL_UNKNOWN];
    size_t slot = hash(name);
    while (calls->names[slot].name[0] != '\0' && !is_name(calls->names[slot].name, name))
        slot = (slot + 1) % TRACED_NAMES;
    if (calls->names[slot].name[0] != '\0')
        return calls->names[slot].call;
    memcpy(text, name.data, name.size);
    const struct traced_call found = find_name(calls, text);
    /* Any number of names may stand in a broken text; half of the places are kept free, so that searches end. */
    if (calls->name_count < TRACED_NAMES / 2) {
        calls->name_count++;
        memcpy(calls->names[slot].name, text, sizeof text);
        calls->names[slot].call = found;
    }
    return found;
}
