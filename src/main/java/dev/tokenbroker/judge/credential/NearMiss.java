package dev.tokenbroker.judge.credential;

import dev.tokenbroker.judge.issuer.IdentifierSpelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Describes how an identifier differs from the expected one, if only the spelling differs. The
 * result is only for hints: checks compare identifiers character for character.
 */
public final class NearMiss {

  private NearMiss() {}

  /**
   * Returns the difference in spelling, for example "has a trailing slash". The result is empty if
   * both are equal or differ by more than spelling.
   */
  public static Optional<String> between(String seen, String wanted) {
    IdentifierSpelling ours = IdentifierSpelling.of(wanted);
    IdentifierSpelling theirs = IdentifierSpelling.of(seen);
    if (seen.equals(wanted) || !theirs.likeness().equals(ours.likeness())) {
      return Optional.empty();
    }
    List<String> differences = new ArrayList<>();
    if (!seen.strip().equals(seen)) {
      differences.add("has white space around it");
    }
    if (theirs.slashes() != ours.slashes()) {
      differences.add(
          switch (theirs.slashes()) {
            case 0 -> "has no trailing slash";
            case 1 -> ours.slashes() == 0 ? "has a trailing slash" : "has one trailing slash only";
            default -> "has " + theirs.slashes() + " trailing slashes";
          });
    }
    if (!theirs.scheme().equals(ours.scheme())) {
      differences.add(
          theirs.scheme().isEmpty() ? "has no scheme" : "has the scheme " + theirs.scheme());
    }
    if (!theirs.port().equals(ours.port())) {
      differences.add(
          theirs.port().isEmpty() ? "names no port" : "names the port " + theirs.port());
    }
    if (!theirs.name().equalsIgnoreCase(ours.name())) {
      differences.add("is percent-encoded in other places");
    } else if (!theirs.name().equals(ours.name()) || differences.isEmpty()) {
      differences.add("differs in upper and lower case");
    }
    return Optional.of(String.join(", ", differences));
  }
}
