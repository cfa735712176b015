package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Names the case files of a document. It cannot name a file outside the document's directory, or
 * one that is no case file: a problem may quote the content of a case file, and never that of a
 * secret.
 *
 * @param directory relative to the document's directory; empty, or ends with a slash
 * @param glob matches the names of files in that directory
 * @param place where the document has it
 */
record CasePattern(String directory, String glob, Place place) {

  private static final Pattern WILDCARD = Pattern.compile("[*?\\[{\\\\]");

  /** The pattern; empty where it is reported. */
  static Optional<CasePattern> parse(Scalar written, Problems problems) {
    String text = written.text();
    int name = text.lastIndexOf('/') + 1;
    CasePattern pattern =
        new CasePattern(text.substring(0, name), text.substring(name), written.place());
    if (text.startsWith("/") || List.of(text.split("/", -1)).contains("..")) {
      pattern.report(
          "leaves the directory of the document",
          "Write a path relative to this directory, without '..'.",
          problems);
    } else if (!SourceFiles.isCaseFile(text)) {
      pattern.report(
          "does not end with .cases.yaml or .cases.yml",
          "Only files with these endings are case files.",
          problems);
    } else if (WILDCARD.matcher(pattern.directory()).find()) {
      pattern.report(
          "has a wildcard in a directory",
          "Use wildcards after the last slash only, and one entry for each directory.",
          problems);
    } else if (!pattern.isValid()) {
      pattern.report(
          "is not a valid pattern", "Write a path such as tests/*.cases.yaml.", problems);
    } else {
      return Optional.of(pattern);
    }
    return Optional.empty();
  }

  /** Reports this pattern. */
  void report(String fault, String remedy, Problems problems) {
    problems.at(place, "an entry of 'cases' " + fault + ": " + this, remedy);
  }

  /**
   * Whether it may match a file of that name. A hidden file, such as an editor's lock, is left out.
   */
  boolean admits(Path file) {
    Path name = file.getFileName();
    return name != null && (glob.startsWith(".") || !name.toString().startsWith("."));
  }

  private boolean isValid() {
    try {
      var _ = Path.of(directory + glob);
      FileSystems.getDefault().getPathMatcher("glob:" + glob);
      return true;
    } catch (InvalidPathException | PatternSyntaxException invalid) {
      return false;
    }
  }

  @Override
  public String toString() {
    return directory + glob;
  }
}
