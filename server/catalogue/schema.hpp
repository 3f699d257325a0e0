#pragma once
#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/error.hpp"
#include "common/json/object_reader.hpp"
#include "server/domain/reference.hpp"

namespace genq::catalogue {

/// What a check of a job's input found, by JSON pointers of the job's body ("/input/prompt").
struct InputFaults {
    std::vector<json::Fault> errors;    // missing, of a wrong type, out of range
    std::vector<json::Fault> warnings;  // outside a documented list, or a field that the schema does not have
};

/// The JSON Schema of a model's `input`, compiled once (DESIGN.md, "Catalogue"). Immutable, any thread.
class InputSchema {
  public:
    /// An error names the place in the schema: a keyword that is not of the subset, or a value that it can't have.
    [[nodiscard]] static Result<std::shared_ptr<const InputSchema>> compile(boost::json::object schema);
    ~InputSchema();

    /// Numeric text passes for a number and the reverse; references to files and jobs ("genqd:…") pass for any text.
    [[nodiscard]] InputFaults check(const boost::json::object& input) const;
    /// What is wrong with a file of that type and size at that place ("/input/image_urls/0"), as the schema's
    /// `x-genqd-file` has it: a sentence, or "" if nothing is or nothing is said of it.
    [[nodiscard]] std::string file_fault(std::string_view pointer, std::string_view media_type,
                                         std::uint64_t bytes) const;
    /// What is wrong with a reference of that kind at that place: a task where `x-genqd-file` says that a file belongs,
    /// a file where `x-genqd-names` says that the id of a task or track does. A sentence, or "".
    [[nodiscard]] std::string reference_fault(std::string_view pointer, Reference::Kind kind) const;
    /// As it was written.
    [[nodiscard]] const boost::json::object& document() const { return document_; }

  private:
    struct Compiled;
    InputSchema(boost::json::object document, std::unique_ptr<Compiled> compiled);

    boost::json::object document_;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace genq::catalogue
