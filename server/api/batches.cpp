#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>

#include "common/core/rfc3339.hpp"
#include "common/json/pointer.hpp"
#include "common/json/writer.hpp"
#include "server/api/handlers.hpp"
#include "server/api/job_access.hpp"
#include "server/api/job_body.hpp"
#include "server/api/references.hpp"
#include "server/api/request_body.hpp"
#include "server/domain/reference.hpp"
#include "server/store/reuse_key.hpp"

namespace genq::api {

namespace {

namespace bj = boost::json;

constexpr std::size_t max_jobs = 1000;
constexpr std::size_t max_ref_bytes = 64;
constexpr std::size_t id_characters = 26;
constexpr std::string_view ref_scheme = "genqd:ref/";
constexpr std::string_view job_scheme = "genqd:job/";

bool is_ref_name(std::string_view text) {
    const auto sane = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    };
    return !text.empty() && text.size() <= max_ref_bytes && std::ranges::all_of(text, sane);
}

/// Rewrites what a batch's inputs say of jobs before them. What stands in an input for an id has the form of one: it
/// begins with `stand_in`, 16 random characters, so that it can't be mistaken for anything that the caller wrote.
class References {
  public:
    References(std::string stand_in, std::vector<json::Fault>& faults)
        : stand_in_(std::move(stand_in)), faults_(faults) {}

    void rewrite(bj::value& value, const std::string& pointer) {
        if (auto* object = value.if_object()) {
            for (auto& item : *object) rewrite(item.value(), json::child(pointer, item.key()));
        } else if (auto* array = value.if_array()) {
            for (std::size_t i = 0; i < array->size(); ++i) rewrite((*array)[i], fmt::format("{}/{}", pointer, i));
        } else if (auto* text = value.if_string(); text != nullptr && text->starts_with(ref_scheme)) {
            const std::string_view rest = std::string_view(*text).substr(ref_scheme.size());
            const auto slash = rest.find('/');
            const auto found = names_.find(std::string(rest.substr(0, slash)));
            if (found == names_.end()) {
                faults_.push_back({pointer, "names no job before this one in the batch"});
                return;
            }
            const auto rewritten = fmt::format("{}{}{:010}{}", job_scheme, stand_in_, found->second,
                                               slash == std::string_view::npos ? "" : rest.substr(slash));
            if (parse_reference(rewritten)) {
                *text = rewritten;
            } else {
                faults_.push_back({pointer, "must be genqd:ref/NAME/outputs/N, /tracks/N or /task"});
            }
        }
    }
    /// The job's own name, for those after it.
    void name(std::string_view ref, std::size_t job, const std::string& pointer) {
        if (!is_ref_name(ref)) {
            faults_.push_back({pointer, "must be 1 to 64 characters of A-Z a-z 0-9 . _ -"});
        } else if (!names_.emplace(ref, job).second) {
            faults_.push_back({pointer, "is the name of a job before this one"});
        }
    }

