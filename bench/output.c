/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool output_open(struct output *output, const char *path)
{
    *output = (struct output){.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (output->file < 0) {
        output->failure = errno;
        return false;
    }
    output->buffer = malloc(OUTPUT_BUFFER);
    if (output->buffer != NULL)
        return true;
    output->failure = ENOMEM;
    close(output->file);
    return false;
}

void output_flush(struct output *output)
{
    for (size_t done = 0; done < output->used && output->failure == 0;) {
        const ssize_t count = write(output->file, output->buffer + done, output->used - done);
        if (count >= 0)
            done += (size_t)count;
        else if (errno != EINTR)
            output->failure = errno;
    }
    output->bytes += output->used;
    output->used = 0;
}

bool output_close(struct output *output)
{
    output_flush(output);
    if (close(output->file) != 0 && output->failure == 0)
        output->failure = errno;
    free(output->buffer);
    output->buffer = NULL;
    return output->failure == 0;
}
