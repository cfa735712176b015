package dev.tokenbroker.peers.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tokenbroker.process.runtime.Unchecked;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certification authority made for one test: its root is trusted by nobody who is not told to.
 */
public final class TestTls {

  private static final AtomicLong SERIALS = new AtomicLong(1);
  private static final X500Name ROOT_NAME = new X500Name("CN=Token Broker Test Root");

  private final KeyPair rootKey;
  private final X509Certificate root;
  private final X500Name name;

  private TestTls(KeyPair rootKey, X509Certificate root) {
    this.rootKey = rootKey;
    this.root = root;
    this.name = X500Name.getInstance(root.getSubjectX500Principal().getEncoded());
  }

  /** Makes a new authority, valid for a day around now. */
  public static TestTls generate() {
    return generate(ROOT_NAME, Instant.now().plus(Duration.ofHours(12)));
  }

  /** One whose own certificate is valid for about that long from now. */
  public static TestTls generate(Duration validity) {
    return generate(new X500Name("CN=Token Broker Lasting Root"), Instant.now().plus(validity));
  }

  /** One whose own certificate has expired; what it signs has not. */
  public static TestTls generateExpired() {
    return generate(
        new X500Name("CN=Token Broker Expired Root"), Instant.now().minus(Duration.ofHours(1)));
  }

