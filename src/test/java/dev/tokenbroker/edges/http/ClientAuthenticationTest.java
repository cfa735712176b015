package dev.tokenbroker.edges.http;

import static dev.tokenbroker.evaluate.exchange.TestClients.CI;
import static dev.tokenbroker.evaluate.exchange.TestClients.KEY;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH_IDLE;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH_OFF;
import static dev.tokenbroker.evaluate.exchange.TestClients.OTHERS;
import static dev.tokenbroker.evaluate.exchange.TestClients.SECRET;
import static dev.tokenbroker.evaluate.exchange.TestClients.STRANGER;
import static dev.tokenbroker.evaluate.exchange.TestClients.basic;
import static dev.tokenbroker.evaluate.exchange.TestClients.own;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.edges.http.TokenClient.Form;
import dev.tokenbroker.evaluate.exchange.ClientExchange;
import dev.tokenbroker.evaluate.exchange.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.TestClients;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.Verdict;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Registered clients at the token endpoint: each way of authentication, good and hostile. */
class ClientAuthenticationTest {

  private static final String JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

  private final TestClock clock = new TestClock();
  @TempDir Path directory;
  private ClientExchange broker;

  @BeforeEach
  void start() throws IOException {
    TestClients.writeSecrets(directory);
    broker = broker(KEY);
  }

  private ClientExchange broker(TestKey key) throws IOException {
    String document =
        """
        issuers:
          - {name: people, issuer: '[ISSUER]', audiences: [AUDIENCE], jwks: {keys: [CI]}}
        clients:
          - {name: gateway, secretFile: gateway, may: [exchange]}
          - {name: other, secretFile: others, may: [exchange]}
          - {name: 'off', secretFile: others, may: [exchange], disabled: true}
          - {name: idle, secretFile: others}
          - {name: signer, jwks: {keys: [KEY]}, may: [exchange]}
          - {name: signer-off, jwks: {keys: [KEY]}, may: [exchange], disabled: true}
          - {name: signer-idle, jwks: {keys: [KEY]}, may: [introspect]}
          - {name: job, issuer: people, subject: job, may: [exchange]}
          - {name: job-off, issuer: people, subject: job-off, may: [exchange], disabled: true}
          - {name: mesh, certificates: [MESH], may: [exchange]}
          - {name: mesh-off, certificates: [MESH_OFF], may: [exchange], disabled: true}
          - {name: mesh-asks, certificates: [MESH_IDLE], may: [introspect]}
        targets: [{audience: payments}, {audience: orders}]
        rules:
          - {name: by-gateway, issuer: people, client: gateway, audience: payments, when: client == "gateway"}
          - {name: by-signer, client: signer, audience: payments, when: 'true'}
          - {name: by-job, client: job, audience: payments, when: 'true'}
          - {name: by-mesh, client: mesh, audience: payments, when: 'true'}
          - {name: open, issuer: people, audience: orders, when: 'true'}
        """;
    return TestClients.exchange(directory, document, key, clock);
  }

  // --- good ones

  @Test
  void lets_each_client_exchange_by_its_proof() {
    for (String secret : new String[] {SECRET, Form.encode(SECRET)}) {
      assertThat(call(exchange(), basic("gateway", secret), null).status()).isEqualTo(200);
    }
    Form post = exchange().add("client_id", "gateway").add("client_secret", SECRET);
    assertThat(call(post, "", null).status()).isEqualTo(200);
    assertThat(call(asserting(own("signer")), "", null).status()).isEqualTo(200);
    assertThat(
            call(asserting(own("signer").claim("aud", "https://broker.test/token")), "", null)
                .status())
        .isEqualTo(200);
    assertThat(call(asserting(TestCredential.of(CI).claim("sub", "job")), "", null).status())
        .isEqualTo(200);
    assertThat(call(exchange(), "", MESH).status()).isEqualTo(200);
    assertThat(broker.granted().stream().map(Grant::client))
        .containsExactly("gateway", "gateway", "gateway", "signer", "signer", "job", "mesh");
  }

