package dev.tokenbroker.evaluate.federation.diff;

import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.diff.DocumentDiff.EntryChange;
import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Outline;
import dev.tokenbroker.judge.issuer.TrustedIssuer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The differences between two documents, entry by entry. It compares values: the order of keys and
 * of entries, comments, the style of quotes and the file of an entry make no difference. The one
 * exception is the order of rules for the same issuer and audience, since the first that holds
 * decides.
 *
 * @param entries issuers, upstreams, targets and rules; each section in the order of the later
 *     document. A removed entry comes before the entry that followed it
 */
public record DocumentDiff(List<EntryDifference> entries) {

  public DocumentDiff {
    entries = List.copyOf(entries);
  }

  /**
   * Compares two documents without problems.
   *
   * @param from the earlier one
   * @param to the later one
   */
  public static DocumentDiff between(Outline from, Outline to) {
    List<EntryDifference> entries = new ArrayList<>();
    for (DocumentSection section : DocumentSection.values()) {
      new SectionComparison(section, from, to).addTo(entries);
    }
    return new DocumentDiff(entries);
  }

  /** The comparison of one section. */
  private static final class SectionComparison {

    private final DocumentSection section;
    private final Outline from;
    private final Outline to;
    private final Map<String, Mapping> before;
    private final Map<String, Mapping> after;
    private final Map<String, ValueDifference> moves;

    SectionComparison(DocumentSection section, Outline from, Outline to) {
      this.section = section;
      this.from = from;
      this.to = to;
      this.before = from.entries(section);
      this.after = to.entries(section);
      this.moves =
          switch (section) {
            case RULES -> RuleOrder.moves(before, after);
            case ISSUERS, CLIENTS, UPSTREAMS, TARGETS, OWNERS -> Map.of();
          };
    }

    void addTo(List<EntryDifference> entries) {
      Set<String> passed = new HashSet<>();
      Iterator<String> earlier = before.keySet().iterator();
      for (String name : after.keySet()) {
        // An entry that moved backwards has been passed already.
        while (before.containsKey(name) && !passed.contains(name)) {
          addIfRemoved(earlier.next(), passed, entries);
        }
        add(name, entries);
      }
      earlier.forEachRemaining(name -> addIfRemoved(name, passed, entries));
    }

    private void addIfRemoved(String name, Set<String> passed, List<EntryDifference> entries) {
      passed.add(name);
      if (!after.containsKey(name)) {
        add(name, entries);
      }
    }

    private void add(String name, List<EntryDifference> entries) {
      Mapping earlier = before.get(name);
      Mapping later = after.get(name);
      List<ValueDifference> values =
          EntryValues.differences(values(from, name, earlier), values(to, name, later));
      ValueDifference move = moves.get(name);
      if (values.isEmpty() && move == null && earlier != null && later != null) {
        return;
      }
      EntryChange change = change(earlier, later, values);
      if (move != null) {
        values.add(move);
      }
      entries.add(
          new EntryDifference(
              section,
              name,
              change,
              earlier == null ? null : earlier.place(),
              later == null ? null : later.place(),
              values));
    }

    private static EntryChange change(
        @Nullable Mapping earlier, @Nullable Mapping later, List<ValueDifference> values) {
      if (earlier == null) {
        return EntryChange.ADDED;
      }
      if (later == null) {
        return EntryChange.REMOVED;
      }
      return values.isEmpty() ? EntryChange.MOVED : EntryChange.CHANGED;
    }

    private Map<String, EntryValues.EntryValue> values(
        Outline outline, String name, @Nullable Mapping entry) {
      return entry == null
          ? Map.of()
          : EntryValues.of(
              entry,
              section.nameKey(),
              switch (section) {
                case ISSUERS -> outline.keySets().get(name);
                case CLIENTS -> outline.keySets().get(TrustedIssuer.CLIENT_PREFIX + name);
                case UPSTREAMS, TARGETS, RULES, OWNERS -> null;
              });
    }
  }

  /** What happened to an entry between two documents. */
  public enum EntryChange {
    ADDED,
    REMOVED,
    CHANGED,
    /** Only for rules: the same rule is tried before or after another one. */
    MOVED;

    /** The change in a word. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * An entry that differs between two documents.
   *
   * @param name its name; of a target, its audience
   * @param from where it stands in the earlier document; null if it was added
   * @param to where it stands in the later document; null if it was removed
   * @param values the values that differ, those of the later document first; all values of an entry
   *     that was added or removed
   */
  public record EntryDifference(
      DocumentSection section,
      String name,
      EntryChange change,
      @Nullable Place from,
      @Nullable Place to,
      List<ValueDifference> values) {

    public EntryDifference {
      values = List.copyOf(values);
    }
  }

  /**
   * A value that differs between two versions of an entry.
   *
   * @param path its keys from the entry downwards, such as {@code mint.lifetime}; {@value #ORDER}
   *     for the place of a rule among its neighbours
   * @param from the earlier value, fit to be shown; empty if it was absent
   * @param to the later value, fit to be shown; empty if it is absent
   * @param fromPlace where the earlier value stands; null if it was absent
   * @param toPlace where the later value stands; null if it is absent
   */
  public record ValueDifference(
      String path, String from, String to, @Nullable Place fromPlace, @Nullable Place toPlace) {

    /** The path of a rule's order, which is no value of its entry. */
    public static final String ORDER = "(order)";
  }
}
