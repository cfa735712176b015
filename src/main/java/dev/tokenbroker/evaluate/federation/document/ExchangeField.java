package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.RuleSection.References;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.judge.target.ResourceIndicator;
import dev.tokenbroker.judge.target.Supply;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what the broker requests from an upstream for a target: {@code exchange}. */
final class ExchangeField implements TargetField {

  @Override
  public String key() {
    return "exchange";
  }

  @Override
  public @Nullable DeclaredTarget read(Fields fields, @Nullable String target, Reading reading) {
    Problems problems = reading.problems();
    int before = problems.reports();
    UpstreamSection upstreams = reading.upstreams();
    String upstream =
        new References("upstream", upstreams.names(), "Name a declared upstream.", problems)
            .read(fields, "upstream");
    String audience = audience(fields);
    List<String> resources = resources(fields, problems);
    List<String> scopes = Form.scopes(fields);
    boolean allowMoreScopes = fields.flag("allowMoreScopes");
    Map<String, String> parameters =
        fields.named(
            "parameters",
            "a parameter",
            "Use letters, digits, '.', '_' and '-', at most 64 (RFC 6749 section 8.2).",
            ExchangeField::parameter);
    PresentField.Defaults presented =
        upstreams
            .presentField()
            .read(fields, upstream == null ? null : upstreams.presented(upstream));
    if (problems.reports() > before || upstream == null || presented == null) {
      return null;
    }
    Supply supply =
        new Supply.Exchange(
            upstream,
            audience,
            resources,
            fields.has("scopes") ? scopes : null,
            allowMoreScopes,
            parameters,
            presented.presentation());
    return new DeclaredTarget(this, supply, null, (rule, _) -> Form.scopes(rule));
  }

  private static @Nullable String audience(Fields fields) {
    Scalar audience = fields.text("audience");
    fields.refuseControlCharacters("'audience'", audience);
    return audience == null ? null : audience.text();
  }

  /** Sorted, since their order has no meaning. */
  private static List<String> resources(Fields fields, Problems problems) {
    List<Scalar> resources = fields.texts("resources");
    for (Scalar resource : resources) {
      if (!ResourceIndicator.isWellFormed(resource.text())) {
        problems.at(
            resource.place(),
            "'" + resource.text() + "' is no resource",
            "Give an absolute URI of ASCII characters without fragment (RFC 8707 section 2).");
      }
    }
    return resources.stream().map(Scalar::text).sorted().toList();
  }

  private static @Nullable String parameter(Fields values, String name) {
    // Case-insensitively, since servers may ignore case.
    if (Upstream.RESERVED_PARAMETERS.contains(name.toLowerCase(Locale.ROOT))) {
      values.report(
          name,
          "the parameter '" + name + "' is set by the request itself",
          "Remove it; audience, resources and scopes of 'exchange' and the upstream's keys say"
              + " what is sent.");
      return null;
    }
    Scalar value = values.text(name);
    values.refuseControlCharacters("the parameter '" + name + "'", value);
    return value == null ? null : value.text();
  }
}
