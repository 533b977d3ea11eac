#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in every format, read by other programs: values, hostile names, damaged files, options, outputs."""
import json
import os
import shutil
import subprocess

from exported import (PROGRAM, Results, changed_copy, export, main, read_csv, read_dot, read_graphml, read_latex, run,
                      tables)

HOSTILE = ['=1+1', '+cmd|calc', '-2+3', '@SUM(A1)', 'a "quoted" one', 'two\nlines', '<script>alert(1)</script>',
           r'\input{/etc/passwd}', '$x_1^2$ & 100% #1 ~{}', '[2em]', '*', 'é ✓ \u202e', 'a, b; c\td', 'dots -- and --- more',
           '&amp;', 'N\\N\\', '}{', '', ' space ', '\x1b[31mred\x07', "'quoted", '\\\\server', '`id` "`']
GRAPHS = ("edges", "edge_differences")


def as_latex(text):
    """What is left of a text in a cell of LaTeX: no control characters."""
    return "".join(" " if ord(letter) < 32 or ord(letter) == 127 else letter for letter in text)


def as_csv(text):
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def as_xml(text):
    return "".join("\ufffd" if ord(letter) < 32 and letter not in "\t\n\r" else letter for letter in text)


def is_number(value):
    return isinstance(value, (int, float)) or value in ("Infinity", "-Infinity")


class Comparing(Results):
    def rows(self, table, *arguments, path=None):
        return json.loads(export(path or self.path, table, *arguments, form="json"))

    def assert_formats_agree(self, path, table):
        rows = self.rows(table, path=path)
        head, lines = read_csv(export(path, table))
        latex_head, latex_lines = read_latex(export(path, table, form="latex"))
        self.assertEqual(len(head), len(latex_head))
        self.assertEqual((len(lines), len(latex_lines)), (len(rows), len(rows)))
        for row, line, latex in zip(rows, lines, latex_lines):
            self.assertEqual(list(map(as_csv, row)), head)
            for value, text, typeset in zip(row.values(), line, latex, strict=True):
                if value is None:
                    self.assertEqual((text, typeset), ("", ""))
                elif is_number(value):
                    self.assertEqual((float(text), float(typeset)), (float(value), float(value)))
                else:
                    self.assertEqual((text, typeset), (as_csv(value), as_latex(value)))

    def assert_graphs_have_the_edges(self, path, table):
        key = "chain" if table == "edges" else "chain_comparison"
        wanted = {}
        for row in self.rows(table, path=path):
            wanted.setdefault(row[key], []).append((row["source"], row["target"], str(row["count"])))
        wanted = [[tuple(map(as_xml, edge)) for edge in edges] for edges in wanted.values()]
        graphs = read_graphml(export(path, table, form="graphml"))
        found = [[(source, target, values["count"]) for source, target, values in edges] for _, _, edges in graphs]
        self.assertEqual(found, wanted)
        for _, labels, edges in graphs:
            self.assertEqual(len(labels), len(set(labels.values())))
            self.assertEqual(set(labels.values()), {name for edge in edges for name in edge[:2]})
        return graphs


