package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.judge.issuer.ScriptedIssuer.TTL;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class IssuerChangesTest {

  private static final Duration BETWEEN = TTL.plusMinutes(1);
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final TestClock clock = new TestClock();
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a", "b");
  private final List<Change> changes = new ArrayList<>();
  private @Nullable Duration ahead;
  private final RemoteKeys keys =
      issuer.keys((request, deadline) -> dated(issuer.get(request, deadline)), changes::add);

  @Test
  void the_first_keys_and_the_same_keys_are_no_change() {
    fetch();
    fetch();
    fetch();

    assertThat(changes).isEmpty();
  }

  @Test
  void each_key_that_comes_or_goes_is_a_change() {
    fetch();
    issuer.publish("b", "c");
    fetch();

    assertThat(changes).extracting(Change::subject).containsOnly(ScriptedIssuer.ISSUER);
    assertThat(changes).extracting(Change::sinceLook).containsOnly(BETWEEN);
    assertThat(kinds()).containsExactly(ChangeKind.KEY_REMOVED, ChangeKind.KEY_ADDED);
    assertThat(changes.getFirst().was()).startsWith("kid a, key ");
    assertThat(changes.getFirst().is()).isEmpty();
    assertThat(changes.getLast().was()).isEmpty();
    assertThat(changes.getLast().is()).startsWith("kid c, key ");
  }

  @Test
  void another_key_under_the_same_kid_is_a_change_of_its_own() {
    fetch();
    issuer.answerKeys(
        issuer.answer(ScriptedIssuer.keySet("c", "b").replace("\"kid\":\"c\"", "\"kid\":\"a\"")));
    fetch();

    assertThat(kinds()).containsExactly(ChangeKind.KEY_REPLACED);
    assertThat(changes.getFirst().was()).startsWith("kid a, key ");
    assertThat(changes.getFirst().is())
        .startsWith("kid a, key ")
        .isNotEqualTo(changes.getFirst().was());
  }

  @Test
  void a_key_set_that_changes_as_a_whole_is_32_changes_at_most() {
    fetch();
    issuer.publish(IntStream.range(0, 60).mapToObj(at -> "k" + at).toArray(String[]::new));
    fetch();

    assertThat(changes).hasSize(IssuerChanges.MAX_REPORTED);
  }

  @Test
  void another_jwks_uri_is_a_move() {
    fetch();
    issuer.moveKeys(ScriptedIssuer.ISSUER + "/moved");
    fetch();
    fetch();

    assertThat(changes)
        .containsExactly(
            Change.ofIssuer(
                    ChangeKind.KEY_LOCATION_MOVED,
                    ScriptedIssuer.ISSUER,
                    ScriptedIssuer.ISSUER + "/jwks",
                    ScriptedIssuer.ISSUER + "/moved")
                .since(BETWEEN));
  }

  @Test
  void each_other_discovery_member_that_differs_is_a_change() {
    answerDiscovery("\"acr\":[\"a\"],\"token_endpoint\":\"https://issuer.example/token\"");
    fetch();
    answerDiscovery("\"acr\":[\"a\",\"b\"],\"new\":true");
    fetch();

    assertThat(kinds()).containsOnly(ChangeKind.DISCOVERY_CHANGED);
    assertThat(changes).extracting(Change::sinceLook).containsOnly(BETWEEN);
    assertThat(changes)
        .extracting(change -> change.was() + " -> " + change.is())
        .containsExactly(
            "acr=[a] -> acr=[a, b]",
            " -> new=true",
            "token_endpoint=https://issuer.example/token -> ");
  }

  @Test
  void a_discovery_document_of_another_issuer_is_a_change() {
    fetch();
    issuer.nameInDiscovery("https://another.example");
    fetch();

    assertThat(changes)
        .extracting(change -> change.kind() + " " + change.was() + " -> " + change.is())
        .containsExactly(
            "DISCOVERY_CHANGED issuer="
                + ScriptedIssuer.ISSUER
                + " -> issuer=https://another.example");
  }

  @Test
  void json_that_names_no_issuer_is_no_discovery_document() {
    fetch();
    issuer.answerDiscovery(issuer.answer("{\"error\":\"busy\"}"));
    fetch();

    assertThat(changes).isEmpty();
  }

  @Test
  void a_clock_that_steps_by_more_than_five_seconds_is_a_change() {
    ahead = Duration.ZERO;
    fetch();
    ahead = Duration.ofSeconds(4);
    fetch();
    assertThat(changes).isEmpty();

    ahead = Duration.ofSeconds(94);
    fetch();
    fetch();

    assertThat(kinds()).containsExactly(ChangeKind.CLOCK_STEPPED);
    assertThat(changes.getFirst().sinceLook()).isEqualTo(BETWEEN);
    assertThat(changes.getFirst().is()).isEqualTo("94 s ahead of the broker");
  }

  private List<ChangeKind> kinds() {
    return changes.stream().map(Change::kind).toList();
  }

  /** A fetch of both documents: the keys held are stale then. */
  private void fetch() {
    keys.keys("b", FAR);
    keys.keys("unknown", FAR);
    clock.advance(BETWEEN);
  }

  private void answerDiscovery(String members) {
    issuer.answerDiscovery(
        issuer.answer(
            "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/jwks\",%s}"
                .formatted(ScriptedIssuer.ISSUER, ScriptedIssuer.ISSUER, members)));
  }

  /** The response with a date that is so far ahead of the broker's clock. */
  private CallEnd dated(CallEnd answer) {
    return ahead != null && answer instanceof CallEnd.Response document
        ? ScriptedIssuer.answer(
            new String(document.body(), UTF_8),
            document.times().maxAge(),
            Duration.ZERO,
            clock.instant().plus(ahead))
        : answer;
  }
}
