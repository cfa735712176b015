package dev.tokenbroker.devissuer;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tokenbroker.v1.ExchangeTokenRequest;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints an attempt for a person at a terminal; tokens are printed decoded only. */
final class AttemptText {

  private AttemptText() {}

  static String of(DemoCall attempt) {
    return request(attempt.port(), attempt.request())
        + "\n"
        + switch (attempt.answer()) {
          case DemoCall.Issued(ExchangeTokenResponse response) -> issued(response);
          case DemoCall.DemoRefused(StatusRuntimeException status) -> refused("ANSWER", status);
        }
        + "\n"
        + switch (attempt.judgement()) {
          case DemoCall.Explained(Verdict verdict) -> verdict(verdict);
          case DemoCall.Unexplained(StatusRuntimeException status) -> refused("VERDICT", status);
        };
  }

  private static String request(int port, ExchangeTokenRequest request) {
    return "REQUEST  tokenbroker.v1.TokenBroker/ExchangeToken at localhost:%d%n".formatted(port)
        + field("audience", request.getAudience())
        + field("scopes", scopes(request.getScopesList(), "(all that the rule grants)"))
        + "\nCREDENTIAL  signed by the development issuer, decoded\n"
        + ReadableJwt.of(request.getSubjectToken());
  }

  private static String issued(ExchangeTokenResponse response) {
    return "ANSWER  OK, a token was issued; decoded\n"
        + ReadableJwt.of(response.getAccessToken())
        + field("token type", response.getTokenType() + ", " + response.getIssuedTokenType())
        + field("scopes", scopes(response.getScopesList(), "(none)"))
        + field("expires", time(response.getExpireTime()))
        + field("refresh at", time(response.getRefreshTime()))
        + field("verdict id", response.getVerdictId());
  }

  private static String refused(String title, StatusRuntimeException refusal) {
    Status status = refusal.getStatus();
    StringBuilder text = new StringBuilder();
    text.append("%s  %s: %s%n".formatted(title, status.getCode(), status.getDescription()));
    com.google.rpc.@Nullable Status details = StatusProto.fromThrowable(refusal);
    if (details != null) {
      details.getDetailsList().forEach(detail -> text.append(detail(detail)));
    }
    text.append(field("pushback", pushback(DemoCall.DemoRefused.pushback(refusal))));
    return text.toString();
  }

  private static String detail(Any detail) {
    try {
      if (detail.is(ErrorInfo.class)) {
        return errorInfo(detail.unpack(ErrorInfo.class));
      }
      if (detail.is(RetryInfo.class)) {
        var delay = detail.unpack(RetryInfo.class).getRetryDelay();
        return field(
            "retry in", "%d.%03d s".formatted(delay.getSeconds(), delay.getNanos() / 1_000_000));
      }
      if (detail.is(BadRequest.class)) {
        return detail.unpack(BadRequest.class).getFieldViolationsList().stream()
            .map(violation -> field(violation.getField(), violation.getDescription()))
            .collect(Collectors.joining());
      }
      return field("detail", detail.getTypeUrl());
    } catch (InvalidProtocolBufferException e) {
      return field("detail", "(unreadable) " + detail.getTypeUrl());
    }
  }

  private static String errorInfo(ErrorInfo info) {
    StringBuilder text = new StringBuilder();
    text.append(field("reason", info.getReason() + " (" + info.getDomain() + ")"));
    info.getMetadataMap().forEach((name, value) -> text.append(field(name, value)));
    return text.toString();
  }

  private static String pushback(@Nullable String millis) {
    if (millis == null) {
      return "(none)";
    }
    return millis.startsWith("-") ? millis + " (do not try again)" : millis + " ms";
  }

  private static String verdict(Verdict verdict) {
    StringBuilder text =
        new StringBuilder("VERDICT  %s%n".formatted(enumName(verdict.getOutcome())));
    text.append(field("reason", verdict.getReason()));
    text.append(field("remedy", verdict.getRemedy()));
    verdict.getHintsList().forEach(hint -> text.append(field("hint", hint)));
    text.append(field("issuer", verdict.getIssuer()));
    text.append(field("rule", verdict.getRule()));
    text.append(field("target", verdict.getTarget()));
    text.append(field("federation", verdict.getFederationRevision()));
    text.append(field("verdict id", verdict.getId()));
    verdict.getStepsList().forEach(step -> text.append(step(step)));
    return text.toString();
  }

  private static String step(VerdictStep step) {
    String line = "  %-12s %-8s".formatted(step.getName(), enumName(step.getResult()));
    String expected = step.getExpected().isEmpty() ? "" : " expected " + step.getExpected();
    String seen = step.getSeen().isEmpty() ? "" : " seen " + step.getSeen();
    return (line + expected + (expected.isEmpty() || seen.isEmpty() ? "" : ",") + seen)
            .stripTrailing()
        + "\n";
  }

  private static String field(String name, String value) {
    return value.isEmpty() ? "" : "  %-12s %s%n".formatted(name, value);
  }

  private static String scopes(List<String> scopes, String none) {
    return scopes.isEmpty() ? none : String.join(" ", scopes);
  }

  private static String time(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos()).toString();
  }

  /** Shows {@code OUTCOME_REFUSED} as "refused", {@code STEP_RESULT_PASSED} as "passed". */
  private static String enumName(Enum<?> value) {
    String name = value.name();
    return name.substring(name.lastIndexOf('_') + 1).toLowerCase(java.util.Locale.ROOT);
  }
}
