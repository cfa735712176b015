package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.TargetField.DeclaredTarget;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Target;
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

  private final TargetKinds kinds;
  private final TargetField.Reading reading;
  private final Set<String> declaredUpstreams;
  private final Problems problems;
  private final Map<String, Place> audiences = new LinkedHashMap<>();

  /** Where the targets ask for tokens with {@code typ} JWT, by audience. */
  private final Map<String, Place> plain = new LinkedHashMap<>();

  private final Set<String> unsigned = new HashSet<>();
  private final List<UpstreamDefinition> upstreams = new ArrayList<>();
  private final Map<String, DeclaredTarget> declared = new HashMap<>();

  /**
   * @param upstreams the section of upstreams, already read
   */
  TargetSection(
      TargetKinds kinds, UpstreamSection upstreams, SourceFiles files, Problems problems) {
    this.kinds = kinds;
    this.reading =
        new TargetField.Reading(upstreams, new SecretFiles(files, problems), plain, problems);
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

  /** The target of an audience; null where it has problems. */
  @Nullable DeclaredTarget declared(String audience) {
    return declared.get(audience);
  }

  /** The kinds of targets. */
  List<TargetField> kinds() {
    return kinds.fields();
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
    Fields fields = new Fields("a target", entry, kinds.shape(), problems);
    String audience = audience(fields);
    DeclaredTarget target = target(fields, audience);
    if (target == null || audience == null) {
      return Optional.empty();
    }
    target
        .supply()
        .fromUpstream()
        .filter(from -> !(from.presentation() instanceof Presentation.Minted))
        .ifPresent(_ -> unsigned.add(audience));
    if (problems.reports() > before) {
      return Optional.empty();
    }
    declared.put(audience, target);
    return Optional.of(new Target(audience, target.supply()));
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

  private @Nullable DeclaredTarget target(Fields fields, @Nullable String audience) {
    List<TargetField> sources =
        kinds.fields().stream().filter(kind -> fields.has(kind.key())).toList();
    if (sources.isEmpty()) {
      return MintField.DEFAULT;
    }
    TargetField kind = sources.getLast();
    if (sources.size() > 1) {
      fields.report(
          kind.key(),
          "a target has both '%s' and '%s'".formatted(sources.getFirst().key(), kind.key()),
          "Keep one of them: this broker makes the tokens, or an upstream does.");
    }
    if (!kind.key().equals(MintField.KEY) && Target.OPERATORS_AUDIENCE.equals(audience)) {
      fields.report(
          kind.key(),
          "the target " + audience + " is this broker, which makes the tokens for it",
          "Remove '" + kind.key() + "'.");
    }
    Fields own = fields.section(kind.key());
    DeclaredTarget target = own == null ? null : kind.read(own, audience, reading);
    if (target != null && target.upstream() != null) {
      declare(target.upstream(), fields);
    }
    return target;
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
}
