#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "common/core/random.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"
#include "server/cli/picture.hpp"
#include "server/cli/say.hpp"
#include "server/cli/wait.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string file;
    std::vector<std::string> labels;
    std::string idempotency_key;
    bool wait = false;
    std::string timeout;
    std::string out;
};

// As POST /v1/batches takes it. The daemon knows which jobs it takes, and names the fault.
Result<boost::json::object> make_body(const Arguments& arguments) {
    const auto text = read_text(arguments.file);
    if (!text) return std::unexpected(text.error());
    auto body = parse_batch(*text);
    if (!body) return fail(body.error().code, fmt::format("{}: {}", arguments.file, body.error().detail));
    if (arguments.labels.empty()) return body;
    auto labels = parse_labels(arguments.labels);
    if (!labels) return std::unexpected(labels.error());
    auto& all = (*body)["labels"];
    if (all.is_null()) all = boost::json::object();
    if (!all.is_object()) {
        return fail(errc::invalid_argument, fmt::format("{}: labels must be an object", arguments.file));
    }
    for (auto& [key, value] : *labels) all.get_object().insert_or_assign(key, std::move(value));
    return body;
}

int wait_for_batch(Client& client, const boost::json::value& batch, const Arguments& arguments,
                   std::optional<std::int64_t> timeout, bool json) {
    const auto id = text_at(batch, "id");
    std::vector<std::string> jobs;
    for (const auto& item : array_at(batch, "job_ids")) jobs.emplace_back(item.as_string());
    // Said before the waiting, which may be broken off.
    say("The batch is {}.\n", printable(id));
    // The bar is of all of them, whichever is waited for.
    const auto describe = [&](const boost::json::value&) {
        const auto counts = client.send({.target = "/v1/batches/" + id});
        return counts && counts->status == 200 ? render_batch(body_of(*counts)) : std::string("waiting");
    };
    const auto waited =
        wait_for_all(client, jobs, {.timeout_s = timeout, .folder = arguments.out, .json = json, .describe = describe});
    if (!waited.unfinished.empty()) {
        say("{} of {} jobs are not done after {}; they go on. `genqd list --batch-id {}` shows them.\n",
            waited.unfinished.size(), jobs.size(), human_seconds(*timeout), printable(id));
    }
    return waited.code;
}

int submit_batch(Client& client, const Arguments& arguments, bool json) {
    const auto timeout = parse_timeout_s(arguments.timeout);
    if (!timeout) return usage_error(timeout.error());
    const auto body = make_body(arguments);
    if (!body) return usage_error(body.error());
    if (!prepare_folder(arguments.out)) return exit_usage;
    SystemRandom random;
    Call call{.method = "POST", .target = "/v1/batches", .body = *body};
    call.headers.set("Idempotency-Key",
                     arguments.idempotency_key.empty() ? "genqd-batch-" + random.hex(16) : arguments.idempotency_key);
    // Once more if the answer was lost: with the key the daemon then gives the batch that it has.
    auto response = client.send(call);
    if (!response && response.error().code == errc::connection_lost) response = client.send(call);
    const auto batch = answer_of(client, call, response);
    if (!batch) return batch.error();
    if (arguments.wait || !arguments.out.empty() || *timeout) {
        return wait_for_batch(client, *batch, arguments, *timeout, json);
    }
    if (json) {
        print_json(*batch);
    } else {
        fmt::print("{}\n", text_at(*batch, "id"));
    }
    if (std::fflush(stdout) != 0) say("The batch is {}.\n", text_at(*batch, "id"));
    return exit_success;
}

}  // namespace

void add_batch(Program& program) {
    auto* app = program.add(
        "batch", "Submit up to 1000 jobs at once, all or none; print the batch's id, or wait for them",
        "  genqd batch jobs.json --label project=autumn\n"
        "  jq -c '{model: \"google/imagen4\", input: {prompt: .}}' prompts | genqd batch - --wait --out pictures\n"
        "  genqd list --batch-id \"$(genqd batch jobs.json)\"\n"
        "The file holds a list of jobs as POST /v1/jobs takes them, one JSON object after the other, or the whole\n"
        "batch as POST /v1/batches takes it. A job with a \"ref\" can be referred to by those after it:\n"
        "genqd:ref/NAME/outputs/0.");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("FILE", arguments->file, "The jobs as JSON; - is the standard input")->type_name("")->required();
    app->add_option("--label", arguments->labels, "A label of all the jobs, K=V; may be repeated")
        ->type_name("K=V")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
    app->add_option("--idempotency-key", arguments->idempotency_key,
                    "The same key with the same batch never makes a second one")
        ->type_name("KEY");
    app->add_flag("--wait", arguments->wait, "Wait until all are done; exit with 1 if one failed");
    app->add_option("--timeout", arguments->timeout, "Wait at most so long, then exit with 5 (implies --wait)")
        ->type_name("TIME");
    app->add_option("--out", arguments->out, "Fetch the outputs into this folder (implies --wait)")->type_name("DIR");
    on_client(program, app, [arguments](Client& client, bool json) { return submit_batch(client, *arguments, json); });
}

}  // namespace genq::cli
