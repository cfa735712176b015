package dev.tokenbroker.command.agent;

import dev.tokenbroker.command.fetch.CredentialSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is to do.
 *
 * @param credential where the credential is
 * @param health where to tell the state of the files; null for nowhere
 * @param files at least one, each with its own path
 */
public record AgentDocument(
    CredentialSource credential, @Nullable HealthAddress health, List<AgentFile> files) {

  /** The address of the health port. */
  public record HealthAddress(String host, int port) {}
}
