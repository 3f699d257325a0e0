#include "server/catalogue/schema.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "common/json/pointer.hpp"
#include "server/catalogue/schema_keywords.hpp"
#include "server/catalogue/sentences.hpp"
#include "server/catalogue/totals.hpp"

namespace genq::catalogue {
namespace {

namespace bj = boost::json;
using Adapter = valijson::adapters::BoostJsonAdapter;

constexpr std::string_view root_pointer = "/input";

/// A member of a schema that has this form, or nullptr.
const bj::object* object_in(const bj::object* schema, std::string_view name) {
    const auto* member = schema == nullptr ? nullptr : schema->if_contains(name);
    return member == nullptr ? nullptr : member->if_object();
}

const bj::array* array_in(const bj::object* schema, std::string_view name) {
    const auto* member = schema == nullptr ? nullptr : schema->if_contains(name);
    return member == nullptr ? nullptr : member->if_array();
}

bool allows(const bj::object& schema, std::string_view type) {
    const auto* types = schema.if_contains("type");
    if (types == nullptr) return false;
    if (const auto* one = types->if_string()) return *one == type;
    return std::ranges::find(types->as_array(), bj::value(type)) != types->as_array().end();
}

std::optional<bj::value> number_of(std::string_view text) {
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    std::int64_t whole = 0;
    if (const auto read = std::from_chars(begin, end, whole); read.ec == std::errc() && read.ptr == end) {
        return bj::value(whole);
    }
    double real = 0;
    const auto read = std::from_chars(begin, end, real);
    if (read.ec != std::errc() || read.ptr != end || !std::isfinite(real)) return std::nullopt;
    return bj::value(real);
}

bool is_reference(std::string_view text) {
    return text.starts_with("genqd:blob/") || text.starts_with("genqd:job/") || text.starts_with("genqd:ref/");
}

/// Makes an input ready for the strict validator: numbers and texts as the schema has them, without the fields that it
/// does not have, which are named in `faults`, and with the places of the references.
class Preparer {
  public:
    Preparer(InputFaults& faults, std::set<std::string>& references) : faults_(faults), references_(references) {}

    void prepare(bj::value& value, const bj::object& schema, const std::string& pointer) {
        if (auto* text = value.if_string()) {
            if (is_reference(*text)) references_.insert(pointer);
            const bool wants_number = allows(schema, "number") || allows(schema, "integer");
            if (!wants_number || allows(schema, "string")) return;
            if (auto number = number_of(*text)) value = *std::move(number);
        } else if (value.is_number()) {
            const bool wants_text = allows(schema, "string") && !allows(schema, "number") && !allows(schema, "integer");
            if (wants_text) value = bj::value(text_of(value));
            const auto* real = value.if_double();
            constexpr double exact = 9007199254740992.0;  // 2^53: above it a double is not one whole number
            if (real != nullptr && allows(schema, "integer") && std::abs(*real) < exact && std::trunc(*real) == *real) {
                value = static_cast<std::int64_t>(*real);
            }
        } else if (auto* object = value.if_object()) {
            prepare(*object, schema, pointer);
        } else if (auto* array = value.if_array()) {
            const auto* items = object_in(&schema, "items");
            std::size_t index = 0;
            for (auto& item : *array) {
                if (items != nullptr) prepare(item, *items, genq::json::child(pointer, index++));
            }
        }
    }

    void prepare(bj::object& object, const bj::object& schema, const std::string& pointer) {
        const auto* properties = object_in(&schema, "properties");
        const auto* others = schema.if_contains("additionalProperties");
        std::vector<std::string> unknown;
        for (auto& member : object) {
            if (const auto* property = object_in(properties, member.key())) {
                prepare(member.value(), *property, genq::json::child(pointer, member.key()));
            } else if (others != nullptr && *others == bj::value(false)) {
                unknown.emplace_back(member.key());
            }
        }
        for (const auto& name : unknown) {
            faults_.warnings.push_back({genq::json::child(pointer, name), "is not a documented field"});
            object.erase(name);
        }
    }

