package dev.tokenbroker.judge.issuer;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The issuers that the revision before the one in force trusted. Only for notes: nobody trusts
 * them.
 *
 * @param revision that revision; empty if there was none
 * @param issuers their identifiers
 */
public record FormerIssuers(String revision, Set<String> issuers) {

  /** Of a first revision. */
  public static final FormerIssuers NONE = new FormerIssuers("", Set.of());

  public FormerIssuers {
    issuers = Set.copyOf(issuers);
  }

  /** The issuers of that revision. */
  public static FormerIssuers of(String revision, TrustedIssuers issuers) {
    return new FormerIssuers(
        revision,
        issuers.all().stream().map(TrustedIssuer::issuer).collect(Collectors.toUnmodifiableSet()));
  }

  /** A note for operators if that revision trusted the issuer; empty otherwise. */
  public Optional<String> note(String iss) {
    return issuers.contains(iss)
        ? Optional.of(
            "The revision before, " + revision + ", trusted this issuer; this revision does not.")
        : Optional.empty();
  }
}
