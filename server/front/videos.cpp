#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

// Runway, Aleph and Luma: `/api/v1/runway/*`, `/aleph/*`, `/modify/*`.
namespace genq::front {

namespace bj = boost::json;

namespace {

Maybe<std::string> runway_model(bj::object&) {
    return "runway/generate";
}

Maybe<std::string> runway_extend_model(bj::object& input) {
    if (text_at(input, "taskId").empty()) return std::unexpected(No{422, "taskId is required"});
    return "runway/extend";
}

Maybe<std::string> aleph_model(bj::object&) {
    return "runway/aleph";
}

Maybe<std::string> luma_model(bj::object&) {
    return "luma/modify";
}

// An older guide polls Aleph here as well.
bool is_runway_or_aleph(const Job& job) {
    return job.family == Family::runway || job.family == Family::aleph;
}

bool is_aleph(const Job& job) {
    return job.family == Family::aleph;
}

bool is_luma(const Job& job) {
    return job.family == Family::luma;
}

// Not Market's words: `wait`, not `waiting`.
std::string_view video_state(const Task& task) {
    switch (task.phase()) {
        case Phase::waiting:
            return "wait";
        case Phase::going:
            return "generating";
        case Phase::done:
            return "success";
        case Phase::failed:
            return "fail";
    }
    return "generating";
}

std::string video_of(const Task& task) {
    return task.phase() == Phase::done ? task.first_url() : std::string();
}

void write_runway(json::Writer& out, const Task& task) {
    const auto input = task.shown_input();
    out.begin_object().field("taskId", task.id()).field("parentTaskId", text_at(input, "taskId"));
    out.key("generateParam").begin_object().field("prompt", text_at(input, "prompt"));
    out.field("imageUrl", text_at(input, "imageUrl")).field("expandPrompt", true).end_object();
    out.field("state", video_state(task));
    out.field("generateTime", task.phase() == Phase::done ? task.spaced_text() : std::string()).key("videoInfo");
    if (const auto url = video_of(task); !url.empty()) {
        out.begin_object().field("videoId", task.id()).field("taskId", task.id()).field("videoUrl", url);
        out.field("imageUrl", "").end_object();
    } else {
        out.value(nullptr);
    }
    const bool failed = task.phase() == Phase::failed;
    out.field("failCode", failed ? task.fail_code() : 0);
    out.field("failMsg", failed ? task.fail_message() : std::string()).field("expireFlag", 0).end_object();
}

void write_aleph(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).field("paramJson", text_of(task.shown_input())).key("response");
    if (const auto url = video_of(task); !url.empty()) {
        out.begin_object().field("taskId", task.id()).field("resultVideoUrl", url);
        out.field("resultImageUrl", "").end_object();
    } else {
        out.value(nullptr);
    }
    out.field("completeTime", task.completed_text()).field("createTime", task.created_text());
    // The flag has two values: a failure shows in the error alone.
    out.field("successFlag", success_flag(task, {.create_failed = 0, .failed = 0}));
    write_error(out, task, "0", R"("")");
    out.end_object();
}

void write_luma(json::Writer& out, const Task& task) {
    const auto input = task.shown_input();
    out.begin_object().field("taskId", task.id()).field("paramJson", text_of(input));
    out.field("completeTime", task.completed_ms()).key("response");
    if (task.phase() == Phase::done) {
        out.begin_object().field("taskId", task.id()).key("originUrls");
        write_texts(out, {text_at(input, "videoUrl")});
        out.key("resultUrls");
        write_texts(out, task.urls());
        out.end_object();
    } else {
        out.value(nullptr);
    }
    out.field("successFlag", success_flag(task)).field("createTime", task.created_ms());
    write_error(out, task);
    out.end_object();
}

}  // namespace

Answer create_runway(Core& core, Context& context) {
    return answer_family_create(core, context, Family::runway, &runway_model);
}

Answer extend_runway(Core& core, Context& context) {
    return answer_family_create(core, context, Family::runway, &runway_extend_model);
}

Answer poll_runway(Core& core, Context& context) {
    return answer_poll(core, context, {&is_runway_or_aleph, &write_runway});
}

Answer create_aleph(Core& core, Context& context) {
    return answer_family_create(core, context, Family::aleph, &aleph_model);
}

Answer poll_aleph(Core& core, Context& context) {
    return answer_poll(core, context, {&is_aleph, &write_aleph});
}

Answer create_luma(Core& core, Context& context) {
    return answer_family_create(core, context, Family::luma, &luma_model);
}

Answer poll_luma(Core& core, Context& context) {
    return answer_poll(core, context, {&is_luma, &write_luma});
}

}  // namespace genq::front
