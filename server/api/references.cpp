#include "server/api/references.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/json/parse.hpp"
#include "common/json/writer.hpp"
#include "server/api/job_access.hpp"
#include "server/api/signed_url.hpp"
#include "server/domain/reference.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_references = 100;
constexpr std::string_view blobs_path = "/v1/blobs/";

std::string no_such_file(const Digest& digest) {
    return fmt::format("there is no file {}: send it to POST /v1/files first", digest.hex());
}

std::string no_such_job(const JobId& id) {
    return fmt::format("there is no job {}", id.text());
}

/// Puts the reference in the place of each signed URL of ours, also of one that has expired: who may refer to the blob
/// may so do it, and kie.ai gets a copy that does not expire under way. True if there was one.
bool name_own_blobs(Core& core, boost::json::value& value) {
    bool found = false;
    if (auto* text = value.if_string()) {
        if (!std::string_view(*text).contains(blobs_path)) return false;
        const auto keys = core.services.url_keys();
        const auto own = read_own_url(*keys, core.options.public_url, *text);
        if (!own) return false;
        *text = "genqd:blob/" + own->digest.hex();
        return true;
    }
    if (auto* array = value.if_array()) {
        for (auto& item : *array) found = name_own_blobs(core, item) || found;
    } else if (auto* object = value.if_object()) {
        for (auto& item : *object) found = name_own_blobs(core, item.value()) || found;
    }
    return found;
}

/// What is known already to be missing from a job that has succeeded; "" if nothing is.
std::string missing_from(const Job& job, const Reference& reference) {
    if (job.status != JobStatus::succeeded) return {};
    const auto id = job.id.text();
    if (reference.kind == Reference::Kind::output) {
        if (std::ranges::find(job.outputs, reference.index, &Output::index) == job.outputs.end()) {
            return fmt::format("job {} has no output {}: it has {}", id, reference.index, job.outputs.size());
        }
    } else if (!content_of(reference, job)) {
        return reference.kind == Reference::Kind::task ? fmt::format("job {} has no kie.ai task", id)
                                                       : fmt::format("job {} has no track {}", id, reference.index);
    }
    return {};
}

/// One reference: what is wrong with it, and what file it is, as far as that is known already.
struct LookedUp {
    std::string fault{};
    std::optional<blobs::BlobInfo> file{};
};

asio::awaitable<Checked<LookedUp>> look_up_blob(Core& core, const Context& context, const Digest& digest, NewJob& job) {
    if (context.caller.sees_own_only()) {
        const auto owns = co_await core.services.store.owns_blob(context.caller.name, digest);
        if (!owns) co_return std::unexpected(reported(core, context, owns.error()));
        if (!*owns) co_return LookedUp{no_such_file(digest)};
    }
    auto info = co_await core.services.blobs.describe(digest);
    if (!info && info.error().code == errc::not_found) co_return LookedUp{no_such_file(digest)};
    if (!info && info.error().code == errc::corrupt) {
        co_return LookedUp{fmt::format("the file {} was damaged on the disk: send it again", digest.hex())};
    }
    if (!info) co_return std::unexpected(reported(core, context, info.error()));
    if (std::ranges::find(job.files, digest, &InputFile::digest) == job.files.end()) {
        job.files.push_back({digest, info->bytes});
    }
    co_return LookedUp{{}, std::move(*info)};
}

asio::awaitable<Checked<LookedUp>> look_up_job(Core& core, const Context& context, const Reference& reference,
                                               NewJob& job) {
    const auto found = co_await core.services.store.get(reference.job);
    if (!found && found.error().code == errc::not_found) co_return LookedUp{no_such_job(reference.job)};
    if (!found) co_return std::unexpected(reported(core, context, found.error()));
    if (!context.caller.may_see(found->caller)) co_return LookedUp{no_such_job(reference.job)};
    if (std::ranges::find(job.depends_on, reference.job) == job.depends_on.end()) {
        job.depends_on.push_back(reference.job);
    }
    LookedUp looked{missing_from(*found, reference)};
    if (found->status == JobStatus::succeeded) {
        if (auto content = content_of(reference, *found)) job.contents[to_string(reference)] = std::move(*content);
    }
    const auto output = std::ranges::find(found->outputs, reference.index, &Output::index);
    if (reference.kind == Reference::Kind::output && output != found->outputs.end() && output->digest) {
        looked.file = blobs::BlobInfo{*output->digest, output->bytes, output->media_type};
    }
    co_return looked;
}

}  // namespace

asio::awaitable<Checked<void>> read_references(Core& core, const Context& context, NewJob& job,
                                               const catalogue::InputSchema* schema, std::string_view siblings) {
    // The daemon wrote this text itself (json::Writer), so references and URLs stand in it as they are.
    const bool has_urls = job.input.contains(blobs_path);
    if (!has_urls && !job.input.contains("genqd:")) co_return Checked<void>{};
    auto input = json::parse(job.input);
    if (!input) co_return refuse(ProblemCode::internal, "see the daemon's log");
    if (has_urls && name_own_blobs(core, *input)) {
        job.input.clear();
        json::Writer(job.input).value(*input);
    }
    std::vector<json::Fault> faults;
    const auto references = find_references(*input, "/input", faults);
    if (references.size() > most_references) {
        co_return std::unexpected(
            invalid({{"/input", fmt::format("must not hold more than {} references", most_references)}}));
    }
    for (const auto& [pointer, reference] : references) {
        if (auto fault = schema != nullptr ? schema->reference_fault(pointer, reference.kind) : ""; !fault.empty()) {
            faults.push_back({pointer, std::move(fault)});
            continue;
        }
        if (!siblings.empty() && reference.job.text().starts_with(siblings)) continue;
        const auto looked = reference.kind == Reference::Kind::blob
                                ? co_await look_up_blob(core, context, reference.digest, job)
                                : co_await look_up_job(core, context, reference, job);
        if (!looked) co_return std::unexpected(looked.error());
        std::string fault = looked->fault;
        if (fault.empty() && schema != nullptr && looked->file) {
            fault = schema->file_fault(pointer, looked->file->media_type, looked->file->bytes);
        }
        if (!fault.empty()) faults.push_back({pointer, std::move(fault)});
    }
    if (!faults.empty()) co_return std::unexpected(invalid(std::move(faults)));
    job.refers = !references.empty();
    const bool is_known = std::ranges::none_of(references, [&job](const PlacedReference& placed) {
        return placed.reference.is_file() || !job.contents.contains(to_string(placed.reference));
    });
    if (job.refers && is_known) {
        // Ids of tasks and tracks alone: there is nothing to upload, nor to wait for.
        replace_references(*input, [&job](const Reference& one) { return job.contents.at(to_string(one)); });
        json::Writer(job.sent_input).value(*input);
    }
    job.checked = schema != nullptr;
    co_return Checked<void>{};
}

}  // namespace genq::api
