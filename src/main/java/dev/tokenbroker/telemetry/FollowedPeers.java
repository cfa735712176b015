package dev.tokenbroker.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The meters of peers that come and go with the federation: a new one gets its meters, one that is
 * gone loses them. Safe for use by many threads.
 *
 * @param <P> what the numbers of a peer are read from
 * @param <W> what reads them
 */
final class FollowedPeers<P, W extends Watch<P>> {

  private final MeterRegistry registry;
  private final String label;
  private final List<Figure<W>> figures;
  private final BiFunction<String, P, W> watch;
  private final Map<String, Registered<W>> byName = new HashMap<>();

  /**
   * @param label by which the meters name the peer
   * @param watch makes the watch of a new peer, given its name
   */
  FollowedPeers(
      MeterRegistry registry,
      String label,
      List<Figure<W>> figures,
      BiFunction<String, P, W> watch) {
    this.registry = registry;
    this.label = label;
    this.figures = figures;
    this.watch = watch;
  }

  // Micrometer holds the watch weakly: this keeps it.
  private record Registered<W>(W watch, List<Meter> meters) {}

  /** Makes these, by name, the peers that have meters. */
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
    Tag tag = Tag.of(label, name);
    return new Registered<>(
        fresh, figures.stream().map(figure -> figure.register(registry, tag, fresh)).toList());
  }
}
