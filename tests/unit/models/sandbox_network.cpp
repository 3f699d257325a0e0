#include "tests/unit/models/sandbox_network.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace genq::test {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

class InProcess final : public http::Connection {
  public:
    explicit InProcess(SandboxNetwork& network) : network_(network) {}
    asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime) override {
        co_return http::Exchange{network_.answer(request), http::Written::fully};
    }

  private:
    SandboxNetwork& network_;
};

// The word that a family's record has for its task's state.
std::string state_in(const json::value& data) {
    if (!data.is_object()) return "";
    for (const auto* key : {"state", "status", "successFlag"}) {
        const auto* value = data.as_object().if_contains(key);
        if (value == nullptr || value->is_null()) continue;
        return value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
    }
    return "";
}

}  // namespace

SandboxNetwork::SandboxNetwork(Clock& clock, Random& random, sandbox::Options options)
    : clock_(clock), service_(std::move(options), random, ledger_) {
    service_.set_base_url(std::string(base_url));
}

asio::awaitable<Result<std::unique_ptr<http::Connection>>> SandboxNetwork::connect(std::string, SteadyTime) {
    co_return std::make_unique<InProcess>(*this);
}

http::ClientResponse SandboxNetwork::answer(const http::ClientRequest& request) {
    http::Request sent;
    sent.method = request.method;
    sent.target = request.url.substr(base_url.size());
    sent.headers = request.headers;
    sent.body = request.body;
    const auto reply = service_.handle(sent, {clock_.now(), clock_.wall_now()});
    http::ClientResponse response;
    response.status = reply.response.status;
    response.headers = reply.response.headers;
    response.body = std::get<std::string>(reply.response.body);
    // The balance is asked for at its own time, and says nothing of a task.
    if (sent.target.starts_with("/api/") && sent.target != "/api/v1/chat/credit") {
        const auto envelope = json::parse(response.body).as_object();
        seen.push_back({sent.method + " " + sent.target, sent.body, static_cast<int>(envelope.at("code").as_int64()),
                        state_in(envelope.contains("data") ? envelope.at("data") : json::value()), response.body});
    }
    return response;
}

asio::awaitable<Result<http::Download>> SandboxNetwork::download(http::DownloadRequest request, http::Sink& sink) {
    const auto response = answer({.url = request.url});
    http::Download out{response.status, true, response.headers};
    if (out.status != 200) co_return out;
    if (auto begun = sink.begin(out.headers, 0, response.body.size()); !begun) co_return std::unexpected(begun.error());
    if (auto written = co_await sink.write(std::as_bytes(std::span(response.body))); !written) {
        co_return std::unexpected(written.error());
    }
    co_return out;
}

}  // namespace genq::test
