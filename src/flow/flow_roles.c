/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/flow/flow.h"

void tb_flow_turn(struct tb_flow *flow)
{
    const struct tb_address client = flow->client;
    const struct tb_flow_side side = flow->side[0];
    const bool completed = flow->completed_reply;
    flow->client = flow->server;
    flow->server = client;
    flow->side[0] = flow->side[1];
    flow->side[1] = side;
    flow->completed_reply = flow->other_completed;
    flow->other_completed = completed;
}

void tb_flow_orient(struct tb_flow *flow, uint16_t server_port)
{
    if (server_port != 0 && flow->roles_assumed && flow->client.port == server_port && flow->server.port != server_port)
        tb_flow_turn(flow);
}
