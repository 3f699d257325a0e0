#include "server/api/job_access.hpp"
#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

// Veo: `/api/v1/veo/*`, with its upgrades, which are asked for again and again until they are there.
namespace genq::front {

namespace asio = boost::asio;
namespace bj = boost::json;

namespace {

Maybe<std::string> veo_model(bj::object& input) {
    const auto model = text_at(input, "model");
    return model.empty() ? "veo3_fast" : model;
}

Maybe<std::string> extend_model(bj::object& input) {
    if (text_at(input, "taskId").empty()) return std::unexpected(No{422, "taskId is required"});
    return "veo/extend";
}

bool is_veo(const Job& job) {
    return job.family == Family::veo;
}

void write_veo(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).field("paramJson", text_of(task.shown_input()));
    out.field("completeTime", task.completed_ms()).key("response");
    const bool done = task.phase() == Phase::done;
    const auto urls = task.urls({"video"});
    if (done) {
        out.begin_object().field("taskId", task.id()).key("resultUrls");
        write_texts(out, urls);
        if (const auto whole = task.urls({"full_video"}); !whole.empty()) {
            out.key("fullResultUrls");
            write_texts(out, whole);
        }
        out.field("originUrls", nullptr);
        if (is_four_k(task)) out.key("imageUrls").begin_array().end_array();
        out.field("resolution", veo_resolution(task)).end_object();
    } else {
        out.value(nullptr);
    }
    out.field("successFlag", success_flag(task));
    write_error(out, task, "null", R"("")");
    out.field("createTime", task.created_ms()).field("fallbackFlag", false);
    if (done) {
        // The place where older clients look: JSON text.
        std::string text;
        json::Writer list(text);
        write_texts(list, urls);
        out.field("resultUrls", text);
    }
    out.end_object();
}

/// What an upgrade is asked with, in a query or in a body.
struct Wanted {
    std::string task_id;
    std::string index;
    std::string callback_url;
};

Maybe<Wanted> read_wanted(const Context& context) {
    Wanted wanted{parameter(context, "taskId"), parameter(context, "index"), ""};
    if (context.request.method == "POST") {
        auto body = read_object(context.request);
        if (!body) return std::unexpected(body.error());
        auto callback_url = take_callback_url(*body);
        if (!callback_url) return std::unexpected(callback_url.error());
        wanted.callback_url = std::move(*callback_url);
        if (wanted.task_id.empty()) wanted.task_id = text_at(*body, "taskId");
        if (const auto* index = body->if_contains("index"); index != nullptr && wanted.index.empty()) {
            wanted.index = index->is_int64() ? std::to_string(index->get_int64()) : text_at(*body, "index");
        }
    }
    if (wanted.task_id.empty()) return std::unexpected(No{400, "taskId parameter is required"});
    if (wanted.index.empty()) wanted.index = "0";
    const bool is_small = wanted.index.size() <= 3;
    const bool is_number = is_small && wanted.index.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number) return std::unexpected(No{422, "index must be a number"});
    wanted.index = std::to_string(std::stoi(wanted.index));
    return wanted;
}

/// The upgrade's job, made by the first request alone: a key of caller, task and index leads the others to it, in the
/// same transaction that would make a second one. `replayed` tells which it was.
asio::awaitable<Maybe<store::Accepted>> find_or_create(Core& core, Context& context, std::string model, Wanted wanted) {
    const store::IdempotencyKey key{.caller = context.caller.name,
                                    .route = "GET /api " + model,
                                    .key = wanted.task_id + "/" + wanted.index,
                                    .body_sha256 = "-"};
    auto before = co_await core.services.store.accepted_before(key);
    if (!before) co_return std::unexpected(no_of(api::reported(core, context, before.error())));
    if (*before) {
        context.is_about(**before);
        co_return store::Accepted{.job = std::move(**before), .replayed = true};
    }
    // HEAD is safe (RFC 9110 §9.2.1): it tells what is there.
    if (context.request.method == "HEAD") co_return std::unexpected(No{404, "the upgrade was not asked for yet"});
    bj::object input;
    input["taskId"] = wanted.task_id;
    input["index"] = std::stoi(wanted.index);
    co_return co_await accept(core, context,
                              {Family::veo, std::move(model), std::move(input), std::move(wanted.callback_url)}, key);
}

void write_four_k(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).key("resultUrls");
    if (task.phase() == Phase::done) {
        write_texts(out, task.urls());
        out.key("imageUrls").begin_array().end_array().end_object();  // covers, which are not stored
    } else {
        out.value(nullptr).field("imageUrls", nullptr).end_object();
    }
}

}  // namespace

bool is_four_k(const Task& task) {
    return task.job.model == "veo/4k";
}

std::string veo_resolution(const Task& task) {
    if (is_four_k(task)) return "4k";
    if (task.job.model == "veo/1080p") return "1080p";
    auto resolution = text_at(task.shown_input(), "resolution");
    return resolution.empty() ? "720p" : resolution;
}

Answer create_veo(Core& core, Context& context) {
    return answer_family_create(core, context, Family::veo, &veo_model);
}

Answer extend_veo(Core& core, Context& context) {
    return answer_family_create(core, context, Family::veo, &extend_model);
}

Answer poll_veo(Core& core, Context& context) {
    return answer_poll(core, context, {&is_veo, &write_veo});
}

Answer veo_1080p(Core& core, Context& context) {
    auto wanted = read_wanted(context);
    if (!wanted) co_return refusal(wanted.error());
    const auto found = co_await find_or_create(core, context, "veo/1080p", std::move(*wanted));
    if (!found) co_return refusal(found.error());
    const auto keys = core.services.url_keys();
    const auto signer = signer_for(core, context, *keys, core.options.url_ttl);
    const Task task{found->job, signer};
    if (task.phase() == Phase::failed) co_return envelope(task.fail_code(), task.fail_message());
    const auto urls = task.urls();
    if (task.phase() != Phase::done || urls.empty()) {
        co_return envelope(400, "1080P is processing. It should be ready in 1-2 minutes. Please check back shortly.");
    }
    std::string data;
    json::Writer(data).begin_object().field("resultUrl", urls.front()).end_object();
    co_return success(data);
}

Answer veo_4k(Core& core, Context& context) {
    auto wanted = read_wanted(context);
    if (!wanted) co_return refusal(wanted.error());
    const auto found = co_await find_or_create(core, context, "veo/4k", std::move(*wanted));
    if (!found) co_return refusal(found.error());
    const auto keys = core.services.url_keys();
    const auto signer = signer_for(core, context, *keys, core.options.url_ttl);
    const Task task{found->job, signer};
    std::string data;
    json::Writer out(data);
    write_four_k(out, task);
    if (task.phase() == Phase::failed) co_return envelope(task.fail_code(), task.fail_message(), data);
    if (!found->replayed) co_return success(data);
    // The pages' own answers: 422, whether the result is there or not.
    co_return envelope(422,
                       task.phase() == Phase::done
                           ? "The video has been generated successfully"
                           : "4k is processing. It should be ready in 5-10 minutes. Please check back shortly.",
                       data);
}

}  // namespace genq::front
