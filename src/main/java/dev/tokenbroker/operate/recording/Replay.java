package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.outcome.Step;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.AssumedIdentity;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Condition;
import dev.tokenbroker.judge.policy.Expressions;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.possession.AssumedKeys;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.cases.ExpectationReader;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.cases.ValueText;
import dev.tokenbroker.operate.recording.ReplayPolicy.Prepared;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges the requests of a recording by a candidate federation and compares the outcomes. Replay
 * never guesses: a request with insufficient recorded claims is not replayable.
 */
public final class Replay {

  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final String NOT_RECORDED = "(not recorded)";

  private final ReplayPolicy candidate;
  private final @Nullable ReplayPolicy current;
  private final @Nullable Federation currentFederation;

  /**
   * @param current the federation in force at the time of the recording; null to compare with the
   *     recorded endings, which have no subject, scopes and claims
   */
  public Replay(Federation candidate, @Nullable Federation current) {
    Expressions expressions = new Expressions();
    this.candidate = new ReplayPolicy(candidate, expressions);
    this.current = current == null ? null : new ReplayPolicy(current, expressions);
    this.currentFederation = current;
  }

  /**
   * The result for one request.
   *
   * @param before the earlier outcome, in words
   * @param after the outcome with the candidate, in words
   */
  public record ReplayResult(
      RecordedRequest.Line line, CandidateEffect change, String before, String after) {}

  /** The decision of one federation, as far as the recording shows it. */
  private record ReplayedJudgement(
      @Nullable Judgement judgement, String why, @Nullable String withoutTerms) {

    static ReplayedJudgement undecidable(String why) {
      return new ReplayedJudgement(null, why, null);
    }
  }

  /** Judges one request. */
  public ReplayResult judge(RecordedRequest.Line line) {
    ReplayedJudgement after = judge(candidate, line);
    if (after.judgement() == null) {
      return notReplayable(line, after.why());
    }
    if (current == null) {
      return compare(line, after);
    }
    ReplayedJudgement before = judge(current, line);
    if (before.judgement() == null) {
      return compare(line, after);
    }
    if (isOfCurrent(line) && !reproduces(before.judgement(), line)) {
      return notReplayable(
          line, "the document that decided it now decides otherwise: " + words(before));
    }
    String issuers = issuerChange(line.request());
    if (issuers != null && after.judgement() instanceof Judgement.Granted) {
      return notReplayable(line, issuers);
    }
    return result(line, before, after);
  }

  private ReplayResult result(
      RecordedRequest.Line line, ReplayedJudgement before, ReplayedJudgement after) {
    Judgement old = Objects.requireNonNull(before.judgement());
    Judgement now = Objects.requireNonNull(after.judgement());
    boolean known = before.withoutTerms() == null && after.withoutTerms() == null;
    CandidateEffect change =
        CandidateEffect.between(old, now, (one, other) -> isSameGrant(one, other, known));
    if (change == CandidateEffect.UNCHANGED
        && !known
        && current != null
        && old instanceof Judgement.Granted one
        && now instanceof Judgement.Granted other
        && !current.terms(one.rule()).equals(candidate.terms(other.rule()))) {
      String why = after.withoutTerms() == null ? before.withoutTerms() : after.withoutTerms();
      return notReplayable(line, "the terms of rule %s differ: %s".formatted(other.rule(), why));
    }
    return new ReplayResult(line, change, words(before), words(after));
  }

  /** A recording has no requested lifetime, so lifetimes are not compared. */
  private static boolean isSameGrant(
      Judgement.Granted one, Judgement.Granted other, boolean known) {
    return one.scopes().equals(other.scopes())
        && (!known
            || (one.subject().equals(other.subject()) && one.claims().equals(other.claims())));
  }

  private static ReplayResult notReplayable(RecordedRequest.Line line, String why) {
    return new ReplayResult(line, CandidateEffect.NOT_REPLAYABLE, ended(line), why);
  }

  private boolean isOfCurrent(RecordedRequest.Line line) {
    return currentFederation != null
        && currentFederation.revision().equals(line.ending().revision());
  }

  private static boolean reproduces(Judgement judgement, RecordedRequest.Line line) {
    return switch (judgement) {
      case Judgement.Granted granted ->
          line.ending().reason() == null && granted.rule().equals(line.ending().rule());
      case Judgement.Denied denied -> denied.reason().name().equals(line.ending().reason());
    };
  }

  /** What differs in how the documents verify credentials of an issuer; null if nothing does. */
  private @Nullable String issuerChange(RecordedRequest request) {
    TrustedIssuer before = current == null ? null : current.issuer(request);
    TrustedIssuer after = candidate.issuer(request);
    if (before == null || after == null) {
      return null;
    }
    if (!before.audiences().equals(after.audiences())) {
      return "the audiences of issuer " + after.name() + " differ";
    }
    return before.algorithms().equals(after.algorithms())
        ? null
        : "the algorithms of issuer " + after.name() + " differ";
  }

