/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strace_line.h"

#include <string.h>

#include "error_names.h"

/* What is left of a line. */
struct rest {
    const uint8_t *at;
    const uint8_t *end;
};

enum { NS = 1000000000, TID_DIGITS = 8 };

/* Of times that fit. */
static const uint64_t SECONDS_MOST = INT64_MAX / NS;

static bool is_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10;
}

static bool is_name(uint8_t byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || is_digit(byte) || byte == '_' || byte == '?';
}

static bool begins(const struct rest *rest, const char *text)
{
    const size_t size = strlen(text);
    return (size_t)(rest->end - rest->at) >= size && memcmp(rest->at, text, size) == 0;
}

static bool ends(const struct rest *rest, const char *text)
{
    const size_t size = strlen(text);
    return (size_t)(rest->end - rest->at) >= size && memcmp(rest->end - size, text, size) == 0;
}

static bool take(struct rest *rest, const char *text)
{
    if (!begins(rest, text))
        return false;
    rest->at += strlen(text);
    return true;
}

static void skip_spaces(struct rest *rest)
{
    while (rest->at < rest->end && *rest->at == ' ')
        rest->at++;
}

/* Digits of a base up to 16; how many. A number that does not fit is none. */
static size_t take_digits(struct rest *rest, unsigned base, uint64_t *value)
{
    const uint8_t *const start = rest->at;
    bool fits = true;
    *value = 0;
    for (; rest->at < rest->end; rest->at++) {
        const unsigned letter = (unsigned)(*rest->at | 0x20) - 'a';
        const unsigned digit = is_digit(*rest->at) ? *rest->at - (unsigned)'0' : letter < 6 ? letter + 10 : base;
        if (digit >= base)
            break;
        fits = fits && !__builtin_mul_overflow(*value, base, value) && !__builtin_add_overflow(*value, digit, value);
    }
    return fits ? (size_t)(rest->at - start) : 0;
}

/* ".123456", if it is there, in ns. */
static uint64_t take_fraction(struct rest *rest)
{
    uint64_t ns = 0, unit = NS / 10;
    if (rest->at == rest->end || *rest->at != '.')
        return 0;
    for (rest->at++; rest->at < rest->end && is_digit(*rest->at); rest->at++, unit /= 10)
        ns += unit * (uint64_t)(*rest->at - '0');
    return ns;
}

/* Behind the text in quotes that begins at data. */
static const uint8_t *skip_quoted(const uint8_t *data, const uint8_t *end)
{
    for (data++; data < end; data++) {
        if (*data == '\\')
            data++;
        else if (*data == '"')
            return data + 1;
    }
    return end;
}

/* "</path>" (strace escapes brackets in it), "<TCP:[1.2.3.4:5->6.7.8.9:10]>", "</dev/null<char 1:3>>", "<UNIX-STREAM:[1->2,
 * "/path"]>". */
const uint8_t *tb_strace_skip_description(const uint8_t *data, const uint8_t *end)
{
    const bool path = end - data > 1 && data[1] == '/';
    unsigned depth = 0;
    while (data < end) {
        if (*data == '"') {
            data = skip_quoted(data, end);
            continue;
        }
        if (*data == '\\')
            data++;
        else if (*data == '<')
            depth++;
        else if (*data == '>' && (path || data[-1] != '-') && --depth == 0)
            return data + 1;
        data++;
    }
    return end;
}

/* A description stands right behind a number or a name; "1<<2" is none, nor is " <unfinished ...>". */
static bool begins_description(const uint8_t *start, const uint8_t *at, const uint8_t *end)
{
    return at > start && is_name(at[-1]) && at + 1 < end && at[1] != '<';
}

/* Whether " = " follows, which strace fills up with spaces. */
static bool outcome_follows(struct rest rest)
{
    const uint8_t *const start = rest.at;
    skip_spaces(&rest);
    return rest.at > start && begins(&rest, "= ");
}

/* Moves to the parenthesis that ends the arguments; false without one. */
static bool find_end_of_arguments(struct rest *rest)
{
    const uint8_t *const start = rest->at;
    while (rest->at < rest->end) {
        const uint8_t byte = *rest->at;
        if (byte == '"') {
            rest->at = skip_quoted(rest->at, rest->end);
        } else if (byte == '<' && begins_description(start, rest->at, rest->end)) {
            rest->at = tb_strace_skip_description(rest->at, rest->end);
        } else if (byte == ')' && outcome_follows((struct rest){rest->at + 1, rest->end})) {
            return true;
        } else {
            rest->at += byte == '<' && rest->end - rest->at > 1 && rest->at[1] == '<' ? 2 : 1;
        }
    }
    return false;
}

