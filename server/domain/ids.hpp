#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/ulid.hpp"

namespace genq {

/// The id of a job: a ULID. Its order() is the job's row number.
class JobId {
  public:
    JobId() = default;
    explicit JobId(Ulid ulid) : ulid_(ulid) {}
    /// nullopt for what is not a ULID.
    [[nodiscard]] static std::optional<JobId> parse(std::string_view text);
    [[nodiscard]] std::string text() const { return ulid_.text(); }
    [[nodiscard]] std::int64_t row() const { return ulid_.order(); }
    friend bool operator==(const JobId&, const JobId&) = default;

  private:
    Ulid ulid_;
};

/// The id of a batch: of the same source as its jobs' ids, and before them.
using BatchId = JobId;

/// kie.ai's name for a task; opaque text.
struct TaskId {
    std::string value;
    friend auto operator<=>(const TaskId&, const TaskId&) = default;
};

/// The SHA-256 of a blob's bytes, as 64 lower-case hex digits.
class Digest {
  public:
    Digest() = default;
    /// nullopt for anything but 64 hex digits (lower case).
    [[nodiscard]] static std::optional<Digest> parse(std::string_view hex);
    [[nodiscard]] const std::string& hex() const { return hex_; }
    friend auto operator<=>(const Digest&, const Digest&) = default;

  private:
    std::string hex_;
};

}  // namespace genq
