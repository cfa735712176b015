package dev.tokenbroker.outcome;

/**
 * A change of identity infrastructure. Each text is cleaned and cut to {@value
 * Refusal#MAX_EVIDENCE_CHARS} characters, and contains no secret.
 *
 * @param kind the kind of the change
 * @param subjectKind the kind of thing that has changed
 * @param subject its name; empty for the only one of its kind
 * @param was the state before; empty if there was none
 * @param is the state now; empty if there is none
 */
public record Change(
    ChangeKind kind, SubjectKind subjectKind, String subject, String was, String is) {

  public Change {
    subject = Evidence.clean(subject);
    was = Evidence.clean(was);
    is = Evidence.clean(is);
  }

  /** A change of an issuer, by its identifier. */
  public static Change ofIssuer(ChangeKind kind, String issuer, String was, String is) {
    return new Change(kind, SubjectKind.ISSUER, issuer, was, is);
  }

  /** A change of an upstream, by its name. */
  public static Change ofUpstream(ChangeKind kind, String upstream, String was, String is) {
    return new Change(kind, SubjectKind.UPSTREAM, upstream, was, is);
  }
}
