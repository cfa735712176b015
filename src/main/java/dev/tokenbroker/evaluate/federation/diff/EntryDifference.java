package dev.tokenbroker.evaluate.federation.diff;

import dev.tokenbroker.evaluate.federation.document.DocumentSection;
import dev.tokenbroker.evaluate.federation.document.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
