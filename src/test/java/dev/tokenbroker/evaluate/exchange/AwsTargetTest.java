package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.issue.aws.AwsSts.error;
import static dev.tokenbroker.issue.aws.AwsSts.xml;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRecord;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.aws.AwsSts;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Targets of AWS, over sockets, at an STS that checks every request and verifies its JWT. */
class AwsTargetTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(42);
  private static final String CREDENTIAL =
      ISSUER.credential("acme/payments", TestClock.START.plusSeconds(14_400).getEpochSecond());
  private static final String ROLE = "role: '" + AwsSts.ROLE + "'";
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @AutoClose private static final Vertx VERTX = Vertx.vertx();

  @TempDir Path directory;
  private final TestClock clock = new TestClock();
  private final List<ExchangeRecord> records = Collections.synchronizedList(new ArrayList<>());
  private final List<Change> changes = Collections.synchronizedList(new ArrayList<>());
  private final SigningKeys keys =
      new SigningKeys(
          TestTokenSettings.defaults(),
          SignatureProvider.jdk(),
          TestClocks.of(clock),
          ChangeListener.NONE);

  @AutoClose
  private final AwsSts sts =
      AwsSts.start(_ -> JWKSet.parse(new String(keys.published().jwks(), UTF_8)), clock);

  private PeerClient client = PeerClients.loopback(VERTX, PATIENCE);

  @Test
  void issues_role_credentials_for_a_jwt_with_session_tags() throws Exception {
    Exchanged ended =
        ask(
            exchange(
                ROLE,
                "claims: {https://aws.amazon.com/tags: '{\"principal_tags\": {\"repository\":"
                    + " [claims.repository]}, \"transitive_tag_keys\": [\"repository\"]}'}"));

    IssuedToken token = Endings.token(ended);
    assertThat(token.issuedTokenType()).isEqualTo("urn:tokenbroker:token-type:aws-credentials");
    assertThat(token.tokenTypeLabel()).isEqualTo("N_A");
    assertThat(token.scopes()).isEmpty();
    assertThat(token.expireTime()).isEqualTo(clock.instant().plus(HOUR));
    assertThat(JSONObjectUtils.parse(token.value()))
        .isEqualTo(
            Map.of(
                "AccessKeyId", "ASIAEXAMPLE00000001",
                "SecretAccessKey", "secret/key+1",
                "SessionToken", "session-token-1",
                "Expiration", "2026-11-24T13:00:00Z"));
    AwsSts.Assumed session = sts.assumed().getFirst();
    assertThat(session.form())
        .hasEntrySatisfying(
            "RoleSessionName", name -> assertThat(name).matches("repo-acme-payments-[0-9a-f]{16}"))
        .doesNotContainKey("Policy");
    assertThat(session.claims().getSubject()).isEqualTo("repo:acme/payments");
    assertThat(session.claims().getIssuer()).isEqualTo(TestTokenSettings.ISSUER);
    assertThat(session.claims().getExpirationTime().toInstant())
        .isEqualTo(clock.instant().plusSeconds(60));
    assertThat(session.claims().getClaim("https://aws.amazon.com/tags"))
        .isEqualTo(
            Map.of(
                "principal_tags",
                Map.of("repository", List.of("acme/payments")),
                "transitive_tag_keys",
                List.of("repository")));
  }

  @Test
  void narrows_the_session_by_a_policy_with_whole_claims() throws Exception {
    ask(
        exchange(
            """
            role: '%s', sessionName: '${claims.repository}', duration: 30m,
              policy: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 's3:*',
                Resource: ['${claims.repository}', 'arn:aws:s3:::${aws:PrincipalTag/team}'], Condition: {Bool: {'aws:SecureTransport': true}}}]}
            """
                .formatted(AwsSts.ROLE)));

    Map<String, String> form = sts.assumed().getFirst().form();
    assertThat(form)
        .containsEntry("DurationSeconds", "1800")
        .containsEntry(
            "Policy",
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\","
                + "\"Resource\":[\"acme/payments\",\"arn:aws:s3:::${aws:PrincipalTag/team}\"],"
                + "\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"true\"}}}]}");
    assertThat(form.get("RoleSessionName")).matches("acme-payments-[0-9a-f]{16}");
  }

  @Test
  void narrows_the_session_by_managed_policies() throws Exception {
    ask(
        exchange(
            "role: '%s', sessionName: ci, policy: ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::123456789012:policy/deploy']"
                .formatted(AwsSts.ROLE)));

    assertThat(sts.assumed().getFirst().form())
        .containsEntry("RoleSessionName", "ci")
        .containsEntry("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        .containsEntry("PolicyArns.member.2.arn", "arn:aws:iam::123456789012:policy/deploy");
  }

  /** AWS' SDKs ask again once no more than 15 minutes are left. */
  @ParameterizedTest
  @CsvSource({"60m, 1800, 2700", "30m, 900, 900"})
  void renews_at_half_life_and_serves_none_in_the_last_15_minutes(
      String duration, int half, int last) {
    TokenExchange exchange = exchange("role: '%s', duration: %s".formatted(AwsSts.ROLE, duration));
    String first = Endings.token(ask(exchange)).value();

    clock.advance(Duration.ofSeconds(half - 1));
    assertThat(Endings.token(ask(exchange)).value()).isEqualTo(first); // and its refresh was due
    assertThat(sts.requests()).isEqualTo(2);
    String second = Endings.token(ask(exchange)).value();
    assertThat(second).isNotEqualTo(first);

    sts.answer(error(503, "ServiceUnavailable", "later"));
    clock.advance(Duration.ofSeconds(last - 1));
    assertThat(Endings.token(ask(exchange)).value()).isEqualTo(second);
    clock.advance(Duration.ofSeconds(1));
    assertThat(ask(exchange).verdict().reason()).isEqualTo(RefusalReason.UPSTREAM_UNAVAILABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          403 | AccessDenied            | Not authorized | NOT_PERMITTED     | trust policy             | 1
          400 | InvalidIdentityToken    | No OpenIDConnect provider found | ASSERTION_REFUSED | IAM OIDC provider | 1
          403 | IDPRejectedClaim        | x              | ASSERTION_REFUSED | compare iss, aud and sub | 1
          400 | ExpiredTokenException   | x              | ASSERTION_REFUSED | clock                    | 1
          400 | IDPCommunicationError   | x              | UNAVAILABLE       | did not reach the broker | 2
          400 | Throttling              | Rate exceeded  | THROTTLED         | pushback                 | 1
          400 | ThrottlingException     | Rate exceeded  | THROTTLED         | pushback                 | 1
          400 | RequestLimitExceeded    | x              | THROTTLED         | pushback                 | 1
          403 | RegionDisabledException | x              | REQUEST_REFUSED   | another region           | 1
          400 | PackedPolicyTooLarge    | x              | REQUEST_REFUSED   | "shorten 'policy'"       | 1
          400 | MalformedPolicyDocument | x              | REQUEST_REFUSED   | "correct 'policy'"       | 1
          400 | ValidationError         | DurationSeconds exceeds the MaxSessionDuration | REQUEST_REFUSED | maximum | 1
          500 | InternalFailure         | x              | UNAVAILABLE       | pushback                 | 2
          400 | Surprise                | x              | REQUEST_REFUSED   | notes of the verdict     | 1
          """,
      quoteCharacter = '"')
  void has_one_reason_and_remedy_for_each_error(
      int status, String code, String message, String reason, String remedy, int requests) {
    assertFailure(
        error(status, code, message), TargetFailure.of(reason, remedy, Duration.ZERO, requests));
  }

  @ParameterizedTest
  @MethodSource("replies")
  void has_one_reason_and_remedy_for_each_reply(Reply reply, TargetFailure expected) {
    if (expected.reason() == RefusalReason.UPSTREAM_TIMED_OUT) {
      client = PeerClients.loopback(VERTX, Duration.ofMillis(300));
    }
    assertFailure(reply, expected);
  }

  private void assertFailure(Reply reply, TargetFailure expected) {
    sts.answer(reply);
    TokenExchange exchange = exchange(ROLE);

    Exchanged ended = ask(exchange);

    Verdict verdict = ended.verdict();
    expected.assertEnd(ended, verdict.hints() + expected.reason().remedy(), sts.requests());
    assertThat(verdict.toString()).doesNotContain("secret/key", "eyJ");

    // Nothing is cached but definite refusals, and these for a moment.
    sts.answer(null);
    clock.advance(Duration.ofMinutes(1));
    assertThat(Endings.token(ask(exchange)).value()).contains("ASIAEXAMPLE00000001");
  }

  static List<Arguments> replies() {
    Instant end = TestClock.START.plus(HOUR);
    String good = AwsSts.credentials(1, "secret/key", end);
    String entity =
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY k SYSTEM \"file:///etc/passwd\">]>"
            + AwsSts.credentials(1, "&k;", end);
    return List.of(
        malformed("malformed xml", good.replace("</Credentials>", "")),
        malformed("entity", entity),
        malformed("undeclared entity", AwsSts.credentials(1, "&k;", end)),
        malformed("another namespace", good.replace("2011-06-15", "2012-06-15")),
        malformed(
            "twice", good.replace("<Credentials>", "<Credentials><AccessKeyId>x</AccessKeyId>")),
        malformed("blank in a key", AwsSts.credentials(1, "secret/key x", end)),
        malformed("no time", good.replace(end.toString(), "soon")),
        malformed(
            "web page", Reply.of(403, Map.of("Content-Type", "text/html"), "<html>no</html>")),
        malformed("huge", Reply.chunked(1024 * 1024)),
        malformed("redirect", Reply.of(302, Map.of("Location", "/elsewhere"), "")),
        unusable("short life", TestClock.START.plusSeconds(900)),
        unusable("long life", end.plusSeconds(3600)),
        row("hung", Reply.hang(), "TIMED_OUT", "health", 1),
        row("reset", FakeUpstream.reset(), "UNREACHABLE", "network", 2));
  }

  private static Arguments malformed(String name, String body) {
    return malformed(name, xml(200, body));
  }

  private static Arguments malformed(String name, Reply reply) {
    return row(name, reply, "ANSWER_MALFORMED", "what stands between", 1);
  }

  private static Arguments unusable(String name, Instant end) {
    return row(name, xml(200, AwsSts.credentials(1, "secret/key", end)), "TOKEN_UNUSABLE", "", 1);
  }

  private static Arguments row(
      String name, Reply reply, String reason, String remedy, int requests) {
    return argumentSet(name, reply, TargetFailure.of(reason, remedy, Duration.ZERO, requests));
  }

  @Test
  void holds_back_as_long_as_the_sts_says() {
    sts.answer(Reply.of(429, Map.of("Retry-After", "7"), ""));
    TokenExchange exchange = exchange(ROLE);

    for (int call = 0; call < 3; call++) {
      Refusal refused = Outcomes.refused(ask(exchange).outcome(), RefusalReason.UPSTREAM_THROTTLED);
      assertThat(refused.retryAfter()).isGreaterThan(Duration.ofSeconds(4));
    }
    assertThat(sts.requests()).isEqualTo(1);
  }

  /** The JWT lives for a minute. */
  @ParameterizedTest
  @CsvSource({
    "300, 300 s ahead of that of the broker",
    "-300, 300 s behind that of the broker",
  })
  void tells_how_far_the_clock_of_the_sts_is_off(int seconds, String hint) {
    sts.clock(() -> clock.instant().plusSeconds(seconds));

    Verdict verdict = ask(exchange(ROLE)).verdict();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.UPSTREAM_ASSERTION_REFUSED);
    assertThat(verdict.hints().toString()).contains(hint);
  }

  @Test
  void tells_once_that_aws_refuses_what_it_gave() {
    Reply denied = error(403, "AccessDenied", "Not authorized");
    TokenExchange exchange = exchange(ROLE);
    sts.answer(denied);
    assertThat(ask(exchange).verdict().reason()).isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
    assertThat(changes).isEmpty(); // it has given nothing yet

    for (int times = 1; times <= 2; times++) {
      sts.answer(null);
      clock.advance(Duration.ofMinutes(1));
      assertThat(Endings.token(ask(exchange)).value()).isNotEmpty();
      sts.answer(denied);
      clock.advance(HOUR);
      for (int call = 0; call < 3; call++) {
        clock.advance(Duration.ofMinutes(1));
        assertThat(ask(exchange).verdict().reason())
            .isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
      }
      assertThat(changes)
          .hasSize(times)
          .allMatch(change -> change.kind() == ChangeKind.ROLE_TRUST_CHANGED)
          .extracting(Change::is)
          .containsOnly("status 403, error AccessDenied");
    }
  }

  @Test
  void refuses_a_role_that_aws_does_not_give() {
    Verdict verdict = ask(exchange("role: 'arn:aws:iam::123456789012:role/other'")).verdict();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
    assertThat(verdict.notes())
        .anyMatch(note -> note.contains("role/other to the session repo-acme-payments-"))
        .anyMatch(note -> note.contains("Not authorized: sts:AssumeRoleWithWebIdentity"));
    assertThat(sts.assumed()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'sessionName: ''${claims.branch}''', 'sessionName'",
    "'policy: {Resource: ''${claims.nested.bucket}''}', 'missing or no text'",
  })
  void refuses_an_identity_without_a_value(String key, String why) {
    Verdict verdict = ask(exchange("role: '" + AwsSts.ROLE + "', " + key)).verdict();

    assertThat(verdict.reason()).isEqualTo(RefusalReason.RULE_EVALUATION_FAILED);
    assertThat(verdict.toString()).contains(why);
    assertThat(sts.requests()).isZero();
  }

  private TokenExchange exchange(String aws) {
    return exchange(aws, "");
  }

  private TokenExchange exchange(String aws, String rule) {
    Upstreams upstreams =
        TestUpstreams.of(
            client,
            GuardValues.defaults().withAttempts(2, PATIENCE).withBackOffBase(Duration.ofMillis(1)),
            new JwtMinter(keys, TestTokenSettings.defaults(), clock),
            changes::add,
            clock);
    String document =
        ISSUER
            .federation()
            .replace("mint: {lifetime: 10m}", "aws: {endpoint: '" + sts.url() + "', " + aws + "}")
            .replace(
                "scopes: [deploy, read]",
                rule.isEmpty() ? "outliveCredential: true" : "outliveCredential: true\n    " + rule)
            .replace("disabled: true", "disabled: true\n    outliveCredential: true");
    Federation federation = TestExchange.federation(directory, document, upstreams::of, clock);
    return TestExchange.by(federation, clock, List.of(records::add)).build();
  }

  private static Exchanged ask(TokenExchange exchange) {
    return TestExchange.exchange(exchange, request("payments-api", CREDENTIAL));
  }
}
