#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways of a packet and of a call, as docs/architecture.md tells them, lead through functions that are there.

check_walks.py ROOT

Each function of a table headed "step | function | file" stands, with an opening parenthesis, in one of the files of its
row; these are named as in the rooms, "flow/flow.c". Prints one line for each that does not. Exit status: 0 all hold, 1
something does not, 2 there is no such table.
"""

import re
import sys
from pathlib import Path

CODE = re.compile(r"`([^`]+)`")
ROW = re.compile(r"^\|[^|]*\|([^|]*)\|([^|]*)\|$")


def rows(page):
    """(functions, files) of each row of each such table."""
    inside = False
    for line in page.splitlines():
        if line.startswith("| step | function | file |"):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and (row := ROW.match(line)) and CODE.search(row[1]):
            yield CODE.findall(row[1]), CODE.findall(row[2])


def text_of(root, name):
    room, file = name.split("/", 1)
    places = [root / "src" / room / file, root / "include" / "twinbed" / room / file]
    return "".join(place.read_text(encoding="utf-8") for place in places if place.exists())


def faults(root, page):
    for functions, files in rows(page):
        text = "".join(text_of(root, name) for name in files)
        for function in functions:
            if not re.search(rf"\b{function}\(", text):
                yield f"docs/architecture.md: {function} is not in {', '.join(files)}"


def main():
    root = Path(sys.argv[1])
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    if not any(rows(page)):
        print("check_walks: docs/architecture.md has no table of steps", file=sys.stderr)
        return 2
    found = list(faults(root, page))
    print("\n".join(found) if found else "each step names a function that is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
