#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "common/crypto/sha256.hpp"
#include "server/cli/exit_code.hpp"
#include "server/cli/format.hpp"
#include "server/cli/say.hpp"
#include "server/cli/wait.hpp"

namespace genq::cli {
namespace {

namespace fs = std::filesystem;

// Outputs are asked for in pieces of this size: no more is held in memory, and the progress line moves.
constexpr std::int64_t piece_bytes = std::int64_t{4} << 20;

// The file name that the job gives, without any folder in it.
std::string file_name(const boost::json::value& output) {
    const auto name = fs::path(text_at(output, "filename")).filename().string();
    if (name.empty() || name == "." || name == "..") return fmt::format("output-{}", int_at(output, "index"));
    return printable(name);
}

bool has_digest(const fs::path& path, const std::string& digest) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return false;
    crypto::Sha256 hash;
    std::string buffer(1 << 16, '\0');
    while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0) {
        hash.update(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
    }
    return hash.hex_digest() == digest;
}

int file_error(const fs::path& path) {
    say("{} can't be written: {}\n", path.string(), std::strerror(errno));
    return exit_failed;
}

// Fetches one output into `file`; returns its digest.
std::expected<std::string, int> fetch_into(Client& client, const std::string& target, std::int64_t bytes,
                                           std::ofstream& file, const fs::path& path, ProgressLine& progress) {
    crypto::Sha256 hash;
    for (std::int64_t offset = 0; offset < bytes;) {
        Call call{.target = target};
        call.headers.set("Range", fmt::format("bytes={}-{}", offset, std::min(offset + piece_bytes, bytes) - 1));
        const auto response = client.send(call);
        if (!response) return std::unexpected(report(response.error(), client.url()));
        if (response->status != 206 && response->status != 200) return std::unexpected(report_refusal(*response));
        if (response->body.empty() || (response->status == 200 && offset > 0)) {
            say("The daemon did not send the part of {} that was asked for.\n", target);
            return std::unexpected(exit_refused);
        }
        hash.update(response->body);
        errno = 0;
        if (!file.write(response->body.data(), static_cast<std::streamsize>(response->body.size()))) {
            return std::unexpected(file_error(path));
        }
        offset += static_cast<std::int64_t>(response->body.size());
        progress.show(fmt::format("{}  {} of {}", path.filename().string(),
                                  human_bytes(static_cast<std::uint64_t>(offset)),
                                  human_bytes(static_cast<std::uint64_t>(bytes))));
    }
    errno = 0;
    if (!file.flush()) return std::unexpected(file_error(path));
    return hash.hex_digest();
}

}  // namespace

bool prepare_folder(const std::string& folder) {
    if (folder.empty()) return true;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        say("The folder {} can't be made: {}\n", folder, error.message());
        return false;
    }
    if (::access(folder.c_str(), W_OK | X_OK) == 0) return true;
    say("The folder {} can't be written into: {}\n", folder, std::strerror(errno));
    return false;
}

std::expected<std::vector<std::string>, int> fetch_outputs(Client& client, const boost::json::value& job,
                                                           const std::string& folder) {
    if (!prepare_folder(folder)) return std::unexpected(exit_failed);
    std::error_code error;
    auto progress = ProgressLine::on_stderr();
    std::vector<std::string> paths;
    for (const auto& output : array_at(job, "outputs")) {
        const fs::path path = fs::path(folder) / file_name(output);
        const auto digest = text_at(output, "sha256");
        if (!has_digest(path, digest)) {
            // Beside its place first, so that nobody takes half a file for a whole one.
            const fs::path part = path.string() + ".part";
            errno = 0;
            std::ofstream file(part, std::ios::binary | std::ios::trunc);
            if (!file) return std::unexpected(file_error(part));
            const auto target = fmt::format("{}/outputs/{}", job_target(text_at(job, "id")), int_at(output, "index"));
            const auto got = fetch_into(client, target, int_at(output, "bytes"), file, part, progress);
            file.close();
            if (!got || *got != digest) {
                fs::remove(part, error);
                if (!got) return std::unexpected(got.error());
                say("{} came with other bytes than the job lists (SHA-256).\n", path.string());
                return std::unexpected(exit_failed);
            }
            fs::rename(part, path, error);
            if (error) {
                say("{} can't be written: {}\n", path.string(), error.message());
                return std::unexpected(exit_failed);
            }
        }
        paths.push_back(path.string());
    }
    return paths;
}

}  // namespace genq::cli
