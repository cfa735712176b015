package dev.tokenbroker.edges.http.token;

import static dev.tokenbroker.evaluate.exchange.TestClients.CI;
import static dev.tokenbroker.evaluate.exchange.TestClients.KEY;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH_IDLE;
import static dev.tokenbroker.evaluate.exchange.TestClients.MESH_OFF;
import static dev.tokenbroker.evaluate.exchange.TestClients.OTHERS;
import static dev.tokenbroker.evaluate.exchange.TestClients.SECRET;
import static dev.tokenbroker.evaluate.exchange.TestClients.STRANGER;
import static dev.tokenbroker.evaluate.exchange.TestClients.UNLISTED;
import static dev.tokenbroker.evaluate.exchange.TestClients.at;
import static dev.tokenbroker.evaluate.exchange.TestClients.basic;
import static dev.tokenbroker.evaluate.exchange.TestClients.own;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.evaluate.exchange.ClientExchange;
import dev.tokenbroker.evaluate.exchange.TestClients;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
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
    return TestClients.exchange(directory, "people", key, clock);
  }

  // --- good ones

  @Test
  void lets_each_client_exchange_by_its_proof() {
    for (String secret : new String[] {SECRET, Form.encode(SECRET)}) {
      assertThat(call(exchange(), basic("gateway", secret)).status()).isEqualTo(200);
    }
    Form post = exchange().add("client_id", "gateway").add("client_secret", SECRET);
    assertThat(call(post).status()).isEqualTo(200);
    assertThat(call(asserting(own("signer"))).status()).isEqualTo(200);
    assertThat(call(asserting(own("signer").claim("aud", "https://broker.test/token"))).status())
        .isEqualTo(200);
    assertThat(call(asserting(TestCredential.of(CI).claim("sub", "job"))).status()).isEqualTo(200);
    assertThat(call(exchange(), "", MESH).status()).isEqualTo(200);
    assertThat(broker.granted().stream().map(Grant::client))
        .containsExactly("gateway", "gateway", "gateway", "signer", "signer", "job", "mesh");
  }

  @Test
  void takes_the_clients_own_assertion_for_its_credential_once() {
    Form form = credentials(own("signer").sign());

    assertThat(call(form).status()).isEqualTo(200);
    Grant grant = broker.granted().getFirst();
    assertThat(grant.subject()).isEqualTo("client:signer");
    assertThat(grant.client()).isEqualTo("signer");
    TokenAnswer again = call(form);
    assertThat(again.status()).isEqualTo(401);
    assertThat(json(again).getString("error")).isEqualTo("invalid_client");
    assertThat(json(again).getString("reason")).isEqualTo("CREDENTIAL_ALREADY_USED");
    assertThat(broker.granted()).hasSize(1);
    assertThat(broker.cached()).isZero();
  }

  @Test
  void finds_the_client_of_a_federated_credential_for_any_grant() {
    String credential = TestCredential.of(CI).claim("sub", "job").sign();

    assertThat(call(credentials(credential).add("client_id", "job")).status()).isEqualTo(200);
    assertThat(call(exchange().set("subject_token", credential)).status()).isEqualTo(200);
    assertThat(broker.granted()).singleElement().extracting(Grant::client).isEqualTo("job");
  }

  /** The grants, each with a credential that proves its client by itself. */
  static Stream<Attempt> ownCredentials() {
    return Stream.of(TestCredential.of(CI).claim("sub", "job").claim("azp", "app"), own("signer"))
        .flatMap(
            credential -> {
              String client = credential.payloadJson().contains("\"job\"") ? "job" : "signer";
              Form own = credentials(credential.sign());
              return (client.equals("job")
                      ? Stream.of(
                          exchange().set("subject_token", credential.sign()),
                          bearer(credential.sign()),
                          own)
                      : Stream.of(own))
                  .map(form -> new Attempt(client, form, "", null, 200, "", ""));
            });
  }

  @ParameterizedTest
  @MethodSource("ownCredentials")
  void takes_the_name_of_the_client_beside_its_own_credential(Attempt attempt) {
    assertThat(call(attempt.form().add("client_id", attempt.name())).status()).isEqualTo(200);
    assertThat(broker.granted().stream().map(Grant::client)).containsExactly(attempt.name());
  }

  @ParameterizedTest
  @MethodSource("ownCredentials")
  void refuses_another_client_name_beside_the_own_credential(Attempt attempt) {
    assertRefused(
        invalidClient(
            "another client", attempt.form().add("client_id", "gateway"), "", "CLIENT_MISMATCH"));
  }

  @Test
  void a_stranger_does_not_find_out_which_clients_sign() {
    for (Function<String, Form> grant :
        List.<Function<String, Form>>of(
            token -> exchange().set("subject_token", token),
            ClientAuthenticationTest::bearer,
            ClientAuthenticationTest::credentials)) {
      Set<String> answers = new HashSet<>();
      for (String id : new String[] {"signer", "signer-off", "signer-idle", "gateway", "nobody"}) {
        for (TestKey key : new TestKey[] {TestClients.STRANGER, CI}) {
          JsonObject answer = json(call(grant.apply(own(id, key).sign())));
          answers.add(answer.toString().replace(answer.getString("verdict_id"), "ID"));
        }
      }
      assertThat(answers).singleElement().asString().contains("ISSUER_UNKNOWN");
    }
  }

  @Test
  void a_clients_own_assertion_is_no_subject_token() {
    Form form = exchange().set("subject_token", own("signer").sign());

    assertThat(json(call(form)).getString("reason")).isEqualTo("ISSUER_UNKNOWN");
    assertThat(json(call(bearer(own("signer").sign()))).getString("reason"))
        .isEqualTo("ISSUER_UNKNOWN");
    form.add("client_assertion", own("signer").sign()).add("client_assertion_type", JWT_BEARER);
    assertThat(call(form).status()).as("of a client that has proved itself").isEqualTo(200);
    assertThat(broker.granted()).singleElement().extracting(Grant::client).isEqualTo("signer");
  }

  /** A person's token names the client that got it. That client must prove itself all the same. */
  @Test
  void takes_no_name_for_the_proof_of_a_client() {
    for (String id : new String[] {"gateway", "other", "signer", "job", "mesh", "mesh-asks"}) {
      String alice = ci("alice").claim("azp", id).claim("client_id", id).sign();
      for (Form form : new Form[] {exchange().set("subject_token", alice), bearer(alice)}) {
        assertRefused(
            unproved("the name alone", form.set("audience", "orders").add("client_id", id)));
      }
    }
  }

  @Test
  void refuses_a_name_alone_where_the_token_is_cached_too() {
    assertThat(call(exchange().set("audience", "orders")).status()).isEqualTo(200);

    TokenAnswer named = call(exchange().set("audience", "orders").add("client_id", "gateway"));
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
        assertThat(call(stating).status()).isEqualTo(200);
      }
    }
    assertThat(broker.granted()).hasSize(1);
    assertThat(broker.cached()).isOne();
  }

  @Test
  void explains_as_if_the_client_named_by_the_operator_was_proved() {
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
    assertThat(broker.explain(signed, "gateway").reason()).isEqualTo(RefusalReason.ISSUER_UNKNOWN);
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void shares_no_token_between_clients() {
    Form orders = exchange().set("audience", "orders");

    assertThat(call(orders).status()).isEqualTo(200);
    assertThat(call(orders, basic("other", OTHERS)).status()).isEqualTo(200);
    assertThat(call(orders, basic("other", OTHERS)).status()).isEqualTo(200);
    assertThat(call(orders, basic("other", "x")).status()).isEqualTo(401);
    assertThat(broker.granted().stream().map(Grant::client)).containsExactly(null, "other");
  }

  @Test
  void an_introspection_only_certificate_may_exchange_as_any_client() {
    assertThat(call(exchange().set("audience", "orders"), "", MESH_IDLE).status()).isEqualTo(200);
    assertThat(broker.granted().stream().map(Grant::client)).containsOnlyNulls();
  }

  @Test
  void gives_no_subject_the_name_of_a_client() {
    Form form =
        exchange()
            .set("audience", "orders")
            .set("subject_token", TestCredential.of(CI).claim("sub", "gateway").sign());

    assertThat(json(call(form)).getString("reason")).isEqualTo("RULE_EVALUATION_FAILED");
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void refuses_the_credential_of_a_disabled_client_from_anybody() {
    Form form =
        exchange().set("subject_token", TestCredential.of(CI).claim("sub", "job-off").sign());

    assertThat(json(call(form, basic("gateway", SECRET))).getString("reason"))
        .isEqualTo("CLIENT_DISABLED");
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void refuses_a_persons_token_at_a_client_that_no_rule_names() {
    for (String authorization : new String[] {"", basic("other", OTHERS)}) {
      TokenAnswer answer = call(exchange(), authorization);
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

    assertThat(json(call(forged)).getString("reason")).isEqualTo("RULE_EVALUATION_FAILED");
    assertThat(broker.granted()).isEmpty();
  }

  @Test
  void refuses_the_old_key_and_secret_once_they_are_replaced() throws IOException {
    String before = own("signer").sign();
    broker = broker(TestKey.fast("k-1"));
    assertRefused(asserted("old key", before));

    Files.writeString(directory.resolve("gateway"), OTHERS);
    broker = broker(KEY);
    assertRefused(inHeader("old secret", "gateway", SECRET));
    assertThat(call(exchange(), basic("gateway", OTHERS)).status()).isEqualTo(200);
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

  private static Attempt unproved(String name, Form form) {
    return unproved(name, form, "");
  }

  private static Attempt unproved(String name, Form form, String authorization) {
    return unproved(name, form, authorization, null);
  }

  private static Attempt unproved(
      String name, Form form, String authorization, @Nullable String certificate) {
    return invalidClient(name, form, authorization, certificate, "CLIENT_UNAUTHENTICATED");
  }

  private static Attempt inHeader(String name, String id, String secret) {
    return unproved(name, exchange(), basic(id, secret));
  }

  private static Attempt inForm(String name, String id, String secret) {
    return unproved(name, posted(id, secret));
  }

  private static Attempt asserted(String name, TestCredential assertion) {
    return asserted(name, assertion.sign());
  }

  private static Attempt asserted(String name, String assertion) {
    return unproved(name, asserting(assertion));
  }

  private static Attempt invalidClient(
      String name, Form form, String authorization, String reason) {
    return invalidClient(name, form, authorization, null, reason);
  }

  private static Attempt invalidClient(
      String name, Form form, String authorization, @Nullable String certificate, String reason) {
    return new Attempt(name, form, authorization, certificate, 401, "invalid_client", reason);
  }

  private static Attempt disabled(String name, Form form) {
    return disabled(name, form, "", null);
  }

  private static Attempt disabled(
      String name, Form form, String authorization, @Nullable String certificate) {
    return invalidClient(name, form, authorization, certificate, "CLIENT_DISABLED");
  }

  private static Attempt notPermitted(String name, Form form) {
    return notPermitted(name, form, "", null);
  }

  private static Attempt notPermitted(
      String name, Form form, String authorization, @Nullable String certificate) {
    return unauthorized(name, form, authorization, certificate, "CLIENT_NOT_PERMITTED");
  }

  private static Attempt notAdmitted(String name, @Nullable String certificate) {
    return unauthorized(name, exchange(), "", certificate, "CLIENT_NOT_ADMITTED");
  }

  private static Attempt unauthorized(
      String name, Form form, String authorization, @Nullable String certificate, String reason) {
    return new Attempt(name, form, authorization, certificate, 400, "unauthorized_client", reason);
  }

  private static Attempt misread(String name, Form form) {
    return misread(name, form, "");
  }

  private static Attempt misread(String name, Form form, String authorization) {
    return new Attempt(name, form, authorization, null, 400, "invalid_request", "REQUEST_INVALID");
  }

  static Stream<Attempt> bySecretInTheHeader() {
    Form form = exchange();
    return Stream.of(
        inHeader("a wrong secret", "gateway", "x".repeat(32)),
        inHeader("the secret of another client", "gateway", OTHERS),
        inHeader("an unknown client", "nobody", SECRET),
        inHeader("an empty id", "", SECRET),
        inHeader("an empty secret", "gateway", ""),
        inHeader("nothing at all", "", ""),
        inHeader("a broken escape in the secret", "gateway", SECRET + "%zz"),
        inHeader("a broken escape in the id", "gate%zzway", SECRET),
        inHeader("an escaped secret twice", "gateway", Form.encode(Form.encode(SECRET))),
        inHeader("the secret in capitals", "gateway", SECRET.toUpperCase(Locale.ROOT)),
        inHeader("the id in capitals", "GATEWAY", SECRET),
        inHeader("a secret and more", "gateway", SECRET + " "),
        inHeader("the beginning of a secret", "gateway", SECRET.substring(1)),
        inHeader("a huge secret", "gateway", "x".repeat(7_000)),
        inHeader("a line break", "gateway", SECRET + "\r\nx"),
        unproved(
            "no UTF-8",
            form,
            "Basic "
                + Base64.getEncoder().encodeToString(new byte[] {(byte) 0xc3, ':', (byte) 0xff})),
        inHeader("a client with a key", "signer", OTHERS),
        unproved("a certificate of a client, too", form, basic("gateway", SECRET), MESH),
        disabled("a disabled client", form, basic("off", OTHERS), null),
        notPermitted("a client without the right", form, basic("idle", OTHERS), null),
        invalidClient("no base64", form, "Basic !", "REQUEST_INVALID"),
        invalidClient("another scheme", form, "Bearer x", "REQUEST_INVALID"),
        invalidClient(
            "two headers",
            form,
            basic("gateway", SECRET) + ", " + basic("gateway", SECRET),
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
        notPermitted("no credential", credentials(""), basic("gateway", SECRET), null),
        unproved("no credential, and a wrong secret", credentials(""), basic("gateway", OTHERS)));
  }

  static Stream<Attempt> bySecretInTheForm() {
    return Stream.of(
        inForm("a wrong secret", "gateway", "x".repeat(32)),
        inForm("the secret of another client", "gateway", OTHERS),
        inForm("an unknown client", "nobody", SECRET),
        unproved("no id", exchange().add("client_secret", SECRET)),
        unproved("no secret", exchange().add("client_id", "gateway")),
        inForm("an empty secret", "gateway", ""),
        inForm("an escaped secret", "gateway", Form.encode(SECRET)),
        inForm("a secret and more", "gateway", SECRET + "\n"),
        inForm("a zero in it", "gateway", SECRET + "\u0000"),
        inForm("a huge secret", "gateway", "x".repeat(30_000)),
        inForm("a client with a certificate", "mesh", OTHERS),
        unproved("a certificate of a client, too", posted("gateway", SECRET), "", MESH),
        disabled("a disabled client", posted("off", OTHERS)),
        notPermitted("a client without the right", posted("idle", OTHERS)),
        misread("two secrets", posted("gateway", SECRET).add("client_secret", OTHERS)),
        misread("two ids", posted("gateway", SECRET).add("client_id", "other")),
        misread("an assertion, too", posted("gateway", SECRET).add("client_assertion", "x")),
        notPermitted(
            "no credential",
            credentials("").add("client_id", "gateway").add("client_secret", SECRET)));
  }

  static Stream<Attempt> byAssertion() {
    return Stream.of(
        asserted("another key", own("signer", STRANGER)),
        asserted("no signature", unsigned("none", own("signer"))),
        asserted("a symmetric algorithm", unsigned("HS256", own("signer"))),
        asserted("for another audience", own("signer").claim("aud", "https://other.test")),
        asserted(
            "for another audience, too",
            own("signer").claim("aud", List.of("https://broker.test", "https://other.test"))),
        asserted("iss is not sub", own("signer").claim("sub", "gateway")),
        asserted("an unknown client", own("nobody")),
        asserted("a client with a secret", own("gateway")),
        asserted("too long", own("signer").claim("exp", at(301))),
        asserted("expired", own("signer").claim("iat", at(-400)).claim("exp", at(-120))),
        asserted("of the future", own("signer").claim("iat", at(120))),
        asserted("no iat", own("signer").without("iat")),
        asserted("no exp", own("signer").without("exp")),
        asserted("no jti", own("signer").without("jti")),
        asserted("an empty jti", own("signer").claim("jti", "")),
        asserted("a number for jti", own("signer").claim("jti", 7)),
        asserted("no aud", own("signer").without("aud")),
        unproved("an empty assertion", exchange().add("client_assertion_type", JWT_BEARER)),
        asserted("no JWT", "x"),
        asserted("a huge one", own("signer").claim("x", "x".repeat(20_000))),
        unproved("no type", asserting(own("signer")).without("client_assertion_type")),
        unproved(
            "another type",
            asserting(own("signer"))
                .set(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")),
        unproved("another client_id", asserting(own("signer")).add("client_id", "gateway")),
        unproved("a certificate of a client, too", asserting(own("signer")), "", MESH),
        disabled("a disabled client", asserting(own("signer-off"))),
        notPermitted("a client without the right", asserting(own("signer-idle"))),
        misread("two assertions", asserting(own("signer")).add("client_assertion", "x")),
        disabled("a credential of a disabled client", credentials(own("signer-off").sign())),
        notPermitted("a credential without the right", credentials(own("signer-idle").sign())),
        invalidClient(
            "a credential for another audience, too",
            credentials(
                own("signer")
                    .claim("aud", List.of("https://broker.test", "https://other.test"))
                    .sign()),
            "",
            "AUDIENCE_MISMATCH"),
        new Attempt(
            "the assertion of another client as credential",
            exchange().set("subject_token", own("signer").sign()),
            basic("gateway", SECRET),
            null,
            400,
            "invalid_request",
            "ISSUER_UNKNOWN"));
  }

  static Stream<Attempt> byFederatedAssertion() {
    return Stream.of(
        asserted("another subject", ci("someone")),
        asserted("the subject in capitals", ci("JOB")),
        asserted("a blank behind the subject", ci("job ")),
        asserted("another issuer", ci("job").claim("iss", "https://other.test")),
        asserted("the issuer with a slash", ci("job").claim("iss", TestCredential.ISSUER + "/")),
        asserted("the name of the issuer", ci("job").claim("iss", "people")),
        asserted("another key", TestCredential.of(STRANGER).claim("sub", "job")),
        asserted("no signature", unsigned("none", ci("job"))),
        asserted("a symmetric algorithm", unsigned("HS256", ci("job"))),
        asserted("for another audience", ci("job").claim("aud", "https://other.test")),
        asserted("expired", ci("job").claim("exp", at(-61))),
        asserted("of the future", ci("job").claim("nbf", at(61))),
        asserted("no sub", ci("job").without("sub")),
        asserted("a huge one", ci("job").claim("x", "x".repeat(20_000))),
        unproved("another client_id", asserting(ci("job")).add("client_id", "gateway")),
        unproved("a certificate of a client, too", asserting(ci("job")), "", MESH),
        misread("a secret, too", asserting(ci("job")).add("client_secret", SECRET)),
        disabled("a disabled client", asserting(ci("job-off"))),
        disabled("a credential of a disabled client", credentials(ci("job-off").sign())),
        invalidClient(
            "a credential and another client_id",
            credentials(ci("job").sign()).add("client_id", "gateway"),
            "",
            "CLIENT_MISMATCH"));
  }

  static Stream<Attempt> byCertificate() {
    return Stream.of(
        notAdmitted("no certificate", null),
        notAdmitted("an unlisted certificate", UNLISTED),
        notAdmitted("an empty thumbprint", ""),
        disabled("a disabled client", exchange(), "", MESH_OFF),
        unproved("the id alone", exchange().add("client_id", "mesh")),
        unproved(
            "the id and an unlisted certificate",
            exchange().add("client_id", "mesh"),
            "",
            UNLISTED),
        unproved("the id of another client", exchange().add("client_id", "gateway"), "", MESH),
        unproved("an unknown id", exchange().add("client_id", "nobody"), "", MESH),
        unproved("the id in capitals", exchange().add("client_id", "MESH"), "", MESH),
        unproved("a secret, too", posted("mesh", OTHERS), "", MESH),
        unproved("a header, too", exchange(), basic("mesh", MESH), MESH),
        unproved("an assertion, too", asserting(own("mesh")), "", MESH),
        inForm("the thumbprint as a secret", "mesh", MESH),
        misread("two ids", exchange().add("client_id", "mesh").add("client_id", "other")),
        notPermitted("no credential", credentials(""), "", MESH),
        disabled("no credential, and disabled", credentials(""), "", MESH_OFF),
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
    assertThat(call(form).status()).isEqualTo(200);

    TokenAnswer again = call(form);
    assertThat(again.status()).isEqualTo(401);
    assertThat(json(again).getString("reason")).isEqualTo("CLIENT_UNAUTHENTICATED");
    assertThat(json(again).toString()).contains("CREDENTIAL_ALREADY_USED");
    assertThat(broker.granted()).hasSize(1);
  }

  @Test
  void limits_wrong_secrets_and_never_the_right_one() {
    for (int attempt = 0; attempt < 20; attempt++) {
      assertThat(call(exchange(), basic("gateway", "wrong")).status()).isEqualTo(401);
    }
    TokenAnswer limited = call(exchange(), basic("gateway", "wrong"));
    assertThat(limited.status()).isEqualTo(429);
    assertThat(json(limited).getString("reason")).isEqualTo("AUTHENTICATION_RATE_LIMITED");
    assertThat(call(exchange(), basic("gateway", SECRET)).status()).isEqualTo(200);
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

  private TokenAnswer call(Form form) {
    return call(form, "");
  }

  private TokenAnswer call(Form form, String authorization) {
    return call(form, authorization, null);
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
