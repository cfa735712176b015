package dev.tokenbroker.interop;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.tokenbroker.edges.edge.BrokerProcess;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.text.ParseException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/**
 * The broker as it is shipped, in a process of its own that speaks TLS only; HTTP under the very
 * URL that its tokens have as {@code iss}, gRPC at a port of its own. Its certificate is by an
 * authority that nobody trusts who is not told to.
 *
 * <p>Behind a proxy it speaks plain text, and URL, address and certificate are those of the proxy.
 */
final class InteropBroker implements AutoCloseable {

  private static final AtomicLong MARKS = new AtomicLong();

  private final BrokerProcess process;
  private final HeldPort port;
  private final Path root;
  private final SSLContext trust;
  private final int grpcPort;

  private InteropBroker(
      BrokerProcess process, HeldPort port, Path root, SSLContext trust, int grpcPort) {
    this.process = process;
    this.port = port;
    this.root = root;
    this.trust = trust;
    this.grpcPort = grpcPort;
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param directory for its certificate and its federation document
   * @param more settings beside those of every broker here
   */
  static InteropBroker start(Path directory, String federation, Map<String, String> more) {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "tls", "localhost", "broker.acme.example");
    Path root = authority.writeRoot(directory);
    HeldPort port = new HeldPort();
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(write(directory.resolve("federation.yaml"), federation))
            .with("quarkus.http.insecure-requests", "disabled")
            .with("quarkus.http.ssl-port", "" + port.number())
            .with("quarkus.tls.key-store.pem.0.cert", directory.resolve("tls.crt").toString())
            .with("quarkus.tls.key-store.pem.0.key", directory.resolve("tls.key").toString())
            .with("token-broker.token.issuer", url(port));
    more.forEach(setup::with);
    BrokerProcess process = setup.start();
    return new InteropBroker(
        process, port, root, TestTls.client(authority.rootPem(), "TLS"), process.grpcPort());
  }

  /**
   * Starts one for a proxy, with the settings that container.md prints, and waits until it listens.
   *
   * @param directory for its federation document, and for the proxy's certificate: {@code tls.crt},
   *     {@code tls.key}
   * @param more settings beside those of every broker here
   */
  static InteropBroker startBehindProxy(
      Path directory, String federation, Map<String, String> more) {
    TestTls authority = TestTls.generate();
    authority.writePair(directory, "tls", "localhost");
    Path root = authority.writeRoot(directory);
    HeldPort port = new HeldPort();
    BrokerProcess.Setup setup =
        new BrokerProcess.Setup(write(directory.resolve("federation.yaml"), federation))
            .with("token-broker.token.issuer", url(port));
    Documented.settings("operate/container.md", "trusted-proxies")
        .forEach((key, value) -> setup.with(key, value.replace(Documented.ADDRESS, url(port))));
    more.forEach(setup::with);
    return new InteropBroker(
        setup.start(), port, root, TestTls.client(authority.rootPem(), "TLS"), port.number());
  }

  /** Its issuer identifier, under which it is reached, too. */
  String url() {
    return url(port);
  }

  /** The address of gRPC: {@code host:port}. */
  String grpcAuthority() {
    return "localhost:" + grpcPort;
  }

  /** The port at which the broker itself speaks HTTP. */
  int ownHttpPort() {
    return process.port();
  }

  /** The port at which the broker itself speaks gRPC. */
  int ownGrpcPort() {
    return process.grpcPort();
  }

  /** The port of its URL. */
  int port() {
    return port.number();
  }

  /** The certificate to trust, PEM. */
  Path root() {
    return root;
  }

  /** A key store with the certificate to trust, which Java reads without a password. */
  Path trustStore() {
    return trustStore(root);
  }

  /** Such a key store with that certificate, beside it. */
  static Path trustStore(Path root) {
    try (InputStream pem = Files.newInputStream(root)) {
      KeyStore store = KeyStore.getInstance("JKS");
      store.load(null, null);
      store.setCertificateEntry(
          "root", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      Path file = Files.createTempFile(root.getParent(), "trust", ".jks");
      try (OutputStream out = Files.newOutputStream(file)) {
        store.store(out, new char[0]);
      }
      return file;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /**
   * The claims of a token that it has minted, once its signature and time are verified as a service
   * does that trusts it; fails for any other token.
   */
  JWTClaimsSet verified(String token) {
    DefaultResourceRetriever retriever =
        new DefaultResourceRetriever(5_000, 5_000, 65_536, true, trust.getSocketFactory());
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt")));
    try {
      processor.setJWSKeySelector(
          new JWSVerificationKeySelector<>(
              Set.of(JWSAlgorithm.ES256, JWSAlgorithm.RS256),
              JWKSourceBuilder.create(
                      URI.create(url() + "/.well-known/jwks.json").toURL(), retriever)
                  .build()));
      processor.setJWTClaimsSetVerifier(
          new DefaultJWTClaimsVerifier<>(
              new JWTClaimsSet.Builder().issuer(url()).build(),
              Set.of("aud", "sub", "iat", "exp")));
      return processor.process(token, null);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (BadJOSEException | JOSEException | ParseException refused) {
      throw new AssertionError("no token of this broker", refused);
    }
  }

  /** TLS that trusts it, and nobody else. */
  SSLContext trust() {
    return trust;
  }

  /** The first line that it prints with that text, once there is one. */
  String awaitLine(String text) {
    return process.awaitLine(line -> line.contains(text));
  }

  /**
   * How often it evaluated that credential, by its audit log: all that were answered before now are
   * counted, since each line is written before its answer and the lines stay in order.
   */
  long evaluations(String credential) {
    awaitLine(verdictOfAnother());
    return process.lines().stream().filter(line -> line.contains(digest(credential))).count();
  }

  /** How its audit log names a credential. */
  static String digest(String credential) {
    try {
      byte[] sha256 =
          MessageDigest.getInstance("SHA-256")
              .digest(credential.getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(sha256, 0, 8);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Override
  public void close() {
    process.close();
    port.close();
  }

  private String verdictOfAnother() {
    String form =
        "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience=payments-api"
            + "&subject_token_type="
            + URLEncoder.encode("urn:ietf:params:oauth:token-type:jwt", StandardCharsets.UTF_8)
            + "&subject_token=mark-"
            + MARKS.incrementAndGet();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form))
            .build();
    try (HttpClient client = HttpClient.newBuilder().sslContext(trust).build()) {
      String body = client.send(request, BodyHandlers.ofString()).body();
      return Objects.toString(JSONObjectUtils.parse(body).get("verdict_id"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static String url(HeldPort port) {
    return "https://localhost:" + port.number();
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
