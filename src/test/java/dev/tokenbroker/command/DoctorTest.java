package dev.tokenbroker.command;

import static dev.tokenbroker.command.DoctorBench.DISCOVERY;
import static dev.tokenbroker.command.DoctorBench.JWKS;
import static dev.tokenbroker.command.DoctorBench.KEY;
import static dev.tokenbroker.command.DoctorBench.TOKEN;
import static dev.tokenbroker.command.DoctorBench.json;
import static dev.tokenbroker.command.DoctorBench.page;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.regex.Matcher.quoteReplacement;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.command.DoctorBench.Report;
import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.issue.aws.AwsSts;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.ProxyTunnel;
import dev.tokenbroker.peers.trust.TestTls;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Real peers on loopback with one defect each, and what {@code doctor} says of it. */
class DoctorTest {

  private static final String TRUST = "quarkus.tls.corp.trust-store.pem.certs";
  private static final String PROXY = "token-broker.upstream.proxy";
  private static final String PROXIED = "https://issuer.example";
  private static final TestKey OTHER = TestKey.generate("key-2", SigningAlgorithm.ES256);

  private static final String HIDDEN_RULE =
      """
        - {name: again, issuer: corp, audience: orders, when: claims.sub == "ci"}
      """;

  @TempDir static Path trusted;
  @TempDir Path directory;

  @BeforeAll
  static void trust() {
    System.setProperty(TRUST, DoctorBench.AUTHORITY.writeRoot(trusted).toString());
  }

  @AfterAll
  static void forget() {
    System.clearProperty(TRUST);
  }

  /**
   * One defect.
   *
   * @param exit the exit code of the command
   * @param cause a part of the cause that the command must give
   * @param remedy a part of the remedy
   */
  record Defective(
      String title,
      Consumer<DoctorBench> breaking,
      int exit,
      String code,
      String cause,
      String remedy) {

    Defective as(String name, String why, String help) {
      return new Defective(title, breaking, exit, name, why, help);
    }

    @Override
    public String toString() {
      return title;
    }
  }

  private static Defective failed(String title, Consumer<DoctorBench> breaking) {
    return new Defective(title, breaking, 1, "", "", "");
  }

  private static Defective warned(String title, Consumer<DoctorBench> breaking) {
    return new Defective(title, breaking, 0, "", "", "");
  }

  /** Another text in the document, at its first place. */
  private static Consumer<DoctorBench> replacing(String from, String to) {
    return bench ->
        bench.document(text -> text.replaceFirst(Pattern.quote(from), quoteReplacement(to)));
  }

  private static Consumer<DoctorBench> answering(String path, Supplier<Reply> reply) {
    return bench -> bench.answer(path, reply.get());
  }

  private static Consumer<DoctorBench> certified(int beginDays, int endDays) {
    return bench ->
        bench.certificate(
            DoctorBench.certificate(Duration.ofDays(beginDays), Duration.ofDays(endDays)));
  }

  private static Reply status(int status) {
    return json(status, Map.of(), Map.of());
  }

  private static Reply redirect(int status, String location) {
    return Reply.of(status, Map.of("Location", location), "");
  }

  /** The healthy key set with other headers. */
  private static Reply keys(Map<String, String> headers) {
    return json(200, headers, Map.of("keys", List.of(KEY.jwk())));
  }

  static List<Defective> documents() {
    return List.of(
        failed("a key of the document is misspelt", replacing("algorithms:", "algoritms:"))
            .as("DOCUMENT_PROBLEM", "federation.yaml:5: ", "algorithms"),
        failed("a secret file is not there", replacing("File: secret", "File: none"))
            .as("DOCUMENT_PROBLEM", "cannot be read: it does not exist", "4 KiB"),
        failed(
                "a case of the document fails",
                bench -> {
                  bench.write(
                      "a.cases.yaml",
                      """
                      identities:
                        ci: {issuer: corp, claims: {sub: other}}
                      cases:
                        - {name: ci deploys, identity: ci, audience: payments-api, expect: {accepted: deploy}}
                      """);
                  bench.document(text -> "cases: [a.cases.yaml]\n" + text);
                })
            .as("CASE_FAILED", "the case 'ci deploys' fails", "Correct the federation document"),
        warned("a rule is hidden", bench -> bench.document(text -> text + HIDDEN_RULE))
            .as("DOCUMENT_WARNING", "rule-hidden", "rule"),
        warned(
                "a proxy variable is set",
                bench -> bench.variable("HTTPS_PROXY", "http://user:pass@proxy:3128"))
            .as("PROXY_IGNORED", "HTTPS_PROXY is set, " + PROXY + " is not", "Set " + PROXY));
  }

