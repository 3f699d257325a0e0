#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "common/http/url.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

struct Arguments {
    std::string id;
    std::string family;
    std::string kind;
    std::string use;
    std::string query;
    bool ids = false;
    bool uses = false;
};

std::string typical(const boost::json::value& model) {
    const auto& seconds = at(model, "typical_s");
    if (seconds.is_object()) return fmt::format("{}-{} s", text_at(seconds, "from"), text_at(seconds, "to"));
    return "";
}

void print_uses_and_fields(const boost::json::value& model) {
    std::vector<std::vector<std::string>> uses{{"USE", "FOR", "PRESET"}};
    for (const auto& use : array_at(model, "uses")) {
        uses.push_back({text_at(use, "use"), text_at(use, "title"), text_at(use, "input")});
    }
    if (uses.size() > 1) fmt::print("\n{}", render_table(uses, stdout_columns()));

    const auto& schema = at(model, "input");
    if (!schema.is_object()) return;
    const auto required = array_at(schema, "required");
    std::vector<std::vector<std::string>> fields{{"FIELD", "TYPE", "ALLOWED", "WHAT"}};
    if (const auto* properties = at(schema, "properties").if_object()) {
        for (const auto& [name, field] : *properties) {
            const bool needed = std::ranges::find(required, boost::json::value(name)) != required.end();
            fields.push_back({std::string(name) + (needed ? " *" : ""), text_at(field, "type"), text_at(field, "enum"),
                              text_at(field, "description")});
        }
    }
    fmt::print("\n{}* required\n", render_table(fields, stdout_columns()));
    if (at(model, "example").is_object()) fmt::print("\nExample: {}\n", printable(text_at(model, "example")));
}

int show_one(Client& client, const std::string& id, bool json) {
    const auto model = ask(client, {.target = "/v1/models/" + http::percent_encode(id)});
    if (!model) return model.error();
    if (json) {
        print_json(*model);
        return exit_success;
    }
    if (const auto* object = model->if_object()) {
        for (const auto& [key, value] : *object) {
            if (!value.is_null() && key != "uses" && key != "input" && key != "example") {
                fmt::print("{:<18}{}\n", printable(std::string_view(key)),
                           printable(text_at(*model, std::string_view(key))));
            }
        }
    }
    print_uses_and_fields(*model);
    return exit_success;
}

int show(Client& client, const Arguments& arguments, bool json) {
    if (!arguments.id.empty()) return show_one(client, arguments.id, json);
    std::string target = "/v1/models";
    if (!arguments.family.empty()) add_query(target, "family", arguments.family);
    if (!arguments.kind.empty()) add_query(target, "kind", arguments.kind);
    if (!arguments.use.empty()) add_query(target, "use", arguments.use);
    if (!arguments.query.empty()) add_query(target, "q", arguments.query);
    const auto answer = ask(client, {.target = target});
    if (!answer) return answer.error();
    if (arguments.ids) {
        for (const auto& model : array_at(*answer, "models")) fmt::print("{}\n", printable(text_at(model, "id")));
        return exit_success;
    }
    if (arguments.uses) {
        for (const auto& model : array_at(*answer, "models")) {
            for (const auto& use : array_at(model, "uses")) fmt::print("{}\n", printable(text_at(use, "use")));
        }
        return exit_success;
    }
    if (json) {
        print_json(*answer);
        return exit_success;
    }
    std::vector<std::vector<std::string>> rows{{"MODEL", "FAMILY", "KIND", "TYPICAL", "GOOD FOR"}};
    for (const auto& model : array_at(*answer, "models")) {
        const bool recommended = text_at(model, "recommended") == "true";
        rows.push_back({text_at(model, "id") + (recommended ? " *" : ""), text_at(model, "family"),
                        text_at(model, "kind"), typical(model), text_at(model, "good_for")});
    }
    fmt::print("{}* the first choice of a table of kie.ai's guide; --use KIND shows the default of a kind\n",
               render_table(rows, stdout_columns()));
    return exit_success;
}

}  // namespace

void add_models(Program& program) {
    auto* app = program.add("models", "List the models that can be used, or show one",
                            "  genqd models\n  genqd models --kind video\n  genqd models google/imagen4");
    auto arguments = std::make_shared<Arguments>();
    app->add_option("MODEL", arguments->id, "Show this one")->type_name("");
    app->add_option("--family", arguments->family, "Only this API family: market, veo, suno, …")->type_name("NAME");
    app->add_option("--kind", arguments->kind, "Only this kind: image, video, music, speech, …")->type_name("NAME");
    app->add_option("--use", arguments->use, "Only the one for this use: anime, logo, …")->type_name("USE");
    app->add_option("-q,--query", arguments->query, "Only models that this text occurs in")->type_name("TEXT");
    app->add_flag("--ids", arguments->ids, "Only the ids, one a line");
    app->add_flag("--uses", arguments->uses, "Only what they are recommended for, one a line, as --use takes it");
    on_client(program, app, [arguments](Client& client, bool json) { return show(client, *arguments, json); });
}

}  // namespace genq::cli
