package dev.tokenbroker.evaluate.federation.diff;

import dev.tokenbroker.evaluate.federation.document.Place;
import org.jspecify.annotations.Nullable;

/**
 * A value that differs between two versions of an entry.
 *
 * @param path its keys from the entry downwards, such as {@code mint.lifetime}; {@value #ORDER} for
 *     the place of a rule among its neighbours
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
