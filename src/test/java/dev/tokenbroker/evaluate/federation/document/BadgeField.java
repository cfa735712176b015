package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.badge.BadgeKind;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.target.Badge;
import dev.tokenbroker.process.runtime.Unchecked;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The keys of an invented kind of target: {@code badge}. */
public final class BadgeField implements TargetField {

  private static final String SCHEMA =
      """
      "badge": {"type": "object", "properties": {
        "address": {"type": "string"}, "keyFile": {"type": "string"},
        "zones": {"type": "array", "items": {"type": "string"}, "maxItems": 8}}},
      """;

  /** The kinds of a build that has this one, too: the line that registers it. */
  static TargetKinds registered() {
    String keys = "\"exchange\": {\n          \"description\"";
    String schema = Shape.schema("federation");
    return new TargetKinds(
        Stream.concat(TargetKinds.ALL.fields().stream(), Stream.of(new BadgeField())).toList(),
        Shape.parse(schema.replace(keys, SCHEMA + keys)).at("targets"));
  }

  /** A loader of documents with this kind, which fetches no keys. */
  public static FederationLoader loader(
      Function<UpstreamDefinition, Upstream> upstreams, InstantSource clock) {
    return new FederationLoader(
        location -> Unchecked.raise(new AssertionError("no keys are fetched here: " + location)),
        upstreams,
        DocumentGate.OPEN,
        clock,
        Surroundings.unknown(true),
        registered());
  }

  @Override
  public String key() {
    return "badge";
  }

  @Override
  public @Nullable DeclaredTarget read(Fields fields, @Nullable String audience, Reading reading) {
    int before = reading.problems().reports();
    Scalar address = reading.upstreams().addresses().base(fields, "address");
    Path key =
        reading.secrets().read(fields, "keyFile", BadgeKind::fault, "Give a file with the key.");
    List<String> zones = fields.texts("zones").stream().map(Scalar::text).sorted().toList();
    if (reading.problems().reports() > before
        || address == null
        || key == null
        || audience == null) {
      return null;
    }
    return new DeclaredTarget(
        this,
        new Badge(audience, zones),
        UpstreamDefinition.ofTarget(audience, URI.create(address.text()), new BadgeKind(key), null),
        (rule, _) -> Form.scopes(rule));
  }
}
