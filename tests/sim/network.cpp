#include "tests/sim/network.hpp"

namespace genq::sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// Cloudflare's words for: the request has not come to kie.ai.
constexpr std::array unreached{521, 523, 525, 526};
constexpr auto straggler = 10s;
constexpr auto keep_alive = 2s;  // a server may close a connection that is idle for longer

http::ClientResponse page(int status, std::string body) {
    http::ClientResponse response;
    response.status = status;
    response.headers.set("Content-Type", "text/html");
    response.body = std::move(body);
    return response;
}

http::Exchange lost(http::Written written, errc why = errc::connection_lost) {
    return {fail(why, "the simulated network lost it"), written};
}

}  // namespace

class SimConnection final : public http::Connection {
  public:
    explicit SimConnection(Network& network) : network_(network), opened_(network.clock_.now()) {}
    asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime deadline) override {
        return network_.exchange(std::move(request), deadline, opened_);
    }

  private:
    Network& network_;
    SteadyTime opened_;
};

std::chrono::milliseconds Network::delay() {
    if (weather_.on(Spell::slow_network)) return dice_.heavy(300ms, 60s);
    if (!weather_.calm() && dice_.chance(0.02)) return dice_.heavy(500ms, 40s);
    return dice_.between(5ms, 120ms);
}

asio::awaitable<Result<std::unique_ptr<http::Connection>>> Network::connect(std::string, SteadyTime deadline) {
    const auto wait = delay();
    if (weather_.on(Spell::refused) || (!weather_.calm() && dice_.chance(0.01))) {
        ledger_.fault("no connection");
        co_await clock_.sleep_until(std::min(deadline, clock_.now() + wait));
        co_return fail(errc::unreachable, "connection refused");
    }
    if (clock_.now() + wait >= deadline) {
        co_await clock_.sleep_until(deadline);
        co_return fail(errc::timeout, "no connection in time");
    }
    co_await clock_.sleep_until(clock_.now() + wait);
    co_return std::make_unique<SimConnection>(*this);
}

Network::Fate Network::draw() {
    if (weather_.on(Spell::black_hole)) return Fate::request_lost;
    if (weather_.on(Spell::bad_gateway)) return Fate::gateway_page;
    if (weather_.on(Spell::origin_down)) return Fate::origin_down;
    if (weather_.calm() || !dice_.chance(0.04)) return Fate::fine;
    static constexpr std::array fates{Fate::nothing_written, Fate::partly_written, Fate::request_lost,
                                      Fate::answer_lost,     Fate::answer_late,    Fate::empty_answer,
                                      Fate::broken_answer,   Fate::gateway_page,   Fate::origin_down,
                                      Fate::bare_403,        Fate::bare_429};
    static constexpr std::array<std::string_view, 11> names{
        "nothing written", "partly written", "request lost", "answer lost",    "answer late",   "empty answer",
        "broken answer",   "gateway's page", "521",          "403 of a proxy", "429 of a proxy"};
    const auto drawn = static_cast<std::size_t>(dice_.below(static_cast<int>(fates.size())));
    ledger_.fault(names[drawn]);
    return fates[drawn];
}

http::ClientResponse Network::answer(Fate fate, const http::ClientRequest& request) {
    switch (fate) {
        case Fate::origin_down:
            return page(dice_.pick(std::span<const int>(unreached)), "<html>web server is down</html>");
        case Fate::bare_403:
            return page(403, "");
        case Fate::bare_429:
            return page(429, "");
        case Fate::empty_answer:
            (void)kie_.arrive(request);
            return page(200, "");
        case Fate::broken_answer: {
            auto broken = kie_.arrive(request);
            broken.body.resize(broken.body.size() / 2);
            return broken;
        }
        case Fate::gateway_page:
            // An outage of the gateway's lets nothing through; a single one comes late.
            if (!weather_.on(Spell::bad_gateway)) (void)kie_.arrive(request);
            return page(504, "<html>gateway time-out</html>");
        case Fate::fine:
        case Fate::nothing_written:
        case Fate::partly_written:
        case Fate::request_lost:
        case Fate::answer_lost:
        case Fate::answer_late:
            break;
    }
    return kie_.arrive(request);
}

