package dev.tokenbroker.process.runtime;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.time.ProcessSignals;
import dev.tokenbroker.edges.edge.Draining;
import dev.tokenbroker.edges.edge.Stopping;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Ends the process in order on SIGTERM or Ctrl-C, with exit code 0: a request to stop is no
 * failure. A second signal ends the process at once.
 *
 * <p>In order means: the broker reports not ready and serves on. Then it takes no more calls, and
 * those under way may end ({@link ShutdownSettings}, {@link Draining}). Then Quarkus ends.
 */
@Singleton
final class Signals {

  private static final Logger LOG = Logger.getLogger(Signals.class);
  private static final Map<String, Integer> ENDING = Map.of("TERM", 15, "INT", 2);
  private static final int BEFORE_CHECKS = 0;

  /** A shell adds this number to that of the signal that ended a process. */
  private static final int SIGNALLED = 128;

  private final AtomicBoolean asked = new AtomicBoolean();
  private final ShutdownSettings settings;
  private final Event<Stopping> stopping;
  private final Event<Draining> draining;

  Signals(ShutdownSettings settings, Event<Stopping> stopping, Event<Draining> draining) {
    this.settings = settings;
    this.stopping = stopping;
    this.draining = draining;
  }

  void onStart(@Observes @Priority(BEFORE_CHECKS) StartupEvent event) {
    if (LaunchMode.current() == LaunchMode.NORMAL) {
      ENDING.forEach((name, number) -> handle(name, () -> end(name, number)));
    }
  }

  private void end(String name, int number) {
    if (!asked.compareAndSet(false, true)) {
      Runtime.getRuntime().halt(SIGNALLED + number);
    }
    LOG.infof("Asked to stop by SIG%s", name);
    // Before the start has ended, nothing is served: the start ends, and then the process.
    boolean serves = ApplicationLifecycleManager.getCurrentApplication().isStarted();
    // The second signal needs the signal thread, so this one must not block it.
    Thread.ofPlatform().name("stop").start(serves ? this::stop : Quarkus::asyncExit);
  }

  private void stop() {
    try {
      stopping.fire(new Stopping());
      pause(settings.delay());
      LOG.info("Waiting for calls in progress");
      draining.fire(new Draining(Deadline.limit(settings.timeout())));
    } finally {
      Quarkus.asyncExit(0);
    }
  }

  /** Waits for that time; a parked thread may wake up earlier, for no reason. */
  static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void handle(String name, Runnable action) {
    if (!ProcessSignals.handle(name, action)) {
      LOG.warnf("SIG%s ends the process with an exit code that is not 0", name);
    }
  }
}
