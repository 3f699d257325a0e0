#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.hpp"
#include "server/store/job_store.hpp"
#include "server/upstream/family.hpp"

namespace genq::engine {

/// A call to our callBackUrl as it came in. The token must not be logged.
struct CallbackCall {
    JobId job;
    std::string token;
    std::string timestamp;  // X-Webhook-Timestamp, "" if absent
    std::string signature;  // X-Webhook-Signature, likewise
    std::string body;
};

/// What became of a call.
enum class CallbackVerdict {
    taken,
    unknown,  ///< no create of that job carries the token
    forged,   ///< the signature does not hold
};

inline constexpr std::size_t callback_token_bytes = 16;  // 128 bits

/// The path of a submission's callBackUrl.
[[nodiscard]] std::string callback_path(JobId id, std::string_view token);

/// What a call's signature is worth. `key`: the account's webhook key, "" for none.
enum class Trust {
    verified,  ///< kie.ai signed it for that task, within five minutes
    hint,      ///< no key, no signature, or one that is too old or early: something may have happened
    forged,
};
[[nodiscard]] Trust trust(std::string_view key, const CallbackCall& call, std::string_view task_id, WallTime now);

/// What is to be done about a call.
enum class CallbackAction {
    nothing,
    conclude,    ///< the report ends the job's task, without a query
    adopt,       ///< the task is the job's; then what the report says
    note_stray,  ///< a create before the latest has made a task too
    ask,         ///< the record is asked for
};

/// The table of DESIGN.md, "Callbacks". `task_id`: that the call names, "" for none. Pure.
[[nodiscard]] CallbackAction plan(const store::Submission& submission, std::string_view task_id, bool verified,
                                  const upstream::TaskReport& report);

/// True for a report that ends a task: a failure, or success with something to show for it.
[[nodiscard]] bool is_end(const upstream::TaskReport& report);

}  // namespace genq::engine
