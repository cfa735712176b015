package dev.tokenbroker.peers.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.text.StateLog;
import dev.tokenbroker.peers.guard.PeerStatus.CircuitState;
import dev.tokenbroker.peers.http.Peer;
import dev.tokenbroker.process.runtime.Logged;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class PeerNewsTest {

  private static final Refusal DOWN =
      Refusal.of(RefusalReason.UPSTREAM_UNREACHABLE).seen("the connection was refused");
  private static final String FAILS =
      "WARNING Upstream sso fails: UPSTREAM_UNREACHABLE, the connection was refused";
  private static final String WORKS = "INFO Upstream sso works again";

  @AutoClose private final Logged logged = Logged.open(PeerNews.class);
  private final List<Change> changes = new ArrayList<>();
  private long nanos = 1;
  private final PeerNews news = new PeerNews(Peer.upstream("sso"), () -> nanos, changes::add);

  @Test
  void an_upstream_that_works_is_no_news() {
    news.attempted(null);
    news.circuit(CircuitState.CLOSED);
    assertThat(logged.lines()).isEmpty();
  }

  @Test
  void a_circuit_that_opens_and_closes_is_two_changes() {
    news.circuit(CircuitState.CLOSED);
    news.circuit(CircuitState.OPEN);
    news.circuit(CircuitState.HALF_OPEN);
    news.circuit(CircuitState.CLOSED);

    assertThat(changes)
        .containsExactly(
            Change.ofUpstream(ChangeKind.CIRCUIT_OPENED, "sso", "closed", "open"),
            Change.ofUpstream(ChangeKind.CIRCUIT_CLOSED, "sso", "open", "closed"));
  }

  @Test
  void logs_one_line_when_failures_start_and_one_when_they_end() {
    for (int at = 0; at < 100; at++) {
      news.attempted(DOWN);
    }
    nanos += StateLog.QUIET.toNanos();
    news.attempted(null);
    news.attempted(null);
    assertThat(logged.lines()).containsExactly(FAILS, WORKS);
  }

  @Test
  void the_deadline_of_a_caller_is_no_failure_of_the_upstream() {
    news.attempted(Refusal.of(RefusalReason.DEADLINE_EXCEEDED));
    assertThat(logged.lines()).isEmpty();
  }

  @Test
  void probes_of_an_open_circuit_leave_no_lines() {
    for (int at = 0; at < 10; at++) {
      news.circuit(CircuitState.OPEN);
      news.circuit(CircuitState.HALF_OPEN);
    }
    news.circuit(CircuitState.CLOSED);
    assertThat(logged.lines())
        .containsExactly(
            "WARNING The circuit of upstream sso is open",
            "INFO The circuit of upstream sso is closed again");
  }
}
