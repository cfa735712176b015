package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.sts.Actor;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.RequestEncoding;
import dev.tokenbroker.issue.sts.StsKind;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamGrant;
import dev.tokenbroker.peers.http.Origin;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks the entries of {@code upstreams}. */
final class UpstreamSection {

  private static final List<String> SECRETS = List.of("clientSecret", "client_secret");

  private final Map<String, PresentField.Defaults> presented = new HashMap<>();
  private final Addresses addresses;
  private final ClientField clientField;
  private final PresentField presentField;
  private final OwnClientField ownClientField;
  private final Problems problems;
  private final Names names;

  UpstreamSection(SourceFiles files, Surroundings surroundings, Problems problems) {
    this.addresses = new Addresses(surroundings.httpToLoopback(), problems);
    this.ownClientField = new OwnClientField(surroundings.ownClients(), problems);
    this.clientField = new ClientField(new SecretFiles(files, problems), problems);
    this.presentField = new PresentField(problems);
    this.problems = problems;
    this.names =
        new Names(
            "an upstream", "Give it a short name, such as 'sso'; targets refer to it.", problems);
  }

  /** The declared names, including those of entries with problems. */
  Set<String> names() {
    return names.declared();
  }

  /** Reads what an upstream gets to see, here and in the section of targets. */
  PresentField presentField() {
    return presentField;
  }

  /** Reads addresses, here and in the section of targets. */
  Addresses addresses() {
    return addresses;
  }

  /** What the upstream of that name gets to see; null where its entry has problems. */
  PresentField.@Nullable Defaults presented(String name) {
    return presented.get(name);
  }

  /** The upstream; empty where the entry has problems. */
  Optional<UpstreamDefinition> read(Mapping entry) {
    int before = problems.reports();
    Mapping fit = withoutSecret(entry);
    Fields fields = new Fields("an upstream", fit, DocumentReader.SHAPE.at("upstreams"), problems);
    String name = names.read(fields);
    UpstreamGrant grant =
        Objects.requireNonNullElse(
            fields.choice("grant", "grant", UpstreamGrant.values(), UpstreamGrant::label),
            UpstreamGrant.TOKEN_EXCHANGE);
    String tls = Form.TLS.of(fields, "tls");
    ClientAuthentication client = fit.equals(entry) ? clientField.read(fields, grant) : null;
    Scalar issuer = fields.text("issuer");
    issuer = issuer == null ? null : addresses.issuer(issuer);
    Scalar endpoint = addresses.endpoint(fields, "tokenEndpoint");
    Set<Origin> origins = addresses.origins(fields, "tokenOrigins");
    Actor actor = ownClientField.actor(fields, grant);
    checkAddresses(fields, client);
    RequestEncoding encoding =
        fields.choice("encoding", "encoding", RequestEncoding.values(), RequestEncoding::label);
    boolean good = problems.reports() == before;
    if (!good || name == null || client == null) {
      presentField.read(fields, null);
      return Optional.empty();
    }
    StsKind kind =
        new StsKind(grant, client, encoding == null ? RequestEncoding.FORM : encoding, actor);
    UpstreamDefinition upstream =
        new UpstreamDefinition(
            name,
            issuer == null ? null : issuer.text(),
            endpoint == null ? null : URI.create(endpoint.text()),
            origins,
            kind,
            tls);
    return readPresented(fields, upstream, kind.presentsIdentity())
        ? Optional.of(upstream)
        : Optional.empty();
  }

  /** Reads what the upstream gets to see; false where that has problems. */
  private boolean readPresented(
      Fields fields, UpstreamDefinition upstream, boolean presentsIdentity) {
    int before = problems.reports();
    String audience = upstream.issuer() == null ? "" + upstream.tokenEndpoint() : upstream.issuer();
    PresentField.Defaults values =
        presentField.read(fields, PresentField.Defaults.of(audience, presentsIdentity));
    if (problems.reports() > before || values == null) {
      return false;
    }
    presented.put(upstream.name(), values);
    return true;
  }

  /** The entry without any secret that an author wrote into it, which is a problem. */
  private Mapping withoutSecret(Mapping entry) {
    Map<String, Entry> rest = new LinkedHashMap<>(entry.entries());
    for (String key : SECRETS) {
      Entry secret = rest.remove(key);
      if (secret != null) {
        problems.at(
            secret.key(),
            "'" + key + "' puts a secret into the document",
            "Remove it and consider it disclosed; put the new one into a file and name that by"
                + " clientSecretFile.");
      }
    }
    return rest.size() == entry.entries().size() ? entry : new Mapping(rest, entry.place());
  }

  /** Beside a token endpoint, an issuer is only useful as {@code aud} of client assertions. */
  private void checkAddresses(Fields fields, @Nullable ClientAuthentication client) {
    if (!fields.has("issuer") && !fields.has("tokenEndpoint")) {
      problems.at(
          fields.place(),
          "an upstream needs 'issuer' or 'tokenEndpoint'",
          "Give its issuer, whose discovery document names the token endpoint, or the endpoint.");
    }
    if (fields.has("tokenOrigins") && fields.has("tokenEndpoint")) {
      fields.report(
          "tokenOrigins",
          "'tokenOrigins' has no effect beside 'tokenEndpoint'",
          "Remove it: there is no discovery document that could name another origin.");
    }
    if (fields.has("issuer")
        && fields.has("tokenEndpoint")
        && client != null
        && !(client instanceof ClientAuthentication.PrivateKeyJwt)) {
      fields.report(
          "issuer",
          "'issuer' has no effect beside 'tokenEndpoint'",
          "Keep one of them; only private_key_jwt uses both, the issuer as aud of its assertions.");
    }
  }
}
