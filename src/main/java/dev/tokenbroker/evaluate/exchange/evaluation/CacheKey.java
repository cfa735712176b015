package dev.tokenbroker.evaluate.exchange.evaluation;

import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.target.Supply;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a request that decide which token it gets, and the federation that judges it. Two
 * requests with equal keys may be given the same token.
 *
 * <p>The caller and the edge are not part of it, but for the keys and the client that the caller
 * proved. So a token goes to any caller with the same credential, keys and client. Scopes count as
 * a set. Immutable; the hash is computed once.
 */
public final class CacheKey {

  private final CredentialDigest credential;
  private final String tokenType;
  private final String audience;
  private final List<String> scopes;
  private final @Nullable Duration lifetime;
  private final List<Binding> held;
  private final String revision;
  private final @Nullable String client;
  private final Class<? extends Supply> kind;
  private final int hash;

  private CacheKey(
      CredentialDigest credential,
      String tokenType,
      String audience,
      List<String> scopes,
      @Nullable Duration lifetime,
      List<Binding> held,
      String revision,
      @Nullable String client,
      Class<? extends Supply> kind) {
    this.credential = credential;
    this.tokenType = tokenType;
    this.audience = audience;
    this.scopes = scopes;
    this.lifetime = lifetime;
    this.held = held;
    this.revision = revision;
    this.client = client;
    this.kind = kind;
    this.hash = hash();
  }

  /**
   * The key of one request.
   *
   * @param tokenType the type of the credential; the default if the request names none
   * @param scopes as requested, in any order
   * @param lifetime as requested; null if none was, which is a value of its own
   * @param held the keys that the caller proved: they decide what the token is bound to, and
   *     whether a bound credential may be exchanged
   * @param revision the revision of the federation that judges the request
   */
  public static CacheKey of(
      CredentialDigest credential,
      String tokenType,
      String audience,
      Collection<String> scopes,
      @Nullable Duration lifetime,
      List<Binding> held,
      String revision) {
    return new CacheKey(
        credential,
        tokenType,
        audience,
        sorted(scopes),
        lifetime,
        List.copyOf(held),
        revision,
        null,
        Supply.class);
  }

  /** The key of the same request by a client that has proved itself; null for none. */
  public CacheKey by(@Nullable String name) {
    return by(name, kind);
  }

  /** As {@link #by(String)}, for a target of that kind. */
  CacheKey by(@Nullable String name, Class<? extends Supply> supply) {
    return name == null && supply == kind
        ? this
        : new CacheKey(
            credential, tokenType, audience, scopes, lifetime, held, revision, name, supply);
  }

  /** The digest of the credential. */
  public CredentialDigest credential() {
    return credential;
  }

  /** The requested scopes, sorted, each once. */
  public List<String> scopes() {
    return scopes;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof CacheKey that
            && hash == that.hash
            && credential.equals(that.credential)
            && audience.equals(that.audience)
            && tokenType.equals(that.tokenType)
            && scopes.equals(that.scopes)
            && Objects.equals(lifetime, that.lifetime)
            && held.equals(that.held)
            && revision.equals(that.revision)
            && Objects.equals(client, that.client)
            && kind == that.kind);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "CacheKey[credential=" + credential + ", audience=" + audience + "]";
  }

  // equals() compares the revision: keys of two revisions meet only in the moment of a swap.
  private int hash() {
    int mixed = credential.hashCode();
    mixed = 31 * mixed + audience.hashCode();
    mixed = 31 * mixed + tokenType.hashCode();
    mixed = 31 * mixed + scopes.hashCode();
    mixed = 31 * mixed + held.hashCode();
    mixed = 31 * mixed + Objects.hashCode(client);
    return 31 * mixed + Objects.hashCode(lifetime);
  }

  private static List<String> sorted(Collection<String> scopes) {
    return scopes.size() <= 1 ? List.copyOf(scopes) : scopes.stream().sorted().distinct().toList();
  }
}
