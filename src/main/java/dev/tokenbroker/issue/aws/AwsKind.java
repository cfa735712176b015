package dev.tokenbroker.issue.aws;

import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamKind;
import dev.tokenbroker.issue.sts.UpstreamKind.ClientSecretFile;
import dev.tokenbroker.issue.sts.UpstreamKind.TrialRequest;
import dev.tokenbroker.issue.sts.UpstreamKind.UpstreamMeans;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.judge.target.AwsRole;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** The STS of AWS: a JWT of the broker speaks for a role ({@code AssumeRoleWithWebIdentity}). */
public record AwsKind() implements UpstreamKind {

  /** Without the parameters that the action needs. */
  private static final String INCOMPLETE = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";

  @Override
  public UpstreamProtocol protocol(UpstreamDefinition definition, UpstreamMeans means) {
    return new AwsProtocol(definition, means);
  }

  /** None: the JWT is all that AWS wants. */
  @Override
  public List<ClientSecretFile> secrets() {
    return List.of();
  }

  @Override
  public List<TrialRequest> trials(URI endpoint, Instant now) {
    return List.of(
        new TrialRequest.Unfulfillable(INCOMPLETE, answer -> StsXml.error(answer.body())));
  }

  @Override
  public boolean mayUseUp(Presentation presentation) {
    return false;
  }

  /** The account of the role, in the region of the endpoint. */
  @Override
  public Object account(UpstreamDefinition definition, Supply.Upstreamed terms) {
    return Arrays.asList(definition.tokenEndpoint(), AwsRole.class.cast(terms).account());
  }
}
