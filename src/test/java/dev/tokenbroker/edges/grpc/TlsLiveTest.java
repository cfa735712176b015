package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.MutualTls.Party;
import dev.tokenbroker.edges.http.token.TokenClient;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.federation.Federations;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.quarkus.tls.TlsConfigurationRegistry;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker behind mutual TLS, and certificates that change while it runs. */
@QuarkusTest
@TestProfile(MutualTls.class)
class TlsLiveTest {

  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);

  @Inject Federations federations;
  @Inject TlsConfigurationRegistry tls;

  @TestHTTPResource(tls = true)
  URI url;

  @AutoClose private final FakeIssuer issuer = FakeIssuer.start();

  @BeforeEach
  void start() {
    new TestFederation()
        .issuer("good", issuer.issuer())
        .bound("vault", "certificate")
        .bound("ledger", "any")
        .rule("vault", "good", "vault", "true")
        .rule("ledger", "good", "ledger", "true")
        .load(federations);
  }

  @Test
  void exchanges_with_a_caller_that_has_a_certificate() {
    assertThat(eventuallyGranted(Party.onDisk()).getAccessToken()).isNotEmpty();
  }

  @Test
  void lets_nobody_in_without_a_certificate() {
    eventuallyGranted(Party.onDisk());

    assertThat(exchange(Party.onDisk().anonymous()).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void lets_nobody_in_with_a_certificate_of_another_authority() {
    eventuallyGranted(Party.onDisk());

    assertThat(exchange(Party.onDisk().certifiedBy(TestTls.generate())).code())
        .isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void shows_a_new_certificate_to_new_connections_without_a_restart() {
    Party before = Party.onDisk();
    eventuallyGranted(before);
    try (BrokerClient standing = connected(before)) {
      MutualTls.serverFrom(TestTls.generate());

      eventuallyGranted(Party.onDisk());
      assertThat(exchange(before).code()).isEqualTo(Code.UNAVAILABLE);
      standing.exchange(request()).granted();
    }
  }

  @Test
  void replaces_the_authority_of_callers_without_a_restart() {
    Party before = Party.onDisk();
    eventuallyGranted(before);

    MutualTls.clientsFrom(TestTls.generate());

    eventuallyGranted(Party.onDisk());
    assertThat(exchange(before).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void still_asks_for_a_certificate_after_its_own_has_changed() {
    MutualTls.serverFrom(TestTls.generate());
    eventuallyGranted(Party.onDisk());

    assertThat(exchange(Party.onDisk().anonymous()).code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void keeps_the_last_good_certificate_if_the_new_one_is_unreadable() {
    Party before = Party.onDisk();
    eventuallyGranted(before);

    MutualTls.breakServerCertificate();

    assertThat(tls.get("edge").orElseThrow().reload()).isFalse();
    eventuallyGranted(before);
    MutualTls.serverFrom(TestTls.generate());
    eventuallyGranted(Party.onDisk());
  }

  @ParameterizedTest
  @ValueSource(strings = {"vault", "ledger"})
  void binds_a_token_to_the_certificate_where_the_target_demands_it(String audience)
      throws Exception {
    Party party = Party.onDisk();
    ExchangeTokenRequest request = request().toBuilder().setAudience(audience).build();

    try (BrokerClient client = connected(party)) {
      ExchangeTokenResponse granted = client.exchange(request).granted();
      assertThat(granted.getTokenType()).isEqualTo("Bearer");
      assertThat(confirmation(granted.getAccessToken()))
          .isEqualTo(Map.of("x5t#S256", party.thumbprint()));
    }
    try (TokenClient client = connectedOverHttp(party)) {
      TokenClient.Answer granted =
          client.post(TokenClient.exchangeOf(request.getSubjectToken()).set("audience", audience));
      assertThat(granted.status()).as("%s", granted).isEqualTo(200);
      assertThat(granted.text("token_type")).isEqualTo("Bearer");
      assertThat(confirmation(granted.text("access_token")))
          .isEqualTo(Map.of("x5t#S256", party.thumbprint()));
    }
  }

  @Test
  void binds_no_token_to_a_certificate_that_nobody_asked_for() throws Exception {
    ExchangeTokenResponse granted = eventuallyGranted(Party.onDisk());

    assertThat(confirmation(granted.getAccessToken())).isEmpty();
  }

  @Test
  void gives_a_token_bound_to_one_certificate_to_no_other_caller() throws Exception {
    TestTls authority = TestTls.generate();
    MutualTls.clientsFrom(authority);
    eventuallyGranted(Party.onDisk());
    Party one = Party.onDisk();
    Party other = one.certifiedBy(authority);
    ExchangeTokenRequest request = request().toBuilder().setAudience("vault").build();

    try (BrokerClient first = connected(one);
        BrokerClient second = connected(other)) {
      String bound = first.accessToken(request);
      assertThat(first.accessToken(request)).isEqualTo(bound);
      assertThat(confirmation(second.accessToken(request)))
          .isEqualTo(Map.of("x5t#S256", other.thumbprint()))
          .isNotEqualTo(confirmation(bound));
    }
  }

  @Test
  void gives_a_nonce_over_http_and_takes_the_proof_that_has_it() {
    String uri = url.resolve("/token").toString();
    try (TokenClient client = connectedOverHttp(Party.onDisk())) {
      Form form = TokenClient.exchangeOf(issuer.credential());

      TokenClient.Answer refused = client.post(form, with(proof(uri, "")));
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.text("error")).isEqualTo("use_dpop_nonce");
      assertThat(refused.text("reason")).isEqualTo("DPOP_NONCE_REQUIRED");
      String nonce = refused.header("dpop-nonce");
      assertThat(nonce).isNotEmpty();

      TokenClient.Answer granted = client.post(form, with(proof(uri, nonce)));
      assertThat(granted.status()).as("%s", granted).isEqualTo(200);
      assertThat(granted.text("token_type")).isEqualTo("DPoP");
      assertThat(granted.header("dpop-nonce")).isEqualTo(nonce);
      assertThat(client.post(form).header("dpop-nonce")).isEmpty();
    }
  }

  @Test
  void gives_a_nonce_over_grpc_and_takes_the_proof_that_has_it() {
    String uri =
        "https://localhost:" + GrpcPort.current() + "/tokenbroker.v1.TokenBroker/ExchangeToken";
    Metadata.Key<String> nonceKey = Metadata.Key.of("dpop-nonce", Metadata.ASCII_STRING_MARSHALLER);
    try (BrokerClient client = connected(Party.onDisk())) {
      StatusRuntimeException refused =
          catchThrowableOfType(
              StatusRuntimeException.class,
              () -> client.with("dpop", List.of(proof(uri, ""))).exchangeToken(request()));
      assertThat(BrokerClient.refused(refused).reason()).isEqualTo("DPOP_NONCE_REQUIRED");
      assertThat(refused.getStatus().getCode()).isEqualTo(Code.UNAUTHENTICATED);
      String nonce = Objects.requireNonNull(refused.getTrailers()).get(nonceKey);

      AtomicReference<Metadata> trailers = new AtomicReference<>(new Metadata());
      ExchangeTokenResponse granted =
          client
              .with("dpop", List.of(proof(uri, Objects.requireNonNull(nonce))))
              .withInterceptors(
                  MetadataUtils.newCaptureMetadataInterceptor(new AtomicReference<>(), trailers))
              .exchangeToken(request());
      assertThat(granted.getTokenType()).isEqualTo("DPoP");
      assertThat(trailers.get().get(nonceKey)).isEqualTo(nonce);
    }
  }

  private static UnaryOperator<HttpRequest.Builder> with(String proof) {
    return request -> request.header("DPoP", proof);
  }

  private static String proof(String uri, String nonce) {
    TestProof proof = TestProof.of(KEY, "POST", uri, Instant.now());
    return nonce.isEmpty() ? proof.signed() : proof.claim("nonce", nonce).signed();
  }

  private static Map<String, Object> confirmation(String token) throws ParseException {
    return Objects.requireNonNullElse(
        SignedJWT.parse(token).getJWTClaimsSet().getJSONObjectClaim("cnf"), Map.of());
  }

  // While the server takes new certificates in, it turns a connection away now and then.
  private ExchangeTokenResponse eventuallyGranted(Party party) {
    return Eventually.see(() -> exchange(party), answer -> answer.code() == Code.OK).granted();
  }

  /** A client whose connection stands, so that no call on it is turned away. */
  private BrokerClient connected(Party party) {
    BrokerClient client = party.connect(GrpcPort.current());
    Eventually.see(() -> client.exchange(request()), answer -> answer.code() == Code.OK).granted();
    return client;
  }

  /** The same over HTTP. */
  private TokenClient connectedOverHttp(Party party) {
    TokenClient client = new TokenClient(url, party.http(Version.HTTP_1_1));
    assertThat(Eventually.see(() -> isLive(client), live -> live)).isTrue();
    return client;
  }

  private boolean isLive(TokenClient client) {
    try {
      return client.send(client.request().uri(url.resolve("/q/health/live"))).status() == 200;
    } catch (UncheckedIOException turnedAway) {
      return false;
    }
  }

  private Answer exchange(Party party) {
    try (BrokerClient client = party.connect(GrpcPort.current())) {
      return client.exchange(request());
    }
  }

  private ExchangeTokenRequest request() {
    return BrokerClient.exchangeOf(issuer.credential());
  }
}
