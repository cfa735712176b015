package dev.tokenbroker.base.text;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Logs when a subject enters a bad state, and when that ends: one line for each change, however
 * many callers report it. Safe for use by several threads.
 *
 * <p>A state ends with the first success at least a quiet time after the last report of it. So a
 * subject that fails now and then leaves two lines, not two for each failure.
 */
public final class StateLog {

  /** The quiet time of what can fail for some callers only. */
  public static final Duration QUIET = Duration.ofSeconds(10);

  /** More than a document can declare; further ones leave no line. */
  private static final int MAX_SUBJECTS = 1_000;

  private final Logger log;
  private final Duration quiet;
  private final LongSupplier nanoTime;
  private final Map<String, Told> told = new ConcurrentHashMap<>();

  /**
   * @param category the class whose log category gets the lines
   * @param nanoTime as {@link System#nanoTime()}
   */
  public StateLog(Class<?> category, Duration quiet, LongSupplier nanoTime) {
    this.log = Logger.getLogger(category);
    this.quiet = quiet;
    this.nanoTime = nanoTime;
  }

  /** For states that end with the first success. */
  public StateLog(Class<?> category) {
    this(category, Duration.ZERO, () -> 0);
  }

  private record Told(Object state, long nanos) {}

  /**
   * Takes a report of a bad state.
   *
   * @param line the warning for a subject that was not in that state
   * @return whether the subject was not in that state
   */
  public boolean begins(String subject, Object state, Supplier<String> line) {
    if (told.size() >= MAX_SUBJECTS && !told.containsKey(subject)) {
      return false;
    }
    Told before = told.put(subject, new Told(state, nanoTime.getAsLong()));
    boolean changed = before == null || !before.state().equals(state);
    if (changed) {
      log.warn(line.get());
    }
    return changed;
  }

  /**
   * Takes a report of success.
   *
   * @return whether a bad state has ended by it
   */
  public boolean ends(String subject, Supplier<String> line) {
    Told before = told.get(subject);
    boolean changed =
        before != null
            && nanoTime.getAsLong() - before.nanos() >= quiet.toNanos()
            && told.remove(subject, before);
    if (changed) {
      log.info(line.get());
    }
    return changed;
  }
}
