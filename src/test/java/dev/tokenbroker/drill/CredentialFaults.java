package dev.tokenbroker.drill;

import dev.tokenbroker.credential.TestCredential;
import dev.tokenbroker.jose.SigningAlgorithm;
import dev.tokenbroker.jose.TestKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/** Faults of what a caller presents. */
final class CredentialFaults {

  private CredentialFaults() {}

  static List<Fault> all() {
    return List.of(
        Fault.of("a credential that is no JWT", scene -> scene.with(() -> "none"))
            .caller("CREDENTIAL_MALFORMED")
            .remedy("exactly as the issuer handed it out"),
        Fault.of(
                "a credential with Bearer before it",
                scene -> scene.with(() -> "Bearer " + good(scene).sign()))
            .caller("CREDENTIAL_MALFORMED")
            .remedy("Bearer"),
        Fault.of(
            "a credential with a newline at its end",
            scene -> scene.with(() -> good(scene).sign() + "\n")),
        Fault.of(
                "a credential of 20 KiB",
                scene -> scene.with(() -> good(scene).claim("groups", "x".repeat(20_000)).sign()))
            .caller("CREDENTIAL_TOO_LARGE")
            .remedy("fewer, shorter or flatter"),
        Fault.of(
                "a credential with alg none",
                scene -> scene.with(() -> good(scene).header("alg", "none").sign()))
            .caller("ALGORITHM_NOT_ALLOWED")
            .seen("none"),
        Fault.of(
                "a credential with alg HS256",
                scene -> scene.with(() -> good(scene).header("alg", "HS256").sign()))
            .caller("ALGORITHM_NOT_ALLOWED")
            .seen("HS256"),
        Fault.of(
                "a credential with crit",
                scene -> scene.with(() -> good(scene).header("crit", List.of("exp")).sign()))
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
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  scene.with(() -> issuer.credential().claim("iss", issuer.origin() + "/").sign());
                })
            .operator("ISSUER_NEAR_MISS")
            .unattributed()
            .seen("trailing slash")
            .remedy("including a trailing slash"),
        Fault.of(
                "an issuer that is percent-encoded",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  scene.with(
                      () ->
                          issuer
                              .credential()
                              .claim("iss", issuer.origin().replace("localhost", "l%6Fcalhost"))
                              .sign());
                })
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
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  issuer.clockAhead(Duration.ofMinutes(-5));
                  scene.with(
                      () ->
                          issuer
                              .credential()
                              .claim("nbf", now(-300))
                              .claim("iat", now(-300))
                              .claim("exp", now(-200))
                              .sign());
                })
            .caller("CREDENTIAL_EXPIRED")
            .told("clock"),
        Fault.of(
                "an issuer whose clock is five minutes ahead",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  issuer.clockAhead(Duration.ofMinutes(5));
                  scene.with(
                      () ->
                          issuer
                              .credential()
                              .claim("nbf", now(300))
                              .claim("iat", now(300))
                              .claim("exp", now(600))
                              .sign());
                })
            .caller("CREDENTIAL_NOT_YET_VALID")
            .told("clock"),
        Fault.of(
                "a credential older than its issuer allows",
                scene -> {
                  DrillIssuer issuer = scene.issuer("tls: corp, maxTokenAge: 60s");
                  scene.with(
                      () ->
                          issuer
                              .credential()
                              .claim("iat", now(-200))
                              .claim("nbf", now(-200))
                              .sign());
                })
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
  static java.util.function.Consumer<Scene> with(UnaryOperator<TestCredential> change) {
    return scene -> scene.with(() -> change.apply(good(scene)).sign());
  }

  private static TestCredential good(Scene scene) {
    return scene.stage().good().credential();
  }
}
