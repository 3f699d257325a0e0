#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "tests/e2e/folder_watch.hpp"
#include "tests/e2e/http_user.hpp"

namespace genq::test {
namespace {

using namespace std::chrono_literals;

TEST(Sandbox, alone_takes_the_limit_that_it_is_told) {
    TempFolder folder;
    FolderWatch watch(folder.path());
    Process sandbox({"sandbox", "--limit", "2", "--window", "3600"}, folder.path());
    const auto printed = [&] { return sandbox.out().find('\n') != std::string::npos; };
    ASSERT_TRUE(watch.wait(printed, sandbox, 60s)) << sandbox.err();
    const auto url = sandbox.out().substr(0, sandbox.out().find('\n'));
    HttpUser http;
    const auto credits = [&] {
        http::ClientRequest request{"GET", url + "/api/v1/chat/credit"};
        request.headers.set("Authorization", "Bearer key");
        const auto answer = http.send(std::move(request), 60s);
        return answer ? boost::json::parse(answer->body).at("code").to_number<int>() : 0;
    };
    EXPECT_EQ(credits(), 200);
    EXPECT_EQ(credits(), 200);
    EXPECT_EQ(credits(), 429);
    const auto ledger = http.get(url + "/_sandbox/ledger");
    ASSERT_TRUE(ledger);
    EXPECT_EQ(boost::json::parse(ledger->body).at("refused"), 1);
    sandbox.signal(SIGTERM);
    EXPECT_EQ(sandbox.wait(), 0) << sandbox.err();
}

TEST(Sandbox, refuses_a_limit_that_is_none) {
    TempFolder folder;
    EXPECT_EQ(run({"sandbox", "--limit", "-1"}, folder.path()).code, 2);
    EXPECT_EQ(run({"sandbox", "--window", "0"}, folder.path()).code, 2);
}

}  // namespace
}  // namespace genq::test
