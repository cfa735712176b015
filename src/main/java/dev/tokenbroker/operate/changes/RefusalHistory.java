package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.Federations.NewRevision;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Counts the refusals of the last fifteen minutes by their {@link RefusalEvidence}. An accepted
 * exchange costs one comparison.
 *
 * <p>There are {@value #MAX_COUNTERS} counters at most, give or take one for each thread, so they
 * take 6 MiB; refusals that find no counter free are not counted. Refusals that prove nothing get
 * half of the counters, so that they leave room for the others. Details get three quarters of
 * these, so that they leave room for other peers and reasons. No caller chooses details: targets,
 * rules and clients are those of the document, and the amounts of time are few. Times are
 * monotonic. Safe for use by many threads.
 */
@Singleton
public final class RefusalHistory implements ExchangeObserver {

  static final int MAX_COUNTERS = 4_096;

  /** Further targets, rules, clients and clues of one peer and reason are counted as none. */
  static final int MAX_DETAILS = 1_024;

  /** How many former documents are known. Several may follow each other within seconds. */
  private static final int FORMER = 4;

  private static final long NANOS_IN_MILLI = 1_000_000;

  private final Clocks clock;
  private final Supplier<Set<String>> targets;
  private final long firstBucket;

  /** The targets of former documents. They tell which target was removed. */
  private volatile List<Set<String>> former = List.of();

  /** By text: the hash code of a record is slow in a native executable. */
  private final Map<String, CountedRefusals> counters = new ConcurrentHashMap<>();

  /** How many counters there are by {@link RefusalEvidence#group}. */
  private final Map<String, Integer> groups = new ConcurrentHashMap<>();

  /** The last bucket in which refusals were counted without details, or not at all, by group. */
  private final Map<String, Long> coarse = new ConcurrentHashMap<>();

  /**
   * Refusals that are counted together.
   *
   * @param from the first bucket that has all of them; earlier ones were counted elsewhere
   */
  record CountedRefusals(RefusalEvidence refused, RefusalBuckets buckets, long from) {}

  @Inject
  RefusalHistory(Clocks clock, Federations federations) {
    this(
        clock,
        () ->
            federations
                .outline()
                .map(outline -> outline.entries(DocumentSection.TARGETS).keySet())
                .orElse(Set.of()));
  }

  /**
   * @param targets the audiences of the targets that the document in force declares
   */
  RefusalHistory(Clocks clock, Supplier<Set<String>> targets) {
    this.clock = clock;
    this.targets = targets;
    this.firstBucket = bucketBefore(Duration.ZERO);
  }

  /** Notes the targets of the document that another one is about to replace. */
  synchronized void replaced(@Observes NewRevision event) {
    former =
        Stream.concat(Stream.of(Set.copyOf(targets.get())), former.stream()).limit(FORMER).toList();
  }

  /** Whether the document in force declares the target, or one shortly before it did. */
  private boolean isDeclared(String target) {
    return targets.get().contains(target)
        || former.stream().anyMatch(each -> each.contains(target));
  }

  @Override
  public void ended(ExchangeRecord record) {
    RefusalReason reason = record.verdict().reason();
    if (reason == null) {
      return;
    }
    count(RefusalEvidence.of(reason, record.verdict(), record.upstream()));
  }

  void count(RefusalEvidence evidence) {
    CountedRefusals counter = counter(evidence.declared(this::isDeclared));
    if (counter == null) {
      return;
    }
    long millis = millisBefore(Duration.ZERO);
    long width = RefusalBuckets.WIDTH.toMillis();
    counter.buckets().add(Math.floorDiv(millis, width), (int) Math.floorMod(millis, width));
  }

  /** The counter of such refusals, or the one without details; null if none is free. */
  private @Nullable CountedRefusals counter(RefusalEvidence refused) {
    String text = refused.text();
    CountedRefusals known = counters.get(text);
    if (known != null) {
      return known;
    }
    String group = refused.group();
    String uncounted = "uncounted " + refused.proved();
    long now = bucketBefore(Duration.ZERO);
    int most = refused.proved() ? MAX_COUNTERS : MAX_COUNTERS / 2;
    RefusalEvidence plain = refused.withoutDetails();
    boolean detailed = !text.equals(plain.text());
    if (detailed
        && (groups.getOrDefault(group, 0) >= MAX_DETAILS || counters.size() >= most / 4 * 3)) {
      CountedRefusals without = counter(plain);
      if (without != null) {
        coarse.put(group, now);
      }
      return without;
    }
    if (counters.size() >= most) {
      coarse.put(uncounted, now);
      return null;
    }
    boolean late = coarse.containsKey(uncounted) || (detailed && coarse.containsKey(group));
    return counters.computeIfAbsent(
        text,
        _ -> {
          groups.merge(group, 1, Integer::sum);
          return new CountedRefusals(refused, new RefusalBuckets(), late ? now + 1 : firstBucket);
        });
  }

  /** The number of the bucket at a time ago. */
  long bucketBefore(Duration ago) {
    return Math.floorDiv(millisBefore(ago), RefusalBuckets.WIDTH.toMillis());
  }

  /** A time ago, in milliseconds since bucket 0. */
  long millisBefore(Duration ago) {
    return Math.floorDiv(clock.nanoTime() - ago.toNanos(), NANOS_IN_MILLI);
  }

  /** The number of the bucket at the start. */
  long firstBucket() {
    return firstBucket;
  }

  /** The refusals of the last fifteen minutes. */
  List<CountedRefusals> counted() {
    return List.copyOf(counters.values());
  }

  /**
   * The refusals of all issuers and upstreams over time.
   *
   * @param bucket how long each count lasts
   * @param elapsed how much of the last one has passed
   * @param counts the oldest first
   */
  public record RefusalCurve(Duration bucket, Duration elapsed, List<Long> counts) {}

  /** The refusals of the last fifteen minutes, until now. */
  public RefusalCurve curve() {
    long millis = millisBefore(Duration.ZERO);
    long width = RefusalBuckets.WIDTH.toMillis();
    long last = Math.floorDiv(millis, width);
    long[] sums = new long[RefusalBuckets.SHOWN];
    counters.values().forEach(counter -> counter.buckets().addTo(sums, last));
    return new RefusalCurve(
        RefusalBuckets.WIDTH,
        Duration.ofMillis(Math.floorMod(millis, width)),
        LongStream.of(sums).boxed().toList());
  }

  /** Forgets counters without a refusal in the last fifteen minutes. */
  void forgetPast() {
    long now = bucketBefore(Duration.ZERO);
    coarse.values().removeIf(last -> now - last > RefusalBuckets.SHOWN);
    counters.forEach(
        (key, counter) -> {
          if (counter.buckets().isPast(now) && counters.remove(key, counter)) {
            groups.computeIfPresent(
                counter.refused().group(), (_, count) -> count > 1 ? count - 1 : null);
          }
        });
  }
}
