package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.share.Bounded;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The timeline: the last {@value #MAX_EVENTS} changes. Each becomes an event, a log line, a count
 * and, if a path is set, a line of a file. Watches get each event, and again once refusals are
 * joined to it.
 *
 * <p>Safe for use by several threads: one lock guards the events and the watches, and nobody does
 * I/O under it. The texts of an event are bounded, and so are its refusals, so the timeline takes 7
 * MiB at most.
 */
@Singleton
public final class ChangeLog implements ChangeListener {

  /** How many events are held. */
  public static final int MAX_EVENTS = 1_000;

  /** How many streams there may be. */
  public static final int MAX_WATCHES = 64;

  /** How many of them one operator may have. */
  static final int MAX_PER_OPERATOR = Bounded.STREAMS.ofOne(MAX_WATCHES);

  /** The log category of changes. */
  public static final String CATEGORY = "dev.tokenbroker.changes";

  private static final Logger LOG = Logger.getLogger(CATEGORY);

  private final InstantSource clock;
  private final Function<Change, Optional<String>> issuerName;
  private final @Nullable ChangeWriter writer;
  private final List<ChangeEvent> events = new ArrayList<>(); // guarded by this
  private final List<ChangeWatch> watches = new ArrayList<>(); // guarded by this
  private long lastId; // guarded by this
  private final Map<ChangeKind, LongAdder> counts = counters();
  private final Map<ChangeKind, LongAdder> joins = counters();

  /**
   * @param federations is looked up at the first change of an issuer, since it reports changes
   *     itself
   */
  @Inject
  ChangeLog(ChangesSettings settings, InstantSource clock, Instance<Federations> federations) {
    this(
        settings,
        clock,
        change ->
            federations
                .get()
                .current()
                .flatMap(inForce -> inForce.issuers().entry(change.subject(), change.entry()))
                .map(TrustedIssuer::name));
  }

  /**
   * @param issuerName finds the name of the issuer that a change is about, without waiting
   */
  ChangeLog(
      ChangesSettings settings,
      InstantSource clock,
      Function<Change, Optional<String>> issuerName) {
    this.clock = clock;
    this.issuerName = issuerName;
    this.writer = settings.path().map(ChangeWriter::new).orElse(null);
    if (writer != null) {
      events.addAll(writer.last(MAX_EVENTS));
    }
    this.lastId = events.stream().mapToLong(ChangeEvent::id).max().orElse(0);
  }

  private static Map<ChangeKind, LongAdder> counters() {
    Map<ChangeKind, LongAdder> counters = new EnumMap<>(ChangeKind.class);
    for (ChangeKind kind : ChangeKind.values()) {
      counters.put(kind, new LongAdder());
    }
    return counters;
  }

  @Override
  public void changed(Change change) {
    try {
      ChangeEvent event = add(change, subject(change));
      count(counts, change.kind());
      LOG.log(change.kind().isWarning() ? Logger.Level.WARN : Logger.Level.INFO, event.text());
      if (writer != null) {
        writer.write(event);
      }
    } catch (RuntimeException bug) {
      // The caller must go on: a change is only reported to this class.
      LOG.errorf("A change could not be noted: %s", BugReport.of(bug));
    }
  }

  private String subject(Change change) {
    return change.subjectKind() == SubjectKind.ISSUER
        ? issuerName.apply(change).orElse(change.subject())
        : change.subject();
  }

  private synchronized ChangeEvent add(Change change, String subject) {
    ChangeEvent event =
        new ChangeEvent(++lastId, clock.instant(), change, subject, List.of(), List.of());
    if (events.size() >= MAX_EVENTS) {
      events.removeFirst();
    }
    events.add(event);
    watches.forEach(watch -> watch.offer(event));
    return event;
  }

  /** The events, the oldest first. */
  public synchronized List<ChangeEvent> events() {
    return List.copyOf(events);
  }

  /**
   * Joins refusals to an event, with those that are shown beside them. Logs and counts each join
   * once, and shows the event to the watches again if one of the refusals is new.
   */
  void join(ChangeEvent event, List<RisenRefusals> risen, List<RisenRefusals> unproved) {
    List<RisenRefusals> fresh = fresh(event.joined(), risen);
    ChangeEvent joined = event.with(risen, unproved);
    synchronized (this) {
      events.replaceAll(each -> each.id() == event.id() ? joined : each);
      if (!fresh.isEmpty() || !fresh(event.unproved(), unproved).isEmpty()) {
        watches.forEach(watch -> watch.offer(joined));
      }
    }
    for (RisenRefusals each : fresh) {
      count(joins, event.change().kind());
      LOG.warnf("%s", each.text(joined));
    }
  }

  private static List<RisenRefusals> fresh(List<RisenRefusals> seen, List<RisenRefusals> now) {
    return now.stream().filter(each -> seen.stream().noneMatch(each::isSameAs)).toList();
  }

  /**
   * Adds a watch for coming events. Those that have ended make room at once, even while their
   * readers block.
   *
   * @return the events before, or {@code CALLER_STREAMS_FULL} or {@code STREAMS_FULL}
   */
  synchronized Outcome<List<ChangeEvent>> follow(ChangeWatch watch) {
    watches.removeIf(ChangeWatch::isClosed);
    if (watches.stream().filter(watch::belongsTo).count() >= MAX_PER_OPERATOR) {
      return Outcome.refused(Refusal.of(Bounded.STREAMS.reason()));
    }
    if (watches.size() >= MAX_WATCHES) {
      return Outcome.refused(Refusal.of(RefusalReason.STREAMS_FULL));
    }
    watches.add(watch);
    return Outcome.accepted(List.copyOf(events));
  }

  /** Ends all watches. */
  synchronized void endWatches() {
    watches.forEach(ChangeWatch::close);
    watches.clear();
  }

  /** How many changes of that kind were noticed in this run. */
  public long count(ChangeKind kind) {
    return Objects.requireNonNull(counts.get(kind)).sum();
  }

  /** How often refusals were joined to a change of that kind in this run. */
  public long joined(ChangeKind kind) {
    return Objects.requireNonNull(joins.get(kind)).sum();
  }

  private static void count(Map<ChangeKind, LongAdder> counters, ChangeKind kind) {
    Objects.requireNonNull(counters.get(kind)).increment();
  }

  /** Ends the watches, and writes what is queued for the file. */
  @PreDestroy
  void close() {
    endWatches();
    if (writer != null) {
      writer.close();
    }
  }
}
