package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.edge.BrokerProcess;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.GetRolloutRequest;
import dev.tokenbroker.v1.PromoteCandidateRequest;
import dev.tokenbroker.v1.RollBackRequest;
import dev.tokenbroker.v1.Rollout;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc;
import dev.tokenbroker.v1.TokenBrokerOperationsGrpc.TokenBrokerOperationsBlockingStub;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promotions and rollbacks at a broker in a process of its own, over both edges and by command. */
@Tag("storm")
class RolloutIT {

  private static final int ROUNDS = 9;
  private static final int CALLERS = 4;
  private static final int KILLS = 4;

  private static final String WHY = "a test, with a \"quote\" & more";

  private static final String RULES =
      """
        - {name: pays, issuer: good, audience: pay, when: 'true', scopes: [read]}
        - {name: operators, issuer: good, audience: token-broker, when: claims.sub == "ops", scopes: [operate]}
        - {name: rollers, issuer: good, audience: token-broker, when: claims.sub == "roller", scopes: [operate, rollout]}
      """;

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<String, String> credentials = new ConcurrentHashMap<>();
  private Path live;
  private Path candidate;
  private Path history;

  @BeforeEach
  void write() throws IOException {
    live = document("live", RULES);
    candidate = document("next", RULES.replace("scopes: [read]", "scopes: [read, write]"));
    history = directory.resolve("history");
  }

  @AfterEach
  void stop() {
    issuer.close();
    http.close();
  }

  @Test
  void promotes_and_rolls_back_under_load_without_a_failed_call_and_stays_so_after_a_restart()
      throws Exception {
    String last;
    try (BrokerProcess broker = setup().start();
        BrokerClient grpc = BrokerClient.plaintext(broker.grpcPort())) {
      String token = token(grpc, "roller");
      Rollout start = stub(grpc, token).getRollout(GetRolloutRequest.getDefaultInstance());
      String first = start.getRevision();
      String next = start.getCandidateRevision();
      assertThat(start.getKeepsHistory()).isTrue();
      assertThat(next).isNotEmpty().isNotEqualTo(first);
      Queue<String> failures = new ConcurrentLinkedQueue<>();
      AtomicBoolean going = new AtomicBoolean(true);
      List<Thread> callers = load(broker, grpc, going, failures);
      for (int round = 0; round < ROUNDS; round++) {
        change(round, broker, grpc, token, "promote", next);
        assertThat(scopes(grpc)).containsExactly("read", "write");
        change(round + 1, broker, grpc, token, "rollback", first);
        assertThat(scopes(grpc)).containsExactly("read");
      }
      change(0, broker, grpc, token, "promote", next);
      last = next;
      going.set(false);
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(failures).isEmpty();
      // What the broker has printed is read by another thread.
      assertThat(Eventually.see(() -> records(broker, "promote"), seen -> seen.size() > ROUNDS))
          .hasSize(ROUNDS + 1);
      assertThat(records(broker, "roll-back"))
          .hasSize(ROUNDS)
          .allSatisfy(
              record -> {
                assertThat(record.getString("outcome")).isEqualTo("accepted");
                assertThat(record.getString("caller_sub")).isEqualTo("roller");
                assertThat(record.getString("federation_revision")).isEqualTo(first);
                assertThat(record.getString("federation_revision_before")).isEqualTo(next);
                assertThat(record.getString("why")).isEqualTo(WHY);
              });
    }
    try (BrokerProcess broker = setup().start();
        BrokerClient grpc = BrokerClient.plaintext(broker.grpcPort())) {
      assertThat(revision(grpc)).isEqualTo(last);
    }
  }

