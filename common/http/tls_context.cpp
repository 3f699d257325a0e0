#include "common/http/tls_context.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <string_view>

namespace genq::http {

namespace ssl = boost::asio::ssl;

namespace {

/// Length-prefixed, as ALPN has it (RFC 7301): we speak HTTP/1.1 alone.
constexpr std::string_view alpn = "\x08http/1.1";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_length, bytes_of(alpn), static_cast<unsigned>(alpn.size()),
                                            offered, offered_length);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

std::unique_ptr<ssl::context> make_context(ssl::context::method method) {
    auto context = std::make_unique<ssl::context>(method);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    return context;
}

Result<void> use_certificate(ssl::context& context, const std::string& cert_file) {
    boost::system::error_code error;
    context.use_certificate_chain_file(cert_file, error);
    if (error) {
        return fail(errc::invalid_argument, "can't use the certificate " + cert_file + ": " + error.message());
    }
    return {};
}

}  // namespace

TlsContext::TlsContext(std::unique_ptr<ssl::context> context) : context_(std::move(context)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::for_server(const std::string& cert_file, const std::string& key_file) {
    auto context = make_context(ssl::context::tls_server);
    if (auto used = use_certificate(*context, cert_file); !used) return std::unexpected(std::move(used.error()));
    boost::system::error_code error;
    context->use_private_key_file(key_file, ssl::context::pem, error);
    if (error) {
        return fail(errc::invalid_argument, "can't use the key " + key_file + ": " + error.message());
    }
    if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
        return fail(errc::invalid_argument, "the key " + key_file + " does not belong to " + cert_file);
    }
    SSL_CTX_set_alpn_select_cb(context->native_handle(), choose_protocol, nullptr);
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
}

Result<void> TlsContext::check_certificate(const std::string& cert_file) {
    return use_certificate(*make_context(ssl::context::tls_server), cert_file);
}

Result<std::shared_ptr<TlsContext>> TlsContext::for_client(const std::string& ca_file) {
    auto context = make_context(ssl::context::tls_client);
    boost::system::error_code error;
    if (ca_file.empty()) {
        context->set_default_verify_paths(error);
    } else {
        context->load_verify_file(ca_file, error);
    }
    if (error) return fail(errc::invalid_argument, "can't use the CA certificates " + ca_file + ": " + error.message());
    context->set_verify_mode(ssl::verify_peer);
    SSL_CTX_set_alpn_protos(context->native_handle(), bytes_of(alpn), static_cast<unsigned>(alpn.size()));
    return std::shared_ptr<TlsContext>(new TlsContext(std::move(context)));
}

}  // namespace genq::http
