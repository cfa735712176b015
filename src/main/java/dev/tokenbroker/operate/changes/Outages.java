package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.Intent;
import dev.tokenbroker.evaluate.exchange.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@linkplain Outage outages} of the last fifteen minutes, for operators. The page and verdicts
 * show these counts and no others, so that the numbers of one outage agree.
 *
 * <p>An outage ends once nothing was refused for a time: 3 s, or one and a half times the longest
 * pause lately, 60 s at most. Refusals that come later are another outage. Callers that wait as
 * long as the broker asks them to make long pauses. So if an outage comes back twice within 60 s,
 * that pause counts as one within it.
 *
 * <p>Holds at most {@value #MAX_OUTAGES} outages of 300 bytes, half of them for refusals that a
 * stranger can cause; others are not counted. Subjects are counted by a hash into 1,024 bits, and
 * not kept. An accepted exchange costs one comparison. Safe for use by many threads.
 */
@Singleton
public final class Outages implements ExchangeObserver {

  static final int MAX_OUTAGES = 512;

  static final Duration KEPT = Duration.ofMinutes(15);

  private static final long SHORTEST_SILENCE_MILLIS = 3_000;
  private static final long LONGEST_SILENCE_MILLIS = 60_000;

  private static final Comparator<Outage> ORDER =
      Comparator.comparing(Outage::ended)
          .thenComparing(Comparator.comparing(Outage::proved).reversed())
          .thenComparing(Comparator.comparingLong(Outage::count).reversed());

  private final Clocks clock;
  private final Function<String, Optional<String>> upstream;
  private final int seed; // so that no caller can choose what counts as one

  /** By text: the hash code of a record is slow in a native executable. */
  private final Map<String, CountedOutage> outages = new ConcurrentHashMap<>();

  @Inject
  Outages(Federations federations, Clocks clock) {
    this(audience -> ChangeNotes.upstream(federations, audience), clock);
  }

  /**
   * @param upstream finds the upstream of a target by its audience
   */
  Outages(Function<String, Optional<String>> upstream, Clocks clock) {
    this.upstream = upstream;
    this.clock = clock;
    this.seed = clock.random().nextInt();
  }

  @Override
  public void ended(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    RefusalReason reason = verdict.reason();
    if (reason == null || verdict.intent() != Intent.EXCHANGE) {
      return;
    }
    RefusalEvidence evidence = RefusalEvidence.of(reason, verdict, record.upstream());
    CountedOutage outage = counter(evidence.peer(), reason, evidence.proved());
    if (outage != null) {
      String subject = record.credentialSubject();
      String who = subject == null ? record.credentialDigest() : subject;
      outage.add(verdict.evaluationTime(), spread(who.hashCode() ^ seed), subject != null);
    }
  }

  private @Nullable CountedOutage counter(RefusedPeer peer, RefusalReason reason, boolean proved) {
    String key = peer.kind().name() + ' ' + reason.name() + ' ' + proved + ' ' + peer.name();
    int most = proved ? MAX_OUTAGES : MAX_OUTAGES / 2;
    if (outages.size() >= most && !outages.containsKey(key)) {
      forgetPast();
      if (outages.size() >= most) {
        return null;
      }
    }
    return outages.computeIfAbsent(key, _ -> new CountedOutage(peer, reason, proved));
  }

  /** The finalizer of MurmurHash3. */
  private static int spread(int hash) {
    int mixed = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
    return mixed ^ (mixed >>> 16);
  }

  /** The outages: those that go on first, then those that are proved, then the largest. */
  public List<Outage> all() {
    forgetPast();
    return shown().sorted(ORDER).toList();
  }

  private Stream<Outage> shown() {
    Instant now = clock.instant();
    return outages.values().stream().map(each -> each.at(now)).filter(each -> each.count() > 0);
  }

  private void forgetPast() {
    Instant past = clock.instant().minus(KEPT);
    outages.values().removeIf(each -> each.isBefore(past));
  }

  /** The outage that a refused exchange is part of; empty if it is over and gone. */
  public Optional<Outage> of(Verdict verdict) {
    RefusalReason reason = verdict.reason();
    if (reason == null) {
      return Optional.empty();
    }
    RefusedPeer peer = peer(verdict, reason);
    return shown()
        .filter(each -> each.reason() == reason && isOf(each, peer))
        .filter(each -> !verdict.evaluationTime().isBefore(each.since()))
        .filter(each -> !verdict.evaluationTime().isAfter(each.last()))
        .max(Comparator.comparing(each -> each.proved() == verdict.authentic()));
  }

  /**
   * The last failure of the peer behind a refusal that only follows from one; empty for another
   * refusal. It has what an operator must mend.
   */
  public Optional<Outage> causeOf(Verdict verdict) {
    RefusalReason reason = verdict.reason();
    if (reason == null || !Outage.isEffect(reason)) {
      return Optional.empty();
    }
    RefusedPeer peer = peer(verdict, reason);
    return shown()
        .filter(each -> each.proved() && isOf(each, peer) && !Outage.isEffect(each.reason()))
        .filter(each -> !each.since().isAfter(verdict.evaluationTime()))
        .max(Comparator.comparing(Outage::last));
  }

  private RefusedPeer peer(Verdict verdict, RefusalReason reason) {
    return RefusedPeer.of(reason, verdict.issuer(), upstream.apply(verdict.target()).orElse(null));
  }

  private static boolean isOf(Outage outage, RefusedPeer peer) {
    return outage.kind() == peer.kind() && outage.name().equals(peer.name());
  }

  /** Counts the refusals of one peer for one reason. */
  private static final class CountedOutage {

    private static final int BITS = 1_024;

    private final RefusedPeer peer;
    private final RefusalReason reason;
    private final boolean proved;
    private final BitSet seen = new BitSet(BITS);
    private Instant since = Instant.EPOCH;
    private Instant last = Instant.EPOCH;
    private long count;
    private long pauseMillis; // the longest lately
    private boolean cameBack;
    private boolean subjects;

    CountedOutage(RefusedPeer peer, RefusalReason reason, boolean proved) {
      this.peer = peer;
      this.reason = reason;
      this.proved = proved;
    }

    synchronized void add(Instant time, int hash, boolean named) {
      long silence = Math.max(0, Duration.between(last, time).toMillis());
      if (count == 0 || silence > longestSilence()) {
        begin(time, count > 0 && silence <= LONGEST_SILENCE_MILLIS ? silence : 0);
      } else {
        // What is a minute ago hardly counts.
        long faded = pauseMillis - pauseMillis * silence / LONGEST_SILENCE_MILLIS;
        pauseMillis = Math.max(silence, faded);
      }
      count++;
      last = time.isAfter(last) ? time : last;
      subjects &= named;
      seen.set(Math.floorMod(hash, BITS));
    }

    private void begin(Instant time, long silence) {
      pauseMillis = cameBack ? silence : 0;
      cameBack = silence > 0;
      since = time;
      last = time;
      count = 0;
      subjects = true;
      seen.clear();
    }

    private long longestSilence() {
      return Math.clamp(
          pauseMillis + pauseMillis / 2, SHORTEST_SILENCE_MILLIS, LONGEST_SILENCE_MILLIS);
    }

    synchronized Outage at(Instant now) {
      return new Outage(
          peer.kind(),
          peer.name(),
          reason,
          proved,
          since,
          last,
          Duration.between(last, now).toMillis() > longestSilence(),
          count,
          distinct(),
          subjects);
    }

    /** Linear counting, of Whang: nearly exact for few, and within a tenth for a few thousand. */
    private long distinct() {
      int free = Math.max(1, BITS - seen.cardinality());
      return Math.min(count, Math.round(-BITS * Math.log(free / (double) BITS)));
    }

    synchronized boolean isBefore(Instant time) {
      return last.isBefore(time);
    }
  }
}
