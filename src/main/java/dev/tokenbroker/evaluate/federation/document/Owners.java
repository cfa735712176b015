package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Spelling;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.judge.target.Target;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rights that {@code owners} of the root document gives to each file of a directory, by its
 * name; {@link OwnedEntries} holds the files to them. The root document lies elsewhere, since
 * whoever may write to the directory could replace it there. Without it, there are no bounds, and
 * no file may have that key.
 */
final class Owners {

  static final String KEY = "owners";

  /** What {@code declares} takes. */
  static final List<String> DECLARABLE =
      List.of("issuers", "clients", "upstreams", "targets", "cases");

  private final @Nullable String root;
  private final Map<String, Owner> byFile = new LinkedHashMap<>();
  private final Map<String, String> fileOfTarget = new HashMap<>();
  private final Problems problems;

  /**
   * The rights of a file.
   *
   * @param place where the root document lists it
   * @param targets for which it may write rules
   * @param declares the sections that it may have beside rules
   */
  record Owner(String file, Place place, List<Scalar> targets, List<String> declares) {

    List<String> audiences() {
      return targets.stream().map(Scalar::text).toList();
    }
  }

  /**
   * Reads {@code owners}.
   *
   * @param documents the files that have that key
   * @param root the name of the root document; null for none
   * @param files the names of all files
   */
  Owners(
      List<Fields> documents,
      @Nullable String root,
      Collection<String> files,
      SourceFiles disk,
      Problems problems) {
    this.problems = problems;
    this.root = root;
    boolean bounded = false;
    for (Fields document : documents) {
      if (document.place().file().equals(root)) {
        bounded = true;
        document.mappings(KEY).forEach(this::read);
        checkFiles(files, disk);
      } else {
        document.report(
            KEY,
            "'owners' bounds nothing here: whoever may write to the directory could remove it",
            root == null
                ? "Move the root document out of the directory, and set token-broker.federation.root to it."
                : "Write it into the root document " + root + ".");
      }
    }
    if (root != null && !bounded && problems.isEmpty()) {
      problems.at(
          new Place(root, 1),
          "token-broker.federation.root names this file, which has no 'owners'",
          "List each file of the directory there: without it, each could write everything.");
    }
  }

  /** The name of the root document; null for none. */
  @Nullable String root() {
    return root;
  }

  /** The rights of a file; null if the root document does not list it. */
  @Nullable Owner of(String file) {
    return byFile.get(file);
  }

  private void read(Mapping entry) {
    Fields fields = new Fields("an owner", entry, DocumentReader.SHAPE.at(KEY), problems);
    Scalar named = fields.required("file", "Give the exact name of a file of the directory.");
    String file = fields.formed("file");
    List<Scalar> targets = fields.texts("targets");
    List<Scalar> declares = fields.texts("declares");
    for (Scalar word : declares) {
      if (!DECLARABLE.contains(word.text())) {
        problems.at(
            word.place(),
            "'" + word.text() + "' is nothing that a file can be allowed to declare",
            Spelling.remedy(word.text(), DECLARABLE, "Use " + String.join(", ", DECLARABLE) + "."));
      }
    }
    if (named == null || file == null) {
      return;
    }
    List<String> sections = declares.stream().map(Scalar::text).toList();
    Owner owner = new Owner(file, named.place(), targets, sections);
    Owner same = byFile.putIfAbsent(file, owner);
    if (same != null) {
      problems.at(
          named.place(),
          "the file " + file + " is already listed at " + same.place(),
          "Remove the entry.");
    }
    targets.forEach(target -> give(target, file));
  }

  private void give(Scalar target, String file) {
    if (Form.AUDIENCE.fits(target, problems) && target.text().equals(Target.OPERATORS_AUDIENCE)) {
      problems.at(
          target.place(),
          "the target " + target.text() + " is this broker, and its rules make operators",
          "Write its rules in the root document.");
    }
    String first = fileOfTarget.putIfAbsent(target.text(), file);
    if (first != null && !first.equals(file)) {
      problems.at(
          target.place(),
          "the target " + target.text() + " already belongs to " + first,
          "Give each target to one file: else the order of the files would decide.");
    }
  }

  private void checkFiles(Collection<String> files, SourceFiles disk) {
    for (Owner owner : byFile.values()) {
      if (!files.contains(owner.file())) {
        problems.at(
            owner.place(),
            "the document has no file " + owner.file(),
            Spelling.remedy(owner.file(), files, "Add it to the directory, or remove the entry."));
      }
    }
    for (String file : files) {
      if (!file.equals(root) && !byFile.containsKey(file)) {
        problems.at(
            new Place(file, 1),
            "the file is not listed in 'owners' of " + root,
            "List it there with its targets, or remove it.");
      }
    }
    checkStems();
    checkLinks(files, disk);
  }

  /** The names of a team's clients begin with its stem, which must not begin those of another. */
  private void checkStems() {
    for (Owner one : byFile.values()) {
      for (Owner other : byFile.values()) {
        if (!one.file().equals(other.file())
            && (stem(other.file()) + "-").startsWith(stem(one.file()) + "-")) {
          problems.at(
              other.place(),
              "the name of %s begins as that of %s, and so could its clients"
                  .formatted(other.file(), one.file()),
              "Rename one of the files.");
        }
      }
    }
  }

  /** Reports files that are links to others. */
  void checkLinks(Collection<String> files, SourceFiles disk) {
    for (String file : files) {
      if (root != null && !file.equals(root) && !disk.isInPlace(file)) {
        problems.at(
            new Place(file, 1),
            "the file is a link to another name or out of the directory",
            "Put the file itself there: rights belong to its name.");
      }
    }
  }

  /** All files with rights, in the order of the root document. */
  Collection<Owner> all() {
    return byFile.values();
  }

  /** The file that a target belongs to, in words. */
  String ofTarget(String audience) {
    return fileOfTarget.getOrDefault(audience, "the root document");
  }

  /** Reports that a file has a section that it may not have. */
  void refuse(Place place, String section, Owner owner) {
    problems.at(
        place,
        owner.file() + " may not declare " + section,
        "Move it to the root document, or let " + owner.place() + " allow it by 'declares'.");
  }

  /** Whether a file may name these case files; if not, that is reported. */
  boolean allows(CasePattern pattern) {
    Owner owner = byFile.get(pattern.place().file());
    String stem = owner == null ? "" : stem(owner.file());
    if (owner == null
        || (owner.declares().contains("cases")
            && (pattern.directory().startsWith(stem + "/")
                || pattern.toString().matches("\\Q" + stem + "\\E\\.cases\\.ya?ml")))) {
      return true;
    }
    if (owner.declares().contains("cases")) {
      pattern.report(
          "reaches the case files of others",
          "Name %s.cases.yaml, or files below %s/.".formatted(stem, stem),
          problems);
    } else {
      refuse(pattern.place(), "cases", owner);
    }
    return false;
  }

  static String stem(String file) {
    return file.replaceFirst("\\.ya?ml$", "");
  }
}
