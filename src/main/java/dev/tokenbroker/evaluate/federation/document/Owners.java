package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.Yaml.Entry;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.judge.policy.Rule;
import dev.tokenbroker.judge.policy.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  static final String CASES = "cases";

  /** What {@code declares} takes. */
  static final List<String> DECLARABLE = List.of("issuers", "clients", "upstreams", "targets", CASES);

  /** The keys that a team may use; a key that is new in the document is closed to teams. */
  private static final Map<DocumentSection, Set<String>> OPEN_KEYS =
      Map.of(
          DocumentSection.ISSUERS,
          Set.of(
              "name",
              "issuer",
              "audiences",
              "algorithms",
              "leeway",
              "maxTokenAge",
              "once",
              "defaultAudience",
              "jwksUri",
              "jwks",
              "disabled"),
          DocumentSection.CLIENTS,
          Set.of("name", "jwksUri", "jwks", "issuer", "subject", "may", "disabled"),
          DocumentSection.UPSTREAMS,
          Set.of(
              "name",
              "issuer",
              "tokenEndpoint",
              "tokenOrigins",
              "grant",
              "clientId",
              "clientAuthentication",
              "encoding"),
          DocumentSection.TARGETS,
          Set.of("audience", "mint", "exchange"));

  private static final Set<String> OPEN_KEYS_OF_EXCHANGE =
      Set.of("upstream", "audience", "resources", "scopes", "allowMoreScopes", "parameters");

  private final @Nullable String root;
  private final Map<String, Owner> byFile = new LinkedHashMap<>();
  private final Map<String, Owner> byTarget = new HashMap<>();
  private final Problems problems;
  private final Map<DocumentSection, Map<String, Mapping>> declared =
      new EnumMap<>(DocumentSection.class);

  /** The file that declares an issuer first, by its URL. */
  private final Map<String, String> trusted = new HashMap<>();

  /** The issuers of other teams, by the file of a rule. */
  private final Map<String, Set<String>> strangers = new HashMap<>();

  /**
   * The rights of a file.
   *
   * @param place where the root document lists it
   * @param targets for which it may write rules
   * @param declares the sections that it may have beside rules
   */
  record Owner(String file, Place place, List<Scalar> targets, Set<String> declares) {

    boolean owns(String audience) {
      return targets.stream().anyMatch(target -> target.text().equals(audience));
    }

    List<String> audiences() {
      return targets.stream().map(Scalar::text).toList();
    }
  }

  /**
   * Reads {@code owners}.
   *
   * @param documents the files that have that key
   * @param files the names of all files
   */
  Owners(List<Fields> documents, Collection<String> files, SourceFiles disk, Problems problems) {
    this.problems = problems;
    this.root = documents.size() == 1 ? documents.getFirst().place().file() : null;
    if (root != null) {
      documents.getFirst().mappings(KEY).forEach(this::read);
      checkFiles(files, disk);
    } else if (!documents.isEmpty()) {
      String places =
          documents.stream()
              .map(document -> document.placeOf(KEY).toString())
              .collect(Collectors.joining(", "));
      documents.forEach(
          document ->
              document.report(
                  KEY,
                  "'owners' stands in several files: " + places,
                  "Keep it in the root document, which no team may write."));
    }
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
            Spelling.remedy(
                word.text(), DECLARABLE, "Use " + String.join(", ", DECLARABLE) + "."));
      }
    }
    if (named == null || file == null) {
      return;
    }
    Set<String> words = declares.stream().map(Scalar::text).collect(Collectors.toSet());
    Owner owner = new Owner(file, named.place(), targets, words);
    if (file.equals(root)) {
      problems.at(
          named.place(),
          "'owners' lists its own file",
          "Remove the entry: the root document may write everything.");
      return;
    }
    Owner same = byFile.putIfAbsent(file, owner);
    if (same != null) {
      problems.at(
          named.place(),
          "the file " + file + " is already listed at " + same.place(),
          "List each file once.");
    }
    targets.forEach(target -> give(target, owner));
  }

  private void give(Scalar target, Owner owner) {
    if (!Form.AUDIENCE.fits(target, problems)) {
      return;
    }
    if (target.text().equals(Target.OPERATORS_AUDIENCE)) {
      problems.at(
          target.place(),
          "the target " + target.text() + " is this broker, and its rules make operators",
          "Write its rules in the root document.");
    }
    Owner first = byTarget.putIfAbsent(target.text(), owner);
    if (first != null && first != owner) {
      problems.at(
          target.place(),
          "the target " + target.text() + " already belongs to " + first.file(),
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
      checkPlace(file, disk);
    }
  }

  private void checkPlace(String file, SourceFiles disk) {
    if (!disk.isInPlace(file)) {
      problems.at(
          new Place(file, 1),
          "the file is a link to another name or out of the directory",
          "Put the file itself there: rights belong to its name.");
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
    byFile.values().forEach(owner -> checkDeclared(owner, audiences));
    for (Mapping issuer : entries(sections, DocumentSection.ISSUERS)) {
      Scalar url = text(issuer, "issuer");
      if (url != null) {
        trusted.putIfAbsent(url.text(), file(issuer));
      }
    }
    for (Mapping rule : entries(sections, DocumentSection.RULES)) {
      refer(rule, DocumentSection.ISSUERS, "issuer");
      refer(rule, DocumentSection.CLIENTS, "client");
    }
    entries(sections, DocumentSection.CLIENTS)
        .forEach(client -> refer(client, DocumentSection.ISSUERS, "issuer"));
    entries(sections, DocumentSection.TARGETS)
        .forEach(target -> refer(target, DocumentSection.UPSTREAMS, "exchange", "upstream"));
    sections.forEach(
        (section, entries) -> {
          for (Mapping entry : entries) {
            Owner owner = byFile.get(file(entry));
            if (owner != null && section != DocumentSection.OWNERS) {
              checkEntry(section, entry, owner);
            }
          }
        });
  }

  private void checkDeclared(Owner owner, Set<String> audiences) {
    for (Scalar target : owner.targets()) {
      String audience = target.text();
      if (!audiences.contains(audience) && !owner.declares().contains("targets")) {
        problems.at(
            target.place(),
            "no target '" + audience + "' is declared",
            Spelling.remedy(audience, audiences, "Declare it in the root document."));
      }
    }
  }

  /**
   * The rule with the file of its entry. It is not for issuers that other teams declare, even if it
   * names none.
   */
  Rule place(Rule rule, Mapping entry) {
    return rule.in(
        file(entry),
        strangers.computeIfAbsent(
            file(entry),
            _ ->
                declared.getOrDefault(DocumentSection.ISSUERS, Map.of()).entrySet().stream()
                    .filter(issuer -> isForeign(file(issuer.getValue()), entry))
                    .map(Map.Entry::getKey)
                    .collect(Collectors.toUnmodifiableSet())));
  }

  /** Reports a name that another team declares. */
  private void refer(Mapping entry, DocumentSection section, String... keys) {
    Scalar name = text(entry, keys);
    Mapping named = name == null ? null : entryOf(section, name.text());
    if (name != null && named != null && isForeign(file(named), entry)) {
      problems.at(
          name.place(),
          "the " + section.label() + " " + name.text() + " belongs to " + file(named),
          "Name one of this file or of the root document.");
    }
  }

  private @Nullable Mapping entryOf(DocumentSection section, String name) {
    return Objects.requireNonNull(declared.get(section)).get(name);
  }

  private boolean isForeign(String file, Mapping user) {
    return !file.equals(root) && !file.equals(file(user));
  }

  private void checkEntry(DocumentSection section, Mapping entry, Owner owner) {
    if (section != DocumentSection.RULES && !owner.declares().contains(section.key())) {
      refuseSection(entry.place(), section.key(), owner);
      return;
    }
    Set<String> open = OPEN_KEYS.get(section);
    if (open != null) {
      checkKeys(entry, open, owner);
    }
    switch (section) {
      case RULES, TARGETS -> checkTarget(text(entry, "audience"), owner);
      case ISSUERS -> {
        checkTarget(text(entry, "defaultAudience"), owner);
        checkIssuer(text(entry, "issuer"), owner);
      }
      case CLIENTS -> checkClient(entry, owner);
      case UPSTREAMS -> checkAuthentication(entry);
      case OWNERS -> {}
    }
    if (section == DocumentSection.TARGETS) {
      checkExchange(entry, owner);
    }
  }

  private void refuseSection(Place place, String section, Owner owner) {
    problems.at(
        place,
        owner.file() + " may not declare " + section,
        "Move it to the root document, or let " + owner.place() + " allow it by 'declares'.");
  }

  private void checkKeys(Mapping entry, Set<String> open, Owner owner) {
    entry
        .entries()
        .forEach(
            (key, value) -> {
              if (!open.contains(key)) {
                problems.at(
                    value.key(),
                    "'" + key + "' is for the root document, not for " + owner.file(),
                    "Remove it, or move the entry there: the key reaches beyond a team.");
              }
            });
  }

  private void checkTarget(@Nullable Scalar audience, Owner owner) {
    if (audience == null || owner.owns(audience.text())) {
      return;
    }
    Owner other = byTarget.get(audience.text());
    problems.at(
        audience.place(),
        "the target %s belongs to %s, not to %s"
            .formatted(
                audience.text(), other == null ? "the root document" : other.file(), owner.file()),
        owner.targets().isEmpty()
            ? "Remove the entry, or let " + owner.place() + " list the target."
            : "Use one of " + String.join(", ", owner.audiences()) + ".");
  }

  /** A second entry of an issuer could make credentials for the first ambiguous. */
  private void checkIssuer(@Nullable Scalar issuer, Owner owner) {
    String file = issuer == null ? null : trusted.get(issuer.text());
    if (issuer != null && file != null && !file.equals(owner.file())) {
      problems.at(
          issuer.place(),
          "the issuer " + issuer.text() + " is declared in " + file + ", too",
          "Declare all entries of one issuer in the root document.");
    }
  }

  /** No subject may be the name of a client, and a credential of it proves the client. */
  private void checkClient(Mapping client, Owner owner) {
    Scalar name = text(client, "name");
    String prefix = stem(owner.file()) + "-";
    if (name != null && !name.text().startsWith(prefix)) {
      problems.at(
          name.place(),
          "the client " + name.text() + " of " + owner.file() + " does not begin with " + prefix,
          "Begin it so: a client takes its name from all subjects.");
    }
    refuseOfRoot(client, DocumentSection.ISSUERS, "issuer");
  }

  private static String stem(String file) {
    return file.replaceFirst("\\.ya?ml$", "");
  }

  private void checkAuthentication(Mapping upstream) {
    Scalar method = text(upstream, "clientAuthentication");
    if (method != null && !method.text().equals("none")) {
      problems.at(
          method.place(),
          "'" + method.text() + "' speaks in the name of the broker",
          "Use none, or move the upstream and its targets to the root document.");
    }
  }

  private void checkExchange(Mapping target, Owner owner) {
    Entry exchange = target.entries().get("exchange");
    if (exchange == null || !(exchange.value() instanceof Mapping fields)) {
      return;
    }
    checkKeys(fields, OPEN_KEYS_OF_EXCHANGE, owner);
    refuseOfRoot(fields, DocumentSection.UPSTREAMS, "upstream");
  }

  /** Reports an entry that only the root document may use. */
  private void refuseOfRoot(Mapping user, DocumentSection section, String key) {
    Scalar name = text(user, key);
    Mapping used = name == null ? null : entryOf(section, name.text());
    if (name != null && used != null && file(used).equals(root)) {
      problems.at(
          name.place(),
          "the " + section.label() + " " + name.text() + " belongs to the root document",
          "Move this entry there: it could speak for other teams.");
    }
  }

  /** Reports patterns beyond the rights of their files; gives the others. */
  List<CasePattern> checkCases(List<CasePattern> patterns) {
    List<CasePattern> allowed = new ArrayList<>();
    for (CasePattern pattern : patterns) {
      String file = pattern.place().file();
      Owner owner = byFile.get(file);
      String stem = stem(file);
      if (root == null || owner == null) {
        allowed.add(pattern);
      } else if (!owner.declares().contains(CASES)) {
        refuseSection(pattern.place(), CASES, owner);
      } else if (pattern.directory().startsWith(stem + "/")
          || pattern.toString().matches("\\Q" + stem + "\\E\\.cases\\.ya?ml")) {
        allowed.add(pattern);
      } else {
        pattern.report(
            "reaches the case files of others",
            "Name %s.cases.yaml, or files below %s/.".formatted(stem, stem),
            problems);
      }
    }
    return allowed;
  }

  /** Reports case files that are links. */
  void checkCaseFiles(Collection<String> files, SourceFiles disk) {
    if (root != null) {
      files.forEach(file -> checkPlace(file, disk));
    }
  }

  private static List<Mapping> entries(
      Map<DocumentSection, List<Mapping>> sections, DocumentSection section) {
    return sections.getOrDefault(section, List.of());
  }

  private static String file(Mapping entry) {
    return entry.place().file();
  }

  private static @Nullable Scalar text(Mapping entry, String... keys) {
    Yaml value = entry;
    for (String key : keys) {
      Entry inner = value instanceof Mapping mapping ? mapping.entries().get(key) : null;
      value = inner == null ? null : inner.value();
    }
    return value instanceof Scalar scalar ? scalar : null;
  }
}
