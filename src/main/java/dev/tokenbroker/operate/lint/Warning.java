package dev.tokenbroker.operate.lint;

import dev.tokenbroker.base.yaml.Place;
import java.util.Comparator;

/**
 * A warning about a dangerous or dead entry in a loadable federation document.
 *
 * @param place the line that the warning is about
 * @param sentence the fault, with evidence from the document; without a full stop
 * @param remedy the action to take, in one sentence
 */
public record Warning(Place place, LintCode code, String sentence, String remedy)
    implements Comparable<Warning> {

  private static final Comparator<Warning> ORDER =
      Comparator.comparing((Warning warning) -> warning.place().file())
          .thenComparingInt(warning -> warning.place().line())
          .thenComparing(Warning::code)
          .thenComparing(Warning::sentence)
          .thenComparing(Warning::remedy);

  @Override
  public int compareTo(Warning other) {
    return ORDER.compare(this, other);
  }

  /** Returns the same warning with another file name. */
  public Warning in(String file) {
    return new Warning(new Place(file, place.line()), code, sentence, remedy);
  }

  /** Returns the output form: {@code FILE:LINE: warning CODE: SENTENCE. REMEDY}. */
  @Override
  public String toString() {
    return place + ": warning " + code.code() + ": " + sentence + ". " + remedy;
  }
}
