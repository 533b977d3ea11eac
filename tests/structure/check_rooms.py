#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the code to the two tables of docs/architecture.md.

check_rooms.py ROOT [--page PAGE]

The table headed "room | holds | may use" says which rooms a room may include and
link; the one headed "folder | holds | may use" which folders of its room a folder of a
room may use; the one headed "library | headers | rooms" says who may include what of
the outside world. The tables are read from the page itself, so that page and
code cannot drift apart. Prints one line for each thing that does not hold.
Exit status: 0 all holds, 1 something does not, 2 the page cannot be read.
"""

import argparse
import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")
ROOM_OF_TABLE = re.compile(r"`(\w+)`(?:\s*\(([^)]*)\))?")
SPDX_SUFFIXES = {".c", ".h", ".def", ".py", ".sh", ".sbatch", ".cmake"}


class PageError(Exception):
    """The page lacks a table, or a table makes no sense."""


def table_rows(page, heading):
    """The cells of the table whose first heading cells are given."""
    lines = iter(page.splitlines())
    for line in lines:
        cells = split_row(line)
        if cells[: len(heading)] == heading:
            next(lines)  # the rule under the heading
            rows = []
            for row in lines:
                if not row.startswith("|"):
                    return rows
                rows.append(split_row(row))
            return rows
    raise PageError("no table headed " + " | ".join(heading))


def split_row(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def read_rooms(page):
    """{room: {lower room: set of its headers, or None for all of them}}, highest first."""
    rooms = {}
    for row in table_rows(page, ["room", "holds", "may use"]):
        name, uses = CODE.findall(row[0])[0], row[2]
        if uses == "every room":
            rooms[name] = None
            continue
        allowed = {}
        for lower, headers in ROOM_OF_TABLE.findall(uses):
            names = [h.strip() if "." in h else h.strip() + ".h" for h in headers.split(",")]
            allowed[lower] = set(names) if headers else None
        rooms[name] = allowed
    for name in rooms:
        if rooms[name] is None:
            rooms[name] = {other: None for other in rooms if other != name}
    check_order(rooms)
    return rooms


def check_order(rooms):
    """Lower rows never use upper rows."""
    order = {name: place for place, name in enumerate(rooms)}
    for name, allowed in rooms.items():
        for lower in allowed:
            if lower not in order:
                raise PageError(f"{name} may use {lower}, which is no room")
            if order[lower] <= order[name]:
                raise PageError(f"{name} may use {lower}, which is not below it")


def read_folders(page):
    """{ROOM/FOLDER: the other folders of its room that it may use}, highest first."""
    folders = {CODE.findall(row[0])[0]: set(CODE.findall(row[2])) for row in table_rows(page, ["folder", "holds", "may use"])}
    order = list(folders)
    for name, allowed in folders.items():
        for lower in allowed:
            if lower not in order[order.index(name) + 1 :]:
                raise PageError(f"{name} may use {lower}, which is not below it")
    return folders


def read_libraries(page):
    """{header pattern: rooms that may include it}; a trailing * stands for anything."""
    libraries = {}
    for row in table_rows(page, ["library", "headers", "rooms"]):
        for header in CODE.findall(row[1]):
            libraries[header] = set(CODE.findall(row[2]))
    return libraries


def matches(header, pattern):
    return header.startswith(pattern[:-1]) if pattern.endswith("*") else header == pattern


class Checker:
    def __init__(self, root, page):
        self.root = root
        self.rooms = read_rooms(page)
        self.folders = read_folders(page)
        self.libraries = read_libraries(page)
        self.faults = []

    def fault(self, path, text):
        self.faults.append(f"{path.relative_to(self.root)}: {text}")

    def run(self):
        self.check_folders()
        for room in self.rooms:
            for path in self.room_files(room):
                self.check_includes(room, path)
            self.check_links(room)
        self.check_licence_lines()
        return self.faults

    def check_folders(self):
        for parent in (self.root / "src", self.root / "include" / "twinbed"):
            for folder in sorted(p for p in parent.iterdir() if p.is_dir()):
                if folder.name not in self.rooms:
                    self.fault(folder, "is no room of docs/architecture.md")
        for folder in sorted(p for p in (self.root / "src").glob("*/*") if p.is_dir()):
            if folder.relative_to(self.root / "src").as_posix() not in self.folders:
                self.fault(folder, "is no folder of docs/architecture.md")
        for name in self.folders:
            if not (self.root / "src" / name).is_dir():
                self.faults.append(f"docs/architecture.md: {name} is no folder of src")

    def room_files(self, room):
        for folder in (self.root / "src" / room, self.root / "include" / "twinbed" / room):
            yield from sorted(p for p in folder.rglob("*") if p.suffix in {".c", ".h", ".def"})

    def check_includes(self, room, path):
        for quote, header in INCLUDE.findall(path.read_text(encoding="utf-8")):
            if header.startswith("twinbed/"):
                self.check_room_header(room, path, header)
            elif quote == '"':
                self.check_private_header(room, path, header)
            else:
                self.check_library_header(room, path, header)

    def check_room_header(self, room, path, header):
        parts = header.split("/")
        used, name = parts[1], parts[-1]
        if used == room:
            return
        allowed = self.rooms[room]
        if used not in allowed:
            self.fault(path, f"{room} includes {header}, but may not use {used}")
        elif allowed[used] is not None and name not in allowed[used]:
            self.fault(path, f"{room} includes {header}, but may use only {', '.join(sorted(allowed[used]))} of {used}")

    def check_private_header(self, room, path, header):
        """A header of src: of the same folder by its name alone, of anywhere else as ROOM/NAME or ROOM/FOLDER/NAME."""
        folder = self.root / "src"
        if re.fullmatch(r"\w+/(\w+/)?\w+\.h", header) and (folder / header).exists():
            self.check_room_header(room, path, "twinbed/" + header)
            self.check_folder_header(path.parent.relative_to(folder).as_posix(), path, header)
        elif "/" in header or not (path.parent / header).exists():
            self.fault(path, f'includes "{header}", which is no header of its room')

    def check_folder_header(self, folder, path, header):
        """What a folder of a room includes of its room stands in a folder that it may use."""
        used = header.rpartition("/")[0]
        if folder in self.folders and used.split("/")[0] == folder.split("/")[0]:
            if used != folder and used not in self.folders[folder]:
                self.fault(path, f'{folder} includes "{header}", but may not use {used}')

    def check_library_header(self, room, path, header):
        for pattern, allowed in self.libraries.items():
            if matches(header, pattern) and room not in allowed:
                self.fault(path, f"{room} includes <{header}>, but only {', '.join(sorted(allowed))} may")

    def check_links(self, room):
        """The rooms that CMake links are rooms that may be used."""
        path = self.root / "src" / room / "CMakeLists.txt"
        if not path.exists():
            return
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for block in re.findall(r"twinbed_add_room\(([^)]*)\)", text):
            linked = re.search(r"\bROOMS\b(.*?)(?:\b[A-Z]{4,}\b|$)", block, re.DOTALL)
            for used in linked.group(1).split() if linked else []:
                base = used.split("_")[0]  # results_reader is a library of the room results
                if base != room and base not in self.rooms[room]:
                    self.fault(path, f"{room} links {used}, but may not use it")

    def check_licence_lines(self):
        for top in ("src", "include", "tests", "cmake", "jobs", "bench", ".ci"):
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in SPDX_SUFFIXES and path.is_file():
                    head = path.read_text(encoding="utf-8", errors="replace").splitlines()[:2]
                    if not any("SPDX-License-Identifier: GPL-3.0-or-later" in line for line in head):
                        self.fault(path, "has no SPDX line at its top")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("--page", type=Path, help="default ROOT/docs/architecture.md")
    options = parser.parse_args()
    root = options.root.resolve()
    try:
        page = (options.page or root / "docs" / "architecture.md").read_text(encoding="utf-8")
        faults = Checker(root, page).run()
    except (OSError, PageError) as error:
        print(f"check_rooms: {error}", file=sys.stderr)
        return 2
    print("\n".join(faults) if faults else "every include and link is one that docs/architecture.md allows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
