package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.files.FileContent;
import dev.tokenbroker.base.files.FileContent.Unusable;
import dev.tokenbroker.base.files.FileContent.Usable;
import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.issue.sts.ClientKeyFile;
import dev.tokenbroker.issue.sts.SecretText;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.SharedSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks the secret files that upstreams and clients name, and keeps at most a digest of a secret.
 * Problems do not repeat the path, since an author may have written the secret itself there.
 */
final class SecretFiles {

  static final int MAX_KEY_BYTES = 64 << 10;

  private static final String RELATIVE = "; relative paths begin at the document's directory.";
  private static final String SECRET_REMEDY =
      "Give the path of a file of at most 4 KiB with the secret in one line, in printable ASCII"
          + " characters"
          + RELATIVE;
  private static final String KEY_REMEDY =
      "Give the path of a file of at most 64 KiB with one private key (PEM PKCS #8 or JWK; EC"
          + " P-256, Ed25519 or RSA)"
          + RELATIVE;

  private static final int LEAST_SECRET = 32;
  private static final int MOST_SECRET = 256;
  private static final String LONG_SECRET_REMEDY =
      "Give the path of a file with 32 to 256 printable ASCII characters in one line, such as"
          + " `openssl rand -hex 32` prints"
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

  /** The secret of a registered client; null where absent or reported. */
  @Nullable SharedSecret ofClient(Fields fields, String key) {
    // What is used is what was looked at: the file may be written meanwhile.
    AtomicReference<byte[]> secret = new AtomicReference<>(new byte[0]);
    Function<byte[], Optional<String>> faultOf =
        content -> SecretText.read(content).then(text -> unguessable(text, secret)).fault();
    Path path = read(fields, key, faultOf, LONG_SECRET_REMEDY);
    return path == null ? null : new SharedSecret(path, secret.get());
  }

  /** A guess is never refused for being one of many, so the length alone keeps it hopeless. */
  private static FileContent<String> unguessable(String text, AtomicReference<byte[]> secret) {
    secret.set(text.strip().getBytes(StandardCharsets.US_ASCII));
    int length = secret.get().length;
    return length < LEAST_SECRET || length > MOST_SECRET
        ? new Unusable<>("holds no secret of 32 to 256 characters")
        : new Usable<>(text);
  }

  /** The absolute path of a client's private key; null where absent or reported. */
  @Nullable Path clientKey(Fields fields) {
    return read(fields, "keyFile", SecretFiles::keyFault, KEY_REMEDY);
  }

  @Nullable Path read(
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
