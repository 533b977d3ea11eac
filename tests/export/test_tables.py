#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every value of every table of the sample's results is what h5py finds in the file."""
import ipaddress
import itertools
import math

from exported import Results, export, main, read_csv, tables

# The dimensions that a table's rows count, the last one running fastest.
DIMENSIONS = {
    "factors": ["factor"], "scenarios": ["scenario"], "cells": ["cell"], "runs": ["run"], "definitions": ["metric"],
    "metrics": ["run", "metric"], "pairs": ["run", "pair", "metric"], "reasons": ["reason"],
    "summaries": ["cell", "metric"], "comparison": ["contrast", "metric"], "terms": ["term"],
    "sensitivity": ["metric", "term"], "quality": ["artifact"], "checks": ["check"], "findings": ["finding"],
    "sequences": ["sequence"], "calls": ["call_total"], "threads": ["thread"], "states": ["state"],
    "chains": ["chain"], "edges": ["edge"], "windows": ["window"], "walks": ["walk"], "walk_sets": ["walk_set"],
    "invalid": ["invalid"], "walk_profiles": ["walk_profile"], "chain_comparisons": ["chain_comparison"],
    "edge_differences": ["edge_difference"], "order_scores": ["order_score"], "run_distances": ["run_distance"],
    "run_tests": ["run_test"], "run_places": ["run_place"], "call_differences": ["call_difference"],
    "walk_differences": ["walk_difference"], "counters": ["counter"], "unknown_events": ["unknown_event"],
    "kernel_events": ["kernel_event"], "captures": ["capture"],
    "distributions": ["capture", "percent"], "stalls": ["stall"], "trails": ["trail"],
    "trail_packets": ["trail_packet"], "flows": ["flow"], "segments": ["flow"],
    "rtt": ["flow"], "ab": ["ab"], "request_times": ["request_time"], "sessions": ["session"],
    "test_sessions": ["test_session"],
}
# The indexes that lead from a row to its run, cell, scenario and so on.
RUN = {"runs": [], "metrics": [], "pairs": [], "quality": ["artifact_run"], "checks": ["check_run"],
       "sequences": ["sequence_run"], "calls": ["call_total_sequence", "sequence_run"],
       "threads": ["thread_sequence", "sequence_run"], "walks": ["walk_sequence_run"],
       "walk_profiles": ["walk_profile_run"], "run_places": ["run_place_run"],
       "captures": ["capture_artifact", "artifact_run"], "kernel_events": ["kernel_event_artifact", "artifact_run"],
       "counters": ["counter_artifact", "artifact_run"], "unknown_events": ["unknown_event_artifact", "artifact_run"],
       "distributions": ["capture_artifact", "artifact_run"], "stalls": ["stall_artifact", "artifact_run"],
       "trails": ["trail_artifact", "artifact_run"],
       "flows": ["flow_artifact", "artifact_run"], "segments": ["flow_artifact", "artifact_run"], "rtt": ["flow_artifact", "artifact_run"], "ab": ["ab_run"],
       "request_times": ["request_time_run"], "sessions": ["session_artifact", "artifact_run"],
       "test_sessions": ["test_session_artifact", "artifact_run"]}
CELL = {"cells": [], "summaries": [], "comparison": ["contrast_cell"], "chains": ["chain_cell"],
        "edges": ["edge_chain", "chain_cell"], "order_scores": ["order_score_cell"],
        "call_differences": ["call_difference_contrast", "contrast_cell"]}
COMPARED = {"chain_comparisons": [], "edge_differences": ["edge_difference_comparison"],
            "walk_differences": ["walk_difference_comparison"]}
ARTIFACT = {"counters": "counter", "unknown_events": "unknown_event", "kernel_events": "kernel_event", "captures": "capture", "distributions": "capture", "stalls": "stall", "trails": "trail", "flows": "flow", "segments": "flow",
            "rtt": "flow", "sessions": "session", "test_sessions": "test_session"}