  @Test
  void takes_the_clients_own_assertion_for_its_credential_once() {
    Form form = credentials(own("signer").sign());

    assertThat(call(form, "", null).status()).isEqualTo(200);
    Grant grant = broker.granted().getFirst();
    assertThat(grant.subject()).isEqualTo("client:signer");
    assertThat(grant.client()).isEqualTo("signer");
    TokenAnswer again = call(form, "", null);
    assertThat(again.status()).isEqualTo(401);
    assertThat(json(again).getString("error")).isEqualTo("invalid_client");
    assertThat(json(again).getString("reason")).isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(broker.granted()).hasSize(1);
    assertThat(broker.cached()).isZero();
  }

  @Test
  void finds_the_client_of_a_federated_credential_whatever_the_grant() {
    String credential = TestCredential.of(CI).claim("sub", "job").sign();

    assertThat(call(credentials(credential).add("client_id", "job"), "", null).status())
        .isEqualTo(200);
    assertThat(call(exchange().set("subject_token", credential), "", null).status()).isEqualTo(200);
    assertThat(broker.granted()).singleElement().extracting(Grant::client).isEqualTo("job");
  }

  /** The grants, each with a credential that proves its client by itself. */
  static Stream<Attempt> ownCredentials() {
    return Stream.of(TestCredential.of(CI).claim("sub", "job").claim("azp", "app"), own("signer"))
        .flatMap(
            credential -> {
              String client = credential.payloadJson().contains("\"job\"") ? "job" : "signer";
              return Stream.of(
                      exchange().set("subject_token", credential.sign()),
                      bearer(credential.sign()),
                      credentials(credential.sign()))
                  .map(form -> new Attempt(client, form, "", null, 200, "", ""));
            });
  }

  @ParameterizedTest
  @MethodSource("ownCredentials")
  void takes_the_name_of_the_client_beside_its_own_credential(Attempt attempt) {
    assertThat(call(attempt.form().add("client_id", attempt.name()), "", null).status())
        .isEqualTo(200);
    assertThat(broker.granted().stream().map(Grant::client)).containsExactly(attempt.name());
  }

