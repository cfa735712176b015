package dev.tokenbroker.command.agent;

import dev.tokenbroker.command.fetch.FetchRequest;
import dev.tokenbroker.command.fetch.HelperRequest;
import dev.tokenbroker.command.fetch.KeptToken;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenOutput;

/**
 * A file that the agent keeps, as the document says.
 *
 * @param variable the name in a file of the form {@code env}
 * @param newline whether the file ends with a newline
 */
record AgentFile(
    TokenFile file,
    FetchRequest request,
    TokenOutput output,
    String variable,
    boolean newline,
    AfterWrite afterWrite) {

  /** The text of the file for a token. */
  String text(KeptToken token) throws NoToken {
    return output.text(token, variable, "", HelperRequest.NONE, token.issued())
        + (newline ? "\n" : "");
  }
}
