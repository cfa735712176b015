package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.exchange.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.Intent;
import dev.tokenbroker.evaluate.exchange.Verdict;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.operate.changes.ChangeEvent.RefusedPeer;
import dev.tokenbroker.operate.changes.CountedOutage.Moment;
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
 * <p>An outage ends after 3 s without a refusal. If its refusals come with longer pauses, it ends
 * after 1.5 times the longest recent pause, and after 60 s at most. Callers that wait as long as
 * the broker asks make long pauses. So if an outage comes back twice within 60 s, that pause counts
 * as a pause within it. A refusal lasts from the begin of its evaluation to its end, so a slow
 * evaluation is no pause.
 *
 * <p>An outage of three refusals goes on if it comes back within 60 s, a smaller one if it does so
 * twice. Otherwise a later refusal begins another one. It also does so if a change has come in
 * between, or the upstream has issued eight tokens, since the cause may be another one.
 *
 * <p>Holds at most {@value #MAX_OUTAGES} outages of 600 bytes, half of them for refusals that a
 * stranger can cause; others are not counted. Subjects are counted by a hash into 1,024 bits, and
 * not kept. An accepted exchange costs one comparison. Safe for use by many threads.
 */
@Singleton
public final class Outages implements ExchangeObserver {

  static final int MAX_OUTAGES = 512;

  static final Duration KEPT = Duration.ofMinutes(15);

  private static final Comparator<Outage> ORDER =
      Comparator.comparing(Outage::ended)
          .thenComparing(Comparator.comparing(Outage::proved).reversed())
          .thenComparing(Comparator.comparingLong(Outage::count).reversed());

  private final ChangeLog changes;
  private final Causes causes;
  private final Clocks clock;
  private final Function<String, Optional<String>> upstream;
  private final int seed; // a caller that knew it could make many subjects count as one

  /** By text: the hash code of a record is slow in a native executable. */
  private final Map<String, CountedOutage> outages = new ConcurrentHashMap<>();

  @Inject
  Outages(Federations federations, ChangeLog changes, Causes causes, Clocks clock) {
    this(audience -> ChangeNotes.upstream(federations, audience), changes, causes, clock);
  }

  /**
   * @param upstream finds the upstream of a target by its audience
   */
  Outages(
      Function<String, Optional<String>> upstream, ChangeLog changes, Causes causes, Clocks clock) {
    this.upstream = upstream;
    this.changes = changes;
    this.causes = causes;
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
      served(record);
      return;
    }
    RefusalEvidence evidence = RefusalEvidence.of(reason, verdict, record.upstream());
    CountedOutage outage = counter(evidence.peer(), reason, evidence.proved());
    if (outage != null) {
      String subject = record.credentialSubject();
      String who = subject == null ? record.credentialDigest() : subject;
      Moment end = new Moment(clock.instant(), clock.nanoTime());
      long beginNanos = end.nanos() - record.duration().toNanos();
      Moment begin = new Moment(verdict.evaluationTime(), beginNanos);
      outage.add(begin, end, hash(who), subject != null);
    }
  }

  /** An upstream that has issued a token works again. */
  private void served(ExchangeRecord record) {
    String name = outages.isEmpty() || record.endedAtCache() ? null : record.upstream();
    if (name != null) {
      outages.values().stream()
          .filter(each -> each.isOfUpstream(name))
          .forEach(CountedOutage::serve);
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
    return outages.computeIfAbsent(
        key, _ -> new CountedOutage(peer, reason, proved, since -> isDivided(peer, reason, since)));
  }

  /** Whether a change after that time may have ended an outage, or begun another one. */
  private boolean isDivided(RefusedPeer peer, RefusalReason reason, Instant since) {
    return changes.events().stream()
        .filter(event -> event.noticedAfter().isAfter(since))
        .anyMatch(event -> causes.divides(event, peer, reason));
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
