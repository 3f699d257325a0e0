#pragma once
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>

#include "common/core/clock.hpp"

namespace genq::cli {

/// How large a picture of the queue may be, in characters and lines.
struct PictureSize {
    std::size_t columns = 120;
    std::size_t lines = 24;
};

/// `[#####-----]` with `width` characters between the brackets; `fraction` is cut to 0…1.
[[nodiscard]] std::string render_bar(double fraction, std::size_t width);

/// How a batch stands, in one line: a bar, how many jobs of how many have ended, what runs, what failed.
/// `batch` is what GET /v1/batches/{id} answers.
[[nodiscard]] std::string render_batch(const boost::json::value& batch);

/// The queue for people, as `genqd watch` shows it: counts, the limiter's window, holds, and a table of jobs. `queue`
/// is GET /v1/queue's answer, `running` and `newest` pages of GET /v1/jobs; a job in both is shown once. No line is
/// longer than the size says, and there are not more of them.
[[nodiscard]] std::string render_queue(const boost::json::value& queue, const boost::json::value& running,
                                       const boost::json::value& newest, WallTime now, PictureSize size);

}  // namespace genq::cli
