package dev.tokenbroker.operate.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.issuer.FormerIssuers;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.RelayedKeys;
import dev.tokenbroker.judge.issuer.TestIssuers;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.operate.changes.ProbesSettings.ProbeTimeConverter;
import dev.tokenbroker.process.runtime.Unchecked;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerProbesTest {

  private static final Duration EVERY = Duration.ofMinutes(5);

  private final List<Runnable> begun = new ArrayList<>();
  private int replicas = 1;
  private @Nullable Federation current;
  private final PeerProbes probes =
      new PeerProbes(EVERY, () -> replicas, () -> Optional.ofNullable(current), begun::add);

  /** An issuer whose probe is always due. */
  private static final class DueKeys implements KeySetSource {

    private final Duration expected;
    private int probes;

    DueKeys() {
      this(EVERY);
    }

    DueKeys(Duration expected) {
      this.expected = expected;
    }

    @Override
    public Optional<Runnable> dueProbe(Duration every) {
      assertThat(every).isEqualTo(expected);
      return Optional.of(() -> probes++);
    }

    @Override
    public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
      return Outcome.refused(Refusal.of(RefusalReason.KEYS_UNREACHABLE));
    }

    @Override
    public boolean publishes(String kid) {
      return false;
    }

    @Override
    public KeySetStatus status() {
      return new KeySetStatus(KeySetStatus.Freshness.ABSENT, 0, null, 0, 0, null, null);
    }
  }

  @Test
  void probes_nothing_without_a_federation() {
    probes.round();

    assertThat(begun).isEmpty();
  }

  @Test
  void an_issuer_that_has_left_the_federation_is_probed_no_longer() {
    DueKeys left = new DueKeys();
    DueKeys stays = new DueKeys();
    current = federation(TestIssuers.named("left", left), TestIssuers.named("stays", stays));
    round();
    current = federation(TestIssuers.named("stays", stays));
    round();
    round();

    assertThat(left.probes).isEqualTo(1);
    assertThat(stays.probes).isEqualTo(3);
  }

  @Test
  void each_of_three_replicas_waits_three_times_as_long() {
    DueKeys keys = new DueKeys(EVERY.multipliedBy(3));
    current = federation(TestIssuers.named("shared", keys));
    replicas = 3;
    round();

    assertThat(keys.probes).isEqualTo(1);
  }

  @Test
  void a_disabled_issuer_is_not_probed() {
    DueKeys disabled = new DueKeys();
    current = federation(TestIssuers.disabled("disabled", disabled));
    round();

    assertThat(disabled.probes).isZero();
  }

  @Test
  void limits_concurrent_probes_and_hung_ones_keep_their_places() {
    current =
        federation(
            IntStream.range(0, 40)
                .mapToObj(at -> TestIssuers.named("issuer-" + at, new DueKeys()))
                .toArray(TrustedIssuer[]::new));

    probes.round();
    probes.round();
    assertThat(begun).hasSize(PeerProbes.MAX_UNDER_WAY);

    begun.removeFirst().run();
    probes.round();
    assertThat(begun).hasSize(PeerProbes.MAX_UNDER_WAY);
  }

  @Test
  void a_probe_with_a_bug_gives_its_place_back() {
    KeySetSource broken =
        new RelayedKeys() {
          @Override
          public KeySetSource source() {
            throw new UnsupportedOperationException();
          }

          @Override
          public Optional<Runnable> dueProbe(Duration every) {
            return Optional.of(() -> Unchecked.raise(new IllegalStateException("a bug")));
          }
        };
    current = federation(TestIssuers.named("broken", broken));
    for (int round = 0; round <= PeerProbes.MAX_UNDER_WAY; round++) {
      round();
    }
    probes.round();
    assertThat(begun).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5m", "300", "300s", "300000ms", "PT5M", "pt5m"})
  void the_time_has_the_usual_forms(String text) {
    assertThat(new ProbeTimeConverter().convert(text)).isEqualTo(EVERY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"often", "5 m", "", "-", "99999999999h"})
  void another_form_is_refused(String text) {
    assertThatThrownBy(() -> new ProbeTimeConverter().convert(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("token-broker.probes.every must be a duration such as 5m, or off");
  }

  private void round() {
    probes.round();
    begun.forEach(Runnable::run);
    begun.clear();
  }

  private static Federation federation(TrustedIssuer... issuers) {
    return new Federation(
        "f".repeat(64),
        TrustedIssuers.of(Arrays.asList(issuers)),
        RegisteredClients.NONE,
        Policy.of(List.of(), List.of()),
        Map.of(),
        Instant.EPOCH,
        List.of(),
        FormerIssuers.NONE);
  }
}
