#include "server/api/dto.hpp"

#include <fmt/format.h>

#include <cmath>

#include "common/core/rfc3339.hpp"

namespace genq::api {

namespace {

std::string reason_detail(const Job& job, const engine::Snapshot& snapshot, QueueReason reason) {
    switch (reason) {
        case QueueReason::scheduled:
            return "not before " + to_rfc3339(job.step_at);
        case QueueReason::retry_backoff:
            return "the last try failed; the next one is at " + to_rfc3339(job.step_at);
        case QueueReason::paused:
            for (const auto& hold : snapshot.holds) {
                const bool is_this =
                    hold.reason == QueueReason::paused && (hold.model.empty() || hold.model == job.model);
                if (is_this) return hold.detail;
            }
            return snapshot.reason_detail;
        case QueueReason::dependency:
            if (job.reused_from) return "takes the result of job " + job.reused_from->text() + ", which is identical";
            return "waits for the jobs in depends_on";
        case QueueReason::uploading:
            return "its files are on their way to kie.ai";
        case QueueReason::upstream_auth:
        case QueueReason::credits:
        case QueueReason::storage:
        case QueueReason::upstream_down:
            return snapshot.reason_detail;
        case QueueReason::concurrency:
            // Or its caller's own limit, which holds while the engine goes on with others.
            return snapshot.reason == reason ? snapshot.reason_detail : "its caller has max_running jobs running";
        case QueueReason::rate_limit:
            return snapshot.reason_detail;
    }
    return {};
}

void write_queue_block(json::Writer& out, const JobView& view, const Estimate& estimate) {
    const Job& job = view.job;
    if (job.status != JobStatus::queued) {
        out.field("queue", nullptr);
        return;
    }
    const QueueReason reason = queue_reason(job, view.snapshot);
    out.key("queue").begin_object();
    out.field("position", view.position).field("reason", to_string(reason));
    out.key("detail").text_or_null(reason_detail(job, view.snapshot, reason));
    out.field("estimated_start_at", to_rfc3339(estimate.start_at));
    out.end_object();
}

void write_error(json::Writer& out, const std::optional<JobError>& error) {
    out.key("error");
    if (!error) {
        out.value(nullptr);
        return;
    }
    out.begin_object();
    out.field("code", to_string(error->code)).field("message", error->message);
    out.key("advice").text_or_null(error->advice);
    out.field("upstream_code", error->upstream_code);
    out.key("upstream_message").text_or_null(error->upstream_message);
    out.field("retryable", error->retryable).end_object();
}

void write_ids(json::Writer& out, std::string_view name, const std::vector<JobId>& ids) {
    out.key(name).begin_array();
    for (const JobId& id : ids) out.value(id.text());
    out.end_array();
}

}  // namespace

Estimate JobView::estimate() const {
    const auto longest = options.longest_wait.at(static_cast<std::size_t>(job.profile));
    return api::estimate(job, snapshot, position, law_for(snapshot, catalogue.find(job.model), job, longest), now);
}

void write_outputs(json::Writer& out, const Job& job, const UrlSigner* signer) {
    const std::string id = job.id.text();
    out.begin_array();
    for (const Output& output : job.outputs) {
        // What is listed exists: an output that is still on its way is not there yet.
        if (!output.digest) continue;
        out.begin_object().field("index", output.index);
        out.field("url", fmt::format("/v1/jobs/{}/outputs/{}", id, output.index));
        out.field("sha256", output.digest->hex()).field("bytes", output.bytes);
        out.field("media_type", output.media_type).field("filename", output.filename);
        out.key("role").text_or_null(output.role);
        out.key("source_url").text_or_null(output.source_url);
        if (signer != nullptr) out.field("signed_url", (*signer)(*output.digest, output.filename));
        const MediaFacts media = output.media.value_or(MediaFacts{});
        out.key("media").begin_object().field("width", media.width).field("height", media.height);
        out.field("duration_s", media.duration_s).key("codec").text_or_null(media.codec);
        out.end_object().end_object();
    }
    out.end_array();
}

void write_job(json::Writer& out, const JobView& view) {
    const Job& job = view.job;
    const Estimate estimated = view.estimate();
    const std::string id = job.id.text();
    out.begin_object();
    out.field("id", id).field("status", to_string(job.status)).field("model", job.model);
    out.field("family", to_string(job.family)).field("kind", job.kind).key("input").json(job.input);
    out.field("priority", job.priority).key("labels").begin_object();
    for (const auto& [key, value] : job.labels) out.field(key, value);
    out.end_object();
    out.field("batch_id", job.batch ? std::optional(job.batch->text()) : std::nullopt)
        .field("caller", job.caller)
        .key("warnings")
        .begin_array();
    for (const auto& warning : job.warnings) out.value(std::string_view(warning));
    out.end_array();

    out.field("created_at", to_rfc3339(job.created_at)).field("updated_at", to_rfc3339(job.updated_at));
    out.field("scheduled_at", to_rfc3339(job.scheduled_at)).field("deadline_at", to_rfc3339(job.deadline_at));
    out.field("submitted_at", to_rfc3339(job.submitted_at)).field("generated_at", to_rfc3339(job.generated_at));
    out.field("finished_at", to_rfc3339(job.finished_at));

    write_queue_block(out, view, estimated);
    out.key("progress").begin_object().field("fraction", estimated.fraction);
    out.field("estimated_finish_at", to_rfc3339(estimated.finish_at)).end_object();

    out.key("upstream").begin_object().key("task_id").text_or_null(job.task_id);
    out.key("state").text_or_null(job.upstream_state);
    out.field("attempts", job.attempts)
        .field("polls", job.polls)
        .field("last_polled_at", to_rfc3339(job.last_polled_at));
    out.field("next_poll_at", job.step == Step::poll ? std::optional(to_rfc3339(job.step_at)) : std::nullopt)
        .end_object();

    out.key("outputs");
    write_outputs(out, job, view.signer);
    out.field("result", job.result).field("billed", to_string(job.billed)).field("credits", job.credits);
    write_ids(out, "depends_on", job.depends_on);
    write_ids(out, "dependants", job.dependants);
    out.field("reused_from", job.reused_from ? std::optional(job.reused_from->text()) : std::nullopt);
    write_error(out, job.error);

    const std::string self = "/v1/jobs/" + id;
    out.key("links").begin_object().field("self", self).field("events", self + "/events");
    out.field("outputs", self + "/outputs")
        .field("cancel", self + "/cancel")
        .field("retry", self + "/retry")
        .end_object();
    out.end_object();
}

std::string job_etag(const Job& job, const engine::Snapshot& snapshot) {
    const auto version = job.version + (job.status == JobStatus::queued ? snapshot.queue_epoch : 0);
    return fmt::format("W/\"{}.{}\"", job.id.text(), version);
}

void write_event(json::Writer& out, const JobEvent& event) {
    out.begin_object().field("id", event.id).field("event", "job." + event.name).field("job_id", event.job.text());
    out.field("status", event.name).field("at", to_rfc3339(event.at)).key("detail").text_or_null(event.detail);
    out.end_object();
}

void write_model(json::Writer& out, const catalogue::Model& model, std::chrono::seconds longest_wait,
                 const polling::Learnt* learnt) {
    out.begin_object()
        .field("id", model.id)
        .field("wire_id", model.wire_id)
        .field("name", model.name)
        .key("aliases")
        .begin_array();
    for (const auto& alias : model.aliases) out.value(std::string_view(alias));
    out.end_array();
    out.field("family", to_string(model.family)).field("kind", model.kind).field("recommended", model.recommended);
    out.key("good_for").text_or_null(model.good_for).key("uses").begin_array();
    for (const auto& use : model.uses) {
        out.begin_object().field("use", use.slug).field("title", use.title).key("advice").text_or_null(use.advice);
        out.key("input").value(use.input).end_object();
    }
    out.end_array();
    out.key("note").text_or_null(model.note).key("typical_s");
    if (model.typical_s_to > 0) {
        out.begin_object().field("from", model.typical_s_from).field("to", model.typical_s_to).end_object();
    } else {
        out.value(nullptr);
    }
    out.key("measured_s");
    if (learnt != nullptr && learnt->seen > 0) {
        const auto tenths = [](double seconds) { return std::round(seconds * 10) / 10; };
        out.begin_object().field("median", tenths(learnt->law.quantile(0.5)));
        out.field("p90", tenths(learnt->law.quantile(0.9))).field("seen", learnt->seen).end_object();
    } else {
        out.value(nullptr);
    }
    const auto wait = model.longest_wait.count() > 0 ? model.longest_wait : longest_wait;
    out.field("longest_wait_s", wait.count()).field("credits", model.credits);
    out.key("input");
    model.input ? out.value(model.input->document()) : out.value(nullptr);
    out.key("example");
    model.example ? out.value(*model.example) : out.value(nullptr);
    out.end_object();
}

}  // namespace genq::api