  static List<Defective> hosts() {
    return List.of(
        failed(
                "the host name does not resolve",
                replacing("issuer: ORIGIN", "issuer: https://" + "a".repeat(64)))
            .as("HOST_UNRESOLVED", "does not resolve", "Correct the host"),
        failed(
                "the issuer is a metadata service",
                replacing("issuer: ORIGIN", "issuer: https://169.254.169.254"))
            .as(
                "ISSUER_ADDRESS_REFUSED",
                "169.254.169.254, a metadata service",
                "Give the issuer a host"),
        failed("the upstream has a link-local address", upstreamAt("https://[fe80::1]"))
            .as("UPSTREAM_ADDRESS_REFUSED", "link-local", "Give the upstream a host"),
        failed(
                "the token endpoint is at another origin",
                bench -> bench.discovery("token_endpoint", "https://sts.example/token"))
            .as(
                "UPSTREAM_ADDRESS_REFUSED",
                "https://sts.example",
                "by tokenEndpoint or tokenOrigins"),
        failed("nothing listens", replacing("issuer: ORIGIN", "issuer: https://127.0.0.1:1"))
            .as(
                "CONNECTION_REFUSED",
                "127.0.0.1:1: the connection is refused",
                "Start what should listen"),
        failed(
                "the key set is at another host, where nothing listens",
                bench -> bench.discovery("jwks_uri", "https://127.0.0.1:1/jwks.json"))
            .as("CONNECTION_REFUSED", "127.0.0.1:1", "Start what should listen"));
  }

  private static Consumer<DoctorBench> upstreamAt(String issuer) {
    return replacing("issuer: ORIGIN\n    clientId", "issuer: " + issuer + "\n    clientId");
  }

  static List<Defective> certificates() {
    String untrusted = "ends at CN=Token Broker Test Root";
    return List.of(
        failed("there is no such TLS configuration", replacing("tls: corp", "tls: nowhere"))
            .as("TLS_CONFIGURATION_MISSING", "nowhere", "Set quarkus.tls.nowhere.trust-store"),
        failed("the certificate has expired", certified(-9, -2))
            .as("TLS_CERTIFICATE_EXPIRED", "CN=127.0.0.1 ended at", "renewed"),
        failed("the certificate is not valid yet", certified(2, 60))
            .as("TLS_CERTIFICATE_NOT_YET_VALID", "begins at", "Compare our clock"),
        warned("the certificate ends soon", certified(-1, 9))
            .as(
                "TLS_CERTIFICATE_ENDS_SOON",
                "CN=127.0.0.1 ends first, in 8 days",
                "renewed before"),
        failed(
                "the certificate is for another host",
                bench -> bench.certificate(certificateOf("sso.acme.example")))
            .as(
                "TLS_HOST_NAME_MISMATCH",
                "is not for 127.0.0.1; its names are sso.acme.example",
                "Use one of these names"),
        failed(
                "the certificate is for clients",
                bench -> bench.certificate(certificateOf("127.0.0.1", "use:clients")))
            .as("ISSUER_CERTIFICATE_INVALID", "lacks serverAuth", "key usage serverAuth"),
        failed(
                "another authority has signed the certificate of the issuer",
                upstreamAt("https://127.0.0.1:1").andThen(DoctorTest::byAnotherAuthority))
            .as("ISSUER_TLS_UNTRUSTED", untrusted, "to the trust store of quarkus.tls.corp"),
        failed(
                "another authority has signed the certificate of the upstream",
                DoctorTest::byAnotherAuthority)
            .as("UPSTREAM_TLS_UNTRUSTED", untrusted, "to the trust store of quarkus.tls.corp"),
        failed("the server demands a client certificate", DoctorBench::mutual)
            .as(
                "ISSUER_CLIENT_CERTIFICATE_WANTED",
                "the broker has none",
                "Set quarkus.tls.corp.key-store.pem"));
  }

