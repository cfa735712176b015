package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.DocumentGate;
import dev.tokenbroker.federation.DocumentGate.Source;
import dev.tokenbroker.federation.Federation;
import dev.tokenbroker.federation.FederationLoader;
import dev.tokenbroker.federation.LoadResult;
import dev.tokenbroker.issuer.NoKeys;
import dev.tokenbroker.runtime.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Judges case files by a document of a test. */
final class Rehearsals {

  static final String FILE = "pay.cases.yaml";

  private Rehearsals() {}

  static Federation federation(Path directory, String document) {
    try {
      Path file = Files.writeString(directory.resolve("federation.yaml"), document);
      FederationLoader loader =
          new FederationLoader(_ -> NoKeys.NONE, null, DocumentGate.OPEN, new TestClock(), false);
      return switch (loader.load(file)) {
        case LoadResult.Loaded loaded -> loaded.federation();
        case LoadResult.Rejected rejected -> throw new AssertionError(rejected.problems());
      };
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  static Rehearsal of(Federation federation, String... files) {
    return Rehearsal.of(
        federation,
        List.of(files).stream().map(text -> new Source(FILE, text)).toList(),
        new TestClock());
  }
}
