// What kie.ai writes: records and callbacks, made of the samples, and the media behind their URLs.
#include <fmt/format.h>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>

#include "tests/sim/kie.hpp"

namespace genq::sim {

namespace {

std::string read_sample(const std::string& name) {
    std::ifstream file(std::string(GENQ_TEST_DATA) + "/kie/" + name + ".json");
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (text.empty()) throw std::runtime_error("no sample " + name);
    return text;
}

/// Puts `value` in the place of each JSON string that follows `start`.
void replace_after(std::string& text, std::string_view start, const std::string& value) {
    for (std::size_t at = 0; (at = text.find(start, at)) != std::string::npos;) {
        at += start.size();
        auto end = at;
        while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
        text.replace(at, end - at, value);
        at += value.size();
    }
}

}  // namespace

std::map<std::string, std::string> Kie::read_samples() {
    std::map<std::string, std::string> samples;
    for (const char* family : {"market", "gpt4o", "flux", "veo", "runway", "aleph", "suno", "mj", "luma"}) {
        for (const char* state : {"pending", "success", "fail", "callback-success", "callback-fail"}) {
            if (family == std::string_view("suno") && state == std::string_view("callback-success"))
                state = "callback-complete";
            const std::string name = std::string(family) + "-" + state;
            samples.emplace(name, read_sample(name));
        }
    }
    for (const char* name : {"suno-first-success", "suno-callback-text", "suno-callback-first"}) {
        samples.emplace(name, read_sample(name));
    }
    for (const char* name : {"veo-4k-accepted", "veo-4k-processing", "veo-4k-ready", "veo-4k-callback-success",
                             "veo-4k-callback-fail", "veo-1080p-processing", "veo-1080p-success"}) {
        samples.emplace(name, read_sample(name));
    }
    samples.emplace("market-success-empty", read_sample("market-success-empty"));
    return samples;
}

std::string Kie::record(const Task& task, std::string_view state) const {
    const std::string& sample = samples_.at(fmt::format("{}-{}", task.family, state));
    const bool fresh = clock_.now() > task.urls_expire;
    std::string text;
    std::size_t from = 0;
    for (int file = 0;; ++file) {
        const auto url = sample.find("https://", from);
        if (url == std::string::npos) {
            text += sample.substr(from);
            break;
        }
        const auto end = sample.find_first_of("\"\\", url);
        const auto dot = sample.substr(url, end - url).rfind('.');
        text += sample.substr(from, url - from);
        text += fmt::format("{}{}/{}{}{}", media_host, task.id, file, sample.substr(url + dot, end - url - dot),
                            fresh ? "?fresh=1" : "");
        from = end;
    }
    for (const char* name : {R"("taskId": ")", R"("task_id": ")"}) replace_after(text, name, task.id);
    // Market's records hold the create.
    if (task.family == "market") {
        const std::string create = boost::json::serialize(boost::json::value(task.create));
        replace_after(text, R"("param": ")", create.substr(1, create.size() - 2));
    }
    return text;
}

std::string Kie::failure_body(const Task& task, std::string_view state) const {
    if (!task.passing || task.family != "market") return record(task, state);
    return fmt::format(
        R"({{"code":{},"msg":"internal error","data":{{"taskId":"{}","state":"fail","failCode":"500","failMsg":"internal error, please try again later."}}}})",
        state == "fail" ? 200 : 501, task.id);
}

std::string Kie::callback_body(const std::string& id, Stage stage) {
    Task& task = tasks_.at(id);
    if (stage == Stage::text) return record(task, "callback-text");
    if (stage == Stage::first) return record(task, "callback-first");
    if (task.fails) {
        tell_failure(task);
        return failure_body(task, "callback-fail");
    }
    if (task.empty_answers > 0 && task.family == "market") return record(task, "success-empty");
    return record(task, task.family == "suno" ? "callback-complete" : "callback-success");
}

std::string Kie::forged_body(const std::string& id, bool success) const {
    const Task& task = tasks_.at(id);
    if (!success) return record(task, "callback-fail");
    std::string body = record(task, task.family == "suno" ? "callback-complete" : "callback-success");
    for (std::size_t at = 0; (at = body.find(task.id + "/", at)) != std::string::npos;) {
        at += task.id.size() + 1;
        body.insert(at, forged_file);
    }
    return body;
}

std::string Kie::media_bytes(const std::string& url) {
    const std::string name = url.substr(0, url.find('?'));
    std::string bytes("\x89PNG\r\n\x1a\n", 8);
    std::size_t size = 40;
    for (const char c : name) size = (size * 31 + static_cast<unsigned char>(c)) % 2'000;
    while (bytes.size() < 64 + size) bytes += name;
    return bytes;
}

Kie::Media Kie::media(const std::string& url) const {
    if (weather_.on(Spell::media_down)) return {503, {}};
    const auto begin = media_host.size();
    const auto found = tasks_.find(url.substr(begin, url.find('/', begin) - begin));
    if (found == tasks_.end() || found->second.gone) return {404, {}};
    if (clock_.now() > found->second.urls_expire && !url.ends_with("?fresh=1")) return {404, {}};
    return {200, media_bytes(url)};
}

}  // namespace genq::sim