class Formats(Comparing):
    def test_formats_say_the_same(self):
        for table in tables():
            if table not in ("pairs", "flows", "segments", "rtt", "walks", "request_times"):
                with self.subTest(table):
                    self.assert_formats_agree(self.path, table)

    def test_infinity_is_a_text_in_json(self):
        values = {row["f"] for row in self.rows("sensitivity")}
        self.assertIn("Infinity", values)
        self.assertIn(None, values)

    def test_graphs_have_every_edge_and_its_numbers(self):
        for table in GRAPHS:
            graphs = self.assert_graphs_have_the_edges(self.path, table)
            rows = iter(self.rows(table))
            for _, _, edges in graphs:
                for _, _, values in edges:
                    row = next(rows)
                    self.assertEqual(float(values["weight"]), row["weight"])
            dot = read_dot(export(self.path, table, form="dot"))
            if dot is not None:
                self.assertEqual([title for title, _ in dot], [title for title, _, _ in graphs])
                for (_, drawn), (_, _, edges) in zip(dot, graphs, strict=True):
                    self.assertEqual(sorted(drawn), sorted((one, two, values["count"]) for one, two, values in edges))

    def test_chains_are_drawn_with_their_edges(self):
        for form in ("dot", "graphml"):
            self.assertEqual(export(self.path, "chains", form=form), export(self.path, "edges", form=form))
        done = run("export", self.path, "--table", "runs", "--format", "dot", status=2)
        self.assertEqual((done.stdout, done.stderr.count(b"\n")), (b"", 1))

    def test_one_graph_is_chosen(self):
        graphs = read_graphml(export(self.path, "edges", "--only", "testbed=virtio", "--only", "role=client", "--only",
                                     "order=1", "--only", "factor_size=500", "--columns", "weight", form="graphml"))
        self.assertEqual(len(graphs), 1)
        self.assertTrue(graphs[0][0].startswith("virtio, "), graphs[0][0])
        self.assertEqual(set(graphs[0][2][0][2]), {"weight"})


class Hostile(Comparing):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hostile = os.path.join(cls.directory, "hostile.h5")
        with changed_copy(cls.path, cls.hostile) as file:
            for name in ("campaign/testbed_name", "campaign/factor_name", "campaign/scenario_name", "campaign/run_name",
                         "campaign/factor_unit", "campaign/scenario_level_text", "metrics/metric_unit",
                         "metrics/reason_sentence", "os/state_label", "quality/artifact_path",
                         "quality/artifact_remark", "comparison/contrast_name"):
                shape = file[name].shape
                texts = [HOSTILE[i % len(HOSTILE)] + ("" if i < len(HOSTILE) else str(i)) for i in
                         range(file[name].size)]
                for i, text in enumerate(texts):
                    at = (i,) if len(shape) == 1 else divmod(i, shape[1])
                    file[name][at] = text

    def test_hostile_names_stay_text(self):
        for table in ("runs", "scenarios", "quality", "comparison", "reasons", "states", "edges"):
            with self.subTest(table):
                self.assert_formats_agree(self.hostile, table)
        names = [row["run"] for row in self.rows("runs", path=self.hostile)]
        self.assertEqual(names[:len(HOSTILE)], HOSTILE)

    def test_hostile_nodes_and_titles_stay_text(self):
        for table in GRAPHS:
            graphs = self.assert_graphs_have_the_edges(self.hostile, table)
            dot = read_dot(export(self.hostile, table, form="dot"))
            for (_, drawn), (_, _, edges) in zip(dot or [], graphs):
                plain = sorted((as_xml(one), as_xml(two), count) for one, two, count in drawn)
                self.assertEqual(plain, sorted((one, two, values["count"]) for one, two, values in edges))

    def test_no_formula_begins_a_cell(self):
        for row in read_csv(export(self.hostile, "runs"))[1]:
            for text in row:
                self.assertNotIn(text[:1], ("=", "+", "@", "\t", "\r"), text)
        self.assertIn("'-2+3", [row[-1] for row in read_csv(export(self.hostile, "runs", "--columns", "run"))[1]])

    def test_a_value_with_a_comma_is_found(self):
        self.assertEqual(len(self.rows("runs", "--only", "run=a, b; c\td", path=self.hostile)), 1)


class Large(Results):
    """More flows than a block has, in a file that has no more of anything else."""

    FLOWS = 40000

    def test_blocks_make_one_table(self):
        import numpy
        path = os.path.join(self.directory, "large.h5")
        with changed_copy(self.path, path) as file:
            names = ["flow"] + ["net/" + name for name in file["net"] if name.startswith("flow_")]
            for name in names:
                values = numpy.resize(file[name][:], (self.FLOWS, *file[name].shape[1:]))
                if name in ("flow", "net/flow_first_packet"):
                    values = numpy.arange(self.FLOWS, dtype=values.dtype)
                del file[name]
                file.create_dataset(name, data=values, chunks=(1000, *values.shape[1:]))
            addresses = file["net/flow_client_address"][:, :4]
            ports = file["net/flow_client_port"][:]
        _, rows = read_csv(export(path, "flows", "--columns", "first_packet,client_address,client_port"))
        self.assertEqual(len(rows), self.FLOWS)
        for i, row in enumerate(rows):
            self.assertEqual(row, [str(i), ".".join(map(str, addresses[i])), str(ports[i])])


