package dev.tokenbroker.peers.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.edges.edge.Together;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Status.Code;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The broker's own token, from a provider that misbehaves in all ways: each has one reason at both
 * edges, nothing is sent upstream, and the requests stay within their bound.
 */
@Tag("packaged")
class OwnTokenIT {

  private static final String SECRET = "s3cret-of-the-broker";
  private static final String OWN = "own-token-value";
  private static final String GOOD =
      "{\"access_token\":\"" + OWN + "\",\"token_type\":\"Bearer\",\"expires_in\":300}";
  private static final String HIDDEN = "c0nfidential";

  /** A projected token: it lives until 2100. */
  private static final String ASSERTION = jwt(Map.of("sub", "broker", "exp", 4_102_444_800L));

  private static final int REQUESTS_AGAIN = 2;
  private static final int CIRCUIT_FAILURES = 2;
  private static final Duration PROBE_INTERVAL = Duration.ofMillis(500);

  private static final String TIMED_OUT = "OWN_TOKEN_TIMED_OUT";
  private static final String REFUSED = "OWN_TOKEN_REFUSED";
  private static final String UNREACHABLE = "OWN_TOKEN_UNREACHABLE";
  private static final String MALFORMED = "OWN_TOKEN_MALFORMED";

  /** What a provider does, and the reason for it; what takes its time comes first. */
  enum Trouble {
    HUNG(TIMED_OUT, Reply.hang()),
    SLOW(TIMED_OUT, unending(" ", Duration.ofMillis(10))),
    DENIED_400(REFUSED, error(400, "invalid_scope")),
    DENIED_401(REFUSED, error(401, "invalid_client")),
    DENIED_403(REFUSED, error(403, "access_denied")),
    THROTTLED(
        UNREACHABLE,
        Reply.of(429, Map.of("Retry-After", "1", "Content-Type", "application/json"), "{}")),
    DOWN(UNREACHABLE, page(503, HIDDEN)),
    RESET(UNREACHABLE, FakeUpstream.reset()),
    CLOSED_PORT(UNREACHABLE, Reply.drop()),
    UNTRUSTED(UNREACHABLE, Reply.drop()),
    NOT_JSON(MALFORMED, FakeUpstream.json(200, HIDDEN)),
    EMPTY(MALFORMED, FakeUpstream.json(200, "")),
    HUGE(MALFORMED, Reply.chunked(8 << 20)),
    FLOOD(MALFORMED, unending(" ".repeat(16 * 1024), Duration.ZERO)),
    WEB_PAGE(MALFORMED, page(200, "<html>" + HIDDEN)),
    LOGIN_PAGE(MALFORMED, page(403, "<html>" + HIDDEN)),
    REDIRECT(MALFORMED, Reply.of(303, Map.of("Location", "/elsewhere/token"), "")),
    OTHER_TYPE(MALFORMED, good("Bearer", "mac")),
    EXPIRED(MALFORMED, good("300", "0")),
    ENDLESS(MALFORMED, good(",\"expires_in\":300", "")),
    TWO_TOKENS(MALFORMED, good("{", "{\"access_token\":\"other\",")),
    UNREADABLE(MALFORMED, good("{", "{\"refresh_expires_in\":\"never\","));

    private final String reason;

    @SuppressWarnings("ImmutableEnumChecker") // a reply holds nothing that changes
    private final Reply reply;

    Trouble(String reason, Reply reply) {
      this.reason = reason;
      this.reply = reply;
    }

    String client() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean answers() {
      return this != CLOSED_PORT && this != UNTRUSTED;
    }
  }

  @TempDir static Path directory;

  private static final Map<String, Reply> REPLIES = new ConcurrentHashMap<>();

  /** Holds a port at which nobody listens, so that no other process gets it. */
  @AutoClose private static final Socket UNHEARD = new Socket();

  @AutoClose private static FakeIssuer issuer;
  @AutoClose private static FakeUpstream provider;
  @AutoClose private static FakeUpstream untrusted;

