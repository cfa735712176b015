package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.jose.Sha256;
import dev.tokenbroker.base.outcome.BoundedFile;
import dev.tokenbroker.evaluate.federation.document.DocumentGate.Source;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Look;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bytes of one document, within bounds, and keeps the digest of all that it read: its
 * {@link #fingerprint()}. One object is one look at the disk; confined to one thread.
 *
 * <p>The document is a file, or the {@code *.yaml} and {@code *.yml} files of a directory in the
 * order of their names, without case files and those that begin with a dot. Symbolic links are
 * followed. Kubernetes swaps a mounted ConfigMap by one link. To avoid mixing files from both sides
 * of the swap, the look at the document is repeated until it begins and ends with the same real
 * files. {@link #settled} repeats the whole until all files that were read, key files included, are
 * unchanged.
 */
public final class SourceFiles {

  static final int MAX_FILES = 100;
  public static final int MAX_FILE_BYTES = Source.MAX_BYTES;
  static final int MAX_KEY_FILE_BYTES = 256 << 10;

  private static final int MAX_LOOKS = 5;
  private static final String UNREADABLE = "unreadable";

  private final Path root;
  private final @Nullable Path proposed;
  private final Path base;
  private final NavigableMap<String, String> digests = new TreeMap<>();
  private final SequencedSet<String> names = new LinkedHashSet<>();
  private final Set<Path> keyFiles = new TreeSet<>();
  private final Set<CasePattern> cases = new LinkedHashSet<>();

  /**
   * @param root the file, or the directory whose {@code *.yaml} and {@code *.yml} files are read
   */
  SourceFiles(Path root) {
    this(root, null);
  }

  /**
   * @param proposed is read in place of the file of its name, or beside the others; null for none.
   *     The case files that it names begin at its directory
   */
  SourceFiles(Path root, @Nullable Path proposed) {
    this.root = root;
    this.proposed = proposed;
    Path absolute = root.toAbsolutePath();
    Path directory = Files.isDirectory(root) ? absolute : absolute.getParent();
    this.base = directory == null ? absolute : directory;
  }

  /**
   * The reader's result for files that are unchanged at its end. If they keep changing, the result
   * of look {@value #MAX_LOOKS}: the next fingerprint differs, so a watcher reads them once more.
   *
   * @param reader receives a new look each time
   */
  static <T> T settled(Path root, Function<SourceFiles, T> reader) {
    for (int looks = 1; ; looks++) {
      SourceFiles look = new SourceFiles(root);
      T result = reader.apply(look);
      if (looks == MAX_LOOKS || look.fingerprint().equals(fingerprint(root, look.look()))) {
        return result;
      }
    }
  }

  /** The fingerprint of a look at the document and these key files now. */
  static String fingerprint(Path root, Look last) {
    SourceFiles look = new SourceFiles(root);
    look.documents(new Problems());
    look.lookAt(last.keyFiles());
    last.cases().forEach(pattern -> look.cases(pattern, new Problems()));
    return look.fingerprint();
  }

  /** This look, for the next one to compare with. */
  Look look() {
    return new Look(fingerprint(), Set.copyOf(keyFiles), Set.copyOf(cases));
  }

  /** The readable files of the document. */
  List<Source> documents(Problems problems) {
    for (int look = 1; ; look++) {
      Problems found = new Problems();
      NavigableMap<String, String> before = new TreeMap<>();
      NavigableMap<Path, Path> files = realFiles();
      if (files.size() > MAX_FILES) {
        problems.at(
            new Place(name(root), 0),
            "the directory holds more than " + MAX_FILES + " files",
            "Put the entries into fewer files.");
        return List.of();
      }
      if (files.isEmpty()) {
        found.at(
            new Place(name(root), 0),
            "the directory has no document",
            "Give a file in it a name that ends with .yaml or .yml, and begins with no dot.");
      }
      List<Source> sources = read("", files.navigableKeySet(), before, found);
      if (look == MAX_LOOKS || files.equals(realFiles())) {
        digests.putAll(before);
        names.addAll(before.keySet());
        found.sorted().forEach(problems::add);
        return sources;
      }
    }
  }

  /**
   * The content of a file with keys or a secret, at most {@value #MAX_KEY_FILE_BYTES} bytes. It is
   * not kept.
   *
   * @param file relative to the document's directory, or absolute
   */
  byte[] beside(Path file) throws IOException {
    keyFiles.add(file);
    String label = "keys " + file;
    digests.put(label, UNREADABLE);
    byte[] bytes = BoundedFile.read(resolved(file), MAX_KEY_FILE_BYTES);
    digests.put(label, Sha256.hex(bytes));
    return bytes;
  }

  /**
   * The case files that the document names. They belong to the look, but not to the revision: a
   * change of a case file is a change of the {@link #fingerprint()}.
   */
  List<Source> cases(CasePattern pattern, Problems problems) {
    cases.add(pattern);
    Set<Path> files = matching(pattern);
    if (files.isEmpty() || files.size() > MAX_FILES) {
      pattern.report(
          "matches " + (files.isEmpty() ? "no file" : "more than " + MAX_FILES + " files"),
          "Name 1 to " + MAX_FILES + " files, such as tests/*.cases.yaml.",
          problems);
      return List.of();
    }
    NavigableMap<String, String> read = new TreeMap<>();
    List<Source> sources = read(pattern.directory(), files, read, problems);
    read.forEach((file, digest) -> digests.put("cases " + file, digest));
    return sources;
  }

  private Set<Path> matching(CasePattern pattern) {
    Set<Path> files = new TreeSet<>();
    Path directory =
        proposed != null && pattern.place().file().equals(name(proposed))
            ? proposed.resolveSibling(pattern.directory())
            : resolved(Path.of(pattern.directory()));
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(directory, pattern.glob())) {
      matching.forEach(files::add);
    } catch (IOException | DirectoryIteratorException e) {
      digests.put("cases " + pattern, UNREADABLE); // reported as a pattern without files
    }
    files.removeIf(file -> !pattern.admits(file));
    return files;
  }

  /** Adds the current content of these files to the look; as {@link #beside}. */
  void lookAt(Set<Path> keyFiles) {
    for (Path keyFile : keyFiles) {
      try {
        var _ = beside(keyFile);
      } catch (IOException e) {
        // The fingerprint includes that the file is unreadable.
      }
    }
  }

  /** The absolute path of a file that the document names. */
  Path resolved(Path file) {
    return base.resolve(file);
  }

  /**
   * Whether a file lies where its name says. A link is followed only as Kubernetes makes it, to the
   * same name below a directory such as {@code ..2026_12_01}. What cannot be read counts as there.
   */
  boolean isInPlace(String file) {
    try {
      Path real = base.toRealPath().relativize(resolved(Path.of(file)).toRealPath());
      String first = real.getName(0).toString();
      boolean mounted = first.startsWith("..") && !first.equals("..") && real.getNameCount() > 1;
      return (mounted ? real.subpath(1, real.getNameCount()) : real)
          .equals(Path.of(file).normalize());
    } catch (IOException gone) {
      return true; // reading it reports why
    }
  }

  /** The names of the document's files, including unreadable ones. */
  List<String> names() {
    return List.copyOf(names);
  }

  /**
   * The revision of the document: 64 hexadecimal digits, SHA-256 over the content of its files in
   * the order of their names, and of its key sets. Secrets are no part of it, since a revision is
   * widely shown and a short secret could be guessed from it.
   *
   * @param keySets the key sets that are not fetched, in the order of the document
   */
  String revision(List<String> keySets) {
    List<String> parts = new ArrayList<>();
    names.forEach(name -> parts.add(digests.get(name)));
    keySets.forEach(keys -> parts.add(Sha256.hex(keys.getBytes(StandardCharsets.UTF_8))));
    return Sha256.hex(parts.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Changes with any content read, and with any file that appears, vanishes or is unreadable. */
  String fingerprint() {
    return Sha256.hex(digests.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** The files of the document, and their real paths behind symbolic links. */
  private NavigableMap<Path, Path> realFiles() {
    NavigableMap<Path, Path> files = new TreeMap<>();
    for (Path file : files()) {
      try {
        files.put(file, file.toRealPath());
      } catch (IOException e) {
        files.put(file, file); // reading it will report why
      }
    }
    return files;
  }

  /** The files of the document, in any order. A missing file is listed, so that reading fails. */
  private List<Path> files() {
    return proposed == null
        ? written()
        : Stream.concat(
                written().stream().filter(file -> !name(file).equals(name(proposed))),
                Stream.of(proposed))
            .toList();
  }

  private List<Path> written() {
    if (!Files.isDirectory(root)) {
      return List.of(root);
    }
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(SourceFiles::isPart).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(root); // reading it will report why
    }
  }

  private static boolean isPart(Path file) {
    String name = name(file);
    return !name.startsWith(".")
        && (name.endsWith(".yaml") || name.endsWith(".yml"))
        && !isCaseFile(name);
  }

  /** Whether a file contains cases, which are no part of a document beside them. */
  static boolean isCaseFile(String name) {
    return name.endsWith(".cases.yaml") || name.endsWith(".cases.yml");
  }

  private static List<Source> read(
      String directory, Set<Path> files, Map<String, String> digests, Problems problems) {
    List<Source> sources = new ArrayList<>();
    for (Path file : files) {
      String name = directory + name(file);
      digests.put(name, UNREADABLE);
      try {
        byte[] bytes = BoundedFile.read(file, MAX_FILE_BYTES);
        digests.put(name, Sha256.hex(bytes));
        sources.add(new Source(name, BoundedFile.text(bytes)));
      } catch (IOException e) {
        problems.at(
            new Place(name, 0),
            "the file cannot be read: " + BoundedFile.why(e),
            "Give a readable UTF-8 file of at most 1 MiB.");
      }
    }
    return sources;
  }

  static String name(Path file) {
    Path name = file.getFileName();
    return name == null ? file.toString() : name.toString();
  }
}
