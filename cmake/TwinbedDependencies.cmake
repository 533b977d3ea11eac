# SPDX-License-Identifier: GPL-3.0-or-later
# Every library twinbed stands on, as an imported target.
find_package(MPI REQUIRED COMPONENTS C)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(Threads REQUIRED)

set(HDF5_PREFER_PARALLEL TRUE)
find_package(HDF5 REQUIRED COMPONENTS C)
if(NOT HDF5_IS_PARALLEL)
    message(FATAL_ERROR "twinbed needs HDF5 built for MPI (Debian: libhdf5-openmpi-dev; modules: hdf5-parallel)")
endif()
if(NOT TARGET hdf5::hdf5)
    message(FATAL_ERROR "FindHDF5 gave no hdf5::hdf5 target; use CMake 3.25 or later")
endif()
# The dimension scale functions live in the high-level library.
find_library(HDF5_HL_LIBRARY NAMES hdf5_openmpi_hl hdf5_hl HINTS ${HDF5_LIBRARY_DIRS} /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/hdf5/openmpi REQUIRED)
mark_as_advanced(HDF5_HL_LIBRARY)

find_package(GSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpcap REQUIRED IMPORTED_TARGET libpcap)
pkg_check_modules(libfyaml REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(libisal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(libzstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(libxxhash REQUIRED IMPORTED_TARGET libxxhash)
if(TWINBED_WITH_GRAPHVIZ)
    pkg_check_modules(libgvc REQUIRED IMPORTED_TARGET libgvc)
    set(TWINBED_GRAPHVIZ libgvc) # for those who link the rooms
endif()
if(TWINBED_BUILD_TESTS)
    pkg_check_modules(cmocka REQUIRED IMPORTED_TARGET cmocka)
endif()
