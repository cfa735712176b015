package dev.tokenbroker.operate.changes.shape;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.SignedClaims;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Judged;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.operate.changes.shape.WatchedClaims.WatchedIssuer;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches the shapes of the claims that issuers sign. An exchange only puts its record into a
 * queue; a thread of its own looks at the claims. If the queue is full or {@link SamplePermits} has
 * no permit for the issuer, the exchange is not looked at.
 *
 * <p>Only credentials with a verified signature count: those that the rules judged, and those for
 * another audience. Held tokens are not seen, since their claims are not kept. Shapes of an issuer
 * stay when another federation comes into force, and end with the process.
 */
@Singleton
public final class ShapeWatch implements ExchangeObserver {

  static final int QUEUE = 256;

  private static final Duration ROUND = Duration.ofMillis(100);

  /** The refusals that a claim of another shape causes. */
  private static final Set<RefusalReason> OF_CLAIMS =
      EnumSet.of(
          RefusalReason.AUDIENCE_MISMATCH,
          RefusalReason.NO_RULE_MATCHED,
          RefusalReason.RULE_EVALUATION_FAILED);

  private final ChangeListener changes;
  private final Supplier<Optional<Federation>> federation;
  private final Clocks clock;
  private final SamplePermits permits = new SamplePermits();
  private final BlockingQueue<ExchangeRecord> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Rounds rounds =
      new Rounds(ShapeWatch.class, "claim-shapes", "The shapes of claims could not be compared");

  // Only the watching thread uses these.
  private @Nullable WatchedClaims watched;
  private final Map<String, IssuerShapes> byIssuer = new HashMap<>();

  @Inject
  ShapeWatch(ChangeListener changes, Federations federations, Clocks clock) {
    this(changes, federations::current, clock);
  }

  ShapeWatch(ChangeListener changes, Supplier<Optional<Federation>> federation, Clocks clock) {
    this.changes = changes;
    this.federation = federation;
    this.clock = clock;
  }

  void start(@Observes Startup event) {
    rounds.begin(ROUND, this::drain);
  }

  void stop(@Observes Shutdown event) {
    rounds.close();
  }

  @Override
  public void ended(ExchangeRecord record) {
    String issuer = record.verdict().issuer();
    if (issuer != null && isOfOneCredential(record) && permits.take(issuer)) {
      queue.offer(record);
    }
  }

  /** Whether it has the claims of a credential that no other record has. */
  private static boolean isOfOneCredential(ExchangeRecord record) {
    return record.verdict().intent() == Intent.EXCHANGE
        && !record.joined()
        && !claims(record).isEmpty()
        && !record.endedAtCache();
  }

  /** The claims of a credential with a verified signature; empty for any other. */
  private static Map<String, Object> claims(ExchangeRecord record) {
    Judged judged = record.judged();
    if (judged != null) {
      return judged.identity().claims();
    }
    SignedClaims misdirected = record.misdirected();
    return misdirected == null ? Map.of() : misdirected.values();
  }

  // --- on the watching thread

  /** Looks at all waiting exchanges. */
  void drain() {
    permits.refill();
    List<ExchangeRecord> records = new ArrayList<>();
    if (queue.drainTo(records) > 0) {
      federation.get().map(this::watchedBy).ifPresent(by -> records.forEach(each -> see(each, by)));
    }
  }

  private WatchedClaims watchedBy(Federation current) {
    WatchedClaims before = watched;
    if (before != null && before.isOf(current)) {
      return before;
    }
    WatchedClaims next = new WatchedClaims(current);
    Set<String> identifiers = new HashSet<>();
    for (WatchedIssuer issuer : next.issuers()) {
      identifiers.add(issuer.identifier());
      IssuerShapes known = byIssuer.get(issuer.identifier());
      if (known != null) {
        known.keepOnly(issuer);
      }
    }
    byIssuer.keySet().retainAll(identifiers);
    permits.keepOnly(next.names());
    watched = next;
    return next;
  }

  private void see(ExchangeRecord record, WatchedClaims by) {
    String name = record.verdict().issuer();
    WatchedIssuer issuer = name == null ? null : by.named(name);
    if (issuer != null) {
      RefusalReason reason = record.verdict().reason();
      byIssuer
          .computeIfAbsent(issuer.identifier(), _ -> new IssuerShapes(changes))
          .see(
              issuer,
              claims(record),
              record.credentialDigest(),
              reason != null && OF_CLAIMS.contains(reason),
              clock.nanoTime());
    }
  }

  /**
   * Limits the samples of each issuer: a burst of {@value #BURST}, and {@value #EACH_ROUND} more
   * for each round. Safe for use by many threads.
   */
  static final class SamplePermits {

    static final int BURST = 50;
    static final int EACH_ROUND = 5;

    /** By the name of the issuer, which comes from the federation. */
    private final Map<String, AtomicInteger> left = new ConcurrentHashMap<>();

    /** Takes a permit; false if the issuer has none left. */
    boolean take(String issuer) {
      AtomicInteger permits = left.get(issuer);
      if (permits == null) {
        permits = left.computeIfAbsent(issuer, _ -> new AtomicInteger(BURST));
      }
      // The read alone serves a busy issuer, without a write that threads contend for.
      return permits.get() > 0 && permits.getAndDecrement() > 0;
    }

    /** Begins a round. */
    void refill() {
      for (AtomicInteger permits : left.values()) {
        if (permits.get() < BURST) {
          permits.updateAndGet(each -> Math.min(BURST, Math.max(0, each) + EACH_ROUND));
        }
      }
    }

    /** Forgets other issuers. */
    void keepOnly(Set<String> issuers) {
      left.keySet().retainAll(issuers);
    }
  }
}
