#include <algorithm>
#include <atomic>
#include <memory>

#include "common/async/with_timeout.hpp"
#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/http/media_type.hpp"
#include "common/http/url.hpp"
#include "server/api/job_access.hpp"
#include "server/engine/fetch.hpp"
#include "server/front/create.hpp"
#include "server/front/handlers.hpp"
#include "server/front/multipart.hpp"

// Files of a client (file-upload-api/*): they become blobs, and what it gets is a URL that later creates know again.
namespace genq::front {

namespace asio = boost::asio;
namespace bj = boost::json;

namespace {

constexpr std::chrono::hours lifetime{72};         // of an upload's URL; kie.ai keeps uploads as long
constexpr std::chrono::seconds longest_fetch{30};  // kie.ai's own limit

No failed(Core& core, const Context& context, const Error& error) {
    switch (error.code) {
        case errc::too_large:
            return {413, "The file is too large"};
        case errc::storage_full:
            return {455, "There is no room for the file"};
        case errc::forbidden:
            return {400, "The URL leads to a private address"};
        case errc::invalid_argument:
        case errc::not_found:
        case errc::timeout:
        case errc::unreachable:
        case errc::tls:
        case errc::connection_lost:
        case errc::malformed:
        case errc::canceled:
            return {400, "Failed to fetch the file from the given URL"};
        case errc::conflict:
        case errc::already_exists:
        case errc::busy:
        case errc::corrupt:
        case errc::io:
        case errc::unsupported:
            return no_of(api::reported(core, context, error));
    }
    return {500, "The file could not be stored"};
}

/// The last segment of what a client calls its file, with letters, digits and a few signs; then made whole by what the
/// bytes are.
std::string file_name(std::string_view wanted, const blobs::BlobInfo& blob) {
    constexpr std::size_t longest = 120;
    wanted = wanted.substr(wanted.find_last_of("/\\") + 1);
    std::string name;
    for (const char c : wanted.substr(0, longest)) {
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                              c == '_' || (c == '.' && !name.empty());
        name += is_plain ? c : '_';
    }
    if (!name.empty()) return name;
    return blob.digest.hex().substr(0, 16) + "." + std::string(http::extension_for(blob.media_type));
}

struct Named {
    std::string name;
    std::string folder;
};

http::Response answer(Core& core, const Context& context, const blobs::BlobInfo& blob, const Named& named) {
    const std::string name = file_name(named.name, blob);
    const auto keys = core.services.url_keys();
    const auto signer = signer_for(core, context, *keys, lifetime);
    const std::string url = signer(blob.digest, name);
    std::string body;
    json::Writer out(body);
    out.begin_object().field("success", true).field("code", 200).field("msg", "File uploaded successfully");
    // The members of kie.ai's pages, of its quick start, and of an older guide.
    out.key("data").begin_object().field("success", true).field("fileId", blob.digest.hex()).field("fileName", name);
    out.field("filePath", named.folder.empty() ? name : named.folder + "/" + name);
    out.field("downloadUrl", url).field("fileUrl", url).field("fileSize", blob.bytes);
    out.field("mimeType", blob.media_type).field("uploadedAt", to_rfc3339(core.services.clock.wall_now()));
    out.field("expiresAt", to_rfc3339(signer.expires)).end_object().end_object();
    return {.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

bool has_room(Core& core) {
    const auto free = core.services.blobs.free_bytes();
    return free && *free >= core.options.min_free_bytes;
}

asio::awaitable<Result<blobs::BlobInfo>> store(Core& core, std::string_view bytes) {
    if (!has_room(core)) co_return fail(errc::storage_full, "too little room is left");
    auto writer = core.services.blobs.create();
    if (!writer) co_return std::unexpected(writer.error());
    if (auto done = co_await (*writer)->write(crypto::bytes_of(bytes)); !done) co_return std::unexpected(done.error());
    co_return co_await (*writer)->commit();
}

/// Downloads it under the guards of outputs: the same addresses, the same largest size.
asio::awaitable<Result<blobs::BlobInfo>> fetch(Core& core, std::string url) {
    if (core.services.transport == nullptr) co_return fail(errc::unreachable, "nothing is fetched here");
    if (!has_room(core)) co_return fail(errc::storage_full, "too little room is left");
    http::DownloadRequest request;
    request.url = std::move(url);
    request.max_bytes = core.options.max_file_bytes;
    request.stall = longest_fetch;
    request.allow_private = core.options.allow_private;
    auto stop = std::make_shared<std::atomic<bool>>(false);
    co_return co_await async::with_timeout<blobs::BlobInfo>(
        core.services.clock, core.services.clock.now() + longest_fetch,
        engine::fetch(core.services.clock, *core.services.transport, core.services.blobs, std::move(request),
                      std::move(stop)));
}

/// A form's file on its way into the store, to be committed once the form is whole, and what it is called.
struct Uploaded {
    std::unique_ptr<blobs::BlobWriter> file{};
    Named named{};
};

asio::awaitable<Result<std::unique_ptr<blobs::BlobWriter>>> store_field(Core& core, FormReader& form) {
    if (!has_room(core)) co_return fail(errc::storage_full, "too little room is left");
    auto writer = core.services.blobs.create();
    if (!writer) co_return std::unexpected(writer.error());
    for (;;) {
        const auto piece = co_await form.read();
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) co_return std::move(*writer);
        if (auto done = co_await (*writer)->write(crypto::bytes_of(*piece)); !done) {
            co_return std::unexpected(done.error());
        }
    }
}

asio::awaitable<Result<std::string>> short_field(FormReader& form) {
    constexpr std::size_t longest = 4096;
    std::string text;
    for (;;) {
        const auto piece = co_await form.read();
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) co_return text;
        if (text.size() + piece->size() > longest) co_return fail(errc::malformed, "a field of the form is too long");
        text += *piece;
    }
}

asio::awaitable<Result<Uploaded>> read_upload(Core& core, FormReader& form) {
    Uploaded uploaded;
    std::string filename;
    for (;;) {
        auto field = co_await form.next();
        if (!field) co_return std::unexpected(field.error());
        if (!*field) break;
        if ((*field)->name == "file" && !uploaded.file) {
            auto file = co_await store_field(core, form);
            if (!file) co_return std::unexpected(file.error());
            uploaded.file = std::move(*file);
            filename = std::move((*field)->filename);
        } else if ((*field)->name == "fileName" || (*field)->name == "uploadPath") {
            auto text = co_await short_field(form);
            if (!text) co_return std::unexpected(text.error());
            ((*field)->name == "fileName" ? uploaded.named.name : uploaded.named.folder) = std::move(*text);
        }
    }
    if (uploaded.named.name.empty()) uploaded.named.name = std::move(filename);
    co_return uploaded;
}

/// Gathers what the session has left to the handler of the body.
asio::awaitable<Result<void>> gather(http::Request& request) {
    while (request.stream != nullptr) {
        const auto piece = co_await request.stream->next();
        if (!piece) co_return std::unexpected(piece.error());
        if (piece->empty()) break;
        request.body += *piece;
    }
    co_return Result<void>{};
}

/// Raw base64 or a data URL; line breaks and missing padding are forgiven.
Result<std::string> decode(std::string text) {
    if (text.starts_with("data:")) text.erase(0, std::min(text.find(',') + 1, text.size()));
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
    while (text.size() % 4 != 0) text.push_back('=');
    return crypto::from_base64(text);
}

/// Required by the pages of kie.ai, unknown to the older guide.
bool lacks_folder(const Context& context, std::string_view folder) {
    return folder.empty() && context.request.target.starts_with("/api/file-");
}

const No no_folder{400, "Missing required parameter: uploadPath"};

std::string first_text(const bj::object& body, std::string_view one, std::string_view other) {
    auto text = text_at(body, one);
    return text.empty() ? text_at(body, other) : text;
}

}  // namespace

Answer upload_base64(Core& core, Context& context) {
    if (auto there = co_await gather(context.request); !there) {
        co_return upload_refusal(failed(core, context, there.error()));
    }
    const auto body = read_object(context.request);
    if (!body) co_return upload_refusal(body.error());
    auto text = first_text(*body, "base64Data", "base64");
    if (text.empty()) co_return upload_refusal({400, "Missing required parameter: base64Data"});
    if (lacks_folder(context, text_at(*body, "uploadPath"))) co_return upload_refusal(no_folder);
    const auto bytes = co_await core.services.workers.run([&text] { return decode(std::move(text)); });
    if (!bytes || bytes->empty()) co_return upload_refusal({400, "Base64 data is invalid"});
    const auto blob = co_await store(core, *bytes);
    if (!blob) co_return upload_refusal(failed(core, context, blob.error()));
    co_return answer(core, context, *blob, {text_at(*body, "fileName"), text_at(*body, "uploadPath")});
}

Answer upload_url(Core& core, Context& context) {
    const auto body = read_object(context.request);
    if (!body) co_return upload_refusal(body.error());
    const auto url = first_text(*body, "fileUrl", "url");
    if (url.empty()) co_return upload_refusal({400, "Missing required parameter: fileUrl"});
    if (lacks_folder(context, text_at(*body, "uploadPath"))) co_return upload_refusal(no_folder);
    const auto parsed = http::parse_url(url);
    if (!parsed) co_return upload_refusal({400, "fileUrl must be an http(s) URL"});
    const auto blob = co_await fetch(core, url);
    if (!blob) co_return upload_refusal(failed(core, context, blob.error()));
    auto name = text_at(*body, "fileName");
    if (name.empty()) name = parsed->target.substr(0, parsed->target.find('?'));
    co_return answer(core, context, *blob, {std::move(name), text_at(*body, "uploadPath")});
}

Answer upload_stream(Core& core, Context& context) {
    auto& request = context.request;
    FormReader form(request.headers.get("Content-Type"), std::move(request.body), request.stream);
    const auto uploaded = co_await read_upload(core, form);
    if (!uploaded && uploaded.error().code == errc::malformed) {
        co_return upload_refusal({400, "The body is not valid multipart/form-data"});
    }
    if (!uploaded) co_return upload_refusal(failed(core, context, uploaded.error()));
    if (!uploaded->file || uploaded->file->size() == 0) {
        co_return upload_refusal({400, "Missing required parameter: file"});
    }
    if (lacks_folder(context, uploaded->named.folder)) co_return upload_refusal(no_folder);
    const auto blob = co_await uploaded->file->commit();
    if (!blob) co_return upload_refusal(failed(core, context, blob.error()));
    co_return answer(core, context, *blob, uploaded->named);
}

}  // namespace genq::front
