/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What single lines of strace say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tracer/error_names.h"
#include "tracer/strace_arguments.h"
#include "tracer/strace_line.h"

static struct strace_line parse(const char *text)
{
    struct strace_line line;
    tb_strace_line_parse((const uint8_t *)text, strlen(text), &line);
    return line;
}

static void assert_text(struct scap_text text, const char *expected)
{
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
}

static struct scap_text text_of(const char *text)
{
    return (struct scap_text){(const uint8_t *)text, strlen(text)};
}

static void test_beginnings_of_lines(void **state)
{
    static const struct {
        const char *text;
        int64_t tid;
        uint64_t time;
        const char *comm;
    } cases[] = {
        {"close(3) = 0", 0, 0, ""},
        {"12    close(3) = 0", 12, 0, ""},
        {"12 1796090599.088855 close(3) = 0", 12, UINT64_C(1796090599088855000), ""},
        {"1796090599.088855123 close(3) = 0", 0, UINT64_C(1796090599088855123), ""},
        {"1796090599 close(3) = 0", 0, UINT64_C(1796090599000000000), ""},
        {"12<ab> 1796090599.1 close(3) = 0", 12, UINT64_C(1796090599100000000), "ab"},
        {"12<a b\\74> close(3) = 0", 12, 0, "a b\\74"},
        {"[pid  4711] 01:02:03.5 close(3) = 0", 4711, UINT64_C(3723500000000), ""},
        {"[pid 4711<ab>] close(3) = 0", 4711, 0, "ab"},
        {"4711 /* 3 in strace's PID NS */ 1796090599.0 close(3) = 0", 4711, UINT64_C(1796090599000000000), ""},
        {"7 1796090599.0 [  3] [00007f1fb2ad1a12] close(3) = 0", 7, UINT64_C(1796090599000000000), ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct strace_line line = parse(cases[i].text);
        assert_int_equal(line.kind, STRACE_CALL);
        assert_int_equal(line.tid, cases[i].tid);
        assert_int_equal(line.time, cases[i].time);
        assert_int_equal(line.timed, cases[i].time != 0);
        assert_text(line.comm, cases[i].comm);
        assert_text(line.name, "close");
        assert_text(line.arguments, "3");
    }
}

static void test_results(void **state)
{
    static const struct {
        const char *text;
        bool has_result;
        int64_t result;
        uint64_t duration;
        const char *arguments;
    } cases[] = {
        {"read(3, \"a) = 9\", 10)               = 6 <0.000010>", true, 6, 10000, "3, \"a) = 9\", 10"},
        {"read(3</tmp/a) = 7>, \"\\\") = 1\", 10) = 6", true, 6, 0, "3</tmp/a) = 7>, \"\\\") = 1\", 10"},
        {"brk(NULL)       = 0x55feb6b45000 <0.000056>", true, 0x55feb6b45000, 56000, "NULL"},
        {"access(\"/x\", R_OK) = -1 ENOENT (No such file or directory) <1.5>", true, -2, 1500000000, "\"/x\", R_OK"},
        {"x(1) = -1 (errno 530)", true, -530, 0, "1"},
        {"x(1) = -1", true, -1, 0, "1"},
        {"pause() = ? ERESTARTNOHAND (To be restarted if no handler) <4.9>", true, -514, UINT64_C(4900000000), ""},
        {"poll(NULL, 0, 200) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)", true, -516, 0, "NULL, 0, 200"},
        {"exit_group(0)   = ?", false, 0, 0, "0"},
        {"read(0,  <unfinished ...>) = ?", false, 0, 0, "0,  <unfinished ...>"},
        {"openat(AT_FDCWD</tmp>, \"b\", O_RDONLY) = 3</tmp/b> <0.000104>", true, 3, 104000,
         "AT_FDCWD</tmp>, \"b\", O_RDONLY"},
        {"poll([{fd=3, events=POLLIN}], 1, 0) = 1 ([{fd=3, revents=POLLIN}]) <0.000002>", true, 1, 2000,
         "[{fd=3, events=POLLIN}], 1, 0"},
        {"wait4(-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 12", true, 12, 0,
         "-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL"},
        {"sendto(5<TCP:[1.2.3.4:5->6.7.8.9:80]>, \"x\", 1, 0, NULL, 0) = 1", true, 1, 0,
         "5<TCP:[1.2.3.4:5->6.7.8.9:80]>, \"x\", 1, 0, NULL, 0"},
        {"write(1</dev/null<char 1:3>>, \"x\", 1) = 1", true, 1, 0, "1</dev/null<char 1:3>>, \"x\", 1"},
        {"close(3</tmp/x>(deleted)) = 0", true, 0, 0, "3</tmp/x>(deleted)"},
        {"capset({}, {effective=1<<CAP_CHOWN, permitted=1<<CAP_CHOWN}) = 0", true, 0, 0,
         "{}, {effective=1<<CAP_CHOWN, permitted=1<<CAP_CHOWN}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct strace_line line = parse(cases[i].text);
        assert_int_equal(line.kind, STRACE_CALL);
        assert_int_equal(line.has_result, cases[i].has_result);
        assert_int_equal(line.result, cases[i].result);
        assert_int_equal(line.duration, cases[i].duration);
        assert_text(line.arguments, cases[i].arguments);
    }
}

static void test_kinds_of_lines(void **state)
{
    static const struct {
        const char *text;
        enum strace_line_kind kind;
    } cases[] = {
        {"", STRACE_NOTE},
        {"strace: Process 12 attached", STRACE_NOTE},
        {"12 --- SIGCHLD {si_signo=SIGCHLD} ---", STRACE_NOTE},
        {"12 --- SIGCHLD {si_sig", STRACE_BROKEN},
        {"12 +++ exited with 0 +++", STRACE_LEAVE},
        {"12 +++ killed by SIGSEGV (core dumped) +++", STRACE_LEAVE},
        {"12 +++ killed by SIG", STRACE_BROKEN},
        {"12 +++ superseded by execve in pid 13 +++", STRACE_SUPERSEDED},
        {"12 read(3,  <unfinished ...>", STRACE_UNFINISHED},
        {"12 read(3,  <detached ...>", STRACE_UNFINISHED},
        {"13 execve(\"/bin/x\", [\"x\"], NULL <pid changed to 12 ...>", STRACE_UNFINISHED},
        {"12 <... read resumed>\"x\", 1) = 1 <0.1>", STRACE_RESUMED},
        {"12 <... read resumed> \"x\", 1)   = 1", STRACE_RESUMED},
        {"12 <... futex resumed>)              = ?", STRACE_RESUMED},
        {"12 <... read resumed>\"x\", 1) =", STRACE_BROKEN},
        {"12 <... read resu", STRACE_BROKEN},
        {"12 read(3, \"x", STRACE_BROKEN},
        {"12 read(3, \"x\", 1) = ", STRACE_BROKEN},
        {"12 read(3, \"x\", 1)", STRACE_BROKEN},
        {"12 re", STRACE_BROKEN},
        {"12", STRACE_BROKEN},
        {"12 13 14 read(3) = 0", STRACE_BROKEN},
        {"Hello, world", STRACE_BROKEN},
        {"12 read(3, \"x\", 1) = 18446744073709551617", STRACE_BROKEN},
        {"12 99999999999999999999.5 close(3) = 0", STRACE_BROKEN},
        {"12 18446744074.5 close(3) = 0", STRACE_BROKEN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(parse(cases[i].text).kind, cases[i].kind);
    assert_int_equal(parse("12 +++ superseded by execve in pid 13 +++").other, 13);
}

static void test_descriptors(void **state)
{
    static const struct {
        const char *text;
        int64_t number;
        enum tb_descriptor_kind kind;
        uint16_t port;
    } cases[] = {
        {"3, 1", 3, TB_DESCRIPTOR_UNKNOWN, 0},
        {"-1, 1", -1, TB_DESCRIPTOR_UNKNOWN, 0},
        {"AT_FDCWD</tmp>, 1", -1, TB_DESCRIPTOR_UNKNOWN, 0},
        {"3</etc/passwd>", 3, TB_DESCRIPTOR_FILE, 0},
        {"3</memfd:x>(deleted)", 3, TB_DESCRIPTOR_OTHER, 0},
        {"3<socket:[123]>", 3, TB_DESCRIPTOR_UNKNOWN, 0},
        {"3<pipe:[123]>", 3, TB_DESCRIPTOR_OTHER, 0},
        {"3<anon_inode:[eventpoll]>", 3, TB_DESCRIPTOR_OTHER, 0},
        {"3<UNIX-STREAM:[1->2, \"/run/x\"]>", 3, TB_DESCRIPTOR_OTHER, 0},
        {"3<TCP:[0.0.0.0:8080]>", 3, TB_DESCRIPTOR_NETWORK, 8080},
        {"3<TCP:[127.0.0.1:8080->127.0.0.1:40000]>", 3, TB_DESCRIPTOR_NETWORK, 8080},
        {"3<TCPv6:[[::1]:443->[::1]:40000]>", 3, TB_DESCRIPTOR_NETWORK, 443},
        {"3<UDP:[1234]>", 3, TB_DESCRIPTOR_NETWORK, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct strace_descriptor descriptor = tb_strace_descriptor(text_of(cases[i].text));
        assert_int_equal(descriptor.number, cases[i].number);
        assert_int_equal(tb_strace_descriptor_kind(&descriptor), cases[i].kind);
        assert_int_equal(tb_strace_local_port(&descriptor), cases[i].port);
    }
}

static void test_arguments(void **state)
{
    int64_t pair[2], numbers[3];
    (void)state;
    struct strace_address address =
        tb_strace_address(text_of("3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr(\"1.2.3.4\")}, 16"));
    assert_int_equal(address.family, 2);
    assert_int_equal(address.port, 8080);
    address = tb_strace_address(text_of("3, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, \"::1\")"));
    assert_int_equal(address.family, 10);
    assert_int_equal(address.port, 80);
    assert_int_equal(tb_strace_address(text_of("3, {sa_family=AF_UNIX, sun_path=\"/x\"}, 110")).family, 1);
    assert_int_equal(tb_strace_address(text_of("3, NULL, NULL")).family, 0);
    assert_true(tb_strace_pair(text_of("AF_UNIX, 0, 0, [3<UNIX:[1->2]>, 14<UNIX:[2->1]>]"), pair));
    assert_int_equal(pair[0], 3);
    assert_int_equal(pair[1], 14);
    assert_false(tb_strace_pair(text_of("0x7ffe"), pair));
    assert_int_equal(tb_strace_numbers(text_of("3, ~0U, CLOSE_RANGE_UNSHARE"), numbers), 2);
    assert_int_equal(numbers[0], 3);
    assert_int_equal(numbers[1], INT32_MAX);
    assert_int_equal(tb_strace_message_bytes(text_of("3, [{msg_hdr={}, msg_len=30}, {msg_hdr={}, msg_len=4}], 2"), 2),
                     34);
    assert_int_equal(tb_strace_message_bytes(text_of("3, 0x7ffe, 2"), 2), 2);
}

static void test_texts_in_quotes(void **state)
{
    uint8_t text[16];
    (void)state;
    assert_int_equal(tb_strace_text(text_of("PR_SET_NAME, \"a\\\"\\n\\101\\x42\\0\""), text, sizeof text), 6);
    assert_memory_equal(text, "a\"\nAB\0", 6);
    assert_int_equal(tb_strace_text(text_of("\"0123456789\""), text, 4), 4);
    struct traced_image *image =
        tb_strace_image(text_of("\"/bin/x\", [\"x\", \"-p\", \"80\"...], 0x7ffe /* 3 vars */"));
    assert_non_null(image);
    assert_int_equal(image->executable, 7);
    assert_int_equal(image->size, 13);
    assert_memory_equal(image->text,
                        "/bin/x\0-p\0"
                        "80",
                        13);
    tb_traced_image_free(image);
    image = tb_strace_image(text_of("3</bin/y>, \"\", [\"y\"], NULL, AT_EMPTY_PATH"));
    assert_non_null(image);
    assert_string_equal((const char *)image->text, "/bin/y");
    tb_traced_image_free(image);
}

static void test_names_of_errors(void **state)
{
    static const char *const names[] = {"EPERM", "E2BIG", "EXFULL", "EAGAIN", "EINPROGRESS", "EHWPOISON", "ERESTART"};
    static const int numbers[] = {1, 7, 54, 11, 115, 133, 85};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_int_equal(tb_error_number((const uint8_t *)names[i], strlen(names[i])), numbers[i]);
    assert_int_equal(tb_error_number((const uint8_t *)"EAGAI", 5), 0);
    assert_int_equal(tb_error_number((const uint8_t *)"EAGAINST", 8), 0);
    /* As this machine has them, if it is one whose numbers these are: so none stands in a wrong place. */
    for (int i = 1; i <= 133; i++) {
        const char *const name = strerrorname_np(i);
        if (name != NULL && EDEADLK == 35)
            assert_int_equal(tb_error_number((const uint8_t *)name, strlen(name)), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beginnings_of_lines), cmocka_unit_test(test_results),
        cmocka_unit_test(test_kinds_of_lines),      cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_arguments),           cmocka_unit_test(test_texts_in_quotes),
        cmocka_unit_test(test_names_of_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
