package dev.tokenbroker.command.doctor;

import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.Yaml.Entry;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checks the keys of an issuer that stand in the document or in a file beside it. */
final class KeyFileChecks {

  private static final int MAX_BYTES = 256 * 1024;

  private final Path document;
  private final Outline outline;

  KeyFileChecks(Path document, Outline outline) {
    this.document = document;
    this.outline = outline;
  }

  void check(TrustedIssuer issuer, CheckList checks, KeyChecks keys) {
    String name = fileName(issuer);
    if (name == null) {
      checks.passed(
          DoctorCheck.KEYS, issuer.keys().status().keyCount() + " usable, in the document itself");
      return;
    }
    Path directory = Files.isDirectory(document) ? document : document.toAbsolutePath().getParent();
    Path file = directory == null ? Path.of(name) : directory.resolve(name);
    try {
      byte[] content = BoundedFile.read(file, MAX_BYTES);
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

  private @Nullable String fileName(TrustedIssuer issuer) {
    Mapping entry = outline.issuers().get(issuer.name());
    Entry file = entry == null ? null : entry.entries().get("jwksFile");
    return file != null && file.value() instanceof Scalar scalar ? scalar.text() : null;
  }
}
