# SPDX-License-Identifier: GPL-3.0-or-later
include(CMakePackageConfigHelpers)
get_property(rooms GLOBAL PROPERTY TWINBED_ROOMS)

install(TARGETS ${rooms} EXPORT twinbed-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET twinbed_command)
    install(TARGETS twinbed_command RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/twinbed DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT twinbed-targets NAMESPACE twinbed:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/twinbed)
configure_package_config_file(cmake/twinbed-config.cmake.in ${PROJECT_BINARY_DIR}/twinbed-config.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/twinbed)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/twinbed-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/twinbed-config.cmake ${PROJECT_BINARY_DIR}/twinbed-config-version.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/twinbed)
configure_file(cmake/twinbed.pc.in ${PROJECT_BINARY_DIR}/twinbed.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/twinbed.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(EXISTS ${PROJECT_SOURCE_DIR}/docs/twinbed.1)
    install(FILES docs/twinbed.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
