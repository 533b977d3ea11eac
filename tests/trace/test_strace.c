/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of strace, counted by hand: threads, descriptors, and what stands where a line is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixtures/text_source.h"
#include "fixtures/trace_fixture.h"
#include "twinbed/trace/trace_files.h"

static struct tb_trace *read_bytes(const char *text, size_t size, const struct tb_process_selector *selector)
{
    static const unsigned orders[] = {1, 2, 3};
    const struct tb_trace_request request = {
        .selectors = selector, .selector_count = 1, .orders = orders, .order_count = 3, .vocabulary = 0};
    struct tb_source *const source = open_bytes(text, size);
    struct tb_trace *trace = NULL;
    struct tb_error error = {0};
    const enum tb_status status = tb_trace_read(source, &request, &trace, &error);
    tb_source_close(source);
    if (status != TB_OK)
        fail_msg("%s", error.text);
    assert_true(tb_account_balances(&trace->account));
    assert_int_equal(trace->account.stream_bytes, size);
    assert_int_equal(trace->format, TB_TRACE_STRACE);
    return trace;
}

static struct tb_trace *read_text(const char *text, const char *process)
{
    const struct tb_process_selector selector = {.name = process, .pid = -1};
    return read_bytes(text, strlen(text), &selector);
}

/* Two threads take turns, one is interrupted, a signal comes between. */
static void test_calls_that_go_on(void **state)
{
    static const char text[] =
        "10 1700000000.000001 execve(\"/usr/bin/web\", [\"web\"], 0x7ffc /* 9 vars */) = 0 <0.000400>\n"
        "10 1700000000.100000 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, parent_tid=[11]) = 11 "
        "<0.000100>\n"
        "11 1700000000.200000 read(3, \"a) = 77\", 7) = 7 <0.000100>\n"
        "10 1700000000.300000 futex(0x7f, FUTEX_WAIT, 11, NULL <unfinished ...>\n"
        "11 1700000000.400000 write(1, \"x\", 1 <unfinished ...>\n"
        "10 1700000000.500000 <... futex resumed>)   = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.2>\n"
        "10 1700000000.600000 --- SIGALRM {si_signo=SIGALRM, si_code=SI_KERNEL} ---\n"
        "10 1700000000.600001 rt_sigreturn({mask=[]}) = -1 EINTR (Interrupted system call) <0.000001>\n"
        "11 1700000000.700000 <... write resumed>) = 1 <0.3>\n"
        "10 1700000000.800000 futex(0x7f, FUTEX_WAIT, 11, NULL) = 0 <0.000001>\n"
        "11 1700000000.900000 exit(0)          = ?\n"
        "11 1700000001.000000 +++ exited with 0 +++\n"
        "10 1700000001.100000 exit_group(0)   = ?\n"
        "10 1700000001.200000 +++ exited with 0 +++\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "web");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
    assert_int_equal(sequence->calls, 6);
    assert_int_equal(calls_of(sequence, "futex"), 2);
    assert_int_equal(count_of(&sequence->transitions[0], "execve>clone"), 1);
    assert_int_equal(count_of(&sequence->transitions[1], "clone>futex>futex"), 1);
    assert_int_equal(count_of(&sequence->transitions[0], "read>write"), 1);
    assert_int_equal(starts_of(&sequence->transitions[0], "read"), 1);
    assert_int_equal(sequence->transitions[0].total, 4);
    assert_int_equal(sequence->thread_count, 2);
    assert_int_equal(sequence->threads[1].tid, 11);
    assert_int_equal(sequence->threads[1].pid, 10);
    assert_int_equal(sequence->first_time, UINT64_C(1700000000000401000));
    /* Each call is two events; exit and exit_group are one, rt_sigreturn two, and the thread returned from its clone. */
    assert_int_equal(sequence->events, 6 * 2 - 1 + 2 + 2 + 1);
    assert_int_equal(trace->children, 1);
    assert_true(sequence->losses_known);
    assert_int_equal(sequence->exits_without_enter + sequence->enters_without_exit, 0);
    assert_false(sequence->switches_known);
    tb_trace_free(trace);
}