  private static void byAnotherAuthority(DoctorBench bench) {
    bench.certificate(TestTls.generate().server("127.0.0.1"));
  }

  private static SSLContext certificateOf(String... names) {
    Instant now = Instant.now();
    return DoctorBench.AUTHORITY.server(now.minusSeconds(60), now.plus(Duration.ofDays(60)), names);
  }

  static List<Defective> discovery() {
    return List.of(
        failed(
                "discovery redirects to another host",
                answering(DISCOVERY, () -> redirect(302, "https://login.example/")))
            .as("KEYS_INVALID", "302 to https://login.example/", "use the origin of that redirect"),
        warned(
                "discovery redirects within its host",
                answering(JWKS, () -> redirect(301, "/other.json"))
                    .andThen(answering("/other.json", () -> keys(Map.of()))))
            .as("REDIRECT_FOLLOWED", "/jwks.json redirects to", "without a redirect"),
        warned(
                "the key set has another content type",
                answering(JWKS, () -> keys(Map.of("Content-Type", "text/plain"))))
            .as("CONTENT_TYPE_UNUSUAL", "text/plain", "application/json"),
        failed("a web page stands in place of the key set", answering(JWKS, () -> page(200)))
            .as("KEYS_INVALID", "a web page (text/html)", "Exempt that URL"),
        failed("the key set is not there", answering(JWKS, () -> status(404)))
            .as("KEYS_INVALID", "/jwks.json answers 404", "nothing is served there"),
        failed("the key set needs authentication", answering(JWKS, () -> status(401)))
            .as("KEYS_INVALID", "answers 401", "without authentication"),
        failed(
                "the issuer is in trouble",
                answering(JWKS, () -> json(503, Map.of("Retry-After", "120"), Map.of())))
            .as("KEYS_UNREACHABLE", "503 and Retry-After 120 s", "Look into the log of the issuer"),
        failed("the issuer limits requests", answering(JWKS, () -> status(429)))
            .as("KEYS_UNREACHABLE", "answers 429", "Raise the limit"),
        failed(
                "the key set is too large",
                answering(JWKS, () -> Reply.of(200, Map.of(), " ".repeat(300 * 1024))))
            .as("KEYS_INVALID", "more than 262144 bytes", "at most 256 KiB"),
        failed("the issuer drops the connection", answering(JWKS, () -> Reply.drop()))
            .as("KEYS_UNREACHABLE", "the connection was lost", "Look into the log of the server"),
        failed(
                "the discovery document is at the path of RFC 8414",
                replacing("issuer: ORIGIN", "issuer: ORIGIN/realms/a")
                    .andThen(
                        answering(
                            "/.well-known/oauth-authorization-server/realms/a",
                            () -> realm("/realms/a"))))
            .as("DISCOVERY_AT_OTHER_PATH", "answers 404; ", "Give the issuer jwksUri: "),
        failed(
                "the discovery document names the issuer with a slash",
                bench -> bench.discovery("issuer", "ORIGIN/"))
            .as(
                "DISCOVERY_ISSUER_MISMATCH",
                "which has a trailing slash",
                "exactly https://127.0.0.1:"),
        failed(
                "the discovery document names the issuer percent-encoded",
                replacing("issuer: ORIGIN", "issuer: ORIGIN/a~b")
                    .andThen(answering("/a~b" + DISCOVERY, () -> realm("/a%7Eb"))))
            .as(
                "DISCOVERY_ISSUER_MISMATCH",
                "which is percent-encoded in other places",
                "if that is the one you trust"),
        failed("the discovery document names no key set", bench -> bench.discovery("jwks_uri", 42))
            .as("KEYS_INVALID", "without a text jwks_uri", "jwks_uri"));
  }

