package dev.tokenbroker.peers.http;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call without a document, or without a complete response to a form. Whether the peer acted on
 * the form is unknown.
 *
 * @param detail a sentence without anything of the request or of the response body
 * @param retryAfter the {@code Retry-After} of the peer, at most an hour; null where absent
 */
public record CallFailed(FetchFailure kind, String detail, @Nullable Duration retryAfter)
    implements Fetched,
        Posted,
        Probed,
        HttpClients.NamedClient,
        HttpExchange.End,
        HostResolver.Resolved,
        Redirect {

  public CallFailed(FetchFailure kind, String detail) {
    this(kind, detail, null);
  }
}
