#pragma once
#include <initializer_list>
#include <string_view>

/// What kie.ai's messages speak of: its codes are ambiguous, and the words decide (api pages, code lists). Pure.
namespace genq::upstream {

/// True when a word of the message begins with one of `stems` (lower case). Words that hold a slash are paths, not
/// words: "No static resource api/v1/aleph/record-info" does not speak of a record.
[[nodiscard]] bool speaks_of(std::string_view message, std::initializer_list<std::string_view> stems);

/// A refusal of too many requests, whatever its code (the lyrics page gives 405 to it).
[[nodiscard]] bool speaks_of_rate(std::string_view message);
/// Missing credits, whatever its code (the lyrics page gives 429 to it).
[[nodiscard]] bool speaks_of_credits(std::string_view message);
/// A task, model or record that is unknown, as against a path that is.
[[nodiscard]] bool speaks_of_subject(std::string_view message);
/// A fault in a field of the request: kie.ai also dresses validation as 500 ("This field is required").
[[nodiscard]] bool speaks_of_field(std::string_view message);
/// A record that is not visible: "recordInfo is null", "Task not found", "only within 14 days".
[[nodiscard]] bool speaks_of_missing_record(std::string_view message);
/// Work that goes on: "1080P is processing", "is being processed".
[[nodiscard]] bool speaks_of_processing(std::string_view message);

/// A failed task that may succeed as a new one with the same input: 408 and 531 (`code` 0: none), "try again",
/// "concurrent generations". A message that blames the input is none, also if it ends with "adjust it and try again".
[[nodiscard]] bool may_pass(int code, std::string_view message);

}  // namespace genq::upstream
