package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.yaml.Durations;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.DeclaredIssuer.Trust;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.judge.target.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads and checks the entries of {@code issuers}. */
final class IssuerSection {

  static final Duration DEFAULT_LEEWAY = Duration.ofSeconds(60);
  static final Duration MIN_TOKEN_AGE = Duration.ofSeconds(1);
  static final Duration MAX_TOKEN_AGE = Duration.ofDays(365);

  private static final List<String> ALGORITHMS =
      Arrays.stream(SigningAlgorithm.values()).map(SigningAlgorithm::jwaName).toList();

  private final Addresses addresses;
  private final KeysField keysField;
  private final Duration leastLeeway;
  private final Problems problems;
  private final Names names;
  private final Map<Recipient, FirstEntry> declared = new HashMap<>();
  private final List<Scalar> defaults = new ArrayList<>();

  /** An audience of an issuer; the entry that declares it decides whose keys verify. */
  private record Recipient(String issuer, String audience) {}

  private record FirstEntry(@Nullable String name, Place place) {}

  IssuerSection(SourceFiles files, Surroundings surroundings, Problems problems) {
    this.addresses = new Addresses(surroundings.httpToLoopback(), problems);
    this.keysField =
        new KeysField(
            files, addresses, new OwnClientField(surroundings.ownClients(), problems), problems);
    this.leastLeeway = surroundings.leastLeeway();
    this.problems = problems;
    this.names =
        new Names(
            "an issuer", "Give it a short name, such as 'github'; rules refer to it.", problems);
  }

  /** The declared names, including those of entries with problems. */
  Set<String> names() {
    return names.declared();
  }

  /** The issuer; empty where the entry has problems. */
  Optional<DeclaredIssuer> read(Mapping entry) {
    int before = problems.reports();
    Fields fields = new Fields("an issuer", entry, DocumentReader.SHAPE.at("issuers"), problems);
    String name = names.read(fields);
    Scalar url = issuer(fields);
    String issuer = url == null ? null : url.text();
    Set<String> audiences = audiences(fields);
    if (url != null) {
      distinguish(name, url, audiences);
    }
    Set<SigningAlgorithm> algorithms = algorithms(fields);
    Duration leeway = leeway(fields);
    Duration maxTokenAge = fields.duration("maxTokenAge", MIN_TOKEN_AGE, MAX_TOKEN_AGE);
    boolean once = fields.flag("once");
    boolean disabled = fields.flag("disabled");
    Scalar target = fields.text("defaultAudience");
    if (target != null) {
      defaults.add(target);
    }
    DeclaredIssuer.DeclaredKeys keys = keysField.read(fields, issuer);
    if (problems.reports() > before || name == null || issuer == null || keys == null) {
      return Optional.empty();
    }
    String defaultAudience = target == null ? null : target.text();
    Trust trust = new Trust(audiences, algorithms, leeway, maxTokenAge, once, defaultAudience);
    return Optional.of(new DeclaredIssuer(name, issuer, trust, keys, disabled));
  }

  /** Checks that the default of each issuer is one of these targets. */
  void checkDefaults(Set<String> targets) {
    for (Scalar target : defaults) {
      // A request that names nothing must never get the rights of an operator.
      if (!targets.contains(target.text()) || target.text().equals(Target.OPERATORS_AUDIENCE)) {
        problems.at(
            target.place(),
            "no target '%s' is declared".formatted(target.text()),
            "Give 'defaultAudience' the audience of a declared target, or remove it.");
      }
    }
  }

  private Duration leeway(Fields fields) {
    Duration given = fields.duration("leeway", Duration.ZERO, TrustedIssuer.MAX_LEEWAY);
    Duration leeway = given == null ? DEFAULT_LEEWAY : given;
    if (leeway.compareTo(leastLeeway) < 0) {
      fields.report(
          "leeway",
          "the leeway %s is less than token-broker.store.max-skew, %s"
              .formatted(Durations.format(leeway), Durations.format(leastLeeway)),
          "Raise it, or lower that setting: replicas whose clocks differ so much must agree.");
    }
    return leeway;
  }

  private @Nullable Scalar issuer(Fields fields) {
    Scalar url =
        fields.required("issuer", "Give the exact value of iss in its credentials, an https URL.");
    return url == null ? null : addresses.issuer(url);
  }

  /** Several entries may have one issuer, as clusters do; then their audiences differ. */
  private void distinguish(@Nullable String name, Scalar url, Set<String> audiences) {
    for (String audience : new TreeSet<>(audiences)) {
      FirstEntry first =
          declared.putIfAbsent(
              new Recipient(url.text(), audience), new FirstEntry(name, url.place()));
      if (first != null) {
        problems.at(
            url.place(),
            "the issuer %s with the audience %s is already declared at %s, as '%s'"
                .formatted(url.text(), audience, first.place(), first.name()),
            "Give entries of one issuer different audiences: the audience of a credential decides"
                + " whose keys verify it.");
        return;
      }
    }
  }

  private Set<String> audiences(Fields fields) {
    int before = problems.reports();
    List<Scalar> audiences = fields.texts("audiences");
    audiences.forEach(audience -> fields.refuseControlCharacters("an audience", audience));
    if (audiences.isEmpty() && problems.reports() == before) {
      fields.report(
          "audiences",
          "an issuer needs at least one of 'audiences'",
          "List what its credentials carry in aud when they are meant for this broker.");
    }
    return audiences.stream().map(Scalar::text).collect(Collectors.toUnmodifiableSet());
  }

  private Set<SigningAlgorithm> algorithms(Fields fields) {
    Set<SigningAlgorithm> algorithms = EnumSet.noneOf(SigningAlgorithm.class);
    for (Scalar name : fields.texts("algorithms")) {
      SigningAlgorithm.named(name.text())
          .ifPresentOrElse(
              algorithms::add,
              () ->
                  problems.at(
                      name.place(),
                      "the algorithm " + name.text() + " is not supported",
                      "Use " + String.join(", ", ALGORITHMS) + "; never none, never HMAC."));
    }
    if (algorithms.isEmpty() && fields.isEmptyList("algorithms")) {
      fields.report(
          "algorithms",
          "'algorithms' is empty",
          "List at least one, or remove the key to allow all that are supported.");
    }
    return fields.has("algorithms") ? algorithms : EnumSet.allOf(SigningAlgorithm.class);
  }
}
