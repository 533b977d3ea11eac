#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""linked.py PROGRAM NAME VERSION SECONDS: the libraries that a program is linked with, as a list in SPDX 2.3 (JSON).

Each with the package and version that brought it (dpkg or rpm, where there is one), and the digest of its file. SECONDS,
after 1970, is when the list says that it was made, so that the same input gives the same bytes."""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys


def ask(*command):
    """The lines that it prints; those that it could answer where others could not be."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError:
        return []
    return done.stdout.splitlines()


def libraries_of(program):
    """The paths of all, those that libraries need included, by name."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^\s*(\S+) => (/\S+)", listed, re.M)
    return sorted((name, os.path.realpath(path)) for name, path in found)


def needed_by(program):
    """Those that the program itself names."""
    listed = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", listed))


def packages_of(paths):
    """{path: (name, version)} of the system's packages that brought files; all are asked for at once."""
    places = {place: path for path in paths for place in (path.removeprefix("/usr"), path)}
    owners = {}
    for line in ask("dpkg-query", "--search", *places):
        names, _, place = line.rpartition(": ")
        if place in places:
            owners.setdefault(places[place], names.partition(",")[0])
    versions = dict(line.split("\t") for line in ask(
        "dpkg-query", "--show", "--showformat=${binary:Package}\t${Version}\n", *sorted(set(owners.values())))) if owners else {}
    found = {path: (owner.partition(":")[0], versions.get(owner) or versions.get(owner.partition(":")[0], ""))
             for path, owner in owners.items()}
    for path in set(paths) - set(found):
        for line in ask("rpm", "--query", "--file", "--queryformat", "%{NAME} %{VERSION}-%{RELEASE}\n", path)[:1]:
            name, _, version = line.partition(" ")
            if version and " " not in version:
                found[path] = (name, version)
    return found


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def describe(name, path, package, version):
    described = {"SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name), "name": name,
                 "versionInfo": version or "NOASSERTION", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
                 "packageFileName": os.path.basename(path),
                 "checksums": [{"algorithm": "SHA256", "checksumValue": digest_of(path)}]}
    if package:
        described["sourceInfo"] = f"package {package} {version}"
    return described


def main():
    program, name, version, seconds = sys.argv[1:]
    linked = libraries_of(program)
    packages = packages_of([path for _, path in linked])
    libraries = [describe(*library, *packages.get(library[1], ("", ""))) for library in linked]
    own = {"SPDXID": "SPDXRef-program", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
           "filesAnalyzed": False, "licenseDeclared": "GPL-3.0-or-later", "packageFileName": os.path.basename(program),
           "checksums": [{"algorithm": "SHA256", "checksumValue": digest_of(program)}]}
    direct = needed_by(program)
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": own["SPDXID"]}]
    relations += [{"spdxElementId": own["SPDXID"], "relatedSpdxElement": library["SPDXID"],
                   "relationshipType": "DYNAMIC_LINK" if library["name"] in direct else "DEPENDS_ON"}
                  for library in libraries]
    made = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    json.dump({"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"{name}-{version}",
               "documentNamespace": f"urn:{name}:{version}:{own['checksums'][0]['checksumValue']}",
               "creationInfo": {"created": made, "creators": ["Tool: linked.py"]},
               "packages": [own, *libraries], "relationships": relations}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
