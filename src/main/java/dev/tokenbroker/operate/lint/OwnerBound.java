package dev.tokenbroker.operate.lint;

import dev.tokenbroker.judge.expression.ClaimPath;
import dev.tokenbroker.judge.expression.ClaimTest;
import dev.tokenbroker.judge.expression.Conjunct;
import dev.tokenbroker.judge.expression.TextMatch;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The strength with which a part of a condition binds a rule to one tenant of a shared issuer. */
enum OwnerBound {
  /** No bound. */
  NONE,
  /** A bound by a name that another tenant may get later. */
  NAME,
  /** A bound by an id that no other tenant ever gets. */
  ID;

  /** A field within {@code sub} that describes the job and not the tenant. */
  private static final Pattern ORIGIN_IN_SUBJECT =
      Pattern.compile(
          "\\b(?:ref|environment|pull_request|event_name|workflow_ref|job_workflow_ref|sha)\\b");

  private static final Set<String> ORIGIN =
      Set.of(
          "ref",
          "ref_protected",
          "base_ref",
          "head_ref",
          "environment",
          "event_name",
          "job_workflow_ref",
          "sha",
          "workflow_sha",
          "job_workflow_sha");

  /** The first character that a pattern requires. */
  private static final Pattern LITERAL_START = Pattern.compile("(?:\\((?:\\?:)?)*[\\w@-].*");

  private static final Pattern ANCHOR = Pattern.compile("(?:\\(\\?[is]+\\))?(?:\\^|\\\\A)");

  /** Returns the best bound of all parts of an alternative. */
  static OwnerBound of(KnownIssuer issuer, Set<Conjunct> parts) {
    return parts.stream().map(part -> of(issuer, part)).max(OwnerBound::compareTo).orElse(NONE);
  }

  /** Returns the bound of one part. */
  static OwnerBound of(KnownIssuer issuer, Conjunct part) {
    if (part.negated()) {
      return NONE;
    }
    return switch (part.test()) {
      case ClaimTest.Is(ClaimPath claim, List<Object> values) -> of(issuer, claim.claim(), values);
      case ClaimTest.Matches(ClaimPath claim, TextMatch match) when reaches(issuer, claim, match) ->
          of(issuer, claim.claim(), List.of(match.text()));
      case ClaimTest.Matches _, ClaimTest.Present _, ClaimTest.Same _ -> NONE;
      // An unknown comparison may bind the rule well.
      case ClaimTest.Ordered _, ClaimTest.Other _ ->
          part.uses().claims().stream()
              .map(claim -> of(issuer, claim, List.of()))
              .max(OwnerBound::compareTo)
              .orElse(NONE);
    };
  }

  /**
   * Whether a part of a GitHub rule restricts the origin of a job within the repository, or the
   * event that started it.
   */
  static boolean bindsOrigin(Conjunct part) {
    return switch (part.test()) {
      case ClaimTest.Present _, ClaimTest.Same _ -> false;
      case ClaimTest.Is(ClaimPath claim, List<Object> values) ->
          values.stream().allMatch(value -> isOrigin(claim.claim(), String.valueOf(value)));
      case ClaimTest.Matches(ClaimPath claim, TextMatch match) ->
          isOrigin(claim.claim(), match.text())
              && !(claim.is("ref") && "refs/".startsWith(match.text()));
      case ClaimTest.Ordered _, ClaimTest.Other _ ->
          part.uses().claims().stream().anyMatch(ORIGIN::contains);
    };
  }

  private static boolean isOrigin(String claim, String text) {
    return ORIGIN.contains(claim)
        || (claim.equals("workflow_ref") && text.contains("@"))
        || (claim.equals(KnownIssuer.SUB) && ORIGIN_IN_SUBJECT.matcher(text).find());
  }

  private static OwnerBound of(KnownIssuer issuer, String claim, List<?> texts) {
    if (issuer.ids().contains(claim) || issuer.others().contains(claim)) {
      return ID;
    }
    if (!issuer.names().contains(claim)) {
      return NONE;
    }
    boolean ids =
        claim.equals(KnownIssuer.SUB)
            && !texts.isEmpty()
            && texts.stream().allMatch(text -> text instanceof String sub && issuer.hasId(sub));
    return ids ? ID : NAME;
  }

  /** Whether the constant is long enough to name a tenant. */
  private static boolean reaches(KnownIssuer issuer, ClaimPath claim, TextMatch match) {
    String start = claim.is(KnownIssuer.SUB) ? issuer.subjectStart() : "";
    return switch (match.kind()) {
      case STARTS_WITH -> match.text().length() > start.length() || !start.startsWith(match.text());
      case ENDS_WITH -> claim.is("email");
      case CONTAINS -> false;
      case MATCHES -> {
        Matcher anchor = ANCHOR.matcher(match.text());
        if (!anchor.lookingAt()) {
          yield false;
        }
        String rest = match.text().substring(anchor.end());
        String named = rest.startsWith(start) ? rest.substring(start.length()) : rest;
        yield LITERAL_START.matcher(named).matches();
      }
    };
  }
}
