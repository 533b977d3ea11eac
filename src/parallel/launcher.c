/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the environment of mpirun, srun and others: by which variables they make themselves known,
 * and how many ranks they promise. */
#include "launcher.h"

#include <errno.h>
#include <link.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi_check.h"
#include "twinbed/base/log.h"
#include "twinbed/parallel/team.h"

static bool is_set(const char *name)
{
    return getenv(name) != NULL;
}

/* A positive decimal number in the environment, else 0. */
static int number_of(const char *name)
{
    const char *text = getenv(name);
    if (text == NULL || *text == '\0')
        return 0;
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < 1 || value > 1 << 30)
        return 0;
    return (int)value;
}

bool tb_launcher_present(void)
{
    static const char *const marks[] = {
        "OMPI_COMM_WORLD_SIZE", "PMIX_NAMESPACE",     "PMIX_RANK",       "PMI_SIZE", "PMI_RANK", "PMI_FD",
        "FLUX_TASK_RANK",       "JSM_NAMESPACE_SIZE", "MPI_LOCALRANKID",
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (is_set(marks[i]))
            return true;
    /* A batch script has SLURM_NTASKS too, but no step. */
    return is_set("SLURM_STEP_ID") && (is_set("SLURM_STEP_NUM_TASKS") || is_set("SLURM_NTASKS"));
}

int tb_launcher_promise(void)
{
    /* The nearest launcher first: mpirun inside a Slurm job starts its daemons as
     * a step, whose number of tasks says nothing about our ranks. */
    static const char *const direct[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "JSM_NAMESPACE_SIZE"};
    for (size_t i = 0; i < sizeof direct / sizeof direct[0]; i++)
        if (is_set(direct[i]))
            return number_of(direct[i]);
    if (!is_set("SLURM_STEP_ID"))
        return 0;
    return number_of(is_set("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS");
}

void tb_launcher_prepare_alone(void)
{
    /* Open MPI would otherwise start a daemon and look for fast networks: 0.3 s
     * instead of 0.02 s. Other MPI libraries ignore these. */
    static const char *const settings[][2] = {
        {"OMPI_MCA_ess_singleton_isolated", "1"},
        {"OMPI_MCA_pml", "ob1"},
        {"OMPI_MCA_btl", "self"},
        {"OMPI_MCA_mtl", "^ofi"},
        /* All lone processes of a user would share the top of the session directory: one that ends removes it while another
         * that starts makes its own below. Nobody looks for what a lone process would leave there. */
        {"OMPI_MCA_orte_create_session_dirs", "0"},
        /* Shared file pointers would need one; they are not used. */
        {"OMPI_MCA_sharedfp", "^sm"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        setenv(settings[i][0], settings[i][1], 0);
}

enum tb_status tb_launcher_check_promise(int promised, int shown, struct tb_error *error)
{
    if (promised <= shown)
        return TB_OK;
    return tb_error_set(error, TB_USAGE,
                        "the launcher promised %d ranks but MPI shows %d: start with a plugin that this MPI "
                        "library understands (srun --mpi=pmix or --mpi=pmi2; srun --mpi=list names them) or with "
                        "mpirun of the same MPI library",
                        promised, shown);
}

/* A note is three words (sizes of name and content, kind), then name and content, each filled up to words. */
static void look_at_notes(const unsigned char *notes, size_t size, unsigned char *id)
{
    ElfW(Nhdr) head;
    for (size_t at = 0; at + sizeof head <= size;) {
        memcpy(&head, notes + at, sizeof head);
        const size_t name = at + sizeof head, content = name + (((size_t)head.n_namesz + 3) & ~(size_t)3);
        if (content > size || head.n_descsz > size - content)
            return;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 && memcmp(notes + name, "GNU", 4) == 0)
            memcpy(id, notes + content, head.n_descsz < TB_BUILD_ID_SIZE ? head.n_descsz : TB_BUILD_ID_SIZE);
        at = content + (((size_t)head.n_descsz + 3) & ~(size_t)3);
    }
}

/* The program comes first, and no library after it is looked at. */
static int look_at_program(struct dl_phdr_info *program, size_t size, void *id)
{
    (void)size;
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *const part = &program->dlpi_phdr[i];
        if (part->p_type == PT_NOTE)
            look_at_notes((const unsigned char *)(uintptr_t)(program->dlpi_addr + part->p_vaddr), part->p_memsz, id);
    }
    return 1;
}

void tb_launcher_build_id(unsigned char id[TB_BUILD_ID_SIZE])
{
    memset(id, 0, TB_BUILD_ID_SIZE);
    dl_iterate_phdr(look_at_program, id);
}

const char *tb_parallel_build(char text[TB_BUILD_TEXT_SIZE])
{
    unsigned char id[TB_BUILD_ID_SIZE];
    bool any = false;
    tb_launcher_build_id(id);
    for (size_t i = 0; i < sizeof id; i++) {
        snprintf(text + 2 * i, 3, "%02x", id[i]);
        any = any || id[i] != 0;
    }
    if (!any)
        text[0] = '\0';
    return text;
}

/* Threads beyond the CPUs that this rank, or all ranks of its node together, may use. */
static enum tb_status count_crowd(MPI_Comm node, int threads, int *crowd, struct tb_error *error)
{
    cpu_set_t own, all;
    CPU_ZERO(&own);
    /* Fails on machines of more CPUs than the mask has bits: no reason to warn. */
    const bool known = sched_getaffinity(0, sizeof own, &own) == 0;
    int counts[2] = {threads, known ? 0 : 1};
    enum tb_status status =
        tb_mpi_check(MPI_Allreduce(MPI_IN_PLACE, counts, 2, MPI_INT, MPI_SUM, node), "counting threads", error);
    if (status != TB_OK)
        return status;
    status = tb_mpi_check(MPI_Allreduce(&own, &all, (int)sizeof own, MPI_BYTE, MPI_BOR, node), "counting CPUs", error);
    if (status != TB_OK)
        return status;
    const int alone = threads - CPU_COUNT(&own);
    const int together = counts[0] - CPU_COUNT(&all);
    *crowd = counts[1] > 0 ? 0 : alone > together ? alone : together;
    return TB_OK;
}

enum tb_status tb_launcher_look_at_node(MPI_Comm communicator, int threads, int *ranks, struct tb_error *error)
{
    MPI_Comm node;
    enum tb_status status =
        tb_mpi_check(MPI_Comm_split_type(communicator, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node),
                     "finding the ranks of a node", error);
    if (status != TB_OK)
        return status;
    int crowd = 0;
    MPI_Comm_size(node, ranks);
    status = count_crowd(node, threads, &crowd, error);
    const int freed = MPI_Comm_free(&node);
    if (status != TB_OK)
        return status;
    status = tb_mpi_check(freed, "freeing a communicator", error);
    if (status != TB_OK)
        return status;
    int worst = 0, rank = 0;
    status = tb_mpi_check(MPI_Allreduce(&crowd, &worst, 1, MPI_INT, MPI_MAX, communicator), "counting CPUs", error);
    if (status != TB_OK)
        return status;
    MPI_Comm_rank(communicator, &rank);
    if (worst > 0 && rank == 0)
        tb_log_warning("a node has %d more threads than CPUs to run them: lower OMP_NUM_THREADS, or give each rank "
                       "CPUs for its threads (mpirun --map-by slot:PE=$OMP_NUM_THREADS, srun --cpus-per-task)",
                       worst);
    return TB_OK;
}
