package dev.tokenbroker.judge.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.ClientAuthenticator.ClientCall;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.issuer.CredentialReview;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.issuer.RelayedKeys;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which assertions of clients need keys, and which may wait for them. */
class AssertionChecksTest {

  private static final TestKey HELD = TestKey.generate("held", SigningAlgorithm.ES256);
  private static final TestKey FETCHED = TestKey.generate("fetched", SigningAlgorithm.ES256);
  private static final TestKey REPLACED = TestKey.generate("held", SigningAlgorithm.ES256);
  private static final String SECRET = "0123456789abcdef0123456789.ABC-_";

  private final TestClock clock = new TestClock();
  private final SlowKeys keys = new SlowKeys();
  private final TrustedIssuer people = TestIssuers.of("people", TestCredential.ISSUER, keys);
  private final ReviewedKeys cluster = new ReviewedKeys();
  private final TrustedIssuer pods =
      new TrustedIssuer(
          "pods",
          "https://pods.test",
          Set.of(TestCredential.AUDIENCE),
          Set.of(SigningAlgorithm.ES256),
          Duration.ofSeconds(60),
          null,
          false,
          false,
          cluster,
          true,
          false);
  private final TrustedIssuer signer = TestIssuers.client("signer", TestKeys.of(HELD));
  private final RegisteredClients clients =
      RegisteredClients.of(
          List.of(
              client("job", new ClientProof.Federated("people", "job")),
              client("pod", new ClientProof.Federated("pods", "pod")),
              client("signer", new ClientProof.OwnKeys(signer)),
              client("mesh", new ClientProof.Certificates(Set.of("thumbprint"))),
              client(
                  "gateway",
                  new ClientProof.SharedSecret(
                      Path.of("gateway"), SECRET.getBytes(StandardCharsets.UTF_8)))));
  private final TrustedIssuers issuers =
      TrustedIssuers.of(List.of(people, pods)).with(clients.issuers());

  private static RegisteredClient client(String name, ClientProof proof) {
    return new RegisteredClient(name, proof, EnumSet.allOf(ClientRight.class), false);
  }

  /** Holds one key; gets another one, and one for the first, for callers that wait. */
  private static final class SlowKeys implements RelayedKeys {

    private final KeySetSource held = TestKeys.withClockOffset(null, HELD);
    private final KeySetSource fetched = TestKeys.of(FETCHED, REPLACED);
    private int asked;

    @Override
    public Outcome<List<VerificationKey>> keys(@Nullable String kid, Deadline deadline) {
      asked++;
      if (asked == 1 && held.publishes(String.valueOf(kid))) {
        return held.keys(kid, deadline);
      }
      return deadline.hasPassed()
          ? Outcome.refused(Refusal.of(deadline.passed(RefusalReason.KEYS_UNREACHABLE)))
          : fetched.keys(kid, deadline);
    }

    @Override
    public KeySetSource source() {
      return held;
    }
  }

  /** Holds one key, and remembers or needs reviews. */
  private static final class ReviewedKeys implements RelayedKeys {

    private final KeySetSource held = TestKeys.withClockOffset(null, HELD);
    private boolean remembered;

    @Override
    public KeySetSource source() {
      return held;
    }

    @Override
    public CredentialReview credentialReview() {
      return (_, _, deadline) ->
          remembered || !deadline.hasPassed()
              ? Outcome.accepted("yes")
              : Outcome.refused(Refusal.of(RefusalReason.DEADLINE_EXCEEDED));
    }
  }

  /** As the container does while the bulkhead of those that wait is full. */
  private static final class FullChecks extends AssertionChecks {

    FullChecks(CredentialVerifier verifier) {
      super(verifier);
    }

    @Override
    Outcome<VerifiedIdentity> waiting(
        PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline, Trail trail) {
      return overloaded(assertion, issuers, deadline, trail);
    }

