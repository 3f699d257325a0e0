#pragma once
#include <boost/json/value.hpp>
#include <string>

#include "server/upstream/family.hpp"

/// kie.ai's state words and flags. Each family has its own field for them, so the adapter passes the right one.
namespace genq::upstream {

struct StateWord {
    TaskState state = TaskState::pending;
    std::string word;  // as kie.ai wrote it; "" when the field is missing
    bool known = true;
    bool undelivered = false;  // CALLBACK_EXCEPTION: done if there are outputs, else to be read again
    [[nodiscard]] bool missing() const { return word.empty(); }
};

/// Reads a word, a number, a number as text or a boolean (true is 1), in any letter case. `four_is_done`: Luma's flag
/// 4, done although its callback could not be delivered. What is not known is pending.
[[nodiscard]] StateWord state_of(const boost::json::value* value, bool four_is_done = false);

}  // namespace genq::upstream