  @Test
  void after_a_kill_the_last_revision_is_in_force_or_the_one_that_was_under_way() throws Exception {
    String first = "";
    String next = "";
    AtomicReference<String> acknowledged = new AtomicReference<>("");
    AtomicReference<String> ordered = new AtomicReference<>("");
    for (int kill = 0; kill < KILLS; kill++) {
      try (BrokerProcess broker = setup().start();
          BrokerClient grpc = BrokerClient.plaintext(broker.grpcPort())) {
        TokenBrokerOperationsBlockingStub stub = stub(grpc, token(grpc, "roller"));
        Rollout now = stub.getRollout(GetRolloutRequest.getDefaultInstance());
        if (kill == 0) {
          first = now.getRevision();
          next = now.getCandidateRevision();
        } else {
          assertThat(now.getRevision()).isIn(acknowledged.get(), ordered.get());
          assertThat(now.getProblemsList()).isEmpty();
          assertThat(now.getKeptList()).hasSize(2);
        }
        acknowledged.set(now.getRevision());
        AtomicInteger changed = new AtomicInteger();
        String promoted = next;
        String restored = first;
        Thread changes =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        while (true) {
                          ordered.set(promoted);
                          acknowledged.set(promote(stub, promoted).getRevision());
                          changed.incrementAndGet();
                          ordered.set(restored);
                          acknowledged.set(rollBack(stub, restored).getRevision());
                        }
                      } catch (StatusRuntimeException killed) {
                        // It is over.
                      }
                    });
        Eventually.see(changed::get, seen -> seen > 0);
        broker.signal("KILL");
        changes.join();
      }
    }
  }

  @Test
  void refuses_at_both_edges_and_changes_nothing() throws Exception {
    try (BrokerProcess broker = setup().start();
        BrokerClient grpc = BrokerClient.plaintext(broker.grpcPort())) {
      String token = token(grpc, "roller");
      String first = revision(grpc);
      String next =
          stub(grpc, token)
              .getRollout(GetRolloutRequest.getDefaultInstance())
              .getCandidateRevision();
      String unknown = "0".repeat(64);
      refused(broker, grpc, "", next, 401, "CALLER_UNAUTHENTICATED");
      refused(broker, grpc, token(grpc, "ops"), next, 403, "CALLER_NOT_PERMITTED");
      refused(broker, grpc, token, unknown, 409, "REVISION_UNKNOWN");
      refused(broker, grpc, token, next.substring(0, 12), 400, "REQUEST_INVALID");
      assertThat(post(broker, token, "rollback", unknown).body())
          .contains("REVISION_UNKNOWN")
          .contains(unknown);
      assertThat(post(broker, token, "promote", next, "").statusCode()).isEqualTo(400);
      Files.createDirectories(history.resolve("history.json.new/full"));
      refused(broker, grpc, token, next, 503, "HISTORY_UNUSABLE");
      Files.delete(history.resolve("history.json.new/full"));
      Files.delete(history.resolve("history.json.new"));
      String list = Files.readString(history.resolve("history.json"));
      Files.writeString(history.resolve("history.json"), "{}");
      refused(broker, grpc, token, next, 503, "HISTORY_UNUSABLE");
      Files.writeString(history.resolve("history.json"), list);
      Files.writeString(candidate, "rules: [");
      refused(broker, grpc, token, next, 409, "REVISION_UNFIT");
      assertThat(revision(grpc)).isEqualTo(first);
      assertThat(scopes(grpc)).containsExactly("read");
      assertThat(records(broker, "promote"))
          .isNotEmpty()
          .allMatch(record -> record.getString("outcome").equals("refused"));
    }
  }

  // --- the broker

  private BrokerProcess.Setup setup() {
    return new BrokerProcess.Setup(live)
        .with("token-broker.federation.candidate-path", candidate.toString())
        .with("token-broker.federation.history-path", history.toString())
        .with("token-broker.admission.per-credential-rate", "0");
  }

  private Path document(String name, String rules) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(name));
    return Files.writeString(
        folder.resolve("federation.yaml"),
        """
        issuers:
          - {name: good, issuer: '%s', audiences: ['%s']}
        targets:
          - {audience: pay, mint: {lifetime: 5m}}
        rules:
        %s"""
            .formatted(issuer.issuer(), FakeIssuer.AUDIENCE, rules));
  }

  private static List<JsonObject> records(BrokerProcess broker, String intent) {
    return broker.lines().stream()
        .filter(line -> line.contains("\"intent\":\"" + intent + "\""))
        .map(JsonObject::new)
        .toList();
  }

  // --- callers

  private List<Thread> load(
      BrokerProcess broker, BrokerClient grpc, AtomicBoolean going, Queue<String> failures) {
    List<Thread> callers = new ArrayList<>();
    for (int at = 0; at < CALLERS; at++) {
      String credential = credential("user-" + at);
      boolean overHttp = at % 2 == 0;
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (going.get()) {
                      String failure =
                          overHttp ? overHttp(broker, credential) : overGrpc(grpc, credential);
                      if (!failure.isEmpty()) {
                        failures.add(failure);
                      }
                    }
                  }));
    }
    return callers;
  }

  private static String overGrpc(BrokerClient grpc, String credential) {
    BrokerClient.Answer answer = grpc.exchange(request("pay", credential));
    return answer.code() == Status.Code.OK ? "" : answer.toString();
  }

  private String overHttp(BrokerProcess broker, String credential) {
    HttpResponse<String> answer =
        post(
            broker,
            "/token",
            "",
            Map.of(
                "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token_type", "urn:ietf:params:oauth:token-type:jwt",
                "audience", "pay",
                "subject_token", credential));
    return answer.statusCode() == 200 ? "" : answer.body();
  }

  private List<String> scopes(BrokerClient grpc) {
    return grpc.exchange(request("pay", credential("user-0"))).granted().getScopesList();
  }

  /** An operator's token, once the broker has the issuer's keys. */
  private String token(BrokerClient grpc, String subject) {
    ExchangeTokenRequest request = request("token-broker", credential(subject));
    return Eventually.see(
            () -> grpc.exchange(request), answer -> !answer.reason().equals("KEYS_UNREACHABLE"))
        .granted()
        .getAccessToken();
  }

  private String credential(String subject) {
    return credentials.computeIfAbsent(
        subject, name -> issuer.credential(claims -> claims.put("sub", name)));
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return ExchangeTokenRequest.newBuilder()
        .setAudience(audience)
        .setSubjectToken(credential)
        .build();
  }

  // --- changes

  /** Changes the revision over gRPC, over HTTP or by the command, in turns. */
  private void change(
      int turn, BrokerProcess broker, BrokerClient grpc, String token, String what, String revision)
      throws IOException {
    switch (turn % 3) {
      case 0 ->
          assertThat(
                  (what.equals("promote")
                          ? promote(stub(grpc, token), revision)
                          : rollBack(stub(grpc, token), revision))
                      .getRevision())
              .isEqualTo(revision);
      case 1 -> {
        HttpResponse<String> answer = post(broker, token, what, revision);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getString("revision")).isEqualTo(revision);
      }
      default -> {
        Path file = Files.writeString(directory.resolve("operator.jwt"), token);
        ProducedArtifact.Ended ended =
            ProducedArtifact.run(
                "",
                "rollout",
                what,
                revision,
                "--reason",
                WHY,
                "--broker",
                "127.0.0.1:" + broker.grpcPort(),
                "--authorization-file",
                file.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
      }
    }
  }

  private static Rollout promote(TokenBrokerOperationsBlockingStub stub, String revision) {
    return stub.promoteCandidate(
        PromoteCandidateRequest.newBuilder().setRevision(revision).setReason(WHY).build());
  }

  private static Rollout rollBack(TokenBrokerOperationsBlockingStub stub, String revision) {
    return stub.rollBack(RollBackRequest.newBuilder().setRevision(revision).setReason(WHY).build());
  }

  private String revision(BrokerClient grpc) {
    return stub(grpc, token(grpc, "ops"))
        .getRollout(GetRolloutRequest.getDefaultInstance())
        .getRevision();
  }

  private static TokenBrokerOperationsBlockingStub stub(BrokerClient grpc, String token) {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    }
    return TokenBrokerOperationsGrpc.newBlockingStub(grpc.channel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private void refused(
      BrokerProcess broker,
      BrokerClient grpc,
      String token,
      String revision,
      int status,
      String reason) {
    HttpResponse<String> answer = post(broker, token, "promote", revision);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(new JsonObject(answer.body()).getString("reason")).isEqualTo(reason);
    try {
      throw new AssertionError(promote(stub(grpc, token), revision));
    } catch (StatusRuntimeException refused) {
      assertThat(BrokerClient.refused(refused).toString()).contains(reason);
    }
  }

  private HttpResponse<String> post(
      BrokerProcess broker, String token, String what, String revision) {
    return post(broker, token, what, revision, WHY);
  }

  private HttpResponse<String> post(
      BrokerProcess broker, String token, String what, String revision, String why) {
    return post(broker, "/rollout/" + what, token, Map.of("revision", revision, "reason", why));
  }

  private HttpResponse<String> post(
      BrokerProcess broker, String path, String token, Map<String, String> form) {
    List<String> parameters = new ArrayList<>();
    form.forEach(
        (name, value) ->
            parameters.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broker.port() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(String.join("&", parameters)));
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
