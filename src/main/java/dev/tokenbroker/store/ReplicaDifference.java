package dev.tokenbroker.store;

import java.time.Duration;

/**
 * A fact in which a replica differs from more than half of the others that tell it.
 *
 * @param replica the replica
 * @param part the part of the fact, such as the name of an issuer; empty for a plain fact
 * @param is what the replica has
 * @param others what most of the others have
 * @param lasting for how long it has differed without interruption
 */
public record ReplicaDifference(
    Replica replica, ComparedFact fact, String part, String is, String others, Duration lasting) {

  private static final int SHOWN_CHARACTERS = 12;

  /** What differs, whatever it is: the same as long as the difference lasts. */
  record Point(String id, ComparedFact fact, String part) {}

  Point point() {
    return new Point(replica.id(), fact, part);
  }

  ReplicaDifference lasting(Duration time) {
    return new ReplicaDifference(replica, fact, part, is, others, time);
  }

  /** What the replica has, for people: {@code keys of github 0123abcd}. */
  public String text() {
    return text(is);
  }

  /** The same of the others. */
  public String textOfOthers() {
    return text(others);
  }

  private String text(String value) {
    String shown =
        value.length() > SHOWN_CHARACTERS && isRevision()
            ? value.substring(0, SHOWN_CHARACTERS)
            : value;
    return fact.label() + (part.isEmpty() ? "" : " of " + part) + " " + shown;
  }

  private boolean isRevision() {
    return fact == ComparedFact.REVISION || fact == ComparedFact.CANDIDATE;
  }
}
