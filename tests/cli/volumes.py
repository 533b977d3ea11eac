# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts as they lie in the volumes of a directory: listed, changed and removed by tests."""
import glob
import struct
from typing import NamedTuple

MAGIC = b"twinpart"
HEAD = struct.Struct("<8sIIQ16s16s")  # magic, format, size of the key, size and digest of the content, digest of the head


class Part(NamedTuple):
    volume: str
    offset: int
    key: bytes
    digest: bytes
    begin: int  # of the content, in the volume
    end: int

    def content(self):
        with open(self.volume, "rb") as file:
            file.seek(self.begin)
            return file.read(self.end - self.begin)

    def flip(self, back=1):
        """Another byte, that far from the end of the part."""
        with open(self.volume, "r+b") as file:
            file.seek(self.end - back)
            byte = file.read(1)[0]
            file.seek(self.end - back)
            file.write(bytes([byte ^ 1]))

    def remove(self):
        """Without its first byte it is none."""
        with open(self.volume, "r+b") as file:
            file.seek(self.offset)
            file.write(b"\0")


def all_parts(directory):
    """In the order in which they were written."""
    for volume in sorted(glob.glob(f"{directory}/*.volume")):
        with open(volume, "rb") as file:
            data = file.read()
        offset = data.find(MAGIC)
        while offset >= 0 and len(data) - offset >= HEAD.size:
            head = HEAD.unpack_from(data, offset)
            begin = offset + HEAD.size + head[2]
            end = begin + head[3]
            if end > len(data):
                break
            yield Part(volume, offset, data[offset + HEAD.size:begin], head[4], begin, end)
            offset = data.find(MAGIC, end)


def parts_of(directory, *marks):
    """The latest of each key that has one of the marks, or of all keys; by key."""
    latest = {part.key: part for part in all_parts(directory)
              if not marks or any(mark in part.key for mark in marks)}
    return [latest[key] for key in sorted(latest)]


def remove_parts(directory, *marks):
    for part in list(all_parts(directory)):
        if not marks or any(mark in part.key for mark in marks):
            part.remove()


def done_twice(directory):
    """Keys of what was finished, kept, and done again all the same. What a decoder writes before the part of its file, as the
    rows of its flows and the list of its calls, is written again when it is killed in between: that is the work in hand."""
    count = {}
    for part in all_parts(directory):
        if not part.key.startswith(b"rows of flows") and b"\ncalls, block " not in part.key:
            count[part.key] = count.get(part.key, 0) + 1
    return [key for key, times in count.items() if times > 1]
