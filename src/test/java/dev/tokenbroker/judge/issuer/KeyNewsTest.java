package dev.tokenbroker.judge.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class KeyNewsTest {

  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final TestClock clock = new TestClock();
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a");
  private final RemoteKeys keys = issuer.keys(issuer, ChangeListener.NONE);
  @RegisterExtension final Logged logged = Logged.by(KeyNews.class);

  @Test
  void is_silent_while_all_is_well() {
    for (int minute = 0; minute < 60; minute++) {
      keys.keys("a", FAR);
      keys.keys("unknown", FAR);
      clock.advance(Duration.ofMinutes(1));
    }

    assertThat(logged.texts()).isEmpty();
  }

  @Test
  void tells_each_change_once() {
    keys.keys("a", FAR);
    issuer.fail(FetchFailure.UNREACHABLE);
    askFor(Duration.ofMinutes(4), "unknown");
    assertTold(1, 1);

    askFor(Duration.ofMinutes(30), "a");
    assertTold(2, 2);

    askFor(Duration.ofHours(2), "a");
    assertTold(3, 3);

    issuer.recover("a");
    askFor(Duration.ofMinutes(30), "a");
    assertTold(3, 4);
  }

  @Test
  void tells_a_changed_key_set_once_and_none_of_its_names() {
    keys.keys("a", FAR);
    issuer.publish("b", "c");
    askFor(Duration.ofMinutes(2), "b");

    assertThat(logged.texts())
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

    assertThat(logged.texts()).singleElement().asString().doesNotContain("injected");
  }

  private void assertTold(int warnings, int lines) {
    assertThat(logged.texts(Level.WARNING)).hasSize(warnings);
    assertThat(logged.texts()).hasSize(lines);
  }

  private void askFor(Duration time, String kid) {
    for (Duration at = Duration.ZERO; at.compareTo(time) < 0; at = at.plusSeconds(10)) {
      clock.advance(Duration.ofSeconds(10));
      keys.keys(kid, FAR);
    }
  }
}
