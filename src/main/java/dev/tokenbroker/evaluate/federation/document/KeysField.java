package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.DeclaredIssuer.DeclaredKeys;
import dev.tokenbroker.judge.issuer.KeyAccess;
import dev.tokenbroker.judge.issuer.KeyLocation;
import dev.tokenbroker.judge.issuer.KeySetDocument;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the source of an issuer's keys: {@code jwksUri}, {@code jwksFile}, {@code jwks}, {@code
 * kubernetes}, or discovery if none of them is present; and {@code tls} for fetched keys.
 */
final class KeysField {

  private final SourceFiles files;
  private final Addresses addresses;
  private final OwnClientField ownClientField;
  private final Problems problems;
  private final KubernetesField kubernetes;

  KeysField(
      SourceFiles files, Addresses addresses, OwnClientField ownClientField, Problems problems) {
    this.ownClientField = ownClientField;
    this.files = files;
    this.addresses = addresses;
    this.problems = problems;
    this.kubernetes = new KubernetesField(files, addresses, problems);
  }

  /**
   * The source; null where a problem was reported.
   *
   * @param issuer null where it is invalid
   */
  @Nullable DeclaredKeys read(Fields fields, @Nullable String issuer) {
    DeclaredKeys keys = source(fields, issuer);
    String client = ownClientField.authorization(fields);
    if (keys instanceof DeclaredKeys.Remote(KeyLocation location, boolean tokenReview)
        && location.access() instanceof KeyAccess.Open) {
      return client == null
          ? keys
          : new DeclaredKeys.Remote(
              location.withAccess(new KeyAccess.OwnToken(client)), tokenReview);
    }
    if (keys != null && client != null) {
      fields.report(
          "authorization",
          "'authorization' has no effect on the keys of this issuer",
          "Remove it: it is for keys that are fetched by discovery or from jwksUri.");
    }
    return keys;
  }

  private @Nullable DeclaredKeys source(Fields fields, @Nullable String issuer) {
    List<String> given =
        List.of("jwksUri", "jwksFile", "jwks", KubernetesField.KEY).stream()
            .filter(fields::has)
            .toList();
    if (given.size() > 1) {
      problems.at(
          fields.placeOf(given.getLast()),
          "an issuer has more than one source of keys: " + String.join(", ", given),
          "Keep one of them; without any, the keys are found by discovery.");
      return null;
    }
    String tls = Form.TLS.of(fields, "tls");
    return switch (given.isEmpty() ? "" : given.getFirst()) {
      case "jwksFile" -> fixed(fields, file(fields));
      case "jwks" -> fixed(fields, inline(fields));
      case "jwksUri" -> uri(fields, issuer, tls);
      case KubernetesField.KEY -> cluster(fields, issuer, tls);
      default ->
          issuer == null
              ? null
              : new DeclaredKeys.Remote(new KeyLocation(issuer, null, tls), false);
    };
  }

  private @Nullable DeclaredKeys uri(Fields fields, @Nullable String issuer, @Nullable String tls) {
    Scalar uri = addresses.endpoint(fields, "jwksUri");
    return uri == null || issuer == null
        ? null
        : new DeclaredKeys.Remote(new KeyLocation(issuer, URI.create(uri.text()), tls), false);
  }

  private @Nullable DeclaredKeys cluster(
      Fields fields, @Nullable String issuer, @Nullable String tls) {
    KubernetesField.Cluster cluster = kubernetes.read(fields);
    return cluster == null || issuer == null
        ? null
        : new DeclaredKeys.Remote(
            new KeyLocation(issuer, null, tls, cluster.server()), cluster.tokenReview());
  }

  private @Nullable DeclaredKeys fixed(Fields fields, @Nullable Fixture fixture) {
    if (fields.has("tls")) {
      fields.report(
          "tls",
          "'tls' has no effect, since the keys of this issuer are not fetched",
          "Remove tls.");
    }
    if (fixture == null) {
      return null;
    }
    return switch (KeySetDocument.parse(fixture.json().getBytes(StandardCharsets.UTF_8))) {
      case Outcome.Accepted<KeySetDocument>(KeySetDocument keys) ->
          new DeclaredKeys.Fixed(fixture.json(), keys);
      case Outcome.Refused<KeySetDocument>(Refusal refusal) -> {
        problems.at(
            fixture.place(),
            fixture.what() + " is no usable key set: " + refusal.seen(),
            "Give a JWK Set (RFC 7517 section 5) with at least one public signature key.");
        yield null;
      }
    };
  }

  private @Nullable Fixture file(Fields fields) {
    Scalar name = fields.text("jwksFile");
    if (name == null) {
      return null;
    }
    try {
      String json = BoundedFile.text(files.beside(Path.of(name.text())));
      return new Fixture(json, "'jwksFile' " + name.text(), name.place());
    } catch (InvalidPathException | IOException e) {
      problems.at(
          name.place(),
          "'jwksFile' " + name.text() + " cannot be read: " + BoundedFile.why(e),
          "Give the path of a readable file of at most 256 KiB; relative ones begin at the"
              + " document's directory.");
      return null;
    }
  }

  private @Nullable Fixture inline(Fields fields) {
    Mapping jwks = fields.mapping("jwks");
    if (jwks == null || InlineKeys.holdSecrets(jwks, problems)) {
      return null;
    }
    return new Fixture(InlineKeys.json(jwks), "'jwks'", fields.placeOf("jwks"));
  }

  /** A key set as JSON, and its name in a problem. */
  private record Fixture(String json, String what, Place place) {}
}
