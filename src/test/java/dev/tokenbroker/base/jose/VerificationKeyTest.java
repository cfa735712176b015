package dev.tokenbroker.base.jose;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import dev.tokenbroker.process.runtime.Unchecked;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@MethodSource("dev.tokenbroker.base.jose.SignatureProviders#each")
class VerificationKeyTest {

  private static final byte[] INPUT = "header.payload".getBytes(US_ASCII);
  private static final TestKey ES256 = TestKey.generate("ec", SigningAlgorithm.ES256);
  private static final TestKey RSA = TestKey.generate("rsa", SigningAlgorithm.RS256);
  private static final TestKey EDDSA = TestKey.generate("ed", SigningAlgorithm.EDDSA);

  /** What stands before a digest by SHA-256 (RFC 8017 section 9.2, note 1). */
  private static final String DIGEST_INFO = "3031300d060960864801650304020105000420";

  private static final String DIGEST_INFO_WITHOUT_NULL = "302f300b06096086480165030402010420";

  /** Made once for all providers, since that takes longer than what is tested. */
  private static final Map<Size, KeyPair> RSA_PAIRS = new ConcurrentHashMap<>();

  private static final Map<Integer, Signed> LARGE = new ConcurrentHashMap<>();

  private static final Map<SigningAlgorithm, TestKey> SIGNERS = new ConcurrentHashMap<>();

  private record Size(int bits, BigInteger exponent) {}

  /** A signature by PKCS #1 of {@link #INPUT}, and the key that verifies it. */
  private record Signed(BigInteger modulus, BigInteger exponent, BigInteger signature) {}

  private final SignatureProvider provider;

  VerificationKeyTest(SignatureProvider provider) {
    this.provider = provider;
  }

  private static TestKey signer(SigningAlgorithm algorithm) {
    return SIGNERS.computeIfAbsent(algorithm, name -> TestKey.generate("k", name));
  }

  // --- published vectors