    @Override
    Outcome<VerifiedIdentity> reviewed(
        PresentedCredential assertion, TrustedIssuers issuers, Deadline deadline, Trail trail) {
      return overloaded(assertion, issuers, deadline, trail);
    }
  }

  @ParameterizedTest
  @EnumSource(ClientRight.class)
  void needs_no_key_for_an_assertion_of_an_unregistered_client(ClientRight right) {
    for (String subject : List.of("someone", "JOB", "job ", "job/", "signer", "gateway")) {
      PresentedClient stranger = asserting(people(FETCHED).claim("sub", subject));

      assertThat(Outcomes.reason(authenticated(stranger, right, false)))
          .as(subject)
          .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    }
    for (String issuer : List.of("people", "job", "gateway", TestCredential.ISSUER + "/")) {
      PresentedClient stranger =
          asserting(people(FETCHED).claim("iss", issuer).claim("sub", "job"));

      assertThat(Outcomes.reason(authenticated(stranger, right, false)))
          .as(issuer)
          .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    }
    assertThat(keys.asked).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"INTROSPECT", "REVOKE"})
  void refuses_only_assertions_that_must_wait_while_too_many_wait(ClientRight right) {
    for (TestKey key : List.of(FETCHED, REPLACED)) {
      assertThat(Outcomes.reason(authenticated(asserting(people(key)), right, true)))
          .isEqualTo(RefusalReason.BROKER_OVERLOADED);
      keys.asked = 0;
    }
    assertThat(name(authenticated(asserting(people(HELD)), right, true))).isEqualTo("job");
    assertThat(name(authenticated(asserting(own(HELD)), right, true))).isEqualTo("signer");
    assertThat(name(authenticated(PresentedClient.NONE, right, true, "thumbprint")))
        .isEqualTo("mesh");
    PresentedClient gateway =
        new PresentedClient(
            "gateway",
            new PresentedSecret(SECRET.getBytes(StandardCharsets.UTF_8), PresentedSecret.In.BASIC),
            "",
            "",
            false);
    assertThat(name(authenticated(gateway, right, true))).isEqualTo("gateway");
  }

  @ParameterizedTest
  @CsvSource({"EXCHANGE, true", "EXCHANGE, false", "INTROSPECT, false", "REVOKE, false"})
  void waits_for_a_new_key_if_there_is_room_and_admission_counts(ClientRight right, boolean full) {
    assertThat(name(authenticated(asserting(people(FETCHED)), right, full))).isEqualTo("job");
  }

  @ParameterizedTest
  @EnumSource(names = {"INTROSPECT", "REVOKE"})
  void waits_for_a_review_only_if_the_assertion_is_otherwise_good(ClientRight right) {
    for (TestCredential stranger :
        List.of(
            pod(TestKey.generate("other", SigningAlgorithm.ES256)),
            pod(HELD).claim("aud", "https://x.test"),
            pod(HELD).claim("exp", TestClock.START.minusSeconds(61).getEpochSecond()))) {
      assertThat(Outcomes.reason(authenticated(asserting(stranger), right, true)))
          .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    }
    PresentedClient pod = asserting(pod(HELD));
    assertThat(name(authenticated(pod, right, false))).isEqualTo("pod");
    assertThat(Outcomes.reason(authenticated(pod, right, true)))
        .isEqualTo(RefusalReason.BROKER_OVERLOADED);
    cluster.remembered = true;
    assertThat(name(authenticated(pod, right, true))).isEqualTo("pod");
  }

  @ParameterizedTest
  @EnumSource(ClientRight.class)
  void tells_nobody_from_a_client_whose_assertion_is_forged(ClientRight right) {
    TestKey stranger = TestKey.generate("held", SigningAlgorithm.ES256);
    Refusal forged = told(asserting(own(stranger)), right);

    assertThat(told(asserting(own(stranger).claim("iss", "nobody")), right)).isEqualTo(forged);
    assertThat(told(asserting(people(stranger).claim("sub", "nobody")), right)).isEqualTo(forged);
    assertThat(told(asserting(pod(stranger)), right)).isEqualTo(forged);
    assertThat(told(asserting(pod(HELD).claim("aud", "x")), right)).isEqualTo(forged);
    for (String id : List.of("gateway", "nobody")) {
      PresentedClient bare = new PresentedClient(id, null, "", "", false);
      assertThat(Outcomes.accepted(authenticated(bare, right, false))).isEmpty();
    }
  }

  private Refusal told(PresentedClient presented, ClientRight right) {
    Refusal why = Outcomes.refused(authenticated(presented, right, false));
    assertThat(why.notes()).isNotEmpty();
    return new Refusal(
        why.reason(),
        why.expected(),
        why.seen(),
        why.hints(),
        List.of(),
        why.retryAfter(),
        why.violations(),
        why.clue());
  }

  private static TestCredential pod(TestKey key) {
    return TestCredential.of(key).claim("iss", "https://pods.test").claim("sub", "pod");
  }

  @Test
  void refuses_a_forged_assertion_of_an_own_key_without_waiting() {
    PresentedClient forged = asserting(own(REPLACED));

    assertThat(Outcomes.reason(authenticated(forged, ClientRight.INTROSPECT, true)))
        .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
  }

  // --- Basic in the metadata of gRPC

  @ParameterizedTest
  @CsvSource({"METADATA, true", "BASIC, false", "FORM, false"})
  void ignores_a_secret_without_clients_only_in_metadata(PresentedSecret.In in, boolean ignored) {
    PresentedClient presented =
        new PresentedClient("proxy", new PresentedSecret(new byte[1], in), "", "", false);

    Outcome<Optional<RegisteredClient>> outcome =
        authenticator(false)
            .authenticate(
                new ClientCall(presented, null, "", false),
                RegisteredClients.NONE,
                issuers,
                ClientRight.EXCHANGE,
                Deadline.after(Duration.ofMinutes(1)));

    if (ignored) {
      assertThat(Outcomes.accepted(outcome)).isEmpty();
      assertThat(Outcomes.reason(authenticated(presented, ClientRight.EXCHANGE, false)))
          .as("with clients")
          .isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    } else {
      assertThat(Outcomes.reason(outcome)).isEqualTo(RefusalReason.CLIENT_UNAUTHENTICATED);
    }
  }

  private static TestCredential people(TestKey key) {
    return TestCredential.of(key).claim("sub", "job");
  }

  private static TestCredential own(TestKey key) {
    return TestCredential.of(key)
        .claim("iss", "signer")
        .claim("sub", "signer")
        .claim("aud", "https://broker.test")
        .claim("exp", TestClock.START.plusSeconds(60).getEpochSecond())
        .claim("jti", UUID.randomUUID().toString());
  }

  private static PresentedClient asserting(TestCredential assertion) {
    return new PresentedClient("", null, assertion.sign(), ClientAuthenticator.JWT_BEARER, false);
  }

  private static String name(Outcome<Optional<RegisteredClient>> outcome) {
    return Outcomes.accepted(outcome).orElseThrow().name();
  }

  private Outcome<Optional<RegisteredClient>> authenticated(
      PresentedClient presented, ClientRight right, boolean full) {
    return authenticated(presented, right, full, null);
  }

  private Outcome<Optional<RegisteredClient>> authenticated(
      PresentedClient presented, ClientRight right, boolean full, @Nullable String certificate) {
    return authenticator(full)
        .authenticate(
            new ClientCall(presented, certificate, "", false),
            clients,
            issuers,
            right,
            Deadline.after(Duration.ofMinutes(1)));
  }

  private ClientAuthenticator authenticator(boolean full) {
    JwtVerifier verifier = TestVerifiers.of(clock);
    return new ClientAuthenticator(
        verifier,
        full ? new FullChecks(verifier) : new AssertionChecks(verifier),
        new SharedUses(new UsedCredentials(10, clock), new OneReplica(), clock));
  }
}
