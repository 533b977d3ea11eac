# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes small scap traces (minor version 2, blocks of the V2 kind) from lists of calls."""
import struct

SECTION, MACHINE, PROCESSES, EVENT = 0x0A0D0D0A, 0x201, 0x215, 0x216
SWITCH = 152
PORT = 8080

# Number of the enter event; the exit is the next one.
ENTER = {"execve": 292, "open": 2, "close": 4, "read": 6, "write": 8, "socket": 18, "connect": 22, "futex": 64,
         "stat": 66, "fstat": 70, "poll": 80, "pread": 112, "accept": 248}


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def event(time, tid, number, *parameters):
    lengths = b"".join(struct.pack("<H", len(parameter)) for parameter in parameters)
    rest = lengths + b"".join(parameters)
    return block(EVENT, struct.pack("<HQqIHI", 0, time, tid, 26 + len(rest), number, len(parameters)) + rest)


def i64(value):
    return struct.pack("<q", value)


def text(value):
    return value.encode() + b"\0"


def process_entry(tid, pid, name, cgroup=""):
    def string(value):
        return struct.pack("<H", len(value)) + value.encode()

    body = struct.pack("<5q", tid, pid, 1, 1, 1) + string(name) + string(name) + string("/bin/" + name) + string("")
    body += string("/") + struct.pack("<qIII", 1024, 0, 0, 0) + bytes(12 + 16) + string("")
    body += struct.pack("<qq", tid, pid) + string(cgroup) + string("/")
    return struct.pack("<I", len(body) + 4) + body


def tuple_of(client, server):
    """Family 2, then address and port of who connects and of whom it reaches."""
    return struct.pack("<B4sH4sH", 2, bytes(client), 40000, bytes(server), PORT)


class Trace:
    """A trace in the making: the beginning, then one event after another, a microsecond apart."""

    def __init__(self, processes, client, server):
        self.blocks = [block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 2, -1)), block(MACHINE, bytes(180)),
                       block(PROCESSES, b"".join(process_entry(*process) for process in processes))]
        self.time = 1_500_000_000_000_000_000
        self.tuple = tuple_of(client, server)

    def add(self, tid, number, *parameters):
        self.time += 1000
        self.blocks.append(event(self.time, tid, number, *parameters))

    def switch(self, tid, count):
        for _ in range(count):
            self.add(tid, SWITCH, i64(0), struct.pack("<Q", 0), struct.pack("<Q", 0), bytes(4), bytes(4), bytes(4))

    def call(self, tid, name, result=0, descriptor=None):
        """One enter and one exit, with the parameters that the number has in sysdig 0.27."""
        enter, leave = ENTER[name], ENTER[name] + 1
        data = b""
        if name == "execve":
            self.add(tid, enter, text("/usr/bin/ab"))
            self.add(tid, leave, i64(0), text("ab"), b"", i64(tid), i64(tid), i64(1), text("/"), i64(1024), i64(0),
                     i64(0), bytes(4), bytes(4), bytes(4), text("ab"), b"", b"", bytes(4))
        elif name == "open":
            self.add(tid, enter)
            self.add(tid, leave, i64(result), text("/etc/hosts"), bytes(4), bytes(4), bytes(4))
        elif name == "socket":
            self.add(tid, enter, struct.pack("<I", 2), struct.pack("<I", 1), bytes(4))
            self.add(tid, leave, i64(result))
        elif name == "connect":
            self.add(tid, enter, i64(descriptor))
            self.add(tid, leave, i64(-115), self.tuple)
        elif name == "accept":
            self.add(tid, enter, i64(0))
            self.add(tid, leave, i64(result), self.tuple, b"\0")
        elif name in ("read", "write", "pread"):
            self.add(tid, enter, i64(descriptor), struct.pack("<I", 8192))
            self.add(tid, leave, i64(result), data)
        else:
            self.add(tid, enter, i64(descriptor if descriptor is not None else 0))
            self.add(tid, leave, i64(result))

    def bytes(self):
        return b"".join(self.blocks)

    def block_offset(self, number):
        return sum(len(part) for part in self.blocks[:number])


BASH, AB, SERVER_A, SERVER_B = 100, 200, 300, 301
PROCESS_LIST = [(BASH, BASH, "bash"), (AB, AB, "bash"), (SERVER_A, SERVER_A, "srv"), (SERVER_B, SERVER_A, "srv")]


def add_client(trace, requests, polls, reads, start, switches, reply_bytes):
    """ab: a start of four calls, then for each request ten: socket, connect, write, polls, reads, close. The first read
    takes the whole reply, the others its end."""
    trace.call(AB, "execve")
    trace.call(AB, "open", 3)
    if start == "pread":
        trace.call(AB, "pread", 100, 3)
    else:
        trace.call(AB, start)
    trace.call(AB, "close", 0, 3)
    for _ in range(requests):
        trace.call(AB, "socket", 3)
        trace.call(AB, "connect", descriptor=3)
        trace.call(AB, "write", 80, 3)
        for _ in range(polls):
            trace.call(AB, "poll", 1)
        trace.call(BASH, "read", 7, 0)  # another process: not in the sequence
        for read in range(reads):
            trace.call(AB, "read", reply_bytes if read == 0 else 0, 3)
        trace.call(AB, "close", 0, 3)
    trace.switch(AB, switches)
    trace.switch(BASH, 5)


def plain_reply(reads, writes):
    return ["accept"] + ["read"] * reads + ["write"] * writes + ["close"]


def results_of(reply, reply_bytes):
    """Names and results: the first write sends the whole reply."""
    results = {"accept": 5, "read": 80}
    return [(name, reply_bytes if name == "write" and "write" not in reply[:position] else results.get(name, 0))
            for position, name in enumerate(reply)]


def add_server(trace, replies, switches, reply_bytes):
    """Two threads that answer in turn; their calls lie alternately in the file."""
    lists = {tid: [call for reply in replies[first::2] for call in results_of(reply, reply_bytes)]
             for first, tid in enumerate((SERVER_A, SERVER_B))}
    for position in range(max(len(calls) for calls in lists.values())):
        for tid, calls in lists.items():
            if position < len(calls):
                name, result = calls[position]
                trace.call(tid, name, result, 5)
    trace.switch(SERVER_A, switches)
