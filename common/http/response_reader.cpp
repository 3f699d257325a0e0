#include "common/http/response_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace genq::http {

namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using ErrorCode = beast::error_code;

namespace {

/// Answers carry more header than requests do: policies, cookies, tracing.
constexpr std::uint32_t max_header_bytes = 64 << 10;

class ResponseParser final : public bhttp::basic_parser<false> {
  public:
    int status = 0;
    Fields headers;
    std::string body;

  private:
    using View = beast::string_view;

    void on_request_impl(bhttp::verb, View, View, int, ErrorCode&) override {}
    void on_response_impl(int code, View, int, ErrorCode&) override { status = code; }
    void on_field_impl(bhttp::field, View name, View value, ErrorCode&) override {
        headers.add({name.data(), name.size()}, std::string(value.data(), value.size()));
    }
    void on_header_impl(ErrorCode&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(View bytes, ErrorCode&) override {
        body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode& error) override {
        return on_body_impl(bytes, error);
    }
    void on_finish_impl(ErrorCode&) override {}
};

}  // namespace

struct ResponseReader::Impl {
    std::optional<std::uint64_t> max_body;
    bool to_head = false;
    std::optional<ResponseParser> parser;

    void start() {
        parser.emplace();
        parser->header_limit(max_header_bytes);
        if (max_body) {
            parser->body_limit(*max_body);
        } else {
            parser->body_limit(boost::none);
        }
        if (to_head) parser->skip(true);
    }
};

ResponseReader::ResponseReader(std::optional<std::uint64_t> max_body_bytes, bool to_head)
    : impl_(std::make_unique<Impl>(max_body_bytes, to_head)) {
    impl_->start();
}

ResponseReader::~ResponseReader() = default;

Result<std::size_t> ResponseReader::put(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && !impl_->parser->is_done()) {
        ResponseParser& parser = *impl_->parser;
        const bool in_header = !parser.is_header_done();
        parser.eager(!in_header);
        ErrorCode error;
        const std::size_t taken =
            parser.put(boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
        used += taken;
        if (error == bhttp::error::need_more) break;
        if (error == bhttp::error::body_limit) return fail(errc::too_large, "the answer's body is too large");
        if (error == bhttp::error::header_limit) return fail(errc::too_large, "the answer's header is too large");
        if (error) return fail(errc::malformed, "the answer is not well-formed HTTP: " + error.message());
        if (in_header && parser.is_header_done() && parser.status < 200) {
            // We never ask to change the protocol, so 101 is as wrong as it is unexpected.
            if (parser.status == 101) return fail(errc::malformed, "the server changes the protocol unasked");
            impl_->start();
        } else if (taken == 0) {
            break;
        }
    }
    return used;
}

Result<void> ResponseReader::put_end() {
    const auto lost = [] { return fail(errc::connection_lost, "the connection ended before the answer was whole"); };
    if (!impl_->parser->is_header_done()) return lost();
    ErrorCode error;
    impl_->parser->put_eof(error);
    if (error || !impl_->parser->is_done()) return lost();
    return {};
}

bool ResponseReader::header_done() const {
    return impl_->parser->is_header_done();
}

bool ResponseReader::done() const {
    return impl_->parser->is_done();
}

bool ResponseReader::keep_alive() const {
    return impl_->parser->keep_alive();
}

int ResponseReader::status() const {
    return impl_->parser->status;
}

const Fields& ResponseReader::headers() const {
    return impl_->parser->headers;
}

Fields ResponseReader::take_headers() {
    return std::move(impl_->parser->headers);
}

std::optional<std::uint64_t> ResponseReader::content_length() const {
    const auto length = impl_->parser->content_length();
    if (!length) return std::nullopt;
    return *length;
}

std::string ResponseReader::take_body() {
    return std::exchange(impl_->parser->body, {});
}

}  // namespace genq::http
