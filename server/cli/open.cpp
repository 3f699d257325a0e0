#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <boost/json/object.hpp>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string job;
    std::optional<int> output;
    bool print = false;
};

// Runs `program URL` and awaits it: what opens pages leaves them to a browser and ends. False if it can't or fails.
bool run_with(const std::string& program, const std::string& url, const app::Environment& environment) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(fmt::format("{}={}", name, value));
    std::vector<char*> pointers;
    pointers.reserve(variables.size() + 1);
    for (auto& variable : variables) pointers.push_back(variable.data());
    pointers.push_back(nullptr);
    std::string name = program;
    std::string argument = url;
    const std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
    pid_t child = 0;
    int status = 0;
    return ::posix_spawnp(&child, name.c_str(), nullptr, nullptr, arguments.data(), pointers.data()) == 0 &&
           ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// The page of the job, or a URL of its output that a browser can fetch without a header. Never one with a token in it.
std::expected<std::string, int> url_of(Client& client, const Arguments& arguments) {
    constexpr int signed_for_s = 3600;
    if (client.url().starts_with("unix:")) {
        return std::unexpected(usage_error(Error{errc::invalid_argument, "A browser can't reach " + client.url() +
                                                                             ": name an http:// or https:// URL "
                                                                             "with --url"}));
    }
    if (arguments.job.empty()) {
        const auto alive = ask(client, {.target = "/healthz"});
        if (!alive) return std::unexpected(alive.error());
        return client.url() + "/";
    }
    const auto job = ask(client, {.target = fmt::format("{}?sign={}", job_target(arguments.job), signed_for_s)});
    if (!job) return std::unexpected(job.error());
    if (!arguments.output) return client.url() + "/#/jobs/" + text_at(*job, "id");
    for (const auto& output : array_at(*job, "outputs")) {
        auto url = text_at(output, "signed_url");
        if (int_at(output, "index") == *arguments.output && !url.empty()) return url;
    }
    say("The job {} has no output {} that is stored; `genqd status {}` shows what it has.\n", arguments.job,
        *arguments.output, arguments.job);
    return std::unexpected(exit_failed);
}

int open(Client& client, const Arguments& arguments, bool json, const app::Environment& environment) {
    const auto url = url_of(client, arguments);
    if (!url) return url.error();
    if (json) {
        print_json(boost::json::object{{"url", *url}});
        return exit_success;
    }
    if (!arguments.print) {
        const auto browser = app::find(environment, "BROWSER");
        for (const std::string& program : {browser.value_or(""), std::string("xdg-open"), std::string("open")}) {
            if (!program.empty() && run_with(program, *url, environment)) return exit_success;
        }
        say("No browser could be started (BROWSER, xdg-open, open); its address is:\n");
    }
    fmt::print("{}\n", *url);
    return exit_success;
}

}  // namespace

void add_open(Program& program) {
    auto* app = program.add("open", "Open the dashboard, a job's page or its output in a browser",
                            "  genqd open                       # the dashboard\n"
                            "  genqd open 01JQ…                 # the job's page\n"
                            "  genqd open 01JQ… --output 0      # what it has made, for an hour\n"
                            "  genqd open 01JQ… --print         # the address alone");
    auto arguments = std::make_shared<Arguments>();
    auto* job = app->add_option("JOB", arguments->job, "The job's id");
    job->type_name("");
    app->add_option("--output", arguments->output, "Its output with this number")->type_name("N")->needs(job);
    app->add_flag("--print", arguments->print, "Print the address instead");
    on_client(program, app, [&program, arguments](Client& client, bool json) {
        return open(client, *arguments, json, program.environment);
    });
}

}  // namespace genq::cli
