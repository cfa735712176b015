package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeObserver;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Intent;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The verdicts of the last while, for operators who were given an id. Bounded in number and time.
 *
 * <p>Rings: keeping a verdict costs every exchange a store, and finding one costs an operator a
 * walk through all, which is the right way round. A verdict past its time stays in memory until its
 * place is taken, and is not found. Refusals of credentials whose signature was not verified, and
 * of strangers, have a ring of their own, since anybody can make them. So have requests refused
 * unjudged, for overload or a credential presented too often: their verdicts say nothing else, and
 * come by the thousands just when operators need the others. Safe for use by many threads.
 */
@Singleton
public final class Verdicts implements ExchangeObserver {

  /** How many refused exchanges are listed at once. */
  public static final int MAX_LISTED = 200;

  private static final int UNVERIFIED_PART = 4;
  private static final int SHED_PART = 16;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  private final Ring judged;
  private final Ring unverified;
  private final Ring shed;
  private final Duration ttl;
  private final InstantSource clock;

  Verdicts(ExchangeSettings settings, InstantSource clock) {
    int most = Math.max(0, settings.maxVerdicts());
    this.judged = new Ring(most);
    this.unverified = new Ring((most + UNVERIFIED_PART - 1) / UNVERIFIED_PART);
    this.shed = new Ring((most + SHED_PART - 1) / SHED_PART);
    this.ttl = settings.verdictTtl();
    this.clock = clock;
  }

  @Override
  public void ended(ExchangeRecord record) {
    Verdict verdict = record.verdict();
    ring(verdict).keep(verdict);
  }

  private Ring ring(Verdict verdict) {
    if (verdict.authentic() || verdict.accepted()) {
      return judged;
    }
    return verdict.isShed() ? shed : unverified;
  }

  /** The whole verdict of that id; empty if there is none or it has expired. */
  public Optional<Verdict> find(String id) {
    return judged
        .find(id)
        .or(() -> unverified.find(id))
        .or(() -> shed.find(id))
        .filter(verdict -> verdict.evaluationTime().plus(ttl).isAfter(clock.instant()));
  }

  /**
   * The last refused exchanges, the newest first: {@value #MAX_LISTED} at most. At most a quarter
   * are of unverified credentials, and a sixteenth were refused unjudged.
   */
  public List<Verdict> lastRefused(Predicate<Verdict> wanted) {
    Instant oldest = clock.instant().minus(ttl);
    Predicate<Verdict> listed =
        verdict ->
            !verdict.accepted()
                && verdict.intent() == Intent.EXCHANGE
                && verdict.evaluationTime().isAfter(oldest)
                && wanted.test(verdict);
    List<Verdict> last = new ArrayList<>();
    last.addAll(unverified.last(MAX_LISTED / UNVERIFIED_PART, listed));
    last.addAll(shed.last(MAX_LISTED / SHED_PART, listed));
    last.addAll(judged.last(MAX_LISTED - last.size(), listed));
    last.sort(Comparator.comparing(Verdict::evaluationTime).reversed());
    return last;
  }

  /** Why a verdict is not found, for a person who was given its id. */
  public String absence(String id) {
    return ID.matcher(id).matches()
        ? ("This replica has no verdict with this id; another may have it. It keeps %s of"
                + " credentials with a verified signature, and apart from them %s of other refusals"
                + " and %s of requests refused unjudged, each for at most %s.")
            .formatted(kept(judged), kept(unverified), kept(shed), words(ttl))
        : "An id of a verdict has 32 hexadecimal digits.";
  }

  private String kept(Ring ring) {
    Instant oldest = ring.oldest();
    String since =
        oldest == null
            ? ""
            : ", the oldest " + words(Duration.between(oldest, clock.instant())) + " old,";
    return "the last " + ring.size() + since;
  }

  private static String words(Duration time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private static final class Ring {

    private final AtomicReferenceArray<Verdict> recent;
    private final AtomicLong kept = new AtomicLong();

    Ring(int most) {
      this.recent = new AtomicReferenceArray<>(most);
    }

    int size() {
      return recent.length();
    }

    /** When the oldest of the ring was made; null if there is none. */
    @Nullable Instant oldest() {
      long next = kept.get();
      if (next == 0 || recent.length() == 0) {
        return null;
      }
      Verdict first = recent.get(next < recent.length() ? 0 : (int) (next % recent.length()));
      return first == null ? null : first.evaluationTime();
    }

    void keep(Verdict verdict) {
      if (recent.length() > 0) {
        recent.lazySet((int) (kept.getAndIncrement() % recent.length()), verdict);
      }
    }

    /** Those wanted, the newest first; one that is being kept meanwhile may be left out. */
    List<Verdict> last(int most, Predicate<Verdict> wanted) {
      List<Verdict> last = new ArrayList<>();
      long next = kept.get();
      long end = Math.max(0, next - recent.length());
      for (long at = next - 1; at >= end && last.size() < most; at--) {
        Verdict verdict = recent.get((int) (at % recent.length()));
        if (verdict != null && wanted.test(verdict)) {
          last.add(verdict);
        }
      }
      return last;
    }

    Optional<Verdict> find(String id) {
      for (int place = 0; place < recent.length(); place++) {
        Verdict verdict = recent.get(place);
        if (verdict != null && verdict.id().equals(id)) {
          return Optional.of(verdict);
        }
      }
      return Optional.empty();
    }
  }
}
