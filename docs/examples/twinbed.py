# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of a twinbed results file as pandas frames. Computes nothing: indexes become names, flags become words.

    import twinbed
    results = twinbed.Results("results.h5")
    results.metrics()                        # a row for each run and metric
    results.frame("contrast", "metric")      # every dataset over these dimensions
"""
import h5py
import numpy as np
import pandas as pd

NAMES = {"testbed": "campaign/testbed_name", "scenario": "campaign/scenario_name", "factor": "campaign/factor_name",
         "run": "campaign/run_name", "metric": "metrics/metric_name", "reason": "metrics/reason_sentence",
         "contrast": "comparison/contrast_name", "term": "sensitivity/term_name", "artifact": "quality/artifact_path",
         "call": "os/call_name", "state": "os/state_label", "source": "os/state_label", "target": "os/state_label"}


class Results:
    def __init__(self, path):
        self.file = h5py.File(path, "r")

    def column(self, path):
        """All values of a dataset. What an index of -1 points to is None."""
        dataset = self.file[path]
        if h5py.check_string_dtype(dataset.dtype):
            return dataset.asstr()[...]
        values, words, last = dataset[...], dataset.attrs.get("flag_meanings"), path.split("_")[-1]
        if words is not None:
            return np.array((words.decode() if isinstance(words, bytes) else words).split(), object)[values]
        if last in NAMES and values.dtype.kind == "i" and path != NAMES[last]:
            return np.append(self.column(NAMES[last]).astype(object), None)[values]
        return values

    def dimensions(self, dataset):
        return tuple(dataset.dims[i][0].name[1:] for i in range(dataset.ndim))

    def frame(self, *dimensions):
        """Every dataset over these dimensions, named without the first of them; a row for each combination."""
        columns, paths = {}, []
        self.file.visit(paths.append)
        for path in paths:
            if "/" not in path or path == NAMES.get(dimensions[0]) or self.dimensions(self.file[path]) != dimensions:
                continue
            columns[path.split("/")[1].removeprefix(dimensions[0] + "_")] = self.column(path).ravel()
        labels = [self.column(NAMES[name]) if name in NAMES else range(len(self.file[name])) for name in dimensions]
        index = pd.MultiIndex.from_product(labels, names=dimensions)
        return pd.DataFrame(columns, index if len(dimensions) > 1 else index.get_level_values(0))

    def metrics(self):
        """A row for each run and metric: its value or why there is none, and all that is known of the run and metric."""
        return self.frame("run", "metric").join(self.frame("run")).join(self.frame("metric"))

    def comparison(self):
        """A row for each contrast and metric: ratio, interval, verdict."""
        contrasts = self.frame("contrast").join(self.frame("cell"), on="cell")
        return self.frame("contrast", "metric").join(contrasts).join(self.frame("metric"))

    def summaries(self):
        """A row for each cell and metric: mean, deviation, interval."""
        return self.frame("cell", "metric").join(self.frame("cell")).join(self.frame("metric"))
