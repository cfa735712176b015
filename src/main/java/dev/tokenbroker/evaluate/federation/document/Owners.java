package dev.tokenbroker.evaluate.federation.document;

import static dev.tokenbroker.evaluate.federation.document.DocumentSection.CLIENTS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.ISSUERS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.RULES;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.TARGETS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.UPSTREAMS;

import dev.tokenbroker.evaluate.federation.document.Yaml.Entry;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Target;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds each file of a directory to the rights that {@code owners} of the root document gives to
 * its name. The root document is the one file with that key. Without it, there are no bounds.
 *
 * <p>A file writes rules for its own targets, and a target belongs to one file at most, so that the
 * order of files decides nothing. It refers to its own entries and to those of the root document,
 * so that no other team can take over a name. It uses nothing of the broker's own: no file, no TLS
 * configuration, no client, no signed JWT for an upstream.
 */
final class Owners {

  static final String KEY = "owners";

  /** What {@code declares} takes. */
  static final List<String> DECLARABLE =
      List.of("issuers", "clients", "upstreams", "targets", "cases");

  /** The keys that a team may use: a key that is new in the document is closed to teams. */
  private static final Map<DocumentSection, Set<String>> OPEN =
      Map.of(
          ISSUERS,
          words(
              "name issuer audiences algorithms leeway maxTokenAge once defaultAudience jwksUri"
                  + " jwks disabled"),
          CLIENTS,
          words("name jwksUri jwks issuer subject may disabled"),
          UPSTREAMS,
          words(
              "name issuer tokenEndpoint tokenOrigins grant clientId clientAuthentication"
                  + " encoding"),
          TARGETS,
          words("audience mint exchange"));

  private static final Set<String> OPEN_IN_EXCHANGE =
      words("upstream audience resources scopes allowMoreScopes parameters");

  private final @Nullable String root;
  private final Map<String, Owner> byFile = new LinkedHashMap<>();
  private final Map<String, String> fileOfTarget = new HashMap<>();
  private final Map<String, String> fileOfIssuer = new HashMap<>(); // by its URL
  private final Map<String, Set<String>> strangers = new HashMap<>();
  private final Map<DocumentSection, Map<String, Mapping>> declared =
      new EnumMap<>(DocumentSection.class);
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
   * @param expected the file that must have it; null if none need
   * @param files the names of all files
   */
  Owners(
      List<Fields> documents,
      @Nullable String expected,
      Collection<String> files,
      SourceFiles disk,
      Problems problems) {
    this.problems = problems;
    this.root = documents.size() == 1 ? documents.getFirst().place().file() : null;
    if (expected != null && documents.stream().noneMatch(each -> isIn(expected, each))) {
      problems.at(
          new Place(expected, files.contains(expected) ? 1 : 0),
          "token-broker.federation.root-file names this file, which "
              + (files.contains(expected) ? "has no 'owners'" : "is not there"),
          "Put the root document back: without it, each file could write everything.");
    }
    if (root != null) {
      documents.getFirst().mappings(KEY).forEach(this::read);
      checkFiles(files, disk);
      return;
    }
    for (Fields document : documents) {
      document.report(
          KEY,
          "'owners' stands in several files: "
              + documents.stream()
                  .map(each -> each.placeOf(KEY).toString())
                  .collect(Collectors.joining(", ")),
          "Keep it in the root document, which no team may write.");
    }
  }

  private static boolean isIn(String file, Fields document) {
    return document.place().file().equals(file);
  }

  /** The name of the root document; null if no file has owners, or several. */
  @Nullable String root() {
    return root;
  }

  /** The rights of a file; null if the root document does not list it. */
  @Nullable Owner of(String file) {
    return byFile.get(file);
  }

