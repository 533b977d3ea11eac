/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strace_arguments.h"

#include <stdlib.h>
#include <string.h>

/* As Linux numbers them everywhere; the numbers of this machine may be others. */
enum { FAMILY_UNIX = 1, FAMILY_INET = 2, FAMILY_INET6 = 10, FAMILY_OTHER = 255 };

static bool is_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10;
}

static bool begins(struct scap_text text, const char *with)
{
    const size_t size = strlen(with);
    return text.size >= size && memcmp(text.data, with, size) == 0;
}

/* What stands behind wanted; data is NULL when that is not there. */
static struct scap_text behind(struct scap_text text, const char *wanted)
{
    const size_t size = strlen(wanted);
    const uint8_t *const found = text.size == 0 ? NULL : memmem(text.data, text.size, wanted, size);
    if (found == NULL)
        return (struct scap_text){NULL, 0};
    return (struct scap_text){found + size, (size_t)(text.data + text.size - found) - size};
}

bool tb_strace_holds(struct scap_text text, const char *wanted)
{
    return behind(text, wanted).data != NULL;
}

/* A number of nine digits at most; false without one. *text moves behind it. */
static bool take_number(struct scap_text *text, int64_t *number)
{
    enum { DIGITS = 9 };
    size_t size = 0;
    for (*number = 0; size < text->size && is_digit(text->data[size]) && size < DIGITS; size++)
        *number = *number * 10 + (text->data[size] - '0');
    text->data += size;
    text->size -= size;
    return size > 0;
}

struct strace_descriptor tb_strace_descriptor(struct scap_text text)
{
    struct strace_descriptor descriptor = {.number = -1, .rest = text.data};
    if (!take_number(&text, &descriptor.number))
        descriptor.number = -1;
    descriptor.rest = text.data;
    if (descriptor.number < 0 || text.size < 2 || text.data[0] != '<' || text.data[1] == '<')
        return descriptor;
    descriptor.rest = tb_strace_skip_description(text.data, text.data + text.size);
    const size_t size = (size_t)(descriptor.rest - text.data);
    descriptor.description = (struct scap_text){text.data + 1, size < 2 ? 0 : size - 2};
    return descriptor;
}

