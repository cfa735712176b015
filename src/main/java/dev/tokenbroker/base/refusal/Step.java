package dev.tokenbroker.base.refusal;

import java.util.List;
import java.util.Locale;

/** The checks of one evaluation, in the order in which they are taken. */
public enum Step {
  /** The request itself: fields present, sizes, known token type. */
  REQUEST,
  /**
   * The caller is the registered client that it says it is, and the client may do this. Taken only
   * for requests of registered clients, even if the token is cached.
   */
  CLIENT,
  /**
   * The caller's proof of possession is good. Taken only for requests with a proof, but for each of
   * them, even if its token is cached.
   */
  PROOF,
  /**
   * The cache holds the result of the very same request. Taken only then: the steps below were
   * taken when the result was made, and are not repeated.
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
  /** The issuer's key that the credential names is available. */
  KEY,
  /**
   * The signature is the issuer's. From here on the credential is authentic and its claims may be
   * shown.
   */
  SIGNATURE,
  /** {@code exp}, {@code nbf}, {@code iat} and the maximum age. */
  TIME,
  /** The credential was meant for this broker. */
  AUDIENCE,
  /**
   * The issuer itself still accepts the credential. Taken only for issuers that are asked about
   * each of their credentials.
   */
  REVIEW,
  /** The requested target exists. */
  TARGET,
  /** A rule admits the identity to the target. */
  RULE,
  /** The requested scopes are granted. */
  SCOPES,
  /** The token is bound to the key that the target or the caller asks for. */
  BINDING,
  /**
   * The credential was not exchanged before. Taken only for issuers whose credentials may be
   * exchanged only once.
   */
  ONCE,
  /** The broker mints the token; skipped in an explanation, and if the target has an upstream. */
  MINT,
  /** The target's upstream issues the token; skipped in an explanation. */
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
