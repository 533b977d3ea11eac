#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Messages of commits tell why: "Area: what is", an empty line, and a body that begins with the problem. Only commits that
# move files and change nothing but lists of CMake need no body. No commit is work in progress.
#
#   check_messages.sh ROOT              the last commit, or those that the last merge brought; skipped (77) outside git
#   check_messages.sh --message FILE    the commit that is being made, for the hook commit-msg
set -euo pipefail
bad=0

fault() {
    printf '%s: %s\n' "$1" "$2"
    bad=1
}

# Whether a listing of git diff --raw has only renames and lists of CMake, and is not empty.
only_moves() {
    local fields path moved=1
    while IFS=$'\t' read -r fields path; do
        case ${fields##* } in
        R*) moved=0 ;;
        *) [[ $path == *CMakeLists.txt ]] || return 1 ;;
        esac
    done
    return "$moved"
}

# check_message NAME NEEDS_BODY, the message on standard input
check_message() {
    local name=$1 needs_body=$2 text subject
    text=$(git stripspace --strip-comments)
    subject=${text%%$'\n'*}
    name="$name \"$subject\""
    if [[ $subject =~ ^(Merge|Revert)\  ]]; then
        return
    fi
    [[ $subject =~ ^[A-Z][^:]*:\ . ]] || fault "$name" "the subject does not begin with its area, as in \"Captures: ...\""
    [ ${#subject} -le 72 ] || fault "$name" "the subject has ${#subject} characters; at most 72 may be"
    [[ ! ${text,,} =~ (^|[^a-z])(wip|fixup!|squash!)([^a-z]|$) ]] || fault "$name" "it calls itself work in progress"
    if [ "$subject" = "$text" ]; then
        ! $needs_body || fault "$name" "it has no body that says why"
    elif [[ ${text#*$'\n'} != $'\n'* ]]; then
        fault "$name" "no empty line follows the subject"
    fi
}

if [ "$1" = --message ]; then
    needs_body=true
    if git diff --cached --raw -M | only_moves; then
        needs_body=false
    fi
    check_message "this commit" "$needs_body" <"$2"
    exit "$bad"
fi

cd "$1"
if [ "$(git rev-parse --show-toplevel 2>/dev/null)" != "$(pwd -P)" ]; then
    echo "skipped: no repository of git"
    exit 77
fi
commits=(HEAD)
if git rev-parse --quiet --verify 'HEAD^1' >/dev/null; then
    mapfile -t commits < <(git rev-list --no-merges 'HEAD^1..HEAD')
fi
for commit in "${commits[@]}"; do
    needs_body=true
    # Where a shallow clone ends nobody can tell what was moved.
    if ! git rev-parse --quiet --verify "$commit^1" >/dev/null || git diff --raw -M "$commit^1" "$commit" | only_moves; then
        needs_body=false
    fi
    check_message "$(git rev-parse --short "$commit")" "$needs_body" < <(git log -1 --format=%B "$commit")
done
echo "${#commits[@]} messages read"
exit "$bad"
