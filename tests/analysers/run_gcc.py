# SPDX-License-Identifier: GPL-3.0-or-later
"""run_gcc.py ROOT COMPILE_COMMANDS: what gcc-12 -fanalyzer says of the sources of the rooms and gcc.txt does not, a line each;
then what gcc.txt says and nobody finds any more."""
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT, HERE = os.path.realpath(sys.argv[1]), os.path.dirname(os.path.realpath(__file__))
FINDING = re.compile(r"(.*?): warning: (.*) \[-Wanalyzer-([a-z-]+)\]")


def accepted():
    with open(os.path.join(HERE, "gcc.txt"), encoding="ascii") as file:
        return [tuple(line.split()) for line in file if line.strip() and line[0] != "#"]


def options(command):
    """Those that say how the source is compiled, but not with which warnings, nor where the outcome goes."""
    words = iter(shlex.split(command["command"]))
    for word in words:
        if word == "-isystem":
            yield from (word, next(words))
        elif re.match(r"-(I|D|U|std|f|O)", word):
            yield word


def analyse(command):
    source = os.path.realpath(os.path.join(command["directory"], command["file"]))
    known = [] if source.endswith("base/status.c") else ["-include", os.path.join(HERE, "known_statuses.h")]
    done = subprocess.run(["gcc-12", *options(command), *known, "-fanalyzer", "-fdiagnostics-plain-output", "-Wno-analyzer-malloc-leak",
                           "-c", source, "-o", "/dev/null"], cwd=command["directory"], capture_output=True, text=True, check=False)
    name = os.path.relpath(source, ROOT)
    if done.returncode != 0:
        return [(name, "does-not-compile", done.stderr[:300])]
    return [(name, match.group(3), match.group(1) + ": " + match.group(2))
            for match in map(FINDING.match, done.stderr.splitlines()) if match]


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        commands = {command["file"]: command for command in json.load(file)
                    if os.path.realpath(os.path.join(command["directory"], command["file"])).startswith(ROOT + "/src/")}
    known, met = accepted(), set()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for findings in pool.map(analyse, commands.values()):
            for name, kind, text in findings:
                fitting = [item for item in known if name.startswith(item[0]) and kind == item[1]]
                met.update(fitting)
                if not fitting:
                    print(f"{name}: {kind}: {text}")
    for name, kind in sorted(set(known) - met):
        print(f"gcc.txt: {name} {kind}: is not found any more")


main()
