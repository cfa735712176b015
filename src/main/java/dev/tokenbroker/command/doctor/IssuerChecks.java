package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.json.PeerJson;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcome.Accepted;
import dev.tokenbroker.base.refusal.Outcome.Refused;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.judge.credential.NearMiss;
import dev.tokenbroker.judge.issuer.DiscoveryDocument;
import dev.tokenbroker.judge.issuer.KeyAccess;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import dev.tokenbroker.peers.http.CallEnd.Response;
import dev.tokenbroker.peers.http.Origin;
import dev.tokenbroker.peers.http.ProbeClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks an issuer from its host to its keys, or its key file. */
public final class IssuerChecks {

  private static final String JWKS_URI = "jwks_uri";
  private static final int MAX_KEY_FILE_BYTES = 256 * 1024;
  private static final String PREREQUISITE = "an earlier check of the issuer failed";
  private static final List<DoctorCheck> AFTER_DISCOVERY =
      List.of(DoctorCheck.KEY_SET, DoctorCheck.KEYS, DoctorCheck.KEY_CACHING, DoctorCheck.CLOCK);

  private final ProbeClient probes;
  private final Path document;
  private final Loaded loaded;
  private final Duration keyTtl;
  private final InstantSource clock;

  /**
   * @param keyTtl how long keys are fresh at least
   */
  public IssuerChecks(
      ProbeClient probes, Path document, Loaded loaded, Duration keyTtl, InstantSource clock) {
    this.probes = probes;
    this.document = document;
    this.loaded = loaded;
    this.keyTtl = keyTtl;
    this.clock = clock;
  }

  /** Checks one issuer of the document. */
  public CheckGroup check(TrustedIssuer issuer) {
    CheckList checks = new CheckList("issuer " + issuer.name());
    if (issuer.disabled()) {
      checks.skipped(DoctorCheck.KEY_SET, "the issuer has disabled: true");
      return checks.group();
    }
    KeyChecks keys = new KeyChecks(checks, issuer);
    FreshnessChecks freshness = new FreshnessChecks(checks, issuer);
    KeyLocation location = loaded.locations().get(issuer.name());
    if (location == null) {
      keyFile(issuer, checks, keys);
      return checks.group();
    }
    if (location.access() instanceof KeyAccess.ApiServer cluster) {
      checks.skipped(
          DoctorCheck.KEY_SET,
          "the keys are at the API server "
              + cluster.server()
              + ", for the broker's own token only");
      return checks.group();
    }
    if (location.access() instanceof KeyAccess.OwnToken(String client)) {
      checks.skipped(
          DoctorCheck.KEY_SET,
          "the keys are for the broker's own token of the client " + client + " only");
      return checks.group();
    }
    fetched(location, checks, keys, freshness);
    return checks.group();
  }

  /** Checks the keys of an issuer that stand in the document or in a file beside it. */
  private void keyFile(TrustedIssuer issuer, CheckList checks, KeyChecks keys) {
    String name = keyFileName(issuer);
    if (name == null) {
      checks.passed(
          DoctorCheck.KEYS, issuer.keys().status().keyCount() + " usable, in the document itself");
      return;
    }
    Path directory = Files.isDirectory(document) ? document : document.toAbsolutePath().getParent();
    Path file = directory == null ? Path.of(name) : directory.resolve(name);
    try {
      byte[] content = BoundedFile.read(file, MAX_KEY_FILE_BYTES);
      checks.passed(DoctorCheck.KEY_SET, "the file " + name + ", " + content.length + " bytes");
      keys.check(content, name);
    } catch (IOException unreadable) {
      // The document has just been loaded with this file.
      checks.found(
          Defect.KEYS_INVALID,
          "the file " + name + " cannot be read now: " + BoundedFile.why(unreadable),
          "Let the broker's user read the file at all times.");
    }
  }

  private @Nullable String keyFileName(TrustedIssuer issuer) {
    Mapping entry = loaded.outline().entries(DocumentSection.ISSUERS).get(issuer.name());
    Entry file = entry == null ? null : entry.entries().get("jwksFile");
    return file != null && file.value() instanceof Scalar scalar ? scalar.text() : null;
  }

  private void fetched(
      KeyLocation location, CheckList checks, KeyChecks keys, FreshnessChecks freshness) {
    HostChecks hosts = new HostChecks(probes, clock, PeerSide.ISSUER, checks);
    DocumentFetch fetch = new DocumentFetch(probes, PeerSide.ISSUER, checks, location.tls());
    URI jwksUri = keySetUri(location, hosts, fetch, checks);
    if (jwksUri == null) {
      skip(checks, AFTER_DISCOVERY);
      return;
    }
    Optional<Response> keySet = fetch.get(jwksUri, DoctorCheck.KEY_SET);
    if (keySet.isEmpty()) {
      skip(checks, AFTER_DISCOVERY.subList(1, AFTER_DISCOVERY.size()));
      return;
    }
    keys.check(keySet.get().body(), jwksUri.toString());
    freshness.caching(keySet.get().times(), keyTtl);
    freshness.clock(keySet.get().times(), clock.instant());
  }

