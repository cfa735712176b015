package dev.tokenbroker.command;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Unchecked;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;

/**
 * A healthy set-up for {@code doctor}: a document, and one server that is its issuer and its
 * upstream. Each test breaks one thing of it.
 */
final class DoctorBench {

  static final String DISCOVERY = "/.well-known/openid-configuration";
  static final String JWKS = "/jwks.json";
  static final String TOKEN = "/token";
  static final String AUDIENCE = "https://broker.acme.example";

  static final String DOCUMENT =
      """
      issuers:
        - name: corp
          issuer: ORIGIN
          audiences: [https://broker.acme.example]
          algorithms: [ES256]
          tls: corp
      upstreams:
        - name: sso
          issuer: ORIGIN
          clientId: broker
          clientSecretFile: secret
          tls: corp
      targets:
        - audience: payments-api
          mint: {lifetime: 10m}
        - audience: orders
          exchange: {upstream: sso, audience: orders-service}
      rules:
        - name: deploy
          issuer: corp
          audience: payments-api
          when: claims.sub == "ci"
          subject: '"ci"'
        - name: order
          issuer: corp
          audience: orders
          when: claims.sub == "ci"
      """;

  /** The authority of all servers; a month and more, so that nothing ends soon. */
  static final TestTls AUTHORITY = TestTls.generate(Duration.ofDays(90));

  static final TestKey KEY = TestKey.generate("key-1", SigningAlgorithm.ES256);

  /** Made once for all tests, since that takes longer than most of them. */
  private static final SSLContext HEALTHY = certificate(Duration.ofDays(-1), Duration.ofDays(60));

  private final Path directory;
  private final Map<String, Reply> replies = new HashMap<>();
  private final Map<String, Object> discovery = new LinkedHashMap<>();
  private final List<String> more = new ArrayList<>();
  private SSLContext certificate = HEALTHY;
  private boolean mutual;
  private UnaryOperator<String> document = UnaryOperator.identity();
  private Shell shell = new Shell();

  DoctorBench(Path directory) {
    this.directory = directory;
    write("secret", "s3cr3t\n");
  }

  /** A certificate of the server that begins and ends so long from now. */
  static SSLContext certificate(Duration begin, Duration end) {
    Instant now = Instant.now();
    return AUTHORITY.server(now.plus(begin), now.plus(end), "127.0.0.1", "localhost");
  }

  // --- what is broken

  DoctorBench document(UnaryOperator<String> change) {
    document = change;
    return this;
  }

  DoctorBench certificate(SSLContext other) {
    certificate = other;
    return this;
  }

  DoctorBench mutual() {
    mutual = true;
    return this;
  }

  DoctorBench answer(String path, Reply reply) {
    replies.put(path, reply);
    return this;
  }

  /** Gives a member of the discovery document; ORIGIN stands for the server. */
  DoctorBench discovery(String member, Object value) {
    discovery.put(member, value);
    return this;
  }

  /** Publishes these keys, JSON. */
  DoctorBench keys(Object... jwks) {
    return answer(JWKS, json(Map.of("keys", List.of(jwks))));
  }

  DoctorBench args(String... args) {
    more.addAll(Arrays.asList(args));
    return this;
  }

  DoctorBench variable(String name, String value) {
    shell = shell.with(name, value);
    return this;
  }

  String write(String name, String text) {
    return Unchecked.get(() -> Files.writeString(directory.resolve(name), text).toString());
  }

  // --- replies

  static Reply json(Map<String, Object> body) {
    return json(200, Map.of(), body);
  }

  static Reply json(int status, Map<String, String> headers, Map<String, Object> body) {
    Map<String, String> all = new HashMap<>(headers);
    all.putIfAbsent("Date", date(Duration.ZERO));
    return Reply.json(status, all, JSONObjectUtils.toJSONString(body));
  }

  static Reply page(int status) {
    return Reply.of(
        status, Map.of("Content-Type", "text/html"), "<!doctype html><p>Sign in \u001B[31m</p>");
  }

  static String date(Duration ahead) {
    return FakeServer.date(Instant.now().plus(ahead));
  }

  // --- the run

  /**
   * What the command said.
   *
   * @param lines those that are no success, as JSON
   */
  record Report(int code, JsonObject json, List<JsonObject> lines) {

    static Report of(int code, String json) {
      JsonObject report = new JsonObject(json);
      List<JsonObject> lines = new ArrayList<>();
      for (Object group : report.getJsonArray("groups")) {
        JsonArray checks = ((JsonObject) group).getJsonArray("checks");
        checks.stream()
            .map(JsonObject.class::cast)
            .filter(check -> List.of("failed", "warning").contains(check.getString("result")))
            .forEach(lines::add);
      }
      return new Report(code, report, lines);
    }

    List<String> codes() {
      return lines.stream().map(line -> line.getString("code")).distinct().toList();
    }
  }

  /** Runs the command on the set-up, with JSON as output. */
  Report run() {
    args("-o", "json");
    Shell.Ran ran = ran();
    if (!ran.err().isEmpty()) {
      throw new AssertionError(ran.err());
    }
    return Report.of(ran.code(), ran.out());
  }

  /** The same by the options given. */
  Shell.Ran ran() {
    try (FakeServer server = start()) {
      return run(origin(server));
    }
  }

  /** Runs it with another server at ORIGIN. */
  Shell.Ran run(String origin) {
    return shell.run(line(origin).toArray(String[]::new));
  }

  /** Writes the document for a server at ORIGIN; returns the command line. */
  List<String> line(String origin) {
    String file = write("federation.yaml", document.apply(DOCUMENT).replace("ORIGIN", origin));
    List<String> line = new ArrayList<>(List.of("doctor", "--federation", file));
    line.addAll(more);
    return line;
  }

  /** A credential of the issuer that the first rule admits. */
  static TestCredential credential(String origin) {
    long now = Instant.now().getEpochSecond();
    return TestCredential.of(KEY)
        .claim("iss", origin)
        .claim("sub", "ci")
        .claim("aud", AUDIENCE)
        .claim("nbf", now)
        .claim("iat", now)
        .claim("exp", now + 600);
  }

  FakeServer start() {
    FakeServer[] started = new FakeServer[1];
    FakeServer.Handler handler = request -> reply(request, origin(started[0]));
    started[0] =
        mutual
            ? FakeServer.startMutualTls(certificate, handler)
            : FakeServer.startTls(certificate, handler);
    return started[0];
  }

  static String origin(FakeServer server) {
    return "https://127.0.0.1:" + server.port();
  }

  private Reply reply(FakeServer.Request request, String origin) {
    Reply scripted = replies.get(request.target());
    if (scripted != null) {
      return scripted;
    }
    return switch (request.target()) {
      case DISCOVERY -> Reply.json(200, discoveryDocument(origin));
      case JWKS -> json(Map.of("keys", List.of(KEY.jwk())));
      case TOKEN -> json(400, Map.of(), Map.of("error", "unsupported_grant_type"));
      default -> json(404, Map.of(), Map.of());
    };
  }

  private String discoveryDocument(String origin) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("issuer", "ORIGIN");
    members.put("jwks_uri", "ORIGIN" + JWKS);
    members.put("token_endpoint", "ORIGIN" + TOKEN);
    members.putAll(discovery);
    return JSONObjectUtils.toJSONString(members).replace("ORIGIN", origin);
  }
}
