package dev.tokenbroker.kubernetes;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/**
 * The API server of a cluster that calls itself as all clusters do: it answers authenticated
 * callers only, and names an internal address as its {@code jwks_uri}. Each path can be given
 * another reply. Safe for use by several threads.
 */
final class FakeApiServer implements AutoCloseable {

  /** The issuer of every cluster made by kubeadm. */
  static final String ISSUER = "https://kubernetes.default.svc.cluster.local";

  static final String DISCOVERY = "/.well-known/openid-configuration";
  static final String KEYS = "/openid/v1/jwks";
  static final String REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";

  private final FakeServer server;
  private final Map<String, Reply> scripted = new ConcurrentHashMap<>();
  private final List<Map<String, Object>> reviews = new CopyOnWriteArrayList<>();
  private volatile String accepted = "";
  private volatile TestKey key;

  private FakeApiServer(SSLContext tls, TestKey key) {
    this.key = key;
    this.server = FakeServer.startTls(tls, this::reply);
  }

  static FakeApiServer start(SSLContext tls, String kid) {
    return new FakeApiServer(tls, TestKey.generate(kid, SigningAlgorithm.ES256));
  }

  String origin() {
    return server.origin();
  }

  TestKey key() {
    return key;
  }

  /** Publishes another key instead. */
  void rotateKey(String kid) {
    key = TestKey.generate(kid, SigningAlgorithm.ES256);
  }

  /** Accepts that token of callers, and no other. */
  void accept(String token) {
    accepted = token;
  }

  void answer(String path, Reply reply) {
    scripted.put(path, reply);
  }

  void recover(String path) {
    scripted.remove(path);
  }

  /** How often that path was asked for, authenticated or not. */
  int calls(String path) {
    return (int) paths().stream().filter(path::equals).count();
  }

  /** Fetches of both documents. */
  int fetches() {
    return calls(DISCOVERY) + calls(KEYS);
  }

  /** The reviews that authenticated callers asked for. */
  List<Map<String, Object>> reviews() {
    return List.copyOf(reviews);
  }

  /** All paths that were asked for. */
  List<String> paths() {
    return server.requests().stream().map(Request::target).toList();
  }

  /** A service account token of the cluster for those audiences, signed by nothing yet. */
  TestCredential credential(TestKey by, String... audiences) {
    long now = Instant.now().getEpochSecond();
    return TestCredential.of(by)
        .claim("iss", ISSUER)
        .claim("sub", "system:serviceaccount:shop:cart")
        .claim("aud", List.of(audiences))
        .claim("nbf", now)
        .claim("iat", now)
        .claim("exp", now + 600)
        .claim("jti", Long.toString(System.nanoTime()));
  }

  String credential(String audience) {
    return credential(key, audience).sign();
  }

  static Reply json(int status, String body) {
    return Reply.json(status, body);
  }

  static Reply page(int status) {
    return Reply.page(status);
  }

  /** A TokenReview with that status. */
  static Reply reviewed(String status) {
    return json(
        201,
        """
        {"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1",
         "metadata": {"creationTimestamp": null}, "spec": {"token": "x"}, "status": %s}"""
            .formatted(status));
  }

  private Reply reply(Request request) {
    if (!Objects.equals(request.headers().get("authorization"), "Bearer " + accepted)) {
      return json(401, "{\"kind\": \"Status\", \"code\": 401, \"reason\": \"Unauthorized\"}");
    }
    Reply other = scripted.get(request.target());
    if (request.target().equals(REVIEWS)) {
      reviews.add(object(request.body()));
    }
    if (other != null) {
      return other;
    }
    return switch (request.target()) {
      case DISCOVERY ->
          json(
              200,
              JSONObjectUtils.toJSONString(
                  Map.of(
                      "issuer",
                      ISSUER,
                      "jwks_uri",
                      "https://192.168.10.4:6443/openid/v1/jwks",
                      "id_token_signing_alg_values_supported",
                      List.of("ES256"))));
      case KEYS -> json(200, JSONObjectUtils.toJSONString(Map.of("keys", List.of(key.jwk()))));
      case REVIEWS -> reviewed(JSONObjectUtils.toJSONString(accepting(request)));
      default -> json(404, "{\"kind\": \"Status\", \"code\": 404}");
    };
  }

  private static Map<String, Object> accepting(Request request) {
    Map<?, ?> spec = (Map<?, ?>) Objects.requireNonNull(object(request.body()).get("spec"));
    return Map.of(
        "authenticated", true,
        "user", Map.of("username", "system:serviceaccount:shop:cart"),
        "audiences", Objects.requireNonNull(spec.get("audiences")));
  }

  private static Map<String, Object> object(String json) {
    try {
      return JSONObjectUtils.parse(json);
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