  private void read(Mapping entry) {
    Fields fields = new Fields("an owner", entry, Shape.FEDERATION.at(KEY), problems);
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
    if (file.equals(root) || same != null) {
      problems.at(
          named.place(),
          same == null
              ? "'owners' lists its own file, which may write everything"
              : "the file " + file + " is already listed at " + same.place(),
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
    checkLinks(files, disk);
  }

  /** Reports files that are links to others. */
  void checkLinks(Collection<String> files, SourceFiles disk) {
    for (String file : files) {
      if (root != null && !disk.isInPlace(file)) {
        problems.at(
            new Place(file, 1),
            "the file is a link to another name or out of the directory",
            "Put the file itself there: rights belong to its name.");
      }
    }
  }

  /**
   * Reports the entries beyond the rights of their files.
   *
   * @param sections the entries of all files
   * @param audiences the targets of the document
   */
  void check(Map<DocumentSection, List<Mapping>> sections, Set<String> audiences) {
    if (root == null) {
      return;
    }
    sections.forEach(
        (section, entries) -> declared.put(section, Outline.by(section.nameKey(), entries)));
    declared(ISSUERS)
        .values()
        .forEach(issuer -> fileOfIssuer.putIfAbsent(text(issuer, "issuer"), file(issuer)));
    byFile.values().forEach(owner -> checkTargets(owner, audiences));
    sections.forEach((section, entries) -> entries.forEach(entry -> check(section, entry)));
  }

  private void checkTargets(Owner owner, Set<String> audiences) {
    for (Scalar target : owner.targets()) {
      if (!audiences.contains(target.text()) && !owner.declares().contains("targets")) {
        problems.at(
            target.place(),
            "no target '" + target.text() + "' is declared",
            Spelling.remedy(target.text(), audiences, "Declare it in the root document."));
      }
    }
  }

  private void check(DocumentSection section, Mapping entry) {
    checkReferences(section, entry);
    Owner owner = byFile.get(file(entry));
    if (owner == null || owner.file().equals(root)) {
      return;
    }
    if (section != RULES && !owner.declares().contains(section.key())) {
      refuse(entry.place(), section.key(), owner);
      return;
    }
    checkKeys(entry, OPEN.get(section), owner);
    switch (section) {
      case ISSUERS -> {
        checkTarget(scalar(entry, "defaultAudience"), owner);
        checkIssuer(scalar(entry, "issuer"), owner);
      }
      case CLIENTS -> checkName(scalar(entry, "name"), owner);
      case UPSTREAMS -> checkAuthentication(scalar(entry, "clientAuthentication"));
      case TARGETS -> {
        checkTarget(scalar(entry, "audience"), owner);
        if (value(entry, "exchange") instanceof Mapping exchange) {
          checkKeys(exchange, OPEN_IN_EXCHANGE, owner);
        }
      }
      case RULES -> checkTarget(scalar(entry, "audience"), owner);
      case OWNERS -> {}
    }
  }

  private void checkReferences(DocumentSection section, Mapping entry) {
    switch (section) {
      case RULES -> {
        refer(scalar(entry, "issuer"), ISSUERS, true);
        refer(scalar(entry, "client"), CLIENTS, true);
      }
      case CLIENTS -> refer(scalar(entry, "issuer"), ISSUERS, false);
      case TARGETS -> refer(scalar(entry, "exchange", "upstream"), UPSTREAMS, false);
      case ISSUERS, UPSTREAMS, OWNERS -> {}
    }
  }

  /**
   * Reports a name that another file declares.
   *
   * @param ofRoot whether it may be a name of the root document
   */
  private void refer(@Nullable Scalar name, DocumentSection section, boolean ofRoot) {
    Mapping named = name == null ? null : declared(section).get(name.text());
    if (name != null && named != null && isForeign(file(named), name.place(), ofRoot)) {
      problems.at(
          name.place(),
          "the %s %s belongs to %s".formatted(section.label(), name.text(), file(named)),
          ofRoot
              ? "Name one of this file or of the root document."
              : "Name one of this file, or move the entry to the root document: it could speak for"
                  + " other teams.");
    }
  }

  private boolean isForeign(String file, Place user, boolean ofRoot) {
    return !file.equals(user.file()) && !(ofRoot && file.equals(root));
  }

  /** The rule with its file. It is not for issuers of other teams, even if it names no issuer. */
  Rule place(Rule rule, Place place) {
    return rule.in(
        place.file(),
        strangers.computeIfAbsent(
            place.file(),
            _ ->
                declared(ISSUERS).entrySet().stream()
                    .filter(issuer -> isForeign(file(issuer.getValue()), place, true))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toUnmodifiableSet())));
  }

  private void refuse(Place place, String section, Owner owner) {
    problems.at(
        place,
        owner.file() + " may not declare " + section,
        "Move it to the root document, or let " + owner.place() + " allow it by 'declares'.");
  }

  private void checkKeys(Mapping entry, @Nullable Set<String> open, Owner owner) {
    entry
        .entries()
        .forEach(
            (key, value) -> {
              if (open != null && !open.contains(key)) {
                problems.at(
                    value.key(),
                    "'" + key + "' is for the root document, not for " + owner.file(),
                    "Remove it, or move the entry there: the key reaches beyond a team.");
              }
            });
  }

  private void checkTarget(@Nullable Scalar audience, Owner owner) {
    if (audience != null && !owner.audiences().contains(audience.text())) {
      problems.at(
          audience.place(),
          "the target %s belongs to %s, not to %s"
              .formatted(
                  audience.text(),
                  fileOfTarget.getOrDefault(audience.text(), "the root document"),
                  owner.file()),
          "Use a target that %s lists: %s."
              .formatted(owner.place(), String.join(", ", owner.audiences())));
    }
  }

  /** A second entry of an issuer could make credentials for the first ambiguous. */
  private void checkIssuer(@Nullable Scalar issuer, Owner owner) {
    String file = issuer == null ? null : fileOfIssuer.get(issuer.text());
    if (issuer != null && file != null && !file.equals(owner.file())) {
      problems.at(
          issuer.place(),
          "the issuer " + issuer.text() + " is declared in " + file + ", too",
          "Declare all entries of one issuer in the root document.");
    }
  }

  /** No subject may be the name of a client, so a client could take those of another team. */
  private void checkName(@Nullable Scalar name, Owner owner) {
    String prefix = stem(owner.file()) + "-";
    if (name != null && !name.text().startsWith(prefix)) {
      problems.at(
          name.place(),
          "the name of a client of " + owner.file() + " does not begin with " + prefix,
          "Begin it so: no subject of other teams may be the name of a client.");
    }
  }

  private void checkAuthentication(@Nullable Scalar method) {
    if (method != null && !method.text().equals("none")) {
      problems.at(
          method.place(),
          "'" + method.text() + "' speaks in the name of the broker",
          "Use none, or move the upstream and its targets to the root document.");
    }
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

  private Map<String, Mapping> declared(DocumentSection section) {
    return declared.getOrDefault(section, Map.of());
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" ", -1));
  }

  private static String stem(String file) {
    return file.replaceFirst("\\.ya?ml$", "");
  }

  private static String file(Mapping entry) {
    return entry.place().file();
  }

  private static @Nullable Yaml value(Mapping entry, String key) {
    Entry inner = entry.entries().get(key);
    return inner == null ? null : inner.value();
  }

  private static @Nullable Scalar scalar(Mapping entry, String... keys) {
    Yaml value = entry;
    for (String key : keys) {
      value = value instanceof Mapping mapping ? value(mapping, key) : null;
    }
    return value instanceof Scalar scalar ? scalar : null;
  }

  private static String text(Mapping entry, String key) {
    Scalar scalar = scalar(entry, key);
    return scalar == null ? "" : scalar.text();
  }
}
