#include "tests/unit/api/event_tail.hpp"

#include <algorithm>
#include <utility>

namespace genq::api::test {

namespace asio = boost::asio;

struct Tail::State {
    std::unique_ptr<http::LiveBody> body;
    std::string got;
    std::size_t longest = 0;
    bool paused = false;
    bool busy = false;
    bool ended = false;
};

namespace {

template <class State>
asio::awaitable<void> follow(std::shared_ptr<State> state) {
    do {
        const std::string piece = co_await state->body->next();
        state->got += piece;
        state->longest = std::max(state->longest, piece.size());
        state->ended = piece.empty();
    } while (!state->ended && !state->paused);
    state->busy = false;
}

}  // namespace

Tail::Tail(asio::io_context& io, std::unique_ptr<http::LiveBody> body) : io_(io), state_(std::make_shared<State>()) {
    state_->body = std::move(body);
    read();
}

Tail::~Tail() {
    state_->body->stop();
    genq::test::run_ready(io_);
    EXPECT_FALSE(state_->busy) << "a stream did not stop";
}

void Tail::read() {
    state_->paused = false;
    if (!std::exchange(state_->busy, true)) {
        asio::co_spawn(io_, follow(state_), [](const std::exception_ptr& error) {
            if (error) std::rethrow_exception(error);
        });
    }
    genq::test::run_ready(io_);
}

void Tail::pause() {
    state_->paused = true;
}

std::string Tail::text() {
    genq::test::run_ready(io_);
    return std::exchange(state_->got, {});
}

std::vector<std::string> Tail::news() {
    return events_in(text());
}

bool Tail::ended() const {
    genq::test::run_ready(io_);
    return state_->ended;
}

http::LiveBody& Tail::body() {
    return *state_->body;
}

std::size_t Tail::longest() const {
    return state_->longest;
}

std::vector<std::string> events_in(const std::string& text) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find("\n\n", at);
        EXPECT_NE(end, std::string::npos) << "not whole: " << text.substr(at);
        if (end == std::string::npos) break;
        std::string id;
        std::string name;
        for (auto line = at; line < end; line = text.find('\n', line) + 1) {
            const auto field = text.substr(line, text.find('\n', line) - line);
            if (field.starts_with("id: ")) id = field.substr(4);
            if (field.starts_with("event: ")) name = field.substr(7);
            if (text.find('\n', line) == end) break;
        }
        found.push_back(name.empty() ? ":" + id : id + " " + name);
        at = end + 2;
    }
    return found;
}

}  // namespace genq::api::test