  /** A provider whose authority the default TLS configuration has. */
  @AutoClose private static FakeUpstream trusted;

  @AutoClose private static FakeUpstream sts;
  @AutoClose private static BrokerProcess broker;
  @AutoClose private static BrokerClient client;

  private static volatile String issued = "opaque";

  @BeforeAll
  static void start() throws IOException {
    UNHEARD.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    issuer = FakeIssuer.start();
    provider =
        FakeUpstream.start(
            asked ->
                asked.path().startsWith("/rotating/")
                    ? rotating(asked)
                    : REPLIES.getOrDefault(
                        asked.path().split("/", -1)[1], FakeUpstream.json(200, GOOD)));
    untrusted = FakeUpstream.startTls(TestTls.generate().server("localhost"), _ -> Reply.drop());
    sts =
        FakeUpstream.start(
            _ ->
                FakeUpstream.json(
                    200,
                    "{\"access_token\":\"%s\",\"token_type\":\"Bearer\",\"expires_in\":60}"
                        .formatted(issued)));
    Files.writeString(directory.resolve("secret"), SECRET + "\n");
    BrokerProcess.Setup setup = new BrokerProcess.Setup(document());
    for (Trouble trouble : Trouble.values()) {
      if (trouble.answers()) {
        REPLIES.put(trouble.client(), trouble.reply);
      }
      client(setup, trouble.client(), address(trouble));
    }
    client(setup, "good", provider.origin() + "/good/token");
    TestTls authority = TestTls.generate();
    trusted =
        FakeUpstream.startTls(authority.server("localhost"), _ -> FakeUpstream.json(200, GOOD));
    client(setup, "trusted", trusted.origin() + "/token");
    setup.with("quarkus.tls.trust-store.pem.certs", authority.writeRoot(directory).toString());
    Files.writeString(directory.resolve("rotated"), "former");
    client(setup, "rotating", provider.origin() + "/rotating/token");
    setup.with(
        "quarkus.oidc-client.rotating.credentials.client-secret.provider.keyring-name",
        directory.resolve("rotated").toString());
    Files.writeString(directory.resolve("removed"), SECRET);
    client(setup, "removed", provider.origin() + "/removed/token");
    setup.with(
        "quarkus.oidc-client.removed.credentials.client-secret.provider.keyring-name",
        directory.resolve("removed").toString());
    Files.writeString(directory.resolve("projected"), ASSERTION);
    setup
        .with("quarkus.oidc-client.by-file.token-path", provider.origin() + "/by-file/token")
        .with("quarkus.oidc-client.by-file.client-id", "token-broker")
        .with("quarkus.oidc-client.by-file.credentials.jwt.source", "bearer")
        .with(
            "quarkus.oidc-client.by-file.credentials.jwt.token-path",
            directory.resolve("projected").toString());
    for (String name : List.of("by-key", "spoilt")) {
      Path key = directory.resolve(name + ".pem");
      Files.writeString(key, TestKeyFiles.pem(TestKeyFiles.ec("secp256r1").getPrivate()));
      String prefix = "quarkus.oidc-client." + name + ".";
      setup
          .with(prefix + "token-path", provider.origin() + "/" + name + "/token")
          .with(prefix + "client-id", "token-broker")
          .with(prefix + "credentials.jwt.key-file", key.toString())
          .with(prefix + "credentials.jwt.signature-algorithm", "ES256");
    }
    broker =
        setup
            .with("token-broker.cache.negative-ttl", "0s")
            .with("token-broker.upstream.guard.circuit-failures", "" + CIRCUIT_FAILURES)
            .with("token-broker.upstream.guard.probe-interval", PROBE_INTERVAL.toMillis() + "ms")
            .start();
    client = broker.client();
  }

  @TestFactory
  Stream<DynamicTest> tells_what_the_provider_does_at_both_edges_within_the_bound() {
    return Stream.concat(
        Together.check(List.of(Trouble.values()), Trouble::name, OwnTokenIT::assertTold),
        Stream.of(
            DynamicTest.dynamicTest(
                "and reads no response any more",
                () -> assertThat(provider.awaitNoConnection(Duration.ofSeconds(20))).isTrue())));
  }

