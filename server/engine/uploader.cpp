#include "server/engine/uploader.hpp"

#include <algorithm>

#include "common/http/media_type.hpp"
#include "common/json/parse.hpp"
#include "common/json/writer.hpp"
#include "server/engine/multipart_source.hpp"
#include "server/engine/query_token.hpp"
#include "server/engine/reusable.hpp"

namespace genq::engine {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using upstream::UploadFile;
using upstream::UploadOutcome;
using upstream::UploadWay;

namespace {

constexpr std::size_t most_at_once = 4;
// kie.ai keeps uploads for three days by its pages, for one by others: none is used that is older than a day, and none
// that could run out before kie.ai has fetched it.
constexpr auto copy_lifetime = 24h;
constexpr auto copy_reserve = 1h;
constexpr auto first_upload_pause = 2s;
constexpr auto longest_upload_pause = 5min;
constexpr int most_tries = 8;  // that kie.ai answered with an error
constexpr std::uint64_t slowest_bytes_per_s = 128 << 10;
constexpr std::size_t name_characters = 32;

}  // namespace

asio::awaitable<bool> Uploader::start(bool held) {
    const SteadyTime now = core_.ports.clock.now();
    if (next_at_ && *next_at_ <= now && !held) {
        core_.maybe_uploads = true;
        next_at_.reset();
    }
    if (held || !core_.maybe_uploads || taken_.size() >= most_at_once) co_return false;
    // Set before the question: a job that arrives while it is asked sets it back.
    core_.maybe_uploads = false;
    auto turn = co_await core_.ports.store.next_upload(last_caller_, taken_);
    if (!turn) {
        core_.ports.log.error("the queue could not be read", {{"error", turn.error().detail}});
        next_at_ = now + first_upload_pause;
        co_return false;
    }
    next_at_.reset();
    if (turn->next_at) next_at_ = core_.steady(*turn->next_at);
    if (!turn->job || core_.draining) co_return false;
    core_.maybe_uploads = true;
    last_caller_ = turn->job->caller;
    taken_.insert(turn->job->id.row());
    core_.work.spawn("upload", run(std::move(*turn->job)));
    co_return true;
}

asio::awaitable<void> Uploader::run(Job job) {
    struct Leave {
        Uploader& self;
        std::int64_t row;
        ~Leave() {
            self.taken_.erase(row);
            self.core_.maybe_uploads = true;
            self.core_.signal.notify();
        }
    } const leave{*this, job.id.row()};
    auto parsed = json::parse(job.input);
    if (!parsed) co_return;  // the store gives out no other
    std::vector<json::Fault> faults;
    const auto references = find_references(*parsed, "/input", faults);
    // All are looked up before any is uploaded: what can't be got ready costs kie.ai's host nothing.
    std::vector<std::string> contents;
    for (const PlacedReference& placed : references) {
        auto content = co_await look_up(job, placed);
        if (!content) {
            co_await failed(std::move(job), std::move(content.error()));
            co_return;
        }
        job.contents[to_string(placed.reference)] = *content;
        contents.push_back(std::move(*content));
    }
    if (!job.depends_on.empty() && co_await is_answered(job)) co_return;
    std::optional<WallTime> until;
    std::vector<std::string> resolved;
    for (std::string& content : contents) {
        auto text = co_await resolve(std::move(content), until);
        if (!text) {
            co_await failed(std::move(job), std::move(text.error()));
            co_return;
        }
        resolved.push_back(std::move(*text));
    }
    auto next = resolved.begin();  // they are met in the same order
    replace_references(*parsed, [&next](const Reference&) { return std::move(*next++); });
    std::string input;
    json::Writer(input).value(*parsed);
    const auto stored = co_await core_.persist<void>("input", about(job), [this, &job, &input, until] {
        return core_.ports.store.record_input(job.id, input, until);
    });
    tries_.erase(job.id.row());
    if (!stored) co_return;  // canceled meanwhile
    core_.ports.log.info("input ready", about(job), {{"references", references.size()}});
    core_.queue_touched();
}

asio::awaitable<Uploader::Ready<std::string>> Uploader::look_up(const Job& wanting, const PlacedReference& placed) {
    const Reference& reference = placed.reference;
    if (reference.kind == Reference::Kind::blob) co_return to_string(reference);
    const auto job = co_await core_.ports.store.get(reference.job);
    const std::string name = "job " + reference.job.text();
    if (!job) {
        const bool gone = job.error().code == errc::not_found;
        co_return std::unexpected(Trouble{gone ? Trouble::Kind::dependency_failed : Trouble::Kind::later,
                                          gone ? name + ", which it refers to, was deleted" : job.error().detail});
    }
    auto content = content_of(reference, *job);
    if (!content) {
        const std::string number = std::to_string(reference.index);
        co_return std::unexpected(
            Trouble{Trouble::Kind::dependency_failed,
                    name + (reference.kind == Reference::Kind::task    ? " has no kie.ai task"
                            : reference.kind == Reference::Kind::track ? " has no track " + number
                                                                       : " has no output " + number)});
    }
    if (reference.kind == Reference::Kind::output) {
        const auto output = std::ranges::find(job->outputs, reference.index, &Output::index);
        if (auto fault = file_fault(wanting, placed, *output); !fault.empty()) {
            co_return std::unexpected(Trouble{Trouble::Kind::wrong_file, std::move(fault)});
        }
    }
    co_return std::move(*content);
}

asio::awaitable<bool> Uploader::is_answered(const Job& job) {
    const auto key = co_await core_.persist<std::string>(
        "contents", about(job), [this, &job] { return core_.ports.store.record_contents(job.id, job.contents); });
    if (!key) co_return true;  // canceled meanwhile
    // What is tried again is its own: its caller, or its history, has asked for that.
    if ((job.links & link_reuses) == 0 || job.attempts > 0) co_return false;
    const auto after = co_await below_whole(core_.ports.store, core_.ports.blobs, *key);
    const auto answered = co_await core_.persist<bool>(
        "reuse", about(job), [this, &job, after] { return core_.ports.store.take_result(job.id, after); });
    if (answered && !*answered) co_return false;
    core_.ports.log.info("another job answers for it", about(job));
    core_.job_ended();
    co_return true;
}

asio::awaitable<Uploader::Ready<std::string>> Uploader::resolve(std::string content, std::optional<WallTime>& until) {
    const auto reference = parse_reference(content);
    if (!reference || !*reference) co_return content;  // the id of a task or track
    auto copy = co_await copy_of((*reference)->digest);
    if (!copy) co_return std::unexpected(std::move(copy.error()));
    const WallTime end = copy->expires_at - copy_reserve / 2;
    until = std::min(until.value_or(end), end);
    co_return std::move(copy->url);
}

std::string Uploader::file_fault(const Job& wanting, const PlacedReference& placed, const Output& output) const {
    if (!wanting.checked || !core_.ports.file_fault) return {};
    auto fault = core_.ports.file_fault(wanting.model, placed.pointer, output.media_type, output.bytes);
    if (fault.empty()) return {};
    return placed.pointer + ", output " + std::to_string(placed.reference.index) + " of job " +
           placed.reference.job.text() + ", " + std::move(fault);
}

asio::awaitable<Uploader::Ready<store::Upload>> Uploader::copy_of(Digest digest) {
    while (uploading_.contains(digest)) {
        async::Signal ended(core_.strand, core_.ports.clock);
        struct Wait {
            std::multimap<Digest, async::Signal*>& all;
            std::multimap<Digest, async::Signal*>::iterator place;
            ~Wait() { all.erase(place); }
        } const wait{waiting_, waiting_.emplace(digest, &ended)};
        (void)co_await ended.wait_until(SteadyTime::max());
    }
    auto found = co_await core_.ports.store.find_upload(digest, core_.wall_in(copy_reserve));
    if (!found) co_return std::unexpected(Trouble{Trouble::Kind::later, found.error().detail});
    if (*found) co_return std::move(**found);
    if (uploading_.contains(digest)) co_return co_await copy_of(digest);  // begun while the store was asked
    uploading_.insert(digest);
    struct Done {
        Uploader& self;
        const Digest& digest;
        ~Done() {
            self.uploading_.erase(digest);
            const auto [first, last] = self.waiting_.equal_range(digest);
            for (auto one = first; one != last; ++one) one->second->notify();
        }
    } const done{*this, digest};
    co_return co_await upload(digest);
}

asio::awaitable<Uploader::Ready<store::Upload>> Uploader::upload(Digest digest) {
    const auto info = co_await core_.ports.blobs.describe(digest);
    if (!info) {
        const bool lost = info.error().code == errc::not_found || info.error().code == errc::corrupt;
        co_return std::unexpected(Trouble{lost ? Trouble::Kind::upload_failed : Trouble::Kind::later,
                                          "the file " + digest.hex() + " can't be read: " + info.error().detail});
    }
    const UploadFile file{
        digest.hex().substr(0, name_characters) + "." + std::string(http::extension_for(info->media_type)),
        info->media_type, info->bytes};
    Trouble last{Trouble::Kind::upload_failed,
                 "kie.ai has no endpoint that takes a file of " + std::to_string(info->bytes) + " bytes"};
    for (const UploadWay way : upstream::ways_for(info->bytes, core_.ports.blob_url != nullptr)) {
        if (gone_.contains(way)) continue;
        const auto sent = co_await send(way, file, digest);
        if (!sent) co_return std::unexpected(Trouble{Trouble::Kind::later, sent.error().detail});
        core_.metrics.upload(to_string(way), sent->verdict == UploadOutcome::Verdict::stored);
        switch (sent->verdict) {
            case UploadOutcome::Verdict::stored: {
                store::Upload copy{digest, sent->url, core_.wall_in(copy_lifetime)};
                (void)co_await core_.persist<void>("upload", log::Subject{{"blob", digest.hex()}},
                                                   [this, &copy] { return core_.ports.store.record_upload(copy); });
                co_return copy;
            }
            case UploadOutcome::Verdict::other_way:
                last.upstream = sent->message;
                // A 413 is about this file; what is not there at all need not be asked again.
                if (sent->gone) gone_.insert(way);
                continue;
            case UploadOutcome::Verdict::auth:
                co_await core_.hold(QueueReason::upstream_auth,
                                    "kie.ai refuses the API key: check KIE_API_KEY (" + sent->message + ")");
                co_return std::unexpected(Trouble{Trouble::Kind::later, "kie.ai refused the key", sent->message});
            case UploadOutcome::Verdict::rate_limited:
                if (takes_token(way)) core_.rate_limited(core_.query_tokens(), std::nullopt);
                co_return std::unexpected(Trouble{Trouble::Kind::later, "kie.ai refused the rate", sent->message});
            case UploadOutcome::Verdict::refused:
                co_return std::unexpected(
                    Trouble{Trouble::Kind::upload_failed, "kie.ai refused the file " + digest.hex(), sent->message});
            case UploadOutcome::Verdict::later:
                co_return std::unexpected(Trouble{Trouble::Kind::later,
                                                  "the file could not be uploaded: " + sent->message, sent->message,
                                                  sent->answered});
        }
    }
    gone_.clear();  // asked anew for the next file: endpoints come back
    co_return std::unexpected(std::move(last));
}

bool Uploader::takes_token(UploadWay way) const {
    return upstream::is_on_api_host(way) || core_.options.upload_url == core_.options.base_url;
}

asio::awaitable<Result<UploadOutcome>> Uploader::send(UploadWay way, const UploadFile& file, const Digest& digest) {
    upstream::ApiRequest request;
    request.method = "POST";
    request.path = upstream::path_of(way);
    std::shared_ptr<http::BodySource> source;
    std::string content_type = "application/json";
    if (way == UploadWay::stream) {
        auto frame = upstream::multipart_frame(file, "genqd" + core_.ports.random.hex(16));
        content_type = frame.content_type;
        source = std::make_shared<MultipartSource>(core_.ports.blobs, digest, file.bytes, std::move(frame));
    } else if (way == UploadWay::url || way == UploadWay::guide_url) {
        request.body = upstream::upload_body(way, file, core_.ports.blob_url(digest, file.name));
    } else {
        const auto bytes = co_await core_.ports.blobs.read(digest, 0, static_cast<std::size_t>(file.bytes));
        if (!bytes) co_return std::unexpected(bytes.error());
        request.body = upstream::upload_body(way, file, *bytes);
    }
    http::ClientRequest out = core_.api_request(request);
    out.headers.set("Content-Type", content_type);
    out.source = std::move(source);
    const auto slow = std::chrono::seconds(out.body_bytes() / slowest_bytes_per_s);
    if (!upstream::is_on_api_host(way)) out.url = core_.options.upload_url + request.path;
    if (takes_token(way)) {
        co_return upstream::classify_upload(co_await query_once(core_, std::move(out), slow));
    }
    co_return upstream::classify_upload(
        co_await core_.ports.transport.send(std::move(out), core_.request_deadline() + slow));
}

asio::awaitable<void> Uploader::failed(Job job, Trouble trouble) {
    const std::int64_t row = job.id.row();
    Tries& tries = tries_[row];
    ++tries.all;
    if (trouble.counts && ++tries.answered >= most_tries) trouble.kind = Trouble::Kind::upload_failed;
    if (trouble.kind == Trouble::Kind::later) {
        const auto pause = first_upload_pause + polling::full_jitter(first_upload_pause, longest_upload_pause,
                                                                     tries.all, core_.ports.random);
        core_.ports.log.warn("a job's files are not ready; it will be tried again", about(job),
                             {{"why", trouble.what}, {"in_ms", pause.count()}});
        const auto stored = co_await core_.ports.store.record_upload_retry(job.id, core_.wall_in(pause));
        if (!stored && stored.error().code == errc::conflict) tries_.erase(row);  // it has ended
        co_return;
    }
    tries_.erase(row);
    const bool is_upload = trouble.kind == Trouble::Kind::upload_failed;
    const bool is_dependency = trouble.kind == Trouble::Kind::dependency_failed;
    store::Failure failure;
    failure.id = job.id;
    failure.error = {is_dependency ? JobErrorCode::dependency_failed : JobErrorCode::upload_failed,
                     std::move(trouble.what),
                     is_upload       ? "Check the file, and retry: nothing was paid."
                     : is_dependency ? "Submit it again with what the other job really made."
                                     : "Submit it again with a file that the model takes: nothing was paid.",
                     std::nullopt,
                     std::move(trouble.upstream),
                     is_upload};
    co_await core_.fail_job(std::move(job), std::move(failure));
}

}  // namespace genq::engine
