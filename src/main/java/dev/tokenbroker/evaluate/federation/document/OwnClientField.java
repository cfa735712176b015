package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Spelling;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.sts.Actor;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads which peers get the broker's own token: {@code actor} and {@code authorization}. */
final class OwnClientField {

  private final @Nullable Set<String> known;
  private final Problems problems;

  /**
   * @param known the enabled clients; null if any may be named
   */
  OwnClientField(@Nullable Set<String> known, Problems problems) {
    this.known = known;
    this.problems = problems;
  }

  /** The actor of an upstream; null where absent, or where a problem was reported. */
  @Nullable Actor actor(Fields upstream, UpstreamGrant grant) {
    Fields fields = upstream.section("actor");
    if (fields == null) {
      return null;
    }
    if (grant != UpstreamGrant.TOKEN_EXCHANGE) {
      upstream.report(
          "actor",
          "'actor' has no effect with grant " + grant.label(),
          "Remove it: only token-exchange has an actor token (RFC 8693 section 2.1).");
    }
    String client = client(fields);
    boolean required = fields.flag("required");
    return client == null ? null : new Actor(client, required);
  }

  /** The client whose token an issuer gets; null where absent, or where a problem was reported. */
  @Nullable String authorization(Fields issuer) {
    Fields fields = issuer.section("authorization");
    return fields == null ? null : client(fields);
  }

  private @Nullable String client(Fields fields) {
    Scalar client =
        fields.required("client", "Name a client of the settings, quarkus.oidc-client.NAME.");
    if (client == null || !Form.OWN_CLIENT.fits(client, problems)) {
      return null;
    }
    String name = client.text();
    if (known != null && !known.contains(name)) {
      problems.at(
          client.place(),
          "no enabled client '" + name + "' is in the settings",
          known.isEmpty()
              ? "Set quarkus.oidc-client." + name + ".token-path and its credentials."
              : Spelling.remedy(name, known, "The clients are " + String.join(", ", known) + "."));
      return null;
    }
    return name;
  }
}