asio::awaitable<http::Exchange> Network::exchange(http::ClientRequest request, SteadyTime deadline, SteadyTime opened) {
    const SteadyTime now = clock_.now();
    Fate fate = draw();
    Order* order = is_create(request) ? ledger_.find(order_in(request.body)) : nullptr;
    const int number = order == nullptr ? 0 : order->number;
    if (order != nullptr) {
        order->answer_lost = false;
        order->answered_at.reset();
    }
    if (now - opened > keep_alive) {
        // Closed by the server, and nobody looked: what is written on it is lost, by the daemon's own fault.
        co_await clock_.sleep_until(now + 20ms);
        co_return lost(http::Written::fully);
    }
    if (fate == Fate::nothing_written || fate == Fate::partly_written) {
        co_await clock_.sleep_until(std::min(deadline, now + delay()));
        co_return lost(fate == Fate::nothing_written ? http::Written::nothing : http::Written::partly);
    }
    if (order != nullptr) ++open_creates_[number];

    struct Slot {
        std::optional<http::ClientResponse> response;
    };
    const auto slot = std::make_shared<Slot>();
    const SteadyTime arrives = std::min(now + delay(), deadline + straggler - 1ms);
    SteadyTime heard = arrives + delay();
    if (fate == Fate::answer_late) heard = std::max(heard, deadline + 1s);
    if (fate != Fate::request_lost) {
        agenda_.at(arrives, [this, slot, fate, request = std::move(request), end = process_end_] {
            if (*end != SteadyTime::max() && clock_.now() >= *end + straggler) return;
            slot->response = answer(fate, request);
        });
    } else {
        heard = dice_.chance(0.5) ? deadline + 1s : heard;  // silence, or a reset
    }
    co_await clock_.sleep_until(std::min(heard, deadline));
    if (order != nullptr) --open_creates_[number];
    const bool readable =
        fate == Fate::fine || fate == Fate::origin_down || fate == Fate::bare_403 || fate == Fate::bare_429;
    if (order != nullptr) {
        if (readable && heard < deadline) {
            order->answered_at = clock_.now();
        } else {
            order->answer_lost = true;
            ++order->lost_answers;
        }
    }
    if (heard >= deadline) co_return lost(http::Written::fully, errc::timeout);
    if (fate == Fate::request_lost || fate == Fate::answer_lost) co_return lost(http::Written::fully);
    co_return http::Exchange{std::move(*slot->response), http::Written::fully};
}

void Network::process_ended() {
    *process_end_ = clock_.now();
    process_end_ = std::make_shared<SteadyTime>(SteadyTime::max());
    for (const auto& [number, open] : open_creates_) {
        if (open == 0) continue;
        ledger_.orders.at(number).answer_lost = true;
        ++ledger_.orders.at(number).lost_answers;
    }
    open_creates_.clear();
}

asio::awaitable<Result<http::Download>> Network::download(http::DownloadRequest request, http::Sink& sink) {
    co_await clock_.sleep_until(clock_.now() + delay());
    ++ledger_.downloads;
    const auto media = kie_.media(request.url);
    const bool trouble = !weather_.calm() && dice_.chance(0.1);
    http::Download out;
    out.status = media.status;
    if (media.status != 200) {
        ledger_.fault(fmt::format("media {}", media.status));
        co_return out;
    }
    if (trouble && dice_.chance(0.2)) {
        ledger_.fault("media 500");
        out.status = 500;
        co_return out;
    }
    const bool strong = !(trouble && dice_.chance(0.3));
    if (strong) out.headers.set("ETag", "\"" + request.url.substr(0, request.url.find('?')) + "\"");
    std::uint64_t offset = 0;
    if (request.offset > 0 && strong && request.if_range == out.headers.get("ETag")) {
        out.status = 206;
        offset = request.offset;
    }
    if (auto begun = sink.begin(out.headers, offset, media.bytes.size()); !begun) {
        co_return std::unexpected(begun.error());
    }
    std::string_view rest = std::string_view(media.bytes).substr(offset);
    const bool cut = trouble && rest.size() > 1 && dice_.chance(0.7);
    if (cut) rest = rest.substr(0, static_cast<std::size_t>(1 + dice_.below(static_cast<int>(rest.size() - 1))));
    while (!rest.empty()) {
        const std::string piece(rest.substr(0, 700));
        rest.remove_prefix(piece.size());
        if (auto written = co_await sink.write(std::as_bytes(std::span(piece))); !written) {
            co_return std::unexpected(written.error());
        }
        co_await clock_.sleep_until(clock_.now() + 3ms);
    }
    if (cut) {
        ledger_.fault("download cut off");
        // Either an error, or an end that looks clean but for the announced length.
        if (dice_.chance(0.5)) co_return fail(errc::connection_lost, "the connection was reset");
        co_return out;
    }
    out.complete = true;
    co_return out;
}

}  // namespace genq::sim
