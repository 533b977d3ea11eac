/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TWINBED_SRC_APP_KERNEL_EVENTS_H
#define TWINBED_SRC_APP_KERNEL_EVENTS_H

#include "twinbed/app/kernel_log.h"
#include "twinbed/io/text.h"

/* The kind of event that a message tells of; false when it is none of them. */
bool tb_kernel_event_find(struct tb_text message, enum tb_kernel_event_kind *kind);

#endif
