#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "common/core/random.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"
#include "server/cli/model_input.hpp"
#include "server/cli/say.hpp"
#include "server/cli/wait.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string model;
    std::string use;
    std::vector<std::string> input;
    std::string family;
    std::optional<int> priority;
    std::vector<std::string> labels;
    std::string deadline;
    std::optional<int> max_attempts;
    std::string idempotency_key;
    std::string webhook;
    std::string webhook_events;
    std::string scheduled_at;
    std::optional<int> generation_retries;
    std::string validate;
    bool reuse = false;
    std::string input_file;
    bool wait = false;
    std::string timeout;
    std::string out;
};

boost::json::array words_in(std::string_view list) {
    boost::json::array words;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        words.emplace_back(std::string(list.substr(0, end)));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return words;
}

Result<boost::json::object> make_body(const Arguments& arguments) {
    boost::json::object body;
    if (arguments.use.empty()) {
        if (arguments.model.empty()) return fail(errc::invalid_argument, "say the MODEL, or what it is for with --use");
        body["model"] = arguments.model;
    } else {
        body["use"] = arguments.use;
    }
    if (!arguments.family.empty()) body["family"] = arguments.family;
    if (arguments.priority) body["priority"] = *arguments.priority;
    if (!arguments.labels.empty()) {
        auto labels = parse_labels(arguments.labels);
        if (!labels) return std::unexpected(labels.error());
        body["labels"] = std::move(*labels);
    }
    if (!arguments.deadline.empty()) {
        const auto deadline = parse_duration_s(arguments.deadline);
        if (!deadline) return std::unexpected(deadline.error());
        body["deadline_s"] = *deadline;
    }
    if (!arguments.webhook.empty()) {
        auto& webhook = body["webhook"].emplace_object();
        webhook["url"] = arguments.webhook;
        if (!arguments.webhook_events.empty()) webhook["events"] = words_in(arguments.webhook_events);
    }
    if (arguments.max_attempts) body["max_attempts"] = *arguments.max_attempts;
    if (!arguments.scheduled_at.empty()) body["scheduled_at"] = arguments.scheduled_at;
    if (arguments.generation_retries) body["generation_retries"] = *arguments.generation_retries;
    if (!arguments.validate.empty()) body["validate"] = arguments.validate;
    if (arguments.reuse) body["reuse"] = "identical";
    return body;
}

// The whole input out of a file, and what the words say on top of it.
Result<Input> read_input(const Arguments& arguments) {
    auto words = arguments.input;
    // The first word is the model's place; with --use it is input like the rest.
    if (!arguments.use.empty() && !arguments.model.empty()) words.insert(words.begin(), arguments.model);
    auto input = parse_input(words);
    if (!input || arguments.input_file.empty()) return input;
    auto whole = read_json_object(arguments.input_file);
    if (!whole) return std::unexpected(whole.error());
    for (const auto& [key, text] : input->words) whole->erase(key);
    for (auto& [key, value] : input->values) whole->insert_or_assign(key, std::move(value));
    input->values = std::move(*whole);
    return input;
}

// Sends the job; once more if the answer was lost. The key makes that safe: the daemon then gives the job it has.
Answer post(Client& client, boost::json::object body, const std::string& given_key) {
    SystemRandom random;
    Call call{.method = "POST", .target = "/v1/jobs", .body = std::move(body)};
    call.headers.set("Idempotency-Key", given_key.empty() ? "genqd-submit-" + random.hex(16) : given_key);
    auto response = client.send(call);
    if (!response && response.error().code == errc::connection_lost) response = client.send(call);
    return answer_of(client, call, response);
}

int submit(Client& client, const Arguments& arguments, bool json) {
    auto input = read_input(arguments);
    if (!input) return usage_error(input.error());
    auto body = make_body(arguments);
    if (!body) return usage_error(body.error());
    const auto timeout = parse_timeout_s(arguments.timeout);
    if (!timeout) return usage_error(timeout.error());
    if (!prepare_folder(arguments.out)) return exit_usage;
    auto made = make_input(client, arguments.model, arguments.use, std::move(*input));
    if (!made) return made.error();
    (*body)["input"] = std::move(*made);
    const auto job = post(client, std::move(*body), arguments.idempotency_key);
    if (!job) return job.error();
    for (const auto& warning : array_at(*job, "warnings")) {
        say("warning: {}\n", warning.is_string() ? printable(std::string(warning.get_string())) : "");
    }
    const auto id = text_at(*job, "id");
    if (!arguments.wait && arguments.out.empty() && !*timeout) {
        if (json) {
            print_json(*job);
        } else {
            fmt::print("{}\n", id);
        }
        if (std::fflush(stdout) != 0) say("The job is {}.\n", printable(id));
        return exit_success;
    }
    // Said before the waiting, which may be broken off.
    say("The job is {}.\n", printable(id));
    const auto waited = wait_for_all(client, {id}, {.timeout_s = *timeout, .folder = arguments.out, .json = json});
    if (!waited.unfinished.empty()) {
        say("It is not done after {}, and goes on; `genqd wait {}` waits again.\n", human_seconds(**timeout), id);
    }
    return waited.code;
}

}  // namespace

