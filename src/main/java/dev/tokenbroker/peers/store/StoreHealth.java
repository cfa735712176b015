package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.peers.store.ValkeyCalls.StoreBusy;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Whether the store answers each kind of call, and what was noticed about it. It logs each kind of
 * failure once while the store is away, and when it is back for a while. Foreign values are a log
 * line and a change once a minute. Safe for use by any number of threads.
 */
@Singleton
public final class StoreHealth {

  private static final Logger LOG = Logger.getLogger(StoreHealth.class);
  private static final int MAX_TOLD = 8;

  /** What an error is about. The client and older servers put words of their own before it. */
  private static final Pattern CODE =
      Pattern.compile("unknown command|\\b(?!ERR\\b)[A-Z][A-Z_]{2,31}\\b");

  /** A server that is nearly full takes every other claim: that is one state, and two lines. */
  private static final long BACK_NANOS = Duration.ofSeconds(5).toNanos();

  private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

  private final ChangeListener changes;
  private final LongAdder answers = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder waits = new LongAdder();
  private final LongAdder foreign = new LongAdder();

  /** Why the last call failed, for each kind whose last call did. */
  private final Map<StoreCall, String> problems = new ConcurrentHashMap<>();

  private volatile long failedNanos;

  /** The kinds of failures that were logged since the store went away. */
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());

  StoreHealth(ChangeListener changes) {
    this.changes = changes;
  }

  /**
   * What was counted since the start.
   *
   * @param problems why the last call failed, for each kind whose last call did
   * @param failures calls that failed, or that were not made after such failures
   * @param waits calls that found no place or no connection in time beside others
   * @param foreign values without a valid MAC
   */
  public record Status(
      Map<StoreCall, String> problems, long answers, long failures, long waits, long foreign) {}

  public Status status() {
    return new Status(
        Map.copyOf(problems), answers.sum(), failures.sum(), waits.sum(), foreign.sum());
  }

  /**
   * Notes an answer.
   *
   * @param done whether the server did what calls of that kind are for: a claim that finds the name
   *     taken does not show that the server takes claims
   */
  void answered(StoreCall kind, boolean done) {
    answers.increment();
    if (done && !problems.isEmpty()) {
      problems.remove(kind);
    }
    if (!told.isEmpty() && problems.isEmpty() && System.nanoTime() - failedNanos >= BACK_NANOS) {
      told.clear();
      LOG.info("The store of the replicas answers again");
    }
  }

  void failed(StoreCall kind, Throwable why) {
    if (why instanceof StoreBusy) {
      waited(); // the store is well
      return;
    }
    failures.increment();
    if (why instanceof CircuitBreakerOpenException) {
      return; // the failures before it are known
    }
    problems.put(kind, problem(why));
    failedNanos = System.nanoTime();
    String line = kind + ": " + problem(why);
    if (told.size() < MAX_TOLD && told.add(line)) {
      LOG.warnf("The store of the replicas is away for %s", line);
    }
  }

  /** Notes a call that other calls of this replica left no room for. */
  void waited() {
    waits.increment();
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
  private static String problem(Throwable why) {
    Throwable cause = why.getCause() == null ? why : why.getCause();
    if (cause instanceof TimeoutException) {
      return "no answer within token-broker.store.timeout-millis";
    }
    return cause instanceof Response error && error.type() == ResponseType.ERROR
        ? "error " + code(error)
        : cause.getClass().getSimpleName();
  }

  /** What an error of the server is about: its first word, or {@code unknown command}. */
  static String code(Response error) {
    Matcher code = CODE.matcher(error.toString());
    return code.find() ? code.group() : "ERR";
  }
}
