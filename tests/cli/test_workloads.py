#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Campaigns that load generators really recorded just now, each from its own output to verdicts and a page."""
import contextlib
import http.server
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
import unittest

import h5py

from command import Case, main
from test_record import WHY_NOT, record

REPETITIONS = 3
DOCUMENT = b"x" * 2000


class Documents(http.server.BaseHTTPRequestHandler):
    """A document, on connections that are kept; the server says how long it takes."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self):
        time.sleep(self.server.delay)
        self.send_response(200)
        self.send_header("Content-Length", str(len(DOCUMENT)))
        self.end_headers()
        self.wfile.write(DOCUMENT)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    delay = 0.0

    def handle_error(self, *_):
        """Clients go away when they have enough."""


@contextlib.contextmanager
def documents(speed):
    with Server(("127.0.0.1", 0), Documents) as server:
        server.delay = {"fast": 0.02, "slow": 0.1}[speed]  # much longer than what else takes time
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def is_free(port):
    with socket.socket() as probe:
        with contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return probe.getsockname()[1]
    return 0


@contextlib.contextmanager
def iperf3(_):
    port = is_free(0)
    with subprocess.Popen(["iperf3", "-s", "-J", "-p", str(port)], stdout=subprocess.DEVNULL) as server:
        try:
            deadline = time.monotonic() + 10
            while is_free(port) and time.monotonic() < deadline:
                time.sleep(0.05)
            yield port
        finally:
            server.kill()


@contextlib.contextmanager
def nothing(_):
    yield 0


# Program: what serves, its command for the fast testbed and for the slow one, and what its unit of work is called.
WORKLOADS = {
    "ab": (documents, "ab -q -n 40 -c 4 http://127.0.0.1:{port}/document", ("", ""), "request"),
    "wrk": (documents, "wrk -t1 -c4 -d1 --latency http://127.0.0.1:{port}/document", ("", ""), "request"),
    "h2load": (documents, "h2load --h1 -n 40 -c 4 http://127.0.0.1:{port}/document", ("", ""), "request"),
    "hey": (documents, "hey -n 40 -c 4 http://127.0.0.1:{port}/document", ("", ""), "request"),
    "iperf3": (iperf3, "iperf3 -J -c 127.0.0.1 -p {port} -t 1 -i 0.2 --get-server-output {option}", ("-b 400M", "-b 20M"),
               "operation"),
    "fio": (nothing,
            "fio --name=x --filename=file --size=2M --bs=4k --rw=randread --ioengine=psync --output-format=json {option}",
            ("--io_size=2M --rate_iops=4000", "--io_size=400k --rate_iops=400"), "operation"),
    "ping": (nothing, "ping -c 5 -i {option} 127.0.0.1", ("0.2", "0.4"), "operation"),
}


class Loopback(Case):
    """Two testbeds, of which one is a good deal slower."""

    def record(self, program):
        serve, command, options, _ = WORKLOADS[program]
        for speed, option in zip(("fast", "slow"), options):
            with serve(speed) as port:
                line = shlex.split(command.format(port=port, option=option))
                for repetition in range(1, REPETITIONS + 1):
                    place = f"{speed}/rep-{repetition}"
                    os.makedirs(place)
                    with open(f"{place}/workload.txt", "w", encoding="utf-8") as output:
                        subprocess.run(line, stdout=output, stderr=subprocess.DEVNULL, timeout=60, check=True)

    def analyse(self, program):
        unit = WORKLOADS[program][3]
        drafted = self.twinbed("init", ".").stdout
        self.assertIn('ab: {text: "workload.txt"}' if program == "ab" else 'workload: "workload.txt"', drafted)
        with open("campaign.yaml", "w", encoding="utf-8") as file:
            file.write(drafted.replace('baseline: "slow"', 'baseline: "fast"'))
        self.twinbed("analyze", "campaign.yaml", "-o", "x.h5", "--threads", "1")
        with h5py.File("x.h5") as file:
            names = [name.decode() for name in file["metrics/metric_name"][:]]
            at = names.index("requests_per_second")
            self.assertEqual(self.word(file, "comparison/verdict", file["comparison/verdict"][0][at]), "different")
            self.assertLess(file["comparison/ratio"][0][at], 0.8)
            self.assertEqual(file.attrs["work_unit"].decode(), unit)
            present = {name for name, values in zip(names, file["metrics/run_value"][:].T) if not (values != values).any()}
        self.assertIn("requests_per_second", present)
        if program not in ("iperf3", "h2load"):
            self.assertIn("request_time_longest", present)
        self.assertEqual("retransmits_per_request" in present, program == "iperf3")
        if program == "iperf3":
            self.assertIn("received_interval_rate_lowest", present)
        self.twinbed("report", "x.h5", "-o", "x.html")
        with open("x.html", encoding="utf-8") as page:
            text = page.read()
        self.assertIn("Tables I and II.", text)
        self.assertIn(f"Mean {unit}s per second.", text)

    @staticmethod
    def word(file, name, value):
        meanings = file[name].attrs["flag_meanings"]
        return (meanings.decode() if isinstance(meanings, bytes) else meanings).split()[value]


def add(program):
    def test(self):
        self.record(program)
        self.analyse(program)

    reason = f"{program} is not installed"
    setattr(Loopback, f"test_{program}", unittest.skipIf(shutil.which(program) is None, reason)(test))


for name in WORKLOADS:
    add(name)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Captured(Case):
    """What is counted in a capture is what the program says that it completed."""

    def check_of(self, rule, *options):
        record("--repetitions", "1", "--warm-up", "0", "--testbed", "on:offload=on", "--snapshot", "0", *options)
        self.twinbed("analyze", "out/campaign.yaml", "-o", "x.h5", "--force", "--threads", "1")
        with h5py.File("x.h5") as file:
            rows = [(seen, expected, Loopback.word(file, "quality/check_verdict", verdict))
                    for made, seen, expected, verdict in zip(file["quality/check_rule"][:], file["quality/check_seen"][:],
                                                             file["quality/check_expected"][:],
                                                             file["quality/check_verdict"][:])
                    if Loopback.word(file, "quality/check_rule", made) == rule]
        self.assertEqual(len(rows), 1)
        return rows[0]

    @unittest.skipIf(None in (shutil.which("h2load"), shutil.which("nghttpd")), "no nghttp2")
    def test_streams_of_http2(self):
        for clients, streams, requests in ((4, 1, 300), (2, 10, 300), (1, 100, 5000)):
            shutil.rmtree("out", ignore_errors=True)
            seen, expected, verdict = self.check_of(
                "capture_streams", "--server", "sh -c 'echo hello >index.html; exec nghttpd --no-tls -d . $0' $port",
                "--workload", f"h2load -n {requests} -c {clients} -m {streams} http://$server:$port/index.html")
            self.assertEqual((seen, expected, verdict), (requests, requests, "agrees"))

    @unittest.skipIf(shutil.which("openssl") is None, "no openssl")
    def test_exchanges_of_tls(self):
        serve = ("sh -c 'openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=x; "
                 "echo hello >index.html; exec openssl s_server -quiet -WWW -accept $0 -key key.pem -cert cert.pem' $port")
        for version in ("TLS1.2", "TLS1.3"):
            shutil.rmtree("out", ignore_errors=True)
            workload = f"ab -f {version} -l -q -n 40 -c 1 -e ab.csv -g ab.tsv https://$server:$port/index.html"
            seen, expected, verdict = self.check_of("capture_exchanges", "--server", serve, "--workload", workload)
            self.assertEqual((seen, expected, verdict), (40, 40, "agrees"))


if __name__ == "__main__":
    main()
