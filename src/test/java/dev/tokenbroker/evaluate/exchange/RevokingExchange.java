package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.exchange.cache.IssuedTokens;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.revocation.LifecycleObserver;
import dev.tokenbroker.evaluate.revocation.PresentedCaller;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.evaluate.revocation.TokenRevocation;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.NamedToken;
import dev.tokenbroker.evaluate.revocation.TokenRevocation.RevocationResult;
import dev.tokenbroker.evaluate.revocation.UpstreamTokens;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An exchange of credentials for tokens of one target's upstream, and their revocation there. */
final class RevokingExchange {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  private final String target;
  private final TokenExchange exchange;
  private final TokenRevocation revocation;
  private final List<LifecycleObserver.RevocationRecord> records = new ArrayList<>();

  RevokingExchange(String target, Federation federation, TestTokens tokens, TestClock clock) {
    UpstreamTokens upstreamTokens = new UpstreamTokens(clock);
    LifecycleObserver observer =
        new LifecycleObserver() {
          @Override
          public void revocation(RevocationRecord record) {
            records.add(record);
          }
        };
    this.target = target;
    this.exchange =
        TestExchange.by(federation, clock, List.of())
            .tokens(
                new IssuedTokens(
                    TestCacheSettings.defaults(),
                    false,
                    upstreamTokens.revokedIn(tokens.revocations()),
                    TestClocks.seeded(clock, 1)))
            .upstreamTokens(upstreamTokens)
            .build();
    this.revocation =
        TestRevocations.revocation(tokens, upstreamTokens, federation, observer, clock);
  }

  String issue(String credential) {
    return Endings.token(TestExchange.exchange(exchange, request(target, credential))).value();
  }

  Outcome<RevocationResult> revoke(String authorization, String token, String audience) {
    return revoke(
        new PresentedCaller(authorization, PresentedKeys.NONE, "http", "192.0.2.7"),
        token,
        audience);
  }

  Outcome<RevocationResult> revoke(PresentedCaller caller, String token, String audience) {
    return revocation.revoke(
        caller, () -> Outcome.accepted(new NamedToken(token, audience)), DEADLINE);
  }

  List<LifecycleObserver.RevocationRecord> records() {
    return records;
  }
}
