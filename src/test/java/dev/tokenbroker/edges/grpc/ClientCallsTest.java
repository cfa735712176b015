package dev.tokenbroker.edges.grpc;

import static dev.tokenbroker.evaluate.exchange.TestClients.CI;
import static dev.tokenbroker.evaluate.exchange.TestClients.KEY;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH_OFF;
import static dev.tokenbroker.evaluate.exchange.TestClients.OTHERS;
import static dev.tokenbroker.evaluate.exchange.TestClients.SECRET;
import static dev.tokenbroker.evaluate.exchange.TestClients.STRANGER;
import static dev.tokenbroker.evaluate.exchange.TestClients.UNLISTED;
import static dev.tokenbroker.evaluate.exchange.TestClients.at;
import static dev.tokenbroker.evaluate.exchange.TestClients.own;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.evaluate.exchange.ClientExchange;
import dev.tokenbroker.evaluate.exchange.TestClients;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Registered clients over gRPC: each way of authentication, good and hostile. */
class ClientCallsTest {

  private static final String UNPROVED = "CLIENT_UNAUTHENTICATED";

  private final TestClock clock = new TestClock();
  @TempDir Path directory;
  private ClientExchange broker;

  @BeforeEach
  void start() throws IOException {
    TestClients.writeSecrets(directory);
    broker = broker(KEY);
  }

  private ClientExchange broker(TestKey key) throws IOException {
    return TestClients.exchange(directory, "jobs", key, clock);
  }

  // --- good ones

  @Test
  void lets_each_client_exchange_by_its_proof() {
    for (Call call :
        List.of(
            new Call().basic("gateway", SECRET),
            new Call().asserting(own("signer")),
            new Call().asserting(own("signer")).type(ClientAuthenticator.JWT_BEARER),
            new Call().asserting(job("job")),
            new Call().certificate(MESH))) {
      assertThat(answer(call).code()).isEqualTo(Code.OK);
    }
    assertThat(broker.granted().stream().map(Grant::client))
        .containsExactly("gateway", "signer", "signer", "job", "mesh");
  }

  @Test
  void explains_by_client_and_uses_no_assertion_up() {
    for (Call call :
        List.of(
            new Call().basic("gateway", SECRET),
            new Call().asserting(own("signer")),
            new Call().asserting(job("job")),
            new Call().asserting(own("signer")).token(own("signer")),
            new Call().token(job("job")),
            new Call().certificate(MESH))) {
      ExchangeRequest request = ExchangeMessages.request(call.message.build(), call.caller());
      List<String> named =
          Stream.of(broker.explain(request), broker.explain(request))
              .map(verdict -> VerdictMessages.of(verdict).getClient())
              .toList();
      assertThat(broker.explain(request).accepted()).isTrue();
      assertThat(answer(call).code()).isEqualTo(Code.OK);
      assertThat(named).containsOnly(broker.granted().getLast().client());
    }
    assertThat(
            broker
                .explain(
                    ExchangeMessages.request(
                        new Call().message.build(), new Call().basic("off", OTHERS).caller()))
                .reason())
        .isEqualTo(RefusalReason.CLIENT_DISABLED);
  }

