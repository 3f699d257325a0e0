#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "common/core/error.hpp"
#include "server/cli/command.hpp"

namespace genq::cli {

/// The options by which jobs are chosen: `--status`, `--label K=V` and the like.
struct Filters {
    std::vector<std::pair<std::string, std::string>> values;  ///< of the query parameter of that name
    std::vector<std::string> labels;
};

/// Gives the subcommand options for these parameters, and --label. `filters` outlives the parsing.
void add_filters(Subcommand* app, Filters& filters, std::initializer_list<const char*> names);

/// Appends them to a target's query. errc::invalid_argument for a label that is none.
[[nodiscard]] Result<void> put_filters(std::string& target, const Filters& filters);

}  // namespace genq::cli
