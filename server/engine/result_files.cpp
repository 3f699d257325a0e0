#include "server/engine/result_files.hpp"

#include <boost/json/serialize.hpp>
#include <span>

#include "server/upstream/results.hpp"

namespace genq::engine {

namespace asio = boost::asio;

namespace {

constexpr std::string_view text_role = "text";
constexpr std::string_view json_role = "json";

std::optional<std::string> contents_of(const Job& job, const Output& output) {
    if (!job.result) return std::nullopt;
    if (output.role == json_role) return boost::json::serialize(*job.result) + "\n";
    return upstream::text_of_result(*job.result);
}

}  // namespace

void list_result_files(std::vector<Output>& outputs, const boost::json::value& result) {
    if (!upstream::text_of_result(result)) return;
    for (const auto role : {text_role, json_role}) {
        Output file;
        file.index = static_cast<int>(outputs.size());
        file.role = role;
        outputs.push_back(std::move(file));
    }
}

bool is_result_file(const Output& output) {
    return output.source_url.empty();
}

asio::awaitable<Result<blobs::BlobInfo>> write_result_file(blobs::BlobStore& blobs, const Job& job,
                                                           const Output& output) {
    const auto contents = contents_of(job, output);
    if (!contents) co_return fail(errc::invalid_argument, "the job's result holds no text");
    auto writer = blobs.create();
    if (!writer) co_return std::unexpected(writer.error());
    auto written = co_await (*writer)->write(std::as_bytes(std::span(*contents)));
    if (!written) co_return std::unexpected(written.error());
    auto stored = co_await (*writer)->commit();
    // Lyrics that begin with "[" look like JSON to who only sees their first bytes.
    if (stored) stored->media_type = output.role == json_role ? "application/json" : "text/plain; charset=utf-8";
    co_return stored;
}

}  // namespace genq::engine
