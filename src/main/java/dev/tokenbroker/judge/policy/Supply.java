package dev.tokenbroker.judge.policy;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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

  /**
   * An upstream issues the tokens.
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
      implements Supply {

    public Exchange {
      resources = List.copyOf(resources);
      scopes = scopes == null ? null : List.copyOf(scopes);
      parameters = Map.copyOf(parameters);
    }
  }
}
