#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "server/api/job_body.hpp"
#include "server/engine/engine.hpp"
#include "server/store/sqlite/sqlite_job_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/memory_blobs.hpp"
#include "tests/support/temp_folder.hpp"
#include "tests/unit/models/sandbox_network.hpp"

// Every example of the catalogue through the whole engine against the stand-in; server/MODELS.md tells what went over
// the wire. After a change: `GENQ_WRITE=1 ctest --preset dev -R unit_models`, and read the difference.
namespace genq::test {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using namespace std::chrono_literals;

std::string file_text(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

sandbox::Options stand_in() {
    sandbox::Options options;
    options.limit_requests = 0;
    options.credits = 1'000'000;
    return options;
}

/// What an operation works on: the field of its example that names it, and the model that makes such a thing.
struct Parent {
    const char* field;
    const char* model;
};
const std::map<std::string, Parent, std::less<>> parents{
    {"veo/extend", {"taskId", "veo3_fast"}}, {"veo/1080p", {"taskId", "veo3_fast"}},
    {"veo/4k", {"taskId", "veo3_fast"}},     {"runway/extend", {"taskId", "runway/generate"}},
    {"suno/extend", {"audioId", "suno/V5"}}, {"grok-imagine/upscale", {"task_id", "grok-imagine/text-to-video"}},
};

/// The engine on the stand-in, for one job at a time.
class World {
  public:
    World() {
        store::SqliteOptions settings;
        settings.path = folder_ / "genqd.db";
        settings.threaded = false;
        settings.synchronous = store::Synchronous::normal;
        store_ = std::move(store::SqliteJobStore::open(settings, clock_, random_).value());
        engine::Options options;
        options.base_url = SandboxNetwork::base_url;
        options.api_key = "key";
        options.allow_private = true;
        engine_.emplace(io_.get_executor(),
                        engine::Ports{clock_, random_, network, *store_, blobs_, log_, metrics_, [] {}}, options);
        EXPECT_TRUE(run(engine_->start()));
    }
    ~World() {
        bool stopped = false;
        asio::co_spawn(io_, engine_->stop(1s), [&](const std::exception_ptr&) { stopped = true; });
        EXPECT_TRUE(clock_.run_until(io_, [&] { return stopped; }, 1min));
    }

    /// The job at its end; one that a caller may not send fails the test.
    Job finish(json::object body, api::Validation validation = api::Validation::strict) {
        const std::string text = json::serialize(body);
        auto read = api::read_job(std::move(body), {*catalogue, false, validation, "ann", clock_.wall_now()});
        if (!read) {
            ADD_FAILURE() << text << ": " << read.error().detail;
            return {};
        }
        network.seen.clear();
        const JobId id = run(store_->accept(std::move(read->job), std::nullopt)).value().job.id;
        engine_->wake();
        Job job;
        EXPECT_TRUE(clock_.run_until(
            io_,
            [&] {
                job = run(store_->get(id)).value();
                return is_terminal(job.status);
            },
            1h))
            << text;
        return job;
    }

    /// The example, with what another job made in the place of `genqd:job/<id>/…`.
    json::object example_of(const catalogue::Model& model) {
        json::object input = *model.example;
        const auto parent = parents.find(model.id);
        if (parent == parents.end()) return input;
        EXPECT_TRUE(input.at(parent->second.field).as_string().starts_with("genqd:job/<id>/")) << model.id;
        const Job job =
            finish({{"model", parent->second.model}, {"input", *catalogue->find(parent->second.model)->example}});
        const bool is_song = job.family == Family::suno;
        input[parent->second.field] =
            is_song ? std::string(job.result->at("tracks").at(0).at("id").as_string()) : job.task_id;
        return input;
    }

    const std::shared_ptr<const catalogue::Catalogue> catalogue = catalogue::Catalogue::load("").value();
    FakeClock clock_;
    SeededRandom random_{1};
    SandboxNetwork network{clock_, random_, stand_in()};

  private:
    template <class T>
    T run(asio::awaitable<T> task) {
        std::optional<T> value;
        asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr& error, T result) {
            if (error) std::rethrow_exception(error);
            value.emplace(std::move(result));
        });
        EXPECT_TRUE(clock_.run_until(io_, [&] { return value.has_value(); }, 1min));
        return std::move(*value);
    }

    TempFolder folder_;
    asio::io_context io_;
    MemoryBlobs blobs_;
    log::Logger log_{log::Level::error, log::Format::text};
    metrics::Registry metrics_;
    std::unique_ptr<store::SqliteJobStore> store_;
    std::optional<engine::Engine> engine_;
};

/// In kie.ai's guide alone: the stand-in refuses it, as kie.ai's pages have it.
constexpr std::string_view gone = "suno/V3_5";

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
    return out;
}

/// The states that kie.ai named on the way, each once in a row.
std::string states_of(const std::vector<SandboxNetwork::Seen>& seen) {
    std::vector<std::string> states;
    for (const auto& one : seen) {
        const std::string word = one.state.empty() ? "code " + std::to_string(one.code) : one.state;
        if (states.empty() || states.back() != word) states.push_back(word);
    }
    return joined(states);
}

