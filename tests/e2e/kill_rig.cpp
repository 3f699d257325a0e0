#include "tests/e2e/kill_rig.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "common/crypto/sha256.hpp"

namespace genq::test {
namespace {

using namespace std::chrono_literals;

constexpr auto start_limit = 60s;
constexpr auto event_limit = 1'500ms;

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

bool never() {
    return false;
}

}  // namespace

KillRig::KillRig() : watch_(folder_.path()) {
    // Without a limit of its own it never refuses; its books still count what arrives in any second.
    const std::vector<std::string> arguments{"sandbox", "--speed", "200", "--limit", "0", "--window", "1"};
    sandbox_ = std::make_unique<Process>(arguments, folder_.path());
    const auto printed = [this] { return sandbox_->out().find('\n') != std::string::npos; };
    if (!watch_.wait(printed, *sandbox_, start_limit)) ADD_FAILURE() << "no sandbox: " << sandbox_->err();
    sandbox_url_ = first_line(sandbox_->out());
}

KillRig::~KillRig() = default;

void KillRig::start(const std::map<std::string, std::string>& more) {
    const auto file = folder_.path() / "address";
    std::filesystem::remove(file);
    const std::vector<std::string> arguments{"serve",          "--state",     state_,        "--listen", "127.0.0.1:0",
                                             "--address-file", file.string(), "--log-level", "debug"};
    std::map<std::string, std::string> environment{
        {"KIE_API_KEY", "key"},
        {"GENQD_UPSTREAM__BASE_URL", sandbox_url_},
        {"GENQD_DOWNLOADS__ALLOW_PRIVATE", "true"},
        {"GENQD_LIMITS__REQUESTS", std::to_string(requests_per_second)},
        {"GENQD_LIMITS__WINDOW_S", "1"},
        {"GENQD_LIMITS__STRAGGLER_S", "0"},
        {"GENQD_POLL__IMAGE__FIRST_S", "0.1"},
        {"GENQD_POLL__IMAGE__INTERVAL_S", "0.1"},
        {"GENQD_POLL__IMAGE__LONGEST_WAIT_S", "12"},  // so that a task is asked for at least once a second
    };
    environment.insert(more.begin(), more.end());
    daemon_ = std::make_unique<Process>(arguments, folder_.path(), environment);
    const std::lock_guard lock(mutex_);
    ++life_.number;
    life_.url.clear();
}

bool KillRig::publish_if_ready() {
    const std::lock_guard lock(mutex_);
    if (!life_.url.empty()) return true;
    const auto file = folder_.path() / "address";
    if (!std::filesystem::exists(file)) return false;
    life_.url = "http://" + first_line(read_file(file));
    born_.notify_all();
    return true;
}

int KillRig::count_of(const std::string& words) const {
    const std::string log = daemon_->err();
    int count = 0;
    for (auto at = log.find(words); at != std::string::npos; at = log.find(words, at + words.size())) ++count;
    return count;
}

bool KillRig::start_for_good() {
    start();
    if (watch_.wait([this] { return publish_if_ready(); }, *daemon_, start_limit)) return true;
    ADD_FAILURE() << "the daemon does not answer: " << daemon_->err();
    return false;
}

bool KillRig::start_and_kill(Random& random) {
    const auto drawn = [&random](int from, int to) {
        return from + static_cast<int>(random.below(static_cast<std::uint64_t>(to - from + 1)));
    };
    // All are drawn in each life, so that a seed gives the same plan whatever happens.
    const bool blindly = drawn(1, 3) == 1;
    const auto after = std::chrono::milliseconds(drawn(20, 300));
    static const std::array<std::string, 4> moments{"create sent", "job submitted", "job generated", "job succeeded"};
    const auto& moment = moments.at(static_cast<std::size_t>(drawn(0, 3)));
    const int times = drawn(1, 5);
    const auto later = std::chrono::milliseconds(std::max(0, drawn(-20, 20)));

    start();
    if (blindly) {
        (void)watch_.wait([this] { return publish_if_ready() && never(); }, *daemon_, after);
    } else {
        if (!watch_.wait([this] { return publish_if_ready(); }, *daemon_, start_limit)) {
            ADD_FAILURE() << "the daemon does not answer: " << daemon_->err();
            return false;
        }
        (void)watch_.wait([&] { return count_of(moment) >= times; }, *daemon_, event_limit);
        if (later > 0ms) (void)watch_.wait(never, *daemon_, later);
    }
    daemon_->signal(SIGKILL);
    const auto code = daemon_->wait();
    EXPECT_EQ(code, 128 + SIGKILL) << "it ended by itself: " << daemon_->err();
    return code == 128 + SIGKILL;
}

std::optional<KillRig::Life> KillRig::life_after(int past) {
    std::unique_lock lock(mutex_);
    const bool there = born_.wait_for(lock, start_limit, [&] { return life_.number > past && !life_.url.empty(); });
    return there ? std::optional(life_) : std::nullopt;
}

std::optional<std::string> KillRig::submit(const std::string& prompt) {
    int past = 0;
    while (const auto life = life_after(past)) {
        if (auto id = send(prompt, *life)) return id;
        if (testing::Test::HasFailure()) return std::nullopt;
        past = life->number;
    }
    ADD_FAILURE() << prompt << " found no daemon that answers";
    return std::nullopt;
}

std::optional<std::string> KillRig::send(const std::string& prompt, const Life& life) {
    http::ClientRequest request{"POST", life.url + "/v1/jobs"};
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Idempotency-Key", prompt);
    request.body = boost::json::serialize(
        boost::json::object{{"model", "google/imagen4"}, {"input", boost::json::object{{"prompt", prompt}}}});
    const auto answer = http_.send(std::move(request), 30s);
    if (!answer) return std::nullopt;
    if (answer->status == 202 || answer->status == 200) {
        return std::string(boost::json::parse(answer->body).at("id").as_string());
    }
    ADD_FAILURE() << prompt << " was refused: " << answer->status << " " << answer->body;
    return std::nullopt;
}

bool KillRig::start_and_die_at_sync(const std::string& state, int n, bool later,
                                    const std::function<void(const Life&)>& work) {
    state_ = state;
    std::map<std::string, std::string> more{{"LD_PRELOAD", DIE_AT_SYNC}, {"GENQD_TEST_DIE_AT", std::to_string(n)}};
    if (later) more.emplace("GENQD_TEST_DIE_LATER", "1");
    start(more);
    if (watch_.wait([this] { return publish_if_ready(); }, *daemon_, start_limit)) work(life_);
    daemon_->signal(SIGTERM);  // if it is still there
    const auto code = daemon_->wait();
    if (code != 0) EXPECT_EQ(code, 128 + SIGKILL) << "it ended by itself: " << daemon_->err();
    return code != 0;
}

boost::json::value KillRig::ask_daemon(const std::string& target) {
    const auto body = bytes_of(target);
    return body.empty() ? boost::json::value(nullptr) : boost::json::parse(body);
}

boost::json::value KillRig::ask_sandbox(const std::string& target) {
    const auto answer = http_.get(sandbox_url_ + target);
    if (answer && answer->status == 200) return boost::json::parse(answer->body);
    ADD_FAILURE() << target << ": " << (answer ? std::to_string(answer->status) : answer.error().detail);
    return nullptr;
}

std::string KillRig::bytes_of(const std::string& target) {
    const auto answer = http_.get(life_after(0).value_or(Life()).url + target);
    if (answer && answer->status == 200) return answer->body;
    ADD_FAILURE() << target << ": " << (answer ? std::to_string(answer->status) : answer.error().detail);
    return "";
}

boost::json::object KillRig::end_of(const std::string& id) {
    static const std::set<std::string, std::less<>> ends{"succeeded", "failed", "canceled"};
    for (int i = 0; i < 4; ++i) {
        const auto job = ask_daemon("/v1/jobs/" + id + "?wait=60");
        if (!job.is_object()) return {};
        if (ends.contains(std::string_view(job.at("status").as_string()))) return job.as_object();
    }
    ADD_FAILURE() << id << " does not end";
    return {};
}

void KillRig::wait_once(const std::string& id, const Life& life) {
    (void)http_.get(life.url + "/v1/jobs/" + id + "?wait=60");
}

void KillRig::end_life() {
    daemon_->signal(SIGKILL);
    (void)daemon_->wait();
}

void KillRig::check_outputs(const boost::json::object& job) {
    const auto& outputs = job.at("outputs").as_array();
    EXPECT_FALSE(outputs.empty());
    for (const auto& output : outputs) {
        const auto bytes = bytes_of(std::string(output.at("url").as_string()));
        EXPECT_EQ(crypto::sha256_hex(bytes), std::string_view(output.at("sha256").as_string()));
        EXPECT_EQ(bytes.size(), output.at("bytes").to_number<std::size_t>());
    }
}

bool KillRig::stop() {
    daemon_->signal(SIGTERM);
    const auto daemon = daemon_->wait();
    EXPECT_EQ(daemon, 0) << daemon_->err();
    sandbox_->signal(SIGTERM);
    const auto sandbox = sandbox_->wait();
    EXPECT_EQ(sandbox, 0) << sandbox_->err();
    return daemon == 0 && sandbox == 0;
}

}  // namespace genq::test
