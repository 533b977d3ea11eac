/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "filter.h"
#include "filter_words.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packet.h"
#include "twinbed/base/containers.h"
#include "twinbed/packet/filter.h"

struct tb_filter_program {
    int type; /* DLT_ */
    struct bpf_program code;
};

enum { FILTER_SNAP_LENGTH = 262144 };

void tb_filter_start(struct tb_filter *filter, const char *expression)
{
    *filter = (struct tb_filter){.expression = expression};
}

void tb_filter_free(struct tb_filter *filter)
{
    for (size_t i = 0; i < filter->count; i++)
        pcap_freecode(&filter->programs[i].code);
    free(filter->programs);
    *filter = (struct tb_filter){0};
}

static enum tb_status compile(const char *expression, int type, struct bpf_program *code, struct tb_error *error)
{
    enum tb_status status = tb_filter_check_words(expression, error);
    if (status != TB_OK)
        return status;
    pcap_t *handle = pcap_open_dead(type, FILTER_SNAP_LENGTH);
    if (handle == NULL)
        return tb_error_memory(error, "a packet filter");
    if (pcap_compile(handle, code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
        status = tb_error_set(error, TB_USAGE, "the packet filter \"%s\" does not compile: %s", expression,
                              pcap_geterr(handle));
    pcap_close(handle);
    return status;
}

static enum tb_status add_program(struct tb_filter *filter, int type, struct tb_error *error)
{
    if (!tb_array_reserve(&filter->programs, &filter->capacity, filter->count + 1, sizeof filter->programs[0]))
        return tb_error_memory(error, "the packet filters");
    struct tb_filter_program *program = &filter->programs[filter->count];
    program->type = type;
    const enum tb_status status = compile(filter->expression, type, &program->code, error);
    if (status == TB_OK)
        filter->latest = filter->count++;
    return status;
}

/* Makes latest the program for the type. */
static enum tb_status choose_program(struct tb_filter *filter, int type, struct tb_error *error)
{
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->programs[i].type == type) {
            filter->latest = i;
            return TB_OK;
        }
    }
    return add_program(filter, type, error);
}

enum tb_status tb_filter_run(struct tb_filter *filter, const struct tb_packet_record *record, bool *passes,
                             struct tb_error *error)
{
    *passes = true;
    if (!tb_link_type_known(record->link_type))
        return TB_OK;
    const int type = tb_link_filter_type(record->link_type);
    filter->tried = true;
    if (filter->count == 0 || filter->programs[filter->latest].type != type) {
        const enum tb_status status = choose_program(filter, type, error);
        if (status != TB_OK)
            return status;
    }
    uint32_t hidden = tb_link_filter_offset(record->link_type);
    if (hidden > record->captured)
        hidden = record->captured;
    const struct pcap_pkthdr header = {.caplen = record->captured - hidden, .len = record->original - hidden};
    *passes = pcap_offline_filter(&filter->programs[filter->latest].code, &header, record->data + hidden) != 0;
    return TB_OK;
}

enum tb_status tb_filter_check(struct tb_filter *filter, struct tb_error *error)
{
    if (filter->expression == NULL || filter->tried)
        return TB_OK;
    /* Some words, such as inbound, mean nothing on Ethernet but do elsewhere. */
    if (choose_program(filter, DLT_LINUX_SLL, NULL) == TB_OK)
        return TB_OK;
    return choose_program(filter, DLT_EN10MB, error);
}

enum tb_status tb_capture_check_filter(const char *expression, struct tb_error *error)
{
    struct tb_filter filter;
    tb_filter_start(&filter, expression);
    const enum tb_status status = tb_filter_check(&filter, error);
    tb_filter_free(&filter);
    return status;
}

void tb_packet_libraries(char *text, size_t size)
{
    static const char head[] = "libpcap version ";
    const char *version = pcap_lib_version();
    snprintf(text, size, "libpcap %s", strncmp(version, head, strlen(head)) == 0 ? version + strlen(head) : version);
}