/// "2 × image/png", and what is no file by its names in `result`.
std::string stored(const Job& job) {
    std::map<std::string, int> kinds;
    for (const Output& output : job.outputs) ++kinds[output.digest ? output.media_type : "missing"];
    std::vector<std::string> parts;
    parts.reserve(kinds.size());
    for (const auto& [kind, count] : kinds) parts.push_back(std::to_string(count) + " × " + kind);
    if (job.result) {
        for (const auto& field : job.result->as_object()) {
            parts.push_back("`" + std::string(field.key()) + "`");
        }
    }
    return joined(parts);
}

class Page {
  public:
    /// The job of a row, run to its end; its line.
    void row(const std::string& title, const catalogue::Model& model, const catalogue::Use* use) {
        json::object input = world_.example_of(model);
        if (use != nullptr) {
            for (const auto& preset : use->input) input.erase(preset.key());
        }
        std::string given;  // the id of what it works on, which differs from run to run
        if (const auto parent = parents.find(model.id); parent != parents.end()) {
            given = std::string(input.at(parent->second.field).as_string());
        }
        json::object body{{"input", std::move(input)}};
        if (use != nullptr) {
            body["use"] = use->slug;
        } else {
            body["model"] = model.id;
        }
        const Job job = world_.finish(std::move(body));
        if (model.id == gone) {
            EXPECT_EQ(job.error->code, JobErrorCode::rejected);
            text_ += "| " + title + " | " + model.id +
                     " | POST /api/v1/generate | refused: " + job.error->upstream_message +
                     " | in the guide, and gone from kie.ai's pages |\n";
            return;
        }
        ASSERT_EQ(job.status, JobStatus::succeeded)
            << model.id << ": " << (job.error ? job.error->message + ' ' + job.error->upstream_message : "");
        EXPECT_EQ(job.model, model.id);
        const auto& seen = world_.network.seen;
        ASSERT_GE(seen.size(), 2U) << model.id;
        EXPECT_TRUE(!job.outputs.empty() || job.result) << model.id;
        for (const Output& output : job.outputs) EXPECT_TRUE(output.digest) << model.id;
        std::string sent = seen.front().endpoint;
        if (!seen.front().body.empty()) sent += " `" + seen.front().body + "`";
        if (!given.empty() && sent.contains(given)) {
            sent.replace(sent.find(given), given.size(), "(of " + std::string(parents.at(model.id).model) + ")");
        }
        text_ += "| " + title + " | " + model.id + " | " + sent + " | " + states_of({seen.begin() + 1, seen.end()}) +
                 " | " + stored(job) + " |\n";
    }
    void heading(const std::string& title) {
        text_ +=
            "\n## " + title + "\n| For | Model | Sent | kie.ai's states | Kept |\n| --- | --- | --- | --- | --- |\n";
    }
    World& world() { return world_; }
    std::string& text() { return text_; }

  private:
    World world_;
    std::string text_;
};

TEST(StandIn, refuses_each_example_without_a_field_that_it_needs) {
    World world;
    for (const auto& model : world.catalogue->models()) {
        const auto* required = model.input->document().if_contains("required");
        for (const auto& field : required == nullptr ? json::array() : required->as_array()) {
            const std::string name(field.as_string());
            // What kie.ai's pages call required and give a default for passes there too.
            if (model.input->document().at("properties").at(name).as_object().contains("default")) continue;
            json::object input = world.example_of(model);
            input.erase(name);
            const Job job = world.finish({{"model", model.id}, {"input", std::move(input)}}, api::Validation::off);
            EXPECT_EQ(job.status, JobStatus::failed) << model.id << " without " << name;
        }
    }
}

TEST(ModelsPage, tells_of_every_example_run_against_the_stand_in) {
    Page page;
    page.text() =
        "# Every model, run\n\nA test runs the example of each row through the whole engine against the stand-in for "
        "kie.ai, which checks the\nfields itself, and writes this page. First the rows of kie.ai's guide, each asked "
        "for "
        "by its `use`; then all that the\ncatalogue has besides.\n";
    std::set<std::string> done;
    std::string table;
    const auto rows = json::parse(file_text(std::string(GENQ_TEST_DATA) + "/seed_rows.json"));
    for (const auto& row : rows.at("rows").as_array()) {
        const auto text = [&row](const char* key) { return std::string(row.at(key).as_string()); };
        if (table != text("table")) page.heading(table = text("table"));
        const auto found = page.world().catalogue->for_use(text("use"));
        ASSERT_NE(found.model, nullptr) << text("use");
        page.row(text("use_case") + " (`" + text("use") + "`)", *found.model, found.use);
        done.insert(found.model->id);
    }
    page.heading("Besides");
    for (const auto& model : page.world().catalogue->models()) {
        if (!done.contains(model.id)) page.row(model.name, model, nullptr);
    }
    if (std::getenv("GENQ_WRITE") != nullptr) std::ofstream(MODELS_PAGE) << page.text();
    EXPECT_EQ(file_text(MODELS_PAGE), page.text()) << "write it anew: GENQ_WRITE=1 ctest --preset dev -R unit_models";
}

}  // namespace
}  // namespace genq::test
