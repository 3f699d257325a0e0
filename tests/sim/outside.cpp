#include <algorithm>
#include <boost/asio/co_spawn.hpp>

#include "tests/sim/world.hpp"

namespace genq::sim {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

struct Offer {
    const char* model;
    Family family;
    const char* kind;
    PollProfile profile;
};

constexpr std::array offers{Offer{"google/imagen4", Family::market, "image", PollProfile::image},
                            Offer{"kling-3.0/video", Family::market, "video", PollProfile::video},
                            Offer{"gpt4o-image", Family::gpt4o, "image", PollProfile::image},
                            Offer{"flux-kontext-pro", Family::flux, "image", PollProfile::image},
                            Offer{"veo3_fast", Family::veo, "video", PollProfile::video},
                            Offer{"veo/1080p", Family::veo, "video", PollProfile::video},
                            Offer{"veo/4k", Family::veo, "video", PollProfile::video},
                            Offer{"runway/generate", Family::runway, "video", PollProfile::video},
                            Offer{"runway/aleph", Family::aleph, "video", PollProfile::video},
                            Offer{"suno/V5", Family::suno, "music", PollProfile::audio},
                            Offer{"mj_txt2img", Family::midjourney, "image", PollProfile::midjourney},
                            Offer{"luma/modify", Family::luma, "video", PollProfile::video}};

constexpr std::array callers{"ann", "bob", "cyd"};

// All reserve credits; one may have only so many jobs waiting, unless so many have to run.
Admission admission_of(std::string_view caller, const Plan& plan) {
    Admission admission;
    admission.unknown_credits = 50'000;
    if (caller == "cyd" && !plan.jobs_at_start) admission.caller.max_queued = 25;
    return admission;
}

}  // namespace

void World::plan_callers() {
    if (plan_.jobs_at_start) {
        while (next_order_ <= *plan_.jobs_at_start) submit(next_order_++);
        return;
    }
    // Mostly a few, now and then a heap that takes long to get through.
    agenda_.in(dice_.next_after(pause_between_callers_), [this] {
        if (weather_.calm()) return;
        const int heap = dice_.chance(0.1) ? 1 + dice_.below(60) : 1 + dice_.below(4);
        if (heap > 1 && dice_.chance(0.3)) {
            submit_batch(heap);
        } else {
            for (int i = 0; i < heap; ++i) submit(next_order_++);
        }
        if (dice_.chance(0.3)) meddle();
        plan_callers();
    });
}

void World::submit(int number) {
    ledger_.orders.emplace(number, make_order(number));
    if (up_) send(number);
}

void World::submit_batch(int jobs) {
    ledger_.fault("batch");
    const int number = next_order_;
    auto& batch = ledger_.batches[number];
    std::string caller;
    for (int i = 0; i < jobs; ++i) {
        Order order = make_order(next_order_);
        order.batch = number;
        if (i == 0) caller = order.job.caller;
        order.job.caller = caller;
        order.job.admission = admission_of(caller, plan_);
        batch.orders.push_back(next_order_);
        ledger_.orders.emplace(next_order_++, std::move(order));
    }
    if (up_) send_batch(number);
}

Order World::make_order(int number) {
    const Offer& offer = dice_.chance(0.5) ? offers[0] : dice_.pick(std::span<const Offer>(offers));
    Order order;
    order.number = number;
    NewJob& job = order.job;
    job.model = offer.model;
    job.wire_model = offer.model;
    job.family = offer.family;
    job.kind = offer.kind;
    job.profile = offer.profile;
    job.input = is_upgrade(job.model)
                    ? fmt::format(R"({{"taskId":"video-of-order-{}","index":{}}})", number, dice_.below(2))
                    : fmt::format(R"({{"prompt":"order {}"}})", number);
    job.caller = dice_.pick(std::span<const char* const>(callers));
    job.admission = admission_of(job.caller, plan_);
    job.priority = dice_.chance(0.2) ? dice_.below(201) - 100 : 0;
    job.max_attempts = 1 + dice_.below(6);
    if (dice_.chance(0.1)) job.generation_retries = 1 + dice_.below(2);
    if (dice_.chance(0.05)) job.scheduled_at = clock_.wall_now() + dice_.between(0s, 30min);
    if (dice_.chance(0.05)) job.deadline_at = clock_.wall_now() + dice_.between(1s, 60min);
    if (!is_upgrade(job.model) && dice_.chance(0.2)) refer_to_others(order);
    return order;
}

