# genq_gzip(<plain> <packed>): the file <plain> gzip'd as <packed>, which is touched only when its bytes change, so that
# nothing is compiled anew because CMake ran. -n keeps the time out of it: two builds give the same bytes.
function(genq_gzip plain packed)
  execute_process(COMMAND gzip -9nc "${plain}" OUTPUT_FILE "${packed}.new" COMMAND_ERROR_IS_FATAL ANY)
  file(COPY_FILE "${packed}.new" "${packed}" ONLY_IF_DIFFERENT)
  file(REMOVE "${packed}.new")
endfunction()