class Damaged(Results):
    def spoil(self, name, at, value):
        path = os.path.join(self.directory, "spoilt.h5")
        with changed_copy(self.path, path) as file:
            file[name][at] = value
        return path

    def test_what_points_nowhere_is_told_and_nothing_is_left(self):
        output = os.path.join(self.directory, "x.csv")
        for table, name, value in (("edges", "os/edge_source", 1 << 30), ("edges", "os/edge_chain", 1 << 30),
                                   ("metrics", "metrics/run_reason", 9999), ("runs", "campaign/run_testbed", 77),
                                   ("comparison", "comparison/verdict", 99), ("comparison", "comparison/verdict", -1)):
            with self.subTest(name, value=value):
                path = self.spoil(name, -1, value)
                done = run("export", path, "--table", table, "-o", output, status=1)
                self.assertEqual(done.stderr.count(b"\n"), 1)
                self.assertIn(name.encode(), done.stderr)
                self.assertFalse(os.path.exists(output))
                self.assertFalse(os.path.exists(output + ".partial"))

    def test_an_index_of_none_is_a_missing_value(self):
        rows = json.loads(export(self.path, "edges", "--columns", "testbed,run", form="json"))
        self.assertEqual({row["run"] for row in rows}, {None})  # chains of cells are of no run
        self.assertNotIn(None, {row["testbed"] for row in rows})


