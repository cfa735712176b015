package dev.tokenbroker.judge.issuer;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID provider on loopback that can rotate its keys, stall and lie; and signs credentials.
 *
 * <p>Every change holds from the next request on. Safe for use by several threads.
 */
public final class FakeIssuer implements AutoCloseable {

  /** The audience of the credentials it signs unless told otherwise. */
  public static final String AUDIENCE = "https://broker.acme.example";

  /** How a document is answered. */
  public enum Answer {
    /** As it should be. */
    GOOD,
    /** The connection is held and nothing comes. */
    HANG,
    /** The connection is closed without a word. */
    DROP,
    /** 200 with a web page. */
    HTML,
    /** 500 whose body is the very document that is asked for. */
    SERVER_ERROR,
    /** 404. */
    NOT_FOUND,
    /** 200 without a body. */
    EMPTY,
    /** 200 with 10 MB. */
    HUGE,
    /** 200 with the JSON object {@code {}}. */
    WRONG_CONTENT,
    /** 200 with {@code {"keys":[]}}. */
    NO_KEYS,
    /** 200 with a document cut in the middle. */
    TRUNCATED,
    /** 302 to the same path on another host. */
    REDIRECT_ELSEWHERE
  }

  private final FakeServer server;
  private final @Nullable TestTls tls;
  private final AtomicInteger keyRequests = new AtomicInteger();
  private final AtomicInteger discoveryRequests = new AtomicInteger();
  private final AtomicInteger keyNames = new AtomicInteger();
  private final List<TestKey> published = new ArrayList<>();
  private TestKey signing;
  private Answer keyAnswer = Answer.GOOD;
  private Answer discoveryAnswer = Answer.GOOD;
  private @Nullable String discoveryIssuer;
  private String jwksPath = "/jwks.json";
  private @Nullable String cacheControl;
  private @Nullable Duration age;
  private InstantSource clock = InstantSource.system();
  private Duration clockOffset = Duration.ZERO;

  private FakeIssuer(@Nullable TestTls tls) {
    this.tls = tls;
    this.signing = TestKey.generate(nextKid(), SigningAlgorithm.ES256);
    this.published.add(signing);
    this.server =
        FakeServer.start(tls == null ? null : tls.server("localhost", "127.0.0.1"), this::answer);
  }

  /** Starts one at {@code http://127.0.0.1:PORT}, with one ES256 key. */
  public static FakeIssuer start() {
    return new FakeIssuer(null);
  }

  /** Starts one at {@code https://localhost:PORT} whose root certificate nobody knows yet. */
  public static FakeIssuer startTls() {
    return startTls(TestTls.generate());
  }

  /** The same, by that authority. */
  public static FakeIssuer startTls(TestTls authority) {
    return new FakeIssuer(authority);
  }

  /** Its issuer identifier: the URL without a trailing slash. */
  public String issuer() {
    return server.origin();
  }

  public synchronized URI jwksUri() {
    return URI.create(server.origin() + jwksPath);
  }

  /** The authority behind its certificate. */
  public TestTls tls() {
    if (tls == null) {
      throw new IllegalStateException("started without TLS");
    }
    return tls;
  }

  // --- keys

  /** The name of the key that signs now. */
  public synchronized String kid() {
    return signing.kid();
  }

  /** Signs with a new key and no longer publishes the others; returns the new name. */
  public String rotate() {
    return rotate(SigningAlgorithm.ES256);
  }

  public synchronized String rotate(SigningAlgorithm algorithm) {
    published.clear();
    return addKey(algorithm);
  }

  /** Signs with a new key of the same name, and publishes that one only. */
  public synchronized void replaceKey() {
    published.clear();
    signing = TestKey.generate(signing.kid(), SigningAlgorithm.ES256);
    published.add(signing);
  }

  /** Signs with a new key and goes on publishing the others; returns the new name. */
  public synchronized String addKey(SigningAlgorithm algorithm) {
    signing = TestKey.generate(nextKid(), algorithm);
    published.add(signing);
    return signing.kid();
  }

  /** The key that signs now. */
  public synchronized TestKey key() {
    return signing;
  }

  /** The key set as it is published, JSON. */
  public synchronized String jwks() {
    return JSONObjectUtils.toJSONString(
        Map.of("keys", published.stream().map(TestKey::jwk).toList()));
  }

  // --- behaviour

  /** How both documents are answered from now on. */
  public synchronized void answer(Answer answer) {
    keyAnswer = answer;
    discoveryAnswer = answer;
  }

  public synchronized void answerKeys(Answer answer) {
    keyAnswer = answer;
  }

  public synchronized void answerDiscovery(Answer answer) {
    discoveryAnswer = answer;
  }

