package dev.tokenbroker.operate.recording;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.judge.credential.AssumedIdentity;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.expression.ClaimUses;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.policy.Policy;
import dev.tokenbroker.judge.policy.Policy.GrantRequest;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.possession.AssumedKeys;
import dev.tokenbroker.operate.cases.CandidateEffect;
import dev.tokenbroker.operate.cases.Judgement;
import dev.tokenbroker.operate.cases.ValueText;
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

  private final Federation candidate;
  private final @Nullable Federation current;

  /**
   * @param current the federation in force at the time of the recording; null to compare with the
   *     recorded endings, which have no subject, scopes and claims
   */
  public Replay(Federation candidate, @Nullable Federation current) {
    this.candidate = candidate;
    this.current = current;
  }

  /**
   * The result for one request.
   *
   * @param before the earlier outcome, in words
   * @param after the outcome with the candidate, in words
   */
  public record ReplayResult(
      RecordedRequest.Line line, CandidateEffect change, String before, String after) {}

  /**
   * The decision of one federation.
   *
   * @param judgement null if a rule that was tried reads a claim that was not recorded
   * @param why what was not recorded; empty if there is a judgement
   */
  private record Replayed(@Nullable Judgement judgement, String why) {}

  /** Judges one request. */
  public ReplayResult judge(RecordedRequest.Line line) {
    Replayed replayed = judge(candidate, line);
    Judgement after = replayed.judgement();
    if (after == null) {
      return notReplayable(line, replayed.why());
    }
    Judgement before = current == null ? null : judge(current, line).judgement();
    if (current == null || before == null) {
      return compare(line, after);
    }
    if (current.revision().equals(line.ending().revision()) && !reproduces(before, line)) {
      return notReplayable(
          line, "the document that decided it now decides otherwise: " + words(before));
    }
    String issuers = issuerChange(current, line.request());
    if (issuers != null && after instanceof Judgement.Granted) {
      return notReplayable(line, issuers);
    }
    return new ReplayResult(
        line,
        CandidateEffect.between(before, after, Replay::isSameGrant),
        words(before),
        words(after));
  }

  /** A recording has no requested lifetime, so lifetimes are not compared. */
  private static boolean isSameGrant(Judgement.Granted one, Judgement.Granted other) {
    return one.scopes().equals(other.scopes())
        && one.subject().equals(other.subject())
        && one.claims().equals(other.claims());
  }

  private static ReplayResult notReplayable(RecordedRequest.Line line, String why) {
    return new ReplayResult(line, CandidateEffect.NOT_REPLAYABLE, ended(line), why);
  }

  private static boolean reproduces(Judgement judgement, RecordedRequest.Line line) {
    return switch (judgement) {
      case Judgement.Granted granted ->
          line.ending().reason() == null && granted.rule().equals(line.ending().rule());
      case Judgement.Denied denied -> denied.reason().name().equals(line.ending().reason());
    };
  }

  /** What differs in how the documents verify credentials of an issuer; null if nothing does. */
  private @Nullable String issuerChange(Federation current, RecordedRequest request) {
    TrustedIssuer before = issuer(current, request);
    TrustedIssuer after = issuer(candidate, request);
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
  private static ReplayResult compare(RecordedRequest.Line line, Judgement after) {
    boolean was = line.ending().reason() == null;
    CandidateEffect change =
        was && after instanceof Judgement.Granted now && !now.rule().equals(line.ending().rule())
            ? CandidateEffect.OTHER_RULE
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

  private static Replayed judge(Federation federation, RecordedRequest.Line line) {
    RecordedRequest request = line.request();
    TrustedIssuer issuer = issuer(federation, request);
    if (issuer == null) {
      return federation.issuers().entries(request.iss()).isEmpty()
          ? refused(RefusalReason.ISSUER_UNKNOWN)
          : new Replayed(
              null, "several issuers have this iss, and none of them the name " + request.issuer());
    }
    if (issuer.disabled()) {
      return refused(RefusalReason.ISSUER_DISABLED);
    }
    if (request.client() != null
        && federation.clients().exchanging(request.client())
            instanceof Outcome.Refused<RegisteredClient>(Refusal why)) {
      return refused(why.reason());
    }
    Judgement judgement = judgement(federation.policy(), issuer, line);
    String unknown = whyUnknown(federation.policy(), issuer, request, judgement.rule());
    return unknown == null ? new Replayed(judgement, "") : new Replayed(null, unknown);
  }

  /**
   * Returns the issuer of a request. Among several with that {@code iss} it is the one of the
   * recorded name, since a recording need not have the audience; null if there is none.
   */
  private static @Nullable TrustedIssuer issuer(Federation federation, RecordedRequest request) {
    return federation.issuers().entry(request.iss(), request.issuer()).orElse(null);
  }

  private static Replayed refused(RefusalReason reason) {
    return new Replayed(
        new Judgement.Denied(reason, Step.ISSUER, null, "", List.of(), List.of()), "");
  }

  /**
   * Returns why a rule that was tried cannot be judged; null if each of them can.
   *
   * @param decided the rule that decided: no later one was tried. Null if none did
   */
  private static @Nullable String whyUnknown(
      Policy policy, TrustedIssuer issuer, RecordedRequest request, @Nullable String decided) {
    for (Rule rule : policy.rules()) {
      if (rule.shadow()
          || !rule.isFor(issuer.name())
          || !rule.audience().equals(request.target())
          || (rule.client() != null && !rule.client().equals(request.client()))) {
        continue;
      }
      boolean last = rule.name().equals(decided);
      String why = whyUnknown(last ? policy.uses(rule) : List.of(rule.when().uses()), request);
      if (why == null && last && rule.terms().subject() == null) {
        why = request.whyUnknown("sub");
      }
      if (why != null) {
        return "rule %s: %s".formatted(rule.name(), why);
      }
      if (last) {
        return null;
      }
    }
    return null;
  }

  private static @Nullable String whyUnknown(List<ClaimUses> uses, RecordedRequest request) {
    if (uses.stream().anyMatch(ClaimUses::computed)) {
      return "it reads claims by computed names";
    }
    return uses.stream()
        .flatMap(each -> each.claims().stream().sorted())
        .map(request::whyUnknown)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
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
}
