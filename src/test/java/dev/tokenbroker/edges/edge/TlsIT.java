package dev.tokenbroker.edges.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.edges.grpc.BrokerClient;
import dev.tokenbroker.edges.grpc.BrokerClient.Answer;
import dev.tokenbroker.edges.grpc.Eventually;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Unchecked;
import dev.tokenbroker.v1.IntrospectTokenRequest;
import io.grpc.Grpc;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.text.ParseException;
import java.util.Map;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutual TLS switched on at the start, and certificates that change while the broker runs. */
@Tag("packaged")
class TlsIT {

  @TempDir static Path callers;
  @TempDir static Path unlisted;
  @TempDir static Path stranger;
  @TempDir static Path expired;

  private static final TestTls EXPIRED = TestTls.generateExpired();

  @AutoClose private static FakeIssuer issuer;
  @AutoClose private static FakeIssuer unvouched;

  private static TestTls authority;

  /** Reads its certificates again all the time: it may lose a connection whenever it does. */
  private static Server reloading;

  /** Reads its certificates once. */
  private static Server steady;

  /** A broker, and where its certificate is. */
  private record Server(BrokerProcess broker, Path directory) {}

  @BeforeAll
  static void start(@TempDir Path first, @TempDir Path second) {
    issuer = FakeIssuer.start();
    unvouched = FakeIssuer.startTls(EXPIRED);
    authority = certify(callers, TestTls.generate());
    authority.writePair(unlisted, "tls", "localhost");
    certify(stranger, TestTls.generate());
    certify(expired, EXPIRED);
    reloading = start(first, "1s");
    steady = start(second, "1h");
  }

  private static Server start(Path directory, String reloadPeriod) {
    certify(directory, TestTls.generate());
    String document =
        Documents.granting("payments-api", issuer)
            .replace("lifetime: 5m", "lifetime: 5m, bind: certificate")
            .replace(
                "targets:",
                "  - {name: unvouched, issuer: '%s', audiences: ['%s'], tls: corp}\ntargets:"
                    .formatted(unvouched.issuer(), FakeIssuer.AUDIENCE));
    document +=
        "clients: [{name: caller, certificates: ['%s'], may: [introspect]}]\n"
            .formatted(thumbprint());
    String authorities = root(callers) + "," + root(expired);
    BrokerProcess broker =
        new BrokerProcess.Setup(Documents.write(directory, document))
            .with("quarkus.tls.key-store.pem.0.cert", directory.resolve("tls.crt").toString())
            .with("quarkus.tls.key-store.pem.0.key", directory.resolve("tls.key").toString())
            .with("quarkus.tls.trust-store.pem.certs", authorities)
            .with("quarkus.tls.corp.trust-store.pem.certs", authorities)
            .with("quarkus.tls.reload-period", reloadPeriod)
            .with("quarkus.tls.protocols", "TLSv1.3,TLSv1.2")
            .with("quarkus.http.insecure-requests", "disabled")
            .with("token-broker.tls.client-auth", "required")
            .start();
    return new Server(broker, directory);
  }

  @AfterAll
  static void stop() {
    reloading.broker().close();
    steady.broker().close();
  }

