package dev.tokenbroker.operate.cases;

import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.evaluate.federation.document.FederationLoader;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Surroundings;
import dev.tokenbroker.judge.issuer.NoKeys;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Judges case files by a document of a test. */
public final class Rehearsals {

  static final String FILE = "pay.cases.yaml";

  private Rehearsals() {}

  public static Federation federation(Path directory, String document) {
    try {
      Path file = Files.writeString(directory.resolve("federation.yaml"), document);
      FederationLoader loader =
          new FederationLoader(
              _ -> NoKeys.NONE,
              null,
              DocumentGate.OPEN,
              new TestClock(),
              Surroundings.unknown(false));
      return switch (loader.load(file)) {
        case LoadResult.Loaded loaded -> loaded.federation();
        case LoadResult.Rejected rejected -> throw new AssertionError(rejected.problems());
      };
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public static Rehearsal of(Federation federation, String... files) {
    return Rehearsal.of(
        federation,
        List.of(files).stream().map(text -> new Source(FILE, text)).toList(),
        new TestClock());
  }
}
