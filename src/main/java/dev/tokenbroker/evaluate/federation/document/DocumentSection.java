package dev.tokenbroker.evaluate.federation.document;

import java.util.Locale;

/** A section of the document, in the order of differences. */
public enum DocumentSection {
  ISSUERS("issuer", "name"),
  CLIENTS("client", "name"),
  UPSTREAMS("upstream", "name"),
  TARGETS("target", "audience"),
  RULES("rule", "name"),
  OWNERS("owner", "file");

  private final String label;
  private final String nameKey;

  DocumentSection(String label, String nameKey) {
    this.label = label;
    this.nameKey = nameKey;
  }

  /** One entry of the section, in a word. */
  public String label() {
    return label;
  }

  /** The key of the section in the document. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The key whose value names an entry. */
  public String nameKey() {
    return nameKey;
  }
}
