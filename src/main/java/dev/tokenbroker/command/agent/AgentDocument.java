package dev.tokenbroker.command.agent;

import dev.tokenbroker.command.fetch.CredentialSource;
import dev.tokenbroker.command.fetch.FetchRequest;
import dev.tokenbroker.command.fetch.HelperRequest;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenOutput;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent is to do.
 *
 * @param health where to serve the state of the files; null for nowhere
 * @param files at least one, each with its own path
 */
public record AgentDocument(
    CredentialSource credential, @Nullable InetSocketAddress health, List<Entry> files) {

  /**
   * A file, and the token in it.
   *
   * @param newline whether the file ends with a newline
   * @param signal for the agent's own command after each write, without SIG; null for none
   * @param command run after each write; empty for none
   */
  record Entry(
      TokenFile file,
      FetchRequest request,
      TokenOutput output,
      boolean newline,
      @Nullable String signal,
      List<String> command) {

    /** The content of the file for a token. */
    String text(KeptToken token) throws NoToken {
      String text =
          output.text(token, "TOKEN_BROKER_TOKEN", "", HelperRequest.NONE, token.issued());
      return newline ? text + "\n" : text;
    }
  }
}