  private static TestTls generate(X500Name name, Instant end) {
    try {
      KeyPair key = newKey();
      return new TestTls(key, root(name, key, end));
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Its own certificate, PEM, as if it had been made with that end. */
  public String rootPem(Instant end) {
    return Unchecked.get(() -> pem("CERTIFICATE", encoded(root(name, rootKey, end))));
  }

  private static X509Certificate root(X500Name name, KeyPair key, Instant end)
      throws GeneralSecurityException, CertIOException, OperatorCreationException {
    X509v3CertificateBuilder certificate =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.valueOf(SERIALS.getAndIncrement()),
            Date.from(begin(end)),
            Date.from(end),
            name,
            key.getPublic());
    certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    certificate.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    return sign(certificate, key.getPrivate());
  }

  /** A day before the end, or half a day ago if that is earlier. */
  private static Instant begin(Instant end) {
    Instant dayBefore = end.minus(Duration.ofDays(1));
    Instant halfADayAgo = Instant.now().minus(Duration.ofHours(12));
    return dayBefore.isBefore(halfADayAgo) ? dayBefore : halfADayAgo;
  }

  /** What stands in PEM. */
  public static X509Certificate certificate(String pem) {
    return Unchecked.get(
        () ->
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.getBytes(US_ASCII))));
  }

  /** The {@code x5t#S256} of a certificate in PEM (RFC 8705 section 3.1). */
  public static String thumbprint(String pem) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(encoded(certificate(pem)));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /**
   * A client's TLS context that trusts a root, PEM, and nobody else.
   *
   * @param protocol as {@code TLSv1.2}; {@code TLS} for what is usual
   * @param keys what the client shows of itself; nothing where there are none
   */
  public static SSLContext client(String rootPem, String protocol, KeyManager... keys) {
    try {
      KeyStore roots = KeyStore.getInstance("PKCS12");
      roots.load(null, null);
      roots.setCertificateEntry("root", certificate(rootPem));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(roots);
      SSLContext context = SSLContext.getInstance(protocol);
      context.init(keys, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** The root certificate, PEM. */
  public String rootPem() {
    return pem("CERTIFICATE", encoded(root));
  }

  /** A certificate of these names, PEM. */
  public String leafPem(String... names) {
    return Unchecked.get(() -> pem("CERTIFICATE", encoded(leaf(newKey(), names))));
  }

  /**
   * A client's key manager that shows a certificate of that name, even to a server that names other
   * authorities.
   */
  public KeyManager insistent(String name) {
    try {
      KeyPair key = newKey();
      X509Certificate[] chain = {leaf(key, name)};
      return new X509ExtendedKeyManager() {
        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
          return new String[] {name};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
          return name;
        }

        @Override
        public String chooseEngineClientAlias(
            String[] types, Principal[] issuers, SSLEngine engine) {
          return name;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
          return new String[0];
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
          return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
          return chain;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
          return key.getPrivate();
        }
      };
    } catch (GeneralSecurityException | CertIOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Writes the root certificate into that directory and returns the file. */
  public Path writeRoot(Path directory) {
    return write(directory.resolve("test-root.pem"), rootPem());
  }

  /**
   * A server's TLS context with a certificate for these names, each a DNS name or an IP address.
   * {@code cn:} begins a common name alone, {@code dns:} a DNS name that looks like an address;
   * {@code use:clients} makes it a certificate for clients.
   */
  public SSLContext server(String... names) {
    Instant now = Instant.now();
    return server(now.minus(Duration.ofHours(12)), now.plus(Duration.ofHours(12)), names);
  }

  /** The same with a certificate that is valid in that time only; it trusts this authority. */
  public SSLContext server(Instant from, Instant until, String... names) {
    try {
      KeyPair key = newKey();
      KeyStore store = KeyStore.getInstance("JKS"); // PKCS12 encrypts slowly
      store.load(null, null);
      store.setKeyEntry(
          "server",
          key.getPrivate(),
          new char[0],
          new Certificate[] {leaf(key, from, until, names), root});
      store.setCertificateEntry("root", root);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          keys.getKeyManagers(),
          new TrustManager[] {new CurrentAnchors(List.of(root), InstantSource.system())},
          null);
      return context;
    } catch (GeneralSecurityException | IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Writes {@code NAME.crt} and {@code NAME.key} (PEM) for these names; good for either side. */
  public void writePair(Path directory, String file, String... names) {
    try {
      KeyPair key = newKey();
      write(directory.resolve(file + ".crt"), pem("CERTIFICATE", encoded(leaf(key, names))));
      write(directory.resolve(file + ".key"), pem("PRIVATE KEY", key.getPrivate().getEncoded()));
    } catch (GeneralSecurityException | IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /**
   * As {@link #writePair}, with a certificate that its own key has signed, and that has expired.
   */
  public static KeyManager[] writeExpired(Path directory, String file) {
    try {
      KeyPair key = newKey();
      X500Name name = new X500Name("CN=expired");
      Instant end = Instant.now().minus(Duration.ofDays(1));
      X509v3CertificateBuilder certificate =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.valueOf(SERIALS.getAndIncrement()),
              Date.from(end.minus(Duration.ofDays(1))),
              Date.from(end),
              name,
              key.getPublic());
      X509Certificate expired = sign(certificate, key.getPrivate());
      write(directory.resolve(file + ".crt"), pem("CERTIFICATE", encoded(expired)));
      write(directory.resolve(file + ".key"), pem("PRIVATE KEY", key.getPrivate().getEncoded()));
      KeyStore store = KeyStore.getInstance("JKS"); // PKCS12 encrypts slowly
      store.load(null, null);
      store.setKeyEntry("expired", key.getPrivate(), new char[0], new Certificate[] {expired});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, new char[0]);
      return keys.getKeyManagers();
    } catch (GeneralSecurityException | IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Writes a revocation list; it has all certificates, also those yet to be made, or none. */
  public Path writeRevocations(Path directory, boolean all) {
    try {
      X509v2CRLBuilder list = new X509v2CRLBuilder(name, Date.from(Instant.now()));
      for (long serial = 0; all && serial < SERIALS.get() + 100; serial++) {
        list.addCRLEntry(
            BigInteger.valueOf(serial), Date.from(Instant.now()), CRLReason.keyCompromise);
      }
      byte[] signed =
          list.build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKey.getPrivate()))
              .getEncoded();
      return write(directory.resolve("revoked.pem"), pem("X509 CRL", signed));
    } catch (IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private X509Certificate leaf(KeyPair key, String... names)
      throws GeneralSecurityException, CertIOException, OperatorCreationException {
    Instant now = Instant.now();
    return leaf(key, now.minus(Duration.ofHours(12)), now.plus(Duration.ofHours(12)), names);
  }

  private X509Certificate leaf(KeyPair key, Instant from, Instant until, String... names)
      throws GeneralSecurityException, CertIOException, OperatorCreationException {
    X509v3CertificateBuilder certificate =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.valueOf(SERIALS.getAndIncrement()),
            Date.from(from),
            Date.from(until),
            new X500Name("CN=" + names[0].replaceFirst("^(cn|dns):", "")),
            key.getPublic());
    GeneralName[] alternatives =
        Arrays.stream(names)
            .filter(name -> !name.matches("(cn|use):.*"))
            .map(
                name ->
                    new GeneralName(
                        name.matches("[0-9.]+|[0-9a-f]*:.*")
                            ? GeneralName.iPAddress
                            : GeneralName.dNSName,
                        name.replaceFirst("^dns:", "")))
            .toArray(GeneralName[]::new);
    if (alternatives.length > 0) {
      certificate.addExtension(
          Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
    }
    if (List.of(names).contains("use:clients")) {
      certificate.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
    }
    return sign(certificate, rootKey.getPrivate());
  }

  private static X509Certificate sign(X509v3CertificateBuilder certificate, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            certificate.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static byte[] encoded(X509Certificate certificate) {
    return Unchecked.get(certificate::getEncoded);
  }

  private static String pem(String type, byte[] der) {
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(type, Base64.getMimeEncoder().encodeToString(der), type);
  }

  private static Path write(Path file, String text) {
    return Unchecked.get(() -> Files.writeString(file, text));
  }
}
