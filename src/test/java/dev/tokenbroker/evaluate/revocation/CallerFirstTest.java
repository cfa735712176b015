package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who asks is found out before the token is so much as read, and what is done is recorded before it
 * is answered.
 */
@Tag("store")
class CallerFirstTest {

  private static final String INTROSPECTOR = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
  private static final String REVOKER = "B4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));
  private static final Refusal UNKNOWN = Refusal.of(RefusalReason.CALLER_UNAUTHENTICATED);

  private final TestClock clock = new TestClock();
  private final TestTokens tokens = new TestTokens(clock);
  private final List<String> results = new ArrayList<>();
  private final List<RevocationRecord> records = new ArrayList<>();
  private final AtomicInteger reads = new AtomicInteger();
  private final CallerAccess access =
      TestAccess.listing(tokens.brokerTokens(), List.of(INTROSPECTOR), List.of(REVOKER));
  private final LifecycleObservers observers = new LifecycleObservers(List.of(new Keeper()));
  private final TokenIntrospection introspection =
      new TokenIntrospection(access, tokens.minted(), tokens.revocations(), observers);
  private final TokenRevocation revocation = revocation(observers);

  private final class Keeper implements LifecycleObserver {

    @Override
    public void ended(Right right, String result) {
      results.add(right + " " + result);
    }

    @Override
    public void revocation(RevocationRecord record) {
      records.add(record);
    }
  }

  static List<String> strangers() {
    return List.of("", "Bearer ", "Bearer x", "Basic YTpi", "DPoP x", "Bearer a.b.c", "bearer");
  }

