package dev.tokenbroker.token;

import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The upstreams in use, one for each definition. Safe for use by several threads. */
@Singleton
public final class Upstreams {

  private final Map<UpstreamDefinition, Upstream> used = new HashMap<>();

  /** The upstream of that definition: the same one as long as it is in use. */
  public synchronized Upstream of(UpstreamDefinition definition) {
    return used.computeIfAbsent(definition, Upstream::new);
  }

  /** Forgets those that are not among the ones still used. */
  public synchronized void retain(Set<UpstreamDefinition> stillUsed) {
    used.keySet().retainAll(stillUsed);
  }
}
