package dev.tokenbroker.base.yaml;

/**
 * A place in the document.
 *
 * @param line from 1; 0 for the file itself
 */
public record Place(String file, int line) {

  @Override
  public String toString() {
    return file + ":" + line;
  }
}
