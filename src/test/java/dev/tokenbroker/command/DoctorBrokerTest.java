package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import dev.tokenbroker.command.DoctorBench.Report;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.edges.http.guard.LocalHttp;
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
    assertPasses(report(serving(false), overHttp()));
  }

  @Test
  void nothing_listens() {
    assertNamed(report("localhost:1"), 1, "BROKER_UNREACHABLE", "");
  }

  @Test
  void another_server_listens() {
    assertNamed(
        report(http.getAuthority()), 1, "BROKER_NOT_ONE", "\"remedy\":\"Give the gRPC port");
  }

  @Test
  void the_broker_does_not_serve() throws IOException {
    String address = serving(false);
    health.setStatus(TokenBrokerGrpc.SERVICE_NAME, ServingStatus.NOT_SERVING);

    assertNamed(report(address), 1, "BROKER_NOT_SERVING", "/q/health/ready");
  }

  @Test
  void reflection_is_a_warning() throws IOException {
    String remedy = "\"remedy\":\"Set token-broker.grpc.reflection=false.\"";

    assertNamed(report(serving(true)), 0, "REFLECTION_ON", remedy);
  }

  @Test
  void the_metadata_names_a_key_set_on_the_host_of_the_reader() throws IOException {
    documents.put(
        DoctorBench.DISCOVERY,
        "{\"issuer\":\"https://broker.example\",\"jwks_uri\":\"https://localhost/jwks\"}");

    Report report = report(serving(false), overHttp());

    assertNamed(report, 1, "METADATA_INVALID", "token-broker.token.issuer");
  }

  @Test
  void a_broker_without_keys_says_so() throws IOException {
    documents.put(DoctorBench.DISCOVERY, "503");

    assertNamed(report(serving(false), overHttp()), 1, "SIGNING_KEY_UNAVAILABLE", "");
  }

  @Test
  void a_key_is_not_named_by_its_thumbprint() throws IOException {
    documents.put("/.well-known/jwks.json", keySet(DoctorBench.KEY.jwk()));

    assertNamed(report(serving(false), overHttp()), 1, "KEY_NAME_NOT_THUMBPRINT", "key-1\"");
  }

  private static void assertPasses(Report report) {
    assertThat(report.lines()).isEmpty();
    assertThat(report.code()).isZero();
  }

  private static void assertNamed(Report report, int exit, String code, String told) {
    assertThat(report.codes()).containsExactly(code);
    assertThat(report.lines().getFirst().encode()).contains(told);
    assertThat(report.code()).isEqualTo(exit);
  }

  // --- end to end

  @Test
  void exchanges_revokes_and_shows_nothing_of_a_token() throws IOException {
    Ran ran = run(serving(false), exchanging(), asCaller());

    assertThat(ran.code()).as(ran.all()).isZero();
    assertThat(broker.revoked).containsExactly(TOKEN);
    assertThat(ran.all()).doesNotContain(TOKEN, CREDENTIAL, "caller-token");
  }

  @Test
  void a_refused_credential_has_the_reason_as_its_code() throws IOException {
    broker.reason = "AUDIENCE_MISMATCH";
    String remedy = "\"remedy\":\"do what helps\"";

    assertNamed(report(serving(false), exchanging()), 1, "AUDIENCE_MISMATCH", remedy);
    assertThat(broker.exchanged).isEmpty();
  }

  @Test
  void an_exchange_fails_after_the_explanation() throws IOException {
    broker.failing = true;

    assertNamed(report(serving(false), exchanging()), 1, "EXCHANGE_FAILED", "");
  }

  @Test
  void a_revocation_is_refused() throws IOException {
    broker.revocable = false;

    assertNamed(report(serving(false), exchanging(), asCaller()), 1, "REVOCATION_FAILED", "");
  }

  @Test
  void a_credential_that_can_be_used_once_is_explained_only() throws IOException {
    write("keys.json", keySet(DoctorBench.KEY.jwk()));
    String document =
        write(
            "federation.yaml",
            DoctorBench.DOCUMENT
                .replaceFirst("tls: corp", "jwksFile: keys.json\n    once: true")
                .replaceFirst("(?s)upstreams:.*?targets:", "targets:")
                .replaceFirst("(?s)  - audience: orders.*?rules:", "rules:")
                .replaceFirst("(?s)  - name: order\n.*", "")
                .replace("ORIGIN", "https://issuer.example"));

    Ran ran = run(serving(false), exchanging(), "--federation " + document);

    assertThat(ran.code()).as(ran.all()).isZero();
    assertThat(broker.exchanged).isEmpty();
    assertThat(ran.out()).contains("the issuer has once: true");
  }

  @Test
  void no_exchange_is_tried_where_the_broker_does_not_answer() throws IOException {
    Report report = report("localhost:1", exchanging());

    assertNamed(report, 1, "BROKER_UNREACHABLE", "");
    assertThat(report.json().encode()).contains("the broker does not answer");
  }

  private String exchanging() throws IOException {
    return "--audience payments-api --credential " + write("credential", CREDENTIAL);
  }

  private String asCaller() throws IOException {
    return "--authorization-file " + write("caller", "caller-token");
  }

  private String overHttp() {
    return "--broker-http " + http.getAuthority();
  }

  private static Report report(String address, String... more) {
    Ran ran = run(address, more);
    return Report.of(ran.code(), ran.out());
  }

  private static Ran run(String address, String... more) {
    String line = "doctor -o json --timeout " + PATIENCE + " --broker " + address;
    return new Shell().line((line + " " + String.join(" ", more)).strip());
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
      return keySet(jwk);
    } catch (ParseException | JOSEException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static String keySet(Map<String, Object> jwk) {
    return new JsonObject(Map.of("keys", List.of(jwk))).encode();
  }

  /** Accepts {@link #CREDENTIAL} alone, unless it is told otherwise. */
  private static final class FakeTokenBroker extends TokenBrokerGrpc.TokenBrokerImplBase {

    private final List<String> exchanged = new ArrayList<>();
    private final List<String> revoked = new ArrayList<>();
    private String reason = "";
    private boolean failing;
    private boolean revocable = true;

    @Override
    public void explainExchange(ExplainExchangeRequest request, StreamObserver<Verdict> answer) {
      boolean genuine = request.getExchange().getSubjectToken().equals(CREDENTIAL);
      String why = genuine ? reason : "SIGNATURE_INVALID";
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
