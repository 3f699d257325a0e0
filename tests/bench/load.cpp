// The load: N connections, each sending its next request as soon as the answer to the last has come whole. One thread
// on epoll, so that it takes as little as possible of the machine from what it measures.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
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
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;

struct Options {
    std::string address;  // 127.0.0.1:8080
    int connections = 64;
    double seconds = 4;
    double warm_up_s = 0.5;   // not counted
    std::uint64_t count = 0;  // in place of a time: that many requests
    std::string method = "GET";
    std::string body;
    std::vector<std::string> paths{"/"};
    std::string paths_file;  // a path a line, taken in turns
    std::string save_ids;    // file for the "id" of some answers
    std::uint64_t save_every = 1000;
    int status = 200;  // anything else is an error
};

struct Connection {
    int fd = -1;
    std::string out;
    std::size_t sent = 0;
    std::string head;  // of the answer, until its end is there
    std::uint64_t body_left = 0;
    bool in_body = false;
    Steady::time_point began;
};

struct Totals {
    std::uint64_t started = 0;
    std::uint64_t ended = 0;  // counted ones
    std::uint64_t errors = 0;
    std::uint64_t bytes = 0;
    std::vector<std::uint32_t> micros;
};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(const std::string& address) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    if (inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr) != 1) fail("address " + address);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect to " + address);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

class Load {
  public:
    explicit Load(const Options& options)
        : options_(options),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          connections_(static_cast<std::size_t>(options.connections)) {
        for (const auto& path : options.paths) {
            requests_.push_back(fmt::format(
                "{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n{}", options.method, path, options.address,
                options.body.empty()
                    ? std::string()
                    : fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", options.body.size()),
                options.body));
        }
        if (!options.save_ids.empty()) ids_.open(options.save_ids);
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            connections_[i].fd = connect_to(options.address);
            epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
            if (epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event) != 0) fail("epoll_ctl");
        }
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    ~Load() {
        for (const auto& connection : connections_) close(connection.fd);
        close(epoll_);
    }

    void run() {
        const auto span = [](double seconds) {
            return std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
        };
        const auto start = Steady::now();
        from_ = options_.count > 0 ? start : start + span(options_.warm_up_s);
        until_ = options_.count > 0 ? Steady::time_point::max() : from_ + span(options_.seconds);
        for (auto& connection : connections_) next(connection);
        std::array<epoll_event, 256> events{};
        while (open_ > 0) {
            const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
            if (ready < 0 && errno != EINTR) fail("epoll_wait");
            for (int i = 0; i < ready; ++i) read(connections_[events[static_cast<std::size_t>(i)].data.u64]);
        }
        last_ = Steady::now();
    }

    void print() {
        auto& micros = totals_.micros;
        std::ranges::sort(micros);
        const auto at = [&](double share) {
            return micros.empty()
                       ? 0.0
                       : micros[static_cast<std::size_t>(share * static_cast<double>(micros.size() - 1))] / 1000.0;
        };
        const auto took = std::chrono::duration<double>(std::min(until_, last_) - from_).count();
        fmt::print("{:.0f} {:.3f} {:.3f} {} {:.1f}\n", static_cast<double>(totals_.ended) / took, at(0.5), at(0.99),
                   totals_.errors, static_cast<double>(totals_.bytes) / took / 1e6);
    }

  private:
    void next(Connection& connection) {
        const auto now = Steady::now();
        if (now >= until_ || (options_.count > 0 && totals_.started >= options_.count)) {
            connection.out.clear();
            --open_;
            return;
        }
        connection.out = requests_[totals_.started++ % requests_.size()];
        connection.head.clear();
        connection.in_body = false;
        connection.began = now;
        // A request is small: the socket takes it at once.
        if (send(connection.fd, connection.out.data(), connection.out.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(connection.out.size())) {
            fail("send");
        }
    }

    void read(Connection& connection) {
        const auto got = recv(connection.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) fail("the server closed a connection");
        std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
        if (!connection.in_body) {
            connection.head.append(bytes);
            const auto end = connection.head.find("\r\n\r\n");
            if (end == std::string::npos) return;
            const auto body = connection.head.size() - end - 4;
            connection.in_body = true;
            connection.body_left =
                length_of(connection.head) - std::min<std::uint64_t>(length_of(connection.head), body);
        } else {
            connection.body_left -= std::min<std::uint64_t>(connection.body_left, bytes.size());
            if (ids_.is_open()) connection.head.append(bytes);
        }
        if (Steady::now() >= from_) totals_.bytes += bytes.size();
        if (connection.body_left == 0) finish(connection);
    }

    void finish(Connection& connection) {
        const auto now = Steady::now();
        const std::string_view head = connection.head;
        int status = 0;
        if (head.size() > 12) std::from_chars(head.data() + 9, head.data() + 12, status);
        if (status != options_.status) ++totals_.errors;
        if (now >= from_ && now <= until_) {
            ++totals_.ended;
            totals_.micros.push_back(static_cast<std::uint32_t>(
                std::chrono::duration_cast<std::chrono::microseconds>(now - connection.began).count()));
        }
        if (ids_.is_open() && totals_.ended % options_.save_every == 0) {
            constexpr std::string_view key = "\"id\":\"";
            const auto at = head.find(key);
            if (at != std::string_view::npos) ids_ << "/v1/jobs/" << head.substr(at + key.size(), 26) << '\n';
        }
        next(connection);
    }

    static std::uint64_t length_of(std::string_view head) {
        constexpr std::string_view key = "content-length:";
        const auto found = std::search(head.begin(), head.end(), key.begin(), key.end(),
                                       [](char a, char b) { return (a | ' ') == b || a == b; });
        if (found == head.end()) return 0;
        auto from = head.substr(static_cast<std::size_t>(found - head.begin()) + key.size());
        from.remove_prefix(std::min(from.find_first_not_of(' '), from.size()));
        std::uint64_t length = 0;
        std::from_chars(from.data(), from.data() + from.size(), length);
        return length;
    }

    const Options& options_;
    int epoll_;
    std::vector<Connection> connections_;
    std::vector<std::string> requests_;
    std::array<char, 256 * 1024> buffer_{};
    std::ofstream ids_;
    Totals totals_;
    int open_ = options_.connections;
    Steady::time_point from_;
    Steady::time_point until_;
    Steady::time_point last_;
};

}  // namespace

int main(int argc, char** argv) try {
    Options options;
    CLI::App app("Prints: requests a second, median and 99th percentile in ms, errors, MB a second");
    app.add_option("address", options.address)->required();
    app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
    app.add_option("--seconds", options.seconds);
    app.add_option("--count", options.count);
    app.add_option("--method", options.method);
    app.add_option("--body", options.body);
    app.add_option("--path", options.paths);
    app.add_option("--paths", options.paths_file);
    app.add_option("--save-ids", options.save_ids);
    app.add_option("--save-every", options.save_every)->check(CLI::PositiveNumber);
    app.add_option("--status", options.status);
    CLI11_PARSE(app, argc, argv);
    if (!options.paths_file.empty()) {
        options.paths.clear();
        std::ifstream file(options.paths_file);
        for (std::string line; std::getline(file, line);) options.paths.push_back(line);
        if (options.paths.empty()) throw std::runtime_error("no paths in " + options.paths_file);
    }
    Load load(options);
    load.run();
    load.print();
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_load: {}\n", error.what());
    return 1;
}
