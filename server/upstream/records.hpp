#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "server/upstream/family.hpp"
#include "server/upstream/states.hpp"

/// What the families' read() functions share: from a record to a TaskReport. Pure.
namespace genq::upstream {

/// The names of a family's failure fields.
struct FailureFields {
    std::string_view code = "errorCode";
    std::string_view message = "errorMessage";
};

/// Begins a report: the state, kie.ai's word, credits, and with a failure its code and words. A record's terminal state
/// is believed before the envelope's code; without one, an envelope that says "dead" (501, 408, 531, or a refusal
/// without a record) is the failure.
[[nodiscard]] TaskReport begin_report(const Envelope& envelope, const boost::json::object& record,
                                      const StateWord& state, FailureFields fields = {});

/// Begins the report of a callback, which has no state word: code 200 is done, a code that ends tasks a failure, and
/// every other one says nothing of the task.
[[nodiscard]] TaskReport begin_callback(const Envelope& envelope);

/// Turns a report into a failure with the record's (else the envelope's) code and words.
void fail_report(TaskReport& report, const Envelope& envelope, const boost::json::object& record,
                 FailureFields fields = {});

/// Ends a report whose outputs and result have been added: done without either is to be read again.
void conclude(TaskReport& report);

}  // namespace genq::upstream
