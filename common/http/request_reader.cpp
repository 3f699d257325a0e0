#include "common/http/request_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace genq::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using ErrorCode = beast::error_code;

namespace {

/// Room that is made at once for a body of known length; the rest when its bytes really come.
constexpr std::uint64_t reserve_bytes = 64 << 10;

/// Fills a Request directly, so that nothing is copied from one message type to another.
class RequestParser final : public bhttp::basic_parser<true> {
  public:
    Request request;
    int hosts = 0;
    int version = 11;
    bool chunked_only = true;   ///< no transfer coding but "chunked"
    bool coded = false;         ///< there is a Transfer-Encoding
    std::uint64_t longest = 0;  ///< body
    std::uint64_t body_bytes = 0;

  private:
    using View = beast::string_view;

    void on_request_impl(bhttp::verb, View method, View target, int v, ErrorCode&) override {
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
        request.headers.reserve(8);
        version = v;
    }
    void on_response_impl(int, View, int, ErrorCode&) override {}
    void on_field_impl(bhttp::field field, View name, View value, ErrorCode&) override {
        const std::string_view text(value.data(), value.size());
        if (field == bhttp::field::host) ++hosts;
        if (field == bhttp::field::transfer_encoding) {
            chunked_only = chunked_only && !coded && iequals(text, "chunked");
            coded = true;
        }
        request.headers.add({name.data(), name.size()}, std::string(text));
    }
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
        if (length) request.body.reserve(static_cast<std::size_t>(std::min(*length, reserve_bytes)));
    }
    std::size_t on_body_impl(View body, ErrorCode& error) override {
        body_bytes += body.size();
        if (body_bytes > longest) {
            error = bhttp::error::body_limit;
            return 0;
        }
        request.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View body, ErrorCode& error) override {
        return on_body_impl(body, error);
    }
    void on_finish_impl(ErrorCode&) override {}
};

/// `GET / HTTP/3.7` is a version that we don't speak; anything else in that place is no HTTP.
bool names_other_version(std::string_view bytes) {
    const std::string_view line = bytes.substr(0, bytes.find_first_of("\r\n"));
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos) return false;
    const std::string_view version = line.substr(space + 1);
    const auto digit = [&](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && digit(5) && version[6] == '.' && digit(7);
}
}  // namespace

struct RequestReader::Impl {
    Impl(std::uint32_t header, std::uint64_t body, Streams s)
        : max_header(header), max_body(body), streams(std::move(s)) {}

    std::uint32_t max_header;
    std::uint64_t max_body;
    Streams streams;
    bool streamed = false;
    std::optional<RequestParser> parser;
    std::optional<RefusedRequest> refused;
    bool continue_expected = false;

    void refuse(int status, std::string_view detail) {
        if (!refused) refused = RefusedRequest{status, detail};
    }

    void refuse(const ErrorCode& error, std::string_view bytes) {
        if (error == bhttp::error::header_limit) return refuse(431, "the request header is too large");
        if (error == bhttp::error::body_limit) return refuse(413, "the request body is too large");
        if (error == bhttp::error::bad_version && names_other_version(bytes)) {
            return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        }
        if (error == bhttp::error::bad_transfer_encoding && !parser->chunked_only) {
            return refuse(501, "the only transfer coding known here is chunked");
        }
        refuse(400, "the request is not well-formed HTTP/1.1");
    }

    /// RFC 9112 §3.2 (Host), §6 (message body), RFC 9110 §10.1.1 (Expect).
    void check_header() {
        const Request& request = parser->request;
        if (parser->coded && !parser->chunked_only) {
            return refuse(501, "the only transfer coding known here is chunked");
        }
        if (parser->hosts > 1) return refuse(400, "the request has more than one Host");
        if (parser->version == 11 && parser->hosts == 0) return refuse(400, "the request has no Host");
        const bool chunked = parser->chunked();
        const bool length = parser->content_length().has_value();
        if (chunked && (length || parser->version == 10)) {
            return refuse(400, "the length of the request body is ambiguous");
        }
        parser->request.has_length = chunked || length;
        const auto longest = streams && parser->request.has_length ? streams(request) : std::nullopt;
        streamed = longest.has_value();
        parser->longest = longest.value_or(max_body);
        if (length && parser->content_length().value() > parser->longest) {
            return refuse(413, "the request body is too large");
        }
        if (const auto expect = request.headers.find("Expect")) {
            if (!iequals(*expect, "100-continue"))
                return refuse(417, "the only expectation known here is 100-continue");
            continue_expected = parser->version == 11 && !parser->is_done();
        }
    }
};

RequestReader::RequestReader(std::uint32_t max_header_bytes, std::uint64_t max_body_bytes, Streams streams)
    : impl_(std::make_unique<Impl>(max_header_bytes, max_body_bytes, std::move(streams))) {
    start();
}

RequestReader::~RequestReader() = default;

void RequestReader::start() {
    impl_->parser.emplace();
    impl_->parser->header_limit(impl_->max_header);
    impl_->parser->body_limit(boost::none);  // which limit holds, the header tells: check_header()
    impl_->streamed = false;
    impl_->refused.reset();
    impl_->continue_expected = false;
}

std::size_t RequestReader::put(std::string_view bytes) {
    Impl& self = *impl_;
    RequestParser& parser = *self.parser;
    std::size_t used = 0;
    // An empty line before a request is to be forgiven (RFC 9112 §2.2).
    if (!parser.got_some()) {
        while (used < bytes.size() && (bytes[used] == '\r' || bytes[used] == '\n')) ++used;
    }
    while (used < bytes.size() && !self.refused && !parser.is_done()) {
        const bool in_header = !parser.is_header_done();
        ErrorCode error;
        parser.eager(!in_header);
        const std::string_view rest = bytes.substr(used);
        const std::size_t taken = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
        used += taken;
        if (error == bhttp::error::need_more) break;
        if (error) {
            self.refuse(error, rest);
        } else if (in_header && parser.is_header_done()) {
            self.check_header();
            break;
        } else if (taken == 0) {
            break;
        }
    }
    return used;
}

const std::optional<RefusedRequest>& RequestReader::refused() const {
    return impl_->refused;
}

bool RequestReader::header_done() const {
    return impl_->parser->is_header_done();
}

bool RequestReader::done() const {
    return impl_->parser->is_done();
}

bool RequestReader::expects_continue() const {
    return impl_->continue_expected;
}

bool RequestReader::streamed() const {
    return impl_->streamed;
}

std::string RequestReader::take_body() {
    return std::exchange(impl_->parser->request.body, {});
}

bool RequestReader::keep_alive() const {
    return impl_->parser->keep_alive();
}

bool RequestReader::http_1_0() const {
    return impl_->parser->version == 10;
}

bool RequestReader::is_head() const {
    return impl_->parser->request.method == "HEAD";
}

std::optional<std::uint64_t> RequestReader::missing_bytes() const {
    if (!impl_->parser->is_header_done()) return std::nullopt;
    const auto missing = impl_->parser->content_length_remaining();
    if (!missing) return std::nullopt;
    return *missing;
}

const Request& RequestReader::head() const {
    return impl_->parser->request;
}

Request RequestReader::take() {
    return std::move(impl_->parser->request);
}

}  // namespace genq::http
