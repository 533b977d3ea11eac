#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every external symbol of the rooms begins with tb_, so that it collides with no other library's.

check_symbols.py NM ARCHIVE...

Names that begin with two underscores (sanitizers) or a dot (critical regions of OpenMP) are the compiler's own. Prints
one line for each symbol that does not hold. Exit status: 0 all hold, 1 some do not, 2 an archive cannot be read.
"""

import subprocess
import sys
from pathlib import Path


def external_symbols(nm, archive):
    """(object, symbol) of all that the archive defines for others."""
    listing = subprocess.run([nm, "-A", "-P", "-g", "--defined-only", archive], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        place, symbol = line.split()[:2]
        yield place.rstrip(":").rsplit("[", 1)[-1].rstrip("]"), symbol


def main():
    nm, archives = sys.argv[1], sys.argv[2:]
    faults, count = [], 0
    try:
        for archive in archives:
            for source, symbol in external_symbols(nm, archive):
                count += 1
                if not symbol.startswith(("tb_", "__", ".")):
                    faults.append(f"{Path(archive).name}: {source}: {symbol} does not begin with tb_")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"check_symbols: {error}", file=sys.stderr)
        return 2
    if count == 0:
        print("check_symbols: no symbols in any archive", file=sys.stderr)
        return 2
    print("\n".join(faults) if faults else f"all {count} external symbols begin with tb_")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