  /** Knows its own origin only when it is asked. */
  private static Reply realm(String path) {
    return connection -> {
      String origin = "https://127.0.0.1:" + connection.getLocalPort();
      json(Map.of("issuer", origin + path, "jwks_uri", origin + JWKS)).write(connection);
    };
  }

  static List<Defective> keys() {
    Map<String, Object> shortKey =
        Map.of("kty", "RSA", "kid", "old", "n", "_".repeat(171), "e", "AQAB");
    return List.of(
        failed("the key set is empty", DoctorBench::keys)
            .as("KEYS_INVALID", "no usable key among 0", "at least one key"),
        failed("a private key is published", bench -> bench.keys(with(KEY, "d", "AAAA")))
            .as("PRIVATE_KEY_PUBLISHED", "the private part of key-1", "out of use now"),
        warned("a key is too short", bench -> bench.keys(KEY.jwk(), shortKey))
            .as("KEY_UNUSABLE", "old: RSA of 102", "replaced"),
        warned("a point is off its curve", besides("x", "A".repeat(43)))
            .as("KEY_UNUSABLE", "key-2: its point is not on the curve P-256", "replaced"),
        warned("base64url is padded", besides("x", "A".repeat(42) + "=="))
            .as("KEY_UNUSABLE", "key-2: its x has padding", "replaced"),
        warned("two keys have one name", besides("kid", "key-1"))
            .as("KEY_NAME_DUPLICATE", "the name key-1", "under a name of its own"),
        failed(
                "the issuer signs by an algorithm that it may not use",
                replacing("algorithms: [ES256]", "algorithms: [RS256]"))
            .as(
                "ALGORITHM_NOT_ALLOWED",
                "the keys verify ES256; the issuer may use RS256",
                "Add one of ES256"),
        warned(
                "a cache serves an old key set",
                answering(JWKS, () -> keys(Map.of("Age", "500", "Cache-Control", "max-age=600"))))
            .as("KEY_SET_OLD", "Age 500 s, max-age 600 s", "Shorten how long the cache"),
        warned("the clock of the issuer is off", answering(JWKS, () -> dated(20)))
            .as("CLOCK_OFFSET", "ahead", "Compare both clocks"),
        failed(
                "the clock of the issuer is off by more than the leeway",
                answering(JWKS, () -> dated(-180)))
            .as("CLOCK_OFFSET_BEYOND_LEEWAY", "behind", "Compare both clocks"),
        failed(
                "a key file holds a private key",
                replacing("tls: corp", "jwksFile: keys.json").andThen(DoctorTest::writePrivateKey))
            .as("PRIVATE_KEY_PUBLISHED", "the private part of key-2", "Publish public keys only"));
  }

  private static void writePrivateKey(DoctorBench bench) {
    List<Object> keys = List.of(KEY.jwk(), with(OTHER, "d", "AAAA"));
    bench.write("keys.json", new JsonObject(Map.of("keys", keys)).encode());
  }

  /** Another key with that member beside the good one. */
  private static Consumer<DoctorBench> besides(String member, String value) {
    return bench -> bench.keys(KEY.jwk(), with(OTHER, member, value));
  }

  private static Map<String, Object> with(TestKey key, String member, String value) {
    Map<String, Object> jwk = new HashMap<>(key.jwk());
    jwk.put(member, value);
    return jwk;
  }

  private static Reply dated(int aheadSeconds) {
    return keys(Map.of("Date", DoctorBench.date(Duration.ofSeconds(aheadSeconds))));
  }

