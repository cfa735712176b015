package dev.tokenbroker.judge.issuer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.change.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Changes of an issuer, as the broker reports them. */
public final class ReportedChanges {

  private static final String ISSUER = "https://ci.example";

  private ReportedChanges() {}

  /** Another set of keys: thumbprints by kid. */
  public static Change keys(Map<String, Set<String>> was, Map<String, Set<String>> is) {
    return last(changes -> changes.keys(KeyChange.between(was, is), Duration.ZERO));
  }

  /** Another discovery document. */
  public static Change discovery(String was, String is) {
    return last(
        changes -> {
          changes.discovered(was.getBytes(UTF_8), Instant.EPOCH);
          changes.discovered(is.getBytes(UTF_8), Instant.EPOCH);
        });
  }

  /** Another offset of the clock, in seconds. */
  public static Change clock(long was, long is) {
    return last(
        changes -> {
          changes.measured(offset(was), Instant.EPOCH);
          changes.measured(offset(is), Instant.EPOCH);
        });
  }

  private static ClockOffset offset(long seconds) {
    return ClockOffset.of(Duration.ofSeconds(seconds), Duration.ZERO);
  }

  private static Change last(Consumer<IssuerChanges> observed) {
    List<Change> reported = new ArrayList<>();
    observed.accept(new IssuerChanges(ISSUER, "", reported::add));
    return reported.getLast();
  }
}
