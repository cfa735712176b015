package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.base.outcome.Outcome.Accepted;
import dev.tokenbroker.base.outcome.Outcome.Refused;
import dev.tokenbroker.base.outcome.Refusal;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.issue.github.AppKeyFile;
import dev.tokenbroker.issue.sts.ClientAuthentication;
import dev.tokenbroker.issue.sts.ClientKeyFile;
import dev.tokenbroker.issue.sts.SecretText;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.peers.http.CallEnd.Response;
import dev.tokenbroker.peers.http.Origin;
import dev.tokenbroker.peers.http.ProbeClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Checks an upstream from its host to its token endpoint, and the secret of the client. */
public final class UpstreamChecks {

  private static final String PREREQUISITE = "an earlier check of the upstream failed";
  private static final int MAX_KEY_BYTES = 64 * 1024;

  private final ProbeClient probes;
  private final InstantSource clock;

  public UpstreamChecks(ProbeClient probes, InstantSource clock) {
    this.probes = probes;
    this.clock = clock;
  }

  /** Checks one upstream of the document. */
  public CheckGroup check(UpstreamDefinition upstream) {
    CheckList checks = new CheckList("upstream " + upstream.name());
    secret(upstream.authentication(), checks);
    HostChecks hosts = new HostChecks(probes, clock, PeerSide.UPSTREAM, checks);
    URI endpoint = endpoint(upstream, hosts, checks);
    if (endpoint == null) {
      checks.skipped(DoctorCheck.TOKEN_ENDPOINT, PREREQUISITE);
    } else if (upstream.authentication() instanceof ClientAuthentication.GitHubApps(var apps)) {
      GitHubCheck each = new GitHubCheck(probes, clock, checks);
      apps.forEach(app -> each.check(endpoint, upstream.tls(), app));
    } else {
      new TokenEndpointCheck(probes, checks, upstream.grant()).check(endpoint, upstream.tls());
    }
    return checks.group();
  }

  /** The endpoint, if its host can be called; null otherwise, which is reported. */
  private @Nullable URI endpoint(UpstreamDefinition upstream, HostChecks hosts, CheckList checks) {
    URI declared = upstream.tokenEndpoint();
    if (declared != null) {
      return hosts.check(declared, upstream.tls()) ? declared : null;
    }
    String issuer = String.valueOf(upstream.issuer());
    URI discovery = DiscoveryDocument.location(issuer);
    Optional<Response> document =
        hosts.check(discovery, upstream.tls())
            ? new DocumentFetch(probes, PeerSide.UPSTREAM, checks, upstream.tls())
                .get(discovery, DoctorCheck.DISCOVERY)
            : Optional.empty();
    if (document.isEmpty()) {
      checks.skipped(DoctorCheck.ISSUER_NAME, PREREQUISITE);
      return null;
    }
    return switch (upstream.endpointIn(document.get().body())) {
      case Accepted<URI>(URI uri) -> {
        checks.passed(DoctorCheck.ISSUER_NAME, issuer);
        boolean same = Origin.of(uri).equals(Origin.of(discovery));
        yield same || hosts.check(uri, upstream.tls()) ? uri : null;
      }
      case Refused<URI>(Refusal why)
          when why.reason() == RefusalReason.UPSTREAM_ADDRESS_REFUSED -> {
        checks.passed(DoctorCheck.ISSUER_NAME, issuer);
        checks.found(
            Defect.UPSTREAM_ADDRESS_REFUSED, why.notes().getFirst(), why.reason().remedy());
        yield null;
      }
      case Refused<URI>(Refusal why) -> {
        IssuerChecks.refused(why, issuer, PeerSide.UPSTREAM, checks);
        yield null;
      }
    };
  }

  private void secret(ClientAuthentication authentication, CheckList checks) {
    switch (authentication) {
      case ClientAuthentication.Basic(String _, Path file) -> secretFile(file, checks);
      case ClientAuthentication.Post(String _, Path file) -> secretFile(file, checks);
      case ClientAuthentication.PrivateKeyJwt(String _, Path file, String _) ->
          file(file, MAX_KEY_BYTES, ClientKeyFile::fault, checks);
      case ClientAuthentication.GitHubApps(var apps) ->
          apps.forEach(app -> file(app.keyFile(), MAX_KEY_BYTES, AppKeyFile::fault, checks));
      case ClientAuthentication.NoAuthentication _,
          ClientAuthentication.MutualTls _,
          ClientAuthentication.Federated _ ->
          checks.skipped(DoctorCheck.CLIENT_SECRET, "the client has no file with a secret");
    }
  }

  private void secretFile(Path file, CheckList checks) {
    file(file, SecretText.MAX_BYTES, SecretText::fault, checks);
  }

  private void file(
      Path file, int maxBytes, Function<byte[], Optional<String>> faultOf, CheckList checks) {
    try {
      Optional<String> fault = faultOf.apply(BoundedFile.read(file, maxBytes));
      if (fault.isEmpty()) {
        Instant written = Files.getLastModifiedTime(file).toInstant();
        checks.passed(
            DoctorCheck.CLIENT_SECRET,
            "written " + Duration.between(written, clock.instant()).toDays() + " days ago");
        return;
      }
      unusable("the file " + fault.get(), checks);
    } catch (IOException unreadable) {
      unusable("the file cannot be read: " + BoundedFile.why(unreadable), checks);
    }
  }

  private static void unusable(String seen, CheckList checks) {
    checks.found(
        Defect.CLIENT_SECRET_UNUSABLE,
        seen,
        "Write the secret or key of the client into that file, readable for the broker's user.");
  }
}
