package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
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
 * <p>An outage has begun with its third refusal. It ends after 60 s without a refusal. It ends
 * after 3 s if three exchanges of the peer in a row were accepted, cache hits apart. A later
 * refusal begins another one.
 *
 * <p>Holds at most {@value #MAX_OUTAGES} outages of 600 bytes, half of them for refusals that a
 * stranger can cause; others are not counted. Subjects are counted by a hash into 1,024 bits, and
 * not kept. An exchange that is accepted from the cache costs one comparison. Safe for use by many
 * threads.
 */
@Singleton
public final class Outages implements ExchangeObserver {

  static final int MAX_OUTAGES = 512;

  static final Duration KEPT = Duration.ofMinutes(15);

  private static final Comparator<Outage> ORDER =
      Comparator.comparing(Outage::ended)
          .thenComparing(Comparator.comparing(Outage::proved).reversed())
          .thenComparing(Comparator.comparingLong(Outage::count).reversed());

  private final Clocks clock;
  private final Function<String, Optional<String>> upstream;
  private final int seed; // a caller that knew it could make many subjects count as one

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
    if (verdict.intent() != Intent.EXCHANGE) {
      return;
    }
    if (reason == null) {
      if (!record.endedAtCache()) {
        outages.values().forEach(each -> each.serve(verdict.issuer(), record.upstream()));
      }
      return;
    }
    RefusalEvidence evidence = RefusalEvidence.of(reason, verdict, record.upstream());
    CountedOutage outage = counter(evidence.peer(), reason, evidence.proved());
    if (outage != null) {
      String subject = record.credentialSubject();
      String who = subject == null ? record.credentialDigest() : subject;
      Instant begin = verdict.evaluationTime();
      outage.add(begin, clock.instant(), clock.nanoTime(), hash(who), subject != null);
      if (evidence.proved()) {
        outages.values().stream()
            .filter(each -> each != outage)
            .forEach(each -> each.pass(evidence.peer()));
      }
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

  /**
   * A hash that depends on the seed at each character. Texts with equal hash codes would collide
   * under every seed if it were added at the end.
   */
  private int hash(String text) {
    int hash = seed;
    for (int at = 0; at < text.length(); at++) {
      hash ^= text.charAt(at);
      hash = (hash ^ (hash >>> 16)) * 0x85ebca6b; // the finalizer of MurmurHash3
      hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
      hash ^= hash >>> 16;
    }
    return hash;
  }

  /** The outages: those that go on first, then those that are proved, then the largest. */
  public List<Outage> all() {
    forgetPast();
    return shown().sorted(ORDER).toList();
  }

  private Stream<Outage> shown() {
    long now = clock.nanoTime();
    return outages.values().stream().map(each -> each.at(now)).filter(each -> each.count() > 0);
  }

  private void forgetPast() {
    long now = clock.nanoTime();
    outages.values().removeIf(each -> each.isOlderThan(KEPT, now));
  }

  /** The outage that a refused exchange is part of; empty if it is over and gone. */
  public Optional<Outage> of(Verdict verdict) {
    RefusalReason reason = verdict.reason();
    if (reason == null) {
      return Optional.empty();
    }
    RefusalEvidence refused = evidence(reason, verdict);
    return shown()
        .filter(each -> each.reason() == reason && each.proved() == refused.proved())
        .filter(each -> isOf(each, refused.peer()))
        .filter(each -> !verdict.evaluationTime().isBefore(each.since()))
        .filter(each -> !verdict.evaluationTime().isAfter(each.last()))
        .findFirst();
  }

  /**
   * The last failure of the peer from which a refusal follows, as the refusal names it; empty for a
   * refusal with a cause of its own. It has the remedy.
   */
  public Optional<Outage> causeOf(Verdict verdict) {
    RefusalReason reason = verdict.reason();
    if (reason == null || !Outage.isEffect(reason)) {
      return Optional.empty();
    }
    RefusalEvidence refused = evidence(reason, verdict);
    return shown()
        .filter(each -> each.proved() && isOf(each, refused.peer()))
        .filter(each -> Causes.isBehind(each.reason(), refused))
        .filter(each -> !each.since().isAfter(verdict.evaluationTime()))
        .filter(
            each ->
                !each.last().plus(CountedOutage.LONGEST_SILENCE).isBefore(verdict.evaluationTime()))
        .max(Comparator.comparing(Outage::last));
  }

  private RefusalEvidence evidence(RefusalReason reason, Verdict verdict) {
    return RefusalEvidence.of(reason, verdict, upstream.apply(verdict.target()).orElse(null));
  }

  private static boolean isOf(Outage outage, RefusedPeer peer) {
    return outage.kind() == peer.kind() && outage.name().equals(peer.name());
  }
}
