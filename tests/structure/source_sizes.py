#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints how large the source is, room by room: files, lines, what part of them are comments, and the longest function.

source_sizes.py ROOT

Lines with a comment count as comments, the line that names the licence does not. A function begins where a line
outside of any other begins with no blank and ends in no semicolon, and its body where a line is "{"; it ends where a
line is "}": that is how the format of the source has it.
"""

import re
import sys
from pathlib import Path

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAME = re.compile(r"(\w+)\(")


def functions(lines):
    """(lines of the body, name) of each function."""
    name, begin = "", None
    for number, line in enumerate(lines):
        if begin is None and line[:1].isalpha() and NAME.search(line):
            name = NAME.search(line)[1]
        elif line == "{":
            begin = number
        elif line == "}" and begin is not None:
            yield number - begin - 1, name
            begin = None


def comment_lines(text):
    return sum(comment.count("\n") + 1 for comment in COMMENT.findall(text) if "SPDX" not in comment)


def room_of(path, root):
    parts = path.relative_to(root).parts
    return parts[1] if parts[0] == "src" else parts[2]


def main():
    root = Path(sys.argv[1])
    rooms = {}
    for folder in ("src", "include"):
        for path in sorted((root / folder).rglob("*.[ch]")) + sorted((root / folder).rglob("*.def")):
            rooms.setdefault(room_of(path, root), []).append(path.read_text(errors="replace"))
    rooms = {"all": [text for texts in rooms.values() for text in texts], **dict(sorted(rooms.items()))}
    print("| room | files | lines | comments | functions | half are below | 9 in 10 | longest |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for room, texts in rooms.items():
        lines = sum(text.count("\n") for text in texts)
        found = sorted(found for text in texts for found in functions(text.splitlines()))
        lengths = [length for length, _ in found]
        half, most = lengths[len(lengths) // 2] + 1, lengths[len(lengths) * 9 // 10] + 1
        comments = round(100 * sum(map(comment_lines, texts)) / lines)
        print(f"| {room} | {len(texts)} | {lines} | {comments} % | {len(found)} | {half} | {most} "
              f"| {found[-1][0]}, `{found[-1][1]}` |")


if __name__ == "__main__":
    main()
