package dev.tokenbroker.edge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.grpc.BrokerClient;
import dev.tokenbroker.grpc.BrokerClient.Answer;
import dev.tokenbroker.grpc.Eventually;
import dev.tokenbroker.issuer.FakeIssuer;
import dev.tokenbroker.outbound.TestTls;
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
import java.text.ParseException;
import java.util.Map;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutual TLS switched on at the start, and certificates that change while the broker runs. */
class TlsIT {

  @TempDir Path server;
  @TempDir Path callers;
  @TempDir Path unlisted;
  @TempDir Path stranger;

  private final FakeIssuer issuer = FakeIssuer.start();

  @AfterEach
  void stop() {
    issuer.close();
  }

  @Test
  void asks_callers_for_certificates_and_takes_new_ones_of_its_own_without_a_restart()
      throws IOException {
    certify(server);
    TestTls authority = certify(callers);
    String known = TestTls.thumbprint(Files.readString(callers.resolve("tls.crt")));
    authority.writePair(unlisted, "tls", "localhost");
    certify(stranger);
    try (BrokerProcess broker =
        setup()
            .with("token-broker.tls.client-auth", "required")
            .with("token-broker.access.introspection-certificates", known)
            .start()) {
      assertThat(broker.awaitLine(line -> line.contains("Listening on: ")))
          .doesNotContain("http://");
      int port = broker.grpcPort();
      assertThat(confirmation(port)).isEqualTo(Map.of("x5t#S256", known));
      assertThat(call(port, stranger)).isEqualTo(Code.UNAVAILABLE);
      assertThat(call(port, null)).isEqualTo(Code.UNAVAILABLE);
      assertThat(introspected(port, callers, Code.OK)).isEqualTo(Code.OK);
      assertThat(introspected(port, unlisted, Code.UNAUTHENTICATED))
          .isEqualTo(Code.UNAUTHENTICATED);

      certify(server);
      assertThat(eventually(port).code()).isEqualTo(Code.OK);
      assertThat(call(port, null)).isEqualTo(Code.UNAVAILABLE);
    }
  }

  /** Anybody could fill the log otherwise, which is the stream of the audit records, too. */
  @Test
  void logs_nothing_of_a_stranger_with_an_expired_certificate() throws Exception {
    certify(server);
    certify(callers);
    KeyManager[] expired = TestTls.writeExpired(stranger, "tls");
    try (BrokerProcess broker =
        setup()
            .with("token-broker.tls.client-auth", "required")
            .with("quarkus.tls.reload-period", "1h")
            .start()) {
      int before = broker.lines().size();
      for (int handshake = 0; handshake < 5; handshake++) {
        assertThat(call(broker.grpcPort(), stranger)).isEqualTo(Code.UNAVAILABLE);
        try (SSLSocket socket = connect(broker.port(), "TLS", expired)) {
          assertThatThrownBy(
                  () -> {
                    socket.startHandshake();
                    socket.getInputStream().read();
                  })
              .isInstanceOf(IOException.class);
        }
      }
      assertThat(call(broker.grpcPort(), callers)).isNotEqualTo(Code.UNAVAILABLE);

      assertThat(broker.lines().subList(before, broker.lines().size()))
          .noneMatch(line -> line.contains("expired") || line.contains("\tat "));
    }
  }

  /** Nor where the server reads its certificates and its trust again. */
  @Test
  void trusts_no_caller_and_no_issuer_by_an_authority_that_has_expired_and_names_it_once()
      throws Exception {
    certify(server);
    certify(callers);
    TestTls expired = certify(stranger, TestTls.generateExpired());
    try (FakeIssuer unvouched = FakeIssuer.startTls(expired);
        BrokerProcess broker =
            setup(Documents.granting("payments-api", unvouched, ", tls: corp"))
                .with("token-broker.tls.client-auth", "required")
                .with(
                    "quarkus.tls.trust-store.pem.certs",
                    callers.resolve("test-root.pem") + "," + stranger.resolve("test-root.pem"))
                .with(
                    "quarkus.tls.corp.trust-store.pem.certs",
                    callers.resolve("test-root.pem") + "," + stranger.resolve("test-root.pem"))
                .start()) {
      for (int reading = 0; reading < 2; reading++) {
        Answer answer =
            Eventually.see(
                () ->
                    call(
                        broker.grpcPort(),
                        callers,
                        client -> client.exchange(Documents.request("payments-api", unvouched))),
                seen -> !seen.reason().isEmpty());
        assertThat(answer.reason()).isEqualTo("ISSUER_TLS_UNTRUSTED");
        assertThat(call(broker.grpcPort(), stranger)).isEqualTo(Code.UNAVAILABLE);
        try (SSLSocket socket = connect(broker.port(), "TLS", expired.insistent("caller"))) {
          assertThatThrownBy(
                  () -> {
                    socket.startHandshake();
                    socket.getInputStream().read();
                  })
              .isInstanceOf(IOException.class);
        }
        certify(server);
      }
      assertThat(broker.lines().stream().filter(line -> line.contains("that have expired")))
          .singleElement(InstanceOfAssertFactories.STRING)
          .contains("CN=Token Broker Expired Root");
      assertThat(broker.awaitLine(line -> line.contains("ISSUER_TLS_UNTRUSTED")))
          .contains("the authority of the certificate has expired");
    }
  }

