package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.UpstreamKind.ClientSecretFile;
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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks an upstream from its host to its token endpoint, and the secret of the client. */
public final class UpstreamChecks {

  private static final String PREREQUISITE = "an earlier check of the upstream failed";

  private final ProbeClient probes;
  private final InstantSource clock;

  public UpstreamChecks(ProbeClient probes, InstantSource clock) {
    this.probes = probes;
    this.clock = clock;
  }

  /** Checks one upstream of the document. */
  public CheckGroup check(UpstreamDefinition upstream) {
    CheckList checks = new CheckList("upstream " + upstream.name());
    List<ClientSecretFile> secrets = upstream.kind().secrets();
    if (secrets.isEmpty()) {
      checks.skipped(DoctorCheck.CLIENT_SECRET, "the client has no file with a secret");
    }
    secrets.forEach(secret -> file(secret, checks));
    HostChecks hosts = new HostChecks(probes, clock, PeerSide.UPSTREAM, checks);
    URI endpoint = endpoint(upstream, hosts, checks);
    if (endpoint == null) {
      checks.skipped(DoctorCheck.TOKEN_ENDPOINT, PREREQUISITE);
    } else {
      TrialChecks trials = new TrialChecks(probes, checks, upstream.tls());
      upstream
          .kind()
          .trials(endpoint, clock.instant())
          .forEach(each -> trials.make(each, endpoint));
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

  private void file(ClientSecretFile secret, CheckList checks) {
    Path file = secret.path();
    try {
      Optional<String> fault = secret.fault().apply(BoundedFile.read(file, secret.maxBytes()));
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
