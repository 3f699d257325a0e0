#include "server/front/create.hpp"
#include "server/front/handlers.hpp"

// 4o Image, Flux Kontext and Midjourney: `/api/v1/gpt4o-image/*`, `/flux/kontext/*`, `/mj/*`.
namespace genq::front {

namespace bj = boost::json;

namespace {

Maybe<std::string> gpt4o_model(bj::object&) {
    return "gpt4o-image";
}

Maybe<std::string> flux_model(bj::object& input) {
    const auto model = text_at(input, "model");
    return model.empty() ? "flux-kontext-pro" : model;
}

Maybe<std::string> midjourney_model(bj::object& input) {
    auto type = text_at(input, "taskType");
    if (type.empty()) return std::unexpected(No{422, "taskType is required"});
    return type;
}

template <Family family>
bool is_of(const Job& job) {
    return job.family == family;
}

void begin_record(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).field("paramJson", text_of(task.shown_input()));
}

std::string_view gpt4o_status(const Task& task) {
    switch (task.phase()) {
        case Phase::waiting:
        case Phase::going:
            return "GENERATING";
        case Phase::done:
            return "SUCCESS";
        case Phase::failed:
            return task.failed_before_task() ? "CREATE_TASK_FAILED" : "GENERATE_FAILED";
    }
    return "GENERATING";
}

void write_gpt4o(json::Writer& out, const Task& task) {
    const bool done = task.phase() == Phase::done;
    begin_record(out, task);
    out.field("completeTime", task.completed_ms()).key("response");
    if (done) {
        out.begin_object().key("resultUrls");
        write_texts(out, task.urls());
        out.end_object();
    } else {
        out.value(nullptr);
    }
    out.field("successFlag", success_flag(task, {.create_failed = 2, .failed = 2})).field("status", gpt4o_status(task));
    write_error(out, task, "null", R"("")");
    out.field("createTime", task.created_ms()).field("progress", done ? "1.00" : "0.00").end_object();
}

void write_flux(json::Writer& out, const Task& task) {
    begin_record(out, task);
    out.field("completeTime", task.completed_text()).key("response");
    if (const auto urls = task.urls(); task.phase() == Phase::done && !urls.empty()) {
        // The provider's own link dies within minutes: ours stands in its place.
        out.begin_object().field("originImageUrl", urls.front()).field("resultImageUrl", urls.front()).end_object();
    } else {
        out.value(nullptr);
    }
    out.field("successFlag", success_flag(task));
    write_error(out, task, "null", R"("")");
    out.field("createTime", task.created_text()).end_object();
}

void write_midjourney(json::Writer& out, const Task& task) {
    out.begin_object().field("taskId", task.id()).field("taskType", task.job.wire_model);
    out.field("paramJson", text_of(task.shown_input())).field("completeTime", task.completed_text());
    out.key("resultInfoJson");
    if (task.phase() == Phase::done) {
        out.begin_object().key("resultUrls").begin_array();
        for (const auto& url : task.urls()) out.begin_object().field("resultUrl", url).end_object();
        out.end_array().end_object();
    } else {
        out.value(nullptr);
    }
    out.field("successFlag", success_flag(task)).field("createTime", task.created_text());
    write_error(out, task);
    out.end_object();
}

}  // namespace

Answer create_gpt4o(Core& core, Context& context) {
    return answer_family_create(core, context, Family::gpt4o, &gpt4o_model);
}

Answer poll_gpt4o(Core& core, Context& context) {
    return answer_poll(core, context, {&is_of<Family::gpt4o>, &write_gpt4o});
}

Answer create_flux(Core& core, Context& context) {
    return answer_family_create(core, context, Family::flux, &flux_model);
}

Answer poll_flux(Core& core, Context& context) {
    return answer_poll(core, context, {&is_of<Family::flux>, &write_flux});
}

Answer create_midjourney(Core& core, Context& context) {
    return answer_family_create(core, context, Family::midjourney, &midjourney_model);
}

Answer poll_midjourney(Core& core, Context& context) {
    return answer_poll(core, context, {&is_of<Family::midjourney>, &write_midjourney});
}

}  // namespace genq::front
