#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "server/domain/family.hpp"
#include "server/upstream/outcome.hpp"

/// Calls of kie.ai's to our callBackUrl, as far as the families are alike (docs.kie.ai, "Webhook verification"); what
/// the body says of the task is the family's to read. Pure, any thread.
namespace genq::upstream {

struct CallbackBody {
    Envelope envelope;
    std::string task_id;  // "" if it names none
};

/// The task id is looked for where the families put it: `data.taskId`, `data.task_id` (Runway, Suno), and beside
/// `data` (Aleph). nullopt for what is no envelope; no body makes it throw.
[[nodiscard]] std::optional<CallbackBody> read_callback_body(std::string_view body);

/// True if `signature` is the base64 of HMAC-SHA256 over `<task id>.<timestamp>` with the account's webhook key. The
/// rest of the body is not signed. Compares in constant time.
[[nodiscard]] bool is_signed(std::string_view key, std::string_view task_id, std::string_view timestamp,
                             std::string_view signature);

/// The callBackUrl of the create that made the task, if its record tells it.
[[nodiscard]] std::optional<std::string> callback_in_record(const Envelope& envelope);

/// True if a task's record does not contradict that the create whose callBackUrl ends with `path` made it. Market's
/// record holds the whole create, so there the URL must be in it; others may leave it out.
[[nodiscard]] bool may_be_made_by(Family family, const Envelope& envelope, std::string_view path);

}  // namespace genq::upstream
