#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "common/core/rfc3339.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"

namespace genq::cli {
namespace {

// A value of the queue's state on a line of its own; objects one level deep become several.
void print_entry(const std::string& name, const boost::json::value& value) {
    if (value.is_null()) return;
    if (const auto* object = value.if_object()) {
        for (const auto& [key, inner] : *object) print_entry(fmt::format("{}.{}", name, std::string_view(key)), inner);
        return;
    }
    fmt::print("{:<32}{}\n", printable(name), printable(text_at(boost::json::object{{"v", value}}, "v")));
}

int show_queue(Client& client, bool json) {
    const auto queue = ask(client, {.target = "/v1/queue"});
    if (!queue) return queue.error();
    if (json) {
        print_json(*queue);
        return exit_success;
    }
    if (const auto* object = queue->if_object()) {
        for (const auto& [key, value] : *object) {
            if (key != "holds") print_entry(std::string(key), value);
        }
    }
    for (const auto& hold : array_at(*queue, "holds")) {
        const auto model = text_at(hold, "model");
        fmt::print("held: {}{}, since {}{}\n", printable(text_at(hold, "reason")),
                   model.empty() ? "" : printable(" (" + model + ")"), printable(text_at(hold, "since")),
                   at(hold, "detail").is_null() ? "" : printable(": " + text_at(hold, "detail")));
    }
    return exit_success;
}

// "2026-11-22T19:00:00Z" as it is; "30m" from now on.
Result<std::string> parse_until(Clock& clock, const std::string& text) {
    if (from_rfc3339(text)) return text;
    const auto duration = parse_duration_s(text);
    if (!duration) {
        return fail(errc::invalid_argument,
                    fmt::format("--until {}: write a time like 2026-11-22T19:00:00Z or a duration like 30m", text));
    }
    return to_rfc3339(clock.wall_now() + std::chrono::seconds(*duration));
}

int post(Client& client, const std::string& target, boost::json::object body, bool json, std::string_view done) {
    const auto answer = ask(client, {.method = "POST", .target = target, .body = std::move(body)});
    if (!answer) return answer.error();
    if (json) {
        print_json(*answer);
    } else {
        fmt::print("{}\n", done);
    }
    return exit_success;
}

}  // namespace

void add_queue(Program& program) {
    auto* app = program.add("queue", "Show how the queue stands: depth, holds, limit, throughput",
                            "  genqd queue\n  genqd queue --json");
    on_client(program, app, show_queue);
}

void add_pause(Program& program) {
    auto* app = program.add("pause", "Stop submitting jobs; running ones go on",
                            "  genqd pause --reason 'saving credits'\n"
                            "  genqd pause --model veo3 --until 30m\n"
                            "  genqd pause --until 2026-11-22T19:00:00Z");
    struct Options {
        std::string until, model, reason;
    };
    auto options = std::make_shared<Options>();
    app->add_option("--until", options->until, "When submitting goes on by itself: a time or a duration")
        ->type_name("TIME");
    app->add_option("--model", options->model, "Only this model's jobs")->type_name("ID");
    app->add_option("--reason", options->reason, "For those who look at the queue")->type_name("TEXT");
    on_client(program, app, [options](Client& client, bool json) {
        boost::json::object body;
        if (!options->until.empty()) {
            const auto until = parse_until(client.clock(), options->until);
            if (!until) return usage_error(until.error());
            body["until"] = *until;
        }
        if (!options->model.empty()) body["model"] = options->model;
        if (!options->reason.empty()) body["reason"] = options->reason;
        return post(client, "/v1/queue/pause", std::move(body), json, "paused");
    });
}

void add_resume(Program& program) {
    auto* app = program.add("resume", "Submit jobs again: lift a pause and every other hold",
                            "  genqd resume\n  genqd resume --model veo3\n"
                            "  genqd resume --restored --fail-queued   # after a restore");
    struct Options {
        std::string model;
        bool restored = false, fail_queued = false;
    };
    auto options = std::make_shared<Options>();
    auto* restored =
        app->add_flag("--restored", options->restored,
                      "Let a daemon that was started on a backup go on: what was queued in it is submitted");
    app->add_option("--model", options->model, "Only the pause of this model")->type_name("ID")->excludes(restored);
    app->add_flag("--fail-queued", options->fail_queued,
                  "End first what was queued in the backup, as submit_unknown: it may have been submitted since")
        ->needs(restored);
    on_client(program, app, [options](Client& client, bool json) {
        boost::json::object body;
        if (!options->model.empty()) body["model"] = options->model;
        if (options->restored) body["restored"] = true;
        if (options->fail_queued) body["fail_queued"] = true;
        return post(client, "/v1/queue/resume", std::move(body), json, "resumed");
    });
}

void add_credits(Program& program) {
    auto* app = program.add("credits", "Show the balance at kie.ai", "  genqd credits");
    on_client(program, app, [](Client& client, bool json) {
        const auto answer = ask(client, {.target = "/v1/credits"});
        if (!answer) return answer.error();
        if (json) {
            print_json(*answer);
        } else {
            fmt::print("{}\n", printable(text_at(*answer, "credits")));
        }
        return exit_success;
    });
}

}  // namespace genq::cli