  @ParameterizedTest
  @MethodSource("strangers")
  void does_not_read_the_token_for_who_is_not_known(String authorization) {
    PresentedCaller stranger = caller(authorization, null);

    assertThat(refused(introspection.introspect(stranger, reading("x"), DEADLINE)).reason())
        .isEqualTo(UNKNOWN.reason());
    assertThat(refused(revocation.revoke(stranger, naming("x"), DEADLINE)).reason())
        .isEqualTo(UNKNOWN.reason());
    assertThat(reads).hasValue(0);
    assertThat(records).isEmpty();
    assertThat(results)
        .containsExactly("INTROSPECT caller_unauthenticated", "REVOKE caller_unauthenticated");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Bearer ghs_r4nD0m-Part | a GitHub installation token (ghs_); 15 characters",
        "Bearer Bearer eyJhbGciOiJFUzI1NiJ9.e30.AAAA | a JWT, with a scheme before it",
        "eyJhbGciOiJFUzI1NiJ9.e30.AAAA | a JWT without a scheme",
        "Bearer $TOKEN | a variable or template without its value",
        "bearer | a scheme without a token",
        "Bearer eyJhbGciOiJFUzI1NiJ9.e30.AAAA, Bearer eyJhbGciOiJFUzI1NiJ9.e30.AA | several JWTs"
      })
  void tells_an_unknown_caller_what_came_where_that_is_no_jwt(String authorization, String what) {
    String told =
        refused(introspection.introspect(caller(authorization, null), reading("x"), DEADLINE))
            .told();

    assertThat(told).contains(what).doesNotContain("r4nD0m", "eyJ");
  }

  @Test
  void says_nothing_about_a_jwt_that_is_not_accepted() {
    assertThat(
            refused(
                introspection.introspect(
                    caller("Bearer eyJhbGciOiJFUzI1NiJ9.e30.AAAA", null), reading("x"), DEADLINE)))
        .isEqualTo(UNKNOWN);
  }

  private static Refusal refused(Outcome<?> outcome) {
    return ((Outcome.Refused<?>) outcome).refusal();
  }

  @Test
  void does_not_read_the_token_for_who_lacks_the_scope() {
    PresentedCaller operator = bearer("operate");

    assertThat(introspection.introspect(operator, reading("x"), DEADLINE))
        .isEqualTo(Outcome.refused(lacking("introspect")));
    assertThat(introspection.introspect(bearer("revoke"), reading("x"), DEADLINE))
        .isEqualTo(Outcome.refused(lacking("introspect")));
    assertThat(reads).hasValue(0);
  }

  /** The holder of a token may revoke that one, so the broker compares both. */
  @Test
  void only_compares_tokens_for_a_caller_without_revocation_right() {
    for (String scope : List.of("operate", "introspect")) {
      for (String other : List.of("x", tokens.mint("payments-api", "read"))) {
        assertThat(revocation.revoke(bearer(scope), naming(other), DEADLINE))
            .isEqualTo(Outcome.refused(lacking("revoke")));
      }
    }
    assertThat(reads).hasValue(4);
    assertThat(records).isEmpty();
  }

  @Test
  void accepts_no_revoked_token_or_one_for_another_target_as_proof() {
    String other = tokens.mint("payments-api", "introspect", "revoke");
    String revoked = tokens.mint("token-broker", "introspect", "revoke");
    TestRevocations.revoke(tokens.revocations(), tokens.active(revoked), DEADLINE);

    for (String token : List.of(other, revoked)) {
      PresentedCaller caller = caller("Bearer " + token, null);
      assertThat(introspection.introspect(caller, reading("x"), DEADLINE))
          .isEqualTo(Outcome.refused(UNKNOWN));
      assertThat(reads).hasValue(0);
    }
    for (String token : List.of(revoked, other)) {
      assertThat(revocation.revoke(caller("Bearer " + token, null), naming("x"), DEADLINE))
          .isEqualTo(Outcome.refused(UNKNOWN));
      assertThat(reads).hasValue(token.equals(other) ? 1 : 0); // compared with its own
    }
    assertThat(records).isEmpty();
  }

  @Test
  void identifies_a_caller_by_its_certificate_in_the_settings() {
    String token = tokens.mint("payments-api", "read");

    assertThat(introspection.introspect(caller("", INTROSPECTOR), reading(token), DEADLINE))
        .isInstanceOf(Outcome.Accepted.class);
    assertThat(
            Outcomes.reason(
                introspection.introspect(caller("", REVOKER), reading(token), DEADLINE)))
        .isEqualTo(RefusalReason.CALLER_NOT_PERMITTED);
    assertThat(
            Outcomes.reason(revocation.revoke(caller("", INTROSPECTOR), naming(token), DEADLINE)))
        .isEqualTo(RefusalReason.CALLER_NOT_PERMITTED);
    assertThat(access.admit(caller("", REVOKER), Right.OPERATE, DEADLINE))
        .isEqualTo(Outcome.refused(UNKNOWN));
    assertThat(revocation.revoke(caller("", REVOKER), naming(token), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.REVOKED));
    assertThat(records)
        .singleElement()
        .satisfies(
            record -> assertThat(record.by()).isEqualTo(new KnownCaller(null, "revoker", null)));
  }

  @Test
  void a_revoked_token_is_not_active_and_stays_so() {
    String token = tokens.mint("payments-api", "read");
    MintedToken known = tokens.active(token);

    assertThat(introspected(token))
        .hasValueSatisfying(found -> assertThat(found.id()).isEqualTo(known.id()));
    assertThat(revocation.revoke(bearer("revoke"), naming(token), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.REVOKED));
    assertThat(introspected(token)).isEmpty();
    assertThat(revocation.revoke(bearer("revoke"), naming(token), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.REPEATED));
    assertThat(revocation.revoke(bearer("revoke"), naming("x"), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.UNKNOWN));
    assertThat(records)
        .extracting(RevocationRecord::outcome)
        .containsExactly(
            Outcome.accepted(Revocation.REVOKED), Outcome.accepted(Revocation.REPEATED));
    assertThat(results)
        .containsExactly(
            "INTROSPECT active",
            "REVOKE revoked",
            "INTROSPECT inactive",
            "REVOKE repeated",
            "REVOKE unknown");
  }

  @Test
  void revokes_and_records_a_token_of_a_fast_clock_before_it_starts() {
    clock.advance(Duration.ofSeconds(30));
    String token = tokens.mint("payments-api", "read");
    String admitting = tokens.mint("token-broker", "introspect", "revoke");
    MintedToken known = tokens.active(token);
    clock.advance(Duration.ofSeconds(-30));

    assertThat(introspected(token)).isEmpty();
    assertThat(revocation.revoke(caller("Bearer " + admitting, null), naming(token), DEADLINE))
        .isEqualTo(Outcome.refused(UNKNOWN));
    assertThat(revocation.revoke(bearer("revoke"), naming(token), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.REVOKED));
    assertThat(revocation.revoke(bearer("revoke"), naming(token), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.REPEATED));
    assertThat(records)
        .extracting(record -> record.token().id())
        .containsExactly(known.id(), known.id());

    clock.advance(Duration.ofSeconds(30));
    assertThat(introspected(token)).isEmpty();
  }

  @Test
  void refuses_to_revoke_another_kind_of_token() {
    String other = tokens.ofAnotherKind();

    assertThat(revocation.revoke(bearer("revoke"), naming(other), DEADLINE))
        .isEqualTo(Outcome.refused(Refusal.of(RefusalReason.TOKEN_NOT_REVOCABLE)));
    assertThat(introspected(other)).isEmpty();
    assertThat(records).isEmpty();
  }

  @Test
  void a_token_may_revoke_itself_and_is_no_proof_after_that() {
    String token = tokens.mint("token-broker", "revoke");
    PresentedCaller itself = caller("Bearer " + token, null);

    assertThat(revocation.revoke(itself, naming(token), DEADLINE))
        .isEqualTo(Outcome.accepted(TokenRevocation.RevocationResult.REVOKED));
    assertThat(revocation.revoke(itself, naming(token), DEADLINE))
        .isEqualTo(Outcome.refused(UNKNOWN));
  }

  static Stream<Runnable> failures() {
    return Stream.of(
        () -> Unchecked.raise(new IllegalStateException("a bug")),
        () -> Unchecked.raise(new StackOverflowError()),
        () ->
            Unchecked.raise(new UncheckedIOException(new IOException("No space left on device"))));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void confirms_no_revocation_that_could_not_be_recorded(Runnable failure) {
    confirmsNoneThatFails(failure, RefusalReason.INTERNAL_ERROR);
  }

  @Test
  void has_a_caller_try_again_where_too_many_records_wait() {
    confirmsNoneThatFails(
        () -> Unchecked.raise(new RejectedExecutionException("16384 records wait to be written")),
        RefusalReason.BROKER_OVERLOADED);
  }

  private void confirmsNoneThatFails(Runnable failure, RefusalReason why) {
    String token = tokens.mint("payments-api", "read");
    TokenRevocation unrecorded =
        revocation(
            new LifecycleObservers(
                List.of(
                    new LifecycleObserver() {
                      @Override
                      public void revocation(RevocationRecord record) {
                        failure.run();
                      }
                    },
                    new Keeper())));

    assertThat(unrecorded.revoke(bearer("revoke"), naming(token), DEADLINE))
        .isEqualTo(Outcome.refused(Refusal.of(why)));
    assertThat(records).hasSize(1);
    assertThat(results).containsExactly("REVOKE " + why.name().toLowerCase(Locale.ROOT));
    assertThat(introspected(token)).isEmpty();
  }

  static Stream<Throwable> bugs() {
    return Stream.of(new IllegalStateException("a bug"), new StackOverflowError());
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void tells_of_a_bug_what_is_told_of_an_internal_error(Throwable bug) {
    Supplier<Outcome<String>> broken =
        () -> {
          switch (bug) {
            case RuntimeException exception -> throw exception;
            case Error error -> throw error;
            default -> throw new AssertionError(bug);
          }
        };

    assertThatThrownBy(() -> introspection.introspect(bearer("introspect"), broken, DEADLINE))
        .isSameAs(bug);
    assertThatThrownBy(
            () -> revocation.revoke(bearer("revoke"), () -> named(broken.get()), DEADLINE))
        .isSameAs(bug);
    assertThat(results).containsExactly("INTROSPECT internal_error", "REVOKE internal_error");
  }

  /** The answer where more calls are under way than may be: the bulkhead asks for it. */
  @Test
  void sends_away_who_is_one_too_many_and_reads_nothing() {
    Refusal overloaded = Refusal.of(RefusalReason.BROKER_OVERLOADED);

    PresentedCaller caller = bearer("introspect");
    Supplier<Outcome<KnownCaller>> known = () -> access.admit(caller, Right.INTROSPECT, DEADLINE);
    assertThat(introspection.overloaded(known, reading("x"), DEADLINE))
        .isEqualTo(Outcome.refused(overloaded));
    assertThat(
            revocation.overloaded(
                caller,
                () -> Unchecked.raise(new AssertionError("nobody is admitted")),
                naming("x"),
                DEADLINE))
        .isEqualTo(Outcome.refused(overloaded));
    assertThat(reads).hasValue(0);
    assertThat(records).isEmpty();
  }

  private TokenRevocation revocation(LifecycleObservers told) {
    return TestRevocations.revocation(tokens, access, told, clock);
  }

  private Optional<MintedToken> introspected(String token) {
    return switch (introspection.introspect(bearer("introspect"), reading(token), DEADLINE)) {
      case Outcome.Accepted<Optional<MintedToken>>(Optional<MintedToken> found) -> found;
      case Outcome.Refused<Optional<MintedToken>> refused ->
          throw new AssertionError(refused.refusal());
    };
  }

  private PresentedCaller bearer(String scope) {
    return caller("bearer " + tokens.mint("token-broker", scope), null);
  }

  private static PresentedCaller caller(String authorization, @Nullable String certificate) {
    return new PresentedCaller(
        authorization, PresentedKeys.of(certificate, null), "grpc", "192.0.2.7");
  }

  private static Refusal lacking(String scope) {
    return Refusal.of(RefusalReason.CALLER_NOT_PERMITTED).expected(scope);
  }

  private Supplier<Outcome<TokenRevocation.NamedToken>> naming(String token) {
    return () -> named(reading(token).get());
  }

  private static Outcome<TokenRevocation.NamedToken> named(Outcome<String> token) {
    return token.map(value -> new TokenRevocation.NamedToken(value, ""));
  }

  private Supplier<Outcome<String>> reading(String token) {
    return () -> {
      reads.incrementAndGet();
      return Outcome.accepted(token);
    };
  }
}
