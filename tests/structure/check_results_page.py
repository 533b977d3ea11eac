#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds docs/results.md to the program.

check_results_page.py schema PAGE TWINBED [--fix]
    The page's tables are those that `twinbed schema` prints; --fix puts them there.

Exit status: 0 holds, 1 does not.
"""

import os
import subprocess
import sys
from pathlib import Path

BEGIN = "<!-- schema: begin (printed by `twinbed schema`) -->\n"
END = "<!-- schema: end -->\n"


def check_schema(page, twinbed, fix):
    text = page.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    found, tail = rest.split(END)
    printed = subprocess.run([twinbed, "schema"], capture_output=True, text=True, check=True).stdout
    wanted = "\n" + printed.strip("\n") + "\n\n"
    if found == wanted:
        return 0
    if fix:
        page.write_text(head + BEGIN + wanted + END + tail, encoding="utf-8")
        return 0
    print(f"{page} does not hold what `twinbed schema` prints; put it there with: {__file__} schema {page} {twinbed} --fix")
    return 1


def main(arguments):
    return check_schema(Path(arguments[1]), os.path.abspath(arguments[2]), "--fix" in arguments[3:])


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
