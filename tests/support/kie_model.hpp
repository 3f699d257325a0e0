#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "common/http/transport.hpp"

namespace genq::test {

/// What becomes of the next create.
enum class Fault {
    none,
    refuse_connection,  ///< connect() fails
    nothing_written,    ///< the connection breaks before a byte is written
    partly_written,
    lose_answer,   ///< the task is made, the answer is lost
    lose_request,  ///< fully written, never arrives, no answer
    empty_answer,  ///< the task is made, HTTP 200 with an empty body
    html_answer,   ///< the task is made, a proxy's page with HTTP 502
};

/// kie.ai in memory, on a virtual clock: Market tasks and their media, and a ledger of all that arrived. It is what the
/// engine gets for a network. One thread.
class KieModel final : public http::Transport {
  public:
    explicit KieModel(Clock& clock) : clock_(clock) {}

    struct Task {
        std::string id;
        std::string body;
        SteadyTime made;
        SteadyTime done;
        bool fails = false;
        int fail_code = 500;
        std::string fail_message;
        bool stuck = false;
    };

    [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<http::Connection>>> connect(
        std::string url, SteadyTime deadline) override;
    [[nodiscard]] boost::asio::awaitable<Result<http::Download>> download(http::DownloadRequest request,
                                                                          http::Sink& sink) override;
    /// The largest number of API requests that arrived within any `window`.
    [[nodiscard]] std::size_t busiest(std::chrono::milliseconds window) const;
    [[nodiscard]] std::size_t creates() const { return tasks.size(); }
    /// API requests for jobs: the rest are looks at the balance.
    [[nodiscard]] std::size_t asked_for_jobs() const { return paths.size() - asked_for_credits(); }
    [[nodiscard]] std::size_t asked_for_credits() const {
        return static_cast<std::size_t>(std::ranges::count(paths, "/api/v1/chat/credit"));
    }

    std::chrono::milliseconds latency{200};     ///< of each API request, half of it on the way there
    std::chrono::milliseconds duration{5'000};  ///< of a task
    std::deque<Fault> create_faults;            ///< one for each create, in order
    std::deque<std::string> create_answers;     ///< bodies in place of the model's own, for creates; no task is made
    std::deque<std::string> query_answers;      ///< likewise for queries
    bool unreachable = false;                   ///< no connection to anybody
    std::chrono::milliseconds connect_time{0};  ///< what a connection takes
    struct UploadSeen {
        std::string url;
        std::string body;
        std::string content_type;
    };
    std::vector<UploadSeen> uploads;
    std::deque<http::ClientResponse> upload_answers;  ///< in place of the model's own: a URL that counts up
    std::string credit_answer = R"({"code":200,"msg":"success","data":100})";
    std::map<std::string, Task> tasks;
    std::vector<SteadyTime> arrivals;  ///< of API requests, at the server
    std::vector<std::string> paths;    ///< of API requests, without the query
    std::vector<http::ClientRequest> requests;
    std::string media = std::string("\x89PNG\r\n\x1a\n", 8) + "a picture";
    std::deque<int> media_statuses;      ///< of downloads, in place of 200
    std::deque<int> link_codes;          ///< of download-url, in place of 422
    int truncate_downloads = 0;          ///< this many end in the middle
    std::deque<std::string> next_etags;  ///< of downloads, in place of "media"
    bool ignores_if_range = false;       ///< sends the asked range of whatever there is now
    int downloads = 0;
    bool next_task_fails = false;
    int next_fail_code = 500;
    std::string next_fail_message = "internal error, please try again later.";
    bool next_task_stuck = false;
    bool tells_times = false;  ///< of tasks that have ended: when they were made and when they had ended
    std::string result_json;   ///< of tasks that are done; "" for one picture

  private:
    friend class ModelConnection;
    [[nodiscard]] boost::asio::awaitable<http::Exchange> answer(http::ClientRequest request, SteadyTime deadline);
    [[nodiscard]] boost::asio::awaitable<http::Exchange> take_upload(http::ClientRequest request);
    [[nodiscard]] http::ClientResponse create(const http::ClientRequest& request);
    [[nodiscard]] http::ClientResponse query(const std::string& task_id);

    Clock& clock_;
    int next_id_ = 1;
};

}  // namespace genq::test
