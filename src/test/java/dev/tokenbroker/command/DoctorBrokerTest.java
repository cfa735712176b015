package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import dev.tokenbroker.command.DoctorBench.Report;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.http.LocalHttp;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.ExplainExchangeRequest;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.RevokeTokenRequest;
import dev.tokenbroker.v1.RevokeTokenResponse;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import dev.tokenbroker.v1.Verdict;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code doctor} says of brokers that are real servers of grpc-java and Vert.x. */
class DoctorBrokerTest {

  private static final String CREDENTIAL = "aaa.bbb.ccc";
  private static final String TOKEN = "issued-and-never-shown";

  /** The time for a call: the first one loads many classes, on a machine that may be busy. */
  private static final String PATIENCE = "30s";

  @TempDir Path directory;

  private final Vertx vertx = Vertx.vertx();
  private final Map<String, String> documents = new HashMap<>();
  private final HealthStatusManager health = new HealthStatusManager();
  private final FakeTokenBroker broker = new FakeTokenBroker();
  private final List<Server> started = new ArrayList<>();
  private final URI http = LocalHttp.serve(vertx, this::answer);

  @AfterEach
  void stop() {
    started.forEach(Server::shutdownNow);
    LocalHttp.get(vertx.close());
  }

  @Test
  void a_healthy_broker_passes() throws IOException {
    Report report = report(serving(false), "--broker-http", http.getAuthority());

    assertThat(report.lines()).isEmpty();
    assertThat(report.code()).isZero();
  }

  @Test
  void nothing_listens() {
    Report report = report("localhost:1");

    assertThat(report.codes()).containsExactly("BROKER_UNREACHABLE");
    assertThat(report.code()).isEqualTo(1);
  }

  @Test
  void another_server_listens() {
    Report report = report(http.getAuthority());

    assertThat(report.codes()).containsExactly("BROKER_NOT_ONE");
    assertThat(report.lines().getFirst().getString("remedy")).startsWith("Give the gRPC port");
    assertThat(report.code()).isEqualTo(1);
  }

  @Test
  void the_broker_does_not_serve() throws IOException {
    String address = serving(false);
    health.setStatus(TokenBrokerGrpc.SERVICE_NAME, ServingStatus.NOT_SERVING);

    Report report = report(address);

    assertThat(report.codes()).containsExactly("BROKER_NOT_SERVING");
    assertThat(report.lines().getFirst().getString("remedy")).contains("/q/health/ready");
    assertThat(report.code()).isEqualTo(1);
  }

  @Test
  void reflection_is_a_warning() throws IOException {
    Report report = report(serving(true));

    assertThat(report.codes()).containsExactly("REFLECTION_ON");
    assertThat(report.lines().getFirst().getString("remedy"))
        .isEqualTo("Set token-broker.grpc.reflection=false.");
    assertThat(report.code()).isZero();
  }

  @Test
  void the_metadata_names_a_key_set_on_the_host_of_the_reader() throws IOException {
    documents.put(
        DoctorBench.DISCOVERY,
        "{\"issuer\":\"https://broker.example\",\"jwks_uri\":\"https://localhost/jwks\"}");

    Report report = report(serving(false), "--broker-http", http.getAuthority());

    assertThat(report.codes()).containsExactly("METADATA_INVALID");
    assertThat(report.lines().getFirst().getString("remedy")).contains("token-broker.token.issuer");
    assertThat(report.code()).isEqualTo(1);
  }

  @Test
  void a_broker_without_keys_says_so() throws IOException {
    documents.put(DoctorBench.DISCOVERY, "503");

    Report report = report(serving(false), "--broker-http", http.getAuthority());

    assertThat(report.codes()).containsExactly("SIGNING_KEY_UNAVAILABLE");
    assertThat(report.code()).isEqualTo(1);
  }

  @Test
  void a_key_is_not_named_by_its_thumbprint() throws IOException {
    documents.put(
        "/.well-known/jwks.json",
        new JsonObject(Map.of("keys", List.of(DoctorBench.KEY.jwk()))).encode());

    Report report = report(serving(false), "--broker-http", http.getAuthority());

    assertThat(report.codes()).containsExactly("KEY_NAME_NOT_THUMBPRINT");
    assertThat(report.lines().getFirst().getString("detail")).endsWith("key-1");
    assertThat(report.code()).isEqualTo(1);
  }

