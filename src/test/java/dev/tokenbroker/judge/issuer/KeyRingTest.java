package dev.tokenbroker.judge.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.TestKeys;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KeyRingTest {

  @Test
  void names_its_keys_in_the_order_of_the_key_set() {
    assertThat(ring("b", "a").names()).isEqualTo("b, a");
  }

  @Test
  void names_no_more_than_a_reader_can_use() {
    List<String> many = new ArrayList<>();
    for (int key = 0; key < 20; key++) {
      many.add("k" + key);
    }

    assertThat(ring(many.toArray(String[]::new)).names())
        .isEqualTo("k0, k1, k2, k3, k4, k5, k6, k7 and 12 more");
    assertThat(ring("x".repeat(10_000)).names()).hasSizeLessThan(100);
  }

  @Test
  void tells_published_names_from_others_whatever_their_length() {
    String weak = "w".repeat(256);
    KeyRing ring = new KeyRing(new KeySetDocument(ring("a").all(), Map.of(weak, "its use is enc")));

    assertThat(Refusal.of(RefusalReason.KEY_UNKNOWN).seen(ring.missing(weak)).seen())
        .startsWith(
            "the kid of a key that is published, and cannot be used, since its use is enc: ww");
    assertThat(ring.missing("b")).isEqualTo("kid b");
  }

  private static KeyRing ring(String... kids) {
    List<VerificationKey> keys = new ArrayList<>();
    for (String kid : kids) {
      Map<String, Object> jwk = new TreeMap<>(TestKeys.named("a").jwk());
      jwk.put("kid", kid);
      keys.add(VerificationKey.of(jwk).orElseThrow());
    }
    return new KeyRing(new KeySetDocument(keys, Map.of()));
  }
}
