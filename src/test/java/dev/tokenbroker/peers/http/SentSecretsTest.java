package dev.tokenbroker.peers.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SentSecretsTest {

  private static final String JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.q9-Zx_7Kd2";

  @ParameterizedTest
  @CsvSource({
    "s3cr3t-of/the+broker, client s3cr3t-of/the+broker is unknown",
    "s3cr3t-of/the+broker, CLIENT S3CR3T-OF/THE+BROKER IS UNKNOWN",
    "pass word & more, raw pass word & more",
    "mn-8, is mn-8 known",
    "x1y2, ax1y2b"
  })
  void masks_a_secret_of_a_header(String secret, String text) {
    assertThat(sent(secret).masked(text)).contains(SentSecrets.MASK).doesNotContain(secret);
  }

  @ParameterizedTest
  @CsvSource({
    "s3cr3t-of/the+broker, encoded s3cr3t-of%2Fthe%2bbroker",
    "pass word & more, form pass+word+%26+more",
    "ge\u00e4\u00f6\u00fcheim, json ge\u00e4\u00f6\u00fcheim",
    "ge\u00e4\u00f6\u00fcheim, form ge%C3%A4%C3%B6%C3%BCheim",
    "password, is password"
  })
  void masks_a_secret_of_a_form_as_sent_and_as_decoded(String secret, String text) {
    SentSecrets secrets =
        new SentSecrets(
            ("client_secret=" + URLEncoder.encode(secret, UTF_8)).getBytes(UTF_8),
            Map.<String, String>of().entrySet());

    assertThat(secrets.masked(text)).isEqualTo(text.split(" ", 2)[0] + " " + SentSecrets.MASK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "7", "xyz"})
  void hides_the_whole_text_for_a_secret_that_may_be_anywhere(String secret) {
    assertThat(sent(secret).masked("no such audience, status 7")).isEqualTo(SentSecrets.HIDDEN);
    assertThat(sent("").masked("no secret")).isEqualTo("no secret");
  }

  /** Each text repeats pieces of the credential, in the forms that cost most. */
  @Test
  void a_hostile_answer_costs_a_few_milliseconds() {
    String token = random(1);
    String form = "subject_token=" + token + "&client_assertion=" + random(2);
    for (String body :
        List.of(
            token,
            "<" + "a".repeat(16 * 1024),
            "<a".repeat(8 * 1024),
            "{\"error\":\"" + token + "\"}",
            "{\"" + "err".repeat(2700) + "\":[" + "{},".repeat(2600) + "0]}",
            "{\"error\":[" + ("\"" + token.substring(0, 500) + "\",").repeat(32) + "0]}",
            "error=" + "%25".repeat(5 * 1024),
            Base64.getEncoder().encodeToString(token.substring(0, 12_000).getBytes(UTF_8)))) {
      Map<String, String> headers = Map.of("WWW-Authenticate", token.substring(0, 8_000));
      AnswerText answer = TestAnswers.text(400, headers, body.getBytes(UTF_8), form);
      long least = Long.MAX_VALUE;
      for (int run = 0; run < 20; run++) {
        long began = System.nanoTime();
        assertThat(AnswerText.notes("It", answer).toString()).doesNotContain(token.substring(0, 8));
        least = Math.min(least, System.nanoTime() - began);
      }
      System.out.printf(
          "SentSecretsTest: %d us for 32 KiB of secrets and %.12s...%n", least / 1000, body);
      assertThat(Duration.ofNanos(least))
          .as(body.substring(0, 12))
          .isLessThan(Duration.ofMillis(50));
    }
  }

  private static String random(int seed) {
    return new SplittableRandom(seed)
        .ints(16 * 1024, 0, 64)
        .mapToObj("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"::charAt)
        .map(String::valueOf)
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scope payments:read is not known",
        "subject repo:acme/api:ref:refs/heads/main",
        "AADSTS7000222: The provided client secret keys are expired.",
        "Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e",
        "capital letters"
      })
  void leaves_harmless_words(String text) {
    SentSecrets secrets =
        new SentSecrets(
            ("client_secret=api-payments-9&subject_token=" + JWT + "&scope=payments:read")
                .getBytes(UTF_8),
            Map.of("Authorization", "Bearer " + JWT).entrySet());

    assertThat(secrets.masked(text)).isEqualTo(text);
  }

  @Test
  void finds_the_secrets_of_forms_documents_and_headers() {
    String form =
        "grant_type=x&client_id=broker&client_secret=first%2Bone&subject_token_type=urn%3Aplain"
            + "&assertion=second.one&actor_token=third.one";
    String basic = Base64.getEncoder().encodeToString("broker:fo%2Burth".getBytes(UTF_8));
    SentSecrets ofForm =
        new SentSecrets(form.getBytes(UTF_8), Map.of("Authorization", "Basic " + basic).entrySet());
    SentSecrets ofReview =
        new SentSecrets(
            "{\"kind\":\"TokenReview\",\"spec\":{\"token\":\"fifth.one\"}}".getBytes(UTF_8),
            Map.of("Authorization", "Bearer sixth.one").entrySet());

    assertThat(ofForm.masked("first+one second.one third.one fo+urth fo%2Burth " + basic))
        .isEqualTo((SentSecrets.MASK + " ").repeat(6).strip());
    assertThat(ofForm.masked("broker urn:plain")).isEqualTo("broker urn:plain");
    assertThat(ofReview.masked("fifth.one sixth.one TokenReview"))
        .isEqualTo(SentSecrets.MASK + " " + SentSecrets.MASK + " TokenReview");
  }

  private static SentSecrets sent(String secret) {
    return new SentSecrets(new byte[0], Map.of("Authorization", "Bearer " + secret).entrySet());
  }
}
