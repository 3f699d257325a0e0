#include "server/engine/downloader.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>

#include "common/http/media_type.hpp"
#include "server/engine/fetch.hpp"
#include "server/engine/query_token.hpp"
#include "server/engine/result_files.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto url_lifetime = std::chrono::days(14);  // kie.ai keeps media that long at most ("Retention")
constexpr auto first_download_pause = 5s;
constexpr auto longest_download_pause = 10min;
constexpr auto full_disk_pause = 10s;
constexpr int most_wrong_answers = 5;

/// Nothing at all, or a page of words where a picture was promised: an error of a proxy's or store's that came as 200.
bool looks_wrong(const Output& output, const blobs::BlobInfo& info) {
    const bool media = output.role == "image" || output.role == "video" || output.role == "audio";
    const bool words = info.media_type.starts_with("text/") || info.media_type == "application/json";
    return info.bytes == 0 || (media && words);
}

/// True when kie.ai has spoken of what it was asked for, and not of rate, key or an error of its own.
bool says_something(upstream::QueryVerdict verdict) {
    return verdict == upstream::QueryVerdict::answered || verdict == upstream::QueryVerdict::not_visible;
}

/// No word on the link that was asked for, but of trouble that passes, or of a service that is off.
bool is_put_off(const upstream::QueryOutcome& link) {
    const int code = link.envelope ? link.envelope->deciding_code() : 0;
    return code == 408 || code == 501 || code == 505 || code == 531;
}

}  // namespace

void Downloader::add(JobId id, SteadyTime due) {
    const std::int64_t row = id.row();
    if (running_.contains(row)) {
        // That run may be stopping already: its job was canceled, and retried a moment later.
        again_.insert_or_assign(row, Waiting{id, due});
        return;
    }
    if (const auto found = known_.find(row); found != known_.end()) due_.erase({found->second.due, row});
    known_.insert_or_assign(row, Waiting{id, due});
    due_.emplace(due, row);
    core_.signal.notify();
}

void Downloader::forget(std::int64_t row) {
    if (const auto found = running_.find(row); found != running_.end()) *found->second = true;
    again_.erase(row);
    if (const auto found = known_.find(row); found != known_.end()) {
        due_.erase({found->second.due, row});
        known_.erase(found);
    }
}

std::optional<SteadyTime> Downloader::next_due() const {
    if (due_.empty() || running_.size() >= static_cast<std::size_t>(core_.options.download_concurrency)) {
        return std::nullopt;
    }
    return due_.begin()->first;
}

std::optional<JobId> Downloader::take_due(SteadyTime now) {
    const auto due = next_due();
    if (!due || *due > now) return std::nullopt;
    const std::int64_t row = due_.begin()->second;
    due_.erase(due_.begin());
    const auto waiting = known_.extract(row);
    running_.emplace(row, std::make_shared<std::atomic<bool>>(false));
    return waiting.mapped().id;
}

asio::awaitable<void> Downloader::run(JobId id) {
    const std::int64_t row = id.row();
    const StopFlag stop = running_.at(row);
    // Whatever happens, the place is free again afterwards; later() gives the job its next turn.
    struct Leave {
        Downloader& self;
        std::int64_t row;
        ~Leave() {
            self.running_.erase(row);
            if (const auto again = self.again_.extract(row)) self.add(again.mapped().id, again.mapped().due);
            self.core_.signal.notify();
        }
    } const leave{*this, row};
    auto job = co_await core_.ports.store.get(id);
    if (!job) {
        core_.ports.log.error("a job could not be read", {{"job", id.text()}, {"error", job.error().detail}});
        co_return;
    }
    if (job->status != JobStatus::downloading) co_return;
    co_await store_outputs(std::move(*job), stop);
}

asio::awaitable<void> Downloader::store_outputs(Job job, StopFlag stop) {
    for (Output& output : job.outputs) {
        if (output.digest) continue;
        if (!co_await store_output(job, output, stop)) co_return;
    }
}

asio::awaitable<Result<blobs::BlobInfo>> Downloader::bytes_of(const Job& job, const Output& output,
                                                              http::DownloadRequest request, StopFlag stop) {
    if (is_result_file(output)) return write_result_file(core_.ports.blobs, job, output);
    return fetch(core_.ports.clock, core_.ports.transport, core_.ports.blobs, std::move(request), std::move(stop));
}

