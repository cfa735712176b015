package dev.tokenbroker.drill;

import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Documents of issuers that cannot be had, or are something else. */
final class FetchFaults {

  private static final String FAILS = "keys of issuer ORIGIN cannot be fetched";

  private FetchFaults() {}

  static List<Fault> all() {
    return List.of(
        keys("a key set behind 429", issuer -> issuer.json(429, retry("120"), "{}"))
            .issuer("KEYS_UNREACHABLE")
            .seen("429", "Retry-After", "120 s"),
        keys("a key set behind 503", issuer -> issuer.json(503, retry("30"), "{}"))
            .issuer("KEYS_UNREACHABLE")
            .seen("503", "Retry-After", "30 s"),
        keys("a key set behind 500", issuer -> issuer.json(500, Map.of(), "{}"))
            .issuer("KEYS_UNREACHABLE")
            .seen("500"),
        keys("a key set behind 404", issuer -> issuer.json(404, Map.of(), "{}"))
            .issuer("KEYS_INVALID")
            .seen("404", "ORIGIN/jwks.json"),
        keys("a key set behind 401", issuer -> issuer.json(401, Map.of(), "{}"))
            .issuer("KEYS_INVALID")
            .seen("401"),
        keys("a key set behind a firewall's page", _ -> DrillIssuer.page(403))
            .issuer("KEYS_INVALID")
            .seen("403", "text/html"),
        keys("a web page for a key set", _ -> DrillIssuer.page(200))
            .issuer("KEYS_INVALID")
            .seen("a web page"),
        keys("a key set that is cut short", issuer -> issuer.json(200, Map.of(), "{\"keys\":[{"))
            .issuer("KEYS_INVALID"),
        keys("an empty key set", issuer -> issuer.json(200, Map.of(), ""))
            .issuer("KEYS_INVALID")
            .seen("empty"),
        keys("a key set without the member keys", issuer -> issuer.json(200, Map.of(), "{}"))
            .issuer("KEYS_INVALID")
            .seen("keys"),
        keys("a key set of 300 KiB", issuer -> issuer.json(200, Map.of(), " ".repeat(300 * 1024)))
            .issuer("KEYS_INVALID")
            .seen("262144"),
        keys(
                "a key set that redirects to another host",
                issuer -> issuer.json(302, Map.of("Location", "https://elsewhere.example/k"), ""))
            .issuer("KEYS_INVALID")
            .seen("redirected to another origin: https://elsewhere.example/k"),
        keys("a key set whose connection is dropped", _ -> Reply.drop())
            .issuer("KEYS_UNREACHABLE")
            .seen("ORIGIN/jwks.json"),
        keys("a key set whose connection is reset", _ -> FakeUpstream.reset())
            .issuer("KEYS_UNREACHABLE"),
        keys("a key set that hangs", _ -> Reply.hang())
            .issuer("KEYS_UNREACHABLE")
            .seen("ORIGIN/jwks.json"),
        Fault.of(
                "a key set that hangs for a caller with a deadline",
                scene -> {
                  scene.issuer().answer(DrillIssuer.DISCOVERY, Reply.hang());
                  scene.timeout("500m");
                })
            .caller("DEADLINE_EXCEEDED")
            .only(Fault.Edge.GRPC)
            .settles()
            .seen("still under way", "ORIGIN" + DrillIssuer.DISCOVERY)
            .remedy("more time"),
        keys("a key set that drips", _ -> FakeUpstream.drip())
            .issuer("KEYS_UNREACHABLE")
            .seen("ORIGIN/jwks.json"),
        discovery(
                "a discovery document that is not there", issuer -> issuer.json(404, Map.of(), ""))
            .issuer("KEYS_INVALID")
            .seen("404", DrillIssuer.DISCOVERY),
        discovery("a web page for a discovery document", _ -> DrillIssuer.page(200))
            .issuer("KEYS_INVALID")
            .seen("a web page", DrillIssuer.DISCOVERY),
        discovery(
                "a discovery document that redirects to a login",
                issuer ->
                    issuer.json(302, Map.of("Location", "https://login.example/in?state=1"), ""))
            .issuer("KEYS_INVALID")
            .seen("redirected to another origin: https://login.example/in")
            .hidden("state=1"),
        member("a discovery document of another issuer", "issuer", "https://other.example")
            .operator("DISCOVERY_ISSUER_MISMATCH")
            .seen("https://other.example")
            .remedy("equal to the issuer in the discovery document"),
        member("a discovery document with a trailing slash", "issuer", "ORIGIN/")
            .operator("DISCOVERY_ISSUER_MISMATCH")
            .seen("ORIGIN/"),
        member("a discovery document without jwks_uri", "jwks_uri", 42)
            .issuer("KEYS_INVALID")
            .seen("jwks_uri"),
        member("a key set at a metadata service", "jwks_uri", "https://169.254.169.254/keys")
            .operator("ISSUER_ADDRESS_REFUSED")
            .seen("169.254.169.254")
            .remedy("not link-local"),
        member("a key set without TLS", "jwks_uri", "http://keys.example/keys")
            .issuer("KEYS_INVALID")
            .seen("not a plain https URL"),
        Fault.of(
                "an issuer where nothing listens",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  issuer.close();
                })
            .issuer("KEYS_UNREACHABLE")
            .seen("refused")
            .log(FAILS),
        Fault.of(
                "an issuer whose name does not resolve",
                scene -> foreign(scene, "https://" + "a".repeat(64)))
            .issuer("KEYS_UNREACHABLE")
            .seen("resolve")
            .log(FAILS));
  }

  /** A credential of an issuer that has no server. */
  static void foreign(Scene scene, String address) {
    scene
        .issuerAt(address, "tls: corp")
        .with(() -> scene.stage().good().credential().claim("iss", address).sign());
  }

  private static Map<String, String> retry(String after) {
    return Map.of("Retry-After", after);
  }

  private static Fault keys(String name, Function<DrillIssuer, Reply> reply) {
    return document(name, DrillIssuer.JWKS, reply);
  }

  private static Fault discovery(String name, Function<DrillIssuer, Reply> reply) {
    return document(name, DrillIssuer.DISCOVERY, reply);
  }

  private static Fault document(String name, String path, Function<DrillIssuer, Reply> reply) {
    return Fault.of(
            name,
            scene -> {
              DrillIssuer issuer = scene.issuer();
              issuer.answer(path, reply.apply(issuer));
            })
        .seenAgain("The last fetch failed: at 20")
        .log(FAILS)
        .meter("tokenbroker_issuer_fetch_failures_total");
  }

  private static Fault member(String name, String member, Object value) {
    return Fault.of(name, scene -> scene.issuer().discovery(member, value)).log(FAILS);
  }
}
