package dev.tokenbroker.drill;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tokenbroker.issue.sts.FakeUpstream;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/** Faults of TLS, each at an issuer and at an upstream. */
final class TlsFaults {

  private static final String ISSUER_FAILS = "keys of issuer ORIGIN cannot be fetched";
  private static final String UPSTREAM_FAILS = "Upstream SLUG fails: ";

  /** A fatal alert of TLS 1.2: protocol_version (70). */
  private static final byte[] PROTOCOL_VERSION = {21, 3, 3, 0, 2, 2, 70};

  private TlsFaults() {}

  static List<Fault> all() {
    return Stream.of(
            invalid(
                "whose certificate has expired",
                scene -> between(scene, -9, -2),
                "has expired; now it is ",
                "subject CN=localhost, issuer CN=Token Broker Test Root",
                "until "),
            invalid(
                "whose certificate is not valid yet",
                scene -> between(scene, 2, 60),
                "is not yet valid; now it is ",
                "subject CN=localhost, issuer CN=Token Broker Test Root",
                "valid from "),
            invalid(
                "whose certificate is for another host",
                scene -> scene.stage().authority().server("sso.acme.example"),
                "is not for localhost; its names are sso.acme.example"),
            invalid(
                "whose certificate has a common name only",
                scene -> scene.stage().authority().server("cn:localhost"),
                "is not for localhost; its names are none, and the common name does not count"),
            invalid(
                "whose certificate has its address alone",
                scene -> scene.stage().authority().server("cn:localhost", "127.0.0.1"),
                "is not for localhost; its names are 127.0.0.1"),
            invalid(
                "whose certificate has an address as a DNS name",
                scene -> scene.stage().authority().server("dns:127.0.0.1"),
                "an address in a DNS name"),
            invalid(
                "whose certificate is for clients",
                scene -> scene.stage().authority().server("localhost", "use:clients"),
                "lacks serverAuth"),
            certificates(
                "TLS_UNTRUSTED",
                true,
                "whose authority is unknown",
                scene -> scene.stage().strangers().server("localhost"),
                "CN=Token Broker Test Root"),
            expired(),
            unconfigured(),
            mutual(),
            raw(
                "that speaks plain HTTP",
                "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII),
                "does not speak TLS"),
            raw("that speaks an old TLS only", PROTOCOL_VERSION, "protocol_version"),
            raw("that ends each handshake", new byte[0], "no TLS connection"))
        .flatMap(List::stream)
        .toList();
  }

  private static SSLContext between(Scene scene, int from, int until) {
    Instant now = Instant.now();
    return scene
        .stage()
        .authority()
        .server(now.plus(Duration.ofDays(from)), now.plus(Duration.ofDays(until)), "localhost");
  }

  private static List<Fault> invalid(
      String name, Function<Scene, SSLContext> certificate, String... seen) {
    return certificates("CERTIFICATE_INVALID", false, name, certificate, seen);
  }

  private static List<Fault> certificates(
      String reason,
      boolean operator,
      String name,
      Function<Scene, SSLContext> certificate,
      String... seen) {
    return pair(
        name,
        reason,
        operator,
        scene -> scene.issuer(DrillIssuer.start(certificate.apply(scene)), "tls: corp"),
        scene ->
            scene.upstream(
                FakeUpstream.startTls(certificate.apply(scene), _ -> FakeUpstream.token())),
        seen);
  }

  private static List<Fault> expired() {
    return pair(
        "whose authority has expired in the trust store",
        "TLS_UNTRUSTED",
        true,
        scene ->
            scene.issuer(
                DrillIssuer.start(scene.stage().expired().server("localhost")), "tls: expired"),
        scene ->
            scene
                .tls("expired")
                .upstream(
                    FakeUpstream.startTls(
                        scene.stage().expired().server("localhost"), _ -> FakeUpstream.token())),
        "authority of the trust store has expired");
  }

  private static List<Fault> unconfigured() {
    return pair(
        "whose TLS configuration is missing",
        "TLS_UNTRUSTED",
        true,
        scene -> scene.issuer("tls: nowhere"),
        scene -> scene.tls("nowhere").upstream(FakeUpstream.token()),
        "nowhere");
  }

  private static List<Fault> mutual() {
    return pair(
        "that demands a client certificate",
        "CLIENT_CERTIFICATE_WANTED",
        true,
        scene -> scene.issuer(DrillIssuer.startMutual(scene.certificate()), "tls: corp"),
        scene -> {
          FakeServer server =
              scene.keep(FakeServer.startMutualTls(scene.certificate(), _ -> FakeUpstream.token()));
          scene.upstreamAt("tokenEndpoint: '" + server.origin() + "/token'", server.origin());
        },
        "certificate");
  }

  private static List<Fault> raw(String name, byte[] answer, String... seen) {
    return pair(
        name,
        "TLS_FAILED",
        false,
        scene -> FetchFaults.foreign(scene, listening(scene, answer)),
        scene -> {
          String origin = listening(scene, answer);
          scene.upstreamAt("tokenEndpoint: '" + origin + "/token'", origin);
        },
        seen);
  }

  private static List<Fault> pair(
      String name,
      String reason,
      boolean operator,
      java.util.function.Consumer<Scene> issuer,
      java.util.function.Consumer<Scene> upstream,
      String... seen) {
    Fault ofIssuer =
        Fault.of("an issuer " + name, issuer)
            .seen(seen)
            .log(ISSUER_FAILS + ".*ISSUER_" + reason)
            .meter("tokenbroker_issuer_fetch_failures_total");
    Fault ofUpstream =
        Fault.of("an upstream " + name, upstream)
            .seen(seen)
            .log(UPSTREAM_FAILS + "UPSTREAM_" + reason)
            .meter("tokenbroker_upstream_failures_total");
    return operator
        ? List.of(ofIssuer.operator("ISSUER_" + reason), ofUpstream.operator("UPSTREAM_" + reason))
        : List.of(ofIssuer.issuer("ISSUER_" + reason), ofUpstream.upstream("UPSTREAM_" + reason));
  }

  /** The address of a server that answers the first bytes by these, and closes. */
  private static String listening(Scene scene, byte[] answer) {
    return scene.keep(FakeServer.startRaw(Reply.toFirstBytes(_ -> answer))).origin();
  }
}
