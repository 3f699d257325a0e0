#include <fmt/format.h>

#include <memory>
#include <optional>

#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

std::vector<std::string> row(const boost::json::value& delivery) {
    const auto& attempts = array_at(delivery, "attempts");
    const auto last = attempts.empty() ? boost::json::value() : attempts.back();
    const auto status = text_at(last, "status");
    return {text_at(delivery, "id"),
            text_at(delivery, "event"),
            text_at(delivery, "state"),
            fmt::format("{}", attempts.size()),
            status.empty() ? text_at(last, "error") : "HTTP " + status,
            text_at(delivery, "next_attempt_at")};
}

int show(Client& client, const std::string& job, std::optional<int> again, bool json) {
    Call call{.target = job_target(job) + "/deliveries"};
    if (again) {
        call.method = "POST";
        call.target += fmt::format("/{}/redeliver", *again);
    }
    const auto answer = ask(client, call);
    if (!answer) return answer.error();
    if (json) {
        print_json(*answer);
        return exit_success;
    }
    std::vector<std::vector<std::string>> rows{{"N", "EVENT", "STATE", "TRIES", "LAST ANSWER", "NEXT TRY (UTC)"}};
    if (again) rows.push_back(row(*answer));
    for (const auto& delivery : array_at(*answer, "deliveries")) rows.push_back(row(delivery));
    fmt::print("{}", render_table(rows, stdout_columns()));
    return exit_success;
}

}  // namespace

void add_deliveries(Program& program) {
    auto* app = program.add("deliveries", "Show what was sent to a job's webhook, or send one again",
                            "  genqd deliveries 01JQ…\n  genqd deliveries 01JQ… --again 1");
    auto job = std::make_shared<std::string>();
    auto again = std::make_shared<std::optional<int>>();
    app->add_option("JOB", *job, "The job's id")->required()->type_name("");
    app->add_option("--again", *again, "Send the delivery with this number again")->type_name("N");
    on_client(program, app, [=](Client& client, bool json) { return show(client, *job, *again, json); });
}

}  // namespace genq::cli
