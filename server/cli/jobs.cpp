#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <memory>

#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"
#include "server/cli/say.hpp"
#include "server/cli/wait.hpp"

namespace genq::cli {
namespace {

std::shared_ptr<std::vector<std::string>> jobs_argument(Subcommand* app) {
    auto ids = std::make_shared<std::vector<std::string>>();
    app->add_option("JOB", *ids, "The jobs' ids")->required()->type_name("");
    return ids;
}

int wait(Client& client, const std::vector<std::string>& ids, const std::string& timeout_text, const std::string& out,
         bool json) {
    const auto timeout = parse_timeout_s(timeout_text);
    if (!timeout) return usage_error(timeout.error());
    if (!prepare_folder(out)) return exit_usage;
    const auto waited = wait_for_all(client, ids, {.timeout_s = *timeout, .folder = out, .json = json});
    if (!waited.unfinished.empty()) {
        say("Not done after {}: {}; `genqd wait` with the same ids waits again.\n", human_seconds(**timeout),
            fmt::join(waited.unfinished, " "));
    }
    return waited.code;
}

// The exit code of several: what `act` does with each, and the first that is not well; a daemon that is not there ends
// it.
int with_each(const std::vector<std::string>& ids, const std::function<int(const std::string& id)>& act) {
    int code = exit_success;
    for (const std::string& id : ids) {
        const int one = act(id);
        if (code == exit_success) code = one;
        if (one == exit_unreachable) break;
    }
    return code;
}

int show(Client& client, const std::string& id, bool json) {
    const auto job = ask(client, {.target = job_target(id), .about = id});
    if (!job) return job.error();
    if (json) {
        print_json(*job);
    } else {
        fmt::print("{}", describe_job(*job));
    }
    return exit_success;
}

int get_outputs(Client& client, const std::string& id, const std::string& out, bool json) {
    const auto job = ask(client, {.target = job_target(id), .about = id});
    if (!job) return job.error();
    if (!is_finished(*job)) {
        say("The job {} is not done yet ({}); `genqd wait {} --out {}` waits for it.\n", id,
            printable(text_at(*job, "status")), id, out);
        return exit_failed;
    }
    return finish(client, *job, out, json);
}

int cancel(Client& client, const std::string& id, bool json) {
    const auto job = ask(client, {.method = "POST", .target = job_target(id) + "/cancel", .about = id});
    if (!job) return job.error();
    if (json) {
        print_json(*job);
    } else {
        fmt::print("{}  {}  billed: {}\n", id, text_at(*job, "status"), text_at(*job, "billed"));
    }
    return exit_success;
}

int erase(Client& client, const std::string& id, bool json) {
    const auto done = ask(client, {.method = "DELETE", .target = job_target(id), .about = id});
    if (!done) return done.error();
    if (json) {
        print_json(boost::json::object{{"id", id}, {"deleted", true}});
    } else {
        fmt::print("{}  deleted\n", printable(id));
    }
    return exit_success;
}

struct Retry {
    std::vector<std::string> ids;
    bool resubmit = false;
    std::string deadline;
    std::string key;
};

int retry(Client& client, const Retry& options, bool json) {
    boost::json::object body;
    if (options.resubmit) body["resubmit"] = true;
    if (!options.deadline.empty()) {
        const auto deadline = parse_duration_s(options.deadline);
        if (!deadline) return usage_error(deadline.error());
        body["deadline_s"] = *deadline;
    }
    return with_each(options.ids, [&](const std::string& id) {
        Call call{.method = "POST", .target = job_target(id) + "/retry", .body = body, .about = id};
        if (!options.key.empty()) call.headers.set("Idempotency-Key", options.key);
        const auto job = ask(client, call);
        if (!job) return job.error();
        if (json) {
            print_json(*job);
        } else {
            fmt::print("{}  {}\n", id, text_at(*job, "status"));
        }
        return exit_success;
    });
}

}  // namespace

void add_wait(Program& program) {
    auto* app = program.add("wait", "Wait until jobs are done",
                            "  genqd wait 01JQ…\n  genqd wait 01JQ… 01JR… --timeout 10m --out pictures");
    auto ids = jobs_argument(app);
    auto timeout = std::make_shared<std::string>();
    auto out = std::make_shared<std::string>();
    app->add_option("--timeout", *timeout, "Wait at most so long for all of them, then exit with 5")->type_name("TIME");
    app->add_option("--out", *out, "Fetch the outputs into this folder")->type_name("DIR");
    on_client(program, app, [=](Client& client, bool json) { return wait(client, *ids, *timeout, *out, json); });
}

void add_status(Program& program) {
    auto* app = program.add("status", "Show jobs", "  genqd status 01JQ…\n  genqd status 01JQ… 01JR… --json");
    auto ids = jobs_argument(app);
    on_client(program, app, [ids](Client& client, bool json) {
        return with_each(*ids, [&](const std::string& id) { return show(client, id, json); });
    });
}

void add_get(Program& program) {
    auto* app = program.add("get", "Fetch the outputs of jobs that are done, and check them",
                            "  genqd get 01JQ…\n  genqd get 01JQ… 01JR… --out pictures");
    auto ids = jobs_argument(app);
    auto out = std::make_shared<std::string>(".");
    app->add_option("--out", *out, "The folder for the files (the working directory)")->type_name("DIR");
    on_client(program, app, [=](Client& client, bool json) {
        return with_each(*ids, [&](const std::string& id) { return get_outputs(client, id, *out, json); });
    });
}

void add_cancel(Program& program) {
    auto* app = program.add("cancel", "Cancel jobs",
                            "  genqd cancel 01JQ…\nA job that kie.ai already works on may have cost credits; see its "
                            "`billed`.");
    auto ids = jobs_argument(app);
    on_client(program, app, [ids](Client& client, bool json) {
        return with_each(*ids, [&](const std::string& id) { return cancel(client, id, json); });
    });
}

void add_delete(Program& program) {
    auto* app = program.add("delete", "Delete jobs that are done, and files that no other job lists",
                            "  genqd delete 01JQ… 01JR…");
    auto ids = jobs_argument(app);
    on_client(program, app, [ids](Client& client, bool json) {
        return with_each(*ids, [&](const std::string& id) { return erase(client, id, json); });
    });
}

void add_retry(Program& program) {
    auto* app = program.add("retry", "Take failed jobs up where they failed",
                            "  genqd retry 01JQ…\n  genqd retry 01JQ… --resubmit    # pays for a new task");
    auto options = std::make_shared<Retry>();
    app->add_option("JOB", options->ids, "The jobs' ids")->required()->type_name("");
    app->add_flag("--resubmit", options->resubmit, "Make a new task at kie.ai, which costs anew");
    app->add_option("--deadline", options->deadline, "A new deadline from now on: 90, 10m, 2h")->type_name("TIME");
    app->add_option("--idempotency-key", options->key, "The same key never retries twice")->type_name("KEY");
    on_client(program, app, [options](Client& client, bool json) { return retry(client, *options, json); });
}

}  // namespace genq::cli
