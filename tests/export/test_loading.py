#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of docs/loading.md run and show what they promise; docs/examples/twinbed.py gives the exported tables.

What is not installed is skipped, and named."""
import importlib.util
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys

from exported import HERE, PROGRAM, Results, export, main

DOCS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "docs")
EXAMPLE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MOST_LINES = 6
# Where Octave cannot draw, it shows the numbers that it would have drawn.
OCTAVE_WITHOUT_DRAWING = "function imagesc(values), disp(values), end\nfunction hist(values, bins), disp(size(values)), end\n"


def is_there(*command):
    return shutil.which(command[0]) is not None and subprocess.run(
        command, capture_output=True, check=False).returncode == 0


def draws_in_octave():
    done = subprocess.run(["octave-cli", "--no-init-file", "--eval", 'figure("visible", "off"); hist(1:9); puts("drawn")'],
                          capture_output=True, text=True, check=False)
    return "drawn" in done.stdout


def has_octave():
    """Some versions of Octave end with an error of their own after everything went well."""
    return shutil.which("octave-cli") is not None and "good" in subprocess.run(
        ["octave-cli", "--no-init-file", "--eval", "pkg load netcdf; disp('good')"], capture_output=True, text=True,
        check=False).stdout


def examples(language):
    """[(heading, code)] of a language."""
    with open(os.path.join(DOCS, "loading.md"), encoding="utf-8") as file:
        text = file.read()
    found = []
    for match in EXAMPLE.finditer(text):
        if match.group(1) == language:
            found.append((re.findall(r"^#+ (.*)$", text[:match.start()], re.MULTILINE)[-1], match.group(2)))
    return found


class Loading(Results):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        environment = {**os.environ, "PATH": os.path.dirname(PROGRAM) + ":" + os.environ["PATH"]}
        for line in examples("sh")[0][1].splitlines():
            subprocess.run([PROGRAM, *shlex.split(line)[1:]], cwd=cls.directory, env=environment, check=True,
                           stdout=subprocess.DEVNULL)
        rows = json.loads(export(cls.path, "summaries", "--only", "metric=requests_per_second", form="json"))
        cls.means = [row["mean"] for row in rows if row["mean"] is not None]

    def assert_shows(self, heading, code, printed):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", printed)]
        self.assertTrue(numbers or ".png" in code, printed)
        if heading.startswith(("Table I", "Python")):
            for mean in self.means:
                self.assertTrue(any(math.isclose(mean, number, rel_tol=2e-3) for number in numbers), f"{mean}: {printed}")
        for picture in re.findall(r'"(\w+\.png)"', code):
            path = os.path.join(self.directory, picture)
            self.assertGreater(os.path.getsize(path), 1000)
            os.remove(path)

    def check_language(self, language, command, prefix=""):
        found = examples(language)
        self.assertEqual({heading for heading, _ in found} - {"Python"},
                         {"Table I as a data frame", "A walk matrix as a heat map",
                          "A distribution of round-trip times"})
        for heading, code in found:
            with self.subTest(language, example=heading):
                done = subprocess.run([*command, prefix + code], cwd=self.directory, capture_output=True, text=True,
                                      check=False, env={**os.environ, "MPLBACKEND": "Agg", "MPLCONFIGDIR": self.directory,
                                                        "PYTHONPATH": os.path.join(DOCS, "examples")})
                self.assertTrue(done.returncode == 0 or language == "octave", done.stderr)
                self.assertNotIn("error: ", done.stderr.replace("error: ignoring const execution_exception", ""))
                self.assert_shows(heading, code, done.stdout)

    def test_examples_are_short(self):
        for language in ("python", "r", "matlab", "julia", "octave"):
            for heading, code in examples(language):
                self.assertLessEqual(code.count("\n"), MOST_LINES, f"{language}: {heading}")

    def test_python(self):
        missing = [name for name in ("pandas", "xarray", "netCDF4", "matplotlib") if importlib.util.find_spec(name) is None]
        if missing:
            self.skipTest(f"not installed: {missing}")
        self.check_language("python", [sys.executable, "-B", "-c"])

    def test_r(self):
        if not is_there("Rscript", "-e", "library(rhdf5)"):
            self.skipTest("R with rhdf5 is not installed")
        self.check_language("r", ["Rscript", "-e"])

    def test_octave(self):
        if not has_octave():
            self.skipTest("Octave with its package netcdf is not installed")
        self.check_language("octave", ["octave-cli", "--no-init-file", "--eval"],
                            "" if draws_in_octave() else OCTAVE_WITHOUT_DRAWING)


class Frames(Results):
    """The frames of twinbed.py are the tables of twinbed export."""

    def setUp(self):
        if importlib.util.find_spec("pandas") is None:
            self.skipTest("pandas is not installed")
        sys.path.insert(0, os.path.join(DOCS, "examples"))
        self.addCleanup(sys.path.remove, os.path.join(DOCS, "examples"))
        sys.dont_write_bytecode = True
        import twinbed
        self.results = twinbed.Results(self.path)
        self.addCleanup(self.results.file.close)

    def assert_same(self, frame, table, columns):
        rows = json.loads(export(self.path, table, form="json"))
        self.assertEqual(len(frame), len(rows))
        frame = frame.reset_index()
        for name, column in columns.items():
            wanted = [row[column] for row in rows]
            for found, value in zip(frame[name], wanted):
                missing = found is None or found != found or isinstance(value, type(None)) and found == -1
                self.assertEqual(None if missing else found, value, f"{table}: {column}")

    def test_frames_are_the_exported_tables(self):
        self.assert_same(self.results.metrics(), "metrics",
                         {name: name for name in ("run", "metric", "testbed", "scenario", "repetition", "unit", "level",
                                                  "role", "value", "reason", "outlying")})
        self.assert_same(self.results.comparison(), "comparison",
                         {"fieller_low": "ratio_low", "fieller_high": "ratio_high", "kind": "contrast_kind",
                          **{name: name for name in ("contrast", "metric", "testbed", "scenario", "unit", "ratio",
                                                     "verdict", "reason", "close", "holm_p", "welch_p")}})
        self.assert_same(self.results.summaries(), "summaries",
                         {name: name for name in ("metric", "testbed", "scenario", "n", "mean", "deviation", "t_low")})
        self.assert_same(self.results.frame("walk"), "walks",
                         {"sequence_run": "run", **{name: name for name in
                                                    ("chain_run", "basis", "order", "bits_per_transition",
                                                     "first_invalid_source")}})
        self.assert_same(self.results.frame("edge"), "edges",
                         {name: name for name in ("chain", "source", "target", "count", "weight", "pruned_weight")})
        self.assert_same(self.results.frame("flow"), "flows",
                         {name: name for name in ("client_port", "start", "ended", "server_rtt_mean")})


if __name__ == "__main__":
    main()
