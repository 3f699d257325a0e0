#include "common/json/object_reader.hpp"

#include <fmt/format.h>

#include <cmath>

#include "common/core/rfc3339.hpp"
#include "common/json/pointer.hpp"

namespace genq::json {

void ObjectReader::fault(std::string_view name, std::string detail) {
    faults_.push_back({child(pointer_, name), std::move(detail)});
}

bool ObjectReader::require(std::string_view name) {
    if (find(name) != nullptr) return true;
    fault(name, "is required");
    return false;
}

std::optional<std::string_view> ObjectReader::text(std::string_view name, std::size_t max_bytes) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto* string = value->if_string();
    if (string == nullptr) {
        fault(name, "must be a string");
        return std::nullopt;
    }
    if (string->size() > max_bytes) {
        fault(name, fmt::format("must not be longer than {} bytes", max_bytes));
        return std::nullopt;
    }
    return std::string_view(*string);
}

std::optional<bool> ObjectReader::flag(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* flag = value->if_bool()) return *flag;
    fault(name, "must be true or false");
    return std::nullopt;
}

std::optional<double> ObjectReader::number(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->to_number<double>();
    fault(name, "must be a number");
    return std::nullopt;
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view name, std::int64_t low, std::int64_t high) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::optional<std::int64_t> number;
    if (const auto* plain = value->if_int64()) {
        number = *plain;
    } else if (const auto* real = value->if_double(); real != nullptr && std::trunc(*real) == *real) {
        // Past 2^53 a double no longer names one integer; no limit here is near that.
        if (std::abs(*real) < 9.0e15) number = static_cast<std::int64_t>(*real);
    }
    const bool is_integer = number.has_value() || value->is_uint64() ||
                            (value->is_double() && std::trunc(value->get_double()) == value->get_double());
    if (!is_integer) {
        fault(name, "must be an integer");
    } else if (!number || *number < low || *number > high) {
        fault(name, fmt::format("must be from {} to {}", low, high));
    } else {
        return number;
    }
    return std::nullopt;
}

const boost::json::object* ObjectReader::object(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return nullptr;
    if (const auto* object = value->if_object()) return object;
    fault(name, "must be an object");
    return nullptr;
}

std::optional<WallTime> ObjectReader::time(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (const auto* string = value->if_string()) {
        if (const auto time = from_rfc3339(*string)) return *time;
    }
    fault(name, "must be an RFC 3339 time such as 2026-11-22T19:00:00Z");
    return std::nullopt;
}

void ObjectReader::refuse_others(std::initializer_list<std::string_view> known) {
    for (const auto& item : object_) {
        const std::string_view name = item.key();
        if (std::ranges::find(known, name) == known.end()) fault(name, "is not a known member");
    }
}

}  // namespace genq::json