  @Test
  void requests_client_certificates_and_reloads_its_own() {
    assertThat(reloading.broker().awaitLine(line -> line.contains("Listening on: ")))
        .doesNotContain("http://");
    assertThat(confirmation(reloading)).isEqualTo(Map.of("x5t#S256", thumbprint()));
    assertThat(code(reloading, stranger)).isEqualTo(Code.UNAVAILABLE);
    assertThat(code(reloading, null)).isEqualTo(Code.UNAVAILABLE);
    assertThat(introspected(callers, Code.OK)).isEqualTo(Code.OK);
    assertThat(introspected(unlisted, Code.UNAUTHENTICATED)).isEqualTo(Code.UNAUTHENTICATED);

    certify(reloading.directory(), TestTls.generate());
    assertThat(eventually(reloading).code()).isEqualTo(Code.OK);
    assertThat(code(reloading, null)).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void keeps_the_last_good_pair_and_names_the_file_that_is_bad(@TempDir Path other)
      throws Exception {
    certify(other, TestTls.generate());
    Path key = reloading.directory().resolve("tls.key");
    byte[] good = Files.readAllBytes(key);
    try {
      Files.copy(other.resolve("tls.key"), key, StandardCopyOption.REPLACE_EXISTING);
      rejected(".*certificate-rejected of tls <default>.*" + key + ".*does not fit.*");
      assertServes(reloading);
      Files.delete(key);
      rejected(".*certificate-rejected of tls <default>.*" + key + ".*does not exist.*");
      assertServes(reloading);
    } finally {
      Files.write(key, good);
    }
  }

  private static void rejected(String line) {
    reloading.broker().awaitLine(written -> written.matches(line));
  }

  /** Both ports show a certificate with its key, once what was read before is in force. */
  private static void assertServes(Server server) {
    assertThat(eventually(server).code()).isEqualTo(Code.OK);
    assertThat(Eventually.see(() -> shakesHands(server), Boolean::booleanValue)).isTrue();
  }

  private static boolean shakesHands(Server server) {
    try (SSLSocket socket = connect(server, "TLS", authority.insistent("caller"))) {
      socket.startHandshake();
      return true;
    } catch (IOException lost) {
      return false;
    }
  }

  /** Anybody could fill the log otherwise, which is the stream of the audit records, too. */
  @Test
  void logs_expired_unknown_certificates_once_a_minute_at_most(@TempDir Path directory)
      throws Exception {
    KeyManager[] keys = TestTls.writeExpired(directory, "tls");
    int before = steady.broker().lines().size();
    for (int handshake = 0; handshake < 5; handshake++) {
      assertThat(code(steady, directory)).isEqualTo(Code.UNAVAILABLE);
      assertTurnedAway(steady, keys);
    }
    assertThat(code(steady, callers)).isEqualTo(Code.OK);

    assertThat(steady.broker().lines().stream().skip(before))
        .noneMatch(line -> line.contains("\tat "))
        .filteredOn(line -> line.contains("a client certificate was refused"))
        .hasSizeLessThanOrEqualTo(2);
  }

  /** Nor where the server reads its certificates and its trust again. */
  @Test
  void trusts_nobody_by_an_expired_authority_and_names_it_once() throws Exception {
    for (int reading = 0; reading < 2; reading++) {
      Answer answer =
          Eventually.see(
              () -> answer(reloading, callers, unvouched), seen -> !seen.reason().isEmpty());
      assertThat(answer.reason()).isEqualTo("ISSUER_TLS_UNTRUSTED");
      assertThat(code(reloading, expired)).isEqualTo(Code.UNAVAILABLE);
      assertTurnedAway(reloading, EXPIRED.insistent("caller"));
      certify(reloading.directory(), TestTls.generate());
    }
    assertThat(
            reloading.broker().lines().stream().filter(line -> line.contains("that have expired")))
        .singleElement(InstanceOfAssertFactories.STRING)
        .contains("CN=Token Broker Expired Root");
    assertThat(reloading.broker().awaitLine(line -> line.contains("ISSUER_TLS_UNTRUSTED")))
        .contains("the authority of the certificate has expired");
  }

  /** What the libraries below are told at the start, natively too. */
  @Test
  void refuses_renegotiation_and_unknown_http_versions() throws IOException {
    KeyManager keys = authority.insistent("caller");
    // A version of TLS in which a client may ask for another handshake.
    try (SSLSocket again = connect(steady, "TLSv1.2", keys);
        SSLSocket unknown = connect(steady, "TLSv1.2", keys)) {
      again.startHandshake();
      again.startHandshake(); // Begins another one, whose answer is read with what else comes.
      assertThatThrownBy(() -> again.getInputStream().read()).isInstanceOf(SSLException.class);

      unknown.getOutputStream().write("GET / HTTP/1.2\r\n\r\n".getBytes(US_ASCII));
      assertThat(new String(unknown.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.2 505 ");
    }
  }

  private static void assertTurnedAway(Server server, KeyManager... keys) throws IOException {
    try (SSLSocket socket = connect(server, "TLS", keys)) {
      assertThatThrownBy(
              () -> {
                socket.startHandshake();
                socket.getInputStream().read();
              })
          .isInstanceOf(IOException.class);
    }
  }

  private static SSLSocket connect(Server server, String protocol, KeyManager... keys)
      throws IOException {
    SSLContext context = TestTls.client(Files.readString(root(server.directory())), protocol, keys);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.broker().port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static TestTls certify(Path directory, TestTls authority) {
    authority.writePair(directory, "tls", "localhost");
    authority.writeRoot(directory);
    return authority;
  }

  private static Path root(Path directory) {
    return directory.resolve("test-root.pem");
  }

  /** Of the certificate that the broker knows. */
  private static String thumbprint() {
    return Unchecked.get(() -> TestTls.thumbprint(Files.readString(callers.resolve("tls.crt"))));
  }

  // While the server takes new certificates in, it turns a connection away now and then.
  private static Answer eventually(Server server) {
    return Eventually.see(
        () -> answer(server, callers, issuer), answer -> answer.code() == Code.OK);
  }

  private static Code introspected(Path caller, Code wanted) {
    return Eventually.see(() -> call(reloading, caller, TlsIT::introspection), wanted::equals);
  }

  private static Code code(Server server, @Nullable Path caller) {
    return answer(server, caller, issuer).code();
  }

  /** What the caller's token is bound to. */
  private static Map<String, Object> confirmation(Server server) {
    try {
      String token = eventually(server).granted().getAccessToken();
      return SignedJWT.parse(token).getJWTClaimsSet().getJSONObjectClaim("cnf");
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  private static Answer answer(Server server, @Nullable Path caller, FakeIssuer issuer) {
    return call(
        server, caller, client -> client.exchange(Documents.request("payments-api", issuer)));
  }

  private static Code introspection(BrokerClient client) {
    try {
      IntrospectTokenRequest asked = IntrospectTokenRequest.newBuilder().setToken("x").build();
      assertThat(client.stub().introspectToken(asked).getActive()).isFalse();
      return Code.OK;
    } catch (StatusRuntimeException refused) {
      return refused.getStatus().getCode();
    }
  }

  /** A call over a new connection; null for a caller without a certificate. */
  private static <T> T call(Server server, @Nullable Path caller, Function<BrokerClient, T> made) {
    try {
      TlsChannelCredentials.Builder credentials =
          TlsChannelCredentials.newBuilder().trustManager(root(server.directory()).toFile());
      if (caller != null) {
        credentials.keyManager(file(caller, "tls.crt"), file(caller, "tls.key"));
      }
      try (BrokerClient client =
          BrokerClient.over(
              Grpc.newChannelBuilderForAddress(
                      "localhost", server.broker().grpcPort(), credentials.build())
                  .build())) {
        return made.apply(client);
      }
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static File file(Path directory, String name) {
    Path file = directory.resolve(name);
    assertThat(Files.isReadable(file)).isTrue();
    return file.toFile();
  }
}
