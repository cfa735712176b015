package dev.tokenbroker.command;

import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.exchange.ExchangeRequest;
import dev.tokenbroker.v1.Verdict;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The judge of the credential of {@code doctor}: a running broker, or the document alone. */
final class DoctorJudge {

  private final @Nullable Address broker;
  private final ConnectionOptions options;
  private final boolean plaintext;
  private final Path document;

  private DoctorJudge(
      @Nullable Address broker, ConnectionOptions options, boolean plaintext, Path document) {
    this.broker = broker;
    this.options = options;
    this.plaintext = plaintext;
    this.document = document;
  }

  /** The judge for these options, which name a broker or a document. */
  static DoctorJudge of(DoctorOptions options) {
    Path document = options.federation();
    return new DoctorJudge(
        options.broker(),
        options.connection(),
        options.plaintext(),
        document == null ? Path.of("") : document);
  }

  /** Whether no broker runs, so that nothing can be issued. */
  boolean isOffline() {
    return broker == null;
  }

  /** Judges the request; issues nothing. */
  Verdict verdict(ExchangeRequest request) throws Failure {
    if (broker != null) {
      try (BrokerCalls calls = calls(broker, "")) {
        return new RunningBroker(calls).explain(request, "", false);
      }
    }
    try (OfflineBroker offline = new OfflineBroker(CommandSettings.load())) {
      return offline
          .explain(document, request, null, _ -> {})
          .map(VerdictMessages::of)
          .orElseThrow(() -> new Failure(ExitCode.DATA, "the document has problems"));
    }
  }

  /** The reply to an exchange at the running broker. */
  BrokerConnection.Reply exchange(ExchangeRequest request) throws Failure {
    try (BrokerCalls calls = calls(running(), "")) {
      return new RunningBroker(calls).exchange(request);
    }
  }

  /** The reply to a revocation at the running broker. */
  BrokerConnection.Reply revoke(String token, String callerToken) throws Failure {
    try (BrokerCalls calls = calls(running(), callerToken)) {
      return new RunningBroker(calls).revoke(token);
    }
  }

  private Address running() {
    if (broker == null) {
      throw new IllegalStateException("no broker runs");
    }
    return broker;
  }

  private BrokerCalls calls(Address address, String callerToken) {
    return new BrokerCalls(new BrokerConnection(address, options), callerToken, !plaintext);
  }
}