  private:
    const std::string stand_in_;
    std::vector<json::Fault>& faults_;
    std::map<std::string, std::size_t> names_;
};

/// Where the ids stand that begin with `stand_in`, and which jobs of the batch they stand for.
std::vector<store::BatchJob::Reference> stand_ins_of(const std::string& input, std::string_view stand_in) {
    std::vector<store::BatchJob::Reference> found;
    for (auto at = input.find(stand_in); at != std::string::npos; at = input.find(stand_in, at + id_characters)) {
        found.push_back({at, std::stoul(input.substr(at + stand_in.size(), id_characters - stand_in.size()))});
    }
    return found;
}

/// A job's own label goes before the batch's.
void merge_labels(bj::object& job, const Labels& labels) {
    if (labels.empty()) return;
    auto& own = job["labels"];
    if (own.is_null()) own.emplace_object();
    if (auto* object = own.if_object()) {
        for (const auto& [label, value] : labels) object->emplace(label, value);
    }
}

/// 16 characters that an id may begin with.
std::string random_stand_in(Random& random) {
    std::array<std::byte, 8> bytes{};
    random.fill(bytes);
    constexpr auto mask = std::uint64_t{0x7FFF'FFFF'FFFF'FFFF};  // an id begins with 0 to 7
    return fmt::format("{:016X}", std::bit_cast<std::uint64_t>(bytes) & mask);
}

struct ReadBatch {
    store::NewBatch batch;
    std::vector<std::shared_ptr<const catalogue::InputSchema>> schemas{};  // of its jobs, as ReadJob has them
};

Checked<ReadBatch> read_batch(bj::object body, const Acceptance& acceptance, const std::string& stand_in) {
    std::vector<json::Fault> faults;
    json::ObjectReader reader(body, "", faults);
    reader.refuse_others({"jobs", "labels"});
    ReadBatch read{.batch = {.caller = acceptance.caller, .labels = read_labels(body, faults), .jobs = {}}};
    auto* jobs = body.contains("jobs") ? body.at("jobs").if_array() : nullptr;
    if (jobs == nullptr || jobs->empty() || jobs->size() > max_jobs) {
        reader.fault("jobs", fmt::format("must be an array of 1 to {} jobs", max_jobs));
        return std::unexpected(invalid(std::move(faults)));
    }
    References references(stand_in, faults);
    bool only_unknown_models = faults.empty();
    for (std::size_t i = 0; i < jobs->size(); ++i) {
        const std::string pointer = fmt::format("/jobs/{}", i);
        const auto before = faults.size();
        auto* job = (*jobs)[i].if_object();
        if (job == nullptr) {
            faults.push_back({pointer, "must be an object"});
            only_unknown_models = false;
            continue;
        }
        std::optional<bj::value> ref;
        if (const auto* value = job->if_contains("ref")) ref = *value;
        job->erase("ref");
        merge_labels(*job, read.batch.labels);
        if (auto* input = job->if_contains("input")) references.rewrite(*input, pointer + "/input");
        if (ref) references.name(ref->is_string() ? std::string_view(ref->get_string()) : "", i, pointer + "/ref");
        only_unknown_models = only_unknown_models && faults.size() == before;
        auto made = read_job(std::move(*job), acceptance);
        if (!made) {
            only_unknown_models = only_unknown_models && made.error().code == ProblemCode::unknown_model;
            for (auto& fault : made.error().errors) faults.push_back({pointer + fault.pointer, fault.detail});
            continue;
        }
        read.batch.jobs.push_back({std::move(made->job), {}});
        read.schemas.push_back(std::move(made->schema));
    }
    if (faults.empty()) return read;
    Problem problem = invalid(std::move(faults));
    if (only_unknown_models) problem.code = ProblemCode::unknown_model;
    return std::unexpected(std::move(problem));
}

boost::asio::awaitable<Checked<void>> read_all_references(Core& core, const Context& context, ReadBatch& read,
                                                          std::string_view stand_in) {
    std::vector<json::Fault> faults;
    for (std::size_t i = 0; i < read.batch.jobs.size(); ++i) {
        auto& item = read.batch.jobs[i];
        auto known = co_await read_references(core, context, item.job, read.schemas[i].get(), stand_in);
        if (known) {
            item.references = stand_ins_of(item.job.input, stand_in);
            continue;
        }
        if (known.error().code != ProblemCode::validation_failed) co_return known;
        for (auto& fault : known.error().errors) {
            faults.push_back({fmt::format("/jobs/{}{}", i, fault.pointer), std::move(fault.detail)});
        }
    }
    if (!faults.empty()) co_return std::unexpected(invalid(std::move(faults)));
    co_return Checked<void>{};
}

http::Response batch_response(const store::AcceptedBatch& batch) {
    std::string body;
    json::Writer out(body);
    out.begin_object().field("id", batch.id.text()).key("job_ids").begin_array();
    for (const JobId& id : batch.jobs) out.value(std::string_view(id.text()));
    out.end_array().end_object();
    auto response = json_response(batch.replayed ? 200 : 202, std::move(body));
    response.headers.add("Location", "/v1/batches/" + batch.id.text());
    if (batch.replayed) response.headers.add("Idempotency-Replayed", "true");
    return response;
}

}  // namespace

Answer create_batch(Core& core, Context& context) {
    if (auto whole = co_await gather_body(core, context); !whole) co_return to_response(whole.error());
    auto body = co_await core.services.workers.run([&context] { return read_body(context.request, Body::required); });
    if (!body) co_return to_response(body.error());
    auto key = co_await read_idempotency_key(core, context, "POST /v1/batches", *body);
    if (!key) co_return to_response(key.error());
    const auto catalogue = core.services.catalogue();
    const Acceptance acceptance{.catalogue = *catalogue,
                                .allow_unknown_models = core.options.allow_unknown_models,
                                .validation = core.options.validation,
                                .caller = context.caller.name,
                                .now = core.services.clock.wall_now(),
                                .takes_webhooks = core.services.takes_webhooks()};
    const std::string stand_in = random_stand_in(core.services.random);
    // A thousand inputs to check are too much for a thread that others' requests wait for.
    auto read = co_await core.services.workers.run(
        [&body, &acceptance, &stand_in] { return read_batch(std::move(*body), acceptance, stand_in); });
    if (!read) co_return to_response(read.error());
    if (auto known = co_await read_all_references(core, context, *read, stand_in); !known) {
        co_return to_response(known.error());
    }
    (void)co_await core.services.workers.run([&read]() -> Result<void> {
        for (auto& item : read->batch.jobs) {
            // Of one that names others of the batch it follows from their ids, which the store gives.
            if (item.references.empty()) item.job.reuse_key = store::reuse_key(item.job);
        }
        return {};
    });
    for (auto& item : read->batch.jobs) {
        item.job.traceparent = context.traceparent;
        item.job.tracestate = context.tracestate;
        item.job.admission = admission_for(core, item.job.caller, item.job.model);
        co_await pass_over_damaged(core, item.job);
    }
    const auto jobs = static_cast<std::int64_t>(read->batch.jobs.size());
    if (auto room = co_await core.intake.admit(jobs); !room) co_return to_response(room.error());
    auto accepted = co_await core.services.store.accept_batch(std::move(read->batch), std::move(*key));
    const bool is_new = accepted && !accepted->replayed && !accepted->refused;
    core.intake.give_back(is_new ? static_cast<std::int64_t>(accepted->ended) : jobs);
    if (!accepted) co_return to_response(reported(core, context, accepted.error()));
    if (accepted->refused) co_return to_response(over_budget(*accepted->refused));
    if (is_new) core.services.engine.wake();
    context.batch = accepted->id.text();
    context.jobs = accepted->jobs.size();
    co_return batch_response(*accepted);
}

Answer get_batch(Core& core, Context& context) {
    const auto none = [] { return to_response(api::not_found("there is no such batch")); };
    const auto id = BatchId::parse(context.captures.front());
    if (!id) co_return none();
    const auto batch = co_await core.services.store.batch(*id);
    if (!batch && batch.error().code == errc::not_found) co_return none();
    if (!batch) co_return to_response(reported(core, context, batch.error()));
    if (!context.caller.may_see(batch->caller)) co_return none();
    std::string body;
    json::Writer out(body);
    out.begin_object().field("id", id->text()).field("created_at", to_rfc3339(batch->created_at));
    out.field("finished_at", batch->finished_at ? std::optional(to_rfc3339(*batch->finished_at)) : std::nullopt);
    out.field("caller", batch->caller).key("labels").begin_object();
    for (const auto& [label, value] : batch->labels) out.field(label, value);
    out.end_object().key("counts").begin_object();
    std::int64_t total = 0;
    for (const JobStatus status : all_job_statuses) {
        const auto count = batch->counts.find(status);
        const std::int64_t jobs = count == batch->counts.end() ? 0 : count->second;
        out.field(to_string(status), jobs);
        total += jobs;
    }
    out.end_object().field("total", total).key("links").begin_object();
    out.field("self", "/v1/batches/" + id->text()).field("jobs", "/v1/jobs?batch_id=" + id->text());
    out.end_object().end_object();
    co_return json_response(200, std::move(body));
}

}  // namespace genq::api
