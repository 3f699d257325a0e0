#include <algorithm>

#include "server/store/sqlite/operations.hpp"
#include "server/store/sqlite/row_columns.hpp"
#include "server/store/sqlite/rows.hpp"

namespace genq::store::sqlite {

namespace {

constexpr char select_unprobed[] = R"(
    SELECT j.id, o.idx, o.digest, o.media_type FROM outputs o JOIN jobs j ON j.row = o.row
    WHERE o.digest IS NOT NULL AND o.probed = 0 ORDER BY o.row DESC, o.idx LIMIT :limit)";

}  // namespace

Result<std::vector<UnprobedOutput>> unprobed(sql::Connection& db, int limit) {
    std::vector<UnprobedOutput> outputs;
    auto query = db.query(select_unprobed);
    query.bind(":limit", limit);
    while (query.step()) {
        RowColumns columns(query);
        UnprobedOutput output;
        output.job = columns.word(JobId::parse);
        output.index = columns.small();
        output.digest = columns.word(Digest::parse);
        output.media_type = columns.text();
        if (columns.damaged()) return fail(errc::corrupt, "the database's outputs can't be read");
        outputs.push_back(std::move(output));
    }
    return outputs;
}

Result<void> record_media(Write& write, const UnprobedOutput& output, const MediaFacts& facts) {
    auto job = load_job(write.db, output.job);
    if (!job) return std::unexpected(std::move(job.error()));
    const auto listed = std::ranges::find(job->outputs, output.index, &Output::index);
    if (listed == job->outputs.end() || listed->digest != output.digest) {
        return fail(errc::conflict, "job " + output.job.text() + " does not list these bytes any more");
    }
    listed->media = facts;
    replace_outputs(write, *job);
    save(write, *job, {.from = job->status, .version_step = facts == MediaFacts{} ? 0 : 1});
    return {};
}

}  // namespace genq::store::sqlite
