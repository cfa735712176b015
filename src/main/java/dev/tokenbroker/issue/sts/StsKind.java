package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import dev.tokenbroker.peers.http.CallEnd;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A security token service of OAuth 2.0.
 *
 * @param grant how tokens are requested
 * @param authentication how the broker authenticates
 * @param encoding how the parameters of token requests are written
 * @param actor how the broker names itself as actor; null if it does not
 */
public record StsKind(
    UpstreamGrant grant,
    ClientAuthentication authentication,
    RequestEncoding encoding,
    @Nullable Actor actor)
    implements UpstreamKind {

  /** An unknown grant, without client authentication: an error by RFC 6749 section 5.2. */
  private static final String UNKNOWN_GRANT = "grant_type=urn%3Atoken-broker%3Adoctor";

  @Override
  public UpstreamProtocol protocol(
      UpstreamDefinition definition, UpstreamKind.UpstreamMeans means) {
    return new StsProtocol(definition, this, means);
  }

  @Override
  public List<UpstreamKind.ClientSecretFile> secrets() {
    return authentication.secrets();
  }

  @Override
  public List<UpstreamKind.TrialRequest> trials(URI endpoint, Instant now) {
    return List.of(new UpstreamKind.TrialRequest.Unfulfillable(UNKNOWN_GRANT, StsKind::error));
  }

  /** Assertions: the upstream may accept each only once (RFC 7523 section 3, {@code jti}). */
  @Override
  public boolean mayUseUp(Presentation presentation) {
    return presentation instanceof Presentation.Credential
        && (grant == UpstreamGrant.JWT_BEARER || isFederated());
  }

  /** The client at that service. */
  @Override
  public Object account(UpstreamDefinition definition, Supply.Upstreamed terms) {
    Object service = definition.issuer() == null ? definition.tokenEndpoint() : definition.issuer();
    return Arrays.asList(service, authentication);
  }

  @Override
  public boolean showsCertificate() {
    return authentication instanceof ClientAuthentication.MutualTls;
  }

  /** Whether a request has something that speaks for the identity. */
  public boolean presentsIdentity() {
    return grant != UpstreamGrant.CLIENT_CREDENTIALS || isFederated();
  }

  /** Whether what the upstream gets to see of the identity also authenticates the broker. */
  boolean isFederated() {
    return authentication instanceof ClientAuthentication.Federated;
  }

  private static String error(CallEnd.Response answer) {
    return PeerJson.object(answer.body())
                instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> members)
            && members.get("error") instanceof String error
        ? error
        : "";
  }
}
