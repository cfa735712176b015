package dev.tokenbroker.base.change;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.Evidence;
import java.time.Duration;
import java.util.Locale;

/**
 * A change of identity infrastructure. Each text is cleaned and cut to {@value
 * Refusal#MAX_EVIDENCE_CHARS} characters, and contains no secret.
 *
 * @param kind the kind of the change
 * @param subjectKind the kind of thing that has changed
 * @param subject its name; empty for the only one of its kind
 * @param entry tells the entries of one issuer apart: its name in the document, or where its keys
 *     are; empty if the subject alone does
 * @param was the state before; empty if there was none
 * @param is the state now; empty if there is none
 * @param sinceLook the time since the broker looked before; zero if it notices the change at once
 * @param clue the fact by which refusals are compared with it; it is not kept in the file
 */
public record Change(
    ChangeKind kind,
    SubjectKind subjectKind,
    String subject,
    String entry,
    String was,
    String is,
    Duration sinceLook,
    Clue clue) {

  public Change {
    subject = Evidence.clean(subject);
    was = Evidence.clean(was);
    is = Evidence.clean(is);
    sinceLook = sinceLook.isNegative() ? Duration.ZERO : sinceLook;
  }

  /** A change of something that its subject tells from all others. */
  public Change(
      ChangeKind kind,
      SubjectKind subjectKind,
      String subject,
      String was,
      String is,
      Duration sinceLook) {
    this(kind, subjectKind, subject, "", was, is, sinceLook, Clue.none());
  }

  /** As above; the broker notices the change at once. */
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

  /** The same change of that entry of the issuer. */
  public Change of(String marked) {
    return new Change(kind, subjectKind, subject, marked, was, is, sinceLook, clue);
  }

  /** The same change, which may have happened at any time since the broker looked before. */
  public Change since(Duration look) {
    return new Change(kind, subjectKind, subject, entry, was, is, look, clue);
  }

  /** The same change with that fact. */
  public Change with(Clue fact) {
    return new Change(kind, subjectKind, subject, entry, was, is, sinceLook, fact);
  }

  /** The kinds of things that a {@link Change} is about. */
  public enum SubjectKind {
    /** An issuer, named by its identifier; an event also has its name in the document. */
    ISSUER,
    /** An upstream, named as in the federation document. */
    UPSTREAM,
    /** The federation document. */
    FEDERATION,
    /** The candidate document. */
    CANDIDATE,
    /** The broker's own signing keys. */
    SIGNING_KEYS,
    /** A TLS configuration, by name. */
    TLS,
    /** The store that replicas share. */
    STORE,
    /** A broker process; this one, or another replica by its name. */
    BROKER,
    /** A client by which the broker gets tokens for itself, named as in the settings. */
    OWN_CLIENT;

    /** The name for people and records: {@code signing-keys}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
