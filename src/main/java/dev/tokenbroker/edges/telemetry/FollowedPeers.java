package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The meters of peers that come and go with the federation. A new peer gets its meters; a removed
 * peer loses them. Safe for use by many threads.
 *
 * @param <P> the source of a peer's numbers
 */
final class FollowedPeers<P> {

  private final MeterRegistry registry;
  private final String label;
  private final List<StateMeter<P>> meters;
  private final Map<String, Registered<P>> byName = new HashMap<>();

  /**
   * @param label the label that names the peer
   */
  FollowedPeers(MeterRegistry registry, String label, List<StateMeter<P>> meters) {
    this.registry = registry;
    this.label = label;
    this.meters = meters;
  }

  private record Registered<P>(AtomicReference<P> current, List<Meter> meters) {}

  /**
   * Gives these peers meters, by name, and removes those of all others. A changed definition of the
   * same name has another source, which its meters read from now on.
   */
  synchronized void follow(Map<String, P> peers) {
    peers.forEach(
        (name, peer) ->
            byName.computeIfAbsent(name, fresh -> register(fresh, peer)).current().set(peer));
    byName
        .entrySet()
        .removeIf(entry -> !peers.containsKey(entry.getKey()) && removed(entry.getValue()));
  }

  /** The source of a peer's numbers; null if the peer has no meters. */
  synchronized @Nullable P followed(String name) {
    Registered<P> known = byName.get(name);
    return known == null ? null : known.current().get();
  }

  private boolean removed(Registered<P> gone) {
    gone.meters().forEach(registry::remove);
    return true;
  }

  private Registered<P> register(String name, P peer) {
    AtomicReference<P> current = new AtomicReference<>(peer);
    return new Registered<>(
        current,
        meters.stream()
            .map(meter -> meter.with(label, name).register(registry, current::get))
            .toList());
  }
}
