package dev.tokenbroker.rehearsal;

import dev.tokenbroker.federation.Place;
import java.util.Comparator;

/**
 * Something dangerous or dead in a federation document that can be loaded.
 *
 * @param place the line that it is about
 * @param sentence what is wrong, with evidence from the document; without a full stop
 * @param remedy what to do, in one sentence
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

  /** The same in a file that is named otherwise. */
  public Warning in(String file) {
    return new Warning(new Place(file, place.line()), code, sentence, remedy);
  }

  /** The form in the output: {@code FILE:LINE: warning CODE: SENTENCE. REMEDY}. */
  @Override
  public String toString() {
    return place + ": warning " + code.code() + ": " + sentence + ". " + remedy;
  }
}
