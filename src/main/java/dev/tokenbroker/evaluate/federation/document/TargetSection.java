package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.policy.MintedType;
import dev.tokenbroker.judge.policy.Presentation;
import dev.tokenbroker.judge.policy.Supply;
import dev.tokenbroker.judge.policy.Target;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks the entries of {@code targets}. */
final class TargetSection {

  /** The place of the target that exists without being declared. */
  private static final Place UNDECLARED = new Place("", 0);

  /** The keys that say where the tokens of a target come from. */
  private static final List<String> SOURCES = List.of("mint", "exchange", "aws", GitHubField.KEY);

  private final ExchangeField exchangeField;
  private final AwsField awsField;
  private final GitHubField gitHubField;
  private final Set<String> declaredUpstreams;
  private final Problems problems;
  private final Map<String, Place> audiences = new LinkedHashMap<>();
  private final Set<String> unsigned = new HashSet<>();
  private final List<UpstreamDefinition> upstreams = new ArrayList<>();
  private final Map<String, Supply> supplies = new HashMap<>();

  /** Where the targets ask for tokens with {@code typ} JWT, by audience. */
  private final Map<String, Place> plain = new LinkedHashMap<>();

  /**
   * @param upstreams the section of upstreams, already read
   */
  TargetSection(UpstreamSection upstreams, SourceFiles files, Problems problems) {
    this.exchangeField = new ExchangeField(upstreams, problems);
    this.awsField = new AwsField(upstreams.addresses(), upstreams.presentField(), problems);
    this.gitHubField =
        new GitHubField(new SecretFiles(files, problems), upstreams.addresses(), problems);
    this.declaredUpstreams = upstreams.names();
    this.problems = problems;
    audiences.put(Target.OPERATORS_AUDIENCE, UNDECLARED);
  }

  /** The audiences that rules may name: also from entries with problems, and the reserved one. */
  Set<String> audiences() {
    return audiences.keySet();
  }

  /**
   * The audiences of targets for which the broker signs nothing: an upstream issues their tokens
   * for the credential itself.
   */
  Set<String> unsigned() {
    return unsigned;
  }

  /** The source of the tokens for an audience; null where its target has problems. */
  @Nullable Supply supply(String audience) {
    return supplies.get(audience);
  }

  /**
   * The upstreams that targets declare in themselves; each has the target's audience as its name.
   */
  List<UpstreamDefinition> upstreams() {
    return upstreams;
  }

  /** The target; empty where the entry has problems. */
  Optional<Target> read(Mapping entry) {
    int before = problems.reports();
    Fields fields = new Fields("a target", entry, Shape.FEDERATION.at("targets"), problems);
    String audience = audience(fields);
    Supply supply = supply(fields, audience);
    if (audience != null
        && supply instanceof Supply.Upstreamed from
        && !(from.presentation() instanceof Presentation.Minted)) {
      unsigned.add(audience);
    }
    if (problems.reports() > before || audience == null || supply == null) {
      return Optional.empty();
    }
    supplies.put(audience, supply);
    return Optional.of(new Target(audience, supply));
  }

  /**
   * Reports tokens that this broker could take for a credential, since {@code typ} does not tell
   * them apart.
   *
   * @param accepted the audiences of credentials that the broker accepts, and its own name
   */
  void check(Set<String> accepted) {
    plain.forEach(
        (audience, place) -> {
          if (accepted.contains(audience)) {
            problems.at(
                place,
                "tokens with typ JWT have an audience of the broker's credentials: " + audience,
                "Remove 'typ', or give the target an audience that neither an issuer has in"
                    + " 'audiences' nor the broker as its name: the broker could take them for"
                    + " credentials.");
          }
        });
  }

  private @Nullable Supply supply(Fields fields, @Nullable String audience) {
    List<String> sources = SOURCES.stream().filter(fields::has).toList();
    if (sources.size() > 1) {
      fields.report(
          sources.getLast(),
          "a target has both '%s' and '%s'".formatted(sources.getFirst(), sources.getLast()),
          "Keep one of them: this broker makes the tokens, or an upstream does.");
    }
    String source = sources.isEmpty() ? "mint" : sources.getLast();
    if (!source.equals("mint") && Target.OPERATORS_AUDIENCE.equals(audience)) {
      fields.report(
          source,
          "the target " + audience + " is this broker, which makes the tokens for it",
          "Remove '" + source + "'.");
    }
    Supply minted = minted(fields, audience);
    return switch (source) {
      case "exchange" -> exchangeField.read(fields);
      case "aws" -> ofAws(fields, audience);
      case GitHubField.KEY -> ofGitHub(fields, audience);
      default -> minted;
    };
  }

  private @Nullable Supply ofGitHub(Fields fields, @Nullable String audience) {
    GitHubField.Installation read = gitHubField.read(fields, audience);
    if (read == null) {
      return null;
    }
    declare(read.upstream(), fields);
    return read.supply();
  }

  private @Nullable Supply ofAws(Fields fields, @Nullable String audience) {
    AwsField.AwsTarget read = awsField.read(fields, audience);
    if (read == null) {
      return null;
    }
    declare(read.upstream(), fields);
    return read.supply();
  }

  /** Takes the upstream that a target is in itself. */
  private void declare(UpstreamDefinition upstream, Fields target) {
    if (declaredUpstreams.contains(upstream.name())) {
      target.report(
          "audience",
          "the target " + upstream.name() + " has the name of an upstream, and is one itself",
          "Give the upstream or the target another name: verdicts and meters show it.");
    }
    upstreams.add(upstream);
  }

  private @Nullable String audience(Fields fields) {
    Scalar audience =
        fields.required("audience", "Give the aud that tokens for it carry; callers ask for it.");
    if (audience == null || !Form.AUDIENCE.fits(audience, problems)) {
      return null;
    }
    Place first = audiences.putIfAbsent(audience.text(), audience.place());
    if (UNDECLARED.equals(first)) {
      audiences.put(audience.text(), audience.place());
    } else if (first != null) {
      problems.at(
          audience.place(),
          "the target " + audience.text() + " is already declared at " + first,
          "Declare each target once.");
    }
    return audience.text();
  }

  private Supply minted(Fields target, @Nullable String audience) {
    Fields fields = target.section("mint");
    if (fields == null) {
      return new Supply.Mint(Target.DEFAULT_LIFETIME, BindingDemand.NOTHING);
    }
    Duration lifetime = fields.duration("lifetime", Target.MIN_LIFETIME, Target.MAX_LIFETIME);
    BindingDemand bind =
        fields.choice("bind", "binding", BindingDemand.values(), BindingDemand::label);
    MintedType type = fields.choice("typ", "typ of tokens", MintedType.values(), MintedType::typ);
    if (type == MintedType.JWT && audience != null) {
      plain.put(audience, fields.placeOf("typ"));
    }
    return new Supply.Mint(
        lifetime == null ? Target.DEFAULT_LIFETIME : lifetime,
        bind == null ? BindingDemand.NOTHING : bind,
        type == null ? MintedType.ACCESS_TOKEN : type,
        algorithm(fields, "algorithm"));
  }

  /** The algorithm of what the broker signs for an entry; null for that of the broker. */
  static @Nullable SigningAlgorithm algorithm(Fields fields, String key) {
    return fields.choice(key, "algorithm", SigningAlgorithm.values(), SigningAlgorithm::jwaName);
  }
}
