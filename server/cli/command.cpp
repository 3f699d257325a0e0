#include "server/cli/command.hpp"

#include <CLI/CLI.hpp>
#include <optional>

namespace genq::cli {

Option* Option::type_name(const std::string& name) {
    option_.type_name(name);
    return this;
}

Option* Option::required() {
    option_.required();
    return this;
}

Option* Option::expected(int values) {
    option_.expected(values);
    return this;
}

Option* Option::take_all() {
    option_.take_all();
    return this;
}

Option* Option::allow_extra_args(bool allowed) {
    option_.allow_extra_args(allowed);
    return this;
}

Option* Option::range(double from, double to) {
    option_.check(CLI::Range(from, to));
    return this;
}

Option* Option::range(int from, int to) {
    option_.check(CLI::Range(from, to));
    return this;
}

Option* Option::one_of(std::initializer_list<const char*> values) {
    option_.check(CLI::IsMember(std::vector<std::string>(values.begin(), values.end())));
    return this;
}

Option* Option::needs(const Option* other) {
    option_.needs(&other->option_);
    return this;
}

Option* Option::excludes(const Option* other) {
    option_.excludes(&other->option_);
    return this;
}

template <typename Value>
Option* Subcommand::add_option(const std::string& name, Value& value, const std::string& about) {
    return &options_.emplace_back(*app_.add_option(name, value, about));
}

template Option* Subcommand::add_option(const std::string&, std::string&, const std::string&);
template Option* Subcommand::add_option(const std::string&, std::vector<std::string>&, const std::string&);
template Option* Subcommand::add_option(const std::string&, int&, const std::string&);
template Option* Subcommand::add_option(const std::string&, std::optional<int>&, const std::string&);
template Option* Subcommand::add_option(const std::string&, double&, const std::string&);

Option* Subcommand::add_flag(const std::string& name, bool& value, const std::string& about) {
    return &options_.emplace_back(*app_.add_flag(name, value, about));
}

void Subcommand::require_subcommand(int count) {
    app_.require_subcommand(count);
}

Subcommand* Program::add(const std::string& name, const std::string& about, const std::string& examples,
                         const Subcommand* parent) {
    CLI::App* made = (parent == nullptr ? root : parent->app()).add_subcommand(name, about);
    made->footer("Examples:\n" + examples);
    return &subcommands.emplace_back(*made);
}

}  // namespace genq::cli
