package dev.tokenbroker.judge.policy;

import dev.tokenbroker.judge.possession.Binding;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The request of an identity.
 *
 * @param audience the target
 * @param scopes the requested scopes; if empty, all that are granted
 * @param lifetime the longest lifetime requested; null for the target's own
 * @param binding the binding of a token for this caller: {@link Policy#binding}
 */
public record GrantRequest(
    String audience, Set<String> scopes, @Nullable Duration lifetime, Binding binding) {

  public GrantRequest {
    scopes = Set.copyOf(scopes);
  }

  /** A request of a caller without a key. */
  public GrantRequest(String audience, Set<String> scopes, @Nullable Duration lifetime) {
    this(audience, scopes, lifetime, Binding.none());
  }

  /** The same request with that binding. */
  public GrantRequest boundTo(Binding key) {
    return new GrantRequest(audience, scopes, lifetime, key);
  }
}