  @Test
  void takes_an_assertion_once_and_keeps_what_it_was_good_for() {
    for (TestCredential assertion : List.of(own("signer"), job("job"))) {
      Call call = new Call().asserting(assertion);
      assertThat(answer(call).code()).isEqualTo(Code.OK);

      Answer again = answer(call);
      assertThat(again.code()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(again.reason()).isEqualTo(UNPROVED);
      assertThat(again.facts().get("seen")).contains("CREDENTIAL_ALREADY_USED");
    }
    assertThat(broker.granted()).hasSize(2);
  }

  @Test
  void refuses_the_old_key_and_secret_once_they_are_replaced() throws IOException {
    TestCredential before = own("signer");
    broker = broker(TestKey.fast("k-1"));
    assertRefused(
        of(
            "old key",
            new Call().asserting(before),
            Code.UNAUTHENTICATED,
            UNPROVED,
            "not accepted"));

    Files.writeString(directory.resolve("gateway"), OTHERS);
    broker = broker(KEY);
    assertRefused(unproved("old secret", new Call().basic("gateway", SECRET)));
    assertThat(answer(new Call().basic("gateway", OTHERS)).code()).isEqualTo(Code.OK);
  }

  // --- hostile ones

  /** A call and the end that it must have; the detail stands in the step's facts. */
  record Attempt(String name, Call call, Code code, String reason, String detail) {

    @Override
    public String toString() {
      return name;
    }
  }

  private static Attempt of(String name, Call call, Code code, String reason, String detail) {
    return new Attempt(name, call, code, reason, detail);
  }

  private static Attempt unproved(String name, Call call) {
    return of(name, call, Code.UNAUTHENTICATED, UNPROVED, "");
  }

  private static Attempt unproved(String name, Call call, String detail) {
    return of(name, call, Code.UNAUTHENTICATED, UNPROVED, detail);
  }

  private static Attempt unknown(String name, Call call) {
    return of(name, call, Code.UNAUTHENTICATED, "ISSUER_UNKNOWN", "");
  }

  private static Attempt disabled(String name, Call call, String client) {
    return of(name, call, Code.UNAUTHENTICATED, "CLIENT_DISABLED", client);
  }

  private static Attempt notAdmitted(String name, Call call) {
    return of(name, call, Code.PERMISSION_DENIED, "CLIENT_NOT_ADMITTED", "gateway");
  }

  /** The refusals of a client that has proved itself, by each way. */
  private static Stream<Attempt> barred(String way, Call disabled, String off, Call idle) {
    return Stream.of(
        disabled(way + ": disabled", disabled, off),
        of(
            way + ": without the right",
            idle,
            Code.PERMISSION_DENIED,
            "CLIENT_NOT_PERMITTED",
            "exchange"));
  }

  static Stream<Attempt> byBasic() {
    String good = new Call().basic("gateway", SECRET).headers.getFirst();
    return Stream.concat(
        barred("Basic", new Call().basic("off", OTHERS), "off", new Call().basic("idle", OTHERS)),
        Stream.of(
            unproved("a wrong secret", new Call().basic("gateway", "x".repeat(32))),
            unproved("the secret of another client", new Call().basic("gateway", OTHERS)),
            unproved("an unknown client", new Call().basic("nobody", SECRET)),
            unproved("an empty id", new Call().basic("", SECRET)),
            unproved("an empty secret", new Call().basic("gateway", "")),
            unproved("a broken escape", new Call().basic("gateway", SECRET + "%zz")),
            unproved("the id in capitals", new Call().basic("GATEWAY", SECRET)),
            unproved("a blank behind the secret", new Call().basic("gateway", SECRET + " ")),
            unproved("a huge secret", new Call().basic("gateway", "x".repeat(7_000))),
            unproved("a huge id", new Call().basic("x".repeat(7_000), SECRET)),
            unproved("a client with a key", new Call().basic("signer", OTHERS)),
            unproved("the thumbprint as a secret", new Call().basic("mesh", MESH)),
            unproved("no base64", new Call().header("Basic !")),
            unproved("no colon", new Call().header("Basic YQ==")),
            unproved("no value", new Call().header("Basic ")),
            unproved("two headers", new Call().header(good).header(good)),
            unproved(
                "an assertion, too",
                new Call().basic("gateway", SECRET).asserting(own("signer")),
                "two proofs"),
            unproved(
                "an assertion type, too",
                new Call().basic("gateway", SECRET).type(ClientAuthenticator.JWT_BEARER),
                "two proofs"),
            unproved(
                "a certificate, too", new Call().basic("gateway", SECRET).certificate(MESH), "two"),
            notAdmitted("another scheme proves no client", new Call().header("Bearer " + SECRET))));
  }

  static Stream<Attempt> byAssertion() {
    return Stream.concat(
        barred(
            "own key",
            new Call().asserting(own("signer-off")),
            "signer-off",
            new Call().asserting(own("signer-idle"))),
        Stream.of(
            unproved("no assertion", new Call().type(ClientAuthenticator.JWT_BEARER), "no assert"),
            unproved("no JWT", new Call().asserting("x"), "not accepted"),
            unproved(
                "another type",
                new Call()
                    .asserting(own("signer"))
                    .type("urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
                "no assertion"),
            unproved(
                "the type in capitals",
                new Call().asserting(own("signer")).type("URN:" + ClientAuthenticator.JWT_BEARER),
                "no assertion"),
            signed("another key", own("signer", STRANGER)),
            signed("another client's name", own("gateway")),
            signed("an unknown client", own("nobody")),
            signed("another sub", own("signer").claim("sub", "gateway")),
            signed("another audience", own("signer").claim("aud", "https://x.test")),
            signed(
                "two audiences",
                own("signer").claim("aud", List.of("https://broker.test", "https://x.test"))),
            signed("expired", own("signer").claim("exp", at(-61))),
            signed("for an hour", own("signer").claim("exp", at(3_600))),
            signed("of the future", own("signer").claim("iat", at(120))),
            signed("no exp", own("signer").without("exp")),
            signed("no iat", own("signer").without("iat")),
            signed("no jti", own("signer").without("jti")),
            signed("an empty jti", own("signer").claim("jti", "")),
            signed("alg none", own("signer").header("alg", "none")),
            signed("alg HS256", own("signer").header("alg", "HS256")),
            signed("huge", own("signer").claim("x", "x".repeat(20_000))),
            unproved("a certificate, too", new Call().asserting(own("signer")).certificate(MESH)),
            unknown("as the credential", new Call().token(own("signer"))),
            unknown(
                "as the credential of another client",
                new Call().token(own("signer")).basic("gateway", SECRET))));
  }

  static Stream<Attempt> byFederatedAssertion() {
    return Stream.of(
        disabled("disabled", new Call().asserting(job("job-off")), "job-off"),
        disabled("disabled, as the credential", new Call().token(job("job-off")), "job-off"),
        signed("another subject", job("someone")),
        signed("the subject in capitals", job("JOB")),
        signed("another issuer", job("job").claim("iss", TestCredential.ISSUER)),
        signed("the issuer's name", job("job").claim("iss", "jobs")),
        signed("another key", job("job", STRANGER)),
        signed("another audience", job("job").claim("aud", "https://x.test")),
        signed("expired", job("job").claim("exp", at(-61))),
        signed("of the future", job("job").claim("nbf", at(61))),
        signed("no sub", job("job").without("sub")),
        signed("a list for sub", job("job").claim("sub", List.of("job"))),
        signed("alg none", job("job").header("alg", "none")),
        signed("huge", job("job").claim("x", "x".repeat(20_000))),
        unproved("Basic, too", new Call().asserting(job("job")).basic("gateway", SECRET), "two"),
        unproved("a certificate, too", new Call().asserting(job("job")).certificate(MESH), "two"));
  }

  static Stream<Attempt> byCertificate() {
    Stream<Attempt> strangers =
        Stream.of(
                UNLISTED,
                "",
                MESH + "=",
                MESH.toLowerCase(Locale.ROOT),
                MESH.substring(1),
                " " + MESH,
                "x".repeat(10_000))
            .map(
                thumbprint ->
                    notAdmitted(
                        "thumbprint '%.50s'".formatted(thumbprint),
                        new Call().certificate(thumbprint)));
    Call good = new Call().certificate(MESH);
    return Stream.concat(
        strangers,
        Stream.of(
            disabled("disabled", new Call().certificate(MESH_OFF), "mesh-off"),
            notAdmitted("no certificate", new Call()),
            of(
                "another target's client",
                new Call().certificate(MESH).token(job("job")).audience("orders"),
                Code.PERMISSION_DENIED,
                "NO_RULE_MATCHED",
                "by client mesh"),
            unproved("another's Basic", good.basic("gateway", SECRET), "two proofs"),
            unproved("its name in Basic", new Call().certificate(MESH).basic("mesh", MESH), "two"),
            unproved("no base64, too", new Call().certificate(MESH).header("Basic !"), "two"),
            unproved("an assertion, too", new Call().certificate(MESH).asserting("x"), "two"),
            unproved(
                "an empty assertion's type",
                new Call().certificate(MESH).type(ClientAuthenticator.JWT_BEARER),
                "two proofs"),
            unknown(
                "another client's credential", new Call().certificate(MESH).token(own("signer")))));
  }

  private static Attempt signed(String name, TestCredential assertion) {
    return unproved(
        name, new Call().asserting(assertion), "a client assertion that is not accepted");
  }

  @ParameterizedTest
  @MethodSource({"byBasic", "byAssertion", "byFederatedAssertion", "byCertificate"})
  void issues_and_caches_nothing_for_a_hostile_call(Attempt attempt) {
    assertRefused(attempt);
  }

  private void assertRefused(Attempt attempt) {
    Answer answer = answer(attempt.call());

    assertThat(answer.code()).as("%s", answer).isEqualTo(attempt.code());
    assertThat(answer.reason()).isEqualTo(attempt.reason());
    assertThat(answer.pushback()).isEqualTo("-1");
    assertThat(answer.facts().toString()).contains(attempt.detail());
    assertThat(answer.toString()).doesNotContain(SECRET, OTHERS);
    assertThat(answer.description()).startsWith(attempt.reason() + ": ").contains("(verdict ");
    assertThat(broker.granted()).isEmpty();
    assertThat(broker.cached()).isZero();
  }

  // --- calls

  /** An exchange of a person's credential for payments, as a client sends it. */
  private static final class Call {

    private final ExchangeTokenRequest.Builder message =
        ExchangeTokenRequest.newBuilder()
            .setAudience("payments")
            .setSubjectToken(TestCredential.of(CI).claim("sub", "alice").sign());
    private final List<String> headers = new ArrayList<>();
    private @Nullable String certificate;

    Call audience(String target) {
      return with(asked -> asked.setAudience(target));
    }

    Call token(TestCredential credential) {
      return with(asked -> asked.setSubjectToken(credential.sign()));
    }

    Call asserting(TestCredential assertion) {
      return asserting(assertion.sign());
    }

    Call asserting(String assertion) {
      return with(asked -> asked.setClientAssertion(assertion));
    }

    Call type(String type) {
      return with(asked -> asked.setClientAssertionType(type));
    }

    private Call with(UnaryOperator<ExchangeTokenRequest.Builder> change) {
      ExchangeTokenRequest.Builder _ = change.apply(message);
      return this;
    }

    Call basic(String id, String secret) {
      return header(TestClients.basic(id, secret));
    }

    Call header(String authorization) {
      headers.add(authorization);
      return this;
    }

    Call certificate(String thumbprint) {
      certificate = thumbprint;
      return this;
    }

    Caller caller() {
      Metadata metadata = new Metadata();
      headers.forEach(
          header ->
              metadata.put(
                  Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), header));
      CallTime time = new CallTime(null, Duration.ofSeconds(10));
      return new Caller("192.0.2.7", false, certificate, null, metadata, time);
    }
  }

  private Exchanged exchange(Call call) {
    return broker.exchange(ExchangeMessages.request(call.message.build(), call.caller()));
  }

  /** As the service answers. */
  private Answer answer(Call call) {
    Exchanged exchanged = exchange(call);
    Verdict shown = exchanged.verdict().disclosedTo(Verdict.Reader.CALLER);
    return switch (exchanged.outcome()) {
      case Outcome.Refused<IssuedToken>(Refusal why) ->
          BrokerClient.refused(RefusalStatus.exception(why, shown, call.caller().time()));
      case Outcome.Accepted<IssuedToken>(IssuedToken token) ->
          BrokerClient.granted(ExchangeMessages.response(token, TestClock.START, shown));
    };
  }

  private static TestCredential job(String subject) {
    return job(subject, CI);
  }

  private static TestCredential job(String subject, TestKey key) {
    return TestCredential.of(key)
        .claim("iss", "https://jobs.test")
        .claim("sub", subject)
        .claim("jti", Long.toHexString(System.nanoTime()));
  }
}
