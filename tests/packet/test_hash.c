/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoints that somebody chose do not meet in one place of a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "packet/flow_table.h"
#include "packet/hash_seed.h"

/* Seeds are drawn anew in each run, and with one in some thousands a family has up to 30 keys in a place. Endpoints that
 * somebody chose against the hash would be thousands in one. */
enum { KEYS = 1 << 14, PLACES = 2 * KEYS, MOST = 128 };

/* Which key of a family. */
typedef struct tb_flow_key (*make_key)(uint64_t which);

static struct tb_flow_key short_key(uint64_t low, uint64_t high, uint64_t ports)
{
    return (struct tb_flow_key){{0, low, 0, high, ports | (uint64_t)6 << 32 | (uint64_t)4 << 40}};
}

static struct tb_flow_key of_clients(uint64_t which)
{
    return short_key(0x0a000001, 0x0a000100 + which / 1024, 80 | (1024 + which % 1024) << 16);
}

static struct tb_flow_key of_ports(uint64_t which)
{
    return short_key(0x0a000001, 0x0a000002, which % 128 | which / 128 << 16);
}

/* Only the upper bits of ports differ, those of a multiple. */
static struct tb_flow_key of_far_ports(uint64_t which)
{
    return short_key(0x0a000001, 0x0a000002, which << 18 | 80);
}

static struct tb_flow_key long_key(uint64_t one, uint64_t two, uint64_t three, uint64_t four)
{
    return (struct tb_flow_key){{one, two, three, four, 80 | 1024 << 16 | (uint64_t)6 << 32 | (uint64_t)6 << 40}};
}

/* One factor of a product that is known would be 0. */
static struct tb_flow_key of_a_constant(uint64_t which)
{
    const uint64_t high = UINT64_C(0x2001000000000000);
    return long_key(high, which, high + 1, high ^ UINT64_C(0xa0761d6478bd642f));
}

static struct tb_flow_key of_another_constant(uint64_t which)
{
    return long_key(UINT64_C(0xe7037ed1a0b428db), which, UINT64_C(0xf000000000000000), 5);
}

/* Two words change by the same bits. */
static struct tb_flow_key of_equal_changes(uint64_t which)
{
    return long_key(which, 7, UINT64_C(0xf000000000000000), which ^ 9);
}

static struct tb_flow_key of_turned_changes(uint64_t which)
{
    return long_key(1, which << 32 ^ 7, UINT64_C(0xf000000000000000) ^ which, 9);
}

static struct tb_flow_key of_far_changes(uint64_t which)
{
    return long_key(which << 40, 7, UINT64_C(0xff00000000000000), which << 40);
}

static unsigned fullest_place(make_key make, uint64_t seed)
{
    static unsigned places[PLACES];
    unsigned fullest = 0;
    memset(places, 0, sizeof places);
    for (uint64_t i = 0; i < KEYS; i++) {
        const struct tb_flow_key key = make(i);
        const unsigned count = ++places[tb_flow_key_hash(&key, seed) % PLACES];
        fullest = count > fullest ? count : fullest;
    }
    return fullest;
}

static void chosen_endpoints_are_spread(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        make_key make;
    } families[] = {{"clients", of_clients},
                    {"ports", of_ports},
                    {"far ports", of_far_ports},
                    {"a constant", of_a_constant},
                    {"another constant", of_another_constant},
                    {"equal changes", of_equal_changes},
                    {"turned changes", of_turned_changes},
                    {"far changes", of_far_changes}};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        for (unsigned j = 0; j < 8; j++) {
            const uint64_t seed = tb_hash_seed();
            const unsigned fullest = fullest_place(families[i].make, seed);
            if (fullest > MOST)
                fail_msg("%s: %u of %d keys in one place with seed %llx", families[i].name, fullest, KEYS,
                         (unsigned long long)seed);
        }
}

static void seeds_are_not_known_ahead(void **state)
{
    (void)state;
    const uint64_t one = tb_hash_seed(), other = tb_hash_seed();
    const struct tb_flow_key key = of_clients(0);
    assert_true(one != other);
    assert_true(one != 0 && other != 0);
    assert_true(tb_flow_key_hash(&key, one) != tb_flow_key_hash(&key, other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chosen_endpoints_are_spread),
        cmocka_unit_test(seeds_are_not_known_ahead),
    };
    return cmocka_run_group_tests_name("hash of endpoints", tests, NULL, NULL);
}
