# What every target of the project is compiled with: `genq::options`. One place, so that all targets can share one
# precompiled header, and so that what is switched off stands beside its reason.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(genq_options INTERFACE)
add_library(genq::options ALIAS genq_options)
target_include_directories(genq_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(
  genq_options
  INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Wswitch -Werror
            # Among files that are compiled together, a local name may be that of another file's constant.
            $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>
            # By hand, and the same for libraries and programs: else they can't share a precompiled header.
            -fPIE
            # Without it ccache never finds a precompiled header again: the time is part of its hash.
            "SHELL:-Xclang -fno-pch-timestamp")
target_compile_definitions(
  genq_options
  INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
            BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_options(genq_options INTERFACE -fuse-ld=lld -pie)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(genq_options INTERFACE _FORTIFY_SOURCE=3 _GLIBCXX_ASSERTIONS)
  target_compile_options(genq_options INTERFACE -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
                                                -ftrivial-auto-var-init=zero)
  target_link_options(genq_options INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
endif()

if(GENQ_SANITIZE STREQUAL "address")
  target_compile_options(
    genq_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
                           "-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/common/cmake/ubsan-ignore.txt")
  target_link_options(genq_options INTERFACE -fsanitize=address,undefined)
elseif(GENQ_SANITIZE STREQUAL "thread")
  # Asio's fenced block and the reference counts of its std::atomic variant rely on fences, which TSan does not model;
  # Boost's own counter, the other variant, says the same with acquire and release.
  target_compile_definitions(genq_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK BOOST_ASIO_DISABLE_STD_ATOMIC)
  target_compile_options(genq_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(genq_options INTERFACE -fsanitize=thread)
endif()
if(GENQ_FUZZ)
  target_compile_options(genq_options INTERFACE -fsanitize=fuzzer-no-link,address)
  target_link_options(genq_options INTERFACE -fsanitize=address)
endif()

# One precompiled header for all: the standard library, Asio's coroutines and Boost.JSON cost a file most of its time.
function(genq_use_pch target)
  if(TARGET genq_pch)
    target_precompile_headers(${target} REUSE_FROM genq_pch)
  endif()
endfunction()

# Most of a file's time goes to what it includes, so GENQ_TOGETHER of a target's files are compiled as one.
function(genq_compile_together target)
  if(GENQ_TOGETHER GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${GENQ_TOGETHER})
  endif()
endfunction()

# genq_library(<name> SOURCES … DEPS … [SIBLINGS]): a static library `genq_<name>` with the alias `genq::<name>`. No two
# of its files share a local name (see `genq_compile_together`), unless they are siblings that look alike on purpose.
function(genq_library name)
  cmake_parse_arguments(arg "SIBLINGS" "" "SOURCES;DEPS" ${ARGN})
  add_library(genq_${name} STATIC ${arg_SOURCES})
  add_library(genq::${name} ALIAS genq_${name})
  target_link_libraries(genq_${name} PUBLIC genq::options ${arg_DEPS})
  genq_use_pch(genq_${name})
  if(NOT arg_SIBLINGS)
    genq_compile_together(genq_${name})
  endif()
endfunction()
