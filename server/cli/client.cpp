#include "server/cli/client.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include "server/cli/closed_values.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"

namespace genq::cli {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::string_view unix_scheme = "unix:";

// Runs one coroutine to its end. A client has nothing else to do meanwhile.
template <class T>
T run(asio::io_context& io, asio::awaitable<T> task) {
    std::optional<T> value;
    std::exception_ptr error;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T result) {
        error = std::move(e);
        value.emplace(std::move(result));
    });
    io.restart();
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*value);
}

asio::awaitable<bool> sleep(Clock& clock, std::chrono::milliseconds time) {
    co_await clock.sleep_until(clock.now() + time);
    co_return true;
}

}  // namespace

Client::Client(asio::io_context& io, Clock& clock, http::Transport& transport, std::string url, std::string token)
    : io_(io),
      clock_(clock),
      transport_(transport),
      url_(std::move(url)),
      base_(url_.starts_with(unix_scheme) ? "http://localhost" : url_),
      token_(std::move(token)) {}

Result<http::ClientResponse> Client::send(const Call& call) {
    http::ClientRequest request{call.method, base_ + call.target, call.headers, ""};
    if (!request.headers.has("Accept")) request.headers.set("Accept", "application/json");
    if (!token_.empty()) request.headers.set("Authorization", "Bearer " + token_);
    if (!call.body.is_null()) {
        request.headers.set("Content-Type", "application/json");
        request.body = to_json(call.body);
    }
    if (call.file) request.headers.set("Content-Type", "application/octet-stream");
    request.source = call.file;
    request.take = call.take;
    request.silence = call.silence;
    const auto deadline = clock_.now() + call.limit + call.wait;
    // The pool behind the transport has seen to it that a stale connection is not used, so nothing is tried twice here.
    auto exchange = run(io_, transport_.send(std::move(request), deadline));
    return std::move(exchange.answer);
}

void Client::pause(std::chrono::milliseconds time) {
    run(io_, sleep(clock_, time));
}

namespace {

// What the API says to do, as it is done here.
std::string in_options(std::string text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> words{
        {{R"(send {"resubmit":true} to do that)", "--resubmit does that"},
         {"say its family", "say its --family"},
         {" (a + is written %2B)", ""}}};
    for (const auto& [said, meant] : words) {
        if (const auto at = text.find(said); at != std::string::npos) text.replace(at, said.size(), meant);
    }
    return text;
}

// `?created_after` is a parameter of the API; here it is an option.
std::string fault_text(const json::value& fault) {
    auto pointer = text_at(fault, "pointer");
    if (pointer.starts_with("?label.")) pointer = "?label";
    if (pointer.starts_with('?')) {
        pointer.replace(0, 1, "--");
        std::ranges::replace(pointer, '_', '-');
    }
    auto detail = in_options(text_at(fault, "detail"));
    const auto values = pointer.starts_with("--") ? closed_values(pointer.substr(2)) : std::vector<std::string>();
    if (!values.empty()) detail += fmt::format(": {}", fmt::join(values, ", "));
    return fmt::format("{}{}{}", pointer, pointer.empty() ? "" : ": ", detail);
}

}  // namespace

json::value body_of(const http::ClientResponse& response) {
    json::error_code error;
    auto value = json::parse(response.body, error);
    if (error) return nullptr;
    return value;
}

int report(const Error& error, const std::string& url) {
    const auto start = fmt::format("No answer from the daemon at {}: {}.", url, error.detail);
    switch (error.code) {
        case errc::unreachable:
        case errc::tls:
            say("{}\nIs it running? `genqd serve` starts it, `genqd serve --sandbox` without an API key; --url or "
                "GENQD_URL says where it is.\n",
                start);
            return exit_unreachable;
        case errc::timeout:
        case errc::connection_lost:
        case errc::malformed:
        case errc::too_large:
        case errc::canceled:
            say("{}\n", start);
            return exit_unreachable;
        case errc::invalid_argument:
        case errc::not_found:
        case errc::conflict:
        case errc::already_exists:
        case errc::storage_full:
        case errc::busy:
        case errc::forbidden:
        case errc::corrupt:
        case errc::io:
        case errc::unsupported:
            break;
    }
    say("{}\n", error.detail);
    return exit_usage;
}

std::string refusal_text(const http::ClientResponse& response, const Call& call) {
    const auto problem = body_of(response);
    auto detail = text_at(problem, "detail");
    if (detail.empty()) detail = text_at(problem, "title");
    if (detail.empty()) detail = fmt::format("it answered with HTTP {}", response.status);
    const auto code = text_at(problem, "code");
    const auto& errors = array_at(problem, "errors");
    // The detail of several faults is the first of them.
    const bool repeats = !errors.empty() && detail.contains(text_at(errors.front(), "detail"));
    if (repeats) detail = errors.size() == 1 ? fault_text(errors.front()) : fmt::format("{} faults", errors.size());
    std::string text = call.about.empty() ? "" : printable(call.about) + ": ";
    text += fmt::format("The daemon refused{}: {}\n", code.empty() ? "" : fmt::format(" ({})", printable(code)),
                        printable(in_options(detail)));
    if (!repeats || errors.size() > 1) {
        for (const auto& entry : errors) text += "  " + printable(fault_text(entry)) + '\n';
    }
    if (response.status == 401) {
        text +=
            response.headers.get("WWW-Authenticate").contains("invalid_token")
                ? "The daemon does not know the token that it was shown, of --token-file, --profile, GENQD_TOKEN or "
                  "GENQD_TOKEN_FILE. It takes a new one of `genqd token new` at a reload.\n"
                : "A token is needed: GENQD_TOKEN (in the .env file, if that names the daemon), --token-file or "
                  "--profile; `genqd token new` makes one.\n";
    }
    return text;
}

int report_refusal(const http::ClientResponse& response, const Call& call) {
    say("{}", refusal_text(response, call));
    return exit_refused;
}

Answer answer_of(const Client& client, const Call& call, const Result<http::ClientResponse>& response) {
    if (!response) return std::unexpected(report(response.error(), client.url()));
    if (response->status / 100 != 2) return std::unexpected(report_refusal(*response, call));
    auto body = body_of(*response);
    if (body.is_object() || response->status == 204) return body;
    say("What answers at {} does not speak genqd's API: {} {} has no JSON object for an answer.\n", client.url(),
        call.method, call.target);
    return std::unexpected(exit_unreachable);
}

Answer ask(Client& client, const Call& call) {
    return answer_of(client, call, client.send(call));
}

}  // namespace genq::cli
