# SPDX-License-Identifier: GPL-3.0-or-later
"""read_everywhere.py WRITE_SAMPLE

Writes the sample results and loads every dataset in each reader that is
installed, comparing each value with the formula of sample.c. Ends with 77 when
no reader is there.
"""

import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy
except ImportError:
    print("skipped: no numpy")
    sys.exit(77)


class Field:
    def __init__(self, line):
        words = line.split()
        self.number, self.path, self.type = int(words[0]), words[1], words[2]
        self.flags, self.limit = int(words[3]), int(words[4])
        self.shape = tuple(int(word) for word in words[5:])
        self.group, self.name = self.path.split("/")

    def expected(self):
        i = numpy.arange(int(numpy.prod(self.shape)), dtype=numpy.int64)
        number = (self.number * 1009 + i * 31) % 100003
        if self.type == "int32":
            values = (number % self.limit if self.limit else number).astype(numpy.int32)
        elif self.type == "int64":
            values = number * 1048583 - 1
        elif self.type == "float64":
            values = numpy.where(i % 7 == 3, numpy.nan, number / 8)
        else:
            values = numpy.array(["" if k % 5 == 1 else "text %d \u00e9" % n for k, n in zip(i, number)], dtype=object)
        return values.reshape(self.shape)

    def check(self, reader, found, exact_type=True):
        expected = self.expected()
        found = numpy.asarray(found)
        assert found.shape == expected.shape, f"{reader}: {self.path} has shape {found.shape}"
        if self.type == "text":
            assert (found == expected).all(), f"{reader}: {self.path} differs"
        else:
            assert not exact_type or found.dtype == expected.dtype, f"{reader}: {self.path} is {found.dtype}"
            numpy.testing.assert_array_equal(found, expected, f"{reader}: {self.path}")


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def read_h5py(path, fields):
    import h5py
    with h5py.File(path) as file:
        for field in fields:
            dataset = file[field.path]
            field.check("h5py", dataset.asstr()[...] if field.type == "text" else dataset[...])
            for dimension in dataset.dims:
                assert len(dimension) == 1, f"{field.path} has a dimension without scale"
                scale = dimension[0]
                assert (scale[...] == numpy.arange(scale.shape[0])).all()
            assert text(dataset.attrs["long_name"])
            if field.flags:
                assert len(dataset.attrs["flag_meanings"].split()) == field.flags
                assert (dataset.attrs["flag_values"] == numpy.arange(field.flags)).all()
        assert text(file.attrs["Conventions"]) == "CF-1.10"
        assert text(file["provenance"].attrs["history"]) == "now"
        assert len(text(file["provenance"].attrs["settings"])) == 100000


def read_netcdf4(path, fields):
    import netCDF4
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        for field in fields:
            field.check("netCDF4", file[field.path][...])
        assert file.Conventions == "CF-1.10" and file["provenance"].history == "now"


def read_xarray(engine):
    def read(path, fields):
        import xarray
        for group in sorted({field.group for field in fields}):
            with xarray.open_dataset(path, engine=engine, group=group) as data:
                for field in fields:
                    if field.group == group:
                        field.check("xarray " + engine, data[field.name].values)
        with xarray.open_dataset(path, engine=engine) as data:
            assert data.attrs["title"] == "made up"
    return read


