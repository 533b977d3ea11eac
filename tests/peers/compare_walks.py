#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recompute every walk of a campaign from listings of its traces, and compare.

    compare_walks.py TWINBED LIST_CALLS                          the shared campaign vm
    compare_walks.py TWINBED LIST_CALLS CAMPAIGN RUNS SETTINGS   the campaign of that root, where runs are at RUNS;
                                                                 SETTINGS is one of the names below

The settings are plain (three orders, three windows), and fine: states tell outcomes apart, chains of runs and of thread
groups are written, and walks have a profile.

Calls come from list_calls; where thread lives end comes from sysdig's own listing of the same file. Counts, chains,
weights, probabilities and distances are computed here, without any code of twinbed. Real numbers must agree to 1e-9
of their size, counts and positions exactly."""
import collections
import concurrent.futures
import itertools
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import compare_traces

SKIPPED = 77
MANIFEST = """campaign: drivers, vm
baseline: veth
root: {root}
runs: "{runs}"
factors:
  size: {{type: bytes}}
{clients}artifacts:
  ab: {{text: ab.txt, csv: ab.csv}}
  trace: {{client: client.scap, server: [server.scap, client.scap]}}
process: {{client: ab, server: gohttp}}
work: ab
"""
SETTINGS = {"plain": """chain: {order: [1, 2, 3]}
windows:
  - {skip: 0, limit: whole}
  - {skip: 0, limit: shortest}
  - {skip: 300, limit: 1000}
""", "fine": """chain: {order: [1, 2], states: call+outcome, of: thread_groups}
walks: {profile: 7}
windows:
  - {skip: 0, limit: whole}
  - {skip: 300, limit: 500}
