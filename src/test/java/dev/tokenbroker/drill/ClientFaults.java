package dev.tokenbroker.drill;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Registered clients that are wrong, barred, or not those that a rule demands. */
final class ClientFaults {

  private static final String SECRET = "a-secret-of-a-client-that-shows-up-nowhere";
  private static final String MAY = "may: [exchange]";
  private static final String DISABLED = MAY + ", disabled: true";
  private static final String NOT_ACCEPTED = "a client assertion that is not accepted";
  private static final TestKey KEY = TestKey.generate("client-1", SigningAlgorithm.ES256);
  private static final TestKey STRANGER = TestKey.generate("client-1", SigningAlgorithm.ES256);

  private ClientFaults() {}

  static List<Fault> all() {
    return Stream.of(unproved(), barred(), notAdmitted(), mismatched())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Fault> unproved() {
    return Stream.of(
            Fault.of(
                    "a client with another secret",
                    secret(MAY, scene -> scene.basic(scene.slug(), "x".repeat(40))))
                .nowhere("x".repeat(40)),
            Fault.of(
                "a client that nobody declared",
                secret(MAY, scene -> scene.basic("nobody", SECRET))),
            Fault.of(
                    "a secret and an assertion of a client",
                    secret(
                        MAY,
                        scene -> scene.basic(scene.slug(), SECRET).assertion(() -> "e30.e30.e30")))
                .only(Fault.Edge.GRPC)
                .told("two proofs of a client at once"),
            key("an assertion of a client by another key", STRANGER, jwt -> jwt)
                .told(NOT_ACCEPTED)
                .seen("SIGNATURE_INVALID"),
            key(
                    "an assertion of a client for another audience",
                    KEY,
                    jwt -> jwt.claim("aud", "https://other.example"))
                .told(NOT_ACCEPTED)
                .seen("AUDIENCE_MISMATCH", "https://other.example"),
            key(
                    "an assertion of a client that has expired",
                    KEY,
                    jwt ->
                        jwt.claim("iat", CredentialFaults.now(-300))
                            .claim("exp", CredentialFaults.now(-120)))
                .told(NOT_ACCEPTED)
                .seen("CREDENTIAL_EXPIRED"),
            Fault.of(
                    "an assertion of a client that is used twice",
                    scene -> {
                      List<String> used = new ArrayList<>();
                      keys(MAY).accept(scene);
                      scene
                          .assertion(
                              () -> {
                                if (used.isEmpty()) {
                                  used.add(own(scene, KEY).sign());
                                }
                                return used.getFirst();
                              })
                          .later(() -> {});
                    })
                .told("CREDENTIAL_ALREADY_USED"),
            Fault.of(
                    "an assertion about no client",
                    federated(MAY, scene -> scene.assertion(() -> job(scene, "somebody"))))
                .told(NOT_ACCEPTED)
                .seen("no registered client"))
        .map(fault -> fault.caller("CLIENT_UNAUTHENTICATED").remedy("Compare the id and the proof"))
        .map(fault -> fault.answers("UNAUTHENTICATED", 401, "invalid_client").nowhere(SECRET))
        .toList();
  }

  private static List<Fault> barred() {
    Stream<Fault> disabled =
        Stream.of(
                Fault.of(
                    "a disabled client by secret",
                    secret(DISABLED, scene -> scene.basic(scene.slug(), SECRET))),
                Fault.of("a disabled client by its key", keys(DISABLED)),
                Fault.of(
                    "a disabled client by federated assertion",
                    federated(DISABLED, scene -> scene.assertion(() -> job(scene, scene.slug())))),
                Fault.of(
                    "a credential about a disabled client",
                    federated(DISABLED, scene -> scene.with(() -> job(scene, scene.slug())))))
            .map(
                fault ->
                    fault
                        .operator("CLIENT_DISABLED")
                        .alert(Fault.NO_ALERT)
                        .told("a client that is not disabled", "client " + fault.slug())
                        .remedy("disabled: true")
                        .answers("UNAUTHENTICATED", 401, "invalid_client"));
    Stream<Fault> idle =
        Stream.of(
                Fault.of(
                    "a client by secret without the right",
                    secret("may: [revoke]", scene -> scene.basic(scene.slug(), SECRET))),
                Fault.of("a client by its key without a right", keys("may: [revoke]")),
                Fault.of(
                    "a client by federated assertion without the right",
                    federated(
                        "may: [introspect]",
                        scene -> scene.assertion(() -> job(scene, scene.slug())))))
            .map(
                fault ->
                    fault
                        .caller("CLIENT_NOT_PERMITTED")
                        .told("exchange", "client " + fault.slug())
                        .remedy("Add the right")
                        .answers("PERMISSION_DENIED", 400, "unauthorized_client"));
    return Stream.concat(disabled, idle).map(fault -> fault.nowhere(SECRET)).toList();
  }

  private static List<Fault> notAdmitted() {
    return Stream.of(
            Fault.of("a token at a client that no rule names", secret(MAY, scene -> {})),
            Fault.of(
                "a token at another client",
                secret(MAY, scene -> scene.basic("a-client-with-another-secret", SECRET))),
            Fault.of("a credential about no client", federated(MAY, scene -> {})))
        .map(
            fault ->
                fault
                    .caller("CLIENT_NOT_ADMITTED")
                    .told("admits it for client")
                    .remedy("Authenticate as a client that such a rule names")
                    .nowhere(SECRET)
                    .answers("PERMISSION_DENIED", 400, "unauthorized_client"))
        .toList();
  }

  private static List<Fault> mismatched() {
    return Stream.of(
            Fault.of(
                "a client_id that no credential has",
                scene -> scene.target("lifetime: 5m", "true", "scopes: [read]").clientId("else")),
            Fault.of(
                "a client_id of another client",
                federated(
                    MAY, scene -> scene.with(() -> job(scene, scene.slug())).clientId("a-client"))),
            Fault.of(
                "a client_id in capitals",
                keys(MAY)
                    .andThen(
                        scene ->
                            scene
                                .assertion(() -> "")
                                .with(() -> own(scene, KEY).sign())
                                .clientId("A-CLIENT"))))
        .map(
            fault ->
                fault
                    .caller("CLIENT_MISMATCH")
                    .only(Fault.Edge.HTTP)
                    .told("client_id")
                    .remedy("Omit client_id")
                    .answers("UNAUTHENTICATED", 401, "invalid_client"))
        .toList();
  }

  // --- clients

  /** A client by secret, and what its request changes. */
  private static Consumer<Scene> secret(String rights, Consumer<Scene> request) {
    return scene -> {
      scene.write(scene.slug() + ".secret", SECRET);
      request.accept(scene.client("secretFile: %s.secret, %s".formatted(scene.slug(), rights)));
    };
  }

  /** A client by its own key, which asserts itself. */
  private static Consumer<Scene> keys(String rights) {
    return scene ->
        scene
            .client(
                "jwks: {keys: [%s]}, %s".formatted(JSONObjectUtils.toJSONString(KEY.jwk()), rights))
            .assertion(() -> own(scene, KEY).sign());
  }

  /** The same, whose assertion is signed by that key, and changed. */
  private static Fault key(String name, TestKey by, UnaryOperator<TestCredential> change) {
    return Fault.of(
        name,
        keys(MAY).andThen(scene -> scene.assertion(() -> change.apply(own(scene, by)).sign())));
  }

  /** A client by a credential of the good issuer, and what its request changes. */
  private static Consumer<Scene> federated(String rights, Consumer<Scene> request) {
    return scene ->
        request.accept(
            scene.client("issuer: good, subject: %s, %s".formatted(scene.slug(), rights)));
  }

  private static TestCredential own(Scene scene, TestKey by) {
    return scene
        .stage()
        .good()
        .credential(by)
        .claim("iss", scene.slug())
        .claim("sub", scene.slug())
        .claim("aud", DrilledBroker.ISSUER)
        .claim("exp", CredentialFaults.now(60))
        .without("nbf");
  }

  private static String job(Scene scene, String subject) {
    return scene.stage().good().credential().claim("sub", subject).sign();
  }
}
