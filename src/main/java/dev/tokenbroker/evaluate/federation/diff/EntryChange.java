package dev.tokenbroker.evaluate.federation.diff;

/** What happened to an entry between two documents. */
public enum EntryChange {
  ADDED("added"),
  REMOVED("removed"),
  CHANGED("changed"),
  /** Only for rules: the same rule is tried before or after another one. */
  MOVED("moved");

  private final String label;

  EntryChange(String label) {
    this.label = label;
  }

  /** The change in a word. */
  public String label() {
    return label;
  }
}
