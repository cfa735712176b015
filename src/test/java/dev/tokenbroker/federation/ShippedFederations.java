package dev.tokenbroker.federation;

import java.nio.file.Path;

/** Judges federation documents that are shipped with deployments as the broker would. */
public final class ShippedFederations {

  private ShippedFederations() {}

  /** Plain http is spoken to nobody, as outside development. */
  public static LoadResult load(Path path) {
    return Documents.loader(false).load(path);
  }
}
