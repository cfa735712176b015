package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The source of the tokens for a target. */
public sealed interface Supply {

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
  }

  /** An upstream issues the tokens. */
  sealed interface Upstreamed extends Supply {

    /** Its name: that in the federation document, or the target's own audience. */
    String upstream();

    /** What the upstream gets to see of the identity. */
    Presentation presentation();

    /** How long each token lives, whatever is left of the credential; null if it may live less. */
    default @Nullable Duration fixedLife() {
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
  }

  /**
   * GitHub issues installation tokens to an App.
   *
   * @param upstream its name, the target's audience
   * @param owner the account whose installation is used; empty where {@code installation} says it
   * @param installation the id of the installation; 0 where it is found by its owner
   * @param repositories ids of the repositories, sorted; empty for all of the installation
   * @param permissions the level of each permission, by name
   */
  record GitHub(
      String upstream,
      String owner,
      long installation,
      List<Long> repositories,
      Map<String, GitHubPermission.Level> permissions)
      implements Upstreamed {

    /** How long each of GitHub's tokens lives. */
    public static final Duration LIFE = Duration.ofHours(1);

    public GitHub {
      repositories = repositories.stream().distinct().sorted().toList();
      permissions = Collections.unmodifiableMap(new TreeMap<>(permissions));
    }

    @Override
    public Presentation presentation() {
      return new Presentation.Nothing();
    }

    @Override
    public Duration fixedLife() {
      return LIFE;
    }

    /**
     * The request of one grant, which never asks for more than the target.
     *
     * @param ids some of the repositories; null for those of the target
     * @param scopes permissions within those of the target; empty for those of the target
     */
    GitHub narrowed(@Nullable List<Long> ids, List<String> scopes) {
      return new GitHub(
          upstream,
          owner,
          installation,
          ids == null ? repositories : ids,
          scopes.isEmpty() ? permissions : GitHubPermission.of(scopes));
    }
  }

  /**
   * AWS issues the credentials of a role.
   *
   * @param upstream its name, the target's audience
   * @param role the ARN of the role
   * @param sessionName the name of the session; in a document perhaps a claim
   * @param policyArns the ARNs of managed policies that narrow the session
   * @param policy a JSON document that narrows the session, whose values may be claims; null for
   *     none
   * @param duration the life of the credentials, 30 to 60 minutes
   * @param presentation the JWT that AWS gets to see
   */
  record Aws(
      String upstream,
      String role,
      String sessionName,
      List<String> policyArns,
      @Nullable String policy,
      Duration duration,
      Presentation.Minted presentation)
      implements Upstreamed {

    public static final Duration MIN_DURATION = Duration.ofMinutes(30);
    public static final Duration MAX_DURATION = Duration.ofMinutes(60);

    public Aws {
      policyArns = List.copyOf(policyArns);
      if (duration.compareTo(MIN_DURATION) < 0 || duration.compareTo(MAX_DURATION) > 0) {
        throw new IllegalArgumentException("duration out of bounds: " + duration);
      }
    }

    @Override
    public Duration fixedLife() {
      return duration;
    }

    /** The same session with that name and that policy. */
    Aws with(String name, @Nullable String filled) {
      return new Aws(upstream, role, name, policyArns, filled, duration, presentation);
    }
  }
}