static void assert_errors(const struct tb_sequence *sequence, const char *name, uint64_t count)
{
    for (size_t i = 0; i < sequence->call_total_count; i++)
        if (sequence->call_totals[i].call == tb_call_find(name))
            assert_int_equal(sequence->call_totals[i].errors, count);
}

/* Whatever has an event of its own in the scap format, and whatever has none. */
static void test_results_of_calls(void **state)
{
    static const char text[] =
        "10 1.0 execve(\"/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = -1 ENOENT (No such file or directory) <0.1>\n"
        "10 1.1 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n"
        "10 1.2 access(\"/a\", R_OK) = -1 ENOENT (No such file or directory) <0.1>\n"
        "10 1.3 getrandom(\"\\x01\", 1, 0) = -1 EAGAIN (Resource temporarily unavailable) <0.1>\n"
        "10 1.4 pread64(3, \"\"..., 784, 64) = 784 <0.1>\n"
        "10 1.5 syscall_0x1d9(0x1, 0x2) = -1 ENOSYS (Function not implemented) <0.1>\n"
        "10 1.6 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0) = 0x7fb0 <0.1>\n"
        "10 1.7 sendmmsg(3, [{msg_hdr={}, msg_len=30}, {msg_hdr={}, msg_len=4}], 2, 0) = 2 <0.1>\n"
        "10 1.8 recvfrom(3, 0x7f, 4096, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable) <0.1>\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "x");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 8);
    assert_errors(sequence, "access", 1);
    assert_errors(sequence, "getrandom", 1);
    assert_errors(sequence, "mmap", 0);
    assert_errors(sequence, "execve", 0);
    assert_errors(sequence, "native_473", 1);
    assert_int_equal(calls_of(sequence, "native_473"), 1);
    assert_int_equal(calls_of(sequence, "pread"), 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_UNKNOWN].bytes, 784);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_UNKNOWN].calls, 2);
    assert_int_equal(sequence->writes[TB_DESCRIPTOR_UNKNOWN].bytes, 34);
    tb_trace_free(trace);
}

/* Kinds of descriptors from the calls that make them, without -y. */
static void test_descriptors_by_calls(void **state)
{
    static const char text[] =
        "10 1.0 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n"
        "10 1.1 socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP) = 3 <0.1>\n"
        "10 1.2 bind(3, {sa_family=AF_INET6, sin6_port=htons(8080), sin6_flowinfo=htonl(0)}, 28) = 0 <0.1>\n"
        "10 1.3 fork() = 11 <0.1>\n"
        "11 1.4 accept4(3, {sa_family=AF_INET6, sin6_port=htons(40000), sin6_flowinfo=htonl(0)}, [28], 0) = 4 <0.1>\n"
        "11 1.5 read(4, \"GET\", 10) = 3 <0.1>\n"
        "11 1.6 openat(AT_FDCWD, \"/x\", O_RDONLY) = 5 <0.1>\n"
        "11 1.7 sendfile(4, 5, NULL, 100) = 100 <0.1>\n"
        "11 1.8 read(5, \"\", 10) = 0 <0.1>\n"
        "11 1.9 pipe2([6, 7], O_CLOEXEC) = 0 <0.1>\n"
        "11 2.0 write(7, \"x\", 1) = 1 <0.1>\n"
        "11 2.1 dup2(4, 9) = 9 <0.1>\n"
        "11 2.2 write(9, \"xy\", 2) = 2 <0.1>\n"
        "11 2.3 fcntl(9, F_DUPFD_CLOEXEC, 20) = 20 <0.1>\n"
        "11 2.4 close(20) = 0 <0.1>\n"
        "11 2.5 close_range(4, 8, 0) = 0 <0.1>\n"
        "11 2.6 read(4, \"\", 10) = 9 <0.1>\n"
        "11 2.7 socket(AF_UNIX, SOCK_STREAM, 0) = 4 <0.1>\n"
        "11 2.8 connect(4, {sa_family=AF_UNIX, sun_path=\"/x\"}, 110) = 0 <0.1>\n"
        "11 2.9 socket(AF_INET, SOCK_STREAM, 0) = 5 <0.1>\n"
        "11 3.0 connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"1.2.3.4\")}, 16) = "
        "-1 EINPROGRESS (Operation now in progress) <0.1>\n"
        "11 3.1 connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr(\"1.2.3.4\")}, 16) = 0 <0.1>\n"
        "11 3.2 connect(5, {sa_family=AF_INET, sin_port=htons(81), sin_addr=inet_addr(\"1.2.3.4\")}, 16) = "
        "-1 ECONNREFUSED (Connection refused) <0.1>\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "x");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 23);
    assert_int_equal(sequence->accept_count, 1);
    assert_int_equal(tb_port_count(sequence->accepts, sequence->accept_count, 8080), 1);
    assert_int_equal(sequence->connect_count, 1);
    assert_int_equal(tb_port_count(sequence->connects, sequence->connect_count, 80), 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_NETWORK].bytes, 3);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_FILE].calls, 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_UNKNOWN].bytes, 9);
    assert_int_equal(sequence->writes[TB_DESCRIPTOR_NETWORK].bytes, 102);
    assert_int_equal(sequence->writes[TB_DESCRIPTOR_OTHER].bytes, 1);
    assert_int_equal(sequence->closes[TB_DESCRIPTOR_NETWORK], 1);
    assert_int_equal(sequence->exits_without_enter, 0);
    tb_trace_free(trace);
}

