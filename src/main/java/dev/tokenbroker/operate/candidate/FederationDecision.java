package dev.tokenbroker.operate.candidate;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.operate.cases.Judgement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decision of one federation, for a report.
 *
 * @param reason the reason of the refusal; null if accepted
 * @param rule the rule that decided; null if none did
 * @param subject the subject of the token; null if refused
 * @param scopes the scopes of the token; empty if refused
 */
public record FederationDecision(
    @Nullable RefusalReason reason,
    @Nullable String rule,
    @Nullable String subject,
    List<String> scopes) {

  public FederationDecision {
    scopes = List.copyOf(scopes);
  }

  static FederationDecision of(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Granted granted ->
          new FederationDecision(
              null, granted.rule(), Evidence.clean(granted.subject()), granted.scopes());
      case Judgement.Denied denied ->
          new FederationDecision(denied.reason(), denied.decidedBy(), null, List.of());
    };
  }

  public boolean isAccepted() {
    return reason == null;
  }
}
