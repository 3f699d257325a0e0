#include "server/store/reuse_key.hpp"

#include <boost/json/array.hpp>
#include <cmath>

#include "common/crypto/sha256.hpp"
#include "common/json/canonical.hpp"
#include "common/json/parse.hpp"

namespace genq::store {

namespace bj = boost::json;

namespace {

/// 8 and 8.0 are one number.
void even_numbers(bj::value& value) {
    constexpr double exact = 9007199254740992.0;  // 2^53: above it a double is not one whole number
    if (const auto* real = value.if_double()) {
        if (std::abs(*real) < exact && std::trunc(*real) == *real) value = static_cast<std::int64_t>(*real);
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array) even_numbers(item);
    } else if (auto* object = value.if_object()) {
        for (auto& item : *object) even_numbers(item.value());
    }
}

}  // namespace

std::string reuse_key(const NewJob& job) {
    constexpr std::size_t digits = 32;  // 128 bits: no two inputs meet by chance
    auto value = json::parse(job.input);
    if (!value) return {};
    replace_references(*value, [&job](const Reference& reference) {
        auto text = to_string(reference);
        const auto known = job.contents.find(text);
        return known == job.contents.end() ? text : known->second;
    });
    even_numbers(*value);
    std::string text;
    // NUL can't stand in any of them.
    for (const std::string_view part :
         {std::string_view(job.caller), std::string_view(job.model), to_string(job.family)}) {
        text.append(part).push_back('\0');
    }
    text += json::canonical(*value);
    return crypto::sha256_hex(text).substr(0, digits);
}

}  // namespace genq::store
