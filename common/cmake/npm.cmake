# genq_npm(<name> <version> <sha512> <folder>): a package of the npm registry unpacked into build/npm, its path in the
# variable <folder>. The archive is fetched once, its hash stands in the repository, and one that is there already
# (build/npm/<name>-<version>.tgz) needs no network. Nothing of npm itself runs.
function(genq_npm name version sha512 folder)
  set(registry "https://registry.npmjs.org")
  foreach(variable NPM_CONFIG_REGISTRY npm_config_registry)
    if(NOT "$ENV{${variable}}" STREQUAL "")
      string(REGEX REPLACE "/+$" "" registry "$ENV{${variable}}")
    endif()
  endforeach()
  set(archive "${PROJECT_BINARY_DIR}/npm/${name}-${version}.tgz")
  file(DOWNLOAD "${registry}/${name}/-/${name}-${version}.tgz" "${archive}" EXPECTED_HASH SHA512=${sha512}
       TLS_VERIFY ON INACTIVITY_TIMEOUT 60)
  set(unpacked "${PROJECT_BINARY_DIR}/npm/${name}-${version}")
  if(NOT EXISTS "${unpacked}/package/package.json")
    file(ARCHIVE_EXTRACT INPUT "${archive}" DESTINATION "${unpacked}")
  endif()
  set(${folder} "${unpacked}/package" PARENT_SCOPE)
endfunction()
