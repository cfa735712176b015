package dev.tokenbroker.runtime;

import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Ends the process in order when it is asked to, by SIGTERM or Ctrl-C, and with exit code 0: being
 * asked is no failure. Asked a second time, it ends at once.
 *
 * <p>What "in order" is, Quarkus does by its settings: not ready at first, for {@code
 * quarkus.shutdown.delay}; then calls under way may end, within {@code quarkus.shutdown.timeout}.
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
    Quarkus.asyncExit(0);
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
