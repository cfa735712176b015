package dev.tokenbroker.drill;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Texts that callers send in place of a credential or a proof, and JWTs of another kind. */
final class TextFaults {

  /** Stands in each secret-like text, and must be written nowhere. */
  static final String RANDOM = "r4nD0mPartThatNobodyMaySee";

  private static final String JWT = "signed JWT";
  private static final String ALONE = "token alone";

  private TextFaults() {}

  static List<Fault> all() {
    List<Fault> all = new ArrayList<>();
    all.add(
        text("an installation token", "ghs_" + RANDOM, "GitHub installation token (ghs_)", JWT));
    all.add(text("a personal token of GitHub", "ghp_" + RANDOM, "a GitHub token (ghp_)", JWT));
    all.add(text("a token of GitLab", "glpat-" + RANDOM, "a GitLab token (glpat-)", JWT));
    all.add(text("a token of Slack", "xoxb-1-" + RANDOM, "a Slack token (xoxb-)", JWT));
    all.add(text("an access key of AWS", "AKIAIOSFODNN7QWERTYU", "AWS access key id (AKIA)", JWT));
    all.add(text("an access token of Google", "ya29." + RANDOM, "of Google (ya29.)", JWT));
    all.add(text("a key of Anthropic", "sk-ant-api03-" + RANDOM, "an Anthropic key", JWT));
    all.add(text("a key of OpenAI", "sk-proj-" + RANDOM, "an OpenAI key (sk-)", JWT));
    all.add(text("a token of npm", "npm_" + RANDOM, "a package registry (npm_)", JWT));
    all.add(text("a token of Docker", "dckr_pat_" + RANDOM, "a Docker token", JWT));
    all.add(text("a token of Vault", "hvs." + RANDOM, "a Vault token (hvs.)", JWT));
    all.add(text("a token of SendGrid", "SG." + RANDOM + ".x", "(SG.)", JWT));
    all.add(text("a PASETO", "v4.public." + RANDOM, "a PASETO", JWT));
    all.add(text("an opaque token", RANDOM, "like no token known here; 26 characters", JWT));
    all.add(text("a private key", pem("PRIVATE KEY"), "with a private key", "Replace"));
    all.add(text("a certificate", pem("CERTIFICATE"), "such as a certificate", "signed by a key"));
    all.add(text("a key in base64", base64(pem("EC PRIVATE KEY")), "base64 around it", "Replace"));
    all.add(text("a certificate in DER", "MIID" + RANDOM.repeat(3), "base64 DER", "by a key"));
    all.add(text("a path", "/var/run/secrets/token", "a file's path", "not its name"));
    all.add(text("an address", "https://x.example/token", "an address (URL)", "not its name"));
    all.add(text("a variable of a shell", "$TOKEN", "without its value", "Set the variable"));
    all.add(text("a variable of a workflow", "${{ x }}", "without its value", "Set the"));
    all.add(text("a variable of Windows", "%TOKEN%", "without its value", "Set the variable"));
    all.add(text("a template", "{{ .Token }}", "without its value", "Set the variable"));
    all.add(text("an unresolved reference", "op://v/i/f", "not resolved", "Set the variable"));
    all.add(text("a mask", "*****", "a mask", "hides the token"));
    all.add(text("a redacted token", "[REDACTED]", "a placeholder", "hides the token"));
    all.add(text("an example", "<your-token>", "a placeholder", "hides the token"));
    all.add(text("no value", "undefined", "word for no value", "has no token"));
    all.add(text("a scheme alone", "Bearer", "a scheme without a token", "has no token"));
    all.add(text("a web page", "<!DOCTYPE html><html>", "an HTML page", "not its name"));
    all.add(text("a SAML assertion", "<saml:Assertion>" + RANDOM, "a SAML assertion", JWT));
    all.add(text("a kubeconfig", "apiVersion: v1\ntoken: " + RANDOM, "a kubeconfig", ALONE));
    all.add(text("a key set", "{\"kty\":\"EC\",\"d\":\"" + RANDOM, "a JSON Web Key", "Replace"));
    all.add(text("a JWS in JSON", "{\"payload\":\"" + RANDOM, "JSON serialisation", "compact"));
    all.add(text("a UUID", "123e4567-e89b-12d3-a456-426614174000", "a UUID", JWT));
    all.add(text("a digest", "0123456789abcdef".repeat(4), "hexadecimal digits", JWT));
    all.add(text("a ticket of Kerberos", "YIIJvwYGKwYB" + RANDOM, "a Kerberos", JWT));
    all.add(text("a macaroon", "MDAxY2xvY2F0" + RANDOM, "a macaroon", JWT));
    all.add(changed("a JWT in quotes", jwt -> '"' + jwt + '"', "quotes", "without the quotes"));
    all.add(changed("a JWT with its name", jwt -> "token=" + jwt, "a name before", "the name"));
    all.add(changed("a JWT of a header", jwt -> "DPoP " + jwt, "a scheme", "without the scheme"));
    all.add(changed("a JWT in base64", TextFaults::base64, "base64 around", "from base64"));
    all.add(changed("a JWT in base64, twice", j -> base64(base64(j)), "base64", "from base64"));
    all.add(changed("an encoded JWT", j -> j.replace(".", "%2E"), "percent-encoding", "once less"));
    all.add(changed("a JWT with a mark", jwt -> "\uFEFF" + jwt, "invisible", "byte order mark"));
    all.add(changed("a JWT with a blank", jwt -> "\u00a0" + jwt, "white space", "white space"));
    all.add(changed("a JWT in lines", j -> j.replaceAll("(.{64})", "$1\n"), "breaks", "breaks"));
    all.add(changed("two JWTs in lines", jwt -> jwt + "\n" + jwt, "several JWTs", "one token"));
    all.add(changed("two JWTs joined", jwt -> jwt + jwt, "several JWTs", "one token"));
    all.add(changed("a JWT in JSON", j -> "{\"token\":\"" + j + "\"}", "JSON, with a JWT", ALONE));
    all.add(changed("a cut JWT", j -> j.substring(0, j.lastIndexOf('.')), "third part", "all of"));
    all.add(changed("a header alone", j -> j.substring(0, j.indexOf('.')), "first part", "all of"));
    all.add(changed("a shortened JWT", j -> j.substring(0, 40) + "...", "shortened", "source"));
    all.add(changed("an SD-JWT", jwt -> jwt + "~WyJz~", "disclosures", "without them"));
    all.add(changed("a padded JWT", jwt -> jwt + "==", "padding", "without padding"));
    all.add(
        text("an encrypted JWT", base64("{\"alg\":\"dir\",\"enc\":\"A1\"}") + "..b.c.d", "", JWT)
            .caller("CREDENTIAL_NOT_SUPPORTED"));
    all.addAll(kinds());
    all.addAll(proofs());
    return all;
  }

