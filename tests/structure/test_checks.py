#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The smaller checks of the tree find each kind of fault, in a tiny tree that holds it.

The environment says which compiler and tools to take: CC, AR, NM.
"""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent


def run(*command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def write(root, files):
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


class Symbols(unittest.TestCase):
    def check(self, text):
        tools = {name: os.environ.get(name, name.lower()) for name in ("CC", "AR", "NM")}
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            write(root, {"a.c": text})
            for command in ([tools["CC"], "-c", root / "a.c", "-o", root / "a.o"],
                            [tools["AR"], "rc", root / "lib.a", root / "a.o"]):
                self.assertEqual(run(*command), (0, ""))
            return run(sys.executable, HERE / "check_symbols.py", tools["NM"], root / "lib.a")

    def test_prefixed_and_static_symbols_pass(self):
        self.assertEqual(self.check("int tb_a; static int b; int tb_c(void) { return b; }"),
                         (0, "all 2 external symbols begin with tb_\n"))

    def test_each_kind_of_symbol_is_found(self):
        status, output = self.check("""int code(void) { return 0; } int zeros; int data = 1; const int constant = 1;
            _Thread_local int local; __attribute__((visibility("hidden"))) int hidden; __attribute__((weak)) int weak;""")
        self.assertEqual((status, sorted(output.splitlines())), (1, [
            f"lib.a: a.o: {name} does not begin with tb_"
            for name in ("code", "constant", "data", "hidden", "local", "weak", "zeros")]))

    def test_archive_without_symbols_is_refused(self):
        self.assertEqual(self.check("typedef int nothing;")[0], 2)


if __name__ == "__main__":
    unittest.main()
