package dev.tokenbroker.judge.target;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Expression;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.StepBudget;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The source of the tokens for a target, with the terms of its kind: one implementation for each
 * kind of target. Immutable, and equal to another one that gives the same tokens.
 *
 * <p>Only one distinction is closed: either this broker makes the tokens, or an upstream issues
 * them. Everything else asks the kind.
 */
public sealed interface Supply permits Supply.Mint, Supply.Upstreamed {

  /** The upstream that issues the tokens; empty if this broker makes them. */
  Optional<Upstreamed> fromUpstream();

  /** The binding that the tokens require. */
  BindingDemand bind();

  /** The algorithm of what the broker signs for them; null for that of the broker, or for none. */
  @Nullable SigningAlgorithm algorithm();

  /** The life of a token for a caller that requests this one at most; null if it is not bounded. */
  @Nullable Duration lifetime(@Nullable Duration requested);

  /** What it reads of an identity, whatever the rule; empty for nothing. */
  Optional<ClaimUses> uses();

  /**
   * The supply for one identity.
   *
   * @param subject the subject that the rule gives it
   * @param part the rule's expression for a part of the target; null for all of it
   * @return never {@code Missing}
   */
  Evaluated<Supply> of(Facts facts, String subject, @Nullable Expression part, StepBudget budget);

  /** The supply for those scopes of a rule, all that the caller gets. */
  Supply within(List<String> scopes);

  /** The same supply, without what only the request for a token needs. */
  Supply kept();

  /**
   * This broker makes the tokens.
   *
   * @param lifetime how long a token may live, {@link Target#MIN_LIFETIME} to {@link
   *     Target#MAX_LIFETIME}
   * @param bind the binding that they require
   * @param type their {@code typ}
   * @param algorithm signs them; null for that of the broker
   */
  record Mint(
      Duration lifetime, BindingDemand bind, MintedType type, @Nullable SigningAlgorithm algorithm)
      implements Supply {

    /** Access tokens by the algorithm of the broker. */
    public Mint(Duration lifetime, BindingDemand bind) {
      this(lifetime, bind, MintedType.ACCESS_TOKEN, null);
    }

    public Mint {
      if (lifetime.compareTo(Target.MIN_LIFETIME) < 0
          || lifetime.compareTo(Target.MAX_LIFETIME) > 0) {
        throw new IllegalArgumentException("lifetime out of bounds: " + lifetime);
      }
    }

    @Override
    public Optional<Upstreamed> fromUpstream() {
      return Optional.empty();
    }

    @Override
    public Duration lifetime(@Nullable Duration requested) {
      return requested != null && requested.compareTo(lifetime) < 0 ? requested : lifetime;
    }

    @Override
    public Optional<ClaimUses> uses() {
      return Optional.empty();
    }

    @Override
    public Evaluated<Supply> of(
        Facts facts, String subject, @Nullable Expression part, StepBudget budget) {
      return new Evaluated.Value<>(this);
    }

    @Override
    public Mint within(List<String> scopes) {
      return this;
    }

    @Override
    public Mint kept() {
      return this;
    }
  }

  /** An upstream issues the tokens. */
  non-sealed interface Upstreamed extends Supply {

    /** Its name: that in the federation document, or the target's own audience. */
    String upstream();

    /** What the upstream gets to see of the identity. */
    Presentation presentation();

    /** How long each token lives, whatever is left of the credential; null if it may live less. */
    @Nullable Duration fixedLife();

    /** When the tokens are renewed. */
    Renewal renewal();

    /** The request of one grant, in a sentence for verdicts; empty if there is nothing to say. */
    String description();

    @Override
    default Optional<Upstreamed> fromUpstream() {
      return Optional.of(this);
    }

    /** None: only this broker binds the tokens that it makes to a key. */
    @Override
    default BindingDemand bind() {
      return BindingDemand.BEARER;
    }

    @Override
    default @Nullable SigningAlgorithm algorithm() {
      return presentation().algorithm();
    }

    /** Not bounded: a request to the upstream names no lifetime, so all callers share the token. */
    @Override
    default @Nullable Duration lifetime(@Nullable Duration requested) {
      return null;
    }
  }

  /**
   * An upstream security token service of OAuth 2.0 issues the tokens.
   *
   * @param upstream its name in the federation document
   * @param audience the parameter of that name in the request (RFC 8693 section 2.1); null for none
   * @param resources sent in the parameters of that name in the singular (RFC 8707 section 2)
   * @param scopes the scopes in the request; null for the scopes granted
   * @param allowMoreScopes whether the token may have scopes that were not requested
   * @param parameters further parameters of the token request, none that the request itself sets
   * @param presentation what the upstream gets to see of the identity
   */
  record Exchange(
      String upstream,
      @Nullable String audience,
      List<String> resources,
      @Nullable List<String> scopes,
      boolean allowMoreScopes,
      Map<String, String> parameters,
      Presentation presentation)
      implements Upstreamed {

    public Exchange {
      resources = List.copyOf(resources);
      scopes = scopes == null ? null : List.copyOf(scopes);
      parameters = Map.copyOf(parameters);
    }

    @Override
    public @Nullable Duration fixedLife() {
      return null;
    }

    @Override
    public Renewal renewal() {
      return Renewal.USUAL;
    }

    @Override
    public String description() {
      return "";
    }

    @Override
    public Optional<ClaimUses> uses() {
      return Optional.empty();
    }

    @Override
    public Evaluated<Supply> of(
        Facts facts, String subject, @Nullable Expression part, StepBudget budget) {
      return new Evaluated.Value<>(this);
    }

    @Override
    public Exchange within(List<String> scopes) {
      return this;
    }

    @Override
    public Exchange kept() {
      return this;
    }
  }

  /** The {@code typ} in the header of the tokens that this broker makes for a target. */
  enum MintedType {
    /** As RFC 9068 section 2.1 demands. */
    ACCESS_TOKEN("at+jwt"),

    /** For verifiers that know no other type (RFC 7519 section 5.1). */
    JWT("JWT");

    private final String typ;

    MintedType(String typ) {
      this.typ = typ;
    }

    public String typ() {
      return typ;
    }
  }
}
