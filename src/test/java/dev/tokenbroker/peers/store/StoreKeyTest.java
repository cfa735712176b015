package dev.tokenbroker.peers.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.peers.store.StoreClaim.StoredValue;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreKeyTest {

  private static final byte[] CONTENT = {1, 2, 3};

  private final StoreKey key = key(1);
  private final String name = key.name("token-broker", StoreKind.CREDENTIAL.label(), "jti-1");
  private final StoredValue sealed = key.seal(name, TestClock.START, CONTENT);

  @Test
  void a_name_has_prefix_and_kind_as_its_hash_tag_and_an_hmac() {
    assertThat(name).matches("\\{token-broker:once}:[\\w-]{43}").doesNotContain("jti-1");
  }

  @Test
  void names_differ_by_key_kind_and_id() {
    assertThat(name)
        .isEqualTo(key(1).name("token-broker", StoreKind.CREDENTIAL.label(), "jti-1"))
        .isNotEqualTo(key(2).name("token-broker", StoreKind.CREDENTIAL.label(), "jti-1"))
        .isNotEqualTo(key.name("token-broker", StoreKind.CREDENTIAL.label(), "jti-2"));
    assertThat(key.name("token-broker", StoreKind.PROOF.label(), "jti-1").substring(20))
        .isNotEqualTo(name.substring(20));
  }

  @Test
  void opens_what_it_sealed() {
    assertThat(key.open(sealed))
        .hasValueSatisfying(
            opened -> {
              assertThat(opened.written()).isEqualTo(TestClock.START);
              assertThat(opened.content()).isEqualTo(CONTENT);
            });
  }

  @Test
  void a_value_shows_its_time_and_nothing_of_its_content() {
    byte[] text = "a subject that a dump must not tell".getBytes(StandardCharsets.US_ASCII);
    byte[] value = Base64.getUrlDecoder().decode(key.seal(name, TestClock.START, text).value());

    assertThat(value).hasSize(Long.BYTES + text.length + 32);
    assertThat(ByteBuffer.wrap(value).getLong()).isEqualTo(TestClock.START.toEpochMilli());
    assertThat(new String(value, StandardCharsets.ISO_8859_1)).doesNotContain("subject", "dump");
  }

  @Test
  void only_the_same_content_at_the_same_time_is_the_same_value() {
    assertThat(key.seal(name, TestClock.START, CONTENT)).isEqualTo(sealed);
    assertThat(key.seal(name, TestClock.START.plusMillis(1), CONTENT).value().substring(11))
        .isNotEqualTo(sealed.value().substring(11));
    assertThat(key.seal(name, TestClock.START, new byte[] {1, 2, 4})).isNotEqualTo(sealed);
  }

  @Test
  void opens_nothing_of_another_key_or_under_another_name() {
    assertThat(key(2).open(sealed)).isEmpty();
    String other = key.name("token-broker", StoreKind.CREDENTIAL.label(), "jti-2");
    assertThat(key.open(new StoredValue(other, sealed.value()))).isEmpty();
    String kind = key.name("token-broker", StoreKind.PROOF.label(), "jti-1");
    assertThat(key.open(new StoredValue(kind, sealed.value()))).isEmpty();
  }

  @Test
  void opens_nothing_that_was_changed_in_any_character() {
    String value = sealed.value();
    for (int at = 0; at < value.length(); at++) {
      char other = value.charAt(at) == 'A' ? 'Q' : 'A';
      String changed = value.substring(0, at) + other + value.substring(at + 1);
      assertThat(key.open(new StoredValue(name, changed))).as("character %d", at).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "not base64!", "AAAA"})
  void opens_nothing_foreign(String value) {
    assertThat(key.open(new StoredValue(name, value))).isEmpty();
    assertThat(key.open(new StoredValue(name, "A".repeat(100_000)))).isEmpty();
  }

  @Test
  void takes_no_short_key() {
    assertThatThrownBy(() -> new StoreKey(new byte[31]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static StoreKey key(int seed) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) seed);
    return new StoreKey(secret);
  }
}
