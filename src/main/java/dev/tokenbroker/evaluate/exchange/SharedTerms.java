package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.possession.Binding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a replica found before it got a token, and another one must find, too, before it hands that
 * token out.
 *
 * @param revision the revision of the federation
 * @param issuerKey the thumbprint of the issuer's key that verified the credential
 * @param credentialEnd when the credential is not accepted any more, in seconds since 1970
 * @param held the keys that the caller proved
 * @param rule the rule that granted the token
 * @param granted the granted scopes, between spaces
 */
record SharedTerms(
    String revision,
    String issuerKey,
    long credentialEnd,
    List<String> held,
    String rule,
    String granted) {

  private static final String REVISION = "revision";
  private static final String ISSUER_KEY = "issuer_key";
  private static final String CREDENTIAL_END = "credential_end";
  private static final String HELD = "held";
  private static final String RULE = "rule";
  private static final String GRANTED = "granted";

  static final Set<String> MEMBERS =
      Set.of(REVISION, ISSUER_KEY, CREDENTIAL_END, HELD, RULE, GRANTED);

  SharedTerms {
    held = List.copyOf(held);
  }

  /** What this replica found. */
  static SharedTerms of(CheckedRequest request, VerifiedIdentity identity, Grant grant) {
    return new SharedTerms(
        request.federation().revision(),
        identity.issuerKey(),
        identity.acceptedUntil().getEpochSecond(),
        request.keys().bindings().stream().map(Binding::description).toList(),
        grant.rule(),
        String.join(" ", grant.scopes()));
  }

  Map<String, Object> members() {
    return Map.of(
        REVISION, revision,
        ISSUER_KEY, issuerKey,
        CREDENTIAL_END, credentialEnd,
        HELD, held,
        RULE, rule,
        GRANTED, granted);
  }

  static Optional<SharedTerms> parse(Map<String, Object> members) {
    if (members.get(REVISION) instanceof String revision
        && members.get(ISSUER_KEY) instanceof String issuerKey
        && members.get(CREDENTIAL_END) instanceof Long credentialEnd
        && members.get(HELD) instanceof List<?> held
        && held.stream().allMatch(String.class::isInstance)
        && members.get(RULE) instanceof String rule
        && members.get(GRANTED) instanceof String granted) {
      return Optional.of(
          new SharedTerms(
              revision,
              issuerKey,
              credentialEnd,
              held.stream().map(String.class::cast).toList(),
              rule,
              granted));
    }
    return Optional.empty();
  }

  /** What another replica found differently, in words for operators; empty if nothing. */
  Optional<String> differenceFrom(SharedTerms other) {
    if (!revision.equals(other.revision)) {
      return Optional.of("another revision of the federation");
    }
    if (issuerKey.isEmpty() || !issuerKey.equals(other.issuerKey)) {
      return Optional.of("another key of the issuer");
    }
    if (credentialEnd != other.credentialEnd) {
      return Optional.of("another end of the credential");
    }
    if (!held.equals(other.held)) {
      return Optional.of("other keys of the caller");
    }
    return rule.equals(other.rule) && granted.equals(other.granted)
        ? Optional.empty()
        : Optional.of("another rule, or other scopes granted");
  }
}