  private:
    InputFaults& faults_;
    std::set<std::string>& references_;
};

/// The schema of the place that the validator names ("<root>", "[prompt]", "[0]"), or nullptr, and its pointer.
struct Place {
    const bj::object* schema;
    std::string pointer{root_pointer};
};

Place find_place(const bj::object& root, const std::vector<std::string>& context) {
    Place place{&root};
    for (std::size_t i = 1; i < context.size(); ++i) {
        const auto name = std::string_view(context[i]).substr(1, context[i].size() - 2);
        place.pointer = genq::json::child(place.pointer, name);
        const auto* items = object_in(place.schema, "items");
        place.schema = items != nullptr ? items : object_in(object_in(place.schema, "properties"), name);
    }
    return place;
}

std::string type_sentence(const bj::object* schema) {
    if (schema == nullptr) return "is of a wrong type";
    std::string names;
    for (const auto& [type, name] : {std::pair{"string", "a text"},
                                     {"integer", "a whole number"},
                                     {"number", "a number"},
                                     {"boolean", "true or false"},
                                     {"array", "a list"},
                                     {"object", "an object"},
                                     {"null", "null"}}) {
        if (allows(*schema, type)) names += (names.empty() ? "" : " or ") + std::string(name);
    }
    return "must be " + names;
}

/// The first number of the validator's sentence, without the zeros that it ends doubles with.
std::string number_in(std::string_view sentence) {
    const auto from = sentence.find_first_of("-0123456789");
    auto number = sentence.substr(from, sentence.find_first_not_of("-.0123456789", from) - from);
    if (number.ends_with('.') && number.find('.') == number.size() - 1) number.remove_suffix(1);
    if (number.contains('.')) {
        while (number.ends_with('0')) number.remove_suffix(1);
        if (number.ends_with('.')) number.remove_suffix(1);
    }
    return std::string(number);
}

/// What valijson 1.0 says of a limit, and what we say; {} is the limit.
struct Sentence {
    std::string_view theirs;
    std::string_view ours;
};

constexpr Sentence limits[] = {
    {"Expected number less than or equal to ", "must be at most {}"},
    {"Expected number greater than or equal to ", "must be at least {}"},
    {"Value should be a multiple of ", "must be a multiple of {}"},
    {"String should be no more than ", "must be at most {} characters long"},
    {"String should be no fewer than ", "must be at least {} characters long"},
    {"Array should contain no more than ", "must have at most {} elements"},
    {"Array should contain no fewer than ", "must have at least {} elements"},
};

std::string alternatives_sentence(const bj::array& alternatives) {
    bj::array names;
    for (const auto& one : alternatives) {
        const auto* required = array_in(one.if_object(), "required");
        if (required == nullptr || required->size() != 1 || one.get_object().size() != 1) {
            return "fits none of the forms that it may have";
        }
        names.push_back(required->front());
    }
    return "must have one of " + list(names);
}

}  // namespace

struct InputSchema::Compiled {
    /// Which of the forms an input may have is asked apart: the validator would name every form's faults.
    struct Choice {
        std::vector<std::unique_ptr<valijson::Schema>> forms;
        std::string sentence;
        bool exactly_one;
    };
    valijson::Schema whole;
    std::vector<Choice> choices;
};

namespace {

void populate(const bj::object& document, valijson::Schema& schema) {
    const bj::value value(document);
    valijson::SchemaParser().populateSchema(Adapter(value), schema);
}

void add_leaf(const valijson::ValidationResults::Error& error, const bj::object& root, const bj::object& input,
              const std::set<std::string>& references, InputFaults& faults) {
    Place place = find_place(root, error.context);
    const std::string_view said = error.description;
    constexpr std::string_view missing = "Missing required property '";
    if (said.starts_with(missing)) {
        const auto name = said.substr(missing.size(), said.rfind('\'') - missing.size());
        faults.errors.push_back({genq::json::child(place.pointer, name), "is missing"});
    } else if (said.starts_with("Value type not permitted")) {
        faults.errors.push_back({place.pointer, type_sentence(place.schema)});
    } else if (references.contains(place.pointer)) {
        return;  // what it stands for is not known yet
    } else if (said.starts_with("Failed to match against any enum")) {
        const auto* values = array_in(place.schema, "enum");
        const bool is_field = error.context.size() == 2;
        const auto field = is_field ? std::string_view(error.context[1]).substr(1, error.context[1].size() - 2) : "";
        const auto* value = is_field ? input.if_contains(field) : nullptr;
        if (values != nullptr && value != nullptr && std::ranges::find(*values, *value) != values->end()) {
            const auto narrower = conditional_list(root, field, input);
            faults.warnings.push_back(
                {place.pointer, narrower.empty() ? "does not go with the rest of the input" : "must be " + narrower});
            return;
        }
        faults.warnings.push_back({place.pointer, values == nullptr ? "is not one of the documented values"
                                                                    : "must be one of " + list(*values)});
    } else if (said.starts_with("Failed to match expected value")) {
        const auto* value = place.schema == nullptr ? nullptr : place.schema->if_contains("const");
        faults.warnings.push_back(
            {place.pointer, value == nullptr ? "is not the documented value" : "must be " + list({*value})});
    } else if (said.contains("anyOf") || said.contains("oneOf") || said.contains("exactly one")) {
        std::erase_if(faults.errors, [&](const genq::json::Fault& fault) {
            return fault.pointer == place.pointer || fault.pointer.starts_with(place.pointer + "/");
        });
        faults.errors.push_back({place.pointer, "fits none of the forms that it may have"});
    } else if (!said.starts_with("Failed to validate") && !said.starts_with("Object contains")) {
        for (const auto& [theirs, ours] : limits) {
            if (!said.starts_with(theirs)) continue;
            faults.errors.push_back(
                {place.pointer, fmt::format(fmt::runtime(ours), number_in(said.substr(theirs.size())))});
            return;
        }
        faults.errors.push_back({place.pointer, "is not as documented"});
    }
}

void tidy(std::vector<genq::json::Fault>& faults) {
    std::ranges::sort(faults, {}, [](const genq::json::Fault& fault) { return std::tie(fault.pointer, fault.detail); });
    const auto [first, last] = std::ranges::unique(faults);
    faults.erase(first, last);
}

}  // namespace

InputSchema::InputSchema(bj::object document, std::unique_ptr<Compiled> compiled)
    : document_(std::move(document)), compiled_(std::move(compiled)) {}
InputSchema::~InputSchema() = default;

Result<std::shared_ptr<const InputSchema>> InputSchema::compile(bj::object document) {
    if (auto fault = fault_of_schema(document); !fault.empty()) return fail(errc::invalid_argument, std::move(fault));
    auto compiled = std::make_unique<Compiled>();
    try {
        bj::object whole = document;
        for (const std::string_view keyword : {"anyOf", "oneOf"}) {
            const auto* forms = array_in(&document, keyword);
            if (forms == nullptr) continue;
            Compiled::Choice choice{{}, alternatives_sentence(*forms), keyword == "oneOf"};
            for (const auto& form : *forms) {
                populate(form.get_object(), *choice.forms.emplace_back(std::make_unique<valijson::Schema>()));
            }
            compiled->choices.push_back(std::move(choice));
            whole.erase(keyword);
        }
        populate(whole, compiled->whole);
    } catch (const std::exception& error) {
        return fail(errc::invalid_argument, std::string(": ") + error.what());
    }
    return std::shared_ptr<const InputSchema>(new InputSchema(std::move(document), std::move(compiled)));
}

InputFaults InputSchema::check(const bj::object& input) const {
    InputFaults faults;
    std::set<std::string> references;
    bj::value value(input);
    Preparer(faults, references).prepare(value.get_object(), document_, std::string(root_pointer));

    const Adapter adapter(value);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    if (!validator.validate(compiled_->whole, adapter, &results)) {
        for (const auto& error : results) add_leaf(error, document_, value.get_object(), references, faults);
    }
    for (const auto& choice : compiled_->choices) {
        const auto fitting = std::ranges::count_if(
            choice.forms, [&](const auto& form) { return validator.validate(*form, adapter, nullptr); });
        if (fitting == 0 || (choice.exactly_one && fitting > 1)) {
            faults.errors.push_back({std::string(root_pointer), choice.sentence});
        }
    }
    check_totals(value.get_object(), document_, faults.errors);
    tidy(faults.errors);
    tidy(faults.warnings);
    return faults;
}

}  // namespace genq::catalogue
