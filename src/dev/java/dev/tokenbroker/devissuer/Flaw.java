package dev.tokenbroker.devissuer;

import dev.tokenbroker.base.refusal.RefusalReason;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The flaws that a credential can have, one each; everything else in it is sound. */
public enum Flaw {
  /** It expired ten minutes ago. */
  EXPIRED("expired ten minutes ago", RefusalReason.CREDENTIAL_EXPIRED),
  /** It becomes valid only in ten minutes. */
  NOT_YET_VALID("becomes valid in ten minutes", RefusalReason.CREDENTIAL_NOT_YET_VALID),
  /** It was issued for another service than this broker. */
  WRONG_AUDIENCE("was issued for another service", RefusalReason.AUDIENCE_MISMATCH),
  /** Its issuer has a slash at the end that the federation document does not have. */
  ISSUER_SLASH("names the issuer with a slash too many", RefusalReason.ISSUER_NEAR_MISS),
  /** Its issuer is one that the federation document does not name. */
  UNKNOWN_ISSUER("names an issuer that nobody trusts", RefusalReason.ISSUER_UNKNOWN),
  /** One bit of its signature is flipped. */
  BAD_SIGNATURE("has one bit of its signature flipped", RefusalReason.SIGNATURE_INVALID),
  /**
   * It is signed with a key that the issuer does not publish. If the broker has just fetched the
   * keys, it first refuses the credential for the cool-down.
   */
  UNKNOWN_KEY("is signed with a key that is not published", RefusalReason.KEY_UNKNOWN),
  /** Its last part, the signature, is missing. */
  MALFORMED("lacks its third part", RefusalReason.CREDENTIAL_MALFORMED),
  /** Its header says that it needs no signature (RFC 8725 section 2.1). */
  UNSIGNED("says that it is signed with none", RefusalReason.ALGORITHM_NOT_ALLOWED),
  /** It is an HMAC with the public key as the secret: key confusion (RFC 8725 section 2.1). */
  HMAC("is an HMAC made with the public key", RefusalReason.ALGORITHM_NOT_ALLOWED),
  /** It has no subject. */
  WITHOUT_SUBJECT("has no sub", RefusalReason.CLAIM_MISSING),
  /** It marks an unknown extension as critical (RFC 7515 section 4.1.11). */
  CRITICAL_EXTENSION("has an unknown crit header", RefusalReason.CREDENTIAL_NOT_SUPPORTED),
  /** It has two audiences under the same name (RFC 7519 section 4). */
  DUPLICATE_CLAIM("has aud twice", RefusalReason.CREDENTIAL_MALFORMED),
  /** It is larger than 16 KiB. */
  TOO_LARGE("is larger than 16 KiB", RefusalReason.CREDENTIAL_TOO_LARGE),
  /** It is sound, but comes from a branch that no rule of the sample federation admits. */
  OTHER_BRANCH("comes from a branch that no rule admits", RefusalReason.NO_RULE_MATCHED);

  private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final String meaning;
  private final RefusalReason expected;

  Flaw(String meaning, RefusalReason expected) {
    this.meaning = meaning;
    this.expected = expected;
  }

  /** The name in addresses, in lower-kebab. */
  public String label() {
    return label;
  }

  /** The reason for which the broker refuses such a credential. */
  public RefusalReason expected() {
    return expected;
  }

  /** The flaw of exactly that label. */
  public static Optional<Flaw> named(String label) {
    return Arrays.stream(values()).filter(flaw -> flaw.label.equals(label)).findFirst();
  }

  /** All flaws and their descriptions, one per line. */
  public static String list() {
    return Arrays.stream(values())
        .map(flaw -> "  %-19s the credential %s%n".formatted(flaw.label, flaw.meaning))
        .collect(Collectors.joining());
  }
}
