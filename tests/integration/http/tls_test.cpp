#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/http/beast_transport.hpp"
#include "tests/integration/http/fixture.hpp"

namespace genq::http::test {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

/// A CA and a certificate for 127.0.0.1 and localhost, made once.
class Certificates {
  public:
    Certificates() : folder_(::testing::TempDir() + "genq_tls_" + std::to_string(::getpid())) {
        fs::create_directories(folder_);
        std::ofstream(path("san")) << "subjectAltName=IP:127.0.0.1,DNS:localhost\n";
        const std::string quiet = " 2>/dev/null";
        run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca -keyout " +
            path("ca.key") + " -out " + path("ca.pem") + quiet);
        run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server -keyout " +
            path("key.pem") + " -out " + path("csr.pem") + quiet);
        run("openssl x509 -req -days 2 -CAcreateserial -in " + path("csr.pem") + " -CA " + path("ca.pem") + " -CAkey " +
            path("ca.key") + " -extfile " + path("san") + " -out " + path("cert.pem") + quiet);
    }
    ~Certificates() { fs::remove_all(folder_); }
    Certificates(const Certificates&) = delete;
    Certificates& operator=(const Certificates&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  private:
    static void run(const std::string& command) { EXPECT_EQ(std::system(command.c_str()), 0) << command; }
    std::string folder_;
};

class Tls : public ::testing::Test {
  protected:
    ServerOptions options() {
        return {.tls_cert = certificates().path("cert.pem"), .tls_key = certificates().path("key.pem")};
    }
    static const Certificates& certificates() {
        static const Certificates made;
        return made;
    }
    Exchange get(BeastTransport& transport, const std::string& url) {
        return context.run(transport.send({.url = url}, clock.now() + 20s));
    }
    SystemClock clock;
    LiveContext context;
};

TEST_F(Tls, serves_and_is_verified) {
    LiveServer live(
        [](Request request) -> asio::awaitable<Response> {
            co_return Response{.body = (request.tls ? "tls " : "plain ") + std::to_string(request.body.size())};
        },
        options());
    BeastTransport transport(context.io(), clock, {.ca_file = certificates().path("ca.pem")});
    for (int i = 0; i < 3; ++i) {
        const auto exchange = context.run(transport.send(
            {.method = "POST", .url = live.url("/", "https"), .body = std::string(300'000, 'x')}, clock.now() + 20s));
        ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
        EXPECT_EQ(exchange.answer->body, "tls 300000");
        EXPECT_EQ(exchange.written, Written::fully);
    }
    EXPECT_EQ(live.server().connections(), 1u);
}

TEST_F(Tls, refuses_an_unknown_authority_and_a_wrong_name) {
    LiveServer live(echo, options());
    BeastTransport stranger(context.io(), clock);
    const auto unknown = get(stranger, live.url("/", "https"));
    ASSERT_FALSE(unknown.answer);
    EXPECT_EQ(unknown.answer.error().code, errc::tls);
    EXPECT_EQ(unknown.written, Written::nothing);
    BeastTransport transport(context.io(), clock, {.ca_file = certificates().path("ca.pem")});
    const auto wrong = get(transport, "https://127.0.0.2:" + std::to_string(live.port()) + "/");
    ASSERT_FALSE(wrong.answer);  // nobody listens there, or the name does not match
    LiveServer all(echo, [&] {
        auto o = options();
        o.listen = {"0.0.0.0:0"};
        return o;
    }());
    const auto name = get(transport, "https://127.0.0.2:" + std::to_string(all.port()) + "/");
    ASSERT_FALSE(name.answer);
    EXPECT_EQ(name.answer.error().code, errc::tls);
}

TEST_F(Tls, sends_files) {
    static std::shared_ptr<FileHandle> file;
    std::string path = ::testing::TempDir() + "genq_tls_file_XXXXXX";
    const int fd = ::mkstemp(path.data());
    ::unlink(path.c_str());
    const std::string bytes(700'000, 'f');
    ASSERT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    file = std::make_shared<FileHandle>(fd);
    LiveServer live(
        [](Request) -> asio::awaitable<Response> { co_return Response{.body = FileBody{file, 1, 699'999}}; },
        options());
    BeastTransport transport(context.io(), clock, {.ca_file = certificates().path("ca.pem")});
    const auto exchange = get(transport, live.url("/", "https"));
    ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
    EXPECT_EQ(exchange.answer->body.size(), 699'999u);
    file.reset();
}

TEST_F(Tls, sends_live_bodies) {
    class Counted final : public LiveBody {
      public:
        asio::awaitable<std::string> next() override {
            ++given_;
            co_return given_ > 3 ? "" : std::string(20'000, static_cast<char>('0' + given_));
        }
        void stop() override {}
        void broken_off(bool) override {}

      private:
        int given_ = 0;
    };
    LiveServer live(
        [](Request) -> asio::awaitable<Response> { co_return Response{.body = std::make_unique<Counted>()}; },
        options());
    BeastTransport transport(context.io(), clock, {.ca_file = certificates().path("ca.pem")});
    const auto exchange = get(transport, live.url("/", "https"));
    ASSERT_TRUE(exchange.answer) << exchange.answer.error().detail;
    EXPECT_EQ(exchange.answer->body, std::string(20'000, '1') + std::string(20'000, '2') + std::string(20'000, '3'));
}

TEST_F(Tls, names_the_file_that_is_no_certificate) {
    asio::io_context io;
    Server server(io, {.listen = {"127.0.0.1:0"}, .tls_cert = "/nowhere.pem", .tls_key = "/nowhere.key"}, echo,
                  plain_refusal, [](std::string_view) {});
    const auto started = server.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::invalid_argument);
    EXPECT_THAT(started.error().detail, ::testing::HasSubstr("/nowhere.pem"));
    EXPECT_THROW(BeastTransport(io, clock, {.ca_file = "/nowhere.pem"}), std::runtime_error);
}

}  // namespace
}  // namespace genq::http::test
