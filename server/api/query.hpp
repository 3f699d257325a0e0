#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.hpp"
#include "common/json/object_reader.hpp"

namespace genq::api {

/// The parameters of a query, read like the members of an object: faults are gathered, their pointer is `?name`.
class Query {
  public:
    /// Name and value of each parameter, decoded. Bytes that are no UTF-8 are a fault.
    explicit Query(std::vector<std::pair<std::string, std::string>> parameters);

    /// The one value of a parameter; a second one is a fault.
    [[nodiscard]] std::optional<std::string_view> one(std::string_view name);
    /// All values of a repeated parameter.
    [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
    /// An integer in [low, high].
    [[nodiscard]] std::optional<int> integer(std::string_view name, int low, int high);
    /// An RFC 3339 time.
    [[nodiscard]] std::optional<WallTime> time(std::string_view name);
    /// Key and value of each parameter whose name starts with `prefix`; the key is what follows the prefix.
    [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> starting_with(
        std::string_view prefix) const;

    /// Faults for parameters that are none of these and start with no `prefix` (if it is not "").
    void refuse_others(std::initializer_list<std::string_view> known, std::string_view prefix = "");
    void fault(std::string_view name, std::string detail);
    [[nodiscard]] std::vector<json::Fault>& faults() { return faults_; }
    /// All parameters in their order, decoded.
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }

  private:
    std::vector<std::pair<std::string, std::string>> parameters_;
    std::vector<json::Fault> faults_;
};

}  // namespace genq::api
