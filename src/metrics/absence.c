/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "twinbed/metrics/absence.h"

static const struct {
    const char *name;
    const char *sentence;
    bool fault;
} absences[TB_ABSENCES] = {
    [TB_PRESENT] = {"present", "it has a value"},
    [TB_ABSENT_DISCARDED] = {"discarded", "the run is discarded"},
    [TB_ABSENT_UNDECLARED] = {"undeclared", "the campaign file names no such artifact"},
    [TB_ABSENT_UNRECORDED] = {"not_recorded", "no run of the cell has the artifact"},
    [TB_ABSENT_MISSING] = {"missing", "the artifact is missing, though other runs of the cell have one", true},
    [TB_ABSENT_DAMAGED] = {"damaged", "the artifact is damaged", true},
    [TB_ABSENT_WITHDRAWN] = {"withdrawn", "the artifact is whole but not trusted", true},
    [TB_ABSENT_ARTIFACT] = {"artifact", "the artifact it stands on cannot be used", true},
    [TB_ABSENT_WORK] = {"no_work", "completed units of work are not known, or none was completed", true},
    [TB_ABSENT_PORT] = {"no_port", "the server port is not known", true},
    [TB_ABSENT_UNSTATED] = {"not_stated", "it does not say so"},
    [TB_ABSENT_OCCURRENCE] = {"no_occurrence", "nothing occurred that it could be measured on"},
    [TB_ABSENT_REQUESTS] = {"no_requests", "no HTTP request can be read in the capture"},
    [TB_ABSENT_ENTERS] = {"no_enters", "no enter events of its calls were recorded"},
    [TB_ABSENT_SWITCHES] = {"no_switches", "no context switches were recorded"},
    [TB_ABSENT_DESCRIPTOR] = {"unknown_descriptors", "too many calls are on descriptors of unknown kind", true},
    [TB_ABSENT_DIRECTION] = {"no_direction",
                             "latency sessions of one direction are missing, or which way they go is not known", true},
    [TB_ABSENT_SESSIONS] = {"no_sessions", "too few latency sessions have it", true},
    [TB_ABSENT_FAILURES] = {"failures", "too many requests of the run failed", true},
    [TB_ABSENT_LOAD] = {"no_load", "too few test packets were captured under load"},
    [TB_ABSENT_OTHER_END] = {"no_other_end", "there is no usable capture at the other end"},
    [TB_ABSENT_WALK] = {"no_walk", "its sequence has no walk on a chain of another run of the baseline"},
    [TB_ABSENT_WINDOW] = {"short_sequence", "its sequence is shorter than the window of walks"},
    [TB_ABSENT_OTHER_RUN] = {"no_other_run", "no other run of the baseline has a chain"},
    [TB_ABSENT_ONE_WAY] = {"one_way", "the capture holds packets of one direction only", true},
    [TB_ABSENT_CALLS] = {"no_calls", "no call of the kind that is counted was recorded", true},
};

const char *tb_absence_name(enum tb_absence absence)
{
    return absences[absence].name;
}

bool tb_absence_is_fault(enum tb_absence absence)
{
    return absences[absence].fault;
}

const char *tb_absence_sentence(enum tb_absence absence)
{
    return absences[absence].sentence;
}
