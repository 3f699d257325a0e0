# Writes OUTPUT, a C++ file that holds the files named in INPUT (joined by `|`) as string literals.
# cmake -DOUTPUT=… -DINPUT=… -P embed.cmake
string(REPLACE "|" ";" files "${INPUT}")
set(text "#include \"server/catalogue/shipped.hpp\"\n\nnamespace genq::catalogue {\n\n")
string(APPEND text "const std::vector<ShippedFile>& shipped_files() {\n    static const std::vector<ShippedFile> files{\n")
foreach(file IN LISTS files)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" content)
  string(APPEND text "        {\"${name}\", R\"genqd(${content})genqd\"},\n")
endforeach()
string(APPEND text "    };\n    return files;\n}\n\n}  // namespace genq::catalogue\n")
file(WRITE "${OUTPUT}" "${text}")
