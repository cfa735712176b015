package dev.tokenbroker.command;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tokenbroker.command.doctor.CheckGroup;
import dev.tokenbroker.command.doctor.CheckList;
import dev.tokenbroker.command.doctor.Defect;
import dev.tokenbroker.command.doctor.DoctorCheck;
import dev.tokenbroker.evaluate.exchange.ExchangeRequest;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.v1.ExchangeTokenResponse;
import dev.tokenbroker.v1.Outcome;
import dev.tokenbroker.v1.StepResult;
import dev.tokenbroker.v1.Verdict;
import dev.tokenbroker.v1.VerdictStep;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The checks of {@code doctor} with a credential: one exchange that must succeed, and one that must
 * not. Nothing of a credential or a token is shown.
 */
final class EndToEndChecks {

  private static final String GROUP = "end to end";
  private static final String EDGE = "command";
  private static final Pattern REASON = Pattern.compile("[A-Z_]{1,64}");

  private final CheckList checks = new CheckList(GROUP);
  private final String audience;
  private final String credential;
  private final DoctorJudge judge;
  private final Set<String> once;
  private final @Nullable String callerToken;

  /**
   * @param once the names of the issuers whose credentials may be exchanged once only: they are
   *     explained and not exchanged
   * @param callerToken of a caller that may revoke; null to revoke nothing
   */
  EndToEndChecks(
      String audience,
      String credential,
      DoctorJudge judge,
      Set<String> once,
      @Nullable String callerToken) {
    this.audience = audience;
    this.credential = credential;
    this.judge = judge;
    this.once = once;
    this.callerToken = callerToken;
  }

  /** The group where no exchange can be made. */
  static CheckGroup skipped(String why) {
    CheckList checks = new CheckList(GROUP);
    Stream.of(
            DoctorCheck.CREDENTIAL_ACCEPTED,
            DoctorCheck.TOKEN_ISSUED,
            DoctorCheck.TOKEN_REVOKED,
            DoctorCheck.FORGERY_REFUSED)
        .forEach(check -> checks.skipped(check, why));
    return checks.group();
  }

  CheckGroup check() {
    Verdict verdict = accepted();
    if (verdict == null) {
      checks.skipped(DoctorCheck.TOKEN_ISSUED, "the credential is not accepted");
      checks.skipped(DoctorCheck.TOKEN_REVOKED, "no token was issued");
      checks.skipped(
          DoctorCheck.FORGERY_REFUSED,
          "a refusal proves nothing: the credential is refused anyway");
      return checks.group();
    }
    String token = issued(verdict);
    if (token == null) {
      checks.skipped(DoctorCheck.TOKEN_REVOKED, "no token was issued");
    } else {
      revoke(token);
    }
    forgery();
    return checks.group();
  }

  /** The verdict; null if the credential is refused, which is reported. */
  private @Nullable Verdict accepted() {
    try {
      Verdict verdict = judge.verdict(request(credential));
      if (verdict.getOutcome() == Outcome.OUTCOME_ACCEPTED) {
        checks.passed(
            DoctorCheck.CREDENTIAL_ACCEPTED,
            "issuer " + verdict.getIssuer() + ", rule " + verdict.getRule());
        return verdict;
      }
      checks.refused(
          DoctorCheck.CREDENTIAL_ACCEPTED, reason(verdict), seen(verdict), verdict.getRemedy());
    } catch (Failure failure) {
      checks.found(
          Defect.EXPLANATION_FAILED, failure.line(), "Correct that, and run doctor again.");
    }
    return null;
  }

  /** A broker's reason; it is text of a peer. */
  private static String reason(Verdict verdict) {
    return REASON.matcher(verdict.getReason()).matches()
        ? verdict.getReason()
        : Defect.EXPLANATION_FAILED.name();
  }

  private static String seen(Verdict verdict) {
    for (VerdictStep step : verdict.getStepsList()) {
      if (step.getResult() == StepResult.STEP_RESULT_FAILED) {
        return "step %s: expected %s, seen %s"
            .formatted(step.getName(), step.getExpected(), step.getSeen());
      }
    }
    return "verdict " + verdict.getId() + "; an operator's token shows the steps";
  }

  /** The token, not to be shown; null if none was issued. */
  private @Nullable String issued(Verdict verdict) {
    if (judge.isOffline()) {
      checks.skipped(DoctorCheck.TOKEN_ISSUED, "--broker is not given");
      return null;
    }
    if (once.contains(verdict.getIssuer())) {
      checks.skipped(
          DoctorCheck.TOKEN_ISSUED,
          "the issuer has once: true, so an exchange would use the credential up");
      return null;
    }
    try {
      BrokerConnection.Reply reply = judge.exchange(request(credential));
      if (reply.status() == 0) {
        return read(
            ExchangeTokenResponse.parseFrom(Objects.requireNonNull(reply.message()).getBytes()));
      }
      checks.found(
          Defect.EXCHANGE_FAILED,
          "gRPC status " + reply.status() + " " + reply.detail(),
          "Read the verdict of this exchange in the audit log: the evaluation accepts, the issuance"
              + " fails.");
    } catch (Failure failure) {
      checks.found(Defect.EXCHANGE_FAILED, failure.line(), "Read the log of the broker.");
    } catch (InvalidProtocolBufferException other) {
      checks.found(
          Defect.EXCHANGE_FAILED,
          "the response is no ExchangeTokenResponse",
          "Give the address of the broker: another gRPC server answers.");
    }
    return null;
  }

  private @Nullable String read(ExchangeTokenResponse response) {
    if (response.getAccessToken().isEmpty()) {
      checks.found(
          Defect.EXCHANGE_FAILED,
          "the response holds no token",
          "Check what stands between here and the broker: a broker never answers so.");
      return null;
    }
    checks.passed(
        DoctorCheck.TOKEN_ISSUED,
        "%s, until %s"
            .formatted(
                response.getTokenType(),
                Instant.ofEpochSecond(response.getExpireTime().getSeconds())));
    return response.getAccessToken();
  }

  private void revoke(String token) {
    if (callerToken == null) {
      checks.skipped(DoctorCheck.TOKEN_REVOKED, "--authorization-file is not given");
      return;
    }
    try {
      BrokerConnection.Reply reply = judge.revoke(token, callerToken);
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

  private void forgery() {
    String forged = forged(credential);
    try {
      Verdict verdict = judge.verdict(request(forged));
      if (verdict.getOutcome() == Outcome.OUTCOME_ACCEPTED) {
        checks.found(
            Defect.FORGERY_ACCEPTED,
            "a changed signature was accepted",
            "Stop this broker: what answers does not verify signatures.");
      } else {
        checks.passed(DoctorCheck.FORGERY_REFUSED, reason(verdict));
      }
    } catch (Failure failure) {
      checks.skipped(DoctorCheck.FORGERY_REFUSED, failure.line());
    }
  }

  /** The credential with another first character of its signature: all six bits of it count. */
  private static String forged(String credential) {
    int at = credential.lastIndexOf('.') + 1;
    char other = credential.charAt(at) == 'A' ? 'B' : 'A';
    return credential.substring(0, at) + other + credential.substring(at + 1);
  }

  private ExchangeRequest request(String token) {
    return new ExchangeRequest(
        audience,
        token,
        "",
        List.of(),
        null,
        false,
        EDGE,
        "",
        PresentedKeys.NONE,
        PresentedClient.NONE,
        List.of());
  }
}
