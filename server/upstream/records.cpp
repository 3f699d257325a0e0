#include "server/upstream/records.hpp"

#include "server/upstream/fields.hpp"
#include "server/upstream/wording.hpp"

namespace genq::upstream {
namespace {

/// Codes that say of a task without a state word that it is dead.
bool ends_a_task(int code) {
    switch (code) {
        case 400:
        case 408:
        case 413:
        case 422:
        case 451:
        case 501:
        case 505:
        case 531:
            return true;
        default:
            return false;
    }
}

/// Codes that say so even beside a word of going on.
bool is_generation_failure(int code) {
    return code == 408 || code == 501 || code == 531;
}

bool envelope_ends_task(const Envelope& envelope, const StateWord& state) {
    const int code = envelope.deciding_code();
    if (is_generation_failure(code)) return true;
    return state.missing() && ends_a_task(code) && !speaks_of_processing(envelope.message);
}

}  // namespace

TaskReport begin_report(const Envelope& envelope, const boost::json::object& record, const StateWord& state,
                        FailureFields fields) {
    TaskReport report;
    report.state = state.state;
    report.word = state.word;
    report.known_word = state.known;
    if (const auto credits = number_of(find(record, "creditsConsumed")); credits && *credits >= 0) {
        report.credits = credits;
    }
    // Only Unix milliseconds: the families' dates have no zone, and whole seconds.
    const auto made = number_of(find(record, "createTime"));
    const auto ended = number_of(find(record, "completeTime"));
    if (made && ended && *ended > *made) report.took_s = (*ended - *made) / 1000;
    const bool dead = report.state == TaskState::pending && !state.undelivered && envelope_ends_task(envelope, state);
    if (dead || report.state == TaskState::failed) fail_report(report, envelope, record, fields);
    return report;
}

TaskReport begin_callback(const Envelope& envelope) {
    TaskReport report;
    const int code = envelope.deciding_code();
    if (code == 200) {
        report.state = TaskState::succeeded;
        report.word = "success";
    } else if (ends_a_task(code) || code == 500) {
        // 500 tells of a query that it failed; in a callback it is the task (Runway, Suno, Midjourney and Luma pages).
        fail_report(report, envelope, {});
        report.word = "fail";
    }
    return report;
}

void fail_report(TaskReport& report, const Envelope& envelope, const boost::json::object& record,
                 FailureFields fields) {
    report.state = TaskState::failed;
    report.known_word = true;
    const int envelope_code = envelope.deciding_code();
    const auto code = integer_of(find(record, fields.code));
    if (code && *code != 0 && *code != 200) {
        report.fail_code = code;
    } else if (envelope_code != 200) {
        report.fail_code = envelope_code;
    }
    report.fail_message = text_or_empty(find(record, fields.message));
    // The envelope of a failed task mostly says "success".
    if (report.fail_message.empty() && envelope_code != 200) report.fail_message = envelope.message;
    report.passing = may_pass(report.fail_code.value_or(0), report.fail_message);
}

void conclude(TaskReport& report) {
    const bool has_result = !report.outputs.empty() || report.result.has_value();
    report.reread = report.state == TaskState::succeeded && !has_result;
}

}  // namespace genq::upstream
