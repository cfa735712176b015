package dev.tokenbroker.peers.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.process.runtime.TestClock;
import java.time.Instant;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.junit.jupiter.api.Test;

class SealedContentTest {

  private static final String NAME = "{token-broker:token}:name";
  private static final Instant NOW = TestClock.START;
  private static final byte[] CONTENT = "a token and what it was made for".getBytes(UTF_8);

  private final SecretKey key = key(1).derive(secret("credential"));
  private final byte[] sealed = new SealedContent().seal(key, NAME, NOW, CONTENT);

  @Test
  void opens_what_it_sealed() {
    assertThat(SealedContent.open(key, NAME, NOW, sealed)).hasValue(CONTENT);
    assertThat(sealed).hasSize(CONTENT.length + SealedContent.OVERHEAD_BYTES);
  }

  @Test
  void seals_the_same_content_differently_each_time() {
    assertThat(new SealedContent().seal(key, NAME, NOW, CONTENT)).isNotEqualTo(sealed);
  }

  @Test
  void opens_nothing_by_another_key_of_the_store_or_another_secret() {
    assertThat(SealedContent.open(key(2).derive(secret("credential")), NAME, NOW, sealed))
        .isEmpty();
    assertThat(SealedContent.open(key(1).derive(secret("credentiaL")), NAME, NOW, sealed))
        .isEmpty();
  }

  @Test
  void opens_nothing_under_another_name_or_of_another_time() {
    assertThat(SealedContent.open(key, NAME + "s", NOW, sealed)).isEmpty();
    assertThat(SealedContent.open(key, NAME, NOW.plusMillis(1), sealed)).isEmpty();
  }

  @Test
  void opens_nothing_that_was_changed_in_any_bit_or_cut_anywhere() {
    for (int at = 0; at < sealed.length; at++) {
      assertThat(SealedContent.open(key, NAME, NOW, Arrays.copyOf(sealed, at))).isEmpty();
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = sealed.clone();
        changed[at] ^= (byte) (1 << bit);
        assertThat(SealedContent.open(key, NAME, NOW, changed)).as("byte %d", at).isEmpty();
      }
    }
  }

  @Test
  void derives_its_key_from_both_secrets_as_hkdf_of_the_jdk_does() throws Exception {
    SecretKey expected =
        KDF.getInstance("HKDF-SHA256")
            .deriveKey(
                "AES",
                HKDFParameterSpec.ofExtract()
                    .addSalt(secretOf(1))
                    .addIKM(secret("credential"))
                    .thenExpand(secret("token-broker store content"), 32));

    assertThat(key).isEqualTo(expected);
  }

  private static byte[] secret(String text) {
    return text.getBytes(UTF_8);
  }

  private static StoreKey key(int seed) {
    return new StoreKey(secretOf(seed));
  }

  private static byte[] secretOf(int seed) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) seed);
    return secret;
  }
}
