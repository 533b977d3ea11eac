#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records as people have them: each run of a campaign is spoilt in one way, and the results must say so.

Every run holds ten requests of 700 bytes, kept alive on two connections or not. A spoilt run has no value where there
is no evidence, with the reason; it never has a number that is not true. The closing lines name the kinds of faults."""
import math
import os
import struct
import sys

from command import DAMAGED, GOOD, HERE, Case, main

sys.path.insert(0, os.path.join(os.path.dirname(HERE), "analysis"))
from made_captures import Capture  # noqa: E402
from made_texts import ab_text, owping  # noqa: E402
from made_traces import AB, ENTER, EVENT, PROCESS_LIST, Trace, add_client, add_server, plain_reply  # noqa: E402

REQUESTS, BODY = 10, 500
CLIENT, SERVER = (10, 0, 0, 1), (10, 0, 0, 2)
NAN = math.nan
CONCURRENCY = b"Concurrency Level:      "

MANIFEST = """campaign: messy
baseline: good
runs: "{testbed}/{rep}"
artifacts:
  ab: ab.txt
  latency: owping.txt
  capture: {link: link.pcap}
  capture_log: tcpdump.txt
  trace: {client: client.scap, server: server.scap}
process: {client: ab, server: srv}
"""


def capture(requests=REQUESTS):
    made = Capture(CLIENT, SERVER)
    for number in range(requests):
        made.flow(40001 + number, [BODY + 200])
    return made


def client_trace(requests=REQUESTS):
    trace = Trace(PROCESS_LIST, CLIENT, SERVER)
    add_client(trace, requests, 2, 2, "pread", 3, BODY + 200)
    return trace


def server_trace(requests=REQUESTS):
    trace = Trace(PROCESS_LIST, CLIENT, SERVER)
    add_server(trace, [plain_reply(1, 1) for _ in range(requests)], 3, BODY + 200)
    return trace


def good_run():
    """Names and contents of the files of a run in which everything agrees."""
    return {"ab.txt": ab_text("10.0.0.2", REQUESTS, BODY, 100.0, 20).encode(),
            "owping.txt": owping("10.0.0.1", "10.0.0.2", 0.3, 0.1).encode(),
            "link.pcap": capture().bytes(), "client.scap": client_trace().bytes(),
            "server.scap": server_trace().bytes(),
            "tcpdump.txt": b"100 packets captured\n100 packets received by filter\n0 packets dropped by kernel\n"}


def keep_alive(files):
    files["ab.txt"] = files["ab.txt"].replace(b"Failed requests:        0\n",
                                              b"Failed requests:        0\nKeep-Alive requests:    10\n")


def encrypted(files):
    files["ab.txt"] = files["ab.txt"].replace(b"Document Path:",
                                              b"SSL/TLS Protocol:       TLSv1.2,ECDHE-RSA-AES256,2048,256\nDocument Path:")


def with_link(content, link):
    return content[:20] + struct.pack("<I", link) + content[24:]


def empty_capture(files):
    files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"100", b"0")
    files["link.pcap"] = files["link.pcap"][:24]


def unread_link(files):
    files["link.pcap"] = with_link(files["link.pcap"], 119)


def other_port(files):
    files["link.pcap"] = files["link.pcap"].replace(struct.pack(">H", 8080), struct.pack(">H", 3128))


def cut_packets(files):
    """A snap length of 40: nothing behind the beginning of the TCP header."""
    content, offset, kept = files["link.pcap"], 24, [files["link.pcap"][:24]]
    while offset < len(content):
        size = struct.unpack_from("<I", content, offset + 8)[0]
        kept.append(content[offset:offset + 8] + struct.pack("<I", 40) + content[offset + 12:offset + 56])
        offset += 16 + size
    files["link.pcap"] = b"".join(kept)


def zero_tail(files):
    files["link.pcap"] += bytes(4096)


def lost_packets(files):
    files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"\n0 packets", b"\n7 packets")


def other_log(files):
    files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"100 packets captured", b"150 packets captured")


def second_run(files):
    files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"100", b"200")
    files["link.pcap"] = capture(2 * REQUESTS).bytes()
    files["client.scap"] = client_trace(2 * REQUESTS).bytes()
    files["server.scap"] = server_trace(2 * REQUESTS).bytes()


def every_packet_twice(files):
    """As on a bridge: each packet on two interfaces, with the same identification, microseconds apart."""
    content, offset, kept = files["link.pcap"], 24, [files["link.pcap"][:24]]
    while offset < len(content):
        size = 16 + struct.unpack_from("<I", content, offset + 8)[0]
        seconds, rest = struct.unpack_from("<II", content, offset)
        kept += [content[offset:offset + size], struct.pack("<II", seconds, rest + 7), content[offset + 8:offset + size]]
        offset += size
    files["link.pcap"] = b"".join(kept)
    files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"100", b"200")


def blocks_of_interfaces(files):
    """As dumpcap writes two interfaces: what the client sent in a block, then what the server sent, and so on."""
    records = capture().records
    blocks = [records[0]]
    for begin in range(1, len(records), 50):
        part = records[begin:begin + 50]
        for address in (CLIENT, SERVER):
            blocks += [record for record in part if record[16 + 26:16 + 30] == bytes(address)]
    files["link.pcap"] = b"".join(blocks)


def failed_requests(files):
    files["ab.txt"] = files["ab.txt"].replace(b"Failed requests:        0\n",
                                              b"Failed requests:        4\n"
                                              b"   (Connect: 0, Receive: 2, Length: 0, Exceptions: 2)\n")


def later(made, microseconds):
    """The packets of a capture again, as another point far away recorded them."""
    packets = []
    for record in made.records[1:]:
        seconds, rest = struct.unpack_from("<II", record)
        time = seconds * 1_000_000 + rest + microseconds
        packets.append(struct.pack("<II", time // 1_000_000, time % 1_000_000) + record[8:])
    return b"".join(packets)


def of_another_kind(made, count):
    """The last packets of a capture again, with the ethertype of MACsec."""
    return b"".join(record[:16 + 12] + struct.pack(">H", 0x88E5) + record[16 + 14:]
                    for record in [made.records[-1]] * count)


def lost_burst(files):
    """A ring that overflows loses whole bursts, and leaves hardly an orphan."""
    for name, made in (("client.scap", client_trace()), ("server.scap", server_trace())):
        third = len(made.blocks) // 3
        files[name] = b"".join(made.blocks[:third] + made.blocks[2 * third:])


def early_end(files):
    files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"100", b"90")
    files["link.pcap"] = capture(REQUESTS - 1).bytes()


def only_packets_of(address):
    """What a mirror port, or a tap, of one way sees."""
    def spoil(files):
        content, offset, kept = files["link.pcap"], 24, [files["link.pcap"][:24]]
        while offset < len(content):
            end = offset + 16 + struct.unpack_from("<I", content, offset + 8)[0]
            if content[offset + 16 + 26:offset + 16 + 30] == bytes(address):
                kept.append(content[offset:end])
            offset = end
        files["link.pcap"] = b"".join(kept)
        files["tcpdump.txt"] = files["tcpdump.txt"].replace(b"100", str(len(kept) - 1).encode())
    return spoil


def server_packets(files):
    only_packets_of(SERVER)(files)


def filtered_traces(files):
    """A filter for reads and writes: no connection is seen to be made, and of its descriptors nothing is known."""
    names = {number for name in ("socket", "connect", "accept") for number in (ENTER[name], ENTER[name] + 1)}
    for name, made in (("client.scap", client_trace()), ("server.scap", server_trace())):
        files[name] = b"".join(block for block in made.blocks
                               if struct.unpack_from("<I", block)[0] != EVENT
                               or struct.unpack_from("<H", block, 30)[0] not in names)


def no_count(files):
    files["ab.txt"] = files["ab.txt"].replace(b"Complete requests:      10\n", b"")


def third_host(files):
    """Sessions with another machine, with other numbers, behind the right ones."""
    files["owping.txt"] += owping("10.0.0.1", "10.0.0.9", 7.7, 8.8).encode()


def other_process(files):
    files["client.scap"] = server_trace().bytes()


NETWORK = ("packets_per_request", "server_payload_per_request", "connections_per_request", "server_segment_mean",
           "retransmitted_packets_per_request")
CLIENTS = ("client_calls_per_request", "client_network_reads_per_request", "client_context_switches_per_request")
SERVERS = ("server_calls_per_request", "server_network_writes_per_request")

# What is done to a run's files; metrics without a value, and words of the reason. All others are those of a good run.
MESSES = [
    ((empty_capture,), NETWORK, "no flow on port 8080: it holds no packet"),
    ((keep_alive, empty_capture), NETWORK, "no flow on port 8080: it holds no packet"),
    ((keep_alive, unread_link), NETWORK, "100 of 100 packets are of link type 119 (802.11 with Prism header)"),
    ((keep_alive, other_port), NETWORK, "its 10 TCP flows are on port 3128"),
    ((keep_alive, cut_packets), NETWORK, "100 of 100 packets are cut after at most 40 bytes"),
    ((zero_tail,), NETWORK, "corrupt at offset 7024"),
    ((lost_packets,), NETWORK, "100 packets for 107 packets"),
    ((other_log,), NETWORK, "100 packets for 150 packets"),
    ((early_end,), NETWORK, "9 completed replies for 10"),
    ((keep_alive, early_end), NETWORK, "6300 bytes of the server's payload for 7000"),
    ((keep_alive, encrypted, early_end), NETWORK, "6300 bytes of the server's payload for 7000"),
    ((second_run,), NETWORK, "20 completed replies for 10 completed requests"),
    ((second_run,), CLIENTS, "20 connections"),
    ((keep_alive, second_run), NETWORK, "14000 bytes"),
    ((keep_alive, second_run), CLIENTS, "14000 bytes read from the network for 7000"),
    ((keep_alive, second_run), SERVERS, "14000 bytes written to the network for 7000"),
    ((keep_alive, lost_burst), CLIENTS, "bytes read from the network for 7000"),
    ((keep_alive, lost_burst), SERVERS, "bytes written to the network for 7000"),
    ((every_packet_twice,), (), ""),
    ((blocks_of_interfaces,), NETWORK, "not in the order of time: 2 of 100"),
    ((failed_requests,), tuple(metric for metric in NETWORK if "per_request" in metric) + CLIENTS + SERVERS
     + ("requests_per_second", "time_per_request"),
     "too many requests of the run failed"),
    ((server_packets,), ("client_packets_per_request", "packets_per_request", "pure_acks_per_request",
                         "closed_flows_per_request", "client_segment_mean", "rtt_median"),
     "packets of one direction only"),
    ((keep_alive, server_packets), ("client_packets_per_request", "packets_per_request"),
     "packets of one direction only"),
    ((keep_alive, filtered_traces), ("client_connections_per_request", "client_network_reads_per_request"),
     "trace of the client: "),
    ((keep_alive, filtered_traces), ("server_connections_per_request",),
     "trace of the server: no call of the kind that is counted was recorded"),
    ((no_count,), ("client_calls_per_request", "packets_per_request", "received_per_request"),
     "completed units of work are not known: the ab text does not say"),
    ((no_count,), ("failed_share", "successful_requests_per_second"), "ab text: it does not say so"),
    ((third_host,), (), ""),
    ((other_process,), CLIENTS, "no calls of a process named 'ab'; there are srv"),
]


# What a run may have otherwise than a good one.
OTHERWISE = ("successful_requests_per_second", "failed_share")


def name_of(steps):
    return "-".join(step.__name__ for step in steps)


class Messy(Case):
    def write(self, path, files):
        os.makedirs(path)
        for name, content in files.items():
            with open(os.path.join(path, name), "wb") as file:
                file.write(content)

    def make_campaign(self):
        for repetition in range(3):
            self.write(f"good/{repetition}", good_run())
        for steps in {name_of(steps): steps for steps, _, _ in MESSES}.values():
            files = good_run()
            for step in steps:
                step(files)
            self.write(f"messy/{name_of(steps)}", files)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST)

    def load(self, path):
        import h5py
        with h5py.File(path, "r") as file:
            self.runs = list(file["campaign/run_name"].asstr()[:])
            self.metrics = list(file["metrics/metric_name"].asstr()[:])
            self.values = file["metrics/run_value"][()]
            self.reasons = file["metrics/run_reason"][()]
            self.sentences = list(file["metrics/reason_sentence"].asstr()[:])

    def value(self, run, metric):
        return self.values[self.runs.index(run)][self.metrics.index(metric)]

    def reason(self, run, metric):
        number = self.reasons[self.runs.index(run)][self.metrics.index(metric)]
        return "" if number < 0 else self.sentences[number]

    def test_no_number_without_evidence(self):
        self.make_campaign()
        done = self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        for steps, metrics, words in MESSES:
            for metric in metrics:
                with self.subTest(mess=name_of(steps), metric=metric):
                    run = f"messy/{name_of(steps)}"
                    self.assertTrue(math.isnan(self.value(run, metric)), self.value(run, metric))
                    self.assertIn(words, self.reason(run, metric))
        self.assertIn("2 of 4 sessions are between other hosts than the server's", done.stderr)
        for word in ("port 8080", "completed replies for 10 completed requests", "no calls of a process named 'ab'"):
            self.assertIn(word, done.stderr)

    def test_what_is_not_spoilt_keeps_its_value(self):
        self.make_campaign()
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        good = self.values[self.runs.index("good/0")]
        spoilt = {}
        for steps, metrics, _ in MESSES:
            spoilt.setdefault(f"messy/{name_of(steps)}", set()).update(metrics)
        for run, row, reasons in zip(self.runs, self.values, self.reasons):
            for metric, value, reason, expected in zip(self.metrics, row, reasons, good):
                with self.subTest(run=run, metric=metric):
                    self.assertEqual(math.isnan(value), reason >= 0)
                    fewer = "filtered" in run and metric.endswith(("calls_per_request", "events_per_request"))
                    if not math.isnan(value) and metric not in OTHERWISE and "walk" not in metric and not fewer:
                        self.assertAlmostEqual(value, expected, 9)

    def test_work_is_not_counted_in_a_capture_that_is_withdrawn(self):
        for repetition in range(3):
            self.write(f"good/{repetition}", good_run())
        files = good_run()
        early_end(files)
        self.write("messy/early", files)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST + "work: connections\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        for metric in ("packets_per_request", "client_calls_per_request", "received_per_request"):
            self.assertTrue(math.isnan(self.value("messy/early", metric)), metric)
            self.assertIn("9 completed replies for 10 completed requests", self.reason("messy/early", metric))
        self.assertEqual(self.value("messy/early", "client_reads"), self.value("good/0", "client_reads"))

    def checks_of(self, path, rule):
        """What was seen and expected, and the verdict, by run."""
        import h5py
        with h5py.File(path) as file:
            def words(name):
                names = file[name].attrs["flag_meanings"]
                return [(names if isinstance(names, str) else names.decode()).split()[number] for number in file[name][()]]
            runs = file["campaign/run_name"].asstr()[()]
            return {runs[run]: (seen, expected, verdict)
                    for run, made, seen, expected, verdict in zip(
                        file["quality/check_run"][()], words("quality/check_rule"), file["quality/check_seen"][()],
                        file["quality/check_expected"][()], words("quality/check_verdict")) if made == rule}

    def test_units_that_a_file_counts_are_set_beside_the_capture(self):
        """Units are connections, or several are on each."""
        for testbed, spoil in (("good", None), ("messy", early_end)):
            for repetition in range(2):
                files = {name: content for name, content in good_run().items() if name != "ab.txt"}
                files["work.json"] = b'{"units": %d}' % (REQUESTS if testbed == "good" or repetition == 0 else 1000)
                if spoil:
                    spoil(files)
                self.write(f"{testbed}/{repetition}", files)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST.replace("  ab: ab.txt\n", "") + "work: {file: work.json, value: /units}\nserver_port: 8080\n")
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        made = self.checks_of("results.h5", "capture_replies")
        self.assertEqual(made["good/0"], (10, 10, "agrees"))
        self.assertEqual(made["messy/0"], (9, 10, "too_few"))
        self.assertEqual(made["messy/1"][2], "not_made")
        self.assertIn("9 completed replies for 10 completed requests", self.reason("messy/0", "packets_per_request"))
        self.assertFalse(math.isnan(self.value("messy/1", "packets_per_request")))

    def test_containers_under_one_trace(self):
        """Two pairs whose processes have one name each: their containers tell them apart."""
        cgroups = ["cpu=/docker/347b1411aa", "cpu=/docker/99ff0000bb"]
        processes = [(200, 200, "ab", cgroups[0]), (201, 201, "ab", cgroups[1]), (300, 300, "srv", cgroups[0]),
                     (301, 301, "srv", cgroups[1])]
        for run in range(2):
            trace = Trace(processes, CLIENT, SERVER)
            for client, server, requests in ((200, 300, 4), (201, 301, 6)):
                for _ in range(requests):
                    trace.call(client, "socket", 3)
                    trace.call(client, "connect", descriptor=3)
                    trace.call(server, "accept", 5)
                    trace.call(client, "write", 80, 3)
                    trace.call(server, "read", 80, 5)
                    trace.call(server, "write", BODY + 200, 5)
                    trace.call(client, "read", BODY + 200, 3)
                    trace.call(client, "close", 0, 3)
                    trace.call(server, "close", 0, 5)
            for testbed in ("good", "other"):
                self.write(f"{testbed}/{run}", {
                    "all.scap": trace.bytes(), "ab-1.txt": ab_text("10.0.0.2", 4, BODY, 100.0, 20).encode(),
                    "ab-2.txt": ab_text("10.0.0.2", 6, BODY, 100.0, 20).encode()})
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write("""campaign: containers
baseline: good
runs: "{testbed}/{rep}"
artifacts:
  ab: "ab-{pair}.txt"
  trace: {client: all.scap, server: all.scap}
