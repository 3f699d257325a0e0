#include "server/engine/core.hpp"

#include <algorithm>

#include "common/core/check.hpp"
#include "common/json/parse.hpp"
#include "server/engine/callback_plan.hpp"
#include "server/engine/result_files.hpp"

namespace genq::engine {

using namespace std::chrono_literals;

namespace {

boost::json::object input_of(const Job& job) {
    auto input = json::parse(job.sent_input.empty() ? job.input : job.sent_input);
    GENQ_CHECK(input && input->is_object());  // the store gives out no other
    return std::move(input->get_object());
}

constexpr int most_missed = 3;         // then callbacks don't come through, and tasks are polled until one does
constexpr auto callback_delay = 300s;  // a callback comes after the end of its task, and is tried again if need be

void log_failure(log::Logger& log, const std::string& name, const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const std::exception& e) {
        log.error("a task of the engine ended with an exception", {{"task", name}, {"error", e.what()}});
    } catch (...) {
        log.error("a task of the engine ended with an exception", {{"task", name}});
    }
}

}  // namespace

Core::Core(const boost::asio::any_io_executor& executor, Ports p, Options o)
    : ports(std::move(p)),
      options(std::move(o)),
      io(executor),
      strand(boost::asio::make_strand(executor)),
      begun(ports.clock.now()),
      metrics(ports.metrics),
      signal(strand, ports.clock),
      creates(strand,
              [this](const std::string& name, const std::exception_ptr& e) { log_failure(ports.log, name, e); }),
      work(strand, [this](const std::string& name, const std::exception_ptr& e) { log_failure(ports.log, name, e); }),
      creates_limit(options.limit_requests, options.limit_window, options.straggler, ports.clock.now(), std::nullopt),
      queries_limit(queries_per_second, query_window, options.straggler, ports.clock.now(), std::nullopt),
      planner(ports.random) {}

SteadyTime Core::steady(WallTime when) const {
    return ports.clock.now() + (when - ports.clock.wall_now());
}

http::ClientRequest Core::api_request(const upstream::ApiRequest& request) const {
    http::ClientRequest out;
    out.method = request.method;
    out.url = options.base_url + request.path;
    out.headers.set("Authorization", "Bearer " + options.api_key);
    out.headers.set("User-Agent", options.user_agent);
    out.headers.set("Accept", "application/json");
    if (!request.body.empty()) out.headers.set("Content-Type", "application/json");
    out.body = request.body;
    return out;
}

void Core::settle_token(limiter::WindowLimiter& limit, const http::Exchange& exchange) {
    const SteadyTime now = ports.clock.now();
    if (exchange.answer) {
        limit.answered(now);
    } else if (exchange.written == http::Written::nothing) {
        limit.not_sent();
    } else {
        limit.lost(now);
    }
    signal.notify();
}

void Core::rate_limited(limiter::WindowLimiter& limit, std::optional<std::chrono::seconds> retry_after) {
    metrics.rate_limited.Increment();
    const std::chrono::milliseconds base = std::max<std::chrono::milliseconds>(
        limit.window(), retry_after ? std::chrono::milliseconds(*retry_after) : std::chrono::milliseconds(0));
    const std::chrono::milliseconds pause =
        base + polling::full_jitter(limit.window() / 10, limit.window() / 10, 0, ports.random);
    limit.refused(ports.clock.now(), pause);
    ports.log.warn("kie.ai refused a request for its rate: somebody else uses this account",
                   {{"pause_ms", pause.count()}, {"tokens", limit.limit()}});
}

boost::asio::awaitable<void> Core::hold(QueueReason reason, std::string detail, std::optional<WallTime> until,
                                        std::optional<std::chrono::milliseconds> create_probe_in) {
    const store::Hold* before = holds.find(reason, "");
    store::Hold hold;
    hold.reason = reason;
    hold.detail = std::move(detail);
    hold.since = before != nullptr ? before->since : ports.clock.wall_now();
    hold.until = until;
    if (reason == QueueReason::credits) hold.balance = before != nullptr ? before->balance : balance;
    if (before == nullptr) {
        ports.log.warn("creates are held", {{"reason", to_string(reason)}, {"detail", hold.detail}});
    }
    holds.set(hold, ports.clock.now(), create_probe_in);
    signal.notify();
    // What the store does not take now (a full disk, say) still holds here; it is written again with the next change.
    if (auto stored = co_await ports.store.set_hold(hold); !stored) {
        ports.log.error("a hold could not be stored",
                        {{"reason", to_string(reason)}, {"error", stored.error().detail}});
    }
}

boost::asio::awaitable<void> Core::release(QueueReason reason, std::string model) {
    if (holds.find(reason, model) == nullptr) co_return;
    holds.clear(reason, model);
    ports.log.info("a hold was lifted", {{"reason", to_string(reason)}, {"model", model}});
    signal.notify();
    if (auto stored = co_await ports.store.clear_hold(reason, model); !stored) {
        ports.log.error("a lifted hold could not be stored",
                        {{"reason", to_string(reason)}, {"error", stored.error().detail}});
    }
}

boost::asio::awaitable<void> Core::upstream_failed(std::string detail) {
    const bool opened = breaker.failed(ports.clock.now());
    if (opened) co_await hold(QueueReason::upstream_down, std::move(detail));
}

boost::asio::awaitable<void> Core::upstream_answered() {
    const bool closed = breaker.succeeded(ports.clock.now());
    const store::Hold* down = holds.find(QueueReason::upstream_down, "");
    if (closed && down != nullptr && !down->until) co_await release(QueueReason::upstream_down);
    signal.notify();
}

