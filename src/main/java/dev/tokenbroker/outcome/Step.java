package dev.tokenbroker.outcome;

import java.util.List;
import java.util.Locale;

/** The checks of one evaluation, in the order in which they are taken. */
public enum Step {
  /** The request itself: fields present, sizes, known token type. */
  REQUEST,
  /**
   * The caller's proof of possession is good. Taken only where one was sent, and for each request:
   * also for one whose token is held.
   */
  PROOF,
  /**
   * A token for the very same request is held. Taken only where one is: then the steps below were
   * taken when it was made, and are not taken again.
   */
  CACHE,
  /** The broker has room to evaluate it. */
  ADMISSION,
  /**
   * The credential can be read: compact serialisation, strict JSON, required claims of the right
   * type.
   */
  FORMAT,
  /** The credential names an issuer that the federation trusts, character for character. */
  ISSUER,
  /** The signature algorithm is one that the issuer may use. */
  ALGORITHM,
  /** The issuer's key that the credential names can be had. */
  KEY,
  /**
   * The signature is the issuer's. From here on the credential is authentic and its claims may be
   * shown.
   */
  SIGNATURE,
  /** {@code exp}, {@code nbf}, {@code iat} and the greatest age. */
  TIME,
  /** The credential was meant for this broker. */
  AUDIENCE,
  /** The target asked for exists. */
  TARGET,
  /** A rule admits the identity to the target. */
  RULE,
  /** The scopes asked for are granted. */
  SCOPES,
  /** The token is bound to what the target asks for, or the caller. */
  BINDING,
  /**
   * The credential was not exchanged before. Taken only where its issuer's credentials may be
   * exchanged once only.
   */
  ONCE,
  /** The token is made; skipped in an explanation, and where the target has an upstream. */
  MINT,
  /** The token is had from the target's upstream; skipped in an explanation. */
  UPSTREAM;

  private static final List<Step> ALL = List.of(values());

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The name in verdicts, meters and spans, in lower_snake. */
  public String label() {
    return label;
  }

  /** All steps in order, without the copy that {@code values()} makes. */
  public static List<Step> all() {
    return ALL;
  }
}
