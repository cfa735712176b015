package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.judge.target.Presentation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an upstream gets to see of identities: {@code present}, and its related keys. An
 * upstream says it for all its targets, and a target for itself.
 */
final class PresentField {

  private static final String PRESENT = "present";
  private static final String AUDIENCE = "presentAudience";
  private static final String LIFETIME = "presentLifetime";
  private static final String ALGORITHM = "presentAlgorithm";

  /** The words for it. */
  enum Presented {
    CREDENTIAL,
    MINTED;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Problems problems;

  private final List<PlacedAudience> audiences = new ArrayList<>();

  /** The audience of minted JWTs, and the key and place where the document gives it. */
  private record PlacedAudience(String audience, String key, Place place) {}

  PresentField(Problems problems) {
    this.problems = problems;
  }

  /**
   * What applies where an entry says nothing.
   *
   * @param presented what the upstream gets to see
   * @param audience the {@code aud} of a minted JWT
   * @param lifetime the longest life of a minted JWT
   * @param algorithm signs a minted JWT; null for that of the broker
   * @param used whether requests to the upstream have anything that speaks for the identity
   */
  record Defaults(
      Presented presented,
      String audience,
      Duration lifetime,
      @Nullable SigningAlgorithm algorithm,
      boolean used) {

    /** The defaults of an upstream. */
    static Defaults of(String audience, boolean used) {
      return new Defaults(
          Presented.CREDENTIAL, audience, Presentation.Minted.DEFAULT_LIFETIME, null, used);
    }

    Presentation presentation() {
      return switch (presented) {
        case CREDENTIAL -> Presentation.CREDENTIAL;
        case MINTED -> new Presentation.Minted(audience, lifetime, algorithm);
      };
    }
  }

  /**
   * The values of an entry.
   *
   * @param defaults null where the upstream has problems: then only the values themselves are
   *     checked
   * @return null where the defaults are
   */
  @Nullable Defaults read(Fields fields, @Nullable Defaults defaults) {
    Presented own = fields.choice(PRESENT, "presentation", Presented.values(), Presented::label);
    String audience = Form.AUDIENCE.of(fields, AUDIENCE);
    Duration lifetime =
        fields.duration(
            LIFETIME, Presentation.Minted.MIN_LIFETIME, Presentation.Minted.MAX_LIFETIME);
    SigningAlgorithm algorithm = MintField.algorithm(fields, ALGORITHM);
    if (defaults == null) {
      return null;
    }
    Defaults values =
        new Defaults(
            own == null ? defaults.presented() : own,
            audience == null ? defaults.audience() : audience,
            lifetime == null ? defaults.lifetime() : lifetime,
            algorithm == null ? defaults.algorithm() : algorithm,
            defaults.used());
    checkUse(fields, values);
    if (values.presented() == Presented.MINTED && (own != null || audience != null)) {
      audiences.add(
          new PlacedAudience(
              values.audience(), AUDIENCE, fields.placeOf(audience == null ? PRESENT : AUDIENCE)));
    }
    return values;
  }

  /** Takes the audience of minted JWTs that another key gives, to be checked, too. */
  void minted(String audience, String key, Place place) {
    audiences.add(new PlacedAudience(audience, key, place));
  }

  /**
   * Reports JWTs that the upstream could use elsewhere: at a target, or at this broker.
   *
   * @param targets the audiences of all targets, with that of the broker itself
   * @param accepted the audiences of credentials that the broker accepts
   */
  void check(Set<String> targets, Set<String> accepted) {
    for (PlacedAudience presented : audiences) {
      String audience = presented.audience();
      if (targets.contains(audience)) {
        problems.at(
            presented.place(),
            "a JWT for an upstream has the audience of the target " + audience,
            "Give '%s' a value that no target has: the upstream could use the JWT at that target."
                .formatted(presented.key()));
      } else if (accepted.contains(audience)) {
        problems.at(
            presented.place(),
            "a JWT for an upstream has an audience of the broker's credentials: " + audience,
            ("Give '%s' a value that no issuer has in 'audiences': the upstream could"
                    + " send the JWT back as a credential.")
                .formatted(presented.key()));
      }
    }
  }

  private void checkUse(Fields fields, Defaults values) {
    if (fields.has(PRESENT) && !values.used()) {
      fields.report(
          PRESENT,
          "'present' has no effect, since the request speaks for the broker alone",
          "Remove it, or choose another grant, or clientAuthentication: federated.");
    }
    for (String key : List.of(AUDIENCE, LIFETIME, ALGORITHM)) {
      if (fields.has(key) && values.presented() == Presented.CREDENTIAL) {
        fields.report(
            key,
            "'" + key + "' has no effect without 'present: minted'",
            "Remove it, or let the broker present a JWT of its own.");
      }
    }
  }
}
