package dev.tokenbroker.lifecycle;

import dev.tokenbroker.exchange.BugReport;
import dev.tokenbroker.token.Right;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** All who are told. One that fails does not keep the others from being told. */
@Singleton
final class LifecycleObservers {

  private static final Logger log = Logger.getLogger(LifecycleObservers.class);

  private final List<LifecycleObserver> observers;

  @Inject
  LifecycleObservers(Instance<LifecycleObserver> observers) {
    this(observers.stream().toList());
  }

  LifecycleObservers(List<LifecycleObserver> observers) {
    this.observers = observers;
  }

  void ended(Right right, String result) {
    boolean _ = all(observer -> observer.ended(right, result));
  }

  /** Whether it is recorded, wherever it must be. */
  boolean recorded(RevocationRecord record) {
    return all(observer -> observer.revocation(record));
  }

  private boolean all(Consumer<LifecycleObserver> tell) {
    boolean told = true;
    for (LifecycleObserver observer : observers) {
      try {
        tell.accept(observer);
      } catch (UncheckedIOException logged) {
        told = false;
      } catch (RuntimeException | Error bug) {
        told = false;
        log.errorf(
            "%s failed on a revocation or an introspection: %s",
            observer.getClass().getSimpleName(), BugReport.of(bug));
      }
    }
    return told;
  }
}
