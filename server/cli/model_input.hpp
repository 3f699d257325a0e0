#pragma once
#include <boost/json/object.hpp>
#include <expected>
#include <string>

#include "server/cli/client.hpp"
#include "server/cli/input.hpp"

namespace genq::cli {

/// What is written for one field: a value, or files that are to be sent.
struct Field {
    boost::json::value value = nullptr;
    bool is_file = false;
    bool is_list = false;  ///< one file makes a list too
};

/// Reads `text` for a field with that JSON Schema (null where none is known): a text field takes it as it is, others
/// what `guess` makes of it. `@path` is a file, unless the field takes a text of any kind and there is no such file.
[[nodiscard]] Field read_field(std::string_view text, const boost::json::value& schema);

/// A job's input: reads the words by the schema of the model, or of the one that is recommended for `use`, sends the
/// files that are named and puts their references there. A daemon that does not show its models to this token, and a
/// model that no catalogue knows, leave it to guesses: then a key that is repeated makes a list of files. The exit code
/// after saying what went wrong.
[[nodiscard]] std::expected<boost::json::object, int> make_input(Client& client, const std::string& model,
                                                                 const std::string& use, Input input);

}  // namespace genq::cli
