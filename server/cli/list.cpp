#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/filters.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    Filters filters;
    int limit = 50;
    std::string cursor;
    bool all = false;
};

Result<std::string> first_target(const Arguments& arguments) {
    std::string target = "/v1/jobs";
    add_query(target, "limit", fmt::format("{}", arguments.all ? 200 : arguments.limit));
    if (const auto put = put_filters(target, arguments.filters); !put) return std::unexpected(put.error());
    return target;
}

void add_row(std::vector<std::vector<std::string>>& rows, const boost::json::value& job) {
    auto status = text_at(job, "status");
    if (const auto reason = text_at(job, "queue.reason"); !reason.empty()) status += " (" + reason + ")";
    if (const auto code = text_at(job, "error.code"); !code.empty()) status += " (" + code + ")";
    rows.push_back({text_at(job, "id"), status, text_at(job, "model"), text_at(job, "created_at").substr(0, 19),
                    fmt::format("{}", array_at(job, "outputs").size()), text_at(job, "caller")});
}

int list(Client& client, const Arguments& arguments, bool json) {
    const auto first = first_target(arguments);
    if (!first) return usage_error(first.error());
    std::string cursor = arguments.cursor;
    std::vector<std::vector<std::string>> rows{{"JOB", "STATUS", "MODEL", "CREATED (UTC)", "OUTPUTS", "CALLER"}};
    for (;;) {
        auto target = *first;
        if (!cursor.empty()) add_query(target, "cursor", cursor);
        const auto page = ask(client, {.target = target});
        if (!page) return page.error();
        cursor = text_at(*page, "next_cursor");
        if (json) print_json(*page);
        for (const auto& job : array_at(*page, "jobs")) add_row(rows, job);
        if (!arguments.all || cursor.empty()) break;
    }
    if (json) return exit_success;
    fmt::print("{}", render_table(rows, stdout_columns()));
    if (!cursor.empty()) say("There are more: --cursor {} goes on, --all shows all.\n", printable(cursor));
    return exit_success;
}

}  // namespace

void add_list(Program& program) {
    auto* app = program.add("list", "List jobs, newest first",
                            "  genqd list --status queued,generating\n"
                            "  genqd list --model google/imagen4 --label project=spring --all\n"
                            "  genqd list --status failed --created-after 2026-11-01T00:00:00Z --json");
    auto arguments = std::make_shared<Arguments>();
    add_filters(app, arguments->filters,
                {"status", "model", "family", "kind", "caller", "error_code", "billed", "batch_id", "created_after",
                 "created_before"});
    app->add_option("--limit", arguments->limit, "Jobs a page, 1 to 200 (50)")->type_name("N");
    app->add_option("--cursor", arguments->cursor, "Go on where an earlier page ended")->type_name("TEXT");
    app->add_flag("--all", arguments->all, "All pages; with --json one line a page");
    on_client(program, app, [arguments](Client& client, bool json) { return list(client, *arguments, json); });
}

}  // namespace genq::cli