  private static void assertTold(Trouble trouble) throws Exception {
    long beginning = System.nanoTime();

    Answer answer = client.exchange(request(trouble.client()));
    TokenClient.Answer response = overHttp(trouble.client());

    boolean refused = trouble.reason.equals(REFUSED);
    assertThat(answer.reason()).isEqualTo(trouble.reason);
    assertThat(answer.code()).isEqualTo(refused ? Code.FAILED_PRECONDITION : Code.UNAVAILABLE);
    assertThat(answer.retryInfo()).isEqualTo(!refused);
    assertThat(response.text("reason")).isEqualTo(trouble.reason);
    assertThat(response.status()).isEqualTo(refused ? 400 : 503);
    assertThat(answer.facts() + " " + response).doesNotContain(SECRET, HIDDEN, OWN);

    for (int at = 0; at < 20; at++) {
      assertThat(client.exchange(request(trouble.client())).reason()).isEqualTo(trouble.reason);
    }

    assertThat(askedAt(sts, trouble.client())).isEmpty();
    long probes = Duration.ofNanos(System.nanoTime() - beginning).dividedBy(PROBE_INTERVAL) + 1;
    assertThat(askedAt(provider, trouble.client()))
        .hasSizeLessThanOrEqualTo((int) (CIRCUIT_FAILURES + 1 + probes) * REQUESTS_AGAIN);
    if (trouble.answers()) {
      REPLIES.remove(trouble.client());
      Answer mended =
          Eventually.see(
              () -> client.exchange(request(trouble.client())), now -> now.token() != null);
      assertThat(mended.token()).isNotNull();
    }
  }

  @Test
  void presents_its_token_as_actor_and_notes_an_opaque_one() throws Exception {
    issued = "opaque";
    String credential = issuer.credential();
    int before = askedAt(sts, "good").size();

    Answer answer = client.exchange(request("good", credential));

    assertThat(answer.granted().getAccessToken()).isEqualTo("opaque");
    assertThat(askedAt(sts, "good").stream().skip(before))
        .singleElement()
        .satisfies(
            asked ->
                assertThat(asked.parameters())
                    .containsExactlyInAnyOrder(
                        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange",
                        "subject_token=" + credential,
                        "subject_token_type=urn:ietf:params:oauth:token-type:jwt",
                        "requested_token_type=urn:ietf:params:oauth:token-type:access_token",
                        "actor_token=" + OWN,
                        "actor_token_type=urn:ietf:params:oauth:token-type:access_token",
                        "scope=read",
                        "client_id=broker"));
    assertThat(broker.metrics())
        .containsPattern(
            "ft_timeout_calls_total\\{method=\"dev.tokenbroker.peers.oauth.TokenRequests.request\"")
        .contains("tokenbroker_own_token_life_seconds", "tokenbroker_own_token_bound_ratio")
        .containsPattern(
            "ft_invocations_total\\{fallback=\"notApplied\",method=\"dev.tokenbroker.peers.oauth.TokenRequests.request\"");
  }

  @Test
  void requires_a_token_to_name_the_broker_if_the_document_says_so() {
    issued = jwt(Map.of("sub", "ci", "act", Map.of("sub", "token-broker")));
    assertThat(client.accessToken(request("required"))).isEqualTo(issued);

    issued = jwt(Map.of("sub", "ci"));
    Answer without = client.exchange(request("required"));
    issued = "opaque";
    Answer opaque = client.exchange(request("required"));

    assertThat(List.of(without, opaque))
        .allSatisfy(
            answer -> {
              assertThat(answer.reason()).isEqualTo("UPSTREAM_ACTOR_MISSING");
              assertThat(answer.code()).isEqualTo(Code.FAILED_PRECONDITION);
            });
  }

