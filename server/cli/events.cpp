#include "server/cli/events.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cstdio>
#include <memory>

#include "server/cli/client_command.hpp"
#include "server/cli/event_parser.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/filters.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds restart_time{30};     // how long a daemon may be away
constexpr std::chrono::seconds longest_silence{45};  // three comments
constexpr std::chrono::milliseconds pause_between{500};

struct Arguments {
    std::string job;
    std::string after;
    Filters filters;
};

struct Following {
    EventParser parser{};
    std::string last_id;
    SteadyTime heard{};
    bool reading = true;  // stdout still has a reader
};

json::value data_of(const ServerEvent& event) {
    json::error_code error;
    auto data = json::parse(event.data, error);
    if (error) return nullptr;
    return data;
}

/// False: whoever read stdout has gone.
bool show(const ServerEvent& event, bool as_json) {
    if (event.name.empty()) return true;
    const auto data = data_of(event);
    if (as_json) {
        json::object line;
        std::int64_t id = 0;
        std::from_chars(event.id.data(), event.id.data() + event.id.size(), id);
        line["id"] = id;
        line["event"] = event.name;
        if (data.is_object()) line.insert(data.get_object().begin(), data.get_object().end());
        print_json(line);
    } else if (event.name == "reset") {
        say("Some events are no more there: their jobs were deleted, or this is another database.\n");
    } else {
        const auto name = event.name.starts_with("job.") ? event.name.substr(4) : event.name;
        fmt::print("{}  {}  {:<11}  {}\n", printable(text_at(data, "at")), printable(text_at(data, "job_id")),
                   printable(name), printable(text_at(data, "detail")));
    }
    return std::fflush(stdout) == 0;
}

/// Opens the stream and shows it to its end. nullopt: it is to be opened again.
std::optional<int> follow_once(Client& client, const std::string& target, Following& state, bool as_json) {
    Call call{.target = target, .headers = {{"Accept", "text/event-stream"}}};
    if (!state.last_id.empty()) call.headers.set("Last-Event-ID", state.last_id);
    call.silence = longest_silence;
    state.parser = {};
    call.take = [&](std::string_view piece) {
        state.heard = client.clock().now();
        for (const auto& event : state.parser.put(piece)) {
            if (!event.id.empty()) state.last_id = event.id;
            state.reading = show(event, as_json);
            if (!state.reading) return false;
        }
        return true;
    };
    const auto response = client.send(call);
    if (!state.reading) return exit_success;
    if (!response) {
        const bool may_pass = response.error().code == errc::unreachable ||
                              response.error().code == errc::connection_lost || response.error().code == errc::timeout;
        if (may_pass && client.clock().now() - state.heard < restart_time) return std::nullopt;
        return report(response.error(), client.url());
    }
    if (response->status == 204) return exit_success;
    if (response->status == 503 && client.clock().now() - state.heard < restart_time) return std::nullopt;
    if (response->status / 100 != 2) return report_refusal(*response);
    return std::nullopt;
}

int follow(Client& client, const Arguments& arguments, bool as_json) {
    std::string target = arguments.job.empty() ? "/v1/events" : job_target(arguments.job) + "/events";
    if (const auto filters = put_filters(target, arguments.filters); !filters) return usage_error(filters.error());
    Following state{.last_id = arguments.after, .heard = client.clock().now() - restart_time};
    for (;;) {
        const auto code = follow_once(client, target, state, as_json);
        if (code) return *code;
        client.pause(pause_between);
    }
}

}  // namespace

int follow_job(Client& client, const std::string& job, bool json) {
    return follow(client, {.job = job, .after = "", .filters = {}}, json);
}

void add_events(Program& program) {
    auto* app = program.add("events", "Follow what happens, live",
                            "  genqd events                                 # all jobs, from now on\n"
                            "  genqd events 01JQ…                           # one job, from its beginning to its end\n"
                            "  genqd events --label project=spring --status failed --json\n"
                            "A daemon that restarts is waited for; nothing is missed.");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("JOB", arguments->job, "Of this job alone")->type_name("");
    app->add_option("--after", arguments->after, "Go on behind the event with this id (0: all there are)")
        ->type_name("ID");
    add_filters(app, arguments->filters, {"status", "model", "family", "kind", "caller", "batch_id"});
    on_client(program, app, [arguments](Client& client, bool json) { return follow(client, *arguments, json); });
}

}  // namespace genq::cli
