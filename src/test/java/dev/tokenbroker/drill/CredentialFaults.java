package dev.tokenbroker.drill;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Faults of what a caller presents. */
final class CredentialFaults {

  private CredentialFaults() {}

  static List<Fault> all() {
    return List.of(
        Fault.of("a credential that is no JWT", scene -> scene.with(() -> "none"))
            .caller("CREDENTIAL_MALFORMED")
            .remedy("alone, whole and unchanged"),
        Fault.of(
                "a credential with Bearer before it",
                scene -> scene.with(() -> "Bearer " + good(scene).sign()))
            .caller("CREDENTIAL_MALFORMED")
            .remedy("Bearer"),
        Fault.of(
            "a credential with a newline at its end",
            scene -> scene.with(() -> good(scene).sign() + "\n")),
        Fault.of("a credential of 20 KiB", with(jwt -> jwt.claim("groups", "x".repeat(20_000))))
            .caller("CREDENTIAL_TOO_LARGE")
            .remedy("fewer, shorter or flatter"),
        Fault.of("a credential with alg none", with(jwt -> jwt.header("alg", "none")))
            .caller("ALGORITHM_NOT_ALLOWED")
            .seen("none"),
        Fault.of("a credential with alg HS256", with(jwt -> jwt.header("alg", "HS256")))
            .caller("ALGORITHM_NOT_ALLOWED")
            .seen("HS256"),
        Fault.of("a credential with crit", with(jwt -> jwt.header("crit", List.of("exp"))))
            .caller("CREDENTIAL_NOT_SUPPORTED")
            .seen("crit")
            .remedy("without crit"),
        Fault.of("a credential without exp", with(jwt -> jwt.without("exp")))
            .caller("CLAIM_MISSING")
            .seen("exp")
            .remedy("iss, sub, aud and exp"),
        Fault.of("a credential whose exp is a text", with(jwt -> jwt.claim("exp", "1700000000")))
            .caller("CREDENTIAL_MALFORMED")
            .seen("exp", "the string \"1700000000\"")
            .remedy("issuer must write the claim exp"),
        Fault.of(
                "an issuer that nobody declared",
                with(jwt -> jwt.claim("iss", "https://x.example")))
            .caller("ISSUER_UNKNOWN")
            .seen("https://x.example"),
        Fault.of(
                "an issuer one letter off",
                scene ->
                    scene.with(
                        () -> good(scene).claim("iss", scene.stage().good().origin() + "1").sign()))
            .caller("ISSUER_UNKNOWN")
            .remedy("good"),
        Fault.of(
                "an issuer with a trailing slash",
                own("tls: corp", (issuer, jwt) -> jwt.claim("iss", issuer.origin() + "/")))
            .operator("ISSUER_NEAR_MISS")
            .unattributed()
            .seen("trailing slash")
            .remedy("including a trailing slash"),
        Fault.of(
                "an issuer that is percent-encoded",
                own(
                    "tls: corp",
                    (issuer, jwt) ->
                        jwt.claim("iss", issuer.origin().replace("localhost", "l%6Fcalhost"))))
            .operator("ISSUER_NEAR_MISS")
            .unattributed()
            .seen("percent-encoded"),
        Fault.of("an issuer that is disabled", scene -> scene.issuer("tls: corp, disabled: true"))
            .operator("ISSUER_DISABLED")
            .alert(Fault.NO_ALERT)
            .seen("an issuer that is not disabled")
            .remedy("disabled: true"),
        Fault.of(
                "an algorithm that the issuer may not use",
                scene -> scene.issuer("tls: corp, algorithms: [RS256]"))
            .caller("ALGORITHM_NOT_ALLOWED")
            .seen("ES256", "RS256")
            .remedy("algorithms"),
        Fault.of(
                "a signature of another credential",
                scene ->
                    scene.with(
                        () -> {
                          String one = good(scene).sign();
                          String other = good(scene).claim("x", "y").sign();
                          return one.substring(0, one.lastIndexOf('.'))
                              + other.substring(other.lastIndexOf('.'));
                        }))
            .caller("SIGNATURE_INVALID")
            .seen("Key tried: ")
            .remedy("thumbprint"),
        Fault.of(
                "a credential that expired two minutes ago",
                with(jwt -> jwt.claim("exp", now(-120)).claim("iat", now(-500)).without("nbf")))
            .caller("CREDENTIAL_EXPIRED")
            .told("exp")
            .remedy("fresh credential"),
        Fault.of(
                "a credential that begins in five minutes",
                with(jwt -> jwt.claim("nbf", now(300)).claim("exp", now(900))))
            .caller("CREDENTIAL_NOT_YET_VALID")
            .told("nbf")
            .remedy("Compare the clocks"),
        Fault.of(
                "an issuer whose clock is five minutes behind",
                own(
                    "tls: corp",
                    Duration.ofMinutes(-5),
                    (_, jwt) ->
                        jwt.claim("nbf", now(-300))
                            .claim("iat", now(-300))
                            .claim("exp", now(-200))))
            .caller("CREDENTIAL_EXPIRED")
            .told("clock"),
        Fault.of(
                "an issuer whose clock is five minutes ahead",
                own(
                    "tls: corp",
                    Duration.ofMinutes(5),
                    (_, jwt) ->
                        jwt.claim("nbf", now(300)).claim("iat", now(300)).claim("exp", now(600))))
            .caller("CREDENTIAL_NOT_YET_VALID")
            .told("clock"),
        Fault.of(
                "a credential older than its issuer allows",
                own(
                    "tls: corp, maxTokenAge: 60s",
                    (_, jwt) -> jwt.claim("iat", now(-200)).claim("nbf", now(-200))))
            .caller("CREDENTIAL_TOO_OLD")
            .told("iat")
            .remedy("fresh credential"),
        Fault.of(
                "a credential for another audience",
                with(jwt -> jwt.claim("aud", "https://other.example")))
            .caller("AUDIENCE_MISMATCH")
            .told("https://other.example"),
        Fault.of(
                "an audience with a trailing slash",
                with(jwt -> jwt.claim("aud", "https://broker.acme.example/")))
            .caller("AUDIENCE_MISMATCH")
            .told("trailing slash"),
        Fault.of("a target one letter off", scene -> scene.asks("payments-apl"))
            .caller("TARGET_UNKNOWN")
            .told("payments-api"),
        Fault.of("a target that nobody declared", scene -> scene.asks("something-else"))
            .caller("TARGET_UNKNOWN"),
        Fault.of("a request without a target", scene -> scene.asks(""))
            .caller("REQUEST_INVALID")
            .told("audience"),
        Fault.of("a scope that is not granted", scene -> scene.scope("admin"))
            .caller("SCOPE_NOT_GRANTED")
            .told("admin", "read"),
        Fault.of(
                "a credential that is used twice",
                scene -> {
                  DrillIssuer issuer = scene.issuer("tls: corp, once: true");
                  String used = issuer.credential().sign();
                  scene.with(() -> used).later(() -> {});
                })
            .caller("CREDENTIAL_ALREADY_USED")
            .remedy("treat it as stolen"),
        Fault.of(
                "a token of this broker that was revoked",
                scene -> {
                  OwnTokens tokens = scene.ownTokens();
                  scene.with(tokens::token).later(tokens::revoke);
                })
            .caller("CREDENTIAL_REVOKED")
            .remedy("Get a new credential"),
        Fault.of(
                "a credential by a key that its issuer never had",
                scene ->
                    scene.with(
                        () ->
                            scene
                                .stage()
                                .good()
                                .credential(TestKey.generate("made-up", SigningAlgorithm.ES256))
                                .sign()))
            .caller("KEY_UNKNOWN")
            .settles()
            .seen("made-up", "key-1")
            .remedy("check that the issuer publishes the key"));
  }

  static long now(long seconds) {
    return Instant.now().getEpochSecond() + seconds;
  }

  /** A credential of the good issuer, changed. */
  static Consumer<Scene> with(UnaryOperator<TestCredential> change) {
    return scene -> scene.with(() -> change.apply(good(scene)).sign());
  }

  /** A credential of an issuer of its own, changed. */
  private static Consumer<Scene> own(
      String keys, BiFunction<DrillIssuer, TestCredential, TestCredential> change) {
    return own(keys, Duration.ZERO, change);
  }

  /** The same of an issuer whose clock is that far ahead. */
  private static Consumer<Scene> own(
      String keys, Duration ahead, BiFunction<DrillIssuer, TestCredential, TestCredential> change) {
    return scene -> {
      DrillIssuer issuer = scene.issuer(keys);
      issuer.clockAhead(ahead);
      scene.with(() -> change.apply(issuer, issuer.credential()).sign());
    };
  }

  private static TestCredential good(Scene scene) {
    return scene.stage().good().credential();
  }
}
