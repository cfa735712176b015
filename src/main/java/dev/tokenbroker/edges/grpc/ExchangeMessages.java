package dev.tokenbroker.edges.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import dev.tokenbroker.base.outcome.ShadowFinding;
import dev.tokenbroker.base.outcome.Trail;
import dev.tokenbroker.evaluate.exchange.ExchangeRequest;
import dev.tokenbroker.evaluate.exchange.Verdict;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.ShadowRule;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.VerdictStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Translates between API messages and the values of an exchange. It decides nothing. */
public final class ExchangeMessages {

  static final String EDGE = "grpc";

  private ExchangeMessages() {}

  static ExchangeRequest request(ExchangeTokenRequest message, Caller caller) {
    return new ExchangeRequest(
        message.getAudience(),
        message.getSubjectToken(),
        message.getSubjectTokenType(),
        message.getScopesList(),
        lifetime(message),
        !message.getActorToken().isEmpty() || !message.getActorTokenType().isEmpty(),
        EDGE,
        caller.peer(),
        caller.keys(),
        List.of());
  }

  // A duration beyond protobuf's range becomes zero, which the request rules refuse.
  private static @Nullable Duration lifetime(ExchangeTokenRequest message) {
    if (!message.hasLifetime()) {
      return null;
    }
    var lifetime = message.getLifetime();
    return Durations.isValid(lifetime)
        ? Duration.ofSeconds(lifetime.getSeconds(), lifetime.getNanos())
        : Duration.ZERO;
  }

  static ExchangeTokenResponse response(IssuedToken token, Instant refreshTime, Verdict verdict) {
    return ExchangeTokenResponse.newBuilder()
        // The JDK encodes a string at once. Protobuf would go through its characters twice.
        .setAccessTokenBytes(ByteString.copyFromUtf8(token.value()))
        .setTokenTypeBytes(ByteString.copyFromUtf8(token.tokenTypeLabel()))
        .setIssuedTokenTypeBytes(ByteString.copyFromUtf8(token.issuedTokenType()))
        .setExpireTime(timestamp(token.expireTime()))
        .setRefreshTime(timestamp(refreshTime))
        .addAllScopes(token.scopes())
        .setVerdictIdBytes(ByteString.copyFromUtf8(verdict.id()))
        .build();
  }

  /** The verdict as an API message, which has one list for hints and notes. */
  public static dev.tokenbroker.v1.Verdict verdict(Verdict verdict) {
    var message =
        dev.tokenbroker.v1.Verdict.newBuilder()
            .setId(verdict.id())
            .setOutcome(verdict.accepted() ? Outcome.OUTCOME_ACCEPTED : Outcome.OUTCOME_REFUSED)
            .setFederationRevision(verdict.federationRevision())
            .setTarget(verdict.target())
            .addAllHints(verdict.hints())
            .addAllHints(verdict.notes())
            .setEvaluationTime(timestamp(verdict.evaluationTime()));
    verdict.steps().forEach(step -> message.addSteps(step(step, verdict)));
    verdict.shadowRules().forEach(finding -> message.addShadowRules(shadow(finding)));
    if (verdict.issuer() != null) {
      message.setIssuer(verdict.issuer());
    }
    if (verdict.rule() != null) {
      message.setRule(verdict.rule());
    }
    if (verdict.reason() != null) {
      message.setReason(verdict.reason().name()).setRemedy(verdict.reason().remedy());
    }
    return message.build();
  }

  private static ShadowRule shadow(ShadowFinding finding) {
    return ShadowRule.newBuilder()
        .setRule(finding.rule())
        .setOutcome(finding.reason() == null ? Outcome.OUTCOME_ACCEPTED : Outcome.OUTCOME_REFUSED)
        .setReason(finding.reason() == null ? "" : finding.reason().name())
        .build();
  }

  private static VerdictStep step(Trail.Finding finding, Verdict verdict) {
    var step =
        VerdictStep.newBuilder()
            .setName(finding.step().label())
            .setResult(result(finding.result()))
            .setExpected(finding.expected())
            .setSeen(finding.seen());
    if (finding.result() == Trail.Result.FAILED && verdict.reason() != null) {
      step.setRemedy(verdict.reason().remedy());
    }
    return step.build();
  }

  private static StepResult result(Trail.Result result) {
    return switch (result) {
      case PASSED -> StepResult.STEP_RESULT_PASSED;
      case FAILED -> StepResult.STEP_RESULT_FAILED;
      case SKIPPED -> StepResult.STEP_RESULT_SKIPPED;
    };
  }

  static Timestamp timestamp(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }
}
