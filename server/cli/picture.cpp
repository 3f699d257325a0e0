#include "server/cli/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "common/core/rfc3339.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

// How long ago; negative for times to come. nullopt for no time.
std::optional<std::int64_t> seconds_from(const std::string& time, WallTime now) {
    const auto read = from_rfc3339(time);
    if (!read) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(now - *read).count();
}

// UTF-8's bytes that go on are no characters of their own.
std::string cut(std::string_view line, std::size_t columns) {
    std::size_t seen = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U;
        if (begins && ++seen > columns) return std::string(line.substr(0, at));
    }
    return std::string(line);
}

std::string counts(const boost::json::value& depth) {
    std::string text;
    for (const char* status :
         {"queued", "submitting", "generating", "downloading", "succeeded", "failed", "canceled"}) {
        text += fmt::format("{}{} {}", text.empty() ? "" : "   ", status, int_at(depth, status));
    }
    return text;
}

std::string pace(const boost::json::value& queue) {
    const auto limit = int_at(queue, "limiter.limit");
    const auto used = limit - int_at(queue, "limiter.tokens_free");
    const double share = limit > 0 ? static_cast<double>(used) / static_cast<double>(limit) : 0;
    std::string text =
        fmt::format("limit {} {}/{} in {} s   finished {}/min", render_bar(share, 20), used, limit,
                    text_at(queue, "limiter.window_s"), text_at(queue, "throughput.finished_per_minute"));
    if (const auto left = int_at(queue, "estimated_drain_s"); left > 0)
        text += "   empty in about " + human_seconds(left);
    if (const auto credits = text_at(queue, "credits.balance"); !credits.empty()) text += "   credits " + credits;
    return text;
}

std::string progress(const boost::json::value& job, WallTime now) {
    if (const auto reason = text_at(job, "queue.reason"); !reason.empty()) {
        const auto start = seconds_from(text_at(job, "queue.estimated_start_at"), now);
        return start && *start < 0 ? fmt::format("{}, starts in about {}", reason, human_seconds(-*start)) : reason;
    }
    if (const auto code = text_at(job, "error.code"); !code.empty()) return code;
    const auto* fraction = at(job, "progress.fraction").if_double();
    if (fraction == nullptr || is_finished(job)) return "";
    const auto end = seconds_from(text_at(job, "progress.estimated_finish_at"), now);
    return fmt::format("{} {:.0f} %{}", render_bar(*fraction, 10), *fraction * 100,
                       end && *end < 0 ? ", about " + human_seconds(-*end) + " left" : "");
}

}  // namespace

std::string render_bar(double fraction, std::size_t width) {
    const auto full = static_cast<std::size_t>(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(width));
    return "[" + std::string(full, '#') + std::string(width - full, '-') + "]";
}

std::string render_batch(const boost::json::value& batch) {
    const auto total = int_at(batch, "total");
    const auto failed = int_at(batch, "counts.failed");
    const auto canceled = int_at(batch, "counts.canceled");
    const auto ended = int_at(batch, "counts.succeeded") + failed + canceled;
    const auto running = total - ended - int_at(batch, "counts.queued");
    std::string text = fmt::format(
        "{} {}/{} done, {} running",
        render_bar(total > 0 ? static_cast<double>(ended) / static_cast<double>(total) : 0, 30), ended, total, running);
    if (failed > 0) text += fmt::format(", {} failed", failed);
    if (canceled > 0) text += fmt::format(", {} canceled", canceled);
    return text;
}

std::string render_queue(const boost::json::value& queue, const boost::json::value& running,
                         const boost::json::value& newest, WallTime now, PictureSize size) {
    std::vector<std::string> lines{counts(at(queue, "depth")), pace(queue)};
    for (const auto& hold : array_at(queue, "holds")) {
        lines.push_back(fmt::format("HELD: {}{}{}", text_at(hold, "reason"), at(hold, "detail").is_null() ? "" : ": ",
                                    text_at(hold, "detail")));
    }
    std::vector<std::vector<std::string>> rows{{"JOB", "STATUS", "MODEL", "AGE", ""}};
    std::set<std::string> shown;
    for (const auto* page : {&running, &newest}) {
        for (const auto& job : array_at(*page, "jobs")) {
            if (!shown.insert(text_at(job, "id")).second) continue;
            const auto age = seconds_from(text_at(job, "created_at"), now);
            rows.push_back({text_at(job, "id"), text_at(job, "status"), text_at(job, "model"),
                            age ? human_seconds(std::max<std::int64_t>(*age, 0)) : "", progress(job, now)});
        }
    }
    lines.emplace_back();
    const auto table = render_table(rows);
    for (std::size_t from = 0; from < table.size();) {
        const auto end = std::min(table.find('\n', from), table.size());
        lines.push_back(table.substr(from, end - from));
        from = end + 1;
    }
    lines.resize(std::min(lines.size(), size.lines));
    std::string picture;
    for (const auto& line : lines) picture += cut(printable(line), size.columns) + '\n';
    return picture;
}

}  // namespace genq::cli
