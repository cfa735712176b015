package dev.tokenbroker.issue.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.peers.guard.PeerNews;
import dev.tokenbroker.process.runtime.Logged;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class TargetNewsTest {

  private static final Refusal WIDE =
      Refusal.of(RefusalReason.UPSTREAM_SCOPE_TOO_WIDE).seen("also admin");
  private static final String REFUSES =
      "WARNING Upstream sso refuses the target orders: UPSTREAM_SCOPE_TOO_WIDE, also admin";
  private static final String ISSUES =
      "INFO Upstream sso issues tokens for the target orders again";

  @AutoClose private final Logged logged = Logged.open(TargetNews.class);
  private long nanos = 1;
  private final TargetNews news = new TargetNews("sso", () -> nanos);

  @Test
  void tells_the_first_refusal_and_the_first_token_after_it() {
    for (int at = 0; at < 100; at++) {
      news.refused("orders", WIDE);
    }
    nanos += PeerNews.QUIET.toNanos();
    news.issued("orders");
    news.issued("orders");

    assertThat(logged.lines()).containsExactly(REFUSES, ISSUES);
  }

  @Test
  void a_target_that_is_refused_now_and_then_is_told_once() {
    for (int at = 0; at < 100; at++) {
      news.refused("orders", WIDE);
      nanos += PeerNews.QUIET.toNanos() - 1;
      news.issued("orders");
    }

    assertThat(logged.lines()).containsExactly(REFUSES);
  }

  @Test
  void tokens_for_one_target_say_nothing_of_another() {
    news.refused("orders", WIDE);
    nanos += PeerNews.QUIET.toNanos();
    news.issued("payments");

    assertThat(logged.lines()).containsExactly(REFUSES);
  }

  @Test
  void tells_another_reason() {
    news.refused("orders", WIDE);
    news.refused("orders", Refusal.of(RefusalReason.UPSTREAM_NOT_PERMITTED).seen("status 403"));

    assertThat(logged.lines())
        .containsExactly(
            REFUSES,
            "WARNING Upstream sso refuses the target orders: UPSTREAM_NOT_PERMITTED, status 403");
  }

  @Test
  void a_credential_that_is_refused_is_no_news() {
    news.refused("orders", Refusal.of(RefusalReason.UPSTREAM_CREDENTIAL_REFUSED));

    assertThat(logged.lines()).isEmpty();
  }
}
