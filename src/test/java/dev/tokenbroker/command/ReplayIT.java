package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A recording of live exchanges over both edges, read over HTTP and replayed by documents with
 * planted changes.
 */
@Tag("storm")
class ReplayIT {

  private static final int IDENTITIES = 500;
  private static final int TIMES = 8;
  private static final List<String> TARGETS =
      List.of("narrowed", "widened", "swapped", "renamed", "dropped");
  private static final int IN_FLIGHT = 32;
  private static final BodyHandler<String> TEXT = BodyHandlers.ofString();

  private static final String RULES =
      """
        - {name: narrowed, issuer: good, audience: narrowed, when: 'claims.team in ["a", "b"]', scopes: [read]}
        - {name: widened, issuer: good, audience: widened, when: claims.team == "a", scopes: [read]}
        - {name: prod, issuer: good, audience: swapped, when: claims.env == "prod", scopes: [read]}
        - {name: any, issuer: good, audience: swapped, when: 'claims.env in ["prod", "stage"]', scopes: [read]}
        - {name: renamed, issuer: good, audience: renamed, when: claims.tier == "gold", scopes: [read]}
        - {name: dropped, issuer: good, audience: dropped, when: 'true', scopes: [read, write]}
      """;

  private static final String CHANGED =
      """
        - {name: narrowed, issuer: good, audience: narrowed, when: claims.team == "a", scopes: [read]}
        - {name: widened, issuer: good, audience: widened, when: 'claims.team in ["a", "b"]', scopes: [read]}
        - {name: any, issuer: good, audience: swapped, when: 'claims.env in ["prod", "stage"]', scopes: [read]}
        - {name: prod, issuer: good, audience: swapped, when: claims.env == "prod", scopes: [read]}
        - {name: renamed, issuer: good, audience: renamed, when: claims.level == "gold", scopes: [read]}
        - {name: dropped, issuer: good, audience: dropped, when: 'true', scopes: [read]}
      """;

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();

  @AfterEach
  void stop() {
    issuer.close();
  }

  @Test
  void finds_the_planted_changes_and_no_other() throws Exception {
    Path current = document("current", RULES);
    Path file = directory.resolve("recording.jsonl");
    List<String> credentials =
        IntStream.range(0, IDENTITIES).mapToObj(at -> credential("user-" + at, at)).toList();
    String recorded = record(current, file, credentials);
    Path recording = Files.writeString(directory.resolve("calls.jsonl"), recorded);
    String credential = credentials.getFirst();
    String signature = credential.substring(credential.lastIndexOf('.') + 1);

    assertThat(recorded)
        .doesNotContain("eyJ")
        .doesNotContain("@example.org")
        .doesNotContain(signature);
    assertThat(recorded.lines().skip(1)).containsExactlyElementsOf(lines(file));
    assertThat(
            recorded
                .lines()
                .skip(1)
                .map(JsonObject::new)
                .filter(line -> TARGETS.contains(line.getString("target")))
                .mapToLong(line -> line.getLong("count")))
        .hasSize(IDENTITIES * TARGETS.size())
        .allMatch(count -> count == TIMES);

    JsonObject same = replay(recording, current, current, 0);
    assertThat(distinct(same, "unchanged")).isEqualTo(IDENTITIES * TARGETS.size() + 1);

    JsonObject changed = replay(recording, document("changed", CHANGED), current, 1);
    int ofTeamB = (int) IntStream.range(0, IDENTITIES).filter(i -> i % 3 == 1).count();
    assertThat(distinct(changed, "newly-refused")).isEqualTo(ofTeamB + IDENTITIES / 2);
    assertThat(distinct(changed, "newly-accepted")).isEqualTo(ofTeamB);
    assertThat(distinct(changed, "other-rule")).isEqualTo(IDENTITIES / 2);
    assertThat(distinct(changed, "other-grant")).isEqualTo(IDENTITIES);
    assertThat(distinct(changed, "not-replayable")).isZero();
  }

  private static int distinct(JsonObject result, String change) {
    return result.getJsonObject("counts").getJsonObject(change).getInteger("distinct");
  }

  private JsonObject replay(Path recording, Path candidate, Path current, int code) {
    ProducedArtifact.Ended ended =
        ProducedArtifact.run(
            Map.of("token-broker.upstream.allow-http-to-loopback", "true"),
            "",
            "replay",
            "--recording",
            recording.toString(),
            "--candidate",
            candidate.toString(),
            "--current",
            current.toString(),
            "--json");
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
    return new JsonObject(ended.out());
  }