process:
  - {client: {name: ab, cgroup: docker/347b}, server: {name: srv, cgroup: docker/347b}}
  - {client: {name: ab, cgroup: docker/99ff}, server: {name: srv, cgroup: docker/99ff}}
""")
        self.twinbed("check", "campaign.yaml")
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet")
        self.load("results.h5")
        for metric, per_request in (("client_calls_per_request", 5), ("server_calls_per_request", 4),
                                    ("server_write_bytes_per_request", BODY + 200),
                                    ("client_read_bytes_per_request", BODY + 200)):
            self.assertEqual(self.value("good/0", metric), per_request, metric)
        made = self.checks_of("results.h5", "server_trace_accepts")
        self.assertEqual(made["good/0"][2], "agrees")

    def test_the_report_says_what_is_missing(self):
        self.make_campaign()
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.twinbed("report", "results.h5", "-o", "report.html")
        with open("report.html", encoding="utf-8") as file:
            page = file.read()
        # Every messy run lacks values, but those with remarks: sessions with a third host, and doubled packets.
        messy = len({name_of(steps) for steps, _, _ in MESSES}) - 2
        self.assertIn(f"{messy} of them without some values", page)
        self.assertIn("2 of 4 sessions are between other hosts than the server's".replace("'", "&#39;"), page)
        self.assertIn("<summary>2 of 156 artifacts are used with remarks", page)
        listed = page[page.index("Values that are missing"):]
        self.assertLess(listed.index("packets of one direction only"), listed.index("no HTTP request can be read"))

    def test_reasons_are_the_same_on_any_number_of_ranks(self):
        self.make_campaign()
        one = self.twinbed("analyze", "campaign.yaml", "-o", "one.h5", "--quiet", "--threads", "1", status=DAMAGED)
        many = self.twinbed("analyze", "campaign.yaml", "-o", "many.h5", "--quiet", "--threads", "2", ranks=3,
                            status=DAMAGED)
        self.assert_same_results("one.h5", "many.h5")
        said = [line for line in one.stderr.splitlines() if "without values" in line]
        self.assertGreater(len(said), 5)
        self.assertEqual(said, [line for line in many.stderr.splitlines() if "without values" in line])

    def test_what_may_be_wrong_is_said(self):
        """Numbers stand, but with a word: nothing tells whether they are those of the run."""
        files = {"under_way": good_run(), "recorded_twice": good_run(), "partly_unread": good_run()}
        files["under_way"]["ab.txt"] = files["under_way"]["ab.txt"].replace(CONCURRENCY + b"1", CONCURRENCY + b"5")
        files["under_way"]["link.pcap"] = capture(REQUESTS + 2).bytes()
        files["recorded_twice"]["link.pcap"] = capture().bytes() + later(capture(), 20_000)
        files["clock_set_back"] = good_run()
        packets = capture()
        files["clock_set_back"]["link.pcap"] = b"".join(packets.records[:51]) + later(capture(), -90_000)[len(
            b"".join(packets.records[1:51])):]
        files["partly_unread"]["link.pcap"] += of_another_kind(capture(), 12)
        for run, content in files.items():
            content.pop("tcpdump.txt")
            self.write(f"good/{run}", content)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST.replace("  capture_log: tcpdump.txt\n", ""))
        done = self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.assertIn("it holds 12 completed replies for 10 completed requests: those under way", done.stderr)
        self.assertIn("7000 of 14000 bytes of the server's payload repeat others", done.stderr)
        self.load("results.h5")
        import h5py
        with h5py.File("results.h5") as file:
            remarks = [text.decode() for text in file["quality/artifact_remark"][()]]
        self.assertIn("the time of its packets goes back once, by more than 1 ms", remarks)
        self.assertIn("12 of 112 packets left out: 12 of ethertype 0x88e5 (MACsec), which is not read", remarks)
        self.assertEqual(self.value("good/recorded_twice", "server_payload_per_request"), 1400)

    def test_a_run_without_some_of_its_pairs_has_no_values(self):
        """What its pairs did together is not what those that are left did."""
        for run, pairs in {"good/0": 3, "good/1": 3, "good/2": 2, "other/0": 3, "other/1": 1}.items():
            self.write(run, {f"ab-{pair}.txt": good_run()["ab.txt"] for pair in range(1, pairs + 1)})
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write('campaign: pairs\nbaseline: good\nruns: "{testbed}/{rep}"\nartifacts: {ab: "ab-{pair}.txt"}\n')
        said = "2 of 5 runs have not as many as their cell, by its other runs or by factor pairs: good/2 (2 of 3)"
        self.assertIn(said, self.twinbed("check", "campaign.yaml", status=DAMAGED).stdout)
        done = self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", ranks=2, status=DAMAGED)
        self.assertIn(said, done.stderr)
        self.load("results.h5")
        self.assertEqual(self.value("good/0", "requests_per_second"), 300)
        for metric in ("requests_per_second", "time_per_request", "failed_share", "longest_request"):
            if metric not in self.metrics:
                continue
            for run, words in {"good/2": "2 of 3 pairs", "other/1": "1 of 3 pairs"}.items():
                self.assertTrue(math.isnan(self.value(run, metric)), f"{run} {metric}")
                self.assertEqual(self.reason(run, metric), f"{words} that other runs of the cell have")
        # Its first reason stays: nobody asked for a capture.
        self.assertIn("the campaign file names none", self.reason("good/2", "packets_per_request"))

    def test_events_and_versions_that_nobody_knows_are_told(self):
        import h5py
        trace = client_trace()
        for number in (700, 500, 500, 500):
            trace.add(AB, number, bytes(8))
        newer = server_trace().bytes()
        for repetition in range(2):
            self.write(f"good/{repetition}", {**good_run(), "client.scap": trace.bytes(),
                                              "server.scap": newer[:12] + struct.pack("<HH", 3, 1) + newer[16:]})
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST)
        done = self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.assertIn("4 events have numbers that are not known, 3 of them 500", done.stderr)
        self.assertIn("the major number of the format's version 3.1 is not known", done.stderr)
        with h5py.File("results.h5") as file:
            paths = file["quality/artifact_path"].asstr()[:]
            rows = [(paths[artifact], number, count) for artifact, number, count in
                    zip(*(file[f"quality/unknown_event_{name}"][:] for name in ("artifact", "number", "count")))]
        self.assertEqual(rows, [(f"good/{repetition}/client.scap", number, count) for repetition in range(2)
                                for number, count in ((500, 3), (700, 1))])

    def test_another_workload_is_said(self):
        """A cell is one scenario: what most of its runs asked for is it, and in each testbed what the baseline's did."""
        texts = {"plain": good_run()["ab.txt"]}
        texts["eight"] = texts["plain"].replace(CONCURRENCY + b"1", CONCURRENCY + b"8")
        texts["path"] = texts["plain"].replace(b"/file", b"/other")
        texts["longer"] = texts["plain"].replace(b"Length:        500", b"Length:        600")
        texts["variable"] = texts["plain"].replace(b"Length:        500 bytes", b"Length:        Variable")
        runs = {"a/good": ("plain", "plain", "eight", "variable"), "a/tie": ("path", "plain"),
                "b/good": ("eight", "eight", "plain"), "b/tie": ("path", "path"), "b/alone": ("longer",) * 2,
                "c/good": ("longer", "plain", "plain")}
        for path, names in runs.items():
            for repetition, name in enumerate(names):
                self.write(f"{path}/{repetition}", {"ab.txt": texts[name]})
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write('campaign: work\nbaseline: a\nruns: "{testbed}/{load}/{rep}"\nartifacts: {ab: ab.txt}\n')
        one = self.twinbed("analyze", "campaign.yaml", "-o", "one.h5", "--quiet", status=DAMAGED)
        many = self.twinbed("analyze", "campaign.yaml", "-o", "many.h5", "--quiet", ranks=3, status=DAMAGED)
        self.assert_same_results("one.h5", "many.h5")
        said, also_said = ([line for line in done.stderr.splitlines() if "ab (" in line] for done in (one, many))
        self.assertEqual(said, also_said)
        import h5py
        with h5py.File("one.h5", "r") as file:
            paths, remarks = (list(file[f"quality/artifact_{name}"].asstr()[:]) for name in ("path", "remark"))
        cell, reference = "other runs of the cell have", "the baseline's runs of this scenario have"
        self.assertEqual({path: remark for path, remark in zip(paths, remarks) if remark}, {
            "a/good/2/ab.txt": f"concurrency 8, though {cell} concurrency 1",
            "b/good/0/ab.txt": f"concurrency 8, though {reference} concurrency 1",
            "b/good/1/ab.txt": f"concurrency 8, though {reference} concurrency 1",
            "b/good/2/ab.txt": f"concurrency 1, though {cell} concurrency 8",
            "a/tie/1/ab.txt": f"document /file, though {cell} document /other",
            "c/good/0/ab.txt": f"document length 600 bytes, though {cell} document length 500 bytes"})
        self.assertIn(f"ab (2 files): concurrency 8, though {reference} concurrency 1", one.stderr)

    def test_sessions_of_one_direction_are_no_jitter(self):
        """Whatever the server is called: the names of these sessions are not those that ab was told."""
        both = owping("client", "server", 0.3, 0.1)
        there = both[:both.index("--- owping", both.index("--- owping") + 1)]
        for path, text in {"good/both": both, "good/there": there}.items():
            self.write(path, {"ab.txt": good_run()["ab.txt"], "owping.txt": text.encode()})
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write('campaign: way\nruns: "{testbed}/{rep}"\nartifacts: {ab: ab.txt, latency: owping.txt}\n')
        self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=DAMAGED)
        self.load("results.h5")
        self.assertAlmostEqual(self.value("good/both", "jitter"), 0.2)
        self.assertTrue(math.isnan(self.value("good/there", "jitter")))
        self.assertIn("sessions of one direction are missing", self.reason("good/there", "jitter"))
        for metric in ("jitter_to_server", "jitter_to_client"):
            self.assertIn("no latency session has the server at one of its ends", self.reason("good/there", metric))

    def test_a_good_campaign_is_silent(self):
        for testbed in ("good", "other"):
            for repetition in range(3):
                self.write(f"{testbed}/{repetition}", good_run())
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(MANIFEST)
        done = self.twinbed("analyze", "campaign.yaml", "-o", "results.h5", "--quiet", status=GOOD)
        self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    main()
