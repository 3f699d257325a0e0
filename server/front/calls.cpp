#include "server/front/calls.hpp"

#include <boost/json/array.hpp>

#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

namespace genq::front {

namespace bj = boost::json;

namespace {

bool succeeded(const Task& task) {
    return task.phase() == Phase::done;
}

void write_gpt4o_call(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).key("info");
    if (succeeded(task)) {
        out.begin_object().key("result_urls");
        write_texts(out, task.urls());
        out.end_object();
    } else {
        out.value(nullptr);
    }
    out.end_object();
}

void write_flux_call(json::Writer& out, const Task& task) {
    const auto url = succeeded(task) ? task.first_url() : std::string();
    out.begin_object().field("taskId", task.id()).key("info").begin_object();
    out.field("originImageUrl", url).field("resultImageUrl", url).end_object().end_object();
}

void write_four_k_call(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id());
    if (succeeded(task)) {
        out.key("info").begin_object().key("resultUrls");
        write_texts(out, task.urls());
        out.key("imageUrls").begin_array().end_array().end_object();
    }
    out.end_object();
}

void write_veo_call(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id());
    if (succeeded(task)) {
        out.field("promptJson", text_of(task.shown_input())).key("info").begin_object().key("resultUrls");
        write_texts(out, task.urls({"video"}));
        out.key("originUrls");
        write_texts(out, {});
        out.field("resolution", veo_resolution(task)).end_object();
    }
    out.field("fallbackFlag", false).end_object();
}

void write_runway_call(json::Writer& out, const Task& task) {
    out.begin_object().field("task_id", task.id()).field("video_id", succeeded(task) ? task.id() : std::string());
    out.field("video_url", succeeded(task) ? task.first_url() : std::string()).field("image_url", "").end_object();
}

void write_aleph_call(json::Writer& out, const Task& task) {
    if (!succeeded(task)) {
        out.value(nullptr);
        return;
    }
    out.begin_object().field("result_video_url", task.first_url()).field("result_image_url", "").end_object();
}

void write_list(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).field("promptJson", text_of(task.shown_input())).key("resultUrls");
    write_texts(out, succeeded(task) ? task.urls() : std::vector<std::string>());
    out.end_object();
}

void write_tracks(json::Writer& out, const bj::array& tracks, const Task& task) {
    for (const auto& element : tracks) {
        if (!element.is_object()) continue;
        const auto& track = element.get_object();
        const auto* output = track.if_contains("output");
        const auto url = output != nullptr && output->is_int64() ? task.url_of(output->get_int64()) : std::string();
        out.begin_object().field("id", text_at(track, "id")).field("audio_url", url).field("stream_audio_url", url);
        out.field("image_url", "").field("prompt", text_at(track, "lyrics")).field("model_name", task.job.wire_model);
        out.field("title", text_at(track, "title")).field("tags", text_at(track, "tags"));
        out.field("createTime", task.spaced_text());
        const auto* duration = track.if_contains("duration_s");
        out.field("duration", duration == nullptr ? bj::value() : *duration).end_object();
    }
}

void write_suno(json::Writer& out, const Task& task) {
    out.begin_object().field("callbackType", succeeded(task) ? "complete" : "error").field("task_id", task.id());
    out.key("data");
    if (!succeeded(task)) {
        out.value(nullptr).end_object();
        return;
    }
    out.begin_array();
    if (const auto* tracks = task.list("tracks")) write_tracks(out, *tracks, task);
    if (const auto* lyrics = task.list("lyrics")) {
        for (const auto& element : *lyrics) {
            if (!element.is_object()) continue;
            const auto& variant = element.get_object();
            out.begin_object().field("text", text_at(variant, "text")).field("title", text_at(variant, "title"));
            out.field("status", "complete").field("errorMessage", "").end_object();
        }
    }
    out.end_array().end_object();
}

WriteRecord writer_of(const Task& task) {
    if (is_four_k(task)) return &write_four_k_call;
    switch (task.job.family) {
        case Family::market:
            return &write_market_record;  // the same as the poll's
        case Family::gpt4o:
            return &write_gpt4o_call;
        case Family::flux:
            return &write_flux_call;
        case Family::veo:
            return &write_veo_call;
        case Family::runway:
            return &write_runway_call;
        case Family::aleph:
            return &write_aleph_call;
        case Family::suno:
            return &write_suno;
        case Family::midjourney:
        case Family::luma:
            return &write_list;
    }
    return &write_market_record;
}

std::string_view words_of_success(const Task& task) {
    return is_four_k(task) ? "4K Video generated successfully." : "success";
}

}  // namespace

std::string call_body(const Task& task) {
    std::string data;
    json::Writer data_out(data);
    writer_of(task)(data_out, task);
    std::string body;
    json::Writer out(body);
    // Market's failures are 501 in the call, whatever failCode says inside.
    const int fail_code = task.job.family == Family::market ? 501 : task.fail_code();
    out.begin_object().field("code", succeeded(task) ? 200 : fail_code);
    out.field("msg", succeeded(task) ? words_of_success(task) : task.fail_message()).key("data").json(data);
    if (task.job.family == Family::aleph) out.field("taskId", task.id());
    out.end_object();
    return body;
}

std::string call_signature(std::string_view key, std::string_view task_id, std::string_view timestamp) {
    return crypto::to_base64(crypto::hmac_sha256(key, std::string(task_id) + "." + std::string(timestamp)));
}

}  // namespace genq::front
