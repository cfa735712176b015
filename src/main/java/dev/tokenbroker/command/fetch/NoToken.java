package dev.tokenbroker.command.fetch;

import dev.tokenbroker.base.refusal.Evidence;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The reason why there is no token. It is an exception, unlike a refusal, since it ends the fetch
 * wherever it is found.
 */
public final class NoToken extends Exception {

  /** The longest wait that a peer can impose. */
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  /** What the caller can do about it. */
  public enum Kind {
    /** The broker says no: correct the request, the credential or the rules. */
    REFUSED,
    /** The broker, or what it needs, does not work now: come back later. */
    AWAY,
    /** There is no connection that can be trusted, or the peer is no broker. */
    NO_BROKER,
    /** There is no credential at its place. */
    NO_CREDENTIAL,
    /** What is at that place is no credential. */
    BAD_CREDENTIAL,
    /** The options or the configuration are wrong. */
    MISUSE
  }

  private final Kind kind;
  private final @Nullable Duration retryAfter;

  /**
   * @param line one line for a person, without a full stop at its end; made printable here, and
   *     tokens in it are not shown
   */
  public NoToken(Kind kind, String line) {
    this(kind, line, null);
  }

  /**
   * As {@link #NoToken(Kind, String)}.
   *
   * @param retryAfter the wait that the broker demands, cut to an hour; null if it demands none
   */
  public NoToken(Kind kind, String line, @Nullable Duration retryAfter) {
    super(Evidence.clean(line), null, false, false);
    this.kind = kind;
    this.retryAfter =
        retryAfter != null && retryAfter.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : retryAfter;
  }

  /** What the caller can do about it. */
  public Kind kind() {
    return kind;
  }

  /** The line to show: reason, remedy, and the verdict's id if there is a verdict. */
  public String line() {
    return String.valueOf(getMessage());
  }

  /** The wait that the broker demands; null if it demands none. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  /** Whether the same request can succeed later, without a change by the caller. */
  public boolean isPassing() {
    return kind == Kind.AWAY;
  }
}