  // --- replicas

  @Test
  void replicas_that_agree_pass() throws IOException {
    documents.put("/replicas", replicas(""));

    Report report = report(serving(false), withReplicas());

    assertThat(report.lines()).isEmpty();
    assertThat(report.code()).isZero();
  }

  @Test
  void facts_that_are_not_equal_at_all_replicas_are_a_warning() throws IOException {
    documents.put("/replicas", replicas("\"revision\",\"keys\""));

    Report report = report(serving(false), withReplicas());

    assertThat(report.codes()).containsExactly("REPLICAS_DIFFER");
    assertThat(report.lines().getFirst().getString("detail"))
        .isEqualTo("not equal at all replicas: revision, keys");
    assertThat(report.code()).isZero();
  }

  @Test
  void a_token_without_the_scope_skips_the_replicas() throws IOException {
    documents.put("/replicas", "401");

    Report report = report(serving(false), withReplicas());

    assertThat(report.lines()).isEmpty();
    assertThat(report.json().encode())
        .contains("/replicas answers 401")
        .doesNotContain("caller-token");
    assertThat(report.code()).isZero();
  }

  private String[] withReplicas() throws IOException {
    return new String[] {
      "--broker-http", http.getAuthority(), "--authorization-file", write("caller", "caller-token")
    };
  }

  private static String replicas(String unequal) {
    return """
    {"shared":true,"silence_seconds":0,"left_out":0,"unequal_facts":[%s],"replicas":[
      {"id":"1","name":"one","self":true,"ready":true},{"id":"2","name":"two","ready":true}]}
    """
        .formatted(unequal);
  }

  // --- end to end

  @Test
  void exchanges_revokes_and_shows_nothing_of_a_token() throws IOException {
    Ran ran =
        endToEnd(
            serving(false), "--authorization-file", write("caller", "caller-token"), "-o", "json");

    assertThat(ran.code()).as(ran.all()).isZero();
    assertThat(broker.revoked).containsExactly(TOKEN);
    assertThat(ran.all()).doesNotContain(TOKEN, CREDENTIAL, "caller-token");
    assertThat(ran.out()).contains("SIGNATURE_INVALID");
  }

  @Test
  void a_refused_credential_has_the_reason_as_its_code() throws IOException {
    broker.reason = "AUDIENCE_MISMATCH";

    Report report = Report.of(1, endToEnd(serving(false), "-o", "json").out());

    assertThat(report.codes()).containsExactly("AUDIENCE_MISMATCH");
    assertThat(report.lines().getFirst().getString("remedy")).isEqualTo("do what helps");
    assertThat(broker.exchanged).isEmpty();
  }

  @Test
  void a_broker_that_accepts_a_broken_signature_fails() throws IOException {
    broker.gullible = true;

    Ran ran = endToEnd(serving(false), "-o", "json");

    assertThat(Report.of(ran.code(), ran.out()).codes()).containsExactly("FORGERY_ACCEPTED");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void an_exchange_fails_after_the_explanation() throws IOException {
    broker.failing = true;

    Ran ran = endToEnd(serving(false), "-o", "json");

    assertThat(Report.of(ran.code(), ran.out()).codes()).containsExactly("EXCHANGE_FAILED");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void a_revocation_is_refused() throws IOException {
    broker.revocable = false;

    Ran ran =
        endToEnd(
            serving(false), "--authorization-file", write("caller", "caller-token"), "-o", "json");

    assertThat(Report.of(ran.code(), ran.out()).codes()).containsExactly("REVOCATION_FAILED");
    assertThat(ran.code()).isEqualTo(1);
  }

  @Test
  void a_credential_that_can_be_used_once_is_explained_only() throws IOException {
    write("keys.json", new JsonObject(Map.of("keys", List.of(DoctorBench.KEY.jwk()))).encode());
    String document =
        write(
            "federation.yaml",
            DoctorBench.DOCUMENT
                .replaceFirst("tls: corp", "jwksFile: keys.json\n    once: true")
                .replaceFirst("(?s)upstreams:.*?targets:", "targets:")
                .replaceFirst("(?s)  - audience: orders.*?rules:", "rules:")
                .replaceFirst("(?s)  - name: order\n.*", "")
                .replace("ORIGIN", "https://issuer.example"));

    Ran ran = endToEnd(serving(false), "--federation", document, "-o", "json");

    assertThat(ran.code()).as(ran.all()).isZero();
    assertThat(broker.exchanged).isEmpty();
    assertThat(ran.out()).contains("the issuer has once: true");
  }

  @Test
  void no_exchange_is_tried_where_the_broker_does_not_answer() throws IOException {
    Report report = Report.of(1, endToEnd("localhost:1", "-o", "json").out());

    assertThat(report.codes()).containsExactly("BROKER_UNREACHABLE");
    assertThat(report.json().encode()).contains("the broker does not answer");
  }

  private Ran endToEnd(String address, String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of(
                "doctor",
                "--broker",
                address,
                "--timeout",
                PATIENCE,
                "--credential",
                write("credential", CREDENTIAL),
                "--audience",
                "payments-api"));
    args.addAll(List.of(more));
    return new Shell().run(args.toArray(String[]::new));
  }

  private Report report(String address, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("doctor", "--broker", address, "--timeout", PATIENCE, "-o", "json"));
    args.addAll(List.of(more));
    Ran ran = new Shell().run(args.toArray(String[]::new));
    return Report.of(ran.code(), ran.out());
  }