/* What -yy tells of descriptors that were open before. */
static void test_descriptors_by_description(void **state)
{
    static const char text[] =
        "10<x> 1.5 accept(3<TCP:[0.0.0.0:80]>, NULL, NULL) = 4<TCP:[127.0.0.1:80->127.0.0.1:40000]> <0.1>\n"
        "10<x> 1.6 read(4<TCP:[127.0.0.1:80->127.0.0.1:40000]>, \"GET\", 10) = 3 <0.1>\n"
        "10<x> 1.7 read(0</dev/null<char 1:3>>, \"\", 10) = 1 <0.1>\n"
        "10<x> 1.8 write(1<pipe:[12]>, \"xyz\", 3) = 3 <0.1>\n"
        "10<x> 1.9 accept(5<UNIX-STREAM:[3,\"/run/x\"]>, NULL, NULL) = 6<UNIX-STREAM:[4->5]> <0.1>\n"
        "10<x> 2.0 read(6<UNIX-STREAM:[4->5]>, \"abcd\", 10) = 4 <0.1>\n";
    (void)state;
    struct tb_trace *const trace = read_text(text, "x");
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 6);
    assert_int_equal(tb_port_count(sequence->accepts, sequence->accept_count, 80), 1);
    assert_int_equal(sequence->accept_count, 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_NETWORK].bytes, 3);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_FILE].bytes, 1);
    assert_int_equal(sequence->reads[TB_DESCRIPTOR_OTHER].bytes, 4);
    assert_int_equal(sequence->writes[TB_DESCRIPTOR_OTHER].bytes, 3);
    tb_trace_free(trace);
}

/* The child's lines come before its parent's vfork returns, while another thread is in a clone, too. */
static void test_children_that_are_faster(void **state)
{
    static const char text[] =
        "10 1.0 execve(\"/usr/bin/x\", [\"x\", \"-n\", \"5\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n"
        "10 1.1 clone3({flags=CLONE_VM|CLONE_THREAD, exit_signal=0} => {parent_tid=[11]}, 88) = 11 <0.1>\n"
        "10 1.2 vfork( <unfinished ...>\n"
        "11 1.3 clone(child_stack=NULL, flags=CLONE_THREAD|CLONE_VM <unfinished ...>\n"
        "12 1.4 close(3) = 0 <0.1>\n"
        "13 1.5 getpid() = 10 <0.1>\n"
        "12 1.6 execve(\"/bin/y\", [\"y\"], 0x7ffc /* 9 vars */ <unfinished ...>\n"
        "11 1.7 <... clone resumed>) = 13 <0.4>\n"
        "12 1.8 <... execve resumed>) = 0 <0.2>\n"
        "10 1.9 <... vfork resumed>) = 12 <0.7>\n"
        "12 2.0 brk(NULL) = 0x5 <0.1>\n";
    const struct tb_process_selector with_arguments = {.name = "x", .pid = -1, .arguments = "-n 5"};
    (void)state;
    struct tb_trace *trace = read_bytes(text, strlen(text), &with_arguments);
    const struct tb_sequence *sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 6);
    assert_int_equal(calls_of(sequence, "close"), 1);
    assert_int_equal(calls_of(sequence, "getpid"), 1);
    assert_int_equal(sequence->thread_count, 4);
    assert_int_equal(sequence->threads[2].tid, 12);
    assert_int_equal(sequence->threads[2].pid, 12);
    assert_int_equal(sequence->threads[3].tid, 13);
    assert_int_equal(sequence->threads[3].pid, 10);
    assert_int_equal(trace->children, 3);
    tb_trace_free(trace);
    trace = read_text(text, "y");
    sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 2);
    assert_int_equal(count_of(&sequence->transitions[0], "execve>brk"), 1);
    tb_trace_free(trace);
}

