package dev.tokenbroker.command;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A refusal as a broker's status details tell it. The texts are the broker's, which may be newer
 * than this command.
 *
 * @param retryable whether the broker itself cannot answer now
 * @param reason in UPPER_SNAKE
 * @param meaning what the reason means
 * @param remedy what to do; empty if the broker does not say
 * @param facts further details, as {@code name: value}
 */
record CallRefusal(
    boolean retryable, String reason, String meaning, String remedy, List<String> facts) {

  private static final String DOMAIN = "tokenbroker.dev";
  private static final String TYPE_PREFIX = "type.googleapis.com/";
  private static final String ERROR_INFO = TYPE_PREFIX + "google.rpc.ErrorInfo";
  private static final String BAD_REQUEST = TYPE_PREFIX + "google.rpc.BadRequest";
  private static final int GRPC_UNAVAILABLE = 14;
  private static final int MAX_FACTS = 16;

  CallRefusal {
    facts = List.copyOf(facts);
  }

  /** The refusal; empty if the reply has no details of a token broker. */
  static Optional<CallRefusal> of(BrokerConnection.Reply reply) {
    try {
      String trailer = reply.details().split(",", 2)[0];
      return read(Status.parseFrom(Base64.getDecoder().decode(trailer)), reply.status());
    } catch (InvalidProtocolBufferException | IllegalArgumentException unreadable) {
      return Optional.empty();
    }
  }

  private static Optional<CallRefusal> read(Status status, int code)
      throws InvalidProtocolBufferException {
    ErrorInfo info = null;
    List<String> facts = new ArrayList<>();
    for (Any detail : status.getDetailsList()) {
      // Not by Any.unpack, which needs reflection.
      if (detail.getTypeUrl().equals(ERROR_INFO)) {
        info = ErrorInfo.parseFrom(detail.getValue());
      } else if (detail.getTypeUrl().equals(BAD_REQUEST)) {
        BadRequest.parseFrom(detail.getValue())
            .getFieldViolationsList()
            .forEach(field -> facts.add(field.getField() + ": " + field.getDescription()));
      }
    }
    if (info == null || !info.getDomain().equals(DOMAIN)) {
      return Optional.empty();
    }
    new TreeMap<>(info.getMetadataMap()).forEach((name, value) -> facts.add(name + ": " + value));
    // A broker sends two sentences: the meaning and the remedy.
    String[] sentences = status.getMessage().split("(?<=\\.) ", 2);
    return Optional.of(
        new CallRefusal(
            code == GRPC_UNAVAILABLE,
            info.getReason(),
            sentences[0],
            sentences.length == 1 ? "" : sentences[1],
            facts));
  }

  /** The end of a command that the broker refuses. */
  Failure failure() {
    List<String> details = new ArrayList<>();
    details.add("meaning  " + meaning);
    if (!remedy.isEmpty()) {
      details.add("remedy   " + remedy);
    }
    facts.stream().limit(MAX_FACTS).forEach(fact -> details.add("detail   " + fact));
    return new Failure(
        retryable ? ExitCode.UNAVAILABLE : ExitCode.REFUSED,
        "the broker refuses: " + reason,
        details);
  }
}