  private String write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private String serving(boolean reflection) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(health.getHealthService())
            .addService(broker);
    if (reflection) {
      builder.addService(ProtoReflectionServiceV1.newInstance());
    }
    Server server = builder.build().start();
    started.add(server);
    health.setStatus(TokenBrokerGrpc.SERVICE_NAME, ServingStatus.SERVING);
    return "localhost:" + server.getPort();
  }

  private void answer(HttpServerRequest asked) {
    String path = String.valueOf(asked.path());
    String document =
        documents.getOrDefault(
            path,
            path.equals(DoctorBench.DISCOVERY)
                ? "{\"issuer\":\"https://broker.example\",\"jwks_uri\":\"https://broker.example/k\"}"
                : keys());
    if (document.matches("\\d{3}")) {
      asked.response().setStatusCode(Integer.parseInt(document)).end();
    } else {
      asked.response().end(document);
    }
  }

  private static String keys() {
    try {
      Map<String, Object> jwk = new HashMap<>(DoctorBench.KEY.jwk());
      jwk.put("kid", JWK.parse(jwk).computeThumbprint().toString());
      return new JsonObject(Map.of("keys", List.of(jwk))).encode();
    } catch (ParseException | JOSEException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Accepts {@link #CREDENTIAL} alone, unless it is told otherwise. */
  private static final class FakeTokenBroker extends TokenBrokerGrpc.TokenBrokerImplBase {

    private final List<String> exchanged = new ArrayList<>();
    private final List<String> revoked = new ArrayList<>();
    private String reason = "";
    private boolean gullible;
    private boolean failing;
    private boolean revocable = true;

    @Override
    public void explainExchange(ExplainExchangeRequest request, StreamObserver<Verdict> answer) {
      boolean genuine = request.getExchange().getSubjectToken().equals(CREDENTIAL);
      String why = genuine || gullible ? reason : "SIGNATURE_INVALID";
      answer.onNext(
          Verdict.newBuilder()
              .setId("v1")
              .setOutcome(why.isEmpty() ? Outcome.OUTCOME_ACCEPTED : Outcome.OUTCOME_REFUSED)
              .setReason(why)
              .setRemedy(why.isEmpty() ? "" : "do what helps")
              .setIssuer("corp")
              .setEvaluationTime(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
              .build());
      answer.onCompleted();
    }

    @Override
    public void exchangeToken(
        ExchangeTokenRequest request, StreamObserver<ExchangeTokenResponse> answer) {
      exchanged.add(request.getAudience());
      if (failing) {
        answer.onError(Status.UNAVAILABLE.withDescription("no key").asRuntimeException());
        return;
      }
      answer.onNext(
          ExchangeTokenResponse.newBuilder().setAccessToken(TOKEN).setTokenType("Bearer").build());
      answer.onCompleted();
    }

    @Override
    public void revokeToken(
        RevokeTokenRequest request, StreamObserver<RevokeTokenResponse> answer) {
      if (!revocable) {
        answer.onError(Status.PERMISSION_DENIED.asRuntimeException());
        return;
      }
      revoked.add(request.getToken());
      answer.onNext(RevokeTokenResponse.getDefaultInstance());
      answer.onCompleted();
    }
  }
}
