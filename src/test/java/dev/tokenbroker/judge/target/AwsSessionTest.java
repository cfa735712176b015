package dev.tokenbroker.judge.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.expression.Evaluated;
import dev.tokenbroker.judge.expression.Facts;
import dev.tokenbroker.judge.expression.WholeValue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsSessionTest {

  private static final Facts FACTS =
      new Facts(
          "github",
          "repo:acme",
          "aws",
          null,
          Map.of(
              "repository",
              "acme/payments",
              "number",
              42L,
              "empty",
              "",
              "wild",
              "*",
              "variable",
              "${aws:username}",
              "quoted",
              "a\"],\"Effect\":\"Allow",
              "long",
              "x".repeat(2048),
              "kubernetes.io",
              Map.of("namespace", "pay", "pod", Map.of("name", "p-1"))));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ci",
        "repo_1+=,.@-",
        "A123456789.A123456789.A123456789.A123456789.A123456789.A12345678"
      })
  void leaves_a_name_that_aws_takes(String text) {
    assertThat(AwsSession.name(text)).isEqualTo(text);
  }

  /** The last one is what the first one becomes: it must become another one. */
  @Test
  void gives_no_two_subjects_one_name() {
    List<String> subjects =
        List.of(
            "repo:acme/pay",
            "repo/acme:pay",
            "repo-acme-pay-",
            "a",
            "",
            "ä",
            "x".repeat(65),
            "x".repeat(64) + "y",
            "x".repeat(48),
            "repo:acme/pay\n");
    List<String> names = subjects.stream().map(AwsSession::name).toList();

    assertThat(names).doesNotHaveDuplicates().allMatch(AwsSession.NAME.asMatchPredicate());
    assertThat(names.getFirst()).matches("repo-acme-pay-[0-9a-f]{16}");
    assertThat(names)
        .noneMatch(name -> AwsSession.name(name).equals(name) && !subjects.contains(name));
  }

  @ParameterizedTest
  @CsvSource({
    "${subject}, the-subject",
    "${claims.repository}, acme/payments",
    "'${claims[\"kubernetes.io\"].namespace}', pay",
    "'${claims[\"kubernetes.io\"].pod[\"name\"]}', p-1",
    "${aws:username}, ${aws:username}",
    "arn:aws:s3:::a/*, arn:aws:s3:::a/*",
    "'a\"}', 'a\"}'",
  })
  void fills_whole_values_into_a_policy(String text, String filled) {
    assertThat(policy(text)).isEqualTo(AwsSession.json(Map.of("Statement", List.of(filled))));
  }

  @Test
  void lets_no_value_change_the_structure() {
    assertThat(policy("${claims.quoted}"))
        .isEqualTo("{\"Statement\":[\"a\\\"],\\\"Effect\\\":\\\"Allow\"]}");
  }

  @ParameterizedTest
  @CsvSource({
    "${claims.none}, missing or no text",
    "${claims.number}, missing or no text",
    "${claims.empty}, missing or no text",
    "'${claims[\"kubernetes.io\"]}', missing or no text",
    "${claims.repository.name}, missing or no text",
    "${claims.wild}, would read a pattern",
    "${claims.variable}, would read a pattern",
    "${claims.long}, 'characters, more than 2048'",
  })
  void refuses_a_value_that_a_policy_cannot_have(String text, String why) {
    assertThat(of("ci", text))
        .isInstanceOfSatisfying(
            Evaluated.Failed.class, failed -> assertThat(failed.why()).contains(why));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x${claims.a}",
        "${claims.a}x",
        "${claims}",
        "${claims.a b}",
        "${claims.}",
        "${claims[a]}",
        "${subject.a}",
        "${subject}${subject}"
      })
  void knows_values_that_are_not_the_whole_text(String text) {
    assertThat(WholeValue.isJoined(text)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"16, false", "17, true", "2000, true"})
  void takes_a_path_of_at_most_16_names(int names, boolean joined) {
    String path = "${claims" + ".a".repeat(names) + "}";

    assertThat(WholeValue.isJoined(path)).isEqualTo(joined);
    assertThat(WholeValue.of(path).isPresent()).isNotEqualTo(joined);
  }

  @Test
  void names_the_claims_that_it_reads() {
    ClaimUses uses = AwsSession.uses(target("${claims.repository}", "${claims[\"a.b\"].c}"));

    assertThat(uses.claims()).containsExactlyInAnyOrder("repository", "a.b");
    assertThat(uses.paths())
        .containsExactlyInAnyOrder(ClaimPath.of("repository"), new ClaimPath(List.of("a.b", "c")));
    assertThat(AwsSession.uses(target("${subject}", "${subject}")).claims()).isEmpty();
  }

  private static String policy(String text) {
    return String.valueOf(((Evaluated.Value<AwsRole>) of("ci", text)).value().policy());
  }

  private static Evaluated<AwsRole> of(String name, String text) {
    return AwsSession.of(target(name, text), FACTS, "the-subject");
  }

  private static AwsRole target(String name, String text) {
    return new AwsRole(
        "aws",
        "arn:aws:iam::123456789012:role/a",
        name,
        List.of(),
        AwsSession.json(Map.of("Statement", List.of(text))),
        Duration.ofMinutes(30),
        new Presentation.Minted("sts.amazonaws.com", Duration.ofMinutes(1)));
  }
}
