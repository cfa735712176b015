package dev.tokenbroker.judge.possession;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.share.Holder;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.judge.possession.PresentedKeys.PresentedProof;
import dev.tokenbroker.peers.store.ChosenStore;
import dev.tokenbroker.process.runtime.Unchecked;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A proof of possession that is being made, as a client does (RFC 9449 section 4.2). */
public final class TestProof {

  private final TestKey key;
  private final String method;
  private final String uri;
  private final Map<String, Object> header = new LinkedHashMap<>();
  private final Map<String, Object> claims = new LinkedHashMap<>();

  private TestProof(TestKey key, String method, String uri) {
    this.key = key;
    this.method = method;
    this.uri = uri;
  }

  /** One of many callers, each with a share of its own. */
  public static Holder somebody() {
    return Holder.of(UUID.randomUUID().toString());
  }

  /** A good one. */
  public static TestProof of(TestKey key, String method, String uri, Instant now) {
    return new TestProof(key, method, uri)
        .header("typ", "dpop+jwt")
        .header("alg", key.algorithm().jwaName())
        .header("jwk", key.jwk())
        .claim("jti", UUID.randomUUID().toString())
        .claim("htm", method)
        .claim("htu", uri)
        .claim("iat", now.getEpochSecond());
  }

  public TestProof header(String name, Object value) {
    header.put(name, value);
    return this;
  }

  public TestProof claim(String name, Object value) {
    claims.put(name, value);
    return this;
  }

  public TestProof without(String name) {
    header.remove(name);
    claims.remove(name);
    return this;
  }

  /** With the hash of the token that it is sent with. */
  public TestProof forToken(String token) {
    return claim("ath", sha256(token));
  }

  /** A verifier with these settings and a replay window of its own. */
  public static ProofVerifier verifier(DpopSettings settings, InstantSource clock) {
    return new ProofVerifier(
        settings,
        new Nonces(settings, clock),
        SignatureProvider.automatic(),
        new UsedProofs(settings, ChosenStore.empty(), Clocks.system()),
        clock);
  }

  /** This proof as a header of a request with the method and the URI that it was made for. */
  public PresentedKeys presented() {
    return PresentedKeys.of(null, new PresentedProof(List.of(signed()), method, List.of(uri)));
  }

  public String signed() {
    String input = base64(header) + "." + base64(claims);
    return input + "." + encoded(key.sign(input.getBytes(StandardCharsets.US_ASCII)));
  }

  /** The thumbprint of a key, as another library works it out. */
  public static String thumbprint(TestKey key) {
    return Unchecked.get(() -> JWK.parse(key.jwk()).computeThumbprint().toString());
  }

  private static String base64(Map<String, Object> members) {
    return encoded(JSONObjectUtils.toJSONString(members).getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(String text) {
    return Unchecked.get(
        () ->
            encoded(
                MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.US_ASCII))));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
