#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for minimega and the miniccc of its machines: knows the commands that twinbed-record gives, and answers in their forms.

Machines are network namespaces of this machine, and their device is veth. What it is told that minimega's help does not know, it
refuses. STANDIN is its directory: files/, log, and the state."""
import json
import os
import shutil
import signal
import subprocess
import sys
import uuid

HOME = os.environ["STANDIN"]
FILES = os.path.join(HOME, "files")


def load():
    try:
        with open(os.path.join(HOME, "state"), encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {"config": {}, "machines": {}, "commands": [], "next": 1, "filter": "", "prefix": "", "captures": {}, "linked": ""}


def refuse(words):
    print("invalid command: " + " ".join(words), file=sys.stderr)
    sys.exit(1)


def run(*words):
    subprocess.run(words, check=True)


def ask(state, space, kind, words):
    """A command of cc for the machine that the filter names; it is done at once."""
    name = state["filter"].removeprefix("name=")
    machine = state["machines"][name]
    number = state["next"]
    state["next"] += 1
    state["commands"].append([number, state["prefix"]])
    inside = os.path.join(HOME, "inside", name)
    answer = os.path.join(FILES, space, "miniccc_responses", str(number), machine["uuid"])
    os.makedirs(answer)
    if kind == "send":
        for path in words:
            os.makedirs(os.path.dirname(os.path.join(inside, path)), exist_ok=True)
            shutil.copy(os.path.join(FILES, path), os.path.join(inside, path))
    elif kind == "recv":
        for path in words:
            os.makedirs(os.path.dirname(answer + path), exist_ok=True)
            shutil.copy(path, answer + path)
    else:
        words = [word.replace("/tmp/miniccc/files", inside) for word in words]
        done = subprocess.run(["ip", "netns", "exec", machine["space"], *words], capture_output=True, check=False, stdin=subprocess.DEVNULL)
        for path, text in (("stdout", done.stdout), ("stderr", done.stderr), ("exitcode", str(done.returncode).encode())):
            if text:
                with open(os.path.join(answer, path), "wb") as file:
                    file.write(text)


def launch(state, name):
    space = f"tbv{name[-6:]}{os.environ['STANDIN_NUMBER']}"
    run("ip", "netns", "add", space)
    run("ip", "-n", space, "link", "set", "lo", "up")
    state["machines"][name] = {"space": space, "uuid": str(uuid.uuid4()), "config": dict(state["config"])}
    others = [machine["space"] for other, machine in state["machines"].items() if other != name]
    if others:
        run("ip", "-n", others[0], "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", space)


def kill(state, name):
    machine = state["machines"].pop(name, None)
    if machine:
        inside = subprocess.run(["ip", "netns", "pids", machine["space"]], capture_output=True, text=True, check=False).stdout
        for process in inside.split():
            os.kill(int(process), signal.SIGKILL)
        run("ip", "netns", "del", machine["space"])


def capture(state, words):
    match words:
        case ["pcap", "snaplen", _] | ["pcap", "filter", *_]:
            pass
        case ["pcap", "vm", name, "0", path]:
            space = state["machines"][name]["space"]
            process = subprocess.Popen(["ip", "netns", "exec", space, "tcpdump", "-i", "eth0", "-U", "-Z", "root", "-w", path],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            while not os.path.exists(path):
                pass
            state["captures"][name] = process.pid
        case ["pcap", "delete", "vm", name]:
            for one in list(state["captures"]) if name == "all" else [name]:
                os.kill(state["captures"].pop(one), signal.SIGINT)
        case _:
            refuse(words)


def command(state, space, words):
    match words:
        case ["vm", "info"] | ["vm", "flush"]:
            pass
        case ["clear", "vm", "config"]:
            state["config"] = {}
        case ["vm", "config", ("vcpus" | "net" | "disk" | "memory") as key, value]:
            state["config"][key] = value
        case ["vm", "launch", "kvm", name]:
            launch(state, name)
        case ["vm", "start", name] if name in state["machines"]:
            pass
        case ["vm", "kill", name]:
            kill(state, name)
        case ["cc", "filter", text] if text.removeprefix("name=") in state["machines"]:
            state["filter"] = text
        case ["cc", "prefix", text]:
            state["prefix"] = text
        case ["cc", ("send" | "recv" | "exec") as kind, *rest] if state["filter"] and rest:
            ask(state, space, kind, rest)
        case [".annotate", "false", ".headers", "false", ".csv", "true", ".columns", "id,prefix", "cc", "commands"]:
            for number, prefix in state["commands"]:
                print(f"{number},{prefix}")
        case ["cc", "delete", "command", prefix]:
            state["commands"] = [one for one in state["commands"] if one[1] != prefix]
        case ["cc", "delete", "response", prefix]:
            pass
        case ["capture", *rest]:
            capture(state, rest)
        case _:
            refuse(words)


def main():
    with open(os.path.join(HOME, "log"), "a", encoding="utf-8") as file:
        file.write(" ".join(sys.argv[1:]) + "\n")
    if sys.argv[1:3] != ["-e", "namespace"]:
        refuse(sys.argv[1:])
    state = load()
    command(state, sys.argv[3], sys.argv[4:])
    with open(os.path.join(HOME, "state"), "w", encoding="utf-8") as file:
        json.dump(state, file)


main()
