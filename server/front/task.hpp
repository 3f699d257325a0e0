#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/writer.hpp"
#include "server/api/core.hpp"
#include "server/api/request_context.hpp"
#include "server/api/signed_url.hpp"
#include "server/domain/job.hpp"
#include "server/front/envelope.hpp"

/// A job as kie.ai shows a task.
namespace genq::front {

enum class Phase { waiting, going, done, failed };

/// What all families' records are made from. Refers to the job and the signer's keys.
struct Task {
    const Job& job;
    const api::UrlSigner& signer;

    [[nodiscard]] Phase phase() const;
    /// Our job's id: what the client knows it by.
    [[nodiscard]] std::string id() const { return job.id.text(); }
    /// 422 rejected, 501 generation failed, 408 timed out, 500 the rest.
    [[nodiscard]] int fail_code() const;
    /// kie.ai's sentence if it said one, else ours.
    [[nodiscard]] std::string fail_message() const;
    /// No task was made: what kie.ai calls a failed create.
    [[nodiscard]] bool failed_before_task() const { return job.task_id.empty(); }
    /// Signed URLs of the stored outputs with one of these roles, in order; of all if there are none.
    [[nodiscard]] std::vector<std::string> urls(std::initializer_list<std::string_view> roles = {}) const;
    /// The first of all stored outputs, or "".
    [[nodiscard]] std::string first_url() const;
    /// That list of the job's result, or nullptr.
    [[nodiscard]] const boost::json::array* list(std::string_view name) const;
    /// The output with that index, or "".
    [[nodiscard]] std::string url_of(std::int64_t index) const;
    /// The job's input with references as a client knows them: job ids, and URLs of ours that hold.
    [[nodiscard]] boost::json::object shown_input() const;

    [[nodiscard]] std::int64_t created_ms() const;
    [[nodiscard]] std::optional<std::int64_t> completed_ms() const;
    /// "2026-11-23T08:00:00Z"; completed: nullopt before the end.
    [[nodiscard]] std::string created_text() const;
    [[nodiscard]] std::optional<std::string> completed_text() const;
    /// When it ended, or was made: "2026-11-23 08:00:00".
    [[nodiscard]] std::string spaced_text() const;
};

/// The members that most records end with: successFlag by `done`, errorCode, errorMessage.
struct Flags {
    int create_failed = 2;
    int failed = 3;
};
[[nodiscard]] int success_flag(const Task& task, Flags flags = {});
/// `errorCode` and `errorMessage`; `no_code` and `no_message` are JSON for a task that has not failed.
void write_error(json::Writer& out, const Task& task, std::string_view no_code = "null",
                 std::string_view no_message = "null");
/// "[…]" of texts.
void write_texts(json::Writer& out, const std::vector<std::string>& texts);
/// JSON text inside JSON: `paramJson` and the like.
[[nodiscard]] std::string text_of(const boost::json::object& object);

/// One record, or one call, of a family.
using WriteRecord = void (*)(json::Writer& out, const Task& task);

/// What becomes of a poll: which jobs an endpoint shows, and how.
struct Poll {
    bool (*shows)(const Job& job) = nullptr;
    WriteRecord write = nullptr;
    No unknown{404, "Task not found"};
};

/// Answers `?taskId=` with the caller's job as a record, read from the store alone.
[[nodiscard]] boost::asio::awaitable<http::Response> answer_poll(api::Core& core, api::Context& context, Poll poll);

/// The job with that id if the caller may see it; nullopt for every other text. errors of the store.
[[nodiscard]] boost::asio::awaitable<Maybe<std::optional<Job>>> find_task(api::Core& core, const api::Context& context,
                                                                          std::string task_id);

/// The value of a query parameter, or "".
[[nodiscard]] std::string parameter(const api::Context& context, std::string_view name);

/// A task for a client that asked just now: URLs hold for front.url_ttl_s from here.
[[nodiscard]] api::UrlSigner signer_for(const api::Core& core, const api::Context& context, const api::UrlKeys& keys,
                                        std::chrono::seconds ttl);

}  // namespace genq::front
