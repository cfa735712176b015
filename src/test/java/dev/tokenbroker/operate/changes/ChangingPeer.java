package dev.tokenbroker.operate.changes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * An issuer and token service at {@code https://localhost:PORT}, whose keys, metadata, certificate,
 * clock and claims a test changes while the broker calls it. It publishes two keys and signs with
 * the first. Each change holds from the next request on. Safe for use by several threads.
 */
final class ChangingPeer implements AutoCloseable {

  static final String AUDIENCE = "https://broker.acme.example";
  static final String SUBJECT = "repo:acme/payments:ref:refs/heads/main";
  static final String CLIENT_ID = "token-broker";
  static final String SECRET = "s3cret";

  private static final Duration LIFE = Duration.ofMinutes(5);

  private final FakeServer server;
  private final Map<String, Object> metadata = new LinkedHashMap<>();
  private final List<TestKey> published = new ArrayList<>();
  private final Map<String, Object> claims = new LinkedHashMap<>();
  private volatile SSLContext tls;
  private int keyNames;
  private TestKey former;
  private TestKey signing;
  private String keysPath = "/jwks.json";
  private String tokenPath = "/token";
  private Duration ahead = Duration.ZERO;
  private boolean down;

  ChangingPeer(TestTls authority) {
    this.tls = certificate(authority, Duration.ofDays(90));
    this.server = FakeServer.startTls(() -> tls, this::answer);
    this.signing = publishKey();
    this.former = signing;
    publishKey();
    claims.put("sub", SUBJECT);
    claims.put("aud", AUDIENCE);
    claims.put("repository", "acme/payments");
    claims.put("repository_id", "42");
  }

  String issuer() {
    return server.origin();
  }

  // --- changes of keys

  private TestKey publishKey() {
    TestKey key = TestKey.generate("key-" + ++keyNames, SigningAlgorithm.ES256);
    published.add(key);
    return key;
  }

  /** Signs with a new key and goes on publishing the others. */
  synchronized void addKey() {
    former = signing;
    signing = publishKey();
  }

  /** Signs with a new key and publishes the one before no longer. */
  synchronized void rotateKey() {
    published.remove(signing);
    addKey();
  }

  /** Publishes the key that signs nothing no longer. */
  synchronized void removeSpareKey() {
    published.removeIf(key -> !key.equals(signing));
  }

  /** Signs with another key of the same name. */
  synchronized void replaceKey() {
    former = signing;
    signing = TestKey.generate(former.kid(), SigningAlgorithm.ES256);
    published.set(published.indexOf(former), signing);
  }

  /** Publishes two other keys. */
  synchronized void replaceKeySet() {
    published.clear();
    addKey();
    publishKey();
  }

  /** Serves the key set at another path only. */
  synchronized void moveKeys(String path) {
    keysPath = path;
  }

  // --- changes of other things

  /** Changes a member of the discovery document. */
  synchronized void metadata(String member, Object value) {
    metadata.put(member, value);
  }

  /** Serves the token endpoint at another path only. */
  synchronized void moveTokenEndpoint(String path) {
    tokenPath = path;
  }

  /** Answers token requests with 503, or as before. */
  synchronized void down(boolean isDown) {
    down = isDown;
  }

  /** Presents a new certificate by that authority. */
  void certify(TestTls authority, Duration validity) {
    tls = certificate(authority, validity);
  }

  private static SSLContext certificate(TestTls authority, Duration validity) {
    Instant now = Instant.now();
    return authority.server(
        now.minus(Duration.ofDays(2)), now.plus(validity), "localhost", "127.0.0.1");
  }

  /** Sets the clock behind the Date header and the times in credentials. */
  synchronized void setClockAhead(Duration time) {
    ahead = time;
  }

  /** Changes a claim of later credentials. */
  synchronized void claim(String name, Object value) {
    claims.put(name, value);
  }

  /** Leaves a claim out of later credentials. */
  synchronized void removeClaim(String name) {
    claims.remove(name);
  }

  // --- credentials

  /** A request for that audience with a new credential of now. */
  synchronized ExchangeTokenRequest request(String audience) {
    return request(audience, signing, _ -> {});
  }

  /** The same by the key that signed before the last change of keys. */
  synchronized ExchangeTokenRequest formerRequest(String audience) {
    return request(audience, former, _ -> {});
  }

  /** The same with other claims. */
  synchronized ExchangeTokenRequest request(
      String audience, Consumer<Map<String, Object>> changed) {
    return request(audience, signing, changed);
  }

  /** The same by a key that was never published. */
  synchronized ExchangeTokenRequest forgedRequest(String audience) {
    return request(audience, TestKey.generate("no-such-key", SigningAlgorithm.ES256), _ -> {});
  }

  private ExchangeTokenRequest request(
      String audience, TestKey key, Consumer<Map<String, Object>> changed) {
    long now = Instant.now().plus(ahead).getEpochSecond();
    Map<String, Object> all = new LinkedHashMap<>(claims);
    all.put("iss", issuer());
    all.put("iat", now);
    all.put("exp", now + LIFE.toSeconds());
    all.put("jti", UUID.randomUUID().toString());
    changed.accept(all);
    String header = TestCredential.of(key).headerJson();
    return ExchangeTokenRequest.newBuilder()
        .setAudience(audience)
        .setSubjectToken(TestCredential.sign(header, JSONObjectUtils.toJSONString(all), key))
        .build();
  }

  // --- answers

  private synchronized Reply answer(FakeServer.Request request) {
    String target = request.target();
    if (target.equals("/.well-known/openid-configuration")) {
      return json(200, JSONObjectUtils.toJSONString(discovery()));
    }
    if (target.equals(keysPath)) {
      return json(
          200,
          JSONObjectUtils.toJSONString(
              Map.of("keys", published.stream().map(TestKey::jwk).toList())));
    }
    return target.equals(tokenPath)
        ? token(request)
        : Reply.of(404, Map.of("Content-Type", "text/plain"), "no such page");
  }

  private Map<String, Object> discovery() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("issuer", issuer());
    document.put("jwks_uri", issuer() + keysPath);
    document.put("token_endpoint", issuer() + tokenPath);
    document.put("response_types_supported", List.of("id_token"));
    document.put("subject_types_supported", List.of("public"));
    document.put("id_token_signing_alg_values_supported", List.of("ES256"));
    document.putAll(metadata);
    return document;
  }

  private Reply token(FakeServer.Request request) {
    if (down) {
      return Reply.of(503, Map.of(), "");
    }
    String authorized =
        "Basic " + Base64.getEncoder().encodeToString((CLIENT_ID + ":" + SECRET).getBytes(UTF_8));
    return authorized.equals(request.headers().get("authorization"))
        ? json(200, "{\"access_token\":\"opaque\",\"token_type\":\"Bearer\",\"expires_in\":120}")
        : json(401, "{\"error\":\"invalid_client\"}");
  }

  private Reply json(int status, String body) {
    String date = FakeServer.date(Instant.now().plus(ahead));
    return Reply.json(status, Map.of("Date", date), body);
  }

  @Override
  public void close() {
    server.close();
  }
}
