#include "server/sandbox/uploads.hpp"

#include <algorithm>
#include <array>

#include "common/core/rfc3339.hpp"
#include "common/crypto/encoding.hpp"
#include "common/http/media_type.hpp"
#include "server/sandbox/families.hpp"
#include "server/sandbox/multipart.hpp"

// Uploads (docs.kie.ai, file-upload-api/*), and the older public text's two.
namespace genq::sandbox {
namespace {

namespace json = boost::json;

// Uploads say `success` beside the code, and say 400 where creates say 422.
json::object upload_envelope(const Answer<json::value>& answer) {
    if (!answer) return {{"success", false}, {"code", answer.error().code}, {"msg", answer.error().msg}};
    return {{"success", true}, {"code", 200}, {"msg", "File uploaded successfully"}, {"data", *answer}};
}

std::unexpected<ApiError> missing(std::string_view name) {
    return refuse(400, "Missing required parameter: " + std::string(name));
}

// Letters, digits and a few signs stay; anything else, dots at a segment's start included, becomes `_`.
std::string clean_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || (c == '/' && !out.empty() && out.back() != '/') ||
                           (c == '.' && !out.empty() && out.back() != '/' && out.back() != '.');
        out.push_back(plain ? c : '_');
    }
    while (!out.empty() && out.back() == '/') out.pop_back();
    return out;
}

struct Stored {
    std::string name;
    std::string path;
    std::string url;
    std::string type;
    std::size_t size = 0;
};

Stored store(Workshop& shop, const Call& call, std::string folder, std::string name, std::string bytes) {
    Stored stored;
    stored.type = http::sniff_media_type(std::string_view(bytes).substr(0, http::sniff_bytes));
    stored.name = clean_path(name.substr(name.find_last_of('/') + 1));
    if (stored.name.empty()) {
        stored.name = shop.random().hex(8) + "." + std::string(http::extension_for(stored.type));
    }
    folder = clean_path(folder);
    stored.path = "kieai/1/" + (folder.empty() ? "" : folder + "/") + stored.name;
    stored.url = call.origin + "/files/" + stored.path;
    stored.size = bytes.size();
    shop.uploads().put(stored.path, std::move(bytes), stored.type, call.now.steady);
    return stored;
}

json::value described(const Stored& stored, const Call& call) {
    return json::object{{"success", true},
                        {"fileName", stored.name},
                        {"filePath", stored.path},
                        {"downloadUrl", stored.url},
                        {"fileSize", stored.size},
                        {"mimeType", stored.type},
                        {"uploadedAt", to_rfc3339(call.now.wall)}};
}

// Raw base64 or a data URL; padding may be left out.
Answer<std::string> decode(std::string text) {
    if (text.starts_with("data:")) text.erase(0, std::min(text.find(',') + 1, text.size()));
    while (text.size() % 4 != 0) text.push_back('=');
    auto bytes = crypto::from_base64(text);
    if (!bytes || bytes->empty()) return refuse(400, "Base64 data is invalid");
    return std::move(*bytes);
}

// Asks for the file at first, and is called again with it.
Answer<std::string> fetch(Call& call, std::string url) {
    if (call.fetched == nullptr) {
        call.fetch_url = std::move(url);
        return std::string();
    }
    if (!call.fetched->ok) return refuse(400, "Failed to fetch the file from the given URL");
    return call.fetched->bytes;
}

Answer<json::value> by_base64(Workshop& shop, Call& call) {
    for (const auto* key : {"base64Data", "uploadPath"}) {
        if (!is_filled(call.body, key)) return missing(key);
    }
    auto bytes = decode(text_at(call.body, "base64Data"));
    if (!bytes) return std::unexpected(bytes.error());
    return described(
        store(shop, call, text_at(call.body, "uploadPath"), text_at(call.body, "fileName"), std::move(*bytes)), call);
}

Answer<json::value> by_url(Workshop& shop, Call& call) {
    for (const auto* key : {"fileUrl", "uploadPath"}) {
        if (!is_filled(call.body, key)) return missing(key);
    }
    auto bytes = fetch(call, text_at(call.body, "fileUrl"));
    if (!bytes) return std::unexpected(bytes.error());
    if (call.fetched == nullptr) return json::value(nullptr);
    return described(
        store(shop, call, text_at(call.body, "uploadPath"), text_at(call.body, "fileName"), std::move(*bytes)), call);
}

Answer<json::value> by_stream(Workshop& shop, Call& call) {
    const auto parts = read_multipart(call.request.headers.get("Content-Type"), call.request.body);
    if (!parts) return refuse(400, "The body is not valid multipart/form-data");
    const auto find = [&parts](std::string_view name) -> const Part* {
        const auto found = std::ranges::find(*parts, name, &Part::name);
        return found == parts->end() ? nullptr : &*found;
    };
    const auto* file = find("file");
    const auto* path = find("uploadPath");
    const auto* name = find("fileName");
    if (file == nullptr) return missing("file");
    if (path == nullptr || path->content.empty()) return missing("uploadPath");
    const auto wanted = name == nullptr ? file->file_name : std::string(name->content);
    return described(store(shop, call, std::string(path->content), wanted, std::string(file->content)), call);
}

Answer<json::value> seed_url(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"url"}); !there) return std::unexpected(there.error());
    auto bytes = fetch(call, text_at(call.body, "url"));
    if (!bytes) return std::unexpected(bytes.error());
    if (call.fetched == nullptr) return json::value(nullptr);
    return json::object{{"fileUrl", store(shop, call, "", "", std::move(*bytes)).url}};
}

Answer<json::value> seed_base64(Workshop& shop, Call& call) {
    if (auto there = require(call.body, {"base64"}); !there) return std::unexpected(there.error());
    auto bytes = decode(text_at(call.body, "base64"));
    if (!bytes) return std::unexpected(bytes.error());
    return json::object{{"fileUrl", store(shop, call, "", text_at(call.body, "fileName"), std::move(*bytes)).url}};
}

constexpr std::array routes{
    Route{"POST", "/api/file-url-upload", "upload", Variant::documented, false,
          [](Workshop& shop, Call& call) { return upload_envelope(by_url(shop, call)); }},
    Route{"POST", "/api/file-base64-upload", "upload", Variant::documented, false,
          [](Workshop& shop, Call& call) { return upload_envelope(by_base64(shop, call)); }},
    Route{"POST", "/api/file-stream-upload", "upload", Variant::documented, false,
          [](Workshop& shop, Call& call) { return upload_envelope(by_stream(shop, call)); }},
    Route{"POST", "/api/v1/uploads/url", "upload", Variant::seed, false,
          [](Workshop& shop, Call& call) { return envelope(seed_url(shop, call)); }},
    Route{"POST", "/api/v1/uploads/base64", "upload", Variant::seed, false,
          [](Workshop& shop, Call& call) { return envelope(seed_base64(shop, call)); }},
};

}  // namespace

std::span<const Route> upload_routes() {
    return routes;
}

}  // namespace genq::sandbox
