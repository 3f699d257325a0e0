#pragma once
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>

#include "common/core/clock.hpp"

namespace genq::cli {

/// How large a picture of the queue may be, in columns and lines.
struct PictureSize {
    std::size_t columns = 120;
    std::size_t lines = 24;
};

/// `[#####-----]` with `width` characters between the brackets; `fraction` is cut to 0…1.
[[nodiscard]] std::string render_bar(double fraction, std::size_t width);

/// How a batch stands, in one line: a bar, how many jobs of how many have ended, what runs, what failed.
/// `batch` is what GET /v1/batches/{id} answers.
[[nodiscard]] std::string render_batch(const boost::json::value& batch);

/// Pages of GET /v1/jobs.
struct JobPages {
    boost::json::value running;
    boost::json::value queued;
    boost::json::value ended;  ///< newest first
};

/// The queue for people, as `genqd watch` shows it: counts, the limiter's window, holds, and a table of jobs: those
/// that run, those that run next, and what ended last; where not all fit, the latter two share what is left. `queue` is
/// GET /v1/queue's answer. No line is longer than the size says, and there are not more of them.
[[nodiscard]] std::string render_queue(const boost::json::value& queue, const JobPages& jobs, WallTime now,
                                       PictureSize size);

}  // namespace genq::cli
