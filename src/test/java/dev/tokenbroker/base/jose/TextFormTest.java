package dev.tokenbroker.base.jose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("drawn")
class TextFormTest {

  private static final String HEADER = encoded("{\"alg\":\"ES256\",\"kid\":\"k1\"}");
  private static final String PAYLOAD =
      encoded("{\"iss\":\"https://issuer.example\",\"sub\":\"s\"}");
  private static final String SIGNATURE = "c2lnbmF0dXJl".repeat(7);
  private static final String JWT = HEADER + "." + PAYLOAD + "." + SIGNATURE;
  private static final String RANDOM = "r4nD0mPartThatNobodyMaySee";

  /** A text, what is said of it, and a word of the remedy. */
  static Stream<Arguments> forms() {
    return Stream.of(
        Arguments.of("", "no JWT: nothing", "no token"),
        Arguments.of(" \n\u00a0", "no JWT: nothing", "no token"),
        Arguments.of("Bearer ", "no JWT: a scheme without a token", "no token"),
        Arguments.of("null", "no JWT: a program's word for no value", "no token"),
        Arguments.of("[object Object]", "no JWT: a program's word for no value", "no token"),
        Arguments.of("com.acme.Token@1b2c3d4e", "the name of a program's object", "no token"),
        Arguments.of("*****", "no JWT: a mask", "hides the token"),
        Arguments.of("[REDACTED]", "no JWT: a placeholder", "hides the token"),
        Arguments.of("<token>", "no JWT: a placeholder", "hides the token"),
        Arguments.of("YOUR_TOKEN_HERE", "no JWT: a placeholder", "hides the token"),
        Arguments.of("$TOKEN", "a variable or template without its value", "Set the variable"),
        Arguments.of("Bearer ${TOKEN}", "without its value, with a scheme before it", "Set the"),
        Arguments.of("${{ secrets.TOKEN }}", "a variable or template", "Set the variable"),
        Arguments.of("%TOKEN%", "a variable or template", "Set the variable"),
        Arguments.of("{{ .Token }}", "a variable or template", "Set the variable"),
        Arguments.of("\"$(cat /run/token)\"", "a variable or template", "Set the variable"),
        Arguments.of("op://vault/item/token", "a reference that was not resolved", "Set the"),
        Arguments.of(
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE" + RANDOM, "with a private key", "Replace"),
        Arguments.of("-----BEGIN CERTIFICATE-----\nMIIE", "a PEM block, such as", "signed by"),
        Arguments.of(base64("-----BEGIN EC PRIVATE KEY-----\nMHc"), "key, with base64", "Replace"),
        Arguments.of("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "an SSH key", "signed by a key"),
        Arguments.of("MIIDdzCCAl+gAwIB" + RANDOM.repeat(3), "in base64 DER", "signed by a key"),
        Arguments.of("apiVersion: v1\nkind: Config\nusers: []", "YAML", "token alone"),
        Arguments.of("<saml2:Assertion xmlns=\"\">", "a SAML assertion", "signed JWT"),
        Arguments.of(base64("<samlp:Response xmlns:samlp=\"urn\">"), "a SAML assertion", "JWT"),
        Arguments.of("<!DOCTYPE html><html><body>Sign in", "an HTML page", "not its name"),
        Arguments.of("<?xml version=\"1.0\"?><Token/>", "no JWT: XML", "signed JWT"),
        Arguments.of(
            "{\"payload\":\"x\",\"signatures\":[]}", "a JWS in JSON serialisation", "compact"),
        Arguments.of("{\"kty\":\"EC\",\"d\":\"" + RANDOM + "\"}", "a JSON Web Key", "Replace"),
        Arguments.of("{\"type\":\"service_account\",\"private_key\":1}", "JSON with a key", "key"),
        Arguments.of("{\"access_token\":\"" + JWT + "\"}", "JSON, with a JWT in it", "token alone"),
        Arguments.of("[\"" + JWT + "\"]", "JSON, with a JWT in it", "token alone"),
        Arguments.of("https://x.example/cb#id_token=" + JWT, "(URL), with a JWT in it", "alone"),
        Arguments.of("/var/run/secrets/token", "a file's path", "not its name"),
        Arguments.of("@token.jwt", "a file's path", "not its name"),
        Arguments.of("C:\\keys\\token.txt", "a file's path", "not its name"),
        Arguments.of("123e4567-e89b-12d3-a456-426614174000", "a UUID", "signed JWT"),
        Arguments.of("1234567890", "a number", "signed JWT"),
        Arguments.of("ghs_" + RANDOM, "like a GitHub installation token (ghs_)", "CI job"),
        Arguments.of("token ghp_" + RANDOM, "(ghp_), with a scheme before it", "CI job"),
        Arguments.of("GITHUB_TOKEN=github_pat_" + RANDOM, "(github_pat_), with a name", "CI job"),
        Arguments.of("glpat-" + RANDOM, "a GitLab token (glpat-)", "CI job"),
        Arguments.of("xoxb-1234-" + RANDOM, "a Slack token (xoxb-)", "signed JWT"),
        Arguments.of("AKIAIOSFODNN7EXAMPLE", "an AWS access key id (AKIA)", "signed JWT"),
        Arguments.of("ya29.a0" + RANDOM, "a token or key of Google (ya29.)", "signed JWT"),
        Arguments.of("sk-ant-api03-" + RANDOM, "an Anthropic key (sk-ant-)", "signed JWT"),
        Arguments.of("sk-proj-" + RANDOM, "an OpenAI key (sk-)", "signed JWT"),
        Arguments.of("npm_" + RANDOM, "of a package registry (npm_)", "signed JWT"),
        Arguments.of("pypi-AgEI" + RANDOM, "of a package registry (pypi-)", "signed JWT"),
        Arguments.of("dckr_pat_" + RANDOM, "a Docker token (dckr_pat_)", "signed JWT"),
        Arguments.of("hvs.CAES" + RANDOM, "a Vault token (hvs.)", "signed JWT"),
        Arguments.of("hf_" + RANDOM, "a Hugging Face token (hf_)", "signed JWT"),
        Arguments.of("sk_live_" + RANDOM, "a Stripe key (sk_live_)", "signed JWT"),
        Arguments.of("sv=2024-01-01&sig=" + RANDOM, "an Azure key or signature", "signed JWT"),
        Arguments.of("SG." + RANDOM + "." + RANDOM, "a cloud service (SG.)", "signed JWT"),
        Arguments.of("pk." + PAYLOAD + "." + RANDOM, "a cloud service (pk.ey)", "signed JWT"),
        Arguments.of("v4.public." + RANDOM, "a PASETO (v4.public.)", "signed JWT"),
        Arguments.of("MDAxY2xvY2F0aW9u" + RANDOM, "a macaroon", "signed JWT"),
        Arguments.of("Negotiate YIIJvwYGKwYBBQUC" + RANDOM, "a Kerberos", "signed JWT"),
        Arguments.of("0123456789abcdef".repeat(4), "hexadecimal digits", "signed JWT"),
        Arguments.of("Basic " + base64("alice:" + RANDOM), "no token known here", "signed JWT"),
        Arguments.of(RANDOM, "begins like no token known here", "signed JWT"),
        Arguments.of("a.b.c", "three parts, but the first is no JOSE header", "signed JWT"),
        // what is made of a JWT
        Arguments.of("Bearer " + JWT, "a JWT, with a scheme before it", "without the scheme"),
        Arguments.of("'" + JWT + "'", "a JWT, with quotes around it", "without the quotes"),
        Arguments.of("b'" + JWT + "'", "a JWT, with quotes around it", "without the quotes"),
        Arguments.of("\\\"" + JWT + "\\\"", "a JWT, with quotes around it", "without the quotes"),
        Arguments.of("token=" + JWT, "a JWT, with a name before it", "without the name"),
        Arguments.of("Authorization: Bearer " + JWT, "a scheme before it", "without the scheme"),
        Arguments.of(JWT + "\r\n", "a line break around it", "line breaks"),
        Arguments.of(JWT + "\\n", "a line break around it", "line breaks"),
        Arguments.of("\uFEFF" + JWT, "invisible characters in it", "invisible"),
        Arguments.of(JWT.replace(".", "\u200B."), "invisible characters in it", "invisible"),
        Arguments.of(JWT.replace("", "\0"), "invisible characters in it", "invisible"),
        Arguments.of("\u00a0" + JWT, "white space", "white space"),
        Arguments.of(JWT.replace(".", "%2E"), "a JWT, with percent-encoding", "once less"),
        Arguments.of("%22" + JWT + "%22", "percent-encoding and quotes", "once less"),
        Arguments.of(base64(JWT), "a JWT, with base64 around it", "Decode it once"),
        Arguments.of(base64(base64(JWT)), "a JWT, with base64 around it", "Decode it once"),
        Arguments.of(
            HexFormat.of().formatHex(JWT.getBytes(StandardCharsets.US_ASCII)),
            "a JWT, with hexadecimal encoding",
            "Decode it once"),
        Arguments.of(JWT + "\n" + JWT, "several JWTs in one text", "one token"),
        Arguments.of(JWT + ", " + JWT + "," + JWT, "several JWTs in one text", "one token"),
        Arguments.of(JWT + JWT, "several JWTs without a break", "one token"),
        Arguments.of(JWT.replaceAll("(.{40})", "$1\n"), "line breaks in it", "line breaks"),
        Arguments.of(JWT + " # mine", "a JWT with other text behind it", "token alone"),
        Arguments.of("curl -d " + JWT, "other text with a JWT in it", "token alone"),
        Arguments.of(HEADER, "the first part of a JWT alone", "all of the token"),
        Arguments.of(HEADER + "." + PAYLOAD, "without its third part", "all of the token"),
        Arguments.of(PAYLOAD + "." + SIGNATURE, "without its first part", "all of the token"),
        Arguments.of("." + PAYLOAD + "." + SIGNATURE, "without its first part", "all of the"),
        Arguments.of(JWT.substring(0, 30) + "...", "a masked or shortened JWT", "source"),
        Arguments.of(JWT.substring(0, 10) + "***", "a masked or shortened JWT", "source"),
        Arguments.of(JWT + "~" + encoded("[\"s\",\"n\",1]") + "~", "an SD-JWT", "without them"),
        Arguments.of(HEADER + "." + PAYLOAD + ".", "without a signature", "never accepted"),
        Arguments.of(HEADER + ".." + SIGNATURE, "without a payload", "payload"),
        Arguments.of(JWT + "==", "plain base64 or with padding", "without padding"),
        Arguments.of(JWT + "+/", "plain base64 or with padding", "base64url"),
        Arguments.of(HEADER + "." + PAYLOAD + ".abcde", "cut or changed", "all of the token"),
        Arguments.of(JWT + ".x", "a JWT with more than 3 parts", "token alone"),
        Arguments.of(JWT.replace(".", "\u00e9."), "a character that none has", "all of the token"),
        Arguments.of(JWT.toLowerCase(java.util.Locale.ROOT), "in changed case", "upper and lower"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("forms")
  void says_what_came_how_long_it_is_and_what_to_do(String text, String what, String remedy) {
    Refusal refusal = TextForm.refusal(text);

    assertThat(refusal.reason()).isEqualTo(RefusalReason.CREDENTIAL_MALFORMED);
    assertThat(refusal.seen()).contains(what).endsWith("; " + text.length() + " characters");
    assertThat(String.join(" ", refusal.hints())).contains(remedy);
    assertThat(refusal.toString()).doesNotContain(RANDOM, SIGNATURE, PAYLOAD, "ES256");
    boolean encoded = what.matches(".*(base64|percent|hexadecimal enc).*") && what.contains("JWT");
    assertThat(refusal.hints().toString().matches("(?s).*(base64|Percent|hexadecimal).*"))
        .as("only a fault of encoding has a remedy about it")
        .isEqualTo(encoded || what.startsWith("percent") || what.startsWith("plain"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", "{\"enc\":\"A128GCM\"}"})
  void names_an_encrypted_jwt(String header) {
    Refusal refusal = TextForm.refusal(encoded(header) + "..aXY.Y2lwaGVy.dGFn");

    assertThat(refusal.reason()).isEqualTo(RefusalReason.CREDENTIAL_NOT_SUPPORTED);
    assertThat(refusal.seen()).startsWith("an encrypted JWT; ");
  }

  @Test
  void names_what_is_too_large_for_a_credential_and_no_jwt() {
    assertThat(parsed("<!DOCTYPE html>" + " ".repeat(100_000)).seen()).contains("an HTML page");
    assertThat(parsed(JWT + "x".repeat(100_000)).reason())
        .isEqualTo(RefusalReason.CREDENTIAL_TOO_LARGE);
  }

  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);
  private static final List<String> PREFIXES =
      List.of(HEADER + ".", "eyJa.eyJa.", "{", "ghp_", "eyJ");

  /** What hostile texts repeat: the time must grow with the length alone. */
  static List<String> repeated() {
    return List.of(
        "eyJ",
        "eyJhbGciOiJub25lIn0.",
        ".",
        "~",
        " ",
        "a=",
        "%25",
        "\"",
        "{\"",
        "<a",
        "Bearer ",
        "ey",
        "a b",
        "A",
        "0",
        "*",
        "\\n",
        "-",
        "$",
        "\u200B",
        "eyJhbGciOiJub25lIn0 ",
        "=",
        "/a",
        "\uD83D\uDE00",
        "eyJhbGciOiJub25lIn0.e30.AA ",
        "\uD800",
        "_",
        "a.",
        "export a=");
  }

  @ParameterizedTest
  @MethodSource("repeated")
  void reads_the_longest_text_in_a_moment(String repeated) {
    assertReadInAMoment("", repeated);
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "eyJ", "\"", "a b", "eyJhbGciOiJub25lIn0 "})
  void reads_the_longest_text_after_each_prefix_in_a_moment(String repeated) {
    for (String prefix : PREFIXES) {
      assertReadInAMoment(prefix, repeated);
    }
  }

  @Tag("whole")
  @ParameterizedTest
  @MethodSource("repeated")
  void reads_each_text_after_each_prefix_in_a_moment(String repeated) {
    for (String prefix : PREFIXES) {
      assertReadInAMoment(prefix, repeated);
    }
  }

  private static void assertReadInAMoment(String prefix, String repeated) {
    String text = prefix + repeated.repeat(256 * 1024 / repeated.length());
    // Of the processor, as the machine may be busy.
    long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    TextForm.refusal(text);
    long ended = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    assertThat(Duration.ofNanos(ended - began))
        .as("%s and %s", prefix, repeated)
        .isLessThan(Duration.ofMillis(500));
  }

  /** {@code -Dfuzz.mutations=…} tries more. */
  @Test
  void never_fails_and_never_repeats_what_it_reads() {
    long seed = Long.getLong("fuzz.seed", 20261130L);
    System.out.println("TextFormTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<String> texts = forms().map(form -> (String) form.get()[0]).toList();
    for (int mutation = 0; mutation < MUTATIONS; mutation++) {
      String one = texts.get(random.nextInt(texts.size()));
      String other = texts.get(random.nextInt(texts.size()));
      int cut = random.nextInt(one.length() + 1);
      String text =
          one.substring(0, cut)
              + (char) random.nextInt(0x2100)
              + other.substring(random.nextInt(other.length() + 1))
              + RANDOM;
      assertThat(TextForm.refusal(text).toString())
          .as("mutation %d of seed %d", mutation, seed)
          .doesNotContain("r4nD0m", "SIGNATURE", "c2lnbmF0", "eyJ");
    }
  }

  private static Refusal parsed(String text) {
    return switch (CompactJws.parse(text, 16 * 1024)) {
      case dev.tokenbroker.base.refusal.Outcome.Refused<CompactJws>(Refusal refusal) -> refusal;
      case dev.tokenbroker.base.refusal.Outcome.Accepted<CompactJws> _ ->
          throw new AssertionError("was accepted");
    };
  }

  private static String encoded(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
