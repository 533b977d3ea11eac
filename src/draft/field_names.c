/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "field_names.h"

#include <string.h>
#include <strings.h>

#include "tokens.h"

static const struct {
    const char *hint;
    const char *name;
} known[] = {
    {"rep", "rep"},
    {"reps", "rep"},
    {"repetition", "rep"},
    {"repeat", "rep"},
    {"run", "rep"},
    {"iter", "rep"},
    {"iteration", "rep"},
    {"trial", "rep"},
    {"round", "rep"},
    {"attempt", "rep"},
    {"r", "rep"},
    {"it", "rep"},
    {"no", "rep"},
    {"c", "clients"},
    {"client", "clients"},
    {"clients", "clients"},
    {"conc", "concurrency"},
    {"concurrency", "concurrency"},
    {"n", "requests"},
    {"requests", "requests"},
    {"w", "workers"},
    {"worker", "workers"},
    {"workers", "workers"},
    {"t", "threads"},
    {"thread", "threads"},
    {"threads", "threads"},
    {"conn", "connections"},
    {"connections", "connections"},
    {"users", "users"},
    {"flows", "flows"},
    {"vcpu", "vcpus"},
    {"vcpus", "vcpus"},
    {"cpu", "cpus"},
    {"cpus", "cpus"},
    {"mtu", "mtu"},
    {"loss", "loss"},
    {"delay", "delay"},
    {"size", "size"},
    {"s", "size"},
    {"rate", "rate"},
    {"link", "link"},
    {"bw", "bandwidth"},
    {"bandwidth", "bandwidth"},
    {"mem", "memory"},
};

const char *tb_field_name_known(const char *hint)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(hint, known[i].hint) == 0)
            return known[i].name;
    return NULL;
}

const char *tb_field_name_make(struct arena *arena, const char *text)
{
    static const char *const taken[] = {"path", "artifacts", "testbed", "rep", "pair", "pairs"};
    char *name = tb_arena_copy(arena, text, strlen(text));
    size_t used = 0;
    for (const char *c = text; name != NULL && *c != '\0' && used < 40; c++) {
        const char lower = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        const bool good = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (good || (used > 0 && name[used - 1] != '_'))
            name[used++] = good ? lower : '_';
    }
    if (name == NULL)
        return NULL;
    while (used > 0 && name[used - 1] == '_')
        used--;
    name[used] = '\0';
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (strcmp(name, taken[i]) == 0)
            return tb_arena_print(arena, "%s_level", name);
    return used == 0 ? "variant" : name;
}

static bool is_among(const char *text, size_t length, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (tb_token_is(text, length, words[i]))
            return true;
    return false;
}

const char *tb_field_name_unit(const char *name)
{
    static const char *const counted[] = {"clients", "workers", "threads", "connections", "requests", "users", "flows"};
    return is_among(name, strlen(name), counted, sizeof counted / sizeof counted[0]) ? name : "";
}

bool tb_field_name_is_of_file(const char *text, size_t length)
{
    static const char *const words[] = {"ab",     "apachebench", "bench",  "link",      "capture", "trace",
                                        "client", "server",      "out",    "output",    "result",  "results",
                                        "test",   "log",         "owping", "owamp",     "sysdig",  "tcpdump",
                                        "pcap",   "scap",        "exp",    "experiment"};
    return is_among(text, length, words, sizeof words / sizeof words[0]);
}

/* The longest word that stands in the text decides. */
static unsigned score(const char *text, const char *const *words, size_t count)
{
    unsigned best = 0;
    for (size_t i = 0; i < count; i++) {
        const char *found = strcasestr(text, words[i]);
        if (found != NULL)
            best = strlen(text) == strlen(words[i]) ? 2 : best > 1 ? best : 1;
    }
    return best;
}

unsigned tb_testbed_name_score(const char *text)
{
    static const char *const words[] = {"physical", "metal", "e1000",       "virtio", "veth",   "vmxnet", "rtl8139",
                                        "kvm",      "qemu",  "xen",         "docker", "lxc",    "podman", "container",
                                        "vmware",   "vbox",  "firecracker", "sriov",  "native", "emulat", "simulat",
                                        "mininet",  "netns", "baseline",    "testbed"};
    return score(text, words, sizeof words / sizeof words[0]);
}

unsigned tb_baseline_name_score(const char *text)
{
    static const char *const real[] = {"physical", "metal", "hardware", "native", "baseline", "reference"};
    static const char *const bare[] = {"veth", "netns", "loopback", "localhost"};
    const unsigned first = score(text, real, sizeof real / sizeof real[0]);
    return first > 0 ? first + 2 : score(text, bare, sizeof bare / sizeof bare[0]);
}
