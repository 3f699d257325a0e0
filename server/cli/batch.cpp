#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "common/core/random.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"
#include "server/cli/picture.hpp"
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

Result<std::string> read_text(const std::string& file) {
    if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
    if (std::filesystem::is_directory(file)) {
        return fail(errc::invalid_argument, fmt::format("{} is a folder: name a file", file));
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    if (!stream.is_open() || stream.bad()) return fail(errc::invalid_argument, fmt::format("{} can't be read", file));
    return text;
}

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

int wait_for_all(Client& client, const boost::json::value& batch, const Arguments& arguments,
                 std::optional<std::int64_t> timeout, bool json) {
    int code = exit_success;
    const auto target = "/v1/batches/" + text_at(batch, "id");
    // The bar is of all of them, whichever is waited for.
    const auto describe = [&](const boost::json::value&) {
        const auto counts = client.send({.target = target});
        return counts && counts->status == 200 ? render_batch(body_of(*counts)) : std::string("waiting");
    };
    const SteadyTime begun = client.clock().now();
    for (const auto& item : array_at(batch, "job_ids")) {
        std::optional<std::int64_t> left;
        if (timeout) {
            const auto passed = std::chrono::floor<std::chrono::seconds>(client.clock().now() - begun);
            left = std::max<std::int64_t>(*timeout - passed.count(), 0);
        }
        const auto done = wait_for_job(client, std::string(item.as_string()), left, describe);
        // The time is over, and one that is done already is still to be fetched.
        if (!done && done.error() == exit_gave_up) {
            code = exit_gave_up;
            continue;
        }
        if (!done) return done.error();
        const int one = finish(client, *done, arguments.out, json);
        // The others may be well; the first that is not says how it ended.
        if (code == exit_success) code = one;
    }
    return code;
}

int submit_batch(Client& client, const Arguments& arguments, bool json) {
    std::optional<std::int64_t> timeout;
    if (!arguments.timeout.empty()) {
        const auto parsed = parse_duration_s(arguments.timeout);
        if (!parsed) return usage_error(parsed.error());
        timeout = *parsed;
    }
    const auto body = make_body(arguments);
    if (!body) return usage_error(body.error());
    SystemRandom random;
    Call call{.method = "POST", .target = "/v1/batches", .body = *body};
    call.headers.set("Idempotency-Key",
                     arguments.idempotency_key.empty() ? "genqd-batch-" + random.hex(16) : arguments.idempotency_key);
    // Once more if the answer was lost: with the key the daemon then gives the batch that it has.
    auto response = client.send(call);
    if (!response && response.error().code == errc::connection_lost) response = client.send(call);
    if (!response) return report(response.error(), client.url());
    if (response->status / 100 != 2) return report_refusal(*response);
    const auto batch = body_of(*response);
    if (arguments.wait || !arguments.out.empty() || timeout) {
        return wait_for_all(client, batch, arguments, timeout, json);
    }
    if (json) {
        print_json(batch);
    } else {
        fmt::print("{}\n", text_at(batch, "id"));
    }
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
