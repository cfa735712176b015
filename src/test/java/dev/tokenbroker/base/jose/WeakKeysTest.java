package dev.tokenbroker.base.jose;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeakKeysTest {

  private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

  /** As published: the points of small order, and spellings of them beyond the field. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
      })
  void refuses_ed25519_points_of_small_order(String hex) {
    assertThat(VerificationKey.of(okp("Ed25519", HexFormat.of().parseHex(hex)))).isEmpty();
  }

  @Test
  void refuses_ed448_points_of_small_order() {
    byte[] zero = new byte[57];
    byte[] one = new byte[57];
    one[0] = 1;
    assertThat(VerificationKey.of(okp("Ed448", zero))).isEmpty();
    assertThat(VerificationKey.of(okp("Ed448", one))).isEmpty();
  }

  /** RFC 8037 appendix A.2. */
  @Test
  void takes_an_ordinary_ed25519_key() {
    assertThat(
            VerificationKey.of(
                Map.of(
                    "kty",
                    "OKP",
                    "crv",
                    "Ed25519",
                    "x",
                    "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")))
        .isPresent();
  }

  @Test
  void refuses_rsa_moduli_with_the_fingerprint_of_roca() {
    Random random = new Random(7);
    BigInteger primes =
        IntStream.rangeClosed(2, 701)
            .mapToObj(BigInteger::valueOf)
            .filter(number -> number.isProbablePrime(20))
            .reduce(BigInteger.ONE, BigInteger::multiply);
    for (int round = 0; round < 10; round++) {
      BigInteger power =
          BigInteger.valueOf(65537).modPow(BigInteger.valueOf(random.nextInt(1, 1 << 30)), primes);
      BigInteger modulus = primes.multiply(new BigInteger(1080, random).setBit(1079)).add(power);
      assertThat(modulus.bitLength()).isGreaterThanOrEqualTo(2048);
      assertThat(VerificationKey.of(rsa(modulus))).isEmpty();
      assertThat(VerificationKey.of(rsa(modulus.add(BigInteger.TWO)))).isPresent();
    }
  }

  @Test
  void takes_ordinary_rsa_keys() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    RSAPublicKey key = (RSAPublicKey) generator.generateKeyPair().getPublic();
    assertThat(VerificationKey.of(rsa(key.getModulus()))).isPresent();
  }

  private static Map<String, Object> okp(String curve, byte[] x) {
    return Map.of("kty", "OKP", "crv", curve, "x", BASE64_URL.encodeToString(x));
  }

  private static Map<String, Object> rsa(BigInteger modulus) {
    byte[] bytes = modulus.toByteArray();
    byte[] magnitude = bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes;
    return Map.of("kty", "RSA", "n", BASE64_URL.encodeToString(magnitude), "e", "AQAB");
  }
}
