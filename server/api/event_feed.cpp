#include "server/api/event_feed.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "server/api/event_filter.hpp"
#include "server/api/event_text.hpp"

namespace genq::api {

namespace asio = boost::asio;

namespace {

constexpr int pages_at_once = 100;  // what JobStore::events_after() reads beside long reads

bool ends_job(const JobEvent& event) {
    const auto status = job_status_from(event.name);
    return status && is_terminal(*status);
}

}  // namespace

/// Readers of all jobs who want the same: each event is compared with their filter once.
struct EventFeed::Group {
    store::JobFilter filter;
    bool nothing = false;
    std::unordered_set<Place*> places{};

    [[nodiscard]] bool wants(const store::FeedEvent& event) const { return !nothing && takes(filter, event); }
};

/// A reader's place. What is not said to be fixed is under the mutex.
struct EventFeed::Place {
    Place(std::optional<JobId> j, asio::any_io_executor executor, Clock& clock)
        : job(j), signal(std::move(executor), clock) {}

    const std::optional<JobId> job;
    std::pair<const std::string, Group>* group = nullptr;  // set unless it reads one job
    async::Signal signal;
    std::int64_t seen = 0;     // all events up to this id were handed over or not wanted
    std::int64_t pending = 0;  // the first event after it that is wanted, if it has joined; 0: none
    std::int64_t told = 0;     // the newest erased event that it knows of
    bool joined = false;       // it is told of what it wants; else it reads the table
    bool missed = false;
    bool over = false;  // the last event that it was given ended its job
    bool stopped = false;
    SteadyTime heard{};  // when it last got a batch

    [[nodiscard]] bool wants(const store::FeedEvent& event) const {
        return event.event.id > seen && (job ? event.event.job == *job : group->second.wants(event));
    }
    /// Adds the event if it is wanted. False: there is no room for it.
    [[nodiscard]] bool add(EventBatch& batch, const store::FeedEvent& event, const std::string& text,
                           std::size_t room) {
        if (wants(event)) {
            if (!batch.text.empty() && batch.text.size() + text.size() > room) return false;
            batch.text += text;
            over = job && ends_job(event.event);
        }
        seen = std::max(seen, event.event.id);
        return true;
    }
};

struct EventFeed::Shared {
    Shared(store::JobStore& s, Clock& c, log::Logger& l, async::Signal& a, Options o)
        : store(s), clock(c), log(l), stored(a), options(o) {}

    struct Entry {
        store::FeedEvent event;
        std::string text;
    };

    store::JobStore& store;
    Clock& clock;
    log::Logger& log;
    async::Signal& stored;
    const Options options;

    mutable std::mutex mutex;
    std::unordered_set<Place*> all;                        // readers
    std::unordered_multimap<std::int64_t, Place*> of_job;  // those of them that read one job, by its row
    std::unordered_map<std::string, Group> of_all;         // the others, by what they want
    std::deque<Entry> ring;                                // every event with an id from `floor` to `position`
    std::int64_t position = 0;
    std::int64_t floor = 0;
    std::int64_t lost = 0;  // the newest event known to be erased before it was seen here
    bool active = false;    // the ring is filled

    void insert(Place& place, WantedEvents wanted) {
        const std::lock_guard lock(mutex);
        all.insert(&place);
        if (place.job) {
            of_job.emplace(place.job->row(), &place);
        } else {
            auto key = wanted.nothing ? std::string() : "of " + text_of(wanted.filter);
            place.group = &*of_all.try_emplace(std::move(key), std::move(wanted.filter), wanted.nothing).first;
            place.group->second.places.insert(&place);
        }
        place.heard = clock.now();
    }

    void remove(Place& place) {
        const std::lock_guard lock(mutex);
        all.erase(&place);
        if (place.job) {
            const auto [first, last] = of_job.equal_range(place.job->row());
            const auto found = std::find_if(first, last, [&place](const auto& one) { return one.second == &place; });
            if (found != last) of_job.erase(found);
        } else {
            auto& places = place.group->second.places;
            places.erase(&place);
            if (places.empty()) of_all.erase(of_all.find(place.group->first));
        }
        if (!all.empty()) return;
        active = false;
        ring = {};
    }