/* Takes " <0.000123>" off the end. */
static void take_duration(struct rest *rest, struct strace_line *line)
{
    const uint8_t *at = rest->end;
    if (at == rest->at || at[-1] != '>')
        return;
    for (at--; at > rest->at && (is_digit(at[-1]) || at[-1] == '.'); at--)
        ;
    if (at - rest->at < 2 || at[-1] != '<' || at[-2] != ' ')
        return;
    struct rest number = {at, rest->end - 1};
    uint64_t seconds;
    if (take_digits(&number, 10, &seconds) == 0 || seconds > SECONDS_MOST)
        return;
    line->duration = seconds * NS + take_fraction(&number);
    line->measured = true;
    rest->end = at - 2;
}

/* "ENOENT (No such file or directory)", "(errno 530)", or nothing that is known: then the number stands. */
static int64_t take_error(struct rest *rest, int64_t otherwise)
{
    uint64_t number;
    skip_spaces(rest);
    if (take(rest, "(errno ") && take_digits(rest, 10, &number) > 0)
        return -(int64_t)(number & INT32_MAX);
    const uint8_t *const name = rest->at;
    while (rest->at < rest->end && is_name(*rest->at))
        rest->at++;
    const int64_t found = tb_error_number(name, (size_t)(rest->at - name));
    return found == 0 ? otherwise : -found;
}

/* False when no result stands there. */
static bool take_result(struct rest *rest, struct strace_line *line)
{
    uint64_t value;
    if (take(rest, "?")) {
        line->result = take_error(rest, 0);
        line->has_result = line->result != 0;
        return true;
    }
    const bool negative = take(rest, "-");
    const unsigned base = take(rest, "0x") ? 16 : 10;
    if (take_digits(rest, base, &value) == 0)
        return false;
    line->result = negative ? -(int64_t)(value & INT64_MAX) : (int64_t)value;
    line->has_result = true;
    if (line->result == -1)
        line->result = take_error(rest, -1);
    return true;
}

/* From behind the parenthesis, or behind "resumed>", to the end of the line. */
static bool take_rest_of_call(struct rest *rest, struct strace_line *line)
{
    const uint8_t *const arguments = rest->at;
    if (!find_end_of_arguments(rest))
        return false;
    line->arguments = (struct scap_text){arguments, (size_t)(rest->at - arguments)};
    rest->at++;
    skip_spaces(rest);
    rest->at += 2; /* "= " */
    take_duration(rest, line);
    line->outcome = (struct scap_text){rest->at, (size_t)(rest->end - rest->at)};
    return take_result(rest, line);
}

static bool take_name(struct rest *rest, struct strace_line *line)
{
    const uint8_t *const name = rest->at;
    while (rest->at < rest->end && is_name(*rest->at))
        rest->at++;
    line->name = (struct scap_text){name, (size_t)(rest->at - name)};
    return line->name.size > 0;
}

/* How lines of calls end that go on later, or never. */
static bool take_off_unfinished(struct rest *rest)
{
    static const char *const marks[] = {"<unfinished ...>", "<detached ...>", " ...>"};
    const struct rest whole = *rest;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (!ends(rest, marks[i]))
            continue;
        rest->end -= strlen(marks[i]);
        if (i < 2)
            return true;
        const char changed[] = "<pid changed to ";
        while (rest->end > rest->at && is_digit(rest->end[-1]))
            rest->end--;
        if (ends(rest, changed)) {
            rest->end -= sizeof changed - 1;
            return true;
        }
    }
    *rest = whole;
    return false;
}

static enum strace_line_kind parse_call(struct rest *rest, struct strace_line *line)
{
    if (!take_name(rest, line) || !take(rest, "("))
        return STRACE_BROKEN;
    if (!take_off_unfinished(rest))
        return take_rest_of_call(rest, line) ? STRACE_CALL : STRACE_BROKEN;
    line->arguments = (struct scap_text){rest->at, (size_t)(rest->end - rest->at)};
    return STRACE_UNFINISHED;
}

static enum strace_line_kind parse_resumed(struct rest *rest, struct strace_line *line)
{
    if (!take_name(rest, line) || !take(rest, " resumed>") || !take_rest_of_call(rest, line))
        return STRACE_BROKEN;
    return STRACE_RESUMED;
}