  private static CandidateEffect change(boolean before, boolean after) {
    if (before == after) {
      return CandidateEffect.UNCHANGED;
    }
    return after ? CandidateEffect.NEWLY_ACCEPTED : CandidateEffect.NEWLY_REFUSED;
  }

  /** Compares the judgement with the recorded ending. */
  private static ReplayResult compare(RecordedRequest.Line line, ReplayedJudgement after) {
    boolean was = line.ending().reason() == null;
    CandidateEffect change =
        was
                && after.judgement() instanceof Judgement.Granted now
                && !now.rule().equals(line.ending().rule())
            ? CandidateEffect.OTHER_RULE
            : change(was, after.judgement() instanceof Judgement.Granted);
    return new ReplayResult(line, change, ended(line), words(after));
  }

  private static String ended(RecordedRequest.Line line) {
    return line.ending().reason() == null
        ? "accepted by " + line.ending().rule()
        : "refused: " + line.ending().reason();
  }

  private static String words(ReplayedJudgement judged) {
    return switch (judged.judgement()) {
      case Judgement.Granted granted ->
          "accepted by %s, subject %s, scopes %s"
              .formatted(
                  granted.rule(),
                  judged.withoutTerms() == null ? ValueText.of(granted.subject()) : "not known",
                  ValueText.of(granted.scopes()));
      case Judgement.Denied denied -> "refused: " + denied.reason();
      case null -> judged.why();
    };
  }

  private ReplayedJudgement judge(ReplayPolicy federation, RecordedRequest.Line line) {
    RecordedRequest request = line.request();
    TrustedIssuer issuer = federation.issuer(request);
    if (issuer == null) {
      return federation.trusts(request.iss())
          ? ReplayedJudgement.undecidable(
              "several issuers have this iss, and none of them the name " + request.issuer())
          : refused(RefusalReason.ISSUER_UNKNOWN);
    }
    if (issuer.disabled()) {
      return refused(RefusalReason.ISSUER_DISABLED);
    }
    RefusalReason unknown = federation.refusalOf(request.client());
    if (unknown != null) {
      return refused(unknown);
    }
    Prepared prepared =
        federation.prepared(
            federation.rules(issuer.name(), request.target()), request, rule -> held(line, rule));
    return judge(prepared, issuer, line);
  }

  private static ReplayedJudgement refused(RefusalReason reason) {
    return new ReplayedJudgement(
        new Judgement.Denied(reason, Step.ISSUER, null, "", List.of(), List.of()), "", null);
  }

  private ReplayedJudgement judge(
      Prepared prepared, TrustedIssuer issuer, RecordedRequest.Line line) {
    Judgement judgement = judgement(prepared.policy(), issuer, line);
    String rule = judgement.rule();
    String why = rule == null ? null : prepared.undecidable().get(rule);
    return why == null
        ? new ReplayedJudgement(
            judgement, "", rule == null ? null : prepared.withoutTerms().get(rule))
        : ReplayedJudgement.undecidable("rule %s: %s".formatted(rule, why));
  }

  private static Judgement judgement(
      Policy policy, TrustedIssuer issuer, RecordedRequest.Line line) {
    RecordedRequest request = line.request();
    Instant now = line.last();
    Map<String, Object> claims = new HashMap<>(request.claims());
    claims.put("iss", issuer.issuer());
    String subject = claims.get("sub") instanceof String text ? text : NOT_RECORDED;
    VerifiedIdentity identity =
        AssumedIdentity.of(issuer, subject, now.plus(LIFE), Collections.unmodifiableMap(claims));
    return Judgement.of(
        policy,
        identity,
        new GrantRequest(request.target(), Set.copyOf(request.scopes()), null).by(request.client()),
        AssumedKeys.of(request.certificate(), request.proof()),
        now);
  }

  /**
   * Whether the condition of a rule held at the time of the recording; null if unknown. The result
   * is known only if the federation of that time tried the same condition.
   */
  private @Nullable Boolean held(RecordedRequest.Line line, Rule rule) {
    TrustedIssuer issuer = current == null ? null : current.issuer(line.request());
    if (current == null || issuer == null || !isOfCurrent(line) || !hasDecided(line.ending())) {
      return null;
    }
    for (Rule then : current.rules(issuer.name(), line.request().target())) {
      if (then.shadow()
          || (then.client() != null && !then.client().equals(line.request().client()))) {
        continue; // it decided nothing, so the ending does not tell whether it held
      }
      boolean decided = then.name().equals(line.ending().rule());
      if (isSame(then.when(), rule.when())) {
        return decided;
      }
      if (decided) {
        return null; // the broker did not try later rules
      }
    }
    return null;
  }

  /** Whether the conditions of the rules had a value then. */
  private static boolean hasDecided(RecordedRequest.Ending ending) {
    return ending.reason() == null
        || (!ending.reason().equals(RefusalReason.RULE_EVALUATION_FAILED.name())
            && ExpectationReader.REASONS.stream()
                .anyMatch(reason -> reason.name().equals(ending.reason())));
  }

  private static boolean isSame(Condition one, Condition other) {
    return one.source().equals(other.source());
  }
}
