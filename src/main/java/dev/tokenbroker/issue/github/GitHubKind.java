package dev.tokenbroker.issue.github;

import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamKind;
import dev.tokenbroker.issue.sts.UpstreamKind.ClientSecretFile;
import dev.tokenbroker.issue.sts.UpstreamKind.TrialRequest;
import dev.tokenbroker.issue.sts.UpstreamKind.UpstreamMeans;
import dev.tokenbroker.issue.sts.UpstreamProtocol;
import dev.tokenbroker.judge.target.Presentation;
import dev.tokenbroker.judge.target.Supply;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * GitHub, or a GitHub Enterprise Server, where Apps of the broker authenticate by JWTs.
 *
 * @param apps in the order of the document
 */
public record GitHubKind(List<DeclaredApp> apps) implements UpstreamKind {

  public GitHubKind {
    apps = List.copyOf(apps);
  }

  /**
   * An App of GitHub.
   *
   * @param id its client id, or its numeric id
   * @param keyFile a PEM private key (RSA)
   */
  public record DeclaredApp(String id, Path keyFile) {

    private TrialRequest trial(URI base, Instant now) {
      return new TrialRequest.Introduction(
          "App " + id,
          URI.create(base.toString().replaceFirst("/$", "") + "/app"),
          AppKeyFile.jwt(keyFile, id, now).orElse(null),
          "Compare 'app' and 'keyFile' with the App's id and its keys, and the clocks.",
          "Correct 'baseUrl': it is not the REST API of GitHub.");
    }
  }

  @Override
  public UpstreamProtocol protocol(UpstreamDefinition definition, UpstreamMeans means) {
    return new GitHubProtocol(definition, apps, means);
  }

  @Override
  public List<ClientSecretFile> secrets() {
    return apps.stream().map(app -> AppKeyFile.in(app.keyFile())).toList();
  }

  @Override
  public List<TrialRequest> trials(URI endpoint, Instant now) {
    return apps.stream().map(app -> app.trial(endpoint, now)).toList();
  }

  @Override
  public boolean mayUseUp(Presentation presentation) {
    return false;
  }

  /** The Apps, wherever they are installed. */
  @Override
  public Object account(UpstreamDefinition definition, Supply.Upstreamed terms) {
    return apps;
  }
}
