package dev.tokenbroker.policy;

import dev.tokenbroker.possession.Binding;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an identity asks for.
 *
 * @param audience the target
 * @param scopes the scopes wanted; all that are granted where empty
 * @param lifetime the longest life wanted; null for what the target gives
 * @param binding what a token for it would be bound to: {@link Policy#binding}
 */
public record GrantRequest(
    String audience, Set<String> scopes, @Nullable Duration lifetime, Binding binding) {

  public GrantRequest {
    scopes = Set.copyOf(scopes);
  }

  /** A request of one who has shown no key. */
  public GrantRequest(String audience, Set<String> scopes, @Nullable Duration lifetime) {
    this(audience, scopes, lifetime, Binding.none());
  }

  /** The same of one whose token would be bound so. */
  public GrantRequest boundTo(Binding key) {
    return new GrantRequest(audience, scopes, lifetime, key);
  }
}