  /** A target of GitHub, which answers so when it is asked about the App. */
  private static Consumer<DoctorBench> ofGitHub(Reply reply) {
    return bench -> {
      bench.write("app.pem", TestKeyFiles.pem(TestKeyFiles.rsa(2048).getPrivate()));
      bench.document(
          text ->
              text.replace(
                  "targets:\n",
                  """
                  targets:
                    - audience: repositories
                      github: {app: 7, keyFile: app.pem, owner: acme, permissions: {contents: read}, baseUrl: ORIGIN, tls: corp}
                  """));
      bench.answer("/app", reply);
    };
  }

  static List<Defective> upstreams() {
    String malformed = "UPSTREAM_ANSWER_MALFORMED";
    return List.of(
        failed("the token endpoint is not there", answering(TOKEN, () -> status(404)))
            .as(malformed, "/token answers 404", "nothing is served there"),
        failed("the token endpoint takes no POST", answering(TOKEN, () -> status(405)))
            .as(malformed, "answers 405", "takes no POST"),
        failed(
                "the token endpoint redirects",
                answering(TOKEN, () -> redirect(302, "/oauth/token")))
            .as(malformed, "302 to /oauth/token", "Use the token endpoint itself"),
        failed(
                "a web page stands in place of the token endpoint",
                answering(TOKEN, () -> page(403)))
            .as(malformed, "403 with a web page (text/html)", "Exempt that URL"),
        failed(
                "the token endpoint accepts whatever comes",
                answering(TOKEN, () -> json(Map.of("access_token", "x"))))
            .as(
                "UNKNOWN_GRANT_ACCEPTED",
                "200 to an unknown grant type",
                "Give the token endpoint"),
        failed(
                "the token endpoint answers without an OAuth error",
                answering(TOKEN, () -> status(400)))
            .as(malformed, "without an OAuth error", "Compare the URL"),
        failed(
                "the upstream is in trouble",
                answering(TOKEN, () -> json(502, Map.of("Retry-After", "7"), Map.of())))
            .as(
                "UPSTREAM_UNAVAILABLE",
                "502 and Retry-After 7 s",
                "Look into the log of the upstream"),
        failed("the upstream limits requests", answering(TOKEN, () -> status(429)))
            .as("UPSTREAM_THROTTLED", "429", "Raise the limit"),
        failed("the upstream drops the connection", answering(TOKEN, () -> Reply.drop()))
            .as(
                "UPSTREAM_UNREACHABLE",
                "the connection was lost",
                "Look into the log of the server"),
        failed(
                "GitHub refuses the key of an App",
                ofGitHub(json(401, Map.of(), Map.of("message", "Bad credentials"))))
            .as("UPSTREAM_CLIENT_REFUSED", "401 to App 7. Its message is", "Compare 'app'"),
        failed("the address of GitHub is another", ofGitHub(status(404)))
            .as(malformed, "/app answers 404 to App 7", "Correct 'baseUrl'"),
        failed("the discovery document of the upstream names another issuer", upstreamAt("ORIGIN/"))
            .as(
                "UPSTREAM_ISSUER_MISMATCH",
                "which has no trailing slash",
                "Make issuer of the upstream exactly"));
  }

  @ParameterizedTest
  @MethodSource({"documents", "hosts", "certificates", "discovery", "keys", "upstreams"})
  void names_each_defect_with_its_cause_and_its_remedy(Defective defective) {
    DoctorBench bench = new DoctorBench(directory);
    defective.breaking().accept(bench);

    Report report = bench.run();

    assertThat(report.codes()).as(report.json().encodePrettily()).contains(defective.code());
    assertThat(
            report.lines().stream().filter(line -> line.getString("code").equals(defective.code())))
        .as(report.json().encodePrettily())
        .anySatisfy(
            line -> {
              assertThat(line.getString("detail")).contains(defective.cause());
              assertThat(line.getString("remedy")).contains(defective.remedy());
              assertThat(line.getString("link")).startsWith("src/docs/operate/doctor.md#");
            });
    assertThat(report.code()).isEqualTo(defective.exit());
    assertThat(report.json().getBoolean("success")).isEqualTo(defective.exit() == 0);
  }

