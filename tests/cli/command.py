# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command-line tests share: a clean directory each, the program, and the bundled sample.

TWINBED is the program, MPIEXEC the launcher; both are set by CTest."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.environ.get("TWINBED", "twinbed")
LAUNCHER = os.environ.get("MPIEXEC", "mpirun")
HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(os.path.dirname(HERE), "campaigns", "sample")
MANIFEST = os.path.join(SAMPLE, "campaign.yaml")
GOOD, FAILED, BAD_USAGE, DAMAGED, STOPPED = 0, 1, 2, 3, 4
COMMANDS = ("init", "analyze", "decode", "check", "plan", "report", "export", "compare", "manifest", "calls", "flows",
            "schema", "help", "completion")


class Case(unittest.TestCase):
    """A test in a directory of its own, which is the working directory."""

    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)
        self.before = os.getcwd()
        os.chdir(self.directory)
        self.addCleanup(os.chdir, self.before)

    def twinbed(self, *arguments, status=GOOD, ranks=0, environment=None):
        """Runs the program, checks its exit status, and gives what it printed."""
        launcher = [LAUNCHER, "--oversubscribe", "--bind-to", "none", "-n", str(ranks)] if ranks else []
        done = subprocess.run(launcher + [PROGRAM, *arguments], capture_output=True, text=True, timeout=120,
                              env={**os.environ, **(environment or {})}, check=False)
        self.assertEqual(done.returncode, status, f"{' '.join(arguments)}\n{done.stdout[-500:]}\n{done.stderr[-2000:]}")
        return done

    def assert_one_line(self, done, *words):
        """One sentence on standard error, nothing on standard output."""
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("twinbed: error: "), done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def assert_nothing_is_left(self, *kept):
        """No results, nothing half written, no lock; parts may stay, for the next start."""
        left = [name for name in sorted(os.listdir("."))
                if name not in kept and not (name.endswith(".parts") and os.path.isdir(name))]
        self.assertEqual(left, [])

    def copy_sample(self, *scenarios, testbeds=("veth", "e1000", "virtio"), repetitions=None):
        """A copy that may be damaged. Gives the path of its manifest."""
        for testbed in testbeds:
            for scenario in scenarios:
                for repetition in sorted(os.listdir(os.path.join(SAMPLE, testbed, scenario))):
                    if repetitions is None or repetition in repetitions:
                        place = os.path.join(testbed, scenario, repetition)
                        shutil.copytree(os.path.join(SAMPLE, place), os.path.join("sample", place))
        shutil.copy(MANIFEST, "sample/campaign.yaml")
        if not any(scenario.endswith("-bare") for scenario in scenarios):
            self.edit("sample/campaign.yaml", r'.*c\{clients\}-bare.*\n', "")
        if not any("counters" in folders for _, folders, _ in os.walk("sample")):
            self.edit("sample/campaign.yaml", r"  counters: counters\n", "")
        return "sample/campaign.yaml"

    def edit(self, path, pattern, replacement):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        edited, count = re.subn(pattern, replacement, text)
        self.assertEqual(count, 1, f"'{pattern}' in {path}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(edited)

    def assert_same_results(self, one, other):
        done = subprocess.run([sys.executable, os.path.join(HERE, "compare_results.py"), one, other],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


def truncate(path, share=0.5):
    os.truncate(path, int(os.path.getsize(path) * share))


def read_bytes(path):
    with open(path, "rb") as file:
        return file.read()


def outcome(done):
    """The counts of the last line of analyze, by name."""
    words = {"runs": r"(\d+) runs", "discarded": r"\((\d+) discarded\)", "used": r"(\d+) artifacts used",
             "reused": r"\((\d+) from parts\)", "damaged": r"(\d+) damaged", "missing": r"(\d+) missing",
             "withdrawn": r"(\d+) withdrawn"}
    line = [text for text in done.stderr.splitlines() if "artifacts used" in text][-1]
    return {name: int(re.search(pattern, line).group(1)) for name, pattern in words.items()}


def main():
    try:
        import h5py  # noqa: F401
    except ImportError:
        print("skipped: no Python with h5py")
        sys.exit(77)
    unittest.main(verbosity=2)
