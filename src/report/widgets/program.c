/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Starts the program between two open files; no shell takes part. 0 or an errno. */
static int start(const char *program, int input, int output, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    int problem = posix_spawn_file_actions_init(&actions);
    if (problem != 0)
        return problem;
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    char name[] = "gnuplot";
    char defaults[] = "--default-settings";
    char *const arguments[] = {name, defaults, NULL};
    problem = posix_spawnp(child, program, &actions, NULL, arguments, environ);
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
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot read gnuplot's drawings: %s", strerror(errno));
    long length = ftell(file);
    rewind(file);
    if (length < 0)
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot read gnuplot's drawings: %s", strerror(errno));
    *output = malloc((size_t)length + 1);
    if (*output == NULL)
        return tb_error_memory(error, "gnuplot's drawings");
    *size = fread(*output, 1, (size_t)length, file);
    (*output)[*size] = '\0';
    return TB_OK;
}

enum tb_status tb_gnuplot_run(const char *program, FILE *script, char **output, size_t *size, char *reason,
                              size_t reason_size, struct tb_error *error)
{
    *output = NULL;
    *size = 0;
    reason[0] = '\0';
    FILE *drawings = tmpfile();
    if (drawings == NULL || fflush(script) != 0 || lseek(fileno(script), 0, SEEK_SET) != 0) {
        if (drawings != NULL)
            fclose(drawings);
        return tb_error_set(error, TB_INPUT_OUTPUT, "cannot make temporary files for gnuplot: %s", strerror(errno));
    }
    pid_t child = 0;
    enum tb_status status = TB_OK;
    if (start(program, fileno(script), fileno(drawings), &child) != 0) {
        snprintf(reason, reason_size, "gnuplot is not installed, or could not be started");
    } else {
        if (wait_for(child) != 0)
            snprintf(reason, reason_size, "gnuplot failed");
        status = read_all(drawings, output, size, error);
    }
    fclose(drawings);
    return status;
}
