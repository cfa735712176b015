package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.telemetry.Settings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.recording.RecordedRequest;
import dev.tokenbroker.operate.recording.Recorder;
import dev.tokenbroker.operate.recording.Recording;
import dev.tokenbroker.operate.recording.RecordingSettings;
import dev.tokenbroker.operate.recording.Replay;
import dev.tokenbroker.operate.recording.RunningRecorder;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a broker records of its exchanges. */
class RecordingTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(41);

  private static final String SECRET = "a-secret-of-a-client-of-32-characters-or-more";

  private final TestClock clock = new TestClock();
  @TempDir private Path directory;

  // There before each test.
  @SuppressWarnings("NullAway.Init")
  private Federation federation;

  @BeforeEach
  void load() {
    federation = TestExchange.federation(directory, ISSUER.federation(), clock);
  }

  /** Hits count whether held tokens keep the claims of their credentials or not. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void each_hit_counts_once(boolean keepsClaims) throws IOException {
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder = recorder(Map.of("path", file.toString()));
    IssuedTokens tokens = TestExchange.tokens(clock, keepsClaims);
    TokenExchange exchange =
        TestExchange.by(federation, clock, List.of(recorder)).tokens(tokens).build();

    for (int call = 0; call < 5; call++) {
      for (String repository : List.of("acme/a", "acme/b", "acme/c")) {
        exchange(exchange, ISSUER.credential(repository));
      }
    }
    RunningRecorder.stop(recorder);

    assertThat(tokens.status().hits()).isEqualTo(12);
    assertThat(recorder.status().lost()).isZero();
    assertThat(Files.readAllLines(file))
        .hasSize(4)
        .filteredOn(line -> line.contains("\"target\""))
        .hasSize(3)
        .allMatch(line -> line.contains("\"count\":5"));
  }

  @Test
  void holds_listed_claims_and_those_of_rules_but_no_unique_ones() throws IOException {
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder =
        recorder(
            Map.of(
                "path",
                file.toString(),
                "claims",
                "level,team,email,iss,jti,iat,exp,nbf,auth_time,updated_at,nonce",
                "drop",
                "email"));
    long now = clock.instant().getEpochSecond();
    String credential =
        ISSUER.sign(
            """
            {"iss":"%s","sub":"robot","aud":"%s","exp":%d,"nbf":%d,"iat":%d,"auth_time":1,\
            "updated_at":2,"jti":"one","nonce":"once","repository":"acme/a","level":7,\
            "email":"a@example.org","other":"unread"}"""
                .formatted(SeededIssuer.ISSUER, SeededIssuer.AUDIENCE, now + 300, now, now));
    exchange(TestExchange.by(federation, clock, List.of(recorder)).build(), credential);
    RunningRecorder.stop(recorder);

    JsonObject line = new JsonObject(Files.readAllLines(file).getLast());
    assertThat(line.getJsonObject("claims").getMap())
        .isEqualTo(Map.of("sub", "robot", "repository", "acme/a", "level", 7));
    assertThat(line.getJsonArray("absent")).containsExactly("team");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void holds_claims_that_a_session_of_aws_reads() throws IOException {
    federation =
        TestExchange.federation(
            directory,
            ISSUER
                .federation()
                .replace(
                    "mint: {lifetime: 5m}",
                    "aws: {role: 'arn:aws:iam::123456789012:role/a', region: eu-central-1,"
                        + " sessionName: '${claims.job}', policy: {Resource: '${claims.team}'}}")
                .replace("scopes: [read]", "outliveCredential: true"),
            clock);
    Recorder recorder = recorder(Map.of());
    exchange(
        TestExchange.by(federation, clock, List.of(recorder)).build(), ISSUER.credential("acme/a"));
    RunningRecorder.stop(recorder);

    JsonObject line = new JsonObject(lines(recorder).getLast());
    assertThat(line.getString("reason")).isEqualTo("RULE_EVALUATION_FAILED");
    assertThat(line.getJsonArray("absent")).containsExactly("job", "team");
  }

  /** Without a file, as where pods have no disk. */
  @ParameterizedTest
  @CsvSource({
    "max-requests, 5, 5, 30000",
    "max-per-rule, 5, 5, 30000",
    "max-bytes, 4000, 29, 4000"
  })
  void keeps_no_more_in_memory_than_a_bound_allows(
      String bound, String value, int mostRequests, int mostBytes) throws IOException {
    Recorder recorder = recorder(Map.of(bound, value));
    TokenExchange exchange = TestExchange.by(federation, clock, List.of(recorder)).build();
    for (int at = 1; at <= 30; at++) {
      exchange(exchange, ISSUER.credential("acme/" + "x".repeat(at * 4)));
    }
    RunningRecorder.stop(recorder);

    List<String> lines = lines(recorder);
    JsonObject head = new JsonObject(lines.getFirst());
    int kept = lines.size() - 1;
    assertThat(kept).isBetween(5, mostRequests);
    assertThat(head.getInteger("requests")).isEqualTo(kept);
    assertThat(head.getInteger("not_kept")).isEqualTo(30 - kept);
    assertThat(lines.stream().skip(1).mapToInt(line -> line.length() + 1).sum())
        .isLessThanOrEqualTo(mostBytes);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void begins_anew_after_a_while(boolean inFile) throws IOException {
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder = recorder(inFile ? Map.of("path", file.toString()) : Map.of());
    exchange(
        TestExchange.by(federation, clock, List.of(recorder)).build(), ISSUER.credential("acme/a"));
    clock.advance(Duration.ofHours(25));
    RunningRecorder.stop(recorder);

    assertThat(lines(recorder)).hasSize(1);
    assertThat(Files.exists(file)).isFalse();
    assertThat(Files.exists(directory.resolve("recording.jsonl.1"))).isEqualTo(inFile);
  }

  @Test
  void separates_requests_by_client_and_replays_the_same_verdicts() throws Exception {
    TestKey key = TestKey.fast("k-1");
    String clients =
        """
        clients:
          - {name: gateway, secretFile: secret, may: [exchange]}
          - {name: other, secretFile: secret, may: [exchange]}
          - {name: job, issuer: acme, subject: job, may: [exchange]}
          - {name: signer, jwks: {keys: [%s]}, may: [exchange]}
        targets:
        """
            .formatted(JSONObjectUtils.toJSONString(key.jwk()));
    String rules =
        """
          - {name: by-gateway, client: gateway, issuer: acme, audience: payments-api, when: claims.repository == "acme/b"}
          - {name: by-job, client: job, audience: payments-api, when: client == "job"}
          - {name: by-signer, client: signer, audience: payments-api, when: 'true'}
        """;
    Files.writeString(directory.resolve("secret"), SECRET);
    String document = ISSUER.federation().replace("targets:\n", clients) + rules;
    federation = clientFederation(document);
    Path file = directory.resolve("recording.jsonl");
    Recorder recorder = recorder(Map.of("path", file.toString()));
    ClientExchange broker = new ClientExchange(federation, clock, List.of(recorder));
    String person = ISSUER.credential("acme/b");
    String job =
        ISSUER.sign(
            """
            {"iss":"%s","sub":"job","aud":"%s","exp":%d}"""
                .formatted(
                    SeededIssuer.ISSUER,
                    SeededIssuer.AUDIENCE,
                    TestClock.START.getEpochSecond() + 300));
    for (int call = 0; call < 3; call++) {
      broker.exchange(by("gateway", "orders", person));
      broker.exchange(by("other", "orders", person));
    }
    for (String client : List.of("gateway", "other", "gateway", "")) {
      broker.exchange(by(client, "payments-api", person));
    }
    broker.exchange(by("", "payments-api", job));
    broker.exchange(by("", "payments-api", job));
    PresentedClient own = new PresentedClient("", null, "", "", true);
    broker.exchange(TestExchange.request("payments-api", assertion(key), own));
    RunningRecorder.stop(recorder);

    List<RecordedRequest.Line> lines = Recording.read(file).lines();
    assertThat(recorder.status().lost()).isZero();
    assertThat(lines)
        .extracting(
            line ->
                "%s at %s: %s %d"
                    .formatted(
                        line.request().client(),
                        line.request().target(),
                        line.ending().reason() == null
                            ? line.ending().rule()
                            : line.ending().reason(),
                        line.count()))
        .containsExactlyInAnyOrder(
            "gateway at orders: read-orders 3",
            "other at orders: read-orders 3",
            "gateway at payments-api: by-gateway 2",
            "other at payments-api: CLIENT_NOT_ADMITTED 1",
            "null at payments-api: CLIENT_NOT_ADMITTED 1",
            "job at payments-api: by-job 2",
            "signer at payments-api: by-signer 1");
    assertThat(replayed(lines, federation)).containsOnly(CandidateEffect.UNCHANGED);
    String closed = document.replace("may: [exchange]}", "may: [exchange], disabled: true}");
    assertThat(replayed(lines, clientFederation(closed)))
        .containsOnly(CandidateEffect.NEWLY_REFUSED, CandidateEffect.UNCHANGED)
        .filteredOn(CandidateEffect.NEWLY_REFUSED::equals)
        .hasSize(5);
  }

  private List<CandidateEffect> replayed(List<RecordedRequest.Line> lines, Federation candidate) {
    Replay replay = new Replay(candidate, federation);
    return lines.stream().map(line -> replay.judge(line).change()).toList();
  }

  private Federation clientFederation(String document) throws IOException {
    return ClientExchange.federation(
        Files.writeString(directory.resolve("federation.yaml"), document), clock);
  }

  private static ExchangeRequest by(String client, String target, String credential) {
    PresentedSecret secret = new PresentedSecret(SECRET.getBytes(UTF_8), PresentedSecret.In.FORM);
    return TestExchange.request(
        target,
        credential,
        client.isEmpty()
            ? PresentedClient.NONE
            : new PresentedClient(client, secret, "", "", false));
  }

  private static String assertion(TestKey key) {
    return TestCredential.of(key)
        .claim("iss", "signer")
        .claim("sub", "signer")
        .claim("aud", "https://broker.test")
        .claim("iat", TestClock.START.getEpochSecond())
        .claim("exp", TestClock.START.getEpochSecond() + 60)
        .claim("jti", "one")
        .without("nbf")
        .sign();
  }

  private static List<String> lines(Recorder recorder) throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    recorder.write(output);
    return output.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static void exchange(TokenExchange exchange, String credential) {
    TestExchange.exchange(exchange, request("orders", credential));
  }

  private Recorder recorder(Map<String, String> settings) {
    Map<String, String> named = new HashMap<>(Map.of("token-broker.recording.enabled", "true"));
    settings.forEach((key, value) -> named.put("token-broker.recording." + key, value));
    return RunningRecorder.start(Settings.of(RecordingSettings.class, named), federation, clock);
  }
}
