package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.evaluate.federation.document.DocumentGate;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.evaluate.federation.document.UnconnectedLoader;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The clues of changes of the document, as the broker makes them. */
public final class DocumentClues {

  private DocumentClues() {}

  /** The clue of the change from one document to another. */
  public static Clue between(String was, String is) {
    return new DifferingEntries(outline(was), outline(is)).clue();
  }

  private static Outline outline(String document) {
    try {
      Path file = Files.createTempFile("federation", ".yaml");
      Files.writeString(file, document);
      LoadResult result =
          new UnconnectedLoader(false, new TestClock()).load(file, DocumentGate.OPEN);
      Files.delete(file);
      if (result instanceof LoadResult.Loaded loaded) {
        return loaded.outline();
      }
      throw new IllegalArgumentException(result.toString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
