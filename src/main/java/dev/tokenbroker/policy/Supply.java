package dev.tokenbroker.policy;

import dev.tokenbroker.possession.BindingDemand;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the tokens for a target come from. */
public sealed interface Supply {

  /**
   * This broker makes them.
   *
   * @param lifetime how long one may live, {@link Target#MIN_LIFETIME} to {@link
   *     Target#MAX_LIFETIME}
   * @param bind what they must be bound to
   */
  record Mint(Duration lifetime, BindingDemand bind) implements Supply {

    public Mint {
      if (lifetime.compareTo(Target.MIN_LIFETIME) < 0
          || lifetime.compareTo(Target.MAX_LIFETIME) > 0) {
        throw new IllegalArgumentException("lifetime out of bounds: " + lifetime);
      }
    }
  }

  /**
   * An upstream hands them out.
   *
   * @param upstream its name in the federation document
   * @param audience what to ask it for by that name (RFC 8693 section 2.1); null for none
   * @param resources what to ask it for by the parameter of RFC 8707 section 2
   * @param scopes what to ask it for; null for the scopes granted
   * @param parameters further parameters of the token request, none that the request itself sets
   */
  record Exchange(
      String upstream,
      @Nullable String audience,
      List<String> resources,
      @Nullable List<String> scopes,
      Map<String, String> parameters)
      implements Supply {

    public Exchange {
      resources = List.copyOf(resources);
      scopes = scopes == null ? null : List.copyOf(scopes);
      parameters = Map.copyOf(parameters);
    }
  }
}
