#include "server/cli/filters.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/cli/client_command.hpp"

namespace genq::cli {

void add_filters(Subcommand* app, Filters& filters, std::initializer_list<const char*> names) {
    for (const char* name : names) filters.values.emplace_back(name, "");
    for (auto& [name, value] : filters.values) {
        std::string option = "--" + name;
        std::ranges::replace(option, '_', '-');
        const bool time = name.starts_with("created");
        app->add_option(option, value,
                        time ? "Only jobs made " + name.substr(8) + " this time (RFC 3339)"
                             : "Only jobs with one of these, separated by commas")
            ->type_name(time ? "TIME" : "LIST");
    }
    app->add_option("--label", filters.labels, "Only jobs with this label; may be repeated")
        ->type_name("K=V")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
}

Result<void> put_filters(std::string& target, const Filters& filters) {
    for (const auto& [name, value] : filters.values) {
        if (!value.empty()) add_query(target, name, value);
    }
    for (const std::string& label : filters.labels) {
        const auto equals = label.find('=');
        if (equals == std::string::npos || equals == 0) {
            return fail(errc::invalid_argument, fmt::format("--label {} is not of the form K=V", label));
        }
        add_query(target, "label." + label.substr(0, equals), label.substr(equals + 1));
    }
    return {};
}

}  // namespace genq::cli