class Options(Results):
    def test_columns_come_in_the_order_that_was_asked_for(self):
        head, rows = read_csv(export(self.path, "comparison", "--columns", "verdict,metric,ratio"))
        self.assertEqual(head, ["verdict", "metric", "ratio"])
        everything, all_rows = read_csv(export(self.path, "comparison"))
        self.assertEqual(rows, [[row[everything.index(name)] for name in head] for row in all_rows])

    def test_rows_are_chosen_by_their_values(self):
        head, rows = read_csv(export(self.path, "comparison"))
        testbed, metric = head.index("testbed"), head.index("metric")
        wanted = [row for row in rows if row[testbed] == "virtio" and row[metric] in ("jitter", "requests_per_second")]
        self.assertTrue(wanted)
        found = export(self.path, "comparison", "--only", "metric=jitter,requests_per_second", "--only",
                       "testbed=virtio", "--columns", "ratio")
        self.assertEqual(read_csv(found)[1], [[row[head.index("ratio")]] for row in wanted])
        done = run("export", self.path, "--table", "runs", "--only", "testbed=nobody")
        self.assertEqual(len(read_csv(done.stdout.decode())[1]), 0)
        self.assertIn(b"no row has these values", done.stderr)

    def test_an_empty_cell_alone_is_a_line_of_its_own(self):
        text = export(self.path, "metrics", "--columns", "reason")
        self.assertNotIn("\n\n", text)
        self.assertEqual(len(read_csv(text)[1]), len(read_csv(export(self.path, "metrics"))[1]))

    def test_digits_are_those_of_numbers_not_of_counts_and_levels(self):
        rows = json.loads(export(self.path, "comparison", "--digits", "3", form="json"))
        full = json.loads(export(self.path, "comparison", form="json"))
        for row, exact in zip(rows, full):
            self.assertEqual((row["n"], row["factor_size"]), (exact["n"], exact["factor_size"]))
            if exact["ratio"] is not None:
                self.assertEqual(row["ratio"], float(f"{exact['ratio']:.3g}"))
        self.assertNotEqual(rows, full)

    def test_misuse_is_one_line(self):
        for arguments in (["--table", "nonsense"], ["--table", "runs", "--columns", "nonsense"],
                          ["--table", "runs", "--columns", "run,"], ["--table", "runs", "--only", "run"],
                          ["--table", "runs", "--only", "nonsense=1"], ["--table", "runs", "--format", "xlsx"],
                          ["--table", "runs", "--digits", "0"], ["--table", "runs", "--digits", "18"], [],
                          ["--list"], ["--table", "runs", "more"]):
            with self.subTest(arguments):
                done = run("export", self.path, *arguments, status=2)
                self.assertEqual((done.stdout, done.stderr.count(b"\n")), (b"", 1), done.stderr)
        run("export", "--list", "--table", "nonsense", status=2)

    def test_the_nearest_name_is_suggested(self):
        for arguments in (["--table", "metrcs"], ["--table", "metrics", "--columns", "run,metrcs"]):
            message = run("export", self.path, *arguments, status=2).stderr
            self.assertIn(b"'metrcs' (did you mean 'metric", message)

    def test_the_list_names_every_column(self):
        for table in tables():
            head, _ = read_csv(export(self.path, table))
            listed = [line.split()[0] for line in run("export", "--list", "--table", table).stdout.decode().splitlines()
                      if line.startswith("  ")][1:]
            self.assertEqual([name for name in listed if name != "factor_NAME"],
                             [name for name in head if not name.startswith("factor_")])

    def test_an_empty_table_says_what_it_needs(self):
        path = os.path.join(self.directory, "few.h5")
        shutil.copy(os.path.join(self.directory, "campaign.yaml"), os.path.join(self.directory, "few.yaml"))
        with open(os.path.join(self.directory, "few.yaml"), "r+", encoding="utf-8") as file:
            text = file.read().replace("flows: all", "flows: none")
            file.seek(0)
            file.truncate()
            file.write(text)
        run("analyze", os.path.join(self.directory, "few.yaml"), "-o", path, "--quiet")
        for form in ("csv", "json", "latex"):
            done = run("export", path, "--table", "flows", "--format", form)
            self.assertIn(b"flows: all", done.stderr)
        self.assertEqual(json.loads(export(path, "flows", form="json")), [])
        self.assertEqual(len(read_csv(export(path, "flows"))[1]), 0)


class Outputs(Results):
    def test_a_file_is_what_standard_output_is(self):
        output = os.path.join(self.directory, "runs.csv")
        run("export", self.path, "--table", "runs", "-o", output)
        with open(output, encoding="utf-8", newline="") as file:
            self.assertEqual(file.read(), export(self.path, "runs"))
        self.assertEqual(export(self.path, "runs", "-o", "-"), export(self.path, "runs"))
        done = run("export", self.path, "--table", "runs", "-o", output, status=2)
        self.assertIn(b"--force", done.stderr)
        run("export", self.path, "--table", "runs", "-o", output, "--force")

    def test_results_are_never_replaced(self):
        with open(self.path, "rb") as file:
            before = file.read()
        link = os.path.join(self.directory, "link.h5")
        os.symlink(self.path, link)
        for output in (self.path, link, self.directory, "/dev/null"):
            run("export", self.path, "--table", "runs", "-o", output, "--force", status=2)
        with open(self.path, "rb") as file:
            self.assertEqual(file.read(), before)

    def test_a_full_disk_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "export", self.path, "--table", "metrics"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)

    def test_typesetting(self):
        if shutil.which("pdflatex") is None:
            self.skipTest("pdflatex is not installed")
        text = export(self.path, "comparison", "--columns", "testbed,scenario,metric,ratio,holm_p,verdict", form="latex")
        source = ("\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs}\\begin{document}\n" + text +
                  "\\end{document}\n")
        with open(os.path.join(self.directory, "table.tex"), "w", encoding="utf-8") as file:
            file.write(source)
        subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"], cwd=self.directory,
                       stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
