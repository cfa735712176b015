package dev.tokenbroker.token;

/** One upstream security token service, as it is declared. */
public final class Upstream {

  private final UpstreamDefinition definition;

  Upstream(UpstreamDefinition definition) {
    this.definition = definition;
  }

  /** How it is declared. */
  public UpstreamDefinition definition() {
    return definition;
  }
}
