package dev.tokenbroker.evaluate.revocation;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.BugReport;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Notifies all observers. An observer that fails does not keep the others from being notified. */
@Singleton
public final class LifecycleObservers {

  private static final Logger LOG = Logger.getLogger(LifecycleObservers.class);

  private final List<LifecycleObserver> observers;

  @Inject
  LifecycleObservers(Instance<LifecycleObserver> observers) {
    this(observers.stream().toList());
  }

  LifecycleObservers(List<LifecycleObserver> observers) {
    this.observers = observers;
  }

  /**
   * Makes a call and notifies all observers of its result before the response. A bug is thrown on;
   * its result is the refusal {@code INTERNAL_ERROR}.
   *
   * @param named the name of an accepted result, in lower case
   */
  public <T> Outcome<T> observed(
      Right right, Supplier<Outcome<T>> call, Function<T, String> named) {
    String result = named(RefusalReason.INTERNAL_ERROR);
    try {
      Outcome<T> outcome = call.get();
      result =
          switch (outcome) {
            case Outcome.Accepted<T>(T found) -> named.apply(found);
            case Outcome.Refused<T>(Refusal refusal) -> named(refusal.reason());
          };
      return outcome;
    } finally {
      ended(right, result);
    }
  }

  /**
   * Notifies all observers of a revocation. Returns the reason of a refusal if an observer could
   * not record it, otherwise empty.
   */
  Optional<RefusalReason> unrecorded(RevocationRecord record) {
    return all(observer -> observer.revocation(record));
  }

  private void ended(Right right, String result) {
    all(observer -> observer.ended(right, result));
  }

  private static String named(RefusalReason reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  private Optional<RefusalReason> all(Consumer<LifecycleObserver> tell) {
    RefusalReason failed = null;
    for (LifecycleObserver observer : observers) {
      try {
        tell.accept(observer);
      } catch (RejectedExecutionException full) {
        failed = RefusalReason.BROKER_OVERLOADED;
      } catch (UncheckedIOException logged) {
        failed = RefusalReason.INTERNAL_ERROR;
      } catch (RuntimeException | Error bug) {
        failed = RefusalReason.INTERNAL_ERROR;
        LOG.errorf(
            "%s failed on a revocation or an introspection: %s",
            observer.getClass().getSimpleName(), BugReport.of(bug));
      }
    }
    return Optional.ofNullable(failed);
  }
}