  @Test
  void does_not_start_where_the_plain_port_is_a_way_around() {
    certify(server);
    certify(callers);
    try (BrokerProcess broker =
        setup()
            .with("token-broker.tls.client-auth", "required")
            .without("quarkus.http.insecure-requests")
            .launch()) {
      assertThat(broker.awaitExit()).isEqualTo(78);
      assertThat(broker.lines())
          .anyMatch(
              line ->
                  line.contains("token-broker.tls.client-auth")
                      && line.contains("quarkus.http.insecure-requests"));
    }
  }

  /** What the libraries below are told at the start, natively too. */
  @Test
  void takes_no_second_handshake_on_a_connection_and_no_unknown_version_of_http()
      throws IOException {
    certify(server);
    certify(callers);
    try (BrokerProcess broker =
            setup()
                .with("quarkus.tls.protocols", "TLSv1.2")
                // A connection may be lost whenever they are read again.
                .with("quarkus.tls.reload-period", "1h")
                .start();
        SSLSocket again = connect(broker.port());
        SSLSocket unknown = connect(broker.port())) {
      again.startHandshake();
      again.startHandshake(); // Begins another one, whose answer is read with what else comes.
      assertThatThrownBy(() -> again.getInputStream().read()).isInstanceOf(SSLException.class);

      unknown.getOutputStream().write("GET / HTTP/1.2\r\n\r\n".getBytes(US_ASCII));
      assertThat(new String(unknown.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("HTTP/1.2 505 ");
    }
  }

  /** By a version of TLS in which a client may ask for another handshake. */
  private SSLSocket connect(int port) throws IOException {
    return connect(port, "TLSv1.2");
  }

  private SSLSocket connect(int port, String protocol, KeyManager... keys) throws IOException {
    SSLContext context =
        TestTls.client(Files.readString(server.resolve("test-root.pem")), protocol, keys);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private BrokerProcess.Setup setup() {
    return setup(
        Documents.granting("payments-api", issuer)
            .replace("lifetime: 5m", "lifetime: 5m, bind: certificate"));
  }

  private BrokerProcess.Setup setup(String document) {
    return new BrokerProcess.Setup(Documents.write(server, document))
        .with("quarkus.tls.key-store.pem.0.cert", server.resolve("tls.crt").toString())
        .with("quarkus.tls.key-store.pem.0.key", server.resolve("tls.key").toString())
        .with("quarkus.tls.trust-store.pem.certs", callers.resolve("test-root.pem").toString())
        .with("quarkus.tls.reload-period", "300ms")
        .with("quarkus.http.insecure-requests", "disabled");
  }

  private static TestTls certify(Path directory) {
    return certify(directory, TestTls.generate());
  }

  private static TestTls certify(Path directory, TestTls authority) {
    authority.writePair(directory, "tls", "localhost");
    authority.writeRoot(directory);
    return authority;
  }

  // While the server takes new certificates in, it turns a connection away now and then.
  private Answer eventually(int port) {
    return Eventually.see(() -> answer(port, callers), answer -> answer.code() == Code.OK);
  }

  private Code introspected(int port, Path caller, Code wanted) {
    return Eventually.see(() -> call(port, caller, TlsIT::introspection), wanted::equals);
  }

  private Code call(int port, @Nullable Path caller) {
    return answer(port, caller).code();
  }

  /** What the caller's token is bound to. */
  private Map<String, Object> confirmation(int port) {
    try {
      String token = eventually(port).granted().getAccessToken();
      return SignedJWT.parse(token).getJWTClaimsSet().getJSONObjectClaim("cnf");
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  private Answer answer(int port, @Nullable Path caller) {
    return call(port, caller, client -> client.exchange(Documents.request("payments-api", issuer)));
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
  private <T> T call(int port, @Nullable Path caller, Function<BrokerClient, T> made) {
    try {
      TlsChannelCredentials.Builder credentials =
          TlsChannelCredentials.newBuilder().trustManager(file(server, "test-root.pem"));
      if (caller != null) {
        credentials.keyManager(file(caller, "tls.crt"), file(caller, "tls.key"));
      }
      try (BrokerClient client =
          BrokerClient.over(
              Grpc.newChannelBuilderForAddress("localhost", port, credentials.build()).build())) {
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
