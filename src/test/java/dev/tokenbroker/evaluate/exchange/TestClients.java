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
  public static final String UNLISTED = "D" + MESH.substring(1);

  /** Names in brackets stand for what they name here. */
  private static final String DOCUMENT =
      """
      issuers:
        - {name: people, issuer: '[ISSUER]', audiences: [AUDIENCE], jwks: {keys: [CI]}}
        - {name: jobs, issuer: 'https://jobs.test', audiences: [AUDIENCE], jwks: {keys: [CI]}, once: true}
      clients:
        - {name: gateway, secretFile: gateway, may: [exchange]}
        - {name: other, secretFile: others, may: [exchange]}
        - {name: 'off', secretFile: others, may: [exchange], disabled: true}
        - {name: idle, secretFile: others}
        - {name: signer, jwks: {keys: [KEY]}, may: [exchange]}
        - {name: signer-off, jwks: {keys: [KEY]}, may: [exchange], disabled: true}
        - {name: signer-idle, jwks: {keys: [KEY]}, may: [introspect]}
        - {name: job, issuer: [JOBS], subject: job, may: [exchange]}
        - {name: job-off, issuer: [JOBS], subject: job-off, may: [exchange], disabled: true}
        - {name: mesh, certificates: [MESH], may: [exchange]}
        - {name: mesh-off, certificates: [MESH_OFF], may: [exchange], disabled: true}
        - {name: mesh-asks, certificates: [MESH_IDLE], may: [introspect]}
      targets: [{audience: payments}, {audience: orders}]
      rules:
        - {name: by-gateway, issuer: people, client: gateway, audience: payments, when: 'true'}
        - {name: by-signer, client: signer, audience: payments, when: 'true'}
        - {name: by-job, client: job, audience: payments, when: 'true'}
        - {name: by-mesh, client: mesh, audience: payments, when: client == "mesh"}
        - {name: open, issuer: people, audience: orders, when: 'true'}
      """;

  private TestClients() {}

  /** Writes the files {@code gateway} and {@code others} with the two secrets. */
  public static void writeSecrets(Path directory) throws IOException {
    Files.writeString(directory.resolve("gateway"), SECRET + "\n");
    Files.writeString(directory.resolve("others"), OTHERS);
  }

  /**
   * An exchange with clients of each kind: able to exchange, disabled, and without the right.
   *
   * @param jobs the issuer of the federated clients: {@code people}, or {@code jobs} whose
   *     credentials are good once
   * @param key that of the clients that sign
   */
  public static ClientExchange exchange(Path directory, String jobs, TestKey key, TestClock clock)
      throws IOException {
    String named =
        DOCUMENT
            .replace("[JOBS]", jobs)
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
        .claim("iat", at(0))
        .claim("exp", at(60))
        .claim("jti", Long.toHexString(System.nanoTime()))
        .without("nbf");
  }

  /** That many seconds after the start of the clock, as claims have it. */
  public static long at(long seconds) {
    return TestClock.START.plusSeconds(seconds).getEpochSecond();
  }

  /** The value of {@code Authorization} for HTTP Basic. */
  public static String basic(String id, String secret) {
    byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
