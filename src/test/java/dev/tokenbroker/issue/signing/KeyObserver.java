package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All verifiers of the world in one: fetches our keys, takes tokens, and complains when a token
 * could not have been verified by somebody who keeps to the rules.
 */
final class KeyObserver {

  private final SigningKeys keys;
  private final TestClock clock;
  private final @Nullable SigningAlgorithm algorithm;
  private final Duration publishBefore;
  private final Duration retention;
  private final Deque<Fetch> fetches = new ArrayDeque<>();
  private final Map<String, Instant> neededUntil = new HashMap<>();
  private final Set<String> signers = new HashSet<>();

  KeyObserver(SigningKeys keys, TestClock clock, TokenSettings settings) {
    this(keys, clock, settings, null);
  }

  /**
   * @param algorithm of the keys that sign; null for those of targets that name none
   */
  KeyObserver(
      SigningKeys keys,
      TestClock clock,
      TokenSettings settings,
      @Nullable SigningAlgorithm algorithm) {
    this.algorithm = algorithm;
    this.keys = keys;
    this.clock = clock;
    this.publishBefore = settings.publishBefore();
    this.retention = settings.maxLifetime().plusSeconds(60);
  }

  private record Fetch(Instant time, Set<String> kids) {}

  /** Fetches the keys, and then has a token signed. */
  void round() {
    fetch();
    mint();
  }

  /** Fetches the keys: none may lack whose tokens are still alive. */
  void fetch() {
    Instant now = clock.instant();
    Set<String> kids =
        keys.fetched().jwkList().stream()
            .map(jwk -> (String) jwk.get("kid"))
            .collect(Collectors.toSet());
    neededUntil.values().removeIf(end -> !end.isAfter(now));
    assertThat(kids).as("published at %s", now).containsAll(neededUntil.keySet());
    fetches.addLast(new Fetch(now, kids));
    while (fetches.getFirst().time().isBefore(now.minus(publishBefore))) {
      fetches.removeFirst();
    }
  }

  /** Has a token of the longest life signed: no copy of the keys may lack its key. */
  void mint() {
    Instant now = clock.instant();
    SigningKey key = keys.signer(now, algorithm).orElse(null);
    if (key == null && algorithm != null) {
      return; // refused, as long as no verifier could know the key
    }
    String kid = Objects.requireNonNull(key).kid();
    assertThat(key.algorithm()).isEqualTo(algorithm == null ? key.algorithm() : algorithm);
    for (Fetch fetch : fetches) {
      assertThat(fetch.kids()).as("fetched at %s, needed at %s", fetch.time(), now).contains(kid);
    }
    // Not the last token: one that was signed while the clock was ahead lives longer.
    neededUntil.merge(kid, now.plus(retention), (one, other) -> one.isAfter(other) ? one : other);
    signers.add(kid);
  }

  /** How many keys have signed. */
  int signers() {
    return signers.size();
  }
}
