/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 8 };

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* Starts the program between two open files; no shell takes part. 0 or an errno. */
static int start(const char *program, const char *const *arguments, int input, int output, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem != 0)
        return problem;
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    /* posix_spawn declares its arguments without const, and does not change them. */
    char *words[MOST_ARGUMENTS + 2] = {word(program)};
    for (size_t i = 0; i < MOST_ARGUMENTS && arguments[i] != NULL; i++)
        words[i + 1] = word(arguments[i]);
    problem = posix_spawnp(child, program, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return problem;
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
    pid_t child = 0;
    enum tb_status status = TB_OK;
    if (start(program, arguments, fileno(input), fileno(drawings), &child) != 0) {
        snprintf(reason, reason_size, "%s is not installed, or could not be started", base_name(program));
    } else {
        if (wait_for(child) != 0)
            snprintf(reason, reason_size, "%s failed", base_name(program));
        status = read_all(drawings, output, size, error);
    }
    fclose(drawings);
    return status;
}