/* A thread that is not the first does an execve, which ends all others and gives it the first one's number. */
static void test_execve_of_a_thread(void **state)
{
    static const char text[] = "10 1.0 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n"
                               "10 1.1 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_THREAD) = 11 <0.1>\n"
                               "10 1.2 futex(0x7f, FUTEX_WAIT, 11, NULL <unfinished ...>\n"
                               "11 1.3 execve(\"/bin/y\", [\"y\"], 0x7ffc /* 9 vars */ <unfinished ...>\n"
                               "10 1.4 <... futex resumed>) = ?\n"
                               "10 1.5 +++ superseded by execve in pid 11 +++\n"
                               "10 1.6 <... execve resumed>) = 0 <0.3>\n"
                               "10 1.7 brk(NULL) = 0x5 <0.1>\n"
                               "10 1.8 exit_group(0) = ?\n"
                               "10 1.9 +++ exited with 0 +++\n";
    (void)state;
    struct tb_trace *trace = read_text(text, "y");
    assert_int_equal(trace->sequences[0].calls, 2);
    assert_int_equal(count_of(&trace->sequences[0].transitions[0], "execve>brk"), 1);
    assert_int_equal(trace->sequences[0].exits_without_enter, 0);
    tb_trace_free(trace);
    trace = read_text(text, "x");
    assert_int_equal(trace->sequences[0].calls, 2);
    tb_trace_free(trace);
}

/* The number of a thread that ended comes back, and processes that strace joined later have the names that -Y tells. */
static void test_who_is_who(void **state)
{
    static const char text[] = "strace: Process 20 attached\n"
                               "20<web> 1.0 <... epoll_wait resumed>[], 1, 5) = 0 <0.1>\n"
                               "20<web> 1.1 fork() = 21 <0.1>\n"
                               "21<web> 1.2 close(3) = 0 <0.1>\n"
                               "21<web> 1.3 +++ killed by SIGKILL +++\n"
                               "20<web> 1.4 prctl(PR_SET_NAME, \"later\") = 0 <0.1>\n"
                               "20<later> 1.5 fork() = 21 <0.1>\n"
                               "21<later> 1.6 getppid() = 20 <0.1>\n"
                               "21<later> 1.7 getppid( <detached ...>\n";
    (void)state;
    struct tb_trace *trace = read_text(text, "web");
    /* The thread itself keeps the name that it had, as in a scap file. */
    assert_int_equal(trace->sequences[0].calls, 5);
    assert_int_equal(trace->sequences[0].exits_without_enter, 0);
    assert_int_equal(count_of(&trace->sequences[0].transitions[0], "epoll_wait>fork"), 1);
    tb_trace_free(trace);
    trace = read_text(text, "later");
    assert_int_equal(trace->sequences[0].calls, 1);
    assert_int_equal(trace->sequences[0].transitions[0].total, 0);
    tb_trace_free(trace);
}

