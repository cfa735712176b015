package dev.tokenbroker.runtime;

import dev.tokenbroker.edge.Draining;
import dev.tokenbroker.edge.Stopping;
import dev.tokenbroker.outcome.Deadline;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Ends the process in order when it is asked to, by SIGTERM or Ctrl-C, and with exit code 0: being
 * asked is no failure. Asked a second time, it ends at once.
 *
 * <p>In order is: not ready at first, and serving on; then no more calls are taken and those under
 * way may end ({@link ShutdownSettings}, {@link Draining}); then Quarkus ends.
 *
 * <p>The JDK has {@code sun.misc.Signal} for this, and nothing else. It is called by name because
 * the compiler warns of each mention, whatever suppresses warnings.
 */
@Singleton
final class Signals {

  private static final Logger log = Logger.getLogger(Signals.class);
  private static final Map<String, Integer> ENDING = Map.of("TERM", 15, "INT", 2);
  private static final int BEFORE_CHECKS = 0;

  /** What a shell reports of a process that a signal has ended is that much more. */
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
    log.infof("Asked to stop by SIG%s", name);
    // Not on the thread of the signal, which the second one needs.
    var _ = Thread.ofPlatform().name("stop").start(this::stop);
  }

  private void stop() {
    try {
      stopping.fire(new Stopping());
      pause(settings.delay());
      log.info("Waiting for calls under way");
      draining.fire(new Draining(Deadline.limit(settings.timeout())));
    } finally {
      Quarkus.asyncExit(0);
    }
  }

  /** Lets that much time pass; a thread that is parked may go on earlier, for no reason. */
  static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static void handle(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                action.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
    } catch (ReflectiveOperationException none) {
      log.warnf(none, "SIG%s ends the process with an exit code that is not 0", name);
    }
  }
}