  @Test
  void finds_nothing_in_a_healthy_setup() {
    Report report = new DoctorBench(directory).run();

    assertThat(report.lines()).isEmpty();
    assertThat(report.code()).isZero();
    assertThat(report.json().encode())
        .contains(
            "the token endpoint refuses an unknown grant", "root CN=Token Broker Lasting Root");
  }

  @ParameterizedTest
  @CsvSource({"400, ''", "500, UPSTREAM_UNAVAILABLE"})
  void asks_the_sts_of_aws_as_aws_defines(int status, String code) {
    Reply reply = AwsSts.error(status, "ValidationError", "a parameter is missing");

    Report report =
        new DoctorBench(directory).document(DoctorTest::ofAws).answer("/sts", reply).run();

    assertThat(report.codes()).isEqualTo(code.isEmpty() ? List.of() : List.of(code));
    assertThat(report.json().encode()).contains("/sts answers " + status);
  }

  private static String ofAws(String document) {
    String role = "arn:aws:iam::123456789012:role/a";
    return document.replace(
            "exchange: {upstream: sso, audience: orders-service}",
            "exchange: {upstream: sso}\n  - audience: aws\n"
                + "    aws: {role: '%s', endpoint: 'ORIGIN/sts', tls: corp}".formatted(role))
        + "  - {name: aws, issuer: corp, audience: aws, when: claims.sub == 'ci', subject:"
        + " '\"ci\"', outliveCredential: true}\n";
  }

  // --- servers that do not speak TLS as they should

  @Test
  void tells_plain_http_from_other_servers_that_refuse_a_hello() {
    byte[] http = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(ISO_8859_1);

    assertThat(codeOf(_ -> http)).isEqualTo("TLS_PLAIN_HTTP");
    assertThat(codeOf(first -> first[0] == 'H' ? http : new byte[0])).isEqualTo("TLS_PLAIN_HTTP");
    assertThat(codeOf(_ -> "SSH-2.0-OpenSSH_9.9\r\n".getBytes(ISO_8859_1)))
        .isEqualTo("ISSUER_TLS_FAILED");
  }

  @Test
  void detects_an_old_protocol_by_alert_and_by_server_hello() {
    assertThat(codeOf(_ -> new byte[] {21, 3, 1, 0, 2, 2, 70})).isEqualTo("TLS_PROTOCOL_TOO_OLD");
    assertThat(codeOf(_ -> new byte[] {22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1}))
        .isEqualTo("TLS_PROTOCOL_TOO_OLD");
    assertThat(codeOf(_ -> new byte[] {21, 3, 3, 0, 2, 2, 40})).isEqualTo("ISSUER_TLS_FAILED");
  }

  private String codeOf(UnaryOperator<byte[]> script) {
    try (FakeServer peer = FakeServer.startRaw(Reply.toFirstBytes(script))) {
      Ran ran = new DoctorBench(directory).args("-o", "json").run(DoctorBench.origin(peer));
      return Report.of(ran.code(), ran.out()).codes().getFirst();
    }
  }

  // --- hosts behind a proxy

  @Test
  void checks_through_the_proxy_of_the_settings() throws IOException {
    Report report = behindProxy("issuer.example", "200 OK");

    assertThat(report.lines()).isEmpty();
    assertThat(report.code()).isZero();
    assertThat(report.json().encode())
        .contains("the settings name the proxy", " connects", "400 unsupported_grant_type");
  }

  @Test
  void names_a_proxy_that_refuses() throws IOException {
    Report report = behindProxy("issuer.example", "403 Forbidden");

    assertThat(report.codes()).containsExactly("KEYS_UNREACHABLE", "UPSTREAM_UNREACHABLE");
    assertThat(report.lines().getFirst().getString("detail")).contains("through the proxy 127.0");
    assertThat(report.lines().getFirst().getString("remedy"))
        .startsWith("Have the proxy of " + PROXY);
    assertThat(report.code()).isOne();
  }

