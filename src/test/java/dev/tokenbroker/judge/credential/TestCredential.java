package dev.tokenbroker.judge.credential;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A signed JWT for tests: good at {@link TestClock#START} unless something is broken on purpose.
 */
public final class TestCredential {

  public static final String ISSUER = "https://issuer.example";
  public static final String AUDIENCE = "https://broker.example";

  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private final TestKey key;
  private final Map<String, Object> header = new LinkedHashMap<>();
  private final Map<String, Object> claims = new LinkedHashMap<>();

  private TestCredential(TestKey key) {
    this.key = key;
  }

  /** A credential of {@link #ISSUER} for {@link #AUDIENCE}, issued a minute ago for ten. */
  public static TestCredential of(TestKey key) {
    Instant issued = TestClock.START.minusSeconds(60);
    return new TestCredential(key)
        .header("alg", key.algorithm().jwaName())
        .header("kid", key.kid())
        .header("typ", "JWT")
        .claim("iss", ISSUER)
        .claim("sub", "repo:acme/payments:ref:refs/heads/main")
        .claim("aud", AUDIENCE)
        .claim("exp", issued.plusSeconds(600).getEpochSecond())
        .claim("nbf", issued.getEpochSecond())
        .claim("iat", issued.getEpochSecond())
        .claim("repository", "acme/payments")
        .claim("run_number", 10L);
  }

  public TestCredential header(String name, Object value) {
    header.put(name, value);
    return this;
  }

  public TestCredential withoutHeader(String name) {
    header.remove(name);
    return this;
  }

  public TestCredential claim(String name, Object value) {
    claims.put(name, value);
    return this;
  }

  public TestCredential without(String name) {
    claims.remove(name);
    return this;
  }

  /** The credential in compact serialisation. */
  public String sign() {
    return sign(headerJson(), payloadJson(), key);
  }

  public String headerJson() {
    return JSONObjectUtils.toJSONString(header);
  }

  public String payloadJson() {
    return JSONObjectUtils.toJSONString(claims);
  }

  /** Signs what no builder would write. */
  public static String sign(String headerJson, String payloadJson, TestKey key) {
    String input = encode(headerJson) + "." + encode(payloadJson);
    return input + "." + encode(key.sign(input.getBytes(StandardCharsets.US_ASCII)));
  }

  public static String encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  public static String encode(byte[] bytes) {
    return BASE64URL.encodeToString(bytes);
  }
}