  @ParameterizedTest
  @MethodSource("ownCredentials")
  void refuses_the_name_of_another_client_beside_a_clients_own_credential(Attempt attempt) {
    assertRefused(
        new Attempt(
            "another client",
            attempt.form().add("client_id", "gateway"),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_MISMATCH"));
  }

  /** A person's token names the client that got it. That client must prove itself all the same. */
  @Test
  void takes_no_name_for_the_proof_of_a_client() {
    for (String id : new String[] {"gateway", "other", "signer", "job", "mesh", "mesh-asks"}) {
      String alice = ci("alice").claim("azp", id).claim("client_id", id).sign();
      for (Form form : new Form[] {exchange().set("subject_token", alice), bearer(alice)}) {
        assertRefused(
            unproved(
                "the name alone", form.set("audience", "orders").add("client_id", id), "", null));
      }
    }
  }

  @Test
  void refuses_a_name_alone_where_the_token_is_cached_too() {
    assertThat(call(exchange().set("audience", "orders"), "", null).status()).isEqualTo(200);

    TokenAnswer named =
        call(exchange().set("audience", "orders").add("client_id", "gateway"), "", null);
    assertThat(json(named).getString("reason")).isEqualTo("CLIENT_UNAUTHENTICATED");
  }

  @Test
  void takes_the_name_of_the_certificates_client_with_each_grant() {
    String alice = ci("alice").sign();
    for (Form form : new Form[] {exchange(), bearer(alice), credentials(alice)}) {
      assertThat(call(form.add("client_id", "mesh"), "", MESH).status()).isEqualTo(200);
    }
    assertThat(broker.granted().stream().map(Grant::client)).containsOnly("mesh");
  }

  @Test
  void caches_one_token_for_a_federated_client_whatever_it_states() {
    TestCredential own = ci("job").claim("azp", "app");
    String credential = own.sign();
    for (String id : new String[] {"job", "app", ""}) {
      for (Form form :
          new Form[] {
            exchange().set("subject_token", credential), bearer(credential), credentials(credential)
          }) {
        Form stating = id.isEmpty() ? form : form.add("client_id", id);
        assertThat(call(stating, "", null).status()).isEqualTo(200);
      }
    }
    assertThat(broker.granted()).hasSize(1);
    assertThat(broker.cached()).isOne();
  }

  @Test
  void explains_as_if_the_client_that_an_operator_names_had_proved_itself() {
    ExchangeRequest alice = read(exchange(), "", null);
    Verdict named = broker.explain(alice, "gateway");
    assertThat(named.accepted()).isTrue();
    assertThat(named.client()).isEqualTo("gateway");
    assertThat(named.notes()).anyMatch(note -> note.contains("proved nothing"));
    assertThat(broker.explain(alice, null).reason()).isEqualTo(RefusalReason.CLIENT_NOT_ADMITTED);
    assertThat(broker.explain(alice, "nobody").reason())
        .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    assertThat(broker.explain(alice, "off").reason()).isEqualTo(RefusalReason.CLIENT_DISABLED);
    assertThat(broker.explain(alice, "idle").reason())
        .isEqualTo(RefusalReason.CLIENT_NOT_PERMITTED);
    assertThat(broker.explain(read(asserting(own("signer")), "", null), "gateway").reason())
        .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    for (String client : new String[] {"signer", "job", "mesh"}) {
      assertThat(broker.explain(alice, client).client()).isEqualTo(client);
    }
    ExchangeRequest signed = read(exchange().set("subject_token", own("signer").sign()), "", null);
    assertThat(broker.explain(signed, "signer").accepted()).isTrue();
    assertThat(broker.explain(signed, "gateway").reason())
        .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void shares_no_token_between_clients() {
    Form orders = exchange().set("audience", "orders");

    assertThat(call(orders, "", null).status()).isEqualTo(200);
    assertThat(call(orders, basic("other", OTHERS), null).status()).isEqualTo(200);
    assertThat(call(orders, basic("other", OTHERS), null).status()).isEqualTo(200);
    assertThat(call(orders, basic("other", "x"), null).status()).isEqualTo(401);
    assertThat(broker.granted().stream().map(Grant::client)).containsExactly(null, "other");
  }

  @Test
  void lets_the_holder_of_a_certificate_that_only_introspects_exchange_as_anybody() {
    assertThat(call(exchange().set("audience", "orders"), "", MESH_IDLE).status()).isEqualTo(200);
    assertThat(broker.granted().stream().map(Grant::client)).containsOnlyNulls();
  }

  @Test
  void gives_no_subject_the_name_of_a_client() {
    Form form =
        exchange()
            .set("audience", "orders")
            .set("subject_token", TestCredential.of(CI).claim("sub", "gateway").sign());

    assertThat(json(call(form, "", null)).getString("reason")).isEqualTo("RULE_EVALUATION_FAILED");
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void refuses_the_credential_of_a_disabled_client_whoever_brings_it() {
    Form form =
        exchange().set("subject_token", TestCredential.of(CI).claim("sub", "job-off").sign());

    assertThat(json(call(form, basic("gateway", SECRET), null)).getString("reason"))
        .isEqualTo("CLIENT_DISABLED");
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void refuses_a_persons_token_at_a_client_that_no_rule_names() {
    for (String authorization : new String[] {"", basic("other", OTHERS)}) {
      TokenAnswer answer = call(exchange(), authorization, null);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(json(answer).getString("error")).isEqualTo("unauthorized_client");
      assertThat(json(answer).getString("reason")).isEqualTo("CLIENT_NOT_ADMITTED");
    }
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void keeps_the_prefix_of_clients_from_other_issuers() {
    Form forged =
        exchange()
            .set("audience", "orders")
            .set("subject_token", TestCredential.of(CI).claim("sub", "client:signer").sign());

    assertThat(json(call(forged, "", null)).getString("reason"))
        .isEqualTo("RULE_EVALUATION_FAILED");
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void refuses_the_old_key_and_secret_once_they_are_replaced() throws IOException {
    String before = own("signer").sign();
    broker = broker(TestKey.fast("k-1"));
    assertRefused(
        new Attempt(
            "old key",
            asserting(before),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_UNAUTHENTICATED"));

    Files.writeString(directory.resolve("gateway"), OTHERS);
    broker = broker(KEY);
    assertRefused(
        new Attempt(
            "old secret",
            exchange(),
            basic("gateway", SECRET),
            null,
            401,
            "invalid_client",
            "CLIENT_UNAUTHENTICATED"));
    assertThat(call(exchange(), basic("gateway", OTHERS), null).status()).isEqualTo(200);
  }

  // --- hostile ones

  record Attempt(
      String name,
      Form form,
      String authorization,
      @Nullable String certificate,
      int status,
      String error,
      String reason) {

    @Override
    public String toString() {
      return name;
    }
  }

  private static Attempt unproved(
      String name, Form form, String authorization, @Nullable String certificate) {
    return new Attempt(
        name, form, authorization, certificate, 401, "invalid_client", "CLIENT_UNAUTHENTICATED");
  }

  private static Attempt misread(String name, Form form, String authorization) {
    return new Attempt(name, form, authorization, null, 400, "invalid_request", "REQUEST_INVALID");
  }

  static Stream<Attempt> bySecretInTheHeader() {
    Form form = exchange();
    return Stream.of(
        unproved("a wrong secret", form, basic("gateway", "x".repeat(32)), null),
        unproved("the secret of another client", form, basic("gateway", OTHERS), null),
        unproved("an unknown client", form, basic("nobody", SECRET), null),
        unproved("an empty id", form, basic("", SECRET), null),
        unproved("an empty secret", form, basic("gateway", ""), null),
        unproved("nothing at all", form, basic("", ""), null),
        unproved("a broken escape in the secret", form, basic("gateway", SECRET + "%zz"), null),
        unproved("a broken escape in the id", form, basic("gate%zzway", SECRET), null),
        unproved(
            "an escaped secret twice",
            form,
            basic("gateway", Form.encode(Form.encode(SECRET))),
            null),
        unproved(
            "the secret in capitals",
            form,
            basic("gateway", SECRET.toUpperCase(Locale.ROOT)),
            null),
        unproved("the id in capitals", form, basic("GATEWAY", SECRET), null),
        unproved("a secret and more", form, basic("gateway", SECRET + " "), null),
        unproved("the beginning of a secret", form, basic("gateway", SECRET.substring(1)), null),
        unproved("a huge secret", form, basic("gateway", "x".repeat(7_000)), null),
        unproved("a line break", form, basic("gateway", SECRET + "\r\nx"), null),
        unproved(
            "no UTF-8",
            form,
            "Basic "
                + Base64.getEncoder().encodeToString(new byte[] {(byte) 0xc3, ':', (byte) 0xff}),
            null),
        unproved("a client with a key", form, basic("signer", OTHERS), null),
        unproved("a certificate of a client, too", form, basic("gateway", SECRET), MESH),
        new Attempt(
            "a disabled client",
            form,
            basic("off", OTHERS),
            null,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        new Attempt(
            "a client without the right",
            form,
            basic("idle", OTHERS),
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"),
        new Attempt("no base64", form, "Basic !", null, 401, "invalid_client", "REQUEST_INVALID"),
        new Attempt(
            "another scheme", form, "Bearer x", null, 401, "invalid_client", "REQUEST_INVALID"),
        new Attempt(
            "two headers",
            form,
            basic("gateway", SECRET) + ", " + basic("gateway", SECRET),
            null,
            401,
            "invalid_client",
            "REQUEST_INVALID"),
        misread(
            "a secret in the form, too",
            exchange().add("client_secret", SECRET),
            basic("gateway", SECRET)),
        misread(
            "an assertion, too", exchange().add("client_assertion", "x"), basic("gateway", SECRET)),
        misread(
            "another id in the form",
            exchange().add("client_id", "other"),
            basic("gateway", SECRET)),
        new Attempt(
            "no credential",
            credentials(""),
            basic("gateway", SECRET),
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"),
        unproved(
            "no credential, and a wrong secret", credentials(""), basic("gateway", OTHERS), null));
  }

  static Stream<Attempt> bySecretInTheForm() {
    return Stream.of(
        unproved("a wrong secret", posted("gateway", "x".repeat(32)), "", null),
        unproved("the secret of another client", posted("gateway", OTHERS), "", null),
        unproved("an unknown client", posted("nobody", SECRET), "", null),
        unproved("no id", exchange().add("client_secret", SECRET), "", null),
        unproved("no secret", exchange().add("client_id", "gateway"), "", null),
        unproved("an empty secret", posted("gateway", ""), "", null),
        unproved("an escaped secret", posted("gateway", Form.encode(SECRET)), "", null),
        unproved("a secret and more", posted("gateway", SECRET + "\n"), "", null),
        unproved("a zero in it", posted("gateway", SECRET + "\u0000"), "", null),
        unproved("a huge secret", posted("gateway", "x".repeat(30_000)), "", null),
        unproved("a client with a certificate", posted("mesh", OTHERS), "", null),
        unproved("a certificate of a client, too", posted("gateway", SECRET), "", MESH),
        new Attempt(
            "a disabled client",
            posted("off", OTHERS),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        new Attempt(
            "a client without the right",
            posted("idle", OTHERS),
            "",
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"),
        misread("two secrets", posted("gateway", SECRET).add("client_secret", OTHERS), ""),
        misread("two ids", posted("gateway", SECRET).add("client_id", "other"), ""),
        misread("an assertion, too", posted("gateway", SECRET).add("client_assertion", "x"), ""),
        new Attempt(
            "no credential",
            credentials("").add("client_id", "gateway").add("client_secret", SECRET),
            "",
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"));
  }

  static Stream<Attempt> byAssertion() {
    return Stream.of(
        unproved("another key", asserting(own("signer", STRANGER)), "", null),
        unproved("no signature", asserting(unsigned("none", own("signer"))), "", null),
        unproved("a symmetric algorithm", asserting(unsigned("HS256", own("signer"))), "", null),
        unproved(
            "for another audience",
            asserting(own("signer").claim("aud", "https://other.test")),
            "",
            null),
        unproved(
            "for another audience, too",
            asserting(
                own("signer").claim("aud", List.of("https://broker.test", "https://other.test"))),
            "",
            null),
        unproved("iss is not sub", asserting(own("signer").claim("sub", "gateway")), "", null),
        unproved("an unknown client", asserting(own("nobody")), "", null),
        unproved("a client with a secret", asserting(own("gateway")), "", null),
        unproved(
            "too long",
            asserting(
                own("signer").claim("exp", TestClock.START.plusSeconds(301).getEpochSecond())),
            "",
            null),
        unproved(
            "expired",
            asserting(
                own("signer")
                    .claim("iat", TestClock.START.minusSeconds(400).getEpochSecond())
                    .claim("exp", TestClock.START.minusSeconds(120).getEpochSecond())),
            "",
            null),
        unproved(
            "of the future",
            asserting(
                own("signer").claim("iat", TestClock.START.plusSeconds(120).getEpochSecond())),
            "",
            null),
        unproved("no iat", asserting(own("signer").without("iat")), "", null),
        unproved("no exp", asserting(own("signer").without("exp")), "", null),
        unproved("no jti", asserting(own("signer").without("jti")), "", null),
        unproved("an empty jti", asserting(own("signer").claim("jti", "")), "", null),
        unproved("a number for jti", asserting(own("signer").claim("jti", 7)), "", null),
        unproved("no aud", asserting(own("signer").without("aud")), "", null),
        unproved(
            "an empty assertion", exchange().add("client_assertion_type", JWT_BEARER), "", null),
        unproved("no JWT", asserting("x"), "", null),
        unproved("a huge one", asserting(own("signer").claim("x", "x".repeat(20_000))), "", null),
        unproved("no type", asserting(own("signer")).without("client_assertion_type"), "", null),
        unproved(
            "another type",
            asserting(own("signer"))
                .set(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"),
            "",
            null),
        unproved(
            "another client_id", asserting(own("signer")).add("client_id", "gateway"), "", null),
        unproved("a certificate of a client, too", asserting(own("signer")), "", MESH),
        new Attempt(
            "a disabled client",
            asserting(own("signer-off")),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        new Attempt(
            "a client without the right",
            asserting(own("signer-idle")),
            "",
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"),
        misread("two assertions", asserting(own("signer")).add("client_assertion", "x"), ""),
        new Attempt(
            "a credential of a disabled client",
            credentials(own("signer-off").sign()),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        new Attempt(
            "a credential without the right",
            credentials(own("signer-idle").sign()),
            "",
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"),
        new Attempt(
            "a credential for another audience, too",
            credentials(
                own("signer")
                    .claim("aud", List.of("https://broker.test", "https://other.test"))
                    .sign()),
            "",
            null,
            401,
            "invalid_client",
            "AUDIENCE_MISMATCH"),
        unproved(
            "the assertion of another client as credential",
            exchange().set("subject_token", own("signer").sign()),
            basic("gateway", SECRET),
            null));
  }

  static Stream<Attempt> byFederatedAssertion() {
    return Stream.of(
        unproved("another subject", asserting(ci("someone")), "", null),
        unproved("the subject in capitals", asserting(ci("JOB")), "", null),
        unproved("a blank behind the subject", asserting(ci("job ")), "", null),
        unproved(
            "another issuer", asserting(ci("job").claim("iss", "https://other.test")), "", null),
        unproved(
            "the issuer with a slash",
            asserting(ci("job").claim("iss", TestCredential.ISSUER + "/")),
            "",
            null),
        unproved("the name of the issuer", asserting(ci("job").claim("iss", "people")), "", null),
        unproved(
            "another key", asserting(TestCredential.of(STRANGER).claim("sub", "job")), "", null),
        unproved("no signature", asserting(unsigned("none", ci("job"))), "", null),
        unproved("a symmetric algorithm", asserting(unsigned("HS256", ci("job"))), "", null),
        unproved(
            "for another audience",
            asserting(ci("job").claim("aud", "https://other.test")),
            "",
            null),
        unproved(
            "expired",
            asserting(ci("job").claim("exp", TestClock.START.minusSeconds(61).getEpochSecond())),
            "",
            null),
        unproved(
            "of the future",
            asserting(ci("job").claim("nbf", TestClock.START.plusSeconds(61).getEpochSecond())),
            "",
            null),
        unproved("no sub", asserting(ci("job").without("sub")), "", null),
        unproved("a huge one", asserting(ci("job").claim("x", "x".repeat(20_000))), "", null),
        unproved("another client_id", asserting(ci("job")).add("client_id", "gateway"), "", null),
        unproved("a certificate of a client, too", asserting(ci("job")), "", MESH),
        misread("a secret, too", asserting(ci("job")).add("client_secret", SECRET), ""),
        new Attempt(
            "a disabled client",
            asserting(ci("job-off")),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        new Attempt(
            "a credential of a disabled client",
            credentials(ci("job-off").sign()),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        new Attempt(
            "a credential and another client_id",
            credentials(ci("job").sign()).add("client_id", "gateway"),
            "",
            null,
            401,
            "invalid_client",
            "CLIENT_MISMATCH"));
  }

  static Stream<Attempt> byCertificate() {
    String unlisted = "C" + MESH.substring(1);
    Attempt none =
        new Attempt(
            "no certificate",
            exchange(),
            "",
            null,
            400,
            "unauthorized_client",
            "CLIENT_NOT_ADMITTED");
    return Stream.of(
        none,
        new Attempt(
            "an unlisted certificate",
            exchange(),
            "",
            unlisted,
            400,
            "unauthorized_client",
            "CLIENT_NOT_ADMITTED"),
        new Attempt(
            "an empty thumbprint",
            exchange(),
            "",
            "",
            400,
            "unauthorized_client",
            "CLIENT_NOT_ADMITTED"),
        new Attempt(
            "a disabled client",
            exchange(),
            "",
            MESH_OFF,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        unproved("the id alone", exchange().add("client_id", "mesh"), "", null),
        unproved(
            "the id and an unlisted certificate",
            exchange().add("client_id", "mesh"),
            "",
            unlisted),
        unproved("the id of another client", exchange().add("client_id", "gateway"), "", MESH),
        unproved("an unknown id", exchange().add("client_id", "nobody"), "", MESH),
        unproved("the id in capitals", exchange().add("client_id", "MESH"), "", MESH),
        unproved("a secret, too", posted("mesh", OTHERS), "", MESH),
        unproved("a header, too", exchange(), basic("mesh", MESH), MESH),
        unproved("an assertion, too", asserting(own("mesh")), "", MESH),
        unproved("the thumbprint as a secret", posted("mesh", MESH), "", null),
        misread("two ids", exchange().add("client_id", "mesh").add("client_id", "other"), ""),
        new Attempt(
            "no credential",
            credentials(""),
            "",
            MESH,
            400,
            "unauthorized_client",
            "CLIENT_NOT_PERMITTED"),
        new Attempt(
            "no credential, and disabled",
            credentials(""),
            "",
            MESH_OFF,
            401,
            "invalid_client",
            "CLIENT_DISABLED"),
        unproved("another client's credential", credentials(own("signer").sign()), "", MESH));
  }

  @ParameterizedTest
  @MethodSource({
    "bySecretInTheHeader",
    "bySecretInTheForm",
    "byAssertion",
    "byFederatedAssertion",
    "byCertificate"
  })
  void issues_and_caches_nothing_for_a_hostile_request(Attempt attempt) {
    assertRefused(attempt);
  }

  private void assertRefused(Attempt attempt) {
    TokenAnswer answer = call(attempt.form(), attempt.authorization(), attempt.certificate());

    JsonObject members = json(answer);
    assertThat(answer.status()).as(members.toString()).isEqualTo(attempt.status());
    assertThat(members.getString("error")).isEqualTo(attempt.error());
    assertThat(members.getString("reason")).isEqualTo(attempt.reason());
    if (attempt.status() == 401 && !attempt.authorization().isEmpty()) {
      assertThat(answer.headers()).containsKey("WWW-Authenticate");
    } else {
      assertThat(answer.headers()).doesNotContainKey("WWW-Authenticate");
    }
    assertThat(members.toString()).doesNotContain(SECRET, OTHERS);
    assertThat(broker.granted()).isEmpty();
    assertThat(broker.cached()).isZero();
  }

  @Test
  void takes_an_assertion_once() {
    Form form = asserting(own("signer"));
    assertThat(call(form, "", null).status()).isEqualTo(200);

    TokenAnswer again = call(form, "", null);
    assertThat(again.status()).isEqualTo(401);
    assertThat(json(again).getString("reason")).isEqualTo("CLIENT_UNAUTHENTICATED");
    assertThat(json(again).toString()).contains("CREDENTIAL_ALREADY_USED");
    assertThat(broker.granted()).hasSize(1);
  }

  @Test
  void limits_wrong_secrets_and_never_the_right_one() {
    for (int attempt = 0; attempt < 20; attempt++) {
      assertThat(call(exchange(), basic("gateway", "wrong"), null).status()).isEqualTo(401);
    }
    TokenAnswer limited = call(exchange(), basic("gateway", "wrong"), null);
    assertThat(limited.status()).isEqualTo(429);
    assertThat(json(limited).getString("reason")).isEqualTo("AUTHENTICATION_RATE_LIMITED");
    assertThat(call(exchange(), basic("gateway", SECRET), null).status()).isEqualTo(200);
  }

  // --- requests

  private static Form exchange() {
    return new Form()
        .add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
        .add("subject_token", TestCredential.of(CI).claim("sub", "alice").sign())
        .add("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
        .add("audience", "payments");
  }

  private static Form bearer(String assertion) {
    return new Form()
        .add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        .add("assertion", assertion)
        .add("audience", "payments");
  }

  private static Form posted(String id, String secret) {
    return exchange().add("client_id", id).add("client_secret", secret);
  }

  private static Form asserting(TestCredential assertion) {
    return asserting(assertion.sign());
  }

  private static Form asserting(String assertion) {
    return exchange().add("client_assertion", assertion).add("client_assertion_type", JWT_BEARER);
  }

  private static Form credentials(String assertion) {
    Form form = new Form().add("grant_type", "client_credentials").add("audience", "payments");
    return assertion.isEmpty()
        ? form
        : form.add("client_assertion", assertion).add("client_assertion_type", JWT_BEARER);
  }

  private static TestCredential ci(String subject) {
    return TestCredential.of(CI).claim("sub", subject);
  }

  private static String unsigned(String algorithm, TestCredential assertion) {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    return Stream.of(assertion.header("alg", algorithm).headerJson(), assertion.payloadJson())
            .map(part -> base64.encodeToString(part.getBytes(StandardCharsets.UTF_8)) + ".")
            .reduce("", String::concat)
        + (algorithm.equals("none") ? "" : base64.encodeToString(new byte[32]));
  }

  private static ReceivedForm received(
      Form form, String authorization, @Nullable String certificate) {
    return new ReceivedForm(
        Buffer.buffer(form.encoded()),
        "",
        authorization,
        PresentedKeys.of(certificate, null),
        "192.0.2.7",
        Deadline.limit(Duration.ofSeconds(10)));
  }

  private static ExchangeRequest read(
      Form form, String authorization, @Nullable String certificate) {
    return switch (TokenRequestReader.read(received(form, authorization, certificate))) {
      case Outcome.Accepted<TokenRequest>(TokenRequest request) -> request.exchange();
      case Outcome.Refused<TokenRequest> refused -> throw new AssertionError(refused);
    };
  }

  /** As the route of the token endpoint does. */
  private TokenAnswer call(Form form, String authorization, @Nullable String certificate) {
    return switch (TokenRequestReader.read(received(form, authorization, certificate))) {
      case Outcome.Refused<TokenRequest>(Refusal unreadable) ->
          RefusalResponse.unread(TokenError.INVALID_REQUEST, unreadable);
      case Outcome.Accepted<TokenRequest>(TokenRequest request) -> {
        Exchanged exchanged = broker.exchange(request.exchange());
        Verdict shown = exchanged.verdict().disclosedTo(Verdict.Reader.CALLER);
        yield switch (exchanged.outcome()) {
          case Outcome.Refused<IssuedToken>(Refusal why) -> RefusalResponse.of(why, shown, request);
          case Outcome.Accepted<IssuedToken> _ -> new TokenAnswer(200, Map.of(), Buffer.buffer());
        };
      }
    };
  }

  private static JsonObject json(TokenAnswer answer) {
    return new JsonObject(answer.body());
  }
}
