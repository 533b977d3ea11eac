# SPDX-License-Identifier: GPL-3.0-or-later
"""Spack's recipe. Put it into a repository of your own as packages/twinbed/package.py, then, from a clone of the source:

    spack install twinbed
    spack dev-build twinbed@main
"""
from spack.package import CMakePackage, depends_on, license, variant, version


class Twinbed(CMakePackage):
    """Compares virtual testbeds with physical ones: reads the records of an experiment campaign, measures every run,
    compares each testbed with a baseline, and writes one HDF5 file and one HTML report."""

    license("GPL-3.0-or-later")

    version("main", branch="main")

    variant("plots", default=True, description="gnuplot, which draws the plots of reports")

    depends_on("c", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("hdf5+mpi+hl")
    depends_on("libpcap")
    depends_on("libfyaml")
    depends_on("jansson")
    depends_on("gsl")
    depends_on("isa-l")
    depends_on("zstd")
    depends_on("xxhash")
    depends_on("graphviz")
    depends_on("gnuplot", type="run", when="+plots")

    generator = "Ninja"

    def cmake_args(self):
        return [self.define("TWINBED_BUILD_TESTS", False)]
