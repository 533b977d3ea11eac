#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_rooms.py finds each kind of fault, in a tiny tree that holds it."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKER = Path(__file__).with_name("check_rooms.py")
SPDX = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
PAGE = """
| room | holds | may use |
| --- | --- | --- |
| `report` | pages | `store` (reader), `base` |
| `store` | files | `base` |
| `os` | traces | `base` |
| `base` | errors | |

| folder | holds | may use |
| --- | --- | --- |
| `store/upper` | more | `store/deep` |
| `store/deep` | most | |

| library | headers | rooms |
| --- | --- | --- |
| HDF5 | `hdf5.h`, `H5*` | `store` |
| MPI | `mpi.h` | |
"""

# (what is wrong, file, text, what the message says)
FAULTS = [
    ("a room beside it", "src/os/a.c", '#include "twinbed/store/reader.h"', "os includes twinbed/store/reader.h"),
    ("a room above it", "src/base/a.c", '#include "twinbed/os/trace.h"', "base includes twinbed/os/trace.h"),
    ("in a public header", "include/twinbed/os/a.h", '# include  "twinbed/store/x.h"', "os includes twinbed/store/x.h"),
    ("in a list of rows", "include/twinbed/os/a.def", '#include "twinbed/store/x.def"', "os includes twinbed/store/x.def"),
    ("a part it may not see", "src/report/a.c", '#include "twinbed/store/writer.h"', "may use only reader.h of store"),
    ("a library of others", "src/os/a.c", "#include <hdf5.h>", "os includes <hdf5.h>, but only store may"),
    ("a library by pattern", "src/report/a.c", "#include <H5public.h>", "report includes <H5public.h>"),
    ("MPI where nobody may", "src/store/a.c", "#include <mpi.h>", "store includes <mpi.h>"),
    ("a private header of another", "src/os/a.c", '#include "../store/inner.h"', "is no header of its room"),
    ("a private header of a room it may not use", "src/os/a.c", '#include "store/inner.h"', "os includes twinbed/store/inner.h"),
    ("a private header where only some may be used", "src/report/a.c", '#include "store/inner.h"', "may use only reader.h of store"),
    ("a folder of a room it may not use", "src/os/b.c", '#include "store/deep/inner.h"', "os includes twinbed/store/deep/inner.h"),
    ("a folder of its own by half a name", "src/store/b.c", '#include "deep/inner.h"', "is no header of its room"),
    ("a folder above it", "src/store/deep/b.c", '#include "store/upper/inner.h"', "store/deep includes \"store/upper/inner.h\""),
    ("its room's own folder", "src/store/deep/b.c", '#include "store/inner.h"', "but may not use store"),
    ("an unknown folder of a room", "src/store/odd/a.c", "", "src/store/odd: is no folder"),
    ("a private header that is not there", "src/os/a.c", '#include "nothing.h"', "is no header of its room"),
    ("a link", "src/os/CMakeLists.txt", "twinbed_add_room(os SOURCES a.c ROOMS store LIBRARIES m)", "os links store"),
    ("an unknown folder", "src/misc/a.c", "", "src/misc: is no room"),
]

SOUND = [
    ("src/report/a.c", '#include "twinbed/store/reader.h"\n#include "twinbed/base/status.h"\n#include <stdio.h>'),
    ("src/store/a.c", "#include <hdf5.h>\n/* not an #include <mpi.h> */"),
    ("src/os/a.c", '#include "inner.h"'),
    ("src/os/inner.h", '#include "base/inner.h"'),
    ("src/store/inner.h", ""),
    ("src/store/a.h", '#include "store/deep/inner.h"'),
    ("src/store/deep/inner.h", ""),
    ("src/store/deep/a.c", '#include "inner.h"'),
    ("src/store/upper/inner.h", '#include "store/deep/inner.h"'),
    ("src/base/inner.h", ""),
    ("src/report/CMakeLists.txt", "twinbed_add_room(report\n SOURCES a.c\n ROOMS store_reader base\n LIBRARIES m)"),
]


def check(files, page=PAGE):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "docs").mkdir()
        (root / "docs" / "architecture.md").write_text(page)
        for folder in ("src", "include/twinbed"):
            (root / folder).mkdir(parents=True)
        for path, text in files:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text((SPDX if path.endswith((".c", ".h", ".def")) else "") + text + "\n")
        run = subprocess.run([sys.executable, CHECKER, root], capture_output=True, text=True, check=False)
        return run.returncode, run.stdout + run.stderr


class CheckRooms(unittest.TestCase):
    def test_sound_tree_passes(self):
        self.assertEqual(check(SOUND)[0], 0, check(SOUND)[1])

    def test_each_fault_is_found(self):
        for what, path, text, message in FAULTS:
            with self.subTest(what):
                status, output = check([*SOUND, (path, text)])
                self.assertEqual(status, 1, output)
                self.assertIn(message, output)
                self.assertEqual(len(output.splitlines()), 1, output)

    def test_missing_licence_line_is_found(self):
        status, output = check([*SOUND, ("src/os/run.sh", "#!/bin/sh")])
        self.assertEqual((status, output), (1, "src/os/run.sh: has no SPDX line at its top\n"))

    def test_page_that_makes_no_sense_is_refused(self):
        for page, message in [
            ("no tables", "no table headed room"),
            (PAGE.replace("| `base` | errors | |", "| `base` | errors | `os` |"), "not below it"),
            (PAGE.replace("| `store/deep` | most | |", "| `store/deep` | most | `store/upper` |"), "not below it"),
            (PAGE.replace("| `os` | traces | `base` |", "| `os` | traces | `bass` |"), "which is no room"),
        ]:
            with self.subTest(message):
                status, output = check(SOUND, page)
                self.assertEqual(status, 2)
                self.assertIn(message, output)


if __name__ == "__main__":
    unittest.main()
