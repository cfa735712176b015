package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKeys;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In virtual time and without a network. */
class WithdrawnKeysTest {

  private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
  private static final Deadline FAR = Deadline.after(Duration.ofHours(1));

  private final TestClock clock = new TestClock();
  private final ScriptedIssuer issuer = new ScriptedIssuer(clock, "a", "b");
  private final RemoteKeys keys = issuer.keys(issuer, ChangeListener.NONE);

  /** Another key set replaces that of {@code a} and {@code b}, then a credential comes. */
  @ParameterizedTest
  @CsvSource({
    // new key, signing key, kid, time since the withdrawal, lifetime in minutes
    "b, a, a, PT0S, 10, KEY_UNKNOWN, true",
    "b, a, a, PT10S, 10, KEY_REFETCH_COOLING_DOWN, true",
    "b, a, a, PT59M, 100, KEY_UNKNOWN, true",
    "b, a, a, PT1H, 100, KEY_UNKNOWN, false",
    "b, a, a, PT15M, 10, KEY_UNKNOWN, false",
    "b, d, a, PT0S, 10, KEY_UNKNOWN, false",
    "b, a, d, PT0S, 10, KEY_UNKNOWN, false",
    "b, a, b, PT0S, 10, SIGNATURE_INVALID, false",
    // the new key has the name of the first one
    "c, a, a, PT0S, 10, SIGNATURE_INVALID, true",
    "c, d, a, PT0S, 10, SIGNATURE_INVALID, false",
  })
  void only_a_current_credential_of_a_withdrawn_key_is_evidence(
      String next,
      String key,
      String kid,
      Duration since,
      int minutes,
      RefusalReason reason,
      boolean signed) {
    fetch(ScriptedIssuer.keySet(next).replace("\"kid\":\"c\"", "\"kid\":\"a\""));
    clock.advance(since);

    Trail trail = judged(TestCredential.ISSUER, key, kid, minutes);

    Refusal refusal = Objects.requireNonNull(trail.refusal());
    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(trail.authentic()).isFalse();
    assertThat(refusal.clue().signed()).isEqualTo(signed);
    assertThat(trail.notes()).hasSize(signed ? 1 : 0);
  }

  /** Of an issuer that calls itself by its name with a slash at the end. */
  @ParameterizedTest
  @CsvSource({"a, a, 10, true", "b, a, 10, false", "a, d, 10, false", "a, a, -60, false"})
  void a_near_miss_counts_only_if_a_published_key_signed_it(
      String key, String kid, int minutes, boolean signed) {
    accepted(keys.keys(null, FAR));
    long fetches = keys.status().fetches();

    Trail trail = judged(TestCredential.ISSUER + "/", key, kid, minutes);

    Refusal refusal = Objects.requireNonNull(trail.refusal());
    assertThat(refusal.reason()).isEqualTo(RefusalReason.ISSUER_NEAR_MISS);
    assertThat(refusal.clue().signed()).isEqualTo(signed);
    assertThat(trail.issuer()).isEqualTo(signed ? "acme" : null);
    assertThat(keys.status().fetches()).isEqualTo(fetches);
  }

  @Test
  void sixteen_are_kept_at_most() {
    List<String> many = IntStream.range(0, 40).mapToObj(at -> "many-" + at).toList();
    fetch(ScriptedIssuer.keySet(many.toArray(String[]::new)));
    fetch(ScriptedIssuer.keySet("b"));

    assertThat(many.stream().filter(kid -> keys.withdrawn(kid).isPresent()))
        .hasSize(KeyEvidence.WithdrawnKeys.MAX_KEYS);
  }

  /** Fetches what the issuer publishes from now on. */
  private void fetch(String keySet) {
    accepted(keys.keys(null, FAR));
    issuer.answerKeys(issuer.answer(keySet));
    clock.advance(ScriptedIssuer.TTL);
    accepted(keys.keys(null, FAR));
  }

  private Trail judged(String iss, String key, String kid, int minutes) {
    long exp = TestClock.START.plus(ScriptedIssuer.TTL).plusSeconds(minutes * 60L).getEpochSecond();
    TestCredential credential =
        TestCredential.of(TestKeys.named(key))
            .header("kid", kid)
            .claim("iss", iss)
            .claim("exp", exp);
    Set<String> audiences = Set.of(TestCredential.AUDIENCE);
    Set<SigningAlgorithm> eddsa = Set.of(SigningAlgorithm.EDDSA);
    Duration leeway = Duration.ofSeconds(60);
    TrustedIssuer trusted =
        new TrustedIssuer(
            "acme",
            TestCredential.ISSUER,
            audiences,
            eddsa,
            leeway,
            null,
            false,
            false,
            keys,
            false,
            false);
    TrustedIssuers issuers = TrustedIssuers.of(List.of(trusted));
    PresentedCredential presented = new PresentedCredential(JWT, credential.sign());
    Trail trail = new Trail();
    TestVerifiers.of(clock).verify(presented, issuers, FAR, trail);
    return trail;
  }
}
