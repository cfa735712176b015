package dev.tokenbroker.drill;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * An OpenID provider on loopback each of whose documents can be replaced by any other reply. Safe
 * for use by several threads.
 */
final class DrillIssuer implements AutoCloseable {

  static final String DISCOVERY = "/.well-known/openid-configuration";
  static final String JWKS = "/jwks.json";

  private final FakeServer server;
  private final TestKey key = TestKey.generate("key-1", SigningAlgorithm.ES256);
  private final Map<String, Reply> replies = new ConcurrentHashMap<>();
  private final Map<String, Object> discovery = new ConcurrentHashMap<>();
  private volatile Duration ahead = Duration.ZERO;

  private DrillIssuer(Function<FakeServer.Handler, FakeServer> start) {
    this.server = start.apply(this::reply);
    keys(key.jwk());
  }

  static DrillIssuer start(SSLContext certificate) {
    return new DrillIssuer(handler -> FakeServer.startTls(certificate, handler));
  }

  /** One that ends connections without a client certificate. */
  static DrillIssuer startMutual(SSLContext certificate) {
    return new DrillIssuer(handler -> FakeServer.startMutualTls(certificate, handler));
  }

  String origin() {
    return server.origin();
  }

  TestKey key() {
    return key;
  }

  /** How far its clock is ahead, in the header Date; negative for behind. */
  void clockAhead(Duration offset) {
    ahead = offset;
  }

  void answer(String path, Reply reply) {
    replies.put(path, reply);
  }

  /** Gives a member of the discovery document; ORIGIN stands for the issuer. */
  void discovery(String member, Object value) {
    discovery.put(member, value);
  }

  /** Publishes these keys, each a JWK. */
  void keys(Object... jwks) {
    keys(Map.of(), jwks);
  }

  /** The same with further headers. */
  void keys(Map<String, String> headers, Object... jwks) {
    answer(JWKS, json(200, headers, JSONObjectUtils.toJSONString(Map.of("keys", List.of(jwks)))));
  }

  /** JSON with the present as its Date, unless the headers say otherwise. */
  Reply json(int status, Map<String, String> headers, String body) {
    return connection -> {
      Map<String, String> all = new HashMap<>(headers);
      all.putIfAbsent("Date", date(ahead));
      Reply.json(status, all, body).write(connection);
    };
  }

  static Reply page(int status) {
    return Reply.page(status);
  }

  static String date(Duration ahead) {
    return FakeServer.date(Instant.now().plus(ahead));
  }

  /** A credential of five minutes, signed by nothing yet. */
  TestCredential credential() {
    return credential(key);
  }

  /** The same by another key. */
  TestCredential credential(TestKey by) {
    long now = Instant.now().getEpochSecond();
    return TestCredential.of(by)
        .claim("iss", origin())
        .claim("aud", FakeIssuer.AUDIENCE)
        .claim("nbf", now)
        .claim("iat", now)
        .claim("exp", now + 300)
        .claim("jti", Long.toString(System.nanoTime()));
  }

  @Override
  public void close() {
    server.close();
  }

  private Reply reply(FakeServer.Request request) {
    Reply scripted = replies.get(request.target());
    if (scripted != null) {
      return scripted;
    }
    return request.target().equals(DISCOVERY)
        ? json(200, Map.of(), discoveryDocument())
        : json(404, Map.of(), "{}");
  }

  private String discoveryDocument() {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("issuer", "ORIGIN");
    members.put("jwks_uri", "ORIGIN" + JWKS);
    members.putAll(discovery);
    return JSONObjectUtils.toJSONString(members).replace("ORIGIN", origin());
  }
}
