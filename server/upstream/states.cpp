#include "server/upstream/states.hpp"

#include <array>
#include <utility>

#include "server/upstream/fields.hpp"

namespace genq::upstream {
namespace {

/// All families' words in lower case; the numbers are `successFlag`'s.
constexpr std::array words{
    std::pair{std::string_view("waiting"), TaskState::pending},
    std::pair{std::string_view("wait"), TaskState::pending},
    std::pair{std::string_view("queuing"), TaskState::pending},
    std::pair{std::string_view("queueing"), TaskState::pending},
    std::pair{std::string_view("generating"), TaskState::pending},
    std::pair{std::string_view("pending"), TaskState::pending},
    std::pair{std::string_view("text_success"), TaskState::pending},
    std::pair{std::string_view("first_success"), TaskState::pending},
    std::pair{std::string_view("0"), TaskState::pending},
    std::pair{std::string_view("success"), TaskState::succeeded},
    std::pair{std::string_view("1"), TaskState::succeeded},
    std::pair{std::string_view("fail"), TaskState::failed},
    std::pair{std::string_view("failed"), TaskState::failed},
    std::pair{std::string_view("sensitive_word_error"), TaskState::failed},
    std::pair{std::string_view("2"), TaskState::failed},
    std::pair{std::string_view("3"), TaskState::failed},
};

}  // namespace

StateWord state_of(const boost::json::value* value, bool four_is_done) {
    StateWord result;
    result.word = trimmed(text_or_empty(value));
    if (result.missing()) {
        result.known = false;
        return result;
    }
    std::string word = lower(result.word);
    if (const auto flag = integer_of(value)) word = std::to_string(*flag);  // 1, "1", "1.0" and true alike
    if (word == "true") word = "1";
    if (word == "false") word = "0";

    if (word == "callback_exception") {
        result.undelivered = true;
        return result;
    }
    if (four_is_done && word == "4") {
        result.state = TaskState::succeeded;
        return result;
    }
    // CREATE_TASK_FAILED, GENERATE_AUDIO_FAILED, GENERATE_MP4_FAILED and their kind.
    if (word.ends_with("_failed")) {
        result.state = TaskState::failed;
        return result;
    }
    for (const auto& [name, state] : words) {
        if (word == name) {
            result.state = state;
            return result;
        }
    }
    result.known = false;
    return result;
}

}  // namespace genq::upstream
