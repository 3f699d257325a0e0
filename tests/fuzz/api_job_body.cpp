// Any bytes as the body of POST /v1/jobs: a job within its limits comes out, or faults that name their place.
// links: genq::api
#include <cstdint>
#include <string_view>

#include "common/core/check.hpp"
#include "common/json/canonical.hpp"
#include "common/json/parse.hpp"
#include "server/api/job_body.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace genq;
    static const auto catalogue = catalogue::Catalogue::load("").value();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto value = json::parse(text);
    if (!value || !value->is_object()) return 0;
    // What is written canonically reads back as what it was.
    const auto canonical = json::canonical(*value);
    const auto back = json::parse(canonical);
    GENQ_CHECK(back && json::canonical(*back) == canonical);

    const auto read = api::read_job(std::move(value->as_object()), {.catalogue = *catalogue, .caller = "x"});
    if (read) {
        const NewJob& job = read->job;
        GENQ_CHECK(job.priority >= -100 && job.priority <= 100);
        GENQ_CHECK(job.max_attempts >= 1 && job.max_attempts <= 100);
        GENQ_CHECK(job.labels.size() <= 16 && !job.model.empty() && !job.wire_model.empty());
    } else {
        GENQ_CHECK(!read.error().errors.empty());
        static_cast<void>(api::to_response(read.error()));
    }
    return 0;
}
