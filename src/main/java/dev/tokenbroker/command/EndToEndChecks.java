package dev.tokenbroker.command;

import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import dev.tokenbroker.edges.edge.VerdictMessages;
import dev.tokenbroker.evaluate.exchange.evaluation.ExchangeRequest;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checks of {@code doctor} with a credential: the verdict that {@code explain} shows, and one
 * exchange. Nothing of a credential or a token is shown.
 */
final class EndToEndChecks {

  private static final String GROUP = "end to end";
  private static final Pattern REASON = Pattern.compile("[A-Z_]{1,64}");
  private static final String NO_TOKEN = "no token was issued";

  private final CheckList checks = new CheckList(GROUP);
  private final DoctorOptions options;
  private final ExchangeRequest request;
  private final Set<String> once;

  /**
   * @param once the names of the issuers whose credentials may be exchanged once only: they are
   *     explained and not exchanged
   */
  EndToEndChecks(DoctorOptions options, String credential, Set<String> once) {
    this.options = options;
    this.once = once;
    this.request =
        new ExchangeRequest(
            options.audience(),
            credential,
            "",
            List.of(),
            null,
            false,
            "command",
            "",
            PresentedKeys.NONE,
            PresentedClient.NONE,
            List.of());
  }

  /** The group where no exchange can be made. */
  static CheckGroup skipped(String why) {
    CheckList checks = new CheckList(GROUP);
    Stream.of(DoctorCheck.CREDENTIAL_ACCEPTED, DoctorCheck.TOKEN_ISSUED, DoctorCheck.TOKEN_REVOKED)
        .forEach(check -> checks.skipped(check, why));
    return checks.group();
  }

  CheckGroup check() {
    try {
      judge(options.broker() == null ? offline() : online(options.broker()));
    } catch (Failure failure) {
      checks.found(
          Defect.EXPLANATION_FAILED, failure.line(), "Correct that, and run doctor again.");
      skipExchange("the credential is not accepted");
    }
    return checks.group();
  }

  private Verdict online(Address broker) throws Failure {
    try (RunningBroker running = running(broker, "")) {
      return running.explain(request, "", false);
    }
  }

  private Verdict offline() throws Failure {
    Path document = Objects.requireNonNull(options.federation());
    try (OfflineBroker offline = new OfflineBroker(CommandSettings.load())) {
      return offline
          .explain(document, request, null, _ -> {})
          .map(VerdictMessages::of)
          .orElseThrow(() -> new Failure(ExitCode.DATA, "the document has problems"));
    }
  }

  private void judge(Verdict verdict) {
    Address broker = options.broker();
    if (verdict.getOutcome() != Outcome.OUTCOME_ACCEPTED) {
      checks.refused(
          DoctorCheck.CREDENTIAL_ACCEPTED, reason(verdict), seen(verdict), verdict.getRemedy());
      skipExchange("the credential is not accepted");
      return;
    }
    checks.passed(
        DoctorCheck.CREDENTIAL_ACCEPTED,
        "issuer " + verdict.getIssuer() + ", rule " + verdict.getRule());
    if (broker == null) {
      skipExchange("--broker is not given");
    } else if (once.contains(verdict.getIssuer())) {
      skipExchange("the issuer has once: true, so an exchange would use the credential up");
    } else {
      exchange(broker);
    }
  }

  /** A broker's reason; it is text of a peer. */
  private static String reason(Verdict verdict) {
    return REASON.matcher(verdict.getReason()).matches()
        ? verdict.getReason()
        : Defect.EXPLANATION_FAILED.name();
  }

  private static String seen(Verdict verdict) {
    return verdict.getStepsList().stream()
        .filter(step -> step.getResult() == StepResult.STEP_RESULT_FAILED)
        .map(
            step ->
                "step %s: expected %s, seen %s"
                    .formatted(step.getName(), step.getExpected(), step.getSeen()))
        .findFirst()
        .orElse("verdict " + verdict.getId() + "; an operator's token shows the steps");
  }

  private void skipExchange(String why) {
    checks.skipped(DoctorCheck.TOKEN_ISSUED, why);
    checks.skipped(DoctorCheck.TOKEN_REVOKED, NO_TOKEN);
  }

  private void exchange(Address broker) {
    String token = "";
    try (RunningBroker running = running(broker, "")) {
      BrokerConnection.Reply reply = running.exchange(request);
      ExchangeTokenResponse response = running.issued(reply);
      token = response.getAccessToken();
      if (token.isEmpty()) {
        checks.found(
            Defect.EXCHANGE_FAILED,
            "gRPC status " + reply.status() + " " + reply.detail(),
            "Read the verdict of this exchange in the audit log: the evaluation accepts, the"
                + " issuance fails.");
      } else {
        Instant expires = Instant.ofEpochSecond(response.getExpireTime().getSeconds());
        checks.passed(DoctorCheck.TOKEN_ISSUED, response.getTokenType() + ", until " + expires);
      }
    } catch (Failure failure) {
      checks.found(Defect.EXCHANGE_FAILED, failure.line(), "Read the log of the broker.");
    }
    if (token.isEmpty()) {
      checks.skipped(DoctorCheck.TOKEN_REVOKED, NO_TOKEN);
    } else if (options.callerToken() == null) {
      checks.skipped(DoctorCheck.TOKEN_REVOKED, "--authorization-file is not given");
    } else {
      revoke(broker, token, options.callerToken());
    }
  }

  private void revoke(Address broker, String token, String callerToken) {
    try (RunningBroker running = running(broker, callerToken)) {
      BrokerConnection.Reply reply = running.revoke(token);
      if (reply.status() == 0) {
        checks.passed(DoctorCheck.TOKEN_REVOKED, "");
      } else {
        checks.found(
            Defect.REVOCATION_FAILED,
            "gRPC status " + reply.status() + " " + reply.detail(),
            "Give the token of a caller with the scope revoke; tokens of an upstream cannot be"
                + " revoked.");
      }
    } catch (Failure failure) {
      checks.found(Defect.REVOCATION_FAILED, failure.line(), "Read the log of the broker.");
    }
  }

  private RunningBroker running(Address broker, String callerToken) {
    return new RunningBroker(broker, options.connection(), callerToken, !options.plaintext());
  }
}