asio::awaitable<bool> Downloader::store_output(Job& job, Output& output, StopFlag stop) {
    http::DownloadRequest request;
    request.url = output.source_url;
    request.max_bytes = core_.options.download_max_bytes;
    request.allow_private = core_.options.allow_private;
    bool refreshed = false;
    for (;;) {
        auto got = co_await asio::co_spawn(asio::make_strand(core_.io), bytes_of(job, output, request, stop),
                                           asio::use_awaitable);
        if (!got && got.error().code == errc::not_found && !refreshed) {
            refreshed = true;
            auto fresh = co_await fresh_url(job, output);
            if (fresh) {
                request.url = *fresh;
                continue;
            }
            // That nobody could be asked proves nothing of the URL.
            if (fresh.error().code != errc::not_found) got = std::unexpected(fresh.error());
        }
        if (got && looks_wrong(output, *got)) {
            const auto listed = co_await core_.ports.store.lists_blob(got->digest);
            if (listed && !*listed) (void)co_await core_.ports.blobs.remove(got->digest);
            std::string what = std::to_string(got->bytes) + " bytes of " + got->media_type;
            got = fail(errc::malformed, "the media host sent " + what + " in place of the " + output.role);
        }
        if (!got) {
            core_.metrics.download_failures.Increment();
            if (got.error().code == errc::canceled) co_return false;
            const errc code = got.error().code;
            const bool dead = code == errc::not_found || code == errc::too_large || code == errc::forbidden ||
                              code == errc::invalid_argument ||
                              (code == errc::malformed && job.download_attempts >= most_wrong_answers);
            const bool too_old = job.generated_at && core_.ports.clock.wall_now() - *job.generated_at > url_lifetime;
            if (dead || too_old) {
                co_await give_up(job, got.error().detail);
            } else {
                co_await later(job, got.error());
            }
            co_return false;
        }
        output.digest = got->digest;
        output.bytes = got->bytes;
        output.media_type = got->media_type;
        output.filename = job.id.text() + "-" + std::to_string(output.index) + "." +
                          std::string(http::extension_for(got->media_type));
        core_.metrics.downloaded_bytes.Increment(static_cast<double>(got->bytes));
        const auto status = co_await core_.persist<JobStatus>(
            "output", about(job), [this, &job, &output] { return core_.ports.store.record_output(job.id, output); });
        if (!status) co_return false;  // canceled or deleted meanwhile; the blob stays for who else lists it
        if (*status == JobStatus::succeeded) {
            core_.job_ended();
        }
        co_return true;
    }
}

asio::awaitable<Result<std::string>> Downloader::fresh_url(Job& job, const Output& output) {
    const upstream::FamilyAdapter& adapter = upstream::adapter(job.family);
    const std::string endpoint = job.endpoint.empty() ? core_.endpoint(adapter, job.model) : job.endpoint;
    const std::string callback;
    const auto again = co_await query_once(core_, adapter.query(Core::spec(job, callback), endpoint));
    const auto record = upstream::classify_query(again, true);
    if (record.verdict == upstream::QueryVerdict::answered) {
        const auto report = adapter.read(Core::spec(job, callback), *record.envelope);
        for (const Output& fresh : report.outputs) {
            if (fresh.index != output.index || fresh.source_url == output.source_url) continue;
            (void)co_await core_.ports.store.record_fresh_urls(job.id, report.outputs);
            co_return fresh.source_url;
        }
    }
    // The record still names the dead URL: kie.ai's download link is made from it (kie.ai, "Get download URL").
    upstream::ApiRequest request;
    request.method = "POST";
    request.path = "/api/v1/common/download-url";
    request.body = boost::json::serialize(boost::json::object{{"url", output.source_url}});
    const auto link = upstream::classify_query(co_await query_once(core_, request), true);
    if (link.verdict == upstream::QueryVerdict::answered && link.envelope->ok() && link.envelope->data.is_string()) {
        co_return std::string(link.envelope->data.as_string());
    }
    for (const auto* asked : {&record, &link}) {
        if (!says_something(asked->verdict) || (asked == &link && is_put_off(link))) {
            co_return fail(errc::unreachable, "kie.ai could not be asked for a fresh URL: " + asked->message);
        }
    }
    co_return fail(errc::not_found, "kie.ai has no other URL");
}

asio::awaitable<void> Downloader::later(Job job, Error error) {
    std::chrono::milliseconds pause =
        polling::full_jitter(first_download_pause, longest_download_pause, job.download_attempts, core_.ports.random) +
        first_download_pause;
    if (error.code == errc::storage_full) {
        pause = full_disk_pause;
        co_await core_.hold(QueueReason::storage, "the state directory's disk is full: free some space");
    }
    core_.ports.log.warn("a download failed; it will be tried again", about(job),
                         {{"error", error.detail}, {"in_ms", pause.count()}});
    (void)co_await core_.ports.store.record_download_retry(job.id, core_.wall_in(pause), error.detail);
    running_.erase(job.id.row());
    add(job.id, core_.ports.clock.now() + pause);
}

asio::awaitable<void> Downloader::give_up(Job job, std::string why) {
    store::Failure failure;
    failure.id = job.id;
    failure.error = {JobErrorCode::download_failed,
                     "the outputs could not be downloaded: " + why,
                     "retry downloads again and pays nothing; kie.ai keeps results for up to 14 days",
                     std::nullopt,
                     "",
                     true};
    co_await core_.fail_job(std::move(job), std::move(failure));
}

}  // namespace genq::engine
