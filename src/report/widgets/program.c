/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 8, NOT_STARTED = 127 };

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* --- what a program may do --- */

/* The machine whose numbers of system calls these are; a kernel may know those of others, too. */
#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#ifdef MACHINE
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSE(why) ANSWER(SECCOMP_RET_ERRNO | (why))
#define UNLESS_CALL(number, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, (skipped))
/* Flags of a call, of which argument 0 is the first: the lower half of it, as the machines are little-endian. */
#define REFUSE_WITH(number, argument, flags, why)                                                                      \
    UNLESS_CALL(number, 4), LOAD(args[argument]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (flags), 0, 1), REFUSE(why),    \
        ANSWER(SECCOMP_RET_ALLOW)
#define REFUSE_WITHOUT(number, argument, flags, why)                                                                   \
    UNLESS_CALL(number, 4), LOAD(args[argument]), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (flags), 1, 0), REFUSE(why),    \
        ANSWER(SECCOMP_RET_ALLOW)

/* gnuplot has commands that start a shell and write files. No text of a results file enters its script; but should one ever
 * do, nothing comes of it: the kernel refuses new processes, though not threads, and files that are opened for writing.
 * The calls without flags to look at are refused as unknown, so that the C library takes the older ones. */
static struct sock_filter rules[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
    REFUSE(EPERM),
    LOAD(nr),
#ifdef SYS_fork
    UNLESS_CALL(SYS_fork, 1),
    REFUSE(EPERM),
    UNLESS_CALL(SYS_vfork, 1),
    REFUSE(EPERM),
    UNLESS_CALL(SYS_creat, 1),
    REFUSE(EPERM),
    REFUSE_WITH(SYS_open, 1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, EPERM),
#endif
    UNLESS_CALL(SYS_clone3, 1),
    REFUSE(ENOSYS),
    UNLESS_CALL(SYS_openat2, 1),
    REFUSE(ENOSYS),
    REFUSE_WITHOUT(SYS_clone, 0, CLONE_THREAD, EPERM),
    REFUSE_WITH(SYS_openat, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, EPERM),
    ANSWER(SECCOMP_RET_ALLOW),
};

/* From now on; where the kernel knows no such rules, as before. */
static void take_rules(void)
{
    const struct sock_fprog program = {.len = sizeof rules / sizeof rules[0], .filter = rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static void take_rules(void)
{
}
#endif

/* --- a program --- */

/* In the child, which never comes back. No shell takes part. */
static void become(const char *program, const char *const *arguments, int input, int output)
{
    char *words[MOST_ARGUMENTS + 2] = {word(program)};
    for (size_t i = 0; i < MOST_ARGUMENTS && arguments[i] != NULL; i++)
        words[i + 1] = word(arguments[i]);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(nowhere, STDERR_FILENO) >= 0) {
        take_rules();
        execvp(program, words);
    }
    _exit(NOT_STARTED);
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum tb_status read_all(FILE *file, char **output, size_t *size, struct tb_error *error)
{
    if (fseek(file, 0, SEEK_END) != 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot read what a program drew: %s", strerror(errno));
    long length = ftell(file);
    rewind(file);
    if (length < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot read what a program drew: %s", strerror(errno));
    *output = malloc((size_t)length + 1);
    if (*output == NULL)
        return tb_error_memory(error, "drawings");
    *size = fread(*output, 1, (size_t)length, file);
    (*output)[*size] = '\0';
    return TB_OK;
}

static const char *base_name(const char *program)
{
    const char *slash = strrchr(program, '/');
    return slash == NULL ? program : slash + 1;
}

enum tb_status tb_program_run(const char *program, const char *const *arguments, FILE *input, char **output,
                              size_t *size, char *reason, size_t reason_size, struct tb_error *error)
{
    *output = NULL;
    *size = 0;
    reason[0] = '\0';
    FILE *drawings = tmpfile();
    if (drawings == NULL || fflush(input) != 0 || lseek(fileno(input), 0, SEEK_SET) != 0) {
        if (drawings != NULL)
            fclose(drawings);
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot make temporary files for %s: %s", base_name(program),
                            strerror(errno));
    }
    enum tb_status status = TB_OK;
    const pid_t child = fork();
    if (child == 0)
        become(program, arguments, fileno(input), fileno(drawings));
    const int ended = child < 0 ? NOT_STARTED : wait_for(child);
    if (ended == NOT_STARTED) {
        snprintf(reason, reason_size, "%s is not installed, or could not be started", base_name(program));
    } else {
        if (ended != 0)
            snprintf(reason, reason_size, "%s failed", base_name(program));
        status = read_all(drawings, output, size, error);
    }
    fclose(drawings);
    return status;
}
