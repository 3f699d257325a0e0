# What is installed where, and the Debian package that CPack makes of it (`./dev package`).
include(GNUInstallDirs)
set(genq_unit_dir lib/systemd/system)  # Debian 12: below the root, whatever the prefix

install(TARGETS genqd RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT genqd)
install(FILES config/genqd.toml DESTINATION /etc/genqd COMPONENT genqd)
install(FILES systemd/genqd.service DESTINATION /${genq_unit_dir} COMPONENT genqd)
install(FILES systemd/genqd.sysusers DESTINATION lib/sysusers.d RENAME genqd.conf COMPONENT genqd)
install(FILES systemd/genqd.tmpfiles DESTINATION lib/tmpfiles.d RENAME genqd.conf COMPONENT genqd)
install(FILES config/completion/genqd.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        RENAME genqd COMPONENT genqd)
install(FILES config/completion/genqd.zsh DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions" RENAME _genqd
        COMPONENT genqd)
install(FILES config/completion/genqd.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d"
        COMPONENT genqd)
install(FILES config/prometheus/genqd.rules.yml config/grafana/genqd.json DESTINATION "${CMAKE_INSTALL_DATADIR}/genqd"
        COMPONENT genqd)
install(FILES README.md DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/genqd" COMPONENT genqd)
install(FILES server/API.md server/MODELS.md server/DESIGN.md server/openapi.json
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/genqd/server" COMPONENT genqd)
install(DIRECTORY server/docs DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/genqd/server" COMPONENT genqd)
install(FILES systemd/deb/copyright DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/genqd" COMPONENT genqd)
install(FILES systemd/deb/lintian-overrides DESTINATION "${CMAKE_INSTALL_DATADIR}/lintian/overrides" RENAME genqd
        COMPONENT genqd)

# Debian wants changelog and manual compressed; -n keeps the time out of them, so that two builds give the same bytes.
foreach(pair "CHANGELOG.md:changelog" "systemd/deb/changelog:changelog.Debian")
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 source)
  list(GET pair 1 name)
  set(packed "${PROJECT_BINARY_DIR}/packed/${name}.gz")
  add_custom_command(
    OUTPUT "${packed}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${PROJECT_BINARY_DIR}/packed"
    COMMAND gzip -9nc "${PROJECT_SOURCE_DIR}/${source}" > "${packed}"
    DEPENDS "${PROJECT_SOURCE_DIR}/${source}"
    VERBATIM)
  list(APPEND genq_packed "${packed}")
endforeach()
add_custom_command(
  OUTPUT "${PROJECT_BINARY_DIR}/packed/genqd.1.gz"
  COMMAND genqd man | gzip -9nc > "${PROJECT_BINARY_DIR}/packed/genqd.1.gz"
  DEPENDS genqd
  VERBATIM)
list(APPEND genq_packed "${PROJECT_BINARY_DIR}/packed/genqd.1.gz")
add_custom_target(genq_packed DEPENDS ${genq_packed})
install(FILES "${PROJECT_BINARY_DIR}/packed/changelog.gz" "${PROJECT_BINARY_DIR}/packed/changelog.Debian.gz"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/genqd" COMPONENT genqd)
install(FILES "${PROJECT_BINARY_DIR}/packed/genqd.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT genqd)

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # ./dev package builds the two targets that are installed
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME genqd)
set(CPACK_PACKAGE_VENDOR "the genqd authors")
set(CPACK_PACKAGE_CONTACT "the genqd authors <maintainers@genqd.invalid>")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "job queue in front of kie.ai")
set(CPACK_PACKAGE_DESCRIPTION
    "genqd takes generation jobs for kie.ai over HTTP, keeps them on disk, submits
them within the account's rate limit, never pays twice for one, follows them to
their end and stores the files before their addresses expire. It comes with a
stand-in for kie.ai, so that it can be tried without an account.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # the paths that begin at the root: /etc, /lib/systemd
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL genqd)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Shared libraries come from shlibdeps; besides them: the authorities that kie.ai's certificate is checked with.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, systemd (>= 247) | systemd-standalone-sysusers")
# For thumbnails and what is known of outputs; all else works without.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ffmpeg")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script postinst prerm postrm conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/systemd/deb/${script}")
endforeach()
include(CPack)