  @Test
  void takes_a_secret_that_was_replaced_without_a_restart() throws IOException {
    assertThat(client.exchange(request("rotating")).reason()).isEqualTo(REFUSED);

    Files.writeString(directory.resolve("rotated"), "latter");

    assertThat(
            Eventually.see(
                    () -> client.exchange(request("rotating")), answer -> answer.token() != null)
                .token())
        .isNotNull();
    String told = broker.awaitLine(line -> line.contains("secret-reloaded of own-client rotating"));
    assertThat(told).doesNotContain("former").doesNotContain("latter");
  }

  @Test
  void trusts_a_provider_by_the_default_tls_configuration() {
    assertThat(client.exchange(request("trusted")).token()).isNotNull();
  }

  @Test
  void authenticates_by_a_key_or_by_a_projected_token() throws Exception {
    assertThat(client.exchange(request("by-file")).token()).isNotNull();
    assertThat(client.exchange(request("by-key")).token()).isNotNull();

    assertThat(assertion("by-file")).isEqualTo(ASSERTION);
    assertThat(SignedJWT.parse(assertion("by-key")).getJWTClaimsSet().getSubject())
        .isEqualTo("token-broker");
  }

  /** The client assertion of the last request, whose form is as RFC 7523 section 2.2 says. */
  private static String assertion(String client) {
    List<String> parameters = askedAt(provider, client).getLast().parameters();
    assertThat(parameters)
        .contains(
            "grant_type=client_credentials",
            "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    return parameters.stream()
        .filter(parameter -> parameter.startsWith("client_assertion="))
        .map(parameter -> parameter.substring("client_assertion=".length()))
        .findFirst()
        .orElse("");
  }

  @Test
  void says_that_its_credential_is_gone_and_takes_the_next_one() throws IOException {
    Path secret = directory.resolve("removed");
    String content = Files.readString(secret);
    Path key = directory.resolve("spoilt.pem");
    String pem = Files.readString(key);
    Files.delete(secret);
    Files.writeString(key, HIDDEN);

    Answer removed = client.exchange(request("removed"));
    assertThat(removed.reason()).isEqualTo(REFUSED);
    assertThat(removed.facts().toString()).contains("not asked; " + secret + " cannot be read");
    assertThat(client.exchange(request("spoilt")).reason()).isEqualTo(REFUSED);

    Files.writeString(key, TestKeyFiles.pem(TestKeyFiles.ec("secp384r1").getPrivate()));
    assertThat(client.exchange(request("spoilt")).reason()).isEqualTo(REFUSED);

    for (int again = 0; again < 3; again++) {
      assertThat(client.exchange(request("removed")).reason()).isEqualTo(REFUSED);
    }
    Files.writeString(secret, content);
    Files.writeString(key, pem);
    for (String name : List.of("removed", "spoilt")) {
      Eventually.see(() -> client.exchange(request(name)), answer -> answer.token() != null);
    }
    String reloaded =
        broker.awaitLine(line -> line.contains("secret-reloaded of own-client removed"));
    assertThat(reloaded).contains("can be read again");
    assertThat(
            broker.lines().stream().filter(line -> line.contains("secret-rejected of own-client")))
        .hasSize(1);
  }

  /** Knows the second secret only. */
  private static Reply rotating(FakeUpstream.Asked asked) {
    String known = Base64.encode("token-broker:latter").toString();
    return asked.headers().getOrDefault("authorization", "").equals("Basic " + known)
        ? FakeUpstream.json(200, GOOD)
        : error(401, "invalid_client");
  }

  @Test
  void nothing_that_is_logged_has_a_secret_or_a_token() {
    client.exchange(request("good"));

    assertThat(broker.lines())
        .noneMatch(line -> line.contains(SECRET) || line.contains(OWN) || line.contains(HIDDEN));
  }

  private static Path document() throws IOException {
    List<String> names =
        Stream.concat(
                Arrays.stream(Trouble.values()).map(Trouble::client),
                Stream.of("good", "trusted", "rotating", "removed", "spoilt", "by-file", "by-key"))
            .toList();
    String required =
        """
          - {name: required, tokenEndpoint: '%s/token', clientAuthentication: none, clientId: broker, actor: {client: good, required: true}}
        """
            .formatted(sts.origin());
    return Files.writeString(
        directory.resolve("federation.yaml"),
        """
        issuers:
          - {name: ci, issuer: '%s', audiences: ['%s']}
        upstreams:
        %s%stargets:
        %s  - {audience: required, exchange: {upstream: required}}
        rules:
        %s  - {name: required, issuer: ci, audience: required, when: 'true', scopes: [read]}
        """
            .formatted(
                issuer.issuer(),
                FakeIssuer.AUDIENCE,
                each(
                    names,
                    "  - {name: %1$s, tokenEndpoint: '"
                        + sts.origin()
                        + "/%1$s/token', clientAuthentication: none, clientId: broker, actor: {client: %1$s}}%n"),
                required,
                each(names, "  - {audience: %1$s, exchange: {upstream: %1$s}}%n"),
                each(
                    names,
                    "  - {name: %1$s, issuer: ci, audience: %1$s, when: 'true', scopes: [read]}%n")));
  }

  private static String each(List<String> names, String entry) {
    return names.stream().map(entry::formatted).collect(Collectors.joining());
  }

  private static void client(BrokerProcess.Setup setup, String name, String tokenPath) {
    String prefix = "quarkus.oidc-client." + name + ".";
    setup
        .with(prefix + "token-path", tokenPath)
        .with(prefix + "client-id", "token-broker")
        .with(prefix + "credentials.client-secret.provider.key", "secret")
        .with(
            prefix + "credentials.client-secret.provider.keyring-name",
            directory.resolve("secret").toString());
  }

  private static String address(Trouble trouble) {
    return switch (trouble) {
      case CLOSED_PORT -> "http://localhost:" + UNHEARD.getLocalPort() + "/token";
      case UNTRUSTED -> untrusted.origin() + "/token";
      default -> provider.origin() + "/" + trouble.client() + "/token";
    };
  }

  private static List<FakeUpstream.Asked> askedAt(FakeUpstream server, String client) {
    return server.asked().stream()
        .filter(asked -> asked.path().equals("/" + client + "/token"))
        .toList();
  }

  private static ExchangeTokenRequest request(String audience) {
    return request(audience, issuer.credential());
  }

  private static ExchangeTokenRequest request(String audience, String credential) {
    return BrokerClient.exchangeOf(audience, credential);
  }

  private static TokenClient.Answer overHttp(String audience) {
    try (TokenClient http = new TokenClient(broker.uri("/"), HttpClient.Version.HTTP_1_1)) {
      return http.post(TokenClient.exchangeOf(issuer.credential()).set("audience", audience));
    }
  }

  private static Reply unending(String part, Duration pause) {
    String chunk = Integer.toHexString(part.length()) + "\r\n" + part + "\r\n";
    return connection -> {
      OutputStream out = connection.getOutputStream();
      String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      while (true) {
        out.write(chunk.getBytes(StandardCharsets.ISO_8859_1));
        LockSupport.parkNanos(pause.toNanos());
      }
    };
  }

  private static Reply page(int status, String text) {
    return Reply.of(status, Map.of("Content-Type", "text/html"), text);
  }

  /** The good answer with another text in it. */
  private static Reply good(String from, String to) {
    return FakeUpstream.json(200, GOOD.replace(from, to));
  }

  private static Reply error(int status, String code) {
    return FakeUpstream.json(
        status, "{\"error\":\"" + code + "\",\"error_description\":\"" + HIDDEN + "\"}");
  }

  private static String jwt(Map<String, Object> claims) {
    return Base64URL.encode("{\"alg\":\"ES256\"}")
        + "."
        + Base64URL.encode(JSONObjectUtils.toJSONString(claims))
        + "."
        + Base64URL.encode("signature");
  }
}
