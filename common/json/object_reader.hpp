#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.hpp"

namespace genq::json {

/// What is wrong with one place of a request: where (a JSON pointer, or `?name` for a query parameter) and what.
struct Fault {
    std::string pointer;
    std::string detail;
    friend bool operator==(const Fault&, const Fault&) = default;
};

/// Reads the members of an object that a caller sent and gathers everything that is wrong with them, so that one answer
/// names it all. A member that is absent or faulty reads as nullopt. The object and the list of faults must outlive it.
class ObjectReader {
  public:
    ObjectReader(const boost::json::object& object, std::string pointer, std::vector<Fault>& faults)
        : object_(object), pointer_(std::move(pointer)), faults_(faults) {}

    /// The member, or nullptr when it is absent. `null` is a value.
    [[nodiscard]] const boost::json::value* find(std::string_view name) const { return object_.if_contains(name); }
    /// Faults unless the member is there; true if it is.
    bool require(std::string_view name);

    [[nodiscard]] std::optional<std::string_view> text(std::string_view name, std::size_t max_bytes = 1U << 20U);
    [[nodiscard]] std::optional<bool> flag(std::string_view name);
    /// An integer in [low, high]; `3.0` is one.
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high);
    [[nodiscard]] std::optional<double> number(std::string_view name);
    [[nodiscard]] const boost::json::object* object(std::string_view name);
    /// An RFC 3339 time; `null` counts as absent.
    [[nodiscard]] std::optional<WallTime> time(std::string_view name);

    /// Faults for each member that is not named here.
    void refuse_others(std::initializer_list<std::string_view> known);
    /// Adds a fault of a member.
    void fault(std::string_view name, std::string detail);

  private:
    const boost::json::object& object_;
    std::string pointer_;
    std::vector<Fault>& faults_;
};

}  // namespace genq::json
