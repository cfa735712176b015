package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.judge.policy.Presentation;
import dev.tokenbroker.judge.policy.Supply;
import dev.tokenbroker.judge.policy.Target;
import dev.tokenbroker.judge.possession.BindingDemand;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks the entries of {@code targets}. */
final class TargetSection {

  private final ExchangeField exchangeField;
  private final Problems problems;
  private final Map<String, Place> audiences = new LinkedHashMap<>();
  private final Set<String> unsigned = new HashSet<>();

  /**
   * @param upstreams the section of upstreams, already read
   */
  TargetSection(UpstreamSection upstreams, Problems problems) {
    this.exchangeField = new ExchangeField(upstreams, problems);
    this.problems = problems;
    audiences.put(Target.OPERATORS_AUDIENCE, new Place("", 0));
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

  /** The target; empty where the entry has problems. */
  Optional<Target> read(Mapping entry) {
    int before = problems.reports();
    Fields fields = new Fields("a target", entry, Shape.FEDERATION.at("targets"), problems);
    String audience = audience(fields);
    Supply supply = supply(fields);
    if (audience != null
        && supply instanceof Supply.Exchange exchange
        && exchange.presentation() instanceof Presentation.Credential) {
      unsigned.add(audience);
    }
    return problems.reports() > before || audience == null || supply == null
        ? Optional.empty()
        : Optional.of(new Target(audience, supply));
  }

  private @Nullable Supply supply(Fields fields) {
    if (fields.has("mint") && fields.has("exchange")) {
      fields.report(
          "exchange",
          "a target has both 'mint' and 'exchange'",
          "Keep one of them: this broker makes the tokens, or an upstream does.");
    }
    Supply minted = minted(fields);
    return fields.has("exchange") ? exchangeField.read(fields) : minted;
  }

  private @Nullable String audience(Fields fields) {
    Scalar audience =
        fields.required("audience", "Give the aud that tokens for it carry; callers ask for it.");
    if (audience == null || !Form.AUDIENCE.fits(audience, problems)) {
      return null;
    }
    if (audience.text().equals(Target.OPERATORS_AUDIENCE)) {
      problems.at(
          audience.place(),
          "the audience " + Target.OPERATORS_AUDIENCE + " is reserved for this broker",
          "Remove the entry: the target is always there, and rules may name it.");
      return null;
    }
    Place first = audiences.putIfAbsent(audience.text(), audience.place());
    if (first != null) {
      problems.at(
          audience.place(),
          "the target " + audience.text() + " is already declared at " + first,
          "Declare each target once.");
    }
    return audience.text();
  }

  private Supply minted(Fields target) {
    Fields fields = target.section("mint");
    if (fields == null) {
      return new Supply.Mint(Target.DEFAULT_LIFETIME, BindingDemand.NOTHING);
    }
    Duration lifetime = fields.duration("lifetime", Target.MIN_LIFETIME, Target.MAX_LIFETIME);
    BindingDemand bind =
        fields.choice("bind", "binding", BindingDemand.values(), BindingDemand::label);
    return new Supply.Mint(
        lifetime == null ? Target.DEFAULT_LIFETIME : lifetime,
        bind == null ? BindingDemand.NOTHING : bind);
  }
}
