/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_TRACER_STRACE_ARGUMENTS_H
#define TWINBED_TRACER_STRACE_ARGUMENTS_H

/* What the arguments of a few calls say, as strace writes them. */

#include "strace_line.h"
#include "traced_threads.h"
#include "twinbed/call/symbols.h"

/* A descriptor, and what -y or -yy says of it: "3", "3</path>", "3<TCP:[1.2.3.4:80->5.6.7.8:9]>". */
struct strace_descriptor {
    int64_t number;               /* -1: none stands there */
    struct scap_text description; /* without the brackets; size 0 without */
    const uint8_t *rest;          /* behind it */
};

/* The descriptor that text begins with. */
struct strace_descriptor tb_strace_descriptor(struct scap_text text);
/* TB_DESCRIPTOR_UNKNOWN where the description does not tell. */
enum tb_descriptor_kind tb_strace_descriptor_kind(const struct strace_descriptor *descriptor);
/* The port of this end of an IP socket; 0: not told. */
uint16_t tb_strace_local_port(const struct strace_descriptor *descriptor);

/* A socket's address. */
struct strace_address {
    uint8_t family; /* AF_INET and so on, as Linux numbers them; 0: none stands there */
    uint16_t port;  /* of IP */
};

/* The first address, or the first family, that stands in text. */
struct strace_address tb_strace_address(struct scap_text text);
uint8_t tb_strace_family(struct scap_text text);

bool tb_strace_holds(struct scap_text text, const char *wanted);

/* Two descriptors in brackets; false without. */
bool tb_strace_pair(struct scap_text text, int64_t pair[2]);

/* Up to three numbers, between commas; how many. */
size_t tb_strace_numbers(struct scap_text text, int64_t numbers[3]);

/* What the messages of a recvmmsg or sendmmsg hold together; result where they do not stand there. */
int64_t tb_strace_message_bytes(struct scap_text text, int64_t result);

/* The first text in quotes, without what strace did to it. How many bytes; at most room. */
size_t tb_strace_text(struct scap_text text, uint8_t *into, size_t room);

/* What an execve asks for. NULL without memory. */
struct traced_image *tb_strace_image(struct scap_text text);

#endif