  /** What the discovery document calls the issuer; null for the truth. */
  public synchronized void discoveryNames(@Nullable String issuer) {
    discoveryIssuer = issuer;
  }

  /** Serves the key set at another path only, and says so in the discovery document. */
  public synchronized void moveKeys(String path) {
    jwksPath = path;
  }

  /** The Cache-Control header of good answers; null for none. */
  public synchronized void cacheControl(@Nullable String value) {
    cacheControl = value;
  }

  /** The Age header of good answers, in whole seconds; null for none. */
  public synchronized void age(@Nullable Duration time) {
    age = time;
  }

  /** The clock behind the Date header and the times in credentials. */
  public synchronized void clock(InstantSource source) {
    clock = source;
  }

  /** How far its clock is ahead; negative for behind. */
  public synchronized void clockOffset(Duration ahead) {
    clockOffset = ahead;
  }

  // --- what was asked

  public int keyRequests() {
    return keyRequests.get();
  }

  public int discoveryRequests() {
    return discoveryRequests.get();
  }

  /** Requests for either document. */
  public int requests() {
    return keyRequests() + discoveryRequests();
  }

  // --- credentials

  /** A valid credential: five minutes, of a workload in repository acme/payments. */
  public String credential() {
    return credential(claims -> {});
  }

  /** A valid credential, changed. */
  public String credential(Consumer<Map<String, Object>> change) {
    return credential(header -> {}, change);
  }

  /** A valid credential whose header and claims are changed before it is signed. */
  public synchronized String credential(
      Consumer<Map<String, Object>> headerChange, Consumer<Map<String, Object>> claimsChange) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", signing.algorithm().jwaName());
    header.put("kid", signing.kid());
    header.put("typ", "JWT");
    headerChange.accept(header);
    Map<String, Object> claims = validClaims();
    claimsChange.accept(claims);
    return TestCredential.sign(
        JSONObjectUtils.toJSONString(header), JSONObjectUtils.toJSONString(claims), signing);
  }

  /** Stops it: connections are refused from now on. */
  @Override
  public void close() {
    server.close();
  }

  private Map<String, Object> validClaims() {
    long now = now().getEpochSecond();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", issuer());
    claims.put("sub", "repo:acme/payments:ref:refs/heads/main");
    claims.put("aud", AUDIENCE);
    claims.put("iat", now);
    claims.put("exp", now + 300);
    claims.put("repository", "acme/payments");
    claims.put("repository_id", "42");
    claims.put("ref", "refs/heads/main");
    return claims;
  }

  private synchronized Reply answer(FakeServer.Request request) {
    if (request.target().equals("/.well-known/openid-configuration")) {
      discoveryRequests.incrementAndGet();
      return reply(discoveryAnswer, request.target(), discoveryDocument());
    }
    keyRequests.incrementAndGet();
    Answer answer = request.target().equals(jwksPath) ? keyAnswer : Answer.NOT_FOUND;
    return reply(answer, request.target(), jwks());
  }

  private Reply reply(Answer answer, String path, String document) {
    return switch (answer) {
      case GOOD -> json(document);
      case HANG -> Reply.hang();
      case DROP -> Reply.drop();
      case HTML -> Reply.page(200);
      case SERVER_ERROR -> Reply.json(500, document);
      case NOT_FOUND -> Reply.json(404, "{}");
      case EMPTY -> json("");
      case HUGE -> json(" ".repeat(10 * 1024 * 1024));
      case WRONG_CONTENT -> json("{}");
      case NO_KEYS -> json("{\"keys\":[]}");
      case TRUNCATED -> json(document.substring(0, document.length() / 2));
      case REDIRECT_ELSEWHERE ->
          Reply.of(302, Map.of("Location", "https://elsewhere.example" + path), "");
    };
  }

  private Reply json(String document) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Date", FakeServer.date(now()));
    if (cacheControl != null) {
      headers.put("Cache-Control", cacheControl);
    }
    if (age != null) {
      headers.put("Age", Long.toString(age.toSeconds()));
    }
    return Reply.json(200, headers, document);
  }

  private String discoveryDocument() {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("issuer", discoveryIssuer == null ? issuer() : discoveryIssuer);
    document.put("jwks_uri", jwksUri().toString());
    document.put("response_types_supported", List.of("id_token"));
    document.put("subject_types_supported", List.of("public"));
    document.put("id_token_signing_alg_values_supported", List.of("ES256"));
    return JSONObjectUtils.toJSONString(document);
  }

  private Instant now() {
    return clock.instant().plus(clockOffset);
  }

  private String nextKid() {
    return "key-" + keyNames.incrementAndGet();
  }
}
