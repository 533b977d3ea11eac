# SPDX-License-Identifier: GPL-3.0-or-later
# What makes a defect harder to use for somebody who made the input. Compilers for other machines lack some of it. Builds
# for tests with sanitizers, which look closer, and those without optimisation, which _FORTIFY_SOURCE needs, go without.
# Control-flow protection takes effect only where the system's own start-up code has it, too; Debian's has not.
include(CheckCCompilerFlag)
include(CheckLinkerFlag)

option(TWINBED_HARDENED "Guard stacks and buffers, bind at start (tested in every build that has it)" ON)

if(TWINBED_HARDENED AND NOT TWINBED_SANITIZE AND CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$")
    foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection)
        string(MAKE_C_IDENTIFIER "TWINBED_HAS_${flag}" known)
        check_c_compiler_flag(${flag} ${known})
        if(${known})
            target_compile_options(twinbed_flags INTERFACE ${flag})
        endif()
    endforeach()
    target_compile_options(twinbed_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    foreach(flag -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
        string(MAKE_C_IDENTIFIER "TWINBED_LINKS_${flag}" known)
        check_linker_flag(C ${flag} ${known})
        if(${known})
            target_link_options(twinbed_flags INTERFACE ${flag})
        endif()
    endforeach()
endif()
