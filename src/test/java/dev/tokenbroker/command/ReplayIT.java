package dev.tokenbroker.command;

import static dev.tokenbroker.edges.http.token.TokenClient.exchangeOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A recording of live exchanges over both edges, read over HTTP and replayed by documents with
 * planted changes.
 */
@Tag("storm")
class ReplayIT {

  private static final int IDENTITIES = 150;
  private static final int TIMES = 4;
  private static final List<String> TARGETS =
      List.of("narrowed", "widened", "swapped", "renamed", "dropped");
  private static final int IN_FLIGHT = 32;

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

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  @Test
  void finds_the_planted_changes_and_no_other() throws IOException {
    Path current = document("current", RULES);
    List<String> credentials =
        IntStream.range(0, IDENTITIES).mapToObj(at -> credential("user-" + at, at)).toList();
    String recorded = record(current, credentials);
    Path recording = Files.writeString(directory.resolve("calls.jsonl"), recorded);
    String credential = credentials.getFirst();
    String signature = credential.substring(credential.lastIndexOf('.') + 1);

    assertThat(recorded)
        .doesNotContain("eyJ")
        .doesNotContain("@example.org")
        .doesNotContain(signature);
    assertThat(counts(recorded))
        .hasSize(IDENTITIES * TARGETS.size() + 1)
        .filteredOn(count -> count == TIMES)
        .hasSize(IDENTITIES * TARGETS.size());

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
  private String record(Path current, List<String> credentials) {
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(current)
            .with("token-broker.recording.enabled", "true")
            .with("token-broker.recording.claims", "level,email")
            .with("token-broker.recording.drop", "email")
            .with("token-broker.admission.per-credential-rate", "0");
    try (BrokerProcess broker = setup.start();
        BrokerClient grpc = BrokerClient.plaintext(broker.grpcPort());
        HttpClient http = HttpClient.newHttpClient()) {
      TokenClient tokens = new TokenClient(broker.uri("/"), http);
      String operator = grpc.brokerToken(credential("operator", 0), "operate");
      // One after another for each identity and target: the first evaluation makes the token.
      for (int time = 0; time < TIMES; time++) {
        for (String target : TARGETS) {
          try (ExecutorService callers = Executors.newFixedThreadPool(IN_FLIGHT)) {
            for (int at = 0; at < IDENTITIES; at++) {
              String credential = credentials.get(at);
              callers.execute(
                  at % 2 == 0
                      ? () -> grpc.exchange(request(target, credential))
                      : () -> tokens.post(exchangeOf(credential).set("audience", target)));
            }
          }
        }
      }
      HttpRequest request =
          HttpRequest.newBuilder(broker.uri("/recording"))
              .header("Authorization", "Bearer " + operator)
              .build();
      long wanted = (long) IDENTITIES * TARGETS.size() * TIMES + 1;
      return Eventually.see(
          () -> http.sendAsync(request, BodyHandlers.ofString()).join().body(),
          recording -> counts(recording).stream().mapToLong(count -> count).sum() == wanted);
    }
  }

  private static List<Long> counts(String recording) {
    return recording.lines().skip(1).map(line -> new JsonObject(line).getLong("count")).toList();
  }

  private static ExchangeTokenRequest request(String target, String credential) {
    return BrokerClient.exchangeOf(target, credential);
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
