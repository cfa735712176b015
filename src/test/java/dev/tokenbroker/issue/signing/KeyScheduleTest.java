package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which key signs; {@link SigningKeysTest} has the rules through a life of a broker. */
class KeyScheduleTest {

  private static final KeyTiming TIMING = KeyTiming.of(TestTokenSettings.defaults());

  private final SigningKey first = key();
  private final SigningKey second = key();
  private final Instant start = Instant.parse("2026-12-01T10:00:00Z");

  @Test
  void a_key_whose_publication_is_over_signs_no_more() {
    Instant later = start.plus(Duration.ofDays(2));
    KeySchedule replaced =
        KeySchedule.startingWith(first, start).listing(List.of(second), start, TIMING);
    assertThat(replaced.signer(start)).contains(first); // nobody can know its successor yet
    assertThat(replaced.signer(later)).contains(second);
    assertThat(replaced.published(later)).containsOnlyKeys(second);

    KeySchedule none = replaced.listingNone(later, TIMING);

    assertThat(none.signer(later)).isEmpty();
  }

  private static SigningKey key() {
    return SigningKey.generate(SigningAlgorithm.ES256, SignatureProvider.automatic());
  }
}
