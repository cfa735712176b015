package dev.tokenbroker.policy;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an identity asks for.
 *
 * @param audience the target
 * @param scopes the scopes wanted; all that are granted where empty
 * @param lifetime the longest life wanted; null for what the target gives
 */
public record GrantRequest(String audience, Set<String> scopes, @Nullable Duration lifetime) {

  public GrantRequest {
    scopes = Set.copyOf(scopes);
  }
}