    /// Starts the ring behind `newest`, the newest event there is.
    void activate(std::int64_t newest) {
        if (!active) {
            active = true;
            position = newest;
            floor = newest + 1;
        }
        stored.notify();
    }

    /// Takes what the ring has for a place that it covers.
    void take(Place& place, EventBatch& batch) {
        const bool has_all = place.joined && place.pending == 0;
        place.joined = true;
        place.pending = 0;
        if (has_all) {
            place.seen = std::max(place.seen, position);
            return;
        }
        auto entry = std::ranges::upper_bound(ring, place.seen, {}, [](const Entry& e) { return e.event.event.id; });
        for (; entry != ring.end(); ++entry) {
            if (!place.add(batch, entry->event, entry->text, options.batch_bytes)) {
                place.pending = entry->event.event.id;
                return;
            }
        }
        place.seen = std::max(place.seen, position);
        batch.ended = place.over;
    }

    /// True if the batch is one to hand over.
    [[nodiscard]] bool settle(Place& place, EventBatch& batch) const {
        batch.missed = std::exchange(place.missed, false);
        batch.up_to = place.seen;
        const auto now = clock.now();
        const bool beat = now - place.heard >= options.heartbeat;
        if (batch.text.empty() && !batch.missed && !batch.ended && !beat) return false;
        place.heard = now;
        return true;
    }

    void offer(Place& place, const store::FeedEvent& event) const {
        if (!place.joined || place.pending != 0 || event.event.id <= place.seen) return;
        place.pending = event.event.id;
        place.signal.notify();
    }

    void miss(Place& place) const {
        if (!place.joined) return;  // it will find out by itself
        place.told = lost;
        place.missed = true;
        place.signal.notify();
    }

    void publish(store::EventPage page) {
        const std::lock_guard lock(mutex);
        if (!active) return;
        if (page.erased > std::max(position, lost)) {
            // Nobody was told of it, and nobody knows who would have wanted it.
            lost = page.erased;
            for (const auto& [key, group] : of_all) {
                for (Place* place : group.places) miss(*place);
            }
        }
        for (auto& event : page.events) {
            position = event.event.id;
            const auto [first, last] = of_job.equal_range(event.event.job.row());
            for (auto one = first; one != last; ++one) offer(*one->second, event);
            for (const auto& [key, group] : of_all) {
                if (!group.wants(event)) continue;
                for (Place* place : group.places) offer(*place, event);
            }
            std::string text = event_text(event.event);
            ring.push_back({std::move(event), std::move(text)});
            if (ring.size() > options.ring) {
                floor = ring.front().event.event.id + 1;
                ring.pop_front();
            }
        }
    }

    /// Wakes who has heard nothing for long. Returns when to look again.
    SteadyTime beat() {
        const std::lock_guard lock(mutex);
        if (all.empty()) return SteadyTime::max();
        const auto now = clock.now();
        for (Place* place : all) {
            if (now - place->heard >= options.heartbeat) place->signal.notify();
        }
        return now + options.heartbeat / 15;
    }
};

EventFeed::EventFeed(store::JobStore& store, Clock& clock, log::Logger& log, async::Signal& stored, Options options)
    : shared_(std::make_shared<Shared>(store, clock, log, stored, options)) {}

EventFeed::~EventFeed() = default;

asio::awaitable<void> EventFeed::run() {
    const auto shared = shared_;
    bool failing = false;
    for (SteadyTime next_beat = SteadyTime::max();;) {
        (void)co_await shared->stored.wait_until(next_beat);
        for (bool more = true; more;) {
            std::int64_t after = 0;
            {
                const std::lock_guard lock(shared->mutex);
                if (!shared->active) break;
                after = shared->position;
            }
            auto page = co_await shared->store.events_after(after, std::nullopt, pages_at_once);
            // Tried again after the next commit, or with the next beat.
            const bool failed = !page;
            if (failed && !failing) shared->log.error("events can't be read", {{"error", page.error().detail}});
            failing = failed;
            if (failed) break;
            more = page->events.size() == pages_at_once;
            shared->publish(std::move(*page));
        }
        next_beat = shared->beat();
    }
}

std::unique_ptr<EventFeed::Reader> EventFeed::open(WantedEvents wanted, asio::any_io_executor executor) {
    return std::unique_ptr<Reader>(new Reader(shared_, std::move(wanted), std::move(executor)));
}

void EventFeed::end_all() {
    const std::lock_guard lock(shared_->mutex);
    for (Place* place : shared_->all) {
        place->stopped = true;
        place->signal.notify();
    }
}

std::size_t EventFeed::readers() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->all.size();
}

