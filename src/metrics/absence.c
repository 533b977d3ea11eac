/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a metric has no value, in words: for people a sentence, for programs a name. */
#include "twinbed/metrics/absence.h"

static const struct {
    const char *sentence;
    bool fault;
} absences[TB_ABSENCES] = {
    [TB_PRESENT] = {"it has a value"},
    [TB_ABSENT_DISCARDED] = {"the run is discarded"},
    [TB_ABSENT_UNDECLARED] = {"the campaign file names no such artifact"},
    [TB_ABSENT_UNRECORDED] = {"no run of the cell has the artifact"},
    [TB_ABSENT_MISSING] = {"the artifact is missing, though other runs of the cell have one", true},
    [TB_ABSENT_DAMAGED] = {"the artifact is damaged", true},
    [TB_ABSENT_WITHDRAWN] = {"the artifact is whole but not trusted", true},
    [TB_ABSENT_ARTIFACT] = {"the artifact it stands on cannot be used", true},
    [TB_ABSENT_WORK] = {"completed units of work are not known, or none was completed", true},
    [TB_ABSENT_PORT] = {"the server port is not known", true},
    [TB_ABSENT_UNSTATED] = {"it does not say so"},
    [TB_ABSENT_OCCURRENCE] = {"nothing occurred that it could be measured on"},
    [TB_ABSENT_REQUESTS] = {"no HTTP request can be read in the capture"},
    [TB_ABSENT_ENTERS] = {"no enter events of its calls were recorded"},
    [TB_ABSENT_SWITCHES] = {"no context switches were recorded"},
    [TB_ABSENT_DESCRIPTOR] = {"too many calls are on descriptors of unknown kind", true},
    [TB_ABSENT_DIRECTION] = {"latency sessions of one direction are missing", true},
    [TB_ABSENT_SESSIONS] = {"too few latency sessions have it", true},
    [TB_ABSENT_FAILURES] = {"too many requests of the run failed", true},
    [TB_ABSENT_LOAD] = {"too few test packets were captured under load"},
    [TB_ABSENT_OTHER_END] = {"there is no usable capture at the other end"},
    [TB_ABSENT_WALK] = {"its sequence has no walk on a chain of another run of the baseline"},
    [TB_ABSENT_WINDOW] = {"its sequence is shorter than the window of walks"},
    [TB_ABSENT_OTHER_RUN] = {"no other run of the baseline has a chain"},
    [TB_ABSENT_ONE_WAY] = {"the capture holds packets of one direction only", true},
    [TB_ABSENT_CALLS] = {"no call of the kind that is counted was recorded", true},
    [TB_ABSENT_PAIRS] = {"the run has not the pairs that other runs of its cell have", true},
    [TB_ABSENT_ENDS] = {"no latency session has the server at one of its ends alone: which way they go is not known",
                        true},
    [TB_ABSENT_NUMBER] = {"no number stands where the campaign file says", true},
    [TB_ABSENT_PORTS] = {"it does not tell on which port some connections are"},
};

const char *tb_absence_name(enum tb_absence absence)
{
    static const char *const names[TB_ABSENCES] = {TB_ABSENCE_WORDS(TB_WORD_NAME)};
    return names[absence];
}

bool tb_absence_is_fault(enum tb_absence absence)
{
    return absences[absence].fault;
}

const char *tb_absence_sentence(enum tb_absence absence)
{
    return absences[absence].sentence;
}
