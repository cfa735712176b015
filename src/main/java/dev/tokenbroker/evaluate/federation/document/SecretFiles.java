package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.issue.sts.ClientKeyFile;
import dev.tokenbroker.issue.sts.SecretText;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks the secret files that upstreams name, and keeps nothing of their content. Problems do not
 * repeat the path, since an author may have written the secret itself there.
 */
final class SecretFiles {

  static final int MAX_KEY_BYTES = 64 << 10;

  private static final String RELATIVE = "; relative paths begin at the document's directory.";
  private static final String SECRET_REMEDY =
      "Give the path of a file of at most 4 KiB with the secret in one line, in printable ASCII"
          + " characters"
          + RELATIVE;
  private static final String KEY_REMEDY =
      "Give the path of a file of at most 64 KiB with one private key (PEM PKCS #8 or JWK; EC P-256,"
          + " Ed25519 or RSA)"
          + RELATIVE;

  private final SourceFiles files;
  private final Problems problems;

  SecretFiles(SourceFiles files, Problems problems) {
    this.files = files;
    this.problems = problems;
  }

  /** The absolute path of a client's secret; null where absent or reported. */
  @Nullable Path clientSecret(Fields fields) {
    return read(fields, "clientSecretFile", SecretText::fault, SECRET_REMEDY);
  }

  /** The absolute path of a client's private key; null where absent or reported. */
  @Nullable Path clientKey(Fields fields) {
    return read(fields, "keyFile", SecretFiles::keyFault, KEY_REMEDY);
  }

  private @Nullable Path read(
      Fields fields, String key, Function<byte[], Optional<String>> faultOf, String remedy) {
    Scalar path = fields.text(key);
    if (path == null) {
      return null;
    }
    Optional<String> fault;
    try {
      fault = faultOf.apply(files.beside(Path.of(path.text())));
    } catch (InvalidPathException | IOException e) {
      fault = Optional.of("cannot be read: " + BoundedFile.why(e));
    }
    if (fault.isPresent()) {
      problems.at(path.place(), "the file of '" + key + "' " + fault.get(), remedy);
      return null;
    }
    return files.resolved(Path.of(path.text()));
  }

  private static Optional<String> keyFault(byte[] content) {
    return content.length > MAX_KEY_BYTES
        ? Optional.of("is larger than 64 KiB")
        : ClientKeyFile.fault(content);
  }
}