EventFeed::Reader::Reader(std::shared_ptr<Shared> shared, WantedEvents wanted, asio::any_io_executor executor)
    : shared_(std::move(shared)), place_(std::make_unique<Place>(wanted.job, std::move(executor), shared_->clock)) {
    shared_->insert(*place_, std::move(wanted));
}

EventFeed::Reader::~Reader() {
    shared_->remove(*place_);
}

asio::awaitable<Result<std::int64_t>> EventFeed::Reader::begin(std::optional<std::int64_t> after) {
    Place& place = *place_;
    const auto page = co_await shared_->store.events_after(0, place.job, 0);
    if (!page) co_return std::unexpected(page.error());
    const std::lock_guard lock(shared_->mutex);
    shared_->activate(page->newest);
    place.missed = after && *after > page->newest;
    place.told = place.job || !after || place.missed ? page->erased : 0;
    if (after && !place.missed) {
        place.seen = *after;
    } else {
        place.seen = place.job ? 0 : page->newest;
    }
    co_return place.seen;
}

asio::awaitable<Result<EventBatch>> EventFeed::Reader::next() {
    Place& place = *place_;
    for (;;) {
        bool covered = false;
        {
            const std::lock_guard lock(shared_->mutex);
            if (place.stopped) co_return fail(errc::canceled, "the stream was ended");
            const bool waits = place.joined && place.pending == 0;
            // What lies between its place and what is pending is nothing that it wants.
            if (place.pending != 0) place.seen = std::max(place.seen, place.pending - 1);
            covered = waits || place.seen + 1 >= shared_->floor;
            if (covered) {
                EventBatch batch;
                shared_->take(place, batch);
                if (shared_->settle(place, batch)) co_return batch;
            }
        }
        if (covered) {
            (void)co_await place.signal.wait_until(SteadyTime::max());
            continue;
        }
        auto page = co_await from_table();
        if (!page) co_return std::unexpected(page.error());
        const std::lock_guard lock(shared_->mutex);
        if (shared_->settle(place, *page)) co_return std::move(*page);
    }
}

/// A page of the table; its text is empty if nothing of it is wanted.
asio::awaitable<Result<EventBatch>> EventFeed::Reader::from_table() {
    Place& place = *place_;
    const int limit = shared_->options.page;
    const auto page = co_await shared_->store.events_after(place.seen, place.job, limit);
    if (!page) co_return std::unexpected(page.error());
    EventBatch batch;
    const std::lock_guard lock(shared_->mutex);
    place.joined = false;
    place.pending = 0;
    if (!place.job && page->erased > std::max(place.seen, place.told)) {
        place.told = page->erased;
        place.missed = true;
    }
    bool all = true;
    for (const auto& event : page->events) {
        all = place.add(batch, event, place.wants(event) ? event_text(event.event) : "", shared_->options.batch_bytes);
        if (!all) break;
    }
    if (all && page->events.size() < static_cast<std::size_t>(limit)) {
        place.seen = std::max(place.seen, page->newest);
        batch.ended = place.over;
    }
    co_return batch;
}

void EventFeed::Reader::stop() {
    const std::lock_guard lock(shared_->mutex);
    place_->stopped = true;
    place_->signal.notify();
}

}  // namespace genq::api