void add_submit(Program& program) {
    auto* app = program.add(
        "submit", "Submit a job; print its id, or wait for it and fetch its files",
        "  genqd submit google/imagen4 prompt='a red fox in the snow' --wait --out pictures\n"
        "  genqd submit veo3_fast prompt='waves at dusk' aspect_ratio=16:9 --label project=spring\n"
        "  genqd submit --use anime prompt='a girl with a sword' --wait\n"
        "  genqd submit some/new-model --family market prompt=… seed:=42 image_urls:='[\"https://…\"]'\n"
        "  genqd submit qwen/image-edit prompt='make it snow' image_url=@photo.png --wait\n"
        "A text field of the model takes VALUE as it is; elsewhere a JSON number, true, false, array or object is "
        "sent\n"
        "as that. KEY:=JSON sends any JSON. KEY=@FILE sends a local file (@- is the standard input), and makes a list\n"
        "when it is repeated.");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("MODEL", arguments->model, "The model's id; `genqd models` lists them. None with --use")
        ->type_name("");
    app->add_option("--use", arguments->use, "The model that is recommended for this use: anime, logo, music, …")
        ->type_name("USE");
    app->add_option("INPUT", arguments->input, "The model's input: KEY=VALUE, KEY:=JSON or KEY=@FILE")->type_name("");
    app->add_option("--family", arguments->family, "kie.ai's API family, for a model that the catalogue does not know")
        ->type_name("NAME");
    app->add_option("--priority", arguments->priority, "-100 to 100, higher first (0)")->type_name("N");
    app->add_option("--label", arguments->labels, "A label for listing, K=V; may be repeated")
        ->type_name("K=V")
        ->expected(1)
        ->take_all()
        ->allow_extra_args(false);
    app->add_option("--deadline", arguments->deadline, "Fail the job if it is not done by then: 90, 10m, 2h")
        ->type_name("TIME");
    app->add_option("--max-attempts", arguments->max_attempts, "Creates tried on errors that count (5)")
        ->type_name("N");
    app->add_option("--idempotency-key", arguments->idempotency_key,
                    "The same key with the same job never makes a second one")
        ->type_name("KEY");
    auto* webhook = app->add_option("--webhook", arguments->webhook, "Tell this URL, signed, when the job has ended");
    webhook->type_name("URL");
    app->add_option("--webhook-events", arguments->webhook_events,
                    "Of which events instead: queued, generating, failed, …, separated by commas")
        ->type_name("LIST")
        ->needs(webhook);
    app->add_option("--scheduled-at", arguments->scheduled_at, "Not before this time: 2026-11-22T19:00:00Z")
        ->type_name("TIME");
    app->add_option("--generation-retries", arguments->generation_retries,
                    "New tasks after a failed generation, each paid for (0)")
        ->type_name("N");
    app->add_option("--validate", arguments->validate, "How strictly the input is checked (warn)")
        ->type_name("HOW")
        ->one_of({"strict", "warn", "off"});
    app->add_flag("--reuse", arguments->reuse, "Take what an identical job has made, if there is one: costs nothing");
    app->add_option(
           "--input", arguments->input_file,
           "File with the input as a JSON object; what is said beside it goes before (- is the standard input)")
        ->type_name("FILE");
    app->add_flag("--wait", arguments->wait, "Wait until the job is done");
    app->add_option("--timeout", arguments->timeout, "Wait at most so long, then exit with 5 (implies --wait)")
        ->type_name("TIME");
    app->add_option("--out", arguments->out, "Fetch the outputs into this folder (implies --wait)")->type_name("DIR");
    on_client(program, app, [arguments](Client& client, bool json) { return submit(client, *arguments, json); });
}

}  // namespace genq::cli
