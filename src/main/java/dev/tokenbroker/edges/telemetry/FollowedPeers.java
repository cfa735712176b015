package dev.tokenbroker.edges.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The meters of peers that come and go with the federation. A new peer gets its meters; a removed
 * peer loses them. Safe for use by many threads.
 *
 * @param <P> the source of a peer's numbers
 * @param <W> the watch that reads them
 */
final class FollowedPeers<P, W extends FollowedPeers.Watch<P>> {

  private final MeterRegistry registry;
  private final String label;
  private final List<StateMeter<W>> meters;
  private final BiFunction<String, P, W> watch;
  private final Map<String, Registered<W>> byName = new HashMap<>();

  /**
   * @param label the label that names the peer
   * @param watch makes the watch of a new peer, given its name
   */
  FollowedPeers(
      MeterRegistry registry,
      String label,
      List<StateMeter<W>> meters,
      BiFunction<String, P, W> watch) {
    this.registry = registry;
    this.label = label;
    this.meters = meters;
    this.watch = watch;
  }

  // Micrometer references the watch weakly; this record keeps it alive.
  private record Registered<W>(W watch, List<Meter> meters) {}

  /** Gives these peers meters, by name, and removes those of all others. */
  synchronized void follow(Map<String, P> peers) {
    peers.forEach(
        (name, peer) ->
            byName.computeIfAbsent(name, fresh -> register(fresh, peer)).watch().follow(peer));
    byName
        .entrySet()
        .removeIf(entry -> !peers.containsKey(entry.getKey()) && removed(entry.getValue()));
  }

  private boolean removed(Registered<W> gone) {
    gone.meters().forEach(registry::remove);
    return true;
  }

  private Registered<W> register(String name, P peer) {
    W fresh = watch.apply(name, peer);
    Tags tag = Tags.of(label, name);
    return new Registered<>(
        fresh, meters.stream().map(meter -> meter.register(registry, tag, fresh)).toList());
  }

  /**
   * Reads the numbers of one peer at each call.
   *
   * @param <P> the source of the numbers
   */
  interface Watch<P> {

    /** Reads from this source from now on: a changed definition of the same name has another. */
    void follow(P peer);
  }
}