def read_ncdump(path, fields):
    header = subprocess.run(["ncdump", "-h", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    for field in fields:
        assert f" {field.name}(" in header, f"ncdump: {field.path} is missing"
    subprocess.run(["ncdump", path], check=True, stdout=subprocess.DEVNULL)


OCTAVE = """
list = fopen('list');
while ischar(line = fgetl(list))
  words = strsplit(line, ' ');
  if strcmp(words{3}, 'text'), continue, end
  found = getfield(load('-hdf5', 'flat.h5', strrep(words{2}, '/', '_')), strrep(words{2}, '/', '_'));
  i = (0:numel(found) - 1)';
  number = mod(str2double(words{1}) * 1009 + i * 31, 100003);
  expected = number;
  if strcmp(words{3}, 'int32') && str2double(words{5}) > 0, expected = mod(number, str2double(words{5})); end
  if strcmp(words{3}, 'int64'), expected = int64(number) * int64(1048583) - 1; end
  if strcmp(words{3}, 'float64'), expected = number / 8; expected(mod(i, 7) == 3) = NaN; end
  shape = fliplr(cellfun(@str2double, words(6:end)));
  if prod(shape) != numel(found) || (prod(shape) > 0 && numel(shape) > 1 && !isequal(size(found), shape))
    printf('octave: %s has another shape\\n', words{2}); exit(1);
  end
  if !isequaln(found(:)(:), cast(expected, class(found))(:)) && numel(found) > 0
    printf('octave: %s differs\\n', words{2}); exit(1);
  end
end
printf('all is well\\n');
"""


def read_octave(path, fields):
    """Octave's load gives up on a whole group that has a text in it, so it gets the numeric datasets alone."""
    directory = os.path.dirname(path)
    for field in fields:
        if field.type != "text":
            subprocess.run(["h5copy", "-i", path, "-o", os.path.join(directory, "flat.h5"), "-s", field.path, "-d",
                            field.path.replace("/", "_")], check=True)
    with open(os.path.join(directory, "check.m"), "w") as script:
        script.write(OCTAVE)
    # Some versions end with an error of their own after everything went well.
    done = subprocess.run(["octave-cli", "--no-init-file", "check.m"], cwd=directory, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert "all is well" in done.stdout, done.stdout


R = """
library(rhdf5)
for (line in readLines('list')) {
  words <- strsplit(line, ' ')[[1]]
  size <- prod(as.double(words[-(1:5)]))
  # rhdf5 2.42 cannot read 64-bit integers when there are none.
  if (words[3] == 'int64' && size == 0) next
  found <- h5read('sample.h5', words[2], bit64conversion = 'double')
  number <- (as.double(words[1]) * 1009 + (seq_along(found) - 1) * 31) %% 100003
  expected <- switch(words[3],
    int32 = if (as.integer(words[5]) > 0) number %% as.integer(words[5]) else number,
    int64 = number * 1048583 - 1,
    float64 = ifelse((seq_along(found) - 1) %% 7 == 3, NaN, number / 8),
    text = ifelse((seq_along(found) - 1) %% 5 == 1, '', sprintf('text %d \\u00e9', as.integer(number))))
  if (length(found) != size ||
      (length(found) > 0 && !isTRUE(all.equal(as.vector(found), expected, tolerance = 0))))
    stop(paste('R:', words[2], 'differs'))
}
"""


def read_r(path, fields):
    done = subprocess.run(["Rscript", "-e", R], cwd=os.path.dirname(path), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout


def has_module(name):
    try:
        __import__(name)
        return True
    except ImportError:
        return False


def has_rhdf5():
    return shutil.which("Rscript") is not None and subprocess.run(
        ["Rscript", "-e", "library(rhdf5)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


READERS = [
    ("h5py", read_h5py, lambda: has_module("h5py")),
    ("netCDF4", read_netcdf4, lambda: has_module("netCDF4")),
    ("xarray with netcdf4", read_xarray("netcdf4"), lambda: has_module("xarray") and has_module("netCDF4")),
    ("xarray with h5netcdf", read_xarray("h5netcdf"), lambda: has_module("xarray") and has_module("h5netcdf")),
    ("ncdump", read_ncdump, lambda: shutil.which("ncdump") is not None),
    ("Octave", read_octave, lambda: shutil.which("octave-cli") is not None and shutil.which("h5copy") is not None),
    ("R rhdf5", read_r, has_rhdf5),
]


def read_all(*most):
    """Scales of more than most items count in 64 bits; gives how many readers there are."""
    tried = 0
    with tempfile.TemporaryDirectory() as directory:
        path, listed = os.path.join(directory, "sample.h5"), os.path.join(directory, "list")
        subprocess.run([sys.argv[1], path, listed, *most], check=True)
        with open(listed) as lines:
            fields = [Field(line) for line in lines]
        for name, read, is_there in READERS:
            if is_there():
                read(path, fields)
                tried += 1
                print(f"{name}: {len(fields)} datasets")
            else:
                print(f"{name}: skipped, not installed")
    return tried


def main():
    # The sample has 70,000 flows, and of nothing else so many: as a file with more flows than 32 bits count.
    return 0 if read_all() + read_all("60000") else 77


if __name__ == "__main__":
    sys.exit(main())
