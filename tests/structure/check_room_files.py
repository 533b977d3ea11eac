#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a room tell its story.

check_room_files.py ROOT

1. A folder of src or include holds at most 25 files of a kind, so that it is read on one screen.
2. A function that X.h declares is defined in X.c or X_....c of the same room, or in a source that X.h names
   (`other.c`), so that whoever reads a declaration knows where to read on.
3. A function that a header declares is used outside the source that defines it: by another source, by a function in a
   header, or by a test. Else it is static, or superfluous.

What does not hold yet stands below, as a number that may only shrink. Prints one line for each thing that does not
hold. Exit status: 0 all holds, 1 something does not.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

MOST_FILES = 25

# Folders that are still too large, and how many sources they hold.
LARGE_FOLDERS = {
}

# Headers of several sources, and how many of their functions stand in a source that the header does not name.
SCATTERED_HEADERS = {
    "include/twinbed/flow/flow_sink.h": 2,
    "include/twinbed/flow/flow_summary.h": 2,
    "include/twinbed/trace/trace.h": 3,
    "src/report/sections/sections.h": 19,
}

# Functions that only their own source uses.
LONELY_FUNCTIONS = {
    "tb_judge",
}

NOT_CODE = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#(?:[^\n]*\\\n)*[^\n]*""",
                      re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
DECLARED = re.compile(r"[^;{}]*;|[^;{}]*\{\}")
MADE = re.compile(r"^TB_ARCHIVE_(?:OWNER_)?FUNCTIONS\((tb_\w+),", re.MULTILINE)  # defines the two that pack and unpack
FUNCTION = re.compile(r"\b(tb_\w+)\s*\(")


def outermost(text):
    """The code with what stands in braces left out."""
    kept, depth = [], 0
    for word in re.split(r"([{}])", NOT_CODE.sub(" ", text)):
        depth -= word == "}"
        if depth == 0 and word != "{":
            kept.append("{}" if word == "}" else word)
        depth += word == "{"
    return "".join(kept)


def functions(text, ending):
    """Names of the external functions that are declared (ending ;) or defined (ending {})."""
    if ending == "{}":
        for name in MADE.findall(text):
            yield from (name + "_pack", name + "_unpack")
    for statement in DECLARED.findall(outermost(text)):
        name = FUNCTION.search(statement)
        if name and statement.endswith(ending) and not re.search(r"\b(static|typedef)\b|=", statement):
            yield name.group(1)


class Checker:
    def __init__(self, root, large=None, scattered=None, lonely=None):
        self.root = root
        self.large = LARGE_FOLDERS if large is None else large
        self.scattered = SCATTERED_HEADERS if scattered is None else scattered
        self.lonely = LONELY_FUNCTIONS if lonely is None else lonely
        self.uses = self.find_uses()
        self.faults = []

    def run(self):
        self.check_folders()
        for room in sorted(path.name for path in (self.root / "src").iterdir() if path.is_dir()):
            self.check_headers(room)
        for name in [*self.large, *self.scattered]:
            if not (self.root / name).exists():
                self.faults.append(f"{name}: is gone; take it off the list of {Path(__file__).name}")
        for name in sorted(self.lonely - self.uses.keys()):
            self.faults.append(f"{name}: is gone; take it off the list of {Path(__file__).name}")
        return self.faults

    def relative(self, path):
        return path.relative_to(self.root).as_posix()

    def find_uses(self):
        """{name: [places that name it]}, a place for each time."""
        uses = defaultdict(list)
        for top in ("src", "include", "tests", "bench"):
            for path in sorted((self.root / top).rglob("*.[ch]")):
                for name in re.findall(r"\btb_\w+", COMMENT.sub(" ", path.read_text(encoding="utf-8"))):
                    uses[name].append(path)
        return uses

    def check_folders(self):
        for top in ("src", "include"):
            for folder in sorted(path for path in (self.root / top).rglob("*") if path.is_dir()):
                count = max(sum(path.suffix == kind for path in folder.iterdir()) for kind in (".c", ".h"))
                self.check_number(self.relative(folder), count, MOST_FILES, self.large, "files of a kind")

    def check_headers(self, room):
        defined = defaultdict(list)
        for source in sorted((self.root / "src" / room).rglob("*.c")):
            for name in functions(source.read_text(encoding="utf-8"), "{}"):
                defined[name].append(source)
        for folder in ("src", "include/twinbed"):
            for header in sorted((self.root / folder / room).rglob("*.h")):
                self.check_header(header, defined)

    def check_header(self, header, defined):
        text = header.read_text(encoding="utf-8")
        stray = []
        for name in functions(text, ";"):
            sources = [source.name for source in defined.get(name, [])]
            self.check_use(header, name, defined.get(name, []))
            if not any(re.fullmatch(re.escape(header.stem) + r"(_\w+)?\.c", source) or
                       re.search(r"\b" + re.escape(source), text) for source in sources):
                stray.append(f"{name} ({', '.join(sources) or 'nowhere'})")
        self.check_number(self.relative(header), len(stray), 0, self.scattered,
                          "functions defined in sources that it does not name: " + ", ".join(stray))

    def check_use(self, header, name, sources):
        places = [place for place in self.uses[name] if place not in sources]
        is_lonely = len(places) < 2 and bool(sources)
        if is_lonely and name not in self.lonely:
            self.faults.append(f"{self.relative(header)}: nothing but {sources[0].name} uses {name}; it can be static or go")
        elif not is_lonely and name in self.lonely:
            self.faults.append(f"{name}: is used by others now; take it off the list of {Path(__file__).name}")

    def check_number(self, name, count, most, exceptions, what):
        allowed = exceptions.get(name, most)
        if count > allowed:
            self.faults.append(f"{name}: {count} {what}" + (f"; at most {allowed} may be" if allowed else ""))
        elif name in exceptions and count <= most:
            self.faults.append(f"{name}: holds the rule now; take it off the list of {Path(__file__).name}")


def main():
    faults = Checker(Path(sys.argv[1]).resolve()).run()
    print("\n".join(faults) if faults else "folders are small, and headers declare what their sources define and others use")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
