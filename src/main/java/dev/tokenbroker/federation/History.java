package dev.tokenbroker.federation;

import dev.tokenbroker.outcome.BoundedFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The directory with the last revisions that were in force. One broker writes it, one thread at a
 * time.
 *
 * <p>Each revision has a directory of its own, which never changes once it has its name. The file
 * {@value #LIST} names them and says which is in force. Replacing this file is the one step that
 * changes the revision in force: a crash before it leaves the earlier revision in force, with a
 * directory too many at most. The next change removes it.
 */
final class History {

  static final String LIST = "history.json";

  private static final String DOCUMENT = "document";
  private static final String KEYS = "keys";
  private static final String BASE = "base";
  private static final String TEMPORARY = ".new";
  private static final int MAX_BYTES = 256 << 10;
  private static final Pattern REVISION = Pattern.compile("[0-9a-f]{64}(\\.new)?");

  private final Path directory;

  History(Path directory) {
    this.directory = directory.toAbsolutePath();
  }

  /** The present list; empty if the history is. Throws if it cannot be read. */
  Optional<HistoryList> list() throws IOException {
    Path list = directory.resolve(LIST);
    return Files.notExists(list, LinkOption.NOFOLLOW_LINKS)
        ? Optional.empty()
        : Optional.of(HistoryList.parse(BoundedFile.read(list, MAX_BYTES)));
  }

  /** The location of a kept revision. Throws if its directory cannot be read. */
  DocumentLocation location(String revision) throws IOException {
    Path kept = directory.resolve(revision);
    String base = BoundedFile.text(BoundedFile.read(kept.resolve(BASE), MAX_BYTES));
    return new DocumentLocation(kept.resolve(DOCUMENT), Path.of(base), kept.resolve(KEYS));
  }

  /** Keeps a revision. Of one that is kept already, only the base can differ. */
  void keep(String revision, DocumentCopy copy) throws IOException {
    Path kept = directory.resolve(revision);
    byte[] base = copy.base().toString().getBytes(StandardCharsets.UTF_8);
    if (Files.exists(kept)) {
      replace(kept.resolve(BASE), base);
      return;
    }
    var _ = Files.createDirectories(directory);
    Path next = directory.resolve(revision + TEMPORARY);
    delete(next);
    createDirectories(next, next.resolve(DOCUMENT), next.resolve(KEYS));
    for (Map.Entry<String, byte[]> document : copy.documents().entrySet()) {
      write(next.resolve(DOCUMENT).resolve(document.getKey()), document.getValue());
    }
    for (Map.Entry<Path, byte[]> keySet : copy.keySets().entrySet()) {
      write(next.resolve(KEYS).resolve(DocumentCopy.nameOf(keySet.getKey())), keySet.getValue());
    }
    write(next.resolve(BASE), base);
    force(next.resolve(DOCUMENT), next.resolve(KEYS), next);
    var _ = Files.move(next, kept, StandardCopyOption.ATOMIC_MOVE);
    force(directory);
  }

  /** Writes a list beside the present one. {@link #commit} puts it in force. */
  void draft(HistoryList list) throws IOException {
    draft(directory.resolve(LIST), list.json());
  }

  /** Replaces the present list by the draft. This is the moment of the change. */
  void commit() throws IOException {
    commit(directory.resolve(LIST));
  }

  /** Removes the directories of revisions that a list does not name. */
  void prune(HistoryList list) throws IOException {
    List<Path> others;
    try (Stream<Path> entries = Files.list(directory)) {
      others =
          entries
              .filter(entry -> REVISION.matcher(SourceFiles.name(entry)).matches())
              .filter(entry -> !list.has(SourceFiles.name(entry)))
              .toList();
    }
    for (Path other : others) {
      delete(other);
    }
  }

  // --- files that survive a crash

  private static void replace(Path file, byte[] content) throws IOException {
    draft(file, content);
    commit(file);
  }

  private static void draft(Path file, byte[] content) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + TEMPORARY);
    var _ = Files.deleteIfExists(draft);
    write(draft, content);
  }

  private static void commit(Path file) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + TEMPORARY);
    var _ = Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    force(file.resolveSibling("."));
  }

  private static void createDirectories(Path... directories) throws IOException {
    for (Path each : directories) {
      var _ = Files.createDirectory(each, permissions("rwx------"));
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    Set<OpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel = FileChannel.open(file, options, permissions("rw-------"))) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        var _ = channel.write(left);
      }
      channel.force(true);
    }
  }

  /** Makes the entries of directories durable. */
  private static void force(Path... directories) throws IOException {
    for (Path each : directories) {
      try (FileChannel channel = FileChannel.open(each, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (Files.notExists(tree)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(tree)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> permissions(String owner) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(owner));
  }
}
