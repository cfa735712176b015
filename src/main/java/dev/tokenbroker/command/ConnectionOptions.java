package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Durations;
import dev.tokenbroker.peers.trust.CertifiedKeys;
import dev.tokenbroker.peers.trust.SystemTrust;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * How a command calls a broker, as its options say.
 *
 * @param tls whether to use TLS; false without any TLS option
 * @param serverName the name in the broker's certificate; null for the host of its address
 * @param trusted the authorities to trust, PEM; null for those of the system
 * @param identity the client's certificate and key; null for none
 * @param timeout the longest time for the whole call
 */
record ConnectionOptions(
    boolean tls,
    @Nullable String serverName,
    @Nullable Buffer trusted,
    @Nullable ClientIdentity identity,
    Duration timeout) {

  private static final String TLS = "--tls";
  private static final String CA_FILE = "--ca-file";
  private static final String SERVER_NAME = "--server-name";
  private static final String CERT_FILE = "--cert-file";
  private static final String KEY_FILE = "--key-file";
  private static final String TIMEOUT = "--timeout";
  private static final List<String> TLS_OPTIONS =
      List.of(TLS, CA_FILE, SERVER_NAME, CERT_FILE, KEY_FILE);

  private static final String PEM_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
  private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);

  /** Adds the options to a command. */
  static CommandSpec addTo(CommandSpec spec, Duration timeout) {
    return spec.addOption(
            Commands.flag(TLS, "Call with TLS and trust the authorities of the system."))
        .addOption(
            Commands.path(CA_FILE, "FILE", "Call with TLS and trust these authorities only (PEM)."))
        .addOption(
            Commands.option(
                SERVER_NAME,
                "NAME",
                "Call with TLS; the name in the certificate of the broker, if it is not the host."))
        .addOption(Commands.path(CERT_FILE, "FILE", "Our certificate for mutual TLS (PEM)."))
        .addOption(Commands.path(KEY_FILE, "FILE", "Its key (PEM, PKCS #8)."))
        .addOption(
            Commands.option(
                TIMEOUT,
                "TIME",
                "How long to wait, up to 1m; the default is " + timeout.toSeconds() + "s.",
                Duration.class,
                ConnectionOptions::timeout));
  }

  /** The first of these options that was given; without a broker to call, none is allowed. */
  static Optional<String> anyOf(ParseResult given) {
    return List.of(TLS, CA_FILE, SERVER_NAME, CERT_FILE, KEY_FILE, TIMEOUT).stream()
        .filter(given::hasMatchedOption)
        .findFirst();
  }

  /** Checks the usage before any file is read; {@link #of} finds no other wrong usage. */
  static void checkUsage(ParseResult given) throws Failure {
    if (given.hasMatchedOption(CERT_FILE) != given.hasMatchedOption(KEY_FILE)) {
      throw new Failure(ExitCode.USAGE, CERT_FILE + " and " + KEY_FILE + " come together");
    }
  }

  /**
   * Reads the options, and the files that they name.
   *
   * @param timeout the default
   */
  static ConnectionOptions of(ParseResult given, Duration timeout) throws Failure {
    Buffer certificate = certificates(given, CERT_FILE);
    Buffer key = file(given, KEY_FILE);
    return new ConnectionOptions(
        TLS_OPTIONS.stream().anyMatch(given::hasMatchedOption),
        given.matchedOptionValue(SERVER_NAME, null),
        certificates(given, CA_FILE),
        certificate == null || key == null ? null : new ClientIdentity(certificate, key),
        given.matchedOptionValue(TIMEOUT, timeout));
  }

  /** The options of the HTTP client. */
  HttpClientOptions client(Vertx vertx) throws Failure {
    HttpClientOptions client =
        new HttpClientOptions().setSsl(tls).setVerifyHost(true).setTrustAll(false);
    if (trusted == null) {
      SystemTrust.now().options().ifPresent(client::setTrustOptions);
    } else {
      client.setTrustOptions(new PemTrustOptions().addCertValue(trusted));
    }
    if (identity != null) {
      client.setKeyCertOptions(identity.options(vertx));
    }
    return client;
  }

  private static @Nullable Buffer certificates(ParseResult given, String option) throws Failure {
    Buffer file = file(given, option);
    if (file != null && !holdsCertificate(file)) {
      throw new Failure(ExitCode.DATA, "the file of " + option + " holds no certificate (PEM)");
    }
    return file;
  }

  /** The JDK takes DER, too. The HTTP client does not, and reports it as a lost connection. */
  private static boolean holdsCertificate(Buffer file) {
    if (!file.toString(StandardCharsets.ISO_8859_1).contains(PEM_CERTIFICATE)) {
      return false;
    }
    try (InputStream in = new ByteArrayInputStream(file.getBytes())) {
      return !CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty();
    } catch (CertificateException | IOException none) {
      return false;
    }
  }

  private static @Nullable Buffer file(ParseResult given, String option) throws Failure {
    if (!given.hasMatchedOption(option)) {
      return null;
    }
    Path file = Path.of(given.<String>matchedOptionValue(option, ""));
    return Buffer.buffer(BoundedInput.bytes(file, "the file of " + option));
  }

  private static Duration timeout(String text) throws Failure {
    return Durations.parse(text)
        .filter(time -> time.isPositive() && time.compareTo(MAX_TIMEOUT) <= 0)
        .orElseThrow(
            () -> new Failure(ExitCode.USAGE, TIMEOUT + " must be from 1ms to 1m, such as 3s"));
  }

  /** The client's identity in mutual TLS: its certificate with the chain, and its key, both PEM. */
  record ClientIdentity(Buffer certificate, Buffer key) {

    /**
     * The identity as options of the HTTP client. The client would report an unusable key as a lost
     * connection, so the key is checked before.
     */
    PemKeyCertOptions options(Vertx vertx) throws Failure {
      PemKeyCertOptions pair = new PemKeyCertOptions().addCertValue(certificate).addKeyValue(key);
      try {
        if (!CertifiedKeys.of(pair, vertx).isEmpty()) {
          return pair;
        }
      } catch (Exception unreadable) { // as the library declares it
        // As if it were no pair.
      }
      throw new Failure(
          ExitCode.DATA,
          "the file of --key-file holds no private key, EC or RSA, for the certificate of --cert-file");
    }
  }
}
