#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds docs/results.md to the program.

check_results_page.py schema PAGE TWINBED [--fix]
    The page's tables are those that `twinbed schema` prints; --fix puts them there.
check_results_page.py examples PAGE TWINBED CAMPAIGN
    The page's loading examples run on the results of a campaign and print what they promise.

Exit status: 0 holds, 1 does not, 77 skipped (an example's reader is not installed).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BEGIN = "<!-- schema: begin (printed by `twinbed schema`) -->\n"
END = "<!-- schema: end -->\n"
EXAMPLE = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)

# How an example is run; languages that are not here are not at hand.
RUNNERS = {
    "python": lambda code: [sys.executable, "-c", code],
    "octave": lambda code: ["octave-cli", "--no-gui", "--eval", code],
    "r": lambda code: ["Rscript", "-e", code],
}
# Whether a reader that an example asks for is there.
PROBES = {
    "python": lambda code: subprocess.run(
        [sys.executable, "-c", "\n".join(re.findall(r"^import .*$", code, re.MULTILINE))],
        capture_output=True, check=False).returncode == 0,
    "octave": lambda code: shutil.which("octave-cli") is not None
    and "good" in subprocess.run(["octave-cli", "--eval", "pkg load netcdf; disp('good')"],
                                 capture_output=True, text=True, check=False).stdout,
    "r": lambda code: shutil.which("Rscript") is not None
    and subprocess.run(["Rscript", "-e", "library(rhdf5)"], capture_output=True, check=False).returncode == 0,
}


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


def run_example(language, code, place):
    run = subprocess.run(RUNNERS[language](code), cwd=place, capture_output=True, text=True, check=False)
    # Some versions of Octave end with an error of their own after everything went well.
    ended_well = run.returncode == 0 or language == "octave"
    good = ended_well and re.search(r"\d", run.stdout) is not None
    print(f"{language}: {'runs' if good else 'FAILS'}")
    if not good:
        print(code, run.stdout, run.stderr, sep="\n")
    return good


def check_examples(page, twinbed, campaign):
    good = True
    ran = 0
    with tempfile.TemporaryDirectory() as place:
        analysis = subprocess.run([twinbed, "analyze", campaign, "-o", "results.h5", "--quiet"], cwd=place, check=False)
        if analysis.returncode not in (0, 3):
            print(f"twinbed analyze ended with {analysis.returncode}")
            return 1
        for language, code in EXAMPLE.findall(page.read_text(encoding="utf-8")):
            if language not in RUNNERS or not PROBES[language](code):
                print(f"{language}: not at hand")
                continue
            ran += 1
            good = run_example(language, code, place) and good
    if ran == 0:
        return 77
    return 0 if good else 1


def main(arguments):
    what, page, twinbed = arguments[0], Path(arguments[1]), os.path.abspath(arguments[2])
    if what == "schema":
        return check_schema(page, twinbed, "--fix" in arguments[3:])
    return check_examples(page, twinbed, os.path.abspath(arguments[3]))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
