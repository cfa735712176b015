package dev.tokenbroker.drill;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import java.math.BigInteger;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Keys of issuers that change, vanish or cannot be used. */
final class KeyFaults {

  private static final String FAILS = "keys of issuer ORIGIN cannot be fetched";

  private static final String CHANGED = "the key set of issuer ORIGIN has changed";

  private KeyFaults() {}

  static List<Fault> all() {
    return List.of(
        Fault.of(
                "another key under the same kid",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  TestKey remade = remade();
                  scene
                      .later(() -> issuer.keys(remade.jwk()))
                      .first(() -> issuer.credential(remade).sign());
                })
            .caller("SIGNATURE_INVALID")
            .seen("under the same kid", "Key tried: ")
            .log(CHANGED + ".*same kid 1"),
        Fault.of(
            "a credential by another key under the same kid",
            scene -> {
              DrillIssuer issuer = scene.issuer();
              TestKey remade = remade();
              scene.later(
                  () -> {
                    issuer.keys(remade.jwk());
                    scene.with(() -> issuer.credential(remade).sign());
                  });
            }),
        Fault.of(
                "a cache that serves an old key set",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  issuer.keys(
                      Map.of("Age", "500", "Date", DrillIssuer.date(Duration.ofSeconds(-500))),
                      issuer.key().jwk());
                  scene.later(() -> scene.with(() -> issuer.credential(other()).sign()));
                })
            .issuer("KEY_REFETCH_COOLING_DOWN")
            .seen("key-2", "500 s (Age)", "its Date is "),
        Fault.of(
                "a key set that moved",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  TestKey other = other();
                  scene
                      .later(
                          () -> {
                            issuer.discovery("jwks_uri", "ORIGIN/new.json");
                            issuer.answer("/new.json", set(issuer, other.jwk()));
                            issuer.answer(DrillIssuer.JWKS, issuer.json(404, Map.of(), "{}"));
                          })
                      .first(() -> issuer.credential(other).sign());
                })
            .caller("KEY_UNKNOWN")
            .seen("ORIGIN/jwks.json", "ORIGIN/new.json")
            .log("jwks_uri of issuer ORIGIN is now ORIGIN/new.json, before ORIGIN/jwks.json"),
        Fault.of(
                "a kid that was withdrawn",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  TestKey other = other();
                  scene
                      .later(() -> issuer.keys(other.jwk()))
                      .first(() -> issuer.credential(other).sign());
                })
            .caller("KEY_UNKNOWN")
            .seen("kid key-1", "The kid was published until ", "no longer has it")
            .log(CHANGED + ".*withdrawn 1"),
        Fault.of(
                "a kid of another issuer",
                scene -> {
                  DrillIssuer issuer = scene.issuer();
                  issuer.keys(TestKey.generate("only-here", SigningAlgorithm.ES256).jwk());
                })
            .caller("KEY_UNKNOWN")
            .settles()
            .seen("The issuer good has a key of that name"),
        Fault.of("a private key that is published", scene -> keys(scene, "d", "AAAA"))
            .issuer("KEYS_INVALID")
            .seen("kid key-1: it has the member d of a private key")
            .hidden("AAAA")
            .log(FAILS),
        Fault.of("a key for encryption", scene -> keys(scene, "use", "enc"))
            .issuer("KEYS_INVALID")
            .seen("kid key-1: its use is enc")
            .log(FAILS),
        Fault.of("a key off its curve", scene -> keys(scene, "x", "A".repeat(43)))
            .issuer("KEYS_INVALID")
            .seen("key-1", "not on the curve P-256")
            .log(FAILS),
        Fault.of("a key with padding", scene -> keys(scene, "x", "A".repeat(42) + "=="))
            .issuer("KEYS_INVALID")
            .seen("key-1", "padding")
            .log(FAILS),
        unusable(
                "an RSA key of 1024 bits",
                Map.of("kty", "RSA", "kid", "old", "n", "_".repeat(171), "e", "AQAB"))
            .seen("kid old: RSA of 1024 bits"),
        unusable(
                "a key that is a certificate only",
                Map.of("kty", "RSA", "kid", "cert", "x5c", List.of("MIIB")))
            .seen("kid cert", "x5c is not read"),
        unusable(
                "an Ed25519 point of small order",
                Map.of("kty", "OKP", "crv", "Ed25519", "kid", "weak", "x", "A".repeat(43)))
            .seen("weak", "small order"),
        unusable(
                "an RSA key with the fingerprint of ROCA",
                Map.of("kty", "RSA", "kid", "roca", "n", roca(), "e", "AQAB"))
            .seen("kid roca", "ROCA"),
        unusable("a symmetric key", Map.of("kty", "oct", "kid", "shared", "k", "c2VjcmV0"))
            .seen("kid shared: its kty is oct")
            .hidden("c2VjcmV0"),
        Fault.of("a key set without keys", scene -> scene.issuer().keys())
            .issuer("KEYS_INVALID")
            .log(FAILS));
  }

  static Reply set(DrillIssuer issuer, Object... jwks) {
    return issuer.json(200, Map.of(), JSONObjectUtils.toJSONString(Map.of("keys", List.of(jwks))));
  }

  private static Fault unusable(String name, Map<String, Object> jwk) {
    return Fault.of(name, scene -> scene.issuer().keys(jwk)).issuer("KEYS_INVALID").log(FAILS);
  }

  private static void keys(Scene scene, String member, Object value) {
    DrillIssuer issuer = scene.issuer();
    Map<String, Object> jwk = new TreeMap<>(issuer.key().jwk());
    jwk.put(member, value);
    issuer.keys(jwk);
  }

  private static TestKey remade() {
    return TestKey.generate("key-1", SigningAlgorithm.ES256);
  }

  private static TestKey other() {
    return TestKey.generate("key-2", SigningAlgorithm.ES256);
  }

  /** A modulus that is a power of 65537 modulo many small primes (CVE-2017-15361). */
  private static String roca() {
    BigInteger primes =
        IntStream.rangeClosed(2, 701)
            .mapToObj(BigInteger::valueOf)
            .filter(number -> number.isProbablePrime(20))
            .reduce(BigInteger.ONE, BigInteger::multiply);
    BigInteger power = BigInteger.valueOf(65537).modPow(BigInteger.valueOf(1_234_567), primes);
    byte[] modulus =
        primes
            .multiply(BigInteger.ONE.shiftLeft(1079).add(BigInteger.TWO))
            .add(power)
            .toByteArray();
    int sign = modulus[0] == 0 ? 1 : 0;
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Arrays.copyOfRange(modulus, sign, modulus.length));
  }
}