enum tb_descriptor_kind tb_strace_descriptor_kind(const struct strace_descriptor *descriptor)
{
    static const struct {
        const char *begin;
        enum tb_descriptor_kind kind;
    } kinds[] = {
        {"/memfd:", TB_DESCRIPTOR_OTHER}, {"/", TB_DESCRIPTOR_FILE},        {"TCP", TB_DESCRIPTOR_NETWORK},
        {"UDP", TB_DESCRIPTOR_NETWORK},   {"pipe:", TB_DESCRIPTOR_OTHER},   {"anon_inode:", TB_DESCRIPTOR_OTHER},
        {"UNIX", TB_DESCRIPTOR_OTHER},    {"NETLINK", TB_DESCRIPTOR_OTHER}, {"pid:", TB_DESCRIPTOR_OTHER},
        {"PING", TB_DESCRIPTOR_NETWORK},  {"RAW", TB_DESCRIPTOR_NETWORK},   {"SCTP", TB_DESCRIPTOR_NETWORK},
        {"MPTCP", TB_DESCRIPTOR_NETWORK}, {"DCCP", TB_DESCRIPTOR_NETWORK},  {"PACKET", TB_DESCRIPTOR_OTHER},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (begins(descriptor->description, kinds[i].begin))
            return kinds[i].kind;
    return TB_DESCRIPTOR_UNKNOWN;
}

uint16_t tb_strace_local_port(const struct strace_descriptor *descriptor)
{
    struct scap_text local = descriptor->description;
    int64_t port;
    if (tb_strace_descriptor_kind(descriptor) != TB_DESCRIPTOR_NETWORK || local.size == 0)
        return 0;
    const uint8_t *const arrow = memmem(local.data, local.size, "->", 2);
    if (arrow != NULL)
        local.size = (size_t)(arrow - local.data);
    const uint8_t *const colon = memrchr(local.data, ':', local.size);
    if (colon == NULL)
        return 0;
    local = (struct scap_text){colon + 1, (size_t)(local.data + local.size - colon) - 1};
    return take_number(&local, &port) && port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* The family whose name follows. */
static uint8_t take_family(struct scap_text text)
{
    static const struct {
        const char *name;
        uint8_t family;
    } families[] = {{"INET6", FAMILY_INET6}, {"INET", FAMILY_INET}, {"UNIX", FAMILY_UNIX}, {"LOCAL", FAMILY_UNIX}};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (begins(text, families[i].name))
            return families[i].family;
    return FAMILY_OTHER;
}

uint8_t tb_strace_family(struct scap_text text)
{
    const struct scap_text name = behind(text, "AF_");
    return name.data == NULL ? 0 : take_family(name);
}

struct strace_address tb_strace_address(struct scap_text text)
{
    struct strace_address address = {.family = 0};
    const struct scap_text family = behind(text, "sa_family=AF_");
    int64_t port;
    if (family.data == NULL)
        return address;
    address.family = take_family(family);
    struct scap_text rest = behind(family, address.family == FAMILY_INET6 ? "sin6_port=htons(" : "sin_port=htons(");
    if (rest.data != NULL && take_number(&rest, &port) && port <= UINT16_MAX)
        address.port = (uint16_t)port;
    return address;
}

bool tb_strace_pair(struct scap_text text, int64_t pair[2])
{
    struct scap_text rest = behind(text, "[");
    for (int i = 0; i < 2; i++) {
        if (rest.data == NULL)
            return false;
        const struct strace_descriptor descriptor = tb_strace_descriptor(rest);
        pair[i] = descriptor.number;
        rest.size -= (size_t)(descriptor.rest - rest.data);
        rest.data = descriptor.rest;
        if (pair[i] < 0 || (i == 0 && !begins(rest, ", ")))
            return false;
        if (i == 0)
            rest = (struct scap_text){rest.data + 2, rest.size - 2};
    }
    return true;
}

size_t tb_strace_numbers(struct scap_text text, int64_t numbers[3])
{
    size_t count = 0;
    while (count < 3) {
        /* "~0U" is the last there is. */
        if (begins(text, "~0"))
            numbers[count] = INT32_MAX;
        else if (!take_number(&text, &numbers[count]))
            break;
        count++;
        text = behind(text, ", ");
        if (text.data == NULL)
            break;
    }
    return count;
}

int64_t tb_strace_message_bytes(struct scap_text text, int64_t result)
{
    int64_t sum = 0, length;
    bool told = false;
    for (text = behind(text, "msg_len="); text.data != NULL; text = behind(text, "msg_len="))
        if (take_number(&text, &length)) {
            sum += length;
            told = true;
        }
    return told ? sum : result;
}

static bool is_octal(struct scap_text text, size_t at)
{
    return at < text.size && text.data[at] >= '0' && text.data[at] <= '7';
}

static int hexadecimal(uint8_t digit)
{
    if (is_digit(digit))
        return digit - '0';
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* What stands for one byte behind a backslash; *at moves behind it. */
static uint8_t take_escaped(struct scap_text text, size_t *at)
{
    static const char letters[] = "nrtvfae", bytes[] = "\n\r\t\v\f\a\033";
    const uint8_t first = text.data[*at];
    unsigned value = 0;
    if (is_octal(text, *at)) {
        for (int digits = 0; digits < 3 && is_octal(text, *at); digits++)
            value = value * 8 + (unsigned)(text.data[(*at)++] - '0');
        return (uint8_t)value;
    }
    (*at)++;
    if (first == 'x') {
        for (int digits = 0; digits < 2 && *at < text.size && hexadecimal(text.data[*at]) >= 0; digits++)
            value = value * 16 + (unsigned)hexadecimal(text.data[(*at)++]);
        return (uint8_t)value;
    }
    const char *const letter = memchr(letters, first, sizeof letters - 1);
    return letter == NULL ? first : (uint8_t)bytes[letter - letters];
}

/* The text in quotes that text begins with; *text moves behind it. */
static size_t take_quoted(struct scap_text *text, uint8_t *into, size_t room)
{
    size_t at = 1, size = 0;
    while (at < text->size && text->data[at] != '"') {
        uint8_t byte = text->data[at++];
        if (byte == '\\' && at < text->size)
            byte = take_escaped(*text, &at);
        if (size < room)
            into[size++] = byte;
    }
    at += at < text->size;
    text->data += at;
    text->size -= at;
    return size;
}

static bool move_to(struct scap_text *text, uint8_t byte)
{
    const uint8_t *const found = text->size == 0 ? NULL : memchr(text->data, byte, text->size);
    if (found == NULL)
        return false;
    text->size -= (size_t)(found - text->data);
    text->data = found;
    return true;
}

size_t tb_strace_text(struct scap_text text, uint8_t *into, size_t room)
{
    return move_to(&text, '"') ? take_quoted(&text, into, room) : 0;
}

/* The path of an executable, which an execveat may tell by a descriptor alone. */
static size_t take_executable(struct scap_text *text, uint8_t *into, size_t room)
{
    const struct strace_descriptor descriptor = tb_strace_descriptor(*text);
    size_t size = move_to(text, '"') ? take_quoted(text, into, room) : 0;
    if (size == 0 && descriptor.description.size <= room) {
        size = descriptor.description.size;
        if (size > 0)
            memcpy(into, descriptor.description.data, size);
    }
    return size;
}

struct traced_image *tb_strace_image(struct scap_text text)
{
    struct traced_image *image = malloc(sizeof *image + TRACED_ARGUMENTS_MOST);
    if (image == NULL)
        return NULL;
    size_t used = take_executable(&text, image->text, TRACED_ARGUMENTS_MOST - 1);
    image->text[used++] = '\0';
    *image = (struct traced_image){.users = 1, .executable = (uint32_t)used};
    /* The first argument is the program's own name. */
    for (int i = 0; begins(text, i == 0 ? ", [" : ", ") && used < TRACED_ARGUMENTS_MOST; i++) {
        text.data += i == 0 ? 3 : 2;
        text.size -= i == 0 ? 3 : 2;
        if (!begins(text, "\""))
            break;
        const size_t size = take_quoted(&text, image->text + used, TRACED_ARGUMENTS_MOST - 1 - used);
        if (begins(text, "..."))
            text = (struct scap_text){text.data + 3, text.size - 3};
        if (i == 0)
            continue;
        used += size;
        image->text[used++] = '\0';
    }
    image->size = (uint32_t)used;
    struct traced_image *const shrunk = realloc(image, sizeof *image + used);
    return shrunk == NULL ? image : shrunk;
}
