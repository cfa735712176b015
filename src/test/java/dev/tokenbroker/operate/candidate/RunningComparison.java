package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.federation.FederationSettings;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import jakarta.enterprise.event.Startup;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A comparison as a broker has it, for tests and benchmarks of other packages. */
public final class RunningComparison {

  private final Comparison comparison;

  private RunningComparison(Comparison comparison) {
    this.comparison = comparison;
  }

  /** One that compares only when a test says so. */
  public static RunningComparison of(
      Path document, Supplier<Optional<Federation>> inForce, InstantSource clock, double share) {
    return new RunningComparison(
        new Comparison(loaded(document, clock), inForce, Optional::empty, share));
  }

  /** One with a thread of its own. */
  public static RunningComparison start(
      Path document, Supplier<Optional<Federation>> inForce, InstantSource clock, double share) {
    RunningComparison running = of(document, inForce, clock, share);
    running.comparison.start(new Startup());
    return running;
  }

  static Candidate loaded(Path document, InstantSource clock) {
    Candidate candidate = unloaded(document, clock);
    candidate.reload();
    return candidate;
  }

  static Candidate unloaded(Path document, InstantSource clock) {
    return unloaded(document, clock, ChangeListener.NONE);
  }

  static Candidate unloaded(Path document, InstantSource clock, ChangeListener changes) {
    FederationSettings settings =
        Settings.of(
            FederationSettings.class,
            Map.of("token-broker.federation.candidate-path", document.toString()));
    return new Candidate(settings, new UnconnectedLoader(true, clock), clock, changes);
  }

  public Comparison comparison() {
    return comparison;
  }

  /** Compares all that waits, and returns the report. */
  public CandidateReport drained() {
    comparison.drain();
    return comparison.report();
  }
}
