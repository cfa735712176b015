package dev.tokenbroker.edges.grpc;

import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.Unchecked;
import io.grpc.Grpc;
import io.grpc.TlsChannelCredentials;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;

/**
 * A broker that speaks TLS only and asks every caller for a certificate, as an operator sets it up:
 * PEM files, read again twice a second. Proofs of possession must have a nonce.
 */
public final class MutualTls implements QuarkusTestProfile {

  private static final Path SERVER = Path.of("target/mutual-tls/server");
  private static final Path CLIENT = Path.of("target/mutual-tls/client");

  @Override
  public Map<String, String> getConfigOverrides() {
    serverFrom(TestTls.generate());
    clientsFrom(TestTls.generate());
    return Map.of(
        "quarkus.tls.edge.key-store.pem.0.cert", SERVER.resolve("broker.crt").toString(),
        "quarkus.tls.edge.key-store.pem.0.key", SERVER.resolve("broker.key").toString(),
        "quarkus.tls.edge.trust-store.pem.certs", CLIENT.resolve("test-root.pem").toString(),
        "quarkus.tls.edge.reload-period", "500ms",
        "quarkus.http.tls-configuration-name", "edge",
        "token-broker.tls.client-auth", "required",
        "token-broker.dpop.nonce-required", "true",
        "quarkus.http.insecure-requests", "disabled",
        "quarkus.http.test-ssl-port", "0");
  }

  /** Gives the broker a new certificate by that authority. */
  static void serverFrom(TestTls authority) {
    authority.writePair(existing(SERVER), "broker", "localhost", "127.0.0.1");
    authority.writeRoot(SERVER);
  }

  /** Has the broker trust callers with a certificate by that authority, and them alone. */
  static void clientsFrom(TestTls authority) {
    authority.writePair(existing(CLIENT), "caller", "caller.example");
    authority.writeRoot(CLIENT);
  }

  /** Puts something into the file of the broker's certificate that is none. */
  static void breakServerCertificate() {
    Unchecked.run(
        () ->
            Files.writeString(SERVER.resolve("broker.crt"), "-----BEGIN CERTIFICATE-----\nnone\n"));
  }

  /** What a caller brings to a handshake: files are read now, and not again. */
  record Party(String root, String certificatePem, String key) {

    /** The caller that the files on disk describe. */
    static Party onDisk() {
      return new Party(
          read(SERVER.resolve("test-root.pem")),
          read(CLIENT.resolve("caller.crt")),
          read(CLIENT.resolve("caller.key")));
    }

    /** The same with no certificate of its own. */
    Party anonymous() {
      return new Party(root, "", "");
    }

    /** The same with a certificate by that authority. */
    Party certifiedBy(TestTls authority) {
      Path elsewhere = existing(CLIENT.resolveSibling("stranger"));
      authority.writePair(elsewhere, "caller", "caller.example");
      return new Party(
          root, read(elsewhere.resolve("caller.crt")), read(elsewhere.resolve("caller.key")));
    }

    /** A client over connections of its own. */
    BrokerClient connect(int port) {
      try {
        TlsChannelCredentials.Builder credentials =
            TlsChannelCredentials.newBuilder().trustManager(bytes(root));
        if (!certificatePem.isEmpty()) {
          credentials.keyManager(bytes(certificatePem), bytes(key));
        }
        return BrokerClient.over(
            Grpc.newChannelBuilderForAddress("localhost", port, credentials.build()).build());
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }

    /** An HTTP client that shows the same certificate. */
    HttpClient http(HttpClient.Version version) {
      try {
        KeyStore keys = KeyStore.getInstance("JKS"); // PKCS12 encrypts slowly
        keys.load(null, null);
        keys.setKeyEntry(
            "caller",
            privateKey(),
            new char[0],
            new Certificate[] {TestTls.certificate(certificatePem)});
        KeyManagerFactory ours =
            KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        ours.init(keys, new char[0]);
        return HttpClient.newBuilder()
            .sslContext(TestTls.client(root, "TLS", ours.getKeyManagers()))
            .version(version)
            .build();
      } catch (GeneralSecurityException | IOException broken) {
        throw new IllegalStateException(broken);
      }
    }

    /** The x5t#S256 of the certificate. */
    String thumbprint() {
      return TestTls.thumbprint(certificatePem);
    }

    private PrivateKey privateKey() throws GeneralSecurityException {
      String base64 = key.replaceAll("-----[^-]+-----|\\s", "");
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    private static InputStream bytes(String pem) {
      return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(Path file) {
      return Unchecked.get(() -> Files.readString(file));
    }
  }

  private static Path existing(Path directory) {
    return Unchecked.get(() -> Files.createDirectories(directory));
  }
}
