#include "server/sandbox/workshop.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "common/core/check.hpp"
#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/crypto/hmac.hpp"
#include "server/sandbox/callbacks.hpp"

namespace genq::sandbox {

namespace json = boost::json;

Workshop::Workshop(Options options, Random& random, LedgerBook& ledger)
    : options_(std::move(options)),
      random_(random),
      dice_(options_.seed),
      ledger_(ledger),
      uploads_(scaled(72.0 * 3600)),
      url_key_(random.hex(32)),
      credits_(options_.credits) {
    faults_.add(options_.faults);
}

std::chrono::milliseconds Workshop::scaled(double seconds) const {
    GENQ_CHECK(options_.time_scale > 0);
    return std::chrono::milliseconds(std::llround(seconds * 1000.0 / options_.time_scale));
}

double Workshop::balance(SteadyTime now) {
    std::erase_if(refunds_, [&](const auto& refund) {
        if (refund.first > now) return false;
        credits_ += refund.second;
        return true;
    });
    return credits_;
}

void Workshop::apply_words(Task& task) {
    if (task.prompt.find("[fail]") != std::string::npos) task.fate = Fate::failure;
    if (task.prompt.find("[stuck]") != std::string::npos) task.fate = Fate::stuck;
    if (task.prompt.find("[slow]") != std::string::npos) task.duration *= 5;
}

void Workshop::apply_faults(Task& task, const Call& call) {
    const FaultSubject subject{call.path, task.model, task.family};
    const auto fault = faults_.take(FaultStage::task, subject);
    if (!fault) return;
    if (fault->action == FaultAction::fail_task) {
        task.fate = Fate::failure;
        task.fail_code = fault->code;
        task.fail_message = fault->msg;
    }
    if (fault->action == FaultAction::stuck) task.fate = Fate::stuck;
    if (fault->action == FaultAction::no_result) task.no_result = true;
    if (fault->action == FaultAction::not_visible) task.hidden_for = fault->ms;
}

Answer<Task*> Workshop::start(NewTask wanted, Call& call) {
    if (balance(call.now.steady) < wanted.price) {
        return refuse(402, "Insufficient Credits - Account does not have enough credits to perform the operation");
    }
    Task task;
    task.id = wanted.id_prefix + random_.hex(16);
    task.family = std::move(wanted.family);
    task.model = std::move(wanted.model);
    task.operation = std::move(wanted.operation);
    task.prompt = std::move(wanted.prompt);
    task.body = call.body;
    task.callback_url = callback_target(text_at(call.body, "callBackUrl"));
    task.parent = std::move(wanted.parent);
    task.files = std::move(wanted.files);
    task.price = wanted.price;
    task.created = call.now;
    const auto [low, high] = wanted.seconds;
    task.duration = scaled(options_.duration_s.value_or(low + (high - low) * dice_.unit()));
    task.upgrade_after = scaled(60 + 60 * dice_.unit());
    if (task.family == "market") task.hidden_for = options_.not_visible;
    apply_words(task);
    apply_faults(task, call);
    if (!wanted.create_failure.empty()) {
        task.fate = Fate::create_failure;
        task.fail_code = 500;
        task.fail_message = std::move(wanted.create_failure);
        task.duration = std::chrono::milliseconds(0);
    }

    credits_ -= task.price;
    if (task.fate == Fate::failure || task.fate == Fate::create_failure) refunds_.emplace_back(task.ends(), task.price);
    ledger_.created({call.now.wall, task.family, task.model, task.id, task.body});
    call.made.push_back(task.id);
    return &tasks_.add(std::move(task));
}

Answer<Task*> Workshop::asked(const Call& call, std::string_view family) {
    const auto id = call.request.method == "POST" ? text_at(call.body, "taskId")
                                                  : std::string(call.target.find("taskId").value_or(""));
    if (id.empty()) return refuse(422, "taskId is required");
    auto* task = tasks_.find(id);
    if (task == nullptr || task->family != family || !task->visible(call.now.steady)) {
        return refuse(404, "Task not found");
    }
    return task;
}

std::string Workshop::signature(std::string_view path, std::int64_t expires_ms) const {
    const auto digest = crypto::hmac_sha256(url_key_, fmt::format("{}|{}", path, expires_ms));
    return crypto::to_hex(std::span(digest).first(16));
}

std::string Workshop::file_url(const Task& task, std::size_t index, const Call& call) const {
    const auto path = fmt::format("/media/{}/{}.{}", task.id, index, extension(task.files.at(index)));
    const auto expires = to_ms(call.now.wall + scaled(static_cast<double>(options_.media_ttl.count()) / 1000.0));
    return fmt::format("{}{}?exp={}&sig={}", call.origin, path, expires, signature(path, expires));
}

json::array Workshop::file_urls(const Task& task, std::size_t first, std::size_t count, const Call& call) const {
    json::array urls;
    if (task.no_result) return urls;
    for (std::size_t index = first; index < first + count; ++index) urls.emplace_back(file_url(task, index, call));
    return urls;
}

std::string body_text(const Task& task) {
    return json::serialize(task.body);
}

json::value error_code_of(const Task& task, Phase phase) {
    return phase == Phase::failed ? json::value(task.fail_code) : json::value(nullptr);
}

}  // namespace genq::sandbox