  private static Fault text(String name, String text, String what, String remedy) {
    return Fault.of(name + " for a credential", scene -> scene.with(() -> text))
        .caller("CREDENTIAL_MALFORMED")
        .told(what, text.length() + " characters")
        .remedy(remedy)
        .nowhere(RANDOM);
  }

  private static Fault changed(
      String name, UnaryOperator<String> change, String what, String remedy) {
    return Fault.of(
            name + " for a credential",
            scene -> scene.with(() -> change.apply(scene.stage().good().credential().sign())))
        .caller("CREDENTIAL_MALFORMED")
        .told(what)
        .remedy(remedy);
  }

  /** What only the header and the claims tell: operators read it, and callers do not. */
  private static List<Fault> kinds() {
    TestKey stranger = TestKey.generate("stranger", SigningAlgorithm.ES256);
    return List.of(
        kind("a refresh token", "KEY_UNKNOWN", (s, j) -> j.claim("typ", "Refresh"), stranger)
            .seen("a refresh token")
            .settles(),
        kind("a token for Graph", "SIGNATURE_INVALID", (s, j) -> j.header("nonce", "n"), null)
            .seen("Microsoft Graph"),
        kind(
                "a token of a legacy secret",
                "CLAIM_MISSING",
                (s, j) -> j.claim("iss", "kubernetes/serviceaccount").without("exp"),
                null)
            .seen("legacy secret of Kubernetes"),
        kind(
                "another path at the issuer",
                "ISSUER_UNKNOWN",
                (s, j) -> j.claim("iss", s.stage().good().origin() + "/realms/other"),
                null)
            .seen("the same host, and another path"),
        tenant());
  }

  private static Fault tenant() {
    String id = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
    return Fault.of(
            "a token of the same tenant in version 1",
            scene -> {
              scene.issuerAt("https://login.microsoftonline.example/" + id + "/v2.0", "tls: corp");
              scene.with(
                  () ->
                      scene
                          .stage()
                          .good()
                          .credential()
                          .claim("iss", "https://sts.windows.example/" + id + "/")
                          .sign());
            })
        .caller("ISSUER_UNKNOWN")
        .seen("the same tenant");
  }

  private static Fault kind(
      String name,
      String reason,
      BiFunction<Scene, TestCredential, TestCredential> change,
      @Nullable TestKey key) {
    return Fault.of(
            name + " for a credential",
            scene ->
                scene.with(
                    () -> {
                      DrillIssuer good = scene.stage().good();
                      String signed =
                          change
                              .apply(scene, key == null ? good.credential() : good.credential(key))
                              .sign();
                      return reason.equals("SIGNATURE_INVALID")
                          ? signed.substring(0, signed.length() - 12) + "AAAAAAAAAAAA"
                          : signed;
                    }))
        .caller(reason);
  }

  private static List<Fault> proofs() {
    return List.of(
        proof("a GitHub token", _ -> "ghs_" + RANDOM).told("(ghs_)").nowhere(RANDOM),
        proof("two proofs", proof -> proof + ", " + proof).told("several JWTs", "one token"),
        proof("a proof with a scheme", proof -> "DPoP " + proof).told("without the scheme"),
        proof("a variable", _ -> "${PROOF}").told("without its value"));
  }

  private static Fault proof(String name, UnaryOperator<String> change) {
    return Fault.of(name + " for a proof", scene -> scene.proofText(change))
        .caller("DPOP_PROOF_INVALID");
  }

  private static String pem(String label) {
    return "-----BEGIN " + label + "-----\n" + RANDOM + "\n-----END " + label + "-----";
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