/* Lines that are cut, and what does not come from strace. */
static void test_damage(void **state)
{
    static const char text[] = "10 1.0 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n"
                               "10 1.1 getpid() = 10 <0.1>\n"
                               "10 1.2 read(3, \"abc\n"
                               "Hello\n"
                               "10 1.3 getpid() = 10 <0.1>\n"
                               "10 1.4 getpid() = 10 <0.1>\n";
    (void)state;
    struct tb_trace *trace = read_text(text, "x");
    const struct tb_sequence *sequence = &trace->sequences[0];
    assert_int_equal(sequence->calls, 4);
    /* Nothing is known of what stood between. */
    assert_int_equal(sequence->transitions[0].total, 2);
    assert_int_equal(count_of(&sequence->transitions[0], "getpid>getpid"), 1);
    assert_int_equal(trace->account.damage, TB_DAMAGE_CORRUPT);
    assert_int_equal(trace->account.damage_offset, strstr(text, "10 1.2") - text);
    assert_int_equal(trace->account.damaged, strlen("10 1.2 read(3, \"abc\nHello\n"));
    assert_non_null(strstr(trace->account.reason, "2 lines are cut"));
    tb_trace_free(trace);
}

/* Cut anywhere, a text gives the calls of its whole lines, and says what is cut unless that is the end of a line. */
static void test_every_prefix(void **state)
{
    static const char text[] = "10 1.0 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n"
                               "10 1.1 vfork( <unfinished ...>\n"
                               "11 1.2 getpid() = 11 <0.1>\n"
                               "10 1.3 <... vfork resumed>) = 11 <0.2>\n"
                               "10 1.4 --- SIGCHLD {si_signo=SIGCHLD} ---\n"
                               "10 1.5 read(3, \"abc\", 4096) = 3 <0.1>\n"
                               "10 1.6 +++ exited with 0 +++\n";
    static const char *const whole[] = {"<0.1>\n10 1.1", "<0.1>\n10 1.3", "<0.2>\n10 1.4", "<0.1>\n10 1.6"};
    const struct tb_process_selector selector = {.name = "x", .pid = -1};
    (void)state;
    for (size_t size = strlen("10 1.0 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0"); size < strlen(text);
         size++) {
        struct tb_trace *const trace = read_bytes(text, size, &selector);
        uint64_t calls = 0;
        for (size_t i = 0; i < 4; i++)
            calls += size >= (size_t)(strstr(text, whole[i]) - text) + strlen("<0.1>");
        assert_int_equal(trace->sequences[0].calls, calls);
        const bool end_of_line = text[size - 1] == '\n' || text[size] == '\n';
        if (!end_of_line)
            assert_int_equal(trace->account.damage, TB_DAMAGE_TRUNCATED);
        if (text[size - 1] == '\n')
            assert_int_equal(trace->account.damage, TB_DAMAGE_NONE);
        tb_trace_free(trace);
    }
}

static void test_what_is_no_text_of_strace(void **state)
{
    static const char *const texts[] = {"f(x) = 1\n", "Hello\n10 1.1 getpid() = 10 <0.1>\n",
                                        "10 1.1 --- SIGHUP {} ---\n"};
    static const struct tb_trace_request nothing = {.selector_count = 0};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct tb_source *const source = open_text(texts[i]);
        struct tb_trace *trace;
        struct tb_error error;
        assert_int_equal(tb_trace_read(source, &nothing, &trace, &error), TB_UNSUPPORTED);
        assert_non_null(strstr(error.text, "nor is it a text of strace"));
        tb_source_close(source);
    }
}

/* Threads and pieces make no difference to what cannot be cut. */
static void test_split_reading_is_the_same(void **state)
{
    static const unsigned orders[] = {1};
    static const struct tb_process_selector selector = {.name = "x", .pid = -1};
    static const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 1};
    const struct tb_split split = {.threads = 3, .ahead = 9, .gap = 64, .chunk_most = 1024, .warm_up = 16};
    char text[4096] = "10 1.0 execve(\"/usr/bin/x\", [\"x\"], 0x7ffc /* 9 vars */) = 0 <0.1>\n";
    (void)state;
    while (strlen(text) + 64 < sizeof text)
        strcat(text, "10 1.1 getpid() = 10 <0.1>\n10 1.2 close(3) = -1 EBADF (Bad file descriptor) <0.1>\n");
    struct tb_trace *const alone = read_text(text, "x");
    struct tb_source *const source = open_text(text);
    struct tb_trace *trace;
    assert_int_equal(tb_trace_read_split(source, &request, &split, NULL, &trace, NULL), TB_OK);
    assert_int_equal(trace->sequences[0].calls, alone->sequences[0].calls);
    assert_int_equal(trace->sequences[0].transitions[0].total, alone->sequences[0].transitions[0].total);
    assert_true(tb_account_balances(&trace->account));
    tb_source_close(source);
    tb_trace_free(trace);
    tb_trace_free(alone);
}

