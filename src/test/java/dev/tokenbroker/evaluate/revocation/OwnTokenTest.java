package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.RevocationResult;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.PresentedSecret;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.possession.Binding;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.TestProof;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The holder of a token may revoke that very token without a right, and reaches no other. */
class OwnTokenTest {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));
  private static final String URI = "https://broker.test/revoke";
  private static final TestKey KEY = TestKey.generate("holder", SigningAlgorithm.ES256);
  private static final TestKey OTHER = TestKey.generate("other", SigningAlgorithm.ES256);
  private static final String CERTIFICATE = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
  private static final String NO_CERTIFICATE = "B4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

  private final TestClock clock = new TestClock();
  private final TestTokens tokens =
      new TestTokens(clock, TestRevocations.inMemory().withMaxTokens(5));
  private final List<RevocationRecord> records = new ArrayList<>();
  private final TokenRevocation revocation =
      TestRevocations.revocation(
          tokens,
          TestAccess.listing(tokens.brokerTokens(), List.of(), List.of()),
          TestObservers.of(
              new LifecycleObserver() {
                @Override
                public void revocation(RevocationRecord record) {
                  records.add(record);
                }
              }),
          clock);

  @ParameterizedTest
  @ValueSource(strings = {"payments-api", "token-broker"})
  void revokes_a_token_for_its_holder_and_records_it(String audience) {
    String token = tokens.mint(audience, "read");

    assertThat(revoke("Bearer " + token, token))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));

    assertThat(isRevoked(token)).isTrue();
    assertThat(records)
        .singleElement()
        .satisfies(
            record -> {
              assertThat(record.by().subject()).isEqualTo("somebody");
              assertThat(record.token().audiences()).containsExactly(audience);
            });
  }

  @Test
  void reaches_no_other_token_of_the_same_holder() {
    String held = tokens.mint("payments-api", "read");
    for (String other :
        List.of(
            tokens.mint("payments-api", "read"),
            tokens.mint("token-broker", "operate"),
            held.substring(0, held.length() - 1),
            held + "=",
            " " + held,
            "")) {
      assertThat(revoke("Bearer " + held, other)).isEqualTo(unauthenticated());
      assertThat(tokens.minted().standing(other, DEADLINE))
          .isNotInstanceOf(TokenStanding.RevokedStanding.class);
    }
    assertThat(isRevoked(held)).isFalse();
    assertThat(records).isEmpty();
  }

  @Test
  void does_so_once_and_then_the_token_is_no_proof() {
    String token = tokens.mint("payments-api", "read");
    revoke("Bearer " + token, token);

    assertThat(revoke("Bearer " + token, token)).isEqualTo(unauthenticated());
    assertThat(records).hasSize(1);
  }

  @Test
  void does_not_know_an_expired_token() {
    String token = tokens.mint("payments-api", "read");
    clock.advance(Duration.ofMinutes(10));

    assertThat(revoke("Bearer " + token, token)).isEqualTo(unauthenticated());
    assertThat(records).isEmpty();
  }

  @Test
  void does_not_recognize_tokens_of_others_or_other_kinds_of_token() {
    String elsewhere = new TestTokens(clock).mint("payments-api", "read");

    for (String token : List.of(elsewhere, tokens.ofAnotherKind())) {
      assertThat(revoke("Bearer " + token, token)).isEqualTo(unauthenticated());
    }
    assertThat(Outcomes.reason(revoke("Bearer x", "x")))
        .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    assertThat(records).isEmpty();
  }

  @Test
  void revokes_a_token_by_a_clock_that_is_ahead_before_it_is_active() {
    clock.advance(Duration.ofSeconds(30));
    String token = tokens.mint("payments-api", "read");
    clock.advance(Duration.ofSeconds(-30));

    assertThat(revoke("Bearer " + token, token))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));

    clock.advance(Duration.ofSeconds(30));
    assertThat(isRevoked(token)).isTrue();
  }

  @Test
  void demands_the_proof_of_the_key_that_a_token_is_bound_to() {
    String token = bound(new Binding.Key(TestProof.thumbprint(KEY)));
    String dpop = "DPoP " + token;

    assertThat(revoke("Bearer " + token, token)).isEqualTo(unauthenticated());
    assertThat(revoke("Bearer " + token, token, proof(KEY, token))).isEqualTo(unauthenticated());
    assertThat(revoke(dpop, token)).isEqualTo(unauthenticated());
    assertThat(revoke(dpop, token, proof(OTHER, token))).isEqualTo(unauthenticated());
    assertThat(Outcomes.reason(revoke(dpop, token, proof(KEY, "another"))))
        .isEqualTo(RefusalReason.DPOP_PROOF_INVALID);
    assertThat(records).isEmpty();

    assertThat(revoke(dpop, token, proof(KEY, token)))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
    assertThat(isRevoked(token)).isTrue();
  }

  @Test
  void uses_up_the_proof_where_it_revokes_and_not_where_it_refuses() {
    String first = bound(new Binding.Key(TestProof.thumbprint(KEY)));
    PresentedKeys proof = proof(KEY, first);

    assertThat(revoke("DPoP " + first, "another", proof)).isEqualTo(unauthenticated());
    assertThat(revoke("DPoP " + first, first, proof))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
  }

  @Test
  void demands_the_certificate_that_a_token_is_bound_to() {
    String token = bound(new Binding.Certificate(CERTIFICATE));
    String bearer = "Bearer " + token;

    assertThat(revoke(bearer, token)).isEqualTo(unauthenticated());
    assertThat(revoke(bearer, token, PresentedKeys.of(NO_CERTIFICATE, null)))
        .isEqualTo(unauthenticated());
    assertThat(records).isEmpty();

    assertThat(revoke(bearer, token, PresentedKeys.of(CERTIFICATE, null)))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
  }

  @Test
  void refuses_a_token_beside_the_proof_of_a_client() {
    String token = tokens.mint("payments-api", "read");
    PresentedClient client =
        new PresentedClient(
            "gateway", new PresentedSecret(new byte[1], PresentedSecret.In.FORM), "", "", false);
    PresentedCaller caller =
        new PresentedCaller("Bearer " + token, PresentedKeys.NONE, "http", "192.0.2.7", client);

    assertThat(Outcomes.reason(revocation.revoke(caller, () -> named(token), DEADLINE)))
        .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    assertThat(isRevoked(token)).isFalse();
  }

  @Test
  void leaves_half_of_the_room_to_callers_with_the_right() {
    String revoker = tokens.mint("token-broker", "revoke");
    for (int held = 0; held < 3; held++) {
      String token = ofSubject("holder-" + held);
      assertThat(revoke("Bearer " + token, token))
          .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
    }
    String second = ofSubject("holder-0");
    assertThat(Outcomes.reason(revoke("Bearer " + second, second)))
        .isEqualTo(RefusalReason.SHARE_USED_UP);
    String last = ofSubject("holder-3");

    assertThat(Outcomes.reason(revoke("Bearer " + last, last)))
        .isEqualTo(RefusalReason.REVOCATIONS_FULL);
    assertThat(isRevoked(last)).isFalse();
    assertThat(revoke("Bearer " + revoker, last))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
    assertThat(revoke("Bearer " + revoker, revoker))
        .isEqualTo(Outcome.accepted(RevocationResult.REVOKED));
  }

  private String ofSubject(String subject) {
    return tokens.mint(Grants.bound("payments-api", subject, Binding.none()));
  }

  private String bound(Binding binding) {
    return tokens.mint(Grants.bound("payments-api", "somebody", binding));
  }

  private static PresentedKeys proof(TestKey key, String token) {
    return TestProof.of(key, "POST", URI, Instant.now()).forToken(token).presented();
  }

  private Outcome<RevocationResult> revoke(String authorization, String token) {
    return revoke(authorization, token, PresentedKeys.NONE);
  }

  private Outcome<RevocationResult> revoke(String authorization, String token, PresentedKeys keys) {
    return revocation.revoke(
        new PresentedCaller(authorization, keys, "http", "192.0.2.7"),
        () -> named(token),
        DEADLINE);
  }

  private static Outcome<TokenRevocation.NamedToken> named(String token) {
    return token.isEmpty()
        ? Outcome.refused(Refusal.of(RefusalReason.REQUEST_INVALID))
        : Outcome.accepted(new TokenRevocation.NamedToken(token, ""));
  }

  private boolean isRevoked(String token) {
    return tokens.minted().standing(token, DEADLINE) instanceof TokenStanding.RevokedStanding;
  }

  private static Outcome<RevocationResult> unauthenticated() {
    return Outcome.refused(Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED));
  }
}
