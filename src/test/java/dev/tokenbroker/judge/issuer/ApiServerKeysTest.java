package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.reason;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.COOL_DOWN;
import static dev.tokenbroker.judge.issuer.ScriptedIssuer.TIMES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.KeySources.IssuerAccess;
import dev.tokenbroker.judge.issuer.KeySources.TokenFile;
import dev.tokenbroker.peers.http.CallEnd;
import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.PeerRequest;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of an API server that answers authenticated callers only. */
class ApiServerKeysTest {

  private static final String ISSUER = "https://kubernetes.default.svc.cluster.local";
  private static final URI SERVER = URI.create("https://10.96.0.1/clusters/a/");
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  @TempDir Path files;

  private final TestClock clock = new TestClock();
  private final List<String> asked = new ArrayList<>();
  private final List<String> presented = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private String namedIssuer = ISSUER;
  private String namedKeySet = "https://192.168.10.4:6443/openid/v1/jwks";
  private String kid = "a";
  private @Nullable FetchFailure failure;
  private Path tokenFile = Path.of("");
  private KeySetSource keys = NoKeys.NONE;

  @BeforeEach
  void start() throws IOException {
    tokenFile = files.resolve("token");
    Files.writeString(tokenFile, "first");
    keys =
        new KeySources(
                _ -> new IssuerAccess(this::get, new TokenFile(tokenFile), CredentialReview.NONE),
                TIMES,
                clock,
                changes::add)
            .remote(
                new KeyLocation(
                    ISSUER, null, null, new KeyAccess.ApiServer(SERVER, tokenFile, null)));
  }

  @Test
  void fetches_both_documents_at_the_server_whatever_jwks_uri_says() {
    accepted(keys.keys("a", FAR));

    assertThat(asked)
        .containsExactly(
            "https://10.96.0.1/clusters/a/.well-known/openid-configuration",
            "https://10.96.0.1/clusters/a/openid/v1/jwks");
    assertThat(presented).containsExactly("first", "first");
    assertThat(refused(keys.keys("b", FAR)).hints())
        .contains(
            "The discovery document names the jwks_uri "
                + "https://192.168.10.4:6443/openid/v1/jwks, which is never fetched.");
  }

  @Test
  void reads_the_token_again_for_each_fetch() throws IOException {
    accepted(keys.keys("a", FAR));
    Files.writeString(tokenFile, "second\n");
    clock.advance(COOL_DOWN);

    assertThat(reason(keys.keys("unknown", FAR))).isEqualTo(RefusalReason.KEY_UNKNOWN);
    assertThat(presented).containsExactly("first", "first", "second");
  }

  @Test
  void reports_no_other_place_of_the_keys() {
    accepted(keys.keys("a", FAR));
    namedKeySet = "https://192.168.10.5:6443/openid/v1/jwks";
    clock.advance(Duration.ofMinutes(10));
    accepted(keys.keys("a", FAR));
    keys.dueProbe(Duration.ZERO).ifPresent(Runnable::run);

    assertThat(changes).isEmpty();
  }

  /** Several clusters may have this issuer. */
  @Test
  void names_the_server_in_changes() {
    accepted(keys.keys("a", FAR));
    kid = "b";
    clock.advance(Duration.ofMinutes(10));
    accepted(keys.keys("b", FAR));

    assertThat(changes)
        .extracting(Change::subject, Change::entry)
        .containsOnly(tuple(ISSUER, SERVER.toString()))
        .hasSize(2);
  }

  @Test
  void refuses_a_server_of_another_issuer() {
    namedIssuer = ISSUER + "/";

    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.DISCOVERY_ISSUER_MISMATCH);
    assertThat(asked).hasSize(1);
  }

  @Test
  void says_that_the_server_does_not_accept_the_token() {
    failure = FetchFailure.ACCESS_REFUSED;

    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.ISSUER_ACCESS_REFUSED);
    assertThat(keys.failures(RefusalReason.ISSUER_ACCESS_REFUSED)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "two\ntokens", "two tokens", "a\u0000b", "tokén", "\"quoted\""})
  void makes_no_request_without_a_token(String content) throws IOException {
    Files.writeString(tokenFile, content);

    assertThat(refused(keys.keys("a", FAR)).seen())
        .contains(tokenFile.toString())
        .doesNotContain("two", "quoted");
    assertThat(reason(keys.keys("a", FAR))).isEqualTo(RefusalReason.ISSUER_ACCESS_REFUSED);
    assertThat(asked).isEmpty();
    // It takes its place in the budget, so a broken file causes no more attempts.
    assertThat(keys.status().fetches()).isEqualTo(1);
  }

  @Test
  void begins_to_work_when_the_file_appears() throws IOException {
    Files.delete(tokenFile);
    assertThat(refused(keys.keys("a", FAR)).seen()).contains("it does not exist");
    Files.writeString(tokenFile, "late");
    clock.advance(COOL_DOWN.multipliedBy(2));

    accepted(keys.keys("a", FAR));

    assertThat(presented).containsOnly("late");
  }

  private CallEnd get(PeerRequest request, Deadline deadline) {
    asked.add(request.uri().toString());
    String header = Objects.requireNonNull(request.headers().get("Authorization"));
    presented.add(header.substring("Bearer ".length()));
    if (failure != null) {
      return new CallFailed(failure, "answered with status 401");
    }
    String body =
        request.uri().getPath().endsWith("jwks")
            ? ScriptedIssuer.keySet(kid)
            : "{\"issuer\": \"" + namedIssuer + "\", \"jwks_uri\": \"" + namedKeySet + "\"}";
    return ScriptedIssuer.answer(body, null, Duration.ZERO, null);
  }
}
