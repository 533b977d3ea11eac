/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reseal FILE...: gives files that were changed a right last line. The old one, where it is still there, goes away. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "results/seal.h"

static void remove_seal(const char *path)
{
    char line[TB_SEAL_SIZE] = "";
    struct stat found;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return;
    const bool read = fstat(fileno(file), &found) == 0 && fseeko(file, -(off_t)TB_SEAL_SIZE, SEEK_END) == 0 &&
                      fread(line, 1, sizeof line, file) == sizeof line;
    fclose(file);
    if (read && memcmp(line, "\ntwinbed results ", 17) == 0 && truncate(path, found.st_size - TB_SEAL_SIZE) != 0)
        perror(path);
}

int main(int argc, char **argv)
{
    struct tb_error error;
    for (int i = 1; i < argc; i++) {
        remove_seal(argv[i]);
        if (tb_seal_write(argv[i], &error) != TB_OK) {
            fprintf(stderr, "%s\n", error.text);
            return 1;
        }
    }
    return argc < 2;
}
