package dev.tokenbroker.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.outbound.FetchFailure;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.outcome.Deadline;
import dev.tokenbroker.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyNewsTest {

  private static final Duration COOL_DOWN = Duration.ofSeconds(30);
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Duration MAX_STALE = Duration.ofHours(1);
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final TestClock clock = new TestClock();
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a");
  private final RemoteKeys keys =
      new RemoteKeys(
          new KeyLocation(ScriptedIssuer.ISSUER, null, null),
          new KeyTimes(COOL_DOWN, TTL, Duration.ofHours(1), MAX_STALE),
          issuer,
          new Clocks(clock, clock::nanoTime),
          Runnable::run,
          ChangeListener.NONE);
  private final Logger logger = Logger.getLogger(KeyNews.class.getName());
  private final Lines lines = new Lines();

  @BeforeEach
  void listen() {
    logger.addHandler(lines);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(lines);
  }

  @Test
  void is_silent_while_all_is_well() {
    for (int minute = 0; minute < 60; minute++) {
      keys.keys("a", FAR);
      keys.keys("unknown", FAR);
      clock.advance(Duration.ofMinutes(1));
    }

    assertThat(lines.levels).isEmpty();
  }

  @Test
  void tells_each_change_once() {
    keys.keys("a", FAR);
    issuer.fail(FetchFailure.UNREACHABLE);
    askFor(Duration.ofMinutes(4), "unknown");
    assertThat(lines.levels).containsExactly(Level.WARNING);

    askFor(Duration.ofMinutes(30), "a");
    assertThat(lines.levels).containsExactly(Level.WARNING, Level.WARNING);

    askFor(Duration.ofHours(2), "a");
    assertThat(lines.levels).containsExactly(Level.WARNING, Level.WARNING, Level.WARNING);

    issuer.recover("a");
    askFor(Duration.ofMinutes(30), "a");
    assertThat(lines.levels)
        .containsExactly(Level.WARNING, Level.WARNING, Level.WARNING, Level.INFO);
  }

  @Test
  void tells_a_changed_key_set_once_and_none_of_its_names() {
    keys.keys("a", FAR);
    issuer.publish("b", "c");
    askFor(Duration.ofMinutes(2), "b");

    assertThat(lines.texts)
        .singleElement()
        .asString()
        .startsWith(
            "the key set of issuer https://issuer.example has changed: kids added 2, withdrawn 1,"
                + " with another key under the same kid 0");
  }

  @Test
  void says_nothing_of_what_a_document_holds() {
    issuer.nameInDiscovery("https://injected.example\nfake line");

    keys.keys("a", FAR);

    assertThat(lines.texts).singleElement().asString().doesNotContain("injected");
  }

  private void askFor(Duration time, String kid) {
    for (Duration at = Duration.ZERO; at.compareTo(time) < 0; at = at.plusSeconds(10)) {
      clock.advance(Duration.ofSeconds(10));
      keys.keys(kid, FAR);
    }
  }

  private static final class Lines extends Handler {

    final List<Level> levels = new ArrayList<>();
    final List<String> texts = new ArrayList<>();

    @Override
    public void publish(LogRecord line) {
      // Loggers have levels of their own kind, of the same weight.
      levels.add(
          line.getLevel().intValue() >= Level.WARNING.intValue() ? Level.WARNING : Level.INFO);
      Object[] parameters = line.getParameters();
      texts.add(line.getMessage() + (parameters == null ? "" : List.of(parameters)));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
