package dev.tokenbroker.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tokenbroker.exchange.DisclosedFacts;
import dev.tokenbroker.exchange.FieldViolation;
import dev.tokenbroker.exchange.Pushback;
import dev.tokenbroker.exchange.Verdict;
import dev.tokenbroker.outcome.Refusal;
import dev.tokenbroker.outcome.RefusalReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Turns a refusal into what goes over the wire: the status code, google.rpc details, and the
 * pushback of gRFC A6. The only place that knows status codes.
 *
 * <p>The details of one refusal stay under {@value #MAX_DETAIL_BYTES} bytes before their base64
 * encoding, so under 4 KiB with it: proxies cut larger trailers, and a cut trailer is an opaque
 * failure.
 */
final class RefusalStatus {

  static final String DOMAIN = "tokenbroker.dev";
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** A google.rpc.Status. */
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** The status, as it is sent, that the server below gives to a message that is too large. */
  static final String TOO_LARGE_BELOW = Integer.toString(Status.Code.RESOURCE_EXHAUSTED.value());

  private static final Metadata.Key<String> ACCEPTED_ENCODINGS =
      Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER);

  private static final int MAX_DETAIL_BYTES = 2_900;
  private static final int MAX_INFO_BYTES = MAX_DETAIL_BYTES - 1_200;
  private static final int MAX_VIOLATIONS = 8;

  private static final Map<RefusalReason, Status> ENDINGS = endings();

  private RefusalStatus() {}

  private static Map<RefusalReason, Status> endings() {
    Map<RefusalReason, Status> endings = new EnumMap<>(RefusalReason.class);
    for (RefusalReason reason : RefusalReason.values()) {
      endings.put(
          reason,
          code(reason).toStatus().withDescription(reason.meaning() + " " + reason.remedy()));
    }
    return endings;
  }

  /** The status code of a reason. */
  static Status.Code code(RefusalReason reason) {
    return switch (reason) {
      case REQUEST_INVALID, ACTOR_NOT_SUPPORTED, TOKEN_NOT_REVOCABLE ->
          Status.Code.INVALID_ARGUMENT;
      case CALLER_UNAUTHENTICATED,
          CREDENTIAL_TYPE_NOT_SUPPORTED,
          CREDENTIAL_TOO_LARGE,
          CREDENTIAL_MALFORMED,
          CREDENTIAL_NOT_SUPPORTED,
          CLAIM_MISSING,
          ISSUER_UNKNOWN,
          ISSUER_NEAR_MISS,
          ALGORITHM_NOT_ALLOWED,
          KEY_UNKNOWN,
          SIGNATURE_INVALID,
          CREDENTIAL_EXPIRED,
          CREDENTIAL_NOT_YET_VALID,
          CREDENTIAL_TOO_OLD,
          CREDENTIAL_KEY_NOT_PROVED,
          CREDENTIAL_ALREADY_USED,
          AUDIENCE_MISMATCH,
          CERTIFICATE_REQUIRED,
          DPOP_PROOF_REQUIRED,
          DPOP_PROOF_INVALID,
          DPOP_PROOF_MISDIRECTED,
          DPOP_PROOF_OUT_OF_TIME,
          DPOP_NONCE_REQUIRED,
          DPOP_PROOF_REPLAYED ->
          Status.Code.UNAUTHENTICATED;
      case ISSUER_DISABLED,
          TARGET_UNKNOWN,
          NO_RULE_MATCHED,
          RULE_DISABLED,
          SCOPE_NOT_GRANTED,
          UPSTREAM_CREDENTIAL_REFUSED,
          CALLER_NOT_PERMITTED ->
          Status.Code.PERMISSION_DENIED;
      case KEY_REFETCH_COOLING_DOWN,
          KEYS_UNREACHABLE,
          KEYS_INVALID,
          ISSUER_TLS_UNTRUSTED,
          FEDERATION_NOT_LOADED,
          SIGNING_KEY_UNAVAILABLE,
          UPSTREAM_UNREACHABLE,
          UPSTREAM_UNAVAILABLE,
          UPSTREAM_TIMED_OUT,
          UPSTREAM_TLS_UNTRUSTED,
          UPSTREAM_ANSWER_MALFORMED,
          UPSTREAM_TOKEN_UNUSABLE,
          UPSTREAM_CIRCUIT_OPEN,
          REVOCATION_NOT_STORED,
          BROKER_STOPPING ->
          Status.Code.UNAVAILABLE;
      case DISCOVERY_ISSUER_MISMATCH,
          ISSUER_ADDRESS_REFUSED,
          RULE_EVALUATION_FAILED,
          UPSTREAM_CLIENT_REFUSED,
          UPSTREAM_NOT_PERMITTED,
          UPSTREAM_REQUEST_REFUSED,
          UPSTREAM_TOKEN_OUTLIVES_CREDENTIAL,
          UPSTREAM_ADDRESS_REFUSED,
          UPSTREAM_ISSUER_MISMATCH ->
          Status.Code.FAILED_PRECONDITION;
      case BROKER_OVERLOADED,
          CREDENTIAL_RATE_LIMITED,
          USED_CREDENTIALS_FULL,
          DPOP_PROOFS_FULL,
          UPSTREAM_THROTTLED,
          UPSTREAM_BUDGET_EXHAUSTED,
          UPSTREAM_BUSY,
          REVOCATIONS_FULL ->
          Status.Code.RESOURCE_EXHAUSTED;
      case DEADLINE_EXCEEDED -> Status.Code.DEADLINE_EXCEEDED;
      case INTERNAL_ERROR -> Status.Code.INTERNAL;
    };
  }

  /**
   * The exception that ends the call.
   *
   * @param disclosed the verdict as far as the caller may see it
   * @param violations what is wrong with the fields; only for {@code REQUEST_INVALID}
   */
  static StatusRuntimeException exception(
      Refusal refusal, Verdict disclosed, List<FieldViolation> violations) {
    return exception(refusal, errorInfo(refusal.reason(), disclosed), violations);
  }

  private static StatusRuntimeException exception(
      Refusal refusal, ErrorInfo info, List<FieldViolation> violations) {
    RefusalReason reason = refusal.reason();
    Metadata trailers = new Metadata();
    var details = com.google.rpc.Status.newBuilder().addDetails(Any.pack(info));
    switch (reason.retry()) {
      case NEVER -> trailers.put(PUSHBACK, "-1");
      case LATER -> {
        long millis = Pushback.of(refusal, ThreadLocalRandom.current()).toMillis();
        trailers.put(PUSHBACK, Long.toString(millis));
        details.addDetails(Any.pack(retryInfo(millis)));
      }
      case NONE -> {}
    }
    if (!violations.isEmpty()) {
      details.addDetails(Any.pack(badRequest(violations)));
    }
    return ended(Objects.requireNonNull(ENDINGS.get(reason)), details, trailers);
  }

  /**
   * The exception that ends the call of one who uses the broker beyond exchanges, where there is no
   * verdict. Of {@code REQUEST_INVALID} it says what is expected of the field {@code token}.
   */
  static StatusRuntimeException ofCaller(Refusal refusal) {
    boolean invalid = refusal.reason() == RefusalReason.REQUEST_INVALID;
    return exception(
        refusal,
        ErrorInfo.newBuilder().setReason(refusal.reason().name()).setDomain(DOMAIN).build(),
        invalid ? List.of(new FieldViolation("token", refusal.expected())) : List.of());
  }

  /** The exception that ends a call whose path is none. */
  static StatusRuntimeException noMethod() {
    return withoutRequest(
        Status.UNIMPLEMENTED.withDescription("Name a method: /package.Service/Method."),
        new Metadata());
  }

  /** The exception that ends a call whose message is no protobuf of its method. */
  static StatusRuntimeException unreadable() {
    return withoutRequest("The message cannot be read. Make the client from token_broker.proto.");
  }

  /** The exception that ends a call whose message has more bytes than a request can need. */
  static StatusRuntimeException tooLarge() {
    return withoutRequest(
        "The message is larger than this broker reads. Look at the size of the credential.");
  }

  /** The exception that ends a call of which all has not come in time. */
  static StatusRuntimeException tooSlow() {
    return withoutRequest("The request did not arrive in time: send it whole, and end it.");
  }

  /** The exception that ends a call with no message, or with several. */
  static StatusRuntimeException notOneMessage() {
    return withoutRequest("A call carries one message, and that one whole.");
  }

  /** The exception that ends a call whose messages are compressed in a way not known here. */
  static StatusRuntimeException compressedOtherwise() {
    return compressed(
        "identity,gzip",
        "This grpc-encoding is not known here. Send messages as they are, or by gzip.");
  }

  /**
   * The exception that ends a call whose messages are compressed, which its service does not take.
   */
  static StatusRuntimeException compressed() {
    return compressed("identity", "Send messages to this service as they are.");
  }

  private static StatusRuntimeException compressed(String accepted, String description) {
    Metadata trailers = new Metadata();
    trailers.put(ACCEPTED_ENCODINGS, accepted);
    return withoutRequest(Status.UNIMPLEMENTED.withDescription(description), trailers);
  }

  /** The exception that ends a question for the health of a service that there is not. */
  static StatusRuntimeException noSuchService() {
    return ofHealth(Status.NOT_FOUND, "There is no such service.");
  }

  /**
   * The exception that ends a watch of health while there are as many as there may be. To clients
   * that watch whom they call, this status means that health is not told, and they call all the
   * same; for any other they would not.
   */
  static StatusRuntimeException tooManyWatches() {
    return ofHealth(
        Status.UNIMPLEMENTED, "There are as many watches as there may be: ask by Check.");
  }

  /** The exception that ends a watch of health of a broker that stops. */
  static StatusRuntimeException stopping() {
    return ofHealth(Status.UNAVAILABLE, "The server is stopping.");
  }

  /** Health is a protocol of others, which knows neither our reasons nor our pushback. */
  private static StatusRuntimeException ofHealth(Status status, String description) {
    return new RefusedCall(status.withDescription(description), new Metadata());
  }

  /** The status of a refusal, as it is sent. */
  static String number(StatusRuntimeException refusal) {
    return Integer.toString(refusal.getStatus().getCode().value());
  }

  private static StatusRuntimeException withoutRequest(String description) {
    return withoutRequest(
        code(RefusalReason.REQUEST_INVALID).toStatus().withDescription(description),
        new Metadata());
  }

  /** There is no request to judge, so no verdict. */
  private static StatusRuntimeException withoutRequest(Status status, Metadata trailers) {
    trailers.put(PUSHBACK, "-1");
    var info =
        ErrorInfo.newBuilder()
            .setReason(RefusalReason.REQUEST_INVALID.name())
            .setDomain(DOMAIN)
            .build();
    return ended(status, com.google.rpc.Status.newBuilder().addDetails(Any.pack(info)), trailers);
  }

  private static StatusRuntimeException ended(
      Status status, com.google.rpc.Status.Builder details, Metadata trailers) {
    details.setCode(status.getCode().value()).setMessage(status.getDescription());
    trailers.put(DETAILS, details.build().toByteArray());
    return new RefusedCall(status, trailers);
  }

  private static ErrorInfo errorInfo(RefusalReason reason, Verdict disclosed) {
    var info =
        ErrorInfo.newBuilder()
            .setReason(reason.name())
            .setDomain(DOMAIN)
            .putMetadata("verdict_id", disclosed.id());
    int bytes = info.build().getSerializedSize();
    for (Map.Entry<String, String> fact : DisclosedFacts.of(disclosed).entrySet()) {
      int more =
          ErrorInfo.newBuilder()
              .putMetadata(fact.getKey(), fact.getValue())
              .build()
              .getSerializedSize();
      if (bytes + more <= MAX_INFO_BYTES) {
        info.putMetadata(fact.getKey(), fact.getValue());
        bytes += more;
      }
    }
    return info.build();
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
}
