#include "tests/support/kie_model.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

namespace genq::test {

namespace asio = boost::asio;
namespace json = boost::json;

class ModelConnection final : public http::Connection {
  public:
    explicit ModelConnection(KieModel& model) : model_(model) {}
    asio::awaitable<http::Exchange> send(http::ClientRequest request, SteadyTime deadline) override {
        return model_.answer(std::move(request), deadline);
    }

  private:
    KieModel& model_;
};

namespace {

http::ClientResponse json_answer(std::string body) {
    http::ClientResponse response;
    response.status = 200;
    response.headers.set("Content-Type", "application/json");
    response.body = std::move(body);
    return response;
}

bool is_create(const http::ClientRequest& request) {
    return request.method == "POST" && !request.url.contains("download-url");
}

}  // namespace

asio::awaitable<Result<std::unique_ptr<http::Connection>>> KieModel::connect(std::string, SteadyTime) {
    if (unreachable) co_return fail(errc::unreachable, "connection refused");
    if (connect_time.count() > 0) co_await clock_.sleep_until(clock_.now() + connect_time);
    if (!create_faults.empty() && create_faults.front() == Fault::refuse_connection) {
        create_faults.pop_front();
        co_return fail(errc::unreachable, "connection refused");
    }
    co_return std::make_unique<ModelConnection>(*this);
}

asio::awaitable<http::Exchange> KieModel::take_upload(http::ClientRequest request) {
    co_await clock_.sleep_until(clock_.now() + latency);
    std::string body = request.body;
    while (request.source && body.size() < request.source->size()) {
        const auto piece = co_await request.source->read(body.size(), 1000);
        if (!piece) co_return http::Exchange{std::unexpected(piece.error()), http::Written::partly};
        body += *piece;
    }
    uploads.push_back({request.url, std::move(body), std::string(request.headers.get("Content-Type"))});
    http::ClientResponse response = json_answer(R"({"success":true,"code":200,"msg":"ok","data":{"downloadUrl":")"
                                                "https://files.example/" +
                                                std::to_string(uploads.size()) + R"("}})");
    if (!upload_answers.empty()) {
        response = upload_answers.front();
        upload_answers.pop_front();
    }
    co_return http::Exchange{std::move(response), http::Written::fully};
}

asio::awaitable<http::Exchange> KieModel::answer(http::ClientRequest request, SteadyTime deadline) {
    if (request.url.contains("upload") && !request.url.contains("download-url")) {
        if (request.url.starts_with("https://api.kie.ai")) arrivals.push_back(clock_.now());
        co_return co_await take_upload(std::move(request));
    }
    Fault fault = Fault::none;
    if (is_create(request) && !create_faults.empty()) {
        fault = create_faults.front();
        create_faults.pop_front();
    }
    if (fault == Fault::nothing_written || fault == Fault::partly_written) {
        co_return http::Exchange{fail(errc::connection_lost, "reset"),
                                 fault == Fault::nothing_written ? http::Written::nothing : http::Written::partly};
    }
    co_await clock_.sleep_until(clock_.now() + latency / 2);
    const std::string path = request.url.substr(std::string("https://api.kie.ai").size());
    requests.push_back(request);
    if (fault == Fault::lose_request) {
        co_await clock_.sleep_until(deadline);
        co_return http::Exchange{fail(errc::timeout, "no answer in time"), http::Written::fully};
    }
    arrivals.push_back(clock_.now());
    paths.push_back(path.substr(0, path.find('?')));
    http::ClientResponse response;
    if (path == "/api/v1/chat/credit") {
        response = json_answer(credit_answer);
    } else if (path.starts_with("/api/v1/common/download-url")) {
        int code = 422;
        if (!link_codes.empty()) {
            code = link_codes.front();
            link_codes.pop_front();
        }
        response = json_answer(R"({"code":)" + std::to_string(code) + R"(,"msg":"not ours","data":null})");
    } else if (is_create(request)) {
        response = create(request);
    } else {
        response = query(path.substr(path.find('=') + 1));
    }
    co_await clock_.sleep_until(clock_.now() + latency / 2);
    switch (fault) {
        case Fault::lose_answer:
            co_return http::Exchange{fail(errc::connection_lost, "reset"), http::Written::fully};
        case Fault::empty_answer:
            response.body.clear();
            break;
        case Fault::html_answer:
            response.status = 502;
            response.body = "<html>bad gateway</html>";
            break;
        case Fault::none:
        case Fault::refuse_connection:
        case Fault::nothing_written:
        case Fault::partly_written:
        case Fault::lose_request:
            break;
    }
    co_return http::Exchange{std::move(response), http::Written::fully};
}

