package dev.tokenbroker.operate.changes;

import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.base.text.SettingLimits;
import dev.tokenbroker.base.text.SettingLimits.UnfitSetting;
import dev.tokenbroker.base.time.Rounds;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.peers.store.Roster;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Shutdown;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Probes the issuers and upstreams of the federation in force that nobody has called for a while,
 * so that the broker sees a change before a caller does.
 *
 * <p>A round asks each peer whether its probe is due; that is a comparison in memory. Probes run on
 * virtual threads, {@value #MAX_UNDER_WAY} at a time. A peer that is in the document no longer is
 * asked no longer.
 *
 * <p>Each replica waits as many times longer as there are replicas, so that together they probe as
 * often as one.
 */
@Singleton
public final class PeerProbes {

  static final int MAX_UNDER_WAY = 16;

  private static final Logger LOG = Logger.getLogger(PeerProbes.class);
  private static final Duration LEAST = Duration.ofSeconds(10);
  private static final Duration MOST = Duration.ofHours(1);

  /** A round every fiftieth part of the time: 6 s by default. */
  private static final int ROUNDS = 50;

  private final Duration every;
  private final IntSupplier replicas;
  private final Supplier<Optional<Federation>> current;
  private final Executor threads;
  private final Semaphore places = new Semaphore(MAX_UNDER_WAY);
  private final Rounds rounds = new Rounds(PeerProbes.class, "probes", "Probes could not be begun");

  @Inject
  PeerProbes(ProbesSettings settings, Roster roster, Federations federations) {
    this(
        settings.every(),
        roster::size,
        federations::current,
        probe -> Thread.ofVirtual().name("probe").start(probe));
  }

  /**
   * @param every zero for no probes
   * @param replicas how many replicas probe the same peers
   * @param threads runs the probes
   */
  PeerProbes(
      Duration every,
      IntSupplier replicas,
      Supplier<Optional<Federation>> current,
      Executor threads) {
    this.every = every;
    this.replicas = replicas;
    this.current = current;
    this.threads = threads;
  }

  /** The settings that are out of range; empty where none is. */
  public static List<UnfitSetting> unfit(ProbesSettings settings) {
    return settings.every().isZero()
        ? List.of()
        : new SettingLimits("token-broker.probes.")
            .within("every", settings.every(), LEAST, MOST)
            .unfit();
  }

  void start(@Observes Startup event) {
    if (!every.isZero()) {
      rounds.begin(every.dividedBy(ROUNDS), this::round);
    }
  }

  /** Begins no more probes; those under way end with the connections of the broker. */
  void stop(@Observes Shutdown event) {
    rounds.close();
  }

  /** Begins the probes that are due, as far as there are places. */
  void round() {
    current.get().stream().flatMap(PeerProbes::peers).forEach(this::begin);
  }

  private static Stream<Function<Duration, Optional<Runnable>>> peers(Federation federation) {
    return Stream.concat(
        federation.issuers().all().stream()
            .filter(issuer -> !issuer.disabled())
            .map(issuer -> issuer.keys()::dueProbe),
        federation.upstreams().values().stream()
            .<Function<Duration, Optional<Runnable>>>map(upstream -> upstream::dueProbe));
  }

  private void begin(Function<Duration, Optional<Runnable>> peer) {
    // The place first: a permit of the peer that is taken and not used is lost.
    if (!places.tryAcquire()) {
      return;
    }
    Optional<Runnable> due = Optional.empty();
    boolean begun = false;
    try {
      due = peer.apply(every.multipliedBy(replicas.getAsInt()));
      due.ifPresent(probe -> threads.execute(() -> run(probe)));
      begun = due.isPresent();
    } finally {
      if (!begun) {
        places.release();
      }
    }
  }

  private void run(Runnable probe) {
    try {
      probe.run();
    } catch (RuntimeException | Error bug) {
      LOG.errorf("A probe failed: %s", BugReport.of(bug));
    } finally {
      places.release();
    }
  }
}
