// How soon clients learn of a change, and what idle streams of events cost. Lanes submit jobs and cancel them; of each
// cancellation a long poll and every watching stream is told. What is counted is the time from the answer to the
// cancellation, after which its commit is over, to the moment when the news is here; news that came earlier count as 0.
// One thread on epoll.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct Options {
    std::string address;
    int idle = 10'000;
    int watchers = 20;
    int lanes = 16;
    double seconds = 8;
    int pid = 0;  // of the daemon, for its resident size
};

enum class Kind { idle, watcher, writer, poller };

struct Connection {
    Kind kind{};
    std::size_t lane = 0;
    int fd = -1;
    std::string in;
    bool open = false;  // the head of a stream is there
};

/// A job's way: submitted; polled; canceled; told.
struct Lane {
    enum class Step { idle, submitting, resting, canceling } step = Step::idle;
    std::string job;
    Steady::time_point due;
    bool polling = false;
};

struct News {
    Steady::time_point canceled{};              // when that was answered; not set: not yet
    std::vector<Steady::time_point> streams{};  // that knew before
    Steady::time_point polled{};
};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class Bench {
  public:
    explicit Bench(const Options& options)
        : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), lanes_(static_cast<std::size_t>(options.lanes)) {}
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        for (const auto& connection : connections_) close(connection->fd);
        close(epoll_);
    }

    void run() {
        const auto before = resident_kb();
        for (int i = 0; i < options_.idle; ++i) {
            send(add(Kind::idle, 0), "GET /v1/events?label.nobody=listens HTTP/1.1\r\nHost: localhost\r\n\r\n");
            if (i % 200 == 199) wait_for_streams();
        }
        wait_for_streams();
        pump(Steady::now() + 1s);
        const auto after = resident_kb();
        for (int i = 0; i < options_.watchers; ++i) {
            send(add(Kind::watcher, 0), "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        wait_for_streams();
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            writers_.push_back(&add(Kind::writer, i));
            pollers_.push_back(&add(Kind::poller, i));
            lanes_[i].due = Steady::now() + std::chrono::milliseconds(5 * i);
        }
        const auto start = Steady::now();
        measuring_ = start + 1s;
        pump(measuring_ +
             std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(options_.seconds)));
        const double per_stream = options_.idle > 0 ? static_cast<double>(after - before) / options_.idle : 0.0;
        fmt::print("{} {:.2f} {} {:.3f} {:.3f} {} {:.3f} {:.3f}\n", options_.idle, per_stream, by_stream_.size(),
                   at(by_stream_, 0.5), at(by_stream_, 0.99), by_poll_.size(), at(by_poll_, 0.5), at(by_poll_, 0.99));
    }

  private:
    std::int64_t resident_kb() const {
        std::ifstream file(fmt::format("/proc/{}/status", options_.pid));
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
        }
        return 0;
    }

    static double at(std::vector<double>& values, double share) {
        if (values.empty()) return 0;
        std::ranges::sort(values);
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    }

    Connection& add(Kind kind, std::size_t lane) {
        auto connection = std::make_unique<Connection>();
        connection->kind = kind;
        connection->lane = lane;
        const auto colon = options_.address.rfind(':');
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(options_.address.substr(colon + 1))));
        inet_pton(AF_INET, options_.address.substr(0, colon).c_str(), &to.sin_addr);
        connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connection->fd < 0 || connect(connection->fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            fail("connect to " + options_.address);
        }
        const int on = 1;
        setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_event event{.events = EPOLLIN, .data = {.ptr = connection.get()}};
        if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event) != 0) fail("epoll_ctl");
        if (kind == Kind::idle || kind == Kind::watcher) ++opening_;
        connections_.push_back(std::move(connection));
        return *connections_.back();
    }

    static void send(const Connection& connection, std::string_view bytes) {
        if (::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
            fail("send");
        }
    }

    void wait_for_streams() {
        while (opening_ > 0) turn(100);
    }

    void pump(Steady::time_point until) {
        while (Steady::now() < until) {
            for (std::size_t i = 0; i < writers_.size(); ++i) step(i);
            turn(1);
        }
    }

    void turn(int milliseconds) {
        std::array<epoll_event, 256> events{};
        const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
        if (ready < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < ready; ++i) {
            read(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
        }
    }

    void post(std::size_t lane, const std::string& path, std::string_view body) {
        send(*writers_[lane], fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                                          "Content-Length: {}\r\n\r\n{}",
                                          path, body.size(), body));
    }

    void step(std::size_t number) {
        Lane& lane = lanes_[number];
        if (Steady::now() < lane.due) return;
        if (lane.step == Lane::Step::idle && !lane.polling) {
            lane.step = Lane::Step::submitting;
            post(number, "/v1/jobs", R"({"model":"google/imagen4","input":{"prompt":"a lighthouse in fog"}})");
        } else if (lane.step == Lane::Step::resting) {
            lane.step = Lane::Step::canceling;
            post(number, "/v1/jobs/" + lane.job + "/cancel", "{}");
        }
    }

    void read(Connection& connection) {
        const auto got = recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) fail("the server closed a connection");
        const auto now = Steady::now();
        connection.in.append(buffer_.data(), static_cast<std::size_t>(got));
        if (connection.kind == Kind::writer || connection.kind == Kind::poller) {
            take_answer(connection, now);
        } else {
            take_events(connection, now);
        }
    }

    void take_answer(Connection& connection, Steady::time_point now) {
        constexpr std::string_view key = "\r\nContent-Length: ";
        const auto end = connection.in.find("\r\n\r\n");
        const auto length_at = connection.in.find(key);
        if (end == std::string::npos || length_at == std::string::npos) return;
        std::size_t length = 0;
        std::from_chars(connection.in.data() + length_at + key.size(), connection.in.data() + end, length);
        if (connection.in.size() < end + 4 + length) return;
        if (connection.in.substr(9, 1) != "2") throw std::runtime_error("refused: " + connection.in);
        Lane& lane = lanes_[connection.lane];
        if (connection.kind == Kind::poller) {
            lane.polling = false;
            told(lane.job, now, true);
        } else if (lane.step == Lane::Step::submitting) {
            lane.job = connection.in.substr(connection.in.find("\"id\":\"", end) + 6, 26);
            lane.step = Lane::Step::resting;
            lane.polling = true;
            lane.due = now + 40ms;
            send(*pollers_[connection.lane],
                 fmt::format("GET /v1/jobs/{}?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n", lane.job));
        } else {
            lane.step = Lane::Step::idle;
            lane.due = now + 40ms;
            auto& news = news_[lane.job];
            news.canceled = now;
            if (now < measuring_) news.canceled = Steady::time_point::max();
            for (std::size_t i = 0; i < news.streams.size(); ++i) count(by_stream_, news, now);
            if (news.polled != Steady::time_point{}) count(by_poll_, news, now);
        }
        connection.in.clear();
    }

    void take_events(Connection& connection, Steady::time_point now) {
        if (!connection.open && connection.in.find("\r\n\r\n") != std::string::npos) {
            if (!connection.in.starts_with("HTTP/1.1 200")) throw std::runtime_error("refused: " + connection.in);
            connection.open = true;
            --opening_;
        }
        constexpr std::string_view key = "event: job.canceled\ndata: {\"job_id\":\"";
        std::size_t taken = 0;
        for (auto end = connection.in.find("\n\n"); end != std::string::npos; end = connection.in.find("\n\n", taken)) {
            const std::string_view block(connection.in.data() + taken, end - taken);
            if (const auto at = block.find(key); at != std::string_view::npos) {
                told(std::string(block.substr(at + key.size(), 26)), now, false);
            }
            taken = end + 2;
        }
        connection.in.erase(0, taken);
        if (connection.kind == Kind::idle) connection.in = {};
    }

    void told(const std::string& job, Steady::time_point now, bool by_poll) {
        auto& news = news_[job];
        if (news.canceled != Steady::time_point{}) {
            count(by_poll ? by_poll_ : by_stream_, news, now);
        } else if (by_poll) {
            news.polled = now;
        } else {
            news.streams.push_back(now);
        }
    }

    static void count(std::vector<double>& into, const News& news, Steady::time_point now) {
        if (news.canceled == Steady::time_point::max()) return;  // while it warmed up
        into.push_back(std::chrono::duration<double, std::milli>(now - news.canceled).count());
    }

    const Options& options_;
    int epoll_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Lane> lanes_;
    std::vector<Connection*> writers_;
    std::vector<Connection*> pollers_;
    std::unordered_map<std::string, News> news_;
    std::array<char, 256 * 1024> buffer_{};
    std::vector<double> by_stream_;
    std::vector<double> by_poll_;
    Steady::time_point measuring_ = Steady::time_point::max();
    int opening_ = 0;
};

}  // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app(
        "Prints: idle streams, KiB of the daemon's memory for each; news by streams, their median and 99th "
        "percentile in ms; the same of long polls");
    app.add_option("address", options.address)->required();
    app.add_option("--idle", options.idle);
    app.add_option("--watchers", options.watchers);
    app.add_option("--lanes", options.lanes);
    app.add_option("--seconds", options.seconds);
    app.add_option("--pid", options.pid);
    CLI11_PARSE(app, argc, argv);
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    Bench bench(options);
    bench.run();
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_streams: {}\n", error.what());
    return 1;
}