enum { PROCESSES = 3, NAME_SIZE = 64 };

static void write_file(const char *path, const char *text)
{
    FILE *const file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

/* A process, a thread of it, and its child: each has a file of its own. */
static void test_a_file_for_each_process(void **state)
{
    static const char *const texts[PROCESSES] = {
        "1700000000.000001 execve(\"/usr/bin/web\", [\"web\"], 0x7ffc /* 9 vars */) = 0 <0.000400>\n"
        "1700000000.100000 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, parent_tid=[11]) = 11 "
        "<0.000100>\n"
        "1700000000.300000 fork() = 102 <0.000100>\n"
        "1700000000.500000 exit_group(0)   = ?\n"
        "1700000000.600000 +++ exited with 0 +++\n",
        "1700000000.200000 read(3, \"a\", 7) = 1 <0.000100>\n"
        "1700000000.400000 write(1, \"x\", 1) = 1",
        "1700000000.350000 getpid() = 102 <0.000100>\n"
        "1700000000.340000 getppid() = 10 <0.000100>\n"};
    static const char *const endings[PROCESSES] = {"10", "11", "102"};
    static const unsigned orders[] = {1};
    const struct tb_process_selector selector = {.name = "web", .pid = -1};
    const struct tb_trace_request request = {
        .selectors = &selector, .selector_count = 1, .orders = orders, .order_count = 1};
    char directory[] = "/tmp/strace.XXXXXX", paths[PROCESSES][NAME_SIZE];
    const char *list[PROCESSES];
    struct tb_source *source;
    struct tb_trace *trace;
    struct tb_error error;
    (void)state;
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < PROCESSES; i++) {
        snprintf(paths[i], NAME_SIZE, "%s/web.%s", directory, endings[i]);
        list[i] = paths[i];
        write_file(paths[i], texts[i]);
    }
    assert_int_equal(tb_trace_open_files(list, PROCESSES, &source, NULL), TB_OK);
    assert_int_equal(tb_trace_read(source, &request, &trace, NULL), TB_OK);
    tb_source_close(source);
    assert_true(tb_account_balances(&trace->account));
    assert_int_equal(trace->account.damage, TB_DAMAGE_CORRUPT);
    assert_non_null(strstr(trace->account.reason, "1 lines are cut"));
    assert_int_equal(trace->backward_lines, 1);
    const struct tb_sequence *const sequence = &trace->sequences[0];
    assert_int_equal(sequence->thread_count, 3);
    assert_int_equal(calls_of(sequence, "read"), 1);
    assert_int_equal(calls_of(sequence, "write"), 0);
    assert_int_equal(calls_of(sequence, "getppid"), 1);
    assert_int_equal(count_of(&sequence->transitions[0], "getpid>getppid"), 1);
    tb_trace_free(trace);
    write_file(paths[2], "getpid() = 102 <0.000100>\n");
    assert_int_equal(tb_trace_open_files(list, PROCESSES, &source, &error), TB_UNSUPPORTED);
    assert_non_null(strstr(error.text, "web.102: its first line has no time"));
    list[1] = "/tmp/web";
    assert_int_equal(tb_trace_open_files(list, PROCESSES, &source, &error), TB_UNSUPPORTED);
    assert_non_null(strstr(error.text, "/tmp/web: its name does not end with a process id"));
    for (size_t i = 0; i < PROCESSES; i++)
        unlink(paths[i]);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_that_go_on),
        cmocka_unit_test(test_results_of_calls),
        cmocka_unit_test(test_descriptors_by_calls),
        cmocka_unit_test(test_descriptors_by_description),
        cmocka_unit_test(test_children_that_are_faster),
        cmocka_unit_test(test_execve_of_a_thread),
        cmocka_unit_test(test_who_is_who),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_a_file_for_each_process),
        cmocka_unit_test(test_what_is_no_text_of_strace),
        cmocka_unit_test(test_split_reading_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
