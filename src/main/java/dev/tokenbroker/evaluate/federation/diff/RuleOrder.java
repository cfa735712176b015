package dev.tokenbroker.evaluate.federation.diff;

import dev.tokenbroker.base.refusal.Evidence;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Yaml.Entry;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds the rules that moved: the fewest rules whose removal leaves all others in the same order.
 * Only rules of the same issuer and audience have an order, since only they compete. Rules that
 * only one document has, or that changed issuer or audience, move nothing.
 *
 * <p>The positions that the rules of one group had before, read in their order now, are a
 * permutation. The rules of its longest increasing subsequence stay; all others moved. Patience
 * sorting finds that subsequence in O(n log n) (Fredman, Discrete Mathematics 11, 1975).
 */
final class RuleOrder {

  private static final int NAMED = 3;

  private final List<String> names;
  private final int[] before;
  private final boolean[] stays;

  /**
   * @param names the rules of one group, as they stand now
   * @param before the position that each had, from 0
   */
  private RuleOrder(List<String> names, int[] before) {
    this.names = names;
    this.before = before;
    this.stays = longestIncreasing(before);
  }

  /** The rules that moved, by name. */
  static Map<String, DocumentDiff.ValueDifference> moves(
      Map<String, Mapping> earlier, Map<String, Mapping> later) {
    Map<String, Integer> positions = new HashMap<>();
    earlier.keySet().forEach(name -> positions.put(name, positions.size()));
    Map<List<String>, List<String>> groups = new LinkedHashMap<>();
    later.forEach(
        (name, rule) -> {
          Mapping was = earlier.get(name);
          if (was != null && group(was).equals(group(rule))) {
            groups.computeIfAbsent(group(rule), _ -> new ArrayList<>()).add(name);
          }
        });
    Map<String, DocumentDiff.ValueDifference> moves = new HashMap<>();
    for (List<String> names : groups.values()) {
      int[] before = names.stream().mapToInt(name -> positions.getOrDefault(name, 0)).toArray();
      new RuleOrder(names, before).addTo(moves, earlier, later);
    }
    return moves;
  }

  private static List<String> group(Mapping rule) {
    return List.of(text(rule, "issuer"), text(rule, "audience"));
  }

  private static String text(Mapping rule, String key) {
    Entry entry = rule.entries().get(key);
    return entry != null && entry.value() instanceof Scalar scalar ? scalar.text() : "";
  }

  private void addTo(
      Map<String, DocumentDiff.ValueDifference> moves,
      Map<String, Mapping> earlier,
      Map<String, Mapping> later) {
    for (int at = 0; at < names.size(); at++) {
      if (!stays[at]) {
        String name = names.get(at);
        Mapping was = earlier.get(name);
        Mapping now = later.get(name);
        if (was != null && now != null) {
          moves.put(name, move(at, was.place(), now.place()));
        }
      }
    }
  }

  /** The rules that stay and that this one passed: on one side before, on the other side now. */
  private DocumentDiff.ValueDifference move(int at, Place from, Place to) {
    String nowAfter = passed(at, other -> other < at && before[other] > before[at]);
    String nowBefore = passed(at, other -> other > at && before[other] < before[at]);
    return new DocumentDiff.ValueDifference(
        DocumentDiff.ValueDifference.ORDER,
        sides("before", nowAfter, "after", nowBefore),
        sides("after", nowAfter, "before", nowBefore),
        from,
        to);
  }

  private String passed(int at, IntPredicate isPassed) {
    List<String> passed =
        IntStream.range(0, names.size())
            .filter(other -> other != at && stays[other])
            .filter(isPassed)
            .mapToObj(names::get)
            .toList();
    String named = passed.stream().limit(NAMED).collect(Collectors.joining(", "));
    return passed.size() > NAMED ? named + " and " + (passed.size() - NAMED) + " more" : named;
  }

  private static String sides(String one, String ones, String other, String others) {
    List<String> sides = new ArrayList<>();
    if (!ones.isEmpty()) {
      sides.add(one + " " + ones);
    }
    if (!others.isEmpty()) {
      sides.add(other + " " + others);
    }
    return Evidence.clean(String.join("; ", sides));
  }

  /** The members of a longest increasing subsequence. */
  private static boolean[] longestIncreasing(int[] values) {
    int[] ends = new int[values.length]; // ends[n]: where the best sequence of n + 1 values ends
    int[] previous = new int[values.length];
    int longest = 0;
    for (int at = 0; at < values.length; at++) {
      int length = insertion(values, ends, longest, values[at]);
      previous[at] = length == 0 ? -1 : ends[length - 1];
      ends[length] = at;
      longest = Math.max(longest, length + 1);
    }
    boolean[] members = new boolean[values.length];
    for (int at = longest == 0 ? -1 : ends[longest - 1]; at >= 0; at = previous[at]) {
      members[at] = true;
    }
    return members;
  }

  /** The number of best sequences that end below that value. */
  private static int insertion(int[] values, int[] ends, int longest, int value) {
    int low = 0;
    int high = longest;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (values[ends[middle]] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
