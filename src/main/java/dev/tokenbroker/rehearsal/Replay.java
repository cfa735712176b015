package dev.tokenbroker.rehearsal;

import dev.tokenbroker.credential.AssumedIdentity;
import dev.tokenbroker.credential.VerifiedIdentity;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.issuer.TrustedIssuer;
import dev.tokenbroker.outcome.RefusalReason;
import dev.tokenbroker.outcome.Step;
import dev.tokenbroker.policy.ClaimUses.ClaimUse;
import dev.tokenbroker.policy.Condition;
import dev.tokenbroker.policy.Expressions;
import dev.tokenbroker.policy.GrantRequest;
import dev.tokenbroker.policy.Policy;
import dev.tokenbroker.policy.Rule;
import dev.tokenbroker.possession.AssumedKeys;
import dev.tokenbroker.rehearsal.KnownValues.Restored;
import dev.tokenbroker.rehearsal.ReplayPolicy.Prepared;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
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
  private final KnownValues values;
  private final boolean hasKey;

  /**
   * @param current the federation in force at the time of the recording; null to compare with the
   *     recorded endings, which have no subject, scopes and claims
   * @param mask the mask with the recording's key; without it (null), keyed claims are unknown
   */
  public Replay(Federation candidate, @Nullable Federation current, @Nullable ClaimMask mask) {
    Expressions expressions = new Expressions();
    this.candidate = new ReplayPolicy(candidate, expressions);
    this.current = current == null ? null : new ReplayPolicy(current, expressions);
    this.currentFederation = current;
    this.values =
        new KnownValues(mask, Stream.of(candidate, current).filter(Objects::nonNull).toList());
    this.hasKey = mask != null;
  }

  /**
   * The result for one request.
   *
   * @param before the earlier outcome, in words
   * @param after the outcome with the candidate, in words
   */
  public record ReplayResult(
      RecordedRequest.Line line, ReplayChange change, String before, String after) {}

  /** The decision of one federation, as far as the recording shows it. */
  private record ReplayedJudgement(
      @Nullable Judgement judgement, String why, @Nullable String withoutTerms) {

    static ReplayedJudgement undecidable(String why) {
      return new ReplayedJudgement(null, why, null);
    }
  }

  /** Returns the candidate's rule that accepts a request; null if no rule is known to accept it. */
  @Nullable String acceptedBy(RecordedRequest.Line line) {
    return judge(candidate, line).judgement() instanceof Judgement.Granted granted
        ? granted.rule()
        : null;
  }

  /** Judges one request. */
  public ReplayResult judge(RecordedRequest.Line line) {
    ReplayedJudgement after = judge(candidate, line);
    if (after.judgement() == null) {
      return new ReplayResult(line, ReplayChange.NOT_REPLAYABLE, ended(line), after.why());
    }
    ReplayedJudgement before =
        current == null ? ReplayedJudgement.undecidable("") : judge(current, line);
    if (before.judgement() == null) {
      return compare(line, after.judgement());
    }
    ReplayChange change = change(before, after);
    return new ReplayResult(line, change, words(before.judgement()), words(after.judgement()));
  }

  private static ReplayChange change(ReplayedJudgement before, ReplayedJudgement after) {
    if (before.judgement() instanceof Judgement.Granted old
        && after.judgement() instanceof Judgement.Granted now) {
      if (!old.rule().equals(now.rule())) {
        return ReplayChange.OTHER_RULE;
      }
      boolean comparable = before.withoutTerms() == null && after.withoutTerms() == null;
      boolean same =
          old.scopes().equals(now.scopes())
              && (!comparable
                  || (old.subject().equals(now.subject()) && old.claims().equals(now.claims())));
      return same ? ReplayChange.UNCHANGED : ReplayChange.OTHER_TERMS;
    }
    return change(
        before.judgement() instanceof Judgement.Granted,
        after.judgement() instanceof Judgement.Granted);
  }

  private static ReplayChange change(boolean before, boolean after) {
    if (before == after) {
      return ReplayChange.UNCHANGED;
    }
    return after ? ReplayChange.NEWLY_ACCEPTED : ReplayChange.NEWLY_REFUSED;
  }

  /** Compares the judgement with the recorded ending. */
  private static ReplayResult compare(RecordedRequest.Line line, Judgement after) {
    boolean was = line.ending().reason() == null;
    ReplayChange change =
        was && after instanceof Judgement.Granted now && !now.rule().equals(line.ending().rule())
            ? ReplayChange.OTHER_RULE
            : change(was, after instanceof Judgement.Granted);
    return new ReplayResult(line, change, ended(line), words(after));
  }

  private static String ended(RecordedRequest.Line line) {
    return line.ending().reason() == null
        ? "accepted by " + line.ending().rule()
        : "refused: " + line.ending().reason();
  }

  private static String words(Judgement judgement) {
    return switch (judgement) {
      case Judgement.Granted granted ->
          "accepted by %s, subject %s, scopes %s"
              .formatted(
                  granted.rule(), ValueText.of(granted.subject()), ValueText.of(granted.scopes()));
      case Judgement.Denied denied -> "refused: " + denied.reason();
    };
  }

  private ReplayedJudgement judge(ReplayPolicy federation, RecordedRequest.Line line) {
    RecordedRequest request = line.request();
    TrustedIssuer issuer = federation.issuer(request.issuer());
    if (issuer == null) {
      return new ReplayedJudgement(
          new Judgement.Denied(
              RefusalReason.ISSUER_UNKNOWN, Step.ISSUER, null, "", List.of(), List.of()),
          "",
          null);
    }
    Map<String, Object> claims = new HashMap<>(request.clear());
    Set<String> inexact = new HashSet<>();
    request
        .keyed()
        .forEach(
            (name, keyed) -> {
              Restored restored = values.of(keyed);
              claims.put(name, restored.value());
              if (!restored.exact()) {
                inexact.add(name);
              }
            });
    List<Rule> rules = federation.rules(request.issuer(), request.target());
    Prepared prepared =
        federation.prepared(
            rules, (claim, use) -> unknown(request, inexact, claim, use), rule -> held(line, rule));
    return judge(prepared, issuer, line, claims);
  }

  private ReplayedJudgement judge(
      Prepared prepared,
      TrustedIssuer issuer,
      RecordedRequest.Line line,
      Map<String, Object> claims) {
    Judgement judgement = judgement(prepared.policy(), issuer, line, claims);
    String rule = judgement.rule();
    String why = rule == null ? null : prepared.undecidable().get(rule);
    return why == null
        ? new ReplayedJudgement(
            judgement, "", rule == null ? null : prepared.withoutTerms().get(rule))
        : ReplayedJudgement.undecidable("rule %s: %s".formatted(rule, why));
  }

  static Judgement judgement(
      Policy policy, TrustedIssuer issuer, RecordedRequest.Line line, Map<String, Object> claims) {
    RecordedRequest request = line.request();
    Instant now = line.last();
    Map<String, Object> all = new HashMap<>(claims);
    all.putIfAbsent("iss", issuer.issuer());
    String subject = all.get("sub") instanceof String text ? text : NOT_RECORDED;
    VerifiedIdentity identity =
        AssumedIdentity.of(issuer, subject, now.plus(LIFE), Collections.unmodifiableMap(all));
    return Judgement.of(
        policy,
        identity,
        new GrantRequest(request.target(), Set.copyOf(request.scopes()), null),
        AssumedKeys.of(request.certificate(), request.proof()),
        now);
  }

  /** Returns why a claim cannot be used in that way; null if it can. */
  private @Nullable String unknown(
      RecordedRequest request, Set<String> inexact, String claim, ClaimUse use) {
    if (claim.equals("iss")) {
      return null;
    }
    if (!request.knows(claim)) {
      return "claim '" + claim + "' was not recorded";
    }
    if (!inexact.contains(claim)) {
      return null;
    }
    if (!hasKey) {
      return "claim '" + claim + "' is keyed, and the key is not given";
    }
    return use == ClaimUse.COMPARED ? null : "it examines claim '" + claim + "', which is keyed";
  }

  /**
   * Whether the condition of a rule held at the time of the recording; null if unknown. The result
   * is known only if the federation of that time tried the same condition.
   */
  private @Nullable Boolean held(RecordedRequest.Line line, Rule rule) {
    if (currentFederation == null
        || !currentFederation.revision().equals(line.ending().revision())
        || RefusalReason.RULE_EVALUATION_FAILED.name().equals(line.ending().reason())
        || current == null) {
      return null;
    }
    for (Rule then : current.rules(line.request().issuer(), line.request().target())) {
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

  private static boolean isSame(Condition one, Condition other) {
    return one.source().equals(other.source());
  }
}
