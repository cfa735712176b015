package dev.tokenbroker.devissuer;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PfxOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A certification authority for {@code localhost} that lives as long as the process. The JDK's
 * {@code keytool} makes all keys and certificates, since the JDK has no public class for them. The
 * key store is on disk only while {@code keytool} runs. Immutable.
 */
final class DevAuthority {

  private static final String ROOT = "root";
  private static final String SERVER = "server";
  private static final String STORE = "PKCS12";

  /** Protects nothing: the key store of a process is no secret for that process. */
  private static final String PASSWORD = "development";

  private static final int KEYTOOL_SECONDS = 60;

  /** A quarter of a second less for a process as short as this. */
  private static final List<String> SHORT_LIVED_JVM =
      List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC");

  private final byte[] store;

  private DevAuthority(byte[] store) {
    this.store = store;
  }

  /** Makes an authority, valid for a year. */
  static DevAuthority generate() {
    return new DevAuthority(
        keytool(
            new byte[0],
            List.of("-alias", ROOT, "-dname", "CN=Token Broker Development Root"),
            List.of("-ext", "bc:critical=ca:true", "-ext", "ku:critical=keyCertSign"),
            validity(1, 366)));
  }

  /** Its own certificate. */
  Certificate root() {
    try {
      KeyStore made = KeyStore.getInstance(STORE);
      made.load(new ByteArrayInputStream(store), PASSWORD.toCharArray());
      return made.getCertificate(ROOT);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("This Java cannot read the key store of its keytool", e);
    }
  }

  /** A new key for the server at {@code localhost}, whose certificate is valid for 90 days. */
  PfxOptions lastingCertificate() {
    return certificate(validity(1, 91));
  }

  /** The same with a certificate that expired a day ago. */
  PfxOptions expiredCertificate() {
    return certificate(validity(31, 30));
  }

  private PfxOptions certificate(List<String> validity) {
    byte[] pair =
        keytool(
            store,
            List.of("-alias", SERVER, "-signer", ROOT, "-dname", "CN=localhost"),
            List.of("-ext", "san=dns:localhost,ip:127.0.0.1"),
            validity);
    return new PfxOptions().setValue(Buffer.buffer(pair)).setPassword(PASSWORD).setAlias(SERVER);
  }

  private static List<String> validity(int beganDaysAgo, int days) {
    return List.of("-startdate", "-" + beganDaysAgo + "d", "-validity", String.valueOf(days));
  }

  /** The store after {@code keytool} has made another pair of keys in it. */
  @SafeVarargs
  private static byte[] keytool(byte[] before, List<String>... arguments) {
    try {
      Path directory = Files.createTempDirectory("token-broker-dev");
      Path file = directory.resolve("keys.p12");
      try {
        if (before.length > 0) {
          Files.write(file, before);
        }
        run(file, arguments);
        return Files.readAllBytes(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("No certificate for the development issuer", e);
    }
  }

  @SafeVarargs
  private static void run(Path file, List<String>... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(SHORT_LIVED_JVM);
    command.addAll(List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1"));
    command.addAll(List.of("-storetype", STORE, "-keystore", file.toString()));
    command.addAll(List.of("-storepass:env", "STORE_PASSWORD"));
    for (List<String> each : arguments) {
      command.addAll(each);
    }
    ProcessBuilder keytool =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
    Map<String, String> environment = keytool.environment();
    environment.put("STORE_PASSWORD", PASSWORD);
    // They could add options or output, such as a debugger that waits.
    environment.keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    await(keytool.start());
  }

  private static void await(Process keytool) {
    try {
      if (!keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IllegalStateException("keytool has made no certificate");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Stopped while keytool was making a certificate", e);
    } finally {
      keytool.destroyForcibly();
    }
  }
}
