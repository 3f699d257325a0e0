#pragma once
#include <string>
#include <vector>

#include "common/http/transport.hpp"
#include "server/sandbox/service.hpp"

namespace genq::test {

/// The stand-in for kie.ai without sockets: what the engine gets for a network, on a virtual clock. It keeps
/// what went over the wire. One thread.
class SandboxNetwork final : public http::Transport {
  public:
    static constexpr std::string_view base_url = "http://kie";

    SandboxNetwork(Clock& clock, Random& random, sandbox::Options options);

    [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(
        std::string url, SteadyTime deadline) override;
    [[nodiscard]] boost::asio::awaitable<Result<http::Download>> download(http::DownloadRequest request,
                                                                          http::Sink& sink) override;
    /// Answers at once.
    [[nodiscard]] http::ClientResponse answer(const http::ClientRequest& request);

    /// A request to the API and what its answer says of the task.
    struct Seen {
        std::string endpoint;  ///< "POST /api/v1/jobs/createTask"
        std::string body;
        int code = 0;        ///< of the answer's envelope
        std::string state;   ///< kie.ai's word, "" where the answer has none
        std::string answer;  ///< as it came
    };
    std::vector<Seen> seen;

  private:
    Clock& clock_;
    sandbox::LedgerBook ledger_;
    sandbox::Service service_;
};

}  // namespace genq::test
