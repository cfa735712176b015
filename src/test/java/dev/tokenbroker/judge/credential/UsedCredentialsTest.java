package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.store.TestStore;
import dev.tokenbroker.process.runtime.AtOnce;
import dev.tokenbroker.process.runtime.TestClock;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class UsedCredentialsTest {

  private static final TestKey KEY = TestKey.generate("es-1", SigningAlgorithm.ES256);
  private static final TrustedIssuer ISSUER = issuer(TestCredential.ISSUER);
  private static final Duration LIFE = Duration.ofMinutes(9);

  /** The order of the curve P-256. */
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private final TestClock clock = new TestClock();
  private final UsedCredentials used = new UsedCredentials(3, 1_000, clock);

  // --- which credential it is

  @Test
  void credentials_of_one_jti_are_one_whatever_else_they_say() {
    take(named("a"));

    assertThat(reason(identity(named("a").claim("run_number", 11L))))
        .isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    take(named("A"));
    take(named("a "));
  }

  @Test
  void issuers_have_names_of_their_own() {
    TrustedIssuer other = issuer("https://other.example");
    take(named("a"));

    VerifiedIdentity same = identity(named("a").claim("iss", other.issuer()).sign(), other);

    assertThat(used.take(same)).isEmpty();
  }

  @Test
  void without_a_jti_it_is_what_is_signed_whoever_signs_it_again() {
    TestCredential unnamed = TestCredential.of(KEY);
    String once = unnamed.sign();
    String again = unnamed.sign();
    assertThat(again).isNotEqualTo(once);
    assertThat(used.take(identity(once, ISSUER))).isEmpty();

    assertThat(reason(identity(again, ISSUER))).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    take(unnamed.claim("run_number", 11L));
  }

  @Test
  void a_transformed_signature_does_not_make_another_credential() {
    String compact = TestCredential.of(KEY).sign();
    assertThat(used.take(identity(compact, ISSUER))).isEmpty();

    String turned = turned(compact);

    assertThat(turned).isNotEqualTo(compact);
    assertThat(reason(identity(turned, ISSUER))).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void a_jti_that_is_no_name_names_nothing() {
    take(TestCredential.of(KEY).claim("jti", ""));
    take(TestCredential.of(KEY).claim("jti", "").claim("run_number", 11L));
    take(TestCredential.of(KEY).claim("jti", 7L));

    assertThat(reason(identity(TestCredential.of(KEY).claim("jti", 7L))))
        .isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
  }

  @Test
  void credentials_of_other_issuers_are_not_digested() {
    TrustedIssuer lenient = TestIssuers.of("acme", TestCredential.ISSUER, ISSUER.keys());

    assertThat(identity(named("a").sign(), lenient).onceId()).isNull();
  }

  // --- who may use it

  @Test
  void of_many_who_come_at_once_one_may() throws Exception {
    UsedCredentials roomy = new UsedCredentials(1_000, clock);
    List<VerifiedIdentity> identities =
        IntStream.range(0, 50).mapToObj(at -> identity(named("j" + at))).toList();

    List<Long> granted =
        AtOnce.results(
            64, _ -> () -> identities.stream().filter(one -> roomy.take(one).isEmpty()).count());

    assertThat(granted.stream().mapToLong(Long::longValue).sum()).isEqualTo(identities.size());
  }

  @Test
  void says_when_it_was_taken_and_looking_takes_nothing() {
    VerifiedIdentity identity = identity(named("a"));
    assertThat(used.look(identity)).isEmpty();
    assertThat(used.take(identity)).isEmpty();
    clock.advance(Duration.ofSeconds(5));

    Refusal refusal = used.look(identity).orElseThrow();

    assertThat(refusal.reason()).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    assertThat(refusal.expected()).contains("acme", "once: true");
    assertThat(refusal.seen()).contains(TestClock.START.toString());
  }

  @Test
  void what_is_given_back_may_be_taken_again() {
    VerifiedIdentity identity = identity(named("a"));
    take(named("a"));

    used.giveBack(identity);

    assertThat(used.remembered()).isZero();
    take(named("a"));
  }

  // --- for how long

  @Test
  void remembers_to_the_end_of_the_longest_leeway_of_any_revision() {
    VerifiedIdentity identity = identity(named("a"));
    take(named("a"));
    clock.advance(LIFE.plus(TrustedIssuer.MAX_LEEWAY).minusMillis(1));

    assertThat(used.remembered()).isOne();
    assertThat(reason(identity)).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);

    clock.advance(Duration.ofMillis(1));
    assertThat(used.remembered()).isZero();
  }

  @Test
  void is_not_deceived_by_a_clock_that_was_ahead() {
    VerifiedIdentity identity = identity(named("a"));
    take(named("a"));
    clock.advance(Duration.ofHours(1));
    assertThat(used.remembered()).isZero();
    clock.advance(Duration.ofHours(-1));

    assertThat(reason(identity)).isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);
    assertThat(used.take(identity).orElseThrow().reason())
        .isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);
    long later = TestClock.START.plus(LIFE).plusSeconds(1).getEpochSecond();
    take(named("b").claim("exp", later));
  }

  // --- how many

  @Test
  void refuses_for_now_without_room_and_forgets_nothing_for_it() {
    take(named("a"));
    take(named("b"));
    take(named("c"));

    Refusal refusal = used.take(identity(named("d"))).orElseThrow();

    assertThat(refusal.reason()).isEqualTo(RefusalReason.USED_CREDENTIALS_FULL);
    assertThat(refusal.retryAfter()).isBetween(Duration.ofSeconds(60), Duration.ofSeconds(64));
    for (String name : List.of("a", "b", "c")) {
      assertThat(reason(identity(named(name)))).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    }
  }

  @Test
  void has_room_after_the_first_has_ended_and_says_when_that_is() {
    VerifiedIdentity next = fill();
    clock.advance(TrustedIssuer.MAX_LEEWAY.plusSeconds(30));

    assertThat(used.take(next).orElseThrow().retryAfter())
        .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(34));
    clock.advance(Duration.ofSeconds(30));
    assertThat(used.take(next)).isEmpty();
  }

  @Test
  void looking_says_what_taking_would_where_there_is_no_room_too() {
    VerifiedIdentity next = fill();

    Refusal refusal = used.look(next).orElseThrow();

    assertThat(refusal.reason()).isEqualTo(RefusalReason.USED_CREDENTIALS_FULL);
    assertThat(refusal.retryAfter()).isPositive();
    clock.advance(TrustedIssuer.MAX_LEEWAY.plusSeconds(60));
    assertThat(used.look(next)).isEmpty();
    assertThat(used.remembered()).as("nothing was taken").isEqualTo(2);
  }

  /** Fills the memory, one entry for a minute only, and returns an identity that does not fit. */
  private VerifiedIdentity fill() {
    VerifiedIdentity next = identity(named("d"));
    take(named("a").claim("exp", TestClock.START.plusSeconds(60).getEpochSecond()));
    take(named("b"));
    take(named("c"));
    return next;
  }

  @Test
  void forgets_all_ended_ones_when_it_counts_them() {
    UsedCredentials roomy = new UsedCredentials(1_000, clock);
    for (int at = 0; at < 100; at++) {
      assertThat(roomy.take(identity(named("j" + at)))).isEmpty();
    }
    assertThat(roomy.remembered()).isEqualTo(100);
    clock.advance(Duration.ofHours(1));

    assertThat(roomy.remembered()).isZero();
    assertThat(roomy.limit()).isEqualTo(1_000);
  }

  // --- shares

  /** 100 places: 50 for an issuer, 10 for an identity, 10 for a client. */
  @Test
  void an_issuer_an_identity_or_a_client_takes_no_more_than_its_share() {
    UsedCredentials shared = new UsedCredentials(100, clock);
    for (int at = 0; at < 200; at++) {
      TestCredential one = named("c" + at).claim("sub", "subject " + at / 20);
      Optional<Refusal> why = shared.take(identity(one));
      assertThat(why.isEmpty()).as("%d", at).isEqualTo(at < 100 && at % 20 < 10);
      why.ifPresent(refusal -> assertThat(refusal.reason()).isEqualTo(RefusalReason.SHARE_USED_UP));
      assertThat(shared.take(assertion("a" + at)).isEmpty()).as("%d", at).isEqualTo(at < 10);
    }
  }

  @Test
  void one_that_lives_for_more_than_a_day_is_refused() {
    Instant day = TestClock.START.plus(Duration.ofDays(1));
    take(named("a").claim("exp", day.getEpochSecond()));
    assertThat(reason(identity(named("b").claim("exp", day.getEpochSecond() + 1))))
        .isEqualTo(RefusalReason.CREDENTIAL_LIVES_TOO_LONG);
  }

  // --- assertions that clients sign themselves

  @Test
  void credentials_and_client_assertions_have_separate_room() {
    VerifiedIdentity next = fill();

    for (String jti : List.of("a", "b", "c")) {
      assertThat(used.take(assertion(jti))).isEmpty();
    }

    for (VerifiedIdentity one : List.of(assertion("d"), next)) {
      assertThat(reason(one)).isEqualTo(RefusalReason.USED_CREDENTIALS_FULL);
    }
    used.giveBack(assertion("a"));
    assertThat(used.take(assertion("d"))).isEmpty();
    assertThat(reason(next)).isEqualTo(RefusalReason.USED_CREDENTIALS_FULL);
  }

  @Test
  void remembers_a_client_assertion_to_its_exp_plus_leeway() {
    TestStore store = new TestStore();
    VerifiedIdentity assertion = assertion("a");
    Outcomes.accepted(new SharedUses(used, store, clock).take(assertion));
    assertThat(store.lastTtl()).isEqualTo(Duration.ofMinutes(2));
    clock.advance(Duration.ofMinutes(2).minusMillis(1));

    assertThat(used.remembered()).isOne();
    assertThat(reason(assertion)).isEqualTo(RefusalReason.CREDENTIAL_ALREADY_USED);
    clock.advance(Duration.ofMillis(1));
    assertThat(used.remembered()).isZero();
    assertThat(used.take(assertion).orElseThrow().reason())
        .as("verified in time, and taken too late")
        .isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);
  }

  @Test
  void what_is_forgotten_of_one_kind_ends_nothing_of_the_other() {
    take(named("a"));
    clock.advance(Duration.ofHours(1));
    assertThat(used.remembered()).isZero();
    clock.advance(Duration.ofHours(-1));

    assertThat(reason(identity(named("a")))).isEqualTo(RefusalReason.CREDENTIAL_EXPIRED);
    assertThat(used.take(assertion("a"))).isEmpty();
  }

  /** Of a client, good for a minute and its leeway of another one. */
  private static VerifiedIdentity assertion(String jti) {
    TestCredential assertion =
        named(jti)
            .claim("iss", "signer")
            .claim("sub", "signer")
            .claim("aud", "https://broker.test")
            .claim("exp", TestClock.START.plusSeconds(60).getEpochSecond());
    return identity(assertion.sign(), TestIssuers.client("signer", TestKeys.of(KEY)));
  }

  private void take(TestCredential credential) {
    assertThat(used.take(identity(credential))).isEmpty();
  }

  private RefusalReason reason(VerifiedIdentity identity) {
    return used.look(identity).orElseThrow().reason();
  }

  /** Good for nine minutes from the start of the clock. */
  private static TestCredential named(String jti) {
    return TestCredential.of(KEY).claim("jti", jti);
  }

  private static VerifiedIdentity identity(TestCredential credential) {
    return identity(credential.sign(), ISSUER);
  }

  private static VerifiedIdentity identity(String compact, TrustedIssuer issuer) {
    return Evaluation.of(compact, issuer).identity();
  }

  private static TrustedIssuer issuer(String issuer) {
    return TestIssuers.of(
        "acme",
        issuer,
        TestCredential.AUDIENCE,
        Duration.ofSeconds(60),
        null,
        true,
        TestKeys.of(KEY));
  }

  /** Where (r, s) is a signature of ECDSA, so is (r, n - s), and nobody needs the key for it. */
  private static String turned(String compact) {
    int dot = compact.lastIndexOf('.');
    byte[] signature = Base64.getUrlDecoder().decode(compact.substring(dot + 1));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
    byte[] other = ORDER.subtract(s).toByteArray();
    Arrays.fill(signature, 32, 64, (byte) 0);
    int length = Math.min(32, other.length);
    System.arraycopy(other, other.length - length, signature, 64 - length, length);
    return compact.substring(0, dot + 1) + TestCredential.encode(signature);
  }
}
