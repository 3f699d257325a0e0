#include "server/app/application.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "common/fs/ownership.hpp"
#include "server/api/webhook.hpp"
#include "server/app/exit_code.hpp"
#include "server/app/stand_in.hpp"
#include "server/app/url_keys.hpp"
#include "server/app/version.hpp"
#include "server/front/front.hpp"
#include "server/tracing/job_trace.hpp"

namespace genq::app {
namespace {

constexpr int exit_in_use = 3;

unsigned thread_count() {
    // The other half of the cores is for the store's threads: with more here they would only take turns with those.
    return std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U);
}

int code_of(const Error& error) {
    if (error.code == errc::busy) return exit_in_use;
    return error.code == errc::invalid_argument || error.code == errc::malformed ? exit_usage : exit_failed;
}

}  // namespace

int serve(const ServeArguments& arguments, const Environment& environment) {
    auto settings = load_settings(arguments, environment);
    if (!settings) {
        fmt::print(stderr, "{}\n", settings.error().detail);
        return exit_usage;
    }
    auto application = Application::make(arguments, environment, std::move(*settings));
    if (!application) {
        fmt::print(stderr, "{}\n", application.error().detail);
        return code_of(application.error());
    }
    return (*application)->run();
}

Result<std::unique_ptr<Application>> Application::make(ServeArguments arguments, Environment environment,
                                                       Settings settings) {
    auto state_dir = StateDir::open(settings.config.state.dir);
    if (!state_dir) return std::unexpected(state_dir.error());
    std::unique_ptr<Application> application(
        new Application(std::move(arguments), std::move(environment), std::move(settings), std::move(*state_dir)));
    if (auto opened = application->open(); !opened) return std::unexpected(opened.error());
    application->build();
    return application;
}

Application::Application(ServeArguments arguments, Environment environment, Settings settings, StateDir state_dir)
    : arguments_(std::move(arguments)),
      environment_(std::move(environment)),
      settings_(std::move(settings)),
      started_(settings_.config),
      base_url_(settings_.config.upstream.base_url),
      sandbox_speed_(settings_.sandbox ? settings_.sandbox_speed : 1),
      log_(log_level(settings_.config), log_format(settings_.config)),
      notifier_(environment_),
      state_dir_(std::move(state_dir)),
      workers_(2),
      catalogue_(settings_.catalogue),
      tokens_(token_set(settings_)),
      url_keys_(nullptr),
      webhook_secrets_(std::make_shared<const webhooks::Secrets>(settings_.webhook_secrets)),
      webhook_blocks_(webhook_blocks(settings_.config)),
      io_(static_cast<int>(thread_count())),
      control_(boost::asio::make_strand(io_)),
      signals_(control_, SIGTERM, SIGINT, SIGHUP),
      stop_(control_, clock_),
      tasks_(control_, [this](const std::string& name, const std::exception_ptr& error) { task_failed(name, error); }),
      feed_(clock_),
      stored_(control_, clock_),
      told_(control_, clock_),
      committed_(control_, clock_) {}

Application::~Application() = default;

Result<void> Application::open() {
    transport_ = std::make_unique<http::BeastTransport>(io_, clock_);
    if (settings_.sandbox) {
        auto faults = load_faults(arguments_.sandbox_faults);
        if (!faults) return std::unexpected(faults.error());
        sandbox::Options options;
        options.time_scale = settings_.sandbox_speed;
        options.api_key = settings_.api_key;
        options.hmac_key = settings_.callback_key;
        options.faults = std::move(*faults);
        sandbox_ = std::make_unique<sandbox::Sandbox>(io_, clock_, random_, *transport_, log_, std::move(options));
        if (auto started = sandbox_->start(); !started) return started;
        base_url_ = sandbox_->base_url();
    }
    auto& batches = metrics_.histogram("genqd_store_commit_writes", "Writes that shared one commit",
                                       {1, 2, 4, 8, 16, 32, 64, 128, 256});
    store::SqliteOptions options;
    options.path = state_dir_.database();
    options.synchronous =
        settings_.config.database.synchronous == "normal" ? store::Synchronous::normal : store::Synchronous::full;
    options.on_change = [this](const std::vector<std::int64_t>& rows) {
        feed_.publish(rows);
        stored_.notify();
        told_.notify();
    };
    options.on_end = [this](const std::vector<store::JobEnd>& ends) { job_ends_.take(ends); };
    // Nothing is written before build() has made the engine, nor after it is gone.
    options.event_body = [this, shown = api_options(settings_.config)](const Job& job, std::string_view event,
                                                                       WallTime at) {
        const auto snapshot = engine_->snapshot();
        const auto catalogue = catalogue_.get();
        return api::event_body(event, {job, *snapshot, *catalogue, at, shown, {}});
    };
    if (!settings_.config.tracing.otlp_url.empty()) options.own_trace = tracing::own_traceparent;
    options.on_commit = [this, &batches](std::size_t writes) {
        batches.Observe(static_cast<double>(writes));
        committed_.notify();
    };
    if (auto made = fs::make_file(options.path); !made) return made;
    auto store = store::SqliteJobStore::open(std::move(options), clock_, random_);
    if (!store && store.error().code == errc::corrupt) {
        store.error().detail += fmt::format(
            "\nSee what is wrong with `genqd verify --state {0}`; to go on, move {0} aside and put a backup in its "
            "place.",
            state_dir_.path());
    }
    if (!store) return std::unexpected(store.error());
    store_ = std::move(*store);
    auto keys = load_url_keys(state_dir_.path(), random_);
    if (!keys) return std::unexpected(keys.error());
    url_keys_.set(std::move(*keys));
    auto blobs = blobs::FolderStore::open(state_dir_.path() + "/blobs", workers_);
    if (!blobs) return std::unexpected(blobs.error());
    blobs_ = std::move(*blobs);
    return {};
}

