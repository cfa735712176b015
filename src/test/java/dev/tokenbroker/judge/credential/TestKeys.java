package dev.tokenbroker.judge.credential;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.judge.issuer.ClockOffset;
import dev.tokenbroker.judge.issuer.FixedKeys;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus;
import dev.tokenbroker.judge.issuer.RelayedKeys;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of a test issuer, with whatever it is to say about its clock and freshness. */
public final class TestKeys implements RelayedKeys {

  private final KeySetSource keys;
  private final KeySetStatus status;
  private int asked;

  private TestKeys(KeySetSource keys, KeySetStatus status) {
    this.keys = keys;
    this.status = status;
  }

  public static KeySetSource of(TestKey... keys) {
    return FixedKeys.of(
        new KeySetDocument(
            Arrays.stream(keys).map(key -> VerificationKey.of(key.jwk()).orElseThrow()).toList(),
            Map.of()));
  }

  /** Fetched keys of an issuer whose clock is measured so; null for not measured. */
  static KeySetSource withClockOffset(@Nullable ClockOffset offset, TestKey... keys) {
    return new TestKeys(of(keys), status(KeySetStatus.Freshness.FRESH, offset, null));
  }

  static KeySetSource stale(@Nullable String lastFailure, TestKey... keys) {
    return new TestKeys(of(keys), status(KeySetStatus.Freshness.STALE, null, lastFailure));
  }

  /** Fetched keys that count how often their state is asked for. */
  static TestKeys counted(TestKey... keys) {
    return new TestKeys(of(keys), status(KeySetStatus.Freshness.FRESH, null, null));
  }

  int asked() {
    return asked;
  }

  private static KeySetStatus status(
      KeySetStatus.Freshness freshness, @Nullable ClockOffset offset, @Nullable String failure) {
    return new KeySetStatus(freshness, 1, null, 1, 0, offset, failure);
  }

  @Override
  public KeySetSource source() {
    return keys;
  }

  @Override
  public KeySetStatus status() {
    asked++;
    return status;
  }
}
