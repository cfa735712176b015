package dev.tokenbroker.issue.sts;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.policy.ExchangeGrants;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What attempts present where the broker vouches for the identity. Real sockets. */
class PresenterTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Presentation.Minted MINTED =
      new Presentation.Minted("urn:sso", Duration.ofMinutes(2));
  private static final PresentedCredential CREDENTIAL =
      new PresentedCredential(
          "urn:ietf:params:oauth:token-type:access_token", "head.claims.signature");

  @TempDir Path directory;
  @AutoClose private final Vertx vertx = Vertx.vertx();
  private final TestClock clock = new TestClock();
  private final Trail trail = new Trail();
  private volatile Reply reply = FakeUpstream.token();
  @AutoClose private final FakeUpstream upstream = FakeUpstream.start(_ -> reply);

  @ParameterizedTest
  @CsvSource({
    "TOKEN_EXCHANGE, subject_token",
    "JWT_BEARER, assertion",
    "CLIENT_CREDENTIALS, client_assertion"
  })
  void the_upstream_gets_a_broker_jwt_and_nothing_of_the_credential(
      UpstreamGrant grant, String parameter) throws ParseException {
    accepted(exchange(upstream(grant), grant(null)));

    assertThat(upstream.asked()).hasSize(1);
    JWTClaimsSet claims = presented(parameter).getFirst().getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo(TestTokenSettings.ISSUER);
    assertThat(claims.getSubject()).isEqualTo("repo:acme");
    assertThat(claims.toJSONObject()).containsEntry("aud", "urn:sso").containsEntry("team", "pay");
    assertThat(claims.getExpirationTime().toInstant())
        .isEqualTo(clock.instant().plus(Duration.ofMinutes(2)));
    assertThat(upstream.asked().getFirst().form()).doesNotContain("head.claims");
  }

  @Test
  void an_exchange_calls_it_a_jwt_whatever_the_caller_called_it() {
    accepted(exchange(upstream(UpstreamGrant.TOKEN_EXCHANGE), grant(null)));

    assertThat(upstream.asked().getFirst().parameters())
        .contains("subject_token_type=urn:ietf:params:oauth:token-type:jwt");
  }

  @ParameterizedTest
  @EnumSource
  void each_attempt_presents_another_jwt(UpstreamGrant grant) throws ParseException {
    reply = FakeUpstream.reset();

    refused(exchange(upstream(grant), grant(null)), RefusalReason.UPSTREAM_UNREACHABLE);
    Set<String> ids = new HashSet<>();
    for (SignedJWT jwt : presented(".*(token|assertion)")) {
      ids.add(jwt.getJWTClaimsSet().getJWTID());
    }
    assertThat(ids).hasSize(3);
    assertThat(ids)
        .allSatisfy(
            id -> assertThat(trail.notes()).anyMatch(note -> note.contains("jti " + id + ",")));
  }

  @Test
  void operators_learn_who_signed_what_and_nobody_sees_it() {
    reply = FakeUpstream.json(400, "{\"error\":\"invalid_grant\"}");

    Refusal refusal =
        refused(
            exchange(upstream(UpstreamGrant.JWT_BEARER), grant(null)),
            RefusalReason.UPSTREAM_ASSERTION_REFUSED);
    SignedJWT jwt = presented("assertion").getFirst();
    assertThat(trail.notes())
        .anyMatch(
            note ->
                note.matches(
                    "An attempt presented the JWT with jti \\S{22}, iss "
                        + TestTokenSettings.ISSUER
                        + ", signed by kid "
                        + jwt.getHeader().getKeyID()
                        + "\\."));
    String signature = jwt.getSignature().toString();
    assertThat(refusal.toString() + trail.findings() + trail.notes())
        .doesNotContain(signature)
        .doesNotContain(jwt.getPayload().toBase64URL().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "401, invalid_client, AADSTS700213, UPSTREAM_ASSERTION_REFUSED",
    "400, invalid_request, AADSTS70021, UPSTREAM_REQUEST_REFUSED",
    "401, invalid_client, AADSTS7002138, UPSTREAM_ASSERTION_REFUSED",
  })
  void a_registration_that_entra_does_not_know_yet_is_hinted_at(
      int status, String error, String code, RefusalReason reason) {
    reply =
        FakeUpstream.json(
            status,
            "{\"error\":\"%s\",\"error_description\":\"%s: No matching federated identity\"}"
                .formatted(error, code));

    refused(exchange(upstream(UpstreamGrant.CLIENT_CREDENTIALS), grant(null)), reason);
    assertThat(trail.notes()).anyMatch(note -> note.contains("registration may be new"));
  }

  @Test
  void does_not_call_or_blame_the_upstream_without_a_signing_key() {
    TestTokenSettings keyless =
        TestTokenSettings.defaults().withFiles(directory.resolve("absent.pem"));
    Upstream asked = upstreams(keyless).of(definition(UpstreamGrant.TOKEN_EXCHANGE));

    Refusal refusal = refused(exchange(asked, grant(null)), RefusalReason.SIGNING_KEY_UNAVAILABLE);
    assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(5));
    assertThat(trail.failed()).isEqualTo(Step.UPSTREAM);
    assertThat(upstream.asked()).isEmpty();
    assertThat(asked.status().successes()).isZero();
  }

  @Test
  void a_credential_that_has_ended_is_not_vouched_for() {
    refused(
        exchange(upstream(UpstreamGrant.TOKEN_EXCHANGE), grant(clock.instant())),
        RefusalReason.CREDENTIAL_EXPIRED);
    assertThat(upstream.asked()).isEmpty();
  }

  @Test
  void does_not_vouch_again_for_a_credential_that_ended_meanwhile() {
    reply =
        connection -> {
          clock.advance(Duration.ofSeconds(30));
          FakeUpstream.json(503, "").write(connection);
        };

    Refusal refusal =
        refused(
            exchange(
                upstream(UpstreamGrant.TOKEN_EXCHANGE), grant(clock.instant().plusSeconds(30))),
            RefusalReason.CREDENTIAL_EXPIRED);
    assertThat(upstream.asked()).hasSize(1);
    assertThat(refusal.seen()).endsWith(", 1 attempt");
  }

  private Outcome<IssuedToken> exchange(Upstream asked, Grant grant) {
    return asked.exchange(
        "key", grant, CREDENTIAL, clock.instant(), Deadline.after(PATIENCE), trail);
  }

  private static Grant grant(@Nullable Instant notAfter) {
    return ExchangeGrants.minted(MINTED, Map.of("team", "pay"), notAfter);
  }

  private Upstream upstream(UpstreamGrant grant) {
    return upstreams(TestTokenSettings.defaults()).of(definition(grant));
  }

  private UpstreamDefinition definition(UpstreamGrant grant) {
    return TestUpstreams.at(
        upstream.uri("/token"),
        grant,
        grant == UpstreamGrant.CLIENT_CREDENTIALS
            ? new ClientAuthentication.Federated("broker")
            : new ClientAuthentication.NoAuthentication("broker"));
  }

  private Upstreams upstreams(TestTokenSettings settings) {
    SigningKeys keys =
        new SigningKeys(settings, SignatureProvider.jdk(), clock, ChangeListener.NONE);
    return TestUpstreams.of(
        PeerClients.loopback(vertx, PATIENCE),
        GuardValues.defaults(),
        new JwtMinter(keys, settings, clock),
        clock);
  }

  /** The JWTs in the parameters of that name, request by request. */
  private List<SignedJWT> presented(String parameter) {
    return upstream.asked().stream()
        .flatMap(asked -> asked.parameters().stream())
        .filter(sent -> sent.matches(parameter + "=eyJ.*"))
        .map(sent -> parsed(sent.substring(sent.indexOf('=') + 1)))
        .toList();
  }

  private static SignedJWT parsed(String jwt) {
    try {
      return SignedJWT.parse(jwt);
    } catch (ParseException broken) {
      throw new AssertionError("no JWT", broken);
    }
  }
}