void Application::build() {
    media_ = std::make_unique<media::Library>(*blobs_, state_dir_.path() + "/blobs/thumbnails", clock_);
    const bool tools = settings_.config.media.tools != "off";
    fact_keeper_ = std::make_unique<media::FactKeeper>(
        *store_, *media_, tools ? find(environment_, "PATH").value_or("") : "", stored_, clock_, log_);
    engine_ = std::make_unique<engine::Engine>(
        io_.get_executor(),
        engine::Ports{clock_, random_, *transport_, *store_, *blobs_, log_, metrics_, [this] { feed_.publish_all(); },
                      [this](std::string_view model, double longest_wait) { return expected(model, longest_wait); },
                      blob_url(),
                      [this](std::string_view model, std::string_view pointer, std::string_view type,
                             std::uint64_t bytes) { return file_fault(model, pointer, type, bytes); }},
        engine_options(settings_, base_url_));
    engine_port_ = std::make_unique<EnginePort>(*engine_);
    scrubber_ = std::make_unique<Scrubber>(*blobs_, state_dir_.path(), workers_, clock_, log_, metrics_);
    events_ = std::make_unique<api::EventFeed>(*store_, clock_, log_, committed_);
    api_ = std::make_unique<api::Api>(
        api::Services{*store_, feed_, *events_, workers_, *blobs_, *engine_port_, [this] { return catalogue_.get(); },
                      [this] { return tokens_.get(); }, clock_, random_, log_, metrics_,
                      [this] { return url_keys_.get(); }, transport_.get(), [this] { return integrity(); },
                      media_.get(), [this] { return !webhook_secrets_.get()->empty(); }},
        api_options(settings_.config), front::mount());
    http_ = std::make_unique<web::Server>(io_, server_options(settings_.config), *api_, log_);
    calls_out_ = std::make_unique<http::BeastTransport>(
        io_, clock_, http::TransportOptions{.public_only = !settings_.config.downloads.allow_private});
    deliverer_ = std::make_unique<front::Deliverer>(
        *store_, *calls_out_, clock_, log_, metrics_, [this] { return url_keys_.get(); },
        front::DelivererOptions{settings_.config.front.hmac_key,
                                std::chrono::seconds(settings_.config.front.url_ttl_s)});
    webhooks_out_ = std::make_unique<http::BeastTransport>(
        io_, clock_, http::TransportOptions{.public_only = true, .allowed = [this] { return *webhook_blocks_.get(); }});
    sender_ = std::make_unique<webhooks::Sender>(webhooks::Ports{
        *store_, *webhooks_out_, clock_, random_, log_, metrics_, told_, [this] { return webhook_secrets_.get(); }});
    const TracingSection& section = settings_.config.tracing;
    if (!section.otlp_url.empty()) {
        traces_ = std::make_unique<tracing::Exporter>(
            control_, tracing::Ports{*store_, *transport_, clock_, random_, log_, metrics_},
            tracing::ExporterOptions{section.otlp_url,
                                     settings_.trace_headers,
                                     {section.service_name, std::string(version()), random_.hex(16)}});
    }
}

std::function<std::string(const Digest&, std::string_view)> Application::blob_url() const {
    const std::string& base = settings_.config.http.public_url;
    if (base.empty()) return {};
    return [this, base = api::own_base(base, "", false)](const Digest& digest, std::string_view name) {
        const auto keys = url_keys_.get();
        return api::UrlSigner{*keys, base, clock_.wall_now() + std::chrono::hours(1)}(digest, name);
    };
}

std::string Application::file_fault(std::string_view id, std::string_view pointer, std::string_view media_type,
                                    std::uint64_t bytes) const {
    const auto catalogue = catalogue_.get();
    const auto* model = catalogue->find(id);
    return model != nullptr && model->input ? model->input->file_fault(pointer, media_type, bytes) : "";
}

api::Integrity Application::integrity() const {
    auto found = scrubber_->found();
    found.database_damaged = found.database_damaged || store_->damaged();
    return found;
}

polling::Prior Application::expected(std::string_view id, double longest_wait) const {
    const auto catalogue = catalogue_.get();
    polling::Prior prior{0, 0, longest_wait / sandbox_speed_};
    if (const auto* model = catalogue->find(id)) {
        prior.typical_from = model->typical_s_from / sandbox_speed_;
        prior.typical_to = model->typical_s_to / sandbox_speed_;
    }
    return prior;
}

int Application::run() {
    boost::asio::co_spawn(control_, main(), [this](const std::exception_ptr& error, int code) {
        if (error) std::rethrow_exception(error);
        exit_code_ = code;
        // Every group of tasks is empty now. What is left, idle connections say, has no one to answer to.
        io_.stop();
    });
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < thread_count(); ++i) threads.emplace_back([this] { run_thread(); });
    run_thread();
    for (auto& thread : threads) thread.join();
    log_.info("stopped", {{"code", exit_code_}});
    return exit_code_;
}

void Application::run_thread() {
    try {
        io_.run();
    } catch (const std::exception& error) {
        // A bug, or a part that can't go on. Nothing in memory is worth saving: the store is made for that.
        log_.error("ended by an unexpected error", {{"error", error.what()}});
        std::_Exit(exit_failed);
    }
}

}  // namespace genq::app
