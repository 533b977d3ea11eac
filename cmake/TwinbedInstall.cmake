# SPDX-License-Identifier: GPL-3.0-or-later
# What `cmake --install` lays down: the command, the rooms with their headers, a
# CMake package and a pkg-config file that find what the rooms stand on, the
# documents, and the job script. Installed trees can be moved.
include(CMakePackageConfigHelpers)
get_property(rooms GLOBAL PROPERTY TWINBED_ROOMS)
set(package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/twinbed)

install(TARGETS ${rooms} EXPORT twinbed-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
if(TARGET twinbed_command)
    install(TARGETS twinbed_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/twinbed DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)

# The rooms' names as consumers see them, highest first, for twinbed::twinbed and the linker's order.
list(TRANSFORM rooms REPLACE "^twinbed_" "twinbed::" OUTPUT_VARIABLE TWINBED_ROOM_TARGETS)
list(REVERSE rooms)
list(TRANSFORM rooms PREPEND "-l" OUTPUT_VARIABLE room_flags)
list(JOIN room_flags " " TWINBED_ROOM_FLAGS)

# MPI and HDF5 go by many names in pkg-config; say exactly which libraries this build used.
# What HDF5 itself stands on, it finds by itself.
list(FILTER HDF5_C_LIBRARIES INCLUDE REGEX "hdf5[^/]*$")
list(JOIN HDF5_C_LIBRARIES " " hdf5_libraries)
list(JOIN MPI_C_LIBRARIES " " mpi_libraries)
set(TWINBED_OTHER_LIBRARIES "${HDF5_HL_LIBRARY} ${hdf5_libraries} ${mpi_libraries} ${OpenMP_C_FLAGS} -lm")
list(TRANSFORM MPI_C_INCLUDE_DIRS PREPEND "-I" OUTPUT_VARIABLE mpi_flags)
list(JOIN mpi_flags " " TWINBED_MPI_FLAGS)
file(RELATIVE_PATH TWINBED_PREFIX_FROM_PKGCONFIG
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" TWINBED_PREFIX_FROM_PKGCONFIG ${TWINBED_PREFIX_FROM_PKGCONFIG})

install(EXPORT twinbed-targets NAMESPACE twinbed:: DESTINATION ${package_directory} COMPONENT development)
configure_package_config_file(cmake/twinbed-config.cmake.in ${PROJECT_BINARY_DIR}/twinbed-config.cmake
    INSTALL_DESTINATION ${package_directory})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/twinbed-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/twinbed-config.cmake ${PROJECT_BINARY_DIR}/twinbed-config-version.cmake
    DESTINATION ${package_directory} COMPONENT development)
configure_file(cmake/twinbed.pc.in ${PROJECT_BINARY_DIR}/twinbed.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/twinbed.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

install(FILES README.md NEWS.md SECURITY.md CITATION.cff COPYING DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md" PATTERN "*.png" PATTERN "*.py")
install(PROGRAMS jobs/analyze.sbatch jobs/array.sbatch DESTINATION ${CMAKE_INSTALL_DATADIR}/twinbed/jobs)
# The recorder finds its files beside itself, behind a link.
install(DIRECTORY jobs/record DESTINATION ${CMAKE_INSTALL_DATADIR}/twinbed/jobs USE_SOURCE_PERMISSIONS
    PATTERN try.sh EXCLUDE)
install(CODE "
    file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    file(RELATIVE_PATH recorder \"/${CMAKE_INSTALL_BINDIR}\" \"/${CMAKE_INSTALL_DATADIR}/twinbed/jobs/record/twinbed-record\")
    file(CREATE_LINK \"\${recorder}\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/twinbed-record\" SYMBOLIC)")

# The prefix is known when the tree is laid down, and not before.
install(CODE "
    set(PREFIX \"\${CMAKE_INSTALL_PREFIX}\")
    set(VERSION ${PROJECT_VERSION})
    set(BINDIR ${CMAKE_INSTALL_BINDIR})
    set(MANDIR ${CMAKE_INSTALL_MANDIR})
    set(LIBDIR ${CMAKE_INSTALL_LIBDIR})
    configure_file(${PROJECT_SOURCE_DIR}/jobs/packaging/modulefile.in
        \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/twinbed/modulefiles/twinbed/${PROJECT_VERSION}\" @ONLY)")
