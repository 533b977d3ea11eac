#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on messy records names a test for each kind, and each is a test that runs.

usage: check_records_page.py PAGE CTEST BUILD_DIRECTORY"""
import re
import subprocess
import sys


def named_tests(page):
    """Names in the last column of the tables whose heading says test."""
    names, inside = set(), False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|"):
            inside = False
        elif cells[-1] == "test":
            inside = True
        elif inside:
            found = re.findall(r"`([a-z_0-9]+)`", cells[-1])
            if not found and set(cells[-1]) - set("-| "):
                sys.exit(f"no test is named: {line}")
            names.update(found)
    return names


def main(path, ctest, build):
    with open(path, encoding="utf-8") as file:
        named = named_tests(file.read())
    listed = subprocess.run([ctest, "--test-dir", build, "-N"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^ *Test +#\d+: (\S+)$", listed, flags=re.M))
    missing = sorted(name for name in named if name not in known and not any(k.startswith(name + "_ranks") for k in known))
    for name in missing:
        print(f"{path} names {name}, which is no test")
    print(f"{len(named)} tests named")
    return 1 if missing or not named else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
