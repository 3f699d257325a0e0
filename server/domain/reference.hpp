#pragma once
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "common/json/object_reader.hpp"
#include "server/domain/ids.hpp"

namespace genq {

/// What a string of a job's input stands for: `genqd:blob/<sha256>`, `genqd:job/<id>/outputs/<n>`,
/// `genqd:job/<id>/task` or `genqd:job/<id>/tracks/<n>` (API.md, "Files and references").
struct Reference {
    enum class Kind { blob, output, task, track };
    Kind kind{};
    Digest digest{};  // of a blob
    JobId job{};      // of the others
    int index = 0;    // of an output or a track

    /// True for what is a file, and so is uploaded.
    [[nodiscard]] bool is_file() const { return kind == Kind::blob || kind == Kind::output; }
};

/// As parse_reference() reads it.
[[nodiscard]] std::string to_string(const Reference& reference);

/// What references stand for once that is known, by to_string(): `genqd:blob/<sha256>` for another job's output, the id
/// of a task or track.
using Contents = std::map<std::string, std::string, std::less<>>;

/// nullopt: the text stands for itself. errc::invalid_argument: it begins with `genqd:` and is no reference.
[[nodiscard]] Result<std::optional<Reference>> parse_reference(std::string_view text);

struct PlacedReference {
    std::string pointer;  // where it stands
    Reference reference;
};

/// Every reference in `value`, at any depth, in order; what only looks like one is a fault. `pointer` is the value's
/// own place. Recurses as deep as the value is, which json::parse() limits. Pure.
[[nodiscard]] std::vector<PlacedReference> find_references(const boost::json::value& value, const std::string& pointer,
                                                           std::vector<json::Fault>& faults);

struct Job;
/// What a reference to a job stands for that has succeeded, in the words of Contents; nullopt: it made no such thing.
[[nodiscard]] std::optional<std::string> content_of(const Reference& reference, const Job& job);

/// Puts what `with` returns in the place of each reference. Pure but for `with`.
void replace_references(boost::json::value& value, const std::function<std::string(const Reference&)>& with);

}  // namespace genq
