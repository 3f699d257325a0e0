#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>

#include "common/core/random.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/input.hpp"
#include "server/cli/put.hpp"
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
    bool wait = false;
    std::string timeout;
    std::string out;
};

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
    if (!arguments.webhook.empty()) body["webhook"] = boost::json::object{{"url", arguments.webhook}};
    if (arguments.max_attempts) body["max_attempts"] = *arguments.max_attempts;
    return body;
}

/// Whether the model takes a list there, by its schema.
bool takes_list(const boost::json::value& model, std::string_view key) {
    const auto* schema = model.is_object() ? model.get_object().if_contains("input") : nullptr;
    const auto* properties =
        schema != nullptr && schema->is_object() ? schema->get_object().if_contains("properties") : nullptr;
    const auto* property =
        properties != nullptr && properties->is_object() ? properties->get_object().if_contains(key) : nullptr;
    return property != nullptr && text_at(*property, "type") == "array";
}

/// Sends the files and puts their references where they were named; or the exit code.
std::expected<void, int> put_files(Client& client, const Arguments& arguments, Input& input) {
    if (input.files.empty()) return {};
    std::string id = arguments.model;
    if (!arguments.use.empty()) {
        std::string target = "/v1/models";
        add_query(target, "use", arguments.use);
        const auto found = ask(client, {.target = target});
        if (!found) return std::unexpected(found.error());
        const auto& models = array_at(*found, "models");
        id = models.empty() ? "" : text_at(models.front(), "id");
    }
    // A model that the catalogue does not know has no schema, which is no fault here.
    const auto described = client.send({.target = "/v1/models/" + id});
    const auto model = described ? body_of(*described) : boost::json::value();
    for (const auto& [key, path] : input.files) {
        const auto file = put_file(client, path);
        if (!file) return std::unexpected(file.error());
        boost::json::value& place = input.values[key];
        const auto reference = boost::json::string(text_at(*file, "ref"));
        if (auto* list = place.if_array()) {
            list->push_back(reference);
        } else if (!place.is_null() || takes_list(model, key)) {
            boost::json::array all;
            if (!place.is_null()) all.push_back(std::move(place));
            all.push_back(reference);
            place = std::move(all);
        } else {
            place = reference;
        }
    }
    return {};
}

// Sends the job; once more if the answer was lost. The key makes that safe: the daemon then gives the job it has.
Result<http::ClientResponse> post(Client& client, const boost::json::object& body, const std::string& given_key) {
    SystemRandom random;
    Call call{.method = "POST", .target = "/v1/jobs", .body = body};
    call.headers.set("Idempotency-Key", given_key.empty() ? "genqd-submit-" + random.hex(16) : given_key);
    auto response = client.send(call);
    if (!response && response.error().code == errc::connection_lost) response = client.send(call);
    return response;
}

int submit(Client& client, const Arguments& arguments, bool json) {
    auto words = arguments.input;
    // The first word is the model's place; with --use it is input like the rest.
    if (!arguments.use.empty() && !arguments.model.empty()) words.insert(words.begin(), arguments.model);
    auto input = parse_input(words);
    if (!input) return usage_error(input.error());
    auto body = make_body(arguments);
    if (!body) return usage_error(body.error());
    std::optional<std::int64_t> timeout;
    if (!arguments.timeout.empty()) {
        const auto parsed = parse_duration_s(arguments.timeout);
        if (!parsed) return usage_error(parsed.error());
        timeout = *parsed;
    }
    if (const auto sent = put_files(client, arguments, *input); !sent) return sent.error();
    (*body)["input"] = std::move(input->values);
    const auto response = post(client, *body, arguments.idempotency_key);
    if (!response) return report(response.error(), client.url());
    if (response->status / 100 != 2) return report_refusal(*response);
    const auto job = body_of(*response);
    for (const auto& warning : array_at(job, "warnings")) {
        fmt::print(stderr, "warning: {}\n", warning.is_string() ? printable(std::string(warning.get_string())) : "");
    }
    const auto id = text_at(job, "id");
    if (!arguments.wait && arguments.out.empty() && !timeout) {
        if (json) {
            print_json(job);
        } else {
            fmt::print("{}\n", id);
        }
        return exit_success;
    }
    const auto done = wait_for_job(client, id, timeout);
    if (!done) return done.error();
    return finish(client, *done, arguments.out, json);
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
        "A value that is a JSON number, true, false, array or object is sent as that; KEY:=JSON sends any JSON;\n"
        "KEY=@FILE sends a local file, and makes a list when it is repeated.");
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
    app->add_option("--webhook", arguments->webhook, "Tell this URL, signed, when the job has ended")->type_name("URL");
    app->add_flag("--wait", arguments->wait, "Wait until the job is done");
    app->add_option("--timeout", arguments->timeout, "Wait at most so long, then exit with 5 (implies --wait)")
        ->type_name("TIME");
    app->add_option("--out", arguments->out, "Fetch the outputs into this folder (implies --wait)")->type_name("DIR");
    on_client(program, app, [arguments](Client& client, bool json) { return submit(client, *arguments, json); });
}

}  // namespace genq::cli
