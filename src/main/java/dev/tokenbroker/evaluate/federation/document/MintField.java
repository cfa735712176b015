package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.judge.possession.BindingDemand;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.judge.target.Supply.MintedType;
import dev.tokenbroker.judge.target.Target;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads how the broker makes the tokens for a target: {@code mint}. */
final class MintField implements TargetField {

  static final String KEY = "mint";

  /** What applies to a target that names no kind. */
  static final DeclaredTarget DEFAULT =
      new MintField().declared(new Supply.Mint(Target.DEFAULT_LIFETIME, BindingDemand.NOTHING));

  @Override
  public String key() {
    return KEY;
  }

  @Override
  public DeclaredTarget read(Fields fields, @Nullable String audience, Reading reading) {
    Duration lifetime = fields.duration("lifetime", Target.MIN_LIFETIME, Target.MAX_LIFETIME);
    BindingDemand bind =
        fields.choice("bind", "binding", BindingDemand.values(), BindingDemand::label);
    MintedType type = fields.choice("typ", "typ of tokens", MintedType.values(), MintedType::typ);
    if (type == MintedType.JWT && audience != null) {
      reading.plain().put(audience, fields.placeOf("typ"));
    }
    return declared(
        new Supply.Mint(
            lifetime == null ? Target.DEFAULT_LIFETIME : lifetime,
            bind == null ? BindingDemand.NOTHING : bind,
            type == null ? MintedType.ACCESS_TOKEN : type,
            algorithm(fields, "algorithm")));
  }

  private DeclaredTarget declared(Supply supply) {
    return new DeclaredTarget(this, supply, null, (rule, _) -> Form.scopes(rule));
  }

  /** The algorithm of what the broker signs for an entry; null for that of the broker. */
  static @Nullable SigningAlgorithm algorithm(Fields fields, String key) {
    return fields.choice(key, "algorithm", SigningAlgorithm.values(), SigningAlgorithm::jwaName);
  }
}
