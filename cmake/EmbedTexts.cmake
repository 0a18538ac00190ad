# easel_embed_texts(OUT NAME FILES...): a C++ file in which NAME is an array of pairs, each file's name without its
# ending and its text.
function(easel_embed_texts out name)
  set(code "// Made when the build was configured.\n#pragma once\n#include <utility>\nstatic constexpr std::pair<const char*, const char*> ${name}[] = {\n")
  foreach(file ${ARGN})
    get_filename_component(stem ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND code "    {\"${stem}\", R\"easel(${text})easel\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  string(APPEND code "};\n")
  file(CONFIGURE OUTPUT ${out} CONTENT "@code@" @ONLY)
endfunction()
