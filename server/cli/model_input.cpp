#include "server/cli/model_input.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <filesystem>

#include "common/http/url.hpp"
#include "server/cli/client_command.hpp"
#include "server/cli/format.hpp"
#include "server/cli/put.hpp"

namespace genq::cli {
namespace {

namespace json = boost::json;

// Nothing but text fits: neither a number nor true, a list or an object.
bool takes_text_alone(const json::value& schema) {
    const auto& type = at(schema, "type");
    if (!type.is_array()) return text_at(schema, "type") == "string";
    const auto& kinds = type.get_array();
    return std::ranges::find(kinds, json::value("string")) != kinds.end() &&
           std::ranges::all_of(kinds, [](const auto& kind) { return kind == "string" || kind == "null"; });
}

bool takes_file(const json::value& schema) {
    return !at(schema, "x-genqd-file").is_null() || !at(schema, "items.x-genqd-file").is_null();
}

// Whether the model's schema could change what is written: plain text is text everywhere.
bool is_ambiguous(const std::pair<std::string, std::string>& word) {
    return word.second.starts_with('@') || !guess(word.second).is_string();
}

// The schemas of a model's fields by name; null where the daemon does not tell.
json::value fields_of(Client& client, const std::string& model, const std::string& use) {
    auto id = model;
    if (!use.empty()) {
        std::string target = "/v1/models";
        add_query(target, "use", use);
        const auto answer = client.send({.target = target});
        const auto found = answer ? body_of(*answer) : json::value();
        const auto& models = array_at(found, "models");
        if (models.empty()) return nullptr;
        id = text_at(models.front(), "id");
    }
    const auto answer = client.send({.target = "/v1/models/" + http::percent_encode(id)});
    return answer ? at(body_of(*answer), "input.properties") : json::value();
}

void add_file(json::value& place, const std::string& reference, bool is_list) {
    if (place.is_null() && !is_list) {
        place = reference;
        return;
    }
    if (!place.is_array()) {
        json::array all;
        if (!place.is_null()) all.push_back(std::move(place));
        place = std::move(all);
    }
    place.get_array().push_back(json::string(reference));
}

}  // namespace

Field read_field(std::string_view text, const json::value& schema) {
    if (text.starts_with('@')) {
        std::error_code error;
        const bool is_text = takes_text_alone(schema) && !takes_file(schema) &&
                             !std::filesystem::exists(std::filesystem::path(text.substr(1)), error);
        if (!is_text) return {.is_file = true, .is_list = text_at(schema, "type") == "array"};
    }
    if (takes_text_alone(schema)) return {.value = json::string(text.data(), text.size())};
    return {.value = guess(text)};
}

std::expected<json::object, int> make_input(Client& client, const std::string& model, const std::string& use,
                                            Input input) {
    const bool asks = std::ranges::any_of(input.words, is_ambiguous);
    const auto fields = asks ? fields_of(client, model, use) : json::value();
    for (const auto& [key, text] : input.words) {
        const auto* known = fields.is_object() ? fields.get_object().if_contains(key) : nullptr;
        auto field = read_field(text, known == nullptr ? json::value() : *known);
        auto& place = input.values[key];
        if (!field.is_file) {
            place = std::move(field.value);
            continue;
        }
        const auto file = put_file(client, text.substr(1));
        if (!file) return std::unexpected(file.error());
        add_file(place, text_at(*file, "ref"), field.is_list);
    }
    return std::move(input.values);
}

}  // namespace genq::cli
