package dev.tokenbroker.outcome;

import java.time.Duration;

/**
 * A change of identity infrastructure. Each text is cleaned and cut to {@value
 * Refusal#MAX_EVIDENCE_CHARS} characters, and contains no secret.
 *
 * @param kind the kind of the change
 * @param subjectKind the kind of thing that has changed
 * @param subject its name; empty for the only one of its kind
 * @param was the state before; empty if there was none
 * @param is the state now; empty if there is none
 * @param sinceLook the time since the broker looked before; zero if it notices the change at once
 */
public record Change(
    ChangeKind kind,
    SubjectKind subjectKind,
    String subject,
    String was,
    String is,
    Duration sinceLook) {

  public Change {
    subject = Evidence.clean(subject);
    was = Evidence.clean(was);
    is = Evidence.clean(is);
    sinceLook = sinceLook.isNegative() ? Duration.ZERO : sinceLook;
  }

  /** A change that the broker notices at once. */
  public Change(ChangeKind kind, SubjectKind subjectKind, String subject, String was, String is) {
    this(kind, subjectKind, subject, was, is, Duration.ZERO);
  }

  /** A change of an issuer, by its identifier. */
  public static Change ofIssuer(ChangeKind kind, String issuer, String was, String is) {
    return new Change(kind, SubjectKind.ISSUER, issuer, was, is);
  }

  /** A change of an upstream, by its name. */
  public static Change ofUpstream(ChangeKind kind, String upstream, String was, String is) {
    return new Change(kind, SubjectKind.UPSTREAM, upstream, was, is);
  }

  /** The same change, which may have happened at any time since the broker looked before. */
  public Change since(Duration look) {
    return new Change(kind, subjectKind, subject, was, is, look);
  }
}
