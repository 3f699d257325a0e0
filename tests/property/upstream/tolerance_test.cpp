#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "server/upstream/family.hpp"

/// Whatever an answer holds, reading it neither throws nor yields what nobody can use.
namespace genq::upstream {
namespace {

namespace json = boost::json;

const std::vector<std::string>& samples() {
    static const auto bodies = [] {
        std::vector<std::filesystem::path> paths;
        for (const auto& entry : std::filesystem::directory_iterator(std::string(GENQ_TEST_DATA) + "/kie")) {
            paths.push_back(entry.path());
        }
        std::ranges::sort(paths);
        std::vector<std::string> result;
        for (const auto& path : paths) {
            std::ifstream file(path, std::ios::binary);
            result.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
        return result;
    }();
    return bodies;
}

constexpr const char* models[] = {"google/imagen4", "veo3",     "veo/extend",  "veo/1080p",
                                  "veo/4k",         "mj_video", "suno/lyrics", "runway/aleph"};
constexpr int statuses[] = {200, 200, 200, 204, 302, 401, 403, 404, 405, 422, 429, 455, 500, 502, 521, 524};

/// Replaces a few bytes, cuts pieces out or doubles them.
std::string edited(std::string body) {
    const int edits = *rc::gen::inRange(0, 6);
    for (int i = 0; i < edits && !body.empty(); ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, body.size());
        const auto length = *rc::gen::inRange<std::size_t>(1, 12);
        switch (*rc::gen::inRange(0, 3)) {
            case 0:
                body[at] = static_cast<char>(*rc::gen::inRange(0, 256));
                break;
            case 1:
                body.erase(at, length);
                break;
            default:
                body.insert(at, body.substr(at, length));
                break;
        }
    }
    return body;
}

json::value odd_value() {
    static const char* odd[] = {"null",
                                "true",
                                "false",
                                "0",
                                "1",
                                "2",
                                "4",
                                "-1",
                                "1e400",
                                "-0.0",
                                "18446744073709551615",
                                "\"\"",
                                "\"1\"",
                                "\"200\"",
                                "\"NaN\"",
                                "[]",
                                "{}",
                                "[[[[[\"https://x/1.png\"]]]]]",
                                "\"{\\\"resultUrls\\\":[1]}\"",
                                "\"[\"",
                                "\"https://x/1.mp4\"",
                                "{\"url\":\"https://x/1.mp3\"}",
                                "[{\"audioUrl\":{}},null,7]",
                                "\"try again\""};
    return json::parse(odd[*rc::gen::inRange<std::size_t>(0, std::size(odd))]);
}

/// Puts odd values in the place of some members, at any depth.
void swap_types(json::value& value) {
    if (*rc::gen::inRange(0, 12) == 0) {
        value = odd_value();
    } else if (value.is_object()) {
        for (auto& member : value.get_object()) swap_types(member.value());
    } else if (value.is_array()) {
        for (auto& element : value.get_array()) swap_types(element);
    }
}

void check_report(const TaskReport& report) {
    for (std::size_t i = 0; i < report.outputs.size(); ++i) {
        const auto& output = report.outputs[i];
        RC_ASSERT(output.index == static_cast<int>(i));
        RC_ASSERT(!output.role.empty());
        RC_ASSERT(output.source_url.size() > 7);
        RC_ASSERT(output.source_url[0] == 'h' || output.source_url[0] == 'H');
    }
    const bool has_result = !report.outputs.empty() || report.result;
    if (report.state == TaskState::succeeded) RC_ASSERT(has_result != report.reread);
    if (report.reread) RC_ASSERT(report.state == TaskState::succeeded);
    if (report.progress) RC_ASSERT(*report.progress >= 0 && *report.progress <= 1);
    if (report.credits) RC_ASSERT(*report.credits >= 0);
    if (report.result) RC_ASSERT(report.result->is_object());
}

void check_all_readers(const std::string& body) {
    const int status = *rc::gen::elementOf(std::vector<int>(std::begin(statuses), std::end(statuses)));
    const http::Exchange exchange{http::ClientResponse{status, {}, body}, http::Written::fully};
    const auto created = classify_create(exchange, true);
    RC_ASSERT((created.verdict == CreateVerdict::created) == !created.task_id.empty());
    RC_ASSERT(created.verdict != CreateVerdict::wrong_endpoint);
    const auto queried = classify_query(exchange, true);
    if (queried.verdict == QueryVerdict::answered) RC_ASSERT(queried.envelope.has_value());

    const auto envelope = read_envelope(*exchange.answer);
    if (!envelope) return;
    const json::object input;
    for (const auto family : all_families) {
        for (const char* model : models) {
            const TaskSpec spec{model, model, input, "t", ""};
            check_report(adapter(family).read(spec, *envelope));
            (void)adapter(family).read_create(spec, *envelope);
        }
    }
}

RC_GTEST_PROP(Reading, survives_edited_bytes, ()) {
    check_all_readers(edited(*rc::gen::elementOf(samples())));
}

RC_GTEST_PROP(Reading, survives_swapped_types, ()) {
    auto body = json::parse(*rc::gen::elementOf(samples()));
    swap_types(body);
    check_all_readers(json::serialize(body));
}

RC_GTEST_PROP(Reading, survives_any_bytes, (const std::string& body)) {
    check_all_readers(body);
}

}  // namespace
}  // namespace genq::upstream
