#include <boost/json/array.hpp>
#include <optional>

#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

// `/api/v1/jobs/*`: the unified endpoint (market/common/get-task-detail).
namespace genq::front {

namespace bj = boost::json;

namespace {

std::string_view state_of(const Task& task) {
    switch (task.phase()) {
        case Phase::waiting:
            return "waiting";
        case Phase::going:
            return "generating";
        case Phase::done:
            return "success";
        case Phase::failed:
            return "fail";
    }
    return "generating";
}

const bj::value* result_of(const Job& job, std::string_view name) {
    return job.result && job.result->is_object() ? job.result->get_object().if_contains(name) : nullptr;
}

// A text answer may hold links to files that we have: those lead to us.
void own_links(bj::value& value, const Task& task) {
    if (auto* text = value.if_string()) {
        for (const auto& output : task.job.outputs) {
            if (output.digest && !output.source_url.empty() && *text == output.source_url) {
                value = task.signer(*output.digest, output.filename);
                return;
            }
        }
    } else if (auto* list = value.if_array()) {
        for (auto& element : *list) own_links(element, task);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) own_links(member.value(), task);
    }
}

/// A text answer as kie.ai gives it, or nullopt: a transcript's times are under kie.ai's names there, and what was null
/// in ours was missing.
std::optional<bj::value> answer_of(const Job& job) {
    if (const auto* object = result_of(job, "object")) return *object;
    const auto* transcript = result_of(job, "transcript");
    if (transcript == nullptr || !transcript->is_object()) return std::nullopt;
    bj::object answer = transcript->get_object();
    auto* words = answer.if_contains("words");
    if (words == nullptr || !words->is_array()) return answer;
    for (auto& element : words->get_array()) {
        if (!element.is_object()) continue;
        bj::object word;
        for (const auto& [key, value] : element.get_object()) {
            if (value.is_null()) continue;
            word[key == "start_s" ? "start" : key == "end_s" ? "end" : key] = value;
        }
        element = std::move(word);
    }
    return answer;
}

void write_tracks(json::Writer& out, const bj::value& tracks, const Task& task) {
    out.begin_array();
    for (const auto& element : tracks.get_array()) {
        const auto& track = element.get_object();
        const auto* output = track.if_contains("output");
        out.begin_object().field("id", track.at("id"));
        out.field("audio_url",
                  output != nullptr && output->is_int64() ? task.url_of(output->get_int64()) : std::string());
        out.field("title", track.at("title")).field("tags", track.at("tags")).field("prompt", track.at("lyrics"));
        out.field("duration", track.at("duration_s")).end_object();
    }
    out.end_array();
}

std::string result_text(const Task& task) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    if (const auto* tracks = result_of(task.job, "tracks"); tracks != nullptr && tracks->is_array()) {
        out.key("data");
        write_tracks(out, *tracks, task);
    } else {
        auto answer = answer_of(task.job);
        const auto urls = task.urls({"image", "video", "audio", "file"});
        if (!answer || !urls.empty()) {
            out.key("resultUrls");
            write_texts(out, urls);
        }
        if (answer) {
            own_links(*answer, task);
            out.field("resultObject", *answer);
        }
        for (const auto& [role, name] : {std::pair("first_frame", "firstFrameUrl"), {"last_frame", "lastFrameUrl"}}) {
            const auto frames = task.urls({role});
            if (frames.empty()) continue;
            out.key(name);
            write_texts(out, frames);
        }
    }
    out.end_object();
    return text;
}

bool is_market(const Job& job) {
    return job.family == Family::market;
}

}  // namespace

Answer create_market(Core& core, Context& context) {
    auto body = read_object(context.request);
    if (!body) co_return refusal(body.error());
    auto callback_url = take_callback_url(*body);
    if (!callback_url) co_return refusal(callback_url.error());
    std::string model = text_at(*body, "model");
    if (model.empty()) co_return envelope(422, "model is required");
    auto* input = body->if_contains("input");
    if (input == nullptr || !input->is_object()) co_return envelope(422, "input is required");
    input->get_object().erase("callBackUrl");
    co_return co_await answer_create(
        core, context, {Family::market, std::move(model), std::move(input->get_object()), std::move(*callback_url)});
}

Answer poll_market(Core& core, Context& context) {
    return answer_poll(core, context, {&is_market, &write_market_record, {422, "recordInfo is null"}});
}

void write_market_record(json::Writer& out, const Task& task) {
    const Phase phase = task.phase();
    bj::object param;
    param["model"] = task.job.wire_model;
    param["input"] = task.shown_input();
    out.begin_object().field("taskId", task.id()).field("model", task.job.wire_model).field("state", state_of(task));
    out.field("param", text_of(param));
    out.field("resultJson", phase == Phase::done ? result_text(task) : std::string());
    const bool failed = phase == Phase::failed;
    out.field("failCode", failed ? std::to_string(task.fail_code()) : std::string());
    out.field("failMsg", failed ? task.fail_message() : std::string());
    const auto completed = task.completed_ms();
    out.field("costTime", phase == Phase::done ? *completed - task.created_ms() : 0);
    out.field("completeTime", completed.value_or(0)).field("createTime", task.created_ms());
    out.field("updateTime", task.job.updated_at.time_since_epoch().count());
    if (task.job.credits) out.field("creditsConsumed", *task.job.credits);
    out.end_object();
}

}  // namespace genq::front
