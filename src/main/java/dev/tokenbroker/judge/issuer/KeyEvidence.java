package dev.tokenbroker.judge.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.time.Clocks;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells, in sentences for operators, what one source knows about keys that did not help: when and
 * how the key set came, what it had before, and where it comes from now. Safe for use by several
 * threads.
 */
final class KeyEvidence {

  private static final int MAX_SHOWN_KEYS = 2;

  private final KeyFetcher fetcher;
  private final IssuerDocuments documents;
  private final Clocks clocks;
  private final FormerKeys former = new FormerKeys();
  private final WithdrawnKeys withdrawn;

  KeyEvidence(KeyFetcher fetcher, IssuerDocuments documents, Clocks clocks) {
    this.fetcher = fetcher;
    this.documents = documents;
    this.clocks = clocks;
    this.withdrawn = new WithdrawnKeys(clocks::nanoTime);
  }

  /** Remembers what a fetched key set no longer has; null where nothing changed. */
  @Nullable KeyChange compare(KeyFetch.@Nullable FetchedKeys before, KeyFetch after) {
    if (before == null
        || !(after instanceof KeyFetch.FetchedKeys keys)
        || before.digest().equals(keys.digest())) {
      return null;
    }
    withdrawn.replace(before.keys(), keys.keys());
    return former.replace(before, keys);
  }

  /** The key of that name that was withdrawn in the last hour. */
  Optional<WitnessKey> withdrawn(String kid) {
    return withdrawn.named(kid);
  }

  /** Why a key set may lack the key of that name. */
  List<String> ofMissing(
      @Nullable String kid,
      KeyFetch.FetchedKeys current,
      KeyFetch.@Nullable FetchFailed lastFailure) {
    List<String> told = new ArrayList<>();
    if (kid != null) {
      former.tell(kid, false).ifPresent(told::add);
    }
    told.addAll(ofFetches(current, lastFailure));
    return told;
  }

  /**
   * Why keys of that name may not verify a signature.
   *
   * @param used the thumbprints of the keys tried
   * @param untilFetch when another fetch is allowed; null where one was made for this signature
   */
  List<String> ofTried(
      String kid,
      Set<String> used,
      KeyFetch.FetchedKeys current,
      KeyFetch.@Nullable FetchFailed lastFailure,
      @Nullable Duration untilFetch) {
    List<String> told = new ArrayList<>();
    former.tell(kid, current.publishes(kid)).ifPresent(told::add);
    if (KeyRing.thumbprints(current.candidates(kid)).equals(used)) {
      told.add(tried(used, current, untilFetch));
    }
    told.addAll(ofFetches(current, lastFailure));
    return told;
  }

  /** The keys of that name now, if they are others than those. */
  static boolean isReplaced(
      String kid, Set<String> thumbprints, KeyFetch.@Nullable FetchedKeys current) {
    List<VerificationKey> now = current == null ? List.of() : current.candidates(kid);
    return !now.isEmpty() && !KeyRing.thumbprints(now).equals(thumbprints);
  }

  /** A fetch that callers wait for. */
  String underWay() {
    String document = documents.underWay();
    return "a fetch that is still under way" + (document.isEmpty() ? "" : ": " + document);
  }

  private String tried(
      Set<String> used, KeyFetch.FetchedKeys current, @Nullable Duration untilFetch) {
    return "Key tried: %s, of the key set fetched at %s, %s ago%s."
        .formatted(
            used.stream().sorted().limit(MAX_SHOWN_KEYS).collect(Collectors.joining(", ")),
            current.fetchedAt(),
            seconds(clocks.nanoTime() - current.askedNanos()),
            untilFetch == null
                ? ""
                : "; the next fetch is allowed in " + seconds(untilFetch.toNanos()));
  }

