package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.text.Sha256;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.YamlParser;
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
import java.util.NavigableSet;
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
  static final int MAX_KEY_FILE_BYTES = 256 << 10;

  private static final int MAX_LOOKS = 5;
  private static final String UNREADABLE = "unreadable";

  private final Path path;
  private final @Nullable Path root;
  private final @Nullable Path proposed;
  private final Path base;
  private final Path rootBase;
  private final NavigableMap<String, String> digests = new TreeMap<>();
  private final SequencedSet<String> names = new LinkedHashSet<>();
  private final Set<Path> keyFiles = new TreeSet<>();
  private final Set<CasePattern> cases = new LinkedHashSet<>();

  /**
   * @param path the file, or the directory whose {@code *.yaml} and {@code *.yml} files are read
   * @param root the root document, which lies elsewhere; null for none. The files that it names
   *     begin at its own directory
   * @param proposed is read in place of the file of its name, or beside the others; null for none.
   *     The case files that it names begin at its directory
   */
  SourceFiles(Path path, @Nullable Path root, @Nullable Path proposed) {
    this.path = path;
    this.root = root == null ? null : root.toAbsolutePath().normalize();
    this.proposed = proposed;
    this.base = Files.isDirectory(path) ? path.toAbsolutePath() : directory(path);
    this.rootBase = root == null ? base : directory(root);
  }

  private static Path directory(Path file) {
    Path absolute = file.toAbsolutePath();
    Path directory = absolute.getParent();
    return directory == null ? absolute : directory;
  }

  /**
   * The reader's result for files that are unchanged at its end. If they keep changing, the result
   * of look {@value #MAX_LOOKS}: the next fingerprint differs, so a watcher reads them once more.
   *
   * @param reader receives a new look each time
   */
  static <T> T settled(Path path, @Nullable Path root, Function<SourceFiles, T> reader) {
    for (int looks = 1; ; looks++) {
      SourceFiles look = new SourceFiles(path, root, null);
      T result = reader.apply(look);
      if (looks == MAX_LOOKS || look.fingerprint().equals(fingerprint(path, look.look()))) {
        return result;
      }
    }
  }

  /** The fingerprint of a look at the document and these key files now. */
  static String fingerprint(Path path, Look last) {
    SourceFiles look = new SourceFiles(path, last.root(), null);
    look.documents(new Problems());
    look.lookAt(last.keyFiles());
    last.cases().forEach(pattern -> look.cases(pattern, new Problems()));
    return look.fingerprint();
  }

  /** This look, for the next one to compare with. */
  Look look() {
    return new Look(fingerprint(), Set.copyOf(keyFiles), Set.copyOf(cases), root);
  }

  /** The readable files of the document. */
  List<Source> documents(Problems problems) {
    for (int look = 1; ; look++) {
      Problems found = new Problems();
      NavigableMap<String, String> before = new TreeMap<>();
      NavigableMap<Path, Path> real = realFiles();
      NavigableSet<Path> files = new TreeSet<>(real.keySet());
      checkRoot(found);
      if (files.size() > MAX_FILES) {
        found.at(
            new Place(name(path), 0),
            "the directory holds more than " + MAX_FILES + " files",
            "Put the entries into fewer files.");
        files.removeIf(file -> !file.equals(root));
      }
      if (files.isEmpty() && found.isEmpty()) {
        found.at(
            new Place(name(path), 0),
            "the directory has no document",
            "Give a file in it a name that ends with .yaml or .yml, and begins with no dot.");
      }
      List<Source> sources = read("", files, before, found);
      if (look == MAX_LOOKS || real.equals(realFiles())) {
        digests.putAll(before);
        names.addAll(before.keySet());
        found.sorted().forEach(problems::add);
        return sources;
      }
    }
  }

  /** Whoever may write to the directory must not be able to replace the root document. */
  private void checkRoot(Problems found) {
    if (root != null && Files.isDirectory(path) && real(root).startsWith(real(path))) {
      found.at(
          new Place(root.toString(), 1),
          "the root document lies in the directory of the files that it bounds",
          "Move it out of " + path + ", and set token-broker.federation.root to it.");
    }
  }

  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize(); // reading it will report why
    }
  }

  /**
   * The content of a file with keys or a secret, at most {@value #MAX_KEY_FILE_BYTES} bytes. It is
   * not kept.
   *
   * @param file relative to the directory of the document or, where there is one, of the root
   *     document; or absolute
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
    String label = isOfRoot(pattern) ? "cases of the root document " : "cases ";
    read.forEach((file, digest) -> digests.put(label + file, digest));
    return sources;
  }

  private Set<Path> matching(CasePattern pattern) {
    Set<Path> files = new TreeSet<>();
    Path directory =
        proposed != null && pattern.place().file().equals(name(proposed))
            ? proposed.resolveSibling(pattern.directory())
            : (isOfRoot(pattern) ? rootBase : base).resolve(pattern.directory());
    try (DirectoryStream<Path> matching = Files.newDirectoryStream(directory, pattern.glob())) {
      matching.forEach(files::add);
    } catch (IOException | DirectoryIteratorException e) {
      digests.put("cases " + pattern, UNREADABLE); // reported as a pattern without files
    }
    files.removeIf(file -> !pattern.admits(file));
    return files;
  }

  /** The name of the root document: its path, which no file of the directory has; null for none. */
  @Nullable String rootName() {
    return root == null ? null : root.toString();
  }

  /** Whether the root document, which lies elsewhere, names these case files. */
  boolean isOfRoot(CasePattern pattern) {
    return root != null && pattern.place().file().equals(root.toString());
  }

  /** Adds the current content of these files to the look; as {@link #beside}. */
  void lookAt(Set<Path> keyFiles) {
    for (Path keyFile : keyFiles) {
      try {
        beside(keyFile);
      } catch (IOException e) {
        // The fingerprint includes that the file is unreadable.
      }
    }
  }

  /** The absolute path of a file that the document names. */
  Path resolved(Path file) {
    return rootBase.resolve(file);
  }

  /**
   * Whether a file lies where its name says. A link is followed only as Kubernetes makes it, to the
   * same name below a directory such as {@code ..2026_12_01}. What cannot be read counts as there.
   */
  boolean isInPlace(String file) {
    try {
      Path real = base.toRealPath().relativize(base.resolve(file).toRealPath());
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
    files().forEach(file -> files.put(file, real(file)));
    return files;
  }

  /** The files of the document, in any order. A missing file is listed, so that reading fails. */
  private List<Path> files() {
    List<Path> files = new ArrayList<>(written());
    if (proposed != null) {
      files.removeIf(file -> name(file).equals(name(proposed)));
      files.add(proposed);
    }
    if (root != null) {
      files.removeIf(file -> file.toAbsolutePath().normalize().equals(root));
      files.add(root);
    }
    return files;
  }

  private List<Path> written() {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(SourceFiles::isPart).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(path); // reading it will report why
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

  private List<Source> read(
      String directory, Set<Path> files, Map<String, String> digests, Problems problems) {
    List<Source> sources = new ArrayList<>();
    for (Path file : files) {
      String name = file.equals(root) ? file.toString() : directory + name(file);
      digests.put(name, UNREADABLE);
      try {
        byte[] bytes = BoundedFile.read(file, YamlParser.MAX_BYTES);
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
