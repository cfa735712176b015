package dev.tokenbroker.evaluate.exchange;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Keys, secrets and certificates of registered clients, for tests of the edges. */
public final class TestClients {

  /** The key of the issuers. */
  public static final TestKey CI = TestKey.fast("ci");

  /** The key of the clients that sign. */
  public static final TestKey KEY = TestKey.fast("k-1");

  /** Another key of the same name. */
  public static final TestKey STRANGER = TestKey.fast("k-1");

  /** Has characters that percent-encoding changes, and some that look percent-encoded. */
  public static final String SECRET = "s3cret+with%25and=&:32 characters or more";

  public static final String OTHERS = "0123456789abcdef0123456789abcdef";

  /** The thumbprint of a certificate, as the others below. */
  public static final String MESH = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

  public static final String MESH_OFF = "B" + MESH.substring(1);
  public static final String MESH_IDLE = "C" + MESH.substring(1);

  private TestClients() {}

  /** Writes the files {@code gateway} and {@code others} with the two secrets. */
  public static void writeSecrets(Path directory) throws IOException {
    Files.writeString(directory.resolve("gateway"), SECRET + "\n");
    Files.writeString(directory.resolve("others"), OTHERS);
  }

  /**
   * An exchange by a document in which names in brackets stand for what they name here.
   *
   * @param key that of the clients that sign
   */
  public static ClientExchange exchange(
      Path directory, String document, TestKey key, TestClock clock) throws IOException {
    String named =
        document
            .replace("[ISSUER]", TestCredential.ISSUER)
            .replace("[AUDIENCE]", "['" + TestCredential.AUDIENCE + "']")
            .replace("[MESH]", "[" + MESH + "]")
            .replace("[MESH_OFF]", "[" + MESH_OFF + "]")
            .replace("[MESH_IDLE]", "[" + MESH_IDLE + "]")
            .replace("[CI]", "[" + JSONObjectUtils.toJSONString(CI.jwk()) + "]")
            .replace("[KEY]", "[" + JSONObjectUtils.toJSONString(key.jwk()) + "]");
    return new ClientExchange(
        Files.writeString(directory.resolve("federation.yaml"), named), clock);
  }

  /** The assertion that a client signs itself. */
  public static TestCredential own(String client) {
    return own(client, KEY);
  }

  /** The same, signed with that key. */
  public static TestCredential own(String client, TestKey key) {
    return TestCredential.of(key)
        .claim("iss", client)
        .claim("sub", client)
        .claim("aud", "https://broker.test")
        .claim("iat", TestClock.START.getEpochSecond())
        .claim("exp", TestClock.START.plusSeconds(60).getEpochSecond())
        .claim("jti", Long.toHexString(System.nanoTime()))
        .without("nbf");
  }

  /** The value of {@code Authorization} for HTTP Basic. */
  public static String basic(String id, String secret) {
    byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
