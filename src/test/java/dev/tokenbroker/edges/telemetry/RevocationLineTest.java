package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver.RevocationRecord;
import dev.tokenbroker.evaluate.revocation.MintedToken;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import jakarta.enterprise.event.Shutdown;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class RevocationLineTest {

  private static final List<String> GOLDEN = Golden.lines("audit-lines.txt");

  private final TestTokens tokens = new TestTokens(new TestClock());

  @Test
  void says_who_revoked_which_token() {
    MintedToken token = tokens.active(tokens.mint("payments-api", "deploy", "read"));
    RevocationRecord record =
        new RevocationRecord(
            TestClock.START,
            new PresentedCaller("Bearer secret", PresentedKeys.NONE, "http", "192.0.2.7"),
            new KnownCaller("repo:acme/gateway", null, null),
            token.facts(),
            Outcome.accepted(Revocation.REPEATED));

    assertThat(text(record)).isEqualTo(GOLDEN.get(4).formatted(token.id()) + "\n");
  }

  @Test
  void says_why_a_token_was_not_revoked() {
    MintedToken token = tokens.active(tokens.mint("payments-api"));
    assertThat(text(refused(token))).isEqualTo(GOLDEN.get(5).formatted(token.id()) + "\n");
  }

  @Test
  void says_which_client_revoked_a_token() {
    MintedToken token = tokens.active(tokens.mint("payments-api"));
    RevocationRecord record =
        new RevocationRecord(
            TestClock.START,
            new PresentedCaller("Basic secret", PresentedKeys.NONE, "http", "192.0.2.7"),
            new KnownCaller(null, "gateway", null),
            token.facts(),
            Outcome.accepted(Revocation.REVOKED));

    assertThat(text(record)).isEqualTo(GOLDEN.get(6).formatted(token.id()) + "\n");
  }

  @Test
  void goes_where_the_other_lines_go() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    RevocationRecord record = refused();
    AuditLog log = AuditLogTest.auditLog(new AuditStream(output)::write);

    log.revocation(record);

    assertThat(output.toByteArray()).isEqualTo(RevocationLine.of(record));
    log.stop(new Shutdown());
  }

  /** A record of a token that was not revoked. */
  static RevocationRecord refused() {
    TestTokens tokens = new TestTokens(new TestClock());
    return refused(tokens.active(tokens.mint("payments-api")));
  }

  private static RevocationRecord refused(MintedToken token) {
    return new RevocationRecord(
        TestClock.START,
        new PresentedCaller(
            "",
            PresentedKeys.of("A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0", null),
            "grpc",
            "192.0.2.7"),
        new KnownCaller(null, "mesh", null),
        token.facts(),
        Outcome.refused(Refusal.of(RefusalReason.REVOCATIONS_FULL)));
  }

  private static String text(RevocationRecord record) {
    return new String(RevocationLine.of(record), StandardCharsets.US_ASCII);
  }
}
