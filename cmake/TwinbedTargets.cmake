# SPDX-License-Identifier: GPL-3.0-or-later
# How the project declares a room and a test: one line each.

# Flags that every target of ours carries, and no consumer inherits.
add_library(twinbed_flags INTERFACE)
target_compile_features(twinbed_flags INTERFACE c_std_17)
target_compile_options(twinbed_flags INTERFACE
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual
    -Wwrite-strings -Wundef -Wformat=2 -ffp-contract=off -fvisibility=hidden)
target_compile_definitions(twinbed_flags INTERFACE _GNU_SOURCE)
if(TWINBED_WARNINGS_AS_ERRORS)
    target_compile_options(twinbed_flags INTERFACE -Werror)
endif()
if(TWINBED_SANITIZE)
    target_compile_options(twinbed_flags INTERFACE -fsanitize=${TWINBED_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    target_link_options(twinbed_flags INTERFACE -fsanitize=${TWINBED_SANITIZE})
endif()
if(TWINBED_BUILD_FUZZERS)
    target_compile_options(twinbed_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# twinbed_add_room(<room> SOURCES ... [ROOMS lower rooms] [LIBRARIES imported targets])
# A room is a static library of its own, so that a room can only link what it may use.
function(twinbed_add_room room)
    cmake_parse_arguments(PARSE_ARGV 1 ROOM "" "" "SOURCES;ROOMS;LIBRARIES")
    add_library(twinbed_${room} STATIC ${ROOM_SOURCES})
    add_library(twinbed::${room} ALIAS twinbed_${room})
    set_target_properties(twinbed_${room} PROPERTIES EXPORT_NAME ${room} POSITION_INDEPENDENT_CODE ON)
    target_include_directories(twinbed_${room}
        PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
        PRIVATE ${PROJECT_SOURCE_DIR}/src)
    list(TRANSFORM ROOM_ROOMS PREPEND twinbed::)
    target_link_libraries(twinbed_${room} PUBLIC ${ROOM_ROOMS} PRIVATE $<BUILD_INTERFACE:twinbed_flags> ${ROOM_LIBRARIES})
    set_property(GLOBAL APPEND PROPERTY TWINBED_ROOMS twinbed_${room})
endfunction()

# twinbed_add_test(<name> SOURCES ... [ROOMS rooms] [LIBRARIES targets] [RANKS 1 2 ...] [LABELS ...] [TIMEOUT s])
# Without RANKS the test runs without a launcher; with RANKS once for each number of ranks.
# Tests see the rooms' private headers as "room/header.h" and the shared fixtures of tests/fixtures.
function(twinbed_add_test name)
    cmake_parse_arguments(PARSE_ARGV 1 TEST "" "TIMEOUT" "SOURCES;ROOMS;LIBRARIES;RANKS;LABELS")
    if(NOT TEST_TIMEOUT)
        set(TEST_TIMEOUT 120)
    endif()
    add_executable(${name} ${TEST_SOURCES})
    list(TRANSFORM TEST_ROOMS PREPEND twinbed::)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${name} PRIVATE ${TEST_ROOMS} ${TEST_LIBRARIES} PkgConfig::cmocka twinbed_flags)
    target_compile_definitions(${name} PRIVATE TWINBED_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    if(NOT TEST_RANKS)
        add_test(NAME ${name} COMMAND ${name})
        set_tests_properties(${name} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "unit;${TEST_LABELS}")
    endif()
    foreach(ranks IN LISTS TEST_RANKS)
        set(test ${name}_ranks_${ranks})
        add_test(NAME ${test} COMMAND ${MPIEXEC_EXECUTABLE} --oversubscribe --bind-to none
            ${MPIEXEC_NUMPROC_FLAG} ${ranks} $<TARGET_FILE:${name}>)
        set_tests_properties(${test} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "mpi;${TEST_LABELS}" PROCESSORS ${ranks}
            ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;OMP_NUM_THREADS=2")
    endforeach()
endfunction()

# twinbed_add_fuzz_target(<name> SOURCES ... [ROOMS rooms] [LIBRARIES targets])
# In the preset fuzz a libFuzzer program; elsewhere a test that takes each file of corpus/<name> once.
function(twinbed_add_fuzz_target name)
    cmake_parse_arguments(PARSE_ARGV 1 TARGET "" "" "SOURCES;ROOMS;LIBRARIES")
    list(TRANSFORM TARGET_ROOMS PREPEND twinbed::)
    set(program replay_${name})
    set(main ${PROJECT_SOURCE_DIR}/tests/fixtures/replay_main.c)
    if(TWINBED_BUILD_FUZZERS)
        set(program ${name})
        set(main "")
    endif()
    add_executable(${program} ${TARGET_SOURCES} ${main})
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${program} PRIVATE ${TARGET_ROOMS} ${TARGET_LIBRARIES} twinbed_flags)
    if(TWINBED_BUILD_FUZZERS)
        target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    else()
        add_test(NAME ${program} COMMAND ${program} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
        set_tests_properties(${program} PROPERTIES TIMEOUT 120 LABELS unit
            ENVIRONMENT "OMP_WAIT_POLICY=passive")
    endif()
endfunction()
