#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"
#include "server/cli/wait.hpp"

namespace genq::cli {
namespace {

std::shared_ptr<std::string> job_argument(Subcommand* app) {
    auto id = std::make_shared<std::string>();
    app->add_option("JOB", *id, "The job's id")->required()->type_name("");
    return id;
}

std::shared_ptr<std::vector<std::string>> jobs_argument(Subcommand* app) {
    auto ids = std::make_shared<std::vector<std::string>>();
    app->add_option("JOB", *ids, "The jobs' ids")->required()->type_name("");
    return ids;
}

int wait_for_all(Client& client, const std::vector<std::string>& ids, const std::string& timeout_text,
                 const std::string& out, bool json) {
    std::optional<std::int64_t> timeout;
    if (!timeout_text.empty()) {
        const auto parsed = parse_duration_s(timeout_text);
        if (!parsed) return usage_error(parsed.error());
        timeout = *parsed;
    }
    const auto start = client.clock().now();
    int code = exit_success;
    for (const std::string& id : ids) {
        auto left = timeout;
        if (left) {
            const auto spent = std::chrono::duration_cast<std::chrono::seconds>(client.clock().now() - start).count();
            left = std::max<std::int64_t>(*left - spent, 0);
        }
        const auto job = wait_for_job(client, id, left);
        if (!job) return job.error();
        if (const int one = finish(client, *job, out, json); one != exit_success) code = one;
    }
    return code;
}

int get_outputs(Client& client, const std::string& id, const std::string& out, bool json) {
    const auto job = ask(client, {.target = job_target(id)});
    if (!job) return job.error();
    if (!is_finished(*job)) {
        fmt::print(stderr, "The job {} is not done yet ({}); `genqd wait {} --out {}` waits for it.\n", id,
                   printable(text_at(*job, "status")), id, out);
        return exit_failed;
    }
    return finish(client, *job, out, json);
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
    on_client(program, app,
              [=](Client& client, bool json) { return wait_for_all(client, *ids, *timeout, *out, json); });
}

void add_status(Program& program) {
    auto* app = program.add("status", "Show a job", "  genqd status 01JQ…\n  genqd status 01JQ… --json");
    auto id = job_argument(app);
    on_client(program, app, [id](Client& client, bool json) {
        const auto job = ask(client, {.target = job_target(*id)});
        if (!job) return job.error();
        if (json) {
            print_json(*job);
        } else {
            fmt::print("{}", describe_job(*job));
        }
        return exit_success;
    });
}

void add_get(Program& program) {
    auto* app = program.add("get", "Fetch the outputs of a job that is done, and check them",
                            "  genqd get 01JQ…\n  genqd get 01JQ… --out pictures");
    auto id = job_argument(app);
    auto out = std::make_shared<std::string>(".");
    app->add_option("--out", *out, "The folder for the files (the working directory)")->type_name("DIR");
    on_client(program, app, [=](Client& client, bool json) { return get_outputs(client, *id, *out, json); });
}

void add_cancel(Program& program) {
    auto* app = program.add("cancel", "Cancel jobs",
                            "  genqd cancel 01JQ…\nA job that kie.ai already works on may have cost credits; see its "
                            "`billed`.");
    auto ids = jobs_argument(app);
    on_client(program, app, [ids](Client& client, bool json) {
        int code = exit_success;
        for (const std::string& id : *ids) {
            const auto job = ask(client, {.method = "POST", .target = job_target(id) + "/cancel"});
            if (!job && job.error() == exit_unreachable) return job.error();
            if (!job) {
                code = job.error();
            } else if (json) {
                print_json(*job);
            } else {
                fmt::print("{}  {}  billed: {}\n", id, text_at(*job, "status"), text_at(*job, "billed"));
            }
        }
        return code;
    });
}

void add_retry(Program& program) {
    auto* app = program.add("retry", "Take a failed job up where it failed",
                            "  genqd retry 01JQ…\n  genqd retry 01JQ… --resubmit    # pays for a new task");
    auto id = job_argument(app);
    struct Options {
        bool resubmit = false;
        std::string deadline;
        std::string key;
    };
    auto options = std::make_shared<Options>();
    app->add_flag("--resubmit", options->resubmit, "Make a new task at kie.ai, which costs anew");
    app->add_option("--deadline", options->deadline, "A new deadline from now on: 90, 10m, 2h")->type_name("TIME");
    app->add_option("--idempotency-key", options->key, "The same key never retries twice")->type_name("KEY");
    on_client(program, app, [=](Client& client, bool json) {
        boost::json::object body;
        if (options->resubmit) body["resubmit"] = true;
        if (!options->deadline.empty()) {
            const auto deadline = parse_duration_s(options->deadline);
            if (!deadline) return usage_error(deadline.error());
            body["deadline_s"] = *deadline;
        }
        Call call{.method = "POST", .target = job_target(*id) + "/retry", .body = body};
        if (!options->key.empty()) call.headers.set("Idempotency-Key", options->key);
        const auto job = ask(client, call);
        if (!job) return job.error();
        if (json) {
            print_json(*job);
        } else {
            fmt::print("{}  {}\n", *id, text_at(*job, "status"));
        }
        return exit_success;
    });
}

}  // namespace genq::cli
