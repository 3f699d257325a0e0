#include "server/front/task.hpp"

#include <algorithm>
#include <array>

#include "common/core/rfc3339.hpp"
#include "common/json/parse.hpp"
#include "server/api/job_access.hpp"

namespace genq::front {

namespace asio = boost::asio;
namespace bj = boost::json;

namespace {

std::string seconds_text(WallTime time) {
    // "…:05.123Z" without the milliseconds, as kie.ai's pages have it.
    return to_rfc3339(time).substr(0, 19) + "Z";
}

// Replaces what create.cpp put in a text's place.
void show(bj::value& value, const api::UrlSigner& signer) {
    if (auto* text = value.if_string()) {
        constexpr std::string_view blob = "genqd:blob/";
        constexpr std::string_view job = "genqd:job/";
        constexpr std::string_view task = "/task";
        const std::string_view seen = *text;
        if (seen.starts_with(blob)) {
            if (const auto digest = Digest::parse(seen.substr(blob.size()))) value = signer(*digest, "");
        } else if (seen.starts_with(job) && seen.ends_with(task)) {
            value = std::string(seen.substr(job.size(), seen.size() - job.size() - task.size()));
        }
    } else if (auto* list = value.if_array()) {
        for (auto& element : *list) show(element, signer);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) show(member.value(), signer);
    }
}

}  // namespace

Phase Task::phase() const {
    switch (job.status) {
        case JobStatus::queued:
            return Phase::waiting;
        case JobStatus::submitting:
        case JobStatus::generating:
        case JobStatus::downloading:
            return Phase::going;
        case JobStatus::succeeded:
            return Phase::done;
        case JobStatus::failed:
        case JobStatus::canceled:
            return Phase::failed;
    }
    return Phase::going;
}

int Task::fail_code() const {
    if (!job.error) return 500;
    switch (job.error->code) {
        case JobErrorCode::rejected:
            return 422;
        case JobErrorCode::generation_failed:
            return 501;
        case JobErrorCode::generation_timeout:
            return 408;
        case JobErrorCode::download_failed:
        case JobErrorCode::submit_unknown:
        case JobErrorCode::deadline_exceeded:
        case JobErrorCode::dependency_failed:
        case JobErrorCode::attempts_exhausted:
        case JobErrorCode::upload_failed:
            return 500;
    }
    return 500;
}

std::string Task::fail_message() const {
    if (!job.error) return "The job was canceled.";
    return job.error->upstream_message.empty() ? job.error->message : job.error->upstream_message;
}

std::vector<std::string> Task::urls(std::initializer_list<std::string_view> roles) const {
    std::vector<std::string> urls;
    for (const auto& output : job.outputs) {
        if (!output.digest || output.source_url.empty()) continue;  // kie.ai has no file of a text that we wrote
        if (roles.size() > 0 && std::ranges::find(roles, std::string_view(output.role)) == roles.end()) continue;
        urls.push_back(signer(*output.digest, output.filename));
    }
    return urls;
}

std::string Task::first_url() const {
    const auto all = urls();
    return all.empty() ? std::string() : all.front();
}

const bj::array* Task::list(std::string_view name) const {
    const auto* value = job.result && job.result->is_object() ? job.result->get_object().if_contains(name) : nullptr;
    return value == nullptr ? nullptr : value->if_array();
}

std::string Task::url_of(std::int64_t index) const {
    for (const auto& output : job.outputs) {
        if (output.index == index && output.digest) return signer(*output.digest, output.filename);
    }
    return {};
}

bj::object Task::shown_input() const {
    auto input = json::parse(job.input);
    if (!input || !input->is_object()) return {};
    show(*input, signer);
    return std::move(input->get_object());
}

std::int64_t Task::created_ms() const {
    return to_ms(job.created_at);
}

std::optional<std::int64_t> Task::completed_ms() const {
    return job.finished_at ? std::optional(to_ms(*job.finished_at)) : std::nullopt;
}

std::string Task::created_text() const {
    return seconds_text(job.created_at);
}

std::optional<std::string> Task::completed_text() const {
    return job.finished_at ? std::optional(seconds_text(*job.finished_at)) : std::nullopt;
}

std::string Task::spaced_text() const {
    const auto when = completed_text().value_or(created_text());
    return when.substr(0, 10) + " " + when.substr(11, 8);
}

int success_flag(const Task& task, Flags flags) {
    switch (task.phase()) {
        case Phase::waiting:
        case Phase::going:
            return 0;
        case Phase::done:
            return 1;
        case Phase::failed:
            return task.failed_before_task() ? flags.create_failed : flags.failed;
    }
    return 0;
}

void write_error(json::Writer& out, const Task& task, std::string_view no_code, std::string_view no_message) {
    if (task.phase() == Phase::failed) {
        out.field("errorCode", task.fail_code()).field("errorMessage", task.fail_message());
    } else {
        out.key("errorCode").json(no_code).key("errorMessage").json(no_message);
    }
}

void write_texts(json::Writer& out, const std::vector<std::string>& texts) {
    out.begin_array();
    for (const auto& text : texts) out.value(std::string_view(text));
    out.end_array();
}

std::string text_of(const bj::object& object) {
    std::string text;
    json::Writer(text).value(object);
    return text;
}

std::string parameter(const api::Context& context, std::string_view name) {
    const auto found = std::ranges::find(context.parameters, name, [](const auto& one) { return one.first; });
    return found == context.parameters.end() ? std::string() : found->second;
}

api::UrlSigner signer_for(const api::Core& core, const api::Context& context, const api::UrlKeys& keys,
                          std::chrono::seconds ttl) {
    return {keys, api::own_base(core.options.public_url, context.host, context.request.tls),
            core.services.clock.wall_now() + ttl};
}

asio::awaitable<Maybe<std::optional<Job>>> find_task(api::Core& core, const api::Context& context,
                                                     std::string task_id) {
    const auto id = JobId::parse(task_id);
    if (!id) co_return std::nullopt;
    auto job = co_await core.services.store.get(*id);
    if (!job && job.error().code == errc::not_found) co_return std::nullopt;
    if (!job) co_return std::unexpected(no_of(api::reported(core, context, job.error())));
    if (!context.caller.may_see(job->caller)) co_return std::nullopt;
    co_return std::move(*job);
}

asio::awaitable<http::Response> answer_poll(api::Core& core, api::Context& context, Poll poll) {
    const std::string task_id = parameter(context, "taskId");
    if (task_id.empty()) co_return envelope(400, "taskId parameter is required");
    const auto job = co_await find_task(core, context, task_id);
    if (!job) co_return refusal(job.error());
    if (!*job || !poll.shows(**job)) co_return refusal(poll.unknown);
    context.is_about(**job);
    const auto keys = core.services.url_keys();
    const auto signer = signer_for(core, context, *keys, core.options.url_ttl);
    std::string data;
    json::Writer out(data);
    poll.write(out, {**job, signer});
    co_return success(data);
}

}  // namespace genq::front
