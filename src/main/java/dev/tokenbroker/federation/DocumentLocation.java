package dev.tokenbroker.federation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The location of a document: a file, a directory, or a revision in the {@link History}.
 *
 * @param root the file or the directory
 * @param base the directory at which relative paths in the document begin
 * @param keySets the directory with copies of the files with public keys; null outside the history
 */
record DocumentLocation(Path root, Path base, @Nullable Path keySets) {

  /** The location of a file, or of a directory whose {@code *.yaml} and {@code *.yml} are read. */
  static DocumentLocation of(Path root) {
    Path absolute = root.toAbsolutePath();
    Path directory = Files.isDirectory(root) ? absolute : absolute.getParent();
    return new DocumentLocation(root, directory == null ? absolute : directory, null);
  }

  /** The files of the document, in any order. A missing file is listed, so that reading fails. */
  List<Path> files() {
    if (!Files.isDirectory(root)) {
      return List.of(root);
    }
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(file -> isKept() || isPart(file)).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(root); // reading it will report why
    }
  }

  private static boolean isPart(Path file) {
    String name = SourceFiles.name(file);
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml"))
        && !SourceFiles.isCaseFile(name);
  }

  /** The absolute path of a file that the document names: of its copy, if there is one. */
  Path resolved(Path named) {
    Path copy = keySets == null ? null : keySets.resolve(DocumentCopy.nameOf(named));
    return copy == null || Files.notExists(copy) ? base.resolve(named) : copy;
  }

  /** Whether it is a copy in the history, which holds no case files. */
  boolean isKept() {
    return keySets != null;
  }
}
