# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of exported tables share: the sample's results, the program, readers of its formats.

TWINBED is the program, READ_DOT reads graphs with Graphviz; both are set by CTest."""
import atexit
import contextlib
import csv
import functools
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

PROGRAM = os.environ.get("TWINBED", "twinbed")
HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(os.path.dirname(HERE), "campaigns", "sample")
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


def run(*arguments, status=0):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, timeout=120, check=False)
    if done.returncode != status:
        raise AssertionError(f"{arguments} ended with {done.returncode}: {done.stderr.decode()[-1000:]}")
    return done


def export(path, table, *arguments, form="csv", status=0):
    return run("export", path, "--table", table, "--format", form, *arguments, status=status).stdout.decode("utf-8")


@functools.lru_cache(maxsize=None)
def make_results():
    """(directory, path) of the sample's results with every flow; made once, gone in the end."""
    directory = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, directory)
    with open(os.path.join(SAMPLE, "campaign.yaml"), encoding="utf-8") as file:
        text = file.read()
    manifest, path = os.path.join(directory, "campaign.yaml"), os.path.join(directory, "results.h5")
    with open(manifest, "w", encoding="utf-8") as file:
        file.write(f"root: {json.dumps(SAMPLE)}\nflows: all\n" + text)
    run("analyze", manifest, "-o", path, "--quiet")
    return directory, path


class Results(unittest.TestCase):
    """Tests on the sample's results: self.path, in self.directory, which is for what tests make of them, too."""

    @classmethod
    def setUpClass(cls):
        cls.directory, cls.path = make_results()


@contextlib.contextmanager
def changed_copy(source, path):
    """A copy of a results file, open for h5py to change; whole when the block ends."""
    import h5py
    shutil.copy(source, path)
    with h5py.File(path, "r+") as file:
        yield file
    subprocess.run([os.environ["RESEAL"], path], check=True)


def tables():
    return [line.split()[0] for line in run("export", "--list").stdout.decode().splitlines()]


def read_csv(text):
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return rows[0], rows[1:]


ESCAPED = {r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\textasciitilde{}": "~", r"\textless{}": "<",
           r"\textgreater{}": ">", r"\textbar{}": "|", r"\textquotedbl{}": '"', r"\textasciigrave{}": "`", "{[}": "[",
           "{*}": "*", "-{}": "-", r"\{": "{", r"\}": "}", r"\$": "$", r"\&": "&", r"\%": "%", r"\#": "#", r"\_": "_"}
ESCAPE = re.compile("|".join(re.escape(text) for text in sorted(ESCAPED, key=len, reverse=True)))


def plain_latex(text):
    """The text of a cell. What LaTeX would do anything with, and is not escaped, is a failure."""
    rest = ESCAPE.sub("", text)
    if re.search(r'[\\{}$&%#_^~<>|"`\[*\x00-\x1f\x7f]', rest):
        raise AssertionError(f"LaTeX takes this for more than text: {text!r}")
    return ESCAPE.sub(lambda found: ESCAPED[found.group()], text)


def read_latex(text):
    """The cells of a tabular: texts, and numbers as texts."""
    body = re.fullmatch(r"%[^\n]*\n\\begin\{tabular\}\{([lr]+)\}\n\\toprule\n(.*?) \\\\\n\\midrule\n(.*)\\bottomrule\n"
                        r"\\end\{tabular\}\n", text, re.DOTALL)
    kinds, rows = body.group(1), []
    for line in body.group(3).splitlines():
        cells = []
        if not line.endswith(" \\\\"):
            raise AssertionError(f"no row: {line!r}")
        for kind, cell in zip(kinds, line[:-3].split(" & "), strict=True):
            number = re.fullmatch(r"\$(-?)([\d.]*)(?:\\times10\^\{(-?\d+)\})?(\\infty)?\$", cell)
            if kind == "r" and number:
                sign, digits, exponent, infinite = number.groups()
                cells.append(sign + ("inf" if infinite else digits + ("e" + exponent if exponent else "")))
            else:
                cells.append(plain_latex(cell))
        rows.append(cells)
    return body.group(2).split(" & "), rows


def read_graphml(text):
    """[(title, {node: label}, [(source label, target label, {name: value})])]"""
    root = xml.fromstring(text)
    names = {key.get("id"): key.get("attr.name") for key in root.iter(GRAPHML + "key")}
    graphs = []
    for graph in root.iter(GRAPHML + "graph"):
        labels = {node.get("id"): node.find(GRAPHML + "data").text or "" for node in graph.iter(GRAPHML + "node")}
        edges = [(labels[edge.get("source")], labels[edge.get("target")],
                  {names[data.get("key")]: data.text or "" for data in edge.iter(GRAPHML + "data")})
                 for edge in graph.iter(GRAPHML + "edge")]
        graphs.append((graph.find(GRAPHML + "data").text, labels, edges))
    return graphs


def read_dot(text):
    """[(title, [(source, target, count)])], as Graphviz reads it; None when it is not built in."""
    if "READ_DOT" not in os.environ:
        return None
    done = subprocess.run([os.environ["READ_DOT"]], input=text.encode(), capture_output=True, check=True)
    # Graphviz keeps a backslash before a backslash until it draws the text.
    words = [word.decode().replace("\\\\", "\\") for word in done.stdout.split(b"\0")]
    graphs = []
    while words != [""]:
        if words[0] == "graph":
            graphs.append((words[1], []))
            words = words[2:]
        else:
            graphs[-1][1].append(tuple(words[1:4]))
            words = words[4:]
    return graphs


def main():
    try:
        import h5py  # noqa: F401
    except ImportError:
        print("skipped: no Python with h5py")
        sys.exit(77)
    unittest.main(verbosity=2)
