#include "server/cli/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/core/rfc3339.hpp"
#include "server/cli/characters.hpp"
#include "server/cli/format.hpp"

namespace genq::cli {
namespace {

// How long ago; negative for times to come. nullopt for no time.
std::optional<std::int64_t> seconds_from(const std::string& time, WallTime now) {
    const auto read = from_rfc3339(time);
    if (!read) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::seconds>(now - *read).count();
}

// Under this a bar and an age would take the place of what matters more.
constexpr std::size_t wide_columns = 110;

using Parts = std::vector<std::string>;

// The parts in as few lines as they fit in.
void add_wrapped(std::vector<std::string>& lines, const Parts& parts, std::size_t columns) {
    constexpr std::string_view gap = "   ";
    std::string line;
    for (const auto& part : parts) {
        if (!line.empty() && columns_of(line) + gap.size() + columns_of(part) > columns) {
            lines.push_back(std::move(line));
            line.clear();
        }
        if (!line.empty()) line += gap;
        line += part;
    }
    lines.push_back(std::move(line));
}

Parts counts(const boost::json::value& depth) {
    Parts parts;
    for (const char* status :
         {"queued", "submitting", "generating", "downloading", "succeeded", "failed", "canceled"}) {
        parts.push_back(fmt::format("{} {}", status, int_at(depth, status)));
    }
    return parts;
}

Parts pace(const boost::json::value& queue) {
    const auto limit = int_at(queue, "limiter.limit");
    const auto used = limit - int_at(queue, "limiter.tokens_free");
    const double share = limit > 0 ? static_cast<double>(used) / static_cast<double>(limit) : 0;
    Parts parts{
        fmt::format("limit {} {}/{} in {} s", render_bar(share, 20), used, limit, text_at(queue, "limiter.window_s")),
        fmt::format("finished {}/min", text_at(queue, "throughput.finished_per_minute"))};
    if (const auto left = int_at(queue, "estimated_drain_s"); left > 0) {
        parts.push_back("empty in about " + human_seconds(left));
    }
    if (const auto credits = text_at(queue, "credits.balance"); !credits.empty()) parts.push_back("credits " + credits);
    return parts;
}

std::string progress(const boost::json::value& job, WallTime now, bool wide) {
    if (auto reason = text_at(job, "queue.reason"); !reason.empty()) {
        const auto start = seconds_from(text_at(job, "queue.estimated_start_at"), now);
        if (!start || *start >= 0) return reason;
        return fmt::format("{}, {} {}", reason, wide ? "starts in about" : "in", human_seconds(-*start));
    }
    if (const auto code = text_at(job, "error.code"); !code.empty()) return code;
    const auto* fraction = at(job, "progress.fraction").if_double();
    if (fraction == nullptr || is_finished(job)) return "";
    const auto end = seconds_from(text_at(job, "progress.estimated_finish_at"), now);
    const auto left = end && *end < 0 ? fmt::format(", {}{} left", wide ? "about " : "", human_seconds(-*end)) : "";
    return fmt::format("{}{:.0f} %{}", wide ? render_bar(*fraction, 10) + " " : "", *fraction * 100, left);
}

std::vector<const boost::json::value*> jobs_of(const boost::json::value& page) {
    std::vector<const boost::json::value*> jobs;
    for (const auto& job : array_at(page, "jobs")) jobs.push_back(&job);
    return jobs;
}

// Those that are shown in so many lines.
std::vector<const boost::json::value*> chosen(const JobPages& pages, std::size_t lines) {
    auto shown = jobs_of(pages.running);
    shown.resize(std::min(shown.size(), lines));
    lines -= shown.size();
    auto queued = jobs_of(pages.queued);
    const auto place = [](const boost::json::value* job) {
        const bool told = at(*job, "queue.position").is_number();
        return std::pair(told ? int_at(*job, "queue.position") : INT64_MAX, text_at(*job, "id"));
    };
    std::ranges::sort(queued, {}, place);
    auto ended = jobs_of(pages.ended);
    const auto half = std::min(ended.size(), lines / 2);
    queued.resize(std::min(queued.size(), lines - half));
    ended.resize(std::min(ended.size(), lines - queued.size()));
    shown.insert(shown.end(), queued.begin(), queued.end());
    shown.insert(shown.end(), ended.begin(), ended.end());
    return shown;
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

std::string render_queue(const boost::json::value& queue, const JobPages& jobs, WallTime now, PictureSize size) {
    const bool wide = size.columns >= wide_columns;
    std::vector<std::string> lines;
    add_wrapped(lines, counts(at(queue, "depth")), size.columns);
    add_wrapped(lines, pace(queue), size.columns);
    for (const auto& hold : array_at(queue, "holds")) {
        lines.push_back(fmt::format("HELD: {}{}{}", text_at(hold, "reason"), at(hold, "detail").is_null() ? "" : ": ",
                                    text_at(hold, "detail")));
    }
    lines.emplace_back();
    std::vector<std::vector<std::string>> rows{{"JOB", "STATUS", "MODEL"}};
    if (wide) rows.front().emplace_back("AGE");
    rows.front().emplace_back("");
    for (const auto* job : chosen(jobs, size.lines - std::min(size.lines, lines.size() + 1))) {
        const auto age = seconds_from(text_at(*job, "created_at"), now);
        rows.push_back({text_at(*job, "id"), text_at(*job, "status"), text_at(*job, "model")});
        if (wide) rows.back().push_back(age ? human_seconds(std::max<std::int64_t>(*age, 0)) : "");
        rows.back().push_back(progress(*job, now, wide));
    }
    const auto table = render_table(rows, size.columns);
    for (std::size_t from = 0; from < table.size();) {
        const auto end = std::min(table.find('\n', from), table.size());
        lines.push_back(table.substr(from, end - from));
        from = end + 1;
    }
    lines.resize(std::min(lines.size(), size.lines));
    std::string picture;
    for (const auto& line : lines) picture += cut_to(printable(line), size.columns) + '\n';
    return picture;
}

}  // namespace genq::cli