/// Chains, and jobs that wait for two others: what may run already, or has ended while the request was on its way.
void World::refer_to_others(Order& order) {
    std::string list;
    for (int i = 0; i < 1 + dice_.below(2) && order.number > 1; ++i) {
        const int newest = order.number - 1;
        const Order& other = ledger_.orders.at(newest - dice_.below(std::min(newest, 12)));
        const bool named = std::ranges::find(order.refers_to, other.number) != order.refers_to.end();
        const bool gone = other.seen == JobStatus::failed || other.seen == JobStatus::canceled;
        if (!other.answered || named || gone || is_upgrade(other.job.model)) continue;
        order.refers_to.push_back(other.number);
        order.job.depends_on.push_back(*other.id);
        list += fmt::format(R"({}"genqd:job/{}/task")", list.empty() ? "" : ",", other.id->text());
    }
    if (list.empty()) return;
    order.job.refers = true;
    order.job.input.insert(order.job.input.size() - 1, fmt::format(R"(,"sources":[{}])", list));
    ledger_.fault("refers to others");
}

void World::send(int number) {
    Order& order = ledger_.orders.at(number);
    store::IdempotencyKey key{order.job.caller, "POST /v1/jobs", fmt::format("key-{}", number), "body"};
    asio::co_spawn(*io_, disk_->accept(order.job, std::move(key)),
                   [this, &order](const std::exception_ptr& error, Result<store::Accepted> accepted) {
                       if (error) std::rethrow_exception(error);
                       if (!accepted || accepted->refused) {
                           if (accepted) ledger_.fault("over budget");
                           order.refused = !order.seen.has_value();
                           return;
                       }
                       require(!order.id || *order.id == accepted->job.id, "an_idempotent_request_makes_one_job",
                               "order {} has two jobs", order.number);
                       order.id = accepted->job.id;
                       order.answered = true;
                       engine_->wake();
                   });
}

void World::send_batch(int number) {
    OrderBatch& sent = ledger_.batches.at(number);
    store::NewBatch batch;
    for (const int each : sent.orders) batch.jobs.push_back({.job = ledger_.orders.at(each).job, .references = {}});
    batch.caller = batch.jobs.front().job.caller;
    store::IdempotencyKey key{batch.caller, "POST /v1/batches", fmt::format("batch-{}", number), "body"};
    asio::co_spawn(*io_, disk_->accept_batch(std::move(batch), std::move(key)),
                   [this, &sent](const std::exception_ptr& error, Result<store::AcceptedBatch> accepted) {
                       if (error) std::rethrow_exception(error);
                       if (!accepted || accepted->refused) {
                           if (accepted) ledger_.fault("over budget");
                           sent.refused = !ledger_.orders.at(sent.orders.front()).seen.has_value();
                           return;
                       }
                       sent.answered = true;
                       for (std::size_t i = 0; i < sent.orders.size(); ++i) {
                           Order& order = ledger_.orders.at(sent.orders[i]);
                           require(!order.id || *order.id == accepted->jobs[i], "an_idempotent_request_makes_one_job",
                                   "order {} has two jobs", order.number);
                           order.id = accepted->jobs[i];
                           order.answered = true;
                       }
                       engine_->wake();
                   });
}

/// Who got no answer asks again, under the same key.
void World::send_all_unanswered() {
    for (const auto& [number, order] : ledger_.orders) {
        if (!order.answered && !order.refused && order.batch == 0) send(number);
    }
    for (const auto& [number, batch] : ledger_.batches) {
        if (!batch.answered && !batch.refused) send_batch(number);
    }
}

