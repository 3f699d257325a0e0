#include "server/store/sqlite/row_sum.hpp"

#include <bit>
#include <cstring>

#include "common/core/rfc3339.hpp"
#include "common/crypto/sha256.hpp"

namespace genq::store::sqlite {

namespace {

/// Fields one after the other, so that no two rows give the same bytes: each number has eight, each text its length
/// before it, and what may be absent a mark.
class Fields {
  public:
    template <class... Values>
    void add(const Values&... values) {
        (add_one(values), ...);
    }
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

  private:
    template <std::integral Value>
    void add_one(Value number) {
        const std::int64_t value = number;
        const auto raw = std::bit_cast<std::array<char, sizeof value>>(value);
        bytes_.append(raw.data(), raw.size());
    }
    void add_one(std::string_view text) {
        add_one(static_cast<std::int64_t>(text.size()));
        bytes_.append(text);
    }
    void add_one(WallTime time) { add_one(to_ms(time)); }
    void add_one(double value) { add_one(std::bit_cast<std::int64_t>(value)); }
    void add_one(JobId id) { add_one(std::string_view(id.text())); }
    template <class Value>
    void add_one(const std::optional<Value>& value) {
        bytes_ += value ? '1' : '0';
        if (value) add_one(*value);
    }

    std::string bytes_;
};

}  // namespace

std::int64_t row_sum(const Job& job, const RowTexts& texts) {
    const bool timed = job.step != Step::submit && job.step != Step::none;
    const auto reason = job.wait_reason ? std::optional(to_string(*job.wait_reason)) : std::nullopt;
    const auto code = job.error ? std::optional(to_string(job.error->code)) : std::nullopt;
    Fields fields;
    fields.add(job.id, to_string(job.status), to_string(job.step), timed ? job.step_at : WallTime{}, reason,
               job.version, job.priority, job.caller, job.model, job.wire_model, to_string(job.family), job.kind,
               to_string(job.profile), job.scheduled_at, job.deadline_at, job.max_attempts, job.longest_wait.count(),
               job.created_at, job.updated_at, job.submitted_at, job.generated_at, job.finished_at, job.attempts,
               job.counted_attempts, job.generation_tries, job.lost_creates, job.task_id, job.endpoint,
               job.upstream_state, job.polls, job.last_polled_at, job.download_attempts, to_string(job.billed),
               job.credits, code, job.charge.day, job.charge.estimate, job.charge.earlier_told,
               job.charge.earlier_assumed, job.charge.told, job.charge.assumed, job.charge.reserved, job.batch,
               job.reused_from, texts.warnings, texts.labels, texts.error, texts.result);
    crypto::Sha256 hash;
    hash.update(fields.bytes());
    hash.update(job.input);
    std::int64_t sum = 0;
    std::memcpy(&sum, hash.digest().data(), sizeof sum);
    return sum;
}

}  // namespace genq::store::sqlite
