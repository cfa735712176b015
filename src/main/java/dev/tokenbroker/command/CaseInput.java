package dev.tokenbroker.command;

import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.operate.cases.CaseFile;
import dev.tokenbroker.operate.cases.Rehearsal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The case files that one document judges.
 *
 * @param document as the user or the first case file names it
 */
record CaseInput(Path document, List<CaseFile> files) {

  private static final String BESIDE = "federation.yaml";
  private static final Pattern CASE_FILE = Pattern.compile("[^.].*\\.cases\\.ya?ml");

  /** These files and the case files of these directories, each once. */
  static Collection<Path> files(List<Path> paths) throws Failure {
    Map<Path, Path> files = new LinkedHashMap<>();
    for (Path path : paths) {
      for (Path file : Files.isDirectory(path) ? listed(path) : List.of(path)) {
        files.putIfAbsent(real(file), file);
      }
    }
    return files.values();
  }

  private static List<Path> listed(Path directory) throws Failure {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> files =
          entries
              .filter(file -> CASE_FILE.matcher(String.valueOf(file.getFileName())).matches())
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new Failure(ExitCode.NO_INPUT, directory + " holds no file of the name *.cases.yaml");
      }
      return files;
    } catch (IOException | UncheckedIOException broken) {
      throw new Failure(ExitCode.NO_INPUT, directory + " cannot be read");
    }
  }

  /** The same for all names of a file. */
  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException absent) {
      return file.toAbsolutePath();
    }
  }

  /**
   * Reads these files. A file with problems belongs to no document.
   *
   * @param named the document that judges all of them; null for that of each file
   */
  static Collection<CaseInput> byDocument(
      Collection<Path> files, @Nullable Path named, Problems problems) throws Failure {
    Map<Path, CaseInput> byDocument = new LinkedHashMap<>();
    for (Path path : files) {
      String text = BoundedInput.wholeText(path, path.toString(), YamlParser.MAX_BYTES);
      Optional<CaseFile> read = Rehearsal.read(new Source(path.toString(), text), problems);
      if (read.isPresent()) {
        Path document = named == null ? document(path, read.get()) : named;
        byDocument
            .computeIfAbsent(real(document), _ -> new CaseInput(document, new ArrayList<>()))
            .files()
            .add(read.get());
      }
    }
    return byDocument.values();
  }

  private static Path document(Path path, CaseFile file) {
    if (file.federation() != null) {
      return path.resolveSibling(file.federation());
    }
    Path beside = path.resolveSibling(BESIDE);
    return Files.exists(beside)
        ? beside
        : Objects.requireNonNullElse(path.getParent(), Path.of("."));
  }
}
