# SPDX-License-Identifier: GPL-3.0-or-later
# `cpack -G DEB` in a build directory: the packages twinbed and twinbed-dev. jobs/packaging/make_deb.sh does all of it.
set(CPACK_PACKAGE_NAME twinbed)
set(CPACK_PACKAGE_CONTACT "The twinbed contributors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/COPYING)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "Reads the records of an experiment campaign, compares each testbed with a baseline,\n writes one HDF5 file and one HTML report.")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Libraries and headers of twinbed, for other programs.")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME twinbed)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS openmpi-bin)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS gnuplot-nox)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME twinbed-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "twinbed (= ${PROJECT_VERSION}), libopenmpi-dev, libhdf5-openmpi-dev, \
libpcap-dev, libfyaml-dev, libjansson-dev, libgsl-dev, libisal-dev, libzstd-dev, libxxhash-dev, libgraphviz-dev")
include(CPack)
