package dev.tokenbroker.drill;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Http;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.TokenBrokerGrpc;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;

/** The running broker, as its callers, its operators and Prometheus meet it. */
final class DrilledBroker implements AutoCloseable {

  /** Of the tokens that the broker mints. */
  static final String ISSUER = "https://broker.example";

  private static final String EXCHANGE = "/tokenbroker.v1.TokenBroker/ExchangeToken";

  private final BrokerProcess process;
  private final BrokerClient grpc;
  private final HttpClient client = HttpClient.newHttpClient();
  private final TokenClient http;
  private final TestKey holder = TestKey.generate("holder", SigningAlgorithm.ES256);
  private final String operator;

  /**
   * @param operator a credential that is exchanged for an operator's token
   */
  DrilledBroker(BrokerProcess process, String operator) {
    this.process = process;
    this.grpc = process.client();
    this.http = new TokenClient(process.uri("/"), client);
    this.operator = mint(operator, "token-broker");
  }

  /** A token of the broker for that target. */
  String mint(String credential, String target) {
    return grpc.exchange(
            ExchangeTokenRequest.newBuilder()
                .setAudience(target)
                .setSubjectToken(credential)
                .build())
        .granted()
        .getAccessToken();
  }

  /**
   * What a caller got.
   *
   * @param reason empty for a token
   * @param text all that came: status, description, headers and details
   */
  record Got(String reason, String verdictId, String text) {

    /** Whether the caller may know the step that failed, since its credential is verified. */
    boolean isDisclosed() {
      return text.contains("step=");
    }
  }

  Got call(Fault.Edge edge, Scene scene) {
    return switch (edge) {
      case GRPC -> overGrpc(scene);
      case HTTP -> overHttp(scene);
    };
  }

  private Got overGrpc(Scene scene) {
    ExchangeTokenRequest.Builder request =
        ExchangeTokenRequest.newBuilder()
            .setAudience(scene.audience())
            .setSubjectToken(scene.credential())
            .setClientAssertion(scene.assertion());
    if (!scene.scope().isEmpty()) {
      request.addScopes(scene.scope());
    }
    Metadata headers = new Metadata();
    if (scene.proof() != null) {
      put(headers, "dpop", proof(scene, "https://broker.example" + EXCHANGE));
    }
    if (!scene.basic().isEmpty()) {
      put(headers, "authorization", scene.basic());
    }
    if (!scene.timeout().isEmpty()) {
      put(headers, "grpc-timeout", scene.timeout());
    }
    TokenBrokerGrpc.TokenBrokerBlockingStub stub =
        TokenBrokerGrpc.newBlockingStub(grpc.channel())
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    try {
      return new Got("", "", stub.exchangeToken(request.build()).getVerdictId());
    } catch (StatusRuntimeException refused) {
      BrokerClient.Answer answer = BrokerClient.refused(refused);
      return new Got(
          answer.reason(), answer.facts().getOrDefault("verdict_id", ""), answer.toString());
    }
  }

  private Got overHttp(Scene scene) {
    TokenClient.Form form = form(scene).set("audience", scene.audience());
    if (!scene.scope().isEmpty()) {
      form.add("scope", scene.scope());
    }
    TokenClient.Answer answer =
        http.post(
            form,
            request -> {
              if (!scene.basic().isEmpty()) {
                request.header("Authorization", scene.basic());
              }
              return scene.proof() == null
                  ? request
                  : request.header("DPoP", proof(scene, "https://broker.example/token"));
            });
    return new Got(
        answer.text("reason"),
        answer.text("verdict_id"),
        answer.status() == 200 ? "" : answer.toString());
  }

  private static TokenClient.Form form(Scene scene) {
    if (scene.clientId() != null) {
      return TokenClient.clientOf(scene.credential()).add("client_id", scene.clientId());
    }
    TokenClient.Form form = TokenClient.exchangeOf(scene.credential());
    String assertion = scene.assertion();
    return assertion.isEmpty()
        ? form
        : form.add("client_assertion", assertion)
            .add("client_assertion_type", TokenClient.CLIENT_ASSERTION_TYPE);
  }

  private String proof(Scene scene, String uri) {
    TestProof good = TestProof.of(holder, "POST", uri, Instant.now());
    return scene.proof() == null ? "" : scene.proofText().apply(scene.proof().apply(good).signed());
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  /** The whole verdict, as an operator reads it. */
  ReadVerdict verdict(String id) {
    HttpResponse<String> found = get(process.uri("/verdicts/" + id), "Bearer " + operator);
    if (found.statusCode() != 200) {
      throw new AssertionError("no verdict " + id + ": " + found.statusCode() + found.body());
    }
    try {
      return new ReadVerdict(JSONObjectUtils.parse(found.body()));
    } catch (java.text.ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  /** All meters now, a line each. */
  List<String> meters() {
    return get(management("/q/metrics"), "none").body().lines().toList();
  }

  /** The revision in force. */
  String revision() {
    return meters().stream()
        .filter(line -> line.startsWith("tokenbroker_federation_info{") && line.endsWith(" 1.0"))
        .map(line -> line.replaceAll(".*revision=\"(\\w+)\".*", "$1"))
        .findFirst()
        .orElseThrow();
  }

  /** Revokes a token of the broker. */
  void revoke(String token) {
    TokenClient.Answer answer =
        http.post(
            new TokenClient.Form().add("token", token),
            request ->
                request.uri(process.uri("/revoke")).header("Authorization", "Bearer " + operator));
    if (answer.status() != 200) {
      throw new AssertionError(answer.toString());
    }
  }

  BrokerProcess process() {
    return process;
  }

  private URI management(String path) {
    return URI.create("http://127.0.0.1:" + process.managementPort() + path);
  }

  HttpResponse<String> get(URI uri, String authorization) {
    return Http.get(uri, "Authorization", authorization);
  }

  @Override
  public void close() {
    grpc.close();
    http.close();
    process.close();
  }
}
