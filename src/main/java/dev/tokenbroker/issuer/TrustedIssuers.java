package dev.tokenbroker.issuer;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The issuers of one federation, found by the {@code iss} of a credential. Immutable. */
public final class TrustedIssuers {

  /** The longest URL that is compared for likeness. */
  private static final int MAX_NEAR_MISS_CHARS = 2048;

  private final List<TrustedIssuer> all;
  private final Map<String, TrustedIssuer> byIssuer = new HashMap<>();
  private final Map<String, TrustedIssuer> byLikeness = new HashMap<>();

  private TrustedIssuers(List<TrustedIssuer> issuers) {
    this.all = List.copyOf(issuers);
    for (TrustedIssuer issuer : issuers) {
      if (byIssuer.put(issuer.issuer(), issuer) != null) {
        throw new IllegalArgumentException("issuer declared twice: " + issuer.issuer());
      }
      byLikeness.putIfAbsent(IdentifierSpelling.of(issuer.issuer()).likeness(), issuer);
    }
  }

  /** Refuses two issuers with the same identifier. */
  public static TrustedIssuers of(List<TrustedIssuer> issuers) {
    return new TrustedIssuers(issuers);
  }

  /** The issuer with exactly that identifier: nothing is normalised (RFC 8725 section 3.8). */
  public Optional<TrustedIssuer> find(String iss) {
    return Optional.ofNullable(byIssuer.get(iss));
  }

  /**
   * The trusted issuer from which {@code iss} differs only by a trailing slash, case, a default
   * port, http for https, percent-encoding, or white space around it; empty where there is none, or
   * if {@code iss} itself is trusted. For hints, never for trust.
   */
  public Optional<TrustedIssuer> nearMiss(String iss) {
    if (iss.length() > MAX_NEAR_MISS_CHARS || byIssuer.containsKey(iss)) {
      return Optional.empty();
    }
    return Optional.ofNullable(byLikeness.get(IdentifierSpelling.of(iss).likeness()));
  }

  /**
   * The trusted issuers that are most like {@code iss}, the most alike first. For hints: a text
   * that differs by few characters may be another issuer, or somebody's trap.
   */
  public List<TrustedIssuer> nearest(String iss, int limit) {
    if (all.size() <= limit || iss.length() > MAX_NEAR_MISS_CHARS) {
      return all.stream().limit(limit).toList();
    }
    return all.stream()
        .map(issuer -> new RankedIssuer(issuer, Likeness.of(iss, issuer.issuer())))
        .sorted(RankedIssuer.MOST_ALIKE_FIRST)
        .limit(limit)
        .map(RankedIssuer::issuer)
        .toList();
  }

  /**
   * By how many characters {@code iss} differs from an issuer; empty if they are more than {@value
   * Likeness#MAX_EDITS} or none.
   */
  public static OptionalInt edits(String iss, TrustedIssuer issuer) {
    if (iss.length() > MAX_NEAR_MISS_CHARS) {
      return OptionalInt.empty();
    }
    Likeness likeness = Likeness.of(iss, issuer.issuer());
    return likeness.isNear() && likeness.edits() > 0
        ? OptionalInt.of(likeness.edits())
        : OptionalInt.empty();
  }

  private record RankedIssuer(TrustedIssuer issuer, Likeness likeness) {

    static final Comparator<RankedIssuer> MOST_ALIKE_FIRST =
        Comparator.comparingInt((RankedIssuer ranked) -> ranked.likeness().edits())
            .thenComparing(ranked -> ranked.likeness().shared(), Comparator.reverseOrder());
  }

  /** Another issuer that has a key with that name now. Never fetches: for hints. */
  public Optional<TrustedIssuer> publishing(String kid, TrustedIssuer except) {
    return all.stream()
        .filter(issuer -> !issuer.issuer().equals(except.issuer()) && issuer.keys().publishes(kid))
        .findFirst();
  }

  /** All issuers, in the order of the federation document. */
  public List<TrustedIssuer> all() {
    return all;
  }
}
