#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says whether two results files are the same outside /provenance.

usage: compare_results.py A B

Names, kinds, attributes, types, shapes, chunks, filters and every byte of every dataset are compared; object times
are not. Exit status 0 when all agree; else 1 with one line for each difference."""
import sys

import h5py
import numpy


def names_of(file):
    """The name of every object by its address: HDF5 takes milliseconds to find the name behind a reference."""
    names = {h5py.h5o.get_info(file.id).addr: "/"}
    file.visititems(lambda name, item: names.setdefault(h5py.h5o.get_info(item.id).addr, "/" + name) and None)
    return names


def target(file, names, value):
    """References are compared by what they point at."""
    if isinstance(value, h5py.Reference):
        return names[h5py.h5o.get_info(h5py.h5r.dereference(value, file.id)).addr]
    if isinstance(value, numpy.ndarray) and value.dtype == object:
        return [target(file, names, item) for item in value.ravel()]
    if isinstance(value, numpy.void) and value.dtype.names:
        return [target(file, names, value[name]) for name in value.dtype.names]
    if isinstance(value, numpy.ndarray) and value.dtype.names:
        return [target(file, names, item) for item in value.ravel()]
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return (str(value.dtype), value.shape, value.tobytes())
    return value


def describe_attributes(file, names, item):
    described = {}
    for name, value in item.attrs.items():
        if name == "REFERENCE_LIST":  # says who uses a scale; the users' DIMENSION_LIST says the same
            value = sorted(str(target(file, names, row)) for row in value)
        described[f"attribute {name}"] = (item.attrs.get_id(name).dtype.str, str(target(file, names, value)))
    return described


def describe_dataset(file, dataset):
    plan = dataset.id.get_create_plist()
    described = {"type": dataset.id.get_type().encode(), "shape": dataset.shape, "largest shape": dataset.maxshape,
                 "chunks": dataset.chunks, "filters": [plan.get_filter(i) for i in range(plan.get_nfilters())],
                 "layout": plan.get_layout()}
    if dataset.dtype != object:  # h5py crashes on fill values of strings
        described["fill value"] = str(dataset.fillvalue)
    content = dataset[()]
    described["content"] = content.tolist() if dataset.dtype == object else numpy.asarray(content).tobytes()
    return described


def describe(path):
    objects = {}
    with h5py.File(path, "r") as file:
        names = names_of(file)

        def visit(name, item):
            if name == "provenance" or name.startswith("provenance/"):
                return
            objects[name] = {"kind": type(item).__name__, **describe_attributes(file, names, item)}
            if isinstance(item, h5py.Dataset):
                objects[name].update(describe_dataset(file, item))

        objects["/"] = describe_attributes(file, names, file)
        file.visititems(visit)
    return objects


def main(first, second):
    one, other = describe(first), describe(second)
    differences = [f"{name}: only in one of the files" for name in sorted(one.keys() ^ other.keys())]
    for name in sorted(one.keys() & other.keys()):
        for what in sorted(one[name].keys() | other[name].keys()):
            if one[name].get(what) != other[name].get(what):
                differences.append(f"{name}: {what} differs")
    for difference in differences:
        print(difference)
    if not differences:
        print(f"{len(one)} objects are the same")
    return 1 if differences else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
