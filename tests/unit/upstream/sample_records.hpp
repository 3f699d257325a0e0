#pragma once
#include <optional>
#include <string>
#include <vector>

#include "server/upstream/family.hpp"

namespace genq::upstream::test {

/// What a record among the samples means.
struct SampleRecord {
    const char* file;
    Family family;
    const char* model;
    TaskState state;
    const char* word;
    std::vector<std::string> outputs = {};  // "role name"
    std::optional<int> fail_code = std::nullopt;
    bool passing = false;
    bool reread = false;
    std::optional<double> credits = std::nullopt;
    std::optional<double> progress = std::nullopt;
    const char* result = "";
};

/// One row for each record of tests/data/kie.
[[nodiscard]] const std::vector<SampleRecord>& sample_records();

}  // namespace genq::upstream::test