http::ClientResponse KieModel::create(const http::ClientRequest& request) {
    if (!create_answers.empty()) {
        auto body = create_answers.front();
        create_answers.pop_front();
        return json_answer(body);
    }
    Task task;
    task.id = "task_" + std::to_string(next_id_++);
    task.body = request.body;
    task.made = clock_.now();
    task.done = task.made + duration;
    task.fails = std::exchange(next_task_fails, false);
    task.fail_code = next_fail_code;
    task.fail_message = next_fail_message;
    task.stuck = std::exchange(next_task_stuck, false);
    tasks[task.id] = task;
    return json_answer(R"({"code":200,"msg":"success","data":{"taskId":")" + task.id + R"("}})");
}

http::ClientResponse KieModel::query(const std::string& task_id) {
    if (!query_answers.empty()) {
        auto body = query_answers.front();
        query_answers.pop_front();
        return json_answer(body);
    }
    const auto found = tasks.find(task_id);
    if (found == tasks.end()) return json_answer(R"({"code":422,"msg":"recordInfo is null","data":null})");
    const Task& task = found->second;
    json::object data;
    data["taskId"] = task.id;
    data["model"] = "google/imagen4";
    data["param"] = task.body;
    data["resultJson"] = "";
    data["failCode"] = "";
    data["failMsg"] = "";
    if (task.stuck || clock_.now() < task.done) {
        data["state"] = "generating";
    } else if (task.fails) {
        data["state"] = "fail";
        data["failCode"] = std::to_string(task.fail_code);
        data["failMsg"] = task.fail_message;
    } else {
        data["state"] = "success";
        data["resultJson"] = result_json.empty()
                                 ? R"({"resultUrls":["https://media.example.org/)" + task.id + R"(.png"]})"
                                 : result_json;
        data["creditsConsumed"] = 8;
    }
    if (tells_times && data["state"] != "generating") {
        using std::chrono::duration_cast;
        using std::chrono::milliseconds;
        // Of a clock of its own.
        data["createTime"] = duration_cast<milliseconds>(task.made.time_since_epoch()).count();
        data["completeTime"] = duration_cast<milliseconds>(task.done.time_since_epoch()).count();
    }
    return json_answer(json::serialize(json::object{{"code", 200}, {"msg", "success"}, {"data", std::move(data)}}));
}

asio::awaitable<Result<http::Download>> KieModel::download(http::DownloadRequest request, http::Sink& sink) {
    co_await clock_.sleep_until(clock_.now() + latency);
    ++downloads;
    http::Download out;
    out.status = 200;
    if (!media_statuses.empty()) {
        out.status = media_statuses.front();
        media_statuses.pop_front();
    }
    if (out.status != 200) co_return out;
    std::string etag = "\"media\"";
    if (!next_etags.empty()) {
        etag = next_etags.front();
        next_etags.pop_front();
    }
    out.headers.set("ETag", etag);
    std::uint64_t offset = 0;
    if (request.offset > 0 && (ignores_if_range || request.if_range == etag)) {
        out.status = 206;
        offset = request.offset;
    }
    if (auto begun = sink.begin(out.headers, offset, media.size()); !begun) co_return std::unexpected(begun.error());
    std::string_view rest = std::string_view(media).substr(offset);
    const bool cut = truncate_downloads > 0 && rest.size() > 1;
    if (cut) {
        --truncate_downloads;
        rest = rest.substr(0, rest.size() / 2);
    }
    if (auto written = co_await sink.write(std::as_bytes(std::span(rest))); !written) {
        co_return std::unexpected(written.error());
    }
    if (cut) co_return fail(errc::connection_lost, "the connection was reset");
    out.complete = true;
    co_return out;
}

std::size_t KieModel::busiest(std::chrono::milliseconds window) const {
    std::size_t most = 0;
    for (std::size_t first = 0, next = 0; next < arrivals.size(); ++next) {
        while (arrivals[next] - arrivals[first] >= window) ++first;
        most = std::max(most, next - first + 1);
    }
    return most;
}

}  // namespace genq::test
