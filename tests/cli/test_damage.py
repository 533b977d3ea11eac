#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One trace and one capture of the sample end in the middle: the others carry on, and the results say so."""
import os
import shutil

import h5py

from command import DAMAGED, FAILED, Case, main, outcome, truncate

TRACE = "e1000/500B-c4/rep-03/client.scap"
CAPTURE = "virtio/500B-c4/rep-04/link.pcap.gz"
INSTRUMENTED = ("--only", "instrumented=true")


def texts(file, path):
    return [text.decode() for text in file[path][()]]


class Truncated(Case):
    def setUp(self):
        super().setUp()
        self.manifest = self.copy_sample("500B-c4")
        truncate(os.path.join("sample", TRACE))
        truncate(os.path.join("sample", CAPTURE))

    def counts_of(self, file):
        """How many runs have a value: by testbed and metric."""
        testbeds = texts(file, "campaign/testbed_name")
        metrics = texts(file, "metrics/metric_name")
        rows = {testbeds[number]: row for row, number in enumerate(file["campaign/cell_testbed"][()])}
        return lambda testbed, metric: int(file["comparison/n"][rows[testbed], metrics.index(metric)])

    def test_values_that_need_them_are_nine(self):
        done = self.twinbed("analyze", self.manifest, "-o", "x.h5", *INSTRUMENTED, status=DAMAGED)
        self.assertEqual(outcome(done)["damaged"], 2)
        with h5py.File("x.h5") as file:
            n = self.counts_of(file)
            for metric in ("client_reads_per_request", "client_calls_per_request", "client_connections_per_request",
                           "client_context_switches_per_request", "client_walk_invalid_transitions"):
                self.assertEqual((n("veth", metric), n("e1000", metric), n("virtio", metric)), (10, 9, 10), metric)
            for metric in ("server_packets_per_request", "server_payload_per_request_completed",
                           "connections_per_request"):
                self.assertEqual((n("veth", metric), n("e1000", metric), n("virtio", metric)), (10, 10, 9), metric)
            for metric in ("requests_per_second", "time_per_request", "server_reads_per_request", "jitter",
                           "server_calls_per_request", "server_walk_invalid_transitions"):
                self.assertEqual((n("veth", metric), n("e1000", metric), n("virtio", metric)), (10, 10, 10), metric)

    def test_artifacts_say_why_and_where(self):
        self.twinbed("analyze", self.manifest, "-o", "x.h5", *INSTRUMENTED, status=DAMAGED)
        with h5py.File("x.h5") as file:
            paths = texts(file, "quality/artifact_path")
            states = file["quality/artifact_state"][()]
            self.assertEqual(sorted(path for path, state in zip(paths, states) if state == 2), [TRACE, CAPTURE])
            for path in (TRACE, CAPTURE):
                row = paths.index(path)
                offset = int(file["quality/damage_offset"][row])
                self.assertEqual(int(file["quality/damage"][row]), 1)
                self.assertGreater(offset, 0)
                self.assertLessEqual(offset, int(file["quality/stream_bytes"][row]))
                self.assertIn(f"truncated at offset {offset}", texts(file, "quality/artifact_reason")[row])
                # What was whole before the cut is still counted, and every byte is accounted for.
                self.assertGreater(int(file["quality/decoded_bytes"][row]), 0)
                self.assertEqual(int(file["quality/decoded_bytes"][row] + file["quality/skipped_bytes"][row]
                                     + file["quality/damaged_bytes"][row]), int(file["quality/stream_bytes"][row]))
            usable = [bool(value) for value in file["os/sequence_usable"][()]]
            self.assertEqual(usable.count(False), 1)
            sequences = dict(zip(zip(file["os/chain_cell"][()].tolist(), file["os/chain_role"][()].tolist()),
                                 file["os/chain_sequences"][()].tolist()))
            self.assertEqual(sorted(sequences.values()), [9, 10, 10, 10, 10, 10])

    def test_strict_makes_them_fatal(self):
        done = self.twinbed("analyze", self.manifest, "-o", "x.h5", "--strict", *INSTRUMENTED, status=FAILED)
        self.assertIn("--strict: 2 artifacts are damaged", done.stderr)
        self.assert_nothing_is_left("sample")

    def test_strict_is_no_obstacle_to_whole_files(self):
        self.twinbed("analyze", self.manifest, "-o", "x.h5", "--strict", *INSTRUMENTED, "--only", "rep=01,02")

    def test_check_sees_what_is_missing_before_the_job(self):
        self.twinbed("check", self.manifest, *INSTRUMENTED)  # formats are right, the cut is not looked for
        os.remove(os.path.join("sample", TRACE))
        done = self.twinbed("check", self.manifest, *INSTRUMENTED, status=DAMAGED)
        self.assertRegex(done.stdout, rf"missing +trace +client +\S*{TRACE}")


class Points(Case):
    def test_a_run_is_measured_at_the_point_of_its_cell(self):
        manifest = self.copy_sample("500B-c4", testbeds=("veth", "e1000"))
        self.edit(manifest, r"capture: \{link: .*", "capture: {client: client.pcap.gz, server: link.pcap.gz}")
        for testbed in ("veth", "e1000"):
            for repetition in range(1, 11):
                place = f"sample/{testbed}/500B-c4/rep-{repetition:02}/"
                shutil.copy(place + "link.pcap.gz", place + "client.pcap.gz")
        truncate("sample/e1000/500B-c4/rep-02/client.pcap.gz")
        truncate("sample/e1000/500B-c4/rep-03/link.pcap.gz")
        self.twinbed("analyze", manifest, "-o", "x.h5", status=DAMAGED)
        with h5py.File("x.h5") as file:
            metric = texts(file, "metrics/metric_name").index("server_packets_per_request")
            self.assertEqual(file["comparison/n"][:, metric].tolist(), [10, 9])
            self.assertEqual(file["comparison/reason"][0, metric], 0)


if __name__ == "__main__":
    main()
