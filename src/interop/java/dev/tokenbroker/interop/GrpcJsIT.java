package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.FreePort;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gRPC client in Node by grpc-js, with the service config that clients.md tells to use. How often
 * it called is what the broker recorded.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpcJsIT {

  private static final String BROKER = "tokenbroker.v1.TokenBroker";
  private static final String ADVISED = "advised";
  private static final String PLAIN = "plain";

  private final FakeIssuer issuer = FakeIssuer.start();
  private final FakeIssuer down = FakeIssuer.start();
  private final FakeIssuer recovering = FakeIssuer.start();
  private final FakeIssuer stalling = FakeIssuer.start();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private InteropProgram client;

  @SuppressWarnings("NullAway.Init")
  private Map<String, Object> advised;

  @BeforeAll
  void start(@TempDir Path directory) {
    down.answer(FakeIssuer.Answer.SERVER_ERROR);
    recovering.answer(FakeIssuer.Answer.SERVER_ERROR);
    stalling.answer(FakeIssuer.Answer.HANG);
    int port = FreePort.find();
    broker =
        InteropBroker.start(
            directory,
            InteropFederation.of(
                Map.of(
                    "good", issuer, "down", down, "recovering", recovering, "stalling", stalling)),
            Map.of(
                "token-broker.grpc.port", "" + port,
                "token-broker.dpop.base-urls", "https://localhost:" + port,
                "token-broker.grpc.reflection", "true",
                "token-broker.issuer.key-cool-down", "1s",
                "token-broker.admission.per-credential-rate", "1",
                "token-broker.admission.per-credential-burst", "2"));
    client = client(broker);
    advised = Documented.patientServiceConfig();
    open(ADVISED, advised);
    client.ask("open", Map.of("channel", PLAIN));
    // Connected, so that deadlines are spent on what they are about.
    client.ask("health", Map.of("channel", ADVISED, "service", ""));
  }

  @AfterAll
  void stop() {
    client.close();
    broker.close();
    List.of(issuer, down, recovering, stalling).forEach(FakeIssuer::close);
  }

  @Test
  void exchanges_a_credential() {
    Answer granted = exchange(ADVISED, issuer.credential());

    assertThat(granted.text("code")).isEqualTo("OK");
    assertThat(granted.text("response", "accessToken")).startsWith("eyJ");
    assertThat(granted.text("response", "tokenType")).isEqualTo("Bearer");
    assertThat(Long.parseLong(granted.text("response", "expireTime", "seconds")))
        .isGreaterThan(Instant.now().getEpochSecond());
  }

  @Test
  void reads_why_it_was_refused_and_what_it_may_know() {
    Answer refused = exchange(ADVISED, expired());

    assertThat(refused.text("code")).isEqualTo("UNAUTHENTICATED");
    assertThat(refused.text("details", 0, "@type")).endsWith("/google.rpc.ErrorInfo");
    assertThat(refused.text("details", 0, "reason")).isEqualTo("CREDENTIAL_EXPIRED");
    assertThat(refused.text("details", 0, "domain")).isEqualTo("tokenbroker.dev");
    assertThat(broker.awaitLine(refused.text("details", 0, "metadata", "verdict_id")))
        .contains("CREDENTIAL_EXPIRED");
  }

  @Test
  void gets_a_token_that_is_bound_to_the_key_that_it_proves() throws ParseException {
    Answer granted =
        client.ask(
            "exchangeBound",
            Map.of("channel", ADVISED, "request", request(issuer.credential(), "")));

    assertThat(granted.text("code")).as("%s", granted).isEqualTo("OK");
    assertThat(granted.text("response", "tokenType")).isEqualTo("DPoP");
    assertThat(
            SignedJWT.parse(granted.text("response", "accessToken"))
                .getJWTClaimsSet()
                .getJSONObjectClaim("cnf"))
        .isEqualTo(Map.of("jkt", client.ask("thumbprint", Map.of()).text("value")));
  }

  // --- retries

  @Test
  void does_not_ask_again_where_it_is_told_not_to() {
    String credential = expired();
    // More eager than anybody should be.
    open(
        "eager",
        Map.of(
            "methodConfig",
            List.of(
                Map.of(
                    "name",
                    List.of(Map.of("service", BROKER)),
                    "retryPolicy",
                    Map.of(
                        "maxAttempts",
                        5,
                        "initialBackoff",
                        "0.01s",
                        "maxBackoff",
                        "0.1s",
                        "backoffMultiplier",
                        2,
                        "retryableStatusCodes",
                        List.of("UNAUTHENTICATED", "UNAVAILABLE"))))));

    Answer refused = exchange("eager", credential);

    assertThat(refused.text("code")).isEqualTo("UNAUTHENTICATED");
    assertThat(refused.text("pushback", 0)).isEqualTo("-1");
    assertThat(broker.evaluations(credential)).isEqualTo(1);
  }

  @Test
  void comes_back_when_told_to_and_is_served() {
    // The issuer has just been asked, so that it is asked again in a second and not before.
    int before = recovering.discoveryRequests();
    Eventually.see(
        () -> exchange(PLAIN, recovering.credential()),
        answer -> recovering.discoveryRequests() > before);
    String credential = recovering.credential();

    tellExchange(ADVISED, credential);
    broker.awaitLine(InteropBroker.digest(credential));
    recovering.answer(FakeIssuer.Answer.GOOD);
    Answer granted = client.answer();

    // By the policy's own back-off all its attempts would be over before the issuer is asked again.
    assertThat(granted.text("code")).as("%s", granted).isEqualTo("OK");
    assertThat(broker.evaluations(credential)).isEqualTo(2);
  }

  @Test
  void gives_up_after_the_attempts_of_its_policy_and_stops_retrying() {
    // A process of its own: grpc-js throttles by the server's name, whatever the channel.
    try (InteropProgram failing = client(broker)) {
      failing.ask("open", Map.of("channel", ADVISED, "serviceConfig", advised));

      assertThat(List.of(failure(failing), failure(failing), failure(failing)))
          .containsExactly(3L, 2L, 1L);
    }
  }

  @Test
  void proves_its_key_anew_for_each_attempt() {
    String credential = down.credential();
    // A process of its own, again.
    try (InteropProgram failing = client(broker)) {
      failing.ask("open", Map.of("channel", ADVISED, "serviceConfig", advised));

      Answer refused =
          failing.ask(
              "exchangeBound", Map.of("channel", ADVISED, "request", request(credential, "")));

      assertThat(refused.text("code")).as("%s", refused).isEqualTo("UNAVAILABLE");
      assertThat(broker.evaluations(credential)).isEqualTo(3);
    }
  }

  @Test
  void learns_the_reason_at_once_where_its_deadline_comes_first(@TempDir Path directory) {
    String credential = down.credential();
    // By default an issuer that fails is asked again after half a minute.
    try (InteropBroker patient =
            InteropBroker.start(directory, InteropFederation.of(Map.of("down", down)), Map.of());
        InteropProgram caller = client(patient)) {
      caller.ask("open", Map.of("channel", ADVISED, "serviceConfig", advised));
      caller.ask("health", Map.of("channel", ADVISED, "service", ""));

      Answer late =
          caller.ask(
              "exchange",
              Map.of("channel", ADVISED, "request", request(credential, ""), "timeout", 1_000));

      assertThat(late.text("code")).as("%s", late).isEqualTo("UNAVAILABLE");
      assertThat(late.text("message")).contains("KEYS_", "(verdict ");
      assertThat(late.text("pushback", 0)).isEqualTo("-1");
      assertThat(patient.evaluations(credential)).isEqualTo(1);
    }
  }

  @Test
  void is_held_up_where_it_asks_too_often_and_served_later() {
    String credential = issuer.credential();
    exchange(ADVISED, credential, "deploy");
    exchange(ADVISED, credential, "read");

    Answer granted = exchange(ADVISED, credential);

    assertThat(granted.text("code")).isEqualTo("OK");
    assertThat(broker.evaluations(credential)).isEqualTo(4);
  }

  // --- deadlines

  @Test
  void has_the_broker_stop_at_its_deadline() {
    String credential = stalling.credential();

    Answer late =
        client.ask(
            "exchange",
            Map.of("channel", ADVISED, "request", request(credential, ""), "timeout", 3_000));

    assertThat(late.text("code")).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(broker.awaitLine(InteropBroker.digest(credential))).contains("DEADLINE_EXCEEDED");
    assertThat(broker.evaluations(credential)).isEqualTo(1);
  }

  // --- what else there is

  @Test
  void finds_it_healthy() {
    for (String service : List.of("", BROKER, "live")) {
      assertThat(
              client
                  .ask("health", Map.of("channel", ADVISED, "service", service))
                  .text("response", "status"))
          .isEqualTo("SERVING");
    }
  }

  @Test
  void calls_it_by_what_it_tells_of_itself() {
    assertThat(client.ask("listed", Map.of("channel", ADVISED)).text("services")).contains(BROKER);

    Answer granted =
        client.ask(
            "exchangeByReflection",
            Map.of(
                "channel", ADVISED,
                "service", BROKER,
                // Without the .proto files, fields have the names that stand there.
                "request",
                    Map.of(
                        "audience",
                        InteropFederation.TARGET,
                        "subject_token",
                        issuer.credential())));

    assertThat(granted.text("response", "access_token")).as("%s", granted).startsWith("eyJ");
  }

  /** No more often than every 10 s, as clients.md says. */
  @Test
  void keeps_an_idle_connection_alive_by_pings() {
    client.ask(
        "open",
        Map.of(
            "channel",
            "kept",
            "options",
            Map.of("grpc.keepalive_time_ms", 10_500, "grpc.keepalive_permit_without_calls", 1)));

    Answer kept = client.ask("answeredPings", Map.of("channel", "kept", "count", 2));

    assertThat(kept.text("state")).isEqualTo("READY");
    assertThat(exchange("kept", issuer.credential()).text("code")).isEqualTo("OK");
  }

  private static InteropProgram client(InteropBroker broker) {
    return InteropProgram.node(
        "grpc.mjs",
        broker,
        broker.grpcAuthority(),
        Path.of("src", "main", "proto").toAbsolutePath().toString(),
        Path.of("target", "interop", "proto").toAbsolutePath().toString());
  }

  /** How often an exchange that must fail was tried. */
  private long failure(InteropProgram caller) {
    String credential = down.credential();
    Answer refused =
        caller.ask("exchange", Map.of("channel", ADVISED, "request", request(credential, "")));
    assertThat(refused.text("code")).isEqualTo("UNAVAILABLE");
    assertThat(Integer.parseInt(refused.text("pushback", 0))).isPositive();
    return broker.evaluations(credential);
  }

  private String expired() {
    return issuer.credential(claims -> claims.put("exp", Instant.now().getEpochSecond() - 3600));
  }

  private void open(String channel, Map<String, Object> serviceConfig) {
    client.ask("open", Map.of("channel", channel, "serviceConfig", serviceConfig));
  }

  private Answer exchange(String channel, String credential) {
    tellExchange(channel, credential);
    return client.answer();
  }

  private void tellExchange(String channel, String credential) {
    client.tell("exchange", Map.of("channel", channel, "request", request(credential, "")));
  }

  private Answer exchange(String channel, String credential, String scope) {
    return client.ask(
        "exchange", Map.of("channel", channel, "request", request(credential, scope)));
  }

  private static Map<String, Object> request(String credential, String scope) {
    return Map.of(
        "audience",
        InteropFederation.TARGET,
        "subjectToken",
        credential,
        "scopes",
        scope.isEmpty() ? List.of() : List.of(scope));
  }
}
