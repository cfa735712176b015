package dev.tokenbroker.evaluate.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.evaluation.CheckedRequest;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.evaluate.federation.document.Federation;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRulesTest {

  private static final Federation FEDERATION = EmptyFederation.of("revision");

  /** A request with an actor token, whose other fields are invalid. */
  private static final ExchangeRequest ACTOR = TestExchange.request("", "", "", true);

  static List<ExchangeRequest> inOrder() {
    return List.of(
        request("a", List.of(), null),
        request("a".repeat(512), List.of(), null),
        request("https://api.example/\u00e9", List.of(), null),
        request("a", List.of("!", "#", "[", "]", "~", "read:all"), null),
        request("a", List.of("s".repeat(256)), null),
        request("a", Collections.nCopies(64, "read"), null),
        request("a", List.of(), Duration.ofSeconds(1)),
        request("a", List.of(), Duration.ofSeconds(Long.MAX_VALUE)));
  }

  @ParameterizedTest
  @MethodSource("inOrder")
  void passes_what_is_in_order(ExchangeRequest request) {
    Outcomes.accepted(check(request));
  }

  /** Clients that read a credential from a file send its last line break, too. */
  @ParameterizedTest
  @ValueSource(strings = {"a.b.c\n", "\r\n a.b.c", "\ta.b.c \f"})
  void trims_white_space_around_a_credential(String sent) {
    assertThat(TestExchange.request("a", sent).subjectToken()).isEqualTo("a.b.c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b\n.c", "\u00a0a.b.c", "a.b.c\u0000"})
  void keeps_all_other_characters_of_a_credential(String sent) {
    assertThat(TestExchange.request("a", sent).subjectToken()).isEqualTo(sent);
  }

  static List<Arguments> outOfOrder() {
    return List.of(
        Arguments.of("audience", request("", List.of(), null)),
        Arguments.of("audience", request("a".repeat(513), List.of(), null)),
        Arguments.of("subject_token", TestExchange.request("a", "")),
        Arguments.of("lifetime", request("a", List.of(), Duration.ZERO)),
        Arguments.of("lifetime", request("a", List.of(), Duration.ofSeconds(-1))),
        Arguments.of("lifetime", request("a", List.of(), Duration.ofNanos(999_999_999))),
        Arguments.of("lifetime", request("a", List.of(), Duration.ofSeconds(Long.MIN_VALUE))),
        Arguments.of("scopes", request("a", Collections.nCopies(65, "read"), null)),
        Arguments.of("scopes[1]", request("a", List.of("read", "s".repeat(257)), null)));
  }

  @ParameterizedTest
  @MethodSource("outOfOrder")
  void names_the_one_field_that_is_out_of_order(String field, ExchangeRequest request) {
    assertThat(refusal(request).reason()).isEqualTo(RefusalReason.REQUEST_INVALID);
    assertThat(refusal(request).violations())
        .extracting(FieldViolation::field)
        .containsExactly(field);
    assertThat(refusal(request).hints()).singleElement().asString().startsWith(field + " must ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "\"", "\\", "\t", "\u007F", "\u00e9", "\uD83D\uDE00"})
  void refuses_a_scope_that_rfc_6749_does_not_know(String scope) {
    List<FieldViolation> violations =
        refusal(request("a", List.of("read", scope), null)).violations();

    assertThat(violations).extracting(FieldViolation::field).containsExactly("scopes[1]");
  }

  @Test
  void names_all_that_is_wrong_at_once_and_no_value() {
    List<FieldViolation> violations =
        refusal(TestExchange.request("", "", List.of("se cret", "se\"cret"), Duration.ZERO))
            .violations();

    assertThat(violations)
        .extracting(FieldViolation::field)
        .containsExactly("audience", "subject_token", "lifetime", "scopes[0]", "scopes[1]");
    assertThat(violations.toString()).doesNotContain("cret");
  }

  @Test
  void names_first_what_the_edge_could_not_read() {
    FieldViolation misread = new FieldViolation("lifetime", "must be a number of seconds");

    assertThat(refusal(TestExchange.unread(misread)).violations()).hasSize(2).startsWith(misread);
  }

  @Test
  void refuses_everything_while_no_federation_is_loaded() {
    assertThat(Outcomes.reason(RequestRules.check(ACTOR, null, _ -> true)))
        .isEqualTo(RefusalReason.FEDERATION_NOT_LOADED);
  }

  @Test
  void refuses_a_type_for_which_there_is_no_verifier() {
    Outcome<CheckedRequest> checked =
        RequestRules.check(request("a", List.of(), null), FEDERATION, _ -> false);

    assertThat(Outcomes.refused(checked))
        .isEqualTo(
            Refusal.of(RefusalReason.CREDENTIAL_TYPE_NOT_SUPPORTED)
                .seen(RequestRules.DEFAULT_TOKEN_TYPE));
  }

  @Test
  void an_actor_is_refused_before_anything_else_about_the_request() {
    assertThat(refusal(ACTOR).reason()).isEqualTo(RefusalReason.ACTOR_NOT_SUPPORTED);
  }

  @Test
  void a_credential_without_a_type_is_a_jwt() {
    assertThat(checked(request("a", List.of(), null)).credential().tokenType())
        .isEqualTo("urn:ietf:params:oauth:token-type:jwt");
  }

  @Test
  void hands_on_what_was_asked_for() {
    CheckedRequest checked = checked(request("a", List.of("read", "read"), Duration.ofMinutes(2)));

    assertThat(checked.grant().audience()).isEqualTo("a");
    assertThat(checked.grant().scopes()).containsExactly("read");
    assertThat(checked.grant().lifetime()).isEqualTo(Duration.ofMinutes(2));
    assertThat(checked.credential().value()).isEqualTo("credential");
    assertThat(checked.keys().isEmpty()).isTrue();
    assertThat(checked.federation()).isSameAs(FEDERATION);
    assertThat(checked.toString()).doesNotContain("value=credential");
  }

  private static CheckedRequest checked(ExchangeRequest request) {
    return Outcomes.accepted(check(request));
  }

  private static Refusal refusal(ExchangeRequest request) {
    return Outcomes.refused(check(request));
  }

  private static Outcome<CheckedRequest> check(ExchangeRequest request) {
    return RequestRules.check(request, FEDERATION, _ -> true);
  }

  private static ExchangeRequest request(
      String audience, List<String> scopes, @Nullable Duration lifetime) {
    return TestExchange.request(audience, "credential", scopes, lifetime);
  }
}