  /** What was unusual about the fetches. */
  private List<String> ofFetches(
      KeyFetch.FetchedKeys current, KeyFetch.@Nullable FetchFailed lastFailure) {
    List<String> told = new ArrayList<>();
    if (!current.age().isZero()) {
      told.add(
          "A cache on the way had held the key set for %s (Age) when it came at %s; its Date is %s."
              .formatted(
                  seconds(current.age().toNanos()),
                  current.fetchedAt(),
                  current.date() == null ? "absent" : current.date()));
    }
    if (lastFailure != null) {
      told.add("The last fetch failed: " + lastFailure.dated());
    }
    String unused = documents.unusedKeySet();
    if (unused != null) {
      told.add("The discovery document names the jwks_uri " + unused + ", which is never fetched.");
    }
    String moved = fetcher.moved();
    if (moved != null) {
      told.add(moved);
    }
    return told;
  }

  private static String seconds(long nanos) {
    return BigDecimal.valueOf(nanos / 1_000_000, 3).stripTrailingZeros().toPlainString() + " s";
  }

  /**
   * Remembers the last {@value #MAX_KIDS} key names whose keys an issuer withdrew or replaced. A
   * verdict can then tell a withdrawn key from a made-up one. Safe for use by several threads.
   */
  static final class FormerKeys {

    static final int MAX_KIDS = 256;

    private final Map<String, FormerKey> byKid = new LinkedHashMap<>();

    /**
     * The keys that a name had.
     *
     * @param lastSeen when they were last fetched
     * @param gone when a key set without them arrived
     */
    private record FormerKey(Set<String> thumbprints, Instant lastSeen, Instant gone) {}

    /** Compares a key set with the one that it replaces, and remembers what is gone. */
    synchronized KeyChange replace(KeyFetch.FetchedKeys before, KeyFetch.FetchedKeys after) {
      Map<String, Set<String>> had = before.keys().thumbprints();
      Map<String, Set<String>> has = after.keys().thumbprints();
      had.forEach(
          (kid, thumbprints) -> {
            if (!thumbprints.equals(has.get(kid))) {
              byKid.remove(kid);
              byKid.put(kid, new FormerKey(thumbprints, before.fetchedAt(), after.fetchedAt()));
            }
          });
      // A key that has come back is a former key no more.
      byKid.entrySet().removeIf(key -> key.getValue().thumbprints().equals(has.get(key.getKey())));
      while (byKid.size() > MAX_KIDS) {
        byKid.remove(byKid.keySet().iterator().next());
      }
      return KeyChange.between(had, has);
    }

    /** One sentence about the keys that the name had; empty if none is remembered. */
    synchronized Optional<String> tell(String kid, boolean published) {
      FormerKey former = byKid.get(kid);
      if (former == null) {
        return Optional.empty();
      }
      String until = former.lastSeen() + "; a key set fetched at " + former.gone();
      return Optional.of(
          published
              ? "The key was replaced under the same kid: %s was published until %s has another."
                  .formatted(String.join(", ", former.thumbprints()), until)
              : "The kid was published until %s no longer has it.".formatted(until));
    }
  }

  /**
   * The named keys that fetches from one source withdrew, one for each name: at most {@value
   * #MAX_KEYS}, for an hour each. Safe for use by several threads.
   */
  static final class WithdrawnKeys {

    static final int MAX_KEYS = 16;
    static final Duration KEPT_FOR = Duration.ofHours(1);

    private final Cache<String, WitnessKey> byKid;

    /**
     * @param nanoTime the monotonic clock
     */
    WithdrawnKeys(LongSupplier nanoTime) {
      byKid =
          Caffeine.newBuilder()
              .maximumSize(MAX_KEYS)
              .expireAfterWrite(KEPT_FOR)
              .ticker(nanoTime::getAsLong)
              .executor(Runnable::run)
              .build();
    }

    /**
     * Keeps the keys of a key set that the next one lacks. A key that comes back may stay here:
     * what it signs is accepted by the key set, so nobody asks for it here.
     */
    void replace(KeyRing before, KeyRing after) {
      for (VerificationKey key : before.all()) {
        String kid = key.kid();
        if (kid != null && !KeyRing.thumbprints(after.candidates(kid)).contains(key.thumbprint())) {
          byKid.put(kid, new WitnessKey(key));
        }
      }
    }

    Optional<WitnessKey> named(String kid) {
      return Optional.ofNullable(byKid.getIfPresent(kid));
    }
  }
}