/// A caller or the operator does something to a job or to the queue.
void World::meddle() {
    if (!up_ || stopping_ || ledger_.orders.empty()) return;
    Order& order = ledger_.orders.at(1 + dice_.below(next_order_ - 1));
    if (!order.answered || !order.seen) return;
    const JobId id = *order.id;
    if (!is_terminal(*order.seen)) {
        ledger_.fault("canceled");
        asio::co_spawn(*io_, disk_->cancel(id), [this, id](const std::exception_ptr& error, const Result<Job>&) {
            if (error) std::rethrow_exception(error);
            engine_->job_changed(id);
        });
        return;
    }
    const bool resubmit = dice_.chance(0.5);
    store::RetryOptions options;
    options.resubmit = resubmit;
    options.next_poll_at = clock_.wall_now();
    if (*order.seen == JobStatus::succeeded) return;
    order.retry_asked = true;
    // As the caller means it: from now on one more task is allowed.
    if (resubmit) ++order.resubmits;
    ledger_.fault(resubmit ? "retried, resubmit" : "retried");
    asio::co_spawn(*io_, disk_->retry(id, options, std::nullopt),
                   [this, id](const std::exception_ptr& error, const Result<store::Accepted>&) {
                       if (error) std::rethrow_exception(error);
                       engine_->job_changed(id);
                   });
}

void World::begin(Spell spell, std::chrono::milliseconds duration) {
    ledger_.fault(spell_names[static_cast<std::size_t>(spell)]);
    weather_.begin(spell);
    if (spell == Spell::stranger) stranger();
    if (spell == Spell::no_credits) kie_.set_credits(static_cast<double>(dice_.below(200)));
    if (spell == Spell::paused && up_ && !stopping_) {
        engine::PauseRequest request;
        request.until = clock_.wall_now() + duration;
        asio::co_spawn(*io_, engine_->pause(request), [](const std::exception_ptr&, const Result<void>&) {});
    }
    agenda_.in(duration, [this, spell] {
        weather_.end(spell);
        if (spell == Spell::full_disk) disk_full_until_ = clock_.now();
        if (spell == Spell::no_credits) kie_.set_credits(1e12);
    });
}

void World::stranger() {
    if (!weather_.on(Spell::stranger)) return;
    kie_.stranger_asks();
    agenda_.in(dice_.next_after(1s), [this] { stranger(); });
}

void World::deliver(engine::CallbackCall call, std::function<void(Calls::Verdict)> taken) {
    if (!up_) return taken(std::nullopt);
    asio::co_spawn(
        *io_, engine_->callback(std::move(call)),
        [taken = std::move(taken)](const std::exception_ptr& error, const Result<engine::CallbackVerdict>& verdict) {
            if (error) std::rethrow_exception(error);
            taken(verdict ? Calls::Verdict(*verdict) : std::nullopt);
        });
}

void World::plan_faults() {
    agenda_.in(dice_.next_after(12min), [this] {
        if (weather_.calm()) return;
        if (dice_.chance(0.08)) {
            ledger_.fault("wall clock jumps");
            const auto by = dice_.between(0s, 10min) - 5min;
            clock_.step_wall(by);
            for (auto& [number, order] : ledger_.orders) order.wall_jumped = true;
        } else {
            // Half a minute at least, hours now and then.
            begin(static_cast<Spell>(dice_.below(static_cast<int>(spell_names.size()))), dice_.heavy(30s, 3h));
        }
        plan_faults();
    });
}

void World::plan_end_of_process() {
    agenda_.in(dice_.next_after(10min), [this] {
        if (weather_.calm()) return;
        if (up_ && !stopping_) {
            if (dice_.chance(0.15)) {
                stop();
                if (!store_) agenda_.in(dice_.between(0s, 60s), [this] { start(); });
            } else if (dice_.chance(0.5)) {
                steps_to_live_ = 1 + dice_.below(60);
            } else {
                commits_to_live_ = 1 + dice_.below(12);
            }
        }
        plan_end_of_process();
    });
}

}  // namespace genq::sim
