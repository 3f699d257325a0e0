#include <fmt/format.h>

#include <memory>

#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string by = "model";
    std::string from;
    std::string to;
};

std::vector<std::string> row(const std::string& name, const boost::json::value& counts) {
    return {name,
            text_at(counts, "jobs"),
            text_at(counts, "statuses.succeeded"),
            text_at(counts, "statuses.failed"),
            text_at(counts, "credits"),
            text_at(counts, "credits_estimated"),
            text_at(counts, "credits_reserved")};
}

int show(Client& client, const Arguments& arguments, bool json) {
    std::string target = "/v1/usage";
    add_query(target, "by", arguments.by);
    if (!arguments.from.empty()) add_query(target, "from", arguments.from);
    if (!arguments.to.empty()) add_query(target, "to", arguments.to);
    const auto usage = ask(client, {.target = target});
    if (!usage) return usage.error();
    if (json) {
        print_json(*usage);
        return exit_success;
    }
    std::vector<std::vector<std::string>> rows{
        {arguments.by, "JOBS", "SUCCEEDED", "FAILED", "CREDITS", "ESTIMATED", "RESERVED"}};
    for (const auto& group : array_at(*usage, "usage")) rows.push_back(row(text_at(group, "key"), group));
    rows.push_back(row("all", at(*usage, "total")));
    fmt::print("{}", render_table(rows, stdout_columns()));
    return exit_success;
}

}  // namespace

void add_usage(Program& program) {
    auto* app = program.add("usage", "Show what was spent, by model, caller or label",
                            "  genqd usage                     # of today\n"
                            "  genqd usage --by label.project --from 2026-11-01T00:00:00Z");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("--by", arguments->by, "model, caller or label.KEY (model)")->type_name("WHAT");
    app->add_option("--from", arguments->from, "Of jobs made from this time on (RFC 3339; the day's beginning)")
        ->type_name("TIME");
    app->add_option("--to", arguments->to, "And before this time (now)")->type_name("TIME");
    on_client(program, app, [arguments](Client& client, bool json) { return show(client, *arguments, json); });
}

}  // namespace genq::cli