  @Test
  void names_a_certificate_for_another_host_behind_the_proxy() throws IOException {
    Report report = behindProxy("sso.acme.example", "200 OK");

    assertThat(report.codes())
        .containsExactly("ISSUER_CERTIFICATE_INVALID", "UPSTREAM_CERTIFICATE_INVALID");
    assertThat(report.lines().getFirst().getString("detail"))
        .contains("is not for issuer.example; its names are sso.acme.example");
  }

  /** Runs the command where only a proxy knows the way to the server. */
  private Report behindProxy(String certified, String status) throws IOException {
    DoctorBench bench =
        new DoctorBench(directory)
            .certificate(certificateOf(certified))
            .discovery("issuer", PROXIED)
            .discovery("jwks_uri", PROXIED + JWKS)
            .discovery("token_endpoint", PROXIED + TOKEN)
            .variable("HTTPS_PROXY", "http://ignored:3128")
            .args("-o", "json");
    try (FakeServer server = bench.start();
        ProxyTunnel proxy = new ProxyTunnel(server.port(), status)) {
      System.setProperty(PROXY, proxy.address());
      Ran ran = bench.run(PROXIED);
      return Report.of(ran.code(), ran.out());
    } finally {
      System.clearProperty(PROXY);
    }
  }

  // --- forms and exit codes

  @Test
  void ends_with_1_in_each_form_where_a_check_fails() {
    for (String form : List.of("tree", "json", "junit")) {
      Ran ran = new DoctorBench(directory).answer(TOKEN, page(200)).args("-o", form).ran();

      assertThat(ran.code()).as(form).isEqualTo(1);
      assertThat(ran.out()).as(form).contains("UPSTREAM_ANSWER_MALFORMED", "Exempt that URL");
    }
  }

  @Test
  void a_warning_ends_with_1_only_where_it_counts() {
    assertThat(warning().ran().code()).isZero();
    for (String form : List.of("tree", "json", "junit")) {
      Ran ran = warning().args("--fail-on", "warning", "-o", form).ran();

      assertThat(ran.code()).as(form).isEqualTo(1);
      assertThat(ran.out()).as(form).contains("PROXY_IGNORED");
    }
  }

  private DoctorBench warning() {
    return new DoctorBench(directory).variable("http_proxy", "http://proxy:3128");
  }

  @Test
  void the_tree_shows_cause_remedy_and_section() {
    Ran ran = new DoctorBench(directory).answer(JWKS, status(404)).ran();

    assertThat(ran.out())
        .contains(
            "issuer corp\n├─ ✓ the host name resolves: 127.0.0.1: 127.0.0.1 (IPv4)\n",
            "├─ ✗ the key set is served: KEYS_INVALID\n│  ├─ cause     https://127.0.0.1:",
            """

            │  ├─ remedy    Compare the URL with what the issuer publishes: nothing is served there.
            │  └─ see       src/docs/operate/doctor.md#key-set
            ├─ - the keys can be used: an earlier check of the issuer failed
            """)
        .endsWith(" 1 failed, 4 skipped\n");
  }

  @Test
  void nothing_of_a_peer_can_paint_or_forge_a_line() {
    Ran ran =
        new DoctorBench(directory).discovery("issuer", "https://x\u001B[2J\n✓ all is well").ran();

    assertThat(ran.out())
        .doesNotContain("\u001B", "\n✓ all is well")
        .contains("https://x\\u001B[2J");
  }