std::string Core::callback_url(JobId id, std::string_view token) const {
    std::string url = options.callback_url;
    while (url.ends_with('/')) url.pop_back();
    return url + callback_path(id, token);
}

bool Core::awaits_callback(const Job& job, SteadyTime submitted) const {
    return job.calls_back && submitted >= begun && !options.callback_url.empty() && !options.callback_key.empty() &&
           callbacks_missed < most_missed;
}

std::chrono::milliseconds Core::unknown_grace(const Job& job) const {
    if (upstream::adapter(job.family).repeatable(job.model)) return 0ms;  // asking again is the quickest proof
    if (options.unknown_grace) return *options.unknown_grace;
    return job.calls_back ? longest_wait(job) + callback_delay : 0ms;
}

void Core::linger(const Job& job, SteadyTime submitted) {
    const SteadyTime end = likely_end(job, submitted);
    if (end > ports.clock.now()) lingering.insert_or_assign(job.id.row(), end);
}

std::string Core::endpoint(const upstream::FamilyAdapter& adapter, std::string_view model) const {
    const std::vector<std::string> names = adapter.endpoints(model);
    const auto found = endpoint_index.find(model);
    const std::size_t index = found == endpoint_index.end() ? 0 : found->second;
    return names[std::min(index, names.size() - 1)];
}

bool Core::last_endpoint(const upstream::FamilyAdapter& adapter, std::string_view model, std::string_view used) const {
    if (endpoint_proven.contains(model) && endpoint(adapter, model) == used) return true;
    return adapter.endpoints(model).back() == used;
}

void Core::endpoint_failed(const upstream::FamilyAdapter& adapter, std::string_view model, std::string_view used) {
    // Only the first refusal of an endpoint moves on from it.
    if (endpoint(adapter, model) == used) ++endpoint_index[std::string(model)];
}

void Core::endpoint_worked(const upstream::FamilyAdapter& adapter, std::string_view model, std::string_view used) {
    const std::vector<std::string> names = adapter.endpoints(model);
    if (names.size() < 2) return;
    endpoint_index.insert_or_assign(std::string(model),
                                    static_cast<std::size_t>(std::ranges::find(names, used) - names.begin()));
    endpoint_proven.insert(std::string(model));
}

boost::asio::awaitable<void> Core::fail_job(Job job, store::Failure failure) {
    const auto stored =
        co_await persist<void>("failure", about(job), [this, &failure] { return ports.store.record_failure(failure); });
    if (stored) job_ended();
}

store::Generated Core::generated(JobId id, upstream::TaskReport report) {
    store::Generated generated;
    generated.id = id;
    generated.upstream_state = std::move(report.word);
    generated.outputs = std::move(report.outputs);
    generated.result = std::move(report.result);
    if (generated.result) list_result_files(generated.outputs, *generated.result);
    generated.credits = report.credits;
    return generated;
}

upstream::TaskSpec Core::spec(const Job& job, const std::string& callback_url) {
    return upstream::TaskSpec{job.model, job.wire_model, input_of(job), job.task_id, callback_url};
}

double Core::query_price() {
    limiter::WindowLimiter& tokens = query_tokens();
    const SteadyTime now = ports.clock.now();
    polling::Scarcity scarcity;
    scarcity.limit = tokens.limit();
    scarcity.free = tokens.free(now);
    scarcity.window_s = std::chrono::duration<double>(tokens.window()).count();
    scarcity.next_back_s = std::chrono::duration<double>(tokens.next_back(now)).count();
    // Creates draw from a bucket of their own with scope "create".
    scarcity.waiting_creates = options.scope == LimitScope::all ? creates_waiting : 0;
    return polling::price(scarcity);
}

bool Core::asked_slowly(const Job& job) {
    return job.model == "veo/1080p" || job.model == "veo/4k";
}

polling::Planner::Task Core::task(const Job& job, SteadyTime submitted, SteadyTime looked) const {
    polling::Rule bounds = rule(job);
    if (asked_slowly(job)) {
        bounds.interval = std::max(bounds.interval, options.upgrade_interval);
        bounds.stretched_interval = std::max(bounds.stretched_interval, options.upgrade_interval);
        bounds.first = std::max(bounds.first, options.upgrade_interval);
    }
    return {job.model, bounds, longest_wait(job), submitted, looked, awaits_callback(job, submitted)};
}

polling::Prior Core::prior(const Job& job) const {
    const double longest = std::chrono::duration<double>(longest_wait(job)).count();
    return ports.expected ? ports.expected(job.model, longest) : polling::Prior{0, 0, longest};
}

SteadyTime Core::likely_end(const Job& job, SteadyTime submitted) {
    constexpr double most_likely = 0.9;
    planner.book().prepare(job.model, prior(job));
    const double age = std::chrono::duration<double>(ports.clock.now() - submitted).count();
    const double end = planner.book().law(job.model).quantile(most_likely, age);
    return submitted + std::chrono::duration_cast<SteadyTime::duration>(std::chrono::duration<double>(end));
}

std::chrono::milliseconds Core::longest_wait(const Job& job) const {
    if (job.longest_wait.count() > 0) return job.longest_wait;
    if (job.profile == PollProfile::midjourney) {
        const auto input = input_of(job);
        const auto* speed = input.if_contains("speed");
        const bool quick = speed != nullptr && speed->is_string() && speed->as_string() != "relaxed";
        if (quick) return std::min<std::chrono::milliseconds>(std::chrono::minutes(3), rule(job).longest_wait);
    }
    return rule(job).longest_wait;
}

}  // namespace genq::engine