  /**
   * Has an operator get a token, and each identity ask for each target several times, over one edge
   * or the other. Returns what the operator reads then.
   */
  private String record(Path current, Path file, List<String> credentials) throws Exception {
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(current)
            .with("token-broker.recording.enabled", "true")
            .with("token-broker.recording.path", file.toString())
            .with("token-broker.recording.claims", "level,email")
            .with("token-broker.recording.drop", "email")
            .with("token-broker.recording.write-interval", "1s")
            .with("token-broker.admission.per-credential-rate", "0");
    try (BrokerProcess broker = setup.start();
        BrokerClient grpc = BrokerClient.plaintext(broker.grpcPort());
        HttpClient http = HttpClient.newHttpClient()) {
      String operator =
          http.send(tokenRequest(broker.port(), "token-broker", credential("operator", 0)), TEXT)
              .body();
      Semaphore permits = new Semaphore(IN_FLIGHT);
      // One after another for each identity and target: the first evaluation makes the token.
      for (int time = 0; time < TIMES; time++) {
        for (String target : TARGETS) {
          for (int at = 0; at < IDENTITIES; at++) {
            permits.acquire();
            if (at % 2 == 0) {
              call(grpc, target, credentials.get(at), permits);
            } else {
              call(http, broker.port(), target, credentials.get(at), permits);
            }
          }
          permits.acquire(IN_FLIGHT);
          permits.release(IN_FLIGHT);
        }
      }
      long wanted = (long) IDENTITIES * TARGETS.size() * TIMES + 1;
      assertThat(Eventually.see(() -> counted(file), counted -> counted == wanted))
          .isEqualTo(wanted);
      assertThat(recording(http, broker.port(), "x").statusCode()).isEqualTo(401);
      String token = new JsonObject(operator).getString("access_token");
      HttpResponse<String> recording = recording(http, broker.port(), token);
      assertThat(recording.statusCode()).isEqualTo(200);
      assertThat(recording.headers().firstValue("Content-Type")).contains("application/x-ndjson");
      assertThat(recording.headers().firstValue("Cache-Control")).contains("no-store");
      return recording.body();
    }
  }

  private static HttpResponse<String> recording(HttpClient http, int port, String token)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/recording"))
            .header("Authorization", "Bearer " + token)
            .build(),
        TEXT);
  }

  private static long counted(Path file) {
    return lines(file).stream().mapToLong(line -> new JsonObject(line).getLong("count")).sum();
  }

  /** The recorded requests in the file; none if the broker has not written it yet. */
  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().skip(1).toList();
    } catch (IOException absent) {
      return List.of();
    }
  }

  private static void call(BrokerClient grpc, String target, String credential, Semaphore permits) {
    TokenBrokerGrpc.newFutureStub(grpc.channel())
        .exchangeToken(
            ExchangeTokenRequest.newBuilder()
                .setAudience(target)
                .setSubjectToken(credential)
                .build())
        .addListener(permits::release, Runnable::run);
  }

  private static void call(
      HttpClient http, int port, String target, String credential, Semaphore permits) {
    var _ =
        http.sendAsync(tokenRequest(port, target, credential), BodyHandlers.discarding())
            .whenComplete((_, _) -> permits.release());
  }

  private static HttpRequest tokenRequest(int port, String target, String credential) {
    String form =
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
            + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&audience="
            + target
            + "&subject_token="
            + credential;
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/token"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .POST(BodyPublishers.ofString(form))
        .build();
  }

  private String credential(String subject, int at) {
    return issuer.credential(
        claims -> {
          claims.put("sub", subject);
          claims.put("email", subject + "@example.org");
          claims.put("team", List.of("a", "b", "c").get(at % 3));
          claims.put("env", at % 2 == 0 ? "prod" : "stage");
          claims.put("tier", at % 2 == 0 ? "gold" : "silver");
        });
  }

  private Path document(String name, String rules) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    String targets =
        String.join(
            "\n",
            TARGETS.stream()
                .map(target -> "  - {audience: %s, mint: {lifetime: 5m}}".formatted(target))
                .toList());
    return Files.writeString(
        folder.resolve("federation.yaml"),
        """
        issuers:
          - {name: good, issuer: '%s', audiences: ['%s']}
        targets:
        %s
        rules:
          - {name: operators, issuer: good, audience: token-broker, when: claims.sub == "operator", scopes: [operate]}
        %s"""
            .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, targets, rules));
  }
}