  @Test
  void junit_counts_failures_and_skips() {
    Ran ran = new DoctorBench(directory).answer(JWKS, page(200)).args("-o", "junit").ran();

    assertThat(ran.out())
        .startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?><testsuites name=\"token-broker\"")
        .contains("failures=\"1\"", "<skipped/>");
  }

  // --- a credential, judged by the document alone

  @Test
  void judges_a_credential_without_a_broker() {
    Ran ran = withCredential(DoctorBench.AUDIENCE);

    assertThat(ran.code()).as(ran.all()).isZero();
    assertThat(ran.out()).contains("issuer corp, rule deploy");
    assertThat(ran.all()).doesNotContain("eyJ");
  }

  @Test
  void the_reason_is_the_code_of_a_credential_that_is_refused() {
    Ran ran = withCredential("https://another.example");

    Report report = Report.of(ran.code(), ran.out());
    assertThat(report.codes()).containsExactly("AUDIENCE_MISMATCH");
    assertThat(report.lines().getFirst().getString("detail"))
        .contains("step audience", "https://another.example");
    assertThat(report.lines().getFirst().getString("remedy")).contains("aud");
    assertThat(report.code()).isEqualTo(1);
  }

  private Ran withCredential(String audience) {
    DoctorBench bench = new DoctorBench(directory);
    try (FakeServer server = bench.start()) {
      String origin = DoctorBench.origin(server);
      String file =
          bench.write("credential", DoctorBench.credential(origin).claim("aud", audience).sign());
      return bench
          .args("--credential", file, "--audience", "payments-api", "-o", "json")
          .run(origin);
    }
  }

  // --- order, waiting and disabled issuers

  @Test
  void keys_for_the_own_token_of_the_broker_are_not_fetched() {
    Report report =
        new DoctorBench(directory)
            .document(text -> text.replaceFirst("tls: corp", "authorization: {client: idp}"))
            .run();

    assertThat(report.codes()).isEmpty();
    assertThat(report.json().encode())
        .contains("the keys are for the broker's own token of the client idp only");
  }

  @Test
  void a_check_whose_prerequisite_failed_is_skipped() {
    Report report =
        new DoctorBench(directory)
            .document(text -> text.replace("ORIGIN", "https://127.0.0.1:1"))
            .run();

    assertThat(report.codes()).containsExactly("CONNECTION_REFUSED");
    assertThat(report.json().encode()).contains("\"skipped\"");
  }

  @Test
  void waits_for_an_issuer_that_is_not_up_yet() {
    AtomicInteger asked = new AtomicInteger();
    Reply unavailable = status(503);
    Reply good = keys(Map.of());
    Reply later =
        connection -> (asked.incrementAndGet() == 1 ? unavailable : good).write(connection);

    Report report = new DoctorBench(directory).answer(JWKS, later).args("--wait", "30s").run();

    assertThat(report.code()).isZero();
    assertThat(asked).hasValue(2);
  }

  @Test
  void does_not_wait_for_what_time_does_not_mend() {
    AtomicInteger asked = new AtomicInteger();
    Reply page =
        connection -> {
          asked.incrementAndGet();
          page(200).write(connection);
        };

    Report report = new DoctorBench(directory).answer(JWKS, page).args("--wait", "30s").run();

    assertThat(report.code()).isEqualTo(1);
    assertThat(asked).hasValue(1);
  }

  @Test
  void a_disabled_issuer_is_not_called() {
    Report report =
        new DoctorBench(directory)
            .document(
                text -> text.replaceFirst("ORIGIN", "https://127.0.0.1:1\n    disabled: true"))
            .run();

    assertThat(report.codes()).containsExactly("DOCUMENT_WARNING");
    assertThat(report.code()).isZero();
  }

  // --- usage

  @Test
  void wrong_usage_ends_with_2() {
    for (List<String> args :
        List.of(
            List.of("doctor"),
            List.of("doctor", "--federation", "f", "-o", "xml"),
            List.of("doctor", "--federation", "f", "--wait", "2h"),
            List.of("doctor", "--federation", "f", "--fail-on", "never"),
            List.of("doctor", "--federation", "f", "--audience", "a"),
            List.of("doctor", "--federation", "f", "--broker-http", "localhost:8080"),
            List.of("doctor", "--broker", "localhost"),
            List.of("doctor", "--broker", "localhost:1", "--authorization-file", "f"))) {
      Ran ran = new Shell().run(args.toArray(String[]::new));

      assertThat(ran.code()).as(args.toString()).isEqualTo(2);
      assertThat(ran.err())
          .as(args.toString())
          .hasLineCount(1)
          .contains("see 'token-broker doctor");
    }
  }
}
