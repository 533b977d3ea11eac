#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what docs/tutorial.md tells a newcomer to do, in its order, and looks for what it shows.

A command stands behind "    $ "; "# status N" behind it is its exit status, else that is 0. Each line below it, up to an
empty one, is a line of its output; others may stand between."""
import os
import re
import subprocess

from command import HERE, PROGRAM, Case, main

SOURCE = os.path.dirname(os.path.dirname(HERE))
DOCS = os.path.join(SOURCE, "docs")


def read_tutorial():
    with open(os.path.join(DOCS, "tutorial.md"), encoding="utf-8") as file:
        return file.read()


def steps(text):
    """(command, exit status, the lines that it prints)"""
    found = []
    shown = None
    for line in text.splitlines():
        if line.startswith("    $ "):
            command, _, status = line[6:].partition("   # status ")
            shown = []
            found.append((command, int(status or 0), shown))
        elif shown is not None and line.startswith("    "):
            shown.append(line[4:].rstrip())
        else:
            shown = None
    return found


class Tutorial(Case):
    def test_every_command(self):
        os.symlink(os.path.join(SOURCE, "tests"), "tests")
        environment = {**os.environ, "PATH": f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}",
                       "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none"}
        found = steps(read_tutorial())
        for name in ("check", "plan", "analyze", "report", "compare", "flows", "calls"):
            self.assertTrue(any(f"twinbed {name} " in command for command, _, _ in found), name)
        for command, status, shown in found:
            done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, timeout=120,
                                  check=False)
            printed = done.stdout + done.stderr
            self.assertEqual(done.returncode, status, f"{command}\n{printed[-2000:]}")
            lines = iter([line.rstrip() for line in printed.splitlines()])
            for line in shown:
                self.assertTrue(any(line == other for other in lines), f"{command}\ndoes not print\n{line}\nin its place")
        for name in ("sample.h5", "sample.html", "first.h5", "second.h5"):
            self.assertGreater(os.path.getsize(name), 1000)

    def test_links_and_pictures_lead_somewhere(self):
        for target in re.findall(r"\]\(([^)#]+)", read_tutorial()):
            self.assertTrue(os.path.exists(os.path.join(DOCS, target)), target)


if __name__ == "__main__":
    main()