static enum strace_line_kind parse_end(struct rest *rest, struct strace_line *line)
{
    uint64_t other;
    if (!ends(rest, " +++"))
        return STRACE_BROKEN;
    if (begins(rest, "exited ") || begins(rest, "killed "))
        return STRACE_LEAVE;
    if (!take(rest, "superseded by execve in pid ") || take_digits(rest, 10, &other) == 0)
        return STRACE_BROKEN;
    line->other = (int64_t)other;
    return STRACE_SUPERSEDED;
}

static enum strace_line_kind parse_rest(struct rest *rest, struct strace_line *line)
{
    static const char *const notes[] = {"strace: ", "Process ", "[ Process ", "> "};
    if (take(rest, "<... "))
        return parse_resumed(rest, line);
    if (take(rest, "+++ "))
        return parse_end(rest, line);
    if (begins(rest, "--- "))
        return ends(rest, " ---") ? STRACE_NOTE : STRACE_BROKEN;
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (begins(rest, notes[i]))
            return STRACE_NOTE;
    return rest->at == rest->end ? STRACE_NOTE : parse_call(rest, line);
}

/* "<name>" of a thread (-Y), and a comment about its number in another namespace. */
static void take_comm(struct rest *rest, struct strace_line *line)
{
    if (begins(rest, "<")) {
        const uint8_t *const start = rest->at;
        rest->at = tb_strace_skip_description(start, rest->end);
        if (rest->at - start > 2)
            line->comm = (struct scap_text){start + 1, (size_t)(rest->at - start) - 2};
    }
    if (!begins(rest, " /*"))
        return;
    const uint8_t *const comment = memmem(rest->at, (size_t)(rest->end - rest->at), "*/", 2);
    rest->at = comment == NULL ? rest->end : comment + 2;
}

/* "12:34:56" from behind its first number. */
static bool take_time_of_day(struct rest *rest, uint64_t hours, struct strace_line *line)
{
    uint64_t minutes, seconds;
    if (hours > 23 || !take(rest, ":") || take_digits(rest, 10, &minutes) != 2 || !take(rest, ":") ||
        take_digits(rest, 10, &seconds) != 2)
        return false;
    line->time = (hours * 3600 + minutes * 60 + seconds) * NS;
    line->of_day = true;
    return true;
}

/* A tid or a time, whichever it is; false for what is neither. */
static bool take_number(struct rest *rest, struct strace_line *line)
{
    uint64_t number;
    const size_t digits = take_digits(rest, 10, &number);
    if (digits == 0 || rest->at == rest->end)
        return false;
    if (digits <= TID_DIGITS && *rest->at != '.' && *rest->at != ':') {
        if (line->tid != 0 || line->timed)
            return false;
        line->tid = (int64_t)number;
        take_comm(rest, line);
        return number > 0 && (begins(rest, " ") || begins(rest, "]"));
    }
    if (number > SECONDS_MOST)
        return false;
    line->time = number * NS;
    if (line->timed || (*rest->at == ':' && !take_time_of_day(rest, number, line)))
        return false;
    line->time += take_fraction(rest);
    line->timed = true;
    return begins(rest, " ");
}

/* "[ 257] " of -n, "[00007f1fb2ad1a12] " of -i. */
static void skip_numbers_in_brackets(struct rest *rest)
{
    uint64_t ignored;
    struct rest inside = *rest;
    while (take(&inside, "[")) {
        skip_spaces(&inside);
        if (take_digits(&inside, 16, &ignored) == 0 || !take(&inside, "] "))
            return;
        *rest = inside;
    }
}

void tb_strace_line_parse(const uint8_t *data, size_t size, struct strace_line *line)
{
    struct rest rest = {data, data + size};
    *line = (struct strace_line){.kind = STRACE_BROKEN};
    if (size > 0 && rest.end[-1] == '\r')
        rest.end--;
    skip_spaces(&rest);
    const bool bracketed = take(&rest, "[pid ");
    skip_spaces(&rest);
    for (int i = 0; i < 2 && rest.at < rest.end && is_digit(*rest.at); i++) {
        if (!take_number(&rest, line))
            return;
        if (bracketed && i == 0 && !take(&rest, "]"))
            return;
        skip_spaces(&rest);
    }
    skip_numbers_in_brackets(&rest);
    line->kind = parse_rest(&rest, line);
}
