package dev.tokenbroker.evaluate.federation;

import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryChange;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryDifference;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.ValueDifference;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Outline;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Names what differs between two revisions of the document, so that a refusal is explained only by
 * a value that decided about it.
 */
record DifferingEntries(Outline from, Outline to) {

  /** Values that decide about credentials; all others of an issuer are about its keys. */
  private static final Set<String> OF_CREDENTIALS =
      Set.of("audiences", "algorithms", "disabled", "leeway", "maxTokenAge", "once");

  /** Values that decide whether a rule is the one for an identity. */
  private static final Set<String> OF_CHOICE =
      Set.of("when", "issuer", "client", "audience", "shadow");

  private static final int MAX_ENTRIES = 512;

  /** The names of the first {@value #MAX_ENTRIES} entries that differ. */
  Clue clue() {
    Set<String> names = new HashSet<>();
    DocumentDiff.between(from, to).entries().stream()
        .limit(MAX_ENTRIES)
        .forEach(entry -> name(entry, names));
    return new Clue.Names(names, false);
  }

  private void name(EntryDifference entry, Set<String> names) {
    String kind = entry.section().label();
    Set<String> keys =
        entry.values().stream()
            .map(value -> value.path().split("\\.", 2)[0])
            .collect(Collectors.toSet());
    keys.forEach(key -> names.add(Clue.entry(kind, entry.name(), key)));
    names.add(Clue.entry(kind, entry.name(), entry.change().label()));
    switch (entry.section()) {
      case ISSUERS -> {
        if (!OF_CREDENTIALS.containsAll(keys)) {
          names.add(Clue.entry(kind, entry.name(), "keys"));
        }
        if (keys.contains("issuer") && entry.change() != EntryChange.ADDED) {
          names.add(Clue.issuer(from.text(entry.section(), entry.name(), "issuer")));
          names.add(Clue.entry(kind, "", "issuer"));
        }
      }
      case RULES -> {
        if (entry.change() != EntryChange.ADDED && !Collections.disjoint(keys, OF_CHOICE)) {
          rules(from, entry.name(), "left", names);
        }
        if (keys.contains(ValueDifference.ORDER)) {
          rules(to, entry.name(), "order", names);
        }
      }
      case CLIENTS, UPSTREAMS, TARGETS, OWNERS -> {}
    }
  }

  private static void rules(Outline in, String rule, String what, Set<String> names) {
    String issuer = in.text(DocumentSection.RULES, rule, "issuer");
    String target = in.text(DocumentSection.RULES, rule, "audience");
    String client = in.text(DocumentSection.RULES, rule, "client");
    String of = issuer.isEmpty() ? Clue.client(client) : issuer;
    names.add(Clue.entry("rules", Clue.route(of, target), what));
  }
}
