package dev.tokenbroker.edges.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Pushback;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.edges.edge.RefusalText;
import dev.tokenbroker.evaluate.exchange.evaluation.DisclosedFacts;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Maps a refusal to its gRPC status: the code, the text, google.rpc details, and the retry pushback
 * of gRFC A6. No other class knows status codes.
 *
 * <p>The details of one refusal stay under {@value #MAX_DETAIL_BYTES} bytes, which is under 4 KiB
 * in base64. Proxies cut larger trailers, and the client of a cut trailer gets no reason.
 */
final class RefusalStatus {

  static final String DOMAIN = "tokenbroker.dev";
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** A google.rpc.Status. */
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** The pushback that ends gRPC's retries. */
  private static final String NO_RETRY = "-1";

  private static final int MAX_DETAIL_BYTES = 2_900;
  private static final int MAX_INFO_BYTES = MAX_DETAIL_BYTES - 1_200;
  private static final int MAX_VIOLATIONS = 8;

  private RefusalStatus() {}

  /** The status code of a reason. */
  static Status.Code code(RefusalReason reason) {
    return switch (reason.kind()) {
      case REQUEST, TOKEN_KIND -> Status.Code.INVALID_ARGUMENT;
      case CREDENTIAL, PRESENTATION, PROOF, NONCE, CALLER -> Status.Code.UNAUTHENTICATED;
      case CREDENTIAL_BARRED, TARGET, RULE, SCOPE, CALLER_RIGHTS -> Status.Code.PERMISSION_DENIED;
      case ISSUER_UNAVAILABLE, UPSTREAM_UNAVAILABLE, BROKER_UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case ISSUER_SETTINGS, RULE_SETTINGS, UPSTREAM_SETTINGS -> Status.Code.FAILED_PRECONDITION;
      case BROKER_LOAD, CALLER_RATE, UPSTREAM_LOAD, REVOCATIONS -> Status.Code.RESOURCE_EXHAUSTED;
      case DEADLINE -> Status.Code.DEADLINE_EXCEEDED;
      case BUG -> Status.Code.INTERNAL;
    };
  }

  /**
   * The exception that ends the call.
   *
   * @param disclosed the verdict as far as the caller may see it
   */
  static StatusRuntimeException exception(Refusal refusal, Verdict disclosed, CallTime time) {
    return exception(
        refusal,
        errorInfo(refusal.reason(), disclosed),
        RefusalText.of(refusal, disclosed.id()),
        time);
  }

  private static StatusRuntimeException exception(
      Refusal refusal, ErrorInfo info, String text, CallTime time) {
    RefusalReason reason = refusal.reason();
    Metadata trailers = new Metadata();
    var details = com.google.rpc.Status.newBuilder().addDetails(Any.pack(info));
    switch (reason.retry()) {
      case NEVER -> trailers.put(PUSHBACK, NO_RETRY);
      case LATER -> {
        java.time.Duration wait = Pushback.of(refusal, ThreadLocalRandom.current());
        trailers.put(
            PUSHBACK, time.allowsRetryAfter(wait) ? Long.toString(wait.toMillis()) : NO_RETRY);
        details.addDetails(Any.pack(retryInfo(wait.toMillis())));
      }
      case NONE -> {}
    }
    if (!refusal.violations().isEmpty()) {
      details.addDetails(Any.pack(badRequest(refusal.violations())));
    }
    return ended(code(reason).toStatus().withDescription(text), details, trailers);
  }

  /**
   * The exception that ends a call without a verdict: introspection, revocation, or an operators'
   * call. For {@code REQUEST_INVALID} it states what the broker expects of the field, by default of
   * {@code token}.
   */
  static StatusRuntimeException ofCaller(Refusal refusal, CallTime time) {
    RefusalReason reason = refusal.reason();
    Refusal why =
        reason == RefusalReason.REQUEST_INVALID && refusal.violations().isEmpty()
            ? Refusal.ofRequest(List.of(new FieldViolation("token", refusal.expected())))
            : refusal;
    return exception(why, errorInfo(reason), RefusalText.of(why, ""), time);
  }

  /**
   * The exception that ends a call because of a bug, or because the server stops. It has no
   * pushback, so that gRPC calls another replica at once.
   */
  static StatusRuntimeException of(RefusalReason reason) {
    return withoutRequest(reason, RefusalText.of(reason));
  }

  /** The exception that ends a call whose message the broker cannot read. */
  static StatusRuntimeException unreadable() {
    return explained(
        RefusalReason.REQUEST_INVALID,
        "The message cannot be read. Generate the client from token_broker.proto, and send at most"
            + " 256 KiB.");
  }

  /** The exception that ends a call with no message, or with more than one. */
  static StatusRuntimeException notOneMessage() {
    return explained(RefusalReason.REQUEST_INVALID, "Send exactly one whole message in each call.");
  }

  /** Whether grpc-java ends a stream with that status because it cannot read the request. */
  static boolean isOfUnreadable(Status ended) {
    return switch (ended.getCode()) {
      case INTERNAL, UNKNOWN, RESOURCE_EXHAUSTED -> true;
      default -> false; // the caller cancelled, or its connection was lost
    };
  }

  /** The exception that ends a call on a connection whose client certificate has expired. */
  static StatusRuntimeException expiredCertificate() {
    return explained(
        RefusalReason.CALLER_UNAUTHENTICATED,
        "The client certificate of this connection has expired. Connect again with a valid one.");
  }

  private static StatusRuntimeException explained(RefusalReason reason, String explanation) {
    return withoutRequest(reason, RefusalText.explained(reason, explanation));
  }

  /** The exception that ends a call before its request is evaluated, so without a verdict. */
  private static StatusRuntimeException withoutRequest(RefusalReason reason, String text) {
    Metadata trailers = new Metadata();
    if (reason.retry() == RefusalReason.Retry.NEVER) {
      trailers.put(PUSHBACK, NO_RETRY);
    }
    return ended(
        code(reason).toStatus().withDescription(text),
        com.google.rpc.Status.newBuilder().addDetails(Any.pack(errorInfo(reason))),
        trailers);
  }

  private static ErrorInfo errorInfo(RefusalReason reason) {
    return ErrorInfo.newBuilder().setReason(reason.name()).setDomain(DOMAIN).build();
  }

  private static StatusRuntimeException ended(
      Status status, com.google.rpc.Status.Builder details, Metadata trailers) {
    details.setCode(status.getCode().value()).setMessage(status.getDescription());
    trailers.put(DETAILS, details.build().toByteArray());
    return new RefusedCall(status, trailers);
  }

  private static ErrorInfo errorInfo(RefusalReason reason, Verdict disclosed) {
    ErrorInfo info =
        errorInfo(reason).toBuilder().putMetadata("verdict_id", disclosed.id()).build();
    for (Map.Entry<String, String> fact : DisclosedFacts.of(disclosed).entrySet()) {
      ErrorInfo more = info.toBuilder().putMetadata(fact.getKey(), fact.getValue()).build();
      if (more.getSerializedSize() <= MAX_INFO_BYTES) {
        info = more;
      }
    }
    return info;
  }

  private static RetryInfo retryInfo(long millis) {
    var delay =
        Duration.newBuilder()
            .setSeconds(millis / 1_000)
            .setNanos((int) (millis % 1_000) * 1_000_000);
    return RetryInfo.newBuilder().setRetryDelay(delay).build();
  }

  private static BadRequest badRequest(List<FieldViolation> violations) {
    var request = BadRequest.newBuilder();
    violations.stream()
        .limit(MAX_VIOLATIONS)
        .forEach(
            violation ->
                request.addFieldViolations(
                    BadRequest.FieldViolation.newBuilder()
                        .setField(violation.field())
                        .setDescription(violation.description())));
    return request.build();
  }

  /**
   * The exception that ends a refused call. It has no stack trace: one place makes all instances,
   * and a refusal must be cheap under overload.
   */
  static final class RefusedCall extends StatusRuntimeException {

    RefusedCall(Status status, Metadata trailers) {
      super(status, trailers);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }
}
