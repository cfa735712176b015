package dev.tokenbroker.evaluate.federation.document;

import static dev.tokenbroker.evaluate.federation.document.DocumentSection.CLIENTS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.ISSUERS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.RULES;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.TARGETS;
import static dev.tokenbroker.evaluate.federation.document.DocumentSection.UPSTREAMS;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Spelling;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.Yaml.Sequence;
import dev.tokenbroker.evaluate.federation.document.Owners.Owner;
import dev.tokenbroker.judge.policy.Rule;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds the entries of each file to the rights that the root document gives to it.
 *
 * <p>A file writes rules for its own targets, and a target belongs to one file at most, so that the
 * order of files decides nothing. It refers to its own entries and to those of the root document,
 * so that no other team can take over a name. It uses nothing of the broker's own: no file, no TLS
 * configuration, no client, no signed JWT for an upstream.
 */
final class OwnedEntries {

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

  private final Owners owners;
  private final Problems problems;
  private final Map<String, String> fileOfIssuer = new HashMap<>(); // by its URL
  private final Map<String, Set<String>> strangers = new HashMap<>();
  private final Map<DocumentSection, Map<String, Mapping>> declared =
      new EnumMap<>(DocumentSection.class);

  OwnedEntries(Owners owners, Problems problems) {
    this.owners = owners;
    this.problems = problems;
  }

  /**
   * Reports the entries beyond the rights of their files.
   *
   * @param sections the entries of all files
   * @param audiences the targets of the document
   */
  void check(Map<DocumentSection, List<Mapping>> sections, Set<String> audiences) {
    if (owners.root() == null) {
      return;
    }
    sections.forEach(
        (section, entries) -> declared.put(section, Outline.by(section.nameKey(), entries)));
    declared(ISSUERS)
        .values()
        .forEach(issuer -> fileOfIssuer.putIfAbsent(text(issuer, "issuer"), file(issuer)));
    owners.all().forEach(owner -> checkTargets(owner, audiences));
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
    Owner owner = owners.of(file(entry));
    if (owner == null || owner.file().equals(owners.root())) {
      return;
    }
    if (section != RULES && !owner.declares().contains(section.key())) {
      owners.refuse(entry.place(), section.key(), owner);
      return;
    }
    checkKeys(entry, OPEN.get(section), owner);
    switch (section) {
      case ISSUERS -> {
        checkTarget(scalar(entry, "defaultAudience"), owner);
        checkIssuer(scalar(entry, "issuer"), owner);
      }
      case CLIENTS -> {
        checkName(scalar(entry, "name"), owner);
        checkRights(value(entry, "may"), owner);
      }
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
    return !file.equals(user.file()) && !(ofRoot && file.equals(owners.root()));
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
              .formatted(audience.text(), owners.ofTarget(audience.text()), owner.file()),
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
    String prefix = Owners.stem(owner.file()) + "-";
    if (name != null && !name.text().startsWith(prefix)) {
      problems.at(
          name.place(),
          "the name of a client of " + owner.file() + " does not begin with " + prefix,
          "Begin it so: no subject of other teams may be the name of a client.");
    }
  }

  /** Introspection and revocation reach the tokens of all teams. */
  private void checkRights(@Nullable Yaml may, Owner owner) {
    List<Yaml> rights = may instanceof Sequence several ? several.items() : List.of();
    for (Yaml right : rights) {
      if (right instanceof Scalar word && !word.text().equals("exchange")) {
        problems.at(
            word.place(),
            "a client of " + owner.file() + " may not " + word.text() + ": that reaches all teams",
            "Use exchange only, or move the client to the root document.");
      }
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

  private Map<String, Mapping> declared(DocumentSection section) {
    return declared.getOrDefault(section, Map.of());
  }

  private static Set<String> words(String words) {
    return Set.of(words.split(" ", -1));
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
