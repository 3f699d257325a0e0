#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "common/core/rfc3339.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/events.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

// "+3 min 1 s" since the job was accepted; tenths of a second in the first minute.
std::string offset(const boost::json::value& event, const boost::json::value& job) {
    const auto from = from_rfc3339(text_at(job, "created_at"));
    const auto at = from_rfc3339(text_at(event, "at"));
    if (!from || !at) return "";
    // A job's first event may have been written down a moment before the job.
    const double seconds = std::max(0.0, std::chrono::duration<double>(*at - *from).count());
    return seconds < 60 ? fmt::format("+{:.1f} s", seconds) : "+" + human_seconds(static_cast<std::int64_t>(seconds));
}

int sum_up(Client& client, const std::string& id, const Answer& known = std::unexpected(exit_success)) {
    const auto job = known ? known : ask(client, {.target = job_target(id)});
    if (!job) return job.error();
    const auto line = [](std::string_view name, const std::string& text) {
        if (!text.empty()) fmt::print("{:<12}{}\n", name, printable(text));
    };
    line("waits for", text_at(*job, "queue.reason"));
    line("task", text_at(*job, "upstream.task_id"));
    line("attempts", text_at(*job, "upstream.attempts"));
    line("polls", text_at(*job, "upstream.polls"));
    line("billed", text_at(*job, "billed"));
    line("credits", text_at(*job, "credits"));
    line("error", text_at(*job, "error.code"));
    line("message", text_at(*job, "error.message"));
    line("advice", text_at(*job, "error.advice"));
    return exit_success;
}

int show(Client& client, const std::string& id, bool json) {
    const auto history = ask(client, {.target = job_target(id) + "/events"});
    if (!history) return history.error();
    if (json) {
        print_json(*history);
        return exit_success;
    }
    const auto job = ask(client, {.target = job_target(id)});
    if (!job) return job.error();
    for (const auto& event : array_at(*history, "events")) {
        fmt::print("{}  {:>14}  {:<11}  {}\n", printable(text_at(event, "at")), offset(event, *job),
                   printable(text_at(event, "status")), printable(text_at(event, "detail")));
    }
    return sum_up(client, id, job);
}

}  // namespace

void add_logs(Program& program) {
    auto* app = program.add("logs", "Show what has happened to a job, when, and why",
                            "  genqd logs 01JQ…\n  genqd logs 01JQ… --follow    # and what happens, to its end");
    auto id = std::make_shared<std::string>();
    auto follows = std::make_shared<bool>(false);
    app->add_option("JOB", *id, "The job's id")->required()->type_name("");
    app->add_flag("--follow", *follows, "Go on until the job has ended");
    on_client(program, app, [=](Client& client, bool json) {
        if (!*follows) return show(client, *id, json);
        const int code = follow_job(client, *id, json);
        return code != exit_success || json ? code : sum_up(client, *id);
    });
}

}  // namespace genq::cli
