#pragma once
#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace genq::http {

/// Header fields in the order they came; names compare without regard to case (RFC 9110 §5.1).
class Fields {
  public:
    using Entry = std::pair<std::string, std::string>;

    Fields() = default;
    Fields(std::initializer_list<Entry> entries) : entries_(entries) {}

    /// The first field of that name, or nullopt. The view lives as long as the field is not changed.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    /// The first field of that name, or "".
    [[nodiscard]] std::string_view get(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
    /// Replaces all fields of that name by one.
    void set(std::string_view name, std::string value);
    /// Adds a field and leaves others of that name.
    void add(std::string_view name, std::string value);
    void remove(std::string_view name);
    void reserve(std::size_t count) { entries_.reserve(count); }

    [[nodiscard]] auto begin() const { return entries_.begin(); }
    [[nodiscard]] auto end() const { return entries_.end(); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

  private:
    std::vector<Entry> entries_;
};

/// Retry-After in seconds; its other form, a date, is not read. More than a day counts as a day. nullopt without one.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const Fields& headers);

/// True when the two are equal but for the case of ASCII letters.
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);

}  // namespace genq::http
