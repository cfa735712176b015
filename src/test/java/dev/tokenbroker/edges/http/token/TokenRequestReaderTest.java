package dev.tokenbroker.edges.http.token;

import static dev.tokenbroker.edges.http.token.TokenClient.JWT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.edges.http.token.TokenClient.Form;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenRequestReaderTest {

  private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

  @Test
  void reads_a_token_exchange() {
    TokenRequest read =
        read(
            exchange()
                .add("scope", "read deploy")
                .add("requested_token_type", ACCESS_TOKEN)
                .add("client_id", "any")
                .add("unheard_of", "x")
                .add("unheard_of", "y"));

    assertThat(read.exchange().misread()).isEmpty();
    assertThat(read.exchange().audience()).isEqualTo("payments-api");
    assertThat(read.exchange().subjectToken()).isEqualTo("credential");
    assertThat(read.exchange().subjectTokenType()).isEqualTo(JWT);
    assertThat(read.exchange().scopes()).containsExactly("read", "deploy");
    assertThat(read.exchange().actor()).isFalse();
    assertThat(read.exchange().edge()).isEqualTo("http");
    assertThat(read.exchange().peer()).isEqualTo("192.0.2.7");
    assertThat(read.grant()).isEqualTo(GrantType.TOKEN_EXCHANGE);
    assertThat(read.wantsJwt()).isFalse();
  }

  @Test
  void reads_an_assertion_as_the_same_request() {
    assertThat(read(TokenClient.assertionOf("credential").add("scope", "read")).exchange())
        .isEqualTo(read(exchange().add("scope", "read")).exchange());
  }

  @Test
  void takes_the_one_target_from_audience_or_resource_or_both() {
    String target = "https://orders.example/api?v=1";

    for (Form form :
        List.of(
            exchange().set("audience", target),
            exchange().without("audience").add("resource", target),
            exchange().set("audience", target).add("resource", target),
            exchange().set("audience", target).add("audience", target))) {
      assertThat(read(form).exchange().misread()).isEmpty();
      assertThat(read(form).exchange().audience()).isEqualTo(target);
    }
  }

  @Test
  void takes_parameters_without_value_for_omitted() {
    Form form =
        exchange()
            .add("audience", "")
            .add("resource", "")
            .add("scope", "")
            .add("actor_token", "")
            .add("actor_token_type", "")
            .add("client_secret", "")
            .add("requested_token_type", "");

    assertThat(read(form).exchange()).isEqualTo(read(exchange()).exchange());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // what is wrong | change of the form | parameter | error
        "no grant | -grant_type | grant_type | INVALID_REQUEST",
        "another grant | grant_type=password | grant_type | UNSUPPORTED_GRANT_TYPE",
        "a grant in capitals | grant_type=URN:ietf:params:oauth:grant-type:token-exchange | grant_type | UNSUPPORTED_GRANT_TYPE",
        "no type of the credential | -subject_token_type | subject_token_type | INVALID_REQUEST",
        "two credentials | +subject_token=credential | subject_token | INVALID_REQUEST",
        "two client ids | +client_id=a +client_id=a | client_id | INVALID_REQUEST",
        "two targets | +audience=orders | audience | INVALID_TARGET",
        "another resource than audience | +resource=https://orders.example | audience | INVALID_TARGET",
        "a type that is not issued | +requested_token_type=urn:ietf:params:oauth:token-type:saml2 | requested_token_type | INVALID_REQUEST",
        "two proofs | +client_secret=s +client_assertion=s | client_id | INVALID_REQUEST",
        "no assertion type | grant_type=client_credentials +client_assertion=s | client_assertion_type | INVALID_CLIENT",
        "another assertion type | grant_type=client_credentials +client_assertion=s +client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer | client_assertion_type | INVALID_CLIENT",
        "two assertions | grant_type=client_credentials +client_assertion=s +client_assertion=s +client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer | client_assertion | INVALID_REQUEST",
      })
  void names_what_is_wrong_and_never_its_value(
      String name, String change, String parameter, TokenError error) {
    TokenRequest read = read(exchange().change(change));

    assertThat(read.exchange().misread())
        .singleElement()
        .extracting(FieldViolation::field)
        .isEqualTo(parameter);
    assertThat(shapeError(read)).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "payments-api",
        "/relative",
        "//host/path",
        "https://a.example/#part",
        "https://a.example#",
        "https://a b",
        "https://[",
        "ht tp://a",
        "https://é.example"
      })
  void refuses_a_resource_that_is_no_absolute_uri_without_fragment(String resource) {
    TokenRequest read = read(exchange().without("audience").add("resource", resource));

    assertThat(read.exchange().misread())
        .singleElement()
        .extracting(FieldViolation::field)
        .isEqualTo("resource");
    assertThat(shapeError(read)).isEqualTo(TokenError.INVALID_TARGET);
  }

  @Test
  void says_once_that_resources_are_none() {
    Form form = exchange().without("audience").add("resource", "^").add("resource", "^");

    assertThat(read(form).exchange().misread())
        .singleElement()
        .extracting(FieldViolation::field)
        .isEqualTo("resource");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic Zm9v", "Bearer x", "basic", "DPoP x"})
  void refuses_every_header_but_basic_and_names_its_scheme(String header) {
    TokenRequest read = read(exchange(), header);

    assertThat(shapeError(read)).isEqualTo(TokenError.INVALID_CLIENT);
    assertThat(read.challengeScheme()).isEqualTo(header.split(" ", 2)[0]);
  }

  @Test
  void leaves_scopes_with_odd_spaces_to_be_refused() {
    assertThat(read(exchange().add("scope", "read  deploy")).exchange().scopes())
        .containsExactly("read", "", "deploy");
    assertThat(read(exchange().add("scope", " ")).exchange().scopes()).containsExactly("", "");
  }

  @Test
  void reads_a_client_assertion_as_the_same_credential() {
    TokenRequest read = read(TokenClient.clientOf("credential").add("client_id", "me"));

    assertThat(read.exchange().misread()).isEmpty();
    assertThat(read.exchange().client()).isEqualTo(new PresentedClient("me", null, "", "", true));
    assertThat(read.exchange().subjectToken()).isEqualTo("credential");
    assertThat(read.exchange().subjectTokenType()).isEqualTo(JWT);
    assertThat(read.grant()).isEqualTo(GrantType.CLIENT_CREDENTIALS);
    assertThat(read.challengeScheme()).isEmpty();
  }

  @Test
  void reads_the_client_from_every_form_of_basic() {
    for (String pair : List.of("my.client:a:b", "my%2Eclient:a:b")) {
      String header =
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
      PresentedClient client = read(exchange(), header).exchange().client();

      assertThat(client.id()).isEqualTo("my.client");
      PresentedSecret secret = Objects.requireNonNull(client.secret());
      assertThat(secret.octets()).asString().isEqualTo("a:b");
      assertThat(client.toString() + client.secret()).doesNotContain("a:b");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // query | change of the form
        "audience=payments-api | -audience",
        "audience=payments-api&audience=payments%2Dapi | -audience",
        "audience=payments-api&resource= | +unheard_of=x",
        "audience= | +unheard_of=x",
      })
  void takes_the_target_from_the_address(String query, String change) {
    TokenRequest read = read(exchange().change(change), query, "");

    assertThat(read.exchange().misread()).isEmpty();
    assertThat(read.exchange().audience()).isEqualTo("payments-api");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "audience=orders", "audience=payments-api&audience=orders", "resource=https://a.example",
        "audience=Payments-api", "audience=payments-api%20", "resource=payments-api"
      })
  void refuses_an_address_that_names_another_target_than_the_form(String query) {
    assertThat(shapeError(read(exchange(), query, ""))).isEqualTo(TokenError.INVALID_TARGET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "client_secret=s3cret",
        "subject_token=s3cret",
        "assertion=s3cret",
        "s3cret",
        "s3cret=",
        "audience=payments-api&access_token=s3cret",
        "scope=s3cret",
        "grant_type=s3cret",
        "audience=%zzs3cret",
        "audience=%ffs3cret",
        "audience=s3cret%",
        "Audience=s3cret"
      })
  void refuses_and_shows_nothing_else_of_an_address(String query) {
    Outcome<TokenRequest> read = reading(exchange(), query, "");

    assertThat(read).isInstanceOf(Outcome.Refused.class);
    assertThat(read.toString()).contains("the query").doesNotContain("s3cret");
  }

  @Test
  void notes_an_actor() {
    assertThat(read(exchange().add("actor_token", "x")).exchange().actor()).isTrue();
    assertThat(read(exchange().add("actor_token_type", "x")).exchange().actor()).isTrue();
  }

  @Test
  void ignores_an_actor_beside_an_assertion() {
    Form form = TokenClient.assertionOf("credential");

    assertThat(read(form.add("actor_token", "x").add("actor_token_type", "x")).exchange())
        .isEqualTo(read(TokenClient.assertionOf("credential")).exchange());
  }

  @Test
  void names_each_parameter_by_the_name_under_which_it_was_sent() {
    Form stray =
        TokenClient.assertionOf("credential").add("subject_token", "a").add("subject_token", "b");
    Form twice = TokenClient.assertionOf("credential").add("assertion", "credential");
    FieldViolation none = new FieldViolation("subject_token", "must hold the credential");

    assertThat(firstSentence(stray)).isEqualTo("subject_token must be given once.");
    assertThat(firstSentence(twice)).isEqualTo("assertion must be given once.");
    assertThat(read(TokenClient.assertionOf("")).sentence(none))
        .isEqualTo("assertion must hold the credential.");
  }

  private static TokenError shapeError(TokenRequest read) {
    return read.shapeError(read.exchange().misread().getFirst());
  }

  private static String firstSentence(Form form) {
    TokenRequest read = read(form);
    return read.sentence(read.exchange().misread().getFirst());
  }

  private static Form exchange() {
    return TokenClient.exchangeOf("credential");
  }

  private static TokenRequest read(Form form) {
    return read(form, "");
  }

  private static TokenRequest read(Form form, String authorization) {
    return read(form, "", authorization);
  }

  private static TokenRequest read(Form form, String query, String authorization) {
    return switch (reading(form, query, authorization)) {
      case Outcome.Accepted<TokenRequest>(TokenRequest request) -> request;
      case Outcome.Refused<TokenRequest>(Refusal why) -> throw new AssertionError(why);
    };
  }

  private static Outcome<TokenRequest> reading(Form form, String query, String authorization) {
    ReceivedForm received =
        new ReceivedForm(
            Buffer.buffer(form.encoded()),
            query,
            authorization,
            PresentedKeys.NONE,
            "192.0.2.7",
            Deadline.limit(Duration.ofSeconds(10)));
    return TokenRequestReader.read(received);
  }
}
