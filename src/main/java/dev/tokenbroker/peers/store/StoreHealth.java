package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.outcome.Change;
import dev.tokenbroker.base.outcome.Change.SubjectKind;
import dev.tokenbroker.base.outcome.ChangeKind;
import dev.tokenbroker.base.outcome.ChangeListener;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import org.eclipse.microprofile.faulttolerance.exceptions.BulkheadException;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Whether the store answers, and what was noticed about it. It logs each kind of failure once while
 * the store is away, and when it is back. Foreign values are a log line and a change once a minute.
 * Safe for use by any number of threads.
 */
@Singleton
public final class StoreHealth {

  private static final Logger LOG = Logger.getLogger(StoreHealth.class);
  private static final int MAX_TOLD = 8;

  /** What the client puts before an error of the server: the number of the command. */
  private static final Pattern IN_BATCH = Pattern.compile("^ERR \\[\\d+] ");

  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final ChangeListener changes;
  private final LongAdder answers = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder foreign = new LongAdder();
  private final AtomicBoolean away = new AtomicBoolean();

  /** The kinds of failures that were logged since the store went away. */
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());

  StoreHealth(ChangeListener changes) {
    this.changes = changes;
  }

  /**
   * What was counted since the start.
   *
   * @param available whether the last call was answered
   * @param foreign values without a valid MAC
   */
  public record Status(boolean available, long answers, long failures, long foreign) {}

  public Status status() {
    return new Status(!away.get(), answers.sum(), failures.sum(), foreign.sum());
  }

  void answered() {
    answers.increment();
    if (away.get() && away.compareAndSet(true, false)) {
      told.clear();
      LOG.info("The store of the replicas answers again");
    }
  }

  void failed(Throwable why) {
    failures.increment();
    switch (why) {
      case CircuitBreakerOpenException _ -> {} // the failures before it are known
      case BulkheadException _ -> {} // the store may be well
      default -> {
        away.set(true);
        String kind = kind(why);
        if (told.size() < MAX_TOLD && told.add(kind)) {
          LOG.warnf("The store of the replicas is away: %s", kind);
        }
      }
    }
  }

  /** Notes a value that is not from a holder of the store's key. */
  void foreign() {
    foreign.increment();
    long now = System.nanoTime();
    long until = quietUntil.get();
    if (now - until >= 0 && quietUntil.compareAndSet(until, now + QUIET_NANOS)) {
      LOG.warn(
          "The store has a value that no replica wrote; it is ignored. Somebody else has the password"
              + " of the store and writes to names of this broker.");
      changes.changed(
          new Change(
              ChangeKind.STORE_VALUE_FOREIGN,
              SubjectKind.STORE,
              "",
              "",
              "a value that no replica wrote"));
    }
  }

  /**
   * The kind of a failure. A message is not shown, since the client's may have the address with a
   * password; of an error of the server only its code is.
   */
  private static String kind(Throwable why) {
    if (why instanceof TimeoutException) {
      return "no answer within token-broker.store.timeout-millis";
    }
    Throwable cause = why.getCause() == null ? why : why.getCause();
    return cause instanceof Response error && error.type() == ResponseType.ERROR
        ? "error " + IN_BATCH.matcher(error.toString()).replaceFirst("").split(" ", 2)[0]
        : cause.getClass().getSimpleName();
  }
}