  static List<Arguments> vectors() {
    return List.of(
        argumentSet(
            "RFC 7515 appendix A.2",
            SigningAlgorithm.RS256,
            "kty=RSA,n=ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ,e=AQAB",
            "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"),
        argumentSet(
            "RFC 7515 appendix A.3",
            SigningAlgorithm.ES256,
            "kty=EC,crv=P-256,x=f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU,y=x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
        argumentSet(
            "RFC 7515 appendix A.4",
            SigningAlgorithm.ES512,
            "kty=EC,crv=P-521,x=AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk,y=ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"),
        argumentSet(
            "RFC 8037 appendix A.4",
            SigningAlgorithm.EDDSA,
            "kty=OKP,crv=Ed25519,x=11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
  }

  /**
   * @param members of the key, {@code name=value}
   */
  @ParameterizedTest
  @MethodSource("vectors")
  void verifies_published_signatures(
      SigningAlgorithm algorithm, String members, String input, String signature) {
    VerificationKey key =
        key(
            Stream.of(members.split(",", -1))
                .map(member -> member.split("=", 2))
                .collect(Collectors.toMap(member -> member[0], member -> member[1])));
    byte[] bytes = Base64.getUrlDecoder().decode(signature);

    assertThat(key.verify(provider, algorithm, input.getBytes(US_ASCII), bytes)).isTrue();
    assertThat(key.verify(provider, algorithm, (input + "A").getBytes(US_ASCII), bytes)).isFalse();
  }

  @Test
  void verifies_ed448_of_rfc_8032_section_7_4() {
    String x =
        "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180";
    byte[] signature =
        HexFormat.of()
            .parseHex(
                "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600");
    VerificationKey key =
        key(Map.of("kty", "OKP", "crv", "Ed448", "x", base64(HexFormat.of().parseHex(x))));

    for (SigningAlgorithm name : List.of(SigningAlgorithm.EDDSA, SigningAlgorithm.ED448)) {
      byte[] changed = signature.clone();
      changed[0] ^= 1;
      assertThat(key.verify(provider, name, new byte[0], signature)).isTrue();
      assertThat(key.verify(provider, name, new byte[0], changed)).isFalse();
    }
  }

  // --- every algorithm

  @ParameterizedTest
  @EnumSource
  void verifies_what_was_signed_and_nothing_else(SigningAlgorithm algorithm) {
    TestKey signer = signer(algorithm);
    VerificationKey key = key(signer.jwk());
    byte[] signature = signer.sign(INPUT);

    assertThat(key.algorithms()).contains(algorithm).allMatch(other -> same(algorithm, other));
    assertThat(key.verify(provider, algorithm, INPUT, signature)).isTrue();
    assertThat(key.verify(provider, algorithm, "header.other".getBytes(US_ASCII), signature))
        .isFalse();
    byte[] flipped = signature.clone();
    flipped[flipped.length / 2] ^= 1;
    assertThat(key.verify(provider, algorithm, INPUT, flipped)).isFalse();
    assertThat(key.verify(provider, algorithm, INPUT, new byte[0])).isFalse();
    assertThat(key.verify(provider, algorithm, INPUT, new byte[signature.length])).isFalse();
    assertThat(
            key.verify(provider, algorithm, INPUT, Arrays.copyOf(signature, signature.length + 1)))
        .isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void verifies_under_no_other_algorithm(SigningAlgorithm algorithm) {
    TestKey signer = signer(algorithm);
    VerificationKey key = key(signer.jwk());
    byte[] signature = signer.sign(INPUT);

    for (SigningAlgorithm other : SigningAlgorithm.values()) {
      assertThat(key.verify(provider, other, INPUT, signature)).isEqualTo(same(algorithm, other));
      assertThat(key.supports(other)).isEqualTo(same(algorithm, other));
    }
  }

  @Test
  void never_throws_whatever_the_signature_is() {
    long seed = 20261124;
    Random random = new Random(seed);
    for (TestKey signer : List.of(ES256, RSA, EDDSA)) {
      VerificationKey key = key(signer.jwk());
      for (int round = 0; round < 500; round++) {
        byte[] signature = new byte[random.nextInt(300)];
        random.nextBytes(signature);
        assertThat(key.verify(provider, signer.algorithm(), INPUT, signature))
            .as("seed %d", seed)
            .isFalse();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = SigningAlgorithm.class,
      names = {"ES256", "ES384", "ES512"})
  void takes_r_and_s_from_one_to_the_order_only(SigningAlgorithm algorithm) {
    TestKey signer = signer(algorithm);
    VerificationKey key = key(signer.jwk());
    BigInteger order =
        Curve.parse(String.valueOf(signer.jwk().get("crv"))).toECParameterSpec().getOrder();
    byte[] good = signer.sign(INPUT);
    BigInteger r = number(good, 0);
    BigInteger s = number(good, 1);
    BigInteger none = BigInteger.ZERO;

    assertThat(key.verify(provider, algorithm, INPUT, good)).isTrue();
    for (BigInteger[] bad :
        new BigInteger[][] {
          {none, none},
          {r, none},
          {none, s},
          {order, order},
          {r, order},
          {order, s},
          {r.add(order), s},
          {r, s.add(order)},
          {BigInteger.ONE, BigInteger.ONE}
        }) {
      signature(bad, good.length)
          .ifPresent(bytes -> assertThat(key.verify(provider, algorithm, INPUT, bytes)).isFalse());
    }
  }

  @Test
  void takes_no_ecdsa_signature_in_der() throws Exception {
    byte[] der = ECDSA.transcodeSignatureToDER(ES256.sign(INPUT));

    for (byte[] bad : List.of(der, Arrays.copyOf(der, 64))) {
      assertThat(key(ES256.jwk()).verify(provider, SigningAlgorithm.ES256, INPUT, bad)).isFalse();
    }
  }

  @Test
  void takes_an_ed25519_signature_in_one_spelling_only() {
    byte[] good = EDDSA.sign(INPUT);
    BigInteger order =
        BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    BigInteger s = new BigInteger(1, reversed(Arrays.copyOfRange(good, 32, 64)));
    byte[] longer = reversed(padded(s.add(order), 32));
    byte[] respelt = good.clone();
    System.arraycopy(longer, 0, respelt, 32, 32);

    VerificationKey key = key(EDDSA.jwk());
    assertThat(key.verify(provider, SigningAlgorithm.EDDSA, INPUT, good)).isTrue();
    assertThat(key.verify(provider, SigningAlgorithm.EDDSA, INPUT, respelt)).isFalse();
  }

  /** RFC 8017 appendix B.1 demands the NULL: no signer that keeps to it leaves it out. */
  @Test
  void only_the_jdk_takes_pkcs1_signatures_without_a_digest_null() {
    KeyPair pair =
        RSA_PAIRS.computeIfAbsent(
            new Size(2048, RSAKeyGenParameterSpec.F4), VerificationKeyTest::generate);
    VerificationKey key = key(rsa((RSAPublicKey) pair.getPublic()));
    byte[] good = pkcs1(pair, DIGEST_INFO);
    byte[] lacking = pkcs1(pair, DIGEST_INFO_WITHOUT_NULL);

    assertThat(key.verify(provider, SigningAlgorithm.RS256, INPUT, good)).isTrue();
    assertThat(key.verify(provider, SigningAlgorithm.RS256, INPUT, lacking))
        .isEqualTo(provider.name().equals("jdk"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 31, 33, 64})
  void takes_no_pss_signature_with_a_salt_of_another_length(int saltBytes) throws Exception {
    KeyPair pair =
        RSA_PAIRS.computeIfAbsent(
            new Size(2048, RSAKeyGenParameterSpec.F4), VerificationKeyTest::generate);
    VerificationKey key = key(rsa((RSAPublicKey) pair.getPublic()));

    assertThat(key.verify(provider, SigningAlgorithm.PS256, INPUT, pss(pair, 32))).isTrue();
    assertThat(key.verify(provider, SigningAlgorithm.PS256, INPUT, pss(pair, saltBytes))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "2048, 3",
    "2049, 65537",
    "2055, 65537",
    "3072, 65537",
    "2048, 4294967297",
    "2048, 18446744073709551557"
  })
  void verifies_by_rsa_keys_of_any_size_and_exponent_that_it_uses(int bits, BigInteger exponent)
      throws Exception {
    KeyPair pair =
        RSA_PAIRS.computeIfAbsent(new Size(bits, exponent), VerificationKeyTest::generate);
    VerificationKey key = key(rsa((RSAPublicKey) pair.getPublic()));
    Signature signer = Signature.getInstance("SHA256withRSA");
    signer.initSign(pair.getPrivate());
    signer.update(INPUT);
    byte[] good = signer.sign();

    assertThat(key.verify(provider, SigningAlgorithm.RS256, INPUT, good)).isTrue();
    assertThat(key.verify(provider, SigningAlgorithm.PS256, INPUT, pss(pair, 32))).isTrue();
    good[good.length / 2] ^= 1;
    assertThat(key.verify(provider, SigningAlgorithm.RS256, INPUT, good)).isFalse();
  }

  /**
   * Of many primes, since two large ones would take minutes; whoever verifies cannot tell. Their
   * product falls short of those bits by a few.
   */
  @ParameterizedTest
  @ValueSource(ints = {8192, 16384})
  void verifies_by_the_largest_rsa_keys_that_it_uses(int bits) {
    Signed signed = LARGE.computeIfAbsent(bits, VerificationKeyTest::signedByMany);
    int bytes = (signed.modulus().bitLength() + 7) / 8;
    VerificationKey key = key(rsa(signed.modulus(), signed.exponent()));
    byte[] good = padded(signed.signature(), bytes);
    byte[] other = padded(signed.signature().add(BigInteger.ONE), bytes);

    assertThat(key.verify(provider, SigningAlgorithm.RS256, INPUT, good)).isTrue();
    assertThat(key.verify(provider, SigningAlgorithm.RS256, INPUT, other)).isFalse();
  }

  private static KeyPair generate(Size size) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(new RSAKeyGenParameterSpec(size.bits(), size.exponent()));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Signed signedByMany(int bits) {
    Random random = new Random(20261124);
    BigInteger exponent = RSAKeyGenParameterSpec.F4;
    List<BigInteger> primes =
        Stream.generate(() -> BigInteger.probablePrime(512, random)).limit(bits / 512).toList();
    BigInteger modulus = primes.stream().reduce(BigInteger.ONE, BigInteger::multiply);
    BigInteger text = pkcs1(DIGEST_INFO, (modulus.bitLength() + 7) / 8);
    // Signed by each prime alone, and joined by the Chinese remainder theorem.
    BigInteger signature = BigInteger.ZERO;
    for (BigInteger prime : primes) {
      BigInteger root = text.modPow(exponent.modInverse(prime.subtract(BigInteger.ONE)), prime);
      BigInteger others = modulus.divide(prime);
      signature = signature.add(root.multiply(others).multiply(others.modInverse(prime)));
    }
    return new Signed(modulus, exponent, signature.mod(modulus));
  }

  @ParameterizedTest
  @EnumSource
  void never_accepts_and_never_throws_for_a_changed_signature(SigningAlgorithm algorithm) {
    TestKey signer = signer(algorithm);
    VerificationKey key = key(signer.jwk());
    byte[] good = signer.sign(INPUT);
    int half = good.length / 2;
    int last = good.length - 1;

    for (int at : new int[] {0, 1, half - 1, half, last}) {
      byte[] changed = good.clone();
      changed[at] ^= 1;
      assertThat(key.verify(provider, algorithm, INPUT, changed)).as("at %d", at).isFalse();
    }
    for (int from : new int[] {0, half, last - 7}) {
      for (byte filling : new byte[] {0, -1}) {
        byte[] changed = good.clone();
        Arrays.fill(changed, from, changed.length, filling);
        assertThat(key.verify(provider, algorithm, INPUT, changed)).as("from %d", from).isFalse();
      }
    }
  }

  @Tag("whole")
  @ParameterizedTest
  @EnumSource
  void never_accepts_and_never_throws_for_any_change(SigningAlgorithm algorithm) {
    long seed = 20261124;
    Random random = new Random(seed);
    TestKey signer = signer(algorithm);
    VerificationKey key = key(signer.jwk());
    byte[] good = signer.sign(INPUT);
    for (int round = 0; round < 300; round++) {
      byte[] changed = good.clone();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
      }
      if (random.nextBoolean()) {
        int from = random.nextInt(changed.length);
        Arrays.fill(changed, from, changed.length, (byte) -random.nextInt(2));
      }
      if (!Arrays.equals(changed, good)) {
        assertThat(key.verify(provider, algorithm, INPUT, changed)).as("seed %d", seed).isFalse();
      }
    }
  }

  // --- what binds a key

  @Test
  void binds_rsa_keys_to_six_algorithms_and_a_curve_to_its_one() {
    assertThat(key(without(RSA, "alg")).algorithms())
        .extracting(SigningAlgorithm::name)
        .containsExactly("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
    assertThat(key(without(ES256, "alg")).algorithms()).containsExactly(SigningAlgorithm.ES256);
  }

  @Test
  void uses_an_edwards_key_under_both_names_but_on_no_other_curve() {
    TestKey ed448 = TestKey.generate("ed448", SigningAlgorithm.ED448);

    for (String alg : List.of("EdDSA", "Ed25519")) {
      assertThat(key(with(EDDSA, "alg", alg)).algorithms())
          .containsExactly(SigningAlgorithm.EDDSA, SigningAlgorithm.ED25519);
    }
    for (String alg : List.of("EdDSA", "Ed448")) {
      assertThat(key(with(ed448, "alg", alg)).algorithms())
          .containsExactly(SigningAlgorithm.EDDSA, SigningAlgorithm.ED448);
    }
    assertThat(key(without(ed448, "alg")).algorithms())
        .containsExactly(SigningAlgorithm.EDDSA, SigningAlgorithm.ED448);
    assertUnusable(with(ed448, "alg", "Ed25519"));
    assertUnusable(with(EDDSA, "alg", "Ed448"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ES384", "RS256", "HS256", "none", "ES256K", "RSA-OAEP", "es256", ""})
  void does_not_use_a_key_for_an_algorithm_that_is_not_its_own(String alg) {
    assertUnusable(with(ES256, "alg", alg));
  }

  @Test
  void uses_only_keys_that_are_for_verifying() {
    assertUsable(without(ES256, "use"));
    assertUsable(with(ES256, "use", "jwt-svid"));
    assertUsable(with(ES256, "key_ops", List.of("verify")));
    assertUsable(with(ES256, "key_ops", List.of("sign", "verify")));
    assertUnusable(with(ES256, "use", "enc"));
    assertUnusable(with(ES256, "use", "SIG"));
    assertUnusable(with(ES256, "use", "x509-svid"));
    assertUnusable(with(ES256, "use", "wit-svid"));
    assertUnusable(with(ES256, "use", List.of("sig")));
    assertUnusable(with(ES256, "key_ops", List.of("encrypt")));
    assertUnusable(with(ES256, "key_ops", List.of()));
    assertUnusable(with(ES256, "key_ops", "verify"));
  }

  @Test
  void uses_no_symmetric_or_unknown_key() {
    assertUnusable(Map.of("kty", "oct", "k", base64(new byte[32])));
    assertUnusable(Map.of("kty", "AKP", "alg", "ML-DSA-44", "pub", "AAAA"));
    assertUnusable(Map.of("kty", "rsa"));
    assertUnusable(Map.of("kty", 1));
    assertUnusable(Map.of());
  }

  @ParameterizedTest
  @CsvSource({"2047, false", "2048, true", "16384, true", "16385, false", "1024, false"})
  void uses_rsa_keys_of_2048_to_16384_bits(int bits, boolean usable) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE);

    assertThat(VerificationKey.of(rsa(modulus, BigInteger.valueOf(65537))).isPresent())
        .isEqualTo(usable);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "2", "65536", "36893488147419103233"})
  void uses_no_rsa_key_with_an_odd_exponent_out_of_range(String exponent) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(2047).add(BigInteger.ONE);

    assertUnusable(rsa(modulus, new BigInteger(exponent)));
  }

  @Test
  void uses_no_point_off_its_curve() {
    byte[] y = Base64.getUrlDecoder().decode((String) ES256.jwk().get("y"));
    y[31] ^= 1;

    assertUnusable(with(ES256, "y", base64(y)));
    assertUnusable(with(with(ES256, "x", base64(new byte[32])), "y", base64(new byte[32])));
  }

  @Test
  void uses_no_coordinate_of_the_wrong_length() {
    byte[] x = Base64.getUrlDecoder().decode((String) ES256.jwk().get("x"));

    assertUnusable(with(ES256, "x", base64(Arrays.copyOf(x, 31))));
    assertUnusable(with(ES256, "x", base64(Arrays.copyOf(x, 33))));
    assertUnusable(with(EDDSA, "x", base64(new byte[31])));
    assertUnusable(with(EDDSA, "x", base64(new byte[57])));
  }

  @Test
  void uses_no_ed25519_key_that_is_no_point() {
    byte[] noPoint = new byte[32];
    noPoint[0] = 2;

    assertUnusable(with(EDDSA, "x", base64(noPoint)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"P-192", "secp256k1", "P-384", "p-256", "Ed25519"})
  void uses_no_other_curve(String curve) {
    assertUnusable(with(ES256, "crv", curve));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "====", "a b", "a+/b", "AQAB="})
  void uses_no_member_that_is_not_base64url(String value) {
    assertUnusable(with(RSA, "e", value));
    assertUnusable(with(ES256, "x", value));
  }

  @Test
  void uses_no_key_whose_name_is_no_text() {
    assertUnusable(with(ES256, "kid", 7L));
    assertThat(key(without(ES256, "kid")).kid()).isNull();
  }

  @Test
  void uses_no_key_with_a_published_private_part_and_hides_it() {
    Map<String, Object> leaked = with(ES256, "d", base64("private scalar".getBytes(UTF_8)));

    assertUnusable(leaked);
    assertThat(VerificationKey.read(leaked))
        .isEqualTo(new JwkFinding.UnusableKey("it has the member d of a private key"));
    assertThat(key(ES256.jwk())).hasToString("VerificationKey[kid=ec, algorithms=[ES256]]");
  }

  /** RFC 7638 section 3.1. */
  @Test
  void has_the_thumbprint_of_the_rfc() {
    String modulus =
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP"
            + "ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
            + "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQF"
            + "h6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

    assertThat(key(Map.of("kty", "RSA", "n", modulus, "e", "AQAB", "alg", "RS256")).thumbprint())
        .isEqualTo("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  }

  @Test
  void has_the_thumbprint_that_others_compute() throws Exception {
    for (TestKey one : List.of(ES256, RSA, EDDSA)) {
      assertThat(key(one.jwk()).thumbprint())
          .isEqualTo(JWK.parse(one.jwk()).computeThumbprint().toString());
    }
  }

  /**
   * An Edwards key verifies by EdDSA and by the name of its curve; the key for EdDSA is Ed25519.
   */
  private static boolean same(SigningAlgorithm ofKey, SigningAlgorithm other) {
    return switch (ofKey) {
      case EDDSA, ED25519 -> other == SigningAlgorithm.EDDSA || other == SigningAlgorithm.ED25519;
      case ED448 -> other == SigningAlgorithm.EDDSA || other == SigningAlgorithm.ED448;
      case RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 -> other == ofKey;
    };
  }

  private static byte[] pss(KeyPair pair, int saltBytes) throws Exception {
    Signature signer = Signature.getInstance("RSASSA-PSS");
    signer.setParameter(
        new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, saltBytes, 1));
    signer.initSign(pair.getPrivate());
    signer.update(INPUT);
    return signer.sign();
  }

  private static byte[] pkcs1(KeyPair pair, String beforeDigest) {
    RSAPrivateKey key = (RSAPrivateKey) pair.getPrivate();
    int bytes = key.getModulus().bitLength() / 8;
    BigInteger encoded = pkcs1(beforeDigest, bytes);
    return padded(encoded.modPow(key.getPrivateExponent(), key.getModulus()), bytes);
  }

  /** The digest of the input as RFC 8017 section 9.2 encodes it. */
  private static BigInteger pkcs1(String beforeDigest, int bytes) {
    byte[] digestInfo = HexFormat.of().parseHex(beforeDigest);
    byte[] digest = sha256(INPUT);
    byte[] encoded = new byte[bytes];
    int from = bytes - digestInfo.length - digest.length;
    Arrays.fill(encoded, 2, from - 1, (byte) 0xff);
    encoded[1] = 1;
    System.arraycopy(digestInfo, 0, encoded, from, digestInfo.length);
    System.arraycopy(digest, 0, encoded, from + digestInfo.length, digest.length);
    return new BigInteger(1, encoded);
  }

  private static byte[] sha256(byte[] input) {
    return Unchecked.get(() -> MessageDigest.getInstance("SHA-256").digest(input));
  }

  private static BigInteger number(byte[] signature, int index) {
    int bytes = signature.length / 2;
    return new BigInteger(1, Arrays.copyOfRange(signature, index * bytes, (index + 1) * bytes));
  }

  /** Empty where a number is too long for a signature of that length. */
  private static Optional<byte[]> signature(BigInteger[] numbers, int length) {
    byte[] signature = new byte[length];
    for (int index = 0; index < 2; index++) {
      if (numbers[index].bitLength() > length / 2 * 8) {
        return Optional.empty();
      }
      System.arraycopy(
          padded(numbers[index], length / 2), 0, signature, index * length / 2, length / 2);
    }
    return Optional.of(signature);
  }

  private static byte[] padded(BigInteger number, int bytes) {
    byte[] exact = number.toByteArray();
    byte[] padded = new byte[bytes];
    int length = Math.min(exact.length, bytes);
    System.arraycopy(exact, exact.length - length, padded, bytes - length, length);
    return padded;
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int at = 0; at < bytes.length; at++) {
      reversed[at] = bytes[bytes.length - 1 - at];
    }
    return reversed;
  }

  private static Map<String, Object> rsa(RSAPublicKey key) {
    return rsa(key.getModulus(), key.getPublicExponent());
  }

  private static VerificationKey key(Map<String, Object> jwk) {
    return VerificationKey.of(jwk).orElseThrow();
  }

  private static void assertUsable(Map<String, Object> jwk) {
    assertThat(VerificationKey.of(jwk)).isPresent();
  }

  private static void assertUnusable(Map<String, Object> jwk) {
    assertThat(VerificationKey.of(jwk)).isEmpty();
  }

  private static Map<String, Object> with(TestKey key, String member, Object value) {
    return with(key.jwk(), member, value);
  }

  private static Map<String, Object> with(Map<String, Object> jwk, String member, Object value) {
    Map<String, Object> changed = new HashMap<>(jwk);
    changed.put(member, value);
    return changed;
  }

  private static Map<String, Object> without(TestKey key, String member) {
    Map<String, Object> changed = new HashMap<>(key.jwk());
    changed.remove(member);
    return changed;
  }

  private static Map<String, Object> rsa(BigInteger modulus, BigInteger exponent) {
    return Map.of(
        "kty", "RSA", "n", base64(modulus.toByteArray()), "e", base64(exponent.toByteArray()));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