WINDOW = {"walks": ["walk_window"], "walk_sets": ["walk_set_window"], "invalid": ["invalid_set", "walk_set_window"]}
NAMES = {"testbed": "testbed_name", "factor": "factor_name", "scenario": "scenario_name", "run": "run_name",
         "reason": "reason_sentence", "contrast": "contrast_name", "artifact": "artifact_path", "call": "call_name",
         "state": "state_label"}
# Columns that hold indexes, under the names of what they point to.
INDEXES = {"term_factor": "factor", "chain_run": "run", "walk_first_invalid_source": "state",
           "walk_first_invalid_target": "state", "invalid_source": "state", "invalid_target": "state",
           "edge_difference_source": "state", "edge_difference_target": "state", "edge_source": "state",
           "edge_target": "state", "run_distance_first": "run", "run_distance_second": "run", "walk_chain_run": "run",
           "call_difference_call": "call", "walk_difference_call": "call", "call_total_call": "call",
           "walk_set_testbed": "testbed", "walk_set_chain_testbed": "testbed", "sequence_artifact": "artifact",
           "ab_artifact": "artifact", "request_time_artifact": "artifact",
           "reason_group": "reason"}
NEGATIVE = {"chain_thread_group", "flow_start"}  # numbers below zero are numbers


class Expected:
    """Values of a results file as a table should have them, worked out anew."""

    def __init__(self, path):
        import h5py
        self.data, self.flags, self.sizes = {}, {}, {}
        with h5py.File(path) as file:
            for name, item in file.items():
                if isinstance(item, h5py.Dataset):
                    self.sizes[name] = len(item)
                    continue
                for dataset in item.values():
                    short = dataset.name.split("/")[-1]
                    text = h5py.check_string_dtype(dataset.dtype) is not None
                    key = short if short not in self.data else dataset.name[1:]
                    self.data[key] = dataset.asstr()[:] if text else dataset[:]
                    self.data[dataset.name[1:]] = self.data[key]
                    if "flag_meanings" in dataset.attrs:
                        words = dataset.attrs["flag_meanings"]
                        words = (words.decode() if isinstance(words, bytes) else words).split()
                        self.flags[key] = self.flags[dataset.name[1:]] = words

    def value(self, name, *at):
        value = self.data[name][at]
        if name in self.flags:
            return self.flags[name][value]
        if name in INDEXES:
            return None if value < 0 else self.data[NAMES[INDEXES[name]]][value]
        if isinstance(value, str):
            return value
        if self.data[name].dtype.kind == "i":
            return int(value) if value >= 0 or name in NEGATIVE else None
        return None if math.isnan(value) else float(value)

    def follow(self, row, way):
        """Where a way of indexes leads; None when one of them is -1."""
        for name in way:
            row = int(self.data[name][row])
            if row < 0:
                return None
        return row

    def named(self, what, row, way):
        row = self.follow(row, way)
        return None if row is None else self.data[NAMES[what]][row]

    def factor(self, scenario, name):
        factor = list(self.data["factor_name"]).index(name)
        if self.data["factor_unit"][factor]:
            return self.value("scenario_level_number", scenario, factor)
        return self.data["scenario_level_text"][scenario, factor]

    def place(self, table, column, row):
        """What says where a row belongs; NotImplemented when the column does not."""
        if table in RUN:
            run = self.follow(row, RUN[table])
            scenario, testbed = self.data["run_scenario"][run], self.data["run_testbed"][run]
            if column in ("run", "repetition"):
                return self.data["run_name" if column == "run" else "run_repetition"][run]
        elif table in CELL:
            cell = self.follow(row, CELL[table])
            scenario, testbed = self.data["cell_scenario"][cell], self.data["cell_testbed"][cell]
        elif table in COMPARED:
            compared = self.follow(row, COMPARED[table])
            scenario = self.data["chain_comparison_scenario"][compared]
            testbed = self.data["chain_comparison_testbed"][compared]
            if column in ("role", "order"):
                return self.value("chain_comparison_" + column, compared)
        elif table == "run_tests":
            scenario, testbed = self.data["run_test_scenario"][row], self.data["run_test_testbed"][row]
        elif table == "run_distances":
            scenario, testbed = self.data["run_scenario"][self.data["run_distance_first"][row]], None
        elif table == "windows":
            scenario, testbed = self.data["window_scenario"][row], None
        elif table in WINDOW:
            scenario, testbed = self.data["window_scenario"][self.follow(row, WINDOW[table])], None
        elif table == "scenarios":
            scenario, testbed = row, None
        else:
            return NotImplemented
        if column == "scenario":
            return self.data["scenario_name"][scenario]
        if column == "testbed" and testbed is not None:
            return self.data["testbed_name"][testbed]
        if column.startswith("factor_"):
            return self.factor(scenario, column[len("factor_"):])
        return NotImplemented

    def lead(self, table, column, row):
        """Other columns that are looked up elsewhere."""
        if table in ARTIFACT and column in ("pair", "role", "point", "path"):
            return self.value("artifact_" + column, self.follow(row, [ARTIFACT[table] + "_artifact"]))
        if table in WINDOW and column in ("role", "skip", "limit"):
            return self.value("window_" + column, self.follow(row, WINDOW[table]))
        if table in ("calls", "threads"):
            sequence = self.follow(row, RUN[table][:1])
            if column in ("sequence", "pair", "role"):
                return sequence if column == "sequence" else self.value("sequence_" + column, sequence)
        if table == "edges" and column in ("role", "order", "pair", "run"):
            return self.value("chain_" + column, self.follow(row, ["edge_chain"]))
        if table in ("comparison", "call_differences"):
            contrast = row if table == "comparison" else self.follow(row, ["call_difference_contrast"])
            known = {"contrast": lambda: self.data["contrast_name"][contrast],
                     "contrast_kind": lambda: self.value("contrast_kind", contrast),
                     "factor": lambda: self.named("factor", contrast, ["contrast_factor"]),
                     "reference_testbed": lambda: self.named("testbed", contrast, ["contrast_reference", "cell_testbed"]),
                     "reference_scenario": lambda: self.named("scenario", contrast,
                                                              ["contrast_reference", "cell_scenario"])}
            if column in known:
                return known[column]()
        ways = {("checks", "path"): ("artifact", ["check_artifact"]),
                ("walks", "chain_testbed"): ("testbed", ["walk_chain_run", "run_testbed"]),
                ("invalid", "testbed"): ("testbed", ["invalid_set", "walk_set_testbed"]),
                ("invalid", "chain_testbed"): ("testbed", ["invalid_set", "walk_set_chain_testbed"]),
                ("run_distances", "first_testbed"): ("testbed", ["run_distance_first", "run_testbed"]),
                ("run_distances", "second_testbed"): ("testbed", ["run_distance_second", "run_testbed"])}
        if (table, column) in ways:
            return self.named(ways[table, column][0], row, ways[table, column][1])
        others = {("walks", "chain_repetition"): ("run_repetition", ["walk_chain_run"]),
                  ("invalid", "order"): ("walk_set_order", ["invalid_set"]),
                  ("invalid", "basis"): ("walk_set_basis", ["invalid_set"])}
        if (table, column) in others:
            return self.value(others[table, column][0], self.follow(row, others[table, column][1]))
        numbers = {("edges", "chain"): "edge_chain", ("walks", "window"): "walk_window",
                   ("walk_sets", "window"): "walk_set_window", ("invalid", "walk_set"): "invalid_set",
                   ("edge_differences", "chain_comparison"): "edge_difference_comparison",
                   ("walk_differences", "chain_comparison"): "walk_difference_comparison"}
        if (table, column) in numbers:
            return int(self.data[numbers[table, column]][row])
        if column in ("client_address", "server_address"):
            size = 16 if self.data["flow_ip_version"][row] == 6 else 4
            return str(ipaddress.ip_address(bytes(self.data["flow_" + column][row][:size].tolist())))
        return NotImplemented

    def several(self, table, column, at):
        """Columns of tables over several dimensions."""
        if len(at) < 2:
            return NotImplemented
        if table == "distributions":
            return at[1] if column == "percent" else self.value("capture_" + column, *at)
        metric = at[0] if table == "sensitivity" else at[-1]
        if column in ("metric", "unit", "level", "role"):
            return self.data["metric_name" if column == "metric" else "metric_" + column][metric]
        if table == "metrics" and column == "value":
            return self.value("run_value", *at)
        if table == "metrics" and column.startswith("reason"):
            reason = self.data["run_reason"][at]
            name = "reason_sentence" if column == "reason" else "reason_kind"
            return None if reason < 0 else self.value(name, reason)
        if table == "pairs" and column == "pair":
            return at[1]
        if table == "sensitivity":
            known = {"term": "term_name", "term_kind": "term_kind"}
            return self.value(known[column], at[1]) if column in known else self.value("sensitivity/" + column, *at)
        if table == "comparison":
            for prefix, cell in (("reference_", "contrast_reference"), ("", "contrast_cell")):
                if column in (prefix + "n", prefix + "mean", prefix + "deviation"):
                    return self.value(column[len(prefix):], int(self.data[cell][at[0]]), metric)
            if column in ("holm_tests", "holm_scenario_tests"):
                return self.value(column, at[0])
            column = {"ratio_low": "fieller_low", "ratio_high": "fieller_high", "reason": "comparison/reason"}.get(column,
                                                                                                               column)
        return self.value(column, *at)

    def cell(self, table, column, at):
        dimension = DIMENSIONS[table][0]
        if column == dimension and dimension in ("cell", "sequence", "chain", "window", "walk_set", "chain_comparison",
                                                 "state"):
            return at[0]
        for look in (lambda: self.place(table, column, at[0]), lambda: self.lead(table, column, at[0]),
                     lambda: self.several(table, column, at)):
            found = look()
            if found is not NotImplemented:
                return found
        special = {"sensitivity_balanced": "balanced", "sensitivity_error": "error"}
        name = special.get(column, f"{dimension}_{column}")
        return self.value(name if name in self.data else column, at[0])

    def rows(self, table):
        """Where the rows of a table are, in its order."""
        for at in itertools.product(*(range(self.sizes[name]) for name in DIMENSIONS[table])):
            if table != "pairs" or at[1] < self.data["run_pairs"][at[0]]:
                yield at


def found_in(text, expected):
    """The text of a CSV cell as the type that is expected."""
    if text == "" and not isinstance(expected, str):
        return None
    return type(expected)(text) if expected is not None else text


class Tables(Results):
    def check_table(self, expected, table):
        head, rows = read_csv(export(self.path, table))
        self.assertEqual(len(set(head)), len(head))
        places = list(expected.rows(table))
        self.assertEqual(len(rows), len(places))
        for row, at in zip(rows, places):
            for column, text in zip(head, row, strict=True):
                wanted = expected.cell(table, column, at)
                self.assertEqual(found_in(text, wanted), wanted, f"{table}{at}: {column}")
        return len(rows)

    def test_every_value_is_that_of_the_file(self):
        expected = Expected(self.path)
        self.assertEqual(sorted(tables()), sorted(DIMENSIONS))
        empty = [table for table in DIMENSIONS if self.check_table(expected, table) == 0]
        self.assertEqual(empty, ["unknown_events", "kernel_events", "stalls", "trails", "trail_packets"])  # all is well with the sample


if __name__ == "__main__":
    main()
