package dev.tokenbroker.judge.issuer;

import dev.tokenbroker.base.text.EditDistance;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The issuers of one federation, found by the {@code iss} of a credential. Immutable.
 *
 * <p>Several entries may have one identifier, as the clusters of Kubernetes do that call themselves
 * alike. Their audiences are disjoint, so the {@code aud} of a credential names one of them before
 * any key is used. The keys of the others never verify that credential.
 */
public final class TrustedIssuers {

  /** The longest URL that is compared for likeness. */
  private static final int MAX_NEAR_MISS_CHARS = 2048;

  /** How many issuers are compared character by character with one that is not trusted. */
  private static final int MAX_COMPARED = 64;

  private final List<TrustedIssuer> all;
  private final boolean onceOnly;
  private final TrustedIssuers declared;
  private final Map<String, List<TrustedIssuer>> byIssuer = new HashMap<>();
  private final Map<String, TrustedIssuer> byLikeness = new HashMap<>();

  private TrustedIssuers(List<TrustedIssuer> issuers, List<TrustedIssuer> clients) {
    this.all = List.copyOf(issuers);
    this.declared = clients.isEmpty() ? this : of(issuers);
    this.onceOnly = !clients.isEmpty() || all.stream().anyMatch(TrustedIssuer::once);
    clients.forEach(client -> byIssuer.put(client.issuer(), List.of(client)));
    for (TrustedIssuer issuer : issuers) {
      List<TrustedIssuer> namesakes =
          byIssuer.computeIfAbsent(issuer.issuer(), _ -> new ArrayList<>());
      if (namesakes.stream().anyMatch(other -> isFor(other, issuer.audiences()))) {
        throw new IllegalArgumentException("issuer declared twice: " + issuer.issuer());
      }
      namesakes.add(issuer);
      byLikeness.putIfAbsent(IdentifierSpelling.of(issuer.issuer()).likeness(), issuer);
    }
  }

  /** Refuses two issuers with the same identifier and a common audience. */
  public static TrustedIssuers of(List<TrustedIssuer> issuers) {
    return new TrustedIssuers(issuers, List.of());
  }

  /**
   * The same issuers, and clients that sign their own assertions. Only {@link #entries} and {@link
   * #find} know the clients: no hint names one.
   */
  public TrustedIssuers with(List<TrustedIssuer> clients) {
    return clients.isEmpty() ? this : new TrustedIssuers(all, clients);
  }

  /** The same issuers without clients: a client's name is an unknown issuer here. */
  public TrustedIssuers declared() {
    return declared;
  }

  /**
   * The entries with exactly that identifier, in the order of the document: nothing is normalised
   * (RFC 8725 section 3.8).
   */
  public List<TrustedIssuer> entries(String iss) {
    return Collections.unmodifiableList(byIssuer.getOrDefault(iss, List.of()));
  }

  /** The entry that a credential means. The audience decides only among several entries. */
  public IssuerMatch find(String iss, List<String> audiences) {
    List<TrustedIssuer> entries = entries(iss);
    if (entries.isEmpty()) {
      return new IssuerMatch.UnknownIssuer();
    }
    if (entries.size() == 1) {
      return new IssuerMatch.OneIssuer(entries.getFirst());
    }
    List<TrustedIssuer> meant = entries.stream().filter(entry -> isFor(entry, audiences)).toList();
    return switch (meant.size()) {
      case 0 -> new IssuerMatch.NoAudience(entries);
      case 1 -> new IssuerMatch.OneIssuer(meant.getFirst());
      default -> new IssuerMatch.SeveralIssuers(meant);
    };
  }

  private static boolean isFor(TrustedIssuer entry, Collection<String> audiences) {
    return audiences.stream().anyMatch(entry.audiences()::contains);
  }

  /**
   * The entry with that identifier. Among several it is the one with that mark.
   *
   * @param mark the name of an entry, or the place of its keys
   */
  public Optional<TrustedIssuer> entry(String iss, String mark) {
    List<TrustedIssuer> entries = entries(iss);
    return entries.size() == 1
        ? Optional.of(entries.getFirst())
        : entries.stream()
            .filter(entry -> entry.name().equals(mark) || entry.keys().place().equals(mark))
            .findFirst();
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
        .map(issuer -> Map.entry(issuer, Likeness.shared(iss, issuer.issuer())))
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(MAX_COMPARED)
        .map(Map.Entry::getKey)
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

  /** Another entry that has a key with that name now. Never fetches: for hints. */
  public Optional<TrustedIssuer> publishing(String kid, TrustedIssuer except) {
    return all.stream()
        .filter(issuer -> !issuer.name().equals(except.name()) && issuer.keys().publishes(kid))
        .findFirst();
  }

  /** Whether there is an issuer whose credentials may be exchanged once only. */
  public boolean haveOnceOnly() {
    return onceOnly;
  }

  /** All issuers, in the order of the federation document. */
  public List<TrustedIssuer> all() {
    return all;
  }

  /**
   * How alike two identifiers are: what they share at both ends, and how many characters differ.
   *
   * <p>Identifiers come from unverified credentials, so only a difference of at most {@value
   * #MAX_EDITS} characters is counted.
   *
   * @param shared the characters that both have in common at their ends
   * @param edits the characters to insert, delete or replace; {@link #MANY} for more than {@value
   *     #MAX_EDITS}
   */
  record Likeness(int shared, int edits) {

    static final int MAX_EDITS = 2;
    static final int MANY = MAX_EDITS + 1;

    static Likeness of(String one, String other) {
      int prefix = prefix(one, other);
      int suffix = suffix(one, other, prefix);
      String oneRest = one.substring(prefix, one.length() - suffix);
      String otherRest = other.substring(prefix, other.length() - suffix);
      return new Likeness(prefix + suffix, EditDistance.upTo(MAX_EDITS, oneRest, otherRest));
    }

    /** The characters that both have in common at their ends; takes no memory. */
    static int shared(String one, String other) {
      int prefix = prefix(one, other);
      return prefix + suffix(one, other, prefix);
    }

    private static int prefix(String one, String other) {
      int shorter = Math.min(one.length(), other.length());
      int prefix = 0;
      while (prefix < shorter && one.charAt(prefix) == other.charAt(prefix)) {
        prefix++;
      }
      return prefix;
    }

    private static int suffix(String one, String other, int prefix) {
      int shorter = Math.min(one.length(), other.length());
      int suffix = 0;
      while (suffix < shorter - prefix
          && one.charAt(one.length() - 1 - suffix) == other.charAt(other.length() - 1 - suffix)) {
        suffix++;
      }
      return suffix;
    }

    boolean isNear() {
      return edits <= MAX_EDITS;
    }
  }

  /** The entries of a federation that a credential means by its {@code iss} and its {@code aud}. */
  public sealed interface IssuerMatch {

    /** Exactly one entry, whose keys verify the credential. */
    record OneIssuer(TrustedIssuer issuer) implements IssuerMatch {}

    /** No entry has this issuer. */
    record UnknownIssuer() implements IssuerMatch {}

    /**
     * Several entries have this issuer, and none of them an audience of the credential.
     *
     * @param entries those with this issuer
     */
    record NoAudience(List<TrustedIssuer> entries) implements IssuerMatch {}

    /**
     * The credential is for the audiences of several entries with this issuer.
     *
     * @param entries those with an audience of the credential
     */
    record SeveralIssuers(List<TrustedIssuer> entries) implements IssuerMatch {}
  }
}