"""}


def list_calls(program, path):
    """Calls in order, each as (name, process, number of its thread life, process id, whether it failed)."""
    code, text, problem = compare_traces.run("sysdig", "-r", path, "-p", compare_traces.FORMAT)
    if code != 0:
        raise RuntimeError(f"sysdig: {path}: {problem.strip()}")
    ours = compare_traces.read_ours(program, path)
    details = compare_traces.read_details(program, path)
    lives, current, calls, place, ended = itertools.count(), {}, [], 0, []

    def add(tid, name, process, first, failed=None):
        if first or tid not in current or current[tid][1] != process:
            current[tid] = (next(lives), process)
        pid, result = details[len(calls)]
        calls.append((name, process, current[tid][0], pid, result < 0 if failed is None else failed))

    for line in text.splitlines():
        fields = line.split(" ", 5)
        if len(fields) < 6 or fields[0] not in "<>":
            continue
        direction, name, tid, result, _, process = fields
        if direction == ">":
            # A call that sysdig hides may still come before the end of its thread.
            ended += [tid] if name == "procexit" else []
            continue
        if name in compare_traces.NOT_CALLS or name in compare_traces.NEVER_RETURN:
            continue
        if name in compare_traces.CLONES and result == "0":
            current.pop(tid, None)
            continue
        process = "" if process == "<NA>" else process
        while (ours[place][0], ours[place][2]) != (tid, process) or ours[place][1] != name:
            if name == "<unknown>" and (ours[place][0], ours[place][2]) == (tid, process):
                break
            if ours[place][1] not in compare_traces.NEWER:
                raise AssertionError(f"{path}: call {place}: sysdig {fields}, twinbed {ours[place]}")
            add(*ours[place], False)
            place += 1
        for gone in ended:
            current.pop(gone, None)
        ended = []
        failed = result.startswith("-")
        add(*ours[place], name in ("execve", "execveat") and not failed, failed)
        place += 1
    for call in ours[place:]:
        add(*call, False)
    return calls


class Counts:
    """Transitions and first states of one order inside positions skip .. skip + limit - 1; only those of one process;
    only those whose last call lies in the interval."""

    def __init__(self, sequence, order, skip, limit, pid=None, interval=None):
        self.transitions, self.starts, self.first, self.first_start = collections.Counter(), collections.Counter(), {}, {}
        lives = collections.defaultdict(list)
        for position in range(skip, len(sequence) if limit < 0 else skip + limit):
            name, life, of = sequence[position]
            if pid not in (None, of):
                continue
            lived = lives[life]
            lived.append(name)
            if interval is not None and position not in interval:
                continue
            if len(lived) == order:
                state = tuple(lived)
                self.starts[state] += 1
                self.first_start.setdefault(state, position)
            elif len(lived) > order:
                step = tuple(lived[-order - 1:])
                self.transitions[step] += 1
                self.first.setdefault(step, position)


class Chain:
    def __init__(self, counts):
        self.counts, self.leaving = counts.transitions, collections.Counter()
        self.states = set(counts.starts)
        for step, count in counts.transitions.items():
            self.leaving[step[:-1]] += count
            self.states |= {step[:-1], step[1:]}
        self.log10 = {step: math.log10(count) - math.log10(self.leaving[step[:-1]])
                      for step, count in counts.transitions.items()}


def walk(chain, counts, smoothing, vocabulary):
    found = dict(transitions=0, invalid_transitions=0, invalid_distinct=0, invalid_starts=0)
    logs, smoothed, wrong = [], [], []
    for state, count in counts.starts.items():
        if state not in chain.states:
            found["invalid_starts"] += count
            wrong.append((counts.first_start[state], 0, state))
    for step, count in counts.transitions.items():
        found["transitions"] += count
        smoothed.append(count * math.log10((chain.counts.get(step, 0) + smoothing) /
                                           (chain.leaving.get(step[:-1], 0) + smoothing * vocabulary)))
        if step in chain.log10:
            logs.append(count * chain.log10[step])
        else:
            found["invalid_transitions"] += count
            found["invalid_distinct"] += 1
            wrong.append((counts.first[step], 1, step))
    found["invalid"] = {(key, is_step): (counts.transitions if is_step else counts.starts)[key] for _, is_step, key in wrong}
    position, is_step, key = min(wrong, default=(-1, None, None))
    found["first_invalid"] = position
    found["first_invalid_source"] = ">".join(key[:-1]) if is_step == 1 else None
    found["first_invalid_target"] = None if key is None else ">".join(key[1:] if is_step else key)
    found["valid"] = int(not wrong)
    found["log10_probability"] = math.nan if wrong else math.fsum(logs)
    found["smoothed_log10_probability"] = math.fsum(smoothed)
    for name in ("", "smoothed_"):
        bits = -found[f"{name}log10_probability"] / math.log10(2)
        found[f"{name}bits_per_transition"] = bits / found["transitions"] if found["transitions"] else math.nan
    return found


def divergence(a, b):
    a_total, b_total, terms = sum(a.values()), sum(b.values()), []
    for step in a.keys() | b.keys():
        p, q = a[step] / a_total, b[step] / b_total
        terms += [p * math.log2(2 * p / (p + q)) / 2 if p else 0, q * math.log2(2 * q / (p + q)) / 2 if q else 0]
    return math.fsum(terms)


def agree(found, expected, size=0):
    if isinstance(expected, float):
        return (math.isnan(found) and math.isnan(expected)) or \
            abs(found - expected) <= 1e-9 * max(abs(found), abs(expected), size)
    return found == expected


def text_of(attribute):
    return attribute.decode() if isinstance(attribute, bytes) else str(attribute)


class Results:
    def __init__(self, file):
        self.os = {name: file["os"][name][:] for name in file["os"] if file["os"][name].dtype.kind in "if"}
        self.labels = list(file["os/state_label"].asstr()[:])
        self.run = list(file["campaign/run_name"].asstr()[:])
        self.run_scenario, self.run_testbed = file["campaign/run_scenario"][:], file["campaign/run_testbed"][:]
        self.process = {1: text_of(file.attrs["setting_client_process"]), 2: text_of(file.attrs["setting_server_process"])}
        self.smoothing = float(file.attrs["setting_smoothing"])
        sequence = {name: self.os[f"sequence_{name}"] for name in ("run", "role", "artifact", "usable")}
        paths = file["quality/artifact_path"].asstr()[:]
        self.edges = collections.defaultdict(list)
        for edge, chain in enumerate(self.os["edge_chain"].tolist()):
            self.edges[chain].append(edge)
        self.path = {(run, role): paths[artifact] for run, role, artifact, usable in zip(*sequence.values()) if usable}

    def transitions(self, chain):
        """Counts of the edges of a chain, by the names of their calls."""
        counts = {}
        for edge in self.edges[chain]:
            source, target = (self.labels[self.os[f"edge_{end}"][edge]] for end in ("source", "target"))
            counts[tuple(source.split(">")) + (target.split(">")[-1],)] = int(self.os["edge_count"][edge])
        return counts

    def rows(self, prefix, names):
        return zip(*(self.os[f"{prefix}_{name}"].tolist() for name in names))


class Comparison:
    def __init__(self, results, sequences):
        self.results, self.sequences, self.counts, self.chains, self.vocabulary = results, sequences, {}, {}, {}
        self.compared = collections.Counter()
        self.groups = self.invalid = 0
        self.faults = []

    def table(self, run, role, order, skip, limit):
        key = run, role, order, skip, limit
        if key not in self.counts:
            self.counts[key] = Counts(self.sequences[run, role], order, skip, limit)
        return self.counts[key]

    def chain(self, *key):
        if key not in self.chains:
            self.chains[key] = Chain(self.table(*key))
        return self.chains[key]

    def words(self, scenario, role, order):
        """Calls that occur in transitions or first states of the scenario."""
        key = scenario, role, order
        if key not in self.vocabulary:
            self.vocabulary[key] = len({name for (run, of) in self.sequences
                                        if of == role and self.results.run_scenario[run] == scenario
                                        for counts in [self.table(run, role, order, 0, -1)]
                                        for step in itertools.chain(counts.transitions, counts.starts) for name in step})
        return self.vocabulary[key]

    def note(self, what, found, expected, size=0):
        self.compared[what.split(":")[0]] += 1
        if not agree(found, expected, size):
            self.faults.append(f"{what}: twinbed {found!r}, here {expected!r}")

    def compare_walks(self):
        windows = list(self.results.rows("window", ("scenario", "role", "skip", "limit")))
        names = ("window", "order", "basis", "chain_run", "sequence_run")
        values = ("transitions", "invalid_transitions", "invalid_distinct", "invalid_starts", "first_invalid",
                  "first_invalid_source", "first_invalid_target", "valid", "log10_probability", "bits_per_transition",
                  "smoothed_log10_probability", "smoothed_bits_per_transition")
        seen = collections.Counter()
        invalid = collections.defaultdict(lambda: (collections.Counter(), collections.Counter()))
        for row in self.results.rows("walk", names + values):
            (window, order, basis, chain_run, run), found = row[:5], dict(zip(values, row[5:]))
            scenario, role, skip, limit = windows[window]
            inside = (0, -1) if basis == 0 else (skip, limit)
            expected = walk(self.chain(chain_run, role, order, *inside), self.table(run, role, order, skip, limit),
                            self.results.smoothing, self.words(scenario, role, order))
            for end in ("source", "target"):
                at = found[f"first_invalid_{end}"]
                found[f"first_invalid_{end}"] = None if at < 0 else self.results.labels[at]
            for name in values:
                self.note(f"{name}: window {window} order {order} basis {basis} chain {chain_run} sequence {run}",
                          found[name], expected[name])
            walk_set = window, order, basis, self.results.run_testbed[chain_run], self.results.run_testbed[run]
            seen[walk_set] += 1
            invalid[walk_set][0].update(expected["invalid"])
            invalid[walk_set][1].update(expected["invalid"].keys())
        self.compare_invalid(invalid)
        return seen

    def compare_invalid(self, expected):
        """Which transitions were invalid, how often, and in how many walks of each set."""
        sets = list(self.results.rows("walk_set", ("window", "order", "basis", "chain_testbed", "testbed")))
        found = collections.defaultdict(dict)
        for row, source, target, occurrences, walks in self.results.rows("invalid", ("set", "source", "target",
                                                                                     "occurrences", "walks")):
            key = tuple(self.results.labels[target].split(">"))
            if source >= 0:
                key = tuple(self.results.labels[source].split(">")) + key[-1:]
            found[sets[row]][key, int(source >= 0)] = occurrences, walks
        for walk_set, (occurrences, walks) in expected.items():
            self.note(f"invalid transitions of a set: {walk_set}", found[walk_set],
                      {key: (occurrences[key], walks[key]) for key in occurrences})
            self.invalid += len(occurrences)

    def compare_chains(self):
        """Those of runs and thread groups."""
        names = ("run", "role", "order", "thread_group", "transitions")
        for chain, (run, role, order, group, transitions) in enumerate(self.results.rows("chain", names)):
            if run < 0:
                continue
            counts = Counts(self.sequences[run, role], order, 0, -1, None if group == 0 else group)
            what = f"run {run} role {role} order {order} process {group}"
            self.note(f"transitions of a chain: {what}", transitions, sum(counts.transitions.values()))
            self.note(f"edges of a chain: {what}", self.results.transitions(chain), dict(counts.transitions))
            self.groups += group != 0

    def compare_profile(self):
        names = ("run", "role", "order", "begin", "calls", "transitions", "chains", "bits_per_transition",
                 "invalid_transitions")
        covered = collections.Counter()
        for run, role, order, begin, calls, transitions, chains, bits, invalid in self.results.rows("walk_profile", names):
            scenario, interval = self.results.run_scenario[run], range(begin, begin + calls)
            counts = Counts(self.sequences[run, role], order, 0, -1, None, interval)
            others = [other for other, of in self.sequences if of == role and other != run and
                      self.results.run_testbed[other] == 0 and self.results.run_scenario[other] == scenario]
            walks = [walk(self.chain(other, role, order, 0, -1), counts, self.results.smoothing,
                          self.words(scenario, role, order)) for other in others]
            what = f"run {run} role {role} order {order} at {begin}"
            self.note(f"profile transitions: {what}", transitions, sum(counts.transitions.values()))
            self.note(f"profile chains: {what}", chains, len(others))
            self.note(f"profile bits: {what}", bits, sum(w["smoothed_bits_per_transition"] for w in walks) / len(walks))
            self.note(f"profile invalid: {what}", invalid, sum(w["invalid_transitions"] for w in walks) / len(walks))
            covered[run, role, order] += calls
        for (run, role, order), calls in covered.items():
            self.note(f"profile calls: run {run} role {role} order {order}", calls, len(self.sequences[run, role]))

    def compare_distances(self):
        for role, order, first, second, found in self.results.rows("run_distance",
                                                                   ("role", "order", "first", "second", "divergence")):
            expected = divergence(*(self.table(run, role, order, 0, -1).transitions for run in (first, second)))
            # Differences of nearly equal numbers: to 1e-9 of a millionth of a bit.
            self.note(f"divergence: role {role} order {order} runs {first} {second}", found, expected, 1e-6)


def analyze(twinbed, root, runs, settings, directory):
    manifest, results = Path(directory, "campaign.yaml"), Path(directory, "results.h5")
    clients = "  clients: {type: number, unit: clients}\n" if "{clients}" in runs else ""
    manifest.write_text(MANIFEST.format(root=root, runs=runs, clients=clients) + SETTINGS[settings])
    environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    subprocess.run([twinbed, "analyze", manifest, "-o", results], check=True, env=environment,
                   stderr=subprocess.DEVNULL)
    return results


def same_sequences(results, sequences):
    """Scenarios and roles whose sequences are the same call for call in every run of every testbed."""
    groups = collections.defaultdict(list)
    for (run, role), sequence in sequences.items():
        groups[results.run_scenario[run], role].append([name for name, _, _ in sequence])
    for (scenario, role), members in sorted(groups.items()):
        same = all(member == members[0] for member in members)
        print(f"scenario {scenario} role {role}: {len(members)} sequences, {'all the same' if same else 'they differ'}")


def main():
    try:
        import h5py
    except ImportError:
        print("skipped: no h5py here")
        return SKIPPED
    shared = os.environ.get("TWINBED_SHARED", str(Path(__file__).resolve().parents[3] / "shared"))
    root, runs, settings = sys.argv[3:] if len(sys.argv) > 3 else \
        (os.path.join(shared, "campaigns/vm"), "{testbed}/{size}-c{clients}/rep-{rep}", "plain")
    if shutil.which("sysdig") is None or not os.path.isdir(root):
        print(f"skipped: no sysdig, or no campaign {root} (set TWINBED_SHARED)")
        return SKIPPED
    with tempfile.TemporaryDirectory() as directory:
        with h5py.File(analyze(sys.argv[1], os.path.abspath(root), runs, settings, directory)) as file:
            results = Results(file)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        files = sorted(set(results.path.values()))
        listed = dict(zip(files, pool.map(lambda name: list_calls(sys.argv[2], os.path.join(root, name)), files)))
    sequences = {(run, role): [(name + ":error" if failed and settings == "fine" else name, life, pid)
                               for name, process, life, pid, failed in listed[path] if process == results.process[role]]
                 for (run, role), path in results.path.items()}
    same_sequences(results, sequences)
    comparison = Comparison(results, sequences)
    seen = comparison.compare_walks()
    comparison.compare_distances()
    comparison.compare_chains()
    comparison.compare_profile()
    if settings == "fine":
        print(f"{comparison.groups} chains of thread groups, {comparison.compared['profile bits']} intervals")
    print(f"{sum(seen.values())} walks, {min(seen.values(), default=0)} to {max(seen.values(), default=0)} for each "
          f"window, order, basis and pair of testbeds; {comparison.compared['divergence']} distances; {comparison.invalid} invalid transitions of sets")
    for fault in comparison.faults[:20]:
        print(fault)
    print(f"{sum(comparison.compared.values())} values compared, {len(comparison.faults)} differ")
    missing = settings == "fine" and not (comparison.groups and comparison.compared["profile bits"])
    return 1 if comparison.faults or not seen or missing else 0


if __name__ == "__main__":
    sys.exit(main())