  /** The URL of the key set, if its host can be called; null otherwise, which is reported. */
  private static @Nullable URI keySetUri(
      KeyLocation location, HostChecks hosts, DocumentFetch fetch, CheckList checks) {
    URI declared = location.jwksUri();
    if (declared != null) {
      return hosts.check(declared, location.tls()) ? declared : null;
    }
    URI discovery = DiscoveryDocument.location(location.issuer());
    if (!hosts.check(discovery, location.tls())) {
      skip(checks, List.of(DoctorCheck.DISCOVERY, DoctorCheck.ISSUER_NAME));
      return null;
    }
    URI found = discovered(location.issuer(), discovery, fetch, checks);
    if (found == null || Origin.of(found).equals(Origin.of(discovery))) {
      return found;
    }
    return hosts.check(found, location.tls()) ? found : null;
  }

  private static @Nullable URI discovered(
      String issuer, URI discovery, DocumentFetch fetch, CheckList checks) {
    Optional<Response> answer = new OtherForms(fetch, checks).orReported(issuer, discovery);
    if (answer.isEmpty()) {
      skip(checks, DoctorCheck.ISSUER_NAME);
      return null;
    }
    return switch (DiscoveryDocument.endpoint(answer.get().body(), issuer, JWKS_URI)) {
      case Accepted<URI>(URI uri) -> {
        checks.passed(DoctorCheck.ISSUER_NAME, issuer);
        yield uri;
      }
      case Refused<URI>(Refusal why) -> {
        refused(why, issuer, PeerSide.ISSUER, checks);
        yield null;
      }
    };
  }

  /** Reports a discovery document that the broker refuses. */
  static void refused(Refusal why, String issuer, PeerSide side, CheckList checks) {
    if (why.reason() == RefusalReason.DISCOVERY_ISSUER_MISMATCH) {
      String named = why.seen();
      checks.found(
          side.issuerMismatch(),
          "the document names "
              + named
              + NearMiss.between(named, issuer).map(near -> ", which " + near).orElse(""),
          "Make issuer of the %s exactly %s if that is the one you trust; else have it corrected."
              .formatted(side.noun(), named));
      return;
    }
    checks.found(
        DoctorCheck.ISSUER_NAME,
        side.malformed(),
        why.seen(),
        "Have the " + side.noun() + " serve " + why.expected() + ".");
  }

  private static void skip(CheckList checks, List<DoctorCheck> skipped) {
    skipped.forEach(check -> skip(checks, check));
  }

  private static void skip(CheckList checks, DoctorCheck check) {
    checks.skipped(check, PREREQUISITE);
  }

  /**
   * Looks for a discovery document at the other paths that issuers use. The broker reads the one of
   * OpenID Connect Discovery section 4 only, which ends in the well-known part. By RFC 8414 section
   * 3.1 the path of the issuer comes after it.
   */
  static final class OtherForms {

    private static final List<String> WELL_KNOWN =
        List.of("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration");

    private final DocumentFetch fetch;
    private final CheckList checks;

    OtherForms(DocumentFetch fetch, CheckList checks) {
      this.fetch = fetch;
      this.checks = checks;
    }

    /** The document; empty if the broker could not use it, which is reported. */
    Optional<Response> orReported(String issuer, URI discovery) {
      if (fetch.probe(discovery) instanceof Response answer && answer.status() == 404) {
        for (String wellKnown : WELL_KNOWN) {
          URI other = discovery.resolve(wellKnown + path(issuer));
          Optional<String> keys = other.equals(discovery) ? Optional.empty() : keys(other, issuer);
          if (keys.isPresent()) {
            checks.found(
                Defect.DISCOVERY_AT_OTHER_PATH,
                discovery + " answers 404; " + other + " names the issuer and its jwks_uri",
                "Give the issuer jwksUri: " + keys.get());
            return Optional.empty();
          }
        }
      }
      return fetch.get(discovery, DoctorCheck.DISCOVERY);
    }

    private static String path(String issuer) {
      String path = URI.create(issuer).getRawPath();
      return path == null || path.equals("/") ? "" : path;
    }

    private Optional<String> keys(URI uri, String issuer) {
      return fetch.probe(uri) instanceof Response answer
              && answer.status() == 200
              && PeerJson.object(answer.body())
                  instanceof Outcome.Accepted<Map<String, Object>>(Map<String, Object> document)
              && issuer.equals(document.get("issuer"))
              && document.get("jwks_uri") instanceof String keys
          ? Optional.of(keys)
          : Optional.empty();
    }
  }
}
