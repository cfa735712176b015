package dev.tokenbroker.edges.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.FieldViolation;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.RefusalReason.Retry;
import dev.tokenbroker.base.refusal.RefusalsDocument;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.TestVerdict;
import dev.tokenbroker.evaluate.exchange.evaluation.Verdict;
import io.grpc.Deadline;
import io.grpc.InternalMetadata;
import io.grpc.InternalStatus;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalStatusTest {

  private static final CallTime PATIENT = new CallTime(null, Duration.ofSeconds(10));

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void every_reason_has_its_status_error_info_and_pushback(RefusalReason reason) throws Exception {
    Refusal refusal = Refusal.of(reason).retryAfter(Duration.ofMillis(1_234));

    StatusRuntimeException thrown =
        RefusalStatus.exception(refusal, verdict(reason, "seen"), PATIENT);

    assertThat(thrown.getStatus().getCode()).isEqualTo(RefusalStatus.code(reason));
    ErrorInfo info = errorInfo(thrown);
    assertThat(info.getReason()).isEqualTo(reason.name());
    assertThat(info.getDomain()).isEqualTo("tokenbroker.dev");
    assertThat(info.getMetadataMap())
        .containsEntry("verdict_id", "v1")
        .containsEntry("step", "rule");
    assertThat(pushback(thrown))
        .isEqualTo(
            switch (reason.retry()) {
              case NEVER -> "-1";
              case LATER -> "1234";
              case NONE -> "";
            });
    assertThat(details(thrown, RetryInfo.class)).isEqualTo(reason.retry() == Retry.LATER);
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void the_details_stay_under_4_kib_whatever_the_evidence(RefusalReason reason) {
    String wide = "\u8A9E".repeat(Refusal.MAX_EVIDENCE_CHARS);
    List<FieldViolation> violations =
        Collections.nCopies(
            70, new FieldViolation("scopes[12]", "must be a scope-token of RFC 6749 section 3.3"));
    Refusal refusal =
        new Refusal(
            reason,
            wide,
            wide,
            Collections.nCopies(4, wide),
            List.of(),
            null,
            violations,
            Clue.none());

    StatusRuntimeException thrown =
        RefusalStatus.exception(refusal, verdict(reason, wide), PATIENT);

    int bytes = Objects.requireNonNull(StatusProto.fromThrowable(thrown)).getSerializedSize();
    assertThat(bytes * 4 / 3).isLessThan(4096);
  }

  /** A client that does not decode grpc-message (Node, curl) reads the text as it is. */
  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void the_message_needs_no_escape_on_the_wire(RefusalReason reason) {
    StatusRuntimeException thrown =
        RefusalStatus.exception(Refusal.of(reason), verdict(reason, "seen"), PATIENT);

    String description = Objects.requireNonNull(thrown.getStatus().getDescription());
    assertThat(onTheWire(description)).isEqualTo(description);
    assertThat(description).startsWith(reason + ": ").endsWith(" (verdict v1)");
  }

  @Test
  void messages_without_verdict_start_with_the_reason_unescaped()
      throws InvalidProtocolBufferException {
    CallTime time = PATIENT;
    for (StatusRuntimeException thrown :
        List.of(
            RefusalStatus.unreadable(),
            RefusalStatus.notOneMessage(),
            RefusalStatus.of(RefusalReason.BROKER_STOPPING),
            RefusalStatus.of(RefusalReason.INTERNAL_ERROR),
            RefusalStatus.expiredCertificate(),
            RefusalStatus.ofCaller(Refusal.of(RefusalReason.CALLER_NOT_PERMITTED), time))) {
      String description = Objects.requireNonNull(thrown.getStatus().getDescription());
      assertThat(onTheWire(description)).isEqualTo(description);
      assertThat(description).startsWith(errorInfo(thrown).getReason() + ": ");
    }
  }

  @Test
  void a_request_error_names_its_fields() {
    Refusal shape =
        Refusal.ofRequest(
            List.of(
                new FieldViolation("audience", "must be given"),
                new FieldViolation("scopes[3]", "must be a scope-token")));
    Refusal token = Refusal.of(RefusalReason.REQUEST_INVALID).expected("must be given");

    assertThat(
            RefusalStatus.exception(shape, verdict(shape.reason(), "seen"), PATIENT)
                .getStatus()
                .getDescription())
        .isEqualTo(
            "REQUEST_INVALID: The request is not well-formed. audience must be given. scopes[3]"
                + " must be a scope-token. (verdict v1)");
    assertThat(RefusalStatus.ofCaller(token, PATIENT).getStatus().getDescription())
        .isEqualTo("REQUEST_INVALID: The request is not well-formed. token must be given.");
  }

  @ParameterizedTest
  @EnumSource(RefusalReason.class)
  void shows_a_retry_time_beyond_the_deadline_in_the_details_only(RefusalReason reason) {
    Refusal refusal = Refusal.of(reason).retryAfter(Duration.ofSeconds(28));
    CallTime time = new CallTime(Deadline.after(5, TimeUnit.SECONDS), Duration.ofSeconds(10));

    StatusRuntimeException thrown = RefusalStatus.exception(refusal, verdict(reason, "seen"), time);

    assertThat(pushback(thrown)).isEqualTo(reason.retry() == Retry.NONE ? "" : "-1");
    assertThat(details(thrown, RetryInfo.class)).isEqualTo(reason.retry() == Retry.LATER);
  }

  private static String onTheWire(String description) {
    Metadata trailers = new Metadata();
    trailers.put(InternalStatus.MESSAGE_KEY, description);
    return new String(InternalMetadata.serialize(trailers)[1], StandardCharsets.US_ASCII);
  }

  @Test
  void the_document_has_one_correct_row_for_each_reason() throws IOException {
    Map<String, String> rows = RefusalsDocument.rows();

    assertThat(rows).hasSize(RefusalReason.values().length);
    for (RefusalReason reason : RefusalReason.values()) {
      String pushback =
          switch (reason.retry()) {
            case NEVER -> "`-1`";
            case LATER -> "ms";
            case NONE -> "–";
          };
      assertThat(rows.get(reason.name()))
          .as(reason.name())
          .contains("| " + RefusalStatus.code(reason) + " | " + pushback + " |")
          .contains(reason.meaning())
          .contains(reason.remedy());
    }
  }

  private static Verdict verdict(RefusalReason reason, String text) {
    Trail trail = new Trail();
    trail.issuer("github");
    trail.rule("deploy");
    Refusal refusal =
        Refusal.of(reason).expected(text).seen(text).hint(text).hint(text).hint(text).hint(text);
    trail.refuse(Step.RULE, refusal);
    return TestVerdict.refused(refusal, trail);
  }

  private static ErrorInfo errorInfo(StatusRuntimeException thrown)
      throws InvalidProtocolBufferException {
    return Objects.requireNonNull(StatusProto.fromThrowable(thrown))
        .getDetails(0)
        .unpack(ErrorInfo.class);
  }

  private static boolean details(
      StatusRuntimeException thrown, Class<? extends com.google.protobuf.Message> type) {
    return Objects.requireNonNull(StatusProto.fromThrowable(thrown)).getDetailsList().stream()
        .anyMatch(detail -> detail.is(type));
  }

  private static String pushback(StatusRuntimeException thrown) {
    String value = Objects.requireNonNull(thrown.getTrailers()).get(RefusalStatus.PUSHBACK);
    return value == null ? "" : value;
  }
}
