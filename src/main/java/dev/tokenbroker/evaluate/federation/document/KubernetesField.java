package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.judge.issuer.KeyAccess;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code kubernetes}: the API server that publishes the keys of an issuer, and the files by
 * which the broker identifies itself there. Without a server it is the one of the broker's own
 * cluster.
 *
 * <p>The files are not read here: the broker reads them for each call, and a machine outside the
 * cluster can check the document.
 */
final class KubernetesField {

  static final String KEY = "kubernetes";

  private static final URI OWN_SERVER = URI.create("https://kubernetes.default.svc");
  private static final Path OWN_FILES = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  private final SourceFiles files;
  private final Addresses addresses;
  private final Problems problems;

  KubernetesField(SourceFiles files, Addresses addresses, Problems problems) {
    this.files = files;
    this.addresses = addresses;
    this.problems = problems;
  }

  /**
   * A cluster as the document declares it.
   *
   * @param tokenReview whether its API server is asked about each credential
   */
  record Cluster(KeyAccess.ApiServer server, boolean tokenReview) {}

  /** The cluster; null where absent or reported. */
  @Nullable Cluster read(Fields issuer) {
    int before = problems.reports();
    Fields fields = issuer.section(KEY);
    if (fields == null) {
      return null;
    }
    URI server = server(fields);
    Path token = file(fields, "tokenFile");
    Path authorities = file(fields, "caFile");
    boolean tokenReview = fields.flag("tokenReview");
    if (fields.has("caFile") && issuer.has("tls")) {
      issuer.report(
          "tls",
          "'tls' has no effect beside 'caFile'",
          "Keep one of them: both say whom to trust at the API server.");
    }
    // Another server must not get the token of this cluster by default.
    if (fields.has("server") && !fields.has("tokenFile")) {
      fields.lacks("tokenFile", "Name the file with the broker's token for that server.");
    }
    if (problems.reports() > before) {
      return null;
    }
    boolean own = !fields.has("server");
    if (authorities == null && own && !issuer.has("tls")) {
      authorities = OWN_FILES.resolve("ca.crt");
    }
    return new Cluster(
        new KeyAccess.ApiServer(
            server, token == null ? OWN_FILES.resolve("token") : token, authorities),
        tokenReview);
  }

  private URI server(Fields fields) {
    Scalar server = addresses.base(fields, "server");
    return server == null ? OWN_SERVER : URI.create(server.text());
  }

  private @Nullable Path file(Fields fields, String key) {
    Scalar path = fields.text(key);
    if (path == null) {
      return null;
    }
    try {
      return files.resolved(Path.of(path.text()));
    } catch (InvalidPathException invalid) {
      problems.at(
          path.place(),
          "'" + key + "' is not a valid path",
          "Give the path of a file; relative ones begin at the document's directory.");
      return null;
    }
  }
}
