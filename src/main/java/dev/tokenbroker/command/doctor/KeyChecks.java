package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.jose.JwkFinding;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Checks the keys in the key set of an issuer. */
final class KeyChecks {

  private final CheckList checks;
  private final TrustedIssuer issuer;

  KeyChecks(CheckList checks, TrustedIssuer issuer) {
    this.checks = checks;
    this.issuer = issuer;
  }

  /**
   * Checks the content of a key set.
   *
   * @param source where it comes from
   */
  void check(byte[] keySet, String source) {
    Outcome<KeySetDocument> parsed = KeySetDocument.parse(keySet);
    List<Map<String, Object>> entries = entries(keySet);
    // Each of them reports, so all are called.
    boolean secret = isPrivate(entries);
    boolean duplicates = hasDuplicates(entries);
    boolean unusable = hasUnusable(entries);
    boolean clean = !secret && !duplicates && !unusable;
    switch (parsed) {
      case Refused<KeySetDocument>(Refusal why) ->
          checks.found(
              DoctorCheck.KEYS,
              Defect.KEYS_INVALID,
              source + " is " + why.seen(),
              "Have the issuer publish a JWK set with at least one key that the broker can use.");
      case Accepted<KeySetDocument>(KeySetDocument document) -> algorithms(document, clean);
    }
  }

  private void algorithms(KeySetDocument document, boolean clean) {
    Set<SigningAlgorithm> possible = EnumSet.noneOf(SigningAlgorithm.class);
    document.keys().forEach((VerificationKey key) -> possible.addAll(key.algorithms()));
    Set<SigningAlgorithm> usable = EnumSet.copyOf(possible);
    usable.retainAll(issuer.algorithms());
    if (usable.isEmpty()) {
      checks.found(
          DoctorCheck.KEYS,
          Defect.ALGORITHM_NOT_ALLOWED,
          "the keys verify "
              + names(possible)
              + "; the issuer may use "
              + names(issuer.algorithms()),
          "Add one of " + names(possible) + " to algorithms of the issuer.");
    } else if (clean) {
      checks.passed(DoctorCheck.KEYS, document.keys().size() + " usable, for " + names(usable));
    }
  }

  private boolean isPrivate(List<Map<String, Object>> entries) {
    List<String> found =
        entries.stream().filter(VerificationKey::isPrivate).map(KeyChecks::name).toList();
    if (found.isEmpty()) {
      return false;
    }
    checks.found(
        Defect.PRIVATE_KEY_PUBLISHED,
        "the key set holds the private part of " + String.join(", ", found),
        "Take these keys out of use now: anybody can sign with them. Publish public keys only.");
    return true;
  }

  private boolean hasDuplicates(List<Map<String, Object>> entries) {
    Set<Object> seen = new HashSet<>();
    Set<String> twice = new TreeSet<>();
    for (Map<String, Object> jwk : entries) {
      if (jwk.get("kid") instanceof String && !seen.add(List.of(name(jwk), type(jwk)))) {
        twice.add(name(jwk));
      }
    }
    if (twice.isEmpty()) {
      return false;
    }
    checks.found(
        Defect.KEY_NAME_DUPLICATE,
        "more than one key has the name " + String.join(", ", twice),
        "Have each key published under a name of its own: other verifiers take only the first.");
    return true;
  }

  private boolean hasUnusable(List<Map<String, Object>> entries) {
    List<String> faults = new ArrayList<>();
    for (Map<String, Object> jwk : entries) {
      // Keys for encryption are published beside the others, and concern nobody here.
      boolean concerns = !"enc".equals(jwk.get("use")) && !VerificationKey.isPrivate(jwk);
      if (concerns && VerificationKey.read(jwk) instanceof JwkFinding.UnusableKey(String cause)) {
        faults.add(name(jwk) + ": " + cause);
      }
    }
    if (faults.isEmpty()) {
      return false;
    }
    checks.found(
        Defect.KEY_UNUSABLE,
        String.join("; ", faults),
        "Have these keys replaced: the broker ignores them, and refuses what they sign.");
    return true;
  }

  /** The JSON objects among the keys; none where the document is unusable. */
  @SuppressWarnings("unchecked") // members of PeerJson have text names
  private static List<Map<String, Object>> entries(byte[] keySet) {
    return PeerJson.object(keySet)
                instanceof Accepted<Map<String, Object>>(Map<String, Object> document)
            && document.get("keys") instanceof List<?> keys
        ? keys.stream()
            .limit(KeySetDocument.MAX_KEYS)
            .filter(Map.class::isInstance)
            .map(jwk -> (Map<String, Object>) jwk)
            .toList()
        : List.of();
  }

  private static String name(Map<String, Object> jwk) {
    return jwk.get("kid") instanceof String kid ? kid : "a key without kid";
  }

  private static String type(Map<String, Object> jwk) {
    return String.valueOf(jwk.get("kty"));
  }

  private static String names(Set<SigningAlgorithm> algorithms) {
    return algorithms.stream()
        .map(SigningAlgorithm::jwaName)
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
